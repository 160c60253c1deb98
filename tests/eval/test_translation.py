"""The yardstick of translation: which sentences, what is compared, what is counted."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from fakes import FakeGenerator
from numpy.typing import NDArray

from eval.translation import Pair, compare, reference, sample, translate, write

PAIRS = [
    Pair(
        "a", "到2025年,培育冷链企业不少于20家。", "By 2025, cultivate at least 20 cold chain firms."
    ),
    Pair("a", "完善冷链物流工作机制。", "Improve the working mechanisms of cold chain logistics."),
]


class Letters:
    """An encoder that knows how often each letter stands in a text."""

    name = digest = "letters"
    dimension = 128

    def encode_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        rows = [np.bincount([min(ord(c), 127) for c in text], minlength=128) for text in texts]
        return np.array(rows, np.float32)

    encode_queries = encode_passages


def test_the_reviewed_sentences_are_those_of_the_five_documents() -> None:
    pairs = reference()
    assert len({pair.document for pair in pairs}) == 5
    assert all(pair.zh.strip() and pair.en.strip() for pair in pairs)


def test_a_sample_is_fixed_and_has_short_and_long_ones_of_each_document() -> None:
    pairs = reference()
    chosen = sample(pairs, 100)
    assert chosen == sample(list(pairs), 100)
    assert len(chosen) == len(set(chosen)) and 95 <= len(chosen) <= 105
    for document in {pair.document for pair in pairs}:
        lengths = [len(pair.zh) for pair in chosen if pair.document == document]
        assert len(lengths) >= 15 and min(lengths) < 25 and max(lengths) > 80


def test_the_reference_itself_is_perfect_and_a_wrong_sentence_is_counted() -> None:
    perfect = compare(Letters(), PAIRS, [pair.en for pair in PAIRS], [], 2.0)
    assert perfect.chrf == 100 and perfect.seconds == 1.0
    assert not any(row.faults for row in perfect.sentences)
    wrong = ["By 2025, cultivate 30 firms.", ""]
    result = compare(Letters(), PAIRS, wrong, [("冷链", "cold chain")], 2.0)
    assert result.chrf < 60
    kinds = [{fault.kind for fault in row.faults} for row in result.sentences]
    assert kinds == [{"number", "lost number", "force"}, {"empty"}]
    assert [(row.terms, row.terms_kept) for row in result.sentences] == [(1, 0), (1, 0)]


def test_a_document_is_translated_without_its_own_sentences(tmp_path: Path) -> None:
    chosen = sample(reference(), 10)
    generator = FakeGenerator(lambda system, user: "Translated.")
    result = translate(generator, Letters(), chosen, {"memory"})
    # What two documents share word for word may come from the other one.
    assert sum(row.english == "Translated." for row in result.sentences) >= len(chosen) - 1
    write(result, tmp_path)
    rows = [json.loads(line) for line in (tmp_path / "sentences.jsonl").read_text().splitlines()]
    assert [row["zh"] for row in rows] == [pair.zh for pair in chosen]
    assert json.loads((tmp_path / "figures.json").read_text())["chrf"] == result.chrf
