"""Learns the probe (rag/answer/probe.py) from states of the model that rows of the decision keep.

A state is kept in a row as text: eight bits a number, of a state brought to one length. What a row
is told of its own states comes from a probe that has not seen its document.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold
from sklearn.preprocessing import StandardScaler

from eval.case import EvalFault
from eval.kept_rows import Row
from rag.answer.probe import Probe, of_one_length

# How little the weights are held back: chosen on documents and writers held out.
FREEDOM = 0.003
GROUPS = 10
# Levels on each side of 0 that a number is kept in.
LEVELS = 127


def as_text(vector: npt.NDArray[np.float32]) -> str:
    """A state as a row keeps it."""
    scaled = of_one_length(vector)
    levels = np.round(scaled * (LEVELS / np.abs(scaled).max())).astype(np.int8)
    return base64.b64encode(levels.tobytes()).decode()


def from_text(text: str) -> npt.NDArray[np.float32]:
    """The state of a row, of one length: float32 [width]."""
    levels = np.frombuffer(base64.b64decode(text), np.int8)
    return of_one_length(levels.astype(np.float32))


def has_states(row: Row) -> bool:
    """Whether the model's states are known of all clauses of a row."""
    return bool(row.options) and all(option.state for option in row.options)


def without_states(rows: Sequence[Row]) -> list[Row]:
    """The rows that were read without states."""
    return [row for row in rows if not has_states(row)]


def fit(rows: Sequence[Row], freedom: float = FREEDOM) -> Probe:
    """The probe learned from the rows that have states, all of one model and layer.

    Of several clauses of one question each counts less. Raises EvalFault where states differ.
    """
    known = [(row, option) for row in rows if has_states(row) for option in row.options]
    models = {option.states_of for _, option in known}
    if len(models) != 1:
        raise EvalFault(f"states of one model's layer are learned from, not of {sorted(models)}")
    vectors = np.array([from_text(option.state) for _, option in known])
    labels = [option.right for _, option in known]
    shares = [1.0 / len(row.options) ** 0.5 for row, _ in known]
    usual = StandardScaler().fit(vectors)
    learned = LogisticRegression(C=freedom, max_iter=3000)
    learned.fit(usual.transform(vectors), labels, sample_weight=shares)
    weights = learned.coef_[0] / usual.scale_
    bias = float(learned.intercept_[0] - weights @ usual.mean_)
    return Probe(models.pop(), weights.astype(np.float32), bias)


def with_contains(rows: Sequence[Row], freedom: float = FREEDOM) -> list[Row]:
    """The rows that have states, told by probes of other documents what these say."""
    known = [row for row in rows if has_states(row)]
    documents = [row.document for row in known]
    told: list[Row] = []
    groups = GroupKFold(min(GROUPS, len(set(documents))))
    for learned, held_out in groups.split(known, groups=documents):
        probe = fit([known[at] for at in learned], freedom)
        told += [_told(known[at], probe) for at in held_out]
    return told


def _told(row: Row, probe: Probe) -> Row:
    options = []
    for option in row.options:
        contains = round(probe.odds(from_text(option.state)), 4)
        english = {"contains in english": contains} if option.features.get("english") else {}
        features = {**option.features, "contains": contains, **english}
        options.append(replace(option, features=features))
    return replace(row, options=tuple(options))
