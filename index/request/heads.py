"""Learned heads: what a question wants, whether it leans on the one before, whether it converses.

Linear heads over the question's vector and the features of question_features.py, with weights that
`python -m eval train` writes (heads.npz). They only tell how probable each is; nothing is decided.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from io import BytesIO
from typing import TYPE_CHECKING

from index.request.question_features import BUCKETS, Features, features_of, flag_names

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

WEIGHTS = "heads.npz"
WANTED = (
    "fact",
    "figure",
    "day",
    "list",
    "who",
    "whole_article",
    "where",
    "summary",
    "comparison",
    "count",
    "validity",
    "issue",
    "relation",
    "structure",
    "conversation",
    "none",
)
# How much a flag and a vector count beside n-grams of length 1; training and asking must agree.
FLAG_SCALE = 0.2
VECTOR_SCALE = 3.0


@dataclass(frozen=True)
class Heads:
    """What the heads make of a question; `wanted` sums to 1 over all kinds of WANTED."""

    wanted: Mapping[str, float]
    leans: float
    conversation: float


@dataclass(frozen=True)
class Weights:
    """Weights by block (the kinds of n-grams, `flag`, `vector`), and biases.

    One column for each thing told: of heads.npz WANTED in its order, the last for leaning.
    """

    blocks: Mapping[str, NDArray[np.float32]]
    bias: NDArray[np.float32]


@dataclass(frozen=True)
class Model:
    """All that a file of heads holds. `data` is the digest of the questions it was learned from."""

    rarity: Mapping[str, NDArray[np.float32]]
    mean: NDArray[np.float32]
    with_vector: Weights
    without_vector: Weights
    data: str


def predict(
    question: str, previous: str | None = None, vector: NDArray[np.float32] | None = None
) -> Heads:
    """What a question probably wants, after the question before it, if there is one.

    `vector` is the default encoder's vector of the question as a query; without it (another encoder
    is in use, or none) other weights tell, somewhat less well.
    """
    return predict_with(load_model(), features_of(question, previous), previous, vector)


def predict_with(
    model: Model, features: Features, previous: str | None, vector: NDArray[np.float32] | None
) -> Heads:
    """The same with a model of one's own, as training tries them."""
    import numpy as np

    scores = scores_of(model, features, vector)
    among = np.exp(scores[: len(WANTED)] - scores[: len(WANTED)].max())
    among /= among.sum()
    wanted = {kind: float(share) for kind, share in zip(WANTED, among, strict=True)}
    leans = 1.0 / (1.0 + float(np.exp(-np.clip(scores[-1], -60.0, 60.0))))
    # A head of its own told conversation less well than the one that weighs it against the rest.
    return Heads(wanted, 0.0 if previous is None else leans, wanted["conversation"])


def scores_of(
    model: Model, features: Features, vector: NDArray[np.float32] | None
) -> NDArray[np.float32]:
    """The score of each column of a model's weights, as log-odds before they are normed."""
    weights = model.without_vector if vector is None else model.with_vector
    scores = weights.bias.copy()
    for kind in BUCKETS:
        places, values = block_of(features, kind, model.rarity[kind])
        scores += values @ weights.blocks[kind][places]
    flags = [place for place, name in enumerate(flag_names()) if name in features.flags]
    scores += FLAG_SCALE * weights.blocks["flag"][flags].sum(axis=0)
    if vector is not None:
        scores += VECTOR_SCALE * (vector - model.mean) @ weights.blocks["vector"]
    return scores


def block_of(
    features: Features, kind: str, rarity: NDArray[np.float32]
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Buckets and values of one kind of n-grams: rare ones weigh more, and the length is 1."""
    import numpy as np

    counts = features.counts[kind]
    places = np.fromiter(counts.keys(), dtype=np.int64, count=len(counts))
    times = np.fromiter(counts.values(), dtype=np.float32, count=len(counts))
    values = (1.0 + np.log(times)) * rarity[places]
    length = float(np.sqrt(values @ values))
    unit: NDArray[np.float32] = (values / (length or 1.0)).astype(np.float32)
    return places, unit


@cache
def load_model() -> Model:
    """The model that comes with the project."""
    return read_model((files("index.request") / WEIGHTS).read_bytes())


def read_model(data: bytes) -> Model:
    """A model as `model_bytes` of the training wrote it.

    Weights are kept in eight bits, a scale for each column.
    """
    import numpy as np

    with np.load(BytesIO(data), allow_pickle=False) as held:
        arrays = {name: held[name] for name in held.files}

    def weights(name: str) -> Weights:
        blocks = {
            key.removeprefix(f"{name}."): arrays[key].astype(np.float32) * arrays[f"scale.{key}"]
            for key in arrays
            if key.startswith(f"{name}.") and not key.endswith(".bias")
        }
        return Weights(blocks, arrays[f"{name}.bias"])

    rarity = {kind: arrays[f"rarity.{kind}"].astype(np.float32) for kind in BUCKETS}
    return Model(rarity, arrays["mean"], weights("with"), weights("without"), str(arrays["data"]))
