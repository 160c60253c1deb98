"""The store in local files: FAISS for vectors, bm25s for words. Knows rows, not texts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from index.search.dense import DenseIndex
from index.search.lexical import Bm25
from index.search.rankings import KINDS, LANGUAGES, Groups, Ranking

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from index.request.held_documents import HeldDocuments


class LocalStore:
    """Rankings from the files of a generation, mapped into memory."""

    def __init__(
        self,
        generation: Path,
        clause_rows: Mapping[str, NDArray[np.int64]],
        owner: NDArray[np.int64],
        translated: Sequence[int],
    ) -> None:
        """`clause_rows` are the clauses of the passages, `owner` the documents of the clauses."""
        self._dense: dict[str, DenseIndex] = {
            kind: DenseIndex.load(generation / f"dense-{kind}.faiss") for kind in KINDS
        }
        self._lexical: dict[str, Bm25] = {
            kind: Bm25.load(generation / f"bm25-{kind}") for kind in LANGUAGES
        }
        self._clause_rows = clause_rows
        # A clause takes at most so many places.
        self._most = {
            kind: int(np.bincount(own).max()) if len(own) else 0
            for kind, own in clause_rows.items()
        }
        self._owner = owner
        self._translated = translated

    @staticmethod
    def write(
        folder: Path,
        kinds: Sequence[str],
        vectors: NDArray[np.float32],
        tokens: Mapping[str, Sequence[Sequence[str]]],
    ) -> None:
        """Write the files: `vectors[i]` is of kind `kinds[i]`, `tokens` are by language."""
        for kind in KINDS:
            rows = [row for row, own in enumerate(kinds) if own == kind]
            DenseIndex.build(vectors[rows]).save(folder / f"dense-{kind}.faiss")
        for language in LANGUAGES:
            Bm25.build(tokens[language]).save(folder / f"bm25-{language}")

    def dense(
        self, kind: str, vectors: NDArray[np.float32], k: int, documents: HeldDocuments
    ) -> list[Ranking]:
        """For each vector the best `k` clauses, by their best passage of a kind."""
        clause_rows = self._clause_rows[kind]
        searched = self._among(documents)
        among = None if searched is None else np.flatnonzero(searched[clause_rows])
        found = self._dense[kind].search(vectors, max(k, 0) * self._most[kind], among)
        results: list[Ranking] = []
        for scores, places in zip(*found, strict=True):
            best: dict[int, float] = {}
            rows = clause_rows[places].tolist()
            for score, row in zip(scores.tolist(), rows, strict=True):
                best.setdefault(row, score)
            results.append(sorted(best.items(), key=lambda item: (-item[1], item[0]))[:k])
        return results

    def words(self, language: str, groups: Groups, k: int, documents: HeldDocuments) -> Ranking:
        """The best `k` clauses by BM25, for groups of words of which any one will do."""
        among = self._among(documents)
        if language == "en" and among is not None:
            among = among[self._translated]
        lexical = self._lexical[language]
        if all(len(group) == 1 and len(group[0]) == 1 for group in groups) and language == "en":
            # Added up as bm25s does, in its own precision.
            ranking = lexical.search([token for ((token,),) in groups], k, among)
        else:
            ranking = lexical.search_alternatives(groups, k, among)
        if language == "zh":
            return ranking
        return [(self._translated[place], score) for place, score in ranking]

    def vectors(self, kind: str) -> NDArray[np.float32]:
        """The vectors of all passages of a kind, in their order."""
        return self._dense[kind].vectors()

    def _among(self, documents: HeldDocuments) -> NDArray[np.bool_] | None:
        """Of each clause, whether it is in one of the documents; None for all."""
        return documents.mask[self._owner] if documents.is_part else None
