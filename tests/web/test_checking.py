"""Texts checked on the page, by programs, and as Word with comments."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import httpx
import pytest
from docx import Document
from fakes_app import HOSTILE, FakeAssistant, FakeLibrary, serving
from PIL import Image
from typer.testing import CliRunner

from index.errors import DocumentFault
from index.library import intake
from rag.check.check import check_text
from rag.check.model import MOST_BYTES, CheckedText
from rag.errors import RagFault
from rag.schema import Language
from rag.web.assistants import Collected
from rag.web.checking.checker import MOST_WAITING, Checker
from rag.web.checking.shown import notes_of, printed
from rag.web.checking.word import commented
from rag.web.queue import QuestionLine
from rag.web.rates import QuestionRate, TooManyError
from rag.web.texts import say

DAY = date(2026, 6, 1)
LABEL = "示范〔2024〕1号"
TEXT = (
    f"一、{LABEL}第十二条规定，到2030年，建成示范社区50个。\n"
    f"二、{LABEL}第十二条规定，到2030年，建成示范社区80个。\n"
    f"三、{LABEL}第十二条规定，各区每年报送情况。\n"
    f"四、{LABEL}第四十条另有规定。\n"
    "五、《渔港管理条例》第三条不适用。\n"
    "六、依第某条办理。\n"
    "七、一共要建成示范社区50个。\n"
)
VERDICTS = [
    "verbatim", "numbers_differ", "other_article", "no_such_article", "not_held", "unchecked",
]  # fmt: skip


def checked(text: str = TEXT) -> CheckedText:
    assistant = FakeAssistant()
    return check_text(text, assistant.index, DAY)


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with serving(FakeAssistant()) as address:
        yield address


def post(url: str, text: str = "", form: str = "page", **more: Any) -> httpx.Response:
    language = more.pop("language", "zh")
    # As a browser sends a form that may have a file.
    files = {"text": (None, text), "form": (None, form), **more.get("files", {})}
    return httpx.post(f"{url}/check?lang={language}", files=files, timeout=60)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_marks_each_citation_and_tells_of_it(url: str, language: Language) -> None:
    form = httpx.get(f"{url}/check?lang={language}").text
    assert say(language, "check_told_page")[:20] in form and 'name="file"' in form
    html = post(url, TEXT, language=language).text
    assert re.findall(r'class="cited (\w+)" id="place-(\d)"', html) == [
        ("good", "1"), ("bad", "2"), ("bad", "3"), ("bad", "4"), ("bad", "5"), ("open", "6"),
        ("open", "7"),
    ]  # fmt: skip
    for verdict in (*VERDICTS, "figure"):
        assert say(language, f"check_verdict_{verdict}") in html
    assert f"/articles/{'show%23'}" in html.replace("show#", "show%23")
    assert "建成示范社区50个" in html and 'href="#note-7"' in html


def test_what_is_sent_is_escaped(url: str) -> None:
    html = post(url, f"{HOSTILE}《{HOSTILE}》第三条。\n\u202e{LABEL}第十二条").text
    assert "<script>window.harmed" not in html and "&lt;script&gt;window.harmed" in html


def test_a_file_is_read_as_documents_are(url: str) -> None:
    made = Document()
    made.add_paragraph(f"按{LABEL}第十二条，到2030年，建成示范社区50个。")
    file = io.BytesIO()
    made.save(file)
    html = post(url, files={"file": ("备忘.docx", file.getvalue())}).text
    assert 'class="cited good"' in html
    refused = post(url, files={"file": ("x.docx", b"PK no archive")}, language="en")
    assert refused.status_code == 422 and 'role="alert"' in refused.text


@pytest.mark.parametrize(
    ("text", "status", "sentence"),
    [
        ("  \n", 400, "Paste a text or choose a file."),
        ("字" * (MOST_BYTES // 2), 422, "The text is over 1 MB; check it in parts."),
        ("x" * (4 * MOST_BYTES), 400, ""),
    ],
    ids=["empty", "long", "longer"],
)
def test_what_cannot_be_checked_is_said_in_one_sentence(
    url: str, text: str, status: int, sentence: str
) -> None:
    answer = post(url, text, language="en")
    assert (answer.status_code, sentence in answer.text) == (status, True)
    assert answer.text.count('role="alert"') == 1


def test_the_check_is_saved_as_word_and_as_json(url: str) -> None:
    saved = post(url, TEXT, "docx")
    assert saved.headers["content-disposition"] == 'attachment; filename="tiaowen-check.docx"'
    assert len(list(Document(io.BytesIO(saved.content)).comments)) == 7
    told = post(url, TEXT, "json").json()
    assert [one["verdict"] for one in told["citations"]] == VERDICTS
    assert [one["holds"] for one in told["citations"]] == [True] + [False] * 5
    assert told["text"] == TEXT and len(told["figures"]) == 1


@pytest.mark.parametrize("language", ["zh", "en"])
def test_comments_stand_at_their_citations(language: Any) -> None:
    made = commented(checked(), language, now=datetime(2026, 3, 4, tzinfo=UTC))
    document = Document(io.BytesIO(made))
    assert "\n".join(one.text for one in document.paragraphs).strip() == TEXT.strip()
    comments = list(document.comments)
    notes = notes_of(checked(), language)
    assert [one.paragraphs[0].text for one in comments] == [note.verdict for note in notes]
    assert {one.author for one in comments} == {say(language, "title")}
    marked = re.findall(
        r"<w:commentRangeStart[^>]*/>(.*?)<w:commentRangeEnd",
        document.element.xml.replace("\n", ""),
    )
    texts = ["".join(re.findall(r"<w:t[^>]*>([^<]*)</w:t>", one)) for one in marked]
    assert texts == [note.text for note in notes]
    assert any("示范〔2024〕1号" in p.text or "Shi Fan" in p.text for p in comments[2].paragraphs)


def test_programs_check_texts_by_a_route(url: str) -> None:
    told = httpx.post(f"{url}/v1/check", json={"text": TEXT}, timeout=60).json()
    assert [one["verdict"] for one in told["citations"]] == VERDICTS
    assert told["counts"]["not_held"] == 1
    for body, status in (({"text": ""}, 400), ({}, 400), ({"text": " "}, 400)):
        assert httpx.post(f"{url}/v1/check", json=body).status_code == status
    unknown = httpx.post(f"{url}/v1/check", json={"text": TEXT, "collection": "elsewhere"})
    assert unknown.status_code == 404


def test_one_text_is_checked_at_a_time_and_kept() -> None:
    checker = Checker(Collected(FakeAssistant()), today=lambda: DAY)
    first = checker.check(TEXT)
    assert checker.check(TEXT) is first and checker.check(TEXT + "。") is not first
    for _ in range(MOST_WAITING):
        checker._checking._waiting.acquire()
    assert checker.check(TEXT) is first  # what is kept waits for nobody
    with pytest.raises(RagFault, match="Too many texts"):
        checker.check(f"{TEXT}。。")


def test_a_text_is_checked_again_when_the_documents_have_changed() -> None:
    assistant = FakeAssistant()
    checker = Checker(Collected(assistant), today=lambda: DAY)
    first = checker.check(TEXT)
    assistant.index = FakeLibrary()
    assert checker.check(TEXT) is not first


def test_a_file_is_read_in_a_process_of_its_own_without_its_pictures() -> None:
    checker = Checker(Collected(FakeAssistant()), today=lambda: DAY)
    assert checker.read(TEXT.encode(), ".txt", "memo.txt").strip() == TEXT.strip()
    image = io.BytesIO()
    Image.new("RGB", (200, 80), "white").save(image, "PNG")
    with pytest.raises(DocumentFault, match="images of text: add it in the library"):
        checker.read(image.getvalue(), ".png", "scan.png")
    with pytest.raises(DocumentFault, match="of memory to read"):
        intake.text_guarded(b"x" * 4_000_000, ".txt", "memo.txt", memory=2**24)
    for _ in range(MOST_WAITING):
        checker._reading._waiting.acquire()
    with pytest.raises(RagFault, match="Too many texts"):
        checker.read(b"x", ".txt", "memo.txt")


def test_a_check_counts_as_a_question(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: QuestionLine, client: str | None) -> None:
        assert client
        raise TooManyError("fault_too_fast", 7)

    monkeypatch.setattr(QuestionLine, "count", refuse)
    with serving(FakeAssistant()) as address:
        page = post(address, TEXT, language="en")
        assert page.status_code == 429 and say("en", "fault_too_fast") in page.text
        route = httpx.post(f"{address}/v1/check", json={"text": TEXT})
        assert (route.status_code, route.headers["retry-after"]) == (429, "7")


def test_a_line_counts_what_a_client_does() -> None:
    line = QuestionLine(FakeAssistant(), rate=QuestionRate(per_minute=2))
    try:
        line.count("somebody")
        line.count("else")
        line.count(None)
        with pytest.raises(TooManyError):
            line.count("somebody")
    finally:
        line.close()


def test_signs_that_utf8_has_not_do_not_break_what_is_saved(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    damaged = replace(checked(), text="\ud800")
    monkeypatch.setattr(Checker, "check", lambda *_: damaged)
    saved = post(url, TEXT, "json")
    assert (saved.status_code, saved.json()["text"]) == (200, "?")


def test_the_command_prints_what_needs_something_done_first() -> None:
    lines = printed(checked(), "en").splitlines()
    assert lines[:2] == ["Citations: 6", "Right: 1"]
    places = [line for line in lines if re.match(r"\d\. ", line)]
    assert places[0].startswith("2. Number differs") and places[-1].startswith("1. Word for word")


def test_the_command_checks_a_file(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    import rag.answer.assistant
    from rag.__main__ import app

    monkeypatch.setattr(rag.answer.assistant, "load_assistant", lambda *_: FakeAssistant())
    file, word = tmp_path / "memo.txt", tmp_path / "memo.docx"
    file.write_text(TEXT, "utf-8")
    done = CliRunner().invoke(app, ["check", str(file), "--json", "--docx", str(word)])
    assert done.exit_code == 0, done.output
    assert [one["verdict"] for one in json.loads(done.stdout)["citations"]] == VERDICTS
    assert len(list(Document(str(word)).comments)) == 7
    missing = CliRunner().invoke(app, ["check", str(tmp_path / "none.txt")])
    assert missing.exit_code == 1
