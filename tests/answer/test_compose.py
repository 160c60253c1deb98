"""Numbered citations, notes on what has ended, and labels."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from fakes_index import built_in, read_built_in

from rag.answer.compose import compose, nearest_labels
from rag.answer.support import Statement, verbatim
from rag.schema import Language

GOALS = "jiangsu-ecommerce#一"
LAST_DAY, DAY_AFTER = date(2025, 12, 31), date(2026, 1, 1)
NOTE = "（计划期2021—2025年，已结束）"


def test_sentences_are_joined_with_the_marks_of_their_citations() -> None:
    read = read_built_in("shanghai-2021#四/(十二)", "zh")
    first, _, third, *_ = read.passages
    one, two = Statement("甲。", read, (first,)), Statement("乙。", read, (third, first))
    composed = compose([one, two], "zh", DAY_AFTER)
    assert composed.text == "甲。[1]乙。[1][2]"
    assert [sentence.citations for sentence in composed.sentences] == [(1,), (1, 2)]
    assert [citation.n for citation in composed.citations] == [1, 2]
    assert compose([one, two], "en", DAY_AFTER).text == "甲。[1] 乙。[1][2]"


def test_neighbouring_sentences_are_one_quote() -> None:
    read = read_built_in("shanghai-2021#四/(十二)", "zh")
    source = read.document.source
    statement = Statement("甲。", read, (*read.passages[3:], read.passages[1]))
    composed = compose([statement], "zh", DAY_AFTER)
    assert composed.text == "甲。[1][2]"
    assert [citation.quote for citation in composed.citations] == [
        "完善城市物流基础设施,优化城市物流配送网点布局,形成高效便捷绿色的商贸物流网络。",
        "加大智能快件箱布设力度,开展智能取餐柜示范试点。"
        "鼓励智能售货机、智能饮料机、智能回收站等各类智慧零售终端发展。",
    ]
    for citation in composed.citations:
        assert source[citation.start : citation.end] == citation.quote
    assert composed.citations[1].quote_en == (
        "Step up the deployment of smart parcel lockers and carry out demonstration pilots of "
        "smart meal pick-up lockers. Encourage the development of all kinds of smart retail "
        "terminals such as smart vending machines, smart beverage machines and smart recycling "
        "stations."
    )


def test_the_quote_of_a_damaged_document_is_its_source() -> None:
    read = read_built_in("zhanjiang-2016#一/(二)", "zh")
    (citation,) = compose([Statement("甲。", read, read.passages)], "zh", DAY_AFTER).citations
    assert "網(wǎng)絡(luò)" in citation.quote and "网络" not in citation.quote
    assert citation.quote == read.document.source[citation.start : citation.end]


def test_a_quote_without_english_has_none() -> None:
    read = read_built_in("shanghai-2021#四/(十二)", "zh")
    bare = tuple(replace(passage, en=None) for passage in read.passages[:2])
    read = replace(read, passages=(*bare, *read.passages[2:]))
    statements = [Statement("甲。", read, read.passages[1:3]), Statement("乙。", read, bare[:1])]
    assert [c.quote_en for c in compose(statements, "zh", DAY_AFTER).citations] == [None, None]


def test_only_the_last_sentence_from_an_ended_plan_says_so() -> None:
    read = read_built_in(GOALS, "zh")
    statements = verbatim(read.passages[1:3], read)
    texts = [sentence.text for sentence in compose(statements, "zh", DAY_AFTER).sentences]
    assert texts == [
        statements[0].text,
        "到2025年,农村网络零售额达到3200亿元,电子商务相关从业人数突破420万人" + NOTE + "。",
    ]
    composed = compose(statements, "zh", LAST_DAY)
    assert [sentence.text for sentence in composed.sentences] == [s.text for s in statements]
    assert {citation.status for citation in composed.citations} == {"in_force"}


@pytest.mark.parametrize(
    ("text", "language", "noted"),
    [
        ("达到3200亿元。", "zh", f"达到3200亿元{NOTE}。"),
        ("达到3200亿元；", "zh", f"达到3200亿元{NOTE}。"),
        ("It reaches 5.", "en", "It reaches 5 (plan period 2021–2025, ended)."),
        ("It reaches 5; ", "en", "It reaches 5 (plan period 2021–2025, ended)."),
    ],
)
def test_the_note_stands_before_the_full_stop(text: str, language: Language, noted: str) -> None:
    read = read_built_in(GOALS, language)
    statement = Statement(text, read, read.passages[:1])
    assert compose([statement], language, DAY_AFTER).text == f"{noted}[1]"


def test_each_ended_document_has_its_note() -> None:
    jiangsu = read_built_in(GOALS, "zh")
    shanghai = read_built_in("shanghai-2019#一/(二)", "zh")
    statements = [Statement("甲。", read, read.passages[:1]) for read in (jiangsu, shanghai)]
    texts = [sentence.text for sentence in compose(statements, "zh", DAY_AFTER).sentences]
    assert texts == [f"甲{NOTE}。", "甲（计划期2019—2021年，已结束）。"]


def test_a_complete_statement_gets_no_note() -> None:
    read = read_built_in(GOALS, "zh")
    statement = Statement("计划期已过。", read, read.passages[:1], complete=True)
    composed = compose([statement], "zh", DAY_AFTER)
    assert composed.text == "计划期已过。[1]"
    assert composed.citations[0].status == "expired"


def test_a_document_past_its_last_day_is_told_by_that_day() -> None:
    read = read_built_in("hangzhou-2024#一/(六)", "zh")
    statement = Statement("不少于5项。", read, read.passages[1:2])
    assert compose([statement], "zh", date(2026, 12, 31)).text == "不少于5项。[1]"
    assert compose([statement], "zh", date(2027, 1, 1)).text.startswith("不少于5项（该文件有效期至")


def test_nothing_composes_to_nothing() -> None:
    composed = compose([], "zh", DAY_AFTER)
    assert (composed.text, composed.sentences, composed.citations) == ("", (), ())


def test_labels_name_a_document_once_for_neighbours() -> None:
    keys = ["shanghai-2021#四/(十二)", "shanghai-2021#四/(十一)", "hangzhou-2024#二/(二)/9"]
    assert nearest_labels([read_built_in(key, "zh") for key in keys], "zh") == (
        "沪商电商〔2021〕121号 第十二条、第十一条、" + built_in().clause(keys[2]).label
    )
    assert nearest_labels([read_built_in(key, "en") for key in keys], "en") == (
        "Hu Shang Dian Shang [2021] No. 121, Article 12, Article 11, "
        + built_in().clause(keys[2]).label_en
    )
