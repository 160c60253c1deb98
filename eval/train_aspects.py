"""Learns the heads that tell a question's aspects (index/request/aspects.py).

One logistic regression for each aspect, all at once. How much weights are held back is set here;
thresholds are those best on files left out in turn. Figures are of a file by another writer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rich.table import Table
from scipy.linalg import cholesky, solve_triangular
from scipy.optimize import minimize

from eval.labelled_questions import (
    ALWAYS_TRAINING,
    LEFT_OUT_IN_TURN,
    OF_ASPECTS,
    TEST,
    LabelledQuestion,
    read_questions,
    training_digest,
)
from eval.train import LANGUAGES, Floats, Matrix, Vectors, matrix_of, model_bytes, rarity_of
from index.request.aspects import FIGURE, FIGURES, TOLD
from index.request.heads import VECTOR_SCALE, Model, Weights, read_model, scores_of
from index.request.question_features import BUCKETS, Features, features_of

# How little the weights are held back, and how far the optimiser goes.
FREEDOM, STEPS = 10.0, 70
# Added to what a question shares with itself: two may be the same.
RIDGE = 1e-3
# The thresholds tried, in log-odds. Of kinds that are demanded of a clause recall counts so often
# beside precision: what is told wrongly has a right clause refused.
THRESHOLDS, PRECISELY = np.arange(-3.0, 1.51, 0.25), 0.5
DEMANDED = FIGURES | {"day"}
# Weights below this share of the largest of their column are left out, which keeps the file small.
LEAST_WEIGHT = 0.025
_Truth = NDArray[np.bool_]


@dataclass(frozen=True)
class Score:
    """F1 of one aspect on questions not learned from, with the questions' vectors and without."""

    aspect: str
    language: str
    questions: int
    with_vector: float
    without_vector: float


def labels_of(question: LabelledQuestion) -> frozenset[str]:
    """The aspects that a question was labelled with, and what follows from them."""
    labels = frozenset(question.aspects)
    figure = question.wanted == "figure" or bool(labels & FIGURES)
    return labels | {FIGURE} if figure else labels


def train(vectors: Vectors) -> Model:
    """The heads from all training questions, with thresholds of files left out in turn."""
    names = (*LEFT_OUT_IN_TURN, *ALWAYS_TRAINING)
    held = read_questions((*names, *OF_ASPECTS))
    always = [each for name in OF_ASPECTS for each in held[name]]
    told: dict[str, list[Floats]] = {"with": [], "without": []}
    truths = []
    for name in names:
        rest = [each for other in names if other != name for each in held[other]]
        model = fit([*rest, *always], vectors)
        scores = scores_by(model, held[name], vectors)
        for way, own in scores.items():
            told[way].append(own)
        truths.append(_truth(held[name]))
    truth = np.vstack(truths)
    least = {way: thresholds(np.vstack(own), truth) for way, own in told.items()}
    every = [each for name in names for each in held[name]]
    return fit([*every, *always], vectors, least, training_digest(also=OF_ASPECTS))


def fit(
    questions: Sequence[LabelledQuestion],
    vectors: Vectors,
    least: Mapping[str, Floats] | None = None,
    data: str = "",
) -> Model:
    """Heads learned from these questions; `least` are the thresholds, with vectors and without."""
    features = [features_of(each.question) for each in questions]
    rarity = {kind: rarity_of(features, kind) for kind in BUCKETS}
    held = np.stack([vectors[each.question] for each in questions])
    mean = held.mean(axis=0)
    truth = _truth(questions)
    ways = {"with": VECTOR_SCALE * (held - mean), "without": None}
    weights = {}
    for way, own in ways.items():
        found = _weights(matrix_of(features, rarity, own), truth)
        bias = found.bias - (0.0 if least is None else least[way])
        weights[way] = Weights(found.blocks, bias.astype(np.float32))
    model = Model(rarity, mean, weights["with"], weights["without"], data)
    # What is scored is what is written: eight bits a weight.
    return read_model(model_bytes(model, LEAST_WEIGHT))


