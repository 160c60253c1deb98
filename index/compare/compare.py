"""Compares two documents, article by article.

Puts the alignment (align.py), the marked words (words.py) and the numbers (numbers.py) together.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from index.compare.align import Group, Text, align
from index.compare.model import Change, Chapter, Comparison, NumberChange, Piece, Row
from index.compare.numbers import changed_numbers
from index.compare.words import Stretch, laid_over, marked
from index.documents.labels import document_label
from index.documents.model import Clause, Document, Section


def compare(old: Document, new: Document) -> Comparison:
    """What changed from one document to another. Raises DocumentFault for endless ones."""
    groups = align(_texts(old), _texts(new))
    rows = tuple(_row(old, new, group) for group in groups)
    lengths = [sum(len(one.body) for one in (*row.old, *row.new)) for row in rows]
    same = sum(row.likeness * length for row, length in zip(rows, lengths, strict=True))
    alike = same / sum(lengths) if any(lengths) else 1.0
    return Comparison(old, new, rows, _chapters(old, new), alike)


def with_names(found: Comparison, row: Row) -> tuple[Piece, ...]:
    """The pieces of a row, the name of each article before its text."""
    old, new = _together(found.old, row.old, named=True), _together(found.new, row.new, named=True)
    return _shown(old, new, laid_over(old.text, new.text))


def name_of(document: Document, clause: Clause) -> str:
    """What an article is called in its document: `第十二条`."""
    return clause.label.removeprefix(f"{document_label(document)} ")


def _texts(document: Document) -> list[Text]:
    return [Text(clause.path, _said(clause).text) for clause in document.clauses]


def _row(old: Document, new: Document, group: Group) -> Row:
    olds = tuple(old.clauses[n] for n in group.old)
    news = tuple(new.clauses[n] for n in group.new)
    before, after = _together(old, olds), _together(new, news)
    stretches = laid_over(before.text, after.text)
    changed = [each for each in stretches if not each.same]
    numbers: tuple[NumberChange, ...] = ()
    if olds and news:
        spans = [(*each.old, *each.new) for each in changed]
        numbers = changed_numbers(before.text, after.text, spans)
    changes = _changes(olds, news, group.moved, bool(changed))
    same = sum(each.old[1] - each.old[0] for each in stretches if each.same)
    whole = len(before.text) + len(after.text)
    likeness = min(2 * same / whole, 1.0) if whole else 1.0
    return Row(olds, news, changes, likeness, _shown(before, after, stretches), numbers)


def _changes(
    old: Sequence[Clause], new: Sequence[Clause], moved: bool, edited: bool
) -> tuple[Change, ...]:
    if not old:
        return ("added",)
    if not new:
        return ("removed",)
    found: list[Change] = []
    if len(new) > 1:
        found.append("split")
    if len(old) > 1:
        found.append("merged")
    if moved:
        found.append("moved")
    elif len(old) == len(new) == 1 and old[0].path != new[0].path:
        found.append("renumbered")
    if edited:
        found.append("edited")
    return tuple(found)


def _chapters(old: Document, new: Document) -> tuple[Chapter, ...]:
    """The headings of both, those that belong together as one."""
    texts = [[Text(one.path, one.heading) for one in each.sections] for each in (old, new)]
    found: list[Chapter] = []
    for group in align(texts[0], texts[1]):
        before = [old.sections[n] for n in group.old]
        after = [new.sections[n] for n in group.new]
        if len(before) > 1 or len(after) > 1:
            # A heading has no parts.
            found += [Chapter(one, None, marked(_headed(one), "")) for one in before[1:]]
            found += [Chapter(None, one, marked("", _headed(one))) for one in after[1:]]
        one, other = before[0] if before else None, after[0] if after else None
        pieces = marked(_headed(one) if one else "", _headed(other) if other else "")
        found.append(Chapter(one, other, pieces))
    return tuple(found)


def _headed(section: Section) -> str:
    return f"{section.marker} {section.heading}".strip()


@dataclass(frozen=True)
class _Said:
    """The clean text of articles, headings first, and the source of each of its characters.

    `offsets[i]` is where character i stands in the source; -1 for one that stands nowhere.
    """

    source: str
    text: str
    offsets: tuple[int, ...]

    def shown(self, start: int, end: int) -> str:
        """A stretch as the source has it; clean where the source is damaged or in other signs."""
        shown, at = "", start
        # Line by line: between two lines other articles may stand.
        for line in self.text[start:end].splitlines(keepends=True):
            last = at + len(line.rstrip("\n"))
            first = next((n for n in range(at, last) if self.offsets[n] >= 0), last)
            clean = self.text[first:last]
            written = self.source[self.offsets[first] : self.offsets[last]] if clean else ""
            same = unicodedata.normalize("NFKC", written) == clean
            shown += self.text[at:first] + (written if same else clean)
            shown += self.text[last : at + len(line)]
            at += len(line)
        return shown


def _said(clause: Clause, source: str = "", name: str = "") -> _Said:
    heading = clause.heading
    # Where a heading stands on the line of its text, it is the beginning of that.
    above = "" if heading in clause.body[: len(heading) + 2] else f"{heading}\n"
    lead = f"{name} {above}" if name else above
    return _Said(source, lead + clause.body, (*(-1 for _ in lead), *clause.body_map))


def _together(document: Document, clauses: Sequence[Clause], named: bool = False) -> _Said:
    """The texts of several articles as one, each on its own line."""
    text, offsets = "", list[int]()
    for clause in clauses:
        name = name_of(document, clause) if named and clause.marker else ""
        said = _said(clause, document.source, name)
        text += ("\n" if offsets else "") + said.text
        # The end of an article is where the line break to the next one stands.
        offsets += said.offsets
    return _Said(document.source, text, tuple(offsets or [-1]))


def _shown(old: _Said, new: _Said, stretches: Sequence[Stretch]) -> tuple[Piece, ...]:
    found: list[Piece] = []
    for each in stretches:
        if each.same:
            found.append(Piece("same", new.shown(*each.new)))
            continue
        removed, added = old.shown(*each.old), new.shown(*each.new)
        found += [Piece("removed", removed)] if removed else []
        found += [Piece("added", added)] if added else []
    return tuple(found)
