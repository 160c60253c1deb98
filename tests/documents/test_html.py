"""Web pages as a browser shows them: list numbers, spans, formulas, nothing hidden or struck."""

from __future__ import annotations

import pytest

from index.documents.load import read_text
from rag.web.messages import sentence_html


def lines(body: str, head: str = "") -> list[str]:
    page = f"<html><head><title>办法</title>{head}</head><body>{body}</body></html>"
    return read_text(page.encode(), ".html", "a.html").text.split("\n")


# --- numbers of lists ----------------------------------------------------------------------

ITEMS = "<li>甲项。</li><li>乙项。</li><li>丙项。</li>"


@pytest.mark.parametrize(
    ("opening", "want"),
    [
        ("<ol>", "1. 2. 3."), ('<ol start="4">', "4. 5. 6."), ('<ol start="-1">', "-1. 0. 1."),
        ("<ol reversed>", "3. 2. 1."), ('<ol reversed start="9">', "9. 8. 7."),
        ('<ol type="a">', "a. b. c."), ('<ol type="A" start="26">', "Z. AA. BB."),
        ('<ol type="i">', "i. ii. iii."), ('<ol type="I" start="4">', "IV. V. VI."),
        ('<ol style="list-style-type: cjk-ideographic">', "一、 二、 三、"),
        ('<ol style="list-style: simp-chinese-informal inside" start="10">', "十、 十一、 十二、"),
        ('<ol style="list-style-type:decimal-leading-zero">', "01. 02. 03."),
        ('<ol style="list-style:none">', "  "), ('<ol class="bare">', "  "),
        ('<ol id="roman" type="a">', "I. II. III."), ("<ul>", "  "),
    ],
)  # fmt: skip
def test_items_show_the_numbers_of_a_browser(opening: str, want: str) -> None:
    head = "<style>/* x */ .bare, #none { list-style: none } ol#roman{list-style-type:upper-roman}"
    end = "</ul>" if opening == "<ul>" else "</ol>"
    got = lines(f"<p>条件：</p>{opening}{ITEMS}{end}", head + "</style>")
    names = ("甲项。", "乙项。", "丙项。")
    markers = want.split(" ")
    expected = [
        f"{mark}{'' if mark.endswith('、') or not mark else ' '}{name}"
        for mark, name in zip(markers, names, strict=True)
    ]
    assert got == ["条件：", *expected]


def test_values_nested_lists_and_lists_in_cells() -> None:
    got = lines(
        "<ol><li>甲<ol type='a'><li>子一</li><li>子二</li></ol></li>"
        "<li value='7'><p>乙</p><p>又</p></li><li type='I'>丙</li><li><b>丁</b></li></ol>"
        "<table><tr><td>材料</td><td><ol><li>表</li><li>证</li></ol></td></tr></table>"
    )
    assert got == [
        "1. 甲", "a. 子一", "b. 子二", "7. 乙", "又", "VIII. 丙", "9. 丁", "材料 | 1. 表 2. 证",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "items",
    [("1. 甲", "2. 乙"), ("一、甲", "二、乙"), ("（一）甲", "（二）乙"), ("第一条 甲", "第二条 乙"),
     ("①甲", "②乙")],
)  # fmt: skip
def test_numbers_that_were_typed_are_not_doubled(items: tuple[str, ...]) -> None:
    assert lines("<ol>" + "".join(f"<li>{each}</li>" for each in items) + "</ol>") == list(items)


def test_amounts_and_references_are_no_typed_numbers() -> None:
    items = ["3个月内办结。", "第五条规定的情形。", "2024年起施行。"]
    got = lines("<ol>" + "".join(f"<li>{each}</li>" for each in items) + "</ol>")
    assert got == [f"{n}. {each}" for n, each in enumerate(items, 1)]


def test_menus_of_numbered_links_are_still_left_out() -> None:
    menu = "<ol><li><a href='/'>首页</a></li><li><a href='/b'>公开</a></li></ol>"
    assert lines(menu + "<p>第一条 甲。</p>") == ["第一条 甲。"]


# --- what is not shown ---------------------------------------------------------------------

