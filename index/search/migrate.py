"""Moves an index from one store to another: the same texts and vectors, searched elsewhere.

What arrived is read back and compared with what was there, by count and digest. It embeds nothing.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from index.errors import StoreFault
from index.search.build import passages_of
from index.search.generation import Contents, Passage, store_of, write_generation, writing
from index.search.store import ClauseIndex

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Migrated:
    """What was moved: the vectors' digest is the same in both stores."""

    name: str
    documents: int
    clauses: int
    passages: int
    digest: str


def migrated(folder: Path, store: str) -> Migrated:
    """Put the index in `folder` in another store, `milvus:ADDRESS` or `local`.

    Raises StoreFault; the index then goes on as it was, unless what arrived is not what was sent.
    """
    address = store_of(folder, store)
    with writing(folder):
        index = ClauseIndex.open(folder)
        contents, passages, vectors = _stored(index)
        name = write_generation(folder, contents, passages, vectors, index.maker, address)
        arrived = ClauseIndex.open(folder).stored_vectors()
    if digest_of(arrived) != digest_of(vectors):
        raise StoreFault("passages-changed", store=store, arrived=len(arrived), sent=len(vectors))
    return Migrated(
        name, len(contents.documents), len(contents.clauses), len(passages), digest_of(arrived)
    )


def copied_locally(folder: Path, other: Path) -> None:
    """Write the index in `folder`, wherever it is searched, as local files into `other`.

    Raises StoreFault.
    """
    index = ClauseIndex.open(folder)
    contents, passages, vectors = _stored(index)
    write_generation(other, contents, passages, vectors, index.maker)


def _stored(index: ClauseIndex) -> tuple[Contents, list[Passage], NDArray[np.float32]]:
    """What an index is written from. Raises StoreFault if its store has lost some of it."""
    contents, vectors = index.contents, index.stored_vectors()
    passages = passages_of(contents)
    if lost := len(passages) - len(vectors):
        raise StoreFault("passages-lost", address=index.folder, lost=lost, all=len(passages))
    return contents, passages, vectors


def digest_of(vectors: NDArray[np.float32]) -> str:
    """A digest over count, order and values of vectors."""
    told = hashlib.sha256(repr(vectors.shape).encode())
    told.update(np.ascontiguousarray(vectors, "<f4").tobytes())
    return told.hexdigest()
