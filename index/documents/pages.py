"""Lines of pages to paragraphs: without what is furniture of the page, wrapped lines joined again.

Works for every kind of pages, PDF, OFD and recognised ones; where the places of the lines are known
they are heeded. What is furniture is decided in furniture.py. It reads no files.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from index.documents.openings import MARKER

_ENDS = re.compile(r"[。；：！？…][”’」』）》〕】)\]\"']*$")
_LATIN_ENDS = re.compile(r"[.;:!?][\"')\]]*$")
_HAN = re.compile(r"[㐀-鿿〇]")
_SPACED = re.compile(r"(?<=[㐀-鿿〇，。、；：]) +(?=[㐀-鿿〇，。、；：])")
# PDF writers often name a glyph by its radical: ⼀ for 一, ⻓ for 长. NFKC mends the first block,
# this table the second.
_RADICALS = dict(
    zip(
        "⺟⺠⻁⻄⻅⻆⻉⻋⻓⻔⻘⻙⻚⻛⻜⻝⻢⻣⻤⻥⻦⻧⻨⻩⻬⻮⻰⻳",
        "母民虎西见角贝车长门青韦页风飞食马骨鬼鱼鸟卤麦黄齐齿龙龟",
        strict=True,
    )
)
_RADICALS |= {chr(code): unicodedata.normalize("NFKC", chr(code)) for code in range(0x2F00, 0x2FD6)}
_RADICALS["⼾"] = "户"  # NFKC gives the traditional form
_LIGATURES = {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"}
_MENDED = str.maketrans(_RADICALS | _LIGATURES)
_FEW_LINES = 5
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f\x7f\ufeff\u200b]")


@dataclass(frozen=True)
class Line:
    """A line of a page and where it stands; a `size` of 0 says that its place is not known.

    `left` and `top` (of the baseline) are measured from the page's upper left corner.
    """

    text: str
    left: float = 0.0
    top: float = 0.0
    size: float = 0.0


def usual(lines: Iterable[Line]) -> list[Line]:
    """The lines in usual characters: radicals mended, letter-spacing closed; none of them empty."""
    mended = []
    for line in lines:
        text = _CONTROLS.sub("", line.text.translate(_MENDED)).strip()
        pairs = len(re.findall(r"(?<=[㐀-鿿〇]) *(?=[㐀-鿿〇])", text))
        if len(_SPACED.findall(text)) * 2 >= pairs:  # 第 一 章, or justified text
            text = _SPACED.sub("", text)
        if text:
            mended.append(replace(line, text=text))
    return mended


def paragraphs_of(pages: Sequence[Sequence[Line]]) -> str:
    """The text of all pages, one paragraph a line, without what is repeated on each page."""
    from index.documents.furniture import without_furniture

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


def pitch(pages: Sequence[Sequence[Line]]) -> float:
    """The distance between lines that wrap, 0 where it is not known."""
    steps = []
    for page in pages:
        tops = sorted({round(line.top, 1) for line in page if line.size})
        steps += [b - a for a, b in pairwise(tops) if b - a > 1]
    # What stands apart, such as furniture and headings, takes up no more than three quarters.
    return sorted(steps)[len(steps) // 4] if steps else 0.0
