"""Learns what a question wants gathered (index/request/gathers.py), from questions of many writers.

Labelled questions that lean on no other, and the cases of lists; each group of writers is left out
in turn for the figures. What the weights are looks like: eval/train.py.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rich.table import Table
from sklearn.linear_model import LogisticRegression

from eval.case import CASES, CaseFault
from eval.labelled_questions import (
    ALWAYS_TRAINING,
    LEFT_OUT_IN_TURN,
    QUESTIONS,
    LabelledQuestion,
    read_questions,
    training_digest,
)
from eval.train import Vectors, matrix_of, model_bytes, rarity_of
from index.request.gathers import GATHERED, NOTHING, gathers_with
from index.request.heads import VECTOR_SCALE, Model, Weights, read_model
from index.request.question_features import BUCKETS, features_of

# Written for it, half Chinese and half English; cases of lists by others, and by its writer.
OWN = "j"
CASE_FILES = (
    "aggregate-dev", "aggregate-more-dev", "aggregate-further-dev", "unseen/aggregate",
    "unseen/aggregate-further",
)  # fmt: skip
# More writers, who labelled what is gathered alone: questions of many forms.
GATHERED_ALONE = ("k", "l", "m", "n", "o", "p")
# What was taken for a list wrongly, and what is like it; half of these are development questions.
TAKEN_WRONGLY = "q"
# Writers that are left out together, by the beginnings of their ids.
WRITERS: Mapping[str, tuple[str, ...]] = {
    "aggregate, more (1), further": ("agg-", "ay-", "lu-"),
    "more (2), unseen, further": ("ax-", "ag-", "lb-"),
    **{name: (f"{name}-",) for name in GATHERED_ALONE},
}
LABELS = QUESTIONS / "gathers.tsv"
# How little the weights are held back; how many steps the optimiser takes at most.
FREEDOM, STEPS = 100.0, 60
# Weights below this share of the largest of their column are left out, which keeps the file small.
LEAST_WEIGHT = 0.03
# What follows from what a question wants.
_SAME = frozenset({"who", "structure", "where"})


@dataclass(frozen=True)
class Asked:
    """A question, by its id, and what it wants gathered."""

    id: str
    language: str
    question: str
    gathers: str


@dataclass(frozen=True)
class Score:
    """On a group of writers not learned from: how many are told right, of all and of gatherings."""

    held_out: str
    language: str
    questions: int
    right: float
    found: float
    sure: float


def read_asked() -> list[Asked]:
    """All questions to learn from: those labelled, and those of the cases."""
    labels = _labels()
    held = read_questions((*LEFT_OUT_IN_TURN, *ALWAYS_TRAINING, OWN)).values()
    told = [each for rows in held for each in rows if not each.leans and not each.previous]
    found = [
        Asked(each.id, each.language, each.question, labels.get(each.id) or _kind_of(each))
        for each in told
    ]
    for name in CASE_FILES:
        for line in (CASES / f"{name}.jsonl").read_text(encoding="utf-8").splitlines():
            case = json.loads(line)
            found.append(Asked(case["id"], case["language"], case["question"], labels[case["id"]]))
    found += (each for name in (*GATHERED_ALONE, TAKEN_WRONGLY) for each in _gathered_alone(name))
    return found


def train(vectors: Vectors) -> Model:
    """The head from all questions."""
    return fit(read_asked(), vectors, digest())


def cross_validate(vectors: Vectors) -> list[Score]:
    """Each group of writers of cases left out in turn."""
    asked = read_asked()
    scores = []
    for name, begins in WRITERS.items():
        model = fit([each for each in asked if not each.id.startswith(begins)], vectors)
        own = [each for each in asked if each.id.startswith(begins)]
        languages = sorted({each.language for each in own}, reverse=True)
        scores += [_score(model, name, own, language, vectors) for language in languages]
    return scores


def fit(asked: Sequence[Asked], vectors: Vectors, data: str = "") -> Model:
    """The head learned from these questions; `vectors` holds the vector of each by its text."""
    features = [features_of(each.question) for each in asked]
    rarity = {kind: rarity_of(features, kind) for kind in BUCKETS}
    held = np.stack([vectors[each.question] for each in asked])
    mean = held.mean(axis=0)

    def weights(own: NDArray[np.float32] | None) -> Weights:
        matrix = matrix_of(features, rarity, own)
        learned = LogisticRegression(C=FREEDOM, max_iter=STEPS, tol=1e-3)
        learned.fit(matrix.rows, [each.gathers for each in asked])
        order = [list(learned.classes_).index(kind) for kind in GATHERED]
        columns = learned.coef_[order].T
        blocks = {
            name: np.ascontiguousarray(columns[part], dtype=np.float32)
            for name, part in matrix.starts.items()
        }
        return Weights(blocks, learned.intercept_[order].astype(np.float32))

    model = Model(rarity, mean, weights(VECTOR_SCALE * (held - mean)), weights(None), data)
    # What is scored is what is written: eight bits a weight.
    return read_model(model_bytes(model, LEAST_WEIGHT))


def digest() -> str:
    """A digest of all that the head is learned from."""
    found = hashlib.sha256(training_digest(also=(OWN,)).encode())
    alone = (QUESTIONS / f"{name}.jsonl" for name in (*GATHERED_ALONE, TAKEN_WRONGLY))
    for path in (LABELS, *alone, *(CASES / f"{name}.jsonl" for name in CASE_FILES)):
        found.update(path.read_bytes())
    return found.hexdigest()


def score_table(scores: Sequence[Score]) -> Table:
    """The figures as a table."""
    table = Table(title="What is to be gathered, on writers not learned from")
    for heading in ("held out", "language", "questions", "right", "gatherings found", "sure"):
        table.add_column(heading)
    for each in scores:
        figures = (f"{figure:.3f}" for figure in (each.right, each.found, each.sure))
        table.add_row(each.held_out, each.language, str(each.questions), *figures)
    return table


def _score(
    model: Model, name: str, asked: Sequence[Asked], language: str, vectors: Vectors
) -> Score:
    own = [each for each in asked if each.language == language]
    told = []
    for each in own:
        shares = gathers_with(model, features_of(each.question), vectors[each.question])
        told.append(max(shares, key=shares.__getitem__))
    pairs = [(each.gathers, kind) for each, kind in zip(own, told, strict=True)]
    lists = [right == kind for right, kind in pairs if right != NOTHING]
    said = [right == kind for right, kind in pairs if kind != NOTHING]
    right = sum(right == kind for right, kind in pairs) / len(pairs)
    return Score(
        name, language, len(own), right, sum(lists) / len(lists), sum(said) / max(1, len(said))
    )


def _gathered_alone(name: str) -> list[Asked]:
    """The questions of a writer who told nothing but what is to be gathered."""
    rows = []
    for line in (QUESTIONS / f"{name}.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if row["gathers"] not in GATHERED:
            raise CaseFault(f"{name}.jsonl: {row['id']} gathers none of {', '.join(GATHERED)}")
        rows.append(Asked(row["id"], row["language"], row["question"], row["gathers"]))
    return rows


def _labels() -> Mapping[str, str]:
    lines = LABELS.read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines if line and not line.startswith("#")]
    return {id_: kind for id_, kind in rows}


def _kind_of(question: LabelledQuestion) -> str:
    """What follows from the labels that a question has anyway."""
    if question.gathers:
        return question.gathers
    if question.wanted in _SAME:
        return question.wanted
    compares = question.wanted == "comparison" and "difference" in question.aspects
    return "difference" if compares else NOTHING
