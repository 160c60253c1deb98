"""What kinds of thing a question asks for, and in which shape, told by learned heads: its aspects.

Linear heads over the question's vector and n-grams, as those of heads.py, one for each aspect, with
weights that `python -m eval train` writes (aspects.npz). What an aspect means stands in
docs/evaluating.md. Only the question is read; what shows a kind of thing in a text: demand.py.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from index.request.heads import Model, read_model, scores_of
from index.request.question_features import Features, features_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

WEIGHTS = "aspects.npz"
# What readers label: contents of the answer, then its shape.
CONTENTS = (
    "money", "share", "area", "count", "period", "day", "frequency", "points", "contact", "person",
    "company", "place", "body", "article", "result", "yes-no", "definition", "reason",
)  # fmt: skip
SHAPES = (
    "one", "items", "measures", "summary", "whole", "compares", "difference", "twice", "document",
    "talk",
)  # fmt: skip
LABELLED = (*CONTENTS, *SHAPES)
# A figure of whatever kind follows from the labels, and has a head of its own: decibels, tonnes.
FIGURES = frozenset({"money", "share", "area", "count", "period", "points"})
FIGURE = "figure"
# Too few questions ask for some to learn them, so that patterns tell as much (demand.py); nobody
# goes by others.
_LEFT_OUT = frozenset({
    "area", "frequency", "points", "contact", "person", "company", "place", "result",
    "definition", "reason", "talk",
})  # fmt: skip
TOLD = tuple(name for name in (*LABELLED, FIGURE) if name not in _LEFT_OUT)


def aspects_of(question: str, vector: NDArray[np.float32] | None = None) -> frozenset[str]:
    """The aspects of TOLD that a question probably has.

    `vector` is the default encoder's vector of the question as a query; without it other weights
    tell, somewhat less well.
    """
    return aspects_with(load_model(), features_of(question), vector)


def aspects_with(
    model: Model, features: Features, vector: NDArray[np.float32] | None
) -> frozenset[str]:
    """The same with a model of one's own. Thresholds are in the biases."""
    scores = scores_of(model, features, vector)
    return frozenset(name for name, score in zip(TOLD, scores, strict=True) if score > 0)


@cache
def load_model() -> Model:
    """The model that comes with the project."""
    return read_model((files("index.request") / WEIGHTS).read_bytes())
