"""Figures set side by side: which two are meant, and what they are called in English."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fakes import NoModel
from fakes_index import HashEncoder

from index.facts.model import Target
from index.request.gathers import GATHERED
from index.request.understand import understand
from index.search.build import build_index
from index.search.search import search
from index.search.store import ClauseIndex
from rag.answer.facts_listed import target_name, target_told
from rag.answer.figures_compared import compare_figures
from rag.answer.running import Running
from rag.answer.targets_alike import dimension, likest
from rag.schema import Answer


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClauseIndex]:
    folder: Path = tmp_path_factory.mktemp("index")
    build_index([], folder, HashEncoder())
    yield ClauseIndex.open(folder, HashEncoder())


def running(index: ClauseIndex, question: str) -> Running:
    request = replace(understand(question, index), wanted="figure")
    under_way = Running(NoModel(), index, request, "", 0.0)
    under_way.found = search(index, request, 5)
    under_way.gathers = {kind: float(kind == "difference") for kind in GATHERED}
    return under_way


def compared(index: ClauseIndex, question: str) -> str:
    """The answer that sets two figures side by side, '' if none does."""
    *_, last = [None, *compare_figures(running(index, question))]
    assert last is None or isinstance(last, Answer)
    return last.answer if last else ""


@pytest.mark.parametrize(
    ("question", "told"),
    [
        (
            "到2026年，杭州要求的国家级高企数量比数字贸易上市公司多多少家？",
            "比数字贸易上市企业多1020家",
        ),
        (
            "How many fewer county logistics centers than county e-commerce clusters is Jiangsu "
            "aiming for?",
            ": 20 more than county-level logistics",
        ),
        (
            "Platforms: Hangzhou's goal for globally competitive platform companies vs Jiangsu's "
            "goal for leading platforms/segment champions - which is bigger and by how many?",
            "Hangzhou: 10 more than Jiangsu",
        ),
    ],
)
def test_the_two_that_a_question_has_most_of_the_names_of_are_subtracted(
    index: ClauseIndex, question: str, told: str
) -> None:
    assert told in compared(index, question)


def test_people_are_not_set_off_against_firms(index: ClauseIndex) -> None:
    targets = {each.indicator: each for each in index.facts.find(Target)}
    firms, people = targets["数字贸易上市企业"], targets["数字贸易人才"]
    assert dimension(firms) == dimension(targets["国家级高新技术企业"]) != dimension(people)
    question = "杭州的数字贸易人才比数字贸易上市企业多多少？"
    assert "多99" not in compared(index, question)


def test_no_two_are_taken_where_a_third_is_named_as_well(index: ClauseIndex) -> None:
    question = "省级以上电子商务示范基地、县域电商产业集聚区、县级物流配送中心哪个多？"
    jiangsu = [index.documents["jiangsu-ecommerce"]]
    assert likest(running(index, question), jiangsu) is None
    assert likest(running(index, "公交车比出租车多多少？"), jiangsu) is None


def test_a_name_put_together_word_by_word_gives_way_to_the_rendition(index: ClauseIndex) -> None:
    under_way = running(index, "What are the targets of the Hangzhou plan?")
    targets = {each.indicator: each for each in index.facts.find(Target)}
    platforms = targets["具有全球竞争力的平台企业"]
    assert target_name(under_way, platforms) == ""
    assert target_told(under_way, platforms) == (
        "at least 30 platform enterprises with global competitiveness (by 2026)"
    )
    assert target_told(under_way, targets["数字贸易额"]).startswith("digital trade volume: RMB 430")


@pytest.mark.parametrize(
    ("question", "told"),
    [
        (
            "江苏网络零售额年均增速和上海2019年数字贸易出口年均增速，哪个高？高几个百分点？",
            "比江苏省网络零售额年均增长率多5个百分点",
        ),
        (
            "Shanghai in 2019 set a yearly growth of digital trade exports, Jiangsu one of online "
            "retail sales: how many percentage points is the higher above the lower?",
            "5 percentage points more than Jiangsu",
        ),
        # Neither may both figures come from one of two documents that are named.
        ("杭州的数字贸易额目标和上海2019年的数字贸易进出口目标差多少？", "达到400亿美元"),
    ],
)
def test_of_two_documents_named_each_gives_a_figure(
    index: ClauseIndex, question: str, told: str
) -> None:
    assert told in compared(index, question)


def test_two_documents_may_call_it_the_same(tmp_path: Path) -> None:
    files = []
    for city, goal in (
        ("无锡", "到2027年，网络零售额达到500亿元，快递业务量达到9亿件。"),
        ("温州", "到2027年，网络零售额达到300亿元，农村网络零售额达到40亿元。"),
    ):
        text = f"{city}市电子商务发展规划\n一、发展目标\n{goal}\n二、任务\n支持企业。\n"
        files.append(tmp_path / f"{city}.md")
        files[-1].write_text(text, encoding="utf-8")
    build_index(files, tmp_path / "index", HashEncoder())
    plans = ClauseIndex.open(tmp_path / "index", HashEncoder())
    told = compared(plans, "无锡和温州的网络零售额目标哪个高，差多少？")
    assert told.startswith("无锡市网络零售额比温州市网络零售额多200亿元")
