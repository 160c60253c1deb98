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
from index.search.contents import passages_of
from index.search.generation import store_of, writing
from index.search.store import ClauseIndex
from index.search.vectors import text_key
from index.search.write import write_generation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from index.search.segment_write import Encode


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
        vectors = index.stored_vectors()
        encode = _known(index, vectors)
        name = write_generation(folder, index.contents, encode, index.maker, address)
        arrived = ClauseIndex.open(folder).stored_vectors()
    if digest_of(arrived) != digest_of(vectors):
        raise StoreFault("passages-changed", store=store, arrived=len(arrived), sent=len(vectors))
    return Migrated(
        name, len(index.documents), len(index.clauses), len(vectors), digest_of(arrived)
    )


def copied_locally(folder: Path, other: Path) -> None:
    """Write the index in `folder`, wherever it is searched, as local files into `other`.

    Raises StoreFault.
    """
    index = ClauseIndex.open(folder)
    encode = _known(index, index.stored_vectors())
    write_generation(other, index.contents, encode, index.maker)


def _known(index: ClauseIndex, vectors: NDArray[np.float32]) -> Encode:
    """What gives the vectors of passages that an index has already.

    Raises StoreFault if its store has lost some of them.
    """
    passages = passages_of(index.contents)
    if lost := len(passages) - len(vectors):
        raise StoreFault("passages-lost", address=index.folder, lost=lost, all=len(passages))
    rows = {text_key(passage.text): row for row, passage in enumerate(passages)}

    def encode(texts: Sequence[str]) -> NDArray[np.float32]:
        found: NDArray[np.float32] = vectors[[rows[text_key(text)] for text in texts]]
        return found

    return encode


def digest_of(vectors: NDArray[np.float32]) -> str:
    """A digest over count, order and values of vectors."""
    told = hashlib.sha256(repr(vectors.shape).encode())
    told.update(np.ascontiguousarray(vectors, "<f4").tobytes())
    return told.hexdigest()
