"""Whose day of coming into force and whose term it is: the document's own alone count."""

from __future__ import annotations

from datetime import date

import pytest

from index.documents.model import Document
from index.documents.parse import parse_document
from index.text.dates import last_day


def parsed(*articles: str, title: str = "南川市雨水收集管理办法", front: str = "") -> Document:
    numerals = "一二三四五六七八九"
    lines = [f"第{numerals[at]}条 {text}" for at, text in enumerate(articles)]
    return parse_document("\n".join([title, *filter(None, [front]), *lines]), "d")


def term(*articles: str, title: str = "南川市雨水收集管理办法", front: str = "") -> str | None:
    return parsed("为了节约用水，制定本办法。", *articles, title=title, front=front).effective_to


START = "本办法自2021年3月1日起施行。"


@pytest.mark.parametrize(
    "other",
    [
        "经营许可证有效期为三年。",
        "许可证的有效期限为2年，期满前三十日申请延续。",
        "检测报告有效期6个月。",
        "评估合格的，发给证书，有效期五年。",
        "本办法规定的许可证有效期为3年。",
        "本办法所称资格证书，有效期三年，由市水务局核发。",
        "消费券有效期至2021年12月31日。",
        "申报期限为2021年4月1日至2021年6月30日。",
        "投标有效期自2021年4月1日起至2021年9月30日。",
        "本办法施行前取得的许可证，有效期至2022年6月30日。",
        "原有设施的过渡期限至2022年12月31日，逾期停止使用。",
        "劳动合同期限为三年。",
        "收集设施自验收合格之日起生效，有效期三年。",
        "许可证有效期满：\n（一）续期的，有效期为五年；\n（二）换证的，有效期为二年。",
        "《南川市节水规定》有效期至2022年5月31日。",
    ],
)
def test_terms_of_other_things_do_not_count(other: str) -> None:
    assert term(other, START) is None
    assert term(START, other) is None
    assert term(other, "本办法自2021年3月1日起施行，有效期五年。") == "2026-02-28"
    assert parsed("目的。", other, START).effective_from == "2021-03-01"


@pytest.mark.parametrize(
    ("own", "last"),
    [
        ("本办法自2021年3月1日起施行，有效期五年。", "2026-02-28"),
        ("本办法自2021年3月1日起施行，有效期为2年。", "2023-02-28"),
        ("本办法自2021年3月1日起施行。有效期三年。", "2024-02-29"),
        ("本办法自2021年3月1日起试行，试行期一年。", "2022-02-28"),
        ("本办法自2021年3月1日起施行，有效期18个月。", "2022-08-31"),
        ("本办法自2021年3月1日起施行，有效期至2024年6月30日止。", "2024-06-30"),
        ("本办法自2021年3月1日起施行，至2024年6月30日止。", "2024-06-30"),
        ("本办法自2021年3月1日起施行，2024年6月30日止有效。", None),
        ("本办法由市水务局负责解释，自2021年3月1日起施行，有效期2年。", "2023-02-28"),
        ("本办法有效期限为2021年3月1日至2025年2月28日。", "2025-02-28"),
        ("本办法的有效期为二年，自2021年3月1日起算。", None),
        ("本办法自二〇二一年三月一日起施行，有效期至二〇二三年十二月三十一日。", "2023-12-31"),
        ("本办法自2021年3月1日起执行至2022年12月31日。", "2022-12-31"),
        ("本办法自2021年3月1日起施行，2025年2月28日自动失效。", None),
        ("本办法自2021年3月1日起施行，于2025年2月28日自动失效。", "2025-02-28"),
    ],
)
def test_the_documents_own_term_counts_in_all_forms(own: str, last: str | None) -> None:
    assert term(own) == last


def test_a_notices_own_term_stands_in_its_body_or_at_its_end() -> None:
    text = (
        "南川市水务局关于雨水收集补助的通知\n南水〔2021〕9号\n各区：\n一、补助每套三百元。\n"
        "二、用户凭证书申请，证书有效期为一年。\n"
        "三、本通知自印发之日起施行，有效期两年。\n南川市水务局\n2021年3月1日\n"
    )
    document = parse_document(text, "d")
    assert (document.effective_from, document.effective_to) == ("2021-03-01", "2023-02-28")


