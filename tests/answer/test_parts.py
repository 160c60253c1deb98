"""Sentences cut into parts that say one thing each."""

from __future__ import annotations

import pytest

from rag.answer.evidence import Passage
from rag.answer.parts import joined, parts_of, with_conditions, with_exceptions


def test_a_condition_is_never_told_without_what_follows_from_it() -> None:
    words = "企业忽略安全生产责任的，处二万元罚款；逾期不改的,责令停业，并公告。"
    passage = Passage(0, len(words), words, None)
    assert [part.text for part in parts_of(passage, "zh")] == [
        "企业忽略安全生产责任的，处二万元罚款；",
        "逾期不改的,责令停业，",
        "并公告。",
    ]


def test_what_must_be_done_is_not_cut_off_behind_an_aside() -> None:
    english = (
        "Each district shall, in line with the plan, work out its own measures, and publish them."
    )
    passage = Passage(0, 1, "各区应当依照方案制定具体措施，并予公布。", english)
    assert "work out its own measures" in parts_of(passage, "en")[0].text


@pytest.mark.parametrize(
    ("words", "kept", "told"),
    [
        # What a limit takes back is told with the rule; what the next rule says is not.
        (
            "授权的期限不得超过五年，但是授权决定另有规定的除外；需要继续授权的，可以提出意见。",
            [0],
            [0, 1],
        ),
        ("亲属可以查阅、复制，死者生前另有安排的除外。", [0], [0, 1]),
        ("保险费率，适用有关法律的规定，不适用本法。", [1], [1, 2]),
        ("除本法另有规定外，经营者自主定价，并公布价格。", [1], [0, 1]),
        ("扩大港口，整治河道；但修路除外。", [0], [0]),
    ],
)
def test_no_rule_is_told_without_what_limits_it(
    words: str, kept: list[int], told: list[int]
) -> None:
    parts = parts_of(Passage(0, len(words), words, None), "zh")
    chosen = with_exceptions(parts, [parts[at] for at in kept], "zh")
    assert chosen == [parts[at] for at in told]


def test_english_limits_are_told_too() -> None:
    english = "A donor shall pay; a charity may sue, unless the donor reports, and is excused."
    passage = Passage(0, 1, "捐赠人应当支付；慈善组织可以起诉，但捐赠人报告的除外。", english)
    parts = parts_of(passage, "en")
    sue = [part for part in parts if "sue" in part.text]
    text = joined(with_exceptions(parts, sue, "en"), "en")
    assert "unless the donor reports" in text and "shall pay" not in text


@pytest.mark.parametrize(
    ("words", "kept", "told"),
    [
        ("公民和法人设立的图书馆，可以以捐赠者命名，并公布。", [1], [0, 1]),
        ("由县政府决定，需要延长的，可以延长，并公告。", [2], [1, 2]),
        ("扩大港口，整治河道，修路。", [1], [1]),
    ],
)
def test_who_may_do_it_is_told_with_what_may_be_done(
    words: str, kept: list[int], told: list[int]
) -> None:
    parts = parts_of(Passage(0, len(words), words, None), "zh")
    texts = words.rstrip("。").split("，")
    at = [next(part for part in parts if texts[place] in part.text) for place in kept]
    wanted = {next(part for part in parts if texts[place] in part.text) for place in told}
    assert set(with_conditions(parts, at, "zh")) == wanted


def test_a_time_is_not_told_without_what_is_to_be_done_by_then() -> None:
    words = "各省政府要在本意见印发之日起30日内，制定实施办法；各部门要抓紧落实。"
    parts = parts_of(Passage(0, len(words), words, None), "zh")
    told = with_conditions(parts, parts[:1], "zh")
    assert joined(told, "zh") == "各省政府要在本意见印发之日起30日内，制定实施办法。"


def test_whom_a_rule_is_for_is_told_with_its_last_part() -> None:
    words = (
        "疫苗属于假药的，由部门没收违法所得，责令停产，并处十五倍以上的罚款；情节严重的，吊销执照。"
    )
    parts = parts_of(Passage(0, len(words), words, None), "zh")
    fine = [part for part in parts if "十五倍" in part.text]
    told = with_conditions(parts, fine, "zh")
    assert joined(told, "zh") == "疫苗属于假药的，处十五倍以上的罚款。"
