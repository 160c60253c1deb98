"""A whole document in a few lines: each of its parts by the headings of its articles.

Told from the structure read at build time, in as many lines as are asked for; no model is asked.
A summary of one article is written from its sentences (rag.answer.write).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from index.documents.model import Document
from index.facts.model import Structure
from index.request.subject import subject_terms, without_documents
from prompts import message
from rag.answer.article_rows import title_of
from rag.answer.evidence import ReadClause
from rag.answer.running import Running
from rag.answer.structure_told import chapter_name, reads_under, top_chapters
from rag.answer.support import Statement
from rag.answer.told import POINTS, points_asked
from rag.schema import Event

# Headings told of one part, and the lines of a summary, if no number is asked for.
MOST_HEADINGS, MOST_LINES = 8, 8


def asks_for_document(running: Running) -> bool:
    """Whether the main points of one whole document are asked for."""
    request = running.request
    if request.wanted != "summary" or request.articles or request.chapter or request.sides:
        return False
    documents = running.held(request.meant)
    if len(documents) != 1:
        return False
    rest = POINTS.sub(" ", without_documents(request.answered.text, documents))
    body = "\n".join(_words_of(running, documents[0])).lower()
    terms = subject_terms(rest, request.language, lambda term: term.lower() in body)
    titles = f"{documents[0].title}\n{documents[0].title_en or ''}".lower()
    return not [term for term in terms if term.lower() not in titles]


def _words_of(running: Running, document: Document) -> Iterator[str]:
    """What the document's articles say, in Chinese and, where there is a rendition, in English."""
    for clause in document.clauses:
        yield clause.body
        if rendition := running.index.rendition(clause.id):
            yield f"{rendition.title_en}\n{rendition.text}"


def sum_up_document(running: Running) -> Iterator[Event]:
    """The document by its parts, each with the headings of its articles; nothing without parts."""
    (document,) = running.held(running.request.meant)
    parts = [each for each in _parts(running, document) if reads_under(running, each)]
    if len(parts) < 2:
        return
    wanted = points_asked(running.request.answered.text) or min(len(parts), MOST_LINES)
    rows = [_row(running, group) for group in _groups(parts, wanted)]
    lead = message("summary-document", running.language, document=title_of(document, running))
    yield from running.listed([(lead, rows)])


def _parts(running: Running, document: Document) -> list[Structure]:
    """The document's chapters; where one of them has nearly all articles, its sections instead."""
    chapters = top_chapters(running, document)
    every = running.index.facts.find(Structure, documents=[document.id])
    largest = max(chapters, key=lambda each: each.articles, default=None)
    if largest is None or largest.articles * 2 < sum(each.articles for each in chapters):
        return chapters
    sections = [each for each in every if each.level == "section" and each.above == largest.path]
    return [
        part
        for chapter in chapters
        for part in (sections if chapter is largest and sections else [chapter])
    ]


def _groups(parts: Sequence[Structure], wanted: int) -> list[list[Structure]]:
    """The parts in `wanted` groups of neighbours, as even as can be."""
    wanted = max(1, min(wanted, len(parts)))
    size, more = divmod(len(parts), wanted)
    groups, at = [], 0
    for number in range(wanted):
        end = at + size + (number < more)
        groups.append(list(parts[at:end]))
        at = end
    return groups


def _row(running: Running, group: Sequence[Structure]) -> Statement:
    """A group of parts in one line, which rests on the articles whose headings it tells."""
    joint, stop = ("；", "；") if running.language == "zh" else ("; ", "; ")
    told = [_told(running, part, joint) for part in group]
    reads = [read for part in group for read in reads_under(running, part)[:MOST_HEADINGS]]
    first, *others = (Statement("", read, read.passages[:1], complete=True) for read in reads)
    return replace(first, text=stop.join(told), beside=tuple(others))


def _told(running: Running, part: Structure, joint: str) -> str:
    reads = reads_under(running, part)
    headings = [heading for read in reads if (heading := _heading(running, read))]
    name = chapter_name(running, part)
    if not headings or (len(reads) == 1 and reads[0].clause.id == part.clause_id):
        return name
    more = "等" if running.language == "zh" else " and others"
    shown = joint.join(headings[:MOST_HEADINGS])
    colon = "：" if running.language == "zh" else ": "
    return f"{name}{colon}{shown}{more if len(headings) > MOST_HEADINGS else ''}"


def _heading(running: Running, read: ReadClause) -> str:
    if running.language == "zh":
        return read.clause.heading.strip("。；")
    return running.index.title_en(read.clause.id) or ""
