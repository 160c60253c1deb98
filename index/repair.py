"""Damaged text to clean text, with a map back to the source.

Repairs what harvested Chinese documents suffer from: pinyin glued to characters, GBK bytes read
one byte off (shift.py), full-width and compatibility forms, traditional characters, a few letter
confusions of optical recognition. It knows nothing about articles or numbering.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from index.characters import Cells, to_simplified
from index.shift import LOST, realign

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["LOST", "CleanText", "clean", "to_simplified"]

_TONED = "āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜńňǹḿ"
_PINYIN = re.compile(rf"\((?=[a-zü]*[{_TONED}])[a-zü{_TONED}]{{1,7}}\)")
# The annotated character itself, with its opening bracket, has become a question mark.
_ORPHANED_PINYIN = re.compile(rf"(?<=\?)(?=[a-zü]*[{_TONED}])[a-zü{_TONED}]{{1,7}}\)")
_KEPT_FORMS = {chr(code) for code in range(0x2460, 0x2474)}  # ① to ⑳ number the finest items
_DROPPED = {"\ufeff", "\u200b", "\u200c", "\u200d", "\u2060", "\u00ad"}
_RECOGNITION_ERRORS = (
    (re.compile(r"(?<![A-Za-z0-9])S(?=G(?![A-Za-z0-9]))"), "5"),  # SG网络 is 5G网络
    (re.compile(r"(?<=[A-Z])o(?=[\u4e00-\u9fff])"), "。"),  # 内容IPo深入 is 内容IP。深入
)


@dataclass(frozen=True)
class CleanText:
    """Clean text and where it comes from.

    `offsets[i]` is the source offset at which `text[i]` begins; `offsets[len(text)]` is the
    length of the source. `repairs` says in words what was mended, one line a kind.
    """

    text: str
    offsets: tuple[int, ...]
    repairs: tuple[str, ...]


def clean(source: str) -> CleanText:
    """Repair `source` and normalise it (NFKC, simplified characters).

    Line breaks are kept, so that the parser still sees the lines of the source.
    """
    cells = Cells(source)
    repairs: list[str] = []
    pinyin = [match.span() for match in _PINYIN.finditer(source)]
    pinyin += [match.span() for match in _ORPHANED_PINYIN.finditer(source)]
    if pinyin:
        cells.replace([(start, end, ()) for start, end in sorted(pinyin)])
        repairs.append(f"{len(pinyin)} pinyin annotations removed")
    if shifted := realign(cells):
        repairs.append(f"{shifted} runs of GBK text read one byte off restored")
    _normalise(cells)
    confused = 0
    for pattern, replacement in _RECOGNITION_ERRORS:
        edits = [
            (match.start(), match.end(), [(replacement, cells.offsets[match.start()])])
            for match in pattern.finditer(cells.text)
        ]
        confused += len(edits)
        cells.replace(edits)
    if confused:
        repairs.append(f"{confused} letters confused by optical recognition corrected")
    simplified = to_simplified(cells.text)
    if changed := sum(a != b for a, b in zip(cells.text, simplified, strict=True)):
        share = changed / max(1, len(simplified))
        if share > 0.02:
            repairs.append("traditional characters read as simplified ones")
    return CleanText(simplified, (*cells.offsets, len(source)), tuple(repairs))


def _normalise(cells: Cells) -> None:
    edits: list[tuple[int, int, Sequence[tuple[str, int]]]] = []
    for position, char in enumerate(cells.chars):
        if char in _DROPPED:
            edits.append((position, position + 1, ()))
        elif char > "\x7f" and char not in _KEPT_FORMS:
            new = " " if char == "\u3000" else unicodedata.normalize("NFKC", char)
            if new != char:
                offset = cells.offsets[position]
                edits.append((position, position + 1, [(piece, offset) for piece in new]))
        elif char in "\t\r\f\v":
            edits.append((position, position + 1, [(" ", cells.offsets[position])]))
    cells.replace(edits)
