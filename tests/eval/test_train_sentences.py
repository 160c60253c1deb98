"""Learning which sentences answer: documents held out, rows without texts, the file as fitted."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import pytest
from fakes_index import read_built_in

from eval import train_sentences as training
from eval.case import Case, EvalFault
from index.request.wording import read_wording
from rag.answer import weigh
from rag.answer.weigh import signs_of, told_passages, weigh_evidence

CASE = Case(
    id="who",
    language="zh",
    question="跨境电商由谁负责？",
    answerable=True,
    gold=("jiangsu-ecommerce#二/(六)/16",),
    facts=(("无人机配送",),),
    type="fact",
    evidence=("推广无人车、无人机配送",),
)


def alike(texts: Sequence[str]) -> list[float]:
    return [0.5] * len(texts)


def made(evidence: str) -> training.Row | None:
    read = read_built_in("jiangsu-ecommerce#二/(六)/16", "zh")
    asked = read_wording(CASE.question)
    signs = signs_of(asked.content, read, told_passages(asked.content, read), alike)
    return training.row_of(CASE.model_copy(update={"evidence": (evidence,)}), read, asked, signs)


def test_a_row_tells_which_sentences_hold_the_evidence_and_nothing_of_their_words() -> None:
    read = read_built_in("jiangsu-ecommerce#二/(六)/16", "zh")
    sentence = next(each for each in read.content if "无人机配送" in each.zh)
    row = made(sentence.zh)
    assert row is not None
    holding = [at for at, each in enumerate(row.sentences) if each.holds]
    assert [read.content[at] for at in holding] == [sentence]
    lines = training.as_lines([row])
    assert "无人机" not in lines and json.loads(lines) == json.loads(json.dumps(asdict(row)))
    assert made("没有一句这样说过的话") is None


def test_the_rows_that_are_kept_hold_numbers_alone() -> None:
    for path in training.ROWS.glob("*.jsonl"):
        for line in path.read_text(encoding="utf-8").splitlines():
            told = json.loads(line)
            assert set(told) == {"id", "document", "language", "read", "sentences"}
            for each in told["sentences"]:
                assert set(each) == {"holds", "signs"}
                assert all(isinstance(value, (int, float)) for value in each["signs"].values())


def test_the_weights_are_those_fitted_on_the_rows() -> None:
    text = training.weights_text(training.read_rows(), training.digest())
    told, kept = json.loads(text), Path(weigh.__file__).with_name(weigh.WEIGHTS)
    own = json.loads(kept.read_text(encoding="utf-8"))
    assert own["data"] == told["data"]
    assert own["weight"] == pytest.approx(told["weight"], abs=0.01)


def test_on_documents_held_out_the_first_sentence_mostly_holds_what_is_asked() -> None:
    told = training.cross_validate(training.read_rows())
    for language, read, first, whole in ("zh", "zh", 0.8, 0.82), ("en", "en", 0.85, 0.88):
        figures = training.figures(told, language, read)
        assert figures.first_holds >= first and figures.all_told >= whole and figures.told < 2


def test_rows_are_held_out_by_document() -> None:
    rows = training.read_rows()
    told = training.cross_validate(rows)
    assert sorted(row.id for row, _ in told) == sorted(row.id for row in rows)


def test_a_folder_without_rows_is_told_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(EvalFault, match=re.escape(str(tmp_path))):
        training.read_rows(tmp_path)


def test_the_words_asked_for_decide_where_nothing_else_does() -> None:
    read = read_built_in("jiangsu-ecommerce#二/(六)/16", "zh")
    sentence = next(each for each in read.content if "无人机配送" in each.zh)
    asked = read_wording("无人机配送怎么推广？")
    assert weigh_evidence(asked.content, read, alike)[0].passage == sentence
