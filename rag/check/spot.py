"""Finds every citation in a text: the articles with the words that name their document.

What looks like a citation and cannot be read is found too, as unread. It knows no document: whom
the words mean is told in resolve.py.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, chain, islice
from typing import Literal

from rag.check.grammar import (
    AFTER,
    BEFORE,
    BRACKETED,
    CHAPTER,
    CHINESE,
    DOCUMENT,
    ENGLISH,
    LEADING,
    MOST_IN_RANGE,
    SAME,
    SAME_EN,
    UNREAD,
    N,
    chinese_articles,
    english_articles,
    number,
    ordinal,
)
from rag.errors import QuestionFault

# How far before an article its document may begin, and how far behind it its name may end.
REACH = 260
# Of one text; finding more takes long, and nobody reads them.
MOST_SPOTTED = 2000
_NAME = re.compile(
    r"[\u4e00-\u9fffA-Z\d]|\b(?:same|said|these|this|that|those)\b|"
    r"^\s*(?:plan|opinions|measures|regulations|document|law|rules)\s*$"
)


@dataclass(frozen=True)
class Spotted:
    """A citation as it is written. `document` are the words that name its document, '' for none.

    `part` are the numbers of a chain from the top (第一部分（二）); `articles` have a branch each.
    `back`: it goes back to the article or paragraph cited before. `read` is False for what only
    looks like a citation.
    """

    start: int
    end: int
    document: str = ""
    part: tuple[int, ...] = ()
    chapter: bool = False  # `part` is a chapter's number
    articles: tuple[tuple[int, int], ...] = ()
    paragraph: int = 0
    item: int = 0
    inner: tuple[int, ...] = ()  # numbers in brackets behind an English article: 6(1)
    counted: int = 0
    place: Literal["", "front", "end"] = ""
    back: Literal["", "article", "before"] = ""
    read: bool = True

    @property
    def names_article(self) -> bool:
        """Whether it names more than a document."""
        return bool(self.part or self.articles or self.counted or self.place or self.back)


class Spans:
    """Places in a text, asked which of them a span overlaps without looking at each."""

    def __init__(self, spotted: Sequence[Spotted]) -> None:
        """`spotted` may stand in any order."""
        spans = sorted((one.start, one.end) for one in spotted)
        self._starts = [start for start, _ in spans]
        self._ends = list(accumulate((end for _, end in spans), max))

    def overlap(self, start: int, end: int) -> bool:
        """Whether any of them has a sign of this span."""
        before = bisect_left(self._starts, end)
        return before > 0 and self._ends[before - 1] > start


def spot(form: str) -> list[Spotted]:
    """The citations of a flat text, in order. Raises QuestionFault for more than MOST_SPOTTED."""
    units = _apart(_few(chain(_chinese(form), _english(form))))
    found: list[Spotted] = []
    last = 0
    for at, unit in enumerate(units):
        until = units[at + 1].start if at + 1 < len(units) else len(form)
        one = _with_document(form, unit, last, until)
        found.append(one)
        last = one.end
    found = _few(chain(found, _documents(form, Spans(found))))
    found = _few(chain(found, _unread(form, Spans(found))))
    return sorted(found, key=lambda one: one.start)


def _few(spotted: Iterator[Spotted]) -> list[Spotted]:
    """All of them; a fault as soon as there are too many."""
    found = list(islice(spotted, MOST_SPOTTED + 1))
    if len(found) > MOST_SPOTTED:
        raise QuestionFault("text-cites-too-much")
    return found


def _documents(form: str, taken: Spans) -> Iterator[Spotted]:
    """Documents that are named without an article."""
    for match in DOCUMENT.finditer(form):
        start = match.start() + len(_leading(match[0]))
        if not taken.overlap(start, match.end()):
            yield Spotted(start, match.end(), document=form[start : match.end()])


def _unread(form: str, taken: Spans) -> Iterator[Spotted]:
    """What looks like a citation and is none of those read."""
    for match in UNREAD.finditer(form):
        if match[0].strip() and not taken.overlap(match.start(), match.end()):
            yield Spotted(match.start(), match.end(), read=False)


def _chinese(form: str) -> Iterator[Spotted]:
    for match in CHINESE.finditer(form):
        one = Spotted(match.start(), match.end())
        numbers = tuple(map(number, re.findall(N, match["part"] or match["part_alone"] or "")))
        if match["counted"]:
            yield replace(one, counted=number(match["counted"]))
        elif match["place"]:
            yield replace(one, place="front" if match["place"] == "文首" else "end")
        else:
            articles = chinese_articles(match["articles"]) if match["articles"] else ()
            chapter = CHAPTER.search(match["part"] or match["part_alone"] or "") is not None
            named = replace(one, part=numbers, articles=articles, chapter=chapter)
            yield replace(_pinned(named, match), read=len(articles) <= MOST_IN_RANGE)
    for match in SAME.finditer(form):
        one = Spotted(match.start(), match.end())
        if match["same"]:
            yield _pinned(replace(one, back="article"), match)
        else:
            # 前两款 and 前项 are of more than one, or of what the text has not cited.
            single = match["before"] in ("前款", "上款")
            yield replace(one, back="before", read=single)


def _pinned(one: Spotted, match: re.Match[str]) -> Spotted:
    """The unit with the paragraph and item that stand behind it."""
    item = match["item"] or match["bracketed"] or ""
    return replace(one, paragraph=number(match["paragraph"] or ""), item=number(item))


def _english(form: str) -> Iterator[Spotted]:
    for match in ENGLISH.finditer(form):
        one = Spotted(match.start(), match.end())
        if match["counted"]:
            yield replace(one, counted=int(re.findall(r"\d+", match["counted"])[0]))
        elif match["place"]:
            front = match["place"].lower() == "preamble"
            yield replace(one, place="front" if front else "end")
        else:
            kind = match["kind"].lower().rstrip(".")
            several = kind.endswith("s")
            articles, inner = english_articles(match["numbers"], several)
            told = int(match["inner"] or match["after"] or 0) or ordinal(match["ordinal"] or "")
            if kind.startswith(("part", "chapter")):
                part = (*(articles[0][:1] if articles else ()), *inner)
                yield replace(one, part=part, chapter=CHAPTER.search(kind) is not None)
            else:
                read = len(articles) <= MOST_IN_RANGE
                inner = (told,) if told else inner
                yield replace(one, articles=articles, inner=inner, read=read)
    for match in SAME_EN.finditer(form):
        one = Spotted(match.start(), match.end())
        if match["before"]:
            single = re.search(r"(?:paragraph|clause)$", match["before"], re.I) is not None
            yield replace(one, back="before", read=single)
        else:
            within = int(match["inner"] or 0) if match["same"] else 0
            yield replace(one, back="article", inner=(within,) if within else ())


def _apart(units: list[Spotted]) -> list[Spotted]:
    """The units in order, of those that overlap the longer one."""
    kept: list[Spotted] = []
    for unit in sorted(units, key=lambda one: (one.start, one.start - one.end)):
        if kept and unit.start < kept[-1].end:
            if unit.end - unit.start > kept[-1].end - kept[-1].start:
                kept[-1] = unit
            continue
        kept.append(unit)
    return kept


def _with_document(form: str, unit: Spotted, last: int, until: int) -> Spotted:
    """The unit with the words beside it that name its document."""
    if unit.back == "before":
        return unit
    after = AFTER.match(form, unit.end, unit.end + REACH)
    after = after or BRACKETED.match(form, unit.end, unit.end + REACH)
    if after and after.start("name") < until and _is_name(after["name"]):
        name = after["name"].rstrip()
        end = after.start("name") + len(name)
        return replace(unit, end=end, document=_meant(name, after.start("name"), form))
    begin = max(last, unit.start - REACH)
    before = BEFORE.search(form[begin : unit.start])
    if before and _is_name(before["name"]):
        name = before["name"]
        lead = len(_leading(name))
        start = begin + before.start("name") + lead
        if name[lead:]:
            return replace(unit, start=start, document=name[lead:])
    return unit


def _is_name(name: str) -> bool:
    """Whether words are more than a lower-case word that only sounds like a document."""
    return _NAME.search(name) is not None


def _meant(name: str, start: int, form: str) -> str:
    """A name behind `of`, with the article that stood before it: the same Plan."""
    return f"the {name}" if name[0].isascii() and form[:start].endswith("the ") else name


def _leading(name: str) -> str:
    """What stands before a name in the words found, and does not belong to it."""
    if name.startswith("《"):
        return ""
    match = LEADING.match(name)
    return match[0] if match else ""
