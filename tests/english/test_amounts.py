"""Amounts of Chinese texts in English figures."""

from __future__ import annotations

from decimal import Decimal

import pytest

from rag.english.amounts import in_figures, with_english_amounts


@pytest.mark.parametrize(
    ("chinese", "english"),
    [
        ("达到3200亿元,", "达到 RMB 320 billion ,"),
        ("420万人", " 4.2 million 人"),
        ("2万平方米", " 20,000 平方米"),
        ("1.5万亿元", " RMB 1.5 trillion "),
        ("5千万元以上", " RMB 50 million 以上"),
        ("12,345,678元", " RMB 12.345678 million "),
        ("1000元", " RMB 1,000 "),
        ("12.5元", " RMB 12.5 "),
        ("0.5亿港元", " HK$50 million "),
        ("400亿美元", " US$40 billion "),
        ("10万欧元", " EUR 100,000 "),
        ("30亿日元", " JPY 3 billion "),
        ("100亿元人民币", " RMB 10 billion "),
        ("人民币100万元", " RMB 1 million "),
        ("2亿多元", " more than RMB 200 million "),
        ("30亿至40亿元", " 3 billion 至 RMB 4 billion "),
    ],
)
def test_amounts_in_digits(chinese: str, english: str) -> None:
    assert with_english_amounts(chinese) == english


@pytest.mark.parametrize(
    ("chinese", "english"),
    [
        ("百亿美元", " US$10 billion "),
        ("两万亿元", " RMB 2 trillion "),
        ("二十万元", " RMB 200,000 "),
        ("亿元", " RMB 100 million "),
    ],
)
def test_amounts_in_numerals(chinese: str, english: str) -> None:
    assert with_english_amounts(chinese) == english


@pytest.mark.parametrize(
    "text", ["18家", "2025年", "千家万户", "大众创业、万众创新", "十四五", "人民币国际化", "第12条"]
)
def test_what_is_no_large_amount_stays(text: str) -> None:
    assert with_english_amounts(text) == text


def test_both_ends_of_a_range_have_its_unit() -> None:
    told = with_english_amounts("补助2-3万元").split()
    assert told == ["补助", "RMB", "20,000", "to", "RMB", "30,000"]


@pytest.mark.parametrize(
    ("chinese", "english"),
    [
        ("40个左右", " about 40个"),
        ("15%左右", " about 15%"),
        ("3万人左右", " about  30,000 人"),
    ],
)
def test_about_comes_before_the_number(chinese: str, english: str) -> None:
    assert with_english_amounts(chinese) == english


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("999999", "999,999"),
        ("1000000", "1 million"),
        ("1234500000", "1.2345 billion"),
        ("320000000000", "320 billion"),
        ("2000000000000", "2 trillion"),
        ("12.50", "12.5"),
        ("0", "0"),
    ],
)
def test_figures_are_exact(value: str, written: str) -> None:
    assert in_figures(Decimal(value)) == written