GONE = [
    "<del>旧</del>", "<s>旧</s>", "<strike>旧</strike>",
    '<span style="text-decoration: line-through">旧</span>',
    '<span style="TEXT-DECORATION-LINE:underline line-through">旧</span>',
    '<span style="display:none">旧</span>', '<span style="visibility: hidden">旧</span>',
    "<span hidden>旧</span>", '<span hidden="hidden"><b>旧</b></span>',
    '<span class="old">旧</span>', '<span class="a gone b">旧</span>', '<i id="x">旧</i>',
    '<div class="inner"><i>旧</i></div>', "<dialog>旧</dialog>",
    '<span style="display:block;display:none !important">旧</span>', "<del><ins>旧</ins></del>",
]  # fmt: skip
SHOWN = [
    '<del style="text-decoration:none">旧</del>', '<span style="display:inline">旧</span>',
    '<b style="visibility:hidden"><u style="visibility:visible">旧</u></b>', "<ins>旧</ins>",
    '<span class="printed">旧</span>', '<span class="old" style="text-decoration:none">旧</span>',
    '<span hidden style="display:inline">旧</span>', "<dialog open>旧</dialog>",
]  # fmt: skip
STYLES = (
    "<style>@media print { .printed { display: none } } .old{text-decoration:line-through}\n"
    "@media screen { span.gone { display : none } } #x, p > .y {visibility:collapse}"
    "div.inner i { display:none; color: red } .z:hover{display:none} @import url(a.css);</style>"
)


@pytest.mark.parametrize("markup", GONE)
def test_what_is_struck_or_hidden_is_no_text(markup: str) -> None:
    text = "".join(lines(f"<p>第一条 处{markup}五千元罚款。</p>", STYLES))
    assert text.replace(" ", "") == "第一条处五千元罚款。"


@pytest.mark.parametrize("markup", SHOWN)
def test_what_is_shown_after_all_is_text(markup: str) -> None:
    text = "".join(lines(f"<p>第一条 处{markup}五千元罚款。</p>", STYLES))
    assert "旧" in text


def test_hidden_items_and_rows_take_their_number_and_place_with_them() -> None:
    got = lines(
        "<ol><li>甲</li><li style='display:none'>暗</li><li>乙</li></ol>"
        "<table><tr><td>一</td><td>二</td></tr><tr hidden><td>暗</td><td>暗</td></tr></table>"
    )
    assert got == ["1. 甲", "2. 乙", "一 | 二"]


# --- tables --------------------------------------------------------------------------------


def table(*rows: str) -> str:
    return "<table>" + "".join(f"<tr>{row}</tr>" for row in rows) + "</table>"


def test_cells_that_span_rows_and_columns_hold_for_each() -> None:
    got = lines(
        table(
            "<th colspan=4>分工表</th>",
            "<th rowspan=2>单位</th><th rowspan=2>任务</th><th colspan=2>要求</th>",
            "<th>时限</th><th>数量</th>",
            "<td rowspan=3>市局</td><td rowspan=2>修路</td><td>六月</td><td>三条</td>",
            "<td>九月</td><td>四条</td>",
            "<td>种树</td><td colspan=2>年底</td>",
            "<td>县局</td><td>治水</td><td></td><td>五处</td>",
        )
    )
    assert got == [
        "分工表",
        "单位 | 任务 | 要求 | 要求",
        "单位 | 任务 | 时限 | 数量",
        "市局 | 修路 | 六月 | 三条",
        "市局 | 修路 | 九月 | 四条",
        "市局 | 种树 | 年底 | 年底",
        "县局 | 治水 |  | 五处",
    ]


def test_spans_end_with_their_group_and_may_be_nonsense() -> None:
    got = lines(
        "<table><thead><tr><th rowspan=9>甲</th><th>乙</th></tr></thead>"
        "<tbody><tr><td rowspan=0>丙</td><td>丁</td></tr><tr><td>戊</td></tr></tbody>"
        "<tbody><tr><td colspan=x>己</td><td rowspan='-1'>庚</td></tr></tbody></table>"
    )
    assert got == ["甲 | 乙", "丙 | 丁", "丙 | 戊", "己 | 庚"]


def test_a_table_in_a_cell_adds_no_columns() -> None:
    inner = table("<td>甲</td><td>1</td>", "<td>乙</td><td>2</td>")
    got = lines(table("<td>项目</td><td>明细</td><td>年</td>",
                      f"<td>路</td><td>{inner}</td><td>三</td>"))  # fmt: skip
    assert got == ["项目 | 明细 | 年", "路 | 甲 / 1；乙 / 2 | 三"]


def test_lists_in_cells_keep_the_columns() -> None:
    short = "".join(f"<p>{each}</p>" for each in "甲乙丙丁戊己")
    assert lines(table("<td>项</td><td>值</td>", f"<td>{short}</td><td>六</td>")) == [
        "项 | 值", "甲 乙 丙 丁 戊 己 | 六",
    ]  # fmt: skip


def test_spans_without_end_are_bounded() -> None:
    wide = "".join("<td rowspan=65000 colspan=1000>甲</td>" for _ in range(300))
    rows = "".join(f"<tr><td>{n}</td></tr>" for n in range(600))
    text = "\n".join(lines(f"<table><tr>{wide}</tr>{rows}</table>"))
    assert "599" in text and len(text) < 1_000_000


