"""Clean clause bodies cut into sentences and parts, and their places in the source.

Knows punctuation and brackets, not what a sentence says.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass
from functools import lru_cache
from typing import TypedDict

from index.documents.model import Clause, Document

_PAIRS = {"(": ")", "[": "]", "《": "》", "“": "”", "〔": "〕", "【": "】", "〈": "〉", "<": "》"}
_SIGNS = re.compile("[" + re.escape("".join({*_PAIRS, *_PAIRS.values()})) + "\n]")
_ENDS = re.compile(r"[。!?;\n]")
_LONGEST = 400
_LONGEST_SENTENCE = 3000


@dataclass(frozen=True)
class Span:
    """A run of a clause's clean body."""

    start: int
    end: int
    text: str

    def part(self, start: int, end: int) -> Span:
        """The run from `start` to `end` of this one's text."""
        return Span(self.start + start, self.start + end, self.text[start:end])

    def stripped(self, signs: str = " \n,、。;:") -> Span:
        """This without signs at its ends."""
        left = len(self.text) - len(self.text.lstrip(signs))
        right = len(self.text.rstrip(signs))
        return self.part(left, max(left, right))


class Place(TypedDict):
    """The columns that say where a fact stands."""

    clause_id: str
    document_id: str
    start: int
    end: int
    zh: str
    clean: str


def placed(document: Document, clause: Clause, start: int, end: int) -> Place:
    """The place of `body[start:end]` of a clause in the source of its document."""
    first, last = clause.body_map[start], clause.body_map[end]
    source = document.source
    while last > first and source[last - 1].isspace():
        last -= 1
    return Place(
        clause_id=clause.id,
        document_id=document.id,
        start=first,
        end=last,
        zh=source[first:last],
        clean=clause.body[start:end],
    )


@lru_cache(maxsize=256)
def sentences(text: str) -> tuple[Span, ...]:
    """The sentences of a text; a semicolon ends one, a sign within brackets or quotes does not."""
    found: list[Span] = []
    start = 0
    held = _Held(text)
    for match in _ENDS.finditer(text):
        at = match.start()
        if match[0] == "\n" or at not in held:
            found.append(Span(start, at + 1, text[start : at + 1]))
            start = at + 1
    found.append(Span(start, len(text), text[start:]))
    # What goes on for pages without an end is no sentence, and would take long to read as one.
    return tuple(
        span for span in found if len(span.text) <= _LONGEST_SENTENCE and span.text.strip()
    )


@lru_cache(maxsize=1024)
def parts(span: Span, signs: str = ",") -> tuple[Span, ...]:
    """The parts of a span between these signs, those within brackets or quotes not counted."""
    found: list[Span] = []
    start = 0
    held = _Held(span.text)
    for match in re.finditer(f"[{signs}]", span.text):
        at = match.start()
        if at not in held:
            found.append(span.part(start, at))
            start = at + 1
    found.append(span.part(start, len(span.text)))
    return tuple(each for each in found if each.text.strip())


class _Held:
    """The places of a text within brackets or quotes that are closed on their line."""

    def __init__(self, text: str) -> None:
        pairs: list[tuple[int, int]] = []
        opened: list[int] = []
        for match in _SIGNS.finditer(text):
            at, sign = match.start(), match[0]
            if sign == "\n":
                opened.clear()
            elif sign in _PAIRS:
                opened.append(at)
            else:
                while opened:
                    start = opened.pop()
                    if _PAIRS[text[start]] == sign:
                        if at - start <= _LONGEST:
                            pairs.append((start, at))
                        break
        self._starts: list[int] = []
        self._ends: list[int] = []
        # The outermost ones alone, in order.
        for start, end in sorted(pairs):
            if not self._ends or start > self._ends[-1]:
                self._starts.append(start)
                self._ends.append(end)

    def __contains__(self, place: int) -> bool:
        at = bisect_left(self._starts, place) - 1
        return at >= 0 and place < self._ends[at]


def brackets(text: str) -> list[Span]:
    """The outermost round or square brackets of a text, signs included, the last maybe unclosed."""
    found: list[Span] = []
    depth, start = 0, 0
    for at, sign in enumerate(text):
        if sign in "([【":
            if depth == 0:
                start = at
            depth += 1
        elif sign in ")]】" and depth:
            depth -= 1
            if depth == 0:
                found.append(Span(start, at + 1, text[start : at + 1]))
        elif sign == "\n" and depth:
            found.append(Span(start, at, text[start:at]))
            depth = 0
    if depth:
        found.append(Span(start, len(text), text[start:]))
    return found


def within(at: int, spans: list[Span]) -> bool:
    """Whether a place lies in one of the spans."""
    return any(span.start <= at < span.end for span in spans)
