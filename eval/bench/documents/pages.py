"""PDF and OFD files of a known text, laid out line by line on pages with heads and feet.

Lines break as in Chinese print: no stop begins a line, no opening bracket ends one.
"""

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from eval.bench.documents.texts import Block, Text

if TYPE_CHECKING:
    from reportlab.pdfgen.canvas import Canvas

HEADS = ("none", "gazette", "mirrored", "title", "deep", "browser", "dashed", "pages")
_NEVER_FIRST = "，。、；：！？）》”〕%"
_NEVER_LAST = "（《“〔"


@dataclass(frozen=True)
class Layout:
    """How a text is laid out: letters a line, lines a page, indents, size of letters in points."""

    letters: int
    lines: int
    indent: bool
    hanging: bool
    centred: bool
    size: float
    left: float

    @staticmethod
    def of(seed: int) -> Layout:
        """One of many layouts."""
        dice = random.Random(seed)
        size = dice.choice((10.5, 12.0, 14.0, 16.0))
        letters = int(dice.choice((430, 450, 470)) / size)
        indent = dice.random() < 0.8
        return Layout(letters, int(620 / (size * 1.7)), indent, indent and dice.random() < 0.2,
                      dice.random() < 0.8, size, dice.choice((57.0, 72.0, 80.0)))  # fmt: skip


@dataclass(frozen=True)
class _Line:
    text: str
    shift: float  # in letters from the left margin


def _width(text: str) -> float:
    return sum(1.0 if ord(char) > 0x2E7F or char in "“”" else 0.5 for char in text)


def _wrapped(block: Block, layout: Layout) -> Iterator[_Line]:
    """The lines of a block."""
    text = block.line
    if block.kind in {"title", "number", "chapter"} and layout.centred:
        while text:
            part = text[: layout.letters - 6]
            yield _Line(part, max((layout.letters - _width(part)) / 2, 0.0))
            text = text[len(part) :]
        return
    if block.kind == "sign":
        yield _Line(text, max(layout.letters - _width(text) - 2, 0.0))
        return
    hanging = layout.hanging and block.kind in {"item", "point"}
    shift = 2.0 if layout.indent else 0.0
    while text:
        count, wide = 0, 0.0
        while count < len(text) and wide + _width(text[count]) <= layout.letters - shift:
            wide += _width(text[count])
            count += 1
        if count < len(text):
            count = line_end(text, count)
        yield _Line(text[:count].rstrip(), shift)
        text = text[count:].lstrip()
        shift = 4.0 if hanging else 0.0


def line_end(text: str, count: int) -> int:
    """Where a line may end, near where it is full."""
    if text[count] in _NEVER_FIRST and count + 1 <= len(text):
        count += 1
    while count > 1 and (
        text[count - 1] in _NEVER_LAST
        or (text[count - 1].isalnum() and text[count - 1].isascii()
            and count < len(text) and text[count].isascii() and text[count].isalnum())
    ):  # fmt: skip
        count -= 1
    return count


def _pages(text: Text, layout: Layout) -> list[list[_Line]]:
    lines = [line for block in text.blocks for line in _wrapped(block, layout)]
    return [lines[at : at + layout.lines] for at in range(0, len(lines), layout.lines)]


@dataclass(frozen=True)
class _Mark:
    """A line of furniture: place in points from the upper left, size."""

    left: float
    top: float
    size: float
    text: str


def _marks(kind: str, page: int, count: int, title: str) -> list[_Mark]:
    """Heads and feet of one page; what does not repeat cannot be told from text."""
    number = page + 11
    if count == 1 and kind not in {"browser", "dashed", "pages"}:
        return []
    if kind == "gazette":
        return [_Mark(57, 40, 9, "人民政府公报 2024年第5期"),
                _Mark(57, 800, 9, f"2024年第5期（总第301期） {number}")]  # fmt: skip
    if kind == "mirrored":
        name = ("市政府规章", "人民政府公报 2024年第5期")[page % 2]
        return [_Mark(57, 40, 9, name), _Mark((57, 520)[page % 2], 800, 9, str(number))]
    if kind == "title":
        head = [_Mark(57, 40, 9, title)] if page else []
        return [*head, _Mark(290, 800, 10, f"- {page + 1} -")]
    if kind == "deep":
        return [_Mark(57, 30, 9, "人民政府公报"), _Mark(57, 42, 9, "2024年第5期"),
                _Mark(57, 54, 9, "规章选登"), _Mark(290, 800, 9, f"— {page + 1} —")]  # fmt: skip
    if kind == "browser":
        return [_Mark(24, 20, 8, "2024/5/6 10:23"), _Mark(250, 20, 8, f"{title}_政府网"),
                _Mark(24, 830, 8, "https://www.example.gov.cn/gongbao/2024/05/t1_2.html"),
                _Mark(560, 830, 8, f"{page + 1}/{count}")]  # fmt: skip
    if kind == "dashed":
        return [_Mark(290, 800, 10, f"— {page + 1} —")]
    if kind == "pages":
        return [_Mark(260, 800, 10, f"第 {page + 1} 页 共 {count} 页")]
    return []


