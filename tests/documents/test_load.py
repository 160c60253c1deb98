"""Reading files of every kind into text, on real files written here."""

from __future__ import annotations

import codecs
import io
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import docx
import pypdf
import pytest
from docx.enum.style import WD_STYLE_TYPE
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls
from docx.text.paragraph import Paragraph
from PIL import Image
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from index.documents import archive, lines, pdf, unread
from index.documents.load import MAX_BYTES, LoadedText, load_text
from index.errors import DocumentFault

SIMPLIFIED = "第十二条　国家促进电子商务发展。\n（一）支持跨境电商；\n（二）完善物流体系。\n"
TRADITIONAL = "第十二條　國家促進電子商務發展。\n（一）支援跨境電商；\n（二）完善物流體系。\n"


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, bytes | str], Path]:
    def write_file(name: str, content: bytes | str) -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
        return path

    return write_file


Write = Callable[[str, bytes | str], Path]


def refusal(path: Path) -> str:
    with pytest.raises(DocumentFault) as caught:
        load_text(path)
    message = str(caught.value)
    assert "\n" not in message
    return message.replace(str(path), "FILE")


# --- plain text ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("bom", "encoding"),
    [
        (b"", "utf-8"),
        (codecs.BOM_UTF8, "utf-8"),
        (b"", "utf-16-le"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (b"", "utf-16-be"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (b"", "gb18030"),
    ],
)
@pytest.mark.parametrize("text", [SIMPLIFIED, TRADITIONAL, "第一条 为了规范电子商务行为，"])
def test_unicode_and_gb18030_are_told_apart(
    write: Write, bom: bytes, encoding: str, text: str
) -> None:
    path = write("a.txt", bom + text.encode(encoding))
    assert load_text(path) == LoadedText(text=text, title=None, format="txt")


@pytest.mark.parametrize("encoding", ["big5", "cp950", "big5hkscs"])
@pytest.mark.parametrize("text", [TRADITIONAL, "第一條 為規範電子商務行為，", "實施辦法（試行）"])
def test_big5_is_told_from_gb18030(write: Write, encoding: str, text: str) -> None:
    assert load_text(write("a.txt", text.encode(encoding))).text == text


def test_rare_characters_of_gb18030_survive(write: Write) -> None:
    text = "第三条 㐂𠮷氏、深圳市、喆某、ｓ＝２；“数字贸易”示范区①€。\n"
    assert load_text(write("a.txt", text.encode("gb18030"))).text == text


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be"])
def test_english_text(write: Write, encoding: str) -> None:
    text = "Article 12 “Cross-border” e-commerce – Hu Shang Dian Shang [2021] No. 121.\n"
    assert load_text(write("a.txt", text.encode(encoding))).text == text


def test_plain_text_is_kept_to_the_character(write: Write) -> None:
    raw = "\ufeff\ufeff  第一条\t总则 \r\n\r\n\u3000正文\u200b\u2028第二行\r尾\x0c\xa0\n\n"
    want = "\ufeff  第一条\t总则 \n\n\u3000正文\u200b\u2028第二行\n尾\x0c\xa0\n\n"
    assert load_text(write("a.TXT", raw)).text == want


def test_one_stray_control_character_is_kept(write: Write) -> None:
    assert load_text(write("a.txt", "第一条\x07 总则\n")).text == "第一条\x07 总则\n"


def test_markdown_keeps_its_marks_and_comments(write: Write) -> None:
    text = "# 电子商务法\n\n<!-- INFO END -->\n\n## 第一章 总则\n\n**第一条** 正文 &lt;b&gt;\n"
    assert load_text(write("法.md", text)) == LoadedText(text=text, title=None, format="md")


@pytest.mark.parametrize(
    ("text", "encoding", "label"),
    [
        (SIMPLIFIED, "utf-8", "UTF-8"),
        (SIMPLIFIED, "gb18030", "GB18030"),
        (TRADITIONAL, "big5", "Big5"),
    ],
)
def test_damage_is_refused_and_its_line_named(
    write: Write, text: str, encoding: str, label: str
) -> None:
    data = text.encode(encoding) + (text * 4).replace("跨境", "\x00").encode(encoding)
    assert refusal(write("a.txt", data.replace(b"\x00", b"\xff", 1).replace(b"\x00", b""))) == (
        f"FILE is {label} with a damaged character on line 5: mend that line and save it again."
    )


def test_damaged_utf16_is_refused(write: Write) -> None:
    data = codecs.BOM_UTF16_LE + "第一条".encode("utf-16-le") + b"\x00"
    assert "starts as UTF-16 but is damaged at byte 8" in refusal(write("a.txt", data))


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Règlement général établi à l’égard des sociétés étrangères – été", "cp1252"),
        ("제1조 이 법은 전자상거래를 촉진함을 목적으로 한다. 국가는 기업을 지원한다.", "euc-kr"),
        ("第一条この法律は、取引の公正を確保することを目的とする。", "shift_jis"),
    ],
)
def test_other_encodings_are_refused_not_guessed(write: Write, text: str, encoding: str) -> None:
    assert refusal(write("a.txt", text.encode(encoding))) == (
        "FILE is in an unknown encoding: save it as UTF-8 and try again."
    )


