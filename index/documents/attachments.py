"""Where the parts of a text begin: attachments under a heading, and regulations under a title.

A heading of an attachment is told from its entry in the notice's list of attachments. Each part
has numbering of its own; what is numbered in it is decided in outline.py.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace

from index.documents.markers import ARTICLE, FIRST, SECOND, THIRD, Candidate, Span, bare_line
from index.documents.metadata import ISSUER_LINE, TITLE_END
from index.text.dates import DAY_LINE
from index.text.numbers import NUMERAL, read_numeral

_NUMBER = rf"(?:\d{{1,3}}(?:[-—–]\d{{1,2}})?|{NUMERAL}{{1,3}}|[A-Z](?![A-Za-z]))"
_HEADING = re.compile(
    rf"附\s*(?P<kind>[件表录图])\s*[(\[]?\s*(?P<number>{_NUMBER})?\s*[)\]]?\s*[:.、,\s]*"
    r"(?P<title>.*)$"
)
_SHORT_HEADING = re.compile(r"附\s*(?P<kind>)(?P<number>)(?::\s*(?P<title>.*)|(?P<alone>))$")
_ENGLISH = re.compile(
    r"(?P<kind>annex|attachment|appendix|schedule)\s*"
    r"(?P<number>\d{1,3}|[A-Z](?![A-Za-z])|[IVX]{1,4}(?![A-Za-z]))?\s*[:.\-–—\s]*(?P<title>.*)$",
    re.IGNORECASE,
)
_ENTRY = re.compile(r"\d{1,2}\s*[.、,]\s*\S[^。;]{1,60}$")
_REFERS = re.compile(
    r"的|所|中|和|与|及|或|至|规定|第|执行|要求|为准|is\b|of\b|shall\b|sets\b|to\b", re.I
)
_CLOSES = re.compile(r"\((?:此件|本文|联系)|联系(?:人|电话|方式)|抄送|主题词|印发")
_ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X")
_NAMES = {"件": "附件", "表": "附表", "录": "附录", "图": "附图", "": "附件"}
LONGEST_TITLE = 60


@dataclass(frozen=True)
class _Line:
    """A line that may head an attachment."""

    at: int  # which line
    start: int
    kind: str
    number: str
    title: str

    @property
    def key(self) -> tuple[str, str]:
        return self.kind, self.number


def attachment_starts(text: str, lines: Sequence[Span]) -> list[tuple[int, str]]:
    """Where attachments begin, and how each is called: 附件1, 附表2, 附录A, 附件."""
    bare = [bare_line(text, span) for span in lines]
    candidates = [
        one for at, line in enumerate(bare) if at and (one := _heading(at, lines[at][0], line))
    ]
    headings: list[_Line] = []
    listed: list[_Line] = []
    for number, one in enumerate(candidates):
        (listed if _is_entry(one, candidates[number + 1 :], bare) else headings).append(one)
    if not headings:
        headings = _headed_by_title(listed, lines, bare)
    found: list[tuple[int, str]] = []
    for one in headings:
        # A second attachment without a number is the second.
        counted = "" if one.number or not found else str(len(found) + 1)
        found.append((one.start, _NAMES[one.kind] + (one.number or counted)))
    return found


def names_attachment(line: str) -> bool:
    """Whether a line heads an attachment or is its entry in a list."""
    return _heading(0, 0, line.strip(" #*>\t")) is not None


def _heading(at: int, start: int, line: str) -> _Line | None:
    match = _HEADING.match(line) or _SHORT_HEADING.match(line) or _ENGLISH.match(line)
    if not match:
        return None
    title = (match["title"] or "").strip()
    if len(title) > LONGEST_TITLE or re.search(r"[。;]", title) or title.endswith((",", ":")):
        return None
    between = line[: match.start("title")] if match["title"] else line
    closed = between[-1:] in ":.、-–— )]"
    if title and not closed and _REFERS.match(title):
        return None
    if match.re is _ENGLISH and title and not (match["number"] or closed):
        return None
    kind = match["kind"] if match.re is _HEADING else ""
    if kind in ("表", "图", "录") and not match["number"] and title and ":" not in between:
        return None  # 附表的说明
    return _Line(at, start, kind, _printed(match["number"] or ""), title)


def _printed(number: str) -> str:
    """The number of an attachment as it stands in paths: in Arabic numerals or a letter."""
    if (number in _ROMAN and len(number) > 1) or number in ("I", "V", "X"):
        return str(_ROMAN.index(number) + 1)
    if re.fullmatch(r"\d+[-—–]\d+", number):
        return re.sub(r"[—–]", "-", number)
    return str(read_numeral(number) or number.upper())


def _is_entry(one: _Line, later: Sequence[_Line], bare: Sequence[str]) -> bool:
    """Whether the line is in a list of attachments: nothing of an attachment follows it."""
    following = one.at + 1
    while (
        following < len(bare)
        and _ENTRY.match(bare[following])
        and (one.number in ("", "1") and (one.title or bare[one.at].endswith(":")))
    ):
        ordinal = re.match(r"\d+", bare[following])
        if ordinal and ordinal.group() == "1" and one.title:
            break  # 1. is the first item of this attachment
        following += 1
    if following >= len(bare):
        return True
    if any(other.at == following for other in later):
        return True
    line = bare[following]
    again = any(other.key == one.key for other in later)
    if again and (_CLOSES.match(line) or _is_signed(bare, following)):
        return True
    if re.match(r"1\s*[.、]", one.title) or (not one.title and following > one.at + 1):
        return again or _is_signed(bare, following)  # 附件:1.… 2.…
    titled = [other for other in later if other.key == one.key]
    if titled and one.title and any(_same(one.title, other.title) for other in titled):
        return True
    return bool(one.title) and _is_signed(bare, following)


def _is_signed(bare: Sequence[str], at: int) -> bool:
    """Whether a signature begins here: issuers and a day."""
    for line in bare[at : at + 8]:
        if DAY_LINE.match(line):
            return True
        if not ISSUER_LINE.fullmatch(line) and not _CLOSES.match(line):
            return False
    return False


def _same(one: str, other: str) -> bool:
    return re.sub(r"\W", "", one) == re.sub(r"\W", "", other)


def _headed_by_title(
    listed: Sequence[_Line], lines: Sequence[Span], bare: Sequence[str]
) -> list[_Line]:
    """Attachments of a list that follow under their titles alone."""
    entries = list(listed)
    for one in listed:
        at = one.at + 1
        while at < len(bare) and (entry := _ENTRY.match(bare[at])):
            number, title = re.split(r"\s*[.、,]\s*", entry.group(), maxsplit=1)
            entries.append(replace(one, at=at, number=number, title=title))
            at += 1
    found = []
    last = max((one.at for one in entries), default=0)
    for one in entries:
        first = re.match(r"(\d{1,2})\s*[.、,]\s*(.+)", one.title)
        title, number = (first[2], first[1]) if first else (one.title, one.number)
        for at in range(last + 1, len(bare) - 1):
            if title and len(title) > 3 and _same(title, bare[at]):
                found.append(replace(one, at=at, start=lines[at][0], number=number))
                break
    return sorted(found, key=lambda one: one.at)


def regulation_starts(
    text: str, lines: Sequence[Span], candidates: Sequence[Candidate]
) -> list[int]:
    """Where regulations begin that follow, under their titles alone, what is numbered otherwise.

    Behind a notice with items 一、二、 a regulation of 第…条 is a part of its own, and so is what
    is numbered 一、二、 under a title behind articles.
    """
    heads = [one for one in candidates if one.at_line_start]
    articles = [one for one in heads if one.level == ARTICLE]
    numbers = {(one.ordinal, one.branch) for one in articles}
    if not {(1, 0), (2, 0)} <= numbers:
        return []
    first = next(one for one in articles if one.ordinal == 1)
    items = [one for one in heads if one.level in (FIRST, SECOND, THIRD)]
    found: list[int] = []
    front = [one for one in items if one.start < first.start]
    if any(one.ordinal == 1 for one in front):
        title = title_above(text, lines, first.start)
        if title is not None and title > front[-1].text_start:
            found.append(title)
    for one in items:
        if one.level != FIRST or one.ordinal != 1 or one.start < first.start:
            continue
        after = next((each for each in articles if each.start > one.start), None)
        title = title_above(text, lines, one.start)
        if title is not None and (after is None or after.ordinal == 1):
            before = text[:title].rstrip()
            if before[-1:] in "。)日" and any(a.start < title for a in articles):
                found.append(title)
    return found


def title_above(text: str, lines: Sequence[Span], start: int) -> int | None:
    """Where the title begins under which the unit at `start` stands; None without one."""
    title_at = None
    at = bisect_left(lines, (start, 0))
    for span in reversed(lines[max(0, at - 12) : at]):
        line = bare_line(text, span)
        plain = len(line) <= 45 and not re.search(r"[。;:,]$", line)
        ends = DAY_LINE.match(line) or line.startswith("(")
        if title_at is not None and (not plain or ends):
            break
        if plain and (title_at is not None or TITLE_END.search(line)):
            title_at = span[0]
    return title_at
