"""Reads OFD (.ofd, GB/T 33190): the text of its pages, placed by their coordinates.

Templates of pages count as drawn on them; signatures, annotations and attachments do not. Pages
that are pictures are treated as those of PDF are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from index.documents.archive import Archive, Kind, resolved
from index.documents.layout import Piece, rows_of
from index.documents.lines import Line
from index.documents.pages import paragraphs_of
from index.documents.readable import is_language
from index.documents.scan import Pictures, Recognise
from index.documents.unread import recognised, scans
from index.errors import DocumentFault
from prompts.notices import notice

MAX_PAGES = 1_000
_KIND = Kind(notice("export-ofd-or-text"), notice("export-ofd"))
_POINTS = 72 / 25.4  # a millimetre in points
_CELLS = 40
_PICTURE_HEADS = (b"\x89PNG\r\n", b"\xff\xd8\xff")
_PAPER = (0.0, 0.0, 210.0, 297.0)
# A gap of so many letters' width is a space.
_GAP, _WORD_GAP = 0.4, 0.15


def read_ofd(data: bytes, name: str, recognise: Recognise) -> tuple[str, str | None, list[str]]:
    """Text, the declared title if the text repeats it, and warnings.

    Raises DocumentFault for damaged and hostile archives, and for those that cannot be read.
    """
    archive = Archive(data, name, _KIND)
    if not archive.has("OFD.xml"):
        raise DocumentFault("zip-no-ofd", name=name)
    if archive.has("Encryptions.xml"):
        raise DocumentFault("needs-a-password", name=name)
    texts: list[str] = []
    warnings: list[str] = []
    declared = ""
    count = 0
    try:
        for body in _named(archive.xml("OFD.xml"), "DocBody"):
            document = _Document(archive, _first_text(body, "DocRoot"))
            count += len(document.pages)
            if count > MAX_PAGES:
                raise DocumentFault("too-many-pages", name=name, count=count, most=MAX_PAGES)
            declared = declared or _first_text(body, "Title")
            text, told = _read(document, name, recognise)
            texts.append(text)
            warnings += told
    except (DocumentFault, MemoryError):
        raise
    except Exception as error:  # broken parts make the reader raise almost anything
        raise archive.damage() from error
    text = "\n".join(each for each in texts if each)
    repeated = re.sub(r"\s+", "", declared) in re.sub(r"\s+", "", text)
    return text, declared if declared and repeated else None, warnings


def _read(document: _Document, name: str, recognise: Recognise) -> tuple[str, list[str]]:
    """Text and warnings of one of the documents in the archive."""
    pages = [document.page(path) for path in document.pages]
    if not pages:
        return "", []
    lines = [_lines(page.pieces) for page in pages]
    pictured = scans([page.covered for page in pages], lines)
    garbled = [
        at for at, page in enumerate(lines) if not is_language("\n".join(x.text for x in page))
    ]
    for at in garbled:
        lines[at] = []

    def seen(wanted: Sequence[int]) -> list[list[str]]:
        drawn = [pages[at].largest for at in wanted]
        files = tuple(each for each in drawn if each.startswith(_PICTURE_HEADS))
        found = iter(recognise(Pictures(b"", name, files=files)) if files else ())
        return [next(found) if each.startswith(_PICTURE_HEADS) else [] for each in drawn]

    warnings = recognised(name, lines, pictured, garbled, seen)
    return paragraphs_of(lines), warnings


def _local(element: Any) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _named(element: Any, *names: str) -> Iterator[Any]:
    """The elements of these names in an element, whatever prefix they have."""
    return (each for each in element.iter() if _local(each) in names)


def _first_text(element: Any, name: str) -> str:
    return next(((each.text or "").strip() for each in _named(element, name)), "")


def _numbers(text: str | None) -> list[float]:
    return [float(each) for each in re.findall(r"-?\d+(?:\.\d+)?", text or "")]


def _box(element: Any, name: str) -> tuple[float, float, float, float] | None:
    numbers = _numbers(element.get(name))
    return (numbers[0], numbers[1], numbers[2], numbers[3]) if len(numbers) >= 4 else None


@dataclass
class _Page:
    """What a page draws: pieces of text in millimetres, and how much of it pictures cover."""

    pieces: list[Piece] = field(default_factory=list)
    cells: set[tuple[int, int]] = field(default_factory=set)
    largest: bytes = b""
    size: float = 0.0

    @property
    def covered(self) -> float:
        """The share of the page under pictures."""
        return len(self.cells) / _CELLS**2


class _Document:
    """One of the documents in an archive: where its pages, templates and pictures are."""

    def __init__(self, archive: Archive, root: str) -> None:
        self._archive = archive
        self._root = resolved("", root)
        tree = archive.xml(self._root)
        self.pages = [
            self._at(self._root, each.get("BaseLoc") or "")
            for holder in _named(tree, "Pages")
            for each in holder
            if _local(each) == "Page"
        ]
        self._templates = {
            each.get("ID"): self._at(self._root, each.get("BaseLoc") or "")
            for each in _named(tree, "TemplatePage")
        }
        self._area = next((_numbers(each.text) for each in _named(tree, "PhysicalBox")), [])
        self._media: dict[str, str] = {}
        self._units: dict[str, Any] = {}
        self._trees: dict[str, Any] = {}
        for each in _named(tree, "PublicRes", "DocumentRes"):
            self._resources(self._at(self._root, (each.text or "").strip()))

    def _at(self, part: str, target: str) -> str:
        """The path of a part that another names; some programs name it from the root."""
        path = resolved(part, target)
        return path if self._archive.has(path) else resolved("", target)

    def _tree(self, path: str) -> Any:
        if path not in self._trees:
            self._trees[path] = self._archive.xml(path)
        return self._trees[path]

    def _resources(self, path: str) -> None:
        if not self._archive.has(path):
            return
        tree = self._tree(path)
        folder = resolved(path, (tree.get("BaseLoc") or "") + "/x")
        for each in _named(tree, "MultiMedia"):
            self._media[each.get("ID")] = resolved(folder, _first_text(each, "MediaFile"))
        for each in _named(tree, "CompositeGraphicUnit"):
            self._units[each.get("ID")] = each

    def page(self, path: str) -> _Page:
        """Read a page with its templates."""
        tree = self._tree(path)
        for each in _named(tree, "PageRes"):
            self._resources(self._at(path, (each.text or "").strip()))
        area = next((_numbers(each.text) for each in _named(tree, "PhysicalBox")), self._area)
        paper = tuple(area) if len(area) == 4 and area[2] > 0 and area[3] > 0 else _PAPER
        page = _Page()
        for each in _named(tree, "Template"):
            template = self._templates.get(each.get("TemplateID"))
            if template and self._archive.has(template):
                self._draw(self._tree(template), page, paper, 0.0, 0.0, 0)
        self._draw(tree, page, paper, 0.0, 0.0, 0)
        return page

    def _draw(
        self, tree: Any, page: _Page, paper: Sequence[float], x: float, y: float, depth: int
    ) -> None:
        for each in _named(tree, "TextObject", "ImageObject", "CompositeObject"):
            if each.get("Visible") == "false":
                continue
            box = _box(each, "Boundary") or (0.0, 0.0, 0.0, 0.0)
            if _local(each) == "TextObject":
                page.pieces += _pieces(each, box[0] + x, box[1] + y)
            elif _local(each) == "ImageObject":
                self._cover(each, page, paper, (box[0] + x, box[1] + y, box[2], box[3]))
            elif depth < 4 and each.get("ResourceID") in self._units:
                unit = self._units[each.get("ResourceID")]
                self._draw(unit, page, paper, box[0] + x, box[1] + y, depth + 1)

    def _cover(
        self, element: Any, page: _Page, paper: Sequence[float], box: Sequence[float]
    ) -> None:
        left, right = ((at - paper[0]) / paper[2] * _CELLS for at in (box[0], box[0] + box[2]))
        top, bottom = ((at - paper[1]) / paper[3] * _CELLS for at in (box[1], box[1] + box[3]))
        page.cells |= {
            (column, row)
            for column in range(max(round(left), 0), min(round(right), _CELLS))
            for row in range(max(round(top), 0), min(round(bottom), _CELLS))
        }
        media = self._media.get(element.get("ResourceID") or "", "")
        if box[2] * box[3] > page.size and media and self._archive.has(media):
            page.size = box[2] * box[3]
            page.largest = self._archive.read(media)


# --- text ----------------------------------------------------------------------------------


def _pieces(element: Any, x: float, y: float) -> Iterator[Piece]:
    """The stretches of a text object, from its upper left corner on the page."""
    size = float(element.get("Size") or 4.0)
    matrix = _numbers(element.get("CTM"))
    matrix = matrix if len(matrix) == 6 else [1.0, 0.0, 0.0, 1.0, 0.0, 0.0]
    shown = size * (abs(matrix[3]) or abs(matrix[1]) or 1.0)
    across, down = 0.0, 0.0
    for code in _named(element, "TextCode"):
        text = re.sub(r"[\r\n]+", "", code.text or "")
        across = float(code.get("X") or across)
        down = float(code.get("Y") or down)
        for part, left, top, right in _stretches(text, code, across, down, size):
            if part.strip():
                a, b, c, d, e, f = matrix
                start = (a * left + c * top + e, b * left + d * top + f)
                end = a * right + c * top + e
                yield Piece(
                    part, x + start[0], y + start[1] - shown, max(x + end, x + start[0]),
                    y + start[1],
                )  # fmt: skip


def _stretches(
    text: str, code: Any, across: float, down: float, size: float
) -> Iterator[tuple[str, float, float, float]]:
    """The text where its letters stand on one line: part, left, baseline, right."""
    steps = _steps(code.get("DeltaX"), len(text))
    falls = _steps(code.get("DeltaY"), len(text))
    part, start = "", across
    right = across
    for at, char in enumerate(text):
        part += char
        right = across + size * (1.0 if ord(char) > 0x2E7F else 0.5)
        step = steps[at] if at < len(steps) else right - across
        fall = falls[at] if at < len(falls) else 0.0
        if abs(fall) > size * 0.5:
            yield part, start, down, right
            part, start = "", across + step
        elif step > size * 1.9 and not char.isspace() and at + 1 < len(text):
            part += " "
        across += step
        down += fall
    yield part, start, down, right


def _steps(text: str | None, count: int) -> list[float]:
    """The distances between letters; `g 3 5` stands for three times 5."""
    steps: list[float] = []
    tokens = (text or "").split()
    at = 0
    while at < len(tokens) and len(steps) < count:
        if tokens[at] == "g" and at + 2 < len(tokens):
            times = min(int(float(tokens[at + 1])), count)
            steps += [float(tokens[at + 2])] * max(times, 0)
            at += 3
        else:
            steps.append(float(tokens[at]))
            at += 1
    return steps


def _lines(pieces: Sequence[Piece]) -> list[Line]:
    """The lines of a page in reading order."""
    lines = []
    for row in rows_of(_runs(pieces)):
        first = row[0]
        lines.append(
            Line(
                _joined(row), first.left * _POINTS, first.bottom * _POINTS,
                max(first.height * _POINTS, 0.1),
            )
        )  # fmt: skip
    return lines


def _runs(pieces: Sequence[Piece]) -> list[Piece]:
    """Pieces that follow each other on a line, be they words or letters, as one."""
    levels: list[list[Piece]] = []
    for piece in sorted(pieces, key=lambda one: one.bottom):
        level = levels[-1] if levels else []
        if level and piece.bottom - level[0].bottom < 0.3 * min(piece.height, level[0].height):
            level.append(piece)
        else:
            levels.append([piece])
    runs: list[Piece] = []
    ordered = [piece for level in levels for piece in sorted(level, key=lambda one: one.left)]
    for piece in ordered:
        last = runs[-1] if runs else None
        near = (
            last is not None
            and abs(last.bottom - piece.bottom) < 0.3 * min(last.height, piece.height)
            and -0.5 * piece.height < piece.left - last.right < 2 * piece.height
        )
        if near and last is not None:
            runs[-1] = Piece(
                _joined([last, piece]), last.left, min(last.top, piece.top),
                max(last.right, piece.right), max(last.bottom, piece.bottom),
            )  # fmt: skip
        else:
            runs.append(piece)
    return runs


def _joined(row: Sequence[Piece]) -> str:
    """The text of pieces beside each other, with a space where there is one on the page."""
    line = row[0].text
    for before, piece in pairwise(row):
        gap = (piece.left - before.right) / max(piece.height, 0.1)
        words = line[-1:].isascii() and piece.text[:1].isascii()
        spaced = line[-1:].isspace() or piece.text[:1].isspace()
        line += (" " if gap > (_WORD_GAP if words else _GAP) and not spaced else "") + piece.text
    return line
