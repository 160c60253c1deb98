"""Reads Rich Text Format (.rtf, and Word files that are RTF in truth): text and rows of tables.

Numbers of lists count as text, as their writer spelled them out; what is struck, hidden or
deleted, heads, feet and footnotes do not. Pictures and objects are told in a warning.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from index.documents.openings import Place
from index.documents.tables import Cell, row_lines
from index.errors import DocumentFault

_TOKEN = re.compile(
    rb"\\'([0-9a-fA-F]{2})|\\([a-zA-Z]{1,32})(-?\d{1,10})? ?|\\([^a-zA-Z])|([{}])|[\r\n]+"
    rb"|([^\\{}\r\n]+)"
)
_SKIPPED = frozenset(
    ("colortbl", "stylesheet", "info", "pict", "header", "headerl", "headerr", "headerf", "footer",
     "footerl", "footerr", "footerf", "footnote", "annotation", "fldinst", "objdata", "objclass",
     "nonshppict", "listtable", "revtbl", "themedata", "datastore", "sp", "private", "bkmkstart",
     "bkmkend", "xe", "tc", "txe", "rxe")
)  # fmt: skip
# Destinations marked as new in which there is text all the same.
_READ = frozenset({"shpinst", "shptxt", "ud", "listtext", "pntext", "fldrslt", "shprslt"})
_SIGNS = {
    "tab": "\t", "line": "\n", "emdash": "—", "endash": "–", "lquote": "‘", "rquote": "’",
    "ldblquote": "“", "rdblquote": "”", "bullet": "•", "emspace": "\u3000", "enspace": " ",
}  # fmt: skip
_ESCAPES = {b"~": "\xa0", b"_": "-", b"\\": "\\", b"{": "{", b"}": "}"}
# Encodings by the number that a font gives for its characters, and by that of the file.
_CHARSETS = {134: "gb18030", 136: "cp950", 128: "cp932", 129: "cp949", 204: "cp1251",
             238: "cp1250", 161: "cp1253", 162: "cp1254", 186: "cp1257"}  # fmt: skip
_PAGES = {936: "gb18030", 950: "cp950", 932: "cp932", 949: "cp949"}
_HIDING = frozenset({"strike", "striked", "v", "deleted"})
_DEEPEST = 2_000


@dataclass(frozen=True)
class _State:
    """What holds in a group and ends with it."""

    skipped: bool = False
    hidden: frozenset[str] = frozenset()
    fallback: int = 1  # characters behind \u that stand for it
    font: int | None = None
    in_fonts: bool = False


@dataclass
class _Row:
    """A table row while it is read: its cells, and how each is merged."""

    cells: list[Cell] = field(default_factory=list)
    merges: list[tuple[int, str]] = field(default_factory=list)
    merge: str = ""


def read_rtf(data: bytes, name: str) -> tuple[str, list[str]]:
    """Text and warnings. Raises DocumentFault for what is no RTF or nests without end."""
    if not data.lstrip().startswith(b"{\\rtf"):
        raise DocumentFault("word-damaged", name=name)
    reader = _Reader(name)
    reader.read(data)
    return "\n".join(reader.lines), reader.place.warnings()


class _Reader:
    """Goes through the tokens once; groups save and restore the state."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.lines: list[str] = []
        self.place = Place()
        self.state = _State()
        self.stack: list[_State] = []
        self.page = "gb18030"
        self.fonts: dict[int, str] = {}
        self.raw = bytearray()
        self.line: list[str] = []
        self.to_skip = 0
        self.new_destination = False
        self.in_table = False
        self.cell: list[str] = []
        self.row = _Row()
        self.above: dict[int, Cell] = {}

    def read(self, data: bytes) -> None:
        """Read a whole file."""
        at = 0
        while match := _TOKEN.match(data, at):
            at = match.end()
            byte, word, number, escaped, brace, plain = match.groups()
            if brace:
                self._group(brace)
            elif word:
                argument = int(number) if number is not None else None
                if word == b"bin":
                    at += max(argument or 0, 0)
                else:
                    self._word(word.decode("ascii"), argument)
            elif escaped is not None:
                self._escape(escaped)
            elif byte:
                self._bytes(bytes([int(byte, 16)]))
            elif plain:
                self._bytes(plain)
        self._paragraph()

    def _group(self, brace: bytes) -> None:
        self._flush()
        self.new_destination = False
        self.to_skip = 0
        if brace == b"{":
            if len(self.stack) > _DEEPEST:
                raise DocumentFault("parts-too-deep", name=self.name)
            self.stack.append(self.state)
        elif self.stack:
            self.state = self.stack.pop()

    def _escape(self, sign: bytes) -> None:
        if sign == b"*":
            self.new_destination = True
        elif sign in _ESCAPES:
            self._text(_ESCAPES[sign])
        elif sign in (b"\n", b"\r"):
            self._paragraph()

    def _bytes(self, data: bytes) -> None:
        skipped = min(self.to_skip, len(data))
        self.to_skip -= skipped
        if self.state.in_fonts or self.state.skipped or self.state.hidden:
            return
        self.raw += data[skipped:]

    def _flush(self) -> None:
        if self.raw:
            font = self.state.font
            encoding = self.page if font is None else self.fonts.get(font, self.page)
            self.line.append(self.raw.decode(encoding, "replace"))
            self.raw.clear()

    def _text(self, text: str) -> None:
        self._flush()
        if not (self.state.skipped or self.state.hidden or self.state.in_fonts):
            self.line.append(text)

    def _word(self, word: str, number: int | None) -> None:
        new, self.new_destination = self.new_destination, False
        if word == "u" and number is not None:
            self._text(_character(number))
            self.to_skip = self.state.fallback
            return
        self._flush()
        self.to_skip = 0
        if word in _SKIPPED or (new and word not in _READ):
            if word in {"pict", "objdata"} and not self.state.skipped:
                self.place.lacks("pictures" if word == "pict" else "objects")
            self.state = replace(self.state, skipped=True)
        elif word in _READ:
            self.state = replace(self.state, skipped=False)
        elif word == "fonttbl":
            self.state = replace(self.state, in_fonts=True)
        elif word in _SIGNS:
            self._text(_SIGNS[word])
        elif word in _HIDING:
            self._hide(word, number != 0)
        elif word == "plain":
            self.state = replace(self.state, hidden=self.state.hidden & {"deleted"})
        elif word == "uc":
            self.state = replace(self.state, fallback=max(number or 0, 0))
        elif word == "ansicpg":
            self.page = _PAGES.get(number or 0, f"cp{number}")
            self.page = self.page if _known(self.page) else "cp1252"
        elif word == "f" and number is not None:
            self.state = replace(self.state, font=number)
        elif word == "fcharset" and self.state.in_fonts and number in _CHARSETS:
            self.fonts[self.state.font or 0] = _CHARSETS[number]
        elif not self.state.skipped:
            self._layout(word, number)

    def _hide(self, how: str, on: bool) -> None:
        changed = self.state.hidden | {how} if on else self.state.hidden - {how}
        self.state = replace(self.state, hidden=changed)

    def _layout(self, word: str, number: int | None) -> None:
        if word in {"par", "sect", "page"}:
            if not self.state.hidden:
                self._paragraph()
        elif word == "pard":
            self.in_table = False
        elif word == "intbl":
            self.in_table = True
        elif word == "trowd":
            self.row.merges = []
            self.row.merge = ""
        elif word in {"clvmgf", "clvmrg", "clmgf", "clmrg"}:
            self.row.merge = word
        elif word == "cellx":
            self.row.merges.append((number or 0, self.row.merge))
            self.row.merge = ""
        elif word == "nestcell":
            self.line.append(" / ")
        elif word == "nestrow":
            self.line.append("；")
        elif word == "cell":
            self.in_table = True
            self._paragraph()
            self.row.cells.append(Cell(tuple(self.cell)))
            self.cell = []
        elif word == "row":
            self._end_row()

    def _end_row(self) -> None:
        cells: list[Cell] = []
        inherited: list[Cell] = []
        for at, cell in enumerate(self.row.cells):
            edge, merge = self.row.merges[at] if at < len(self.row.merges) else (-at, "")
            if merge == "clmrg" and cells:
                cell = cells[-1]
            elif merge == "clvmrg" and edge in self.above:
                cell = self.above[edge]
                inherited.append(cell)
            elif merge == "clvmgf":
                self.above[edge] = cell
            else:
                self.above.pop(edge, None)
            cells.append(cell)
        self._emit(row_lines(cells, inherited))
        self.row.cells = []
        self.in_table = False

    def _paragraph(self) -> None:
        self._flush()
        written = "".join(self.line).encode("utf-16-le", "surrogatepass")
        lines = [line.strip() for line in written.decode("utf-16-le", "replace").split("\n")]
        self.line = []
        lines = [line for line in lines if line]
        if self.in_table:
            self.cell += lines
        else:
            self._emit(lines)

    def _emit(self, lines: list[str]) -> None:
        for line in lines:
            self.place.passes(line)
            self.lines.append(line)


def _character(number: int) -> str:
    number %= 65536
    # Numbers of symbol fonts show other signs than those of their place.
    return "" if 0xF000 <= number <= 0xF0FF else chr(number)


def _known(encoding: str) -> bool:
    try:
        return bool("".encode(encoding) == b"")
    except LookupError:
        return False
