"""Lines of pages to paragraphs: without what is furniture of the page, wrapped lines joined again.

Works for every kind of pages, PDF, OFD and recognised ones; where the places of the lines are known
they are heeded. What is furniture is decided in furniture.py. It reads no files.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from index.documents.furniture import without_furniture
from index.documents.lines import Line, usual
from index.documents.openings import MARKER

_ENDS = re.compile(r"[。；：！？…][”’」』）》〕】)\]\"']*$")
_LATIN_ENDS = re.compile(r"[.;:!?][\"')\]]*$")
_HAN = re.compile(r"[㐀-鿿〇]")
_FEW_LINES = 5


def paragraphs_of(pages: Sequence[Sequence[Line]]) -> str:
    """The text of all pages, one paragraph a line, without what is repeated on each page."""
    return "\n".join(_paragraphs(without_furniture([usual(page) for page in pages])))


def _width(line: str) -> int:
    """Columns the line takes: two for a wide character, one for the rest."""
    return sum(2 if unicodedata.east_asian_width(char) in "WFA" else 1 for char in line)


@dataclass(frozen=True)
class _Placed:
    """A line, how far it is indented in letters, and the column in which it ends."""

    text: str
    indent: float
    end: float
    marked: bool
    known: bool


def _margin(lines: Sequence[Line]) -> float:
    """The leftmost place at which several lines begin."""
    lefts = Counter(round(line.left) for line in lines if line.size)
    least = max(2, lefts.total() // 20)
    return next((left for left in sorted(lefts) if lefts[left] >= least), min(lefts, default=0))


def _placed(page: Sequence[Line], usual_margin: float) -> list[_Placed]:
    # A page of few lines has none at the margin, it may be.
    margin = _margin(page) if len(page) > _FEW_LINES else usual_margin
    placed = []
    for line in page:
        indent = (line.left - margin) / line.size if line.size else 0.0
        placed.append(
            _Placed(
                line.text,
                indent,
                max(indent, 0.0) * 2 + _width(line.text),
                MARKER.match(line.text) is not None,
                line.size > 0,
            )
        )
    return placed


def _paragraphs(pages: Sequence[Sequence[Line]]) -> list[str]:
    """Joins a line to the one before if that one is full and this begins no paragraph."""
    usual_margin = _margin([line for page in pages for line in page])
    lines = [line for page in pages for line in _placed(page, usual_margin)]
    ends = sorted((line.end for line in lines), reverse=True)
    # The widest twentieth may be tables or foot lines in small print.
    full = ends[min(len(ends) // 20 + 1, len(ends) - 1)] * 0.85 if ends else 0.0
    first = [line for line in lines if 1.2 < line.indent < 3.2]
    marked = [line for line in lines if line.marked]
    indented = bool(lines) and all(line.known for line in lines) and len(first) * 7 > len(lines)
    # Where articles begin with an indent, what does not is none, however it begins.
    marks_indented = indented and sum(line.indent > 1 for line in marked) * 5 >= len(marked) * 4
    paragraphs: list[str] = []
    before: _Placed | None = None
    for line in lines:
        if before and before.end >= full and _goes_on(before, line, indented, marks_indented, full):
            paragraphs[-1] = _joined(paragraphs[-1], line.text)
        else:
            paragraphs.append(line.text)
        before = line
    return paragraphs


def _goes_on(
    before: _Placed, line: _Placed, indented: bool, marks_indented: bool, full: float
) -> bool:
    """Whether a line behind a full one continues it."""
    if indented and line.indent < 0.8:
        return marks_indented or not line.marked
    if line.marked or _ends_right(line, full):
        return False
    if indented and line.indent > before.indent + 0.8 and not before.marked:
        return False
    ends = _ENDS if _HAN.search(before.text) else _LATIN_ENDS
    return not ends.search(before.text)


def _ends_right(line: _Placed, full: float) -> bool:
    """Whether a short line stands at the right, as signatures and dates do."""
    return line.known and line.indent > 6 and line.end > full and line.indent * 4 > line.end


def _joined(before: str, line: str) -> str:
    # Words of an alphabet need their space back; a number broken in two does not.
    words = before[-1].isascii() and line[0].isascii()
    numeric = re.search(r"\d[.,]?$", before) is not None and line[0].isdigit()
    return before + (" " if words and not numeric else "") + line
