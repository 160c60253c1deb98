"""A page of a PDF as it is drawn: pieces of text with place and font, and how much pictures cover.

Interprets the operators that place text and pictures. Joins no lines to paragraphs and judges
nothing; nothing that is packed in a picture is unpacked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from index.documents.lines import Line
from index.documents.pdf_fonts import Face, Fonts
from index.documents.scan import check_pixels

Matrix = tuple[float, float, float, float, float, float]

_IDENTITY: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
_CELLS = 40  # along each side of a page, to add up what pictures cover
_DEEPEST = 6
_MOST_DRAWN = 5_000
# A gap of so many letters' width is a space: between words, and beside a Chinese character.
_WORD_GAP, _GAP = 0.15, 0.55


@dataclass(frozen=True)
class Piece:
    """A stretch of text that one font draws, in points from the page's upper left corner."""

    text: str
    left: float
    right: float
    top: float
    size: float
    font: int


@dataclass
class Page:
    """What a page draws. `covered` is the share of it under pictures."""

    pieces: list[Piece] = field(default_factory=list)
    cells: set[tuple[int, int]] = field(default_factory=set)
    noted: bool = False  # has notes or filled form fields, which are no part of its content

    @property
    def covered(self) -> float:
        """The share of the page under pictures."""
        return len(self.cells) / _CELLS**2

    def lines(self, unmapped: frozenset[int] = frozenset()) -> list[Line]:
        """The lines in the order they are drawn, without what the fonts `unmapped` draw.

        What is drawn on one line after each other is read from left to right: some writers draw
        the signs of another font first.
        """
        rows: list[list[Piece]] = []
        for piece in self.pieces:
            if piece.font in unmapped:
                continue
            row = rows[-1] if rows else []
            if row and abs(piece.top - row[0].top) < 0.4 * max(piece.size, row[0].size):
                row.append(piece)
            else:
                rows.append([piece])
        return [_line(sorted(row, key=lambda one: one.left)) for row in rows]

    def text_of(self, font: int) -> str:
        """What one font draws."""
        return "\n".join(piece.text for piece in self.pieces if piece.font == font)


def _line(row: Sequence[Piece]) -> Line:
    text = ""
    right = row[0].left
    for piece in row:
        gap = (piece.left - right) / max(piece.size, 0.1)
        words = text[-1:].isascii() and piece.text[:1].isascii()
        spaced = text[-1:].isspace() or piece.text[:1].isspace() or not text
        text += (" " if gap > (_WORD_GAP if words else _GAP) and not spaced else "") + piece.text
        right = max(right, piece.right)
    shown = [piece for piece in row if piece.text.strip()] or row
    return Line(text, shown[0].left, shown[0].top, max(max(one.size for one in shown), 0.1))


def read_page(page: Any, fonts: Fonts, name: str) -> Page:
    """Read a page of pypdf. Raises DocumentFault for a picture that would fill the memory."""
    box = page.mediabox
    left, lower, right, upper = (float(each) for each in (box.left, box.bottom, box.right, box.top))
    turned = int(page.rotation or 0) % 360
    upright: dict[int, Matrix] = {
        0: (1, 0, 0, 1, -left, -lower),
        90: (0, -1, 1, 0, -lower, right),
        180: (-1, 0, 0, -1, right, upper),
        270: (0, 1, -1, 0, upper, -left),
    }
    size = (right - left, upper - lower)
    wide, high = size if turned % 180 == 0 else (size[1], size[0])
    read = Page()
    contents = page.get_contents()
    if contents is not None:
        drawing = _Drawing(read, page.pdf, fonts, name, max(wide, 1e-6), max(high, 1e-6))
        drawing.draw(contents, page.get("/Resources"), upright.get(turned, upright[0]), 0)
    read.noted = any(map(_says_something, _annotations(page)))
    return read


def _annotations(page: Any) -> list[Any]:
    held = page.get("/Annots")
    held = held.get_object() if held is not None else None
    return [each.get_object() for each in held] if isinstance(held, list) else []


def _says_something(annotation: Any) -> bool:
    """Whether an annotation shows text: a typed note, or a form field that is filled in."""
    if not isinstance(annotation, dict):
        return False
    kind = annotation.get("/Subtype")
    shown = annotation.get("/Contents" if kind == "/FreeText" else "/V")
    return kind in {"/FreeText", "/Widget"} and isinstance(shown, str) and len(shown.strip()) > 1


def _product(inner: Matrix, outer: Matrix) -> Matrix:
    a, b, c, d, e, f = inner
    g, h, i, j, k, m = outer
    return (a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j,
            e * g + f * i + k, e * h + f * j + m)  # fmt: skip


def _numbers(operands: Sequence[Any], count: int) -> list[float]:
    """The last operands as numbers; those that are none count as nothing."""
    found = []
    for each in list(operands)[-count:]:
        try:
            found.append(float(each))
        except (TypeError, ValueError):
            found.append(0.0)
    return [0.0] * (count - len(found)) + found


def _matrix(operands: Sequence[Any]) -> Matrix:
    a, b, c, d, e, f = _numbers(operands, 6)
    return a, b, c, d, e, f


@dataclass(frozen=True)
class _State:
    """What holds until it is set again or restored."""

    matrix: Matrix
    face: Face | None = None
    size: float = 0.0
    between: float = 0.0  # letters
    words: float = 0.0  # and words
    wide: float = 1.0
    leading: float = 0.0
    rise: float = 0.0


