"""Learning the decision: documents held out, the least probability, rows without texts."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from fakes import FakeGenerator
from fakes_index import HashEncoder

from eval import train_decision as training
from eval import train_probe
from eval.case import Case, CaseFault, EvalFault
from eval.decision_rows import as_lines, make_rows
from eval.kept_rows import Option, Row
from index.search.build import build_index
from index.search.store import ClauseIndex
from rag.answer import decision
from rag.answer.assistant import Assistant
from rag.answer.probe import of_one_length, own_probe
from rag.llm.weights import model_name


def made_up(documents: int = 6, questions: int = 12, noise: float = 0.6) -> list[Row]:
    """Rows in which `yes` tells right from wrong, and `luck` nothing."""
    choice = random.Random(5)
    rows = []
    for document in range(documents):
        for number in range(questions):
            answerable = number % 3 != 0
            options = tuple(
                Option(
                    answerable and place == 0,
                    {
                        "yes": choice.gauss(1.0 if answerable and place == 0 else -1.0, noise),
                        "luck": choice.random(),
                    },
                )
                for place in range(2)
            )
            rows.append(Row(f"{document}-{number}", f"d{document}", "zh", answerable, options))
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
        Row(
            row.id,
            row.document,
            row.language,
            row.answerable,
            tuple(
                Option(each.right, {**each.features, "yes": -each.features["yes"]})
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


@pytest.mark.slow
def test_the_program_s_weights_are_of_the_rows_that_are_kept() -> None:
    path = Path(decision.__file__).parent / decision.WEIGHTS
    kept = json.loads(path.read_text(encoding="utf-8"))
    assert kept["data"] == training.digest()
    rows = training.read_rows()
    again = training.train(rows, training.read_answers(rows), decision.EVERYTHING)
    assert again.weight == pytest.approx(kept["weights"]["weight"], abs=1e-2)
    assert again.judged == pytest.approx(kept["weights"]["judged"], abs=1e-2)
    assert again.least == pytest.approx(kept["weights"]["least"], abs=1e-2)


def test_the_program_s_probe_is_of_the_states_that_are_kept() -> None:
    own = own_probe()
    again = train_probe.fit(training.read_rows())
    assert own.model == f"{model_name(None)}, layer 18"
    assert np.allclose(again.weights, own.weights, atol=1e-3)
    assert again.bias == pytest.approx(own.bias, abs=1e-2)


def test_a_state_is_kept_in_eight_bits() -> None:
    state = np.random.default_rng(4).normal(size=512).astype(np.float32)
    kept = train_probe.from_text(train_probe.as_text(3 * state))
    assert np.abs(kept - of_one_length(state)).max() < 0.02


def test_what_a_row_is_told_of_its_states_is_told_by_others() -> None:
    """Each document's states say yes in a way of its own: held out, they say nothing."""
    draw = np.random.default_rng(7)
    rows = []
    for document in range(4):
        own = draw.normal(size=64)
        for number in range(12):
            right = number % 2 == 0
            state = draw.normal(size=64) + (3 if right else -3) * own
            text = train_probe.as_text(state.astype(np.float32))
            option = Option(right, {"yes": 0.0}, state=text, states_of="a layer")
            rows.append(Row(f"{document}-{number}", f"d{document}", "zh", right, (option,)))
    told = train_probe.with_contains([*rows, Row("bare", "d9", "zh", False, ())])
    assert {row.id for row in told} == {row.id for row in rows}
    rightly = [(row.options[0].features["contains"] > 0) == row.answerable for row in told]
    assert np.mean(rightly) < 0.9
    probe = train_probe.fit(rows)
    assert probe.model == "a layer"
    known = [
        (probe.odds(train_probe.from_text(row.options[0].state)) > 0) == row.answerable
        for row in rows
    ]
    assert np.mean(known) > 0.95, "of those learned from all is known"
    (option,) = rows[0].options
    other = replace(rows[0], options=(replace(option, states_of="another"),))
    with pytest.raises(EvalFault, match="'a layer', 'another'"):
        train_probe.fit([*rows, other])


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

    # Of a pair the clause of the one that it answers is read for both, whatever would be found.
    asks = "渔港什么时候开放？"
    other = Case.model_validate(
        {"id": "other", "question": asks, "family": "pair", "language": "zh", "type": "near-miss"}
        | {"answerable": False, "gold": (), "facts": ()}
    )
    pair = [fine.model_copy(update={"family": "pair"}), other]
    made = make_rows(assistant, pair, tmp_path / "pairs", outright=True)
    assert [(row["document"], [each["right"] for each in row["options"]]) for row in made] == [
        (document, [True]),
        (document, [False]),
    ]
    with pytest.raises(CaseFault, match="which clause is read: other"):
        make_rows(assistant, [other], tmp_path / "alone", outright=True)


