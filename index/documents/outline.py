"""Clean text to an outline: the grammar of official numbering, checked as a sequence.

Decides which of the markers found (markers.py, decimals.py) are headings, which numbered lines are
only list items, where a marker is lost or damaged, and which lines without a number are headings.
It repairs no characters (repair.py) and makes no clauses (parse.py).
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from itertools import pairwise

from index.documents.attachments import attachment_starts, regulation_starts, title_above
from index.documents.decimals import DecimalMark, decimal_marks
from index.documents.markers import (
    ARTICLE,
    CHAPTER,
    DECIMAL,
    FIRST,
    GROUPS,
    SECOND,
    THIRD,
    Candidate,
    Node,
    close,
    find_candidates,
    lines_of,
    walk,
)
from index.documents.topics import topics_above
from index.text.numbers import read_numeral, write_numeral
from index.text.repair import CleanText
from prompts.notices import notice

_CONTENTS = re.compile(r"目\s*录\s*$")


@dataclass
class Part:
    """The main document or one attachment: own numbering, own front and end matter."""

    name: str
    start: int
    end: int = 0
    nodes: list[Node] = field(default_factory=list)


class OutlineReader:
    """Reads the numbered units of a clean text in order."""

    def __init__(self, cleaned: CleanText) -> None:
        self.text = cleaned.text
        self.warnings: list[str] = []
        self.lines = lines_of(self.text)
        first = self._contents_end()
        self.candidates = find_candidates(self.text, [one for one in self.lines if one[0] >= first])
        self.starts = self._part_starts()
        self.part = Part("", 0)
        self.parts = [self.part]
        self.stack: list[Node] = []
        self.running: dict[int, Node] = {}
        self.has_articles = False
        self.decimals: list[DecimalMark] = []
        self._look_at_part()

    def read(self) -> list[Part]:
        """All parts with their trees of nodes."""
        pending = list(self.starts)
        for candidate in self.candidates:
            while pending and pending[0][0] <= candidate.start:
                start, name = pending.pop(0)
                self._open_part(name, start)
            self._offer(candidate)
        for start, name in pending:
            self._open_part(name, start)
        self._number_decimals()
        self.part.end = len(self.text)
        for part in self.parts:
            close(part.nodes, part.end)
            self._recover(part)
        unnumbered = [part for part in self.parts if part.name == "附件"]
        if unnumbered and any(re.fullmatch(r"附件\d+", part.name) for part in self.parts):
            unnumbered[0].name = "附件1"
        return self.parts

    def _contents_end(self) -> int:
        """Where a table of contents ends: where its first entry comes again; 0 without one."""
        for number, (start, end) in enumerate(self.lines[:60]):
            if _CONTENTS.match(self.text[start:end].strip(" #*")) and number + 1 < len(self.lines):
                entry = self.text[slice(*self.lines[number + 1])].strip()
                entry = re.sub(r"[.…·\s]*\d*$", "", entry)
                again = self.text.find(f"\n{entry}", self.lines[number + 1][1])
                return again + 1 if again > 0 else 0
        return 0

    def _part_starts(self) -> list[tuple[int, str]]:
        """Where the parts behind the main one begin, and how each is called."""
        starts = attachment_starts(self.text, self.lines)
        edges = [0, *(start for start, _ in starts), len(self.text)]
        for first, last in pairwise(edges):
            lines = [span for span in self.lines if first <= span[0] < last]
            within = [one for one in self.candidates if first <= one.start < last]
            titled = regulation_starts(self.text, lines, within)
            starts += [(start, "附件") for start in titled]
        return sorted(starts)

    def _look_at_part(self) -> None:
        """See which numbering makes the clauses of the part that begins."""
        first = self.part.start
        last = min((start for start, _ in self.starts if start > first), default=len(self.text))
        within = [one for one in self.candidates if first <= one.start < last]
        self.has_articles = _has_articles(within)
        lines = [span for span in self.lines if first <= span[0] < last]
        self.decimals = [] if self.has_articles else decimal_marks(self.text, lines)

    def _open_part(self, name: str, start: int) -> None:
        self._number_decimals()
        self.part.end = start
        taken = {part.name for part in self.parts}
        name = name if name not in taken else f"附件{max(len(self.parts), 2)}"
        self.part = Part(name, start)
        self.parts.append(self.part)
        self.stack = []
        self.running = {}
        self._look_at_part()

    def _number_decimals(self) -> None:
        """Put the units with decimal numbers into the part, below whatever heads them."""
        above = [node for node in walk(self.part.nodes) if node.level < SECOND]
        for mark in self.decimals:
            node = Node(
                DECIMAL + mark.depth,
                int(mark.places[-1]),
                0,
                mark.start,
                mark.text_start,
                printed=mark.printed,
            )
            heads = [one for one in above if one.start < mark.start]
            group = heads[-1] if heads else None
            siblings = group.children if group else self.part.nodes
            while siblings and siblings[-1].level > DECIMAL and siblings[-1].level < node.level:
                siblings = siblings[-1].children
            siblings.append(node)
        self.decimals = []
        self.part.nodes.sort(key=lambda one: one.start)

    def _offer(self, candidate: Candidate) -> None:
        """Take the candidate as a heading if level and ordinal fit what has come before."""
        level = candidate.level
        if not self._counts(candidate):
            return
        parents = [node for node in self.stack if node.level < level]
        siblings = [node for node in self.stack if node.level == level]
        sibling = siblings[-1] if siblings else None
        running = self.running.get(level)
        ordinal = candidate.ordinal
        if ordinal is None:
            ordinal = self._damaged(candidate, sibling, running)
            if ordinal is None:
                return
        expected = {1} if sibling is None else {sibling.ordinal + 1}
        if running is not None and (level == ARTICLE or sibling is None):
            expected.add(running.ordinal + 1)
        branches = bool(candidate.branch and running is not None and ordinal == running.ordinal)
        if not candidate.at_line_start:
            last = sibling or (running if level == ARTICLE else None)
            if last is None or ordinal != last.ordinal + 1:
                return
            if len(self.text[candidate.text_start :].split("\n", 1)[0]) < 6:
                return
            where = self.text[candidate.start : candidate.text_start].strip()
            self.warnings.append(notice("split-from-line", where=where))
        elif ordinal not in expected and not branches:
            last = sibling or (running if level in (ARTICLE, *GROUPS) else None)
            if last is None:
                if ordinal > 3 and level == THIRD:
                    return
            elif ordinal <= last.ordinal:
                if not (ordinal == 1 and self._starts_anew(candidate)):
                    return
                parents = [node for node in self.stack if node.level < level]
            elif not candidate.spaced if level == ARTICLE else ordinal - last.ordinal > 5:
                return
        if candidate.reference and ordinal not in expected and not branches:
            return
        if self._is_list_item(candidate, level, ordinal, sibling, parents):
            return
        self._take(candidate, ordinal, parents)

    def _counts(self, candidate: Candidate) -> bool:
        """Whether a marker of this level makes clauses in this part."""
        level = candidate.level
        if self.decimals and level in (FIRST, ARTICLE, SECOND, THIRD):
            at = bisect_right(self.decimals, candidate.start, key=lambda one: one.start)
            return level == FIRST and at < len(self.decimals) and self._heads(candidate)
        if self.has_articles and level in (SECOND, THIRD):
            return False
        if self.has_articles and level == FIRST:
            at = bisect_right(self.candidates, candidate.start, key=lambda one: one.start)
            following = self.candidates[at] if at < len(self.candidates) else None
            return following is not None and following.level == ARTICLE and self._heads(candidate)
        return True

    def _take(self, candidate: Candidate, ordinal: int, parents: list[Node]) -> None:
        """Make the candidate a node, and headings without a number above an article too."""
        level = candidate.level
        if level == ARTICLE and candidate.at_line_start:
            last = max((node.text_start for node in self.stack), default=self.part.start)
            for topic in topics_above(self.text, self.lines, candidate.start, last, ordinal):
                self._put_topic(*topic)
            parents = [node for node in self.stack if node.level < level]
        node = Node(level, ordinal, candidate.branch, candidate.start, candidate.text_start)
        node.recovered = candidate.ordinal is None
        if node.recovered:
            self.warnings.append(notice("marker-damaged", marker=node.marker))
        self.stack = [*parents, node]
        self.running[level] = node
        (parents[-1].children if parents else self.part.nodes).append(node)

    def _put_topic(self, start: int, level: int | None) -> None:
        """Add a heading without a number: at the level of the topmost groups, or below them all."""
        groups = [one for one in self.running if one in GROUPS]
        if level is None or not groups:
            level = min(groups, default=CHAPTER)
        before = self.running.get(level)
        node = Node(level, before.ordinal if before else 0, 0, start, start, printed="")
        parents = [one for one in self.stack if one.level < level]
        self.stack = [*parents, node]
        (parents[-1].children if parents else self.part.nodes).append(node)

    def _damaged(
        self, candidate: Candidate, sibling: Node | None, running: Node | None
    ) -> int | None:
        for last in (sibling, running):
            number = last.ordinal + 1 if last else 1
            if write_numeral(number).startswith(candidate.known):
                return number
        return read_numeral(candidate.known) if candidate.known else None

    def _heads(self, candidate: Candidate) -> bool:
        """Whether 一、 is a short line that heads the next unit, not an item of a list."""
        line_end = self.text.find("\n", candidate.start)
        line_end = line_end if line_end > 0 else len(self.text)
        line = self.text[candidate.text_start : line_end]
        return candidate.at_line_start and len(line) < 30 and not re.search(r"[。;:,]", line)

    def _starts_anew(self, candidate: Candidate) -> bool:
        """Numbering that begins again under a title of its own is another attached document."""
        if candidate.level not in (FIRST, ARTICLE, CHAPTER):
            return False
        title_at = title_above(self.text, self.lines, candidate.start)
        last = max((node.text_start for node in self.running.values()), default=0)
        if title_at is None or title_at <= last:
            return False
        title = self.text[title_at : self.text.find("\n", title_at)].strip()
        titled = sum(part.name.startswith("附件") for part in self.parts)
        self._open_part(f"附件{max(titled + 1, 2)}", title_at)
        self.warnings.append(notice("numbering-again", title=title, part=self.part.name))
        return True

    def _is_list_item(
        self,
        candidate: Candidate,
        level: int,
        ordinal: int,
        sibling: Node | None,
        parents: list[Node],
    ) -> bool:
        """Short items behind a colon, or ended by semicolons, stay inside their article."""
        if level not in (SECOND, THIRD) or not parents or sibling is not None or ordinal != 1:
            return (
                level in (SECOND, THIRD)
                and sibling is None
                and ordinal != 1
                and (not self._continues(level, ordinal))
            )
        items = [c for c in self.candidates if c.start >= candidate.start and c.level == level]
        items = items[: next((i for i, c in enumerate(items) if i and c.ordinal == 1), len(items))]
        lines = [self.text[c.text_start :].split("\n", 1)[0].strip() for c in items[:6]]
        if lines and lines[0].endswith(";"):
            return True
        before = self.text[parents[-1].text_start : candidate.start].rstrip()
        return before.endswith(":") and sorted(map(len, lines))[len(lines) // 2] < 40

    def _continues(self, level: int, ordinal: int) -> bool:
        running = self.running.get(level)
        return running is not None and 0 < ordinal - running.ordinal <= 5

    def _recover(self, part: Part) -> None:
        """Find the articles whose markers are gone: as many bare paragraphs as numbers missing."""
        for siblings in [part.nodes, *(node.children for node in walk(part.nodes))]:
            for before, after in list(pairwise(siblings)):
                gap = after.ordinal - before.ordinal - 1
                if gap <= 0 or before.level != after.level or before.level in GROUPS:
                    continue
                tail = before.children[-1] if before.children else before
                bare = [
                    span
                    for span in self.lines
                    if tail.text_start < span[0] and span[1] <= after.start
                ]
                missing = [_another(before, before.ordinal + 1 + i) for i in range(gap)]
                names = "、".join(node.marker for node in missing[:5])
                names += " …" if gap > 5 else ""
                if len(bare) != gap or before.children or before.level > DECIMAL:
                    self.warnings.append(
                        notice(
                            "articles-missing",
                            names=names,
                            before=before.marker,
                            after=after.marker,
                        )
                    )
                    continue
                for node, (start, _) in zip(missing, bare, strict=True):
                    node.start = node.text_start = start
                    node.recovered = True
                at = siblings.index(after)
                siblings[at:at] = missing
                self.warnings.append(notice("marker-lost", names=names))
        close(part.nodes, part.end)


def _has_articles(candidates: list[Candidate]) -> bool:
    """Whether 第…条 makes the clauses of a part with these markers."""
    articles = [c for c in candidates if c.level == ARTICLE and c.at_line_start]
    return sum(c.spaced for c in articles) >= 2 or any(
        (a.ordinal, b.ordinal) == (1, 2) for a, b in pairwise(articles)
    )


def _another(node: Node, ordinal: int) -> Node:
    """A new childless node of the same level."""
    printed = node.printed and f"{node.printed.rpartition('.')[0]}.{ordinal}".lstrip(".")
    return Node(node.level, ordinal, 0, node.start, node.text_start, printed=printed)
