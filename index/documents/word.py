"""Reads a Word document (.docx): paragraphs and table rows in order, automatic numbers included.

Text boxes, content controls, smart tags and accepted insertions count as text; deleted text,
footnotes, headers and footers and the table of contents do not. Fields are not recomputed.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

from index.errors import DocumentFault
from index.text.numbers import write_numeral

MAX_UNPACKED_BYTES = 200 * 1024 * 1024
MAX_MEMBERS = 5_000
# Word's own parts pack to a tenth or so; runs of one character to a thousandth.
MAX_RATIO = 200
SMALL_BYTES = 4 * 1024 * 1024

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
# Wrappers around runs, paragraphs, rows or cells that python-docx's own iterators leave out.
_WRAPPERS = frozenset(
    _W + tag for tag in ("sdt", "sdtContent", "ins", "moveTo", "customXml", "smartTag")
)
_UNREAD = frozenset(
    _W + tag for tag in ("del", "moveFrom", "txbxContent", "rt", "pPr", "rPr", "sdtPr", "tblPr")
) | {"{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"}
_SIGNS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}


def read_docx(data: bytes, name: str) -> tuple[str, str | None]:
    """Text, and the title if a paragraph has the style Title or the properties' title is in it.

    Raises DocumentFault for damaged files, for archives that unpack to too much, and for macros.
    """
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise DocumentFault(f"{name} is damaged: save it again from Word as .docx.") from error
    size = sum(member.file_size for member in members)
    if size > MAX_UNPACKED_BYTES or len(members) > MAX_MEMBERS:
        raise DocumentFault(
            f"{name} unpacks to {size / 2**20:.0f} MB in {len(members)} parts, over the limit of "
            f"{MAX_UNPACKED_BYTES / 2**20:.0f} MB and {MAX_MEMBERS} parts: save it smaller."
        )
    _check_parts(members, data, name)
    try:
        from docx import Document

        document = Document(BytesIO(data))
        reader = _Reader(_Numbering(_numbering_part(document), document.styles.element))
        lines = list(reader.lines(document.element.body))
        declared = (document.core_properties.title or "").strip()
    except Exception as error:  # a broken part makes python-docx and lxml raise almost anything
        raise DocumentFault(f"{name} is damaged: save it again from Word as .docx.") from error
    # Templates leave stale titles in the properties: only one that the text repeats is trusted.
    if not reader.title and declared and _compact(declared) in _compact("".join(lines)):
        reader.title = declared
    return "\n".join(lines), reader.title or None


def _check_parts(members: Sequence[zipfile.ZipInfo], data: bytes, name: str) -> None:
    """Refuses an archive that Word would not have written, before any part is parsed."""
    for member in members:
        if member.file_size > max(SMALL_BYTES, MAX_RATIO * member.compress_size):
            raise DocumentFault(
                f"{name} has a part that unpacks to more than {MAX_RATIO} times its size, as an "
                "attack would: save it again from Word."
            )
    names = [member.filename for member in members]
    if len(set(names)) < len(names):
        raise DocumentFault(f"{name} holds the same part twice: save it again from Word.")
    if "word/document.xml" not in names:
        raise DocumentFault(f"{name} is a ZIP archive without a Word document: save it as .docx.")
    macros = any(each.rpartition("/")[2].lower().startswith("vbaproject") for each in names)
    declares = False
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            for each in names:
                if each.lower().endswith((".xml", ".rels")):
                    part = archive.read(each)
                    declares = declares or b"<!DOCTYPE" in part
                    macros = macros or (each == "[Content_Types].xml" and b"macroEnabled" in part)
    except Exception as error:  # damaged archives make zipfile raise almost anything
        raise DocumentFault(f"{name} is damaged: save it again from Word as .docx.") from error
    if macros:
        raise DocumentFault(f"{name} holds macros: save it from Word as .docx, which has none.")
    if declares:
        raise DocumentFault(
            f"{name} declares XML entities, which Word never does: save it again from Word."
        )


def _compact(text: str) -> str:
    return re.sub(r"\s+", "", text)


def _numbering_part(document: Any) -> Any:
    """Root of numbering.xml, or None where the document has none."""
    from docx.opc.constants import RELATIONSHIP_TYPE

    try:
        return document.part.part_related_by(RELATIONSHIP_TYPE.NUMBERING).element
    except KeyError:
        return None


def _value(element: Any, path: str) -> str | None:
    """The w:val of the element at a path such as `pPr/numPr/numId`, None if it is not there."""
    found = element.find("/".join(_W + tag for tag in path.split("/")))
    return None if found is None else found.get(_W + "val")


def _unwrapped(element: Any) -> Iterator[Any]:
    """Children, with those of mere wrappers in their place."""
    for child in element:
        if child.tag in _WRAPPERS:
            yield from _unwrapped(child)
        else:
            yield child


class _Reader:
    """Walks the body once; the numbering counts along, so order matters."""

    def __init__(self, numbering: _Numbering) -> None:
        self.numbering = numbering
        self.title = ""

    def lines(self, container: Any, in_cell: bool = False) -> Iterator[str]:
        """The lines of a body, cell or text box."""
        for block in _unwrapped(container):
            if block.tag == _W + "p":
                yield from self._paragraph(block, in_cell)
            elif block.tag == _W + "tbl":
                yield from self._table(block)

    def _paragraph(self, paragraph: Any, in_cell: bool) -> Iterator[str]:
        style = self.numbering.style_name(paragraph)
        text = "".join(_text(paragraph)).strip()
        marker = self.numbering.marker(paragraph)
        if not style.startswith("toc ") and (text or (in_cell and marker)):
            if style == "title" and not self.title:
                self.title = text
            yield from (line.strip() for line in (marker + text).split("\n") if line.strip())
        for box in paragraph.iter(_W + "txbxContent"):
            if not any(parent.tag in _UNREAD for parent in box.iterancestors()):
                yield from self.lines(box)

    def _table(self, table: Any) -> Iterator[str]:
        for row in _unwrapped(table):
            if row.tag != _W + "tr":
                continue
            cells = [list(self.lines(cell, in_cell=True))
                     for cell in _unwrapped(row) if cell.tag == _W + "tc"]  # fmt: skip
            filled = [cell for cell in cells if cell]
            if len(filled) == 1:  # a frame around text, not a row of data
                yield from filled[0]
            elif filled:
                yield " | ".join(" ".join(cell) for cell in cells)


def _text(element: Any) -> Iterator[str]:
    """The visible text pieces of a paragraph, in order, without its text boxes."""
    for child in element:
        if not isinstance(child.tag, str) or child.tag in _UNREAD:
            continue
        tag = child.tag.removeprefix(_W)
        if tag == "t":
            yield child.text or ""
        elif tag in _SIGNS:
            yield "" if child.get(_W + "type") in {"page", "column"} else _SIGNS[tag]
        else:
            yield from _text(child)


# --- automatic numbering -------------------------------------------------------------------


@dataclass(frozen=True)
class _Level:
    """One level of a list definition; `restart_after` is the 1-based level that resets it."""

    start: int = 1
    kind: str = "decimal"
    template: str = ""
    legal: bool = False
    gap: bool = True
    restart_after: int | None = None
    style: str | None = None


@dataclass
class _List:
    """A w:num: its definition, its levels, and the start values that it overrides."""

    definition: str
    levels: dict[int, _Level]
    starts: dict[int, int] = field(default_factory=dict)


class _Numbering:
    """Counts list paragraphs the way Word does: lists of one definition share their counters."""

    def __init__(self, numbering: Any, styles: Any) -> None:
        self._styles = {style.get(_W + "styleId"): style for style in styles.iter(_W + "style")}
        self._default = next(
            (
                key
                for key, style in self._styles.items()
                if style.get(_W + "type") == "paragraph"
                and style.get(_W + "default") in {"1", "true"}
            ),
            None,
        )
        self._lists: dict[str, _List] = {}
        self._counts: dict[str, dict[int, int]] = {}
        self._restarted: set[tuple[str, int]] = set()
        if numbering is not None:
            self._read_lists(numbering)

    def _read_lists(self, numbering: Any) -> None:
        definitions: dict[str | None, Any] = {
            each.get(_W + "abstractNumId"): each for each in numbering.iter(_W + "abstractNum")
        }
        linked = {_value(each, "styleLink"): key for key, each in definitions.items() if key}
        for num in numbering.iter(_W + "num"):
            key = _value(num, "abstractNumId")
            if key is None or key not in definitions:
                continue
            # A definition may only name a list style whose own definition has the levels.
            target = linked.get(_value(definitions[key], "numStyleLink") or "", key)
            levels = {
                int(level.get(_W + "ilvl")): _read_level(level)
                for level in definitions[target].findall(_W + "lvl")
            }
            entry = _List(target, levels)
            for override in num.findall(_W + "lvlOverride"):
                index = int(override.get(_W + "ilvl"))
                level = override.find(_W + "lvl")
                if level is not None:
                    entry.levels[index] = _read_level(level)
                start = _value(override, "startOverride")
                if start is not None:
                    entry.starts[index] = int(start)
            self._lists[num.get(_W + "numId")] = entry

    def _style_chain(self, paragraph: Any) -> Iterator[Any]:
        key = _value(paragraph, "pPr/pStyle") or self._default
        seen: set[str] = set()
        while key is not None and key in self._styles and key not in seen:
            seen.add(key)
            yield self._styles[key]
            key = _value(self._styles[key], "basedOn")

    def style_name(self, paragraph: Any) -> str:
        """The paragraph style's name in lower case, empty if it has none."""
        return next((_value(s, "name") or "" for s in self._style_chain(paragraph)), "").lower()

    def _place(self, paragraph: Any) -> tuple[str, int] | None:
        """List id and level of a paragraph, its own or inherited from its style."""
        list_id = _value(paragraph, "pPr/numPr/numId")
        level = _value(paragraph, "pPr/numPr/ilvl")
        for style in self._style_chain(paragraph):
            inherited = _value(style, "pPr/numPr/numId")
            if list_id is None and inherited is not None:
                list_id = inherited
                level = level or _value(style, "pPr/numPr/ilvl")
                if level is None and inherited in self._lists:
                    bound = style.get(_W + "styleId")
                    levels = self._lists[inherited].levels.items()
                    level = next((str(i) for i, each in levels if each.style == bound), None)
        if list_id is None or list_id not in self._lists:  # "0" takes a paragraph off its list
            return None
        return list_id, int(level or 0)

    def marker(self, paragraph: Any) -> str:
        """Counts the paragraph and returns its number as Word shows it, or an empty string."""
        place = self._place(paragraph)
        if place is None:
            return ""
        index = place[1]
        entry = self._lists[place[0]]
        level = entry.levels.get(index)
        if level is None:
            return ""
        counts = self._counts.setdefault(entry.definition, {})
        start = entry.starts.get(index, level.start)
        if index in entry.starts and place not in self._restarted:
            counts[index] = start
        else:
            counts[index] = counts.get(index, start - 1) + 1
        self._restarted.add(place)
        for deeper in [each for each in counts if each > index]:
            after = entry.levels.get(deeper, _Level()).restart_after
            if after is None or index < after:
                del counts[deeper]

        def number(match: re.Match[str]) -> str:
            above = int(match[1]) - 1
            its = entry.levels.get(above, _Level())
            value = counts.get(above, entry.starts.get(above, its.start))
            return _spell(value, "decimal" if level.legal else its.kind)

        if level.kind == "bullet":
            return ""
        marker = re.sub(r"%([1-9])", number, level.template)
        return marker + " " if level.gap and re.search(r"[^、，。：．）\s]$", marker) else marker


