"""What a question asks for, told by its words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import pytest
from fakes_index import built_in, read_built_in
from wordings import wording_of

from index.request.intents import (
    in_common_form,
    with_terms,
)
from index.search.store import ClauseIndex
from index.text.places import with_places
from rag.answer.weigh import select_evidence
from rag.answer.whole_articles import tell_chapter

GLOSSARY = [
    ("数字人民币", "digital RMB (e-CNY)"),
    ("负面清单", "negative list"),
    ("沪商", "Hu Shang"),
]


@pytest.mark.parametrize(
    ("question", "explained"),
    [
        ("e-CNY怎么用？", "e-CNY（数字人民币）怎么用？"),
        ("e-CNY即数字人民币怎么用？", "e-CNY即数字人民币怎么用？"),
        ("What is on the 负面清单?", "What is on the 负面清单 (negative list)?"),
        ("What does 沪商〔2021〕121号 say?", "What does 沪商〔2021〕121号 say?"),
        ("What does 《负面清单》 say?", "What does 《负面清单》 say?"),
        ("这份文件说什么？", "这份文件说什么？"),
    ],
)
def test_terms_of_the_other_language_are_explained(question: str, explained: str) -> None:
    assert with_terms(question, GLOSSARY) == explained


def test_misspelt_places_are_put_right() -> None:
    regions = ["杭州市", "上海市", None]
    assert with_places("杭洲和上海的计划", regions) == "杭州和上海的计划"
    assert with_places("有没有伤害？", regions) == "有没有伤害？"
    assert with_places("Hangzhou", regions) == "Hangzhou"


def test_a_question_is_read_in_simplified_characters() -> None:
    index = cast(ClauseIndex, built_in())
    assert (
        in_common_form("湛江哪幾個縣開了特色館？", index.documents, ())
        == "湛江哪几个县开了特色馆？"
    )


def test_kinds_of_answers() -> None:
    assert wording_of("Give me the upshot of the clause on talent.").summary
    assert wording_of("绿色电商那条，捋一捋").summary
    assert not wording_of("How many zones are planned, and what share?").items
    assert wording_of("打算怎么管网上卖假货？").measures
    assert wording_of("What will Jiangsu do to promote rural e-commerce?").measures
    assert not wording_of("哪个部门负责？").measures
    assert wording_of("两份文件有什么不一样？").compares
    assert wording_of("Comparing the two, which is later?").compares


@pytest.mark.parametrize(
    "question",
    [
        "湛江方案第十四條寫了甚麼？",
        "What is provided by Article 14 of the Zhanjiang plan?",
        "湛江方案第5、6条，都讲了点啥呀",
        "Would you set out item 14 of the Zhanjiang plan?",
    ],
)
def test_look_ups_in_many_words(question: str) -> None:
    assert wording_of(question).whole


def test_a_line_of_units_is_evidence_only_where_it_is_asked_who() -> None:
    read = read_built_in("hangzhou-2024#二/(一)/3", "zh")

    def alike(texts: Sequence[str]) -> Sequence[float]:
        return [0.0] * len(texts)

    units = [passage for passage in read.passages if "责任单位" in passage.zh]
    asked_what = select_evidence(wording_of("跨境电商向哪里拓展？"), read, alike, 2)
    asked_who = select_evidence(wording_of("跨境电商由哪个部门负责？"), read, alike, 2)
    assert units and units[0] in asked_who and units[0] not in asked_what


def test_a_chapter_is_told_by_the_headings_of_its_articles() -> None:
    index = built_in()
    clauses = [c for c in index.documents["shanghai-2019"].clauses if c.path.startswith("二/")]
    told = tell_chapter(cast(ClauseIndex, index), clauses, "zh", lambda texts: list(texts))
    assert [each.read.clause.id for each in told] == [clause.id for clause in clauses]
    assert "云服务" in told[0].text


@pytest.mark.parametrize(
    ("question", "where"),
    [
        ("哪一条讲智慧物流？", True),
        ("智慧物流在第几条？", True),
        ("Which article deals with logistics?", True),
        ("直播场景落在哪几条马路？", False),
        ("入选的认定条件是哪几条？", False),
        ("Which article numbers of that law does it rely on?", False),
    ],
)
def test_an_article_is_asked_for_by_what_it_holds(question: str, where: bool) -> None:
    assert wording_of(question).where is where


@pytest.mark.parametrize(
    ("question", "beside"),
    [
        ("数据跨境由谁牵头？多久检查一次？", True),
        ("Who leads the work, and how often does it report?", True),
        ("由谁牵头，谁配合？", False),
        ("Which bureau leads and which bodies support it?", False),
        ("What department is in charge?", False),
        ("这件事归哪几家管", False),
        ("办得好能得到什么好处，哪个部门管这事？", True),
        ("How is it paid for, and which bureau is in charge?", True),
    ],
)
def test_what_is_asked_beside_who_is_seen(question: str, beside: bool) -> None:
    assert wording_of(question).beside_who is beside
