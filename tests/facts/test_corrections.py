"""Corrections of facts: what they change, when they hold, and how they are kept."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from fakes_index import HashEncoder

from index.documents.model import Document
from index.documents.parse import parse_document
from index.errors import DocumentFault
from index.facts.corrections import (
    EDITABLE,
    FactCorrection,
    changed,
    corrections_data,
    corrects,
    facts_file,
    read_fact_corrections,
    shown_column,
    with_corrections,
)
from index.facts.model import KINDS, Deadline, Duty, Fact, Sanction, Target, columns_of
from index.facts.query import Facts
from index.facts.read import read_facts
from index.facts.store import write_facts
from index.search.build import build_index
from index.search.store import ClauseIndex

PLAN = (
    "海川市渔业发展方案\n海府〔2026〕8号\n2026年3月1日\n一、目标\n"
    "(一)发展目标。到2030年,全市渔业总产值达到560亿元,渔港达到20个。\n二、任务\n"
    "(二)修建渔港。推进渔港建设。(市交通局牵头,市渔业局、市财政局配合)\n"
    "(三)执法。擅自填海的,由市渔业局处五万元以上二十万元以下罚款。\n"
)


def plan(text: str = PLAN) -> Document:
    return parse_document(text, "plan")


def of(document: Document, kind: type[Fact], place: int = 0) -> tuple[Fact, FactCorrection]:
    """A fact of the document, and a correction of it that changes nothing yet."""
    fact = [each for each in read_facts(document) if isinstance(each, kind)][place]
    clause = next(one for one in document.clauses if one.id == fact.clause_id)
    return fact, corrects(fact, clause)


def test_every_column_that_can_be_corrected_is_one() -> None:
    for kind, names in EDITABLE.items():
        assert set(names) <= set(columns_of(kind)) and kind in KINDS


def test_a_correction_changes_the_one_fact_and_marks_it() -> None:
    document = plan()
    _, correction = of(document, Duty, 1)
    correction = replace(correction, changes={"unit": "市水产局", "role": "joint"})
    facts, unfit = with_corrections(document, read_facts(document), [correction])
    duties = [each for each in facts if isinstance(each, Duty)]
    assert unfit == []
    assert [(one.unit, one.role, bool(one.corrected)) for one in duties] == [
        ("市交通局", "lead", False), ("市水产局", "joint", True), ("市财政局", "support", False),
    ]  # fmt: skip
    assert duties[1].unit_as_written == "市水产局"


def test_a_row_struck_out_is_no_fact_any_more() -> None:
    document = plan()
    fact, correction = of(document, Sanction)
    struck = replace(correction, struck=True)
    facts, unfit = with_corrections(document, read_facts(document), [struck])
    assert fact in read_facts(document) and fact not in facts and unfit == []


@pytest.mark.parametrize(
    ("text", "value", "unit", "compared", "shown"),
    [
        ("600亿元", Decimal(60_000_000_000), "元", "equal", "600亿元"),
        ("不低于10%", Decimal(10), "%", "at_least", "不低于10%"),
        ("10%以上", Decimal(10), "%", "at_least", "不低于10%"),
        ("约3.5万吨", Decimal(35_000), "吨", "about", "约3.5万吨"),
    ],
)
def test_the_value_of_a_target_is_read_as_it_is_written(
    text: str, value: Decimal, unit: str, compared: str, shown: str
) -> None:
    fact, _ = of(plan(), Target)
    again = changed(fact, {"value_as_written": text})
    assert isinstance(again, Target)
    assert (again.value, again.unit, again.comparator) == (value, unit, compared)
    assert shown_column(again, "value_as_written") == shown


@pytest.mark.parametrize(
    ("kind", "changes", "message"),
    [
        (Duty, {"unit": " "}, "unit must not be empty"),
        (Duty, {"role": "boss"}, "role must be one of lead, support, joint"),
        (Duty, {"start": "0"}, '"start" is no field of a duty'),
        (Duty, {"unit": "局" * 501}, "unit has more than 500 characters"),
        (Target, {"by_year": "26"}, "by_year must be a year"),
        (Target, {"value_as_written": "很多"}, "the value must be one number"),
        (Target, {"value_as_written": "10%或20%"}, "the value must be one number"),
        (Sanction, {"least": "many"}, "least must be a number"),
        (Sanction, {"most": "-5"}, "most must be a number"),
        (Sanction, {"most": "NaN"}, "most must be a number"),
    ],
)
def test_what_cannot_be_is_refused(kind: type[Fact], changes: dict[str, str], message: str) -> None:
    fact, _ = of(plan(), kind)
    with pytest.raises(DocumentFault, match=message):
        changed(fact, changes)


def test_what_was_read_with_a_corrected_column_is_no_longer_said() -> None:
    text = PLAN.replace("(三)执法。", "(三)执法。船东应当自收到通知之日起三十日内登记。")
    target = of(plan(text), Target)[0]
    assert isinstance(target, Target)
    target = replace(target, by_day="2030-06")
    for year, expected in (("2035", 2035), ("", None)):
        again = changed(target, {"by_year": year})
        assert isinstance(again, Target) and (again.by_year, again.by_day) == (expected, None)
    deadline = of(plan(text), Deadline)[0]
    assert isinstance(deadline, Deadline) and (deadline.count, deadline.unit) == (Decimal(30), "日")
    again = changed(replace(deadline, every="每年"), {"when": "六十日内", "day": "2026-06"})
    assert isinstance(again, Deadline)
    assert (again.count, again.unit, again.every, again.day) == (None, None, None, "2026-06")
    assert changed(deadline, {"actor": "船长"}) == replace(deadline, actor="船长")


def test_a_correction_that_cannot_be_any_more_stops_no_other(tmp_path: Path) -> None:
    document = plan()
    _, first = of(document, Duty)
    _, second = of(document, Duty, 1)
    wrong = replace(first, changes={"role": "boss"})
    right = replace(second, changes={"unit": "市水产局"})
    facts, unfit = with_corrections(document, read_facts(document), [wrong, right])
    assert [(each.correction, each.why) for each in unfit] == [(wrong, "reading")]
    assert [one.unit for one in facts if isinstance(one, Duty)][:2] == ["市交通局", "市水产局"]
    write_facts(tmp_path / "facts", [document], {"plan": [wrong, right]})
    assert Facts.open(tmp_path / "facts").find(Duty, unit="市水产局")


def test_it_no_longer_holds_where_the_article_has_changed() -> None:
    _, correction = of(plan(), Duty)
    other = plan(PLAN.replace("推进渔港建设", "推进渔港改造"))
    kept = replace(correction, changes={"unit": "市港务局"})
    facts, unfit = with_corrections(other, read_facts(other), [kept])
    assert facts == list(read_facts(other))
    assert [(each.correction, each.why) for each in unfit] == [(kept, "text")]


def test_it_holds_wherever_its_article_begins_in_the_text() -> None:
    _, correction = of(plan(), Duty)
    longer = plan(PLAN.replace("渔港达到20个", "渔港达到20个,渔船达到300艘"))
    kept = replace(correction, changes={"unit": "市港务局"})
    facts, unfit = with_corrections(longer, read_facts(longer), [kept])
    assert unfit == []
    assert next(each.unit for each in facts if isinstance(each, Duty)) == "市港务局"


def test_it_no_longer_holds_where_another_fact_is_read_of_the_article() -> None:
    document = plan()
    _, correction = of(document, Target)
    moved = replace(correction, read={**correction.read, "start": 0, "end": 2})
    _, unfit = with_corrections(document, read_facts(document), [moved])
    assert [each.why for each in unfit] == ["reading"]


def test_a_file_of_corrections_comes_back(tmp_path: Path) -> None:
    _, correction = of(plan(), Target)
    kept = (replace(correction, changes={"place": ""}), replace(correction, struck=True))
    (tmp_path / "x").write_bytes(corrections_data(kept))
    assert read_fact_corrections(tmp_path / "x") == kept
    assert read_fact_corrections(tmp_path / "none") == ()


@pytest.mark.parametrize(
    "text",
    ["{", "{}", "[1]", '[{"kind": "structure"}]', '[{"kind": "duty", "path": "一"}]',
     '[{"kind": "duty", "path": 1, "clause": "", "read": {}}]',
     '[{"kind": "duty", "path": "一", "clause": "", "read": {}, "changes": {"start": "1"}}]',
     '[{"kind": "duty", "path": "一", "clause": "", "read": {}, "changes": ["unit"]}]',
     '[{"kind": "duty", "path": "一", "clause": "", "read": null}]',
     '[{"kind": [], "path": "一", "clause": "", "read": {}}]'],
)  # fmt: skip
def test_a_malformed_file_is_one_sentence(tmp_path: Path, text: str) -> None:
    (tmp_path / "x").write_text(text, encoding="utf-8")
    with pytest.raises(DocumentFault, match="x"):
        read_fact_corrections(tmp_path / "x")


def test_facts_are_written_as_corrected(tmp_path: Path) -> None:
    document = plan()
    _, correction = of(document, Duty)
    kept = {"plan": [replace(correction, changes={"unit": "市港务局"})]}
    write_facts(tmp_path / "1", [document])
    write_facts(tmp_path / "2", [document], kept)
    units = [next(each.unit for each in Facts.open(tmp_path / name).find(Duty)) for name in "12"]
    assert units == ["市交通局", "市港务局"]
    assert Facts.open(tmp_path / "2").find(Duty, unit="市港务局")[0].corrected


def test_corrections_beside_a_file_are_built_in_and_kept(tmp_path: Path) -> None:
    file = tmp_path / "docs" / "plan.txt"
    file.parent.mkdir()
    file.write_text(PLAN, encoding="utf-8")
    _, correction = of(plan(), Duty)
    gone = replace(correction, path="九", changes={"unit": "市水产局"})
    kept = (replace(correction, changes={"unit": "市港务局"}), gone)
    facts_file(file).write_bytes(corrections_data(kept))
    encoder = HashEncoder()
    report = build_index([file.parent], tmp_path / "index", encoder)
    assert report.warnings == (
        "plan: the correction of a duty in 九 is left out, for its text has changed",
    )
    opened = ClauseIndex.open(tmp_path / "index", encoder)
    assert opened.facts.find(Duty)[0].unit == "市港务局"
    assert opened.contents.corrections == {"plan": kept}
    facts_file(file).unlink()
    assert build_index([file.parent], tmp_path / "index", encoder).name != report.name
    assert ClauseIndex.open(tmp_path / "index", encoder).facts.find(Duty)[0].unit == "市交通局"
    assert json.loads(corrections_data(kept))[0]["kind"] == "duty"
