"""Reads a Word document (.docx): paragraphs and table rows in order, automatic numbers included.

It reads as Word shows it with all changes accepted. Text boxes, content controls, formulas and
embedded parts count as text; what is struck or hidden, headers and footers and the table of
contents do not. Fields are not recomputed. Footnotes and pictures are told in warnings.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from index.documents.archive import Archive, Kind, resolved
from index.documents.embedded import read_embedded
from index.documents.formulas import office_formula
from index.documents.openings import Place
from index.documents.tables import Cell, row_lines
from index.documents.word_numbering import Numbering
from index.documents.word_styles import (
    Styles,
    W,
    continues_left,
    is_cell_gone,
    is_row_gone,
    merges,
    spans,
    value_at,
)
from index.errors import DocumentFault
from prompts.notices import notice

_KIND = Kind(notice("save-from-word-as-docx"), notice("save-from-word"))
_M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_STRICT = {
    b"http://purl.oclc.org/ooxml/wordprocessingml/main":
        b"http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    b"http://purl.oclc.org/ooxml/officeDocument/math":
        b"http://schemas.openxmlformats.org/officeDocument/2006/math",
    b"http://purl.oclc.org/ooxml/officeDocument/relationships":
        b"http://schemas.openxmlformats.org/officeDocument/2006/relationships",
}  # fmt: skip
# Wrappers around runs, paragraphs, rows or cells.
_WRAPPERS = frozenset(
    W + tag for tag in ("sdt", "sdtContent", "ins", "moveTo", "customXml", "smartTag")
)
_UNREAD = frozenset(
    W + tag
    for tag in ("del", "moveFrom", "txbxContent", "rt", "pPr", "rPr", "sdtPr", "sdtEndPr", "tblPr")
) | {"{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"}
_SIGNS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
# What the fonts Symbol and Wingdings show for the numbers of their signs.
_SYMBOLS = {
    0xB4: "×", 0xB8: "÷", 0xB1: "±", 0xA3: "≤", 0xB3: "≥", 0xB9: "≠", 0xB0: "°", 0xD7: "·",
    0xE5: "∑", 0xD6: "√", 0xA5: "∞", 0x2B: "+", 0x2D: "−", 0x3D: "=", 0x25: "%", 0x28: "(",
    0x29: ")", 0xB7: "•",
}  # fmt: skip
_BOXES = {0xFE: "☑", 0xFC: "√", 0x52: "☑", 0xA8: "□", 0x6F: "□", 0x71: "□", 0xFD: "☒"}
_PICTURES = ("{http://schemas.openxmlformats.org/drawingml/2006/main}blip",
             "{urn:schemas-microsoft-com:vml}imagedata")  # fmt: skip
_OBJECT = "{urn:schemas-microsoft-com:office:office}OLEObject"
# A document in a document in a document: nobody writes more.
_DEEPEST = 4


def read_docx(data: bytes, name: str, depth: int = 0) -> tuple[str, str | None, list[str]]:
    """Text, the title if a paragraph has the style Title or the properties' title is in it.

    The last are warnings of what is not read. Raises DocumentFault for damaged files, for
    archives that unpack to too much, and for macros. `depth` counts the documents around it.
    """
    package = _Package(data, name)
    try:
        reader = _Reader(package, name, depth)
        lines = list(reader.lines(package.body))
        declared = package.declared_title()
    except DocumentFault:
        raise
    except Exception as error:  # broken parts make lxml and the reader raise almost anything
        raise DocumentFault("damaged-so", name=name, advice=_KIND.damaged) from error
    # Templates leave stale titles in the properties: only one that the text repeats is trusted.
    if not reader.title and declared and _compact(declared) in _compact("".join(lines)):
        reader.title = declared
    return "\n".join(lines), reader.title or None, [*reader.warnings, *reader.place.warnings()]


def _compact(text: str) -> str:
    return re.sub(r"\s+", "", text)


class _Package:
    """The parts of a Word file that are read."""

    def __init__(self, data: bytes, name: str) -> None:
        self.archive = Archive(data, name, _KIND)
        main = next((target for kind, target in self._related("") if kind == "officeDocument"), "")
        self._main = main if main and self.archive.has(main) else "word/document.xml"
        if not self.archive.has(self._main):
            raise DocumentFault("zip-no-word", name=name)
        self._refuse_macros(name)
        self._targets = {kind: target for kind, target in self._related(self._main)}
        root = self._tree(self._main)
        self.body = root.find(W + "body")
        if self.body is None:
            raise self.archive.damage()
        self.styles = self._optional("styles")
        self.numbering = self._optional("numbering")

    def _refuse_macros(self, name: str) -> None:
        macros = any(
            each.rpartition("/")[2].lower().startswith("vbaproject") for each in self.archive.names
        )
        if self.archive.has("[Content_Types].xml"):
            macros = macros or b"macroEnabled" in self.archive.read("[Content_Types].xml")
        if macros:
            raise DocumentFault("macros", name=name)
        # Whatever part declares entities: Word would have refused the whole file.
        for each in self.archive.names:
            if each.lower().endswith((".xml", ".rels")) and b"<!DOCTYPE" in self.archive.read(each):
                self.archive.xml(each)

    def _tree(self, path: str) -> Any:
        """The root of a part; files in the strict variant of the format are read like others."""
        root = self.archive.xml(path)
        if b"purl.oclc.org" in self.archive.read(path):
            from lxml import etree

            written = etree.tostring(root)
            for strict, usual in _STRICT.items():
                written = written.replace(strict, usual)
            root = etree.fromstring(written, etree.XMLParser(resolve_entities=False))
        return root

    def _related(self, part: str) -> Iterator[tuple[str, str]]:
        """Kind and path of every part that one names in its relationships."""
        for kind, _, target in self._relationships(part):
            yield kind, target

    def _relationships(self, part: str) -> Iterator[tuple[str, str, str]]:
        folder, _, file = part.rpartition("/")
        path = f"{folder}/_rels/{file}.rels" if folder else f"_rels/{file}.rels"
        if not self.archive.has(path):
            return
        for each in self.archive.xml(path):
            if isinstance(each.tag, str) and each.get("TargetMode") != "External":
                kind = (each.get("Type") or "").rpartition("/")[2]
                yield kind, each.get("Id") or "", resolved(part, each.get("Target") or "")

    def _optional(self, kind: str) -> Any:
        target = self._targets.get(kind)
        return self._tree(target) if target and self.archive.has(target) else None

    def embedded(self, key: str | None) -> tuple[str, bytes] | None:
        """Path and content of the embedded part that a relationship of the text names."""
        for _, each, target in self._relationships(self._main):
            if each == key and self.archive.has(target):
                return target, self.archive.read(target)
        return None

    def declared_title(self) -> str:
        """The title in the properties; empty where there is none."""
        for kind, target in self._related(""):
            if kind == "core-properties" and self.archive.has(target):
                for each in self.archive.xml(target).iter(
                    "{http://purl.org/dc/elements/1.1/}title"
                ):
                    return (each.text or "").strip()
        return ""


def _unwrapped(element: Any) -> Iterator[Any]:
    """Children, with those of mere wrappers in their place."""
    for child in element:
        if child.tag in _WRAPPERS:
            yield from _unwrapped(child)
        else:
            yield child


class _Reader:
    """Walks the body once; the numbering counts along, so order matters."""

    def __init__(self, package: _Package, name: str, depth: int) -> None:
        self.package = package
        self.name = name
        self.depth = depth
        self.styles = Styles(package.styles)
        self.numbering = Numbering(package.numbering, self.styles)
        self.place = Place()
        self.warnings: list[str] = []
        self.title = ""

    def lines(self, container: Any, in_cell: bool = False) -> Iterator[str]:
        """The lines of a body, cell or text box."""
        joined: list[Any] = []
        for block in _unwrapped(container):
            if block.tag == W + "p":
                joined.append(block)
                if self.styles.ends_nothing(block):
                    continue  # what is left of it belongs to the next
            if joined:
                yield from self._paragraph(joined, in_cell)
                joined = []
            if block.tag == W + "tbl":
                yield from self._table(block)
            elif block.tag == W + "altChunk":
                yield from self._embedded(block)
        if joined:
            yield from self._paragraph(joined, in_cell)

    def _paragraph(self, joined: Sequence[Any], in_cell: bool) -> Iterator[str]:
        """The lines of paragraphs that have one mark between them."""
        texts = ["".join(self._text(each, each)) for each in joined]
        text = "".join(texts).strip()
        kept = [p for p, its in zip(joined, texts, strict=True) if its.strip()] or [joined[-1]]
        # The mark that is left is the last one's, but no number is lost with the others.
        own = next(filter(self.numbering.is_numbered, (joined[-1], *kept)), kept[0])
        if text or not self.styles.ends_nothing(own):
            style = self.styles.name(own)
            marker = self.numbering.marker(own)
            if not style.startswith("toc ") and (text or (in_cell and marker)):
                if style == "title" and not self.title:
                    self.title = text
                for line in (marker + text).split("\n"):
                    if line.strip():
                        self.place.passes(line.strip())
                        yield line.strip()
        for paragraph in joined:
            self._note_unread(paragraph)
            for box in paragraph.iter(W + "txbxContent"):
                if not any(parent.tag in _UNREAD for parent in box.iterancestors()):
                    yield from self.lines(box)

    def _text(self, element: Any, paragraph: Any) -> Iterator[str]:
        """The visible text pieces of a paragraph, in order, without its text boxes."""
        for child in element:
            if not isinstance(child.tag, str) or child.tag in _UNREAD:
                continue
            tag = child.tag.removeprefix(W)
            if child.tag == _M + "oMath":
                yield office_formula(child, lambda run: self.styles.is_hidden(run, paragraph))
            elif tag == "r" and self.styles.is_hidden(child, paragraph):
                continue
            elif tag == "t":
                yield child.text or ""
            elif tag == "sym":
                yield _symbol(child)
            elif tag in _SIGNS:
                yield "" if child.get(W + "type") in {"page", "column"} else _SIGNS[tag]
            else:
                yield from self._text(child, paragraph)

    def _note_unread(self, paragraph: Any) -> None:
        """Remember what the paragraph has besides text."""
        for tag in (*_PICTURES, _OBJECT, W + "footnoteReference", W + "endnoteReference"):
            for found in paragraph.iter(tag):
                parents = [parent.tag for parent in found.iterancestors()]
                if any(parent in _UNREAD - {W + "txbxContent"} for parent in parents):
                    continue
                if tag == _OBJECT:
                    equation = (
                        (found.get("ProgID") or "").lower().startswith(("equation", "mathty"))
                    )
                    self.place.lacks("formulas" if equation else "objects")
                elif tag in _PICTURES:
                    if W + "object" not in parents:  # there it only shows the object
                        self.place.lacks("pictures")
                else:
                    self.place.lacks("footnotes")
        for code in paragraph.iter(W + "instrText", W + "fldSimple"):
            if re.match(r"\s*eq\s", code.text or code.get(W + "instr") or "", re.IGNORECASE):
                self.place.lacks("formulas")

    def _table(self, table: Any) -> Iterator[str]:
        above: dict[int, Cell] = {}
        for row in _unwrapped(table):
            if row.tag != W + "tr" or is_row_gone(row):
                continue
            cells: list[Cell] = []
            inherited: list[Cell] = []
            before = value_at(row, "trPr/gridBefore")
            cells += [Cell(())] * min(int(before or 0), 100)
            for each in _unwrapped(row):
                if each.tag != W + "tc" or is_cell_gone(each):
                    continue
                column, merged = len(cells), merges(each)
                cell = Cell(tuple(self.lines(each, in_cell=True)))
                if continues_left(each) and cells:
                    cell = cells[-1]
                elif merged == "continues" and column in above:
                    cell = above[column]
                    inherited.append(cell)
                elif merged:
                    above[column] = cell
                else:
                    above.pop(column, None)
                cells += [cell] * spans(each)
            yield from row_lines(cells, inherited)

    def _embedded(self, chunk: Any) -> Iterator[str]:
        """The lines of an embedded part, in its place."""
        found = self.package.embedded(chunk.get(_R + "id"))
        if found is None:
            self.warnings.append(notice("embedded-missing"))
            return
        where = found[0].rpartition("/")[2]
        if self.depth >= _DEEPEST:
            self.warnings.append(notice("embedded-unread", where=where))
            return
        try:
            if found[1].startswith(b"PK\x03\x04"):
                text, _, warnings = read_docx(found[1], found[0], self.depth + 1)
            else:
                text, warnings = read_embedded(found[1], found[0])
        except DocumentFault:
            self.warnings.append(notice("embedded-unread", where=where))
            return
        self.warnings += warnings
        for line in text.split("\n"):
            if line.strip():
                self.place.passes(line.strip())
                yield line.strip()


def _symbol(element: Any) -> str:
    """The sign that a numbered glyph of a symbol font shows."""
    try:
        code = int(element.get(W + "char") or "", 16)
    except ValueError:
        return ""
    if not 0xF000 <= code <= 0xF0FF:
        return chr(code) if 0x20 <= code < 0xD800 else ""
    boxes = "wingdings" in (element.get(W + "font") or "").lower()
    return (_BOXES if boxes else _SYMBOLS).get(code - 0xF000, "")
