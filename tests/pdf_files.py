"""PDF files drawn line by line, and with text layers of fonts without a map. No test is in here."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence

import pypdf
from PIL import Image
from pypdf.generic import DictionaryObject, NameObject
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

FONT = "STSong-Light"
# Left, distance from the top, size, text.
Drawn = tuple[float, float, float, str]


def pdf_of(pages: Sequence[Sequence[Drawn]], draw: Callable[[Canvas, int], None] | None = None,
           title: str = "") -> bytes:  # fmt: skip
    """A PDF of A4 pages of drawn lines; `draw` adds to each page."""
    pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    canvas = Canvas(buffer := io.BytesIO(), pagesize=(595, 842))
    canvas.setTitle(title)
    for number, page in enumerate(pages):
        if draw:
            draw(canvas, number)
        for left, top, size, text in page:
            canvas.setFont(FONT, size)
            canvas.drawString(left, 842 - top, text)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def column(lines: Sequence[str], top: float = 120, size: float = 12, left: float = 70,
           step: float = 22) -> list[Drawn]:  # fmt: skip
    """Lines below each other."""
    return [(left, top + step * at, size, line) for at, line in enumerate(lines)]


def grey(width: int = 60, height: int = 80) -> ImageReader:
    """A picture of nothing."""
    return ImageReader(Image.new("L", (width, height), 200))


def changed(data: bytes, change: Callable[[pypdf.PdfWriter], None]) -> bytes:
    """The PDF after a change of its objects."""
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(data))
    change(writer)
    writer.write(buffer := io.BytesIO())
    return buffer.getvalue()


def without_maps(data: bytes, fonts: Sequence[str] = ()) -> bytes:
    """The PDF without the Unicode maps of its fonts, or of those whose names hold one of these."""

    def strip(writer: pypdf.PdfWriter) -> None:
        for page in writer.pages:
            resources = page["/Resources"].get_object()
            assert isinstance(resources, DictionaryObject)
            held = resources["/Font"].get_object()
            assert isinstance(held, DictionaryObject)
            for each in held.values():
                font = each.get_object()
                named = str(font.get("/BaseFont"))
                if not fonts or any(part in named for part in fonts):
                    font.pop(NameObject("/ToUnicode"), None)

    return changed(data, strip)


def numbered_glyphs(pages: Sequence[Sequence[str]], number: Callable[[str], int]) -> bytes:
    """A PDF whose font has no map: `number` gives the glyph of a character."""
    objects = [b"<</Type/Catalog/Pages 2 0 R>>", b"", b""]
    objects[2] = (
        b"<</Type/Font/Subtype/Type0/BaseFont/AAAAAA+Song/Encoding/Identity-H/DescendantFonts"
        b"[<</Type/Font/Subtype/CIDFontType2/BaseFont/AAAAAA+Song/CIDSystemInfo"
        b"<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>/DW 1000>>]>>"
    )
    kids = []
    for lines in pages:
        codes = ["".join(f"{number(char):04x}" for char in line) for line in lines]
        drawn = "".join(
            f"BT /F1 12 Tf 70 {740 - 22 * at} Td <{each}> Tj ET\n" for at, each in enumerate(codes)
        ).encode()
        objects.append(b"<</Length %d>>stream\n%s\nendstream" % (len(drawn), drawn))
        objects.append(
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents %d 0 R"
            b"/Resources<</Font<</F1 3 0 R>>>>>>" % len(objects)
        )
        kids.append(b"%d 0 R" % len(objects))
    objects[1] = b"<</Type/Pages/Kids[%s]/Count %d>>" % (b" ".join(kids), len(kids))
    body = b"".join(b"%d 0 obj\n%s\nendobj\n" % (n, each) for n, each in enumerate(objects, 1))
    return b"%PDF-1.7\n" + body + b"trailer <</Root 1 0 R>>\nstartxref\n0\n%%EOF"
