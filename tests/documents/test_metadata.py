"""Titles, numbers, issuers, dates, validity and labels."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from index.documents.model import Document
from index.documents.parse import parse_document


def document(root: Path, slug: str) -> Document:
    path = root / "index/corpus" / slug / "source.txt"
    return parse_document(path.read_text(encoding="utf-8"), slug)


def test_shanghai_2021(root: Path) -> None:
    shanghai = document(root, "shanghai-2021")
    assert shanghai.title == "全面推进上海数字商务高质量发展实施意见"
    assert shanghai.number == "沪商电商〔2021〕121号"
    assert shanghai.issuers == ("上海市商务委员会",)
    assert (shanghai.issued_on, shanghai.region) == ("2021-05-06", "上海市")
    twelfth = next(c for c in shanghai.clauses if c.path == "四/(十二)")
    assert twelfth.label == "沪商电商〔2021〕121号 第十二条"
    assert twelfth.label_en == "Hu Shang Dian Shang [2021] No. 121, Article 12"


def test_the_other_built_in_documents(root: Path) -> None:
    hangzhou = document(root, "hangzhou-2024")
    assert hangzhou.title == "杭州市推进数字贸易强市三年行动计划(2024—2026年)"
    assert (hangzhou.effective_from, hangzhou.effective_to) == ("2024-05-24", "2026-12-31")
    assert (hangzhou.period, hangzhou.region) == ((2024, 2026), "杭州市")
    nine = document(root, "shanghai-2019")
    assert len(nine.issuers) == 9
    assert nine.issuers[4] == "上海市市场监督管理局"
    assert (nine.period, nine.issued_on) == ((2019, 2021), "2019-07-23")
    jiangsu = document(root, "jiangsu-ecommerce")
    assert (jiangsu.issuers, jiangsu.region) == (("江苏省商务厅",), "江苏省")
    assert jiangsu.period == (2021, 2025)
    zhanjiang = document(root, "zhanjiang-2016")
    assert zhanjiang.title == "湛江市推进线上线下互动加快商贸流通创新发展转型升级实施方案"
    assert zhanjiang.issuers == ("湛江市人民政府办公室",)


@pytest.mark.parametrize(
    ("slug", "day", "status"),
    [
        ("hangzhou-2024", date(2024, 5, 23), "not_yet"),
        ("hangzhou-2024", date(2024, 5, 24), "in_force"),
        ("hangzhou-2024", date(2026, 12, 31), "in_force"),
        ("hangzhou-2024", date(2027, 1, 1), "expired"),
        ("shanghai-2019", date(2022, 1, 1), "expired"),
        ("shanghai-2021", date(2026, 1, 1), "unknown"),
    ],
)
def test_status(root: Path, slug: str, day: date, status: str) -> None:
    assert document(root, slug).status(day) == status


def test_labels_name_the_chain_where_numbering_restarts(root: Path) -> None:
    labels = {
        c.path: (c.label.rsplit(" ", 1)[1], c.label_en.rsplit(", ", 1)[1])
        for c in document(root, "shanghai-2019").clauses
    }
    assert labels["三/(三)/7"] == ("第7条", "Article 7")
    assert labels["四/(三)"] == ("第四部分（三）", "Part 4 (3)")
    assert labels["首"] == ("文首", "Preamble")


def test_wrapped_title_several_issuers_and_signature() -> None:
    parsed = parse_document(
        "国务院办公厅、中央军委办公厅\n关于加强某项工作\n调查和管理（试行）的通知\n国办发[1996]25号\n"
        "各省人民政府：\n现通知如下：\n一、加强领导。\n二、抓好落实。\n"
        "国务院办公厅　中央军委办公厅\n一九九六年六月二十九日\n",
        "d",
    )
    assert parsed.title == ("国务院办公厅、中央军委办公厅关于加强某项工作调查和管理（试行）的通知")
    assert parsed.number == "国办发〔1996〕25号"
    assert parsed.issuers == ("国务院办公厅", "中央军委办公厅")
    assert (parsed.issued_on, parsed.region) == ("1996-06-29", "全国")
    assert parsed.clauses[-1].path == "尾"


def test_validity_in_years_and_from_issue() -> None:
    parsed = parse_document(
        "甲市商务局关于印发《乙办法》的通知\n甲商〔2020〕3号\n各单位：\n现印发给你们。\n甲市商务局\n"
        "2020年3月1日\n乙办法\n第一条 甲。\n第二条 本办法自发布之日起30日后施行，有效期5年。\n",
        "d",
    )
    assert (parsed.effective_from, parsed.effective_to) == ("2020-03-31", "2025-03-30")
