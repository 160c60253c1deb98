"""Judgements of answers without a browser: the file, the acts, the evaluators' page, the cases."""

from __future__ import annotations

import json
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
import typer
from fakes_app import BAD, HOSTILE, PLAIN, SHOW, FakeAssistant, FakeLibrary, serving
from fakes_index import built_in
from fastapi import FastAPI
from fastapi.testclient import TestClient
from typer.testing import CliRunner

import app
from eval.__main__ import app as evaluation
from eval.case import all_cases, load_cases
from index.records.database import Database
from rag.schema import Answer
from rag.web.chat.conversation import Conversation, Turn
from rag.web.feedback.evaluators import ON_A_PAGE, add_feedback_page
from rag.web.feedback.store import (
    LONGEST_COMMENT,
    REASONS,
    FeedbackFault,
    FeedbackStore,
    Judged,
    judged,
)
from rag.web.feedback.verdict import act, find_article, judge_html
from rag.web.queue import Asked
from rag.web.texts import say

MEASURES = "show#四/(十三)"


def answer_to(question: str) -> Answer:
    *_, answer = FakeAssistant().ask(question)
    assert isinstance(answer, Answer)
    return answer


@pytest.fixture
def store(tmp_path: Path) -> FeedbackStore:
    return FeedbackStore(tmp_path / "kept" / "feedback.sqlite")


@pytest.fixture
def talk() -> Conversation:
    """A conversation of an answer and a refusal, both to be judged."""
    made = Conversation("en", judgeable=True)
    for question in ("How many by 2030?", "And on Mars?"):
        turn = Turn(question, asked=Asked(question, [one.question for one in made.turns]))
        for event in FakeAssistant().ask(question):
            turn.take(event)
        made.turns.append(turn)
    return made


def file_of(store: FeedbackStore) -> Path:
    assert store.database.path is not None
    return store.database.path


def put(store: FeedbackStore, key: str, question: str = "How many?", **more: Any) -> Judged:
    one = judged(key, answer_to(question), [], more.pop("verdict", "up"), **more)
    store.keep(one)
    return one


# The file


