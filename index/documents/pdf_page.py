"""A page of a PDF as it is drawn: pieces of text with place and font, and how much pictures cover.

Joins no lines to paragraphs and judges nothing; nothing that is packed in a picture is unpacked.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from index.documents.pages import Line
from index.documents.scan import check_pixels

Matrix = Sequence[float]

_IDENTITY: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
_CELLS = 40  # along each side of a page, to add up what pictures cover
_DEEPEST = 6
_MOST_DRAWN = 5_000
_SYMBOLIC = 4
# Below this many letters it matters what else is on a page.
FEW_LETTERS = 400


@dataclass(frozen=True)
class Piece:
    """A stretch of text that one font draws; a line break is a piece of its own text."""

    text: str
    left: float
    top: float
    size: float
    font: int


@dataclass(frozen=True)
class Page:
    """What a page draws. `covered` is the share of it under pictures, 0 where text is plenty."""

    pieces: tuple[Piece, ...]
    covered: float

    def lines(self, unmapped: frozenset[int] = frozenset()) -> list[Line]:
        """The lines in the order they are drawn, without what the fonts `unmapped` draw."""
        lines: list[Line] = []
        texts: list[str] = []
        place: Piece | None = None
        for piece in self.pieces:
            first, *others = piece.text.split("\n")
            for number, part in enumerate([first, *others]):
                if number:
                    lines.append(_line(texts, place))
                    texts, place = [], None
                if piece.font in unmapped:
                    continue
                texts.append(part)
                if place is None and part.strip():
                    place = piece
        lines.append(_line(texts, place))
        return [line for line in lines if line.text.strip()]

    def text_of(self, font: int) -> str:
        """What one font draws."""
        return "\n".join(piece.text for piece in self.pieces if piece.font == font)


def _line(texts: list[str], place: Piece | None) -> Line:
    text = "".join(texts)
    return Line(text, place.left, place.top, place.size) if place else Line(text)


class Fonts:
    """The fonts of a document by number, and whether they say what their characters are."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self.doubtful: set[int] = set()

    def number(self, font: Any) -> int:
        """The number of a font dictionary; 0 where there is none."""
        if not font:
            return 0
        reference = getattr(font, "indirect_reference", None)
        key = f"{reference.idnum} {reference.generation}" if reference else str(id(font))
        if key not in self._numbers:
            self._numbers[key] = len(self._numbers) + 1
            if _is_doubtful(font):
                self.doubtful.add(self._numbers[key])
        return self._numbers[key]


def _is_doubtful(font: Any) -> bool:
    """Whether nothing in a font says which characters its numbers stand for."""
    if "/ToUnicode" in font:
        return False
    kind = font.get("/Subtype")
    encoding = font.get("/Encoding")
    encoding = encoding.get_object() if encoding is not None else None
    if kind == "/Type0":
        return not isinstance(encoding, str) or str(encoding).startswith("/Identity")
    differences = encoding.get("/Differences", ()) if isinstance(encoding, dict) else ()
    names = [str(each) for each in differences if isinstance(each, str)]
    if names:
        meaningless = sum(any(char.isdigit() for char in name) for name in names)
        return meaningless * 2 > len(names)
    if encoding is not None:
        return False
    descriptor = font.get("/FontDescriptor")
    flags = descriptor.get_object().get("/Flags", 0) if descriptor is not None else 0
    embedded = descriptor is not None and any(
        f"/FontFile{number}" in descriptor.get_object() for number in ("", "2", "3")
    )
    return kind == "/Type3" or bool(embedded and int(flags) & _SYMBOLIC)


def read_page(page: Any, fonts: Fonts, name: str) -> Page:
    """Read a page of pypdf. Raises DocumentFault for a picture that would fill the memory."""
    box = page.mediabox
    left, upper = float(box.left), float(box.top)
    upright = int(page.rotation or 0) % 360 == 0
    pieces: list[Piece] = []

    def seen(text: str, outer: Matrix, inner: Matrix, font: Any, size: float) -> None:
        if not text:
            return
        matrix = _product(inner, outer)
        scale = abs(matrix[3]) or abs(matrix[1])
        known = upright and abs(matrix[1]) < 1e-3 * max(scale, 1e-9)
        place = (matrix[4] - left, upper - matrix[5]) if known else (0.0, 0.0)
        height = abs(size) * scale if known else 0.0
        pieces.append(Piece(text, *place, height, fonts.number(font)))

    page.extract_text(visitor_text=seen)
    letters = sum(char.isalpha() for piece in pieces for char in piece.text)
    return Page(tuple(pieces), _covered(page, name) if letters < FEW_LETTERS else 0.0)


def _product(inner: Matrix, outer: Matrix) -> Matrix:
    a, b, c, d, e, f = (float(each) for each in inner)
    g, h, i, j, k, m = (float(each) for each in outer)
    return (a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j,
            e * g + f * i + k, e * h + f * j + m)  # fmt: skip


def _covered(page: Any, name: str) -> float:
    """The share of a page that pictures cover."""
    box = page.mediabox
    left, lower = float(box.left), float(box.bottom)
    width, height = max(float(box.width), 1e-6), max(float(box.height), 1e-6)
    covered: set[tuple[int, int]] = set()
    contents = page.get_contents()
    if contents is None:
        return 0.0
    for matrix in _drawn(contents, page, page.pdf, _IDENTITY, name, 0):
        corners = [_product((1, 0, 0, 1, x, y), matrix)[4:] for x in (0, 1) for y in (0, 1)]
        across = [(x - left) / width * _CELLS for x, _ in corners]
        up = [(y - lower) / height * _CELLS for _, y in corners]
        covered |= {
            (column, row)
            for column in range(max(round(min(across)), 0), min(round(max(across)), _CELLS))
            for row in range(max(round(min(up)), 0), min(round(max(up)), _CELLS))
        }
    return len(covered) / _CELLS**2


def _drawn(
    contents: Any, holder: Any, pdf: Any, matrix: Matrix, name: str, depth: int
) -> Iterator[Matrix]:
    """The matrix of every picture that a page, or a form in it, draws."""
    from pypdf.generic import ContentStream

    resources = holder.get("/Resources")
    objects = resources.get_object().get("/XObject") if resources is not None else None
    objects = objects.get_object() if objects is not None else {}
    for each in objects.values():
        size = [each.get_object().get(side, 0) for side in ("/Width", "/Height")]
        if all(isinstance(side, int) for side in size):
            check_pixels(size[0], size[1], name)
    if not objects and b"BI" not in contents.get_data():
        return
    stack = [matrix]
    now = matrix
    drawn = 0
    for operands, operator in ContentStream(contents, pdf).operations:
        if operator == b"q":
            stack.append(now)
        elif operator == b"Q":
            now = stack.pop() if len(stack) > 1 else stack[0]
        elif operator == b"cm" and len(operands) == 6:
            now = _product(operands, now)
        elif operator == b"INLINE IMAGE":
            yield now
        elif operator == b"Do" and operands and operands[0] in objects and drawn < _MOST_DRAWN:
            drawn += 1
            target = objects[operands[0]].get_object()
            if target.get("/Subtype") == "/Image":
                yield now
            elif target.get("/Subtype") == "/Form" and depth < _DEEPEST:
                inner = _product(target.get("/Matrix", _IDENTITY), now)
                yield from _drawn(target, target, pdf, inner, name, depth + 1)
