"""Numbers that an English text writes in words, in digits: ninety days is 90 days.

Full dates become one number. Fractions and ordinals stay. It reads no digits and judges nothing.
"""

from __future__ import annotations

import re

_TO_NINETEEN = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen"
)
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_ONES = {word: value for value, word in enumerate(_TO_NINETEEN.split())} | {
    word: 10 * value for value, word in enumerate(_TENS.split(), 2)
}
_SCALE = r"(?:hundred|thousand|million|billion|trillion)"
_IN_WORDS = re.compile(
    rf"\b(?P<count>{'|'.join(_ONES)}|a|an)(?:[\s-](?P<ones>{'|'.join(_ONES)}))?"
    rf"(?P<scales>(?:[\s-](?:and\s)?{_SCALE})*)\b",
    re.IGNORECASE,
)
_MONTHS = "January February March April May June July August September October November December"
_MONTH = "|".join(_MONTHS.split())
_DATE_EN = re.compile(
    rf"\b(?:(?P<month>{_MONTH})\s+(?P<day>\d{{1,2}}),?\s+(?P<year>\d{{4}})"
    rf"|(?P<day2>\d{{1,2}})\s+(?P<month2>{_MONTH}),?\s+(?P<year2>\d{{4}}))\b"
)


def words_in_digits(text: str) -> str:
    """The text with its number words in digits; `a` and `one` only where they count something."""
    return _IN_WORDS.sub(_in_digits, text)


def _in_digits(match: re.Match[str]) -> str:
    count, scales = match["count"].lower(), match["scales"].strip(" -").lower()
    behind = match.string[match.end() :]
    if count in ("a", "an", "one", "zero") and not scales:
        timed = count == "one" and re.match(r"[\s-](?:hour|day|week|month|year)\b", behind)
        return "1" if timed else match[0]
    value = _ONES.get(count, 1) + (_ONES[match["ones"].lower()] if match["ones"] else 0)
    return f"{value} {scales.replace('-', ' ').replace('and ', '')}".strip()


def dates_in_digits(text: str) -> str:
    """The text with its full dates as one number each: May 24, 2024 is 20240524."""
    return _DATE_EN.sub(
        _date_en,
        re.sub(rf"\b(?:{_MONTH})\b", lambda m: m[0].capitalize(), text, flags=re.IGNORECASE),
    )


def _date_en(match: re.Match[str]) -> str:
    month = _MONTHS.split().index(match["month"] or match["month2"]) + 1
    return f"{match['year'] or match['year2']}{month:02d}{int(match['day'] or match['day2']):02d}"
