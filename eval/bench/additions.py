"""What an index of many made documents costs: a document added, opened, searched.

The index grows in steps, each measured by itself, with made documents and vectors (made.py); the
document added has 100 articles. Seconds are of the clock and of the processor, for where other work
runs beside. How good the rankings are cannot be told from this.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from eval.bench.made import Near, made_documents
from eval.bench.percentile import percentile
from eval.case import load_cases
from index.documents.model import Document
from index.search.build import write_index
from index.search.contents import Contents
from index.search.store import ClauseIndex
from index.text.tokens import tokenise_chinese

ADDED = 100  # articles of the document that is added
STEP = 1000  # documents that are made at once, so that memory is that of an index in service


@dataclass
class Figures:
    """One size: clock and processor seconds by what was done, MiB at most in memory and on disk."""

    clauses: int = 0
    seconds: dict[str, tuple[float, float]] = field(default_factory=dict)
    searches: dict[str, float] = field(default_factory=dict)
    memory: float = 0.0
    disk: float = 0.0

    @contextmanager
    def timed(self, what: str) -> Iterator[None]:
        """Keep how long something takes."""
        clock, processor = time.perf_counter(), time.process_time()
        yield
        self.seconds[what] = (time.perf_counter() - clock, time.process_time() - processor)


def grown(real: ClauseIndex, folder: Path, documents: int, questions: Sequence[str]) -> Figures:
    """Let the index in `folder` grow to so many documents, and measure it."""
    near = Near(real.encoder, real.stored_vectors())
    own = list(real.documents.values())
    if (folder / "manifest.json").exists():
        index = ClauseIndex.open(folder, near)
    else:
        index = _with(None, real, folder, near, list(made_documents(own, 0, STEP)))
    while len(index.documents) < documents:
        first = len(index.documents)
        index = _with(index, real, folder, near, list(made_documents(own, first, STEP)))
    figures = Figures(clauses=len(index.clauses))
    more = list(made_documents(own, 10**6 + documents, 1, ADDED))
    with figures.timed("added and opened"):
        index = _with(index, real, folder, near, more)
    with figures.timed("found"):
        # By its words: the vectors are made, and a question's are real.
        text = more[0].clauses[ADDED // 2].body
        found = index.lexical_search(tokenise_chinese(text), "zh", 50)
        assert any(index.document_of(row).id == more[0].id for row, _ in found)
    with figures.timed("opened again"):
        ClauseIndex.open(folder, near)
    left = tuple(one for one in index.documents.values() if one.id != more[0].id)
    with figures.timed("removed"):
        write_index(replace(index.contents, documents=left), folder, near, _silent, [])
    figures.searches = _searched(index, questions)
    figures.memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    figures.disk = sum(each["bytes"] for each in index.manifest["files"].values()) / (1 << 20)
    return figures


def _with(
    index: ClauseIndex | None, real: ClauseIndex, folder: Path, near: Near, more: list[Document]
) -> ClauseIndex:
    """The index with more documents, opened."""
    contents = index.contents if index else Contents((), {}, real.glossary)
    contents = replace(contents, documents=(*contents.documents, *more))
    write_index(contents, folder, near, _silent, [])
    return ClauseIndex.open(folder, near)


def _searched(index: ClauseIndex, questions: Sequence[str]) -> dict[str, float]:
    """Milliseconds of understanding and of searching, in the median and at 95%."""
    from index.request.understand import understand
    from index.search.search import search

    search(index, understand(questions[0], index))  # loads the encoder and the dictionaries
    understood, searched = [], []
    for question in questions:
        begun = time.process_time()
        request = understand(question, index)
        understood.append(1000 * (time.process_time() - begun))
        begun = time.process_time()
        search(index, request)
        searched.append(1000 * (time.process_time() - begun))
    told: dict[str, Callable[[Sequence[float]], float]] = {
        "median": lambda own: percentile(own, 0.5),
        "p95": lambda own: percentile(own, 0.95),
    }
    return {
        f"{what}, {name}": share(own)
        for what, own in (("understood", understood), ("searched", searched))
        for name, share in told.items()
    }


def _silent(stage: str, done: int, total: int) -> None:
    """Progress for nobody."""


def _main(index: Path, folder: Path, cases: Path, *sizes: str) -> None:
    questions = [case.question for file in load_cases([cases]) for case in file.cases]
    opened = ClauseIndex.open(index)
    for size in map(int, sizes):
        print(json.dumps(asdict(grown(opened, folder, size, questions))), flush=True)


if __name__ == "__main__":  # python -m eval.bench.additions INDEX FOLDER CASES DOCUMENTS …
    _main(Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]), *sys.argv[4:])
