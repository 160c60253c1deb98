"""Attachments: their own numbers, lists of attachments, and what is numbered in each part."""

from __future__ import annotations

import pytest

from index.documents.model import Document
from index.documents.parse import parse_document

NOTICE = "南川市水务局关于印发两个方案的通知\n南水〔2022〕7号\n各区水务部门：\n"
ITEMS = "一、各区要在五月底前上报。\n二、各区要按月通报。\n"
SIGNED = "南川市水务局\n2022年4月2日\n"


def parsed(*pieces: str) -> Document:
    return parse_document("".join(pieces), "d")


def paths(*pieces: str) -> list[str]:
    return [clause.path for clause in parsed(*pieces).clauses]


@pytest.mark.parametrize(
    ("first", "second", "names"),
    [
        ("附件1：水井管护方案\n", "附件2：水质检测方案\n", ("附件1", "附件2")),
        ("附件1:水井管护方案\n", "附件2:水质检测方案\n", ("附件1", "附件2")),
        ("附件一 水井管护方案\n", "附件二 水质检测方案\n", ("附件1", "附件2")),
        ("附件1.水井管护方案\n", "附件2.水质检测方案\n", ("附件1", "附件2")),
        ("附 件 1\n水井管护方案\n", "附 件 2\n水质检测方案\n", ("附件1", "附件2")),
        ("附件１\n\n水井管护方案\n", "附件２\n\n水质检测方案\n", ("附件1", "附件2")),
        ("附件3：水井管护方案\n", "附件5：水质检测方案\n", ("附件3", "附件5")),
        ("## 附件1：水井管护方案\n", "## 附件2：水质检测方案\n", ("附件1", "附件2")),
        ("**附件1** 水井管护方案\n", "**附件2** 水质检测方案\n", ("附件1", "附件2")),
        ("附件（一）水井管护方案\n", "附件（二）水质检测方案\n", ("附件1", "附件2")),
        ("附件1-1：水井管护方案\n", "附件1-2：水质检测方案\n", ("附件1-1", "附件1-2")),
        ("附表1：水井管护任务\n", "附表2：水质检测任务\n", ("附表1", "附表2")),
        ("附录A 水井管护方案\n", "附录B 水质检测方案\n", ("附录A", "附录B")),
        ("Annex 1: Wells\n", "Annex 2: Water quality\n", ("附件1", "附件2")),
        ("Attachment I Wells\n", "Attachment II Water quality\n", ("附件1", "附件2")),
    ],
)
@pytest.mark.parametrize("listed", [False, True])
def test_attachments_have_the_numbers_that_the_document_gives_them(
    first: str, second: str, names: tuple[str, str], listed: bool
) -> None:
    entries = (first + second) if listed else ""
    if listed and "\n" in first.strip():  # heading and title on two lines: listed on one
        entries = "附件：1.水井管护方案\n2.水质检测方案\n"
    document = parsed(
        NOTICE, ITEMS, entries, SIGNED,
        first, "一、管护目标\n管护一百口。\n二、管护标准\n每月一次。\n",
        second, "一、检测范围\n检测全市。\n二、检测频次\n每季一次。\n",
    )  # fmt: skip
    found = [clause.path for clause in document.clauses if clause.path[-1] in "一二"]
    assert found == ["一", "二", *(f"{name}/{item}" for name in names for item in "一二")]
    assert (document.issued_on, document.issuers) == ("2022-04-02", ("南川市水务局",))
    tail = next(clause for clause in document.clauses if clause.path == "尾")
    assert tail.text.endswith("2022年4月2日")
    assert not listed or "水井管护方案" in tail.text or "Wells" in tail.text or "附表" in tail.text


def test_labels_of_attachments() -> None:
    document = parsed(
        NOTICE,
        ITEMS,
        SIGNED,
        "附件1：甲方案\n一、目标。\n二、标准。\n附表2：乙表\n一、目标。\n二、标准。\n",
    )
    labels = {clause.path: (clause.label, clause.label_en) for clause in document.clauses}
    assert labels["附件1/一"] == (
        "南水〔2022〕7号 附件1 第一条", "Nan Shui [2022] No. 7, Attachment 1 Article 1",
    )  # fmt: skip
    assert labels["附表2/二"] == (
        "南水〔2022〕7号 附表2 第二条", "Nan Shui [2022] No. 7, Table 2 Article 2",
    )  # fmt: skip


