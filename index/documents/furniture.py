"""Finds what belongs to the pages and not to the text: running heads and feet, page numbers.

Knows lines by their shape (numbers aside), by the pages they repeat on and, where it is known, by
their place. A numbered article is never taken for furniture; a heading that repeats stays once.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from index.documents.lines import Line, pitch
from index.documents.openings import MARKER, NUMBER

# Heads stand three deep at most, and a page number besides.
_DEEP = 4
_LONGEST = 120
_DASHED_NUMBER = re.compile(r"[-–—－―─~·•]+\s*\d{1,4}\s*[-–—－―─~·•]+")
_WORDED_NUMBER = re.compile(
    r"第\s*[\d一二三四五六七八九十百]{1,5}\s*页(?:\s*[,，/]?\s*共\s*[\d一二三四五六七八九十百]{1,5}\s*页)?"
    r"|[Pp]age\s+\d{1,4}(?:\s+of\s+\d{1,4})?|\d{1,4}\s*/\s*\d{1,4}"
)
_HEADING = re.compile(
    r"附\s*(?:件|录|表|图)\s*[\d一二三四五六七八九十]*$|目\s*录$|.{2,60}(?:办法|条例|规定|细则|意见|方案|规划|通知|决定"
    r"|计划|措施|指南|法|标准|名单|清单|表)(?:[（(].{1,12}[）)])?$"
)
_ADDRESS = re.compile(r"(?:https?://|file:///|about:blank|www\.)\S*(?:\s+\d+/\d+)?")
_PRINTED_ON = re.compile(
    r"\d{2,4}[/.-]\d{1,2}[/.-]\d{1,4}[,，]?\s*(?:[上下]午|[AP]M)?\s*\d{1,2}:\d{2}(?::\d{2})?"
)


_OPENS = re.compile(
    rf"{MARKER.pattern}|附\s*[件录表图]|(?:Article|Chapter|Section|Part|Annex)\s+[\dIVX]+\b"
)
_DAY = re.compile(r"#年#月#日(?:印发)?")


@dataclass(frozen=True)
class _Edge:
    """A line near the top or the bottom of a page."""

    page: int
    at: int  # among the page's lines
    line: Line
    side: int  # 0 at the top, 1 at the bottom
    shape: str


def without_furniture(pages: Sequence[Sequence[Line]]) -> list[list[Line]]:
    """The pages' lines without running heads, feet and page numbers."""
    edges = [edge for page in range(len(pages)) for edge in _edges(pages[page], page)]
    gone = _page_numbers(pages, edges) | _of_browsers(edges, len(pages))
    rest = [edge for edge in edges if (edge.page, edge.at) not in gone]
    repeated = _repeated(rest, len(pages))
    gone |= _within_bounds(pages, _repeating(pages, repeated), rest)
    gone |= _by_place(pages, gone, rest)
    return [
        [line for at, line in enumerate(lines) if (page, at) not in gone]
        for page, lines in enumerate(pages)
    ]


