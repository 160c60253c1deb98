"""Learns which sentences of a clause hold what is asked (rag/answer/weigh.py), from rows of signs.

A row is a question with the sentences of one of its gold clauses: what is known of each, and which
of the case's evidence it holds. Rows hold numbers and ids only, nothing of what a document or
question says. Every figure is of documents that were not learned from.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path

import numpy as np
from rich.table import Table
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from eval.case import CASES, Case
from eval.kept_rows import digest_of, kept_rows, lines_of
from index.request.understand import understand
from index.request.wording import Wording
from rag.answer.assistant import Assistant
from rag.answer.evidence import ReadClause, read_clause
from rag.answer.weigh import signs_of, told_passages

ROWS = CASES / "sentences"
# How little the weights are held back, and in how many groups of documents are left out in turn.
FREEDOM, GROUPS = 0.3, 10
# Gold clauses of one case that are read, and how much of a piece of evidence a sentence must hold.
MOST_CLAUSES, LEAST, LEAST_SHARE = 3, 8, 0.6
# From these log-odds on a sentence counts as told in the figures, of the first ones alone.
TOLD, MOST_TOLD = -1.0, 4
_UNSAID = re.compile(r"[\s,，、。；;：:（）()“”\"《》〈〉]")


@dataclass(frozen=True)
class Sentence:
    """What is known of a sentence, and which pieces of the case's evidence it holds."""

    holds: tuple[int, ...]
    signs: Mapping[str, float]


@dataclass(frozen=True)
class Row:
    """The sentences of one clause for one question; `read` is the language they are read in."""

    id: str
    document: str
    language: str
    read: str
    sentences: tuple[Sentence, ...]


@dataclass(frozen=True)
class Figures:
    """How well sentences are told apart: of rows whose documents were held out."""

    language: str
    read: str
    rows: int
    auc: float
    first_holds: float
    all_told: float
    told: float


def make_rows(assistant: Assistant, cases: Sequence[Case]) -> list[Row]:
    """The rows of all cases with evidence, as clauses are read when a question is answered."""
    rows = []
    for case in cases:
        if case.answerable and case.evidence:
            rows += list(_rows_of(assistant, case))
    return rows


def _rows_of(assistant: Assistant, case: Case) -> Iterator[Row]:
    index = assistant.index
    request = understand(case.question, index, case.previous, assistant.rewritten)
    if request.searched is None:
        return
    for clause_id in case.gold[:MOST_CLAUSES]:
        read = read_clause(index, clause_id, case.language)
        asked = request.asked
        if read.language != case.language:
            chinese = assistant.in_chinese(asked.text)
            if not chinese:
                continue
            asked = understand(chinese, index).asked
        query = index.encode_queries([asked.content.text])[0]

        def similarity(texts: Sequence[str], query: np.ndarray = query) -> list[float]:
            return [float(value) for value in assistant.vectors.of(texts) @ query]

        signs = signs_of(
            asked.content, read, told_passages(asked.content, read), similarity, index.lexicon
        )
        if row := row_of(case, read, asked, signs):
            yield row


def row_of(
    case: Case, read: ReadClause, asked: Wording, signs: Sequence[Mapping[str, float]]
) -> Row | None:
    """The row of a clause with several sentences of which one holds evidence, else None."""
    passages = told_passages(asked.content, read)
    wanted = [_said(each) for each in case.evidence]
    holds = [
        tuple(at for at, each in enumerate(wanted) if _holds(_said(passage.zh), each))
        for passage in passages
    ]
    if len(passages) < 2 or not any(holds):
        return None
    return Row(
        f"{case.id} {read.clause.id}",
        read.document.id,
        case.language,
        read.language,
        tuple(
            Sentence(held, {name: round(value, 3) for name, value in own.items() if value})
            for held, own in zip(holds, signs, strict=True)
        ),
    )


def _said(text: str) -> str:
    return _UNSAID.sub("", unicodedata.normalize("NFKC", text))


def _holds(text: str, evidence: str) -> bool:
    """Whether a sentence holds a piece of evidence, or most of it, or is a part of it."""
    if evidence in text or (len(text) >= LEAST and text in evidence):
        return True
    matcher = SequenceMatcher(None, evidence, text, autojunk=False)
    longest = matcher.find_longest_match(0, len(evidence), 0, len(text)).size
    return longest >= max(LEAST, LEAST_SHARE * len(evidence))


def as_lines(rows: Sequence[Row]) -> str:
    """The rows as a file."""
    return lines_of(rows)


