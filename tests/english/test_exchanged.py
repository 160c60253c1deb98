"""Numbers of a translation that have changed places, units or bounds."""

from __future__ import annotations

import re

import pytest

from eval.translation import reference
from rag.english.checks import faults_in
from rag.english.exchanged import misplaced_numbers

RIGHT = [
    (
        "企业每年补贴5万元,个人每年补贴8000元。",
        "Enterprises receive RMB 50,000 a year and individuals RMB 8,000 a year.",
    ),
    ("培训满30日的,补贴600元。", "Those trained for 30 days receive a subsidy of RMB 600."),
    ("到2030年,粮食产量达到500万吨。", "Grain output will reach 5 million tonnes by 2030."),
    ("处二万元以上十万元以下罚款。", "A fine of RMB 20,000 to RMB 100,000 shall be imposed."),
    ("学校达到40所,医院达到15家。", "There will be 40 schools and 15 hospitals."),
]
WRONG = [
    (
        "企业每年补贴5万元,个人每年补贴8000元。",
        "Enterprises receive RMB 8,000 a year and individuals RMB 50,000 a year.",
    ),
    ("培训满30日的,补贴600元。", "Those trained for 600 days receive a subsidy of RMB 30."),
    ("培训满30日的,补贴600元。", "Those trained for 30 months receive a subsidy of RMB 600."),
    ("处二万元以上十万元以下罚款。", "A fine of RMB 100,000 to RMB 20,000 shall be imposed."),
    ("学校达到40所,医院达到15家。", "There will be 15 schools and 40 hospitals."),
    ("费用不超过600元。", "The fee is at least RMB 600."),
]


@pytest.mark.parametrize(("chinese", "english"), RIGHT)
def test_right_places(chinese: str, english: str) -> None:
    assert list(misplaced_numbers(chinese, english)) == []


@pytest.mark.parametrize(("chinese", "english"), WRONG)
def test_wrong_places(chinese: str, english: str) -> None:
    assert list(misplaced_numbers(chinese, english))


def test_reviewed_sentences_are_right_and_their_numbers_exchanged_are_wrong() -> None:
    run = re.compile(r"(?<![\w\[.,])(?:RMB |US\$)?\d[\d,]*(?:\.\d+)?(?: [mb]illion)?%?(?![\w\]])")
    pairs = reference()
    assert sum(bool(list(misplaced_numbers(pair.zh, pair.en))) for pair in pairs) < 5
    tried = told = 0
    for pair in pairs:
        first, *rest = [*run.finditer(pair.en), None]
        second = next((each for each in rest if each and first and each[0] != first[0]), None)
        if first is None or second is None or "+" in pair.zh:
            continue
        between = pair.en[first.end() : second.start()]
        behind = pair.en[second.end() :]
        wrong = f"{pair.en[: first.start()]}{second[0]}{between}{first[0]}{behind}"
        tried += 1
        told += bool(faults_in(pair.zh, wrong))
    assert tried > 10
    assert told >= 0.7 * tried
