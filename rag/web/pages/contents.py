"""The outline of a document: its sections and clauses in order, in parts small enough for a page.

Names entries in the reader's language and links to them. What stands in a clause is shown in
rag/web/pages/document.py.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from index.documents.labels import document_label, document_label_en
from index.documents.model import Clause, Document, Section
from index.text.numbers import read_numeral
from rag.schema import Language
from rag.web.chat.conversation import Library
from rag.web.pages.frame import in_path
from rag.web.templates import render
from rag.web.texts import label_of

# Of a page of a document, as estimated before it is made; it comes out at about 0.6 of that.
PART_BYTES = 2_400_000
BYTES_BESIDE_CLAUSE, BYTES_BESIDE_SENTENCE = 700, 90
OPENING_CHARACTERS = 28
ENGLISH_CHARACTERS = 70


@dataclass(frozen=True)
class Entry:
    """A line of a document's outline; `anchor` is its place on a page: c12 is the 12th clause."""

    depth: int
    item: Section | Clause
    anchor: str


@dataclass(frozen=True)
class Part:
    """A stretch of the outline that is shown on one page."""

    entries: tuple[Entry, ...]

    @property
    def first(self) -> Entry:
        """Where it begins."""
        return self.entries[0]


def outline(document: Document) -> tuple[Entry, ...]:
    """Sections and clauses in the order of the text, with how deep each stands."""
    items: list[tuple[int, int, int, Section | Clause]] = [
        (section.start, 0, number, section) for number, section in enumerate(document.sections)
    ]
    items += [(one.start, 1, number, one) for number, one in enumerate(document.clauses)]
    items.sort(key=lambda item: item[:3])
    entries: list[Entry] = []
    above: tuple[str, ...] = ()
    depth = 0
    # From the end: the clause that follows a section names the headings over it.
    for _, _, number, item in reversed(items):
        if isinstance(item, Clause):
            above = item.heading_path[:-1] if item.heading else item.heading_path
            depth = len(above)
            entries.append(Entry(depth, item, f"c{number + 1}"))
        else:
            named = [
                level
                for level, heading in enumerate(above[: depth + 1])
                if heading.startswith(item.marker) and heading.endswith(item.heading)
            ]
            depth = named[-1] if named else depth
            entries.append(Entry(depth, item, f"s{number + 1}"))
    return tuple(reversed(entries))


def parts_of(document: Document, library: Library, most_bytes: int = PART_BYTES) -> list[Part]:
    """The document in parts of at most so many bytes, cut between chapters where that is enough."""
    chapters: list[list[tuple[Entry, int]]] = []
    for entry in outline(document):
        if not chapters or entry.depth == 0:
            chapters.append([])
        chapters[-1].append((entry, _weight(entry, library)))
    parts: list[list[Entry]] = [[]]
    filled = 0
    for chapter in chapters:
        whole = sum(weight for _, weight in chapter)
        if parts[-1] and filled + whole > most_bytes:
            parts.append([])
            filled = 0
        for entry, weight in chapter:
            if parts[-1] and filled + weight > most_bytes:
                parts.append([])
                filled = 0
            parts[-1].append(entry)
            filled += weight
    return [Part(tuple(entries)) for entries in parts if entries]


def part_with(parts: Sequence[Part], anchor: str) -> int:
    """The number, from 1, of the part in which an entry stands."""
    return next(
        number
        for number, part in enumerate(parts, 1)
        if any(entry.anchor == anchor for entry in part.entries)
    )


def article_address(clause_id: str, quote: tuple[int, int] | None = None) -> str:
    """Where a clause can be read by itself, a quote (offsets in the source) marked in it."""
    marked = f"?quote={quote[0]}-{quote[1]}" if quote else ""
    return f"/articles/{in_path(clause_id)}{marked}"


def short_label(clause: Clause, prefix: str, language: Language) -> str:
    """A clause's label without its document's: `第十二条`, `Article 12`."""
    return label_of(clause, language).removeprefix(prefix)


@dataclass(frozen=True)
class Line:
    """An entry in the outline: how many lists end before it, and whether it opens one."""

    closes: int
    opens: bool
    anchor: str
    name: Name


def outline_html(
    entries: Sequence[Entry],
    document: Document,
    library: Library,
    language: Language,
) -> str:
    """Nested links to the anchors of sections and clauses."""
    prefix = label_prefix(document, language)
    lines: list[Line] = []
    depths: list[int] = []
    for entry in entries:
        before = len(depths)
        while depths and depths[-1] > entry.depth:
            depths.pop()
        closes = before - len(depths)
        opens = not depths or depths[-1] != entry.depth
        if opens:
            depths.append(entry.depth)
        name = entry_name(entry, library, language, prefix)
        lines.append(Line(closes, opens, entry.anchor, name))
    return render("outline", language, lines=lines, closed=len(depths))


def label_prefix(document: Document, language: Language) -> str:
    """What the labels of all clauses of the document begin with."""
    if language == "zh":
        return f"{document_label(document)} "
    return f"{document_label_en(document)}, "


@dataclass(frozen=True)
class Name:
    """What an entry is called: its number or label, and what it is about; either may be empty."""

    plain: str
    told: str
    chinese: bool


def entry_name(entry: Entry, library: Library, language: Language, prefix: str) -> Name:
    """An entry of the outline in the reader's language."""
    item = entry.item
    if isinstance(item, Section):
        joined = "、" if read_numeral(item.marker) else " "
        chinese = f"{item.marker}{'' if item.marker[-1:] == ')' else joined}{item.heading}"
        english = _section_number(item.marker) if language == "en" else ""
        return Name(english, item.heading if english else chinese, chinese=True)
    name = short_label(item, prefix, language)
    rendition = library.rendition(item.id) if language == "en" else None
    if rendition and rendition.title_en:
        return Name(name, _shortened(rendition.title_en, ENGLISH_CHARACTERS), chinese=False)
    subject = item.heading or item.body.strip().partition("\n")[0]
    return Name(name, _shortened(subject, OPENING_CHARACTERS), chinese=True)


def _section_number(marker: str) -> str:
    """`Part 2`, `(3)` or `Chapter 4` for the marker of a section; nothing for other markers."""
    if number := read_numeral(marker):
        return f"Part {number}"
    if marker[:1] == "(" and (number := read_numeral(marker.strip("()"))):
        return f"({number})"
    grouped = re.fullmatch(r"第(.+)([编章节])", marker)
    if grouped and (number := read_numeral(grouped.group(1))):
        return f"{ {'编': 'Book', '章': 'Chapter', '节': 'Section'}[grouped.group(2)] } {number}"
    return ""


def _shortened(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def _weight(entry: Entry, library: Library) -> int:
    if isinstance(entry.item, Section):
        return 100
    clause = entry.item
    rendition = library.rendition(clause.id)
    sentences = rendition.sentences if rendition else ()
    english = sum(len(sentence.en) + BYTES_BESIDE_SENTENCE for sentence in sentences)
    return BYTES_BESIDE_CLAUSE + 3 * len(clause.text) + 3 * len(clause.body) // 2 + english