def _read_level(level: Any) -> _Level:
    legal = level.find(_W + "isLgl")
    restart = _value(level, "lvlRestart")
    return _Level(
        start=int(_value(level, "start") or 0),
        kind=_value(level, "numFmt") or "decimal",
        template=_value(level, "lvlText") or "",
        legal=legal is not None and legal.get(_W + "val") not in {"0", "false"},
        gap=_value(level, "suff") != "nothing",
        restart_after=None if restart is None else int(restart),
        style=_value(level, "pStyle"),
    )


def _spell(value: int, kind: str) -> str:
    """A number in one of Word's formats; formats outside the table come out as digits."""
    spell = _FORMATS.get(kind)
    return spell(value) if spell and value > 0 else "" if kind == "none" else str(value)


def _chinese(value: int) -> str:
    return write_numeral(value) if value < 10_000 else str(value)


def _banker(value: int) -> str:
    """The numerals of cheques, which spell out the one of ten: 壹拾贰."""
    signs = str.maketrans("一二三四五六七八九十百千", "壹贰叁肆伍陆柒捌玖拾佰仟")
    spelled = _chinese(value).translate(signs)
    return "壹" + spelled if spelled.startswith("拾") else spelled


def _roman(value: int) -> str:
    if value > 3999:
        return str(value)
    tens = ("", "a", "aa", "aaa", "ab", "b", "ba", "baa", "baaa", "ac")
    signs = ("mxx", "cdm", "xlc", "ivx")
    return "".join(
        tens[value // 10**place % 10].translate(str.maketrans("abc", row))
        for place, row in zip((3, 2, 1, 0), signs, strict=True)
    )


def _letters(value: int) -> str:
    """a … z, then aa, bb … as Word counts."""
    return chr(ord("a") + (value - 1) % 26) * ((value - 1) // 26 + 1)


def _circled(value: int) -> str:
    return chr(0x2460 + value - 1) if value <= 20 else str(value)


def _digitwise(digits: str) -> Callable[[int], str]:
    return lambda value: str(value).translate(str.maketrans("0123456789", digits))


_FORMATS: dict[str, Callable[[int], str]] = {
    "chineseCounting": _chinese,
    "chineseCountingThousand": _chinese,
    "taiwaneseCounting": _chinese,
    "taiwaneseCountingThousand": _chinese,
    "japaneseCounting": _chinese,
    "chineseLegalSimplified": _banker,
    "ideographDigital": _digitwise("〇一二三四五六七八九"),
    "taiwaneseDigital": _digitwise("〇一二三四五六七八九"),
    "ideographTraditional": lambda value: "甲乙丙丁戊己庚辛壬癸"[(value - 1) % 10],
    "decimalFullWidth": _digitwise("０１２３４５６７８９"),
    "decimalZero": lambda value: f"{value:02d}",
    "decimalEnclosedCircle": _circled,
    "decimalEnclosedCircleChinese": _circled,
    "lowerLetter": _letters,
    "upperLetter": lambda value: _letters(value).upper(),
    "lowerRoman": _roman,
    "upperRoman": lambda value: _roman(value).upper(),
}
