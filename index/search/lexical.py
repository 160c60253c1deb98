"""BM25 over words: how often each word stands in each row, and scores worked out when searched.

Counts are kept for some rows at a time and never change; what a word weighs depends on all rows
that are searched together, so that new rows rewrite no other's. Scores are those of bm25s, to the
bit, which holds weights of a whole corpus and would have to be written anew for each document.
Rows are numbers; it knows nothing about clauses, and does not repair or simplify text.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.documents.stored import MAPPED

# BM25 as bm25s has it by default.
K1, B = 1.5, 0.75
_NAMES = ("starts", "rows", "counts", "lengths")


@dataclass(frozen=True)
class Counts:
    """Words of rows: `rows[starts[w]:starts[w + 1]]` hold word w, so often as `counts` says.

    `lengths` are all words of each row, 0 for a row without any, which is never found.
    """

    words: Sequence[str]
    starts: NDArray[np.int64]
    rows: NDArray[np.int32]
    counts: NDArray[np.int32]
    lengths: NDArray[np.int32]

    @classmethod
    def of(cls, tokens: Sequence[Sequence[str]]) -> Counts:
        """The counts of one token list a row."""
        found = [Counter(row) for row in tokens]
        # Numbered in sorted order, so that the files are the same in every build.
        words = sorted({word for own in found for word in own})
        numbers = {word: number for number, word in enumerate(words)}
        sizes = np.array([len(own) for own in found], np.int64)
        total = int(sizes.sum())
        columns = np.fromiter((numbers[word] for own in found for word in own), np.int32, total)
        counts = np.fromiter((count for own in found for count in own.values()), np.int32, total)
        rows = np.repeat(np.arange(len(found), dtype=np.int32), sizes)
        lengths = np.array([len(row) for row in tokens], np.int32)
        return cls(words, *_by_word(rows, columns, counts, len(words)), lengths)

    @classmethod
    def joined(cls, parts: Sequence[tuple[Counts, NDArray[np.int64]]], size: int) -> Counts:
        """The counts of some rows of others: each with the new places of its rows, -1 for none."""
        words = sorted({word for own, places in parts for word in own.words_in(places)})
        numbers = {word: number for number, word in enumerate(words)}
        lengths = np.zeros(size, np.int32)
        found: list[tuple[NDArray[Any], ...]] = []
        for own, places in parts:
            new = np.array([numbers.get(word, -1) for word in own.words], np.int32)
            moved = places[own.rows]
            columns = np.repeat(new, np.diff(own.starts))
            stay = moved >= 0
            found.append((moved[stay].astype(np.int32), columns[stay], own.counts[stay]))
            lengths[places[places >= 0]] = own.lengths[places >= 0]
        rows, columns, counts = [np.concatenate(each) for each in zip(*found, strict=True)]
        return cls(words, *_by_word(rows, columns, counts, len(words)), lengths)

    @classmethod
    def load(cls, folder: Path) -> Counts:
        """What `save` wrote, mapped into memory."""
        words = json.loads((folder / "words.json").read_bytes())
        return cls(words, *(_mapped(folder / f"{name}.npy") for name in _NAMES))

    def save(self, folder: Path) -> None:
        """Write the counts into `folder`, which is made if needed."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "words.json").write_text(json.dumps(self.words), encoding="ascii")
        for name in _NAMES:
            np.save(folder / f"{name}.npy", getattr(self, name))

    def words_in(self, places: NDArray[np.int64]) -> list[str]:
        """The words that stand in the rows that have a place."""
        return [self.words[at] for at in np.flatnonzero(self._alive(places)).tolist()]

    def tokens(self) -> list[list[str]]:
        """The words of each row, each as often as it stands there; their order is lost."""
        found: list[list[str]] = [[] for _ in self.lengths]
        columns = np.repeat(np.arange(len(self.words)), np.diff(self.starts))
        for row, column, count in zip(
            self.rows.tolist(), columns.tolist(), self.counts.tolist(), strict=True
        ):
            found[row] += [self.words[column]] * count
        return found

    def _alive(self, places: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Of each word, whether it stands in a row that has a place."""
        held = np.concatenate([[0], np.cumsum(places[self.rows] >= 0)])
        return np.asarray(np.diff(held[self.starts]) > 0)

    @cached_property
    def numbers(self) -> dict[str, int]:
        """The number of each word."""
        return {word: number for number, word in enumerate(self.words)}


def _by_word(
    rows: NDArray[Any], columns: NDArray[Any], counts: NDArray[Any], words: int
) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int32]]:
    """Starts, rows and counts in the order of words, and of rows within a word."""
    order = np.lexsort((rows, columns))
    sizes = np.bincount(columns, minlength=words)
    starts = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    return starts, rows[order], counts[order].astype(np.int32)


def _mapped(path: Path) -> Any:
    return np.load(path, mmap_mode=None if path.stat().st_size < MAPPED else "r")


class Bm25:
    """Counts that are searched together. Search gives rows scored above zero, best first."""

    def __init__(self, parts: Sequence[tuple[Counts, NDArray[np.int64]]], size: int) -> None:
        """`parts` are counts, each with the row that each of its rows is among `size`, or -1."""
        self._size = size
        # None where all rows of a part are there.
        self._parts = [
            (counts, rows, None if (rows >= 0).all() else rows >= 0) for counts, rows in parts
        ]
        here = [own.lengths[rows >= 0] for own, rows in parts]
        self._count = sum(map(len, here))
        total = sum(int(own.sum(dtype=np.int64)) for own in here)
        mean = total / self._count if total else 1.0
        self._damping = [
            K1 * ((1 - B) + B * own.lengths.astype(np.int64) / mean) for own, _ in parts
        ]

    @classmethod
    def of(cls, counts: Counts) -> Bm25:
        """All the rows of one."""
        size = len(counts.lengths)
        return cls([(counts, np.arange(size, dtype=np.int64))], size)

    def __len__(self) -> int:
        return self._size

    def search(
        self, tokens: Sequence[str], k: int, among: NDArray[np.bool_] | None = None
    ) -> list[tuple[int, float]]:
        """At most `k` pairs (row, score), best first; equal scores in order of rows.

        `among` says of each row whether it may be found; None finds all.
        """
        found = [postings for token in tokens if (postings := self._postings(token))]
        if not found or k < 1:
            return []
        return _best(self._added(found), k, among)

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
        if k < 1:
            return []
        total = np.zeros(self._size, dtype=np.float64)
        for group in groups:
            words = [[self._postings(token) for token in word] for word in group]
            known = [[own for own in word if own] for word in words if word and all(word)]
            if len(known) == 1 and len(known[0]) == 1:  # as most are: added where it stands
                for rows, scores in known[0][0]:
                    total[rows] += scores
            elif known:
                total += np.maximum.reduce([self._added(word) for word in known])
        return _best(total, k, among)

    def _added(self, words: Sequence[_Postings]) -> NDArray[np.float32]:
        """The sum of some words' scores for each row, in single precision one after the other."""
        scores = np.zeros(self._size, dtype=np.float32)
        for postings in words:
            for rows, own in postings:
                scores[rows] += own
        return scores

    def _postings(self, token: str) -> _Postings:
        """The rows that hold a word with their scores, part by part; empty for an unknown word."""
        found = []
        for (counts, rows, alive), damping in zip(self._parts, self._damping, strict=True):
            at = counts.numbers.get(token)
            if at is None:
                continue
            span = slice(int(counts.starts[at]), int(counts.starts[at + 1]))
            own = np.asarray(counts.rows[span])
            times = np.asarray(counts.counts[span])
            if alive is not None:
                stay = alive[own]
                own, times = own[stay], times[stay]
            if len(own):
                found.append((rows[own], times.astype(np.float32), damping[own]))
        holding = sum(len(own) for own, _, _ in found)
        weight = np.float32(math.log(1 + (self._count - holding + 0.5) / (holding + 0.5)))
        return [
            (own, (weight * (times / (damped + times))).astype(np.float32))
            for own, times, damped in found
        ]


_Postings = list[tuple[NDArray[np.int64], NDArray[np.float32]]]


def _best(scores: Any, k: int, among: NDArray[np.bool_] | None) -> list[tuple[int, float]]:
    """The rows with the best scores above zero, with their scores."""
    found = np.flatnonzero(scores > 0 if among is None else (scores > 0) & among)
    if len(found) > 4 * k:
        # All that may be among the best, equal scores too: sorting the rest would take longest.
        least = np.partition(scores[found], len(found) - k)[len(found) - k]
        found = found[scores[found] >= least]
    order = found[np.lexsort((found, -scores[found]))][:k]
    return [(int(row), float(scores[row])) for row in order]
