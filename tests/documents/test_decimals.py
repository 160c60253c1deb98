"""Decimal numbering: 1, 1.1, 2.2.1 in plans and technical rules."""

from __future__ import annotations

import pytest

from index.documents.model import Document
from index.documents.parse import parse_document

PLAN = (
    "南川市供水应急预案\n"
    "1 总则\n1.1 编制目的\n为了供水安全，制定本预案。\n1.2 适用范围\n适用于全市。\n"
    "2 组织\n2.1 指挥部\n由市长任总指挥。\n2.2 职责\n"
    "2.2.1 市水务局负责调度，每日9时报告。\n2.2.2 市卫健委负责检测。\n"
    "3 附则\n3.1 本预案自印发之日起施行。\n"
)
PATHS = ["首", "1.1", "1.2", "2.1", "2.2.1", "2.2.2", "3.1"]
SECTIONS = [("1", "总则"), ("2", "组织"), ("2.2", "职责"), ("3", "附则")]


def parsed(text: str) -> Document:
    return parse_document(text, "d")


def paths(text: str) -> list[str]:
    return [clause.path for clause in parsed(text).clauses]


def test_numbers_of_several_places_make_clauses_and_headings() -> None:
    document = parsed(PLAN)
    assert [clause.path for clause in document.clauses] == PATHS
    assert [(section.path, section.heading) for section in document.sections] == SECTIONS
    assert document.warnings == ()
    clause = document.clauses[4]
    assert (clause.label, clause.label_en) == (
        "《南川市供水应急预案》 2.2.1", "《南川市供水应急预案》, Section 2.2.1",
    )  # fmt: skip
    assert clause.heading_path == ("2 组织", "2.2 职责")
    assert clause.text == "2.2.1 市水务局负责调度，每日9时报告。"
    assert document.clauses[1].heading_path == ("1 总则", "1.1 编制目的")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("2.2.1 ", "2.2.1、"),
        ("2.2.1 ", "2.2.1．"),
        ("2.2.1 ", "2.2.1"),
        ("2.2.1 ", "2．2．1\u3000"),
        ("2.2.1 ", "２.２.１ "),
        ("2.2.1 ", "2. 2. 1 "),
        ("1.1 编制目的", "1.1\n编制目的"),
        ("1 总则", "1\n总则"),
        ("1 总则", "1总则"),
        ("1.1 编制目的\n", "1.1 编制目的。"),
        ("全市。\n", "全市。\n（1）城区；\n（2）郊区。\n①近郊；\na）远郊。\n"),
        ("全市。\n", "全市，供水量\n3.2万吨以上的单位。\n"),
        ("全市。\n", "全市。\n28.5米以上按高位处置。\n"),
        ("全市。\n", "全市。\n1.3%以下的不计。\n"),
        ("全市。\n", "全市。\n1.3 万元以上的除外。\n"),
        ("全市。\n", "全市。包括：\n1. 城区供水；\n2. 郊区供水；\n3. 备用水源。\n"),
    ],
)
def test_other_forms_of_the_numbers(old: str, new: str) -> None:
    document = parsed(PLAN.replace(old, new, 1))
    assert [clause.path for clause in document.clauses] == PATHS
    assert [(section.path, section.heading) for section in document.sections] == SECTIONS
    titled = {clause.path: clause.heading for clause in document.clauses}
    assert titled["1.1"] == "编制目的"


@pytest.mark.parametrize("mark", ["1. 总则|2. 组织|3. 附则", "1、总则|2、组织|3、附则"])
def test_stops_behind_the_numbers_of_chapters(mark: str) -> None:
    text = PLAN
    for old, new in zip(("1 总则", "2 组织", "3 附则"), mark.split("|"), strict=True):
        text = text.replace(old, new)
    assert paths(text) == PATHS


@pytest.mark.parametrize(
    "contents",
    [
        "目录\n1 总则……1\n1.1 编制目的……1\n1.2 适用范围……1\n2 组织……2\n2.1 指挥部……2\n"
        "2.2 职责……2\n3 附则……3\n",
        "目  录\n1 总则 1\n1.1 编制目的 1\n1.2 适用范围 2\n2 组织 2\n2.1 指挥部 2\n2.2 职责 3\n"
        "3 附则 4\n",
        "1 总则\t1\n1.1 编制目的\t1\n1.2 适用范围\t2\n2 组织\t2\n2.1 指挥部\t2\n"
        "2.2 职责\t3\n3 附则\t4\n",
    ],
)
def test_tables_of_contents_are_passed_over(contents: str) -> None:
    text = PLAN.replace("1 总则", contents + "1 总则", 1)
    document = parsed(text)
    assert [clause.path for clause in document.clauses] == PATHS
    assert document.clauses[1].text.startswith("1.1 编制目的\n为了")


def test_appendices() -> None:
    text = PLAN + "附录A 物资清单\nA.1 泵车\n十辆。\nA.2 水管\nA.2.1 钢管一千米。\nA.2.2 软管。\n"
    found = paths(text)
    assert found[:7] == PATHS
    assert found[7:] == ["附录A/首", "附录A/A.1", "附录A/A.2.1", "附录A/A.2.2"]


def test_five_places_and_a_missing_number() -> None:
    text = (
        "规程\n1 范围\n1.1 通则\n1.1.1 管\n1.1.1.1 钢\n1.1.1.1.1 厚管。\n1.1.1.1.2 薄管。"
        "\n1.3 其他。\n"
    )
    document = parsed(text)
    assert [clause.path for clause in document.clauses] == ["首", "1.1.1.1.1", "1.1.1.1.2", "1.3"]
    assert document.warnings == ("1.2 missing between 1.1 and 1.3",)


def test_standards_number_without_sections_by_zero() -> None:
    text = (
        "供水规程\n1 总则\n1.0.1 为了安全，制定本规程。\n1.0.2 适用于全市。\n2 术语\n2.0.1 水井。\n"
        "3 设计\n3.1 一般规定\n3.1.1 深度不小于3.5米。\n3.1.2 间距不小于\n30.5米。\n"
    )
    assert paths(text) == ["首", "1.0.1", "1.0.2", "2.0.1", "3.1.1", "3.1.2"]


def test_english_plans() -> None:
    text = (
        "Flood Plan\n1 General\n1.1 Purpose\nThis plan protects the city.\n1.2 Scope\nThe city.\n"
        "2 Duties\n2.1 The water bureau reports 3.5 m levels daily.\n2.2 The fire brigade helps.\n"
    )
    assert paths(text) == ["首", "1.1", "1.2", "2.1", "2.2"]


def test_amounts_alone_are_no_numbering() -> None:
    text = (
        "南川市供水通知\n各区：\n1.5 万元的补助按时发放。\n2.3 亿元的资金专款专用。\n"
        "一、上报。\n二、通报。\n"
    )
    assert paths(text) == ["首", "一", "二"]
    text = "南川市水务办法\n第一条 标准为：\n1.1 城区；\n1.2 郊区。\n第二条 施行。\n"
    assert paths(text) == ["首", "第一条", "第二条"]