def test_a_judgement_is_kept_whole(store: FeedbackStore) -> None:
    answer = answer_to("到2030年建成多少？")
    one = judged("a", answer, ["先问的"], "down", "wrong_article", "应引\n第十三条", MEASURES)
    store.keep(one)
    assert FeedbackStore(file_of(store)).judgements() == [
        replace(one, answer=json.loads(json.dumps(asdict(answer))))
    ]
    kept = store.judgements()[0].answer
    assert (kept["question"], kept["model"], kept["index"]) == (
        "到2030年建成多少？",
        "fake model",
        "fake index",
    )
    assert [each["clause_id"] for each in kept["citations"]] == [SHOW]
    assert [each["clause_id"] for each in kept["hits"]] == [SHOW, BAD, PLAIN]
    with sqlite3.connect(file_of(store)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_an_answer_has_one_judgement_which_changes_and_is_withdrawn(store: FeedbackStore) -> None:
    put(store, "a")
    put(store, "b")
    put(store, "a", verdict="down", reason="other")
    assert [(one.key, one.verdict) for one in store.judgements()] == [("a", "down"), ("b", "up")]
    assert store.withdraw("a") and not store.withdraw("a")
    assert [one.key for one in store.judgements()] == ["b"]


def test_judgements_are_chosen_by_verdict_reason_and_language(store: FeedbackStore) -> None:
    put(store, "a")
    put(store, "b", "多少？", verdict="down", reason="wrong")
    put(store, "c", verdict="down", reason="language")
    assert [one.key for one in store.judgements(verdict="down")] == ["c", "b"]
    assert [one.key for one in store.judgements(reason="wrong")] == ["b"]
    assert [one.key for one in store.judgements(language="en", verdict="down")] == ["c"]
    assert store.judgements(reason="' OR 1 --") == []


def test_nothing_is_made_before_the_first_judgement(store: FeedbackStore) -> None:
    assert store.judgements() == [] and not store.withdraw("a")
    assert not file_of(store).parent.exists()


@pytest.mark.parametrize(
    ("verdict", "reason", "comment"),
    [("down", "", ""), ("down", "ugly", ""), ("up", "wrong", ""), ("sideways", "", ""),
     ("down", "wrong", "x" * (LONGEST_COMMENT + 1))],
)  # fmt: skip
def test_what_is_no_judgement_is_refused(verdict: Any, reason: str, comment: str) -> None:
    with pytest.raises(FeedbackFault):
        judged("a", answer_to("How many?"), [], verdict, reason, comment)


def test_halves_of_characters_and_control_characters_are_no_fault(store: FeedbackStore) -> None:
    put(store, "a", "\ud83d How many?\x00", verdict="down", reason="other", comment="\udc4d\x07")
    kept = store.judgements()[0]
    assert (kept.answer["question"], kept.comment) == ("? How many?\x00", "?\x07")


WRITE = """
import sys
from pathlib import Path
sys.path[:0] = [".", "tests"]
from fakes_app import FakeAssistant
from rag.web.feedback.store import FeedbackStore, judged
*_, answer = FakeAssistant().ask("How many?")
store = FeedbackStore(Path(sys.argv[1]))
for n in range(25):
    store.keep(judged(f"{sys.argv[2]}-{n}", answer, [], "up"))
"""


def test_many_write_at_once_and_nothing_is_lost(store: FeedbackStore, root: Path) -> None:
    others = [
        subprocess.Popen([sys.executable, "-c", WRITE, file_of(store), name], cwd=root)
        for name in ("first", "second")
    ]

    def write(thread: int) -> None:
        own = FeedbackStore(file_of(store))
        for n in range(25):
            put(own, f"{thread}-{n}")
            own.judgements(verdict="up")

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(write, range(8)))
    assert [other.wait(60) for other in others] == [0, 0]
    assert len(store.judgements()) == 10 * 25


