"""Learning the order of the clauses found: documents held out, rows without texts, as fitted."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from eval import train_reorder as training
from eval.case import EvalFault
from index.search import reorder


def row(name: str, right: int, words: tuple[float, ...]) -> training.Row:
    found = tuple(
        training.Found(at == right, {"words": value, "place": float(at)})
        for at, value in enumerate(words)
    )
    return training.Row(name, name, "zh", found)


def test_what_tells_a_right_clause_is_learned_from_other_documents() -> None:
    rows = [row(f"document-{at:02}", 1, (-1.0, 0.0, -0.9)) for at in range(20)]
    told = training.cross_validate(rows)
    assert {each.document for each, _ in told} == {each.document for each in rows}
    figures = training.figures(told, "zh")
    assert figures.rows == 20
    assert figures.searched[0] == 0.0 and figures.reordered[0] == 1.0


def test_the_rows_that_are_kept_hold_numbers_alone() -> None:
    for path in training.ROWS.glob("*.jsonl"):
        for line in path.read_text(encoding="utf-8").splitlines():
            told = json.loads(line)
            assert set(told) == {"id", "document", "language", "found"}
            for each in told["found"]:
                assert set(each) == {"right", "signs"}
                assert all(isinstance(value, float) for value in each["signs"].values())


def test_the_weights_are_those_fitted_on_the_rows() -> None:
    told = json.loads(training.weights_text(training.read_rows(), training.digest()))
    kept = Path(reorder.__file__).with_name(reorder.WEIGHTS)
    own = json.loads(kept.read_text(encoding="utf-8"))
    assert own["data"] == told["data"], "run python -m eval train --search"
    for language in training.LANGUAGES:
        expected = told["weights"][language]["weight"]
        assert own["weights"][language]["weight"] == pytest.approx(expected, abs=0.01)


def test_on_documents_held_out_a_right_clause_is_found_sooner() -> None:
    told = training.cross_validate(training.read_rows())
    chinese, english = (training.figures(told, language) for language in training.LANGUAGES)
    # Of the first one, two and three; English, which has vectors of sentences too, gains less.
    assert all(
        after > before + 0.03
        for before, after in zip(chinese.searched[:3], chinese.reordered[:3], strict=True)
    )
    assert english.reordered[2] > english.searched[2]


def test_a_folder_without_rows_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EvalFault, match=r"no \.jsonl file of rows"):
        training.read_rows(tmp_path)
