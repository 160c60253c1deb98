"""The store in local files: FAISS for vectors, counts for words. Knows rows, not texts."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from index.search.lexical import Bm25
from index.search.rankings import KINDS, Groups, Ranking

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from index.request.held_documents import HeldDocuments
    from index.search.texts import Texts


class LocalStore:
    """Rankings from the segments of a generation, mapped into memory, as if they were one."""

    def __init__(self, texts: Texts) -> None:
        self._texts = texts
        self._passages: dict[str, list[NDArray[np.int64]]] = {
            kind: [
                rows[segment.passages(kind)]
                for segment, rows in zip(texts.segments, texts.rows, strict=True)
            ]
            for kind in KINDS
        }
        # A clause takes at most so many places.
        self._most: dict[str, int] = {
            kind: max((int(np.bincount(own[own >= 0], minlength=1).max()) for own in parts),
                      default=0)
            for kind, parts in self._passages.items()
        }  # fmt: skip
        self._whole: dict[str, list[bool]] = {kind: [bool((own >= 0).all()) for own in parts]
                       for kind, parts in self._passages.items()}  # fmt: skip

    @cached_property
    def _lexical(self) -> dict[str, Bm25]:
        """Words by language; worked out with the first search."""
        parts = list(zip(self._texts.segments, self._texts.rows, strict=True))
        size = len(self._texts)
        return {
            "zh": Bm25([(segment.words["zh"], rows) for segment, rows in parts], size),
            "en": Bm25(
                [(segment.words["en"], rows[segment.rendered]) for segment, rows in parts], size
            ),
        }

    def dense(
        self, kind: str, vectors: NDArray[np.float32], k: int, documents: HeldDocuments
    ) -> list[Ranking]:
        """For each vector the best `k` clauses, by their best passage of a kind."""
        searched = self._among(documents)
        best: list[dict[int, float]] = [{} for _ in vectors]
        for segment, rows, whole in zip(
            self._texts.segments, self._passages[kind], self._whole[kind], strict=True
        ):
            among = None if whole and searched is None else rows >= 0
            if among is not None and searched is not None:
                among &= searched[rows]
            found = segment.dense[kind].search(vectors, max(k, 0) * self._most[kind], among)
            for own, scores, places in zip(best, *found, strict=True):
                for score, row in zip(scores.tolist(), rows[places].tolist(), strict=True):
                    if score > own.get(row, -np.inf):
                        own[row] = score
        return [
            sorted(own.items(), key=lambda item: (-item[1], item[0]))[: max(k, 0)] for own in best
        ]

    def words(self, language: str, groups: Groups, k: int, documents: HeldDocuments) -> Ranking:
        """The best `k` clauses by BM25, for groups of words of which any one will do."""
        among = self._among(documents)
        lexical = self._lexical[language]
        if all(len(group) == 1 and len(group[0]) == 1 for group in groups) and language == "en":
            # Added up as bm25s does, in its own precision.
            return lexical.search([token for ((token,),) in groups], k, among)
        return lexical.search_alternatives(groups, k, among)

    def vectors(self, kind: str) -> NDArray[np.float32]:
        """The vectors of all passages of a kind, in their order."""
        parts = [segment.dense[kind].vectors() for segment in self._texts.segments]
        rows = np.concatenate(self._passages[kind])
        order = np.argsort(rows, kind="stable")
        found: NDArray[np.float32] = np.concatenate(parts)[order[rows[order] >= 0]]
        return found

    def _among(self, documents: HeldDocuments) -> NDArray[np.bool_] | None:
        """Of each clause, whether it is in one of the documents; None for all."""
        return documents.mask[self._texts.owner] if documents.is_part else None
