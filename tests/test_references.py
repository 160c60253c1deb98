"""Articles, documents and places that a question names, and the question's language."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pytest

from index.build import collect
from index.language import question_language
from index.references import find_references, link_documents, without_names
from index.schema import Document


@cache
def documents() -> Mapping[str, Document]:
    folder = Path(__file__).resolve().parent.parent / "index/corpus"
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
