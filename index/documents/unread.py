"""Pages whose text cannot be read: scans, and text layers that are no language.

Finds the scans by what pictures cover, has such pages recognised where that is possible, and tells
of the rest. What a page draws is read by the readers of PDF and OFD.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from index.documents.furniture import without_furniture
from index.documents.lines import Line, usual
from index.documents.scan import INSTALL, doubt, installed, page_numbers
from index.errors import DocumentFault
from prompts.notices import notice

# A page that is a picture for the most part, and has fewer letters of its own than this, is a scan:
# heads, feet, stamps and addresses have some dozens.
SCAN_COVERED, SCAN_LETTERS = 0.5, 120
# An emblem alone is no scan.
LEAST_COVERED = 0.08

# The lines that are recognised on these pages (from 0).
Seen = Callable[[Sequence[int]], list[list[str]]]


def scans(covered: Sequence[float], lines: Sequence[Sequence[Line]]) -> list[int]:
    """The pages whose content is a picture, whatever letters stand around it."""
    own = without_furniture([usual(page) for page in lines])
    found = []
    for at, share in enumerate(covered):
        # A watermark says the same again and again.
        letters = sum(_letters(text) for text in {line.text for line in own[at]})
        most = SCAN_LETTERS if share >= SCAN_COVERED else 1
        if share >= LEAST_COVERED and letters < most:
            found.append(at)
    return found


def recognised(
    name: str,
    lines: list[list[Line]],
    pictured: Sequence[int],
    garbled: Sequence[int],
    seen: Seen,
) -> list[str]:
    """Put what is `seen` on pages that cannot be read in its place; gives the warnings for it.

    `pictured` and `garbled` are such pages (from 0). Raises DocumentFault where most of the
    document is lost.
    """
    count = len(lines)
    unread = sorted({*pictured, *garbled})
    readable = any(_letters(line.text) for page in lines for line in page)
    if not installed():
        if garbled and (len(unread) * 2 > count or not readable):
            raise DocumentFault("characters-unreadable", name=name, install=INSTALL)
        if len(unread) * 2 > count or not readable:
            raise DocumentFault("scan", name=name, install=INSTALL)
        return _told_unread([at for at in pictured if at not in garbled], garbled, count)
    wanted = unread if readable else list(range(count))
    if not wanted:
        return []
    found = seen(wanted)
    taken = []
    for at, page in zip(wanted, found, strict=True):
        own = sum(_letters(line.text) for line in lines[at])
        if sum(map(_letters, page)) > own:
            lines[at] = [Line(text) for text in page]
            taken.append(at)
    if not any(_letters(line.text) for page in lines for line in page):
        if garbled:
            raise DocumentFault("characters-unreadable-no-text", name=name)
        raise DocumentFault("scan-no-text", name=name)
    warnings = [doubt(taken, count)] if taken else []
    if missed := [at for at in pictured if at not in taken and at not in garbled]:
        warnings.append(notice("pictures-no-text", pages=page_numbers(missed, count)))
    return [*warnings, *_told_unread([], [at for at in garbled if at not in taken], count)]


def _told_unread(pictured: Sequence[int], garbled: Sequence[int], count: int) -> list[str]:
    """Warnings of the pages that are not read."""
    told: list[str] = []
    if pictured:
        told.append(notice("pictures-unread", pages=page_numbers(pictured, count), install=INSTALL))
    if garbled:
        told.append(
            notice("characters-unread", pages=page_numbers(garbled, count), install=INSTALL)
        )
    return told


def _letters(text: str) -> int:
    return len(re.findall(r"[^\W\d_]", text))
