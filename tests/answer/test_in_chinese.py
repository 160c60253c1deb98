"""An English question finds clauses without English by the Chinese of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from fakes import FakeGenerator, NoModel
from fakes_index import HashEncoder

from index.documents.model import Hit
from index.request.understand import understand
from index.search.build import build_index
from index.search.search import SearchResult, search
from index.search.store import ClauseIndex
from rag.answer.asked import put_into_chinese
from rag.answer.in_chinese import in_chinese, rendered, together
from rag.answer.running import HITS, Running

RULES = """青石县冷库管理办法
第一条 冷库应当配备温度记录仪，记录保存两年。
第二条 违反本办法的，由县商务局责令改正。
第三条 冷库停用三十日以上的，应当报告。
"""
QUESTION = "How long are temperature logs to be kept?"


class Means(NoModel):
    """What an answer is made with, of which the Chinese of a question alone is asked."""

    def __init__(self, chinese: str) -> None:
        self.chinese = chinese
        self.given: list[str] = []

    def in_chinese(self, question: str) -> str:
        self.given.append(question)
        return self.chinese


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> ClauseIndex:
    folder: Path = tmp_path_factory.mktemp("rules")
    (folder / "rules.txt").write_text(RULES, encoding="utf-8")
    build_index([folder / "rules.txt"], folder / "index", HashEncoder())
    return ClauseIndex.open(folder / "index", HashEncoder())


@pytest.fixture(scope="module")
def built_in(tmp_path_factory: pytest.TempPathFactory) -> ClauseIndex:
    folder = tmp_path_factory.mktemp("built_in")
    build_index([], folder, HashEncoder())
    return ClauseIndex.open(folder, HashEncoder())


def running(index: ClauseIndex, question: str, means: Means) -> Running:
    under_way = Running(means, index, understand(question, index), "", 0.0)
    under_way.found = search(index, under_way.request, HITS)
    return under_way


def test_what_has_no_english_is_searched_in_chinese(index: ClauseIndex) -> None:
    means = Means("温度记录要保存几年？")
    other = in_chinese(running(index, QUESTION, means))
    assert means.given == [QUESTION] and other is not None
    assert other.language == "zh" and other.request.asked.text == "温度记录要保存几年？"
    assert other.found.hits[0].clause_id == "rules#第一条"
    assert rendered(running(index, QUESTION, means)).hits == ()


def test_the_english_question_stays_where_it_is_enough(
    index: ClauseIndex, built_in: ClauseIndex
) -> None:
    none_asked = Means("不应当问到")
    english = "What is Jiangsu's target for rural online retail sales?"
    assert in_chinese(running(built_in, english, none_asked)) is None
    assert in_chinese(running(index, "温度记录要保存几年？", none_asked)) is None
    assert none_asked.given == []
    assert in_chinese(running(index, QUESTION, Means(""))) is None


def test_two_results_are_one_by_their_ranks() -> None:
    first = SearchResult((Hit("a", 0.9), Hit("b", 0.8)), 0.5)
    second = SearchResult((Hit("b", 0.1), Hit("c", 0.05)), 0.25)
    both = together(first, second)
    assert [hit.clause_id for hit in both.hits] == ["b", "a", "c"] and both.seconds == 0.75


@pytest.mark.parametrize(
    ("written", "taken"),
    [("溫度記錄要保存幾年？\n", "温度记录要保存几年？"), ("How long are logs kept?", ""), ("", "")],
)
def test_only_chinese_counts_as_chinese(written: str, taken: str) -> None:
    assert put_into_chinese(QUESTION, FakeGenerator([written])) == taken
