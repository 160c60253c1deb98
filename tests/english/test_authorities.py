"""Bodies that laws name by level and field, put into English by grammar."""

from __future__ import annotations

import pytest

from rag.english.authorities import authority_name
from rag.english.phrases import phrase_in_english


def unknown(field: str) -> None:
    """No other words for a field."""
    assert field


@pytest.mark.parametrize(
    ("zh", "en"),
    [
        ("国务院水利部门", "water resources department of the State Council"),
        ("国务院草原主管部门", "grassland department of the State Council"),
        ("国务院保险监督管理机构", "insurance regulatory authority of the State Council"),
        ("国家气象部门", "national meteorological department"),
        ("各级人民政府", "people's governments at all levels"),
        ("乡镇人民政府", "people's governments of townships and towns"),
        ("各有关省级人民政府", "relevant provincial people's governments"),
        (
            "县级以上地方人民政府教育行政部门",
            "education departments of local people's governments at or above the county level",
        ),
        (
            "省、自治区、直辖市人民政府体育主管部门",
            "sports departments of people's governments of provinces, autonomous regions and "
            "municipalities",
        ),
        ("设区的市级以上人民政府", "people's governments at or above the districted-city level"),
        ("市级审计部门", "municipal audit departments"),
        ("有关部门", "relevant departments"),
        ("负责消防工作的机构", "authorities in charge of fire and rescue"),
        ("林业、渔业主管部门", "forestry and fisheries departments"),
    ],
)
def test_level_and_field_make_the_name(zh: str, en: str) -> None:
    assert authority_name(zh, unknown) == en
    assert phrase_in_english(zh, {}) == en


@pytest.mark.parametrize("zh", ["海关", "冷链物流企业", "国务院古董鉴赏部门", "承办单位", "国务院"])
def test_what_is_no_such_body_has_no_such_name(zh: str) -> None:
    assert authority_name(zh, unknown) is None


def test_a_field_may_be_told_by_other_words() -> None:
    assert authority_name("市级蜂业部门", lambda field: f"{field} bees") == (
        "municipal 蜂业 bees departments"
    )
