"""Word files as Word shows them: changes accepted, struck text gone, cells whole, formulas told."""

from __future__ import annotations

import pytest
from word_files import (
    MARK_DELETED,
    MARK_MOVED,
    SPACES,
    cell,
    deleted,
    inserted,
    lists,
    numbered,
    paragraph,
    row,
    run,
    table,
    word_file,
)

from index.documents.load import LoadedText, read_text
from index.documents.word_styles import Styles
from index.errors import DocumentFault
from rag.web.messages import sentence_html

ARTICLES = lists("第%1条", "（%2）")


def read(body: str, numbering: str = ARTICLES, styles: str = "", **embedded: bytes) -> LoadedText:
    parts = {name.replace("_", "."): data for name, data in embedded.items()}
    return read_text(word_file(body, numbering, styles, parts), ".docx", "a.docx")


def lines(body: str, numbering: str = ARTICLES, styles: str = "") -> list[str]:
    return read(body, numbering, styles).text.split("\n")


# --- changes -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("template", "want"),
    [("第%1条", ["第一条 甲", "第二条 丙"]), ("%1、", ["一、甲", "二、丙"]),
     ("（%1）", ["（一）甲", "（二）丙"]), ("%1.", ["1. 甲", "2. 丙"])],
)  # fmt: skip
@pytest.mark.parametrize("mark", [MARK_DELETED, MARK_MOVED])
def test_a_deleted_paragraph_takes_no_number(template: str, want: list[str], mark: str) -> None:
    gone = deleted("乙") if mark == MARK_DELETED else f"<w:moveFrom>{run('乙')}</w:moveFrom>"
    body = numbered(run("甲")) + numbered(gone, mark) + numbered(run("丙"))
    assert lines(body, lists(template)) == want


def test_a_number_from_a_style_counts_the_same() -> None:
    style = (
        '<w:style w:type="paragraph" w:styleId="T"><w:name w:val="条"/><w:pPr><w:numPr>'
        '<w:numId w:val="1"/></w:numPr></w:pPr></w:style>'
    )
    named = '<w:pStyle w:val="T"/>'
    body = paragraph(run("甲"), named) + paragraph(deleted("乙"), named + MARK_DELETED)
    assert lines(body + paragraph(run("丙"), named), styles=style) == ["第一条 甲", "第二条 丙"]


def test_paragraphs_with_a_deleted_mark_between_them_are_one() -> None:
    body = (
        numbered(run("企业应当报告，"), MARK_DELETED)
        + numbered(run("并且公开。"))
        + numbered(inserted("新的一条。"), '<w:rPr><w:ins w:id="3" w:author="A"/></w:rPr>')
        + paragraph(deleted("全删。"), MARK_DELETED)
        + numbered(run("末条。"))
    )
    assert lines(body) == ["第一条 企业应当报告，并且公开。", "第二条 新的一条。", "第三条 末条。"]


@pytest.mark.parametrize("numbers", [(1, 1), (1, 0), (0, 1)])
def test_joined_paragraphs_have_the_number_of_either(numbers: tuple[int, int]) -> None:
    first, second = (
        f'<w:numPr><w:ilvl w:val="0"/><w:numId w:val="{n}"/></w:numPr>' for n in numbers
    )
    body = paragraph(run("甲，"), first + MARK_DELETED) + paragraph(run("乙。"), second)
    assert lines(body + numbered(run("丙"))) == ["第一条 甲，乙。", "第二条 丙"]


def test_the_last_paragraph_can_be_deleted_too() -> None:
    body = numbered(run("甲")) + numbered(deleted("乙"), MARK_DELETED)
    frame = table(row(cell(numbered(deleted("丙"), MARK_DELETED)), cell("丁")))
    assert lines(body + frame) == ["第一条 甲", "丁"]