def scores_by(
    model: Model, questions: Sequence[LabelledQuestion], vectors: Vectors
) -> dict[str, Floats]:
    """The scores of each aspect for each question, with the questions' vectors and without."""
    features: list[Features] = [features_of(each.question) for each in questions]
    held = [vectors[each.question] for each in questions]
    return {
        "with": np.stack(
            [scores_of(model, own, each) for own, each in zip(features, held, strict=True)]
        ),
        "without": np.stack([scores_of(model, own, None) for own in features]),
    }


def test(model: Model, vectors: Vectors) -> list[Score]:
    """The figures on the test file, by another writer than all that was learned from."""
    questions = read_questions((TEST,))[TEST]
    scores, truth = scores_by(model, questions, vectors), _truth(questions)
    languages = np.array([each.language for each in questions])
    found = []
    for place, aspect in enumerate(TOLD):
        for language in LANGUAGES:
            rows = (languages == language) | (language == "all")
            right = truth[rows, place]
            own = {way: f1(right, told[rows, place] > 0) for way, told in scores.items()}
            found.append(Score(aspect, language, int(right.sum()), own["with"], own["without"]))
    return found


def thresholds(scores: Floats, truth: _Truth) -> Floats:
    """The threshold of each aspect that is best on these scores; the nearest to 0 of equals."""
    best = []
    for at, aspect in enumerate(TOLD):
        beta = PRECISELY if aspect in DEMANDED else 1.0
        gains = [f1(truth[:, at], scores[:, at] > least, beta) for least in THRESHOLDS]
        ranked = zip(gains, (-abs(least) for least in THRESHOLDS), THRESHOLDS, strict=True)
        best.append(max(ranked)[2])
    return np.array(best, np.float32)


def f1(right: _Truth, told: _Truth, beta: float = 1.0) -> float:
    """F1 of what is told, or F of `beta`: how often recall counts; 0 where nothing is right."""
    square = beta * beta
    every = square * right.sum() + told.sum()
    return float((1 + square) * (right & told).sum() / every) if every else 0.0


def score_table(scores: Sequence[Score]) -> Table:
    """The figures as a table."""
    table = Table(title="F1 of aspects on questions not learned from")
    for heading in ("aspect", "language", "questions", "with vector", "without"):
        table.add_column(heading)
    for each in scores:
        figures = (f"{each.with_vector:.3f}", f"{each.without_vector:.3f}")
        table.add_row(each.aspect, each.language, str(each.questions), *figures)
    return table


def _truth(questions: Sequence[LabelledQuestion]) -> _Truth:
    labels = [labels_of(each) for each in questions]
    return np.array([[name in own for name in TOLD] for own in labels])


def _weights(matrix: Matrix, truth: _Truth) -> Weights:
    """The weights of all aspects: sums of the features of questions.

    How much of each question is found in the basis in which what questions share is a unit; there
    the optimiser needs few steps.
    """
    rows = matrix.rows.astype(np.float32)
    count, width = truth.shape
    shared = (rows @ rows.T).toarray()
    shared[np.diag_indices(count)] += RIDGE
    basis: Floats = cholesky(shared, lower=True, overwrite_a=True)
    signs = np.where(truth, 1, -1).astype(np.float32)

    def loss(values: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        own = values[:-width].reshape(count, width).astype(np.float32)
        margins = signs * (basis @ own + values[-width:].astype(np.float32))
        lost = FREEDOM * np.logaddexp(0, -margins).sum() + 0.5 * (own * own).sum()
        slope = -FREEDOM * signs / (1 + np.exp(np.clip(margins, -60, 60)))
        steps = [(basis.T @ slope + own).ravel(), slope.sum(axis=0)]
        return float(lost), np.concatenate(steps).astype(np.float64)

    start = np.zeros(count * width + width)
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": STEPS})
    own = found.x[:-width].reshape(count, width).astype(np.float32)
    columns = rows.T @ solve_triangular(basis, own, trans="T", lower=True)
    blocks = {
        name: np.ascontiguousarray(columns[part], np.float32)
        for name, part in matrix.starts.items()
    }
    return Weights(blocks, found.x[-width:].astype(np.float32))
