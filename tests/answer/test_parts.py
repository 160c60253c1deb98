"""Sentences cut into parts that say one thing each."""

from __future__ import annotations

from rag.answer.evidence import Passage
from rag.answer.parts import parts_of


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
