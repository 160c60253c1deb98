"""Brings texts into a comparable form and reads the numbers in them, Chinese and English.

Answers, facts and clauses are compared in this form only. It judges nothing.
"""

from __future__ import annotations

import re
import unicodedata
from fractions import Fraction
from functools import cache
from itertools import pairwise
from typing import NamedTuple, Protocol, cast

_WIDE = r"[\u3000-\u303f\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]"
_SPACE_AT_WIDE = re.compile(rf"(?<={_WIDE})\s+|\s+(?={_WIDE})")
_GROUPED = re.compile(r"(?<![\d.,])\d{1,3}(?:,\d{3})+(?!\d|,\d)")
# A bracketed number of one or two digits; [2021] is the year of a document number.
_MARK = re.compile(r"\s*(?:\[\d{1,2}\]|【\d{1,2}】|[⁰¹²³⁴-⁹]+)")
_PLAIN = str.maketrans({"“": '"', "”": '"', "‘": "'", "’": "'", "–": "-", "—": "-", "−": "-"})


class _Converter(Protocol):
    def convert(self, text: str) -> str: ...


@cache
def _to_simplified() -> _Converter:
    import opencc

    return cast(_Converter, opencc.OpenCC("t2s"))


def comparable(text: str) -> str:
    """The text in NFKC, lower case, simplified characters, with plain quotes and dashes.

    Runs of white space become one space, and none next to a Chinese character; separators of
    thousands (`4,300`) are removed.
    """
    text = unicodedata.normalize("NFKC", text).lower().translate(_PLAIN)
    text = _to_simplified().convert(text)
    text = _GROUPED.sub(lambda match: match[0].replace(",", ""), text)
    return _SPACE_AT_WIDE.sub("", " ".join(text.split()))


def without_marks(answer: str) -> str:
    """The answer without its citation marks (`[1]`, `【1】`, superscripts)."""
    return _MARK.sub("", answer)


def states(text: str, form: str) -> bool:
    """Whether `text` holds `form`, both compared as `comparable`.

    A form that begins or ends with a digit must not touch further digits of the same number
    (`30` is not in `300`, `1.30` or `30.5`), and one that begins with a Latin letter must begin
    a word (`art` is not in `smart`); endings are free, so that plurals match.
    """
    form = comparable(form)
    before = after = ""
    if form[:1].isdigit():
        before = r"(?<!\d)(?<!\d\.)"
    elif form[:1].isascii() and form[:1].isalpha():
        before = r"(?<![a-z])"
    if form[-1:].isdigit():
        after = r"(?!\d)(?!\.\d)"
    return bool(form) and re.search(before + re.escape(form) + after, comparable(text)) is not None


_SCALES = {
    "hundred": 10**2,
    "thousand": 10**3,
    "million": 10**6,
    "mn": 10**6,
    "billion": 10**9,
    "bn": 10**9,
    "trillion": 10**12,
    "tn": 10**12,
}
_UNITS = {"十": 10, "百": 10**2, "千": 10**3, "万": 10**4, "亿": 10**8}
_DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}

_NUMBER = re.compile(
    # The inner digit of o2o or b2b names no quantity.
    r"(?<!\d)(?<!\d\.)(?!(?<=[a-z])\d[a-z])(?P<digits>\d+(?:\.\d+)?)"
    # 百分点 is a percentage point: its 百 multiplies nothing.
    r"(?:\s*-?plus)?(?:\s*[余多来]?(?P<units>(?!百分)[十百千万亿]+)"
    r"|[\s-]*(?P<scales>(?:hundred|thousand|million|billion|trillion|bn|mn|tn)s?"
    r"(?:[\s-]+(?:thousand|million|billion|trillion))?)\b)?"
)
_RANGE = re.compile(r"\s*(?:个?[-~至到或、]|to|and|or|,)\s*(?:rmb|us\$|usd|[$¥])?\s*")
_HAN_NUMBER = re.compile(r"[零〇一二两三四五六七八九十百千万亿]+")


class StatedNumber(NamedTuple):
    """A number as written, in comparable form, and the values it may stand for."""

    written: str
    values: frozenset[Fraction]


