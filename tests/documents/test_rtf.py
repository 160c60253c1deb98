"""Rich Text Format as Word, WPS and others write it."""

from __future__ import annotations

import pytest

from index.documents.load import read_text
from index.errors import DocumentFault

HEAD = (
    r"{\rtf1\ansi\ansicpg936\deff0{\fonttbl{\f0\fnil\fcharset134 \'cb\'ce\'cc\'e5;}"
    r"{\f1\froman\fcharset0 Times;}{\f2\fcharset136 Ming;}}{\colortbl;\red0;}"
    r"{\stylesheet{\s0 Normal;}}{\*\generator x}{\info{\title t}{\author a}}"
    r"{\header\pard \'d2\'b3\'c3\'bc\par}{\footnote \'bd\'c5}"
)


def gbk(text: str) -> str:
    return "".join(f"\\'{byte:02x}" for byte in text.encode("gb18030"))


def unicode(text: str) -> str:
    codes = [ord(char) for char in text]
    return "".join(f"\\u{code if code < 32768 else code - 65536}?" for code in codes)


def lines(body: str) -> list[str]:
    return read_text((HEAD + body + "}").encode("latin-1"), ".rtf", "a.rtf").text.split("\n")


@pytest.mark.parametrize("write", [gbk, unicode])
def test_characters_and_paragraphs(write: object) -> None:
    assert callable(write)
    body = rf"\pard\f0 {write('第一条 甲。')}\par {write('第二条')} \b {write('乙')}\b0 ,\f1 5G\par"
    assert lines(body) == ["第一条 甲。", "第二条 乙,5G"]


def test_fallbacks_of_any_length_are_skipped() -> None:
    assert lines(r"\uc2\u31532\'b5\'da{\uc0\u19968}\uc1\u26465 x\u30002?\par") == ["第一条甲"]
    assert lines(r"a\u-10179?\u-8704?b") == ["a\U0001f600b"]
    assert lines(r"{\upr{x}{\*\ud{\u30002?}}}\par") == ["x甲"]


@pytest.mark.parametrize("how", [r"\strike", r"\striked1", r"\v", r"\deleted"])
def test_struck_hidden_and_deleted_text_is_left_out(how: str) -> None:
    want = ["处五千元。"]
    assert (
        lines(gbk("处") + "{" + how + " " + gbk("一千元") + "}" + gbk("五千元。") + r"\par") == want
    )
    off = how.rstrip("1") + "0"
    assert lines(gbk("处") + how + " " + gbk("旧") + off + " " + gbk("五千元。") + r"\par") == want
    assert lines(gbk("甲") + "{" + how + r" x\par}" + gbk("乙") + r"\par") == ["甲乙"]


def test_numbers_of_lists_and_fields() -> None:
    body = (
        r"\pard{\listtext\pard\plain\f0 " + gbk("第一条") + r"\tab}" + gbk("甲。") + r"\par"
        r"{\pntext\f0 2.\tab}" + gbk("乙") + r"\par"
        r"{\field{\*\fldinst HYPERLINK x}{\fldrslt "
        + gbk("链接")
        + r"}}\line "
        + gbk("下")
        + r"\par"
    )
    assert lines(body) == ["第一条\t甲。", "2.\t乙", "链接", "下"]


def test_tables_and_merged_cells() -> None:
    merged = r"\trowd\clvmgf\cellx1000\cellx2000\cellx3000 "
    goes_on = r"\trowd\clvmrg\cellx1000\clmgf\cellx2000\clmrg\cellx3000 "
    row = r"\pard\intbl {}\cell {}\cell {}\cell\row "
    body = (
        merged
        + row.format(gbk("市局"), gbk("修路"), gbk("六月"))
        + goes_on
        + row.format("", gbk("种树") + r"\par " + gbk("治水"), "")
        + r"\pard "
        + gbk("表后")
        + r"\par"
    )
    assert lines(body) == ["市局 | 修路 | 六月", "市局 | 种树 治水 | 种树 治水", "表后"]


def test_pictures_are_told_and_binary_data_is_passed_over() -> None:
    body = (
        gbk("第三条 按下式：") + r"\par{\pict\pngblip 89504e47}{\pict\bin5 }}{{}" + "x}" + gbk("后")
    )
    loaded = read_text((HEAD + body + r"\par}").encode("latin-1"), ".rtf", "a.rtf")
    assert loaded.text.split("\n") == ["第三条 按下式：", "后"]
    assert loaded.warnings == ("2 pictures not read, at 第三条; look at the original",)


@pytest.mark.parametrize(
    "body", ["{" * 5000, "{" * 200 + "}" * 900, "\\", r"\u", r"\'z", r"\bin99999 x"]
)
def test_broken_files_end(body: str) -> None:
    try:
        text = read_text((HEAD + "a" + body).encode("latin-1"), ".rtf", "a.rtf").text
    except DocumentFault as fault:
        assert "nests its parts too deep" in str(fault)
    else:
        assert text.startswith("a")
