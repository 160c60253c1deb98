"""Headings of every level, numbered or not: they head what follows and are part of no article."""

from __future__ import annotations

import pytest

from index.documents.model import Document
from index.documents.parse import parse_document


def parsed(text: str) -> Document:
    return parse_document(text, "d")


def headed(text: str) -> dict[str, tuple[str, ...]]:
    return {clause.path: clause.heading_path for clause in parsed(text).clauses}


CODE = (
    "南川市水法典\n第一编 总则\n第一章 基本规定\n第一条 为了用水。\n第二条 节约用水。\n"
    "第二编 供水\n第一分编 通则\n第一章 一般规定\n第三条 供水安全。\n第四条 供水守信。\n"
    "第二分编 城市供水\n第二章 水厂\n第一节 建设\n第一目 选址\n第五条 选址。\n"
    "第二目 设计\n第六条 设计。\n"
)


def test_levels_of_books() -> None:
    for text in (
        CODE,
        CODE.replace("编 ", "编").replace("章 ", "章").replace("节 ", "节").replace("目 ", "目"),
        CODE.replace("第一编", "第 一 编").replace("第二分编", "第 2 分编"),
        CODE.replace("第一编", "第1编").replace("第二编", "## 第２编"),
    ):
        document = parsed(text)
        assert [clause.path for clause in document.clauses] == [
            "首", "第一条", "第二条", "第三条", "第四条", "第五条", "第六条",
        ]  # fmt: skip
        paths = headed(text)
        assert paths["第一条"] == ("第一编 总则", "第一章 基本规定")
        assert paths["第四条"] == ("第二编 供水", "第一分编 通则", "第一章 一般规定")
        assert paths["第五条"] == (
            "第二编 供水", "第二分编 城市供水", "第二章 水厂", "第一节 建设", "第一目 选址",
        )  # fmt: skip
        assert document.clauses[4].text.endswith("供水守信。")


PLAIN = (
    "南川市水井规则\n第一章 管护\n第一条 管护。\n第二条 检查水井。\n{heading}\n"
    "第三条 本规则自2022年1月1日起施行。\n"
)


@pytest.mark.parametrize(
    "heading", ["附则", "附　则", "## 附则", "**附则**", "\n附 则\n", "法律责任", "罚则"]
)
def test_divisions_without_a_number(heading: str) -> None:
    document = parsed(PLAIN.format(heading=heading))
    last = document.clauses[-1]
    name = heading.strip("\n#* ").replace("　", "").replace(" ", "")
    assert last.heading_path == (name,)
    assert document.clauses[-2].text == "第二条 检查水井。"
    assert (document.sections[-1].path, document.sections[-1].heading) == (name, name)


def test_a_topic_stands_below_its_chapter() -> None:
    document = parsed(PLAIN.format(heading="水井的封填"))
    assert document.clauses[-1].heading_path == ("第一章 管护", "水井的封填")
    assert document.clauses[-2].text == "第二条 检查水井。"


def test_topics_without_chapters_and_at_the_beginning() -> None:
    text = "规则\n总则\n第一条 甲。\n第二条 乙。\n管护与检查\n第三条 丙。\n附则\n第四条 丁。\n"
    assert headed(text) == {
        "首": (), "第一条": ("总则",), "第二条": ("总则",),
        "第三条": ("管护与检查",), "第四条": ("附则",),
    }  # fmt: skip


@pytest.mark.parametrize(
    "line",
    [
        "前款所列水井由区封填。",
        "（三）其他水井",
        "2021年5月1日",
        "水井一览，",
        "井号 | 位置",
        "合计100口",
    ],
)
def test_other_lines_stay_in_their_article(line: str) -> None:
    document = parsed(PLAIN.format(heading=line))
    assert document.clauses[-2].text.endswith(line)
    assert document.clauses[-1].heading_path == ("第一章 管护",)


def test_a_wrapped_line_or_a_list_is_no_heading() -> None:
    text = "规则\n第一条 甲。\n第二条 需要交\n验身份证\n第三条 材料有：\n户口簿\n第四条 丁。\n"
    assert [section.path for section in parsed(text).sections] == []


def test_a_signature_or_a_title_is_no_heading() -> None:
    text = (
        "甲规定\n第一条 甲。\n第二条 乙。\n南川市水务局\n2021年5月1日\n乙规定\n"
        "第一条 丙。\n第二条 丁。\n"
    )
    document = parsed(text)
    assert document.sections == ()
    assert [c.path for c in document.clauses if c.path.endswith("条")] == [
        "第一条", "第二条", "附件2/第一条", "附件2/第二条",
    ]  # fmt: skip


def test_a_group_with_words_of_its_own_is_labelled_as_such() -> None:
    document = parsed("规则\n第一编 总则\n本编说明如下。\n第一条 甲。\n第二条 乙。\n")
    labels = {clause.path: (clause.label, clause.label_en) for clause in document.clauses}
    assert labels["第一编"] == ("《规则》 第一编", "《规则》, Part 1")
