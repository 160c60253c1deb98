"""Headings without a number that stand alone between articles: 附则, 法律责任, a topic.

Knows what such a line looks like and where it may stand; the order of articles is outline.py's.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence

from index.documents.markers import GROUPS, TOPIC, Span, bare_line, find_candidates
from index.text.dates import DAY

# These head the topmost division of a text; other topics stand below the numbered ones.
_DIVISIONS = re.compile(r"总则|分则|通则|附则|罚则|序言|法律责任|附加规定|过渡规定")
_ENDS = re.compile(r"[。;!?)》”]$")
LONGEST, LONGEST_MARKED = 20, 40
MOST = 3


def topics_above(
    text: str, lines: Sequence[Span], start: int, last: int, ordinal: int
) -> list[tuple[int, int | None]]:
    """The headings right above the article at `start`, from the top: where each is, and its level.

    `last` is where the text of the unit before begins; the level is None for the topmost.
    """
    # So many lines above are enough: headings are few.
    at = bisect_left(lines, (start, 0))
    above = [span for span in lines[max(0, at - 12) : at] if last <= span[0]]
    above = [span for span in above if text[slice(*span)].strip()]
    found: list[tuple[int, int | None]] = []
    while above and len(found) < MOST:
        span = above[-1]
        heading = _heading(text, span)
        division = heading is not None and _DIVISIONS.fullmatch(heading) is not None
        if heading is None or (ordinal == 1 and not division):
            break
        before = bare_line(text, above[-2]) if len(above) > 1 else _line_before(text, span)
        marked = text[slice(*span)].lstrip().startswith("#")
        opens = ordinal == 1 and division
        if not (opens or marked or _ENDS.search(before) or _is_heading(text, above[-2:-1], before)):
            break
        found.insert(0, (span[0], None if division else TOPIC))
        above.pop()
    return found


def _heading(text: str, span: Span) -> str | None:
    """The line without spaces, if it looks like a heading."""
    line = text[slice(*span)]
    bare = re.sub(r"\s", "", bare_line(text, span))
    longest = LONGEST_MARKED if line.lstrip().startswith("##") else LONGEST
    if not 2 <= len(bare) <= longest or re.search(r"[。;:,!?|\d()《》<>]", bare):
        return None
    if DAY.search(bare) or find_candidates(text, [span]):
        return None
    if re.match(r"附[件表录图]|(?:annex|attachment|appendix)\b", bare, re.IGNORECASE):
        return None
    return bare


def _line_before(text: str, span: Span) -> str:
    return text[: span[0]].rstrip()[-80:].rpartition("\n")[2].strip(" #*>\t")


def _is_heading(text: str, spans: Sequence[Span], line: str) -> bool:
    """Whether the line before is itself a heading: of a group, or without a number."""
    if not line:
        return True
    if not spans:
        group = find_candidates(line, [(0, len(line))])
        return bool(group) and group[0].level in GROUPS
    heading = _heading(text, spans[0])
    return heading is not None and _DIVISIONS.fullmatch(heading) is not None
