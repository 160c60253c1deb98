"""An English question finds clauses without English by the Chinese of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from fakes import FakeGenerator, NoModel
from fakes_index import HashEncoder

from index.documents.model import Hit
from index.request.understand import understand
from index.search.build import build_index
from index.search.search import SearchResult, search
from index.search.store import ClauseIndex
from rag.answer.chinese_wording import Name, laws_by_letters, names_in, put_into_chinese
from rag.answer.in_chinese import in_chinese, rendered, together
from rag.answer.running import HITS, Running
from rag.errors import ModelFault

RULES = """青石县冷库管理办法
第一条 冷库应当配备温度记录仪，记录保存两年。
第二条 违反本办法的，由县商务局责令改正。
第三条 冷库停用三十日以上的，应当报告。
"""


def not_spelt(name: str) -> str | None:
    """No word of the documents is spelt like a name."""
    return None


QUESTION = "How long are temperature logs to be kept?"


class Means(NoModel):
    """What an answer is made with, of which the Chinese of a question alone is asked."""

    def __init__(self, chinese: str) -> None:
        self.chinese = chinese
        self.given: list[str] = []

    def in_chinese(self, question: str, names: Sequence[Name] = ()) -> str:
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


def test_what_is_asked_for_is_read_from_the_persons_own_words(index: ClauseIndex) -> None:
    """The Chinese of a question may lose a part of what it asks."""
    asked = "Who fines a cold store, and how long are temperature logs to be kept in 2024?"
    under_way = running(index, asked, Means("冷库温度记录？"))
    other = in_chinese(under_way)
    assert other is not None
    read, own = other.request.asked, under_way.request.asked
    assert (read.text, read.language) == ("冷库温度记录？", "zh")
    assert own.kinds and (read.who, read.kinds, read.twice) == (own.who, own.kinds, own.twice)
    assert read.demanded == {2024}


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
    [
        (["溫度記錄要保存幾年？\n"], "温度记录要保存几年？"),
        (["How long are logs kept?", "记录要保存几年？"], "记录要保存几年？"),
        (["How long are logs kept?", "How long?"], ""),
        (["", ""], ""),
        # What answers, names an article or has a number of its own is worded again.
        (["记录保存两年。", "记录要保存几年？"], "记录要保存几年？"),
        (["第三条规定记录要保存几年？", "记录要保存几年？"], "记录要保存几年？"),
        (["记录2018年起要保存几年？", "记录要保存几年？"], "记录要保存几年？"),
        (["temperature记录要保存几年？", "记录要保存几年？"], "记录要保存几年？"),
        # Neither is better: the first is taken.
        (
            ["temperature记录要保存几年？", "temperature记录保存几年？"],
            "temperature记录要保存几年？",
        ),
    ],
)
def test_what_is_no_chinese_question_is_worded_again(
    written: list[str | ModelFault], taken: str
) -> None:
    assert put_into_chinese(QUESTION, FakeGenerator(written)) == taken


def test_the_model_is_given_the_names_that_are_known() -> None:
    generator = FakeGenerator(["冷库法规定记录要保存几年？"])
    put_into_chinese(QUESTION, generator, [Name("Cold Store Law", "冷库法", "rules")])
    assert "Names: Cold Store Law = 冷库法\n" in generator.asked[0].text


def test_laws_are_named_by_what_their_titles_mean(index: ClauseIndex) -> None:
    documents = list(index.documents.values())

    def alike(name: str, titles: Sequence[str]) -> list[float]:
        return [0.9 if name == "Cold Store Measures" else 0.7 for _ in titles]

    def names(question: str) -> list[tuple[str, str, str | None]]:
        found = names_in(question, documents, alike, lambda name: {"Qingshi": "青石"}.get(name))
        return [(each.english, each.chinese, each.document_id) for each in found]

    title = "青石县冷库管理办法"
    assert names("What do the Cold Store Measures ask for?") == [
        ("Cold Store Measures", title, "rules")
    ]
    assert names("Under the Tobacco Law in Hainan, who decides?") == [("Hainan", "海南", None)]
    assert names("How long are logs kept in Qingshi County?") == [("Qingshi", "青石", None)]
    assert names("How long are logs kept?") == []
    assert names_in("What does the Seed Law say?", [], alike, not_spelt) == []


def test_a_law_is_not_linked_where_another_title_is_nearly_as_like(built_in: ClauseIndex) -> None:
    documents = list(built_in.documents.values())[:2]
    near = names_in("What does the Seed Law say?", documents, lambda *_: [0.9, 0.89], not_spelt)
    clear = names_in("What does the Seed Law say?", documents, lambda *_: [0.8, 0.9], not_spelt)
    assert near == [] and clear[0].document_id == documents[1].id


def test_a_law_is_known_by_its_first_letters(built_in: ClauseIndex) -> None:
    plan = replace(next(iter(built_in.documents.values())), title_en="")
    titles = ["个人信息保护法", "数据安全法", "出口管制法", "电子商务法", "网络市场监管条例"]
    laws = [replace(plan, id=title, title=f"中华人民共和国{title}") for title in titles]

    def named(question: str) -> list[Name]:
        return laws_by_letters(question, laws)

    assert named("Does PIPL ask for a representative?") == [
        Name("PIPL", "个人信息保护法", "个人信息保护法")
    ]
    assert [each.document_id for each in named("PIPL or the DSL?")] == [titles[0], titles[1]]
    # Two laws have these letters; of the others no title has them.
    assert named("What does the ECL say?") == named("What of the AML and of URL?") == []
    # One that has an English title is named by that.
    english = replace(laws[0], title_en="Personal Information Protection Law")
    assert laws_by_letters("Does PIPL ask for it?", [english]) == []
