"""Rules about the words of questions: each catches its example and leaves another question."""

from __future__ import annotations

import re

import pytest

from index.request.rules import Row, kinds_in, rows, rule


@pytest.mark.parametrize("row", rows(), ids=lambda row: f"{row.name} {row.kind} {row.language}")
def test_each_rule_catches_its_example_and_not_the_other(row: Row) -> None:
    own = re.compile(row.pattern, re.IGNORECASE)
    assert own.search(row.example) and not own.search(row.other)
    pattern = rule(row.name)
    assert row.kind in kinds_in(row.name, pattern, row.example)
    assert row.kind not in kinds_in(row.name, pattern, row.other)


def test_a_rule_is_one_pattern_of_all_its_rows() -> None:
    names = {row.name for row in rows()}
    for name in names:
        own = [row for row in rows() if row.name == name]
        assert rule(name).groups == len(own), "a group of a row's own would hide its kind"
        assert {row.language for row in own} == {"zh", "en"}


def test_a_rule_that_there_is_not_is_a_fault() -> None:
    with pytest.raises(KeyError):
        rule("nothing of the kind")
