"""The learned aspects of questions: their file fits its data and is small, and they tell."""

from __future__ import annotations

from importlib.resources import files

import numpy as np
import pytest

from eval.labelled_questions import OF_ASPECTS, read_questions, training_digest
from eval.train_aspects import labels_of
from index.request.aspects import TOLD, WEIGHTS, aspects_of, load_model

ODD = ["", " ", "？", "a", "\ud800", "第", "x" * 5000, "🙂", "12", "《"]
# Without the vector, on every fifth question of the test file; the command prints higher ones.
FLOORS = {"count": 0.8, "day": 0.75, "body": 0.7, "article": 0.7, "whole": 0.75, "one": 0.85}


@pytest.mark.parametrize("question", ODD)
def test_any_text_has_aspects_or_none(question: str) -> None:
    vector = np.full(384, 384**-0.5, np.float32)
    assert aspects_of(question) <= set(TOLD)
    assert aspects_of(question, vector) <= set(TOLD)


def test_the_file_was_learned_from_the_questions_and_cues_that_are_here() -> None:
    assert load_model().data == training_digest(also=OF_ASPECTS), "run python -m eval train"


def test_the_file_is_small() -> None:
    assert len((files("index.request") / WEIGHTS).read_bytes()) < 1_200_000


def test_another_writers_questions_are_told_apart() -> None:
    rows = read_questions(["c"])["c"][::5]
    told = [(labels_of(each), aspects_of(each.question)) for each in rows]
    for aspect, floor in FLOORS.items():
        both = sum(aspect in right and aspect in own for right, own in told)
        either = sum((aspect in right) + (aspect in own) for right, own in told)
        assert 2 * both / either >= floor, aspect


@pytest.mark.parametrize(
    ("question", "aspects"),
    [
        ("最高补贴多少钱？", {"money", "figure", "one"}),
        ("What percentage of the cost is covered?", {"share", "figure", "one"}),
        ("要在多少天内答复？", {"period", "figure", "one"}),
        ("由哪个部门牵头？", {"body", "one"}),
        ("Which article covers drones?", {"article", "one"}),
    ],
)
def test_what_is_asked_for_is_told(question: str, aspects: set[str]) -> None:
    assert aspects <= aspects_of(question)
