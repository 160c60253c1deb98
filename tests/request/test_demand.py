"""What kind of thing a question demands, told by words and figures."""

from __future__ import annotations

import pytest

from index.request.demand import asks_for_places, figures_asked, lacks, names_places, shows
from index.request.wording import read_wording


def lacking(question: str, text: str, years: frozenset[int], body: str | None = None) -> str | None:
    asked = read_wording(question)
    wanted = asked.years if asked.figure else frozenset()
    return lacks(asked.kinds, wanted, text, years, body)


@pytest.mark.parametrize(
    ("question", "text", "kind"),
    [
        ("基金盘子多大？", "探索设立数字贸易创新发展基金。", "money"),
        ("基金盘子多大？", "设立总规模10亿元的基金。", None),
        ("2021年实际完成多少？", "到2021年，出口额达到260亿美元。", "result"),
        ("居转户要累计缴几年社保？", "综合运用居住证积分、居转户和直接落户政策。", "years"),
        ("过渡期是几年？", "五年内保持土地原用途。", None),
        ("杭州有多少只熊猫？", "培育一批创新型示范企业。", "count"),
        ("建成几个孵化基地？", "建成3个孵化基地。", None),
        ("How many firms are in the sample?", "Expand the sample pool of typical firms.", "count"),
        ("5G base stations, target number?", "Deploy 5G and IPv6 at scale.", "count"),
        ("How many zones?", "Set up three demonstration zones.", None),
        (
            "In how many working days is it decided?",
            "Specify the time limits for approval.",
            "days",
        ),
        ("What reduced tax rate applies?", "They enjoy preferential tax policies.", "share"),
        ("直接经济损失一共是多少？", "4起事故均为责任事故。", "money"),
        ("What fee does a company pay for it?", "Carry out pilot assessments.", "money"),
        ("What does the plan say on talent?", "Train talent.", None),
    ],
)
def test_a_clause_without_the_kind_asked_for_lacks_it(
    question: str, text: str, kind: str | None
) -> None:
    assert lacking(question, text, frozenset({2021})) == kind


def test_a_figure_is_asked_for_the_year_it_is_given_for() -> None:
    assert lacking("2030年的目标是多少？", "到2026年达到4300亿元。", frozenset({2024})) == "year"
    assert lacking("2026年的目标是多少？", "到2026年达到4300亿元。", frozenset({2024})) is None


def test_the_title_has_numbers_of_its_own() -> None:
    question = "杭州要建几个基地？"
    assert lacking(question, "三年行动计划(2024-2026年)\n建成3个基地", frozenset()) is None
    known = "推进3个市的行动计划\n建设一批基地"
    assert lacking(question, known, frozenset(), body="建设一批基地") == "count"


def test_years_are_no_figures() -> None:
    (kind,) = figures_asked("How many bases are planned?")
    assert not shows(kind, "By 2025, a number of bases will be built.")
    assert shows(kind, "By 2025, 70 bases will be built.")


def test_names_of_places() -> None:
    assert asks_for_places("湛江哪几个县(市)开了特色馆？")
    assert asks_for_places("Which foreign cities have joined the alliance?")
    assert not asks_for_places("Which department is in charge?")
    assert names_places("指导南京、苏州两个试点城市优化网点布局", "江苏省")
    assert not names_places("江苏加强西部地区电子商务帮扶", "江苏省")