@pytest.mark.parametrize("heading", ["附件\n水井办法\n", "附件：\n水井办法\n", "附：水井办法\n"])
def test_one_attachment_without_a_number(heading: str) -> None:
    assert paths(NOTICE, ITEMS, SIGNED, heading, "一、目标。\n二、标准。\n") == [
        "首", "一", "二", "尾", "附件/首", "附件/一", "附件/二",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "listed",
    [
        "附件：1.水井管护方案\n\u3000\u3000\u30002.水质检测方案\n",
        "附件：\n1.水井管护方案\n2.水质检测方案\n",
        "附件1：水井管护方案\n附件2：水质检测方案\n",
    ],
)
def test_a_list_of_attachments_that_are_not_there_heads_nothing(listed: str) -> None:
    found = paths(NOTICE, ITEMS, listed, SIGNED)
    assert found == ["首", "一", "二", "尾"]


def test_attachments_of_a_list_that_follow_under_their_titles_alone() -> None:
    found = paths(
        NOTICE, ITEMS, "附件：1.水井管护方案\n2.水质检测方案\n", SIGNED,
        "水井管护方案\n一、目标。\n二、标准。\n", "水质检测方案\n一、范围。\n二、频次。\n",
    )  # fmt: skip
    assert [path for path in found if path[-1] in "一二"] == [
        "一", "二", "附件1/一", "附件1/二", "附件2/一", "附件2/二",
    ]  # fmt: skip


def test_sentences_about_attachments_are_no_headings() -> None:
    found = paths(
        NOTICE,
        "一、按要求上报。\n附件1的表格由各区填写。\n附件2所列项目不再填报\n二、按月通报。\n",
        SIGNED,
    )
    assert found == ["首", "一", "二", "尾"]


ARTICLES = (
    "第一条 为了节水，制定本办法。\n第二条 材料包括：\n一、申请表；\n二、图纸。\n"
    "第三条 自公布之日起施行。\n"
)


def test_items_of_a_notice_stay_beside_articles_of_an_attachment() -> None:
    for heading in (
        "附件\n南川市水井管理办法\n",
        "附件1：南川市水井管理办法\n",
        "南川市水井管理办法\n",
    ):
        document = parsed(NOTICE, ITEMS, SIGNED, heading, ARTICLES)
        name = "附件1" if "附件1" in heading else "附件"
        assert [clause.path for clause in document.clauses] == [
            "首", "一", "二", "尾",
            f"{name}/首", f"{name}/第一条", f"{name}/第二条", f"{name}/第三条",
        ]  # fmt: skip
        assert not any("no numbered" in warning for warning in document.warnings)


def test_items_numbered_otherwise_stay_beside_articles_too() -> None:
    items = "（一）各区要上报。\n（二）各区要通报。\n"
    found = paths(NOTICE, items, SIGNED, "附件\n南川市水井管理办法\n", ARTICLES)
    assert found[:4] == ["首", "(一)", "(二)", "尾"]
    items = "1.各区要上报。\n2.各区要通报。\n"
    found = paths(NOTICE, items, SIGNED, "南川市水井管理办法\n", ARTICLES)
    assert found[:4] == ["首", "1", "2", "尾"]


def test_what_is_numbered_otherwise_behind_articles_is_a_part_too() -> None:
    tail = (
        "第三条 自公布之日起施行。\n南川市水井普查方案\n一、普查范围\n全市。\n"
        "二、普查时间\n五月。\n"
    )
    found = paths("南川市水井管理办法\n第一条 为了节水。\n第二条 节水。\n", tail)
    assert found[-3:] == ["附件/首", "附件/一", "附件/二"]
    found = paths(
        "南川市水井管理办法\n第一条 为了节水。\n第二条 节水。\n附件1：普查方案\n", tail[-30:]
    )
    assert [path for path in found if path.startswith("附件1/")][-2:] == ["附件1/一", "附件1/二"]


def test_two_regulations_under_their_titles_behind_the_items_of_a_notice() -> None:
    found = paths(
        NOTICE, ITEMS, SIGNED,
        "南川市水井管理办法\n", ARTICLES, "南川市水质检测办法\n", ARTICLES,
    )  # fmt: skip
    assert found[:4] == ["首", "一", "二", "尾"]
    assert [path for path in found if path.endswith("第三条")] == ["附件1/第三条", "附件2/第三条"]


def test_a_notice_without_items_before_numbered_attachments_is_no_text_without_articles() -> None:
    document = parsed(NOTICE, "现印发给你们。\n", SIGNED, "附件\n南川市水井管理办法\n", ARTICLES)
    assert document.clauses[0].path == "首"
    assert not any("no numbered" in warning for warning in document.warnings)
