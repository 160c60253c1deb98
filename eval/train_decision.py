"""Learns the weights of the one decision (rag/answer/decision.py) from rows of features.

A row is a question with what was known of the clauses nearly chosen (eval/decision_rows.py makes
them). Every figure is of documents that were not learned from; so are the scores from which the
least probability of an answer is taken.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from rich.table import Table
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from eval.case import CASES
from eval.kept_rows import Option, Row, digest_of, kept_rows
from eval.train_probe import with_contains, without_states
from rag.answer.decision import (
    EVERYTHING,
    LOGITS,
    LOGITS_AND_LIKELIHOODS,
    WORDS,
    WORDS_AND_LIKELIHOODS,
    Weights,
    log_odds,
    probability,
)

ROWS = CASES / "decision"
ANSWERS = ROWS / "answers"
LANGUAGES = ("zh", "en")
TOLD = (EVERYTHING, LOGITS_AND_LIKELIHOODS, LOGITS, WORDS_AND_LIKELIHOODS, WORDS)
# How little the weights are held back, and of the questions that can be answered how many may have
# no clause that is likely enough by itself: chosen on documents held out. With states more may, as
# drafts answer some of them.
FREEDOM, REFUSED, REFUSED_BY_STATE = 1.0, 0.04, 0.05
# A side of a comparison was asked for by its document: its logit may be so much less, or its
# log-odds, where states are told.
COMPARED, COMPARED_BY_STATE = 1.5, 2.4
# And so much less that of a clause may be from which an answer is written to be judged.
DRAFT, DRAFT_BY_STATE = 0.8, 1.0
# Clauses of up to this logit, or of which the probe tells no more, are learned from to judge
# answers. Answers are given from these log-odds on, drafts from the others: chosen on documents
# held out.
JUDGED, JUDGED_BY_STATE, STANDS, DRAFT_STANDS = 1.9, 1.5, -1.25, -0.5
# What a question says without the clause's words is asked for where this share of what it said on
# either end would change whether the answer is given.
RARELY = 0.01
# Documents of so many rows are held out one by one, the others in so many groups.
LARGE, GROUPS = 15, 6


@dataclass(frozen=True)
class Told:
    """What was told of a row by weights that had not seen its document."""

    row: Row
    probability: float
    answered: bool


@dataclass(frozen=True)
class Figures:
    """How well it is decided: on rows of one language whose documents were held out."""

    language: str
    answerable: int
    unanswerable: int
    auc: float
    refused_rightly: float
    refused_wrongly: float


def read_rows(folder: Path = ROWS) -> list[Row]:
    """All rows of a folder. Raises EvalFault where there are none."""
    rows = []
    for told in kept_rows(folder):
        options = tuple(Option(**each) for each in told.pop("options"))
        rows.append(Row(**told, options=options))
    return rows


def read_answers(rows: Sequence[Row], folder: Path = ANSWERS) -> list[Row]:
    """All rows of which an answer was judged: those of `rows`, and of a folder."""
    judged = [row for row in rows if any(each.judged for each in row.options)]
    return [*judged, *read_rows(folder)]


def digest(folder: Path = ROWS) -> str:
    """What tells the rows from others."""
    return digest_of(folder)


def fit(
    rows: Sequence[Row], least: Mapping[str, float] | None = None, freedom: float = FREEDOM
) -> Weights:
    """Weights learned from these rows."""
    options = [(row, option) for row in rows for option in row.options]
    names = sorted({name for _, option in options for name in option.features})
    values = np.array([[o.features.get(name, 0.0) for name in names] for _, o in options])
    labels = np.array([option.right for _, option in options])
    # Each question counts once, however many clauses it has.
    shares = [1.0 / len(row.options) ** 0.5 for row, _ in options]
    learned = LogisticRegression(C=freedom, max_iter=2000).fit(values, labels, sample_weight=shares)
    weight = {
        name: round(float(value), 4) for name, value in zip(names, learned.coef_[0], strict=True)
    }
    least = least or dict.fromkeys(LANGUAGES, 0.5)
    by_state = "contains" in names
    compared = COMPARED_BY_STATE if by_state else COMPARED * weight["yes"]
    draft = DRAFT_BY_STATE if by_state else DRAFT * weight["yes"]
    logits = values[:, names.index("yes")]
    said = {"yes": logits[logits > 0], "no": logits[logits <= 0]}
    return Weights(
        bias=round(float(learned.intercept_[0]), 4),
        weight=weight,
        usual_yes=round(float(logits[labels].mean()), 4),
        said={word: round(float(own.mean()), 4) if len(own) else 0.0 for word, own in said.items()},
        least={language: round(value, 4) for language, value in least.items()},
        least_compared={
            language: round(_less(value, compared), 4) for language, value in least.items()
        },
        least_draft={language: round(_less(value, draft), 4) for language, value in least.items()},
        judged={},
        without=(0.0, 0.0),
        stands=STANDS,
        draft_stands=DRAFT_STANDS,
    )


def fit_judged(
    rows: Sequence[Row], weights: Weights, told: str = EVERYTHING, freedom: float = FREEDOM
) -> dict[str, float]:
    """The weights by which an answer is judged, from rows that have what is known of one.

    Of what is judged when a question is answered: no figure is asked for, the clause is not sure,
    which a model's bare word never makes it. `told` is how much the model tells.
    """
    known = _judged(rows, told)
    labels = [each.right for each in known]
    likely = told in (EVERYTHING, LOGITS_AND_LIKELIHOODS, WORDS_AND_LIKELIHOODS)
    names = ("answer", "yes without", *(["likelier"] if likely else []))
    values = [
        [log_odds(each.features, weights), *(each.judged[name] for name in names)] for each in known
    ]
    learned = LogisticRegression(C=freedom, max_iter=2000).fit(np.array(values, float), labels)
    found = dict(zip(("clause", *names), learned.coef_[0], strict=True))
    found["bias"] = learned.intercept_[0]
    return {name: round(float(value), 4) for name, value in found.items()}


def fit_without(
    rows: Sequence[Row], judged: Mapping[str, float], told: str = EVERYTHING
) -> tuple[float, float]:
    """What a question without the clause's words adds to log-odds, but for `RARELY` on either end.

    `judged` are the weights of what is known.
    """
    named = [name for name in judged if name not in ("clause", "answer", "bias")]
    added = [
        sum(judged[name] * (each.judged[name] or 0.0) for name in named)
        for each in _judged(rows, told)
    ]
    least, most = (float(np.quantile(added, share)) for share in (RARELY, 1 - RARELY))
    return round(least, 4), round(most, 4)


def _judged(rows: Sequence[Row], told: str) -> list[Option]:
    """The clauses of which an answer is judged; of a model that tells words alone that is any."""
    words = told in (WORDS, WORDS_AND_LIKELIHOODS)
    return [
        each
        for row in rows
        for each in row.options
        if each.judged.get("answer") is not None
        and each.features.get("judged later")
        and (words or _is_judged(each, told))
    ]


def _is_judged(option: Option, told: str) -> bool:
    if told == EVERYTHING:
        return option.features["contains"] < JUDGED_BY_STATE
    return option.features.get("yes", 0.0) < JUDGED


def told_of(row: Row, weights: Weights) -> float:
    """How likely the likeliest clause gives what is asked."""
    return max((probability(each.features, weights) for each in row.options), default=0.0)


def held_out(rows: Sequence[Row], freedom: float = FREEDOM) -> list[tuple[Row, float]]:
    """Each row with what is told by weights of all documents but its own and some others."""
    told = []
    for documents in _groups(rows):
        weights = fit([row for row in rows if row.document not in documents], freedom=freedom)
        told += [(row, told_of(row, weights)) for row in rows if row.document in documents]
    return told


def least_of(told: Sequence[tuple[Row, float]], refused: float = REFUSED) -> dict[str, float]:
    """The probability below which so many of the answerable questions of a language lie."""
    least = {}
    for language in LANGUAGES:
        own = [score for row, score in told if row.answerable and row.language == language]
        least[language] = float(np.quantile(own, refused)) if own else 0.5
    return least


def cross_validate(
    rows: Sequence[Row], freedom: float = FREEDOM, refused: float = REFUSED
) -> list[Told]:
    """Each document left out in turn; the least probability is of the others, held out too."""
    decided = []
    for documents in _groups(rows):
        rest = [row for row in rows if row.document not in documents]
        weights = fit(rest, least_of(held_out(rest, freedom), refused), freedom)
        for row in rows:
            if row.document in documents:
                score = told_of(row, weights)
                decided.append(Told(row, score, score >= weights.least[row.language]))
    return decided


def figures(told: Sequence[Told], language: str) -> Figures:
    """The figures of one language."""
    told = [each for each in told if each.row.language == language]
    right = [each.row.answerable for each in told]

    def refused(answerable: bool) -> float:
        own = [each for each in told if each.row.answerable == answerable]
        return float(np.mean([not each.answered for each in own]))

    auc = float(roc_auc_score(right, [each.probability for each in told]))
    return Figures(language, sum(right), len(told) - sum(right), auc, refused(False), refused(True))


def in_words(rows: Sequence[Row], said: Mapping[str, float]) -> list[Row]:
    """The rows as a model that tells its words alone has them: each logit is the usual one of it.

    What a model says is Yes where its logit is above 0.
    """

    def word(logit: float | None) -> float | None:
        return None if logit is None else said["yes" if logit > 0 else "no"]

    def of(option: Option) -> Option:
        yes = said["yes" if option.features.get("yes", 0.0) > 0 else "no"]
        english = {"yes in english": yes} if option.features.get("english") else {}
        judged = {
            name: word(value) if name in ("answer", "yes without") else value
            for name, value in option.judged.items()
        }
        return replace(option, features={**option.features, "yes": yes, **english}, judged=judged)

    return [replace(row, options=tuple(map(of, row.options))) for row in rows]


def train(rows: Sequence[Row], answers: Sequence[Row], told: str = EVERYTHING) -> Weights:
    """The weights from all rows, and those of judged answers from rows that have answers.

    `told` is how much the model tells that they are for. Where states are not told the rows that
    were read without them are learned from.
    """
    if told == EVERYTHING:
        rows, answers = with_contains(rows), with_contains(answers)
    else:
        rows, answers = (without_states(each) for each in (rows, answers))
    if told in (WORDS, WORDS_AND_LIKELIHOODS):
        said = fit(rows).said
        rows, answers = in_words(rows, said), in_words(answers, said)
    refused = REFUSED_BY_STATE if told == EVERYTHING else REFUSED
    weights = fit(rows, least_of(held_out(rows), refused))
    judged = fit_judged(answers, weights, told)
    return replace(weights, judged=judged, without=fit_without(answers, judged, told))


def weights_text(weights: Mapping[str, Weights], data: str) -> str:
    """The weights, by how much a model tells, as the file that the program reads."""
    told: dict[str, Any] = {
        "about": "Fitted by python -m eval train --decision; not to be edited.",
        "data": data,
        "weights": asdict(weights[EVERYTHING]),
        "weights_by": {key: asdict(own) for key, own in weights.items() if key != EVERYTHING},
    }
    return json.dumps(told, ensure_ascii=False, indent=1) + "\n"


def figures_table(scores: Sequence[Figures], told: str = EVERYTHING) -> Table:
    """The figures as a table."""
    table = Table(title=f"The decision by {told}, on documents not learned from")
    for heading in (
        "language", "answerable", "unanswerable", "AUC", "unanswerable refused",
        "answerable refused",
    ):  # fmt: skip
        table.add_column(heading)
    for each in scores:
        shares = (each.auc, each.refused_rightly, each.refused_wrongly)
        counts = (each.language, str(each.answerable), str(each.unanswerable))
        table.add_row(*counts, *(f"{share:.3f}" for share in shares))
    return table


def _groups(rows: Sequence[Row]) -> list[list[str]]:
    """The documents that are held out together."""
    counts = Counter(row.document for row in rows)
    large = [[document] for document, count in sorted(counts.items()) if count >= LARGE]
    small = sorted(document for document, count in counts.items() if count < LARGE)
    groups = min(GROUPS, len(small))
    return [*large, *(small[at::groups] for at in range(groups))]


def _less(probability: float, less: float) -> float:
    """A probability with its log-odds less so much."""
    odds = math.log(probability / (1 - probability)) - less
    return 1 / (1 + math.exp(-odds))
