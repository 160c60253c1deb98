"""What a person has corrected in facts is told in answers, marked, in both languages."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from fakes_index import HashEncoder
from test_lists import asked, rows, running

from index.documents.model import Document
from index.documents.parse import parse_document
from index.facts.corrections import corrections_data, corrects, facts_file
from index.facts.model import Duty, Fact, Sanction, Target
from index.facts.read import read_facts
from index.search.build import build_index
from index.search.store import ClauseIndex
from rag.answer.who_told import tell_who

PLAN = (
    "临江市渔业发展方案\n临府〔2026〕8号\n2026年3月1日\n一、目标\n"
    "(一)发展目标。到2030年,全市渔业总产值达到560亿元,渔港达到20个。\n二、任务\n"
    "(二)修建渔港。推进渔港建设。(市交通局牵头,市渔业局、市财政局配合)\n"
    "(三)扶持合作社。给予扶持。(市渔业局牵头,市财政局配合)\n"
    "(四)执法检查。擅自填海的,处五万元以上二十万元以下罚款;超载的,处二千元以下罚款。\n"
)
CHANGES: tuple[tuple[type[Fact], int, dict[str, str]], ...] = (
    (Duty, 0, {"unit": "市港务局"}),
    (Target, 0, {"value_as_written": "600亿元"}),
    (Sanction, 0, {"amounts_as_written": "十万元以上三十万元以下", "most": "300000"}),
)


def corrected(document: Document) -> bytes:
    """The file of the changes to the facts of the document."""
    found = []
    for kind, place, changes in CHANGES:
        fact = [each for each in read_facts(document) if isinstance(each, kind)][place]
        clause = next(one for one in document.clauses if one.id == fact.clause_id)
        found.append(replace(corrects(fact, clause), changes=changes))
    return corrections_data(found)


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> ClauseIndex:
    folder: Path = tmp_path_factory.mktemp("corrected")
    file = folder / "plan.txt"
    file.write_text(PLAN, encoding="utf-8")
    facts_file(file).write_bytes(corrected(parse_document(PLAN, "plan")))
    encoder = HashEncoder()
    build_index([file], folder / "index", encoder)
    return ClauseIndex.open(folder / "index", encoder)


def test_lists_of_targets_have_the_value_as_corrected(index: ClauseIndex) -> None:
    told = rows(asked(index, "临江市渔业发展方案有哪些量化目标？", "list"))
    assert [row.partition("：")[2] for row in told] == [
        "渔业总产值达到600亿元（到2030年）（已更正）", "渔港达到20个（到2030年）",
    ]  # fmt: skip


def test_one_figure_is_told_as_corrected(index: ClauseIndex) -> None:
    answer = asked(index, "临江市渔业发展方案提出渔业总产值达到多少？", "figure")
    assert answer.sentences[0].text == "到2030年，渔业总产值达到600亿元（已更正）。"
    # The quote is the text's own.
    assert "560亿元" in answer.citations[0].quote


def test_tasks_of_a_body_and_who_leads_one(index: ClauseIndex) -> None:
    told = rows(asked(index, "临江市渔业发展方案里哪些条给了市港务局任务？", "list"))
    assert [row for row in told if "（已更正）" in row] == told and len(told) == 1
    under_way = running(index, "修建渔港由谁牵头？", "who")
    (statement,) = tell_who(under_way, under_way.read("plan#二/(二)"))
    assert "市港务局" in statement.text and "（已更正）" in statement.text
    (plain,) = tell_who(under_way, under_way.read("plan#二/(三)"))
    assert "已更正" not in plain.text


def test_fines_are_listed_as_corrected(index: ClauseIndex) -> None:
    told = rows(asked(index, "临江市渔业发展方案规定了哪些罚款？", "list"))
    assert [("已更正" in row, "三十万元" in row) for row in told] == [(True, True), (False, False)]


def test_english_answers_are_marked_too(index: ClauseIndex) -> None:
    told = rows(asked(index, "List all fines in the Plan 临府〔2026〕8号", "list"))
    assert [row.endswith(" (corrected)") for row in told] == [True, False]
