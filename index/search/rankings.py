"""What searches the passages of an index: the protocol that local files and Milvus both keep.

A store gives a ranking for each kind of passage, of rows of the index, and fuses nothing. The
texts, documents and facts of an index are in its folder, whatever store searches it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from index.request.held_documents import HeldDocuments

PassageKind = Literal["zh", "en", "en-sentence"]
KINDS: tuple[PassageKind, ...] = ("zh", "en", "en-sentence")
LANGUAGES: tuple[Literal["zh", "en"], ...] = ("zh", "en")

Ranking = list[tuple[int, float]]
"""Pairs (row in `ClauseIndex.clauses`, score), best first, each clause once."""

Groups = Sequence[Sequence[Sequence[str]]]
"""Groups of words of which any one will do; a word is a list of tokens."""


class Rankings(Protocol):
    """A store of one generation of an index, opened. Safe to use from several threads."""

    def dense(
        self, kind: str, vectors: NDArray[np.float32], k: int, documents: HeldDocuments
    ) -> list[Ranking]:
        """For each vector the best `k` clauses of these documents by their best passage."""
        ...

    def words(self, language: str, groups: Groups, k: int, documents: HeldDocuments) -> Ranking:
        """The best `k` clauses of these documents by BM25, over the whole index's statistics."""
        ...

    def vectors(self, kind: str) -> NDArray[np.float32]:
        """The vectors of all passages of a kind, in the order in which they were given."""
        ...
