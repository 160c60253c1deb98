"""A conversation saved as a Word file: its paper, its properties, the documents it rests on."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import UTC, date, datetime

import pytest
from docx import Document
from docx.shared import Mm
from fakes_app import HOSTILE, FakeAssistant, FakeLibrary

from rag.schema import Answer, Language
from rag.web.chat.export import documents_cited, word_file
from rag.web.texts import say

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
QUESTIONS: dict[Language, str] = {"zh": "示范社区建成多少个？", "en": "How many communities?"}


def answers(*questions: str) -> list[Answer]:
    found = []
    for question in questions:
        *_, last = FakeAssistant().ask(question)
        assert isinstance(last, Answer)
        found.append(last)
    return found


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_file_is_on_a4_and_our_own(language: Language) -> None:
    made = word_file(answers(QUESTIONS[language]), language, now=NOW)
    document = Document(io.BytesIO(made))
    (section,) = document.sections
    # Word counts in twentieths of a point.
    for length, wanted in ((section.page_width, 210), (section.page_height, 297)):
        assert length is not None and abs(length - Mm(wanted)) < Mm(0.1)
    about = document.core_properties
    product = say(language, "title")
    assert about.title == f"{product}: {QUESTIONS[language]}"
    assert (about.author, about.last_modified_by) == (product, product)
    assert about.created == about.modified == NOW
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        told = archive.read("docProps/core.xml").decode()
    assert "python-docx" not in told


def test_its_head_tells_the_day_and_the_documents() -> None:
    given = answers("How many communities?", "markup?", "How many again?", "How many on Mars?")
    named = documents_cited(given, FakeLibrary(), "en", date(2026, 3, 4))
    assert named == [
        "Opinions on Building Demonstration Communities 示范〔2024〕1号 (In force)",
        f"{HOSTILE}方案 ({say('en', 'status_period_ended')})",
    ]
    document = Document(io.BytesIO(word_file(given, "en", documents=named, now=NOW)))
    texts = [paragraph.text for paragraph in document.paragraphs]
    day = NOW.astimezone().date().isoformat()
    assert texts[:3] == [say("en", "title"), f"Saved on {day}", say("en", "word_documents")]
    assert texts[3:5] == named
    assert re.search(r"\d{4}-\d\d-\d\d", texts[1])


def test_a_removed_document_is_not_named() -> None:
    given = answers("示范社区建成多少个？")
    assert documents_cited(given, FakeLibrary({}), "zh", date(2026, 3, 4)) == []
    empty = Document(io.BytesIO(word_file([], "zh", now=NOW)))
    assert empty.core_properties.title == say("zh", "title")