# --- refusals ------------------------------------------------------------------------------


def test_missing_folder_and_special_files(tmp_path: Path) -> None:
    assert refusal(tmp_path / "none.txt") == "FILE does not exist: check the path."
    assert refusal(tmp_path / "none" / "a.txt") == "FILE does not exist: check the path."
    (tmp_path / "folder.txt").mkdir()
    assert refusal(tmp_path / "folder.txt") == "FILE is a folder: give one file in it."
    os.mkfifo(tmp_path / "pipe.txt")
    assert "is not an ordinary file" in refusal(tmp_path / "pipe.txt")
    (tmp_path / "loop.txt").symlink_to(tmp_path / "loop.txt")
    assert "cannot be opened" in refusal(tmp_path / "loop.txt")
    assert "cannot be opened" in refusal(tmp_path / ("长" * 200 + ".txt"))
    with pytest.raises(DocumentFault, match="cannot be opened"):
        load_text(Path("a\0.txt"))


def test_a_name_with_a_line_break_still_gives_one_line(tmp_path: Path) -> None:
    with pytest.raises(DocumentFault, match=r"a\?b\.txt does not exist"):
        load_text(tmp_path / "a\nb.txt")
    with pytest.raises(DocumentFault, match=r"\?\.txt does not exist"):
        load_text(tmp_path / os.fsdecode(b"\xff.txt"))


@pytest.mark.parametrize("suffix", [".txt", ".md", ".html", ".docx", ".pdf"])
def test_empty_files(write: Write, suffix: str) -> None:
    assert "FILE is empty" in refusal(write(f"a{suffix}", b""))


@pytest.mark.parametrize("text", [" \n\t\r\n\u3000\xa0", "\ufeff", "\ufeff \n\ufeff\u200b"])
def test_blank_text(write: Write, text: str) -> None:
    assert "holds no text" in refusal(write("a.txt", text))


def test_text_without_letters(write: Write) -> None:
    assert "not one Chinese or Latin letter" in refusal(write("a.txt", "12 — 34。\n5%\n"))
    assert load_text(write("b.txt", "〇")).text == "〇"


@pytest.mark.parametrize("name", ["a.xlsx", "a", "a.txt.bak", ".txt"])
def test_unknown_suffix(write: Write, name: str) -> None:
    assert refusal(write(name, SIMPLIFIED)) == (
        "FILE is of no known kind: convert it; "
        ".txt .md .html .htm .docx .pdf .ofd .rtf .doc .wps .odt .mht .png .jpg can be read."
    )


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"%PDF-1.7\n1 0 obj", "a PDF file"),
        (b"PK\x03\x04abc", "a ZIP archive or Office file"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "a JPEG image"),
        (b"\x89PNG\r\n\x1a\n", "a PNG image"),
        (b"MZ\x90\x00\x03", "a program"),
        (b"{\\rtf1 text}", "an RTF file"),
    ],
)
@pytest.mark.parametrize("suffix", [".txt", ".md", ".htm"])
def test_content_of_another_kind(write: Write, data: bytes, what: str, suffix: str) -> None:
    assert refusal(write(f"a{suffix}", data)) == (
        f"FILE is {what}, not a {suffix} document: save it as one, or mend its suffix."
    )


