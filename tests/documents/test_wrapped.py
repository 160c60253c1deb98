"""Lines that only wrap are joined to paragraphs; lines that end by themselves stay."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest

from index.documents.load import load_text
from index.documents.model import Document
from index.documents.parse import parse_document

PARAGRAPHS = (
    "南川市雨水收集补助办法",
    "第一条 为了鼓励单位和居民收集雨水，规范补助资金的申请、审核和发放，制定本办法。",
    "第二条 在二〇一五年以前建成、未列入征收计划的住宅，可以申请补助。每套收集设施补助标准为"
    "三千六百元，单个住宅区补助总额不超过四十万元，由区水务部门会同财政部门核定。",
    "第三条 申请人应当于每年四月三十日前提交下列材料：",
    "（一）申请表；",
    "（二）设施图纸和照片。",
    "第四条 违反本办法第二条、第三条规定骗取补助的，由区水务部门责令退回，三年内不得再次申请；"
    "情节严重的，依照《南川市节水条例》第二十一条的规定处理。",
    "第五条 本办法自2021年5月1日起施行。",
)
PATHS = ["首", "第一条", "第二条", "第三条", "第四条", "第五条"]


def columns(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def wrapped(width: int, hanging: str = "", first: str = "", newline: str = "\n") -> str:
    """The paragraphs in lines of so many columns; no mark stands at the beginning of a line."""
    lines: list[str] = []
    for paragraph in PARAGRAPHS:
        line = first
        for char in paragraph:
            if columns(line + char) > width and char not in "，。；：、）》":
                lines.append(line)
                line = hanging
            line += char
        lines.append(line)
    return newline.join(lines) + newline


def bodies(document: Document) -> list[str]:
    lines = [clause.body.split("\n") for clause in document.clauses]
    return ["\n".join(filter(None, (line.strip() for line in each))) for each in lines]


def whole() -> list[str]:
    return bodies(parse_document("\n".join(PARAGRAPHS), "d"))


@pytest.mark.parametrize("width", [30, 36, 44, 56, 64, 76, 90])
@pytest.mark.parametrize("hanging", ["", "  ", "　　"])
@pytest.mark.parametrize("first", ["", "    "])
def test_wrapped_paragraphs_are_read_whole(width: int, hanging: str, first: str) -> None:
    document = parse_document(wrapped(width, hanging, first), "d")
    assert [clause.path for clause in document.clauses] == PATHS
    assert bodies(document) == whole()
    assert any("joined" in warning for warning in document.warnings)


def test_the_source_is_kept_and_offsets_lead_into_it() -> None:
    source = wrapped(40)
    document = parse_document(source, "d")
    for clause in document.clauses:
        assert clause.text == source[clause.start : clause.end]
        at = len(clause.body) // 2
        assert unicodedata.normalize("NFKC", source[clause.body_map[at]]) == clause.body[at]


@pytest.mark.parametrize("newline", ["\r\n", "\r", "\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
def test_in_every_encoding_and_with_every_line_ending(
    tmp_path: Path, newline: str, encoding: str
) -> None:
    path = tmp_path / "d.txt"
    path.write_bytes(wrapped(48, newline=newline).encode(encoding))
    assert bodies(parse_document(load_text(path).text, "d")) == whole()


@pytest.mark.parametrize(
    ("name", "page"),
    [
        ("d.md", "{}"),
        ("d.html", "<html><body><pre>{}</pre></body></html>"),
        ("d.html", "<html><body><p>{}</p></body></html>"),
    ],
)
def test_in_markdown_and_web_pages(tmp_path: Path, name: str, page: str) -> None:
    text = wrapped(52)
    path = tmp_path / name
    path.write_text(page.format(text if "<p>" not in page else text.replace("\n", "<br>\n")))
    assert bodies(parse_document(load_text(path).text, "d")) == whole()


def test_english_words_get_their_space_back() -> None:
    text = (
        "Measures on Rainwater\n"
        "Each household that stores rainwater may apply for a subsidy of 3,600\n"
        "yuan, and the water bureau decides on the application within twenty\n"
        "days. A housing estate receives 400,000 yuan at most, and the bureau\n"
        "publishes the amounts.\n"
    )
    document = parse_document(text, "d")
    assert document.clauses[0].body.split("\n") == [
        "Measures on Rainwater",
        "Each household that stores rainwater may apply for a subsidy of 3,600 yuan, and the water "
        "bureau decides on the application within twenty days. A housing estate receives 400,000 "
        "yuan at most, and the bureau publishes the amounts.",
    ]


def test_one_wrapped_line_alone() -> None:
    text = (
        "南川市水务局关于同意迁建水厂的批复\n你局的请示收悉。\n"
        "同意迁建第一水厂，所需资金由你局自筹解决，其他事宜请商有关部\n门办理。\n"
    )
    assert parse_document(text, "d").clauses[0].body.endswith("其他事宜请商有关部门办理。")


@pytest.mark.parametrize(
    "text",
    [
        # Signatures and dates; titles on several lines.
        "南川市水务局、南川市财政局\n关于雨水收集补助的\n通知\n各区：\n现通知如下。\n"
        "南川市水务局\n南川市财政局\n2021年4月2日\n",
        # A list of names as long as each other.
        "成员单位\n南川市发展和改革委员会\n南川市住房和城乡建设局\n南川市农业和农村工作局\n",
        # Rows of a table.
        "一、补助标准\n甲类设施 3600元 十年\n乙类设施 2400元 十年\n丙类设施 1200元 五年\n",
        # Verses of numbers.
        "附表\n2019 1200 3400 5600\n2020 1300 3500 5700\n2021 1400 3600 5800\n",
        # Headings above their text.
        "方案\n一、加快建设\n（一）完善雨水收集网络\n各区建设收集网络，提高收集能力，"
        "形成全市一张网，"
        "保障用水安全。\n（二）提高雨水利用水平\n各区利用雨水，减少自来水用量，形成节水氛围，"
        "保障用水安全。\n",
    ],
)
def test_lines_that_end_by_themselves_stay(text: str) -> None:
    document = parse_document(text, "d")
    assert not any("joined" in warning for warning in document.warnings)