def test_a_judged_answer_counts_where_it_tells_right_from_wrong() -> None:
    choice = random.Random(3)
    rows = []
    for number in range(80):
        right = number % 2 == 0
        features = {"yes": choice.gauss(0.5, 0.3), "judged later": 1.0}
        answer = choice.gauss(1.0 if right else -1.0, 0.5)
        others = {name: choice.gauss(0.0, 0.5) for name in ("yes without", "likelier")}
        option = Option(right, features, {"answer": answer, **others})
        rows.append(Row(str(number), "d", "zh", right, (option,)))
    told = decision.LOGITS_AND_LIKELIHOODS
    weights = decision.own_weights(told)
    judged = training.fit_judged(rows, weights, told)
    assert judged["answer"] > 1.0
    assert judged["answer"] > 2 * abs(judged["clause"])
    sure = Option(False, {"yes": 3.0, "judged later": 1.0}, {"answer": 9.0})
    more = [*rows, Row("sure", "d", "zh", False, (sure,))]
    assert training.fit_judged(more, weights, told) == judged


def test_with_states_the_probe_says_of_which_clauses_answers_are_judged() -> None:
    def row(name: str, contains: float, yes: float, answer: float, right: bool) -> Row:
        features = {"yes": yes, "contains": contains, "judged later": 1.0}
        judged = {"answer": answer, "yes without": 0.0, "likelier": 0.0}
        return Row(name, "d", "zh", right, (Option(right, features, judged),))

    rows = [row(str(n), n % 3 - 1.0, 3.0, 1.0 if n % 2 else -1.0, bool(n % 2)) for n in range(40)]
    weights = decision.own_weights(decision.EVERYTHING)
    judged = training.fit_judged(rows, weights)
    assert judged["answer"] > 1.0, "whatever the logit is"
    assert training.fit_judged([*rows, row("sure", 4.0, 0.0, 9.0, False)], weights) == judged


def test_the_weights_for_models_that_tell_less_are_of_the_same_rows() -> None:
    rows = training.read_rows()
    answers = training.read_answers(rows)
    for told in (decision.LOGITS_AND_LIKELIHOODS, decision.LOGITS, decision.WORDS):
        kept = decision.own_weights(told)
        again = training.train(rows, answers, told)
        assert again.weight == pytest.approx(kept.weight, abs=1e-3)
        assert again.judged == pytest.approx(kept.judged, abs=1e-3)
        assert again.least == pytest.approx(kept.least, abs=1e-3)
        assert ("likelier" in kept.judged) is (told == decision.LOGITS_AND_LIKELIHOODS)
    assert "likelier" in decision.own_weights(decision.WORDS_AND_LIKELIHOODS).judged


def test_a_word_stands_for_what_is_usual_of_it() -> None:
    said = {"yes": 1.5, "no": -0.5}
    option = Option(
        True,
        {"yes": 0.2, "english": 1.0, "yes in english": 0.2, "against": 1.0},
        {"answer": -3.0, "yes without": 4.0, "likelier": 0.7},
    )
    (row,) = training.in_words([Row("a", "d", "en", True, (option,))], said)
    (told,) = row.options
    assert told.features == {"yes": 1.5, "english": 1.0, "yes in english": 1.5, "against": 1.0}
    assert told.judged == {"answer": -0.5, "yes without": 1.5, "likelier": 0.7}