@contextmanager
def changing(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection that is closed at the end: until then its changes are in a file beside."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        yield connection


def garbage(path: Path) -> None:
    path.write_bytes(b"this is no database, whatever its name says" * 50)


def another(path: Path) -> None:
    with changing(path) as connection:
        connection.execute("CREATE TABLE invoices (sum)")


def newer(path: Path) -> None:
    put(FeedbackStore(path), "a")
    with changing(path) as connection:
        connection.execute("PRAGMA user_version = 9")


def torn(path: Path) -> None:
    put(FeedbackStore(path), "a")
    with changing(path) as connection:
        connection.execute("UPDATE judgement SET answer = '{\"question\": '")


def emptied(path: Path) -> None:
    put(FeedbackStore(path), "a")
    with changing(path) as connection:
        connection.execute("UPDATE judgement SET answer = '{}'")


def folder(path: Path) -> None:
    path.mkdir()


@pytest.mark.parametrize("damage", [garbage, another, newer, torn, emptied, folder])
def test_a_file_that_cannot_be_read_is_one_sentence(
    tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    path = tmp_path / "feedback.sqlite"
    damage(path)
    before = path.read_bytes() if path.is_file() else b""
    with pytest.raises(FeedbackFault) as fault:
        FeedbackStore(path).judgements()
    assert str(path) in str(fault.value) and "\n" not in str(fault.value)
    assert str(fault.value).endswith(("choose another file.", "update the program."))
    assert (path.read_bytes() if path.is_file() else b"") == before
    done = CliRunner().invoke(evaluation, ["feedback", "--from", str(path)])
    assert (done.exit_code, done.stdout, len(done.stderr.splitlines())) == (1, "", 1)


def test_a_place_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(FeedbackFault, match="choose another file"):
        FeedbackStore(tmp_path / "file" / "feedback.sqlite").prepare()


# The acts of a reader


def do(talk: Conversation, store: FeedbackStore, what: str, **form: object) -> None:
    act(talk, FakeLibrary(), store, {"turn": 0, "act": what, **form})


def test_a_thumb_up_is_kept_and_a_second_press_takes_it_back(
    talk: Conversation, store: FeedbackStore
) -> None:
    do(talk, store, "up")
    assert [(one.verdict, one.answer["question"]) for one in store.judgements()] == [
        ("up", "How many by 2030?")
    ]
    html = judge_html(0, talk, FakeLibrary())
    assert say("en", "judge_thanks") in html and html.count('aria-pressed="true"') == 1
    do(talk, store, "up")
    assert store.judgements() == []
    assert 'aria-pressed="true"' not in judge_html(0, talk, FakeLibrary())


def test_a_thumb_down_is_kept_with_its_form_and_changed(
    talk: Conversation, store: FeedbackStore
) -> None:
    act(talk, FakeLibrary(), store, {"turn": 1, "act": "down"})
    assert store.judgements() == []
    html = judge_html(1, talk, FakeLibrary())
    assert all(f'value="{reason}"' in html for reason in REASONS)
    form = {"turn": 1, "act": "send", "reason": "should_have_answered", "article": SHOW}
    act(talk, FakeLibrary(), store, form | {"comment": " It is there. "})
    kept = store.judgements()[0]
    assert (kept.reason, kept.article, kept.comment) == (
        "should_have_answered",
        SHOW,
        "It is there.",
    )
    assert kept.previous == ("How many by 2030?",)
    act(talk, FakeLibrary(), store, {"turn": 1, "act": "change"})
    html = judge_html(1, talk, FakeLibrary())
    assert f'data-value="{SHOW}"' in html and 'data-value="It is there."' in html
    act(talk, FakeLibrary(), store, form | {"article": "", "named": " Plain, 1"})
    assert [(one.article, one.comment) for one in store.judgements()] == [(PLAIN, "")]
    act(talk, FakeLibrary(), store, {"turn": 1, "act": "withdraw"})
    assert store.judgements() == []


def test_cited_articles_come_first_to_choose_from(talk: Conversation, store: FeedbackStore) -> None:
    turn = talk.turns[0]
    turn.found = (PLAIN, SHOW, BAD)
    do(talk, store, "down")
    html = judge_html(0, talk, FakeLibrary())
    places = [html.index(f'value="{one}"') for one in (SHOW, PLAIN)]
    assert places == sorted(places)
    assert HOSTILE not in html


@pytest.mark.parametrize(
    ("form", "fault"),
    [
        ({"reason": ""}, "judge_no_reason"),
        ({"reason": "ugly"}, "judge_no_reason"),
        ({"reason": "wrong", "named": "第九十九条"}, "judge_no_article"),
        ({"reason": "wrong", "article": "nowhere#(一)"}, "judge_no_article"),
        ({"reason": "wrong", "comment": "x" * (LONGEST_COMMENT + 1)}, "judge_long_comment"),
    ],
)
def test_a_form_that_cannot_be_kept_stays_open_and_says_why(
    talk: Conversation, store: FeedbackStore, form: dict[str, str], fault: str
) -> None:
    do(talk, store, "send", **form)
    html = judge_html(0, talk, FakeLibrary())
    assert say("en", fault) in html and "<form" in html
    assert store.judgements() == []


def test_a_damaged_file_is_a_sentence_beside_the_answer(
    talk: Conversation, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    garbage(tmp_path / "feedback.sqlite")
    store = FeedbackStore(tmp_path / "feedback.sqlite")
    do(talk, store, "up")
    html = judge_html(0, talk, FakeLibrary())
    assert say("en", "judge_not_kept") in html and 'aria-pressed="true"' not in html
    do(talk, store, "send", reason="wrong", comment="kept in the form")
    html = judge_html(0, talk, FakeLibrary())
    assert say("en", "judge_not_kept") in html and 'data-value="kept in the form"' in html
    # Where judgements are kept, and why they cannot be, is for the owner.
    assert str(tmp_path) not in html and str(tmp_path) in caplog.text


def test_a_database_that_is_away_is_not_named_to_readers(
    talk: Conversation, caplog: pytest.LogCaptureFixture
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
    database = Database(f"postgresql://tiaowen:secret@127.0.0.1:{port}/records")
    for what in ("up", "withdraw"):
        do(talk, FeedbackStore(database), what)
        html = judge_html(0, talk, FakeLibrary())
        assert say("en", "judge_not_kept") in html
        assert "127.0.0.1" not in html and "postgresql" not in html
    assert f"127.0.0.1:{port}" in caplog.text and "secret" not in caplog.text


@pytest.mark.parametrize(
    "done",
    [{}, {"turn": "0", "act": "up"}, {"turn": 9, "act": "up"}, {"turn": -1, "act": "up"},
     {"turn": 0, "act": "erase"}, {"turn": 0, "act": ["up"]}, {"turn": 2, "act": "up"}],
)  # fmt: skip
def test_what_no_page_sends_does_nothing(
    talk: Conversation, store: FeedbackStore, done: dict[str, object]
) -> None:
    talk.turns.append(Turn("not answered yet"))
    act(talk, FakeLibrary(), store, done)
    assert not file_of(store).exists()
    assert judge_html(2, talk, FakeLibrary()) == ""


def test_without_a_store_answers_cannot_be_judged(talk: Conversation) -> None:
    talk.judgeable = False
    assert judge_html(0, talk, FakeLibrary()) == ""


@pytest.mark.parametrize(
    ("named", "path"),
    [
        ("沪商电商〔2021〕121号 第十二条", "四/(十二)"),
        ("沪商电商[2021]121号第12条", "四/(十二)"),
        ("Hu Shang Dian Shang [2021] No. 121, Article 12", "四/(十二)"),
        ("shanghai-2021#四/(十二)", "四/(十二)"),
        ("第十二条", None),
        ("沪商电商〔2021〕121号 第九十九条", None),
        ("沪商电商〔2021〕121号 第十二条和第十三条", None),
        ("weather", None),
        ("", None),
    ],
)
def test_an_article_is_named_as_in_a_question(named: str, path: str | None) -> None:
    found = find_article(named, cast(Any, built_in()))
    assert found == (f"shanghai-2021#{path}" if path else None)


def test_every_label_names_its_own_article() -> None:
    library = cast(Any, built_in())
    clauses = [clause for one in library.documents.values() for clause in one.clauses]
    for labels in ([one.label for one in clauses], [one.label_en for one in clauses]):
        wrong = {
            label: found
            for label, clause in zip(labels, clauses, strict=True)
            if labels.count(label) == 1 and (found := find_article(label, library)) != clause.id
        }
        assert wrong == {}


# The evaluators' page


class Role:
    """ASGI middleware that says who asks, as the guard of the server does."""

    def __init__(self, app: Callable[..., Awaitable[None]], role: str) -> None:
        self.app, self.role = app, role

    async def __call__(self, scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        await self.app({**scope, "state": {"role": self.role}}, receive, send)


def pages(store: FeedbackStore | None, role: str = "manage") -> TestClient:
    server = FastAPI(openapi_url=None)
    add_feedback_page(server, FakeLibrary, store)
    server.add_middleware(Role, role=role)
    return TestClient(server, headers={"accept-language": "en"})


@pytest.fixture
def filled(store: FeedbackStore) -> FeedbackStore:
    put(store, "a")
    put(store, "b", "多少？", verdict="down", reason="wrong", comment=HOSTILE, article=SHOW)
    put(store, "c", f"markup {HOSTILE}", verdict="down", reason="language")
    return store


def test_the_page_shows_judgements_newest_first(filled: FeedbackStore) -> None:
    html = pages(filled).get("/feedback").text
    assert [html.index(word) for word in ("markup &lt;", "多少？", "How many?")] == sorted(
        html.index(word) for word in ("markup &lt;", "多少？", "How many?")
    )
    assert "<dt>Judgements</dt><dd>3</dd>" in html and "<dt>Poor answer</dt><dd>2</dd>" in html
    assert 'href="/articles/show%23%E5%9B%9B/%28%E5%8D%81%E4%BA%8C%29"' in html
    assert "Shi Fan [2024] No. 1, Article 12</a></dd>" in html
    assert "<script>window" not in html and "<img" not in html
    assert "评价总数" in pages(filled).get("/feedback?lang=zh").text


@pytest.mark.parametrize(
    ("query", "shown"),
    [("verdict=up", 1), ("verdict=down", 2), ("reason=wrong", 1), ("language=zh", 1),
     ("verdict=up&reason=wrong", 0), ("verdict=sideways", 3), ("page=99", 3), ("page=x", 3)],
)  # fmt: skip
def test_the_page_filters(filled: FeedbackStore, query: str, shown: int) -> None:
    done = pages(filled).get(f"/feedback?{query}")
    assert (done.status_code, done.text.count("<article")) == (200, shown)
    assert "<dt>Judgements</dt><dd>3</dd>" in done.text


def test_many_judgements_are_on_several_pages(store: FeedbackStore) -> None:
    for n in range(ON_A_PAGE + 1):
        put(store, str(n))
    first, second = (pages(store).get(f"/feedback?verdict=up&page={n}").text for n in (1, 2))
    assert (first.count("<article"), second.count("<article")) == (ON_A_PAGE, 1)
    assert "verdict=up&amp;page=2" in first and "Older" in first and "Older" not in second


def test_a_judgement_is_deleted_and_the_filter_stays(filled: FeedbackStore) -> None:
    client = pages(filled)
    html = client.get("/feedback?verdict=down").text
    address = "/feedback/b/remove?verdict=down"
    assert f'action="{address}"' in html
    done = client.post(address, follow_redirects=False)
    assert (done.status_code, done.headers["location"]) == (303, "/feedback?verdict=down")
    assert [one.key for one in filled.judgements()] == ["c", "a"]
    assert client.get("/feedback/a/remove").status_code == 405


def test_cases_are_downloaded(filled: FeedbackStore, tmp_path: Path) -> None:
    done = pages(filled).get("/feedback/cases.jsonl?verdict=down")
    assert done.headers["content-disposition"] == 'attachment; filename="feedback.jsonl"'
    (tmp_path / "cases.jsonl").write_bytes(done.content)
    cases = all_cases(load_cases([tmp_path / "cases.jsonl"]))
    assert [(case.question, case.gold) for case in cases] == [("多少？", (SHOW,))]


@pytest.mark.parametrize("address", ["/feedback", "/feedback/cases.jsonl"])
def test_the_page_is_for_those_who_manage(filled: FeedbackStore, address: str) -> None:
    done = pages(filled, "ask").get(address)
    assert (done.status_code, "How many?" in done.text) == (403, False)
    assert pages(filled, "ask").post("/feedback/a/remove").status_code == 403
    assert len(filled.judgements()) == 3


def test_the_page_says_in_a_sentence_why_it_is_empty(store: FeedbackStore) -> None:
    assert say("en", "feedback_empty") in pages(store).get("/feedback").text
    done = pages(None).get("/feedback")
    assert (done.status_code, "--no-feedback" in done.text) == (404, True)
    file_of(store).parent.mkdir()
    garbage(file_of(store))
    done = pages(store).get("/feedback")
    assert (done.status_code, "choose another file." in done.text) == (503, True)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    kept = FeedbackStore(tmp_path_factory.mktemp("feedback") / "feedback.sqlite")
    put(kept, "a")
    with serving(FakeAssistant(), feedback=kept) as url:
        yield url


def test_the_chats_server_has_the_page(served: str) -> None:
    done = httpx.get(f"{served}/feedback", headers={"accept-language": "zh"})
    assert (done.status_code, done.text.count("<article")) == (200, 1)
    assert "content-security-policy" in done.headers
    assert 'href="/feedback"' in done.text


# The cases


def exported(store: FeedbackStore, out: Path) -> tuple[list[Any], list[str]]:
    done = CliRunner().invoke(
        evaluation, ["feedback", "--from", str(file_of(store)), "--out", str(out)]
    )
    assert done.exit_code == 0, done.stderr
    return all_cases(load_cases([out])), done.stderr.splitlines()


def test_judgements_become_cases_that_the_evaluation_takes(
    store: FeedbackStore, tmp_path: Path
) -> None:
    store.keep(judged("a", answer_to("示范社区要建成多少个？"), ["先问的"], "up"))
    put(store, "b", "How many on Mars?")
    put(store, "c", verdict="down", reason="should_have_refused", article=SHOW)
    put(store, "d", "Who\nreports?", verdict="down", reason="wrong_article", article=MEASURES)
    put(store, "e", "Mars, again?", verdict="down", reason="should_have_answered")
    put(store, "f", verdict="down", reason="incomplete")
    cases, told = exported(store, tmp_path / "cases.jsonl")
    assert [
        (one.id[-1], one.language, one.type, one.answerable, one.gold, one.facts) for one in cases
    ] == [
        ("d", "en", "feedback-article", True, (MEASURES,), ()),
        ("c", "en", "feedback", False, (), ()),
        ("b", "en", "feedback", False, (), ()),
        ("a", "zh", "feedback", True, (SHOW,), (("2030",), ("50",))),
    ]
    assert cases[-1].previous == ("先问的",)
    assert told[:2] == [
        "skipped: How many?: nobody has said which article is right (reason: incomplete)",
        "skipped: Mars, again?: nobody has said which article is right "
        "(reason: should_have_answered)",
    ]
    assert told[2].endswith("cases.jsonl, 4 cases")


def test_facts_stand_in_answer_and_quote_but_not_in_the_question(
    store: FeedbackStore, tmp_path: Path
) -> None:
    answer = answer_to("到2025年的目标是多少？")
    citation = replace(
        answer.citations[0],
        quote="依据《示范办法》，自2021年5月6日起到2025年，总额达到4300亿元，年均增速15%左右。",
        quote_en="By 2025 the total reaches 430 billion yuan.",
    )
    text = (
        "根据《示范办法》和《别的办法》，自2021年5月6日起，到2025年总额4300亿元，"
        "增速15%，共37个。[1]"
    )
    store.keep(judged("a", replace(answer, answer=text, citations=(citation,)), [], "up"))
    cases, _ = exported(store, tmp_path / "cases.jsonl")
    assert cases[0].facts == (("2021年5月6日",), ("示范办法",), ("4300亿",), ("15%",))
    english = replace(
        answer, language="en", question="How much?", answer="It is 430 billion yuan by 2025.[1]"
    )
    store.keep(judged("a", replace(english, citations=(citation,)), [], "up"))
    cases, _ = exported(store, tmp_path / "cases.jsonl")
    assert cases[0].facts == (("430 billion",), ("2025",))


def test_no_case_and_no_file_are_told(store: FeedbackStore, tmp_path: Path) -> None:
    arguments = ["feedback", "--from", str(file_of(store))]
    done = CliRunner().invoke(evaluation, arguments)
    assert (done.exit_code, done.stdout) == (1, "")
    assert "no judgements are kept here" in done.stderr
    put(store, "f", verdict="down", reason="other")
    done = CliRunner().invoke(evaluation, arguments)
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.splitlines()[-1].endswith("no judgement makes a case")
    put(store, "a")
    done = CliRunner().invoke(evaluation, arguments)
    assert (done.exit_code, json.loads(done.stdout)["id"]) == (0, "feedback-a")


def test_a_file_that_cannot_be_had_ends_the_start_of_the_chat(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setattr(app, "listen", lambda host, port: None)
    commands = typer.Typer(add_completion=False)
    commands.command()(app.main)
    chosen = str(tmp_path / "file" / "feedback.sqlite")
    done = CliRunner().invoke(commands, ["--feedback", chosen])
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.startswith("error: The file of records ") and chosen in done.stderr
    assert len(done.stderr.splitlines()) == 1
