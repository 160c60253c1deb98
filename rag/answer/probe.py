"""What the model's state says of whether a text contains an answer: a linear probe, fitted.

The word that a small model would say, Yes or No, keeps less than its state does where it is to say
it, and the last layers keep less than those before. The probe is a logistic regression over that
state, which is brought to one length and standardised; `python -m eval train --decision` fits it.
It knows the states of one model.

Source: Alain and Bengio 2016, linear classifier probes.
"""

from __future__ import annotations

import io
import math
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np
import numpy.typing as npt

from rag.schema import State

WEIGHTS = "probe.npz"


@dataclass(frozen=True)
class Probe:
    """The weights [width] over a state of length sqrt(width), and what is added; whose states."""

    model: str
    weights: npt.NDArray[np.float32]
    bias: float

    def odds(self, vector: npt.NDArray[np.float32]) -> float:
        """The log-odds that what was read to this state [width] contains the answer."""
        return float(of_one_length(vector) @ self.weights) + self.bias


def contained(state: State | None) -> float | None:
    """The log-odds that what was read contains the answer; None of states that are not known."""
    if state is None:
        return None
    probe = own_probe()
    if state.model != probe.model or state.vector.shape != probe.weights.shape:
        return None
    odds = probe.odds(state.vector)
    return odds if math.isfinite(odds) else None


def of_one_length(vectors: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """States [..., width], each brought to the length sqrt(width)."""
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    scaled: npt.NDArray[np.float32] = vectors * (np.sqrt(vectors.shape[-1]) / lengths)
    return scaled


@cache
def own_probe() -> Probe:
    """The probe that comes with the program."""
    data = resources.files(__package__).joinpath(WEIGHTS).read_bytes()
    with np.load(io.BytesIO(data)) as told:
        return Probe(str(told["model"]), told["weights"], float(told["bias"]))


def as_bytes(probe: Probe) -> bytes:
    """The probe as the file that the program reads."""
    file = io.BytesIO()
    bias = np.float32(probe.bias)
    np.savez_compressed(file, model=np.str_(probe.model), weights=probe.weights, bias=bias)
    return file.getvalue()
