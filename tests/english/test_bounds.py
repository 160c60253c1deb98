"""Bounds and numerals of Chinese sentences in English."""

from __future__ import annotations

import pytest

from rag.english.amounts import with_english_amounts
from rag.english.bounds import with_digits, with_english_bounds


@pytest.mark.parametrize(
    ("chinese", "english"),
    [
        (
            "处二十万元以上五十万元以下的罚款",
            "处 not less than RMB 200,000 but not more than RMB 500,000 的罚款",
        ),
        (
            "处违法所得一倍以上三倍以下罚款",
            "处违法所得 not less than 1倍 but not more than 3倍 罚款",
        ),
        ("每户最高不超过8万元", "每户 not more than RMB 80,000"),
        ("处5万元以下罚款", "处 not more than RMB 50,000 罚款"),
        ("比例不低于12%", "比例 not less than 12%"),
        ("经三分之二以上代表同意", "经 at least two-thirds 代表同意"),
        # A verb of its own is the model's.
        ("期限不得超过12个月", "期限不得超过12个月"),
        ("培育企业60家以上", "培育企业60家以上"),
    ],
)
def test_bounds(chinese: str, english: str) -> None:
    assert " ".join(with_english_amounts(with_english_bounds(chinese)).split()) == english


@pytest.mark.parametrize(
    ("chinese", "digits"),
    [
        ("九十日内提交", "90日内提交"),
        ("满十八周岁", "满18周岁"),
        ("百分之五", "5%"),
        ("第十五日", "第十五日"),
        ("二〇二一年十一月一日", "二〇二一年十一月一日"),
        ("一年一度的两会", "一年一度的两会"),
        ("千家万户", "千家万户"),
    ],
)
def test_numerals_of_quantities(chinese: str, digits: str) -> None:
    assert with_digits(chinese) == digits
