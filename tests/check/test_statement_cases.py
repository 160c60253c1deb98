"""Single statements on an article: what is kept of them, and how true and wrong are counted."""

from __future__ import annotations

from pathlib import Path

import pytest

from eval.case import CaseFault
from eval.memos import MEMOS, held_documents
from eval.statements import judged, read_statements, table


def test_half_of_them_are_true_in_each_language() -> None:
    for name in ("dev", "test"):
        said = read_statements(MEMOS / f"statements-{name}.jsonl")
        counts = {(lang, true): 0 for lang in ("zh", "en") for true in (True, False)}
        for one in said:
            counts[one.language, one.true] += 1
        assert set(counts.values()) == {20}
    # Each names an article that is held: none fails for its label.
    assert all(one.verdict is not None for one in judged(said, held_documents(), None))


def test_true_ones_found_and_wrong_ones_passed_are_counted(tmp_path: Path) -> None:
    row = '{{"id": "{}", "label": "hangzhou-2024#一/(一)", "statement": "{}", "language": "zh", '
    row += '"true": {}, "kind": "{}"}}\n'
    file = tmp_path / "rows.jsonl"
    words = "到2026年，杭州的数字贸易额要做到{}亿元。"
    file.write_text(
        row.format("a", words.format(4300), "true", "voice")
        + row.format("b", words.format(4400), "false", "number")
        + row.format("c", words.format(4300), "false", "planted")
        + row.format("d", words.format(4400), "true", "planted"),
        encoding="utf-8",
    )
    told = table(judged(read_statements(file), held_documents(), None), failures=True)
    assert [line.split() for line in told.splitlines()[1:3]] == [
        ["all", "2", "50.0%", "2", "1"],
        ["zh", "2", "50.0%", "2", "1"],
    ]
    assert [line[0] for line in told.splitlines() if " -> " in line] == ["c", "d"]


def test_a_row_that_is_none_is_told_by_its_line(tmp_path: Path) -> None:
    file = tmp_path / "rows.jsonl"
    file.write_text('\n{"id": "a"}\n', encoding="utf-8")
    with pytest.raises(CaseFault, match=r"line 2: no statement \(label: Field required\)"):
        read_statements(file)
