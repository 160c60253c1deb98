"""Learns the order of the clauses found (index/search/reorder.py), from rows of signs.

A row is a question with the clauses that search found for it: what is known of each, and whether
it is a right one. Rows hold numbers and ids only, nothing of what a document or question says.
Every figure is of documents that were not learned from.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from rich.table import Table
from sklearn.linear_model import LogisticRegression

from eval.case import CASES, Case
from eval.kept_rows import digest_of, kept_rows, lines_of
from index.documents.model import Hit
from index.request.understand import understand
from index.search.reorder import DEPTH, Weights, is_told, log_odds, signs_of
from index.search.search import WORDS_HELD, search
from index.search.versions import of_day
from rag.answer.assistant import Assistant
from rag.answer.in_chinese import ENGLISH, in_chinese, together
from rag.answer.running import HITS, Running

ROWS = CASES / "search"
LANGUAGES = ("zh", "en")
# How little the weights are held back, and in how many groups of documents are left out in turn.
FREEDOM, GROUPS = 1.0, 10
FIRST = (1, 2, 3, 6)


@dataclass(frozen=True)
class Found:
    """A clause found: whether it is a right one, and what is known of it."""

    right: bool
    signs: Mapping[str, float]


@dataclass(frozen=True)
class Row:
    """The clauses found for a question in the language it was searched in, as search put them."""

    id: str
    document: str
    language: str
    found: tuple[Found, ...]


@dataclass(frozen=True)
class Figures:
    """How often a right clause is among the `FIRST` so many: of documents held out, by language.

    As search put them, and as the weights put them.
    """

    language: str
    rows: int
    searched: tuple[float, ...]
    reordered: tuple[float, ...]


def make_rows(assistant: Assistant, cases: Sequence[Case]) -> list[Row]:
    """The rows of all answerable cases, as their clauses are searched when they are asked.

    A question that names articles or sides is not searched so. An English one about documents
    without English is searched as the model would ask it in Chinese.
    """
    return [row for case in cases if case.answerable for row in _rows_of(assistant, case)]


def _rows_of(assistant: Assistant, case: Case) -> Iterator[Row]:
    today = assistant.today()
    index = of_day(assistant.index, case.question, today)
    request = understand(case.question, index, case.previous, None, today)
    if request.searched is None or request.articles or request.sides:
        return
    hits = search(index, request, DEPTH, without=(WORDS_HELD,)).hits
    running = Running(assistant, index, request, case.id, 0.0)
    running.found = search(index, request, HITS)
    own = [hit for hit in hits if is_told(index, request.asked.content, hit)]
    asked = request.asked.content
    if request.language == "en" and (other := in_chinese(running)):
        # As both wordings found them, before they were put in order.
        asked = other.request.asked.content
        first = search(index, other.request, HITS, without=(WORDS_HELD,))
        found = together(first, running.found, ENGLISH).hits
        own = [hit for hit in found if index.rendition(hit.clause_id) is None]
    right = {*case.gold, *case.acceptable}
    if any(hit.clause_id in right for hit in own):
        yield _row(case, asked.language, own, signs_of(index, asked, own), right)


def _row(
    case: Case,
    language: str,
    hits: Sequence[Hit],
    signs: Sequence[Mapping[str, float]],
    right: set[str],
) -> Row:
    told = [{name: round(value, 3) for name, value in own.items() if value} for own in signs]
    found = tuple(Found(hit.clause_id in right, own) for hit, own in zip(hits, told, strict=True))
    return Row(case.id, case.documents[0], language, found)


def as_lines(rows: Sequence[Row]) -> str:
    """The rows as a file."""
    return lines_of(rows)


def read_rows(folder: Path = ROWS) -> list[Row]:
    """All rows of a folder. Raises EvalFault where there are none."""
    rows = []
    for told in kept_rows(folder):
        found = tuple(Found(**each) for each in told.pop("found"))
        rows.append(Row(**told, found=found))
    return rows


def digest(folder: Path = ROWS) -> str:
    """What tells the rows from others."""
    return digest_of(folder)


def fit(rows: Sequence[Row]) -> Weights:
    """Weights learned from these rows, all of one language."""
    names = sorted({name for row in rows for each in row.found for name in each.signs})
    found = [each for row in rows for each in row.found]
    values = np.array([[each.signs.get(name, 0.0) for name in names] for each in found])
    labels = np.array([each.right for each in found])
    learned = LogisticRegression(C=FREEDOM, max_iter=3000).fit(values, labels)
    weight = zip(names, learned.coef_[0], strict=True)
    return Weights(
        round(float(learned.intercept_[0]), 4),
        {name: round(float(value), 4) for name, value in weight},
    )


def cross_validate(rows: Sequence[Row]) -> list[tuple[Row, list[float]]]:
    """Each row with the log-odds of its clauses, by weights that had not seen its document."""
    told = []
    for language in LANGUAGES:
        own = [row for row in rows if row.language == language]
        documents = sorted({row.document for row in own})
        # Neighbours in the alphabet are of one city or subject: they go into different groups.
        for group in range(min(GROUPS, len(documents))):
            out = set(documents[group::GROUPS])
            weights = fit([row for row in own if row.document not in out])
            told += [
                (row, log_odds(weights, [_whole(each.signs, weights) for each in row.found]))
                for row in own
                if row.document in out
            ]
    return told


def figures(told: Sequence[tuple[Row, list[float]]], language: str) -> Figures:
    """The figures of one language."""
    own = [each for each in told if each[0].language == language]
    before = [_first_right(row, range(len(row.found))) for row, _ in own]
    after = [
        _first_right(row, [int(at) for at in np.argsort(-np.array(odds))]) for row, odds in own
    ]

    def among(places: Sequence[int]) -> tuple[float, ...]:
        return tuple(float(np.mean([place < most for place in places])) for most in FIRST)

    return Figures(language, len(own), among(before), among(after))


def figures_table(told: Sequence[tuple[Row, list[float]]]) -> Table:
    """The figures as a table."""
    table = Table(title="A right clause among the first, on documents not learned from")
    columns = (
        "language",
        "rows",
        *(f"{by} {most}" for by in ("search", "order") for most in FIRST),
    )
    for heading in columns:
        table.add_column(heading)
    for language in LANGUAGES:
        each = figures(told, language)
        shares = (*each.searched, *each.reordered)
        table.add_row(language, str(each.rows), *(f"{share:.3f}" for share in shares))
    return table


def weights_text(rows: Sequence[Row], data: str) -> str:
    """The weights as the file that the program reads."""
    weights = {
        language: asdict(fit([row for row in rows if row.language == language]))
        for language in LANGUAGES
    }
    about = "Fitted by python -m eval train --search; not to be edited."
    told = {"about": about, "data": data, "weights": weights}
    return json.dumps(told, ensure_ascii=False, indent=1) + "\n"


def _whole(signs: Mapping[str, float], weights: Weights) -> dict[str, float]:
    """The signs with those that are 0, which rows leave out."""
    return {name: signs.get(name, 0.0) for name in weights.weight}


def _first_right(row: Row, order: Sequence[int]) -> int:
    return next(place for place, at in enumerate(order) if row.found[at].right)
