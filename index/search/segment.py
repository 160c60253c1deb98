"""Documents of an index that were written together: their texts, words, vectors and facts.

A segment is a folder of files that are never changed. Its rows count its own clauses; which of its
documents are in service, and in which order, the index that holds it knows. Nothing is ranked here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from index.documents.labels import with_labels
from index.documents.model import Clause, Document, Rendition
from index.documents.rows import clause_of, rendition_of
from index.documents.stored import Rows
from index.facts.store import FACTS
from index.search.dense import DenseIndex
from index.search.lexical import Counts
from index.search.rankings import KINDS, LANGUAGES, PassageKind
from index.search.recent import recent

if TYPE_CHECKING:
    from numpy.typing import NDArray

TEXTS = ("sources", "clauses", "renditions")
NUMBERS = "numbers.npz"
_RECENT = 64


@dataclass(frozen=True)
class Lines:
    """What is written of a document's text; `renditions` by the places of their clauses."""

    source: bytes
    clauses: list[bytes]
    renditions: Mapping[int, bytes]
    ids: NDArray[np.uint64]
    fronts: NDArray[np.bool_]


class Segment:
    """A segment, opened: what is read of it is read when it is asked for."""

    def __init__(self, folder: Path) -> None:
        """Open the files in `folder`, of which none is read whole. Raises OSError, ValueError."""
        self.folder = folder
        with np.load(folder / NUMBERS) as numbers:
            self._numbers: dict[str, NDArray[Any]] = {name: numbers[name] for name in numbers}
        texts = {name: Rows(folder / f"{name}.jsonl", self._numbers[name]) for name in TEXTS}
        self._sources, self._clauses, self._renditions = (texts[name] for name in TEXTS)
        # Of each document where its clauses begin, and one more.
        self.starts = np.concatenate([[0], np.cumsum(self._numbers["sizes"])])
        self.fronts: NDArray[np.bool_] = self._numbers["fronts"]
        self.rendered: NDArray[np.int32] = self._numbers["rendered"]
        # The clauses of a document as they were written; those asked for of late are held.
        self.clauses_of = recent(self._clauses_of, _RECENT)
        # The same, for documents that are called otherwise now than when they were written.
        self.labelled = recent(self._labelled, _RECENT)
        self.words = {name: Counts.load(folder / f"words-{name}") for name in LANGUAGES}
        # Vectors of an index that is searched elsewhere are not here.
        paths = {kind: folder / f"dense-{kind}.faiss" for kind in KINDS}
        there = {kind: path for kind, path in paths.items() if path.exists()}
        if not self.facts.exists() or len(there) not in (0, len(paths)):
            # As when it was linked while others deleted it.
            raise FileNotFoundError(f"{folder} is not whole")
        self.dense: dict[str, DenseIndex] = {
            kind: DenseIndex.load(path) for kind, path in there.items()
        }

    def __len__(self) -> int:
        return len(self._numbers["sizes"])

    @property
    def clauses(self) -> int:
        """How many clauses it has."""
        return int(self.starts[-1])

    @property
    def facts(self) -> Path:
        """The file with the facts of its documents."""
        return self.folder / FACTS

    def passages(self, kind: PassageKind) -> NDArray[np.int32]:
        """Of each passage of a kind the row of its clause."""
        return self._numbers[f"passages-{kind}"]

    def source(self, ordinal: int) -> str:
        """The text of a document."""
        text: str = self._sources[ordinal]
        return text

    def clause(self, row: int) -> Clause:
        """A clause as it was written."""
        return clause_of(self._clauses[row])

    def _clauses_of(self, ordinal: int) -> tuple[Clause, ...]:
        own = range(int(self.starts[ordinal]), int(self.starts[ordinal + 1]))
        return tuple(self.clause(row) for row in own)

    def _labelled(self, called: tuple[int, Document]) -> tuple[Clause, ...]:
        ordinal, head = called
        return with_labels(replace(head, clauses=self.clauses_of(ordinal))).clauses

    def rendition(self, row: int) -> Rendition | None:
        """The English of a clause, None where it has none."""
        at = int(np.searchsorted(self.rendered, row))
        if at == len(self.rendered) or self.rendered[at] != row:
            return None
        return rendition_of(self._renditions[at])[1]

    def rows_of(self, clause_id: str) -> list[int]:
        """The rows of the clauses of that id: of a document in service there is one at most."""
        keys, rows = self._by_id
        key = id_key(clause_id)
        first, last = np.searchsorted(keys, key, "left"), np.searchsorted(keys, key, "right")
        return [row for row in rows[first:last].tolist() if self._clauses[row]["id"] == clause_id]

    @cached_property
    def _by_id(self) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
        keys = self._numbers["ids"]
        order = np.argsort(keys, kind="stable")
        return keys[order], order

    def lines(self, ordinal: int) -> Lines:
        """What is written of a document's text, to be written again elsewhere."""
        first, last = int(self.starts[ordinal]), int(self.starts[ordinal + 1])
        begin, end = np.searchsorted(self.rendered, [first, last]).tolist()
        return Lines(
            self._sources.line(ordinal),
            [self._clauses.line(row) for row in range(first, last)],
            {int(self.rendered[at]) - first: self._renditions.line(at) for at in range(begin, end)},
            self._numbers["ids"][first:last],
            self.fronts[first:last],
        )


@dataclass(frozen=True)
class Kept:
    """Where a document's text is: the one of that number in a segment.

    `row` is what else is told of it (index/search/heads.py), `key` the digest of all of it.
    """

    segment: Segment
    ordinal: int
    row: Mapping[str, Any]
    key: str

    @property
    def labelled(self) -> str | None:
        """The version that the labels of its clauses name."""
        version: str | None = self.row["labelled"]
        return version

    def source(self) -> str:
        """The whole text."""
        return self.segment.source(self.ordinal)

    def clauses(self, document: Document) -> tuple[Clause, ...]:
        """The clauses, labelled as the document is called."""
        if document.version == self.labelled:
            return self.segment.clauses_of(self.ordinal)
        head = Document(
            document.id,
            document.title,
            "",
            title_en=document.title_en,
            number=document.number,
            version=document.version,
            sections=document.sections,
        )
        return self.segment.labelled((self.ordinal, head))


def id_key(clause_id: str) -> np.uint64:
    """The number by which a clause id is looked up; another id may have the same."""
    digest = hashlib.blake2b(clause_id.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return np.uint64(int.from_bytes(digest, "big"))
