"""Damaged text to clean text, with a map back to the source.

Repairs what harvested Chinese documents suffer from: pinyin glued to characters, GBK bytes read
one byte off (shift.py), full-width and compatibility forms, traditional characters, and letters
and signs that optical recognition confuses, where only one of them can be meant. It knows nothing
about the order of articles.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from index.text.characters import Cells, to_simplified
from index.text.shift import LOST, realign
from prompts.notices import notice

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

_STROKES = "—–―-"
_TO_ONE = dict.fromkeys(_STROKES, "一")
_ZERO = {"0": "〇", "O": "〇", "o": "〇"}
_DIGITS = {"O": "0", "o": "0", "l": "1", "I": "1", "|": "1"}
# Where what stands there cannot be meant: the place, and what is meant by its signs.
_CONFUSED_SIGNS = (
    # 第十—条, —、 and (十—) are numbers; 2019一2021 is a span of years.
    (re.compile(rf"(?<=第)[{_STROKES}](?=[条章节款项十百])"), _TO_ONE),
    (re.compile(rf"(?<=[十百零])[{_STROKES}](?=[条章节款项])"), _TO_ONE),
    (re.compile(rf"^\s*十?[{_STROKES}](?=、)", re.MULTILINE), _TO_ONE),
    (re.compile(rf"^\s*\(十?[{_STROKES}](?=\))", re.MULTILINE), _TO_ONE),
    (re.compile(r"(?<=\d)一(?=\d)"), {"一": "—"}),
    # 二O二一年 is a year in Chinese numerals; 2O21年 and 1l月 are numbers in digits.
    (re.compile(r"(?<!\w)二[〇零0Oo][〇零0Oo一二三四五六七八九]{2}(?=年)"), _ZERO),
    (re.compile(r"(?<![A-Za-z\d])\d[\dOolI|]{1,3}(?=[年月日])"), _DIGITS),
    (re.compile(r"(?<=\d\d[\])}>〉》」』〕】])[\dOolI|]{1,5}(?=号)"), _DIGITS),
)
_YEAR = re.compile(
    r"(?<=[\u4e00-\u9fff])([\[({<〈《「『〔【])(?:19|20)\d\d([\])}>〉》」』〕】])"
    r"(?=第?[\dOolI|]{1,5}号)"
)
_BRACKETS = ("[]", "()", "〔〕", "【】")


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
        repairs.append(notice("repaired-pinyin", count=len(pinyin)))
    if shifted := realign(cells):
        repairs.append(notice("repaired-gbk", count=shifted))
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
        repairs.append(notice("repaired-letters", count=confused))
    if signs := _mend_signs(cells):
        repairs.append(notice("repaired-signs", count=signs))
    simplified = to_simplified(cells.text)
    if changed := sum(a != b for a, b in zip(cells.text, simplified, strict=True)):
        share = changed / max(1, len(simplified))
        if share > 0.02:
            repairs.append(notice("traditional"))
    return CleanText(simplified, (*cells.offsets, len(source)), tuple(repairs))


def _mend_signs(cells: Cells) -> int:
    """Put the signs that are meant where others cannot be; gives how many there were."""
    # One sign for one, and all at once, however many there are.
    signs: dict[int, str] = {}
    for match in _YEAR.finditer(cells.text):
        if match[1] + match[2] not in _BRACKETS:
            signs |= {match.start(1): "〔", match.start(2): "〕"}
    for pattern, meant in _CONFUSED_SIGNS:
        for match in pattern.finditer(cells.text):
            for at, sign in enumerate(match[0], match.start()):
                if sign in meant:
                    signs[at] = meant[sign]
    changed = sorted((at, sign) for at, sign in signs.items() if cells.text[at] != sign)
    cells.replace([(at, at + 1, [(sign, cells.offsets[at])]) for at, sign in changed])
    return len(changed)


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
