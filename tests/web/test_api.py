"""The routes for programs and the token, over real connections; OpenAI's own client asks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import httpx
import openai
import pytest
from fakes_app import ANSWERS, REFUSALS, SHOW, FakeAssistant, serving
from typer.testing import CliRunner

import app
from rag.schema import Language
from rag.web.rates import MOST_WRONG

TOKEN = "correct horse battery"
runner = CliRunner()


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with serving(FakeAssistant()) as served:
        yield served


@pytest.fixture(scope="module")
def guarded() -> Iterator[str]:
    with serving(FakeAssistant(), TOKEN) as served:
        yield served


def client(url: str, key: str = "none") -> openai.OpenAI:
    return openai.OpenAI(base_url=f"{url}/v1", api_key=key, max_retries=0)


def asked(url: str, *questions: str, stream: bool = False) -> Any:
    messages: Any = [{"role": "user", "content": question} for question in questions]
    return client(url).chat.completions.create(model="tiaowen", messages=messages, stream=stream)


@pytest.mark.parametrize("question", ["示范社区建成多少个？", "How many communities?"])
def test_an_answer_comes_with_its_citations(url: str, question: str) -> None:
    completion = asked(url, question)
    language: Language = "zh" if question[0] > "z" else "en"
    content = completion.choices[0].message.content
    beside = completion.model_extra["tiaowen"]
    assert content.startswith(ANSWERS[language] + "[1]") and completion.model == "tiaowen"
    assert beside["answer"] == ANSWERS[language] + "[1]"
    assert (beside["outcome"], beside["language"]) == ("answered", language)
    assert [citation["clause_id"] for citation in beside["citations"]] == [SHOW]
    assert beside["sentences"] == [
        {"text": ANSWERS[language], "citations": [1], "form": "sentence"}
    ]


def test_a_refusal_is_an_outcome_not_an_error(url: str) -> None:
    completion = asked(url, "How many on Mars?")
    assert completion.choices[0].message.content == REFUSALS["en"]
    assert completion.model_extra["tiaowen"]["outcome"] == "refused"


def test_a_stream_ends_with_what_stands_beside(url: str) -> None:
    chunks = list(asked(url, "How many communities?", stream=True))
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
    assert text == asked(url, "How many communities?").choices[0].message.content
    assert chunks[-1].choices[0].finish_reason == "stop"
    assert chunks[-1].model_extra["tiaowen"]["citations"][0]["clause_id"] == SHOW


def test_earlier_questions_are_handed_on() -> None:
    assistant = FakeAssistant()
    with serving(assistant) as url:
        asked(url, "Article?", "and then?")
    assert assistant.asked == ["and then?"]
    assert assistant.previous == [("Article?",)]


@pytest.mark.parametrize(
    ("question", "kind", "said"),
    [
        ("broken", openai.InternalServerError, "The model is missing; install it again."),
        ("crash", openai.InternalServerError, "Something unexpected"),
    ],
)
def test_faults_are_errors_of_one_sentence(
    url: str, question: str, kind: type[openai.APIStatusError], said: str
) -> None:
    with pytest.raises(kind, match=said):
        asked(url, question)
    with pytest.raises(openai.APIError, match=said):
        list(asked(url, question, stream=True))


@pytest.mark.parametrize(
    "messages",
    [[], [{"role": "assistant", "content": "hello"}], [{"role": "user", "content": "  "}], ["x"]],
)
def test_what_is_no_question_is_refused(url: str, messages: Any) -> None:
    reply = httpx.post(f"{url}/v1/chat/completions", json={"messages": messages})
    assert reply.status_code == 400
    assert reply.json()["error"]["type"] == "invalid_request_error"


def test_search_and_articles(url: str) -> None:
    found = httpx.post(f"{url}/v1/search", json={"question": "社区", "k": 1}).json()
    assert [hit["clause_id"] for hit in found["hits"]] == [SHOW]
    label = found["hits"][0]["label"]
    article = httpx.get(f"{url}/v1/articles/{quote(SHOW, safe='')}").json()
    assert (article["clause_id"], article["label"]) == (SHOW, label)
    assert "示范社区50个" in article["text"]
    missing = httpx.get(f"{url}/v1/articles/nothing%23here")
    assert missing.status_code == 404 and "nothing#here" in missing.json()["error"]["message"]
    assert httpx.post(f"{url}/v1/search", json={"question": "", "k": 1}).status_code == 400


def test_health_and_models(url: str) -> None:
    assert httpx.get(f"{url}/health").json() == {"status": "ok"}
    assert httpx.get(f"{url}/ready").json() == {"status": "ready"}
    assert [model.id for model in client(url).models.list()] == ["tiaowen"]


def test_without_the_token_nothing_is_served_but_the_sign_in(guarded: str) -> None:
    with pytest.raises(openai.AuthenticationError):
        client(guarded, "wrong").models.list()
    assert [model.id for model in client(guarded, TOKEN).models.list()] == ["tiaowen"]
    assert httpx.get(f"{guarded}/health").status_code == 200
    for path in ("/", "/config", "/v1/models", "/gradio_api/info"):
        assert httpx.get(f"{guarded}{path}").status_code == 401
    page = httpx.get(f"{guarded}/", headers={"accept": "text/html", "accept-language": "zh-CN"})
    assert page.status_code == 401 and "口令" in page.text


def test_signing_in_opens_the_page(guarded: str) -> None:
    with httpx.Client(base_url=guarded, follow_redirects=True) as browser:
        wrong = browser.post("/sign-in", data={"token": "guess"}, headers={"accept": "text/html"})
        assert wrong.status_code == 403 and 'role="alert"' in wrong.text
        page = browser.post("/sign-in", data={"token": TOKEN})
        assert page.status_code == 200 and "gradio" in page.text
        assert TOKEN not in str(browser.cookies)
        assert browser.get("/config").status_code == 200


def test_guessing_is_slowed_down() -> None:
    with serving(FakeAssistant(), TOKEN) as url:
        replies = [
            httpx.post(f"{url}/sign-in", data={"token": str(n)}).status_code
            for n in range(MOST_WRONG + 2)
        ]
        assert replies == [403] * MOST_WRONG + [429] * 2
        late = httpx.post(f"{url}/sign-in", data={"token": TOKEN}).status_code
        assert late == 429


def test_behind_a_proxy_guesses_slow_down_only_who_makes_them() -> None:
    with serving(FakeAssistant(), TOKEN) as url:
        for n in range(MOST_WRONG + 1):
            headers = {"authorization": f"Bearer {n}", "x-forwarded-for": "203.0.113.5"}
            last = httpx.get(f"{url}/v1/models", headers=headers).status_code
        assert last == 429
        other = {"authorization": f"Bearer {TOKEN}", "x-forwarded-for": "203.0.113.6"}
        assert httpx.get(f"{url}/v1/models", headers=other).status_code == 200


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--host", "0.0.0.0"], "set a token"),
        (["--host", "0.0.0.0", "--token", "short"], "at least 12 characters"),
    ],
)
def test_other_machines_are_served_only_on_purpose(arguments: list[str], said: str) -> None:
    import typer

    command = typer.Typer()
    command.command()(app.main)
    done = runner.invoke(command, arguments)
    assert done.exit_code == 1
    assert said in done.stderr and done.stderr.count("\n") == 1
