"""What a store of passages costs at sizes that no real documents here reach.

Clauses are made: words recombined from real clauses, vectors strewn around real ones, 25 clauses a
document. Nothing is embedded or parsed, so that the store alone is measured. How good the rankings
are cannot be told from this.
"""

from __future__ import annotations

import json
import random
import resource
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from eval.case import load_cases
from index.documents.model import Document
from index.request.held_documents import HeldDocuments
from index.search.contents import with_headings
from index.search.local import LocalStore
from index.search.rankings import KINDS, Rankings
from index.search.store import ClauseIndex
from index.text.tokens import tokenise_chinese

CLAUSES_OF_DOCUMENT = 25
NEAR = 0.6  # how far made vectors are strewn: real neighbours are about as far apart
_DEPTH = 50


@dataclass(frozen=True)
class StoreGrown:
    """One size: seconds to write and open, MiB on disk and at most in memory.

    `dense`, `words` and `both` are the seconds of each search.
    """

    clauses: int
    documents: int
    written: float
    opened: float
    disk: float
    memory: float
    dense: tuple[float, ...]
    words: tuple[float, ...]
    both: tuple[float, ...]


@dataclass(frozen=True)
class _Made:
    vectors: NDArray[np.float32]
    tokens: list[list[str]]


def measure_local(
    index: ClauseIndex, questions: Sequence[str], size: int, folder: Path
) -> StoreGrown:
    """Write, open and search local files of so many made clauses."""
    made = _made(index, size)
    count = -(-size // CLAUSES_OF_DOCUMENT)
    started = time.perf_counter()
    LocalStore.write(folder, ["zh"] * size, made.vectors, {"zh": made.tokens, "en": []})
    written = time.perf_counter() - started
    owner = np.arange(size, dtype=np.int64) // CLAUSES_OF_DOCUMENT
    rows: dict[str, NDArray[np.int64]] = {
        kind: np.arange(size if kind == "zh" else 0, dtype=np.int64) for kind in KINDS
    }
    del made
    started = time.perf_counter()
    store = LocalStore(folder, rows, owner, [])
    opened = time.perf_counter() - started
    documents = HeldDocuments(
        {str(at): Document(id=str(at), title=str(at), source="") for at in range(count)}
    )
    dense, words, both = _searched(store, index, questions, documents)
    disk = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / (1 << 20)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return StoreGrown(size, count, written, opened, disk, memory, dense, words, both)


def _searched(
    store: Rankings, index: ClauseIndex, questions: Sequence[str], documents: HeldDocuments
) -> tuple[tuple[float, ...], tuple[float, ...], tuple[float, ...]]:
    vectors = index.encode_queries(questions)
    groups = [[[[token]] for token in tokenise_chinese(question)] for question in questions]
    store.dense("zh", vectors[:1], _DEPTH, documents)  # the files are read the first time
    store.words("zh", groups[0], _DEPTH, documents)
    times = []
    for vector, own in zip(vectors, groups, strict=True):
        begun = time.perf_counter()
        store.dense("zh", vector[None], _DEPTH, documents)
        between = time.perf_counter()
        store.words("zh", own, _DEPTH, documents)
        times.append((between - begun, time.perf_counter() - between))
    dense, words = zip(*times, strict=True)
    return dense, words, tuple(map(sum, times))


def _made(index: ClauseIndex, size: int) -> _Made:
    """Made clauses: each has words of two real ones, and a vector near that of the first."""
    real = [tokenise_chinese(with_headings(clause, clause.body)) for clause in index.clauses]
    near = index.stored_vectors()
    rng, strewn = random.Random(1), np.random.default_rng(1)
    tokens = []
    for _ in range(size):
        first, second = rng.choice(real), rng.choice(real)
        tokens.append(rng.sample(first, len(first) // 2) + rng.sample(second, len(second) // 2))
    width = near.shape[1]
    vectors = np.empty((size, width), np.float32)
    for start in range(0, size, 10_000):
        part = vectors[start : start + 10_000]
        noise = strewn.standard_normal(part.shape, np.float32) * (NEAR / width**0.5)
        part[:] = near[strewn.integers(len(near), size=len(part))] + noise
        part /= np.linalg.norm(part, axis=1, keepdims=True)
    return _Made(vectors, tokens)


def _main(index: Path, cases: Path, *sizes: str) -> None:
    questions = [case.question for file in load_cases([cases]) for case in file.cases]
    opened = ClauseIndex.open(index)
    for size in map(int, sizes):
        with TemporaryDirectory() as folder:
            print(json.dumps(asdict(measure_local(opened, questions, size, Path(folder)))))


if __name__ == "__main__":  # python -m eval.bench.stores INDEX CASES SIZE …
    _main(Path(sys.argv[1]), Path(sys.argv[2]), *sys.argv[3:])
