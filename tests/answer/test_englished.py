"""A clause without English is put into English before an English question is answered from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from fakes_index import HashEncoder

from index.request.wording import read_wording
from index.search.build import build_index
from index.search.store import ClauseIndex
from rag.answer.englished import LIKELIEST, englished, resting_on
from rag.answer.evidence import ReadClause, read_clause
from rag.answer.support import Statement
from rag.answer.weigh import Weighed, weigh_evidence

TEXT = """石湾市小微企业贷款办法
第一条 小微企业新招用人员达到职工人数两成的，可申请最高不超过200万元的贷款。各县可以放宽条件。
贴息资金由县财政承担。个人自主创业的，可申请最高不超过12万元的贷款。办理机构应当公开流程。
"""
QUESTION = "What is the most that an individual who starts a business can borrow?"
ENGLISH = {
    "个人自主创业的,可申请最高不超过12万元的贷款。": (
        "An individual who starts a business may apply for a loan of at most RMB 120,000."
    )
}


@pytest.fixture
def index(tmp_path: Path) -> ClauseIndex:
    (tmp_path / "loans.txt").write_text(TEXT, encoding="utf-8")
    build_index([tmp_path / "loans.txt"], tmp_path / "index", HashEncoder())
    return ClauseIndex.open(tmp_path / "index", HashEncoder())


def weighed(index: ClauseIndex, read: ReadClause) -> list[Weighed]:
    asked = read_wording(QUESTION)
    return weigh_evidence(asked.content, read, lambda texts: [0.0] * len(texts), index.lexicon)


def put(sentences: Sequence[str]) -> list[str]:
    return [ENGLISH.get(each, "") for each in sentences]


def test_the_likeliest_sentences_are_read_in_english(index: ClauseIndex) -> None:
    read = read_clause(index, "loans#第一条", "en")
    assert read.language == "zh"
    given: list[str] = []

    def translated(sentences: Sequence[str]) -> list[str]:
        given.extend(sentences)
        return put(sentences)

    told = englished(read, read_wording(QUESTION), weighed(index, read), translated)
    assert told is not None and told.language == "en"
    assert len(given) <= LIKELIEST
    # What has no English that passes the checks is not read.
    assert [passage.en for passage in told.passages] == list(ENGLISH.values())
    assert "RMB 120,000" in told.opening and "贷款" not in told.text


def test_without_any_english_the_clause_stays_as_it_is(index: ClauseIndex) -> None:
    read = read_clause(index, "loans#第一条", "en")
    asked = read_wording(QUESTION)
    assert englished(read, asked, weighed(index, read), lambda texts: [""] * len(texts)) is None
    chinese = read_wording("个人自主创业的，最高可以贷多少？")
    assert englished(read, chinese, weighed(index, read), put) is None


def test_an_answer_rests_on_the_chinese_sentence(index: ClauseIndex) -> None:
    read = read_clause(index, "loans#第一条", "en")
    told = englished(read, read_wording(QUESTION), weighed(index, read), put)
    assert told is not None
    (passage,) = told.passages
    inner = Statement("Twelve.", told, (passage,))
    statement = resting_on(replace(inner, beside=(inner,)), read)
    assert statement.read is read and statement.beside[0].read is read
    assert [each.en for each in statement.evidence] == [None]
    assert statement.evidence[0].zh.startswith("个人自主创业的")
    assert resting_on(statement, read) is statement


def test_words_of_an_english_question_weigh_by_what_they_are_called(index: ClauseIndex) -> None:
    read = read_clause(index, "loans#第一条", "en")
    asked = read_wording("Which individuals may apply, and for how large a loan?")
    by_name = weigh_evidence(asked, read, lambda texts: [0.0] * len(texts), index.lexicon)
    assert "个人" in by_name[0].passage.zh
