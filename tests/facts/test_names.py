"""Names of bodies, numbers and times by themselves."""

from __future__ import annotations

from decimal import Decimal

import pytest

from index.facts.quantities import quantities, read_amount
from index.facts.spans import Span, parts, sentences
from index.facts.times import goal_year, points
from index.facts.units import Names, bodies, is_body, is_public, same_body


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3200亿", "320000000000"),
        ("1.5万", "15000"),
        ("1,200", "1200"),
        ("二十五", "25"),
        ("五十万", "500000"),
        ("百万", "1000000"),
        ("一千二百三十万", "12300000"),
        ("三亿五千万", "350000000"),
        ("两", "2"),
        ("几", None),
    ],
)
def test_amounts(text: str, value: str | None) -> None:
    found = read_amount(text)
    assert (None if found is None else f"{found:f}") == value


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("百分之三十", 30, "%"),
        ("三分之一", Decimal("33.33"), "%"),
        ("12.5%", Decimal("12.5"), "%"),
        ("5个百分点", 5, "百分点"),
        ("120多家", 120, "家"),
        ("翻两番", 4, "倍"),
        ("30万千瓦时", 300000, "千瓦时"),
    ],
)
def test_numbers_with_units(text: str, value: object, unit: str) -> None:
    (found,) = quantities(text)
    assert (found.value, found.unit) == (value, unit)


def test_articles_and_names_are_no_quantities() -> None:
    assert quantities("第三条第二款") == []
    assert quantities("G20年会") == []


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("市发展和改革委员会", "市发改委", True),
        ("国家发展改革委", "发展改革委", True),
        ("市商务局", "商务局", True),
        ("市商务局", "省商务厅", False),
        ("市商务局", "县商务局", False),
        ("国家海事管理机构", "海事管理机构", False),
        ("市公安局", "市公安交通管理局", False),
    ],
)
def test_names_of_one_body(one: str, other: str, same: bool) -> None:
    assert same_body(one, other) is same


def test_the_name_used_most_is_the_name() -> None:
    names = Names(["市发改委", "市发展改革委", "市发改委", "海川市发改委"], "海川市")
    assert {names.called(each) for each in ("市发改委", "市发展改革委", "海川市发改委")} == {
        "市发改委"
    }
    assert names.called("从未写过的局") == "从未写过的局"


@pytest.mark.parametrize(
    "name", ["市商务局", "钱江海关", "各有关部门", "国务院", "省、自治区、直辖市"]
)
def test_bodies(name: str) -> None:
    assert is_body(name)


@pytest.mark.parametrize("name", ["总部", "格局", "创办", "商品全部", "以及局", "一二三"])
def test_words_that_end_like_bodies(name: str) -> None:
    assert not is_body(name)


@pytest.mark.parametrize(
    "name", ["支持企业办公室", "建设单位", "某公司", "由市商务局", "按照国务院"]
)
def test_no_subjects_of_duties(name: str) -> None:
    assert not is_public(name)


def test_a_list_keeps_where_its_names_stand() -> None:
    text = "市商务、发改、财政等部门"
    found = bodies(Span(10, 10 + len(text), text))
    assert [body.name for body in found] == ["市商务部门", "市发改部门", "市财政部门"]
    assert [text[body.span.start - 10 : body.span.end - 10] for body in found] == [
        "市商务",
        "发改",
        "财政",
    ]


@pytest.mark.parametrize(
    ("text", "year"),
    [
        ("到2030年,建成渔港", 2030),
        ("力争2030年前建成", 2030),
        ("力争到2030年底建成", 2030),
        ("“十四五”期间建成", 2025),
        ("到“十五五”末建成", 2030),
        ("自2020年以来建成", None),
        ("2020年3月5日印发", None),
    ],
)
def test_goal_years(text: str, year: int | None) -> None:
    found = goal_year(text)
    assert (found[0] if found else None) == year


def test_points_in_time_as_far_as_they_are_named() -> None:
    text = "2026年、2026年6月、2026年6月30日、2026年底、二〇二六年五月一日"
    assert [point.iso for point in points(text)] == [
        "2026",
        "2026-06",
        "2026-06-30",
        "2026-12-31",
        "2026-05-01",
    ]


def test_sentences_end_outside_of_brackets_and_quotes() -> None:
    text = "甲(乙;丙)。丁“戊。己”庚;辛(壬;癸\n子"
    assert [span.text for span in sentences(text)] == [
        "甲(乙;丙)。",
        "丁“戊。己”庚;",
        "辛(壬;",
        "癸\n",
        "子",
    ]
    assert all(text[span.start : span.end] == span.text for span in sentences(text))


def test_parts_keep_their_places() -> None:
    whole = Span(5, 12, "甲,(乙,丙)")
    assert [(span.start, span.text) for span in parts(whole)] == [(5, "甲"), (7, "(乙,丙)")]
