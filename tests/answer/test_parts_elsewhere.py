"""Two things asked at once: what the clause chosen leaves open is told from another one."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from tempfile import mkdtemp

import pytest
from fakes import FakeGenerator
from fakes_index import HashEncoder

from index.search.build import build_index
from index.search.store import ClauseIndex
from rag.answer.assistant import Assistant
from rag.answer.evidence import read_clause
from rag.answer.support import Statement
from rag.answer.told import with_limits, with_paragraphs_before
from rag.schema import Answer, Judgement

LAW = """# 临江市募捐条例
（2023年3月1日临江市人民代表大会常务委员会通过）
第一条 为了规范募捐活动，制定本条例。
第二条 无法事先备案的，应当在募捐活动开始后十日内补办备案手续。
第三条 募捐情况应当每三个月公布一次。
第四条 救援期间收到的款物，应当每五日公布一次。
第五条 捐赠人可以查询捐赠款物的使用情况，捐赠协议另有约定的除外。
第六条 组织未备案募捐的，由民政部门责令改正，处一万元罚款。
个人有前款行为的，由公安机关依照前款规定给予处罚，并通报其所在地的居民委员会。
第七条 除本条例另有规定外，募捐款物归受益人所有，并登记造册。
"""


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> ClauseIndex:
    folder = tmp_path_factory.mktemp("law")
    (folder / "donations.md").write_text(LAW, encoding="utf-8")
    encoder = HashEncoder()
    build_index([folder / "donations.md"], folder / "index", encoder)
    return ClauseIndex.open(folder / "index", encoder)


def asked(index: ClauseIndex, question: str, held: dict[str, str], written: list[str]) -> Answer:
    """The answer where a clause with words of `held` answers questions with those that they give.

    The last fitting words count.
    """

    def verdict(text: str, question: str) -> Judgement:
        wanted = [of for words, of in held.items() if words in question]
        yes = bool(wanted) and wanted[-1] in text
        return Judgement(likelihood=-1.0 if yes else -3.0, yes=2.0 if yes else -2.0)

    generator = FakeGenerator(verdict=verdict, answers=list(written))
    means = Assistant(
        index,
        lambda: generator,
        "fake",
        today=lambda: date(2026, 11, 22),
        translations=Path(mkdtemp(prefix="translations-")),
    )
    return means.answer(question)


FIRST = "无法事先备案的，要在募捐开始后几日内补办？"
SECOND = "救援期间收到的款物多久公布一次？"


def test_each_part_is_told_from_the_clause_that_answers_it(index: ClauseIndex) -> None:
    told = asked(
        index,
        FIRST + SECOND,
        {"救援期间": "每五日", "补办": "十日内"},
        ["应当在募捐活动开始后十日内补办备案手续。", "救援期间收到的款物，应当每五日公布一次。"],
    )
    assert [each.clause_id for each in told.citations] == ["donations#第二条", "donations#第四条"]
    assert "十日" in told.answer and "五日" in told.answer


def test_a_part_that_no_clause_answers_adds_nothing(index: ClauseIndex) -> None:
    told = asked(
        index,
        FIRST + SECOND,
        {"救援期间": "无此", "补办": "十日内"},
        ["应当在募捐活动开始后十日内补办备案手续。"],
    )
    assert [each.clause_id for each in told.citations] == ["donations#第二条"]


def test_what_limits_a_rule_is_added_to_what_is_written_of_it(index: ClauseIndex) -> None:
    told = asked(
        index,
        "捐赠人可以查询什么？",
        {"查询": "使用情况"},
        ["捐赠人可以查询捐赠款物的使用情况。"],
    )
    assert "另有约定的除外" in told.answer


def test_where_something_stands_is_told_by_its_own_sentence(index: ClauseIndex) -> None:
    told = asked(
        index, "哪一条规定公安机关给予处罚并通报居民委员会？", {"公安机关": "居民委员会"}, []
    )
    assert [each.clause_id for each in told.citations] == ["donations#第六条"]
    assert "居民委员会" in told.answer


def test_what_is_punished_as_before_is_told_with_what_stands_before(index: ClauseIndex) -> None:
    read = read_clause(index, "donations#第六条", "zh")
    told = with_paragraphs_before([read.passages[-1]], read)
    assert "一万元" in told[0].zh and told[-1] == read.passages[-1]


def test_a_limit_that_comes_first_is_put_first(index: ClauseIndex) -> None:
    read = read_clause(index, "donations#第七条", "zh")
    statement = with_limits(Statement("募捐款物归受益人所有。", read, read.passages[:1]), "zh")
    assert statement.text == "除本条例另有规定外，募捐款物归受益人所有。"


def test_a_part_in_another_language_is_not_answered_in_it(index: ClauseIndex) -> None:
    told = asked(
        index,
        "How often must donations be published? " + SECOND,
        {"How often": "每三个月", "救援期间": "每五日"},
        ["救援期间收到的款物，应当每五日公布一次。", "募捐情况应当每三个月公布一次。"],
    )
    assert [each.clause_id for each in told.citations] == ["donations#第四条"]
    assert told.language == "zh" and "Article" not in told.answer
