"""What each ingredient of the search brings: recall with and without it, and its time.

Searches only; no clause is chosen or read.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import fmean, median

from rich.table import Table

from eval.case import Case
from index.request.understand import understand
from index.search.search import INGREDIENTS, search
from index.search.store import ClauseIndex

DEPTH = 5


@dataclass(frozen=True)
class Ablation:
    """Recall of the gold clauses among the first 1 and 5, in one language, and median seconds.

    `without` is the ingredient left out, None for the search as it is.
    """

    language: str
    without: str | None
    cases: int
    recall_1: float
    recall_5: float
    seconds: float


def ablate(index: ClauseIndex, cases: Sequence[Case]) -> Iterator[Ablation]:
    """The search as it is, then without each ingredient, by language."""
    for language in ("zh", "en"):
        own = [
            case for case in cases if case.language == language and case.gold and not case.previous
        ]
        if not own:
            continue
        index.encode_queries([case.question for case in own[:1]])
        for without in (None, *INGREDIENTS):
            yield _measured(index, own, language, without)


def _measured(
    index: ClauseIndex, cases: Sequence[Case], language: str, without: str | None
) -> Ablation:
    at_1, at_5, seconds = [], [], []
    for case in cases:
        started = time.perf_counter()
        left_out = (without,) if without else ()
        hits = search(index, understand(case.question, index), DEPTH, without=left_out).hits
        seconds.append(time.perf_counter() - started)
        found = [hit.clause_id for hit in hits]
        right = {*case.gold, *case.acceptable}
        at_1.append(float(bool(found) and found[0] in right))
        at_5.append(fmean(float(gold in found) for gold in case.gold))
    return Ablation(language, without, len(cases), fmean(at_1), fmean(at_5), median(seconds))


def ablation_table(measured: Sequence[Ablation]) -> Table:
    """The measurements as a table, one row each."""
    table = Table(title="Recall of the gold clauses, and seconds a search (median)")
    for heading in ("language", "cases", "without", "recall@1", "recall@5", "seconds"):
        table.add_column(heading)
    for row in measured:
        table.add_row(
            row.language,
            str(row.cases),
            row.without or "-",
            f"{row.recall_1:.3f}",
            f"{row.recall_5:.3f}",
            f"{row.seconds:.3f}",
        )
    return table
