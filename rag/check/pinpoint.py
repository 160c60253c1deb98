"""The paragraph or item of an article that a citation names: 第六条第二款, 第五条第（三）项.

Counts the article's own lines; it finds no article.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from index.documents.model import Clause
from index.text.numbers import NUMERAL, read_numeral

_ITEM = re.compile(rf"^\s*[(（]\s*({NUMERAL}+|\d{{1,2}})\s*[)）]|^\s*(\d{{1,2}})[.．、]")


@dataclass(frozen=True)
class Portion:
    """An article and the span of its body that is cited; the whole of it without a pinpoint."""

    clause: Clause
    start: int
    end: int
    paragraph: int = 0
    item: int = 0

    @property
    def whole(self) -> bool:
        """Whether the article is cited as a whole."""
        return not (self.paragraph or self.item)

    def holds(self, start: int, end: int) -> bool:
        """Whether a span of the body lies within what is cited."""
        return start < self.end and end > self.start


def portion_of(
    clause: Clause, paragraph: int, item: int, inner: tuple[int, ...] = ()
) -> Portion | None:
    """The portion of an article that a pinpoint names; None if it has no such one.

    `inner` are numbers in brackets as English has them, 5(2): of an item where there are items.
    """
    paragraphs = _paragraphs(clause.body)
    if inner and not (paragraph or item):
        item, paragraph = (inner[0], 0) if any(p.items for p in paragraphs) else (0, inner[0])
        if len(inner) > 1:
            paragraph, item = inner[0], inner[1]
    if not (paragraph or item):
        return Portion(clause, 0, len(clause.body))
    if paragraph > len(paragraphs):
        return None
    within = paragraphs[paragraph - 1 : paragraph] if paragraph else paragraphs
    if not item:
        (one,) = within
        return Portion(clause, one.start, one.end, paragraph)
    for one in within:
        for number, start, end in one.items:
            if number == item:
                return Portion(clause, start, end, paragraph, item)
    return None


@dataclass
class _Paragraph:
    start: int
    end: int
    items: list[tuple[int, int, int]]


def _paragraphs(body: str) -> list[_Paragraph]:
    """The paragraphs of an article; items belong to the paragraph before them."""
    found: list[_Paragraph] = []
    for match in re.finditer(r"[^\n]+", body):
        if not match[0].strip():
            continue
        listed = _ITEM.match(match[0])
        if listed and found:
            number = read_numeral(listed[1] or listed[2]) or 0
            found[-1].items.append((number, match.start(), match.end()))
            found[-1].end = match.end()
        else:
            found.append(_Paragraph(match.start(), match.end(), _inline(match[0], match.start())))
    return found


def _inline(text: str, at: int) -> list[tuple[int, int, int]]:
    """Items that stand in one line: （一）…；（二）…"""
    marks = list(re.finditer(rf"[(（]\s*({NUMERAL}+)\s*[)）]", text))
    numbers = [read_numeral(mark[1]) for mark in marks]
    if len(marks) < 2 or numbers != list(range(1, len(marks) + 1)):
        return []
    ends = [mark.start() for mark in marks[1:]] + [len(text)]
    return [
        (number, at + mark.start(), at + end)
        for number, mark, end in zip(range(1, len(marks) + 1), marks, ends, strict=True)
    ]
