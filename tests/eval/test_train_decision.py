"""Learning the decision: documents held out, the least probability, rows without texts."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from fakes import FakeGenerator
from fakes_index import HashEncoder

from eval import train_decision as training
from eval.case import Case, EvalFault
from eval.decision_rows import as_lines, make_rows
from index.search.build import build_index
from index.search.store import ClauseIndex
from rag.answer import decision
from rag.answer.assistant import Assistant


def made_up(documents: int = 6, questions: int = 12, noise: float = 0.6) -> list[training.Row]:
    """Rows in which `yes` tells right from wrong, and `luck` nothing."""
    choice = random.Random(5)
    rows = []
    for document in range(documents):
        for number in range(questions):
            answerable = number % 3 != 0
            options = tuple(
                training.Option(
                    answerable and place == 0,
                    {
                        "yes": choice.gauss(1.0 if answerable and place == 0 else -1.0, noise),
                        "luck": choice.random(),
                    },
                )
                for place in range(2)
            )
            rows.append(
                training.Row(f"{document}-{number}", f"d{document}", "zh", answerable, options)
            )
    return rows


def test_what_tells_right_from_wrong_is_learned() -> None:
    rows = made_up()
    weights = training.fit(rows)
    assert weights.weight["yes"] > 5 * abs(weights.weight["luck"])
    told = training.figures(training.cross_validate(rows), "zh")
    assert told.auc > 0.9
    assert (told.answerable, told.unanswerable) == (48, 24)


def test_nothing_is_told_of_what_cannot_be_told() -> None:
    rows = made_up(noise=50.0)
    assert training.figures(training.cross_validate(rows), "zh").auc < 0.75


def test_a_row_is_told_by_weights_that_have_not_seen_its_document() -> None:
    """A document whose rows are all turned round is told wrong where it is held out."""
    rows = made_up()
    turned = [
        training.Row(
            row.id,
            row.document,
            row.language,
            row.answerable,
            tuple(
                training.Option(each.right, {**each.features, "yes": -each.features["yes"]})
                for each in row.options
            ),
        )
        if row.document == "d0"
        else row
        for row in rows
    ]
    own = [each for each in training.cross_validate(turned) if each.row.document == "d0"]
    assert training.figures(own, "zh").auc < 0.5


def test_the_least_probability_refuses_few_that_can_be_answered() -> None:
    told = [(row, n / 100) for n, row in enumerate(made_up()) if row.answerable]
    least = training.least_of(told, 0.25)["zh"]
    refused = sum(score < least for _, score in told) / len(told)
    assert refused == pytest.approx(0.25, abs=0.03)


def test_rows_are_read_and_a_folder_without_any_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(EvalFault, match=r"no \.jsonl file of rows"):
        training.read_rows(tmp_path)
    option = {"right": True, "features": {"yes": 1.0}}
    row = {
        "id": "a",
        "document": "d",
        "language": "zh",
        "answerable": True,
        "options": [option],
    }
    (tmp_path / "rows.jsonl").write_text(json.dumps(row) + "\n", encoding="utf-8")
    (read,) = training.read_rows(tmp_path)
    assert read.options[0].right and read.options[0].features["yes"] == 1.0


def test_the_program_s_weights_are_of_the_rows_that_are_kept() -> None:
    path = Path(decision.__file__).parent / decision.WEIGHTS
    kept = json.loads(path.read_text(encoding="utf-8"))
    assert kept["data"] == training.digest()
    rows = training.read_rows()
    again = training.fit(rows)
    assert again.weight == pytest.approx(kept["weights"]["weight"], abs=1e-3)


def test_rows_hold_no_text() -> None:
    for path in training.ROWS.glob("*.jsonl"):
        for line in path.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            assert set(row) == {"id", "document", "language", "answerable", "options"}
            for option in row["options"]:
                told = option["features"].values()
                assert all(isinstance(value, (int, float)) for value in told)


def test_rows_are_made_of_what_is_read_and_made_once(tmp_path: Path) -> None:
    (tmp_path / "port.txt").write_text(
        "海川市渔港条例\n第一条 为了管理渔港,制定本条例。\n第二条 渔港每年开放三百天。\n"
        "第三条 未经许可停泊的,处二千元罚款。\n",
        encoding="utf-8",
    )
    encoder = HashEncoder()
    build_index([tmp_path / "port.txt"], tmp_path / "index", encoder)
    assistant = Assistant(ClauseIndex.open(tmp_path / "index", encoder), FakeGenerator)
    (document,) = assistant.index.documents
    known: dict[str, object] = {
        "language": "zh",
        "answerable": True,
        "gold": (f"{document}#第三条",),
        "facts": (("二千元",),),
        "type": "fact",
    }
    fine = Case.model_validate(known | {"id": "fine", "question": "未经许可停泊的罚款是多少元？"})
    whole = Case.model_validate(known | {"id": "whole", "question": "第三条讲什么？"})
    said: list[str] = []
    folder = tmp_path / "rows"
    rows = make_rows(assistant, [fine, whole], folder, say=said.append)
    # Nothing is decided of an article that is asked for as a whole.
    assert [row["id"] for row in rows] == ["fine"] and len(said) == 2
    (option, *_) = rows[0]["options"]
    assert option["right"] and "against" not in option["features"]
    assert rows[0]["document"] == document and "罚款" not in as_lines(rows)
    assert make_rows(assistant, [fine, whole], folder, say=said.append) == rows and len(said) == 2
    assert make_rows(assistant, [fine], tmp_path / "other", seconds=-1.0) == []


def test_a_judged_answer_counts_where_it_tells_right_from_wrong() -> None:
    choice = random.Random(3)
    rows = []
    for number in range(80):
        right = number % 2 == 0
        features = {"yes": choice.gauss(0.5, 0.3), "judged later": 1.0}
        answer = choice.gauss(1.0 if right else -1.0, 0.5)
        others = {name: choice.gauss(0.0, 0.5) for name in ("yes without", "likelier")}
        option = training.Option(right, features, {"answer": answer, **others})
        rows.append(training.Row(str(number), "d", "zh", right, (option,)))
    judged = training.fit_judged(rows, decision.own_weights())
    assert judged["answer"] > 1.0
    assert judged["answer"] > 2 * abs(judged["clause"])
    sure = training.Option(False, {"yes": 3.0, "judged later": 1.0}, {"answer": 9.0})
    more = [*rows, training.Row("sure", "d", "zh", False, (sure,))]
    assert training.fit_judged(more, decision.own_weights()) == judged


def test_the_answers_that_come_with_the_program_gave_its_weights() -> None:
    answers = training.read_rows(training.ANSWERS)
    assert training.fit_judged(answers, decision.own_weights()) == decision.own_weights().judged


def test_the_weights_for_models_that_tell_less_are_of_the_same_rows() -> None:
    rows, answers = training.read_rows(), training.read_rows(training.ANSWERS)
    for told in (decision.LOGITS, decision.WORDS):
        kept = decision.own_weights(told)
        again = training.train(rows, answers, told)
        assert again.weight == pytest.approx(kept.weight, abs=1e-3)
        assert again.judged == pytest.approx(kept.judged, abs=1e-3)
        assert again.least == pytest.approx(kept.least, abs=1e-3)
        assert "likelier" not in kept.judged
    assert "likelier" in decision.own_weights(decision.WORDS_AND_LIKELIHOODS).judged


def test_a_word_stands_for_what_is_usual_of_it() -> None:
    said = {"yes": 1.5, "no": -0.5}
    option = training.Option(
        True,
        {"yes": 0.2, "english": 1.0, "yes in english": 0.2, "against": 1.0},
        {"answer": -3.0, "yes without": 4.0, "likelier": 0.7},
    )
    (row,) = training.in_words([training.Row("a", "d", "en", True, (option,))], said)
    (told,) = row.options
    assert told.features == {"yes": 1.5, "english": 1.0, "yes in english": 1.5, "against": 1.0}
    assert told.judged == {"answer": -0.5, "yes without": 1.5, "likelier": 0.7}
