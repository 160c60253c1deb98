"""How often words occur in an index that Milvus searches, and the sparse vectors made of them.

Milvus adds up products. What a word counts for depends on the whole index and is multiplied with
when it is searched, so that a new document changes nothing that is stored of others. The scores
are worked out from what was found, as bm25s works them out. Nothing is stored or searched here.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

STATISTICS = "words.json"
# BM25 as bm25s has it by default.
K1, B = 1.5, 0.75
# How far the mean length may go from the one that the stored weights were made with.
DRIFT = 0.25
_WORD = 2**32 - 1  # dimensions of a sparse vector; the last stands for no word
NO_WORDS = {_WORD - 1: 1e-6}


@dataclass(frozen=True)
class Words:
    """How often words occur in the clauses of one language of an index.

    `reference` is the mean length that the stored weights were made with; it stays while the mean
    is near it, so that a new document changes no other's weights.
    """

    documents: int
    mean: float
    reference: float
    holding: Mapping[str, int]

    @classmethod
    def of(cls, rows: Sequence[Sequence[str]], before: Words | None) -> Words:
        """The counts of token lists, one a clause."""
        mean = sum(map(len, rows)) / len(rows) if rows else 0.0
        near = before is not None and abs(mean - before.reference) <= DRIFT * before.reference
        reference = before.reference if before is not None and near else mean
        holding = Counter(token for row in rows for token in set(row))
        return cls(len(rows), mean, reference, dict(sorted(holding.items())))

    def weight(self, token: str) -> float:
        """What a word counts for that so many clauses hold; 0 for one that none does."""
        holding = self.holding.get(token, 0)
        rest = self.documents - holding
        return math.log(1 + (rest + 0.5) / (holding + 0.5)) if holding else 0.0

    def damping(self, length: int, mean: float) -> float:
        """What a word's count is weighed against in a clause of so many words."""
        return K1 * (1 - B + B * length / mean) if mean else K1

    def stored(self, tokens: Sequence[str]) -> dict[int, float]:
        """The sparse vector of a clause: no weight of the corpus is in it."""
        damping = self.damping(len(tokens), self.reference)
        found: dict[int, float] = {}
        for token, count in Counter(tokens).items():
            found[dimension(token)] = count / (count + damping)
        return found or NO_WORDS

    @property
    def slack(self) -> float:
        """How many times more a value may be with the mean length of today, at most."""
        return max(1.0, self.mean / self.reference) if self.reference else 1.0

    def share(self, stored: float, length: int) -> float:
        """What a stored value would be with the mean length of today."""
        count = round(stored * self.damping(length, self.reference) / max(1 - stored, 1e-9))
        return count / (count + self.damping(length, self.mean))


def dimension(token: str) -> int:
    """The dimension of a word in sparse vectors, the same in every index."""
    return int.from_bytes(hashlib.blake2b(token.encode("utf-8", "replace"), digest_size=4).digest(),
                          "big") % (_WORD - 1)  # fmt: skip


def write_words(path: Path, words: Mapping[str, Words], keys: Sequence[str]) -> None:
    """Write what an index keeps of its words beside its store, and the keys of its passages."""
    told = {"words": {language: asdict(own) for language, own in words.items()}, "keys": keys}
    path.write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")


def words_before(
    generation: Path | None, tokens: Mapping[str, Sequence[Sequence[str]]]
) -> dict[str, Words]:
    """The counts of the token lists of each language, after those of the generation before."""
    path = generation / STATISTICS if generation else None
    told = json.loads(path.read_text("utf-8"))["words"] if path and path.is_file() else {}
    return {
        language: Words.of(own, Words(**told[language]) if language in told else None)
        for language, own in tokens.items()
    }
