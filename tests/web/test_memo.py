"""A memo from a conversation: its languages, its footnotes, its sources."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from docx import Document
from fakes_app import ANSWERS, FakeAssistant, FakeLibrary
from lxml import etree

from rag.schema import Answer, Citation, Language
from rag.web.chat.conversation import Conversation, Turn
from rag.web.chat.memo import Form, in_field_form, memo_file
from rag.web.chat.saved import file_link
from rag.web.texts import say

DAY, NOW = date(2026, 3, 4), datetime(2026, 3, 4, 12, tzinfo=UTC)
QUESTIONS: dict[Language, str] = {"zh": "示范社区建成多少个？", "en": "How many communities?"}
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def answers(*questions: str) -> list[Answer]:
    found = []
    for question in questions:
        *_, last = FakeAssistant().ask(question)
        assert isinstance(last, Answer)
        found.append(last)
    return found


def made(form: Form, *questions: str) -> bytes:
    return memo_file(answers(*questions), form, FakeLibrary(), DAY, now=NOW)


def notes_of(data: bytes) -> list[str]:
    """The text of the footnotes, as they are numbered."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        root = etree.fromstring(archive.read("word/footnotes.xml"))
    own = [one for one in root if one.get(f"{W}type") is None]
    assert [one.get(f"{W}id") for one in own] == [str(n) for n in range(1, len(own) + 1)]
    return ["".join(one.itertext()).strip() for one in own]


@pytest.mark.parametrize("form", ["zh", "en", "both"])
def test_citations_are_real_footnotes_in_the_form_of_the_field(form: Form) -> None:
    data = made(form, QUESTIONS["zh"], QUESTIONS["en"])
    document = Document(io.BytesIO(data))
    assert document.paragraphs[0].text == say("en" if form == "en" else "zh", "memo_title")
    marks = document.element.findall(f".//{W}footnoteReference")
    notes = notes_of(data)
    assert [one.get(f"{W}id") for one in marks] == [str(n) for n in range(1, len(notes) + 1)]
    zh = [one for one in notes if one.startswith("《示范社区建设意见》（示范〔2024〕1号）")]
    en = [
        one for one in notes if one.startswith("Opinions on Building Demonstration Communities (")
    ]
    assert (len(zh), len(en)) == {"zh": (2, 0), "en": (0, 2), "both": (2, 2)}[form]
    assert all("建成示范社区50个" in one for one in zh)
    assert all("50 such communities are built" in one for one in en)


def test_the_parts_are_told_to_the_package_as_word_does() -> None:
    with zipfile.ZipFile(io.BytesIO(made("zh", QUESTIONS["zh"]))) as archive:
        types = archive.read("[Content_Types].xml").decode()
        relations = archive.read("word/_rels/document.xml.rels").decode()
        settings = archive.read("word/settings.xml").decode()
        styles = archive.read("word/styles.xml").decode()
    assert "/word/footnotes.xml" in types and "footnotes+xml" in types
    assert re.search(r'Target="(?:/word/)?footnotes\.xml"', relations)
    assert settings.index("footnotePr") < settings.index("w:compat")
    assert 'w:styleId="FootnoteText"' in styles and 'w:styleId="FootnoteReference"' in styles


def test_in_the_other_language_the_words_cited_stand_for_the_answer() -> None:
    document = Document(io.BytesIO(made("both", QUESTIONS["zh"], QUESTIONS["en"], "on Mars?")))
    rows = [[cell.text for cell in table.rows[1].cells] for table in document.tables]
    assert rows == [
        [ANSWERS["zh"], "By 2030, 50 such communities are built."],
        ["到2030年，建成示范社区50个。", ANSWERS["en"]],
        [say("zh", "memo_no_other"), "The documents held do not answer this question."],
    ]
    heads = {tuple(cell.text for cell in table.rows[0].cells) for table in document.tables}
    assert heads == {("中文", "English")}


def test_machine_made_english_is_marked_and_explained() -> None:
    (answer,) = answers("代码？")
    rendered = replace(answer.citations[0], quote="这是一份带有代码的文件")
    data = memo_file([replace(answer, citations=(rendered,))], "en", FakeLibrary(), DAY, now=NOW)
    texts = [one.text for one in Document(io.BytesIO(data)).paragraphs]
    assert any(text.endswith(say("en", "memo_machine_mark")) for text in texts)
    assert say("en", "memo_machine") in texts and say("en", "authority") in texts


def test_sources_have_status_and_date() -> None:
    texts = [
        one.text for one in Document(io.BytesIO(made("en", "How many?", "markup?"))).paragraphs
    ]
    at = texts.index(say("en", "memo_sources"))
    assert texts[at + 1] == (
        "Opinions on Building Demonstration Communities (Shi Fan [2024] No. 1), In force, "
        "issued 2024-01-02"
    )
    assert texts[at + 2].endswith(f"{say('en', 'status_period_ended')}, issued 2019-05-01")


def test_a_removed_document_is_cited_by_its_label() -> None:
    (answer,) = answers(QUESTIONS["zh"])
    citation: Citation = answer.citations[0]
    assert in_field_form(citation, "zh", FakeLibrary({})) == citation.label
    data = memo_file([answer], "zh", FakeLibrary({}), DAY, now=NOW)
    assert notes_of(data)[0].startswith(citation.label)
    assert notes_of(memo_file([], "zh", FakeLibrary(), DAY, now=NOW)) == []


@pytest.mark.parametrize("kind", ["docx", "md", "memo_zh", "memo_en", "memo_both"])
def test_each_kind_is_saved_under_its_name(kind: str) -> None:
    talk = Conversation()
    (answer,) = answers(QUESTIONS["zh"])
    talk.turns = [Turn(answer.question, answer=answer)]
    link = file_link(talk, FakeLibrary(), kind, DAY)
    name = "tiaowen-memo.docx" if kind.startswith("memo") else f"tiaowen.{kind}"
    assert f'download="{name}" data-number="1"' in link
