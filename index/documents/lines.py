"""A line of a page with its place, in usual characters.

It knows single lines and their distances; what they make together is in pages.py and furniture.py.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

_SPACED = re.compile(r"(?<=[㐀-鿿〇，。、；：]) +(?=[㐀-鿿〇，。、；：])")
# PDF writers often name a glyph by its radical: ⼀ for 一, ⻓ for 长. NFKC mends the first block,
# this table the second.
_RADICALS = dict(
    zip(
        "⺟⺠⻁⻄⻅⻆⻉⻋⻓⻔⻘⻙⻚⻛⻜⻝⻢⻣⻤⻥⻦⻧⻨⻩⻬⻮⻰⻳",
        "母民虎西见角贝车长门青韦页风飞食马骨鬼鱼鸟卤麦黄齐齿龙龟",
        strict=True,
    )
)
_RADICALS |= {chr(code): unicodedata.normalize("NFKC", chr(code)) for code in range(0x2F00, 0x2FD6)}
_RADICALS["⼾"] = "户"  # NFKC gives the traditional form
_LIGATURES = {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"}
_MENDED = str.maketrans(_RADICALS | _LIGATURES)
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f\x7f\ufeff\u200b]")


@dataclass(frozen=True)
class Line:
    """A line of a page and where it stands; a `size` of 0 says that its place is not known.

    `left` and `top` (of the baseline) are measured from the page's upper left corner.
    """

    text: str
    left: float = 0.0
    top: float = 0.0
    size: float = 0.0


def usual(lines: Iterable[Line]) -> list[Line]:
    """The lines in usual characters: radicals mended, letter-spacing closed; none of them empty."""
    mended = []
    for line in lines:
        text = _CONTROLS.sub("", line.text.translate(_MENDED)).strip()
        pairs = len(re.findall(r"(?<=[㐀-鿿〇]) *(?=[㐀-鿿〇])", text))
        if len(_SPACED.findall(text)) * 2 >= pairs:  # 第 一 章, or justified text
            text = _SPACED.sub("", text)
        if text:
            mended.append(replace(line, text=text))
    return mended


def pitch(pages: Sequence[Sequence[Line]]) -> float:
    """The distance between lines that wrap, 0 where it is not known."""
    steps = []
    for page in pages:
        tops = sorted({round(line.top, 1) for line in page if line.size})
        steps += [b - a for a, b in pairwise(tops) if b - a > 1]
    # What stands apart, such as furniture and headings, takes up no more than three quarters.
    return sorted(steps)[len(steps) // 4] if steps else 0.0
