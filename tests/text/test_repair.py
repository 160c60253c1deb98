"""Damaged text comes back clean, and every clean character knows where it came from."""

from __future__ import annotations

from pathlib import Path

import pytest

from index.text.repair import LOST, clean, to_simplified


def test_pinyin_annotations_are_removed_and_brackets_kept() -> None:
    cleaned = clean("關(guān)于(app)數(shù)據(jù)(2021)")
    assert cleaned.text == "关于(app)数据(2021)"
    assert cleaned.repairs == (
        "3 pinyin annotations removed",
        "traditional characters read as simplified ones",
    )


def test_offsets_point_into_the_source() -> None:
    source = "關(guān)于“數(shù)字”。"
    cleaned = clean(source)
    assert cleaned.text == "关于“数字”。"
    assert len(cleaned.offsets) == len(cleaned.text) + 1
    start, end = cleaned.text.index("数字"), cleaned.text.index("数字") + 2
    assert source[cleaned.offsets[start] : cleaned.offsets[end]] == "數(shù)字"
    assert cleaned.offsets[-1] == len(source)


@pytest.mark.parametrize(
    ("damaged", "expected"),
    [
        ("?。ㄆ撸┩七M批發業轉型升級", "(七)推进批发业转型升级"),
        ("?。ㄋ模┘訌娦录夹g推廣應用", "(四)加强新技术推广应用"),
        ("?。ㄊ耍┘哟蠼鹑谥С至Χ?。支持各地開展", "(十八)加大金融支持力度。支持各地开展"),
        # The numeral's second byte is gone with its pair: the parser has the sequence to go by.
        ("?。ㄈ┘涌焱七M商業模式創新", f"(三{LOST})加快推进商业模式创新"),
        ("?。┐龠M零售業改革發展", f"(六{LOST})促进零售业改革发展"),
    ],
)
def test_gbk_read_one_byte_off_is_realigned(damaged: str, expected: str) -> None:
    source = f"一、總體要求\n{damaged}"
    cleaned = clean(source)
    assert cleaned.text == f"一、总体要求\n{expected}"
    assert "1 runs of GBK text read one byte off restored" in cleaned.repairs


def test_a_question_mark_that_is_one_stays() -> None:
    text = "什么是数字贸易?数字贸易是指以数据为要素的贸易。是否可行?可行。"
    assert clean(text).text == text


def test_markers_of_every_damaged_article_of_the_corpus(root: Path) -> None:
    source = (root / "index/corpus/zhanjiang-2016/source.txt").read_text(encoding="utf-8")
    lines = clean(source).text.split("\n")
    heads = [line[: line.index(")") + 1] for line in lines if line.startswith("(")]
    assert len(heads) == 20
    assert heads[:4] == ["(一)", "(二)", f"(三{LOST})", "(四)"]
    assert "(一)指导思想。全面贯彻" in clean(source).text


def test_compatibility_forms_and_recognition_errors() -> None:
    cleaned = clean("（１）着力开展SG网络,①原创内容IPo深入挖掘；SGS认证")
    assert cleaned.text == "(1)着力开展5G网络,①原创内容IP。深入挖掘;SGS认证"
    assert cleaned.repairs == ("2 letters confused by optical recognition corrected",)


def test_simplified_text_has_the_same_length() -> None:
    text = "後臺軟體與頭髮、乾隆皇帝"
    assert len(to_simplified(text)) == len(text)
    assert to_simplified("電子商務") == "电子商务"


@pytest.mark.parametrize(
    ("recognised", "meant"),
    [
        ("沪商电商〔2021) 121号", "沪商电商〔2021) 121号"),
        ("沪商电商〔2021)121号", "沪商电商〔2021〕121号"),
        ("沪商电商《2021》l21号", "沪商电商〔2021〕121号"),
        ("沪商电商[2O21]号", "沪商电商[2O21]号"),
        ("第十—条 本办法", "第十一条 本办法"),
        ("第—条 本办法", "第一条 本办法"),
        ("—、总体要求\n十—、附则", "一、总体要求\n十一、附则"),
        ("(—)加强领导", "(一)加强领导"),
        ("2019一2021年", "2019—2021年"),
        ("二O二一年五月六日", "二〇二一年五月六日"),
        ("2O21年1O月l日至1l日", "2021年10月l日至11日"),
    ],
)
def test_signs_that_recognition_confuses_are_mended_where_nothing_else_is_meant(
    recognised: str, meant: str
) -> None:
    cleaned = clean(recognised)
    assert cleaned.text == meant
    assert (cleaned.text != recognised) == any("signs confused" in one for one in cleaned.repairs)
    assert len(cleaned.offsets) == len(cleaned.text) + 1


@pytest.mark.parametrize(
    "text",
    [
        "第三—五条的规定——以及第十—十五条", "(2019—2021年)", "沪委发[2020]35号",
        "3C认证、CO2、C2O4和H2O", "二○二一年", "一般—特殊", "国办发(2015)72号",
    ],
)  # fmt: skip
def test_signs_that_may_be_meant_stay(text: str) -> None:
    assert clean(text).text == text
