"""What is counted, subtracted or added up within one clause; a list of cases is told whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from fakes import FakeGenerator
from fakes_index import read_built_in

from index.request.intents import parts_asked
from index.request.wording import read_wording
from rag.answer.each_asked import PartAsked
from rag.answer.evidence import Passage, ReadClause
from rag.answer.figures_within import figures_off
from rag.answer.items_counted import count_items
from rag.answer.support import Statement
from rag.answer.weigh import Weighed
from rag.answer.write import write

BUILT_IN = read_built_in("shanghai-2021#四/(十二)", "zh")


def clause(*sentences: str) -> ReadClause:
    passages = tuple(Passage(at, at + 1, text, None) for at, text in enumerate(sentences))
    return replace(BUILT_IN, passages=passages, lines=passages)


def weighed(read: ReadClause, *order: int, odds: float = -1.0) -> list[Weighed]:
    """The sentences as evidence, those of `order` first."""
    places = [*order, *(at for at in range(len(read.passages)) if at not in order)]
    return [Weighed(read.passages[at], odds) for at in places]


KENNEL = clause(
    "开办犬舍应当备案。",
    "有下列情形之一的,不得开办犬舍:",
    "(一)未成年的;",
    "(二)受过虐待动物处罚未满三年的;",
    "(三)住所内无独立院落的。",
)
# The line that leads to the items is a part of the sentence that says what they are.
PENALTY = clause(
    "犬舍有下列情形之一的,由区农业农村局责令改正;",
    "逾期不改的,吊销备案证明:",
    "(一)未登记犬只的;",
    "(二)未每年检疫的。",
)
ROADS = clause("园路按用途分为主路、支路和步道,按材料分为沥青路、石板路、木栈道及砂石路。")


@pytest.mark.parametrize(
    ("read", "best", "question", "told"),
    [
        (KENNEL, 1, "不能开办犬舍的情形一共有几种？", "共3种："),
        (KENNEL, 3, "不能开办犬舍的有多少种情况？", "共3种："),
        (PENALTY, 0, "要被责令改正的情形列了几项？", "共2项："),
        (ROADS, 0, "园路按用途分几类？", "共3类："),
        (ROADS, 0, "园路按材料分几类？", "共4类："),
    ],
)
def test_what_a_clause_lists_is_counted(
    read: ReadClause, best: int, question: str, told: str
) -> None:
    (statement,) = count_items(read_wording(question), read, weighed(read, best), "zh")
    assert statement.text.startswith(told)
    assert read.passages[best] in statement.evidence


def test_the_sentence_over_a_list_comes_with_it() -> None:
    asked = read_wording("要被责令改正的情形列了几项？")
    (statement,) = count_items(asked, PENALTY, weighed(PENALTY, 0), "zh")
    assert statement.evidence == PENALTY.passages and "犬舍有下列情形" in statement.text


def test_of_a_list_without_english_the_number_is_told() -> None:
    asked = read_wording("How many situations bar a person from opening a kennel?")
    (statement,) = count_items(asked, KENNEL, weighed(KENNEL, 1), "en")
    assert "3" in statement.text and "一" not in statement.text
    assert set(statement.evidence) == set(KENNEL.passages[1:])


@pytest.mark.parametrize(
    ("read", "question"),
    [
        (KENNEL, "谁不能开办犬舍？"),
        (KENNEL, "不能开办犬舍的情形比去年多几种？"),
        (KENNEL, "要罚几年？"),
        (KENNEL, "全市有几个公园？"),
        (clause("园路分为主路、支路、步道等。"), "园路分几类？"),
        (clause("园路分为主路和支路、步道和栈道。"), "园路分几类？"),
        (clause("有下列3种情形的,不予备案:", "(一)甲;", "(二)乙;", "(三)丙。"), "有几种情形？"),
        (clause("有下列情形的,不予备案:", "(一)甲;", "(三)丙。"), "有几种情形？"),
    ],
)
def test_nothing_is_counted_where_it_is_not_clear(read: ReadClause, question: str) -> None:
    best = 1 if read is KENNEL else 0
    assert count_items(read_wording(question), read, weighed(read, best), "zh") == []


PLAN = clause(
    "市级规划列入治理项目84个。",
    "区里另报的方案新增河道项目130个，建议纳入规划。",
    "水务局会同区政府用三年时间实施。",
)
GRANTS = clause(
    "改造旧房的，每户补助2万元。",
    "新建房屋的，每户补助3万元；",
    "异地搬迁的，每户补助5万元。",
)


@pytest.mark.parametrize(
    ("read", "question", "told"),
    [
        (PLAN, "区里方案新增的项目比市级规划里的多几个？", "相差46个："),
        (PLAN, "市级规划的项目和区里新增的项目合计多少个？", "合计214个："),
        (GRANTS, "异地搬迁的补助比改造旧房的多多少？", "相差3万元："),
        # Days are called 天 and written 日.
        (
            clause(
                "设立登记应当自受理之日起三十日内决定。",
                "认定应当自受理之日起二十日内决定。",
                "由县里实施。",
            ),
            "设立登记和认定的办理时限相差多少天？",
            "相差10日：",
        ),
        # 进出口 is another word than 出口, and other units stand beside.
        (
            clause(
                "进出口总额达到40亿元,其中出口额达到26亿元,增长15%左右。",
                "建店5家、园3家。",
                "由县里实施。",
            ),
            "进出口总盘子比出口那块多出多少？",
            "相差14亿元：",
        ),
    ],
)
def test_figures_of_a_clause_are_set_off(read: ReadClause, question: str, told: str) -> None:
    (statement,) = figures_off(read_wording(question), read, weighed(read, 0, 1, 2), "zh")
    assert statement.text.startswith(told)
    assert 1 <= len(statement.evidence) <= 2


def test_in_english_the_difference_of_chinese_figures_is_told() -> None:
    asked = read_wording("区里方案新增的项目比市级规划里的多几个？")
    (statement,) = figures_off(asked, PLAN, weighed(PLAN, 0, 1, 2), "en")
    assert "46" in statement.text


@pytest.mark.parametrize(
    ("read", "question"),
    [
        (PLAN, "区里方案新增多少个项目？"),
        (GRANTS, "哪一种补助更高？"),
        (clause("增长不低于30%，占比不低于10%。"), "占比最低多少？"),
        (clause("建园3个、店5家。", "到2030年建园8个、店9家。"), "后来的比先前的多多少？"),
        (GRANTS, "异地搬迁的补助比修缮祠堂的多多少？"),
        (clause("每户补助2万元。"), "异地搬迁的补助比改造旧房的多多少？"),
        # The two figures of one unit are not those that are asked about.
        (
            clause("到2026年，全县旅游收入达到43亿元，规模以上旅行社15家，星级饭店3家。"),
            "到2026年旅游收入比2025年多多少？",
        ),
    ],
)
def test_nothing_is_set_off_that_is_not_asked_or_not_clear(read: ReadClause, question: str) -> None:
    asked = read_wording(question)
    assert figures_off(asked, read, weighed(read, *range(len(read.passages))), "zh") == []


def told(
    question: str, read: ReadClause, order: Sequence[int], parts: Sequence[PartAsked] = ()
) -> list[Statement]:
    """What is told of a clause without the model writing."""
    likely = weighed(read, *order)
    generator, asked = FakeGenerator([]), read_wording(question)
    pieces = write(generator, asked, read, likely, "zh", list, parts=parts)
    return [piece for piece in pieces if isinstance(piece, Statement)]


def test_a_list_of_cases_answers_in_which_cases_something_is_so() -> None:
    """Its line need not be the likeliest sentence, where cases are asked for."""
    (statement,) = told("什么情况下不能开办犬舍？", KENNEL, (0, 1))
    assert "未成年" in statement.text and "独立院落" in statement.text


def test_what_is_asked_besides_a_list_is_told_too() -> None:
    read = clause(
        "申请备案应当提交下列材料:", "(一)身份证明;", "(二)免疫证明。", "逾期不改的,吊销证明。"
    )
    question = "备案要提交哪些材料？逾期不改会怎样？"
    parts = [
        PartAsked(read_wording(each), weighed(read, at, odds=1.0))
        for each, at in zip(parts_asked(question), (0, 3), strict=True)
    ]
    statements = told(question, read, (0,), parts)
    assert "免疫证明" in statements[0].text and "吊销" in statements[-1].text