def test_deleted_rows_and_cells_and_inserted_levels() -> None:
    gone = '<w:del w:id="4" w:author="A"/>'
    body = (
        numbered(run("甲"))
        + table(
            row(cell("事项"), cell("单位")),
            row(cell(numbered(run("旧"))), cell("局"), properties=gone),
            row(cell("新"), cell("旧格", '<w:cellDel w:id="5" w:author="A"/>'), cell("委")),
        )
        + numbered(run("项"), '<w:numPr><w:ilvl w:val="1"/><w:numId w:val="1"/><w:ins/></w:numPr>')
        + numbered(
            run("乙"),
            '<w:pPrChange w:id="6" w:author="A"><w:pPr><w:numPr><w:ilvl w:val="1"/>'
            '<w:numId w:val="1"/></w:numPr></w:pPr></w:pPrChange>',
        )
        + paragraph(
            run("离开"),
            '<w:numPr><w:numId w:val="0"/></w:numPr><w:pPrChange w:id="7" w:author="A"><w:pPr>'
            '<w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:pPrChange>',
        )
        + numbered(run("丙"))
    )
    got = lines(body)
    assert got[:3] == ["第一条 甲", "事项 | 单位", "新 | 委"]
    assert got[-3:] == ["第三条 乙", "离开", "第四条 丙"]


# --- struck and hidden ---------------------------------------------------------------------

STRUCK = (
    '<w:style w:type="character" w:styleId="C"><w:name w:val="废"/><w:rPr><w:strike/></w:rPr>'
    '</w:style><w:style w:type="character" w:styleId="D"><w:name w:val="废2"/>'
    '<w:basedOn w:val="C"/></w:style><w:style w:type="paragraph" w:styleId="P">'
    '<w:name w:val="旧条"/><w:rPr><w:strike/></w:rPr></w:style>'
    '<w:style w:type="paragraph" w:styleId="H"><w:name w:val="内部"/><w:rPr><w:vanish/></w:rPr>'
    "</w:style>"
)


@pytest.mark.parametrize(
    ("properties", "kept"),
    [
        ("<w:strike/>", False), ("<w:dstrike/>", False), ("<w:vanish/>", False),
        ('<w:strike w:val="true"/>', False), ('<w:strike w:val="0"/>', True),
        ('<w:vanish w:val="false"/>', True), ('<w:rStyle w:val="C"/>', False),
        ('<w:rStyle w:val="D"/>', False), ('<w:rStyle w:val="D"/><w:strike w:val="0"/>', True),
        ("<w:b/><w:webHidden/>", True),
    ],
)  # fmt: skip
def test_struck_and_hidden_runs(properties: str, kept: bool) -> None:
    body = paragraph(run("处") + run("一千元", properties) + run("五千元罚款。"))
    want = "处一千元五千元罚款。" if kept else "处五千元罚款。"
    assert lines(body, styles=STRUCK) == [want]


def test_whole_paragraphs_and_rows() -> None:
    body = (
        numbered(run("甲"))
        + numbered(run("旧"), '<w:pStyle w:val="P"/>')
        + numbered(run("内部"), '<w:pStyle w:val="H"/>')
        + numbered(run("又用", '<w:strike w:val="0"/>'), '<w:pStyle w:val="P"/>')
        + numbered(run("两次", '<w:rStyle w:val="C"/>'), '<w:pStyle w:val="P"/>')
        + table(
            row(cell("项"), cell("额")),
            row(cell("暗"), cell("数"), properties="<w:hidden/>"),
        )
    )
    # What is struck keeps its number, as Word shows it; what is hidden has none.
    got = lines(body, styles=STRUCK)
    assert got == ["第一条 甲", "第三条 又用", "第四条 两次", "项 | 额"]


def test_styles_that_are_based_on_each_other_end() -> None:
    loop = (
        '<w:style w:type="paragraph" w:styleId="A"><w:basedOn w:val="B"/></w:style>'
        '<w:style w:type="paragraph" w:styleId="B"><w:basedOn w:val="A"/></w:style>'
    )
    assert lines(paragraph(run("甲乙"), '<w:pStyle w:val="A"/>'), styles=loop) == ["甲乙"]
    assert Styles(None).name(paragraph_element()) == ""


def paragraph_element() -> object:
    from lxml import etree

    return etree.fromstring(f"<w:p {SPACES}/>")


def test_markdown_that_is_struck_is_left_out() -> None:
    text = "第一条 处~~一千元~~五千元罚款，见 `~~a~~`。\n第二条 10~20家，<del>旧</del>新。\n"
    loaded = read_text(text.encode(), ".md", "a.md")
    assert loaded.text == "第一条 处五千元罚款，见 `~~a~~`。\n第二条 10~20家，新。\n"
    fenced = "甲~~乙~~\n```\n丙~~丁~~\n```\n~~戊\n\n己~~\n"
    assert read_text(fenced.encode(), ".md", "a.md").text == (
        "甲\n```\n丙~~丁~~\n```\n~~戊\n\n己~~\n"
    )
    assert "~~" in read_text(b"a ~~b~~ c", ".txt", "a.txt").text