def _edges(lines: Sequence[Line], page: int) -> Iterator[_Edge]:
    """The lines of the first and last rows of a page."""
    placed = all(line.size for line in lines)
    rows = [round(line.top) if placed else at for at, line in enumerate(lines)]
    order = sorted(set(rows))
    # A row of a short page is at the nearer edge alone.
    deep = min(_DEEP, (len(order) + 1) // 2)
    top, bottom = set(order[:deep]), set(order[max(len(order) - _DEEP, deep) :])
    found = [(at, 0 if row in top else 1) for at, row in enumerate(rows) if row in top | bottom]
    for at, side in found:
        if len(lines[at].text) <= _LONGEST:
            yield _Edge(page, at, lines[at], side, _shape(lines[at].text))


def _shape(text: str) -> str:
    """The text without what changes from page to page."""
    text = re.sub(r"\s", "", unicodedata.normalize("NFKC", text))
    text = re.sub(r"\d+", "#", text)
    return re.sub(r"第[一二三四五六七八九十百]+(?=[页期号])", "第#", text)


Spots = set[tuple[int, int]]


def _page_numbers(pages: Sequence[Sequence[Line]], edges: Sequence[_Edge]) -> Spots:
    spots = {
        (page, at)
        for page, lines in enumerate(pages)
        for at, line in enumerate(lines)
        # Where a line stands is known, or it is taken for what it looks like.
        if not line.size and _is_number(line.text)
    }
    spots |= {(edge.page, edge.at) for edge in edges if _is_number(edge.line.text)}
    # A bare number at the page's edge is a page number if it keeps step with the pages.
    bare = [edge for edge in edges if re.fullmatch(r"\d{1,4}", edge.line.text)]
    outer = [edge for edge in bare if _is_outermost(edge, pages[edge.page], spots)]
    steps = Counter(step for step, _ in {(int(e.line.text) - e.page, e.page) for e in outer})
    step = next((step for step, times in steps.most_common(1) if times > 1 or step == 1), None)
    if step is not None:
        spots |= {(edge.page, edge.at) for edge in outer if int(edge.line.text) - edge.page == step}
    return spots


def _is_number(text: str) -> bool:
    return bool(_DASHED_NUMBER.fullmatch(text) or _WORDED_NUMBER.fullmatch(text))


def _is_outermost(edge: _Edge, lines: Sequence[Line], spots: Spots, deep: int = _DEEP - 1) -> bool:
    """Whether nothing but furniture stands between a line and the page's edge."""
    if not edge.line.size:
        kept = [at for at in range(len(lines)) if (edge.page, at) not in spots]
        return edge.at in (kept[:1] if edge.side == 0 else kept[-1:])
    tops = [round(line.top) for line in lines]
    own = round(edge.line.top)
    beyond = {top for top in tops if (top < own if edge.side == 0 else top > own)}
    return len(beyond) < deep


def _of_browsers(edges: Sequence[_Edge], count: int) -> Spots:
    """Day, title and address that a browser prints at the edges of its pages."""
    addresses = [e for e in edges if _ADDRESS.fullmatch(e.line.text)]
    days = [e for e in edges if _PRINTED_ON.match(e.line.text)]
    if len({e.page for e in days}) < count or not (addresses or count > 1):
        return set()
    # The title of the page stands in one row with the day.
    rows = {(e.page, round(e.line.top)) for e in (*addresses, *days) if e.line.size}
    beside = [e for e in edges if e.line.size and (e.page, round(e.line.top)) in rows]
    return {(e.page, e.at) for e in (*addresses, *days, *beside)}


def _repeated(edges: Sequence[_Edge], count: int) -> dict[tuple[str, int], list[_Edge]]:
    """The lines that repeat at the same edge on enough pages, by shape and edge."""
    groups: dict[tuple[str, int], list[_Edge]] = defaultdict(list)
    for edge in edges:
        groups[edge.shape, edge.side].append(edge)
    still = {key: _still(group) for key, group in groups.items()}
    return {key: group for key, group in still.items() if _is_enough(group, count)}


def _still(group: list[_Edge]) -> list[_Edge]:
    """The lines of a group that stand at one height: furniture does, the lines of a text do not."""
    if not all(edge.line.size for edge in group):
        return group
    places = Counter(round(edge.line.top / 3) for edge in group)
    usual = max(places, key=lambda place: sum(places[place + by] for by in (-1, 0, 1)))
    return [edge for edge in group if abs(round(edge.line.top / 3) - usual) <= 1]


def _is_enough(group: Sequence[_Edge], count: int) -> bool:
    pages = sorted({edge.page for edge in group})
    if len(pages) < 2 or not re.search(r"\w", group[0].shape):
        return False
    if not group[0].line.size and len(pages) < 3 and len({e.line.text for e in group}) == 1:
        return False  # its place might have told
    if _DAY.fullmatch(group[0].shape) and len(pages) < 3:
        return False
    if len(pages) * 2 >= count:
        return True
    of_parity = {page % 2 for page in pages}
    if len(of_parity) == 1 and len(pages) * 4 >= count:
        return True
    # The heads of chapters: some pages in a row.
    return len(pages) >= 3 and pages[-1] - pages[0] < len(pages) * 2


def _repeating(
    pages: Sequence[Sequence[Line]], repeated: dict[tuple[str, int], list[_Edge]]
) -> Spots:
    """Where repeated lines are furniture: all of them, or all but the first of a heading."""
    step = pitch(pages)
    spots = {(edge.page, edge.at) for group in repeated.values() for edge in group}
    texts = Counter(_bare(line.text) for page, lines in enumerate(pages)
                    for at, line in enumerate(lines) if (page, at) not in spots)  # fmt: skip
    gone: Spots = set()
    kept: set[str] = set()
    for group in repeated.values():
        ordered = sorted(group, key=lambda edge: (edge.page, edge.at))
        written = {_bare(edge.line.text) for edge in group}
        heading = any(_OPENS.match(edge.line.text) or NUMBER.search(edge.line.text)
                      for edge in group)  # fmt: skip
        if heading and (len(written) > 1 or _is_sentence(ordered[0].line.text)):
            continue  # articles, or attachments that differ in their number
        if len(written) == 1 and not texts[next(iter(written))] and written.isdisjoint(kept):
            apart = _stands_apart(ordered, pages, spots, step)
            if heading or not apart or _HEADING.fullmatch(ordered[0].line.text):
                kept |= written
                ordered = ordered[1:]
        gone |= {(edge.page, edge.at) for edge in ordered}
    return gone


def _is_sentence(text: str) -> bool:
    return len(text) > 30 or text.endswith(("。", "；", ".", ";", "：", ":"))


def _within_bounds(pages: Sequence[Sequence[Line]], found: Spots, edges: Sequence[_Edge]) -> Spots:
    """What was found, or its outermost lines alone where it would be most of a page's text."""
    for page, lines in enumerate(pages):
        lost = sum(len(lines[at].text) for at in range(len(lines)) if (page, at) in found)
        if len(lines) > 2 * _DEEP - 1 and lost * 2 > sum(len(line.text) for line in lines):
            outer = {(e.page, e.at) for e in edges if _is_outermost(e, pages[e.page], set(), 1)}
            return found & outer
    return found


def _bare(text: str) -> str:
    return re.sub(r"\s", "", text)


def _stands_apart(
    group: Sequence[_Edge], pages: Sequence[Sequence[Line]], spots: Spots, step: float
) -> bool:
    """Whether more than the usual space lies between lines of furniture and the text."""
    if not step or not all(edge.line.size for edge in group):
        return True
    apart = 0
    for edge in group:
        text = [line.top for at, line in enumerate(pages[edge.page])
                if (edge.page, at) not in spots]  # fmt: skip
        gaps = [(top - edge.line.top if edge.side == 0 else edge.line.top - top) for top in text]
        nearest = min((gap for gap in gaps if gap > 0), default=0.0)
        apart += nearest > step * 1.3
    return apart * 2 > len(group)


def _by_place(pages: Sequence[Sequence[Line]], gone: Spots, edges: Sequence[_Edge]) -> Spots:
    """Small lines that stand, apart from the text, where other pages have such lines too."""
    step = pitch(pages)
    sizes = [line.size for lines in pages for line in lines if line.size]
    if not step or not sizes:
        return set()
    body = median(sizes)
    outer: dict[tuple[int, int], list[_Edge]] = defaultdict(list)
    for edge in edges:
        lines = pages[edge.page]
        if not edge.line.size or MARKER.match(edge.line.text) or edge.line.size > body * 0.92:
            continue
        tops = [line.top for line in lines]
        own = edge.line.top
        beyond = [top for top in tops if (top < own - 1 if edge.side == 0 else top > own + 1)]
        inner = [abs(top - own) for top in tops
                 if (top > own + 1 if edge.side == 0 else top < own - 1)]  # fmt: skip
        if not beyond and min(inner, default=0.0) > step * 1.3:
            outer[edge.side, round(own / 3)].append(edge)
    found: Spots = set()
    headings = {_bare(line.text) for lines in pages for line in lines if line.size > body * 0.92}
    for (side, place), group in outer.items():
        near = [e for close in (-1, 0, 1) for e in outer.get((side, place + close), ())]
        if len({edge.page for edge in near}) * 2 > len(pages) > 1:
            found |= {(edge.page, edge.at) for edge in group}
        # The title once more, in small print.
        found |= {(e.page, e.at) for e in group if _bare(e.line.text) in headings}
    return found - gone
