"""OFD files of lines of text at places, as different programs write them. No test is in here."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

# Left and baseline in millimetres from the upper left, size, text.
Drawn = tuple[float, float, float, str]
_SPACE = "http://www.ofdspec.org/2016"


@dataclass(frozen=True)
class Writer:
    """How a program writes OFD: its prefix, its names of parts, its text objects."""

    prefix: str = "ofd:"
    absolute: bool = False
    by: str = "line"  # or word, letter
    shuffled: bool = False
    packed: bool = True
    matrix: bool = False


def page_of(
    lines: Sequence[str], top: float = 30, left: float = 25, size: float = 5
) -> list[Drawn]:
    """Lines below each other."""
    return [(left, top + 8 * at, size, line) for at, line in enumerate(lines)]


def ofd_file(
    documents: Sequence[Sequence[Sequence[Drawn]]],
    writer: Writer = Writer(),
    template: Sequence[Drawn] = (),
    title: str = "",
    parts: Mapping[str, bytes] | None = None,
    pictures: Mapping[int, tuple[float, float, float, float]] | None = None,
) -> bytes:
    """An OFD file of documents of pages of lines; `pictures` are places of a picture by page."""
    files: dict[str, bytes] = {}
    bodies = ""
    for number, pages in enumerate(documents):
        root = f"Doc_{number}"
        start = "/" if writer.absolute else ""
        at = f"/{root}/" if writer.absolute else ""
        bodies += (
            f"<P:DocBody><P:DocInfo><P:DocID>{number}</P:DocID><P:Title>{escape(title)}</P:Title>"
            f"</P:DocInfo><P:DocRoot>{start}{root}/Document.xml</P:DocRoot>"
            "</P:DocBody>"
        )
        listed = "".join(
            f'<P:Page ID="{page + 1}" BaseLoc="{at}Pages/Page_{page}/Content.xml"/>'
            for page in range(len(pages))
        )
        held = f'<P:TemplatePage ID="90" BaseLoc="{at}Tpls/Tpl_0.xml"/>' if template else ""
        files[f"{root}/Document.xml"] = _xml(
            writer, "Document",
            f"<P:CommonData><P:PageArea><P:PhysicalBox>0 0 210 297</P:PhysicalBox></P:PageArea>"
            f"<P:PublicRes>{at}Res.xml</P:PublicRes>{held}</P:CommonData><P:Pages>{listed}</P:Pages>",
        )  # fmt: skip
        files[f"{root}/Res.xml"] = _xml(
            writer, "Res",
            '<P:MultiMedias><P:MultiMedia ID="7" Type="Image"><P:MediaFile>a.png</P:MediaFile>'
            "</P:MultiMedia></P:MultiMedias>", 'BaseLoc="Res"',
        )  # fmt: skip
        if template:
            files[f"{root}/Tpls/Tpl_0.xml"] = _content(writer, template)
        for page, drawn in enumerate(pages):
            before = '<P:Template TemplateID="90" ZOrder="Background"/>' if template else ""
            box = (pictures or {}).get(page)
            files[f"{root}/Pages/Page_{page}/Content.xml"] = _content(writer, drawn, before, box)
    files["OFD.xml"] = _xml(writer, "OFD", bodies, 'Version="1.0" DocType="OFD"')
    method = zipfile.ZIP_DEFLATED if writer.packed else zipfile.ZIP_STORED
    with zipfile.ZipFile(buffer := io.BytesIO(), "w", method) as archive:
        for name, data in {**files, **(parts or {})}.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def _content(
    writer: Writer,
    drawn: Sequence[Drawn],
    before: str = "",
    picture: tuple[float, float, float, float] | None = None,
) -> bytes:
    objects = [each for line in drawn for each in _objects(writer, line)]
    if writer.shuffled:
        objects = [*reversed(objects[::2]), *objects[1::2]]
    if picture:
        box = " ".join(map(str, picture))
        objects.append(f'<P:ImageObject ID="6" Boundary="{box}" ResourceID="7"/>')
    return _xml(
        writer, "Page",
        f'{before}<P:Content><P:Layer ID="5">{"".join(objects)}</P:Layer></P:Content>',
    )  # fmt: skip


def _width(char: str, size: float) -> float:
    return size if ord(char) > 0x2E7F else size / 2


def _objects(writer: Writer, drawn: Drawn) -> list[str]:
    left, base, size, text = drawn
    if writer.by == "line":
        parts = [text]
    elif writer.by == "letter":
        parts = list(text)
    else:
        parts = [text[at : at + 3] for at in range(0, len(text), 3)]
    objects = []
    for part in parts:
        steps = " ".join(f"{_width(char, size):g}" for char in part[:-1])
        wide = sum(_width(char, size) for char in part)
        if part.strip():
            scale = 2 if writer.matrix else 1
            matrix = f' CTM="{1 / scale} 0 0 {1 / scale} 0 0"' if writer.matrix else ""
            steps = " ".join(f"{float(each) * scale:g}" for each in steps.split())
            objects.append(
                f'<P:TextObject ID="9" Boundary="{left:g} {base - size:g} {wide:g} {size + 1:g}" '
                f'Font="5" Size="{size * scale:g}"{matrix}><P:TextCode X="0" Y="{size * scale:g}" '
                f'DeltaX="{steps}">{escape(part)}</P:TextCode></P:TextObject>'
            )
        left += wide
    return objects


def _xml(writer: Writer, name: str, inner: str, attributes: str = "") -> bytes:
    space = f'xmlns:{writer.prefix[:-1]}="{_SPACE}"' if writer.prefix else f'xmlns="{_SPACE}"'
    inner = inner.replace("<P:", f"<{writer.prefix}").replace("</P:", f"</{writer.prefix}")
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<{writer.prefix}{name} {space} {attributes}>'
        f"{inner}</{writer.prefix}{name}>"
    ).encode()
