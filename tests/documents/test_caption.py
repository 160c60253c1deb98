"""Captions of orders and laws: number, issuers, days of promulgation, adoption and amendment."""

from __future__ import annotations

import pytest

from index.documents.model import Document
from index.documents.parse import parse_document

BODY = "第一条 为了规范管理，制定本办法。\n第二条 市水务局负责实施。\n"


def captioned(*lines: str, title: str = "南川市水井管理办法") -> Document:
    return parse_document("\n".join([title, *lines, BODY]), "d")


@pytest.mark.parametrize(
    ("lines", "number", "issuers", "issued", "amended"),
    [
        (
            ["（2019年4月8日南川市人民政府令第17号公布）"],
            "南川市人民政府令第17号", ("南川市人民政府",), "2019-04-08", None,
        ),
        (
            ["（2019年4月8日南川市人民政府令第17号公布\u3000根据2023年2月1日南川市人民政府令第40号修正）"],
            "南川市人民政府令第17号", ("南川市人民政府",), "2019-04-08", "2023-02-01",
        ),
        (
            [
                "(2019年4月8日 南川市人民政府令 第17号 发布",
                "根据2023年2月1日《南川市人民政府关于修改部分规章的决定》第一次修订)",
            ],
            "南川市人民政府令第17号", ("南川市人民政府",), "2019-04-08", "2023-02-01",
        ),
        (
            ["（2003年9月5日中华人民共和国国务院令第390号公布\u2003自2003年11月1日起施行）"],
            "中华人民共和国国务院令第390号", ("国务院",), "2003-09-05", None,
        ),
        (
            ["（1993年2月22日国务院批准\u00a01993年3月1日公安部令第12号发布）"],
            "公安部令第12号", ("公安部",), "1993-03-01", None,
        ),
        (
            ["（2020年7月1日交通运输部令2020年第11号公布）"],
            "交通运输部令2020年第11号", ("交通运输部",), "2020-07-01", None,
        ),
        (
            ["（2020年7月1日水利部令〔2020〕11号发布）"],
            "水利部令〔2020〕11号", ("水利部",), "2020-07-01", None,
        ),
        (
            ["（2021年5月6日国家发展改革委、商务部令第47号公布）"],
            "国家发展改革委、商务部令第47号", ("国家发展改革委", "商务部"), "2021-05-06", None,
        ),
        (
            [
                "（1998年5月4日南川市人民政府令第3号发布 2019年4月8日南川市人民政府令第17号"
                "修订公布 根据2023年2月1日南川市人民政府令第40号修正）"
            ],
            "南川市人民政府令第17号", ("南川市人民政府",), "2019-04-08", "2023-02-01",
        ),
        (
            ["（2021年3月15日江南省人民政府第35次常务会议通过\u30002021年4月1日江南省人民政府令第120号公布）"],
            "江南省人民政府令第120号", ("江南省人民政府",), "2021-04-01", None,
        ),
        (
            ["（2021年3月18日南川市第十届人民代表大会常务委员会第八次会议通过）"],
            None, ("南川市人民代表大会常务委员会",), "2021-03-18", None,
        ),
        (
            [
                "（2021年3月18日南川市第十届人民代表大会常务委员会第八次会议通过",
                "2021年5月27日江南省第十三届人民代表大会常务委员会第二十次会议批准）",
            ],
            None, ("南川市人民代表大会常务委员会",), "2021-03-18", None,
        ),
        (
            [
                "2018年3月30日 南川市第九届人民代表大会常务委员会第五次会议通过",
                "",
                "2023年11月24日 南川市第十届人民代表大会常务委员会第五次会议修订",
            ],
            None, ("南川市人民代表大会常务委员会",), "2023-11-24", "2023-11-24",
        ),
        (
            ["（2021年3月18日南川市第十届人大常委会第八次会议通过 2021年4月1日公布）"],
            None, (), "2021-04-01", None,
        ),
    ],
)  # fmt: skip
def test_captions_in_brackets_and_lines(
    lines: list[str],
    number: str | None,
    issuers: tuple[str, ...],
    issued: str,
    amended: str | None,
) -> None:
    document = captioned(*lines)
    assert document.title == "南川市水井管理办法"
    assert (document.number, document.issuers) == (number, issuers)
    assert (document.issued_on, document.amended_on) == (issued, amended)


@pytest.mark.parametrize(
    ("head", "number"),
    [
        (["南川市人民政府令", "第17号"], "南川市人民政府令第17号"),
        (["南川市人民政府令", "（第17号）"], "南川市人民政府令第17号"),
        (["南川市人民政府令 第17号"], "南川市人民政府令第17号"),
        (["南川市人民政府令〔2019〕17号"], "南川市人民政府令〔2019〕17号"),
        (["中华人民共和国水利部令", "2019年第17号"], "中华人民共和国水利部令2019年第17号"),
    ],
)
def test_heads_of_orders_that_promulgate(head: list[str], number: str) -> None:
    text = "\n".join(
        [
            *head,
            "《南川市水井管理办法》已经2019年3月20日第5次常务会议通过，现予公布，"
            "自2019年6月1日起施行。",
            "市长 王明",
            "2019年4月8日",
            "南川市水井管理办法",
            BODY,
        ]
    )
    document = parse_document(text, "d")
    assert document.title == "南川市水井管理办法"
    assert document.number == number
    assert document.issuers == ("水利部" if "水利部" in number else "南川市人民政府",)
    assert (document.issued_on, document.effective_from) == ("2019-04-08", "2019-06-01")


def test_markdown_and_a_number_without_its_body() -> None:
    document = parse_document(
        f"# 南川市水井管理办法\n\n（第17号）\n\n南川市水务局\n\n2019年4月8日\n\n{BODY}", "d"
    )
    assert (document.number, document.issued_on) == ("第17号", "2019-04-08")


def test_days_that_a_notice_tells_of_are_no_caption() -> None:
    document = parse_document(
        "南川市水务局关于水井的通知\n南水〔2019〕3号\n各区：\n"
        "2018年5月1日公布的名单（2018年6月1日修订）已经核对。2019年3月1日至3日，全市检查。\n"
        "一、抓好整改。\n二、做好总结。\n南川市水务局\n2019年4月8日\n",
        "d",
    )
    assert (document.number, document.issuers) == ("南水〔2019〕3号", ("南川市水务局",))
    assert (document.issued_on, document.amended_on) == ("2019-04-08", None)


def test_announcements_are_numbered_by_year() -> None:
    document = parse_document(
        "南川市水务局 南川市财政局关于水价的公告\n2023年第5号\n一、水价每吨三元。\n"
        "二、本公告自2023年6月1日起执行，执行期限至2025年12月31日。\n"
        "南川市水务局 南川市财政局\n2023年5月4日\n",
        "d",
    )
    assert (document.number, document.issued_on) == ("2023年第5号", "2023-05-04")
    assert document.issuers == ("南川市水务局", "南川市财政局")
    assert (document.effective_from, document.effective_to) == ("2023-06-01", "2025-12-31")
