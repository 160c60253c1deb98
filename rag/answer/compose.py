"""Puts an answer together: numbers the citations, joins the sentences, words the refusals.

What the statements say is decided elsewhere; nothing is searched, read or written here.
"""

from __future__ import annotations

from calendar import month_name
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from index.documents.labels import document_label, document_label_en
from index.documents.model import Document
from prompts import prompt
from rag.answer.evidence import Passage, ReadClause
from rag.answer.names import successor_of
from rag.answer.support import Statement
from rag.schema import AnswerSentence, Citation, Language, answer_text


@dataclass(frozen=True)
class Composed:
    """An answer's text with citation marks, its sentences and its citations."""

    text: str
    sentences: tuple[AnswerSentence, ...]
    citations: tuple[Citation, ...]


def compose(statements: Sequence[Statement], language: Language, today: date) -> Composed:
    """Number the citations and join the sentences with their marks.

    The last sentence from a document whose plan period is over says so.
    """
    return compose_lists([("", statements)], language, today)


def compose_lists(
    parts: Sequence[tuple[str, Sequence[Statement]]], language: Language, today: date
) -> Composed:
    """Lists, each with a sentence that leads to its rows; with an empty lead, plain sentences."""
    citations: list[Citation] = []
    numbers: dict[tuple[str, int, int], int] = {}
    sentences: list[AnswerSentence] = []

    def cited(statement: Statement) -> tuple[int, ...]:
        own = []
        for each in (statement, *statement.beside):
            for run in _runs(each.read, each.evidence):
                key = (each.read.clause.id, run[0].start, run[-1].end)
                if key not in numbers:
                    numbers[key] = len(numbers) + 1
                    citations.append(_citation(numbers[key], each.read, run, today))
                own.append(numbers[key])
        return tuple(dict.fromkeys(own))

    told = [statement for _, statements in parts for statement in statements]
    last = {statement.read.document.id: at for at, statement in enumerate(told)}
    at = 0
    for lead, statements in parts:
        rows: list[AnswerSentence] = []
        for statement in statements:
            note = _ended(statement, language, today)
            if last[statement.read.document.id] != at:
                note = ""
            text = _with_note(statement.text, note)
            rows.append(AnswerSentence(text, cited(statement), "row" if lead else "sentence"))
            at += 1
        if lead:
            every = dict.fromkeys(number for row in rows for number in row.citations)
            sentences.append(AnswerSentence(lead, tuple(every), "lead"))
        sentences += rows
    return Composed(answer_text(sentences, language), tuple(sentences), tuple(citations))


def with_sentence(composed: Composed, text: str, language: Language) -> Composed:
    """The same with a sentence at the end that cites nothing."""
    sentences = (*composed.sentences, AnswerSentence(text, ()))
    return replace(composed, text=answer_text(sentences, language), sentences=sentences)


def name_of(document: Document, language: Language) -> str:
    """The document's number or title as readers of the language know it."""
    return document_label(document) if language == "zh" else document_label_en(document)


def shown_day(iso: str | None, language: Language) -> str:
    """`2026-12-31` as readers of the language write it; '' for None."""
    if not iso:
        return ""
    day = date.fromisoformat(iso)
    if language == "zh":
        return f"{day.year}年{day.month}月{day.day}日"
    return f"{month_name[day.month]} {day.day}, {day.year}"


def nearest_labels(reads: Sequence[ReadClause], language: Language) -> str:
    """The labels of clauses, a document named once for neighbouring ones."""
    labels: list[str] = []
    last = ""
    for read in reads:
        label = read.clause.label if language == "zh" else read.clause.label_en
        name = name_of(read.document, language) + (" " if language == "zh" else ", ")
        labels.append(label.removeprefix(name) if read.document.id == last else label)
        last = read.document.id
    return ("、" if language == "zh" else ", ").join(labels)


def _ended(statement: Statement, language: Language, today: date) -> str:
    """The note on the statement's document; '' where it is told already."""
    return "" if statement.complete else note_on(statement.read.document, language, today)


def note_on(document: Document, language: Language, today: date) -> str:
    """What is said behind an answer from a document that is no longer current; '' for others."""
    status = document.status(today)
    if status in ("superseded", "repealed"):
        day, by = shown_day(document.superseded_on, language), successor_of(document, language)
        return prompt(f"ended-{status}", language, day=day, by=by)
    if status != "expired":
        return ""
    if document.period and not document.effective_to:
        first, last = map(str, document.period)
        return prompt("ended-period", language, first=first, last=last)
    return prompt("ended", language, day=shown_day(document.effective_to or "", language))


def _with_note(text: str, note: str) -> str:
    """The note goes before the full stop, so that it belongs to the sentence and its citation."""
    if not note:
        return text
    bare = text.rstrip()
    end = bare[-1] if bare and bare[-1] in "。.；;！!" else ""
    return (
        bare[: len(bare) - len(end)]
        + note
        + (end if end in "。." else "。" if "（" in note else ".")
    )


def _citation(number: int, read: ReadClause, run: Sequence[Passage], today: date) -> Citation:
    clause = read.clause
    start = clause.body_map[run[0].start]
    end = clause.body_map[run[-1].end]
    source = read.document.source
    while end > start and source[end - 1].isspace():
        end -= 1
    english = [passage.en for passage in run]
    return Citation(
        n=number,
        clause_id=clause.id,
        label=clause.label,
        label_en=clause.label_en,
        quote=source[start:end],
        quote_en=" ".join(filter(None, english)) if all(english) else None,
        start=start,
        end=end,
        status=read.document.status(today),
        badge=read.document.badge(today),
    )


def _runs(read: ReadClause, chosen: Sequence[Passage]) -> Iterator[list[Passage]]:
    """The chosen sentences in runs of neighbours: each run is one verbatim quote."""
    run: list[Passage] = []
    for passage in read.passages:
        if passage in chosen:
            # Of an overlong clause not every sentence is among those read.
            if run and read.clause.body[run[-1].end : passage.start].strip():
                yield run
                run = []
            run.append(passage)
        elif run:
            yield run
            run = []
    if run:
        yield run
