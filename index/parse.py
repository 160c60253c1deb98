"""Clean text to clauses: the grammar of official numbering, checked as a sequence.

Reads 编 章 节 条, 一、 （一） 1. and 附件, decides which lines are headings, which numbered lines
are only list items, and where a marker is lost or damaged. It repairs no characters (repair.py)
and does not read titles, numbers and dates (metadata.py).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from itertools import pairwise

from index.labels import with_labels
from index.metadata import TITLE_END, read_metadata
from index.numerals import NUMERAL, read_numeral, write_numeral
from index.repair import LOST, CleanText, clean
from index.schema import Clause, Document, Section

FRONT, END = "首", "尾"

# Levels from the top. 编 章 节 group articles without being part of their identity.
_BOOK, _CHAPTER, _SECTION, _FIRST, _ARTICLE, _SECOND, _THIRD = range(7)
_GROUPS = (_BOOK, _CHAPTER, _SECTION)
_N = NUMERAL
_MARKERS: tuple[tuple[int, re.Pattern[str]], ...] = (
    (_BOOK, re.compile(rf"第\s*({_N}+|\d+)\s*编(?=\s|$)\s*")),
    (_CHAPTER, re.compile(rf"第\s*({_N}+|\d+)\s*章(?=\s|$|[^的,、。])\s*")),
    (_SECTION, re.compile(rf"第\s*({_N}+|\d+)\s*节(?=\s|$|[^的,、。])\s*")),
    (_ARTICLE, re.compile(rf"第\s*({_N}+|\d{{1,4}})\s*条(?:\s*之\s*({_N}+|\d+))?(\s*)")),
    (_FIRST, re.compile(rf"({_N}{{1,3}})\s*[、.]\s*(?=\S)")),
    (_SECOND, re.compile(rf"\(\s*({_N}{{1,3}}|{_N}{{0,2}}{LOST})\s*\)\s*[、.]?\s*")),
    (_SECOND, re.compile(rf"\(\s*({_N}{{1,3}})(?=[^\s{_N[1:-1]}),、])")),  # never closed
    (_SECOND, re.compile(rf"({_N}{{1,3}})\)\s*")),  # never opened
    (_THIRD, re.compile(r"(\d{1,3})\s*[.、](?!\d)\s*(?=\S)")),
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
_CLOSING = re.compile(
    r"(?:本[\u4e00-\u9fff]{1,12}自.{1,24}(?:施行|实施|执行)|各[\u4e00-\u9fff、]{1,20}要|"
    r"附件?\s*\d*\s*:|\(此件|\(本文|[\u4e00-\u9fff\s、]{2,60}$|[\d〇○一二三四五六七八九十]{1,4}年\d*|"
    r"上述政策)"
)
_SENTENCE_END = re.compile(r"[。!?;](?=.)")


@dataclass
class _Node:
    """A numbered unit while it is being read; positions are in the clean text."""

    level: int
    ordinal: int
    branch: int  # the M of 第N条之M, else 0
    start: int
    text_start: int  # behind the marker
    end: int = 0
    recovered: bool = False
    children: list[_Node] = field(default_factory=list)

    @property
    def marker(self) -> str:
        """The marker in its canonical form, as it stands in paths."""
        if self.level == _THIRD:
            return str(self.ordinal)
        numeral = write_numeral(self.ordinal)
        if self.level == _SECOND:
            return f"({numeral})"
        if self.level == _FIRST:
            return numeral
        name = {_BOOK: "编", _CHAPTER: "章", _SECTION: "节", _ARTICLE: "条"}[self.level]
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
class _Part:
    """The main document or one attachment: own numbering, own front and end matter."""

    name: str
    start: int
    end: int = 0
    nodes: list[_Node] = field(default_factory=list)


def parse_document(source: str, document_id: str, title_hint: str | None = None) -> Document:
    """Parse a document: its metadata, sections and clauses, with warnings in plain words.

    Every character of `source` that is not white space lies in exactly one clause or section.
    """
    cleaned = clean(source)
    reader = _Reader(cleaned)
    parts = reader.read()
    sections: list[Section] = []
    clauses: list[Clause] = []
    for part in parts:
        maker = _Maker(source, cleaned, document_id, sections, clauses)
        _collect(part, cleaned.text, maker, reader.warnings)
    document = Document(
        id=document_id,
        title=title_hint or document_id,
        source=source,
        sections=tuple(sections),
        clauses=tuple(_distinct(clauses, reader.warnings)),
        warnings=(*cleaned.repairs, *reader.warnings),
    )
    return with_labels(read_metadata(document, cleaned.text, title_hint))


class _Reader:
    """Reads the numbered units of a clean text in order."""

    def __init__(self, cleaned: CleanText) -> None:
        self.text = cleaned.text
        self.warnings: list[str] = []
        self.lines = [match.span() for match in re.finditer(r"[^\n]+", self.text)]
        self.candidates = self._candidates()
        self.has_articles = self._has_articles()
        self.part = _Part("", 0)
        self.parts = [self.part]
        self.stack: list[_Node] = []
        self.running: dict[int, _Node] = {}

    def read(self) -> list[_Part]:
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
            _close(part.nodes, part.end)
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
            if level == _ARTICLE:
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
        articles = [c for c in self.candidates if c.level == _ARTICLE and c.at_line_start]
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
        self.part = _Part(name, start)
        self.parts.append(self.part)
        self.stack = []
        self.running = {}

    def _offer(self, candidate: _Candidate) -> None:
        """Take the candidate as a heading if level and ordinal fit what has come before."""
        level = candidate.level
        below = self.has_articles and level in (_FIRST, _SECOND, _THIRD)
        if below and not (level == _FIRST and self._heads_articles(candidate)):
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
        if running is not None and (level == _ARTICLE or sibling is None):
            expected.add(running.ordinal + 1)
        branches = candidate.branch and running is not None and ordinal == running.ordinal
        if not candidate.at_line_start:
            last = sibling or (running if level == _ARTICLE else None)
            if last is None or ordinal != last.ordinal + 1:
                return
            if len(self.text[candidate.text_start :].split("\n", 1)[0]) < 6:
                return
            where = self.text[candidate.start : candidate.text_start].strip()
            self.warnings.append(f"{where} stood in the line of the article before it; split there")
        elif ordinal not in expected and not branches:
            last = sibling or (running if level in (_ARTICLE, *_GROUPS) else None)
            if last is None:
                if ordinal > 3 and level == _THIRD:
                    return
            elif ordinal <= last.ordinal:
                if not (ordinal == 1 and self._starts_anew(candidate)):
                    return
                parents = [node for node in self.stack if node.level < level]
            elif not candidate.spaced if level == _ARTICLE else ordinal - last.ordinal > 5:
                return
        if candidate.reference and ordinal not in expected and not branches:
            return
        if self._is_list_item(candidate, level, ordinal, sibling, parents):
            return
        node = _Node(level, ordinal, candidate.branch, candidate.start, candidate.text_start)
        node.recovered = candidate.ordinal is None
        if node.recovered:
            self.warnings.append(
                f"marker {node.marker} was damaged; recovered from the order of the articles"
            )
        self.stack = [*parents, node]
        self.running[level] = node
        (parents[-1].children if parents else self.part.nodes).append(node)

    def _damaged(
        self, candidate: _Candidate, sibling: _Node | None, running: _Node | None
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
            and following[0].level == _ARTICLE
        )

    def _starts_anew(self, candidate: _Candidate) -> bool:
        """Numbering that begins again under a title of its own is another attached document."""
        if candidate.level not in (_FIRST, _ARTICLE, _CHAPTER):
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
        sibling: _Node | None,
        parents: list[_Node],
    ) -> bool:
        """Short items behind a colon, or ended by semicolons, stay inside their article."""
        if level not in (_SECOND, _THIRD) or not parents or sibling is not None or ordinal != 1:
            return (
                level in (_SECOND, _THIRD)
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

    def _recover(self, part: _Part) -> None:
        """Find the articles whose markers are gone: as many bare paragraphs as numbers missing."""
        for siblings in [part.nodes, *(node.children for node in _walk(part.nodes))]:
            for before, after in list(pairwise(siblings)):
                gap = after.ordinal - before.ordinal - 1
                if gap <= 0 or before.level != after.level or before.level in _GROUPS:
                    continue
                tail = before.children[-1] if before.children else before
                bare = [
                    span
                    for span in self.lines
                    if tail.text_start < span[0] and span[1] <= after.start
                ]
                missing = [replace_ordinal(before, before.ordinal + 1 + i) for i in range(gap)]
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
        _close(part.nodes, part.end)


def replace_ordinal(node: _Node, ordinal: int) -> _Node:
    """A new childless node of the same level."""
    return _Node(node.level, ordinal, 0, node.start, node.text_start)


def _indent(text: str) -> int:
    return len(text) - len(text.lstrip())


def _walk(nodes: list[_Node]) -> list[_Node]:
    return [found for node in nodes for found in (node, *_walk(node.children))]


def _close(nodes: list[_Node], end: int) -> None:
    """Set where each node ends: where the next begins."""
    for position, node in enumerate(nodes):
        node.end = nodes[position + 1].start if position + 1 < len(nodes) else end
        _close(node.children, node.end)


def _collect(part: _Part, text: str, maker: _Maker, warnings: list[str]) -> None:
    """Turn the tree of one part into sections and clauses, in the order of the text."""
    prefix = f"{part.name}/" if part.name else ""
    first = part.nodes[0].start if part.nodes else part.end
    tail_start = _tail_start(part, text)
    if text[part.start : first].strip():
        maker.clause(prefix + FRONT, "", "", (), part.start, part.start, first)
    for node in part.nodes:
        maker.node(node, prefix, (), tail_start)
    if text[tail_start : part.end].strip():
        maker.clause(prefix + END, "", "", (), tail_start, tail_start, part.end)
    if not part.nodes and not part.name:
        warnings.append("no numbered articles found; the whole text is one clause")


def _tail_start(part: _Part, text: str) -> int:
    """Where the end matter begins: paragraphs behind the last article that are not part of it."""
    leaves = [node for node in _walk(part.nodes) if not node.children]
    if not leaves:
        return part.end
    last = leaves[-1]
    paragraphs = [
        (last.text_start + match.start(), match.group())
        for match in re.finditer(r"[^\n]+", text[last.text_start : part.end])
        if match.group().strip()
    ]
    single = [n for n in leaves[:-1] if len(text[n.text_start : n.end].strip().split("\n")) == 1]
    mostly_single = len(single) >= 3 and len(single) >= 0.9 * (len(leaves) - 1)
    for number, (start, paragraph) in enumerate(paragraphs):
        own_line_heading = number == 1 and not re.search(r"[。;:]", paragraphs[0][1])
        if number == 0 or own_line_heading:
            continue
        if mostly_single or _CLOSING.match(paragraph.strip()):
            return start
    return part.end


class _Maker:
    """Makes clauses and sections with their source spans and offset maps."""

    def __init__(
        self,
        source: str,
        cleaned: CleanText,
        document_id: str,
        sections: list[Section],
        clauses: list[Clause],
    ) -> None:
        self.source = source
        self.cleaned = cleaned
        self.document_id = document_id
        self.sections = sections
        self.clauses = clauses

    def node(self, node: _Node, path: str, headings: tuple[str, ...], tail: int) -> None:
        """Add the node, then what is below it."""
        text = self.cleaned.text
        end = min(node.end, tail)
        own_end = node.children[0].start if node.children else end
        heading, body_start, bare = _heading(text, node, own_end)
        shown = f"{_shown(node)}{heading}"
        # 编 章 节 head articles without being part of their identity.
        below = path if node.level in _GROUPS else f"{path}{node.marker}/"
        if bare and (node.children or node.level in _GROUPS):
            self.section(path + node.marker, node.marker, heading, node.start, own_end)
        else:
            self.clause(
                path + node.marker,
                node.marker,
                heading,
                (*headings, shown) if heading else headings,
                node.start,
                body_start,
                own_end,
            )
        for child in node.children:
            self.node(child, below, (*headings, shown), tail)

    def section(self, path: str, marker: str, heading: str, start: int, end: int) -> None:
        """Add a heading without text of its own."""
        start, end = self._trimmed(start, end)
        first, last = self._source(start, end)
        self.sections.append(Section(path, marker, heading, first, last))

    def clause(
        self,
        path: str,
        marker: str,
        heading: str,
        headings: tuple[str, ...],
        start: int,
        body_start: int,
        end: int,
    ) -> None:
        """Add a clause whose text is clean[start:end] and whose body begins at `body_start`."""
        cleaned = self.cleaned
        start, end = self._trimmed(start, end)
        body_start, _ = self._trimmed(max(body_start, start), end)
        body_start = min(body_start, end)
        first, last = self._source(start, end)
        self.clauses.append(
            Clause(
                id=f"{self.document_id}#{path}",
                document_id=self.document_id,
                path=path,
                marker=marker,
                heading=heading,
                heading_path=headings,
                text=self.source[first:last],
                start=first,
                end=last,
                body=cleaned.text[body_start:end],
                body_map=(*cleaned.offsets[body_start:end], last),
                label="",
                label_en="",
            )
        )

    def _trimmed(self, start: int, end: int) -> tuple[int, int]:
        text = self.cleaned.text
        while start < end and text[start].isspace():
            start += 1
        while end > start and text[end - 1].isspace():
            end -= 1
        return start, end

    def _source(self, start: int, end: int) -> tuple[int, int]:
        """Source offsets of clean[start:end], with the removed characters behind its last one."""
        offsets = self.cleaned.offsets
        last = offsets[end]
        return offsets[start], last


def _shown(node: _Node) -> str:
    """The marker as it is written before a heading."""
    if node.level == _FIRST:
        return f"{node.marker}、"
    if node.level == _THIRD:
        return f"{node.marker}."
    return node.marker if node.level == _SECOND else f"{node.marker} "


def _heading(text: str, node: _Node, end: int) -> tuple[str, int, bool]:
    """Heading, where the body begins, and whether there is nothing but the heading."""
    own = text[node.text_start : end]
    line, _, rest = own.partition("\n")
    line = line.strip()
    if node.level == _ARTICLE:
        named = re.match(r"[\[【(]([^\]】)]{2,30})[\]】)]\s*", line)
        return (named.group(1) if named else ""), node.text_start, False
    if node.recovered and node.start == node.text_start:
        return "", node.text_start, False
    inner = _SENTENCE_END.search(line)
    if rest.strip() and not inner and len(line) <= 60 and not re.search(r"[,:;]$", line):
        # A heading on a line of its own; the text begins on the next.
        body = node.text_start + len(own) - len(rest)
        return line.rstrip("。:"), body, False
    if inner:
        heading = line[: inner.start()]
        return (heading if len(heading) <= 40 else ""), node.text_start, False
    if len(line) <= 60 and not rest.strip():
        return line.rstrip("。:;"), node.text_start, True
    return "", node.text_start, False


def _distinct(clauses: list[Clause], warnings: list[str]) -> list[Clause]:
    """Give clauses that share a path (numbering that repeats) ids of their own."""
    seen: dict[str, int] = {}
    distinct: list[Clause] = []
    for clause in clauses:
        count = seen[clause.path] = seen.get(clause.path, 0) + 1
        if count > 1:
            path = f"{clause.path}~{count}"
            warnings.append(f"{clause.path} comes more than once; the later one is {path}")
            clause = replace(clause, path=path, id=f"{clause.document_id}#{path}")
        distinct.append(clause)
    return distinct
