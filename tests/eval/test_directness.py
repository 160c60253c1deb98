"""Whether an answer is direct: sentences, length, sets, numbers, force, and what cases may say."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from eval.case import Case, CaseFault, load_cases
from eval.directness import force_invented, not_in_documents, number_right, set_scores
from eval.metrics import Measures, Sources, measure
from eval.report import by_type
from eval.run import Result, scored_anew
from eval.summary import LEAST_COMPARED, compare, expects_other, summarise
from index.documents.model import Clause, Document
from rag.schema import Answer, AnswerSentence, Citation, Language, Seconds

BODY = "支持东港、西岭两区建设冷链基地。支持南坪建设书市，至少20家企业入驻。"
CLAUSE = Clause(
    id="ls#二",
    document_id="ls",
    path="二",
    marker="二",
    heading="",
    heading_path=(),
    text=BODY,
    start=0,
    end=len(BODY),
    body=BODY,
    body_map=tuple(range(len(BODY) + 1)),
    label="《冷链意见》 二",
    label_en="Cold chain opinions, II",
)
DOCUMENT = Document(id="ls", title="冷链意见", source=BODY, clauses=(CLAUSE,))
SOURCES = Sources.of({"ls": DOCUMENT})


def case_of(**changes: object) -> Case:
    row: dict[str, object] = {
        "id": "q",
        "language": "zh",
        "question": "哪些区建冷链基地？",
        "answerable": True,
        "gold": ["ls#二"],
        "facts": [["东港"], ["西岭"]],
        "type": "list",
        "evidence": ["支持东港、西岭两区建设冷链基地"],
    }
    return Case.model_validate(row | changes)


def answer_of(*sentences: str, language: Language = "zh") -> Answer:
    quote = Citation(1, CLAUSE.id, CLAUSE.label, CLAUSE.label_en, BODY, None, 0, len(BODY), "")
    told = tuple(AnswerSentence(text, (1,)) for text in sentences)
    text = "".join(f"{text}[1]" for text in sentences)
    seconds = Seconds(0.1, 0.2, 0.3)
    return Answer("q", "?", language, "answered", text, told, (quote,), (), seconds, "m", "i")


def measured(case: Case, *sentences: str) -> Measures:
    return measure(case, answer_of(*sentences, language=case.language), SOURCES)


def test_direct_means_every_sentence_holds_something_asked_for() -> None:
    direct = measured(case_of(), "东港、西岭两区。")
    pasted = measured(case_of(), "支持东港、西岭两区建设冷链基地。", "支持南坪建设书市。")
    assert (direct["direct"], direct["padding"]) == (1.0, 0.0)
    assert (pasted["direct"], pasted["padding"]) == (0.0, 0.5)
    # Two sentences told as one are two all the same.
    assert measured(case_of(), "东港、西岭。南坪建设书市。")["direct"] == 0.0


def test_the_lead_of_a_list_is_judged_by_its_rows() -> None:
    rows = answer_of("要建基地的区有两个：", "东港。", "南坪。")
    forms = [replace(each, form="row") for each in rows.sentences[1:]]
    lead = replace(rows.sentences[0], form="lead")
    listed = replace(rows, sentences=(lead, *forms))
    values = measure(case_of(), listed, SOURCES)
    assert (values["direct"], values["padding"]) == (0.0, 0.5)


def test_what_is_forbidden_spoils_a_direct_answer() -> None:
    told = measured(case_of(forbidden=["南坪"]), "东港、西岭建基地，南坪建书市。")
    assert (told["direct"], told["forbidden_given"], told["obeyed"]) == (0.0, 1.0, None)
    assert measured(case_of(forbidden=["南坪"]), "东港、西岭。")["forbidden_given"] == 0.0


def test_without_facts_the_evidence_tells_what_is_asked() -> None:
    case = case_of(facts=[], evidence=["支持南坪建设书市"])
    assert measured(case, "支持南坪建设书市。")["direct"] == 1.0
    assert measured(case, "至少要有一批企业入驻园区。")["direct"] == 0.0
    assert measured(case_of(type="lookup"), "支持南坪建设书市。")["direct"] == 1.0


def test_length_is_told_in_units_of_the_evidence() -> None:
    assert measured(case_of(), "支持东港、西岭两区建设冷链基地。")["length"] == 1.0
    assert measured(case_of(evidence=[]), "东港。")["length"] is None
    english = case_of(language="en", facts=[["donggang"]], evidence=["东港西岭两区"])
    # Six characters are as long as 4.5 words.
    assert measured(english, "Donggang and Xiling, two districts of it all.")["length"] == 8 / 4.5


def test_sets_by_hand() -> None:
    case = case_of(set=["ls#一", "ls#二"])
    assert set_scores(case, ["ls#二", "ls#三"]) == {"set_precision": 0.5, "set_recall": 0.5}
    assert set_scores(case, []) == {"set_precision": None, "set_recall": 0.0}
    assert set_scores(case_of(), ["ls#二"]) == {}


@pytest.mark.parametrize(
    ("number", "said", "right"),
    [
        ("4", "共4项。[1]", True),
        ("4", "共40项。[1]", False),
        ("4", "共四项。", True),
        ("4", "第4条说了此事。[4]", False),
        ("4", "Article 4 says so.", False),
        ("4", "There are four tasks.", True),
        ("24", "Twenty-four articles mention it.", True),
        ("470万", "高出470万元。", True),
        ("470万", "The difference is 4.7 million yuan.", True),
        ("470万", "高出47万元。", False),
    ],
)
def test_numbers_are_compared_by_value(number: str, said: str, right: bool) -> None:
    assert number_right(case_of(number=number), said) == float(right)


def test_force_must_be_in_the_quotes() -> None:
    said = answer_of("企业必须入驻。")
    assert force_invented(case_of(), said)
    assert not force_invented(case_of(), answer_of("支持南坪建设书市。"))
    carried = replace(said.citations[0], quote="企业应当入驻。")
    assert not force_invented(case_of(), replace(said, citations=(carried,)))
    undecided = case_of(decided=False)
    assert force_invented(undecided, answer_of("是的，支持南坪。"))
    assert not force_invented(undecided, answer_of("支持南坪建设书市。"))


def test_evidence_must_be_the_documents_own_words() -> None:
    assert not_in_documents(case_of(), {"ls": DOCUMENT}) == []
    wrong = case_of(evidence=["支持东港建设冷链基地"])
    assert not_in_documents(wrong, {"ls": DOCUMENT}) == ["支持东港建设冷链基地"]


def test_lists_in_the_wrong_form_are_refused_with_their_line(tmp_path: Path) -> None:
    path = tmp_path / "c.jsonl"
    flat = json.loads(case_of().model_dump_json()) | {"facts": ["东港", "西岭"]}
    text = json.loads(case_of().model_dump_json()) | {"id": "q2", "gold": "ls#二"}
    none = json.loads(case_of().model_dump_json()) | {"id": "q3", "number": "several"}
    rows = (flat, text, none)
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    with pytest.raises(CaseFault) as raised:
        load_cases([path])
    first, second, third = str(raised.value).splitlines()
    assert first.startswith(f"{path}:1: facts: must be a list such as [[")
    assert second == f'{path}:2: gold: must be a list such as ["…"]'
    assert third == f"{path}:3: number: several has no number"


def result(case: Case, *sentences: str) -> Result:
    answer = answer_of(*sentences)
    measures = measure(case, answer, SOURCES)
    return Result(file="c.jsonl", case=case, answer=answer, error=None, measures=measures)


def test_few_shared_cases_tell_no_p_value() -> None:
    few = [result(case_of(id=str(n)), "东港、西岭。") for n in range(LEAST_COMPARED - 1)]
    assert {each.p for each in compare(few, few, resamples=50)} == {None}
    more = [*few, result(case_of(id="one more"), "东港。")]
    assert all(each.p is not None for each in compare(more, more, resamples=50) if each.n >= 20)


def test_cases_that_expect_something_else_are_told() -> None:
    one = [result(case_of(), "东港。"), result(case_of(id="same"), "东港。")]
    two = [result(case_of(facts=[["东港"]]), "东港。"), result(case_of(id="same"), "东港。")]
    assert expects_other(one, two) == ["q"]


def test_kept_answers_are_scored_by_other_cases(tmp_path: Path) -> None:
    path = tmp_path / "c.jsonl"
    path.write_text(case_of(facts=[["东港"]]).model_dump_json() + "\n", encoding="utf-8")
    old = [result(case_of(), "东港。"), result(case_of(id="gone"), "东港。")]
    (anew,) = scored_anew(old, load_cases([path]), SOURCES)
    assert (old[0].measures["facts_all"], anew.measures["facts_all"]) == (0.0, 1.0)


def test_the_table_by_type_has_a_row_for_each() -> None:
    rows = [result(case_of(), "东港。"), result(case_of(id="n", type="count"), "东港。")]
    table = by_type(summarise(rows, resamples=20))
    assert list(table.columns[0].cells) == ["count", "list"]
