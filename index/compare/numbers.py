"""The numbers in a clean Chinese text that readers look for when it changes.

Amounts, periods, percentages, days, counts and bare digits; numbers of articles and documents,
and names such as 5G, are none. It says what stands there, not what it means.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right, insort
from collections import defaultdict, deque
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from index.compare.model import NumberChange, NumberKind
from index.facts.quantities import NUMBER, TIME_UNITS, quantities, read_amount
from index.text.dates import DAY, iso

_YEARS = frozenset(range(1900, 2101))
_MONTH = re.compile(r"(?<![\d])(?P<year>[\d〇零一二三四五六七八九]{4})年(?P<month>\d{1,2})月")
# The first number of a range has the unit of the second: 三至五年, 5%—10%.
_RANGE = re.compile(rf"(?<![第\dA-Za-z.])({NUMBER})\s*[至到]\s*$")
_DASH = re.compile(r"(?<=[\d%万亿元日月年])[-—–~～](?=\d)")
_DIGITS = re.compile(r"(?<![\dA-Za-z第〔\[.+-])\d[\d,]*(?:\.\d+)?(?![\dA-Za-z〕\]条款项章节编号])")
# So far before a number its range begins, and the words about it.
_REACH, _SAID = 60, 40
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
    found = _Places()
    for match in DAY.finditer(text):
        day = iso(match.groups()) or match[0]
        found.put(Number(*match.span(), "day", (day, "day")))
    for match in _MONTH.finditer(text):
        found.put(Number(*match.span(), "day", (match[0], "month")))
    for each in quantities(text):
        kind = _kind(each.value, each.unit, each.currency, each.percent)
        unit = "year" if kind == "day" else each.unit
        found.put(Number(each.start, each.end, kind, (_plain(each.value), unit)))
    for number in found.all():
        led = _RANGE.search(text, max(number.start - _REACH, 0), number.start)
        if led and found.free(*led.span(1)) and (value := read_amount(led[1])) is not None:
            key = f"{_plain(value)}-{number.key[0]}", number.key[1]
            found.take(number)
            found.put(Number(led.start(1), number.end, number.kind, key))
    for digits in _DIGITS.finditer(text):
        if found.free(*digits.span()):
            value = Decimal(digits[0].replace(",", ""))
            found.put(Number(*digits.span(), "number", (_plain(value), "")))
    return found.all()


class _Places:
    """Numbers that do not overlap, by where they begin."""

    def __init__(self) -> None:
        self._starts: list[int] = []
        self._numbers: dict[int, Number] = {}

    def free(self, start: int, end: int) -> bool:
        """Whether no number stands there."""
        after = bisect_left(self._starts, end)
        return not after or self._numbers[self._starts[after - 1]].end <= start

    def put(self, number: Number) -> None:
        """Put a number where none stands; otherwise nothing."""
        if self.free(number.start, number.end):
            insort(self._starts, number.start)
            self._numbers[number.start] = number

    def take(self, number: Number) -> None:
        """Take a number away."""
        del self._starts[bisect_left(self._starts, number.start)]
        del self._numbers[number.start]

    def all(self) -> list[Number]:
        """The numbers in order."""
        return [self._numbers[start] for start in self._starts]


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
        gone, come = _within(before, first, last), _within(after, start, end)
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


def _within(numbers: Sequence[Number], start: int, end: int) -> Sequence[Number]:
    """Those of the numbers, in order, that stand in a stretch or reach into it."""
    first = bisect_right(numbers, start, key=lambda one: one.end)
    return numbers[first : bisect_left(numbers, end, key=lambda one: one.start)]


def _paired(
    gone: Sequence[Number], come: Sequence[Number]
) -> list[tuple[Number | None, Number | None]]:
    """The numbers of one stretch, old beside new, without those that say the same."""
    old, left = list(gone), dict(enumerate(come))
    found: list[tuple[Number | None, Number | None]] = []
    for same in _ALIKE:
        places: dict[Hashable, deque[int]] = defaultdict(deque)
        for place, other in left.items():
            places[same(other)].append(place)
        alone = []
        for one in old:
            if not (own := places[same(one)]):
                alone.append(one)
                continue
            other = left.pop(own.popleft())
            if other.key != one.key:
                found.append((one, other))
        old = alone
    found += [(one, None) for one in old]
    found += [(None, other) for other in left.values()]
    return sorted(found, key=lambda pair: next(one.start for one in pair if one))


# What makes two numbers belong together, most alike first: the same, of one unit, of one kind.
_ALIKE: tuple[Callable[[Number], Hashable], ...] = (
    lambda one: one.key,
    lambda one: (one.kind, one.key[1]),
    lambda one: one.kind,
)


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
    match = _ABOUT.search(text, max(start - _SAID, 0), start)
    return match[0].strip() if match else ""
