"""What a question wants gathered: the head's file fits its data and is small, and it tells."""

from __future__ import annotations

from importlib.resources import files

import numpy as np
import pytest

from eval.train_gathers import digest, read_asked
from index.request.gathers import GATHERED, WEIGHTS, gathers_of, load_model

ODD = ["", " ", "？", "a", "\ud800", "第", "x" * 5000, "🙂", "12", "《"]


@pytest.mark.parametrize("question", ODD)
def test_any_text_has_shares_that_sum_to_one(question: str) -> None:
    vector = np.full(384, 384**-0.5, np.float32)
    for shares in (gathers_of(question), gathers_of(question, vector)):
        assert tuple(shares) == GATHERED
        assert sum(shares.values()) == pytest.approx(1.0, abs=1e-4)


def test_the_file_was_learned_from_the_questions_that_are_here() -> None:
    assert load_model().data == digest(), "run python -m eval train"


def test_the_file_is_small() -> None:
    assert len((files("index.request") / WEIGHTS).read_bytes()) < 1_000_000


def test_every_label_is_known_and_both_languages_have_each_kind() -> None:
    asked = read_asked()
    for language in ("zh", "en"):
        assert {each.gathers for each in asked if each.language == language} == set(GATHERED)


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("林业局在这份方案里被派了哪些活？", "tasks"),
        ("Which tasks does the forestry bureau take part in?", "tasks"),
        ("森林法里写到护林员的条文都有哪些？", "mention"),
        ("哪几份文件说到了护林员？", "documents"),
        ("Which of the documents mention forest rangers?", "documents"),
        ("两份方案的造林目标哪个高，相差多少？", "difference"),
        ("How many chapters and articles does the Forest Law have?", "structure"),
        ("申请采伐许可要交哪些材料？", "none"),
        ("How do I apply to the forestry bureau for a permit?", "none"),
    ],
)
def test_the_kind_is_told_without_the_vector_too(question: str, kind: str) -> None:
    shares = gathers_of(question)
    assert max(shares, key=shares.__getitem__) == kind
