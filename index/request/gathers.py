"""What a question wants gathered from many articles or documents, told by a learned head.

The tasks of a body, the articles or documents that speak of something, an extreme, a difference,
how a document is built, who is responsible: a linear head over the question's vector and n-grams,
as those of heads.py, with weights that `python -m eval train` writes (gathers.npz). Which body,
term or chapter is meant is no matter of it: that the documents' own words tell.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from index.request.heads import Model, read_model, scores_of
from index.request.question_features import Features, features_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

WEIGHTS = "gathers.npz"
NOTHING = "none"
# `tasks`: of a body; `mention`: articles that speak of something, `documents`: those that do;
# `extreme`: the highest or the most; `difference`: which is more, by how much; `structure`: how a
# document is built; `facts`: all targets, fines or the like; `who` is responsible for one thing;
# `where` one thing stands; none: whatever else.
GATHERED = (
    "tasks", "mention", "documents", "extreme", "difference", "structure", "facts", "who", "where",
    NOTHING,
)  # fmt: skip


def gathers_of(question: str, vector: NDArray[np.float32] | None = None) -> Mapping[str, float]:
    """How probable each of GATHERED is, which sum to 1.

    `vector` is the default encoder's vector of the question as a query; without it other weights
    tell, somewhat less well.
    """
    return gathers_with(load_model(), features_of(question), vector)


def gathers_with(
    model: Model, features: Features, vector: NDArray[np.float32] | None
) -> Mapping[str, float]:
    """The same with a model of one's own, as training tries them."""
    import numpy as np

    scores = scores_of(model, features, vector)
    among = np.exp(scores - scores.max())
    among /= among.sum()
    return {kind: float(share) for kind, share in zip(GATHERED, among, strict=True)}


@cache
def load_model() -> Model:
    """The model that comes with the project."""
    return read_model((files("index.request") / WEIGHTS).read_bytes())
