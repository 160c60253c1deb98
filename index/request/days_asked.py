"""The day, month, quarter or year that a question names as a day.

Days told relative to today are made days of the calendar before (index.text.days).
"""

from __future__ import annotations

import re
from calendar import month_name, monthrange
from dataclasses import dataclass
from datetime import date

from index.text.numbers import read_numeral

_MONTHS = {name.lower(): number for number, name in enumerate(month_name) if name}
DAY_ZH = re.compile(
    r"((?:19|20)\d{2})\s*年(?:\s*(\d{1,2})\s*月(?:\s*(\d{1,2})\s*[日号])?)?(初|底|末)?"
)
_MONTH_NAME = "|".join(_MONTHS)
DAY_EN = re.compile(
    rf"\b(?:(\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?)?({_MONTH_NAME})\s*(?:(\d{{1,2}})(?:st|nd|rd|th)?)?"
    rf"\s*,?\s*(?:of\s+)?((?:19|20)\d{{2}})\b|"
    rf"\b(?:in|by|on|of|as of|until|since|during)\s+(?:early\s+|late\s+)?((?:19|20)\d{{2}})\b",
    re.IGNORECASE,
)
# A quarter or half of a year.
_PART = re.compile(
    r"(?P<zh>(?:19|20)\d{2})\s*年\s*(?:第?(?P<quarter>[一二三四1-4])季度|(?P<half>上|下)半年)|"
    r"\b(?:the\s+)?(?P<part>first|second|third|fourth)\s+(?P<unit>quarter|half)\s+of\s+"
    r"(?P<en>(?:19|20)\d{2})\b",
    re.IGNORECASE,
)
_PARTS_EN = {"first": 1, "second": 2, "third": 3, "fourth": 4}
_ISO_DAY = re.compile(r"(?<!\d)((?:19|20)\d{2})-(\d{2})(?:-(\d{2}))?(?![\d-])")
_PREPOSITION = re.compile(r"^(?:in|by|on|of|as of|until|since|during)\s+", re.IGNORECASE)


@dataclass(frozen=True)
class AskedDay:
    """A day, month or year that a question asks about; `shown` as the question has it."""

    first: date
    last: date
    shown: str


def asked_day(question: str) -> AskedDay | None:
    """The day (or month, quarter or year) that a question names, None where it names none."""
    if part := _asked_part(question):
        return part
    for pattern in (_ISO_DAY, DAY_ZH, DAY_EN):
        for match in pattern.finditer(question):
            groups = match.groups()
            if pattern is DAY_EN:
                day, month, year = groups[0] or groups[2], groups[1], groups[3] or groups[4]
                number = _MONTHS[month.lower()] if month else None
            else:
                year, month, day = groups[:3]
                number = int(month) if month else None
            found = _day(
                int(year), number, int(day) if day else None, _PREPOSITION.sub("", match[0].strip())
            )
            if found:
                return found
    return None


def _asked_part(question: str) -> AskedDay | None:
    match = _PART.search(question)
    if match is None:
        return None
    year = match["zh"] or match["en"]
    if match["half"]:
        length, part = 6, "上下".index(match["half"]) + 1
    elif match["quarter"]:
        length, part = 3, read_numeral(match["quarter"]) or 1
    else:
        length = 3 if match["unit"].lower() == "quarter" else 6
        part = _PARTS_EN[match["part"].lower()]
    last = part * length
    if last > 12:
        return None
    first = date(int(year), last - length + 1, 1)
    return AskedDay(first, date(int(year), last, monthrange(int(year), last)[1]), match[0])


def _day(year: int, month: int | None, day: int | None, shown: str) -> AskedDay | None:
    try:
        first = date(year, month or 1, day or 1)
        last = date(year, month or 12, day or monthrange(year, month or 12)[1])
    except ValueError:
        return None
    return AskedDay(first, last, shown)
