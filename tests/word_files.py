"""Word files made of raw XML, for what python-docx has no words for. No test is in here."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

SPACES = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" '
    'xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:v="urn:schemas-microsoft-com:vml" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"'
)
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_RELATED = "http://schemas.openxmlformats.org/package/2006/relationships"


def run(text: str, properties: str = "") -> str:
    """A run of text, with what stands in its w:rPr."""
    inner = f"<w:rPr>{properties}</w:rPr>" if properties else ""
    return f'<w:r>{inner}<w:t xml:space="preserve">{text}</w:t></w:r>'


def deleted(text: str) -> str:
    """A tracked deletion."""
    return f'<w:del w:id="1" w:author="A"><w:r><w:delText>{text}</w:delText></w:r></w:del>'


def inserted(text: str) -> str:
    """A tracked insertion."""
    return f'<w:ins w:id="1" w:author="A">{run(text)}</w:ins>'


def paragraph(inner: str, properties: str = "") -> str:
    """A paragraph, with what stands in its w:pPr."""
    before = f"<w:pPr>{properties}</w:pPr>" if properties else ""
    return f"<w:p>{before}{inner}</w:p>"


def numbered(inner: str, more: str = "", level: int = 0, key: int = 1) -> str:
    """A paragraph of a list."""
    place = f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{key}"/></w:numPr>'
    return paragraph(inner, place + more)


MARK_DELETED = '<w:rPr><w:del w:id="2" w:author="A"/></w:rPr>'
MARK_MOVED = '<w:rPr><w:moveFrom w:id="2" w:author="A"/></w:rPr>'


def lists(*templates: str) -> str:
    """A list (id 1) whose levels have these templates, in Chinese numerals where %1 is in them."""
    levels = "".join(
        f'<w:lvl w:ilvl="{at}"><w:start w:val="1"/>'
        f'<w:numFmt w:val="{"decimal" if "." in each else "chineseCountingThousand"}"/>'
        f'<w:lvlText w:val="{each}"/></w:lvl>'
        for at, each in enumerate(templates)
    )
    return (
        f'<w:abstractNum w:abstractNumId="0">{levels}</w:abstractNum>'
        '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>'
    )


def cell(inner: str, properties: str = "") -> str:
    """A table cell; `inner` is text, or paragraphs and tables."""
    content = inner if inner.startswith("<w:") else paragraph(run(inner) if inner else "")
    width = '<w:tcW w:w="2000" w:type="dxa"/>'
    return f"<w:tc><w:tcPr>{width}{properties}</w:tcPr>{content}</w:tc>"


def table(*rows: str) -> str:
    """A table of rows made by `row`."""
    columns = '<w:gridCol w:w="2000"/>' * rows[0].count("<w:tc>")
    return f"<w:tbl><w:tblPr/><w:tblGrid>{columns}</w:tblGrid>{''.join(rows)}</w:tbl>"


def row(*cells: str, properties: str = "") -> str:
    """A table row."""
    return f"<w:tr><w:trPr>{properties}</w:trPr>{''.join(cells)}</w:tr>"


def word_file(
    body: str,
    numbering: str = "",
    styles: str = "",
    embedded: Mapping[str, bytes] | None = None,
    main: str = "word/document.xml",
) -> bytes:
    """A Word file; `embedded` are parts by the name and id under which the text names them."""
    folder, _, file = main.rpartition("/")
    related = [("styles", "s", "styles.xml"), ("numbering", "n", "numbering.xml")]
    related += [("aFChunk", Path(each).stem, each) for each in embedded or {}]
    parts: dict[str, str | bytes] = {
        "[Content_Types].xml": _content_types(folder, file),
        "_rels/.rels": _relations([("officeDocument", "d", main)]),
        main: f"<w:document {SPACES}><w:body>{body}</w:body></w:document>",
        f"{folder}/_rels/{file}.rels": _relations(related),
        f"{folder}/styles.xml": f"<w:styles {SPACES}>{styles}</w:styles>",
        f"{folder}/numbering.xml": f"<w:numbering {SPACES}>{numbering}</w:numbering>",
    }
    parts |= {f"{folder}/{name}": data for name, data in (embedded or {}).items()}
    with zipfile.ZipFile(buffer := io.BytesIO(), "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return buffer.getvalue()


def _content_types(folder: str, file: str) -> str:
    word = "application/vnd.openxmlformats-officedocument.wordprocessingml"
    named = {file: "document.main", "styles.xml": "styles", "numbering.xml": "numbering"}
    overrides = "".join(
        f'<Override PartName="/{folder}/{part}" ContentType="{word}.{kind}+xml"/>'
        for part, kind in named.items()
    )
    relations = "application/vnd.openxmlformats-package.relationships+xml"
    return (
        f'<Types xmlns="{_TYPES}"><Default Extension="rels" ContentType="{relations}"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{overrides}</Types>'
    )


def _relations(rows: list[tuple[str, str, str]]) -> str:
    inner = "".join(
        f'<Relationship Id="{key}" Type="{_OFFICE}/{kind}" Target="{target}"/>'
        for kind, key, target in rows
    )
    return f'<Relationships xmlns="{_RELATED}">{inner}</Relationships>'
