"""Days told relative to today become days of the calendar."""

from __future__ import annotations

from datetime import date

import pytest

from index.text.days import with_days

TODAY = date(2026, 11, 28)


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("水井办法去年还有效吗？", "水井办法2025年还有效吗？"),
        ("水井办法前年有效吗？", "水井办法2024年有效吗？"),
        ("水井办法大前年有效吗？", "水井办法2023年有效吗？"),
        ("水井办法明年还有效吗？", "水井办法2027年还有效吗？"),
        ("水井办法后年失效吗？", "水井办法2028年失效吗？"),
        ("水井办法今年还有效吗？", "水井办法2026年还有效吗？"),
        ("上一年印发的水井办法", "2025年印发的水井办法"),
        ("水井办法三年前有效吗？", "水井办法2023年有效吗？"),
        ("水井办法两年后还有效吗？", "水井办法2028年还有效吗？"),
        ("再过3年水井办法失效吗？", "再过3年水井办法失效吗？"),
        ("再过3年后水井办法失效吗？", "2029年水井办法失效吗？"),
        ("水井办法上个月有效吗？", "水井办法2026年10月有效吗？"),
        ("水井办法上月施行了吗？", "水井办法2026年10月施行了吗？"),
        ("水井办法下个月还有效吗？", "水井办法2026年12月还有效吗？"),
        ("水井办法两个月后还有效吗？", "水井办法2027年1月还有效吗？"),
        ("水井办法上季度有效吗？", "水井办法2026年第三季度有效吗？"),
        ("水井办法去年底有效吗？", "水井办法2025年底有效吗？"),
        ("水井办法去年年底有效吗？", "水井办法2025年底有效吗？"),
        ("水井办法今年底到期吗？", "水井办法2026年底到期吗？"),
        ("去年12月的补贴是多少？", "2025年12月的补贴是多少？"),
        ("水井办法昨天有效吗？", "水井办法2026年11月27日有效吗？"),
        ("水井办法后天生效吗？", "水井办法2026年11月30日生效吗？"),
        ("Was it in force last year?", "Was it in force in 2025?"),
        ("Will it be valid next year?", "Will it be valid in 2027?"),
        ("Was it in force the year before last?", "Was it in force in 2024?"),
        ("Was it in force two years ago?", "Was it in force in 2024?"),
        ("Will it be valid in 3 years' time?", "Will it be valid in 2029?"),
        ("Was it in force last month?", "Was it in force in October 2026?"),
        ("Is it valid until the end of this year?", "Is it valid until the end of 2026?"),
        ("Does it expire by the end of next month?", "Does it expire by the end of December 2026?"),
        ("Was it valid last quarter?", "Was it valid in the third quarter of 2026?"),
        ("Was it in force yesterday?", "Was it in force on November 27, 2026?"),
        ("What was last year's target?", "What was 2025's target?"),
    ],
)
def test_relative_days(question: str, told: str) -> None:
    assert with_days(question, TODAY) == told


@pytest.mark.parametrize(
    "question",
    [
        "今年的补贴标准是多少？",
        "三年前建成的住宅能申请吗？",
        "取得证书满三年后怎么续期？",
        "施行三年后怎么评估？",
        "需要上一年度的报表吗？",
        "今后年均增长多少？",
        "过去年均增长多少？",
        "二级以上年检合格的能申请吗？",
        "近年来年均增速是多少？",
        "2020年前印发的办法",
        "办法现在还有效吗？",
        "Is it still in force?",
        "What is this year's subsidy?",
        "How long after two years of use may wells be filled?",
    ],
)
def test_what_is_no_day_of_the_calendar_stays(question: str) -> None:
    assert with_days(question, TODAY) == question


def test_months_and_quarters_over_the_turn_of_the_year() -> None:
    assert with_days("上个月有效吗", date(2027, 1, 3)) == "2026年12月有效吗"
    assert with_days("上季度有效吗", date(2027, 1, 3)) == "2026年第四季度有效吗"
    assert with_days("In force last quarter?", date(2027, 2, 3)) == (
        "In force in the fourth quarter of 2026?"
    )
