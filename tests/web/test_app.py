"""The chat without a browser: what is shown, the line of questions, the server and its start."""

from __future__ import annotations

import io
import json
import re
import signal
import socket
import string
import subprocess
import sys
import time
import types
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
import typer
from docx import Document as WordDocument
from fakes_app import (
    ANSWERS,
    BAD,
    HOSTILE,
    HOSTILE_TEXT,
    PLAIN,
    REFUSALS,
    SHOW,
    SHOW_TEXT,
    FakeAssistant,
    FakeLibrary,
    serving,
)
from fakes_index import built_in
from typer.testing import CliRunner

import app
from index.documents.model import Document
from index.errors import StoreFault
from index.search.build import CORPUS, collect
from rag.schema import Answer, Delta, Language, Stage
from rag.web.chat.clause_panel import panel_html, status_and_basis
from rag.web.chat.conversation import Conversation, Opened, Turn
from rag.web.chat.export import markdown, plain_text, word_file
from rag.web.chat.present import conversation_html, header_html
from rag.web.chat.saved import saved_html
from rag.web.pages.alignment import aligned
from rag.web.queue import LineFullError, QuestionLine, follow
from rag.web.server import ICON, listen
from rag.web.texts import LANGUAGES, chosen_language, interface, say

TODAY = date(2026, 1, 2)


