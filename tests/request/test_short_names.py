"""Short names of laws and regulations, found from the titles that are held."""

from __future__ import annotations

from dataclasses import replace

import pytest

from index.documents.model import Document
from index.documents.parse import parse_document
from index.request.articles_named import find_references
from index.request.documents_named import link_documents, without_names
from index.request.short_names import named_in_short, short_names

TITLES = (
    "中华人民共和国个人信息保护法",
    "中华人民共和国网络安全法",
    "中华人民共和国数据安全法",
    "中华人民共和国环境保护法",
    "中华人民共和国劳动法",
    "中华人民共和国劳动合同法",
    "中华人民共和国民事诉讼法",
    "中华人民共和国民法典",
    "南川市养犬管理条例",
    "南川市养犬管理条例实施细则",
    "南川市公共数据管理办法",
)


def held(*titles: str) -> dict[str, Document]:
    text = "{}\n第一条 甲。\n第二条 乙。\n第三条 丙。\n"
    return {title: parse_document(text.format(title), title, title) for title in titles}


ALL = held(*TITLES)


def articles(question: str, documents: dict[str, Document] | None = None) -> list[str | None]:
    documents = documents or ALL
    linked = link_documents(question, documents)
    return [found.clause_id for found in find_references(question, documents, linked)]


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("个保法", "中华人民共和国个人信息保护法"),
        ("个人信息法", "中华人民共和国个人信息保护法"),
        ("个人信息保护法", "中华人民共和国个人信息保护法"),
        ("网安法", "中华人民共和国网络安全法"),
        ("网络安全法", "中华人民共和国网络安全法"),
        ("数安法", "中华人民共和国数据安全法"),
        ("环保法", "中华人民共和国环境保护法"),
        ("民诉法", "中华人民共和国民事诉讼法"),
        ("民法典", "中华人民共和国民法典"),
        ("劳动法", "中华人民共和国劳动法"),
        ("劳动合同法", "中华人民共和国劳动合同法"),
        ("养犬条例", "南川市养犬管理条例"),
        ("养犬管理条例", "南川市养犬管理条例"),
        ("南川养犬条例", "南川市养犬管理条例"),
        ("养犬管理条例实施细则", "南川市养犬管理条例实施细则"),
        ("公共数据办法", "南川市公共数据管理办法"),
        ("数据管理办法", "南川市公共数据管理办法"),
    ],
)
def test_a_short_name_names_one_document_and_its_article(name: str, title: str) -> None:
    for question in (
        f"{name}第二条规定了什么？",
        f"《{name}》第二条规定了什么？",
        f"请问按照{name}第二条，应当怎么做？",
        f"根据《{name}》的第2条呢",
    ):
        assert articles(question) == [f"{title}#第二条"], question
    assert list(named_in_short(f"{name}怎么规定", ALL)) == [title]


@pytest.mark.parametrize(
    ("question", "title"),
    [
        ("What does Article 2 of PIPL say?", TITLES[0]),
        ("What does Article 2 of the Personal Information Protection Law say?", TITLES[0]),
        ("Article 2 of the Cybersecurity Law", TITLES[1]),
        ("CSL Article 2", TITLES[1]),
        ("Article 2 of the Data Security Law", TITLES[2]),
        ("Article 2 of the Labor Contract Law", TITLES[5]),
        # As others than the law's own translators call it.
        ("Article 2 of the Labour Contract Law", TITLES[5]),
        ("Article 2 of the Cyber Security Law", TITLES[1]),
        ("Article 2 of the Law on the Protection of Personal Information", TITLES[0]),
    ],
)
def test_english_names(question: str, title: str) -> None:
    assert articles(question) == [f"{title}#第二条"]


@pytest.mark.parametrize(
    "question",
    [
        "What does the Law on Personal Information Protection Certification say?",
        "What does the Consumer Data Security Law require?",
        "Does the CPC Central Committee say so?",
        "Do ALL companies need a licence?",
    ],
)
def test_a_piece_of_a_longer_name_is_no_name(question: str) -> None:
    assert named_in_short(question, ALL) == {}


def test_a_title_of_one_word_harms_nothing() -> None:
    held = {"a": replace(next(iter(ALL.values())), title_en="Measures (Trial)")}
    assert named_in_short("What is in it?", held) == {}


def test_a_short_name_that_fits_several_documents_is_told_as_such() -> None:
    (name,) = short_names("安全法第二条规定了什么？", ALL)
    assert (name.text, set(name.documents)) == ("安全法", {TITLES[1], TITLES[2]})
    assert articles("安全法第二条") == [f"{TITLES[1]}#第二条", f"{TITLES[2]}#第二条"]


@pytest.mark.parametrize(
    "question",
    [
        "这种做法合法吗？",
        "安全法律知识有哪些？",
        "个人信息保护法实施条例第二条",
        "有什么办法？",
        "国家安全法第二条",
        "消法第二条",
        "北京养犬规定第二条",
    ],
)
def test_other_words_name_nothing(question: str) -> None:
    assert named_in_short(question, ALL) == {}


def test_a_regulation_that_a_notice_issues_is_named_by_its_own_title() -> None:
    title = "南川市科技局关于印发《南川市创新券管理办法》的通知"
    documents = held(title, *TITLES)
    assert articles("创新券办法第三条", documents) == [f"{title}#第三条"]


def test_what_is_asked_is_left_without_the_name() -> None:
    assert "个保法" not in without_names("个保法对同意怎么规定？", ALL.values())
    assert "同意" in without_names("个保法对同意怎么规定？", ALL.values())