def pdf_file(text: Text, heads: str, seed: int) -> bytes:
    """A .pdf of the text."""
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.pdfgen.canvas import Canvas

    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    layout = Layout.of(seed)
    pages = _pages(text, layout)
    canvas = Canvas(buffer := io.BytesIO(), pagesize=(595, 842))
    canvas.setTitle(text.title)
    for page, lines in enumerate(pages):
        marks = _marks(heads, page, len(pages), text.title)
        first = seed % 2
        for step in (first, 1 - first):  # some writers draw heads before the text, some behind
            if step:
                for mark in marks:
                    _draw(canvas, mark.left, mark.top, mark.size, mark.text)
            else:
                for at, line in enumerate(lines):
                    left = layout.left + line.shift * layout.size
                    _draw(canvas, left, 110 + at * layout.size * 1.7, layout.size, line.text)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def _draw(canvas: Canvas, left: float, top: float, size: float, text: str) -> None:
    """Draw a line, each stretch of narrow letters where it belongs."""
    canvas.setFont("STSong-Light", size)
    canvas.drawString(left, 842 - top, text)


# --- OFD -----------------------------------------------------------------------------------


def ofd_file(text: Text, heads: str, seed: int) -> bytes:
    """An .ofd of the text: a text object a line, a word or a letter, in any order."""
    dice = random.Random(seed)
    layout = Layout.of(seed)
    pages = _pages(text, layout)
    by = ("line", "word", "letter")[seed % 3]
    prefix = ("ofd:", "", "o:")[seed % 3]
    parts: dict[str, str] = {}
    for page, lines in enumerate(pages):
        marks = list(_marks(heads, page, len(pages), text.title))
        marks += [
            _Mark(layout.left + line.shift * layout.size, 110 + at * layout.size * 1.7,
                  layout.size, line.text)
            for at, line in enumerate(lines)
        ]  # fmt: skip
        objects = [each for mark in marks for each in _objects(mark, by)]
        if seed % 2:
            dice.shuffle(objects)
        layer = f'<P:Layer ID="1">{"".join(objects)}</P:Layer>'
        parts[f"Doc_0/Pages/Page_{page}/Content.xml"] = (
            f"<P:Page N><P:Content>{layer}</P:Content></P:Page>"
        )
    listed = "".join(f'<P:Page ID="{page}" BaseLoc="Pages/Page_{page}/Content.xml"/>'
                     for page in range(len(pages)))  # fmt: skip
    parts["Doc_0/Document.xml"] = (
        "<P:Document N><P:CommonData><P:PageArea><P:PhysicalBox>0 0 210 297</P:PhysicalBox>"
        f"</P:PageArea></P:CommonData><P:Pages>{listed}</P:Pages></P:Document>"
    )
    parts["OFD.xml"] = (
        f"<P:OFD N><P:DocBody><P:DocInfo><P:Title>{escape(text.title)}</P:Title></P:DocInfo>"
        "<P:DocRoot>/Doc_0/Document.xml</P:DocRoot></P:DocBody></P:OFD>"
    )
    space = f'xmlns{":" + prefix[:-1] if prefix else ""}="http://www.ofdspec.org/2016"'
    with zipfile.ZipFile(buffer := io.BytesIO(), "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            written = part.replace(" N>", f" {space}>", 1)
            written = written.replace("<P:", f"<{prefix}").replace("</P:", f"</{prefix}")
            archive.writestr(name, written)
    return buffer.getvalue()


def _objects(mark: _Mark, by: str) -> Iterator[str]:
    """The text objects of a line; places are in millimetres."""
    size = mark.size / 72 * 25.4
    left, base = mark.left / 72 * 25.4, mark.top / 72 * 25.4
    step = {"line": len(mark.text), "word": 4, "letter": 1}[by]
    for at in range(0, len(mark.text), step):
        part = mark.text[at : at + step]
        wide = [_width(char) * size for char in part]
        if part.strip():
            deltas = " ".join(f"{each:.4f}" for each in wide[:-1])
            yield (
                f'<P:TextObject ID="2" Boundary="{left:.3f} {base - size:.3f} {sum(wide):.3f} '
                f'{size * 1.2:.3f}" Font="3" Size="{size:.4f}"><P:TextCode X="0" Y="{size:.4f}" '
                f'DeltaX="{deltas}">{escape(part)}</P:TextCode></P:TextObject>'
            )
        left += sum(wide)
