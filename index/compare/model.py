"""What a comparison of two documents finds: rows of articles, marked words, changed numbers.

Plain frozen data, and the plain values that programs are told; nothing here compares.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from index.documents.model import Clause, Document, Section

PieceKind = Literal["same", "removed", "added"]
Change = Literal["added", "removed", "moved", "renumbered", "edited", "split", "merged"]
NumberKind = Literal["amount", "time", "percent", "day", "count", "number"]
CHANGES: tuple[Change, ...] = (
    "added", "removed", "moved", "renumbered", "edited", "split", "merged",
)  # fmt: skip


@dataclass(frozen=True)
class Piece:
    """A stretch of two texts laid over each other: in both, in the old one, or in the new one."""

    kind: PieceKind
    text: str


@dataclass(frozen=True)
class NumberChange:
    """A number that became another, or stands in one of the texts alone (the other is None).

    `about` is the words before it.
    """

    kind: NumberKind
    old: str | None
    new: str | None
    about: str


@dataclass(frozen=True)
class Row:
    """Articles that belong together, and what changed between them; nothing if all is the same.

    One article on each side; none on one side if it was added or removed, several if it was split
    or merged. `likeness` is from 0 to 1.
    """

    old: tuple[Clause, ...]
    new: tuple[Clause, ...]
    changes: tuple[Change, ...]
    likeness: float
    pieces: tuple[Piece, ...]
    numbers: tuple[NumberChange, ...] = ()


@dataclass(frozen=True)
class Chapter:
    """A heading without text of its own, in both documents or in one of them."""

    old: Section | None
    new: Section | None
    pieces: tuple[Piece, ...]

    @property
    def change(self) -> Change | None:
        """What happened to it; nothing where it reads the same."""
        if self.old is None:
            return "added"
        if self.new is None:
            return "removed"
        return "edited" if any(piece.kind != "same" for piece in self.pieces) else None


@dataclass(frozen=True)
class Comparison:
    """Two documents side by side, in the order of the new one; removed articles where they stood.

    `alike` is the share of the words of both that stand in the other, too.
    """

    old: Document
    new: Document
    rows: tuple[Row, ...]
    chapters: tuple[Chapter, ...]
    alike: float

    @property
    def counts(self) -> Counter[Change]:
        """How many rows there are of each change."""
        return Counter(change for row in self.rows for change in row.changes)

    @property
    def changed(self) -> tuple[Row, ...]:
        """The rows in which anything changed."""
        return tuple(row for row in self.rows if row.changes)


def as_json(found: Comparison) -> dict[str, Any]:
    """A comparison as plain values."""
    return {
        "old": _named(found.old),
        "new": _named(found.new),
        "alike": round(found.alike, 4),
        "counts": {change: found.counts[change] for change in CHANGES},
        "rows": [
            {
                "old": _articles(row.old),
                "new": _articles(row.new),
                "changes": list(row.changes),
                "likeness": round(row.likeness, 4),
                "pieces": [asdict(piece) for piece in row.pieces],
                "numbers": [asdict(number) for number in row.numbers],
            }
            for row in found.rows
        ],
        "chapters": [
            {"change": one.change, "pieces": [asdict(piece) for piece in one.pieces]}
            for one in found.chapters
            if one.change
        ],
    }


def _named(document: Document) -> dict[str, Any]:
    return {
        "id": document.id,
        "title": document.title,
        "title_en": document.title_en,
        "number": document.number,
        "version": document.version,
        "issued_on": document.issued_on,
        "effective_from": document.effective_from,
        "articles": len(document.clauses),
    }


def _articles(clauses: Sequence[Clause]) -> list[dict[str, str]]:
    return [{"clause_id": one.id, "label": one.label, "label_en": one.label_en} for one in clauses]
