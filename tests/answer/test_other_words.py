"""Statements in other words: when the model is asked, and what its judgement may change."""

from __future__ import annotations

import pytest
from fakes import FakeGenerator
from fakes_index import HashEncoder, built_in

from rag.answer.citation_check import check_citation
from rag.answer.other_words import LEAST, LEAST_OF_SUPPORTED, MOST_JUDGED, OtherWords
from rag.errors import ModelFault
from rag.schema import Judgement

JIANGSU = "jiangsu-ecommerce#二/(四)/14"
OTHER_WORDS = "县域电商这块，县级公共服务中心的统筹能力要强起来，农村电商人才要加大培养。"


def judging(yes: float | None) -> FakeGenerator:
    """Says one logit of every statement."""
    return FakeGenerator(verdict=lambda text, question: Judgement(-1.0, yes))


def verdict(generator: FakeGenerator, statement: str, label: str = JIANGSU) -> str | None:
    encoder = HashEncoder()
    other_words = OtherWords(lambda: generator, lambda: encoder)
    return other_words.check_citation(label, statement, built_in()).verdict


@pytest.mark.parametrize(
    ("yes", "told"),
    [(LEAST, "supported"), (LEAST - 0.1, "not_found_in_article"), (None, "not_found_in_article")],
)
def test_what_lacks_words_alone_is_judged(yes: float | None, told: str) -> None:
    assert check_citation(JIANGSU, OTHER_WORDS, built_in()).verdict == "not_found_in_article"
    generator = judging(yes)
    assert verdict(generator, OTHER_WORDS) == told
    (asked,) = generator.asked
    assert asked.question == OTHER_WORDS and "县级电子商务" in asked.text and len(asked.text) < 600


def test_wrong_numbers_are_not_overruled() -> None:
    generator = judging(9.0)
    statement = "江苏到2025年农村网络零售额要达到3300亿元。"
    assert verdict(generator, statement, "jiangsu-ecommerce#一") == "numbers_differ"
    assert generator.asked == []


@pytest.mark.parametrize(
    ("yes", "told"), [(LEAST_OF_SUPPORTED, "supported"), (-0.1, "not_found_in_article")]
)
def test_words_alone_are_not_enough(yes: float, told: str) -> None:
    statement = "到2026年，杭州的数字贸易额要做到4300亿元。"
    label = "hangzhou-2024#一/(一)"
    assert check_citation(label, statement, built_in()).verdict == "supported"
    assert verdict(judging(yes), statement, label) == told


def test_the_words_of_the_article_need_no_model() -> None:
    generator = judging(-9.0)
    words = next(c for c in built_in().documents["jiangsu-ecommerce"].clauses if c.id == JIANGSU)
    assert verdict(generator, words.body[:40]) == "verbatim"
    assert generator.asked == []


def test_another_body_is_not_overruled() -> None:
    generator = judging(9.0)
    label = "hangzhou-2024#二/(一)/1"
    assert verdict(generator, "由市教育局建立数字贸易统计体系。", label) != "supported"
    assert generator.asked == []


def test_without_the_model_it_goes_by_words_and_says_so() -> None:
    def fails(text: str, question: str) -> Judgement:
        raise ModelFault("model-closed")

    other_words = OtherWords(lambda: FakeGenerator(verdict=fails), HashEncoder)
    label, statement = "hangzhou-2024#一/(一)", "到2026年，杭州的数字贸易额要做到4300亿元。"
    checked = other_words.check_citation(label, statement, built_in())
    assert checked.verdict == "supported"
    assert checked.reasons[-1].startswith("The language model could not be asked")


def test_of_many_sentences_the_first_ones_are_judged() -> None:
    generator = judging(1.0)
    many = "".join(f"{OTHER_WORDS[:-1]}{sign}好。" for sign in "甲乙丙丁戊己庚辛壬癸")
    other_words = OtherWords(lambda: generator, HashEncoder)
    checked = other_words.check_citation(JIANGSU, many, built_in())
    assert len(generator.asked) == MOST_JUDGED
    assert checked.reasons[-1].startswith("The language model has read the first")
