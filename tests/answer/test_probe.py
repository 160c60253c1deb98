"""The probe: what the model's state says of whether a text has an answer."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pytest

from rag.answer import decision
from rag.answer.probe import as_bytes, contained, of_one_length, own_probe
from rag.llm.weights import model_name
from rag.schema import Judgement, State


def towards(share: float) -> State:
    """A state of the built-in model that points so far towards what the probe looks for."""
    probe = own_probe()
    across = np.random.default_rng(3).normal(size=probe.weights.shape)
    across -= probe.weights * (across @ probe.weights) / (probe.weights @ probe.weights)
    along = probe.weights / np.linalg.norm(probe.weights)
    vector = share * along + across / np.linalg.norm(across)
    return State(probe.model, vector.astype(np.float32))


def test_the_more_a_state_points_to_an_answer_the_likelier_it_is() -> None:
    told = [contained(towards(share)) for share in (-0.3, 0.0, 0.3)]
    assert None not in told and told == sorted(told, key=lambda each: each or 0.0)
    assert told[1] == pytest.approx(own_probe().bias, abs=1e-3)


def test_how_long_a_state_is_tells_nothing() -> None:
    state = towards(0.2)
    longer = replace(state, vector=7 * state.vector)
    assert contained(longer) == pytest.approx(contained(state), rel=1e-4)
    assert np.linalg.norm(of_one_length(longer.vector)) == pytest.approx(len(state.vector) ** 0.5)


def test_states_of_another_model_tell_nothing() -> None:
    state = towards(0.2)
    assert own_probe().model == f"{model_name(None)}, layer 18"
    assert contained(None) is None
    assert contained(replace(state, model="another")) is None
    assert contained(replace(state, vector=state.vector[:-1])) is None


def test_how_much_a_model_tells_goes_by_what_the_probe_knows() -> None:
    state = towards(0.2)
    assert decision.told_by(Judgement(-1.0, 0.5, state=state)) == decision.EVERYTHING
    other = replace(state, model="another")
    assert decision.told_by(Judgement(-1.0, 0.5, state=other)) == decision.LOGITS_AND_LIKELIHOODS


def test_the_file_is_read_as_it_was_written() -> None:
    with np.load(io.BytesIO(as_bytes(own_probe()))) as told:
        assert np.array_equal(told["weights"], own_probe().weights)
