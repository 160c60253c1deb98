"""A comparison as a Word file with tracked changes: all accepted the new text, rejected the old.

Writes insertions and deletions as Word itself does (w:ins, w:del); what changed is told elsewhere.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from index.compare.compare import with_names
from index.compare.model import Comparison, Piece, PieceKind
from index.compare.words import marked
from index.documents.model import Document, Section
from rag.schema import Language
from rag.web.chat.export import printable, word_page
from rag.web.texts import say

if TYPE_CHECKING:
    from docx.document import Document as WordDocument
    from docx.text.paragraph import Paragraph

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_TAGS = {"added": "w:ins", "removed": "w:del"}


def word_comparison(
    found: Comparison, names: tuple[str, str], language: Language, now: datetime | None = None
) -> bytes:
    """The comparison as .docx; `names` are what both documents are called in its first lines."""
    now = now or datetime.now(UTC)
    title = say(language, "compare_word_title", old=names[0], new=names[1])
    made = word_page(language, title, now)
    writer = _Writer(made, say(language, "title"), now)
    heading = made.add_heading(level=0)
    writer.write(heading, marked(found.old.title, found.new.title))
    made.add_paragraph(printable(say(language, "compare_word_old", name=names[0])))
    made.add_paragraph(printable(say(language, "compare_word_new", name=names[1])))
    made.add_paragraph(say(language, "compare_word_how", date=now.astimezone().date().isoformat()))
    for pieces, is_heading in blocks(found):
        paragraph = made.add_heading(level=1) if is_heading else made.add_paragraph()
        writer.write(paragraph, pieces)
    file = io.BytesIO()
    made.save(file)
    return file.getvalue()


def blocks(found: Comparison) -> list[tuple[tuple[Piece, ...], bool]]:
    """The pieces of each article and heading, in the order of both texts; whether it is a heading.

    What has moved is removed from its old place and added in its new one.
    """
    placed: list[tuple[tuple[int, int], tuple[Piece, ...], bool]] = []
    rows = {clause.id: n for n, row in enumerate(found.rows) for clause in (*row.old, *row.new)}
    for n, row in enumerate(found.rows):
        pieces = with_names(found, row)
        placed.append(((n, 0), _only(pieces, "added") if "moved" in row.changes else pieces, False))
    place = (-1, 0)
    gone: set[int] = set()
    for clause in found.old.clauses:
        n = rows[clause.id]
        if "moved" not in found.rows[n].changes:
            place = (n, 0)
        elif n not in gone:
            gone.add(n)
            place = (place[0], place[1] + 1)
            placed.append((place, _only(with_names(found, found.rows[n]), "removed"), False))
    for chapter in found.chapters:
        document = found.new if chapter.new else found.old
        section = chapter.new or chapter.old
        assert section is not None
        at = _row_below(document, section, rows, len(found.rows))
        placed.append(((at, -1), chapter.pieces, True))
    return [(pieces, heading) for _, pieces, heading in sorted(placed, key=lambda one: one[0])]


def _only(pieces: Sequence[Piece], kind: PieceKind) -> tuple[Piece, ...]:
    """One of the two texts, all of it added or all removed."""
    other = "removed" if kind == "added" else "added"
    return tuple(Piece(kind, piece.text) for piece in pieces if piece.kind != other)


def _row_below(document: Document, section: Section, rows: dict[str, int], last: int) -> int:
    """The row of the first article under a heading."""
    below = (clause for clause in document.clauses if clause.start >= section.end)
    return next((rows[clause.id] for clause in below), last)


class _Writer:
    """Writes pieces into paragraphs, each change with its author, day and number."""

    def __init__(self, made: WordDocument, author: str, now: datetime) -> None:
        self._made = made
        self._author = author
        self._day = now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        self._number = 0

    def write(self, paragraph: Paragraph, pieces: Sequence[Piece]) -> None:
        """Write pieces into a paragraph, and into more behind it where they have line breaks.

        Empty lines of the sources make no paragraphs.
        """
        style = paragraph.style
        filled = False
        for kind, text, ends in _lines(pieces):
            if text.strip():
                self._run(paragraph, kind, text)
                filled = True
            if ends and filled:
                self._end(paragraph, kind)
                paragraph = self._made.add_paragraph(style=style)
                filled = False
        kinds = {piece.kind for piece in pieces}
        if len(kinds) == 1:
            # All of it is new, or gone: so is the end of its paragraph.
            self._end(paragraph, kinds.pop())

    def _run(self, paragraph: Paragraph, kind: PieceKind, text: str) -> None:
        from docx.oxml import OxmlElement
        from docx.oxml.ns import qn

        run = paragraph.add_run(printable(text))
        if kind == "same":
            return
        change = self._change(kind)
        run._r.addprevious(change)
        change.append(run._r)
        if kind == "removed":
            for said in run._r.findall(qn("w:t")):
                gone = OxmlElement("w:delText")
                gone.text = said.text
                gone.set(qn("xml:space"), "preserve")
                said.getparent().replace(said, gone)

    def _end(self, paragraph: Paragraph, kind: PieceKind) -> None:
        """Mark the end of a paragraph as added or removed."""
        if kind == "same":
            return
        from docx.oxml import OxmlElement

        properties = paragraph._p.get_or_add_pPr()
        marks = OxmlElement("w:rPr")
        marks.append(self._change(kind))
        properties.append(marks)

    def _change(self, kind: PieceKind) -> Any:
        from docx.oxml import OxmlElement
        from docx.oxml.ns import qn

        self._number += 1
        change = OxmlElement(_TAGS[kind])
        change.set(qn("w:id"), str(self._number))
        change.set(qn("w:author"), self._author)
        change.set(qn("w:date"), self._day)
        return change


def _lines(pieces: Sequence[Piece]) -> Iterator[tuple[PieceKind, str, bool]]:
    """Each line of each piece, and whether a line break of that piece ends it."""
    for piece in pieces:
        *whole, rest = re.split(r"\n", piece.text)
        for line in whole:
            yield piece.kind, line, True
        yield piece.kind, rest, False
