"""Clean text to an outline: the grammar of official numbering, checked as a sequence.

Reads 编 章 节 条, 一、 （一） 1. and 附件, decides which lines are headings, which numbered lines
are only list items, and where a marker is lost or damaged. It repairs no characters (repair.py)
and makes no clauses (parse.py).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from itertools import pairwise

from index.documents.metadata import TITLE_END
from index.text.numbers import NUMERAL, read_numeral, write_numeral
from index.text.repair import LOST, CleanText

# Levels from the top. 编 章 节 group articles without being part of their identity.
BOOK, CHAPTER, SECTION, FIRST, ARTICLE, SECOND, THIRD = range(7)
GROUPS = (BOOK, CHAPTER, SECTION)
_N = NUMERAL
_MARKERS: tuple[tuple[int, re.Pattern[str]], ...] = (
    (BOOK, re.compile(rf"第\s*({_N}+|\d+)\s*编(?=\s|$)\s*")),
    (CHAPTER, re.compile(rf"第\s*({_N}+|\d+)\s*章(?=\s|$|[^的,、。])\s*")),
    (SECTION, re.compile(rf"第\s*({_N}+|\d+)\s*节(?=\s|$|[^的,、。])\s*")),
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
_ATTACHMENT = re.compile(rf"附\s*(?:件|录)?\s*({_N}+|\d+)?\s*[::]?\s*$")
_CONTENTS = re.compile(r"目\s*录\s*$")


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

    @property
    def marker(self) -> str:
        """The marker in its canonical form, as it stands in paths."""
        if self.level == THIRD:
            return str(self.ordinal)
        numeral = write_numeral(self.ordinal)
        if self.level == SECOND:
            return f"({numeral})"
        if self.level == FIRST:
            return numeral
        name = {BOOK: "编", CHAPTER: "章", SECTION: "节", ARTICLE: "条"}[self.level]
        branch = f"之{write_numeral(self.branch)}" if self.branch else ""
        return f"第{numeral}{name}{branch}"


@dataclass(frozen=True)
class _Candidate:
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
        self.lines = [match.span() for match in re.finditer(r"[^\n]+", self.text)]
        self.candidates = self._candidates()
        self.has_articles = self._has_articles()
        self.part = Part("", 0)
        self.parts = [self.part]
        self.stack: list[Node] = []
        self.running: dict[int, Node] = {}

    def read(self) -> list[Part]:
        """All parts with their trees of nodes."""
        attachments = self._attachment_lines()
        by_start: dict[int, str] = dict(attachments)
        marks = sorted([(c.start, 1, c) for c in self.candidates], key=lambda mark: mark[:2])
        pending = sorted(by_start)
        for start, _, candidate in marks:
            while pending and pending[0] <= start:
                self._open_part(by_start[pending[0]], pending[0])
                pending.pop(0)
            self._offer(candidate)
        for start in pending:
            self._open_part(by_start[start], start)
        self.part.end = len(self.text)
        for part in self.parts:
            close(part.nodes, part.end)
            self._recover(part)
        return self.parts

    def _candidates(self) -> list[_Candidate]:
        found: list[_Candidate] = []
        contents_until = self._contents_end()
        for start, end in self.lines:
            if start < contents_until:
                continue
            head = re.compile(r"[\s#*>]*").match(self.text, start, end)
            first = head.end() if head else start
            candidate = self._candidate(first, end, True)
            if candidate:
                # A heading's own line mark (## of Markdown) belongs to it.
                found.append(replace(candidate, start=start + _indent(self.text[start:first])))
            position = candidate.text_start if candidate else first
            for match in _INNER.finditer(self.text, position, end):
                inner = self._candidate(match.end(), end, False)
                if inner:
                    found.append(inner)
        return found

    def _candidate(self, start: int, end: int, at_line_start: bool) -> _Candidate | None:
        for level, pattern in _MARKERS:
            match = pattern.match(self.text, start, end)
            if not match:
                continue
            numeral = match.group(1)
            lost = numeral.endswith(LOST)
            ordinal = None if lost else read_numeral(numeral)
            if not lost and not ordinal:
                continue
            branch = 0
            spaced = True
            reference = ""
            if level == ARTICLE:
                branch = (read_numeral(match.group(2)) or 0) if match.group(2) else 0
                spaced = bool(match.group(3)) or match.end() >= end
                rest = self.text[match.end() : end]
                if _REFERENCE.match(rest):
                    reference = "surely"
                elif _MAYBE_REFERENCE.match(rest):
                    reference = "maybe"
                if reference == "surely" and not spaced:
                    return None
            return _Candidate(
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

    def _contents_end(self) -> int:
        """Where a table of contents ends: where its first entry comes again; 0 without one."""
        for number, (start, end) in enumerate(self.lines[:60]):
            if _CONTENTS.match(self.text[start:end].strip(" #*")) and number + 1 < len(self.lines):
                entry = self.text[slice(*self.lines[number + 1])].strip()
                entry = re.sub(r"[.…·\s]*\d*$", "", entry)
                again = self.text.find(f"\n{entry}", self.lines[number + 1][1])
                return again + 1 if again > 0 else 0
        return 0

    def _has_articles(self) -> bool:
        articles = [c for c in self.candidates if c.level == ARTICLE and c.at_line_start]
        return sum(c.spaced for c in articles) >= 2 or any(
            (a.ordinal, b.ordinal) == (1, 2) for a, b in pairwise(articles)
        )

    def _attachment_lines(self) -> list[tuple[int, str]]:
        found: list[tuple[int, str]] = []
        for number, (start, end) in enumerate(self.lines):
            match = _ATTACHMENT.match(self.text[start:end].strip(" #*"))
            if not match or number == 0 or number + 1 >= len(self.lines):
                continue
            ordinal = read_numeral(match.group(1)) if match.group(1) else None
            found.append((start, f"附件{ordinal or (len(found) + 1 if found else '')}"))
        return found

    def _open_part(self, name: str, start: int) -> None:
        self.part.end = start
        taken = {part.name for part in self.parts}
        name = name if name not in taken else f"附件{len(self.parts)}"
        self.part = Part(name, start)
        self.parts.append(self.part)
        self.stack = []
        self.running = {}

    def _offer(self, candidate: _Candidate) -> None:
        """Take the candidate as a heading if level and ordinal fit what has come before."""
        level = candidate.level
        below = self.has_articles and level in (FIRST, SECOND, THIRD)
        if below and not (level == FIRST and self._heads_articles(candidate)):
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
        branches = candidate.branch and running is not None and ordinal == running.ordinal
        if not candidate.at_line_start:
            last = sibling or (running if level == ARTICLE else None)
            if last is None or ordinal != last.ordinal + 1:
                return
            if len(self.text[candidate.text_start :].split("\n", 1)[0]) < 6:
                return
            where = self.text[candidate.start : candidate.text_start].strip()
            self.warnings.append(f"{where} stood in the line of the article before it; split there")
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
        node = Node(level, ordinal, candidate.branch, candidate.start, candidate.text_start)
        node.recovered = candidate.ordinal is None
        if node.recovered:
            self.warnings.append(
                f"marker {node.marker} was damaged; recovered from the order of the articles"
            )
        self.stack = [*parents, node]
        self.running[level] = node
        (parents[-1].children if parents else self.part.nodes).append(node)

    def _damaged(
        self, candidate: _Candidate, sibling: Node | None, running: Node | None
    ) -> int | None:
        for last in (sibling, running):
            number = last.ordinal + 1 if last else 1
            if write_numeral(number).startswith(candidate.known):
                return number
        return read_numeral(candidate.known) if candidate.known else None

    def _heads_articles(self, candidate: _Candidate) -> bool:
        """In a text of 条: whether 一、 is a short line that heads articles, not an item."""
        line_end = self.text.find("\n", candidate.start)
        line = self.text[candidate.text_start : line_end if line_end > 0 else len(self.text)]
        following = [c for c in self.candidates if c.start > candidate.start]
        return (
            candidate.at_line_start
            and len(line) < 30
            and not re.search(r"[。;:,]", line)
            and bool(following)
            and following[0].level == ARTICLE
        )

    def _starts_anew(self, candidate: _Candidate) -> bool:
        """Numbering that begins again under a title of its own is another attached document."""
        if candidate.level not in (FIRST, ARTICLE, CHAPTER):
            return False
        title_at = None
        before = [span for span in self.lines if span[1] <= candidate.start][-12:]
        for start, end in reversed(before):
            line = self.text[start:end].strip()
            plain = len(line) <= 45 and not re.search(r"[。;:,]$", line)
            if title_at is not None and not plain:
                break
            if plain and (title_at is not None or TITLE_END.search(line)):
                title_at = start
        last = max((node.text_start for node in self.running.values()), default=0)
        if title_at is None or title_at <= last:
            return False
        title = self.text[title_at : self.text.find("\n", title_at)].strip()
        self._open_part(f"附件{len(self.parts) + 1}", title_at)
        self.warnings.append(f"numbering begins again at “{title}”; read as {self.part.name}")
        return True

    def _is_list_item(
        self,
        candidate: _Candidate,
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
                if len(bare) != gap or before.children:
                    self.warnings.append(
                        f"{names} missing between {before.marker} and {after.marker}"
                    )
                    continue
                for node, (start, _) in zip(missing, bare, strict=True):
                    node.start = node.text_start = start
                    node.recovered = True
                at = siblings.index(after)
                siblings[at:at] = missing
                self.warnings.append(
                    f"marker {names} was lost; recovered from the order of the articles"
                )
        close(part.nodes, part.end)


def _another(node: Node, ordinal: int) -> Node:
    """A new childless node of the same level."""
    return Node(node.level, ordinal, 0, node.start, node.text_start)


def _indent(text: str) -> int:
    return len(text) - len(text.lstrip())


def walk(nodes: list[Node]) -> list[Node]:
    """All nodes of the trees, each before what is below it."""
    return [found for node in nodes for found in (node, *walk(node.children))]


def close(nodes: list[Node], end: int) -> None:
    """Set where each node ends: where the next begins."""
    for position, node in enumerate(nodes):
        node.end = nodes[position + 1].start if position + 1 < len(nodes) else end
        close(node.children, node.end)