class _Drawing:
    """Interprets the content of a page, and of the forms in it."""

    def __init__(
        self, page: Page, pdf: Any, fonts: Fonts, name: str, wide: float, high: float
    ) -> None:
        self.page = page
        self.pdf = pdf
        self.fonts = fonts
        self.name = name
        self.wide = wide
        self.high = high
        self.drawn = 0

    def draw(self, contents: Any, resources: Any, matrix: Matrix, depth: int) -> None:
        """Interpret a stream."""
        from pypdf.generic import ContentStream

        held = resources.get_object() if resources is not None else {}
        faces = _entries(held, "/Font")
        objects = _entries(held, "/XObject")
        self._check(objects)
        state = _State(matrix)
        stack: list[_State] = []
        start = now = _IDENTITY  # of the line, and of the next letter
        for operands, operator in ContentStream(contents, self.pdf, "bytes").operations:
            if operator == b"q":
                stack.append(state)
            elif operator == b"Q":
                state = stack.pop() if stack else state
            elif operator == b"cm":
                state = replace(state, matrix=_product(_matrix(operands), state.matrix))
            elif operator == b"BT":
                start = now = _IDENTITY
            elif operator in _PLACING:
                start, state = _moved(operator, operands, start, state)
                now = start
            elif operator == b"Tf":
                font = faces.get(operands[0]) if operands else None
                face = self.fonts.face(font)
                state = replace(state, face=face, size=_numbers(operands, 1)[0])
            elif operator in _SETTINGS and operands:
                state = _set(operator, _numbers(operands, 1)[0], state)
            if operator in _SHOWING and operands:
                given = operands[-1] if operator != b"TJ" else operands[0]
                now = self._show(given, now, state)
            elif operator == b"INLINE IMAGE":
                self._cover(state.matrix)
            elif operator == b"Do" and operands and operands[0] in objects:
                self._place(objects[operands[0]].get_object(), resources, state.matrix, depth)

    def _check(self, objects: dict[str, Any]) -> None:
        for each in objects.values():
            size = [each.get_object().get(side, 0) for side in ("/Width", "/Height")]
            if all(isinstance(side, int) for side in size):
                check_pixels(size[0], size[1], self.name)

    def _place(self, target: Any, resources: Any, matrix: Matrix, depth: int) -> None:
        self.drawn += 1
        if self.drawn > _MOST_DRAWN:
            return
        if target.get("/Subtype") == "/Image":
            self._cover(matrix)
        elif target.get("/Subtype") == "/Form" and depth < _DEEPEST:
            inner = _product(_matrix(target.get("/Matrix", _IDENTITY)), matrix)
            self.draw(target, target.get("/Resources", resources), inner, depth + 1)

    def _cover(self, matrix: Matrix) -> None:
        corners = [_product((1, 0, 0, 1, x, y), matrix)[4:] for x in (0, 1) for y in (0, 1)]
        across = [x / self.wide * _CELLS for x, _ in corners]
        up = [y / self.high * _CELLS for _, y in corners]
        self.page.cells |= {
            (column, row)
            for column in range(max(round(min(across)), 0), min(round(max(across)), _CELLS))
            for row in range(max(round(min(up)), 0), min(round(max(up)), _CELLS))
        }

    def _show(self, given: Any, now: Matrix, state: _State) -> Matrix:
        """Draw a string, or strings with moves between them; gives where the next letter goes."""
        if state.face is None:
            return now
        for each in given if isinstance(given, list) else [given]:
            if isinstance(each, (bytes, str)):
                now = self._string(each, now, state)
            elif isinstance(each, (int, float)):
                shift = -float(each) / 1000 * state.size * state.wide
                now = _product((1, 0, 0, 1, shift, 0), now)
        return now

    def _string(self, given: bytes | str, now: Matrix, state: _State) -> Matrix:
        assert state.face is not None
        text, width, letters, spaces = state.face.read(given)
        shift = width / 1000 * state.size + state.between * letters + state.words * spaces
        after = _product((1, 0, 0, 1, shift * state.wide, 0), now)
        place = _product((1, 0, 0, 1, 0, state.rise), _product(now, state.matrix))
        end = _product(after, state.matrix)
        scale = (place[2] ** 2 + place[3] ** 2) ** 0.5
        if text:
            self.page.pieces.append(
                Piece(
                    text, place[4], max(end[4], place[4]), self.high - place[5],
                    max(abs(state.size) * scale, 0.1), state.face.number,
                )
            )  # fmt: skip
        return after


_SETTINGS = frozenset({b"Tc", b"Tw", b"Tz", b"TL", b"Ts"})
_PLACING = frozenset({b"Td", b"TD", b"Tm", b"T*", b"'", b'"'})
_SHOWING = frozenset({b"Tj", b"TJ", b"'", b'"'})


def _set(operator: bytes, value: float, state: _State) -> _State:
    if operator == b"Tc":
        return replace(state, between=value)
    if operator == b"Tw":
        return replace(state, words=value)
    if operator == b"Tz":
        return replace(state, wide=value / 100)
    return replace(state, leading=value) if operator == b"TL" else replace(state, rise=value)


def _moved(
    operator: bytes, operands: Sequence[Any], start: Matrix, state: _State
) -> tuple[Matrix, _State]:
    """Where a line begins after an operator that moves to another, and what it sets besides."""
    if operator == b"Tm":
        return _matrix(operands), state
    across, up = 0.0, -state.leading
    if operator in {b"Td", b"TD"}:
        across, up = _numbers(operands, 2)
        if operator == b"TD":
            state = replace(state, leading=-up)
    elif operator == b'"' and len(operands) >= 3:
        words, between = _numbers(operands[:2], 2)
        state = replace(state, words=words, between=between)
    return _product((1, 0, 0, 1, across, up), start), state


def _entries(held: Any, name: str) -> dict[str, Any]:
    found = held.get(name) if isinstance(held, dict) else None
    found = found.get_object() if found is not None else {}
    return dict(found.items()) if isinstance(found, dict) else {}
