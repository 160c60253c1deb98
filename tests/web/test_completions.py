"""Chat completions as OpenAI's clients rely on them: sources, usage, fields, roles of messages."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import openai
import pytest
from fakes_app import ANSWERS, REFUSALS, SHOW, FakeAssistant, serving
from fakes_index import read_built_in

from rag.errors import ModelFault
from rag.schema import Answer, AnswerSentence, Citation, Language, Seconds
from rag.web.programs.reply import content_of, sources_in
from rag.web.programs.taken import Completion, Search, as_list

ENGLISH, CHINESE = "How many communities?", "示范社区建成多少个？"
QUOTE = "到2030年，建成示范社区50个。"


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with serving(FakeAssistant()) as served:
        yield served


def sent(url: str, messages: Any = ENGLISH, **fields: Any) -> httpx.Response:
    if isinstance(messages, str):
        messages = [{"role": "user", "content": messages}]
    return httpx.post(f"{url}/v1/chat/completions", json={"messages": messages} | fields)


def events(reply: httpx.Response) -> list[dict[str, Any]]:
    """What a stream holds, without comments and its last line."""
    lines = [line[6:] for line in reply.text.splitlines() if line.startswith("data: ")]
    assert lines.pop() == "[DONE]"
    return [json.loads(line) for line in lines]


def content(reply: httpx.Response) -> str:
    assert reply.status_code == 200, reply.text
    return str(reply.json()["choices"][0]["message"]["content"])


# Sources, and the model's name


@pytest.mark.parametrize(
    ("question", "answer", "heading", "named"),
    [
        (CHINESE, ANSWERS["zh"], "来源：", "[1] 示范〔2024〕1号 （十二）（有效）："),
        (ENGLISH, ANSWERS["en"], "Sources:", "[1] Shi Fan [2024] No. 1, Article 12 (In force):"),
    ],
)
def test_the_content_ends_with_the_label_and_the_quote_of_each_source(
    url: str, question: str, answer: str, heading: str, named: str
) -> None:
    told = content(sent(url, question))
    assert told == f"{answer}[1]\n\n{heading}\n\n{named}\n“{QUOTE}”"


def test_a_refusal_without_sources_has_none(url: str) -> None:
    assert content(sent(url, "How many on Mars?")) == REFUSALS["en"]


def test_the_reply_has_the_models_own_name(url: str) -> None:
    client = openai.OpenAI(base_url=f"{url}/v1", api_key="none", max_retries=0)
    messages: Any = [{"role": "user", "content": ENGLISH}]
    reply = client.chat.completions.create(model="somebody-elses", messages=messages)
    (listed,) = client.models.list()
    assert reply.model == listed.id == client.models.retrieve(listed.id).id
    assert client.models.retrieve(listed.id) == listed
    with pytest.raises(openai.NotFoundError) as missing:
        client.models.retrieve("somebody-elses")
    assert missing.value.code == "model_not_found"


# Usage


def test_usage_is_told_and_adds_up(url: str) -> None:
    short, long = (sent(url, text).json()["usage"] for text in (ENGLISH, ENGLISH * 3))
    for usage in (short, long):
        assert usage["prompt_tokens"] > 0 and usage["completion_tokens"] > 0
        assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"]
    assert short["prompt_tokens"] < long["prompt_tokens"]
    earlier = [{"role": "system", "content": "x" * 40}, {"role": "user", "content": ENGLISH}]
    assert sent(url, earlier).json()["usage"]["prompt_tokens"] == short["prompt_tokens"] + 20


def test_a_stream_tells_usage_in_a_last_chunk_where_it_is_asked_for(url: str) -> None:
    *before, last = events(sent(url, stream=True, stream_options={"include_usage": True}))
    assert last["choices"] == [] and last["usage"] == sent(url).json()["usage"]
    assert all(chunk["usage"] is None and chunk["choices"] for chunk in before)
    assert before[-1]["choices"][0]["finish_reason"] == "stop" and "tiaowen" in before[-1]
    for options in ({}, {"stream_options": None}, {"stream_options": {"include_usage": False}}):
        chunks = events(sent(url, stream=True, **options))
        assert all("usage" not in chunk and chunk["choices"] for chunk in chunks)


def test_stream_options_belong_to_a_stream(url: str) -> None:
    refused = sent(url, stream_options={"include_usage": True})
    assert refused.status_code == 400
    assert refused.json()["error"]["param"] == "stream_options"


def test_a_model_that_is_gone_when_tokens_are_counted_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def gone(self: FakeAssistant, text: str) -> int:
        raise ModelFault("The language model has been closed; load it again.")

    monkeypatch.setattr(FakeAssistant, "count_tokens", gone)
    with serving(FakeAssistant()) as address:
        whole, stream = (sent(address, stream=streamed) for streamed in (False, True))
    assert whole.status_code == 503 and "has been closed" in whole.json()["error"]["message"]
    assert "has been closed" in events(stream)[-1]["error"]["message"]


# Fields


@pytest.mark.parametrize(
    "fields",
    [
        {"n": 2},
        {"logprobs": True},
        {"top_logprobs": 3},
        {"logit_bias": {"50256": -100}},
        {"response_format": {"type": "json_object"}},
        {"modalities": ["text", "audio"]},
        {"audio": {"voice": "alloy", "format": "mp3"}},
        {"tool_choice": "required"},
        {"tool_choice": {"type": "function", "function": {"name": "f"}}},
        {"store": True},
        {"web_search_options": {}},
        {"temperature": 3},
        {"temperature": "warm"},
        {"max_tokens": 0},
        {"stop": list("abcde")},
    ],
    ids=str,
)
def test_what_cannot_be_done_is_refused_by_name(url: str, fields: dict[str, Any]) -> None:
    for stream in (False, True):
        refused = sent(url, stream=stream, **fields)
        error = refused.json()["error"]
        assert (refused.status_code, error["type"]) == (400, "invalid_request_error")
        assert error["param"] == next(iter(fields)) and "\n" not in error["message"]
        assert next(iter(fields)) in error["message"]


def test_unknown_fields_are_named(url: str) -> None:
    error = sent(url, beams=4, colour="red").json()["error"]
    assert error["message"] == "Unrecognized request arguments supplied: beams, colour"


@pytest.mark.parametrize(
    "fields",
    [
        {"n": 1, "logprobs": False, "logit_bias": {}, "response_format": {"type": "text"}},
        {"temperature": 0.7, "top_p": 1, "seed": 1, "presence_penalty": 0.1, "user": "u"},
        {"tools": [{"type": "function", "function": {"name": "f"}}], "tool_choice": "auto"},
        {"metadata": {"a": "b"}, "service_tier": "auto", "top_k": 40, "max_tokens": 4096},
        dict.fromkeys(
            ["model", "stream", "n", "stop", "max_tokens", "temperature", "tools", "audio",
             "response_format", "documents", "collection", "stream_options", "unheard_of"]
        ),
    ],
    ids=str,
)  # fmt: skip
def test_what_asks_for_nothing_else_is_taken(url: str, fields: dict[str, Any]) -> None:
    assert content(sent(url, **fields)) == content(sent(url))


@pytest.mark.parametrize("field", ["max_tokens", "max_completion_tokens"])
def test_a_reply_is_no_longer_than_asked_for(url: str, field: str) -> None:
    whole = content(sent(url))
    reply = sent(url, **{field: 5}).json()
    assert reply["choices"][0]["finish_reason"] == "length"
    assert reply["choices"][0]["message"]["content"] == whole[:10]
    assert reply["usage"]["completion_tokens"] == 5
    chunks = events(sent(url, stream=True, **{field: 5}))
    told = "".join(chunk["choices"][0]["delta"].get("content", "") for chunk in chunks)
    assert told == whole[:10] and chunks[-1]["choices"][0]["finish_reason"] == "length"


@pytest.mark.parametrize("stop", ["Sources:", ["never said", "Sources:"]])
def test_a_reply_ends_before_what_stops_it(url: str, stop: Any) -> None:
    reply = sent(url, stop=stop).json()["choices"][0]
    assert reply["message"]["content"] == content(sent(url)).partition("Sources:")[0]
    assert reply["finish_reason"] == "stop"


# Messages

TOOL_CALL = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}


@pytest.mark.parametrize(
    "behind",
    [
        [{"role": "system", "content": "Be short."}],
        [{"role": "developer", "content": "Be short.", "name": "d"}],
        [
            {"role": "assistant", "content": None, "tool_calls": [TOOL_CALL]},
            {"role": "tool", "tool_call_id": "c1", "content": [{"type": "text", "text": "7"}]},
        ],
        [{"role": "function", "name": "f", "content": "7"}],
        [{"role": "assistant", "content": ""}],
        [{"role": "user", "content": "  "}, {"role": "user", "content": None}],
        [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "data:,"}}]}],
    ],
    ids=lambda messages: "-".join(message["role"] for message in messages),
)
def test_the_last_question_of_the_user_is_answered_whatever_follows_it(behind: Any) -> None:
    assistant = FakeAssistant()
    before = [{"role": "system", "content": "x"}, {"role": "user", "content": "What is Article 1?"}]
    with serving(assistant) as url:
        reply = sent(url, [*before, {"role": "user", "content": ENGLISH, "name": "n"}, *behind])
    assert reply.status_code == 200
    assert assistant.asked == [ENGLISH]
    assert assistant.previous == [("What is Article 1?",)]


@pytest.mark.parametrize(
    "said",
    [
        [{"type": "text", "text": ENGLISH}],
        [ENGLISH],
        [None, "", {"type": "image_url", "image_url": {"url": "data:,"}}, {"text": ENGLISH}],
        {"type": "text", "text": ENGLISH},
        [{"type": "input_text", "text": ENGLISH, "annotations": []}],
    ],
    ids=str,
)
def test_content_is_text_or_parts_or_a_list_of_texts(url: str, said: Any) -> None:
    assert content(sent(url, [{"role": "user", "content": said}])) == content(sent(url))


@pytest.mark.parametrize(
    "messages",
    [
        [],
        [{"role": "system", "content": "Be short."}],
        [{"role": "user", "content": []}],
        [{"role": "user"}],
        [{"role": "sage", "content": ENGLISH}],
    ],
    ids=str,
)
def test_where_nobody_asks_there_is_no_answer(url: str, messages: Any) -> None:
    refused = sent(url, messages)
    assert refused.status_code == 400
    assert refused.json()["error"]["type"] == "invalid_request_error"


# Searches


def test_a_finding_has_its_text_and_its_english(url: str) -> None:
    asked = {"question": CHINESE, "k": "2", "documents": None, "collection": "", "sessionId": "s"}
    first, second = httpx.post(f"{url}/v1/search", json=asked).json()["hits"]
    assert first["clause_id"] == SHOW and QUOTE in first["text"]
    assert first["text_en"].startswith("By 2030") and first["document_id"] == "show"
    assert second["text"] and second["text_en"] is None


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("沪商〔2021〕1号", ["沪商〔2021〕1号"]),
        ('["a", "b"]', ["a", "b"]),
        ('"a"', ["a"]),
        ("[2021] No. 7", ["[2021] No. 7"]),
        (["a", "", None], ["a"]),
        ("[]", []),
        (" null ", []),
        (7, [7]),
        ({"a": 1}, {"a": 1}),
    ],
)
def test_a_list_may_come_as_text(given: object, meant: object) -> None:
    assert as_list(given) == meant


def test_a_persons_own_words_are_not_taken_for_nothing() -> None:
    asked = Completion.model_validate({"messages": [{"role": "user", "content": "None"}]})
    assert asked.messages[0].text == "None"
    assert Search.model_validate({"question": "null", "documents": "null"}).documents == []


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_sources_that_a_reply_names_are_read_back(language: Language) -> None:
    read = read_built_in("shanghai-2021#四/(十二)", language)
    other = read_built_in("hangzhou-2024#二/(三)/15", language)
    citations = tuple(
        Citation(n, c.id, c.label, c.label_en, "文", "text", 0, 1, "unknown")
        for n, c in enumerate((read.clause, other.clause), 1)
    )
    sentences = (AnswerSentence("答。", (1, 2)),)
    seconds = Seconds(0.0, None, 0.0)
    answer = Answer("", "", language, "answered", "答。[1][2]", sentences, citations, (), seconds,
                    "m", "i")  # fmt: skip
    documents = {each.document.id: each.document for each in (read, other)}
    content = "".join(content_of(answer))
    assert sources_in(content, documents) == (read.clause.id, other.clause.id)
    assert sources_in("[1] 别的文件 第十二条（有效）：", documents) == ()
