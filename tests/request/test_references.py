"""Articles, documents and places that a question names, and the question's language."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pytest

from index.documents.model import Document
from index.documents.parse import parse_document
from index.request.articles_named import find_references
from index.request.documents_named import (
    in_full,
    link_documents,
    names_by_title,
    names_by_year,
    without_names,
)
from index.search.build import collect
from index.text.language import question_language


@cache
def documents() -> Mapping[str, Document]:
    folder = Path(__file__).resolve().parents[2] / "index/corpus"
    contents = collect([folder], [], lambda stage, done, total: None)
    return {document.id: document for document in contents.documents}


def referred(question: str) -> list[str | None]:
    linked = link_documents(question, documents())
    return [found.clause_id for found in find_references(question, documents(), linked)]


@pytest.mark.parametrize(
    ("question", "clause_id"),
    [
        ("沪商电商〔2021〕121号第十二条", "shanghai-2021#四/(十二)"),
        ("沪商电商(2021)121号 第12条讲什么", "shanghai-2021#四/(十二)"),
        ("上海2021年意见第十二条讲什么？", "shanghai-2021#四/(十二)"),
        (
            "What does Article 12 of Hu Shang Dian Shang [2021] No. 121 say?",
            "shanghai-2021#四/(十二)",
        ),
        ("Explain item 18 of the Jiangsu e-commerce plan", "jiangsu-ecommerce#二/(六)/18"),
        ("江苏方案第18条", "jiangsu-ecommerce#二/(六)/18"),
        ("上海2019年行动方案第四部分第（六）项", "shanghai-2019#四/(六)"),
        ("Section 2(6), point 17 of the Jiangsu plan", "jiangsu-ecommerce#二/(六)/17"),
        ("Hangzhou action plan, task no. 21", "hangzhou-2024#二/(四)/21"),
        ("湛江方案第二十條講什麼", "zhanjiang-2016#三/(二十)"),
        ("shanghai-2021#四/(十二) 的内容", "shanghai-2021#四/(十二)"),
    ],
)
def test_an_article_is_found_by_its_number(question: str, clause_id: str) -> None:
    assert referred(question) == [clause_id]


@pytest.mark.parametrize(
    ("question", "clause_ids"),
    [
        ("上海2021年意见第5条和第6条", ["三/(五)", "三/(六)"]),
        ("上海2021年意见第5条至第7条", ["三/(五)", "三/(六)", "三/(七)"]),
        ("上海2021年意见第5、6条", ["三/(五)", "三/(六)"]),
        ("Articles 5 and 6 of the Shanghai 2021 opinions", ["三/(五)", "三/(六)"]),
        ("items 5 to 7 of the Shanghai 2021 opinions", ["三/(五)", "三/(六)", "三/(七)"]),
        ("上海2021年意见的最后一条", ["七/(二十四)"]),
        ("the last article of the Shanghai 2021 opinions", ["七/(二十四)"]),
        ("上海2021年意见里标题叫“加强组织领导”的那一条", ["七/(二十二)"]),
    ],
)
def test_articles_named_together_or_by_place_and_heading(
    question: str, clause_ids: list[str]
) -> None:
    assert referred(question) == [f"shanghai-2021#{path}" for path in clause_ids]


def test_an_item_of_a_part_is_named_upwards_in_english() -> None:
    assert referred("item 5 of part 3 of the Shanghai 2019 plan") == ["shanghai-2019#三/(二)/5"]
    assert referred("上海2019年方案三、（三）里的第7条") == ["shanghai-2019#三/(三)/7"]


def test_a_number_belongs_to_the_place_named_before_it() -> None:
    question = "Who is responsible in Hangzhou (item 3) and who in Zhanjiang?"
    assert referred(question) == ["hangzhou-2024#二/(一)/3"]


def test_a_year_before_a_number_is_no_document_number() -> None:
    assert referred("Hangzhou action plan 2024–2026, no. 14") == ["hangzhou-2024#二/(三)/14"]


def test_documents_are_named_by_year_and_kind() -> None:
    both = "上海2019年的方案和2021年的意见"
    assert names_by_year(both, documents()["shanghai-2019"])
    assert names_by_year(both, documents()["shanghai-2021"])
    assert not names_by_year("上海到2021年的出口额", documents()["shanghai-2021"])


def test_a_document_is_named_by_words_of_its_title_alone() -> None:
    assert names_by_title("数字商务的实施意见说什么", documents()) == {"shanghai-2021": "数字商务"}
    assert names_by_title("数字商务怎么发展", documents()) == {}
    assert names_by_title("数字贸易的方案", documents()) == {}


def test_an_article_that_is_not_there_is_named_without_a_clause() -> None:
    assert referred("沪商电商〔2021〕121号第九十九条") == [None]


def test_numbers_that_name_no_article_or_no_document_of_ours() -> None:
    assert referred("第十二条讲什么") == []
    assert referred("《网络安全法》第十二条讲什么") == []
    assert referred("杭州到2026年规模以上企业多少家") == []


def test_documents_are_linked_by_place_year_and_kind() -> None:
    linked = link_documents("上海2021年意见里的智慧菜场", documents())
    assert max(linked, key=lambda key: linked[key]) == "shanghai-2021"
    assert set(linked) == {"shanghai-2019", "shanghai-2021"}
    assert set(link_documents("Which bureaus in Hangzhou lead it?", documents())) == {
        "hangzhou-2024"
    }
    assert link_documents("What about Shenzhen?", documents()) == {}


def test_without_names_keeps_what_is_asked() -> None:
    jiangsu = [documents()["jiangsu-ecommerce"]]
    assert (
        without_names("江苏省的农村网络零售额目标是多少", jiangsu) == "的农村网络零售额目标是多少"
    )


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("上海的目标是多少？", "zh"),
        ("What is the target?", "en"),
        ("What does 第十二条 of 沪商电商〔2021〕121号 say?", "en"),
        ("Hangzhou 的 digital trade target 是多少？", "zh"),
        ("湛江市電子商務交易額年均增長多少？", "zh"),
        ("沪商电商〔2021〕121号第十二条", "zh"),
        ("RCEP rules Shanghai", "en"),
        ("What does 一店多能 mean in the Jiangsu e-commerce plan?", "en"),
    ],
)
def test_question_language(question: str, language: str) -> None:
    assert question_language(question) == language


@pytest.mark.parametrize(
    ("question", "path"),
    [
        ("发文〔2018〕1号第（二）条讲什么？", "一/(二)"),
        ("发文〔2018〕1号附件1第（二）条讲什么？", "附件1/一/(二)"),
        ("发文〔2018〕1号附的《扶持企业发展的规定》第（二）条讲什么？", "附件1/一/(二)"),
        ("Item 2 of attachment 1 of the notice?", "附件1/一/(二)"),
    ],
)
def test_an_attachment_is_named_by_number_or_title(question: str, path: str) -> None:
    text = "\n".join(
        (
            "某省关于改革的通知",
            "发文〔2018〕1号",
            "一、关于资产",
            "（一）清查资产，界定产权。",
            "（二）评估资产，作价出资。",
            "二、关于人员",
            "（三）安置人员，签订合同。",
            "附件1",
            "扶持企业发展的规定",
            "为扶持企业发展，制定以下规定。",
            "一、关于融资",
            "（一）支持企业发行债券。",
            "（二）支持企业申请上市。",
        )
    )
    document = parse_document(text, "notice")
    found = find_references(question, {document.id: document}, {document.id: 1.0})
    assert [each.clause_id for each in found] == [f"{document.id}#{path}"]


@pytest.mark.parametrize(
    ("short", "full"),
    [
        ("121号文试点什么？", "沪商电商〔2021〕121号文试点什么？"),
        ("沪商电商〔2021〕121号试点什么？", "沪商电商〔2021〕121号试点什么？"),
        ("7月23号发的吗？", "7月23号发的吗？"),
        ("上海19年的方案和21年的意见", "上海2019年的方案和2021年的意见"),
        ("15年的老企业", "15年的老企业"),
        ("Under No. 121, which zone?", "Under Hu Shang Dian Shang [2021] No. 121, which zone?"),
        ("Hu Shang Dian Shang [2021] No. 121?", "Hu Shang Dian Shang [2021] No. 121?"),
        ("What of No. 12?", "What of No. 12?"),
    ],
)
def test_short_names_of_documents_are_put_in_full(short: str, full: str) -> None:
    assert in_full(short, documents()) == full


def test_a_document_named_by_its_number_stays_beside_another_place() -> None:
    linked = link_documents("沪商电商〔2021〕121号和杭州的计划分别怎么安排？", documents())
    assert {"shanghai-2021", "hangzhou-2024"} <= set(linked)


DECIMAL = (
    "南川市供水应急预案\n1 总则\n1.1 目的\n供水安全。\n2 组织\n2.1 指挥部\n市长任总指挥。\n"
    "2.2 职责\n2.2.1 市水务局调度。\n2.2.2 市卫健委检测。\n附录A 物资\nA.1 泵车十辆。\nA.2 水管。\n"
)


@pytest.mark.parametrize(
    ("question", "paths"),
    [
        ("供水应急预案2.2.1说什么？", ["2.2.1"]),
        ("供水应急预案第2.2.1条", ["2.2.1"]),
        ("Section 2.1 of 南川市供水应急预案", ["2.1"]),
        ("供水应急预案2.2节", ["2.2.1", "2.2.2"]),
        ("供水应急预案A.2", ["附录A/A.2"]),
        ("供水应急预案9.9", [None]),
        ("供水应急预案里3.5万元的补助", []),
    ],
)
def test_decimal_numbers_name_clauses(question: str, paths: list[str | None]) -> None:
    plans = {"plan": parse_document(DECIMAL, "plan")}
    found = find_references(question, plans, link_documents(question, plans))
    assert [one.clause_id for one in found] == [path and f"plan#{path}" for path in paths]


@pytest.mark.parametrize(
    ("question", "path"),
    [
        ("南水〔2022〕7号附表2第一条", "附表2/一"),
        ("南水〔2022〕7号附件1第一条", "附件1/一"),
        ("Article 1 of Table 2 of Nan Shui [2022] No. 7", "附表2/一"),
    ],
)
def test_parts_of_all_kinds_are_named(question: str, path: str) -> None:
    text = (
        "南川市水务局的通知\n南水〔2022〕7号\n一、上报。\n二、通报。\n附件1：甲方案\n一、甲。\n二、乙。\n"
        "附表2：乙表\n一、丙。\n二、丁。\n"
    )
    notices = {"d": parse_document(text, "d")}
    found = find_references(question, notices, link_documents(question, notices))
    assert [one.clause_id for one in found] == [f"d#{path}"]
