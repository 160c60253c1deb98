"""Decimal numbering: 1, 1.1, 2.2.1, A.1, as plans, technical rules and standards have it.

A number counts where it continues the ones before it; amounts such as 28.5米 do not. Tables of
contents repeat the numbers and are passed over.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from index.documents.markers import Span, bare_line

_PLACE = r"\d{1,3}"
_NUMBER = re.compile(
    rf"[\s#*>]*(?P<number>(?:[A-Z]|{_PLACE})(?:\s?[.]\s?{_PLACE}){{0,4}})(?P<stop>\s*[.、:)]?)"
    r"(?P<space>\s*)(?P<rest>.*)$"
)
_UNIT = re.compile(
    r"\s*(?:多|余)?\s*(?:[万亿千百]+\s*(?:元|吨|人|户|亩|米|平|立|辆|台|个|家|千瓦|美元|$)|"
    r"[%‰℃°]|元|米(?!高|深|的)|公里|千米|厘米|毫米|公分|吨|公斤|千克|克|平方|立方|公顷|亩|倍|度以|"
    r"小时|分钟|秒|级地震|升|毫升|千瓦|兆|GB|MB|km|kg|mm|cm|m\b|percent|million|billion|billions)",
)
_PAGE = re.compile(r"(?:[.…·_]{2,}|\s{2,}|[.…·]\s*|\s)[-(]?\s*\d{1,4}\s*\)?$")
_SENTENCE = re.compile(r"[。;!?]$")
_LONGEST_HEADING = 40
_GAP = 3  # how many numbers may be missing
_CONTENTS, _LONGEST_CONTENTS = 3, 500  # lines of a table of contents


@dataclass(frozen=True)
class DecimalMark:
    """A decimal number at the beginning of a line: its places, and the text from where to where."""

    places: tuple[int | str, ...]
    printed: str
    start: int
    text_start: int

    @property
    def depth(self) -> int:
        """How many places the number has, without the letter of an appendix."""
        return len(self.places)


@dataclass(frozen=True)
class _Seen:
    mark: DecimalMark
    line: int
    stop: str
    rest: str


def decimal_marks(text: str, lines: Sequence[Span]) -> list[DecimalMark]:
    """The decimal numbers of these lines that number units; empty where there is no such order."""
    seen = [one for at, span in enumerate(lines) if (one := _seen(text, lines, at, span))]
    seen = _without_contents(text, lines, seen)
    taken: list[_Seen] = []
    top: _Seen | None = None
    refused: set[tuple[int | str, ...]] = set()
    below: list[_Seen | None] = [None] * (len(seen) + 1)  # the next with several places
    for number in range(len(seen) - 1, -1, -1):
        deep_one = len(seen[number].mark.places) > 1
        below[number] = seen[number] if deep_one else below[number + 1]
    for number, one in enumerate(seen):
        places = one.mark.places
        before = taken[-1].mark.places if taken else None
        if _follows(before, places) and (
            len(places) > 1 or _is_top(one, below[number + 1], top, refused)
        ):
            taken.append(one)
            top = top or (one if len(places) == 1 else None)
            refused.clear()
        else:
            refused.add(places)
    deep = [one for one in taken if one.mark.depth > 1]
    if len(deep) < 2 or all(len(one.mark.printed.split(".")) < 2 for one in deep):
        return []
    return [one.mark for one in taken]


def _seen(text: str, lines: Sequence[Span], at: int, span: Span) -> _Seen | None:
    match = _NUMBER.match(text, *span)
    if not match:
        return None
    printed = re.sub(r"\s", "", match["number"])
    parts = printed.split(".")
    rest = match["rest"].strip()
    if len(parts) == 1 and (printed.isalpha() or not _is_apart(match, rest)):
        return None
    if any(len(part) > 1 and part.startswith("0") for part in parts) or "0" in parts[:1]:
        return None
    if (len(parts) > 1 and _UNIT.match(match["rest"])) or re.match(
        r"\s*[,。;:%~—–至-]", match["rest"]
    ):
        return None
    text_start = match.start("rest")
    if not rest:
        # The heading is on the next line.
        if at + 1 >= len(lines):
            return None
        text_start, rest = lines[at + 1][0], bare_line(text, lines[at + 1])
        if _NUMBER.match(rest) and re.match(r"\d", rest):
            return None
    places = tuple(int(part) if part.isdigit() else part for part in parts)
    start = match.start() + len(match.group()) - len(match.group().lstrip())
    return _Seen(DecimalMark(places, printed, start, text_start), at, match["stop"].strip(), rest)


def _is_apart(match: re.Match[str], rest: str) -> bool:
    """Whether a number of one place is set off from what follows: 1总则 is, 28人 is not."""
    if match["space"] or match["stop"].strip():
        return True
    return len(rest) <= 12 and not _UNIT.match(rest) and not re.match(r"[年月日号人名个]", rest)


def _without_contents(text: str, lines: Sequence[Span], seen: list[_Seen]) -> list[_Seen]:
    """The numbers behind a table of contents, in which they stand line by line."""
    if len(seen) < 2 * _CONTENTS:
        return seen
    first = seen[0].mark.places
    for number in range(_CONTENTS, min(len(seen), _LONGEST_CONTENTS)):
        if seen[number].mark.places != first or not _same(seen[number].rest, seen[0].rest):
            continue
        listed = seen[:number]
        between = seen[number - 1].line - seen[0].line + 1
        paged = sum(_PAGE.search(bare_line(text, lines[one.line])) is not None for one in listed)
        if len(listed) >= 0.7 * between or paged >= 0.7 * len(listed):
            return seen[number:]
    return seen


def _same(heading: str, entry: str) -> bool:
    return re.sub(r"\W", "", heading) == re.sub(r"\W", "", _PAGE.sub("", entry))


def _follows(before: tuple[int | str, ...] | None, places: tuple[int | str, ...]) -> bool:
    """Whether a number may come next after another."""
    if isinstance(places[0], str):
        if before is None or before[0] != places[0]:
            return _begins(places[1:]) and len(places) <= 3
    elif before is None or isinstance(before[0], str):
        return (
            before is None
            and places[0] == 1
            and len(places) <= 3
            and (len(places) == 1 or _begins(places[1:]))
        )
    if before is None:
        return False
    if places[: len(before)] == before:
        return _begins(places[len(before) :])
    shared = 0
    while shared < min(len(before), len(places)) and before[shared] == places[shared]:
        shared += 1
    if shared >= min(len(before), len(places)):
        return False
    step = int(places[shared]) - int(before[shared])
    deeper = places[shared + 1 :]
    if deeper:
        return step == 1 and _begins(deeper)
    return 1 <= step <= (_GAP if len(places) > 1 else 1)


def _begins(places: Sequence[int | str]) -> bool:
    """Whether these last places are a first number: .1, .1.1, and .0.1 of technical standards."""
    return bool(places) and set(places) <= {0, 1} and places[-1] == 1


def _is_top(
    one: _Seen, below: _Seen | None, top: _Seen | None, refused: set[tuple[int | str, ...]]
) -> bool:
    """Whether a number of one place heads decimal ones, or is the item of a list inside one."""
    (place,) = one.mark.places
    if len(one.rest) > _LONGEST_HEADING or _SENTENCE.search(one.rest):
        return False
    if top and top.stop != one.stop:
        return False
    if below is not None and below.mark.places[0] == place:
        return True
    listed = isinstance(place, int) and ((place - 1,) in refused or top is None)
    return not listed