# --- tables --------------------------------------------------------------------------------

START, GO_ON = '<w:vMerge w:val="restart"/>', "<w:vMerge/>"


def test_a_merged_cell_holds_for_all_its_rows_and_columns() -> None:
    body = table(
        row(cell("分工表", '<w:gridSpan w:val="4"/>')),
        row(cell("单位", START), cell("任务", START), cell("要求", '<w:gridSpan w:val="2"/>')),
        row(cell("", GO_ON), cell("", GO_ON), cell("时限"), cell("数量")),
        row(cell("市局", START), cell("修路", START), cell("六月"), cell("三条")),
        row(cell("", GO_ON), cell("", GO_ON), cell("九月"), cell("四条")),
        row(cell("", GO_ON), cell("种树"), cell("年底", '<w:gridSpan w:val="2"/>')),
        row(cell("县局"), cell("治水"), cell(""), cell("五处")),
    )
    assert lines(body) == [
        "分工表",
        "单位 | 任务 | 要求 | 要求",
        "单位 | 任务 | 时限 | 数量",
        "市局 | 修路 | 六月 | 三条",
        "市局 | 修路 | 九月 | 四条",
        "市局 | 种树 | 年底 | 年底",
        "县局 | 治水 |  | 五处",
    ]


def test_merges_that_say_it_otherwise() -> None:
    body = table(
        row(cell("甲", '<w:vMerge w:val="restart"/>'), cell("一")),
        row(cell("", '<w:vMerge w:val="continue"/>'), cell("二")),
        row(cell("", '<w:vMerge w:val="continue"/>'), cell("")),
        row(cell("乙", '<w:vMerge w:val="restart"/>'), cell("三")),
        row(cell("", '<w:cellMerge w:id="1" w:author="A" w:vMerge="cont"/>'), cell("四")),
        row(cell("五"), cell("六"), properties='<w:gridBefore w:val="1"/>'),
    )
    assert lines(body) == ["甲 | 一", "甲 | 二", "乙 | 三", "乙 | 四", " | 五 | 六"]


def test_cells_that_older_word_merges() -> None:
    body = table(
        row(cell("要求", '<w:hMerge w:val="restart"/>'), cell("", "<w:hMerge/>"), cell("年")),
        row(cell("时限"), cell("数量"), cell("三")),
    )
    assert lines(body) == ["要求 | 要求 | 年", "时限 | 数量 | 三"]


def test_a_table_in_a_cell_adds_no_columns() -> None:
    inner = table(row(cell("甲"), cell("1")), row(cell("乙"), cell("2")))
    body = table(
        row(cell("项目"), cell("明细"), cell("年")), row(cell("路"), cell(inner), cell("三"))
    )
    assert lines(body) == ["项目 | 明细 | 年", "路 | 甲 / 1；乙 / 2 | 三"]


# --- formulas ------------------------------------------------------------------------------


def mrun(text: str) -> str:
    return f"<m:r><m:t>{text}</m:t></m:r>"


def part(tag: str, **arguments: str) -> str:
    properties = arguments.pop("pr", "")
    inner = "".join(f"<m:{name}>{value}</m:{name}>" for name, value in arguments.items())
    return (
        f"<m:{tag}>{f'<m:{tag}Pr>{properties}</m:{tag}Pr>' if properties else ''}{inner}</m:{tag}>"
    )


X, Y, N = mrun("x"), mrun("y"), mrun("n")
SUM = part(
    "nary", pr='<m:chr m:val="∑"/>', sub=mrun("i=1"), sup=N, e=part("sSub", e=X, sub=mrun("i"))
)
CASES = part(
    "d", pr='<m:begChr m:val="{"/><m:endChr m:val=""/>',
    e=f"<m:eqArr><m:e>{mrun('a&amp;, x&gt;0')}</m:e><m:e>{mrun('b&amp;, x≤0')}</m:e></m:eqArr>",
)  # fmt: skip


