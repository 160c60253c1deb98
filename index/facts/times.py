"""Points in time in clean Chinese text, and the years that goals are set for: `到2025年`.

Reads times alone; what is to be done by then is read elsewhere.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from index.text.numbers import read_numeral

_YEAR = r"(?P<year>(?:19|20)\d{2}|[一二][〇零○一二三四五六七八九]{3})年"
_MONTH = r"(?P<month>\d{1,2}|[一二三四五六七八九十]{1,2})月"
_DAY = r"(?P<day>\d{1,2}|[一二三四五六七八九十]{1,3})日"
POINT = re.compile(rf"{_YEAR}(?:(?P<end>年?底|末)|{_MONTH}(?:(?P<month_end>底|末)|{_DAY})?)?")
FIVE_YEARS = re.compile(
    r"[“\"]?(?P<plan>十[一二三四五六])五[”\"]?(?P<end>时期末|期末|末|期间|时期)?"
)
_PLANS = {"十一": 2010, "十二": 2015, "十三": 2020, "十四": 2025, "十五": 2030, "十六": 2035}


@dataclass(frozen=True)
class Point:
    """A point in time as far as it is named: year, month, day as an ISO date cut short."""

    start: int
    end: int
    iso: str

    @property
    def year(self) -> int:
        """The year."""
        return int(self.iso[:4])


def points(text: str) -> list[Point]:
    """The points in time in a text, in order."""
    found: list[Point] = []
    for match in POINT.finditer(text):
        point = _point(match)
        if point is not None:
            found.append(point)
    return found


def _point(match: re.Match[str]) -> Point | None:
    year = read_numeral(match["year"])
    if year is None or not 1900 <= year <= 2100:
        return None
    iso = f"{year:04d}"
    if match["end"]:
        iso += "-12-31"
    elif match["month"]:
        month = read_numeral(match["month"]) or 0
        if not 1 <= month <= 12:
            return None
        iso += f"-{month:02d}"
        day = read_numeral(match["day"]) if match["day"] else None
        if day and 1 <= day <= 31:
            iso += f"-{day:02d}"
    return Point(match.start(), match.end(), iso)


def goal_year(text: str, issued: int | None = None) -> tuple[int, str] | None:
    """The year by which a text sets goals, and its words: `到2025年`, `“十四五”期间`.

    A year before that in which the document was issued is none; a year that only stands before a
    comma (`2030年，…`) is one where it is known to lie ahead.
    """
    found: tuple[int, int, str] | None = None
    for point in points(text):
        if len(point.iso) > 4 and not point.iso.endswith("-12-31"):
            continue
        if issued is not None and point.year < issued:
            continue
        before, after = text[: point.start], text[point.end :]
        since = re.search(r"(?:自|从|于|较|比|以)$", before)
        since = since or re.match(r"[以之]来|起|\d|[-—~至]", after)
        if _is_goal(before, after, issued is not None) and not since:
            found = (point.start, point.year, text[max(0, point.start - 1) : point.end])
    for match in FIVE_YEARS.finditer(text):
        year = _PLANS.get(match["plan"])
        named = match["end"] or re.search(r"到$", text[: match.start()])
        ahead = issued is None or (year is not None and year >= issued)
        if year and named and ahead and (found is None or match.start() > found[0]):
            found = (match.start(), year, match[0])
    return (found[1], found[2]) if found else None


def _is_goal(before: str, after: str, ahead: bool) -> bool:
    """Whether the words beside a year make it one that goals are set for."""
    if re.search(r"(?:到|至|力争|争取|力争到|确保)$", before):
        return True
    if not re.search(r"(?:^|[,。;:\s])$", before):
        return False
    opens = re.match(r",(?!\d)", after) is not None
    return re.match(r"前|之前|以前", after) is not None or (ahead and opens)
