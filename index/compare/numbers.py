"""The numbers in a clean Chinese text that readers look for when it changes.

Amounts, periods, percentages, days, counts and bare digits; numbers of articles and documents,
and names such as 5G, are none. It says what stands there, not what it means.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from index.compare.model import NumberChange, NumberKind
from index.facts.quantities import NUMBER, TIME_UNITS, quantities, read_amount
from index.text.dates import DAY, iso

_YEARS = range(1900, 2101)
_MONTH = re.compile(r"(?<![\d])(?P<year>[\d〇零一二三四五六七八九]{4})年(?P<month>\d{1,2})月")
# The first number of a range has the unit of the second: 三至五年, 5%—10%.
_RANGE = re.compile(rf"(?<![第\dA-Za-z.])({NUMBER})\s*[至到]\s*$")
_DASH = re.compile(r"(?<=[\d%万亿元日月年])[-—–~～](?=\d)")
_DIGITS = re.compile(r"(?<![\dA-Za-z第〔\[.+-])\d[\d,]*(?:\.\d+)?(?![\dA-Za-z〕\]条款项章节编号])")
_ABOUT = re.compile(r"[^,。;:!?\n,()]{0,16}$")


@dataclass(frozen=True)
class Number:
    """A number and where it stands; `key` is equal where it says the same in other signs."""

    start: int
    end: int
    kind: NumberKind
    key: tuple[str, str]


def numbers_in(text: str) -> list[Number]:
    """The numbers of a text, in order; none overlap."""
    # A dash between two numbers is no minus.
    text = _DASH.sub("至", text)
    found: list[Number] = []

    def free(start: int, end: int) -> bool:
        return all(end <= one.start or start >= one.end for one in found)

    for match in DAY.finditer(text):
        day = iso(match.groups()) or match[0]
        found.append(Number(*match.span(), "day", (day, "day")))
    for match in _MONTH.finditer(text):
        if free(*match.span()):
            found.append(Number(*match.span(), "day", (match[0], "month")))
    for each in quantities(text):
        if not free(each.start, each.end):
            continue
        kind = _kind(each.value, each.unit, each.currency, each.percent)
        unit = "year" if kind == "day" else each.unit
        found.append(Number(each.start, each.end, kind, (_plain(each.value), unit)))
    for number in tuple(found):
        led = _RANGE.search(text[: number.start])
        if led and free(*led.span(1)) and (value := read_amount(led[1])) is not None:
            found.remove(number)
            key = f"{_plain(value)}-{number.key[0]}", number.key[1]
            found.append(Number(led.start(1), number.end, number.kind, key))
    for digits in _DIGITS.finditer(text):
        if free(*digits.span()):
            value = Decimal(digits[0].replace(",", ""))
            found.append(Number(*digits.span(), "number", (_plain(value), "")))
    return sorted(found, key=lambda one: one.start)


def changed_numbers(
    old: str, new: str, changed: Sequence[tuple[int, int, int, int]]
) -> tuple[NumberChange, ...]:
    """The numbers that differ within stretches of two texts that were laid over each other.

    A stretch is start and end in the old text, then in the new one. Numbers that say the same in
    other signs (30日, 三十日) have not changed.
    """
    before, after = numbers_in(old), numbers_in(new)
    found: list[NumberChange] = []
    for first, last, start, end in changed:
        gone = [one for one in before if one.start < last and one.end > first]
        come = [one for one in after if one.start < end and one.end > start]
        for one, other in _paired(gone, come):
            known = one or other
            assert known is not None
            text = old if one else new
            found.append(
                NumberChange(
                    known.kind,
                    old[one.start : one.end] if one else None,
                    new[other.start : other.end] if other else None,
                    _about(text, known.start),
                )
            )
    return tuple(found)


def _paired(
    gone: Sequence[Number], come: Sequence[Number]
) -> list[tuple[Number | None, Number | None]]:
    """The numbers of one stretch, old beside new, without those that say the same."""
    left = list(come)
    old: list[Number] = []
    for one in gone:
        same = next((other for other in left if other.key == one.key), None)
        if same is None:
            old.append(one)
        else:
            left.remove(same)
    found: list[tuple[Number | None, Number | None]] = []
    for rank in (1, 2):
        for one in tuple(old):
            other = next((each for each in left if _alike(one, each) >= 3 - rank), None)
            if other is not None:
                found.append((one, other))
                old.remove(one)
                left.remove(other)
    found += [(one, None) for one in old]
    found += [(None, other) for other in left]
    return sorted(found, key=lambda pair: next(one.start for one in pair if one))


def _alike(one: Number, other: Number) -> int:
    """2 for numbers of one unit, 1 for those of one kind."""
    return (one.key[1] == other.key[1]) + (one.kind == other.kind) if one.kind == other.kind else 0


def _kind(value: Decimal, unit: str, currency: str | None, percent: bool) -> NumberKind:
    if currency:
        return "amount"
    if percent or unit == "‰":
        return "percent"
    if unit == "年" and value in _YEARS:
        return "day"
    return "time" if unit in TIME_UNITS else "count"


def _plain(value: Decimal) -> str:
    return format(value.normalize(), "f")


def _about(text: str, start: int) -> str:
    """The words right before a number."""
    match = _ABOUT.search(text[:start])
    return match[0].strip() if match else ""