@pytest.mark.parametrize(
    ("formula", "want"),
    [
        (part("f", num=mrun("年节电量"), den=mrun("用电量")), "(年节电量/用电量)"),
        (part("f", num=mrun("a+b"), den=Y), "((a+b)/y)"),
        (part("f", num=part("f", num=X, den=Y), den=N), "((x/y)/n)"),
        (part("sSup", e=X, sup=mrun("2")), "x^2"),
        (part("sSup", e=mrun("1+r"), sup=mrun("n-1")), "(1+r)^(n-1)"),
        (part("sSub", e=mrun("P"), sub=mrun("max")), "P_max"),
        (part("sSubSup", e=X, sub=mrun("i"), sup=mrun("2")), "x_i^2"),
        (part("rad", deg="", e=mrun("a+b")), "√(a+b)"),
        (part("rad", deg=mrun("3"), e=X), "√[3](x)"),
        (part("rad", deg="", e=part("d", e=mrun("a+b"))), "√(a+b)"),
        (SUM, "∑_(i=1)^n x_i"),
        (part("d", pr='<m:begChr m:val="["/><m:endChr m:val="]"/>', e=mrun("a+b")), "[a+b]"),
        (part("d", e=X), "(x)"),
        (CASES, "{a, x>0；b, x≤0"),
        (part("func", fName=part("limLow", e=mrun("min"), lim=X), e=part("d", e=Y)), "min_x(y)"),
        (part("func", fName=mrun("ln"), e=X), "ln x"),
        (part("acc", pr='<m:chr m:val="̅"/>', e=X), "x̅"),
        (part("bar", pr='<m:pos m:val="top"/>', e=X), "x̅"),
        (f"<m:m><m:mr><m:e>{X}</m:e><m:e>{Y}</m:e></m:mr><m:mr><m:e>{N}</m:e></m:mr></m:m>",
         "x, y；n"),
        (f"{X}<w:del>{mrun('旧')}</w:del><w:ins>{mrun('+1')}</w:ins>", "x+1"),
        ("<m:r><w:rPr><w:strike/></w:rPr><m:t>旧</m:t></m:r>" + X, "x"),
    ],
)  # fmt: skip
def test_formulas_keep_their_signs_in_reading_order(formula: str, want: str) -> None:
    inside = paragraph(run("按") + f"<m:oMath>{formula}</m:oMath>" + run("计算。"))
    alone = paragraph(f"<m:oMathPara><m:oMath>{formula}</m:oMath></m:oMathPara>")
    assert lines(inside + alone) == [f"按{want}计算。", want]


def test_what_is_not_read_is_told_with_its_article() -> None:
    shape = (
        '<w:r><w:object><v:shape><v:imagedata/></v:shape><o:OLEObject ProgID="{}"/></w:object>'
        "</w:r>"
    )
    drawn = (
        "<w:r><w:drawing><wp:inline><a:graphic><a:blip/></a:graphic></wp:inline></w:drawing></w:r>"
    )
    field = "<w:r><w:instrText> EQ \\f(a,b)</w:instrText></w:r>"
    body = (
        numbered(run("甲按下式计算：") + shape.format("Equation.3"))
        + numbered(run("乙") + field)
        + numbered(run("丙"), "")
        + numbered(run("（一）丁") + drawn, "", 0, 0)
        + numbered(run("戊") + shape.format("Excel.Sheet.12"))
        + numbered(run("己") + '<w:r><w:footnoteReference w:id="2"/></w:r>')
    )
    warnings = read(body).warnings
    assert warnings == (
        "2 formulas not read, at 第一条, 第二条; look at the original",
        "1 picture not read, at 第三条; look at the original",
        "1 object not read, at 第四条; look at the original",
        "1 footnote not read, at 第五条; look at the original",
    )
    for told in warnings:
        assert "lang=" not in sentence_html(told, "zh")


def test_signs_of_symbol_fonts() -> None:
    signs = "".join(
        f'<w:r><w:sym w:font="{font}" w:char="{code}"/></w:r>'
        for font, code in [("Symbol", "F0B4"), ("Symbol", "F0A3"), ("Wingdings", "F0FE"),
                           ("宋体", "2460"), ("Symbol", "zz"), ("Symbol", "F001")]
    )  # fmt: skip
    assert lines(paragraph(run("甲") + signs)) == ["甲×≤☑①"]


# --- embedded parts ------------------------------------------------------------------------

