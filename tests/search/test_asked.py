"""What English questions share is taken off their vectors, and off no others."""

import io
from importlib.resources import files

import numpy as np
import pytest

from eval.labelled_questions import training_digest
from index.search.asked import SHARE, load_mean, mean_bytes, without_common
from index.search.embed import load_encoder


def test_only_english_questions_of_the_same_encoder_change() -> None:
    mean, encoder = load_mean()
    vectors = np.eye(3, 384, dtype=np.float32)
    assert without_common(vectors, "zh", encoder) is vectors
    assert without_common(vectors, "en", "another") is vectors
    changed = without_common(vectors, "en", encoder)
    assert np.allclose(changed, vectors - SHARE * mean)
    assert changed.dtype == np.float32


def test_the_mean_is_of_the_english_questions_that_are_here() -> None:
    held = (files("index.search") / "asked.npz").read_bytes()
    with np.load(io.BytesIO(held)) as arrays:
        assert str(arrays["data"]) == training_digest(), "run python -m eval train"


def test_a_mean_is_written_as_it_is_read() -> None:
    vectors = np.array([[1, 0], [0, 1]], np.float32)
    with np.load(io.BytesIO(mean_bytes(vectors, "encoder", "data"))) as arrays:
        assert arrays["mean"].tolist() == [0.5, 0.5]
        assert (str(arrays["encoder"]), str(arrays["data"])) == ("encoder", "data")


@pytest.mark.slow
def test_english_questions_find_their_chinese_rather_than_what_any_question_finds() -> None:
    encoder = load_encoder()
    clauses = (
        "第五条　对未按期报送年度报告的企业，由市场监管部门处一万元以下的罚款。",
        "第九条　设立外国语学校，应当有与办学规模相适应的教师。",
        "附件 Q&A：What? How? When? 1. 2. 3. FAQ",
        "第十一条　船舶进入港口前，应当向海事管理机构报告。",
    )
    held = encoder.encode_passages(clauses)
    asked = {
        "How big is the fine for a company that does not hand in its yearly report?": 0,
        "What does it take to open a school for foreign languages?": 1,
        "Does a ship have to report before it comes into harbour?": 3,
    }
    vectors = encoder.encode_queries(list(asked))
    found = without_common(vectors, "en", encoder.digest) @ held.T
    assert found.argmax(axis=1).tolist() == list(asked.values())
