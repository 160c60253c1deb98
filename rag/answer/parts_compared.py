"""Two documents side by side by what they are made of: which has more articles or chapters.

Of two documents that both have the chapter which the question names, these chapters. The numbers
come from the structure read at build time; no model is asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from index.documents.model import Document
from index.documents.parse import END, FRONT
from index.facts.model import Structure
from prompts import message
from rag.answer.article_rows import title_of
from rag.answer.parts_meant import UNITS, chapters_meant
from rag.answer.running import Running
from rag.answer.structure_told import chapter_name, reads_under, top_chapters
from rag.answer.support import Statement
from rag.schema import Event

_CHAPTERS = re.compile(r"[几多]少?个?章|章数|\bchapters?\b", re.IGNORECASE)
# An article of a document by that word: its tasks or measures may be those of one chapter.
_ARTICLES = re.compile(r"条|\b(?:articles?|provisions?|clauses?)\b", re.IGNORECASE)


def compare_parts(running: Running, documents: Sequence[Document]) -> Iterator[Event]:
    """How many more articles or chapters one has than the other; nothing if that is not asked."""
    text = running.request.answered.text
    every = list({each.id: each for each in documents}.values())
    if len(every) != 2 or not UNITS.search(text):
        return
    sides = [_part(running, document) for document in every]
    if any(side is None for side in sides):
        return
    (larger, most, row), (smaller, fewest, other) = sorted(
        (side for side in sides if side), key=lambda side: -side[1]
    )
    key = "structure-same" if most == fewest else "structure-difference"
    lead = message(
        f"{key}-chapters" if _CHAPTERS.search(text) else key,
        running.language,
        first=larger,
        second=smaller,
        first_count=most,
        second_count=fewest,
        larger=larger,
        difference=most - fewest,
    )
    yield from running.listed([(lead, [row, other])])


def _part(running: Running, document: Document) -> tuple[str, int, Statement] | None:
    """What of a document is counted: its name, how many, and the row; None if that is not clear."""
    text = running.request.answered.text
    title = title_of(document, running)
    chapters = top_chapters(running, document)
    if _CHAPTERS.search(text):
        return (title, len(chapters), _row(running, chapters, title)) if chapters else None
    if meant := [each for each in chapters_meant(running, document) if each.articles][:1]:
        joint = "" if running.language == "zh" else ", "
        name = f"{title}{joint}{chapter_name(running, meant[0])}"
        return name, meant[0].articles, _row(running, meant, name)
    every = running.index.facts.find(Structure, documents=[document.id])
    whole = next((each for each in every if each.level == "document"), None)
    if whole is None or not whole.articles or not _ARTICLES.search(text):
        return None
    # The last article shows how many there are.
    last = [each for each in document.clauses if each.path.rsplit("/", 1)[-1] not in (FRONT, END)]
    read = running.read(last[-1].id)
    return title, whole.articles, Statement(title, read, read.passages[:1], complete=True)


def _row(running: Running, chapters: Sequence[Structure], name: str) -> Statement:
    read = reads_under(running, chapters[-1])[-1]
    return Statement(name, read, read.passages[:1], complete=True)
