"""An article as the row of a list: its name, what it is about, the sentences it is listed for.

Which articles are listed is decided elsewhere; no model is asked.
"""

from __future__ import annotations

from collections.abc import Sequence

from index.documents.model import Document
from prompts import message
from rag.answer.compose import name_of
from rag.answer.evidence import Passage, ReadClause
from rag.answer.running import Running
from rag.answer.support import Statement
from rag.schema import Language

# Of an article without a heading, so much of the sentence is shown.
LONGEST_TEXT = {"zh": 60, "en": 160}
# Documents that the sentence before a list names.
MOST_TITLES = 3


def article_row(
    running: Running,
    read: ReadClause,
    resting: Sequence[Passage] = (),
    documents: int = 1,
    note: str = "",
) -> Statement:
    """An article as a row: its name, what it is about, and a note behind it.

    `documents` is how many are listed from: of several, each row names its own.
    """
    resting = resting or read.content[:1]
    label = running.label(read)
    if documents == 1:
        label = label.removeprefix(name_of(read.document, running.language)).strip(" ,")
    about = _about(running, read, resting)
    text = f"{label}{': ' if running.language == 'en' else '：'}{about}" if about else label
    if note:
        text += f" ({note})" if running.language == "en" else f"（{note}）"
    return Statement(text, read, tuple(resting), complete=True)


def _about(running: Running, read: ReadClause, resting: Sequence[Passage]) -> str:
    """An article's heading, or else the words of the sentence that it is listed for."""
    heading = read.clause.heading.strip()
    if running.language == "en":
        heading = running.index.title_en(read.clause.id) or ""
    if heading and len(heading) <= LONGEST_TEXT[running.language]:
        return heading
    if running.language == "en" and read.language != "en":
        return ""
    told = resting[0] if resting else None
    if told and told.zh.lstrip().startswith(("(", "（", "[", "【")):
        # A bracket of bodies says who, not what.
        told = next((one for one in read.content if one != told), told)
    words = told.words(running.language) if told else heading
    longest = LONGEST_TEXT[running.language]
    return words if len(words) <= longest else words[:longest].rstrip("，、, ") + "…"


def passages_of(read: ReadClause, start: int, end: int) -> tuple[Passage, ...]:
    """The sentences of a clause in which a span of its document's source lies."""
    where = read.clause.body_map
    found = tuple(p for p in read.passages if where[p.start] < end and where[p.end] > start)
    return found or read.passages[:1]


def counted(key: str, language: Language, count: int, **fields: object) -> str:
    """The sentence before a list that tells how many rows it has: of one in the singular."""
    return message(f"{key}-one" if count == 1 else key, language, count=count, **fields)


def titles_of(documents: Sequence[Document], running: Running) -> str:
    """Documents as the sentence before a list names them: the first ones."""
    names = [title_of(document, running) for document in documents[:MOST_TITLES]]
    return joined(names, running) + ("…" if len(documents) > MOST_TITLES else "")


def title_of(document: Document, running: Running) -> str:
    """A document as an answer names it."""
    if running.language == "zh":
        return document.number or f"《{document.title.strip('《》')}》"
    return document.title_en or name_of(document, "en")


def joined(names: Sequence[str], running: Running) -> str:
    """Names in a row, as the question's language writes them."""
    return ("、" if running.language == "zh" else ", ").join(names)
