"""Numbers that are to be reached, on sentences of our own."""

from __future__ import annotations

from decimal import Decimal

import pytest

from index.documents.parse import parse_document
from index.facts.model import Target
from index.facts.read import read_facts
from index.facts.targets import read_targets


def targets(*sentences: str, year: int = 2026) -> list[Target]:
    text = f"海川市渔业发展规划\n{year}年3月1日\n一、目标\n(一)发展目标。{''.join(sentences)}\n"
    return [fact for fact in read_facts(parse_document(text, "x")) if isinstance(fact, Target)]


def told(*sentences: str) -> list[tuple[str, str, str, str, int | None]]:
    return [
        (each.indicator, each.comparator, f"{each.value:f}", each.unit, each.by_year)
        for each in targets(*sentences)
    ]


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("到2030年,渔业总产值达到560亿元。", ("渔业总产值", "equal", "56000000000", "元", 2030)),
        ("到2030年,渔业总产值突破1.2万亿元。", ("渔业总产值", "over", "1200000000000", "元", 2030)),
        ("到2030年,出口额超过35亿美元。", ("出口额", "over", "3500000000", "美元", 2030)),
        ("到2030年,从业人员达到12万人左右。", ("从业人员", "about", "120000", "人", 2030)),
        ("到2030年,渔船更新率不低于85%。", ("渔船更新率", "at_least", "85", "%", 2030)),
        ("到2030年,能耗控制在3万吨以内。", ("能耗", "at_most", "30000", "吨", 2030)),
        ("到2030年,建成渔港18个。", ("渔港", "equal", "18", "个", 2030)),
        ("到2030年,新建18个以上中心渔港。", ("中心渔港", "at_least", "18", "个", 2030)),
        ("到2030年,培育龙头企业30家左右。", ("龙头企业", "about", "30", "家", 2030)),
        ("到2030年,培育30家左右龙头企业。", ("龙头企业", "about", "30", "家", 2030)),
        ("到2030年,渔业总产值年均增长6%以上。", ("渔业总产值年均增长", "at_least", "6", "%", 2030)),
        ("到2030年,渔民收入翻一番。", ("渔民收入", "equal", "2", "倍", 2030)),
        ("“十五五”期间,引进高层次人才二百名。", ("高层次人才", "equal", "200", "名", 2030)),
        (
            "到2030年,水产品占食品出口的比重达百分之四十。",
            ("水产品占食品出口的比重", "equal", "40", "%", 2030),
        ),
        ("力争到2030年,渔港数量达到20个。", ("渔港数量", "equal", "20", "个", 2030)),
        ("到2030年底,全市拥有渔业博士百余名。", ("渔业博士", "equal", "100", "名", 2030)),
    ],
)
def test_a_number_with_its_indicator(
    sentence: str, expected: tuple[str, str, str, str, int]
) -> None:
    assert told(sentence) == [expected]


def test_each_number_of_a_list_has_its_own_indicator() -> None:
    assert told(
        "到2030年,渔业总产值达到560亿元,其中海洋捕捞产值达到200亿元,养殖产值300亿元,"
        "年均增速达到7%;建成渔港18个、冷库25座,培育企业30家以上。"
    ) == [
        ("渔业总产值", "equal", "56000000000", "元", 2030),
        ("海洋捕捞产值", "equal", "20000000000", "元", 2030),
        ("养殖产值", "equal", "30000000000", "元", 2030),
        ("养殖产值年均增速", "equal", "7", "%", 2030),
        ("渔港", "equal", "18", "个", 2030),
        ("冷库", "equal", "25", "座", 2030),
        ("企业", "at_least", "30", "家", 2030),
    ]


def test_shared_heads_with_numbers_of_their_own() -> None:
    assert told("到2030年,对虾养殖、加工机械化率分别达到60%和75%。") == [
        ("对虾养殖机械化率", "equal", "60", "%", 2030),
        ("对虾加工机械化率", "equal", "75", "%", 2030),
    ]
    assert told("到2030年,对虾养殖、加工机械化率均达到60%。") == [
        ("对虾养殖机械化率", "equal", "60", "%", 2030),
        ("对虾加工机械化率", "equal", "60", "%", 2030),
    ]


