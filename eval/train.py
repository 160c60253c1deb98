"""Learns the heads that understand a question (index/request/heads.py) from labelled questions.

Logistic regression; every figure is of a file of questions that was not learned from. Writes the
heads' file. What the question's aspects are learned by: eval/train_aspects.py.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.table import Table
from scipy import sparse
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score

from eval.labelled_questions import (
    ALWAYS_TRAINING,
    LEFT_OUT_IN_TURN,
    OF_ASPECTS,
    TEST,
    LabelledQuestion,
    read_questions,
    training_digest,
)
from index.request.heads import (
    FLAG_SCALE,
    VECTOR_SCALE,
    WANTED,
    Heads,
    Model,
    Weights,
    block_of,
    predict_with,
    read_model,
)
from index.request.question_features import BUCKETS, Features, features_of, flag_names
from index.search.asked import mean_bytes

# How little the weights are held back, by head; chosen on files left out in turn.
_FREEDOM = {"wanted": 20.0, "leans": 3.0}
# N-grams of fewer questions than these say nothing.
_FEWEST = 2
# Questions that ask in full, put behind one that has nothing to do with them: they do not lean.
_FOREIGN_PAIRS = 400
_FOREIGN_WEIGHT = 0.1
_SEED = 7
LANGUAGES = ("all", "zh", "en")

Vectors = Mapping[str, NDArray[np.float32]]
Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Score:
    """Macro-F1 of one head on questions not learned from."""

    held_out: str
    head: str
    language: str
    questions: int
    with_vector: float
    without_vector: float


@dataclass(frozen=True)
class Matrix:
    """Questions as rows: blocks of features side by side, and where each begins."""

    rows: sparse.csr_matrix
    starts: Mapping[str, slice]


def fit(questions: Sequence[LabelledQuestion], vectors: Vectors, data: str = "") -> Model:
    """Heads learned from these questions; `vectors` holds the vector of each by its text."""
    features = [features_of(each.question, each.before) for each in questions]
    rarity = {kind: rarity_of(features, kind) for kind in BUCKETS}
    held = np.stack([vectors[each.question] for each in questions])
    mean = held.mean(axis=0)
    pairs = _foreign_pairs(questions)
    paired = [features_of(question, before) for question, before in pairs]
    behind = np.stack([vectors[question] for question, _ in pairs]) if pairs else held[:0]

    def weights(own: Floats | None, foreign: Floats | None) -> Weights:
        matrix = matrix_of(features, rarity, own)
        others = matrix_of(paired, rarity, foreign)
        return _weights(questions, matrix, others)

    centred = (VECTOR_SCALE * (held - mean), VECTOR_SCALE * (behind - mean))
    model = Model(rarity, mean, weights(*centred), weights(None, None), data)
    # What is scored is what is written: eight bits a weight.
    return read_model(model_bytes(model))


def score(
    model: Model,
    name: str,
    questions: Sequence[LabelledQuestion],
    vectors: Vectors,
) -> list[Score]:
    """How well a model tells labels that it has not seen."""
    told = [
        {
            "with": predict_with(model, features, each.before, vectors[each.question]),
            "without": predict_with(model, features, each.before, None),
        }
        for each in questions
        for features in [features_of(each.question, each.before)]
    ]
    scores = []
    for head in ("wanted", "leans", "conversation"):
        for language in LANGUAGES:
            chosen = [
                (each, heads)
                for each, heads in zip(questions, told, strict=True)
                # Without a question before it nothing leans.
                if language in ("all", each.language) and (head != "leans" or each.previous)
            ]
            if not chosen:
                # A writer of one language.
                continue
            figures = {
                way: _macro_f1(head, [(each, heads[way]) for each, heads in chosen])
                for way in ("with", "without")
            }
            scores.append(
                Score(
                    name,
                    head,
                    language,
                    len(chosen),
                    figures["with"],
                    figures["without"],
                )
            )
    return scores


def cross_validate(vectors: Vectors) -> list[Score]:
    """Each file left out in turn, learned from the others."""
    files = read_questions((*LEFT_OUT_IN_TURN, *ALWAYS_TRAINING))
    scores = []
    for name in LEFT_OUT_IN_TURN:
        rest = [each for other, rows in files.items() if other != name for each in rows]
        scores += score(fit(rest, vectors), name, files[name], vectors)
    return scores


def train(vectors: Vectors) -> Model:
    """The heads from all training questions; the test file is not among them."""
    files = read_questions((*LEFT_OUT_IN_TURN, *ALWAYS_TRAINING))
    return fit([each for rows in files.values() for each in rows], vectors, training_digest())


def test(model: Model, vectors: Vectors) -> list[Score]:
    """The trained model on the test file, by another writer than all that it learned from."""
    return score(model, TEST, read_questions((TEST,))[TEST], vectors)


def mean_of_english(vectors: Vectors, encoder: str) -> bytes:
    """The file of what English questions share (index/search/asked.py), of those learned from."""
    files = read_questions((*LEFT_OUT_IN_TURN, *ALWAYS_TRAINING)).values()
    english = [each.question for rows in files for each in rows if each.language == "en"]
    return mean_bytes(np.stack([vectors[text] for text in english]), encoder, training_digest())


def score_table(scores: Sequence[Score]) -> Table:
    """The figures as a table."""
    table = Table(title="Macro-F1 on questions not learned from")
    for heading in (
        "held out",
        "head",
        "language",
        "questions",
        "with vector",
        "without",
    ):
        table.add_column(heading)
    for each in scores:
        figures = (each.with_vector, each.without_vector)
        table.add_row(
            each.held_out,
            each.head,
            each.language,
            str(each.questions),
            *(f"{figure:.3f}" for figure in figures),
        )
    return table


def texts_to_encode(test: bool) -> list[str]:
    """The questions whose vectors training needs, with the test file's if it is scored."""
    names = (*LEFT_OUT_IN_TURN, *ALWAYS_TRAINING, *OF_ASPECTS, *((TEST,) if test else ()))
    rows = read_questions(names).values()
    return sorted({each.question for questions in rows for each in questions})


