"""Lists of a document that is only alluded to, of tasks of others, of what a chapter is not for."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import cast, get_args

import pytest
from fakes import NoModel
from fakes_index import HashEncoder

from index.request.model import Wanted
from index.request.understand import understand
from index.search.build import build_index
from index.search.search import search
from index.search.store import ClauseIndex
from rag.answer.articles_listed import list_articles
from rag.answer.bodies_listed import bodies_asked
from rag.answer.figures_compared import asks_to_compare, compare_figures
from rag.answer.matching import extent_of
from rag.answer.parts_meant import asks_within, chapters_meant
from rag.answer.routes import ROUTES
from rag.answer.running import Running
from rag.answer.structure_told import tell_structure
from rag.schema import Answer

LAW = """# 临江市社区食堂条例
（2023年3月1日临江市人民代表大会常务委员会通过）
第一章 总则
第一条 为了规范社区食堂，制定本条例。
第二章 社区食堂
第二条 社区食堂应当公示菜价。
第三条 有下列情形之一的，不得担任社区食堂的负责人：
（一）患有传染病未痊愈的；
（二）被吊销许可未满三年的。
第三章 监督
第四条 市场监督管理部门负责检查。
第五条 社区食堂不公示菜价的，处一千元以上五千元以下罚款。
第六条 社区食堂使用变质食材的，处二万元以上五万元以下罚款；情节严重的，吊销许可。
"""
PLAN = """# 临江市助餐提升方案
临政发〔2023〕9号
一、重点任务
（一）改造老旧灶台。支持银龄灶台更新。（市民政局牵头，市财政局、有关部门配合）
（二）发放就餐补贴。向银龄灶台用户发放。（市财政局牵头，市民政局配合）
（三）培训厨师。（市人力资源社会保障局牵头）
目标为：到2024年，老年助餐覆盖率达到60%。到2026年，老年助餐覆盖率达到85%，镇街食堂覆盖率达到70%。
"""
OTHER = """# 临江市公园提升方案
临政发〔2023〕12号
一、重点任务
（一）修缮步道。（市民政局牵头）
（二）补种树木。（市财政局牵头，市民政局配合）
"""


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> ClauseIndex:
    folder: Path = tmp_path_factory.mktemp("pointed")
    files = []
    for name, text in (("canteens", LAW), ("meals", PLAN), ("parks", OTHER)):
        files.append(folder / f"{name}.md")
        files[-1].write_text(text, encoding="utf-8")
    build_index(files, folder / "index", HashEncoder())
    return ClauseIndex.open(folder / "index", HashEncoder())


def running(index: ClauseIndex, question: str, wanted: str, found: str = "") -> Running:
    """A question under way; `found` is the document in which all is found."""
    assert wanted in get_args(Wanted)
    request = replace(understand(question, index), wanted=cast(Wanted, wanted))
    under_way = Running(NoModel(), index, request, "", 0.0)
    result = search(index, request, 10)
    hits = tuple(hit for hit in result.hits if hit.clause_id.startswith(found))
    under_way.found = replace(result, hits=hits)
    return under_way


def listed(under_way: Running) -> Answer:
    for route in ROUTES:
        if route.fits(under_way):
            *_, last = [None, *route.handle(under_way)]
            if last is not None:
                assert isinstance(last, Answer)
                return last
    raise AssertionError("no route")


def test_a_document_is_meant_by_words_that_it_alone_has(index: ClauseIndex) -> None:
    question = "银龄灶台那些事里，市民政局参与的有几项任务？"
    assert [
        each.id for each in extent_of(running(index, question, "count", "meals")).documents
    ] == ["meals"]
    answer = listed(running(index, question, "count", "meals"))
    assert [each.clause_id for each in answer.citations] == ["meals#一/(一)", "meals#一/(二)"]
    # Not by the name of a body, nor where other documents were found too.
    for other, found in (("市民政局参与的有几项任务？", "meals"), (question, "")):
        assert len(extent_of(running(index, other, "count", found)).documents) == 3


@pytest.mark.parametrize(
    "question",
    [
        "助餐提升方案里，哪些任务不是市民政局牵头的？",
        "助餐提升方案里，由市民政局以外的单位牵头的任务有哪些？",
    ],
)
def test_the_tasks_of_others_are_listed_with_who_leads_them(
    index: ClauseIndex, question: str
) -> None:
    answer = listed(running(index, question, "list"))
    rows = [each.text for each in answer.sentences if each.form == "row"]
    assert len(rows) == 2
    assert "市财政局" in rows[0] and "市人力资源社会保障局" in rows[1]


def test_so_many_requirements_of_a_document_are_its_articles(index: ClauseIndex) -> None:
    answer = listed(running(index, "助餐提升方案给各区提了哪三条要求？", "summary"))
    assert [each.clause_id for each in answer.citations] == [f"meals#一/({n})" for n in "一二三"]


@pytest.mark.parametrize(
    "question",
    [
        "助餐提升方案里，市民政局可以对灶台采取哪些措施？",
        "Which measures may the Civil Affairs Bureau use against a canteen?",
    ],
)
def test_what_a_body_may_do_is_no_list_of_its_tasks(index: ClauseIndex, question: str) -> None:
    events = list(list_articles(running(index, question, "list", "meals")))
    assert not any(isinstance(e, Answer) and "市民政局" in e.sentences[0].text for e in events)


def test_relevant_departments_are_no_body_that_is_named(index: ClauseIndex) -> None:
    under_way = running(index, "Which tasks do the relevant departments have?", "list")
    assert bodies_asked(under_way, extent_of(under_way)) == []


def test_a_row_tells_what_is_to_be_done_not_who(index: ClauseIndex) -> None:
    answer = listed(running(index, "公园提升方案里市财政局牵头哪些任务？", "list"))
    (row,) = (each.text for each in answer.sentences if each.form == "row")
    assert "补种树木" in row


def test_of_one_indicator_two_years_are_subtracted(index: ClauseIndex) -> None:
    question = "助餐提升方案的老年助餐覆盖率，2026年比2024年高几个百分点？"
    (*_, answer) = compare_figures(running(index, question, "figure"))
    assert isinstance(answer, Answer) and "25个百分点" in answer.answer


def test_the_highest_fine_is_told_where_nothing_else_of_a_conduct_is_asked(
    index: ClauseIndex,
) -> None:
    (*_, answer) = compare_figures(running(index, "社区食堂条例里罚款最高是多少？", "figure"))
    assert isinstance(answer, Answer) and "5万元" in answer.answer
    both = "社区食堂条例里，用变质食材的罚款上限是多少？情节严重的还会怎样？"
    assert list(compare_figures(running(index, both, "figure"))) == []
    # No fine's article speaks of it: another's is none of this conduct.
    other = "社区食堂条例里，负责人患有传染病的，罚款最高是多少？"
    assert list(compare_figures(running(index, other, "figure"))) == []
    stale = "社区食堂条例里，使用变质食材的，罚款最高是多少？"
    (*_, answer) = compare_figures(running(index, stale, "figure"))
    assert isinstance(answer, Answer) and "5万元" in answer.answer


@pytest.mark.parametrize(
    ("question", "compared"),
    [
        ("助餐提升方案里哪项任务的责任单位最多？", True),
        ("Which task of the meals plan has the most responsible bodies?", True),
        ("助餐提升方案里，由哪个部门负责培训厨师？", False),
        ("How long may a permit of the canteen authority last at most?", False),
    ],
)
def test_bodies_are_counted_where_their_number_is_compared(
    index: ClauseIndex, question: str, compared: bool
) -> None:
    assert asks_to_compare(running(index, question, "who")) is compared


def test_the_longest_chapter_is_told_only_where_chapters_are_compared(
    index: ClauseIndex,
) -> None:
    most = "社区食堂条例里哪一章条文最多？"
    assert any(isinstance(event, Answer) for event in tell_structure(running(index, most, "count")))
    other = "社区食堂条例里哪一种违法最多条？"
    assert list(tell_structure(running(index, other, "count"))) == []


@pytest.mark.parametrize(
    ("question", "within"),
    [
        ("社区食堂条例里，社区食堂的负责人有哪几种情形不能当？", True),
        ("社区食堂条例里，厨房卫生差、菜价乱收还屡教不改的社区食堂有几种处理？", True),
        ("社区食堂条例的社区食堂一章有几条？", False),
        ("社区食堂条例里社区食堂有几条？", False),
    ],
)
def test_a_chapter_is_not_told_for_what_it_holds(
    index: ClauseIndex, question: str, within: bool
) -> None:
    under_way = running(index, question, "count")
    document = index.documents["canteens"]
    chapter = next(
        each for each in chapters_meant(under_way, document) if each.heading == "社区食堂"
    )
    assert asks_within(under_way, document, chapter) is within
