"""The clauses of an index in the order of its documents: which row is which, in which segment.

A clause is read from its segment when it is asked for; what a search asks of many rows at once
(document, English, front matter) is held as arrays. Nothing is ranked here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, overload

import numpy as np

from index.documents.model import Clause, Rendition
from index.documents.stored import StoredDocument
from index.search.recent import recent
from index.search.segment import Kept

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from index.request.held_documents import HeldDocuments
    from index.search.segment import Segment

_RECENT = 4096


class Texts(Sequence[Clause]):
    """All clauses of an index, by their rows. For several threads."""

    def __init__(self, segments: Sequence[Segment], documents: Sequence[StoredDocument]) -> None:
        """`documents` are all of the index in their order, each kept in one of the segments."""
        self.segments = segments
        self._documents = documents
        numbers = {id(segment): number for number, segment in enumerate(segments)}
        kept = [_kept(document) for document in documents]
        self._part = np.array([numbers[id(own.segment)] for own in kept], np.int64)
        self._ordinal = np.array([own.ordinal for own in kept], np.int64)
        sizes = np.zeros(len(kept), np.int64)
        self.rows: list[NDArray[np.int64]] = []
        for number, segment in enumerate(segments):
            own = self._part == number
            sizes[own] = np.diff(segment.starts)[self._ordinal[own]]
        self._starts = np.concatenate([[0], np.cumsum(sizes)])
        for number, segment in enumerate(segments):
            own = self._part == number
            # Of each clause of the segment its row here, -1 where its document is not held.
            first = np.full(len(segment), -1, np.int64)
            first[self._ordinal[own]] = self._starts[:-1][own]
            inside = np.arange(segment.clauses) - np.repeat(
                segment.starts[:-1], np.diff(segment.starts)
            )
            begin = np.repeat(first, np.diff(segment.starts))
            self.rows.append(np.where(begin >= 0, begin + inside, -1))
        # Of integers even where there are no documents.
        self.owner = np.repeat(np.arange(len(kept), dtype=np.int64), sizes)
        self.rendered = np.zeros(len(self), np.bool_)
        self.fronts = np.zeros(len(self), np.bool_)
        for segment, rows in zip(segments, self.rows, strict=True):
            english = rows[segment.rendered]
            self.rendered[english[english >= 0]] = True
            self.fronts[rows[rows >= 0]] = segment.fronts[rows >= 0]
        self._read = recent(self._clause, _RECENT)

    def __len__(self) -> int:
        return int(self._starts[-1])

    @overload
    def __getitem__(self, at: int) -> Clause: ...

    @overload
    def __getitem__(self, at: slice) -> tuple[Clause, ...]: ...

    def __getitem__(self, at: int | slice) -> Clause | tuple[Clause, ...]:
        if isinstance(at, slice):
            return tuple(self[row] for row in range(len(self))[at])
        return self._read(range(len(self))[at])

    def __iter__(self) -> Iterator[Clause]:
        return (clause for document in self._documents for clause in document.clauses)

    def row_of(self, clause_id: str) -> int:
        """The row of a clause. Raises KeyError if there is none of that id."""
        for segment, rows in zip(self.segments, self.rows, strict=True):
            for own in segment.rows_of(clause_id):
                if rows[own] >= 0:
                    return int(rows[own])
        raise KeyError(clause_id)

    def document_of(self, row: int) -> StoredDocument:
        """The document of a clause."""
        return self._documents[int(self.owner[row])]

    def neighbours(self, row: int) -> tuple[int | None, int | None]:
        """The rows before and after in the same document."""
        place = int(self.owner[row])
        first, last = int(self._starts[place]), int(self._starts[place + 1]) - 1
        return (row - 1 if row > first else None), (row + 1 if row < last else None)

    def rendition(self, row: int) -> Rendition | None:
        """The English of a clause, None where there is none."""
        if not self.rendered[row]:
            return None
        segment, own = self._placed(row)
        return segment.rendition(own)

    def _placed(self, row: int) -> tuple[Segment, int]:
        """The segment that a clause is in, and its row there."""
        place = int(self.owner[row])
        segment = self.segments[int(self._part[place])]
        return segment, int(segment.starts[self._ordinal[place]] + row - self._starts[place])

    def _clause(self, row: int) -> Clause:
        document = self.document_of(row)
        if document.version != _kept(document).labelled:
            return document.clauses[row - int(self._starts[self.owner[row]])]
        segment, own = self._placed(row)
        return segment.clause(own)


class StoredRenditions(Mapping[str, Rendition]):
    """The English of the clauses of some documents of an index, by clause id."""

    def __init__(self, texts: Texts, documents: HeldDocuments) -> None:
        self._texts, self._documents = texts, documents

    def __getitem__(self, clause_id: str) -> Rendition:
        row = self._texts.row_of(clause_id)
        found = self._texts.rendition(row)
        if found is None or self._texts.document_of(row).id not in self._documents:
            raise KeyError(clause_id)
        return found

    def __iter__(self) -> Iterator[str]:
        return (self._texts[row].id for row in self._rows())

    def __len__(self) -> int:
        return len(self._rows())

    def _rows(self) -> list[int]:
        mask = self._documents.mask[self._texts.owner] & self._texts.rendered
        rows: list[int] = np.flatnonzero(mask).tolist()
        return rows


def _kept(document: StoredDocument) -> Kept:
    """Where an index keeps a document."""
    kept = document.kept
    assert isinstance(kept, Kept)
    return kept
