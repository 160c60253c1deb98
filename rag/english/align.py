"""Aligns sentences of a Chinese text with those of an English one, by length and likeness.

After Gale and Church, "A Program for Aligning Sentences in Bilingual Corpora" (Computational
Linguistics 19, 1993): dynamic programming over groups of sentences, each group with a cost by how
well its lengths fit and how common groups of that shape are. To that comes how alike the vectors of
both sides are in a bilingual embedding, as in Thompson and Koehn, "Vecalign" (EMNLP 2019), and
whether the numbers at their beginnings are the same. It knows nothing of documents.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

# English characters for one Chinese character, and their variance, in the reviewed renditions.
LETTERS, VARIANCE = 4.9, 15.0
# How common groups of so many Chinese and English sentences are.
SHAPES: dict[tuple[int, int], float] = {
    (1, 1): 0.86, (1, 2): 0.05, (1, 3): 0.01, (1, 4): 0.004, (2, 1): 0.04, (3, 1): 0.008,
    (2, 2): 0.008, (1, 0): 0.01, (0, 1): 0.01,
}  # fmt: skip
# What a likeness counts beside the length, and from which likeness on it speaks for a group.
LIKENESS, ALIKE = 60.0, 0.85
# What it counts that both sides begin with the same number, or with different ones.
NUMBERED = 6.0
# Of texts longer than this, in pairs of sentences, only those near the diagonal are compared.
MOST_PAIRS = 250_000
BAND = 0.08


@dataclass(frozen=True)
class Unit:
    """A sentence, or a heading. Sentences of different parts are in no group together.

    `number` is what it begins with as an article or item, None where it has none.
    """

    text: str
    part: int = 0
    number: int | None = None


@dataclass(frozen=True)
class Group:
    """Sentences that say the same, as ranges of both texts; one may be empty. `likeness` is 0 then.

    `cost` is what the lengths cost.
    """

    zh: range
    en: range
    likeness: float
    cost: float


def aligned(
    zh: Sequence[Unit],
    en: Sequence[Unit],
    zh_vectors: NDArray[np.float32],
    en_vectors: NDArray[np.float32],
) -> list[Group]:
    """Both texts in groups, in their order; the vectors are of the sentences, one a row."""
    texts = _Texts(zh, en, zh_vectors, en_vectors)
    rows, columns = len(zh), len(en)
    best = np.full((rows + 1, columns + 1), np.inf)
    best[0, 0] = 0.0
    came: dict[tuple[int, int], tuple[int, int]] = {}
    for row in range(rows + 1):
        for column in _columns(row, rows, columns):
            if not np.isfinite(best[row, column]):
                continue
            for shape in SHAPES:
                to = (row + shape[0], column + shape[1])
                if to[0] > rows or to[1] > columns:
                    continue
                cost = best[row, column] + texts.cost(row, column, shape)
                if cost < best[to]:
                    best[to] = cost
                    came[to] = shape
    return texts.groups(came)


def length_cost(chinese: int, english: int) -> float:
    """How badly two lengths fit: minus the logarithm of how likely such a difference is."""
    mean = (chinese + english / LETTERS) / 2
    if not mean:
        return 0.0
    distance = abs(english - chinese * LETTERS) / math.sqrt(mean * VARIANCE)
    return -math.log(max(math.erfc(distance / math.sqrt(2)), 1e-12))


def _columns(row: int, rows: int, columns: int) -> range:
    """The English sentences that the Chinese one may stand beside: all, unless that is too much."""
    if rows * columns <= MOST_PAIRS:
        return range(columns + 1)
    middle = row / max(rows, 1)
    return range(
        max(0, int((middle - BAND) * columns)), min(columns, int((middle + BAND) * columns) + 1) + 1
    )


class _Texts:
    """What groups of the sentences of two texts cost."""

    def __init__(
        self,
        zh: Sequence[Unit],
        en: Sequence[Unit],
        zh_vectors: NDArray[np.float32],
        en_vectors: NDArray[np.float32],
    ) -> None:
        self._zh, self._en = zh, en
        self._likeness = zh_vectors @ en_vectors.T
        self._lengths = ([len(one.text) for one in zh], [len(one.text) for one in en])

    def cost(self, row: int, column: int, shape: tuple[int, int]) -> float:
        """What it costs to take so many sentences from there on as a group."""
        many, few = shape
        total = -math.log(SHAPES[shape])
        if not many or not few:
            return total
        zh, en = range(row, row + many), range(column, column + few)
        if self._zh[zh[0]].part != self._zh[zh[-1]].part:
            return math.inf
        if self._en[en[0]].part != self._en[en[-1]].part:
            total += 2.0
        total += self.length(zh, en) + LIKENESS * (ALIKE - self.likeness(zh, en)) * (many + few) / 2
        numbers = (self._zh[row].number, self._en[column].number)
        if numbers[0] is not None and numbers[1] is not None:
            total += -NUMBERED if numbers[0] == numbers[1] else NUMBERED
        # A number within a group begins something of its own.
        inner = [self._zh[at].number for at in zh[1:]] + [self._en[at].number for at in en[1:]]
        return total + NUMBERED / 2 * sum(number is not None for number in inner)

    def length(self, zh: range, en: range) -> float:
        """What the lengths of a group cost."""
        chinese, english = self._lengths
        return length_cost(sum(chinese[at] for at in zh), sum(english[at] for at in en))

    def likeness(self, zh: range, en: range) -> float:
        """How alike both sides of a group are: each sentence and the likest one opposite.

        The likeness of whole groups would be the greater, the larger they are.
        """
        inner = self._likeness[zh.start : zh.stop, en.start : en.stop]
        told = inner.max(axis=1).sum() + inner.max(axis=0).sum()
        return float(told) / (len(zh) + len(en))

    def groups(self, came: dict[tuple[int, int], tuple[int, int]]) -> list[Group]:
        """The groups on the way that was found best, in their order."""
        at = (len(self._zh), len(self._en))
        found: list[Group] = []
        while at != (0, 0):
            shape = came[at]
            at = (at[0] - shape[0], at[1] - shape[1])
            zh, en = range(at[0], at[0] + shape[0]), range(at[1], at[1] + shape[1])
            paired = bool(zh and en)
            likeness = self.likeness(zh, en) if paired else 0.0
            found.append(Group(zh, en, likeness, self.length(zh, en) if paired else 0.0))
        return found[::-1]
