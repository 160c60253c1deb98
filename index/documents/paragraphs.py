"""Text without numbered articles to its head, its paragraphs and its end matter.

A paragraph is what a reader would count as one: lines that make one text, a table, or a list with
the line that opens it, under the heading above it. It reads no numbering (outline.py) and makes no
clauses (parse.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile

from index.documents.metadata import TITLE_END, is_formal

# Text up to so many characters is one clause by itself: a reply, a short notice.
SHORT = 1000
# A paragraph longer than LONG is divided between its sentences, into parts of about PART.
LONG, PART = 1000, 500
# A heading or a line of a title, and the most lines that may stand above the text and below it.
HEADING, TITLE_LINE, MOST_HEAD, MOST_END = 40, 80, 12, 6
# So many lines in a row that end no sentence are entries of a list, not headings.
ENTRIES = 4
# The share of the widest line from which one that ends no sentence goes on in the next.
FULL = 0.85
_ENDS_SENTENCE = re.compile(r"[。！!？?;；:：,，、…][”’」』）)\"']*$")
_ENDS_TEXT = re.compile(r"[。！!？?…][”’」』）)\"']*$")
_ROW = re.compile(r"\t|\S\s*[|｜]\s*\S|^\s*[|｜]")
_ITEM = re.compile(r"[-—–•·●○■◆*]\s*\S|[(（]?\d{1,2}[)）]|[①-⑳]|[一二三四五六七八九十]是")
_SENTENCE = re.compile(r"[^。！!？?\n]*(?:[。！!？?]+[”’」』）)\"']*|\n|$)")
_LINE = re.compile(r"[^\n]+\n*")
# A sentence that begins a matter of its own.
_TOPIC = re.compile(
    r"\s*(?:首先|其次|再次|最后|此外|另外|同时|与此同时|第[一二三四五六七八九十]|[一二三四五六七八九十]是|"
    r"(?:关于|对于|针对|围绕|在.{2,20}方面|为了?|有关)|(?:各|全)[\u4e00-\u9fff]{1,12}(?:要|应))"
)


@dataclass(frozen=True)
class Paragraph:
    """A piece of text and its heading: `start` is that of the heading, if it stands there.

    `heading` is the one above it, also where that stood over an earlier one (`start == body`).
    """

    start: int
    body: int
    end: int
    heading: str = ""


@dataclass(frozen=True)
class Divided:
    """The head ends where the first paragraph begins; the end matter begins at `tail`."""

    paragraphs: tuple[Paragraph, ...]
    tail: int


Span = tuple[int, int]


def divide(text: str, start: int, end: int) -> Divided:
    """Divide text[start:end]; every character of it that is not white space is in one piece."""
    lines = [
        (start + match.start(), start + match.end())
        for match in re.finditer(r"[^\n]+", text[start:end])
        if match.group().strip()
    ]
    first = _head(text, lines)
    last = _tail(text, lines, first)
    tail = lines[last][0] if last < len(lines) else end
    return Divided(tuple(_paragraphs(text, lines[first:last])), tail)


def _head(text: str, lines: Sequence[Span]) -> int:
    """How many lines are title, issuer, number, day and addressee."""
    short = takewhile(
        lambda line: (
            len(line) <= TITLE_LINE
            and not _ROW.search(line)
            and (not _ENDS_SENTENCE.search(line) or line.endswith((":", "：")))
        ),
        (text[a:b].strip() for a, b in lines[:MOST_HEAD]),
    )
    head = list(short)
    formal = [
        n + 1
        for n, line in enumerate(head)
        if is_formal(line) or TITLE_END.search(line) or line.endswith((":", "："))
    ]
    count = max(formal, default=min(1, len(head)))
    return count if count < len(lines) else 0


def _tail(text: str, lines: Sequence[Span], first: int) -> int:
    """The line at which signature and day begin; the number of lines where there are none."""
    least = max(first + 1, len(lines) - MOST_END)
    for place in range(len(lines) - 1, least - 1, -1):
        if not is_formal(text[slice(*lines[place])].strip()):
            return place + 1
    return min(least, len(lines))


def _paragraphs(text: str, lines: Sequence[Span]) -> Iterator[Paragraph]:
    """The paragraphs of the lines, each with the heading it stands under."""
    heading, above = "", -1
    for kind, first, last in _groups(text, lines):
        start, end = lines[first][0], lines[last - 1][1]
        if kind == "heading":
            heading = text[start:end].strip().replace("\n", " ")
            above = start
            continue
        parts = [(start, end)]
        if kind in ("text", "entries"):
            parts = _parts(text, start, end, _SENTENCE if kind == "text" else _LINE)
        for begin, until in parts:
            yield Paragraph(above if above >= 0 else begin, begin, until, heading)
            above = -1
    if above >= 0:
        # A heading that nothing follows is text.
        yield Paragraph(above, above, lines[-1][1])


def _groups(text: str, lines: Sequence[Span]) -> Iterator[tuple[str, int, int]]:
    """Runs of lines that belong together: (kind, first, behind the last)."""
    shown = [text[a:b].strip() for a, b in lines]
    blank = [n > 0 and "\n" in text[lines[n - 1][1] + 1 : a] for n, (a, _) in enumerate(lines)]
    wide = FULL * max(map(len, shown), default=0)
    at = 0
    while at < len(shown):
        bare = _run(shown, at, _is_heading)
        if _ROW.search(shown[at]):
            last = at + _run(shown, at, _ROW.search)
            yield "table", at, last
        elif bare >= ENTRIES or (bare and at + bare == len(shown)):
            last = at + bare
            yield "entries", at, last
        elif bare and not (len(shown[at]) >= wide and not blank[at + bare]):
            last = at + bare
            yield "heading", at, last
        else:
            last = _text_end(shown, blank, at, wide)
            kind, last = _with_items(shown, last)
            yield kind, at, last
        at = last


def _run(shown: Sequence[str], at: int, belongs: Callable[[str], object]) -> int:
    """How many lines in a row from `at` on belong to a kind."""
    last = at
    while last < len(shown) and belongs(shown[last]):
        last += 1
    return last - at


def _is_heading(line: str) -> bool:
    return len(line) <= HEADING and not _ENDS_SENTENCE.search(line) and not _ROW.search(line)


def _text_end(shown: Sequence[str], blank: Sequence[bool], at: int, wide: float) -> int:
    """Behind the last line of a text that begins at a line: it goes on while lines are wrapped."""
    last = at + 1
    while (
        last < len(shown)
        and not _ENDS_TEXT.search(shown[last - 1])
        and not blank[last]
        and not _ROW.search(shown[last])
        and not shown[last - 1].endswith((":", "：", ";", "；"))
        and len(shown[last - 1]) >= wide
    ):
        last += 1
    return last


def _with_items(shown: Sequence[str], last: int) -> tuple[str, int]:
    """The list that follows a line with a colon belongs to it."""
    if not shown[last - 1].endswith((":", "：", ";", "；")):
        return "text", last
    opened = last
    while last < len(shown) and (
        _ITEM.match(shown[last])
        or shown[last].endswith((";", "；"))
        or (last > opened and shown[last - 1].endswith((";", "；")))
    ):
        last += 1
    return ("list" if last > opened else "text"), last


def _parts(text: str, start: int, end: int, piece: re.Pattern[str]) -> list[Span]:
    """A text in parts of whole pieces, where it is too long to be one."""
    if end - start <= LONG:
        return [(start, end)]
    parts: list[Span] = []
    begun = at = start
    for match in piece.finditer(text[start:end]):
        if not match.group():
            continue
        at = start + match.start()
        long = at - begun + len(match.group())
        if at > begun and (long > PART or (long > PART // 2 and _TOPIC.match(match.group()))):
            parts.append((begun, at))
            begun = at
    return [*parts, (begun, end)]
