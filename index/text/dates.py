"""Days as documents write them, in Chinese and English, as ISO dates.

Reads the writing only; what a day means for a document is for others to say.
"""

from __future__ import annotations

import re
from calendar import month_name
from datetime import date

from index.text.numbers import read_numeral

_D = r"[\d〇○0零一二三四五六七八九十]"
# Three groups each: year, month, day.
DAY = re.compile(rf"({_D}{{4}})\s*年\s*({_D}{{1,3}})\s*月\s*({_D}{{1,3}})\s*日")
DAY_LINE = re.compile(rf"\(?{DAY.pattern}\)?$")
_MONTHS = {name.lower(): number for number, name in enumerate(month_name) if name}
_MONTH = "|".join(name.capitalize() for name in _MONTHS)
DAY_EN = re.compile(
    rf"\b(?:(\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?({_MONTH}),?\s+(\d{{4}})|"
    rf"({_MONTH})\s+(\d{{1,2}})(?:st|nd|rd|th)?,?\s+(\d{{4}}))\b",
    re.IGNORECASE,
)


def iso(parts: tuple[str | None, ...]) -> str | None:
    """The ISO date of a year, month and day in digits or Chinese numerals, None for no day."""
    numbers = [_number(part or "") for part in parts]
    if any(number is None for number in numbers):
        return None
    year, month, day = (number or 0 for number in numbers)
    return _iso(year, month, day)


def iso_en(match: re.Match[str]) -> str | None:
    """The ISO date of a match of DAY_EN."""
    day, month, year = match[1] or match[5], match[2] or match[4], match[3] or match[6]
    return _iso(int(year), _MONTHS[month.lower()], int(day))


def _iso(year: int, month: int, day: int) -> str | None:
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return None


def _number(text: str) -> int | None:
    text = text.replace("○", "〇").replace("零", "〇")
    if any(char.isdigit() and char.isascii() for char in text):
        text = text.replace("〇", "0")
    return read_numeral(text)


def days_later(day: str, days: int) -> str | None:
    """The day so many days after another, None after the year 9999."""
    try:
        return date.fromordinal(date.fromisoformat(day).toordinal() + days).isoformat()
    except (OverflowError, ValueError):
        return None


def last_day(first: str, months: int) -> str | None:
    """The last day of a term of so many months that begins on a day, None after the year 9999."""
    begin = date.fromisoformat(first)
    year, month = divmod(begin.year * 12 + begin.month - 1 + months, 12)
    if year > date.max.year:
        return None
    try:
        after = date(year, month + 1, begin.day)
    except ValueError:  # the 31st of a shorter month, or 29 February
        after = date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1)
    return date.fromordinal(after.toordinal() - 1).isoformat()