HTML = "<html><body><p>第二条 甲。</p><ol><li>乙</li></ol></body></html>"
MHT = (
    "MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=B\r\n\r\n--B\r\n"
    "Content-Type: text/html; charset=gb2312\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
    "<html><body><p>=B5=DA=B6=FE=CC=F5 =BC=D7=A1=A3</p></body></html>\r\n--B--\r\n"
)
RTF = (
    r"{\rtf1\ansi\ansicpg936 {\fonttbl{\f0\fcharset134 SimSun;}}\f0 \'b5\'da\'b6\'fe\'cc\'f5"
    r" \u30002?{\strike x}\'a1\'a3\par}"
)


@pytest.mark.parametrize(
    ("name", "data", "want"),
    [
        ("c1_htm", HTML.encode(), "第二条 甲。\n1. 乙"),
        ("c1_html", HTML.encode("gb18030"), "第二条 甲。\n1. 乙"),
        ("c1_mht", MHT.encode(), "第二条 甲。"),
        ("c1_txt", "第二条 甲。\r\n乙".encode(), "第二条 甲。\n乙"),
        ("c1_txt", "第二条 甲。".encode("gb18030"), "第二条 甲。"),
        ("c1_rtf", RTF.encode(), "第二条 甲。"),
        ("c1_docx", word_file(paragraph(run("第二条 甲。"))), "第二条 甲。"),
        ("c1_xml", word_file(paragraph(run("第二条 甲。"))), "第二条 甲。"),
    ],
)
def test_embedded_parts_are_read_in_their_place(name: str, data: bytes, want: str) -> None:
    body = paragraph(run("第一条 前。")) + '<w:altChunk r:id="c1"/>' + paragraph(run("第三条 后。"))
    loaded = read(body, "", "", **{name: data})
    assert loaded.text == f"第一条 前。\n{want}\n第三条 后。"
    assert loaded.warnings == ()


def test_several_parts_and_parts_in_cells() -> None:
    body = (
        '<w:altChunk r:id="b"/><w:altChunk r:id="a"/>'
        + table(row(cell("格"), "<w:tc><w:altChunk r:id='a'/><w:p/></w:tc>"))
    )  # fmt: skip
    assert read(body, "", "", a_txt="甲".encode(), b_txt="乙".encode()).text == "乙\n甲\n格 | 甲"


def test_a_part_that_cannot_be_read_is_told_and_harms_nothing() -> None:
    nested = word_file(paragraph(run("底")))
    for _ in range(6):
        nested = word_file(
            paragraph(run("层")) + '<w:altChunk r:id="c"/>', embedded={"c.docx": nested}
        )
    for data, told in [
        (b"\x00\x01\x02" * 99, "an embedded part (c.docx) is not read: put its text in Word"),
        (b"PK\x03\x04 damaged", "an embedded part (c.docx) is not read: put its text in Word"),
        (nested, "an embedded part (c.docx) is not read: put its text in Word"),
        (None, "an embedded part (that is missing) is not read: put its text in Word"),
    ]:
        parts = {"c_docx": data} if data else {}
        loaded = read('<w:altChunk r:id="c"/>' + paragraph(run("正文。")), "", "", **parts)
        assert loaded.text.endswith("正文。")
        assert loaded.warnings == (told,)
        assert "lang=" not in sentence_html(loaded.warnings[0], "zh")


def test_the_main_part_may_have_any_name_and_the_strict_name_space() -> None:
    data = word_file(paragraph(run("第一条 甲。")), main="word/document2.xml")
    assert read_text(data, ".docx", "a.docx").text == "第一条 甲。"
    import io
    import zipfile

    with (
        zipfile.ZipFile(io.BytesIO(data)) as source,
        zipfile.ZipFile(buffer := io.BytesIO(), "w") as strict,
    ):
        for name in source.namelist():
            part = source.read(name).replace(
                b"http://schemas.openxmlformats.org/wordprocessingml/2006/main",
                b"http://purl.oclc.org/ooxml/wordprocessingml/main",
            )
            strict.writestr(name, part)
    assert read_text(buffer.getvalue(), ".docx", "a.docx").text == "第一条 甲。"


def test_rtf_is_no_word_archive() -> None:
    with pytest.raises(DocumentFault):
        read_text(RTF.encode(), ".docx", "a.docx")
