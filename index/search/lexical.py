"""BM25 over words: Chinese words by jieba, English stems by PyStemmer, scores by bm25s.

Rows are numbers; it knows nothing about clauses. It does not repair or simplify text: pass
clean text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray


class Bm25:
    """A BM25 index over token lists. Search gives rows with a score above zero, best first."""

    def __init__(self, retriever: Any, size: int) -> None:
        # None stands for a corpus without a single token, which bm25s cannot hold.
        self._retriever = retriever
        self._size = size

    @classmethod
    def build(cls, tokens: Sequence[Sequence[str]]) -> Bm25:
        """Index one token list a row. A row may be empty; it is then never found."""
        import bm25s

        # Numbered in sorted order, so that the files are the same in every build.
        words = sorted({word for row in tokens for word in row})
        if not words:
            return cls(None, len(tokens))
        numbers = {word: number for number, word in enumerate(words)}
        retriever = bm25s.BM25(backend="numpy", csc_backend="numpy")
        retriever.index(
            ([[numbers[word] for word in row] for row in tokens], numbers),
            create_empty_token=False,
            show_progress=False,
        )
        return cls(retriever, len(tokens))

    @classmethod
    def load(cls, folder: Path) -> Bm25:
        """Read an index written by `save`."""
        import bm25s

        size = int((folder / "rows.txt").read_text(encoding="ascii"))
        if not (folder / "params.index.json").exists():
            return cls(None, size)
        return cls(bm25s.BM25.load(folder, show_progress=False), size)

    def save(self, folder: Path) -> None:
        """Write the index into `folder`, which is made if needed."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "rows.txt").write_text(f"{self._size}\n", encoding="ascii")
        if self._retriever is not None:
            self._retriever.save(folder, show_progress=False)

    def __len__(self) -> int:
        return self._size

    def search(
        self, tokens: Sequence[str], k: int, among: NDArray[np.bool_] | None = None
    ) -> list[tuple[int, float]]:
        """At most `k` pairs (row, score), best first; equal scores in order of rows.

        `among` says of each row whether it may be found; None finds all.
        """
        if self._retriever is None or k < 1:
            return []
        known = [word for word in tokens if word in self._retriever.vocab_dict]
        if not known:
            return []
        return _best(self._retriever.get_scores(known), k, among)

    def search_alternatives(
        self,
        groups: Sequence[Sequence[Sequence[str]]],
        k: int,
        among: NDArray[np.bool_] | None = None,
    ) -> list[tuple[int, float]]:
        """Like `search`, for groups of words of which any one will do.

        A row's score is the sum over the groups of its best word's score (a word is a list of
        tokens, all of which must be known).
        """
        if self._retriever is None or k < 1:
            return []
        total = np.zeros(self._size, dtype=np.float64)
        for group in groups:
            known = [w for w in group if all(token in self._retriever.vocab_dict for token in w)]
            if known:
                best: Any = np.maximum.reduce([self._retriever.get_scores(w) for w in known])
                total += best
        return _best(total, k, among)


def _best(scores: Any, k: int, among: NDArray[np.bool_] | None) -> list[tuple[int, float]]:
    """The rows with the best scores above zero, with their scores."""
    found = np.flatnonzero(scores > 0 if among is None else (scores > 0) & among)
    if len(found) > 4 * k:
        # All that may be among the best, equal scores too: sorting the rest would take longest.
        least = np.partition(scores[found], len(found) - k)[len(found) - k]
        found = found[scores[found] >= least]
    order = found[np.lexsort((found, -scores[found]))][:k]
    return [(int(row), float(scores[row])) for row in order]