# --- formulas ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("inner", "want"),
    [
        ("<mfrac><mi>a</mi><mrow><mi>b</mi><mo>+</mo><mn>1</mn></mrow></mfrac>", "(a/(b+1))"),
        ("<msup><mi>x</mi><mn>2</mn></msup>", "x^2"), ("<msub><mi>x</mi><mi>i</mi></msub>", "x_i"),
        ("<msubsup><mi>x</mi><mi>i</mi><mn>2</mn></msubsup>", "x_i^2"),
        ("<msqrt><mi>a</mi><mo>+</mo><mi>b</mi></msqrt>", "√(a+b)"),
        ("<mroot><mi>x</mi><mn>3</mn></mroot>", "√[3](x)"),
        ("<munderover><mo>∑</mo><mrow><mi>i</mi><mo>=</mo><mn>1</mn></mrow><mi>n</mi></munderover>"
         "<msub><mi>x</mi><mi>i</mi></msub>", "∑_(i=1)^nx_i"),
        ("<mfenced open='{' close=''><mtable><mtr><mtd>a</mtd></mtr><mtr><mtd>b</mtd></mtr>"
         "</mtable></mfenced>", "{a；b"),
        ("<mover><mi>x</mi><mo>¯</mo></mover>", "x\u0305"),
        ("<semantics><mrow><mi>k</mi><mo>&#8290;</mo><mi>v</mi></mrow>"
         "<annotation encoding='application/x-tex'>kv</annotation></semantics>", "kv"),
        ("<mtext>补贴金额</mtext><mo>=</mo><mtext>投入</mtext><mo>×</mo><mn>30</mn><mo>%</mo>",
         "补贴金额=投入×30%"),
        ("<mmultiscripts><mi>X</mi><mi>a</mi><none/><mprescripts/><mi>b</mi><none/></mmultiscripts>",
         "_bX_a"),
    ],
)  # fmt: skip
def test_formulas_in_mathml(inner: str, want: str) -> None:
    for tag in ("math", "m:math"):
        got = lines(f"<p>第一条 按<{tag}>{inner}</{tag}>计算。</p>")
        assert got == [f"第一条 按{want}计算。"]


@pytest.mark.parametrize(
    ("source", "want"),
    [
        (r"\frac{a}{b+1}", "(a/(b+1))"), (r"S=\sqrt{x^{2}+y_{i,j}}", "S=√(x^2+y_(i,j))"),
        (r"\text{补贴}=\text{投入}\times 30\%", "补贴=投入× 30%"), (r"\sqrt[3]{x}", "√[3](x)"),
        (r"\displaystyle \sum_{i=1}^{n} \frac{\frac{a}{b}}{c}", "∑_(i=1)^n ((a/b)/c)"),
    ],
)  # fmt: skip
def test_formulas_in_tex(source: str, want: str) -> None:
    script = f"<script type='math/tex'>{source}</script>"
    assert lines(f"<p>甲{script}乙</p>") == [f"甲{want}乙"]
    if "\\" in source:
        assert lines(f'<p>甲<img alt="{source}" src=a.png>乙</p>') == [f"甲{want}乙"]


def test_equations_that_are_aligned_at_their_signs() -> None:
    rows = "<mtr><mtd>a</mtd><mtd>=b</mtd></mtr><mtr><mtd></mtd><mtd>=c</mtd></mtr>"
    assert lines(f"<p>甲<math><mtable>{rows}</mtable></math></p>") == ["甲a=b；=c"]


def test_a_formula_is_read_once_where_its_drawing_stands_beside_it() -> None:
    math = "<math><mi>a</mi></math>"
    assert lines(
        f"<p>甲<span class=katex><span class=katex-mathml>{math}</span>"
        "<span class=katex-html aria-hidden=true>a</span></span>乙</p>"
        f"<p>丙<span class=mwe-math-element><span class=mwe-math-mathml-inline "
        f"style='display: none;'>{math}</span><img src=a.svg></span>丁</p>"
        "<p>公式</p><math display=block><mi>b</mi></math>"
    ) == ["甲a乙", "丙a丁", "公式", "b"]


def test_a_picture_behind_the_words_that_announce_a_formula_is_told() -> None:
    page = (
        "<p>第一条 甲。<img src=icon.png></p><p>第二条 按照下列公式计算：</p><p><img src=f.png></p>"
        "<p>第三条 分享<img src=b.png></p>"
    )
    loaded = read_text(f"<html><body>{page}</body></html>".encode(), ".html", "a.html")
    assert loaded.warnings == ("1 picture not read, at 第二条; look at the original",)
    assert "lang=" not in sentence_html(loaded.warnings[0], "zh")