def test_a_law_in_force_is_not_called_expired() -> None:
    document = parsed("目的。", "许可证有效期为三年。", START)
    assert document.status(date(2026, 1, 1)) == "in_force"


@pytest.mark.parametrize(
    "article",
    [
        "本办法自2021年6月1日起施行。自1997年5月1日起施行的《南川市水井管理规定》同时废止。",
        "自1997年5月1日起施行的《南川市水井管理规定》同时废止。本办法自2021年6月1日起施行。",
        "《南川市水井管理规定》自1997年5月1日起施行，现予废止。本办法自2021年6月1日起实施。",
        "本办法自2021年6月1日起施行，其中第二条自2022年1月1日起施行。",
        "本办法第二条自2020年1月1日起执行，其余自2021年6月1日起施行。本办法自2021年6月1日起施行。",
        "本办法除第二条外，自2021年6月1日起施行。第二条自2023年1月1日起施行。",
        "本办法从2021年6月1日起生效。新的收费标准自2022年7月1日起执行。",
        "本办法于2021年6月1日起正式施行。1997年5月1日起实施的旧办法同时停止执行。",
        "本办法2021年6月1日起施行。许可证自2021年9月1日起生效。",
        "本办法由市水务局负责解释，自2021年6月1日起施行，2008年3月1日起施行的暂行办法同时废止。",
        "《南川市雨水收集管理办法》自2021年6月1日起施行，《水井管理规定》自2001年1月1日起施行。",
        "本决定自1999年1月1日起施行的规定同时废止，本办法自2021年6月1日起施行。",
    ],
)
def test_the_day_of_the_document_itself_counts(article: str) -> None:
    assert parsed("目的。", "收集。", article).effective_from == "2021-06-01"


@pytest.mark.parametrize(
    ("article", "first"),
    [
        ("本办法自公布之日起施行。", "2021-04-08"),
        ("本办法自公布之日起30日后施行。", "2021-05-08"),
        ("本办法自公布之日起三十日后施行。", "2021-05-08"),
        ("本办法自发布之日起满30日施行。", "2021-05-08"),
        ("本办法自印发之日起执行。", "2021-04-08"),
        ("本办法自公布之日起施行。1997年5月1日起施行的旧规定同时废止。", "2021-04-08"),
    ],
)
def test_from_the_day_of_publication(article: str, first: str) -> None:
    front = "（2021年4月8日南川市人民政府令第17号公布）"
    assert parsed("目的。", article, front=front).effective_from == first


def test_the_caption_tells_the_day_where_the_articles_do_not() -> None:
    front = "（2021年4月8日南川市人民政府令第17号公布　自2021年6月1日起施行）"
    assert parsed("目的。", "收集。", front=front).effective_from == "2021-06-01"


def test_the_kind_that_the_title_has_counts_before_other_kinds() -> None:
    document = parsed("目的。", "本决定自2020年1月1日起施行。", "本办法自2019年1月1日起施行。")
    assert document.effective_from == "2019-01-01"


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        (
            "These Measures shall come into force as of May 1, 2021. The Provisions on Wells, "
            "which came into force on March 1, 1998, are repealed.",
            "2021-05-01",
            None,
        ),
        (
            "The licence is valid until 31 December 2022. This Notice takes effect on 1 May 2021 "
            "and is valid until 30 April 2024.",
            "2021-05-01",
            "2024-04-30",
        ),
        (
            "These Measures shall come into effect on May 1, 2021 and remain in force for five "
            "years. Certificates are valid for two years.",
            "2021-05-01",
            "2026-04-30",
        ),
        ("Article 5 of these Measures shall take effect on May 1, 2022.", None, None),
    ],
)
def test_english_documents(text: str, first: str | None, last: str | None) -> None:
    document = parse_document(f"Measures on Rainwater\n{text}\n", "d")
    assert (document.effective_from, document.effective_to) == (first, last)


def test_a_term_ends_on_the_day_before() -> None:
    assert last_day("2020-02-29", 12) == "2021-02-28"
    assert last_day("2021-08-31", 6) == "2022-02-28"
    assert last_day("9999-01-01", 12) is None