def test_each_year_holds_for_what_follows_it() -> None:
    assert [(year, value) for _, _, value, _, year in told(
        "到2028年,渔港达到10个。冷库达到12座。到2030年,渔港达到20个;冷库达到30座。"
    )] == [(2028, "10"), (2028, "12"), (2030, "20"), (2030, "30")]  # fmt: skip


def test_the_year_comes_from_the_article_above() -> None:
    text = (
        "海川市规划\n2026年3月1日\n一、目标\n到2030年,渔业强市基本建成。\n"
        "(一)规模。渔业总产值560亿元。\n(二)人才。培养人才三千名。\n二、保障\n(一)其他。完善制度。"
    )
    found = [fact for fact in read_facts(parse_document(text, "x")) if isinstance(fact, Target)]
    assert [(each.value, each.by_year, each.by_year_inherited) for each in found] == [
        (Decimal(56000000000), 2030, True),
        (Decimal(3000), 2030, True),
    ]


def test_a_number_above_another_is_relative() -> None:
    (first, second) = targets("到2030年,良种率超80%,高于全省平均水平5个百分点以上。")
    assert (first.comparator, first.value, first.unit) == ("over", Decimal(80), "%")
    assert (second.baseline, second.comparator, second.value, second.unit) == (
        "全省平均水平",
        "at_least",
        Decimal(5),
        "百分点",
    )


def test_place_measure_and_currency_have_columns() -> None:
    first, second, third, fourth = targets(
        "到2030年,全市渔业总产值达到560亿元,年均增长6%,良种率达到80%,渔港达到20个。"
    )
    assert (first.place, first.currency, first.measure) == ("全市", "CNY", "level")
    assert [second.measure, third.measure, fourth.measure] == ["growth", "share", "count"]
    assert second.subject == "渔业总产值"


@pytest.mark.parametrize(
    "sentence",
    [
        "近年来,渔业总产值达到300亿元。",
        "2025年,台风造成12人受伤,直接经济损失约3亿元。",
        "2020年共建成渔港9个。其中,中心渔港3个。",
        "一期工程已经完工。",
        "2020年,渔业总产值达到300亿元。",
        "按照第三条第二款办理。",
        "对新建渔船给予不超过30万元的补贴。",
        "处五万元以上十万元以下罚款。",
        "打造“一港三园五中心”。",
        "年满18周岁的渔民可以申请。",
        "从业三年以上的企业优先。",
        "设立规划、建设、运营三个工作组。",
        "构建15分钟服务圈。",
        "支持海东等3个县开展试点。",
        "推动50人以上的企业建立工会。",
    ],
)
def test_other_numbers_are_no_targets(sentence: str) -> None:
    assert told(sentence) == []


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("开发强度控制在30%以内。", ("开发强度", "at_most", "30", "%", None)),
        ("绿地占比稳定在40%。", ("绿地占比", "equal", "40", "%", None)),
        ("岸线保有量不少于60公里。", ("岸线保有量", "at_least", "60", "公里", None)),
    ],
)
def test_bounds_are_targets_without_a_year(
    sentence: str, expected: tuple[str, str, str, str, None]
) -> None:
    assert told(sentence) == [expected]


def test_a_law_sets_no_targets() -> None:
    text = "海川市条例\n第一条 为了管理,制定本条例。\n第二条 渔船良种率不低于80%,冷库达到30座。\n"
    parsed = parse_document(text, "x")
    assert [read_targets(parsed, clause) for clause in parsed.clauses] == [[], [], []]


def test_words_are_those_of_the_source() -> None:
    text = (
        "海川市规划\n一、目标\n"
        "（一）目标。到２０３０年，全市渔业总产值达到５６０亿元，渔港达到２０个。\n"
    )
    parsed = parse_document(text, "x")
    found = [fact for fact in read_facts(parsed) if isinstance(fact, Target)]
    assert [fact.zh for fact in found] == ["全市渔业总产值达到５６０亿元", "渔港达到２０个"]
    assert [fact.value for fact in found] == [56000000000, 20]
