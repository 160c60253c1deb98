"""The memos with planted citations: as many as promised, and how those for development fare."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from documents import held

from eval.case import CaseFault
from eval.memos import MEMOS, Memo, outcomes, read_memos, table
from rag.check.check import check_text


def test_there_are_sixty_memos_with_three_hundred_citations() -> None:
    development, reporting = (read_memos(MEMOS / f"{name}.jsonl") for name in ("dev", "report"))
    for memos in (development, reporting):
        assert [memo.language for memo in memos].count("zh") == len(memos) / 2 == 15
        assert {memo.writer for memo in memos} == {"official", "lawyer", "consultant", "student"}
        assert sum(len(memo.planted) for memo in memos) == 150
    ways = {each.verdict for memo in reporting for each in memo.planted}
    assert len(ways) == 10


def test_those_for_development_are_found_and_judged() -> None:
    files = (MEMOS / f"{name}.jsonl" for name in ("dev", "more", "further"))
    found = outcomes([memo for file in files for memo in read_memos(file)], held())
    assert all(one.found for one in found)
    assert sum(one.right for one in found) >= 0.97 * len(found)
    assert [one.planted.cited for one in found if one.passed] == []
    assert table(found).splitlines()[1].split()[1:3] == [str(len(found)), "100.0%"]


def test_a_wrong_one_that_is_told_to_hold_is_counted() -> None:
    text = "《海陵市网络零售促进条例》第四条要求每年安排不少于二千万元。"
    planted = {"start": 0, "cited": "《海陵市网络零售促进条例》第四条", "verdict": "numbers_differ"}
    memo = Memo.model_validate(
        {"id": "m", "language": "zh", "writer": "official", "text": text, "planted": [planted]}
    )
    assert check_text(text, held(), __import__("datetime").date(2026, 6, 1)).citations[0].holds
    (one,) = outcomes([memo], held())
    assert (one.found, one.right, one.passed) == (True, False, True)
    assert "told supported" in table([one], failures=True) or "told verbatim" in table([one], True)


def test_a_citation_that_is_elsewhere_is_a_mistake_of_the_file(tmp_path: Path) -> None:
    file = tmp_path / "memos.jsonl"
    planted = [{"start": 3, "cited": "第四条", "verdict": "named"}]
    row = {"id": "m", "language": "zh", "writer": "w", "text": "第四条", "planted": planted}
    file.write_text(json.dumps(row), "utf-8")
    with pytest.raises(CaseFault, match="line 1: a citation is not where"):
        read_memos(file)