def read_rows(folder: Path = ROWS) -> list[Row]:
    """All rows of a folder. Raises EvalFault where there are none."""
    rows = []
    for told in kept_rows(folder):
        own = tuple(Sentence(tuple(s["holds"]), s["signs"]) for s in told.pop("sentences"))
        rows.append(Row(**told, sentences=own))
    return rows


def digest(folder: Path = ROWS) -> str:
    """What tells the rows from others."""
    return digest_of(folder)


def fit(rows: Sequence[Row]) -> tuple[float, dict[str, float]]:
    """The bias and the weight of each sign, learned from these rows."""
    names = _names(rows)
    values = np.concatenate([_values(row, names) for row in rows])
    spread = values.std(axis=0)
    spread[spread == 0] = 1.0
    middle = values.mean(axis=0)
    labels = np.concatenate([_labels(row) for row in rows])
    learned = LogisticRegression(C=FREEDOM, max_iter=3000).fit((values - middle) / spread, labels)
    weights = learned.coef_[0] / spread
    bias = float(learned.intercept_[0] - middle @ weights)
    told = {name: round(float(each), 4) for name, each in zip(names, weights, strict=True)}
    return round(bias, 4), told


def cross_validate(rows: Sequence[Row]) -> list[tuple[Row, list[float]]]:
    """Each row with the log-odds of its sentences, by weights that had not seen its document."""
    documents = sorted({row.document for row in rows})
    # Neighbours in the alphabet are of one city or subject: they go into different groups.
    told = []
    for group in range(min(GROUPS, len(documents))):
        out = set(documents[group::GROUPS])
        bias, weights = fit([row for row in rows if row.document not in out])
        for row in rows:
            if row.document in out:
                told.append((row, _odds(row, bias, weights)))
    return told


def figures(told: Sequence[tuple[Row, list[float]]], language: str, read: str) -> Figures:
    """The figures of the rows of one language that were read in one."""
    own = [(row, odds) for row, odds in told if (row.language, row.read) == (language, read)]
    labels = np.concatenate([_labels(row) for row, _ in own])
    kept = [_told(odds) for _, odds in own]
    whole = [
        {at for each in row.sentences for at in each.holds}
        <= {at for place in places for at in row.sentences[place].holds}
        for (row, _), places in zip(own, kept, strict=True)
    ]
    return Figures(
        language,
        read,
        len(own),
        float(roc_auc_score(labels, [value for _, odds in own for value in odds])),
        float(np.mean([bool(row.sentences[int(np.argmax(odds))].holds) for row, odds in own])),
        float(np.mean(whole)),
        float(np.mean([len(places) for places in kept])),
    )


def figures_table(told: Sequence[tuple[Row, list[float]]]) -> Table:
    """The figures as a table."""
    table = Table(title="Which sentences hold what is asked, on documents not learned from")
    for heading in (
        "language", "read in", "rows", "AUC", "the first holds some", "those told hold all",
        "sentences told",
    ):  # fmt: skip
        table.add_column(heading)
    for language, read in sorted({(row.language, row.read) for row, _ in told}):
        each = figures(told, language, read)
        shares = (each.auc, each.first_holds, each.all_told, each.told)
        table.add_row(language, read, str(each.rows), *(f"{share:.3f}" for share in shares))
    return table


def weights_text(rows: Sequence[Row], data: str) -> str:
    """The weights as the file that the program reads."""
    bias, weight = fit(rows)
    about = "Fitted by python -m eval train --sentences; not to be edited."
    told = {"about": about, "data": data, "bias": bias, "weight": weight}
    return json.dumps(told, ensure_ascii=False, indent=1) + "\n"


def _told(odds: Sequence[float]) -> list[int]:
    """The places of the sentences that would be told: the likeliest, and others likely enough."""
    order = sorted(range(len(odds)), key=lambda at: -odds[at])[:MOST_TOLD]
    return [at for place, at in enumerate(order) if not place or odds[at] >= TOLD]


def _odds(row: Row, bias: float, weights: Mapping[str, float]) -> list[float]:
    return [
        bias + sum(weights.get(name, 0.0) * value for name, value in each.signs.items())
        for each in row.sentences
    ]


def _names(rows: Sequence[Row]) -> list[str]:
    return sorted({name for row in rows for each in row.sentences for name in each.signs})


def _values(row: Row, names: Sequence[str]) -> np.ndarray:
    return np.array([[each.signs.get(name, 0.0) for name in names] for each in row.sentences])


def _labels(row: Row) -> np.ndarray:
    return np.array([bool(each.holds) for each in row.sentences])
