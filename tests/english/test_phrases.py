"""English for names of figures and terms, word by word."""

from __future__ import annotations

import pytest

from rag.english.phrases import english_of, phrase_in_english


@pytest.mark.parametrize(
    ("chinese", "english"),
    [
        ("冷链物流企业", "cold chain logistics enterprises"),
        ("冷库总容量", "cold storage total capacity"),
        ("5G用户普及率", "5G user penetration rate"),
        ("临江市商务局", "Linjiang Municipal Bureau of Commerce"),
        ("财政部", "Ministry of Finance"),
    ],
)
def test_names_come_out_word_by_word(chinese: str, english: str) -> None:
    assert phrase_in_english(chinese, {}) == english


SENTENCE = "比上年提高的幅度以及与全国平均水平相比的差距逐步缩小到合理区间"


@pytest.mark.parametrize("chinese", ["", "甪堰产值", SENTENCE])
def test_there_is_none_where_a_word_is_not_known_or_the_name_is_a_sentence(chinese: str) -> None:
    assert english_of(chinese, {}) == ""


def test_the_glossary_is_asked_first() -> None:
    assert english_of("冷库总容量", {"冷库": "cold stores"}) == "cold stores total capacity"
    assert english_of("冷库总容量", {"冷库总容量": "capacity of cold stores"}) == (
        "capacity of cold stores"
    )