def stated_numbers(text: str) -> list[StatedNumber]:
    """The numbers that the text writes in digits, in order.

    `4300亿` and `430 billion` are both 430000000000. A number is ambiguous where its unit may
    belong to the next word (`5千米`: 5 or 5000) or where the unit follows later
    (`30 to 40 billion`: the first is 30 or 30 billion).
    """
    text = comparable(text)
    matches = list(_NUMBER.finditer(text))
    values: list[set[Fraction]] = []
    scales = [_scale(match) for match in matches]
    for match, scale in zip(matches, scales, strict=True):
        value = Fraction(match["digits"])
        units = match["units"]
        ambiguous = units is not None and units[-1] in "十百千"
        # Of 10亿千瓦 the 千 alone may be the kilowatt's.
        values.append(
            {value * scale, value * scale / _UNITS[units[-1]]} if ambiguous else {value * scale}
        )
    for index, (one, next_one) in reversed(list(enumerate(pairwise(matches)))):
        if scales[index] == 1 and _RANGE.fullmatch(text[one.end() : next_one.start()]):
            scales[index] = scales[index + 1]
            values[index].add(Fraction(one["digits"]) * scales[index + 1])
    return [
        StatedNumber(match[0].strip(), frozenset(found))
        for match, found in zip(matches, values, strict=True)
    ]


def known_numbers(text: str) -> frozenset[Fraction]:
    """Every value a number in the text may stand for, those in Chinese numerals included.

    A run such as 十四五 that is no single number gives its parts, 14 and 5; a run of plain
    digits (二〇二一) gives each of them and the whole. 一刻钟 is also 15 (minutes).
    """
    known = {value for number in stated_numbers(text) for value in number.values}
    text = comparable(text).replace("百分之", " ").replace("百分点", " ")
    for match in _HAN_NUMBER.finditer(text):
        run = match[0]
        # After a digit the units were read with it; alone they would add a bare 10000 for 3万.
        if match.start() and re.match(r"[\d余多来]", text[match.start() - 1]):
            run = run.lstrip("十百千万亿")
        found = _han_values(run)
        known.update(Fraction(value) for value in found)
        if found and text.startswith("刻钟", match.end()):
            known.add(Fraction(15 * found[-1]))
        if len(run) > 1 and all(char in _DIGITS for char in run):
            known.add(Fraction(int("".join(str(_DIGITS[char]) for char in run))))
    return frozenset(known)


def _scale(match: re.Match[str]) -> int:
    scale = 1
    for unit in match["units"] or "":
        scale *= _UNITS[unit]
    for word in re.findall("[a-z]+", match["scales"] or ""):
        scale *= _SCALES[word] if word in _SCALES else _SCALES[word.removesuffix("s")]
    return scale


def _han_values(run: str) -> list[int]:
    """The numbers in a run of Chinese numerals, cut where a new one must begin."""
    values: list[int] = []
    # What is complete up to 亿, up to 万, and below; the digit that awaits its unit.
    high, middle, low = 0, 0, 0
    digit: int | None = None
    last_unit = 10**4
    begun = False

    def close() -> None:
        nonlocal high, middle, low, digit, last_unit, begun
        if begun:
            values.append(high + middle + low + (digit or 0))
        high, middle, low, digit, last_unit, begun = 0, 0, 0, None, 10**4, False

    for char in run:
        if char in _DIGITS:
            if digit is not None and not (digit == 0 and begun and low + middle + high):
                close()
            digit = _DIGITS[char]
        else:
            unit = _UNITS[char]
            if unit < 10**4:
                if unit >= last_unit:
                    close()
                low, last_unit = low + (digit or (1 if digit is None else 0)) * unit, unit
            else:
                section = low + (digit or 0)
                if unit == 10**4:
                    if middle:
                        close()
                        section = 0
                    middle = (section if begun else 1) * unit
                else:
                    high = (high + middle + section if begun else 1) * unit
                    middle = 0
                low, last_unit = 0, 10**4
            digit = None
        begun = True
    close()
    return values