class Elements(HTMLParser):
    """The elements of a piece of HTML, and the text in those of a class."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self._open: list[tuple[str, str]] = []
        self.text = ""
        self.texts: dict[str, str] = {}
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._open.append((tag, dict(attrs).get("class") or tag))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop()[0] == tag, f"</{tag}> closes another element"

    def handle_data(self, data: str) -> None:
        self.text += data
        for _, names in self._open:
            for name in names.split():
                self.texts[name] = self.texts.get(name, "") + data

    def buttons(self, action: str) -> list[dict[str, str | None]]:
        return [
            attributes
            for tag, attributes in self.tags
            if tag == "button" and attributes.get("data-action") == action
        ]


def asked(*questions: str, language: Language = "zh") -> Conversation:
    """A conversation in which the fake assistant has answered these questions."""
    talk = Conversation(language)
    for question in questions:
        turn = Turn(question)
        talk.turns.append(turn)
        for event in FakeAssistant().ask(question):
            turn.take(event)
    return talk


@pytest.fixture
def assistant() -> FakeAssistant:
    return FakeAssistant()


@pytest.fixture
def line(assistant: FakeAssistant) -> Iterator[QuestionLine]:
    made = QuestionLine(assistant, most_waiting=2)
    yield made
    made.close()


def wait_until(condition: Callable[[], bool]) -> None:
    for _ in range(400):
        if condition():
            return
        time.sleep(0.01)
    pytest.fail("did not come about in 4 s")


# What is shown


def test_an_answer_shows_each_sentence_with_its_numbers_as_buttons() -> None:
    page = Elements(conversation_html(asked("多少社区"), FakeLibrary(), TODAY))
    assert page.texts["answer"] == ANSWERS["zh"] + "[1]"
    citation = next(one for one in page.buttons("open") if one["class"] == "citation")
    assert citation["data-clause"] == SHOW
    assert citation["data-n"] == "1"
    assert citation["aria-label"] == "引用 1：示范〔2024〕1号 （十二）"
    assert page.texts["clause"].startswith("[1]示范〔2024〕1号 （十二） 建设示范社区 有效")
    assert page.texts["printed"] == "到2030年，建成示范社区50个。"


def test_a_refusal_lists_the_nearest_articles_to_open() -> None:
    html = conversation_html(asked("Mars?", language="en"), FakeLibrary(), TODAY)
    page = Elements(html)
    assert page.texts["answer"] == REFUSALS["en"]
    assert [one["data-clause"] for one in page.buttons("open")] == [SHOW, BAD, PLAIN]
    assert "Nearest articles, which do not hold the answer" in page.text
    assert '<details class="nearest" data-key="nearest-0" open>' in html


def test_stages_and_findings_show_before_the_first_word() -> None:
    talk = Conversation("en", [Turn("slow question")])
    shown = []
    for event in FakeAssistant().ask("question"):
        if isinstance(event, Delta):
            break
        talk.turns[0].take(event)
        page = Elements(conversation_html(talk, FakeLibrary(), TODAY))
        shown.append((page.texts["stage"], len(page.buttons("open"))))
    assert shown == [
        ("searching…", 0),
        ("searching…", 3),
        ("reading article… Shi Fan [2024] No. 1, Article 12", 3),
        ("writing…", 3),
    ]


def test_a_stage_about_something_else_shows_its_detail_as_it_came() -> None:
    talk = Conversation("zh", [Turn("问", stage=Stage("choosing", "1/6 <b>"))])
    page = Elements(conversation_html(talk, FakeLibrary(), TODAY))
    assert page.texts["stage"] == "正在挑选条文… 1/6 <b>"


def test_the_panel_shows_the_clause_with_the_quote_and_its_english_marked() -> None:
    talk = asked("多少社区", language="en")
    assert talk.open(0, SHOW, 1)
    html = panel_html(talk, FakeLibrary(), TODAY)
    page = Elements(html)
    assert page.texts["h2"] == "Shi Fan [2024] No. 1, Article 12"
    assert page.texts["quote"] == "到2030年，建成示范社区50个。"
    assert (
        page.texts["quoted"]
        == "到2030年，建成示范社区50个。By 2030, 50 such communities are built."
    )
    assert page.texts["mark"] == "By 2030, 50 such communities are built."
    assert page.texts["source"] == SHOW_TEXT
    assert page.texts["status"] == (
        "In force as of 2026-01-02: takes effect 2024-02-01; the text states no date of expiry"
    )
    facts = re.findall(r"<dd( lang=\"zh-Hans\")?>(.*?)</dd>", html)
    assert [(told, bool(marked)) for marked, told in facts] == [
        ("Opinions on Building Demonstration Communities", False),
        ("示范社区建设意见", True),
        ("示范〔2024〕1号", True),
        ("示范市商务局", True),
        ("四、示范 › （十二）", True),
    ]
    assert "machine" not in page.texts


def test_a_machine_made_rendition_is_marked_and_a_missing_one_is_named() -> None:
    talk = asked("多少社区")
    talk.open(0, BAD, 0)
    assert Elements(panel_html(talk, FakeLibrary(), TODAY)).texts["machine"] == (
        "机器翻译，未经审校"
    )
    talk.open(0, PLAIN, 0)
    page = Elements(panel_html(talk, FakeLibrary(), TODAY))
    assert "本条没有英文译文。" in page.text
    assert "english" not in page.texts
    assert "mark" not in page.texts


def test_repaired_sentences_are_shown_repaired_with_the_original_beside() -> None:
    library = cast(Any, built_in())
    clause = library.clause("shanghai-2019#四/(三)")
    talk = Conversation("en")
    assert talk.show(library, clause.id)
    page = Elements(panel_html(talk, library, TODAY))
    assert "5G网络规模部署" in page.texts["source"]
    assert "着力开展SG" not in page.texts["source"]
    assert "着力开展SG" in page.texts["original"]
    assert page.texts["repaired"] == "repaired"  # one sentence of several
    assert "originals" in page.texts
    assert talk.show(library, "shanghai-2021#四/(十二)")
    sound = Elements(panel_html(talk, library, TODAY)).texts
    assert not {"repaired", "original", "originals"} & set(sound)


def test_the_quote_is_marked_in_repaired_text_too() -> None:
    library = cast(Any, built_in())
    clause = library.clause("zhanjiang-2016#一/(二)")
    place = clause.body.index("到2020年底")
    start, end = clause.body_map[place], clause.end
    quote = library.documents["zhanjiang-2016"].source[start:end]
    *_, answer = FakeAssistant().ask("多少社区")
    assert isinstance(answer, Answer)
    cited = replace(answer.citations[0], clause_id=clause.id, quote=quote, start=start, end=end)
    turn = Turn("问", answer=replace(answer, citations=(cited,)))
    talk = Conversation("zh", [turn])
    assert talk.open(0, clause.id, 1)
    html = panel_html(talk, library, TODAY)
    marked = re.findall(
        r'<p class="source" lang="zh-Hans">.*?<mark class="quote">(.*?)</mark>', html
    )
    assert "".join(marked).strip() == clause.body[place:].strip()


def test_reopening_the_same_clause_changes_the_panel() -> None:
    talk = asked("多少社区")
    talk.open(0, SHOW, 1)
    first = panel_html(talk, FakeLibrary(), TODAY)
    talk.open(0, SHOW, 1)
    assert panel_html(talk, FakeLibrary(), TODAY) != first


@pytest.mark.parametrize(
    ("turn", "clause", "n"),
    [(0, PLAIN, 1), (0, SHOW, 2), (1, SHOW, 0), (-1, SHOW, 0), (0, "plain#x", 0)],
)
def test_only_what_the_conversation_has_shown_can_be_opened(turn: int, clause: str, n: int) -> None:
    talk = asked("多少社区")
    assert not talk.open(turn, clause, n)
    assert talk.opened is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_markup_in_documents_questions_and_answers_shows_as_text(language: Language) -> None:
    talk = asked(f"代码 {HOSTILE}", language=language)
    talk.turns.append(Turn(HOSTILE, fault=HOSTILE))
    talk.turns.append(Turn(HOSTILE, streamed=HOSTILE, stage=Stage("reading", HOSTILE)))
    talk.open(0, BAD, 1)
    empty = Elements(conversation_html(Conversation(language), FakeLibrary(), TODAY))
    page = Elements(conversation_html(talk, FakeLibrary(), TODAY))
    panel = Elements(panel_html(talk, FakeLibrary(), TODAY))
    for one in (empty, page, panel):
        assert {"script", "img"} & {tag for tag, _ in one.tags} == set()
        assert HOSTILE in one.text
    assert page.texts["answer"].startswith(HOSTILE + "[1]")
    assert panel.texts["source"] == HOSTILE_TEXT
    handlers = [name for _, attributes in page.tags for name in attributes if name[:2] == "on"]
    assert handlers == []


@pytest.mark.parametrize(
    ("dates", "status", "basis"),
    [
        ({"effective_from": "2024-05-24", "effective_to": "2026-12-31"}, "in_force",
         "takes effect 2024-05-24; valid until 2026-12-31"),
        ({"issued_on": "2019-07-23", "period": (2019, 2021)}, "period_ended",
         "issued 2019-07-23; plan period 2019 to 2021, taken to end 2021-12-31"),
        ({"effective_from": "2026-02-01"}, "not_yet",
         "takes effect 2026-02-01; the text states no date of expiry"),
        ({"issued_on": "2021-05-06"}, "unknown",
         "issued 2021-05-06; the text states no date of effect or expiry"),
        ({}, "unknown", "the text states no date of effect or expiry"),
    ],
)  # fmt: skip
def test_the_status_names_the_dates_it_rests_on(
    dates: dict[str, Any], status: str, basis: str
) -> None:
    document = replace(Document("d", "题", "文"), **dates)
    assert status_and_basis(document, TODAY, "en") == (status, basis)


def test_every_built_in_clause_is_aligned_sentence_by_sentence() -> None:
    contents = collect([CORPUS], [], lambda stage, done, total: None)
    sources = {document.id: document.source for document in contents.documents}
    assert len(contents.clauses) == 134
    for clause in contents.clauses:
        rendition = contents.renditions[clause.id]
        rows = aligned(clause, rendition)
        source = sources[clause.document_id]
        assert "".join(source[start:end] for start, end, _ in rows) == clause.text
        english = [sentence.en for sentence in rendition.sentences]
        assert [one for _, _, one in rows][-len(english) :] == english, clause.id
        assert len(rows) - len(english) in (0, 1), clause.id


def test_a_sentence_that_cannot_be_placed_keeps_its_english() -> None:
    library = FakeLibrary()
    clause, rendition = library.clause(SHOW), library.rendition(SHOW)
    assert rendition is not None
    first, middle, last = rendition.sentences
    changed = replace(rendition, sentences=(first, replace(middle, zh="另有所指"), last))
    source = library.documents["show"].source
    assert [(source[start:end], english) for start, end, english in aligned(clause, changed)] == [
        ("（十二）建设示范社区。", "Build demonstration communities"),
        ("到2030年，建成示范社区50个。", first.en),
        ("支持《示范办法》规定的社区开展智能配送。", middle.en),
        ("由示范部门牵头，每年评估一次。", last.en),
    ]
    left = replace(rendition, sentences=(first, replace(middle, en=""), last), machine=True)
    assert [english for _, _, english in aligned(clause, left)][1:] == [
        first.en,
        "[no reliable English]",
        last.en,
    ]


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("en-GB,en;q=0.9,zh;q=0.8", "en"),
        ("en;q=0.3, zh-TW;q=0.7", "zh"),
        ("fr-FR, zh;q=0.5", "zh"),
        ("fr-FR,de;q=0.5", "en"),
        ("zh;q=x", "en"),
        ("", "en"),
    ],
)
def test_the_browser_chooses_the_first_language(header: str, language: Language) -> None:
    assert chosen_language(header) == language


def test_both_languages_have_the_same_texts_with_the_same_fields() -> None:
    def fields(language: Language) -> dict[str, set[str | None]]:
        return {
            key: {name for _, name, _, _ in string.Formatter().parse(str(text)) if name}
            for key, text in interface(language).items()
        }

    assert fields("zh") == fields("en")
    assert [len(interface(one)["example_questions"]) for one in LANGUAGES] == [3, 3]


def test_every_interface_text_is_used(root: Path) -> None:
    web = root / "rag" / "web"
    code = "".join(
        path.read_text("utf-8") for kind in ("*.py", "*.html") for path in web.rglob(kind)
    )
    # Put together, or named in the core.
    composed = "stage status examples fault export article judge filter form work table"
    composed += " audit_action audit_who audit_more check_verdict check_told check_why check_status"
    composed += " register related compare tasks digest english_doubt made rendition"
    made = tuple(f"{name}_" for name in composed.split())
    unused = [
        key
        for key in interface("zh")
        if not key.startswith(made)
        and not re.fullmatch("english_[a-z]+_count", key)
        and not re.search(f"[\"']{key}[\"']", code)
    ]
    assert unused == []


def test_the_language_switch_says_which_language_is_on() -> None:
    switch = Elements(header_html("en")).buttons("language")
    assert [(one["data-language"], one["aria-pressed"]) for one in switch] == [
        ("zh", "false"),
        ("en", "true"),
    ]


# The line of questions


def test_questions_are_answered_one_at_a_time_in_order() -> None:
    assistant = FakeAssistant()
    line = QuestionLine(assistant)
    first, second, third = (line.ask(one) for one in ("slow 1", "2", "3"))
    wait_until(lambda: assistant.asked == ["slow 1"])
    assert [line.ahead(one) for one in (first, second, third)] == [0, 1, 2]
    second.give_up()
    assert line.ahead(third) == 1
    assistant.gate.set()
    turn = Turn("3")
    assert list(follow(line, turn, third))[-1:] == [None]
    assert turn.answer is not None
    assert assistant.asked == ["slow 1", "3"]
    line.close()
    assert assistant.closed


def test_who_waits_is_shown_what_was_found() -> None:
    assistant = FakeAssistant()
    line = QuestionLine(assistant)
    first = line.ask("慢")
    second, third = Turn("Article?"), Turn("crash")
    waiting = [line.ask("Article?"), line.ask("crash")]
    shown = follow(line, second, waiting[0])
    while not second.found:
        next(shown)
    assert (second.found, second.ahead, second.answer) == ((SHOW, PLAIN), 1, None)
    assistant.gate.set()
    for _ in shown:
        pass
    assert second.found == (SHOW, BAD, PLAIN)  # the answer's own
    for _ in follow(line, third, waiting[1]):
        pass
    assert third.fault == "fault_unexpected"  # what went wrong is told in its turn
    first.give_up()
    line.close()


def test_a_follow_up_that_needs_no_model_is_shown_what_was_found() -> None:
    assistant = FakeAssistant()
    line = QuestionLine(assistant)
    first = line.ask("slow")
    wait_until(lambda: assistant.asked == ["slow"])
    needs_model, by_rule = Turn("who?"), Turn("And Jiangsu?")
    waiting = [line.ask(one.question, ["slow"]) for one in (needs_model, by_rule)]
    # One thread finds: when the second is found, the first has been looked at.
    shown = follow(line, by_rule, waiting[1])
    while not by_rule.found:
        next(shown)
    assert by_rule.found == (SHOW, PLAIN) and waiting[0].events.empty()
    for one in (first, *waiting):
        one.give_up()
    assistant.gate.set()
    shown.close()  # what the page's server does
    line.close()


def test_a_full_line_turns_a_question_away(line: QuestionLine, assistant: FakeAssistant) -> None:
    asked = [line.ask(one) for one in ("slow 1", "2", "3")]
    with pytest.raises(LineFullError):
        line.ask("4")
    asked[1].give_up()
    line.ask("4")
    asked[0].give_up()
    assistant.gate.set()


def test_faults_become_one_sentence(line: QuestionLine, caplog: pytest.LogCaptureFixture) -> None:
    faults = []
    for question in ("broken", "crash", "fine"):
        turn = Turn(question)
        list(follow(line, turn, line.ask(question)))
        faults.append(turn.fault)
    assert faults == ["The model is missing; install it again.", "fault_unexpected", None]
    assert "not for the page" in caplog.text
    talk = Conversation("en", [Turn("crash", fault=faults[1])])
    shown = Elements(conversation_html(talk, FakeLibrary(), TODAY)).texts["fault"]
    assert shown == "No answer: " + say("en", "fault_unexpected")
    assert "not for the page" not in shown


def test_a_page_that_is_gone_gives_its_question_up() -> None:
    assistant = FakeAssistant()
    line = QuestionLine(assistant)
    turn = Turn("slow 1")
    following = follow(line, turn, line.ask("slow 1"))
    next(following)
    following.close()  # what the page's server does
    assert turn.stopped
    assistant.gate.set()
    other = Turn("2")
    list(follow(line, other, line.ask("2")))
    assert other.answer is not None
    assert turn.answer is None
    line.close()


# The server and its start


def test_what_is_served_names_no_other_machine() -> None:
    with serving(FakeAssistant()) as url:
        page = httpx.get(url, headers={"accept-encoding": "gzip, br"})
        theme = httpx.get(f"{url}/theme.css")
        icon = httpx.get(f"{url}/favicon.ico")
        manifest = httpx.get(f"{url}/manifest.json")
    assert page.status_code == 200
    addresses = set(re.findall(r"https?://[^\"'\s<>)]+", page.text)) - {url}
    assert addresses == set()
    assert ".gradio-container .answer" in page.text
    policy = page.headers["content-security-policy"]
    assert policy.startswith("default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:;")
    remote = set(re.findall(r"(?:https?:)?//[a-z][^\"'\s)]+", theme.text))
    assert remote - {"http://www.w3.org/2000/svg"} == set()
    assert "@font-face" not in theme.text
    assert icon.text == ICON
    assert manifest.json()["name"] == "条文 Tiaowen"


def run_main(arguments: list[str], monkeypatch: pytest.MonkeyPatch) -> tuple[int, str, list[str]]:
    """Run the command line with a pipeline that finds no index: code, stdout, lines of stderr."""

    def load_assistant(index: Path | None, model: str | None, places: int) -> None:
        raise StoreFault(f"{index} holds no finished index; build one.")

    pipeline = types.ModuleType("rag.answer.assistant")
    monkeypatch.setattr(pipeline, "load_assistant", load_assistant, raising=False)
    monkeypatch.setitem(sys.modules, "rag.answer.assistant", pipeline)
    commands = typer.Typer(add_completion=False)
    commands.command()(app.main)
    done = CliRunner().invoke(commands, arguments)
    return done.exit_code, done.stdout, done.stderr.splitlines()


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def test_a_port_in_use_is_one_line_before_anything_is_loaded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        result = run_main(["--port", str(port)], monkeypatch)
    assert result == (1, "", [f"error: Port {port} is in use; choose another with --port."])


def test_a_missing_index_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    result = run_main(["--port", str(free_port()), "--index", "nowhere"], monkeypatch)
    assert result == (1, "", ["error: nowhere holds no finished index; build one."])


@pytest.mark.parametrize("arguments", [["--open"], ["--token", "long enough a token"]])
def test_an_address_that_others_reach_is_served_on_purpose(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    host = ["--host", "0.0.0.0", "--port", str(free_port())]
    code, _, lines = run_main([*host, *arguments], monkeypatch)
    assert code == 1
    assert lines == ["error: None holds no finished index; build one."]


def test_an_address_of_another_machine_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    host = ["--host", "192.0.2.1", "--port", str(free_port()), "--open"]
    code, _, lines = run_main(host, monkeypatch)
    assert code == 1
    assert len(lines) == 1
    assert lines[0].endswith("choose others with --host and --port.")


def test_help_imports_nothing_heavy(root: Path) -> None:
    script = (
        "import json, runpy, sys; sys.argv = ['app.py', '--help']\n"
        "try: runpy.run_path('app.py', run_name='__main__')\n"
        "except SystemExit as end: code = end.code\n"
        "heavy = {'gradio', 'torch', 'numpy', 'fastapi'} & {*sys.modules}\n"
        "print(json.dumps([code, sorted(heavy)]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=root, capture_output=True, encoding="utf-8", timeout=60
    )
    assert "--port" in done.stdout
    assert json.loads(done.stdout.splitlines()[-1]) == [0, []]


def test_an_interrupt_ends_the_server_with_one_line(root: Path) -> None:
    port = free_port()
    script = (
        "import sys; sys.path[:0] = ['.', 'tests']\n"
        "import fakes_app\nfrom rag.web.server import listen, serve\n"
        f"serve(fakes_app.FakeAssistant(), '127.0.0.1', listen('127.0.0.1', {port}))"
    )
    started = subprocess.Popen(
        [sys.executable, "-c", script],
        cwd=root,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    assert started.stdout is not None
    assert started.stdout.readline() == f"Tiaowen 条文: http://127.0.0.1:{port}\n"
    started.send_signal(signal.SIGINT)
    output, errors = started.communicate(timeout=30)
    assert (started.returncode, output, errors) == (0, "", "Stopped.\n")


def test_an_answer_is_taken_away_with_its_citations() -> None:
    *_, answer = FakeAssistant().ask("示范社区？")
    assert isinstance(answer, Answer)
    label = answer.citations[0].label
    text = plain_text(answer)
    assert text.splitlines()[0] == answer.answer
    assert f"[1] {label}" in text and answer.citations[0].quote in text
    written = markdown([answer])
    assert written.startswith("## 示范社区？\n") and f"**\\[1\\] {label}**" in written
    assert f"> {answer.citations[0].quote}" in written


def test_a_conversation_is_saved_as_a_word_file() -> None:
    assistant = FakeAssistant()
    answers = []
    for question in ("示范社区？", "markup\x00 How many?"):
        *_, answer = assistant.ask(question)
        assert isinstance(answer, Answer)
        answers.append(answer)
    document = WordDocument(io.BytesIO(word_file(answers, "zh")))
    texts = [paragraph.text for paragraph in document.paragraphs]
    assert "示范社区？" in texts and "markup How many?" in texts
    label = answers[0].citations[0].label
    assert f"[1] {label}" in texts
    assert texts.index("资料来源") < max(n for n, text in enumerate(texts) if text == label)
    link = saved_html("docx", b"PK", 3)
    assert 'download="tiaowen.docx"' in link and 'data-number="3"' in link


def test_markup_is_not_markup_in_markdown() -> None:
    *_, answer = FakeAssistant().ask("markup <b>*bold*</b>")
    assert isinstance(answer, Answer)
    written = markdown([answer])
    assert "<" not in re.sub(r"\\<", "", written)
    assert "\\*bold\\*" in written


def test_leafing_stays_in_the_document() -> None:
    library = cast(Any, built_in())
    clauses = library.documents["shanghai-2021"].clauses
    talk = Conversation("en", [Turn("q", found=(clauses[1].id,))])
    assert not talk.leaf(library, 1)  # nothing is open
    assert talk.open(0, clauses[1].id, 0)
    assert talk.leaf(library, -1) and talk.opened == Opened(0, clauses[0].id)
    assert not talk.leaf(library, -1) and not talk.leaf(library, 5)
    assert talk.leaf(library, 1) and talk.leaf(library, 1)
    assert talk.opened == Opened(0, clauses[2].id)
    html = panel_html(talk, library, date(2026, 1, 1))
    assert 'data-step="-1"' in html and 'data-step="1"' in html
