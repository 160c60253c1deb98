"""Asks which document is meant, where an article or chapter is named by its number alone.

The candidates are named, each with the question that asks it of that document.
"""

from __future__ import annotations

from collections.abc import Iterator

from index.documents.model import Document
from prompts import message
from rag.answer.running import Running
from rag.schema import AnswerSentence, Event

MOST_CANDIDATES = 8


def ask_which(running: Running) -> Iterator[Event]:
    """The question back, with the documents that it may be about."""
    request, index = running.request, running.index
    rows: list[str] = []
    choices: list[str] = []
    for reference in request.unplaced[:MOST_CANDIDATES]:
        assert reference.clause_id is not None
        clause = index.clause(reference.clause_id)
        heading = clause.heading if running.language == "zh" else index.title_en(clause.id)
        label = clause.label if running.language == "zh" else clause.label_en
        rows.append(_row(running, label, heading or ""))
        choices.append(_asked_of(running, index.documents[reference.document_id]))
    for chapter in request.chapters_unplaced[:MOST_CANDIDATES]:
        name = _title(running, chapter.document)
        heading = chapter.section.heading if running.language == "zh" else ""
        rows.append(_row(running, name, heading))
        choices.append(_asked_of(running, chapter.document))
    key = "which-article" if request.unplaced else "which-chapter"
    count = len(request.unplaced or request.chapters_unplaced)
    lead = message(key, running.language, count=count)
    told = [AnswerSentence(lead, (), "lead"), *(AnswerSentence(row, (), "row") for row in rows)]
    yield running.delta(lead)
    yield running.said(told, "refused", tuple(choices))


def _row(running: Running, label: str, heading: str) -> str:
    joint = "：" if running.language == "zh" else ": "
    return f"{label}{joint}{heading}" if heading else label


def _title(running: Running, document: Document) -> str:
    if running.language == "zh":
        return f"《{document.title.strip('《》')}》"
    return document.title_en or document.title


def _asked_of(running: Running, document: Document) -> str:
    """The question, asked of one document."""
    name = _title(running, document)
    if running.language == "zh":
        return f"{name}{running.request.question}"
    return f"{name}: {running.request.question}"
