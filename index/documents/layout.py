"""Pieces of text with their places on a page to lines in reading order.

Straightens a page that was scanned askew, joins the pieces of a line, and reads columns one after
the other where there are two. Pure geometry: it recognises nothing and joins no lines.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

Corners = Sequence[Sequence[float]]

# Columns of running text fill most of their width; the cells of a table do not.
_FILLED = 0.6
_LEAST_ROWS = 5


@dataclass(frozen=True)
class Piece:
    """A stretch of text and where it stands, in pixels from the top left."""

    text: str
    left: float
    top: float
    right: float
    bottom: float

    @property
    def height(self) -> float:
        """How tall it is."""
        return self.bottom - self.top

    @property
    def middle(self) -> float:
        """How far down its middle is."""
        return (self.top + self.bottom) / 2


def lines_of(found: Sequence[tuple[Corners, str]]) -> list[str]:
    """The page's lines as they are read, from corners (clockwise from top left) and texts."""
    pieces = _straightened([(corners, text.strip()) for corners, text in found if text.strip()])
    return [_joined(row) for row in rows_of(pieces)]


def rows_of(pieces: Sequence[Piece]) -> list[list[Piece]]:
    """The rows of a page in reading order, each from left to right; columns one after the other."""
    gutter = _gutter(pieces)
    if gutter is None:
        return _rows(pieces)
    rows: list[list[Piece]] = []
    left: list[Piece] = []
    right: list[Piece] = []
    for piece in sorted(pieces, key=lambda one: one.middle):
        if piece.left < gutter < piece.right:  # a heading over both columns ends them
            rows += [*_rows(left), *_rows(right), [piece]]
            left, right = [], []
        else:
            (left if piece.right <= gutter else right).append(piece)
    return [*rows, *_rows(left), *_rows(right)]


def _straightened(found: Sequence[tuple[Corners, str]]) -> list[Piece]:
    """Upright pieces, turned back by the slant that the long ones have in common."""
    slants = []
    for corners, _ in found:
        (x0, y0), (x1, y1) = corners[0], corners[1]
        if x1 - x0 > 0:
            slants.append((x1 - x0, math.atan2(y1 - y0, x1 - x0)))
    longest = sorted(slants, reverse=True)[: max(len(slants) // 2, 1)]
    slant = median(angle for _, angle in longest) if longest else 0.0
    cosine, sine = math.cos(slant), math.sin(slant)
    pieces = []
    for corners, text in found:
        across = [x * cosine + y * sine for x, y in corners]
        down = [y * cosine - x * sine for x, y in corners]
        pieces.append(Piece(text, min(across), min(down), max(across), max(down)))
    return pieces


def _gutter(pieces: Sequence[Piece]) -> float | None:
    """Where the space between two columns of text is, None on a page without."""
    if len(pieces) < 2 * _LEAST_ROWS:
        return None
    first, last = min(one.left for one in pieces), max(one.right for one in pieces)
    best: tuple[int, float] | None = None
    for step in range(35, 66):
        place = first + (last - first) * step / 100
        crossing = sum(one.left < place < one.right for one in pieces)
        # Among equals, the one in the middle of the space.
        space = min((abs(edge - place) for one in pieces for edge in (one.left, one.right)
                     if not one.left < place < one.right), default=0.0)  # fmt: skip
        if best is None or (crossing, -space) < best[:2]:
            best, gutter = (crossing, -space), place
    for side, width in (
        ([one for one in pieces if one.right <= gutter], gutter - first),
        ([one for one in pieces if one.left >= gutter], last - gutter),
    ):
        if len(side) < _LEAST_ROWS or median(one.right - one.left for one in side) < (
            _FILLED * width
        ):
            return None
    return gutter


def _rows(pieces: Sequence[Piece]) -> list[list[Piece]]:
    """The pieces in rows from top to bottom; what stands side by side is one row."""
    rows: list[list[Piece]] = []
    for piece in sorted(pieces, key=lambda one: one.middle):
        row = rows[-1] if rows else []
        level = sum(one.middle for one in row) / len(row) if row else 0.0
        if row and piece.middle - level < 0.5 * min(piece.height, max(one.height for one in row)):
            row.append(piece)
        else:
            rows.append([piece])
    return [sorted(row, key=lambda one: one.left) for row in rows]


def _joined(row: Sequence[Piece]) -> str:
    """One line, with a space where there is one on the page or two words would meet."""
    line = row[0].text
    for before, piece in pairwise(row):
        apart = piece.left - before.right > max(before.height, piece.height)
        words = re.search(r"[A-Za-z0-9]$", line) and re.match(r"[A-Za-z0-9]", piece.text)
        line += (" " if apart or words else "") + piece.text
    return line
