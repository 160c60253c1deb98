"""Fakes for tests of the index: an encoder without a model, documents without an index."""

from __future__ import annotations

import hashlib
from functools import cache
from typing import TYPE_CHECKING, cast

import numpy as np

from index.search.build import CORPUS, collect
from index.search.store import ClauseIndex
from rag.answer.evidence import ReadClause, read_clause

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from index.documents.model import Clause, Rendition
    from rag.schema import Language


class BilingualEncoder:
    """Vectors alike where a Chinese and an English text share one of the subjects it knows."""

    name, digest = "bilingual", "b" * 64

    def __init__(self, subjects: Sequence[tuple[str, str]]) -> None:
        self.subjects = subjects
        self.dimension = len(subjects) + 1
        self.calls = 0

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return self.encode_passages(texts)

    def encode_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.calls += 1
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        vectors[:, 0] = 2.0
        for vector, text in zip(vectors, texts, strict=True):
            for place, (zh, en) in enumerate(self.subjects, start=1):
                vector[place] = zh in text or en in text.lower()
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        return vectors


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


class OpenBook:
    """What `read_clause` needs of an index, of the built-in documents: nothing can be searched."""

    def __init__(self) -> None:
        contents = collect([CORPUS], [], lambda stage, done, total: None)
        self.documents = {document.id: document for document in contents.documents}
        self.glossary = contents.glossary
        self._clauses = {clause.id: clause for clause in contents.clauses}
        self._renditions = contents.renditions

    def clause(self, clause_id: str) -> Clause:
        return self._clauses[clause_id]

    def rendition(self, clause_id: str) -> Rendition | None:
        return self._renditions.get(clause_id)

    def title_en(self, clause_id: str) -> str | None:
        rendition = self._renditions.get(clause_id)
        return rendition.title_en if rendition else None


@cache
def built_in() -> OpenBook:
    """The built-in documents, read once."""
    return OpenBook()


def read_built_in(clause_id: str, language: Language) -> ReadClause:
    """A clause of the built-in documents, ready for reading."""
    return read_clause(cast(ClauseIndex, built_in()), clause_id, language)
