"""What keeping and reading records costs: `python -m eval.bench.records WHERE`, an empty database.

Judgements are made, one act each as in the chat; then all are copied to a file. What is judged is
of no matter here.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from eval.bench.percentile import percentile
from index.library.audit import Audit
from index.records.copied import copied
from index.records.database import Database, open_database
from rag.web.feedback.store import FeedbackStore, Judged

ACTS = 300
# About as long as an answer with its quotes.
_ANSWER: dict[str, Any] = {
    **dict.fromkeys(("question", "language", "outcome", "model"), "a"),
    "answer": "答" * 2000,
    "citations": [],
    "hits": [],
}


def measured(where: str) -> dict[str, object]:
    """Milliseconds of each act, median and 95th percentile; seconds of opening and copying."""
    began = time.perf_counter()
    database = open_database(where)
    opened = time.perf_counter() - began
    store = FeedbackStore(database)
    with TemporaryDirectory() as name:
        audit = Audit(Path(name), records=database)
        told: dict[str, object] = {
            "where": database.where,
            "opened s": round(opened, 2),
            "noted ms": _each(lambda n: audit.note("add", f"document-{n}")),
            "kept ms": _each(lambda n: store.keep(_judged(n))),
            "read all ms": _each(lambda n: store.judgements(), 20),
        }
        began = time.perf_counter()
        told["copied"] = copied(database, Database(Path(name) / "copy.sqlite"))
        told["copied s"] = round(time.perf_counter() - began, 2)
    database.close()
    return told


def _judged(number: int) -> Judged:
    return Judged(str(number), "2026", "up", "", "", "", (), _ANSWER)


def _each(act: Callable[[int], object], times: int = ACTS) -> list[float]:
    """Median and 95th percentile of the milliseconds that an act takes."""
    taken = []
    for number in range(times):
        began = time.perf_counter()
        act(number)
        taken.append((time.perf_counter() - began) * 1000)
    return [round(percentile(taken, share), 1) for share in (0.5, 0.95)]


def main(arguments: Sequence[str]) -> None:
    """Measure the database that is named, and print it as JSON."""
    print(json.dumps(measured(arguments[0])))


if __name__ == "__main__":
    main(sys.argv[1:])
