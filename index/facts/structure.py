"""How a document is built: its chapters and articles, their order, headings and numbers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from index.documents.labels import ATTACHMENT
from index.documents.model import Clause, Document, Section
from index.facts.model import Structure

_GROUP = re.compile(r"第.+[编章节目]$")
_DECIMAL = re.compile(r"[A-Z]?\d*(?:\.\d+)*")
_MATTER = ("首", "尾")


@dataclass(frozen=True)
class _Part:
    """A numbered part of the document: a heading alone, or a clause."""

    path: str
    marker: str
    heading: str
    start: int
    end: int
    over: tuple[str, ...] | None = None  # of a heading alone: those over what follows it


def read_structure(document: Document) -> list[Structure]:
    """The document as a whole, then its chapters, sections and articles in order."""
    main = _main(document)
    parents = {path.rpartition("/")[0] for path in (part.path for part in main)}
    levels = {part.path: _level(part, parents) for part in main}
    articles = [part for part in main if levels[part.path] == "article"]
    chapters = [part for part in main if levels[part.path] == "chapter"]
    first = document.clauses[0] if document.clauses else None
    facts = [
        _fact(
            document,
            _Part("", "", document.title, 0, first.start if first else 0),
            "document",
            1,
            None,
            len(chapters),
            len(articles),
        )
    ]
    above = _above(main, levels)
    below = Counter(path for article in articles for path in _ancestors(article.path, above))
    counts: Counter[str] = Counter()
    for part in main:
        level = levels[part.path]
        counts[level] += 1
        facts.append(
            _fact(document, part, level, counts[level], above.get(part.path), 0, below[part.path])
        )
    return facts


def _main(document: Document) -> list[_Part]:
    """The numbered parts in the order of the text; attachments only where there is nothing else."""
    parts = [_heading(section, document) for section in document.sections]
    parts += (_part(clause) for clause in document.clauses)
    numbered = [part for part in parts if part.path.split("/")[-1] not in _MATTER]
    own = [part for part in numbered if not ATTACHMENT.fullmatch(part.path.split("/")[0])]
    return sorted(own or numbered, key=lambda part: part.start)


def _heading(section: Section, document: Document) -> _Part:
    """A heading alone, with the headings over the clause that follows it."""
    following = (clause for clause in document.clauses if clause.start >= section.start)
    over = next((clause.heading_path for clause in following), ())
    return replace(_part(section), over=over)


def _part(item: Section | Clause) -> _Part:
    return _Part(item.path, item.marker, item.heading, item.start, item.end)


def _level(part: _Part, parents: set[str]) -> Literal["chapter", "section", "article"]:
    """What a part is: by its marker, else by whether anything numbered stands below it."""
    last = part.path.split("/")[-1]
    if _GROUP.match(last):
        return "section" if last.endswith("节") else "chapter"
    if part.over is not None and not part.marker:
        return "chapter" if part.over[:1] == (part.heading,) else "section"
    if part.over is not None and _DECIMAL.fullmatch(part.marker) and part.over[:1]:
        return "chapter" if "." not in part.marker else "section"
    if last.startswith("第") and "条" in last:
        return "article"
    nested = len(parents - {""}) > 0
    if "/" not in part.path and nested:
        return "chapter"
    return "section" if part.path in parents else "article"


def _above(main: Sequence[_Part], levels: Mapping[str, str]) -> dict[str, str]:
    """The path of the part that each stands under; chapters of a law hold what follows them."""
    above: dict[str, str] = {}
    chapter = section = None
    for part in main:
        level = levels[part.path]
        parent, _, last = part.path.rpartition("/")
        grouped = _GROUP.match(last) or (part.over is not None and not part.marker)
        shorter, dot, _ = last.rpartition(".")
        if grouped and level == "chapter":
            chapter, section = part.path, None
        elif grouped:
            section = part.path
        if parent and parent in levels:
            above[part.path] = parent
        elif dot and shorter in levels:
            above[part.path] = shorter
        elif not grouped and (section or chapter):
            above[part.path] = section or chapter or ""
        elif grouped and level == "section" and chapter:
            above[part.path] = chapter
    return above


def _ancestors(path: str, above: dict[str, str]) -> set[str]:
    found: set[str] = set()
    while path in above and above[path] not in found:
        path = above[path]
        found.add(path)
    return found


def _fact(
    document: Document,
    part: _Part,
    level: Literal["document", "chapter", "section", "article"],
    order: int,
    above: str | None,
    chapters: int,
    articles: int,
) -> Structure:
    """The fact of a part; its words are its marker and heading, or the title."""
    source = document.source
    line = source[part.start : part.end].split("\n")[0]
    end = part.start + len(line.rstrip())
    if level == "article":
        stop = re.search(r"[。；;!?？！]", line)
        end = part.start + (stop.start() if stop else min(len(line.rstrip()), 60))
    if level == "document":
        end = part.start
    return Structure(
        clause_id=f"{document.id}#{part.path}",
        document_id=document.id,
        start=part.start,
        end=end,
        zh=source[part.start : end],
        clean=part.heading,
        level=level,
        order=order,
        marker=part.marker,
        heading=part.heading,
        above=above,
        chapters=chapters,
        articles=articles,
    )