def model_bytes(model: Model, least: float = 0.0) -> bytes:
    """A model as a file: weights in eight bits, each column to its own scale.

    Weights of less than the share `least` of the largest of their column are left out.
    """
    arrays: dict[str, Any] = {"mean": model.mean, "data": np.array(model.data)}
    for kind, rarity in model.rarity.items():
        arrays[f"rarity.{kind}"] = rarity.astype(np.float16)
    for name, weights in (("with", model.with_vector), ("without", model.without_vector)):
        arrays[f"{name}.bias"] = weights.bias
        for block, values in weights.blocks.items():
            scale = np.maximum(np.abs(values).max(axis=0), 1e-9) / 127
            kept = np.where(np.abs(values) < 127 * least * scale, 0.0, values)
            arrays[f"{name}.{block}"] = np.round(kept / scale).astype(np.int8)
            arrays[f"scale.{name}.{block}"] = scale.astype(np.float32)
    out = BytesIO()
    np.savez_compressed(out, allow_pickle=False, **arrays)
    return out.getvalue()


def rarity_of(features: Sequence[Features], kind: str) -> Floats:
    """How much each bucket counts: more the fewer questions have it, nothing if hardly one has."""
    seen = np.zeros(BUCKETS[kind], dtype=np.float32)
    for each in features:
        seen[list(each.counts[kind])] += 1
    rarity = np.log((1 + len(features)) / (1 + seen)) + 1
    # Rounded as it will be kept, so that the weights are fitted to what they will meet.
    return np.where(seen >= _FEWEST, rarity, 0.0).astype(np.float16).astype(np.float32)


def matrix_of(
    features: Sequence[Features], rarity: Mapping[str, Floats], vectors: Floats | None
) -> Matrix:
    """Questions as rows: n-grams by their rarity, flags, and vectors if there are any."""
    parts: list[Any] = []
    starts: dict[str, slice] = {}
    at = 0

    def add(name: str, part: Any) -> None:
        nonlocal at
        parts.append(part)
        starts[name] = slice(at, at + part.shape[1])
        at += part.shape[1]

    for kind, buckets in BUCKETS.items():
        blocks = [block_of(each, kind, rarity[kind]) for each in features]
        ends = np.cumsum([0, *(len(places) for places, _ in blocks)])
        places = np.concatenate([np.empty(0, np.int64), *(places for places, _ in blocks)])
        values = np.concatenate([np.empty(0, np.float32), *(values for _, values in blocks)])
        add(kind, sparse.csr_matrix((values, places, ends), shape=(len(features), buckets)))
    names = flag_names()
    flags = [[FLAG_SCALE * (name in each.flags) for name in names] for each in features]
    add("flag", sparse.csr_matrix(np.array(flags, np.float32).reshape(len(features), len(names))))
    if vectors is not None:
        add("vector", sparse.csr_matrix(vectors))
    return Matrix(sparse.hstack(parts).tocsr(), starts)


def _weights(questions: Sequence[LabelledQuestion], matrix: Matrix, foreign: Matrix) -> Weights:
    """The coefficients of both regressions side by side, as Weights has them."""
    rows = matrix.rows
    wanted = _regression("wanted").fit(rows, [each.wanted for each in questions])
    order = [list(wanted.classes_).index(kind) for kind in WANTED]
    after = [place for place, each in enumerate(questions) if each.previous]
    labels = [questions[place].leans for place in after] + [False] * foreign.rows.shape[0]
    shares = [1.0] * len(after) + [_FOREIGN_WEIGHT] * foreign.rows.shape[0]
    leans = _regression("leans").fit(
        sparse.vstack([rows[after], foreign.rows]).tocsr(), labels, sample_weight=shares
    )
    coefficients = np.vstack([wanted.coef_[order], leans.coef_]).T
    bias = np.concatenate([wanted.intercept_[order], leans.intercept_])
    blocks = {
        name: np.ascontiguousarray(coefficients[part], dtype=np.float32)
        for name, part in matrix.starts.items()
    }
    return Weights(blocks, bias.astype(np.float32))


def _regression(head: str) -> LogisticRegression:
    return LogisticRegression(C=_FREEDOM[head], max_iter=500)


def _foreign_pairs(questions: Sequence[LabelledQuestion]) -> list[tuple[str, str]]:
    """Questions that ask in full, each behind a question of somebody else."""
    alone = [each for each in questions if not each.previous and each.wanted != "conversation"]
    choice = random.Random(_SEED)
    chosen = choice.sample(alone, min(_FOREIGN_PAIRS, len(alone)))
    return [(each.question, choice.choice(alone).question) for each in chosen]


def likeliest(heads: Heads) -> str:
    """The kind that a question most probably wants."""
    return max(heads.wanted, key=heads.wanted.__getitem__)


def _macro_f1(head: str, told: Sequence[tuple[LabelledQuestion, Heads]]) -> float:
    if head == "leans":
        right = [str(each.leans) for each, _ in told]
        said = [str(heads.leans >= 0.5) for _, heads in told]
    else:
        right = [each.wanted for each, _ in told]
        said = [likeliest(heads) for _, heads in told]
    if head == "conversation":
        right = [str(kind == "conversation") for kind in right]
        said = [str(kind == "conversation") for kind in said]
    return float(f1_score(right, said, average="macro", zero_division=0.0))