def test_pdf_named_docx_and_word_named_pdf(write: Write) -> None:
    assert "is a PDF file, not a .docx document" in refusal(write("a.docx", b"%PDF-1.4 ..."))
    assert "is a ZIP archive or Office file, not a .pdf" in refusal(write("a.pdf", b"PK\x03\x04"))
    assert "password-protected Office file" in refusal(
        write("b.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
    )


@pytest.mark.parametrize("data", [b"abc\x00def", bytes(range(1, 32)) * 20, os.urandom(64) * 40])
def test_binary_data(write: Write, data: bytes) -> None:
    assert refusal(write("a.txt", b"A\x00" + data)) == (
        "FILE holds binary data, not text: give a document in plain text."
    )


def test_control_characters_are_no_text(write: Write) -> None:
    assert "holds binary data" in refusal(write("a.txt", b"abc\x01\x02\x03\x04" * 50))


def test_html_and_text_under_each_others_suffix(write: Write) -> None:
    page = "<!DOCTYPE html><html><body><p>第一条</p></body></html>"
    assert refusal(write("a.txt", page)).endswith("rename it to .html.")
    assert refusal(write("a.html", SIMPLIFIED)).endswith("rename it to .txt.")


def test_size_limit_is_named(write: Write) -> None:
    at_limit = write("fits.txt", b"a" * MAX_BYTES)
    assert len(load_text(at_limit).text) == MAX_BYTES
    assert refusal(write("a.txt", b"a" * (MAX_BYTES + 6 * 2**20))) == (
        "FILE has 26.0 MB, over the limit of 20 MB: split it or save it without pictures."
    )


def test_reading_text_imports_no_document_library(write: Write) -> None:
    path = write("a.txt", SIMPLIFIED)
    program = (
        "import sys, pathlib; from index.documents.load import load_text;"
        "load_text(pathlib.Path(sys.argv[1]));"
        "print(sorted({'docx', 'lxml', 'pypdf', 'torch', 'trafilatura'} & sys.modules.keys()))"
    )
    root = Path(__file__).parents[2]
    command = [sys.executable, "-c", program, str(path)]
    done = subprocess.run(command, cwd=root, capture_output=True, encoding="utf-8", check=True)
    assert done.stdout == "[]\n"


# --- HTML ----------------------------------------------------------------------------------

PAGE = """<!DOCTYPE html><html><head><meta charset="{charset}">
<title>关于推进数字商务的意见_商务委员会</title><style>.a{{color:red}}</style></head><body>
<nav><a href="/">首页</a></nav><div><a href="/a">政务公开</a> | <a href="/b">互动</a></div>
<h1>关于推进数字商务的意见</h1><p>沪商电商〔2021〕121号</p><script>var a = "坏东西";</script>
<p>一、总体要求</p><p>（一）以 &lt;script&gt; 为例，&amp;lt; 与 AT&amp;T。</p><p>（二）短。</p>
<p>（三）分行的<b>正</b>文，
   接着写。</p><table><tr><th>序号</th><th>任务</th></tr>
<tr><td>1</td><td><p>建设</p><p>平台</p></td></tr></table>
第三条 没有标签<br>第四条 换行<!-- 注释 --><br/><br/>
<a href="/f.doc">附件1：清单</a><footer>版权所有</footer></body></html>"""
PAGE_TEXT = """关于推进数字商务的意见
沪商电商〔2021〕121号
一、总体要求
（一）以 <script> 为例，&lt; 与 AT&T。
（二）短。
（三）分行的正文，接着写。
序号 | 任务
1 | 建设 平台
第三条 没有标签
第四条 换行
附件1：清单"""


@pytest.mark.parametrize(
    ("charset", "encoding"),
    [("utf-8", "utf-8"), ("gb2312", "gb18030"), ("utf-8", "gb18030"), ("gbk", "utf-8")],
)
def test_html_page(write: Write, charset: str, encoding: str) -> None:
    path = write("a.html", PAGE.format(charset=charset).encode(encoding))
    assert load_text(path) == LoadedText(PAGE_TEXT, "关于推进数字商务的意见", "html")


def test_html_declared_in_a_foreign_encoding(write: Write) -> None:
    page = '<meta charset="windows-1252"><p>Article 1 – “Société” – été, à Genève</p>'
    text = load_text(write("a.htm", page.encode("cp1252"))).text
    assert text == "Article 1 – “Société” – été, à Genève"


def test_html_of_a_long_document_loses_no_article_and_drops_the_menu(write: Write) -> None:
    articles = [f"第{n}条　电子商务经营者应当依法办理登记。" for n in "一二三四五六七八九"]
    menu = "".join(f'<li><a href="/{i}">栏目{i}</a></li>' for i in range(9))
    page = (
        f"<html><head><title>办法</title></head><body><ul>{menu}</ul><form><div class='content'>"
        + "".join(f"<p>　　{article}</p>" for article in articles)
        + "</div></form></body></html>"
    )
    assert load_text(write("a.html", page)).text.split("\n") == articles


def test_html_layout_table_keeps_its_paragraphs(write: Write) -> None:
    page = "<table><tr><td><p>第一条 甲。</p><p>第二条 乙。</p></td></tr></table>"
    assert load_text(write("a.html", page)).text == "第一条 甲。\n第二条 乙。"


def test_html_deep_nesting_is_read(write: Write) -> None:
    page = "<div>" * 1500 + "<p>第一条 深处。</p>" + "</div>" * 1500
    assert load_text(write("a.html", page)).text == "第一条 深处。"
    assert "nests its HTML too deep" in refusal(write("b.html", "<div>" * 1500 + page))


def test_html_without_text(write: Write) -> None:
    assert "holds no text" in refusal(write("a.html", "<html><script>1</script></html>"))
    assert "holds no readable HTML" in refusal(write("b.html", "<!-- 只有注释 -->"))


# --- Word ----------------------------------------------------------------------------------


def save(document: docx.document.Document, path: Path) -> Path:
    document.save(str(path))
    return path


def define_list(document: docx.document.Document, key: int, *levels: tuple[str, str]) -> None:
    """Adds a list definition and a list, both with the id `key`, levels as (format, template)."""
    numbering = document.part.numbering_part.element
    body = "".join(
        f'<w:lvl w:ilvl="{i}"><w:start w:val="1"/><w:numFmt w:val="{kind}"/>'
        f'<w:lvlText w:val="{template}"/></w:lvl>'
        for i, (kind, template) in enumerate(levels)
    )
    namespace = nsdecls("w")
    definition = f'<w:abstractNum {namespace} w:abstractNumId="{key}">{body}</w:abstractNum>'
    numbering.insert(0, parse_xml(definition))
    add_list(document, key, key)


def add_list(document: docx.document.Document, key: int, definition: int, extra: str = "") -> None:
    document.part.numbering_part.element.append(
        parse_xml(
            f'<w:num {nsdecls("w")} w:numId="{key}"><w:abstractNumId w:val="{definition}"/>'
            f"{extra}</w:num>"
        )
    )


def number(paragraph: Paragraph, list_id: int, level: int = 0) -> None:
    properties = paragraph._p.get_or_add_pPr().get_or_add_numPr()
    properties.get_or_add_ilvl().val = level
    properties.get_or_add_numId().val = list_id


def test_word_paragraphs_and_tables_in_order(tmp_path: Path) -> None:
    document = docx.Document()
    document.add_paragraph("数字商务实施意见", style="Title")
    document.add_paragraph("  一、总体要求\t甲")
    table = document.add_table(rows=2, cols=3)
    for cell, text in zip(table.rows[0].cells, ("序号", "任务", "单位"), strict=True):
        cell.text = text
    table.cell(1, 0).text = "1"
    table.cell(1, 1).merge(table.cell(1, 2)).text = "平台\n建设"
    frame = document.add_table(rows=1, cols=1).cell(0, 0)
    frame.text = "第一条 甲。"
    frame.add_paragraph("第二条 乙。")
    document.add_paragraph("")
    document.add_paragraph("尾\n二行")
    assert load_text(save(document, tmp_path / "a.docx")) == LoadedText(
        "数字商务实施意见\n一、总体要求\t甲\n序号 | 任务 | 单位\n1 | 平台 建设 | 平台 建设\n"
        "第一条 甲。\n第二条 乙。\n尾\n二行",
        "数字商务实施意见",
        "docx",
    )


def test_word_automatic_numbering(tmp_path: Path) -> None:
    document = docx.Document()
    define_list(
        document,
        40,
        ("chineseCountingThousand", "%1、"),
        ("chineseCounting", "（%2）"),
        ("decimal", "%3."),
        ("decimal", "%1-%3-%4"),
    )
    define_list(document, 41, ("chineseCountingThousand", "第%1条"), ("bullet", "●"))
    add_list(document, 42, 41, '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="99"/>'
                               "</w:lvlOverride>")  # fmt: skip
    for text, list_id, level in [
        ("总体要求", 40, 0), ("指导思想", 40, 1), ("基本原则", 40, 1), ("创新", 40, 2),
        ("协调", 40, 2), ("主要任务", 40, 0), ("平台", 40, 1), ("细目", 40, 2), ("再细", 40, 3),
        ("为了", 41, 0), ("点", 41, 1), ("适用", 41, 0), ("重起", 42, 0), ("下一", 42, 0),
        ("又一", 42, 0), ("接着", 41, 0), ("脱离", 0, 0),
    ]:  # fmt: skip
        number(document.add_paragraph(text), list_id, level)
    assert load_text(save(document, tmp_path / "a.docx")).text.split("\n") == [
        "一、总体要求", "（一）指导思想", "（二）基本原则", "1. 创新", "2. 协调",
        "二、主要任务", "（一）平台", "1. 细目", "二-1-1 再细", "第一条 为了", "点", "第二条 适用",
        "第九十九条 重起", "第一百条 下一", "第一百零一条 又一", "第一百零二条 接着", "脱离",
    ]  # fmt: skip


def test_word_numbering_from_styles_and_in_table_cells(tmp_path: Path) -> None:
    document = docx.Document()
    document.add_paragraph("甲", style="List Number")
    define_list(document, 50, ("upperRoman", "%1"), ("decimalEnclosedCircle", "%2"))
    style = document.styles.add_style("条", WD_STYLE_TYPE.PARAGRAPH)
    style.base_style = document.styles["List Number"]
    document.add_paragraph("乙", style="条")
    table = document.add_table(rows=4, cols=2)
    for row in table.rows:
        number(row.cells[0].paragraphs[0], 50)
        row.cells[1].text = "项"
    number(document.add_paragraph("圈"), 50, 1)
    assert load_text(save(document, tmp_path / "a.docx")).text.split("\n") == [
        "1. 甲", "2. 乙", "I | 项", "II | 项", "III | 项", "IV | 项", "① 圈",
    ]  # fmt: skip


def test_word_text_that_ordinary_iteration_misses(tmp_path: Path) -> None:
    document = docx.Document()
    paragraph = document.add_paragraph("发布于")
    for wrapper, text in (("w:smartTag", "2021年"), ("w:ins", "5月"), ("w:del", "删"),
                          ("w:moveFrom", "移走")):  # fmt: skip
        element = OxmlElement(wrapper)
        run = document.add_paragraph().add_run(text)
        holder = run._r.getparent()
        element.append(run._r)
        holder.getparent().remove(holder)
        paragraph._p.append(element)
    paragraph.add_run("。")
    hidden = document.add_paragraph("内容控件中的第一条。")._p
    control, content = OxmlElement("w:sdt"), OxmlElement("w:sdtContent")
    hidden.addprevious(control)
    content.append(hidden)
    control.append(content)
    boxed = document.add_paragraph("框外")
    boxed._p.append(
        parse_xml(
            f'<w:r {nsdecls("w")} xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/'
            '2006"><mc:AlternateContent><mc:Choice Requires="wps"><w:txbxContent><w:p><w:r><w:t>'
            "框内</w:t></w:r></w:p></w:txbxContent></mc:Choice><mc:Fallback><w:txbxContent><w:p>"
            "<w:r><w:t>框内</w:t></w:r></w:p></w:txbxContent></mc:Fallback></mc:AlternateContent>"
            "</w:r>"
        )
    )
    document.core_properties.title = "旧模板的标题"
    assert load_text(save(document, tmp_path / "a.docx")) == LoadedText(
        "发布于2021年5月。\n内容控件中的第一条。\n框外\n框内", None, "docx"
    )


def test_word_table_of_contents_is_left_out(tmp_path: Path) -> None:
    document = docx.Document()
    document.styles.add_style("toc 1", WD_STYLE_TYPE.PARAGRAPH)
    document.add_paragraph("一、总体要求\t1", style="toc 1")
    document.add_paragraph("一、总体要求")
    assert load_text(save(document, tmp_path / "a.docx")).text == "一、总体要求"


def test_word_without_text(tmp_path: Path) -> None:
    assert "holds no text" in refusal(save(docx.Document(), tmp_path / "a.docx"))


def word_bytes() -> bytes:
    document = docx.Document()
    document.add_paragraph(SIMPLIFIED * 50)
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def test_damaged_word_files(write: Write) -> None:
    data = word_bytes()
    cases = [data[: len(data) // 2], b"PK\x03\x04" + b"x" * 500]
    at = data.index(b"word/document.xml") + 60
    cases.append(data[:at] + bytes(byte ^ 0x55 for byte in data[at : at + 40]) + data[at + 40 :])
    for index_, case in enumerate(cases):
        message = refusal(write(f"{index_}.docx", case))
        assert message == "FILE is damaged: save it again from Word as .docx."


def test_zip_without_a_word_document(tmp_path: Path) -> None:
    path = tmp_path / "a.docx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("xl/workbook.xml", "<x/>")
    assert refusal(path) == "FILE is a ZIP archive without a Word document: save it as .docx."


def test_broken_xml_in_a_word_file(tmp_path: Path) -> None:
    path = tmp_path / "a.docx"
    with (
        zipfile.ZipFile(io.BytesIO(word_bytes())) as source,
        zipfile.ZipFile(path, "w") as archive,
    ):
        for member in source.namelist():
            broken = member == "word/document.xml"
            archive.writestr(member, b"<w:document" if broken else source.read(member))
    assert refusal(path) == "FILE is damaged: save it again from Word as .docx."


def test_zip_bombs_are_refused_unopened(tmp_path: Path) -> None:
    large = tmp_path / "large.docx"
    with zipfile.ZipFile(large, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("word/document.xml", b"a" * (archive.MAX_UNPACKED_BYTES + 1))
    assert refusal(large) == (
        "FILE unpacks to 200 MB in 1 parts, over the limit of 200 MB and 5000 parts: "
        "save it smaller."
    )
    many = tmp_path / "many.docx"
    with zipfile.ZipFile(many, "w") as packed:
        for part in range(archive.MAX_MEMBERS + 1):
            packed.writestr(f"word/{part}.xml", b"")
    assert "in 5001 parts, over the limit" in refusal(many)


# --- PDF -----------------------------------------------------------------------------------


def write_pdf(path: Path, pages: list[list[str]], title: str = "") -> Path:
    """A PDF with a text layer, one drawn line for each string."""
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    canvas = Canvas(str(path))
    canvas.setTitle(title)
    for page in pages:
        canvas.setFont("STSong-Light", 12)
        for row, line in enumerate(page):
            canvas.drawString(60, 780 - 20 * row, line)
        canvas.showPage()
    canvas.save()
    return path


def test_pdf_lines_are_joined_and_page_numbers_dropped(tmp_path: Path) -> None:
    path = write_pdf(
        tmp_path / "a.pdf",
        [
            [
                "数字商务实施意见",
                "沪商电商〔2021〕121号",
                "各区商务主管部门，各有关单位，现将本意见印发给你",
                "们，请认真执行：",
                "一、总体要求",
                "（一）坚持创新驱动，推动 5G、AI technology and big",
                "data 应用，依照第三条、",
                "第二条的规定办理，全面推进商业数字化转型升级发展",
                "（二）到2025年，电子商务交易额达到4.2万亿元，增长",
                "- 1 -",
            ],
            [
                "第二条的规定办理，全面推进商业数字化转型升级发展",
                "第十二条 完善物流体系，支持跨境电商综合试验区建设",
                "1．建设平台。",
                "二、三产业融合。",
                "— 2 —",
            ],
        ],
        title="数字商务实施意见",
    )
    assert load_text(path) == LoadedText(
        "数字商务实施意见\n"
        "沪商电商〔2021〕121号\n"
        "各区商务主管部门，各有关单位，现将本意见印发给你们，请认真执行：\n"
        "一、总体要求\n"
        "（一）坚持创新驱动，推动 5G、AI technology and big data 应用，依照第三条、\n"
        "第二条的规定办理，全面推进商业数字化转型升级发展\n"
        "（二）到2025年，电子商务交易额达到4.2万亿元，增长"
        "第二条的规定办理，全面推进商业数字化转型升级发展\n"
        "第十二条 完善物流体系，支持跨境电商综合试验区建设\n"
        "1．建设平台。\n"
        "二、三产业融合。",
        "数字商务实施意见",
        "pdf",
    )


def test_pdf_running_heads_and_bare_page_numbers(tmp_path: Path) -> None:
    pages = [["省政府公报", f"第{n}条 本条的内容。", str(2021 + i * i), str(i + 7)]
             for i, n in enumerate("一二三四")]  # fmt: skip
    assert load_text(write_pdf(tmp_path / "a.pdf", pages)).text.split("\n") == [
        "省政府公报", "第一条 本条的内容。", "2021", "第二条 本条的内容。", "2022",
        "第三条 本条的内容。", "2025", "第四条 本条的内容。", "2030",
    ]  # fmt: skip


def test_pdf_radicals_and_letter_spacing_are_mended() -> None:
    texts = ("⼀、⻓江流域⼾籍", "第 一 章 总 则", "AI 与 5G 技术的应用 范围")
    mended = [line.text for line in lines.usual(map(lines.Line, texts))]
    assert mended == ["一、长江流域户籍", "第一章总则", "AI 与 5G 技术的应用 范围"]


def test_pdf_title_that_the_text_does_not_repeat_is_not_trusted(tmp_path: Path) -> None:
    path = write_pdf(tmp_path / "a.pdf", [["第一条 正文。"]], title="Microsoft Word - 文档1")
    assert load_text(path).title is None


def test_encrypted_pdf(tmp_path: Path) -> None:
    writer = pypdf.PdfWriter(clone_from=write_pdf(tmp_path / "plain.pdf", [["第一条 正文。"]]))
    writer.encrypt("secret", algorithm="RC4-128")
    writer.write(tmp_path / "a.pdf")
    assert refusal(tmp_path / "a.pdf") == (
        "FILE is encrypted: print it to an unprotected PDF and give that."
    )


def test_scanned_pdf_without_text_recognition(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unread, "installed", lambda: False)
    canvas = Canvas(str(tmp_path / "a.pdf"))
    for page in range(3):
        canvas.drawImage(ImageReader(Image.new("L", (60, 80), 200)), 0, 0, 500, 700)
        canvas.drawString(300, 20, f"- {page + 1} -")
        canvas.showPage()
    canvas.save()
    assert refusal(tmp_path / "a.pdf") == (
        "FILE is a scan without a text layer: install text recognition with make ocr "
        '(or pip install "tiaowen[ocr]"), then give it again.'
    )


def test_pdf_page_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_pdf(tmp_path / "a.pdf", [["第一条 正文。"]] * 3)
    monkeypatch.setattr(pdf, "MAX_PAGES", 2)
    assert refusal(path) == "FILE has 3 pages, over the limit of 2: split it into parts."


def test_damaged_pdf(write: Write, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    data = write_pdf(tmp_path / "whole.pdf", [[SIMPLIFIED[:10]] * 20] * 3).read_bytes()
    message = "FILE is damaged: export it again as PDF, or give the text as .txt."
    assert refusal(write("half.pdf", data[: len(data) // 2])) == message
    assert refusal(write("head.pdf", b"%PDF-1.7\n")) == message
    assert "damaged or no .pdf document at all" in refusal(write("text.pdf", SIMPLIFIED))
    assert capfd.readouterr() == ("", "")
