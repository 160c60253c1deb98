"""A document's text to clauses: outline in, clauses and sections with their source spans out.

Puts repair (repair.py), outline (outline.py), metadata (metadata.py) and labels (labels.py)
together; which lines are headings is decided in the outline.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from index.documents.attachments import names_attachment
from index.documents.labels import with_labels
from index.documents.markers import (
    ARTICLE,
    DECIMAL,
    FIRST,
    GROUPS,
    SECOND,
    THIRD,
    Node,
    walk,
)
from index.documents.metadata import read_metadata
from index.documents.model import Clause, Document, Section
from index.documents.outline import OutlineReader, Part
from index.documents.paragraphs import SHORT, divide
from index.documents.wrapped import unwrapped
from index.text.repair import CleanText, clean
from prompts.notices import notice

FRONT, END = "首", "尾"
# What the paragraphs of text without numbered articles are called: 段1, 段2 …
PARAGRAPH = "段"

_CLOSING = re.compile(
    r"(?:本[\u4e00-\u9fff]{1,12}自.{1,24}(?:施行|实施|执行)|各[\u4e00-\u9fff、]{1,20}要|"
    r"\(此件|\(本文|[\u4e00-\u9fff\s、]{2,60}$|[\d〇○一二三四五六七八九十]{1,4}年\d*|"
    r"上述政策)"
)
_UNDIVIDED = notice("undivided")
_SENTENCE_END = re.compile(r"[。!?;](?=.)")


def parse_document(
    source: str,
    document_id: str,
    title_hint: str | None = None,
    warnings: Sequence[str] = (),
) -> Document:
    """Parse a document: its metadata, sections and clauses, with warnings in plain words.

    `warnings` are those there were already, when the file was read. Every character of `source`
    that is not white space lies in exactly one clause or section.
    """
    cleaned = unwrapped(clean(source), source)
    reader = OutlineReader(cleaned)
    parts = reader.read()
    sections: list[Section] = []
    clauses: list[Clause] = []
    for part in parts:
        maker = _Maker(source, cleaned, document_id, sections, clauses)
        _collect(part, cleaned.text, maker, reader.warnings)
    if any(part.nodes for part in parts) and _UNDIVIDED in reader.warnings:
        # A notice in front of numbered attachments needs no numbers of its own.
        reader.warnings.remove(_UNDIVIDED)
    document = Document(
        id=document_id,
        title=title_hint or document_id,
        source=source,
        sections=tuple(sections),
        clauses=tuple(_distinct(clauses, reader.warnings)),
        warnings=(*warnings, *cleaned.repairs, *reader.warnings),
    )
    return with_labels(read_metadata(document, cleaned.text, title_hint))


def _collect(part: Part, text: str, maker: _Maker, warnings: list[str]) -> None:
    """Turn the tree of one part into sections and clauses, in the order of the text."""
    prefix = f"{part.name}/" if part.name else ""
    if not part.nodes:
        _collect_unnumbered(part, text, prefix, maker, warnings)
        return
    first = part.nodes[0].start
    tail_start = _tail_start(part, text)
    if text[part.start : first].strip():
        maker.clause(prefix + FRONT, "", "", (), part.start, part.start, first)
    for node in part.nodes:
        maker.node(node, prefix, (), tail_start)
    if text[tail_start : part.end].strip():
        maker.clause(prefix + END, "", "", (), tail_start, tail_start, part.end)


def _collect_unnumbered(
    part: Part, text: str, prefix: str, maker: _Maker, warnings: list[str]
) -> None:
    """A short text without articles is one clause; a longer one its paragraphs, counted."""
    if len(text[part.start : part.end].strip()) <= SHORT:
        if text[part.start : part.end].strip():
            maker.clause(prefix + FRONT, "", "", (), part.start, part.start, part.end)
        if not part.name:
            warnings.append(_UNDIVIDED)
        return
    divided = divide(text, part.start, part.end)
    start = divided.paragraphs[0].start
    if text[part.start : start].strip():
        maker.clause(prefix + FRONT, "", "", (), part.start, part.start, start)
    for number, each in enumerate(divided.paragraphs, start=1):
        marker = f"{PARAGRAPH}{number}"
        own = each.heading if each.start < each.body else ""
        above = (each.heading,) if each.heading else ()
        maker.clause(prefix + marker, marker, own, above, each.start, each.body, each.end)
    if text[divided.tail : part.end].strip():
        maker.clause(prefix + END, "", "", (), divided.tail, divided.tail, part.end)
    first, last = (f"{prefix}{PARAGRAPH}{number}" for number in (1, len(divided.paragraphs)))
    if part.name:
        warnings.append(notice("paragraphs-in", part=part.name, first=first, last=last))
    else:
        warnings.append(notice("paragraphs", first=first, last=last))


def _tail_start(part: Part, text: str) -> int:
    """Where the end matter begins: paragraphs behind the last article that are not part of it."""
    leaves = [node for node in walk(part.nodes) if not node.children]
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
        closes = _CLOSING.match(paragraph.strip()) or names_attachment(paragraph)
        if mostly_single or closes:
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

    def node(self, node: Node, path: str, headings: tuple[str, ...], tail: int) -> None:
        """Add the node, then what is below it."""
        text = self.cleaned.text
        end = min(node.end, tail)
        own_end = node.children[0].start if node.children else end
        heading, body_start, bare = _heading(text, node, own_end)
        shown = f"{_shown(node)}{heading}"
        # 编 章 节 head articles without being part of their identity; 2.2.1 holds what is above it.
        alone = node.level in GROUPS or node.level > DECIMAL
        below = path if alone else f"{path}{node.marker}/"
        if node.unnumbered:
            self.section(path + heading, "", heading, node.start, own_end)
        elif bare and (node.children or node.level in GROUPS):
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


def _shown(node: Node) -> str:
    """The marker as it is written before a heading."""
    if node.level == FIRST:
        return f"{node.marker}、"
    if node.level == THIRD:
        return f"{node.marker}."
    if node.unnumbered:
        return ""
    return node.marker if node.level == SECOND else f"{node.marker} "


def _heading(text: str, node: Node, end: int) -> tuple[str, int, bool]:
    """Heading, where the body begins, and whether there is nothing but the heading."""
    own = text[node.text_start : end]
    line, _, rest = own.partition("\n")
    line = line.strip()
    if node.level == ARTICLE:
        named = re.match(r"[\[【(]([^\]】)]{2,30})[\]】)]\s*", line)
        return (named.group(1) if named else ""), node.text_start, False
    if node.unnumbered:
        return re.sub(r"\s", "", line.strip("#*")), node.text_start, True
    if node.level > DECIMAL and _SENTENCE_END.search(f"{line} "):
        named = re.match(r"([^,。;!?]{2,20})。(?=.)", line)
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
            warnings.append(notice("article-twice", path=clause.path, later=path))
            clause = replace(clause, path=path, id=f"{clause.document_id}#{path}")
        distinct.append(clause)
    return distinct
