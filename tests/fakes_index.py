"""Fakes for tests of the index: an encoder that needs no model."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


class HashEncoder:
    """Hashes pairs of neighbouring characters into 64 dimensions; texts alike are near.

    `encoded` lists every passage it was asked for, so that tests can count the work. An encoder
    with another `digest` gives other vectors. `fail_after` passages it raises KeyboardInterrupt.
    """

    dimension = 64

    def __init__(
        self, name: str = "hash", digest: str = "0" * 64, fail_after: int | None = None
    ) -> None:
        self.name = name
        self.digest = digest
        self.fail_after = fail_after
        self.encoded: list[str] = []

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return self._vectors(texts)

    def encode_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        if self.fail_after is not None and len(self.encoded) + len(texts) > self.fail_after:
            raise KeyboardInterrupt
        self.encoded += texts
        return self._vectors(texts)

    def _vectors(self, texts: Sequence[str]) -> NDArray[np.float32]:
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for vector, text in zip(vectors, texts, strict=True):
            for first, second in zip(" " + text, text + " ", strict=True):
                key = hashlib.md5(
                    f"{self.digest}{first}{second}".encode("utf-8", "replace")
                ).digest()
                vector[key[0] % self.dimension] += 1.0 if key[1] % 2 else -1.0
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        vectors[:, 0] += (norms == 0)[:, 0]
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        return vectors
