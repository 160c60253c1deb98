"""Sentences cut into parts, lists in them, and the words told of them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from fakes_index import read_built_in

from index.request.wording import read_wording
from rag.answer.evidence import Passage, ReadClause
from rag.answer.lists import lists_in, named
from rag.answer.parts import joined, parts_of
from rag.answer.stated_numbers import names_bodies
from rag.answer.told import needed, points, points_asked, tell, tell_written
from rag.answer.weigh import Weighed, weigh_evidence
from rag.schema import Language


def passage(zh: str, en: str | None = None) -> Passage:
    return Passage(0, len(zh), zh, en)


@pytest.mark.parametrize(
    ("zh", "told"),
    [
        ("（责任单位：市商务局、市经济和信息化局、市质监局）", True),
        ("[责任单位:市商务局、市财政局、钱江海关,各区、县(市)政府]", True),
        ("（市发改委、市科技局、市文旅局）", True),
        ("(一)加快推进信息化。", False),
        ("(二)国务院有关部门；", False),
        ("(计划期2021—2025年)", False),
        ("市商务局、市财政局负责。", False),
    ],
)
def test_a_bracket_of_bodies_is_told_from_items(zh: str, told: bool) -> None:
    assert names_bodies(passage(zh)) is told


@pytest.mark.parametrize(
    ("zh", "parts"),
    [
        ("扩大港口，整治河道；修路。", ["扩大港口，", "整治河道；", "修路。"]),
        # Marks inside of brackets and quotation marks end nothing.
        (
            "设立“一馆，两院”（东馆，西院），招募人员。",
            ["设立“一馆，两院”（东馆，西院），", "招募人员。"],
        ),
        # A time and a joining word say nothing alone.
        (
            "到2030年，粮仓达到40座，其中，冷库9座。",
            ["到2030年，粮仓达到40座，", "其中，冷库9座。"],
        ),
        ("只有一段", ["只有一段"]),
    ],
)
def test_chinese_is_cut_at_its_commas(zh: str, parts: list[str]) -> None:
    assert [each.text for each in parts_of(passage(zh), "zh")] == parts


@pytest.mark.parametrize(
    ("en", "parts"),
    [
        (
            "Build a port, improve the river, and expand roads, bridges and dams.",
            ["Build a port,", " improve the river,", " and expand roads, bridges and dams."],
        ),
        (
            "By 2030, the county will have 40 granaries, of which 9 will be cold stores.",
            ["By 2030, the county will have 40 granaries,", " of which 9 will be cold stores."],
        ),
        ("Support Aba, Bebe and Cece in opening markets.", None),
    ],
)
def test_english_is_cut_before_another_verb(en: str, parts: list[str] | None) -> None:
    assert [each.text for each in parts_of(passage("某", en), "en")] == (parts or [en])


def test_parts_joined_read_as_a_sentence() -> None:
    first, second, third = parts_of(passage("扩大港口，并整治河道；修路。"), "zh")
    assert joined([first, second], "zh") == "扩大港口，并整治河道。"
    assert joined([second], "zh") == "整治河道。"
    assert joined([first, third], "zh") == "扩大港口；修路。"
    english = passage("某", "Build a port, improve the river, and expand roads.")
    one, two, three = parts_of(english, "en")
    assert joined([two, three], "en") == "Improve the river, and expand roads."
    assert joined([one, three], "en") == "Build a port; expand roads."


@pytest.mark.parametrize(
    ("zh", "en", "language", "items"),
    [
        ("支持甲镇、乙镇和丙镇建仓", None, "zh", ("支持甲镇", "乙镇", "丙镇建仓")),
        ("x", "Support Aba, Bebe and Cece in it", "en", ("Support Aba", "Bebe", "Cece in it")),
        ("甲镇和乙镇建仓", None, "zh", None),
    ],
)
def test_lists_are_found(
    zh: str, en: str | None, language: Language, items: tuple[str, ...] | None
) -> None:
    assert lists_in(passage(zh, en), language) == ([items] if items else [])


def test_items_are_named_by_their_own_end() -> None:
    items = ("支持甲镇", "乙镇", "丙镇建仓")
    assert named(items, "甲镇、丙镇要建仓。", "zh") == [True, False, True]
    english = ("Support Aba", "Bebe", "Cece in it")
    assert named(english, "Aba and Bebe do.", "en") == [True, True, False]


PLAN: ReadClause = read_built_in("shanghai-2019#四/(一)", "zh")


def test_parts_that_hold_nothing_asked_are_left_out() -> None:
    zones = read_built_in("jiangsu-ecommerce#二/(六)/16", "zh")
    sentence = next(each for each in zones.passages if "无人机配送" in each.zh)
    (told,) = tell([sentence], zones, read_wording("鼓励电商服务企业提供哪些衍生服务？"))
    assert told.text.startswith("鼓励各类电商服务企业提供")
    assert "积极推进数字技术运用" not in told.text
    assert told.evidence == (sentence,)


def test_only_likely_sentences_are_told_and_always_the_best() -> None:
    first, second, third = PLAN.passages[:3]
    asked = read_wording("由谁负责？")
    odds = [Weighed(second, -9.0), Weighed(first, -0.4), Weighed(third, -0.6)]
    assert needed(asked, odds) == [first, second]
    assert needed(asked, odds, least=0.0) == [second]
    # English sentences must be the surer, and those that add no word of the question too.
    assert needed(read_wording("Who is responsible?"), odds) == [second]
    alike = [odds[0], replace(odds[1], adds=False)]
    assert needed(asked, alike) == [second]
    assert needed(asked, [alike[0], replace(alike[1], odds=0.6)]) == [first, second]
    assert needed(asked, alike, least=-0.5) == [first, second]


def test_the_sentence_with_all_that_was_written_is_told_alone() -> None:
    read = read_built_in("zhanjiang-2016#三/(十七)", "en")
    asked = read_wording("Which firms get a lighter burden?")
    _, taxes, _, funds, online, _ = read.passages
    weighed = [Weighed(funds, 1.1), Weighed(taxes, -1.2), Weighed(online, -2.6)]
    written = (
        "Small and micro enterprises and high-tech enterprises may enjoy preferential policies."
    )
    assert [each.evidence for each in tell_written(written, weighed, read, asked)] == [(taxes,)]
    # Two words of it are no sign that it is this sentence which was meant.
    few = tell_written("Small and micro ones.", weighed, read, asked)
    assert [each.evidence for each in few] == [(taxes,), (funds,)]
    other = tell_written("Schools and hospitals.", weighed, read, asked)
    assert [each.evidence for each in other] == [(funds,)]


def test_a_sentence_adds_what_the_likeliest_has_not() -> None:
    read = read_built_in("jiangsu-ecommerce#二/(一)/4", "zh")
    asked = read_wording("绿色产品怎么扩大销售，一次性塑料怎么回收？")
    weighed = weigh_evidence(asked, read, lambda texts: [0.0] * len(texts))
    assert not weighed[0].adds
    told = {each.passage.zh[:6]: each.adds for each in weighed}
    assert told["推动重点电子"] is False  # The plastics: the likeliest itself.
    assert told["引导电子商务"] is True  # The sales, of which that says nothing.
    assert any(not each.adds for each in weighed[1:]), told


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("用三点概括", 3),
        ("分两条说", 2),
        ("Sum it up in four points", 4),
        ("in 2 short sentences", 2),
        ("用一句话概括", 1),
        ("总结“风险防控”一条", None),
        ("概括第三点", None),
        ("概括一下", None),
    ],
)
def test_a_summary_has_as_many_points_as_are_asked_for(text: str, number: int | None) -> None:
    assert points_asked(text) == number


def test_a_point_for_each_sentence_and_none_for_the_bodies_in_charge() -> None:
    read = read_built_in("hangzhou-2024#二/(三)/17", "zh")
    weighed = weigh_evidence(
        read_wording("概括数字物流"), read, lambda texts: [1.0 / len(each) for each in texts]
    )
    told = points(read_wording("概括数字物流"), weighed, read)
    assert told and not any("责任单位" in each.text for each in told)
    starts = [each.evidence[0].start for each in told]
    assert starts == sorted(starts)
    assert len(points(read_wording("用一点概括数字物流"), weighed, read)) == 1


@pytest.mark.parametrize("turn", ["反之，不予增加。", "否则，可以增加。"])
def test_what_holds_otherwise_comes_with_what_it_is_said_against(turn: str) -> None:
    texts = ("视产量统筹考虑。", "产量高的,予以增加。", turn)
    first, second, third = (Passage(at, at + 1, text, None) for at, text in enumerate(texts))
    likely = [Weighed(third, 2.0), Weighed(second, -3.0), Weighed(first, -3.0)]
    assert needed(read_wording("什么情况下增加？"), likely) == [second, third]
    likely = [Weighed(first, 2.0), Weighed(second, -3.0), Weighed(third, -3.0)]
    assert needed(read_wording("看什么考虑？"), likely) == [first]


def test_of_several_things_asked_each_number_written_is_told() -> None:
    texts = ("原有项目191个。", "新增项目228个。", "经费分7年由县里承担。")
    passages = tuple(Passage(at, at + 1, text, None) for at, text in enumerate(texts))
    read = replace(PLAN, passages=passages, lines=passages)
    weighed = [Weighed(passages[1], 2.0), Weighed(passages[0], -4.0), Weighed(passages[2], -4.0)]
    asked = read_wording("原有多少个项目？新增多少个？")
    told = tell_written("国家计划有191个，增加228个，另有9个。", weighed, read, asked)
    assert [each.evidence[0] for each in told] == [passages[0], passages[1]]
    # The number of an item is none of what it says.
    told = tell_written("国家计划有(七)类，增加228个。", weighed, read, asked)
    assert [each.evidence[0] for each in told] == [passages[1]]
    # Where one thing is asked a number of another one is none of its answer.
    asked = read_wording("新增多少个项目？")
    told = tell_written("原有191个，增加228个。", weighed, read, asked)
    assert [each.evidence[0] for each in told] == [passages[1]]
