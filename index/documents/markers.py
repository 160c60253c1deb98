"""Markers of numbered units: 第三编, 第十二条, 一、, （二）, 3., and where each may stand.

Finds every place where a marker may stand; which of them are headings is decided in outline.py.
Decimal numbers such as 2.2.1 are read in decimals.py.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from index.text.numbers import NUMERAL, read_numeral, write_numeral
from index.text.repair import LOST

# Levels from the top. 编 分编 章 节 目 and headings without a number group articles without being
# part of their identity. A decimal number of n places is at level DECIMAL + n.
(
    BOOK, SUBBOOK, CHAPTER, SECTION, SUBSECTION, TOPIC, FIRST, ARTICLE, SECOND, THIRD, DECIMAL,
) = range(11)  # fmt: skip
GROUPS = (BOOK, SUBBOOK, CHAPTER, SECTION, SUBSECTION, TOPIC)
_NAMES = {
    BOOK: "编",
    SUBBOOK: "分编",
    CHAPTER: "章",
    SECTION: "节",
    SUBSECTION: "目",
    ARTICLE: "条",
}
_N = NUMERAL
# 第三章规定的 is a reference, 第三章 规划 a heading.
_HEADS = r"(?=\s|$|[^的,、。;和与及或至到所中规第])\s*"
MARKERS: tuple[tuple[int, re.Pattern[str]], ...] = (
    (BOOK, re.compile(rf"第\s*({_N}+|\d+)\s*编{_HEADS}")),
    (SUBBOOK, re.compile(rf"第\s*({_N}+|\d+)\s*分\s*编{_HEADS}")),
    (CHAPTER, re.compile(rf"第\s*({_N}+|\d+)\s*章{_HEADS}")),
    (SECTION, re.compile(rf"第\s*({_N}+|\d+)\s*节{_HEADS}")),
    (SUBSECTION, re.compile(rf"第\s*({_N}+|\d+)\s*目{_HEADS}")),
    (ARTICLE, re.compile(rf"第\s*({_N}+|\d{{1,4}})\s*条(?:\s*之\s*({_N}+|\d+))?(\s*)")),
    (FIRST, re.compile(rf"({_N}{{1,3}})\s*[、.]\s*(?=\S)")),
    (SECOND, re.compile(rf"\(\s*({_N}{{1,3}}|{_N}{{0,2}}{LOST})\s*\)\s*[、.]?\s*")),
    (SECOND, re.compile(rf"\(\s*({_N}{{1,3}})(?=[^\s{_N[1:-1]}),、])")),  # never closed
    (SECOND, re.compile(rf"({_N}{{1,3}})\)\s*")),  # never opened
    (THIRD, re.compile(r"(\d{1,3})\s*[.、](?!\d)\s*(?=\S)")),
)
# What follows the number of an article that is referred to, not headed. The weaker ones also
# begin articles (第九条 中外合资…), so the order of the articles decides about them.
_REFERENCE = re.compile(r"的|规定|所|第|及|和|与|至|或|、|,|。|;|\)|之规定")
_MAYBE_REFERENCE = re.compile(r"中|有关|明确|列|款|项|执行|情形|以外|作")
_INNER = re.compile(
    rf"(?<=[。;)\]])\s*(?=\({_N}{{1,3}}\)|{_N}{{1,3}}、|\d{{1,3}}[.、](?!\d)|第{_N}+条)"
)
_LONGEST_GROUP = 50
_LINE_MARKS = re.compile(r"[\s#*>]*")

Span = tuple[int, int]


@dataclass
class Node:
    """A numbered unit while it is being read; positions are in the clean text."""

    level: int
    ordinal: int
    branch: int  # the M of 第N条之M, else 0
    start: int
    text_start: int  # behind the marker
    end: int = 0
    recovered: bool = False
    children: list[Node] = field(default_factory=list)
    printed: str | None = None  # the marker as printed, where it is not made from the ordinal

    @property
    def marker(self) -> str:
        """The marker in its canonical form, as it stands in paths."""
        if self.printed is not None:
            return self.printed
        if self.level == THIRD:
            return str(self.ordinal)
        numeral = write_numeral(self.ordinal)
        if self.level == SECOND:
            return f"({numeral})"
        if self.level == FIRST:
            return numeral
        branch = f"之{write_numeral(self.branch)}" if self.branch else ""
        return f"第{numeral}{_NAMES[self.level]}{branch}"

    @property
    def unnumbered(self) -> bool:
        """Whether this is a heading without a number."""
        return self.printed == ""


@dataclass(frozen=True)
class Candidate:
    """A place where a marker may stand. `ordinal` is None where its numeral is damaged."""

    level: int
    ordinal: int | None
    known: str
    branch: int
    start: int
    text_start: int
    at_line_start: bool
    spaced: bool
    reference: bool  # what follows reads like a reference to an article


def find_candidates(text: str, lines: Sequence[Span]) -> list[Candidate]:
    """Every place in these lines where a marker may stand."""
    found: list[Candidate] = []
    for start, end in lines:
        head = _LINE_MARKS.match(text, start, end)
        first = head.end() if head else start
        candidate = _candidate(text, first, end, True)
        if candidate:
            # A heading's own line mark (## of Markdown) belongs to it.
            marks = text[start:first]
            found.append(replace(candidate, start=start + len(marks) - len(marks.lstrip())))
        position = candidate.text_start if candidate else first
        for match in _INNER.finditer(text, position, end):
            inner = _candidate(text, match.end(), end, False)
            if inner:
                found.append(inner)
    return found


def _candidate(text: str, start: int, end: int, at_line_start: bool) -> Candidate | None:
    for level, pattern in MARKERS:
        match = pattern.match(text, start, end)
        if not match:
            continue
        numeral = match.group(1)
        lost = numeral.endswith(LOST)
        ordinal = None if lost else read_numeral(numeral)
        if not lost and not ordinal:
            continue
        rest = text[match.end() : end]
        if level in GROUPS and ("。" in rest or len(rest) > _LONGEST_GROUP):
            continue
        branch = 0
        spaced = True
        reference = ""
        if level == ARTICLE:
            branch = (read_numeral(match.group(2)) or 0) if match.group(2) else 0
            spaced = bool(match.group(3)) or match.end() >= end
            if _REFERENCE.match(rest):
                reference = "surely"
            elif _MAYBE_REFERENCE.match(rest):
                reference = "maybe"
            if reference == "surely" and not spaced:
                return None
        return Candidate(
            level,
            ordinal,
            numeral.rstrip(LOST),
            branch,
            start,
            match.end(),
            at_line_start,
            spaced,
            bool(reference),
        )
    return None


def lines_of(text: str) -> list[Span]:
    """The spans of all lines that are not empty."""
    return [match.span() for match in re.finditer(r"[^\n]+", text)]


def bare_line(text: str, span: Span) -> str:
    """A line without the marks of Markdown and the space around it."""
    return text[slice(*span)].strip(" #*>\t")


def walk(nodes: list[Node]) -> list[Node]:
    """All nodes of the trees, each before what is below it."""
    return [found for node in nodes for found in (node, *walk(node.children))]


def close(nodes: list[Node], end: int) -> None:
    """Set where each node ends: where the next begins."""
    for position, node in enumerate(nodes):
        node.end = nodes[position + 1].start if position + 1 < len(nodes) else end
        close(node.children, node.end)
