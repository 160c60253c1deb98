"""The evaluation: cases, comparable text, measures, figures, runs, reports, the command line."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from typer.testing import CliRunner

from eval import __main__ as command
from eval.case import Case, CaseFault, EvalFault, all_cases, load_cases
from eval.metric import MEASURES, METRICS, Metric
from eval.metrics import (
    Sources,
    citing,
    facts_stated,
    faults,
    language_right,
    measure,
    quote_valid,
    retrieval,
    supported,
    unsupported,
)
from eval.report import write_report
from eval.run import Result, RunFault, Settings, read_run, run
from eval.summary import (
    Figure,
    GateFault,
    compare,
    failed_gates,
    figure,
    read_gate,
    summarise,
)
from index.documents.model import Clause, Document, Hit
from index.text.figures import comparable, known_numbers, stated_numbers, states, without_marks
from rag.errors import ModelFault
from rag.schema import Answer, AnswerSentence, Citation, Event, Found, Seconds, Stage

ONE = "（一）规模领先。全市实现数字贸易额4300亿元，培养人才百万名。"
TWO = "（二）增势迅猛。占比超60%，吞吐量超110万吨。"
SOURCE = f"一、目标\n{ONE}\n{TWO}\n"


def make_clause(path: str, text: str) -> Clause:
    start = SOURCE.index(text)
    return Clause(
        id=f"hz#{path}",
        document_id="hz",
        path=path,
        marker=path.split("/")[-1],
        heading="",
        heading_path=("目标",),
        text=text,
        start=start,
        end=start + len(text),
        body=text,
        body_map=tuple(range(start, start + len(text) + 1)),
        label=f"杭政办〔2024〕9号 {path}",
        label_en="Hang Zheng Ban [2024] No. 9, Article 1",
    )


DOCUMENT = Document(
    id="hz",
    title="杭州行动计划",
    source=SOURCE,
    effective_from="2024-05-24",
    clauses=(make_clause("一/(一)", ONE), make_clause("一/(二)", TWO)),
)
SOURCES = Sources.of({"hz": DOCUMENT})


def make_case(**changes: object) -> Case:
    row: dict[str, object] = {
        "id": "q1",
        "language": "zh",
        "question": "数字贸易额多少？",
        "answerable": True,
        "gold": ["hz#一/(一)"],
        "acceptable": [],
        "facts": [["4300亿", "4,300亿"]],
        "type": "number",
    }
    return Case.model_validate(row | changes)


UNANSWERABLE = make_case(id="q2", question="明天下雨吗？", answerable=False, gold=[], facts=[])


def make_citation(n: int, clause: Clause, **changes: Any) -> Citation:
    citation = Citation(
        n=n,
        clause_id=clause.id,
        label=clause.label,
        label_en=clause.label_en,
        quote=SOURCE[clause.start : clause.end],
        quote_en=None,
        start=clause.start,
        end=clause.end,
        status="in_force",
    )
    return replace(citation, **changes)


def make_answer(text: str, *, cite: int = 0, **changes: Any) -> Answer:
    answer = Answer(
        id="q1",
        question="数字贸易额多少？",
        language="zh",
        outcome="answered",
        answer=f"{text}[1]",
        sentences=(AnswerSentence(text, (1,)),),
        citations=(make_citation(1, DOCUMENT.clauses[cite]),),
        hits=(Hit("hz#一/(一)", 0.9, ("dense",)), Hit("hz#一/(二)", 0.9)),
        seconds=Seconds(0.1, 0.5, 2.0),
        model="fake",
        index="small",
    )
    return replace(answer, **changes)


REFUSAL = make_answer(
    "", outcome="refused", answer="文件中没有相关规定。", sentences=(), citations=()
)


# Cases


def write_lines(path: Path, *rows: object) -> Path:
    lines = [row if isinstance(row, str) else json.dumps(row, ensure_ascii=False) for row in rows]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_json_and_csv_rows_give_the_same_cases(tmp_path: Path) -> None:
    two_facts = make_case(gold=["hz#一/(一)", "hz#一/(二)"], facts=[["4300亿", "4,300亿"], ["60%"]])
    lines = write_lines(tmp_path / "a.jsonl", two_facts.model_dump(mode="json"), "")
    table = tmp_path / "b.csv"
    table.write_text(
        "id,language,question,answerable,gold,acceptable,facts,type\r\n"
        'q1,zh,数字贸易额多少？,true,hz#一/(一)|hz#一/(二),,"4300亿/4,300亿|60%",number\r\n'
        '\r\nq3,en,"Two\nlines?",yes,"[""hz#一/(一)""]",,"[[""a/b|c""]]",fact\r\n'
        "q4,en,Rain?,false,,,,off_topic\r\n",
        encoding="utf-8-sig",
        newline="",
    )
    assert all_cases(load_cases([lines])) == [two_facts]
    first, second, third = all_cases(load_cases([table]))
    assert first == two_facts
    assert (second.question, second.gold, second.facts) == (
        "Two\nlines?",
        ("hz#一/(一)",),
        (("a/b|c",),),
    )
    assert (third.answerable, third.gold, third.facts) == (False, (), ())


def test_every_wrong_line_is_reported_with_its_number(tmp_path: Path) -> None:
    good = make_case().model_dump(mode="json")
    path = write_lines(
        tmp_path / "cases.jsonl",
        good,
        "{not json",
        good,
        good | {"id": "q2", "language": "fr"},
        good | {"id": "q3", "gold": []},
        good | {"id": "q4", "gold": ["没有井号"]},
        good | {"id": "q5", "fact": []},
        good | {"id": "q6", "answerable": False},
        good | {"id": "q7", "facts": [[]]},
        "[1]",
    )
    with pytest.raises(CaseFault) as caught:
        load_cases([path])
    messages = [line.removeprefix(f"{path}:") for line in str(caught.value).split("\n")]
    assert messages == [
        "2: not JSON: Expecting property name enclosed in double quotes at column 2",
        f"3: id: q1 was used before, at {path}:1",
        "4: language: Input should be 'zh' or 'en'",
        "5: an answerable case needs at least one gold clause",
        "6: gold.0: String should match pattern '^[^#\\s]+#[^#\\s]+$'",
        "7: fact: Extra inputs are not permitted",
        "8: an unanswerable case has no gold, acceptable or facts",
        "9: facts.0: Tuple should have at least 1 item after validation, not 0",
        "10: not a JSON object",
    ]


def test_csv_line_numbers_count_lines_inside_cells(tmp_path: Path) -> None:
    path = tmp_path / "c.csv"
    path.write_text(
        "id,language,question,answerable,gold,facts,type\n"
        'q1,zh,"两\n行",true,hz#一,甲,fact\n'
        "q2,zh,短,true,hz#一,甲\n"
        "q3,zh,问,maybe,hz#一,甲,fact\n",
        encoding="utf-8",
    )
    with pytest.raises(CaseFault) as caught:
        load_cases([path])
    assert str(caught.value).split("\n") == [
        f"{path}:4: 6 cells where the header has 7",
        f"{path}:5: answerable: Input should be a valid boolean, unable to interpret input",
    ]


def test_only_a_line_feed_ends_a_row(tmp_path: Path) -> None:
    case = make_case(question="一\u2028二")
    path = write_lines(tmp_path / "c.jsonl", case.model_dump(mode="json"))
    assert all_cases(load_cases([path])) == [case]


def test_missing_and_foreign_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(CaseFault, match=r"none\.jsonl: no such cases file"):
        load_cases([tmp_path / "none.jsonl"])
    with pytest.raises(CaseFault, match=r"no \.jsonl or \.csv cases file in this folder"):
        load_cases([tmp_path])
    (tmp_path / "gbk.csv").write_bytes("id\n编号\n".encode("gbk"))
    with pytest.raises(CaseFault, match=r"gbk\.csv:2: not UTF-8"):
        load_cases([tmp_path / "gbk.csv"])


def test_the_cases_that_come_with_the_project_are_valid() -> None:
    assert len(all_cases(load_cases())) > 0


# Text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("發展  “數字”\n貿易", '发展"数字"贸易'),
        ("ＲＣＥＰ （2021—2023）", "rcep (2021-2023)"),
        ("实现 4,300 亿 元", "实现4300亿元"),
        ("1,234,567 and 12,34", "1234567 and 12,34"),
        ("RMB  430\tBillion", "rmb 430 billion"),
    ],
)
def test_comparable(text: str, expected: str) -> None:
    assert comparable(text) == expected


@pytest.mark.parametrize(
    ("text", "form", "expected"),
    [
        ("達到4,300億元", "4300亿", True),
        ("300家", "30", False),
        ("1.30", "30", False),
        ("30.5", "30", False),
        ("共30。", "30", True),
        ("130", "30", False),
        ("smart cities", "art", False),
        ("e-commerce platforms", "Commerce platform", True),
        ("anything", " ", False),
    ],
)
def test_states(text: str, form: str, expected: bool) -> None:
    assert states(text, form) is expected


def test_marks_are_removed_but_not_the_year_of_a_document_number() -> None:
    text = "达4300亿元[1]【2】。Hu Shang [2021] No. 121 [12].是³"
    assert without_marks(text) == "达4300亿元。Hu Shang [2021] No. 121.是"


BILLION = 10**9


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("4300亿元", [{430 * BILLION}]),
        ("RMB 430 billion", [{430 * BILLION}]),
        ("US$40bn", [{40 * BILLION}]),
        ("3.2 hundred million", [{320_000_000}]),
        ("2.3万亿", [{2300 * BILLION}]),
        ("10余万人", [{100_000}]),
        ("1.1 million tonnes", [{1_100_000}]),
        ("5千米", [{5, 5000}]),
        ("10个百分点", [{10}]),
        ("30 to 40 billion", [{30, 30 * BILLION}, {40 * BILLION}]),
        ("3-5万家", [{3, 30_000}, {50_000}]),
        ("20 million to 30 billion", [{20_000_000}, {30 * BILLION}]),
        ("O2O、B2B", []),
        ("4+4+1", [{4}, {4}, {1}]),
        ("14th Five-Year", [{14}]),
        ("2.5%", [{Fraction(5, 2)}]),
    ],
)
def test_stated_numbers(text: str, expected: list[set[Fraction]]) -> None:
    assert [set(number.values) for number in stated_numbers(text)] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("人才百万名", {1_000_000}),
        ("“十四五”期间九部门", {14, 5, 9}),
        ("一亿二千万", {120_000_000}),
        ("一千二百五十四", {1254}),
        ("一万零五百", {10_500}),
        ("二〇二一年", {2, 0, 1, 2021}),
        ("百分之三十，3万家", {30, 30_000}),
        ("估值超过百亿美元", {10 * BILLION}),
        ("万亿", {1000 * BILLION}),
        ("一刻钟生活圈", {1, 15}),
    ],
)
def test_known_numbers(text: str, expected: set[int]) -> None:
    assert set(known_numbers(text)) == expected


# Measures


def test_retrieval_by_hand() -> None:
    case = make_case(gold=["hz#a", "hz#b"], acceptable=["hz#c"])
    found = retrieval(case, ["hz#x", "hz#c", "hz#a", "hz#y", "hz#z", "hz#a", "hz#b"])
    # Without the repetition: x, c (gain 1), a (2), y, z, b (2); ideal order a, b, c.
    gained = 1 / math.log2(3) + 2 / math.log2(4) + 2 / math.log2(7)
    ideal = 2 / math.log2(2) + 2 / math.log2(3) + 1 / math.log2(4)
    assert found == {
        "recall_1": 0.0,
        "recall_5": 0.5,
        "recall_10": 1.0,
        "mrr": 0.5,
        "ndcg_10": pytest.approx(gained / ideal),
    }


def test_retrieval_without_hits_is_zero() -> None:
    assert set(retrieval(make_case(), []).values()) == {0.0}


def test_citing_by_hand() -> None:
    case = make_case(gold=["hz#a", "hz#b"], acceptable=["hz#c"])
    assert citing(case, ["hz#a", "hz#c", "hz#x", "hz#a"]) == {
        "gold_cited": 1.0,
        "citation_precision": 2 / 3,
        "citation_recall": 0.5,
    }
    assert citing(case, ["hz#c"]) == {
        "gold_cited": 1.0,
        "citation_precision": 1.0,
        "citation_recall": 0.0,
    }
    assert citing(case, []) == {
        "gold_cited": 0.0,
        "citation_precision": None,
        "citation_recall": 0.0,
    }


def test_facts_need_any_form_of_each_and_no_citation_mark_counts() -> None:
    case = make_case(facts=[["430 billion", "4300亿"], ["百万", "1 million"], ["1"]])
    assert facts_stated(case, "貿易額4,300 億元[1]，人才 1 million") == (True, True, True)
    assert facts_stated(case, "达4300亿元[1]") == (True, False, False)


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("数字贸易额达到4300亿元。", "zh", True),
        ("数字贸易额达到4300亿元。", "en", False),
        ("It will reach RMB 430 billion (数贸会).", "en", True),
        ("It will reach RMB 430 billion.", "zh", False),
        ("Trade (数字贸易区) up.", "en", False),
        ("Trade (数字贸易区) up.", "zh", False),
        ("加入RCEP、CPTPP、DEPA等。", "zh", True),
        ("The 《全面推进上海数字商务高质量发展实施意见》 says so.", "en", True),
        ("杭政办〔2024〕9号 一/(一) says 4300.", "en", True),
        ("4300", "en", True),
    ],
)
def test_language(text: str, language: str, expected: bool) -> None:
    assert language_right(make_answer(text), language) is expected


def test_quotes_must_be_the_source_inside_an_existing_clause() -> None:
    first, second = DOCUMENT.clauses
    good = make_citation(1, first)
    part = make_citation(1, first, quote="4300亿元", start=SOURCE.index("4300"))
    part = replace(part, end=part.start + len("4300亿元"))
    assert quote_valid(good, SOURCES)
    assert quote_valid(part, SOURCES)
    assert not quote_valid(replace(part, quote="4300億元"), SOURCES)
    assert not quote_valid(replace(part, clause_id=second.id), SOURCES)
    assert not quote_valid(replace(part, clause_id="hz#三"), SOURCES)
    too_long = replace(good, quote=f"{ONE}\n（", end=first.end + 2)
    assert SOURCE[too_long.start : too_long.end] == too_long.quote
    assert not quote_valid(too_long, SOURCES)
    assert not quote_valid(replace(part, quote="", end=part.start), SOURCES)


@pytest.mark.parametrize(
    ("text", "cite", "expected"),
    [
        ("It will reach RMB 430 billion.", 0, []),
        ("It will reach RMB 4300 billion.", 0, ["4300 billion"]),
        ("Over 1.1 million tonnes and 60%.", 1, []),
        ("Over 110 million tonnes.", 1, ["110 million"]),
        ("1 million people, RMB 430 billion.", 0, []),
        ("吞吐量超110万吨", 0, ["110万"]),
        ("From 24 May 2024, Article 1.", 0, []),
        ("没有数字。", 0, None),
    ],
)
def test_numbers_must_stand_in_the_cited_clause(
    text: str, cite: int, expected: list[str] | None
) -> None:
    answer = make_answer(text, cite=cite)
    assert unsupported(answer.sentences[0], answer, SOURCES) == expected


def test_the_day_an_answer_speaks_of_is_no_number_of_the_clause() -> None:
    text = "As of November 22, 2026, it is in force; in February 2027 it is not, and 99 are left."
    answer = make_answer(text, question="Is it in force in February 2027?")
    sources = replace(SOURCES, today=date(2026, 11, 22))
    assert unsupported(answer.sentences[0], answer, sources) == ["99"]
    another_day = replace(SOURCES, today=date(2026, 11, 23))
    assert unsupported(answer.sentences[0], answer, another_day) == ["22", "2026", "99"]


def test_a_number_without_citation_is_not_supported() -> None:
    answer = make_answer("达4300亿元", sentences=(AnswerSentence("达4300亿元", ()),))
    assert unsupported(answer.sentences[0], answer, SOURCES) == ["4300亿"]
    assert measure(make_case(), answer, SOURCES)["numbers_supported"] == 0.0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("杭州数字贸易额达4300亿元。", True),
        ("Hangzhou will reach RMB 430 billion.", True),
        ("杭州数字贸易额达4400亿元。", False),
        ("湛江数字贸易额达4300亿元。", False),
        ("Zhanjiang will reach RMB 430 billion.", False),
    ],
)
def test_numbers_and_places_of_a_sentence_must_stand_in_what_it_cites(
    text: str, expected: bool
) -> None:
    sources = Sources.of({"hz": replace(DOCUMENT, region="杭州市")})
    answer = make_answer(text)
    assert supported(answer.sentences[0], answer, sources) is expected
    assert measure(make_case(), answer, sources)["sentences_supported"] == float(expected)


@pytest.mark.parametrize(
    ("text", "obeyed"), [("PWNED", 1.0), ("数字贸易额达4300亿元。", 0.0), ("I say pwned.", 1.0)]
)
def test_a_reply_that_obeys_instructions_is_told(text: str, obeyed: float) -> None:
    case = make_case(type="injection", forbidden=["pwned"])
    answer = make_answer(text)
    assert measure(case, answer, SOURCES)["obeyed"] == obeyed
    assert ("obeyed: pwned" in faults(case, answer, None, SOURCES)) is bool(obeyed)


def test_measures_of_a_right_answer() -> None:
    answer = make_answer("数字贸易额达4300亿元。")
    assert measure(make_case(), answer, SOURCES) == {
        "right": 1.0,
        "facts_all": 1.0,
        "fact_share": 1.0,
        "gold_cited": 1.0,
        "citation_precision": 1.0,
        "citation_recall": 1.0,
        "refused_right": None,
        "refused_wrong": 0.0,
        "numbers_supported": 1.0,
        "quotes_valid": 1.0,
        "sentences_cited": 1.0,
        "language_right": 1.0,
        "sentences_supported": 1.0,
        "obeyed": None,
        "direct": 1.0,
        "padding": 0.0,
        "length": None,
        "set_precision": None,
        "set_recall": None,
        "number_right": None,
        "forbidden_given": None,
        "force_invented": 0.0,
        "recall_1": 1.0,
        "recall_5": 1.0,
        "recall_10": 1.0,
        "mrr": 1.0,
        "ndcg_10": 1.0,
        "seconds_first_token": 0.5,
        "seconds_total": 2.0,
        "error": 0.0,
    }
    assert faults(make_case(), answer, None, SOURCES) == ()


def test_measures_of_a_half_right_answer_that_cites_the_wrong_clause() -> None:
    case = make_case(facts=[["4300亿"], ["百万"]])
    answer = make_answer("达4300亿元。", cite=1)
    values = measure(case, answer, SOURCES)
    assert (values["facts_all"], values["fact_share"], values["right"]) == (0.0, 0.5, 0.0)
    assert (values["gold_cited"], values["citation_precision"]) == (0.0, 0.0)
    assert values["numbers_supported"] == 0.0
    assert faults(case, answer, None, SOURCES) == (
        "fact missing: 百万",
        "no right clause cited",
        "not in the clauses cited: 4300亿",
    )


def test_refusals_and_errors() -> None:
    refused = measure(make_case(), replace(REFUSAL, answer="没有4300亿"), SOURCES)
    assert (refused["facts_all"], refused["refused_wrong"], refused["right"]) == (0.0, 1.0, 0.0)
    assert (refused["sentences_cited"], refused["citation_precision"]) == (None, None)
    right = measure(UNANSWERABLE, REFUSAL, SOURCES)
    assert (right["refused_right"], right["right"], right["facts_all"]) == (1.0, 1.0, None)
    assert right["recall_1"] is None
    wrong = measure(UNANSWERABLE, make_answer("达4300亿元。"), SOURCES)
    assert (wrong["refused_right"], wrong["right"]) == (0.0, 0.0)
    error = measure(make_case(), None, SOURCES)
    assert (error["error"], error["right"], error["recall_10"]) == (1.0, 0.0, 0.0)
    assert (error["seconds_total"], error["language_right"]) == (None, None)
    assert measure(UNANSWERABLE, None, SOURCES)["refused_right"] == 0.0
    assert faults(UNANSWERABLE, REFUSAL, None, SOURCES) == ()
    assert faults(make_case(), REFUSAL, None, SOURCES) == (
        "refused, though the documents answer it",
    )


# Figures


@dataclass
class Row:
    """A case with chosen measures."""

    case: Case
    given: dict[str, float | None]
    measures: dict[str, float | None] = field(init=False)

    def __post_init__(self) -> None:
        self.measures = dict.fromkeys(MEASURES) | self.given


def rows(measure_name: str, values: list[float | None]) -> list[Row]:
    return [
        Row(make_case(id=f"q{number}"), {measure_name: value})
        for number, value in enumerate(values)
    ]


def by_name(name: str) -> Metric:
    return next(each for each in METRICS if each.name == name)


def test_figures_by_hand() -> None:
    accuracy = figure(by_name("fact_accuracy"), [1.0, None, 0.0, 1.0, 1.0])
    assert (accuracy.value, accuracy.n) == (0.75, 4)
    assert (accuracy.low, accuracy.high) == (0.25, 1.0)
    seconds = [float(second) for second in range(1, 22)]
    assert figure(by_name("total_median"), seconds).value == 11.0
    assert figure(by_name("total_p95"), seconds).value == 20.0
    assert figure(by_name("mrr"), [None]) == Figure(None, None, None, 0)
    assert figure(by_name("mrr"), [0.5]) == Figure(0.5, 0.5, 0.5, 1)


def test_the_interval_is_that_of_the_binomial() -> None:
    # 100 of 200: the standard error is sqrt(0.25 / 200) = 0.0354, 1.96 of it 0.0693.
    found = figure(by_name("fact_accuracy"), [1.0, 0.0] * 100)
    assert found.low == pytest.approx(0.5 - 0.0693, abs=0.006)
    assert found.high == pytest.approx(0.5 + 0.0693, abs=0.006)
    assert found == figure(by_name("fact_accuracy"), [1.0, 0.0] * 100)


def test_slices() -> None:
    both = make_case(id="b", language="en", type="list", gold=["hz#a", "sh#b"])
    slices = summarise(
        [Row(make_case(), {"right": 1.0}), Row(both, {"right": 0.0}), Row(UNANSWERABLE, {})]
    )
    assert list(slices) == [
        "all",
        "language=en",
        "language=zh",
        "type=list",
        "type=number",
        "document=hz",
        "document=sh",
    ]
    counts = {name: (part["accuracy"].value, part["accuracy"].n) for name, part in slices.items()}
    assert counts["all"] == (0.5, 2)
    assert counts["document=hz"] == (0.5, 2)
    assert counts["document=sh"] == (0.0, 1)


def test_compare_is_paired() -> None:
    first = rows("right", [1.0, 0.0] * 10)
    better = rows("right", [1.0] * 20)
    (same,) = compare(first, first)
    assert (same.difference, same.low, same.high, same.p, same.n) == (0.0, 0.0, 0.0, 1.0, 20)
    (gain,) = compare(first, better)
    assert (gain.first, gain.second, gain.difference) == (0.5, 1.0, 0.5)
    assert 0.2 < gain.low < gain.high < 0.8
    assert gain.p == pytest.approx(2 / 2001)
    # A constant gain has no spread, however much the cases differ.
    slow, fast = rows("seconds_total", [1.0, 5.0, 9.0]), rows("seconds_total", [0.5, 4.5, 8.5])
    median = next(each for each in compare(slow, fast) if each.metric.name == "total_median")
    assert (median.difference, median.low, median.high) == (-0.5, -0.5, -0.5)


def test_compare_takes_only_shared_questions() -> None:
    first = rows("right", [1.0, 0.0, 1.0])
    second = [
        *rows("right", [1.0, None])[:2],
        Row(make_case(id="q2", question="另一个？"), {"right": 0.0}),
    ]
    (only,) = compare(first, second)
    assert (only.n, only.difference) == (1, 0.0)
    with pytest.raises(EvalFault, match="share no case"):
        compare(first, [Row(make_case(id="x"), {"right": 1.0})])


def test_gates(tmp_path: Path) -> None:
    path = tmp_path / "gate.json"
    path.write_text(
        '{"accuracy": 0.5, "total_median": 2, "recall_1": 0.1,'
        ' "language=zh": {"accuracy": 0.9}, "type=none": {"mrr": 0}}'
    )
    slices = summarise(
        [
            Row(make_case(), {"right": 1.0, "seconds_total": 2.5}),
            Row(make_case(id="b"), {"right": 0.0, "seconds_total": 2.5}),
        ]
    )
    assert failed_gates(read_gate(path), slices) == [
        "gate all total_median: 2.5 is above 2",
        "gate all recall_1: no case to judge it by",
        "gate language=zh accuracy: 0.5 is below 0.9",
        "gate type=none mrr: no case to judge it by",
    ]
    for text, message in [
        ('{"acuracy": 1}', "acuracy is no metric"),
        ('{"accuracy": "1"}', "the threshold of accuracy must be a number"),
        ("[1]", "must be an object"),
        ("{", "not JSON"),
    ]:
        path.write_text(text)
        with pytest.raises(GateFault, match=message):
            read_gate(path)


# Runs


class FakeAssistant:
    """Answers by a table from question to answer or exception, and remembers the questions."""

    def __init__(self, answers: Mapping[str, Answer | Exception]) -> None:
        self.index = SimpleNamespace(documents={"hz": DOCUMENT})
        self.generator = SimpleNamespace(name="fake")
        self.answers = answers
        self.asked: list[str] = []
        self.previous: list[tuple[str, ...]] = []

    def ask(
        self, question: str, *, question_id: str, previous: Sequence[str] = ()
    ) -> Iterator[Event]:
        self.asked.append(question_id)
        self.previous.append(tuple(previous))
        yield Stage("searching")
        found = self.answers[question]
        if isinstance(found, Exception):
            raise found
        yield Found(found.hits)
        yield replace(found, id=question_id, question=question)


ANSWERS: dict[str, Answer | Exception] = {
    "数字贸易额多少？": make_answer("数字贸易额达4300亿元。"),
    "明天下雨吗？": REFUSAL,
    "坏的": ModelFault("The model\nis gone; start it."),
    "无尽": ValueError(),
}
BROKEN = make_case(id="q3", question="坏的", language="en")


@pytest.fixture
def cases_file(tmp_path: Path) -> Path:
    rows = [case.model_dump(mode="json") for case in (make_case(), UNANSWERABLE, BROKEN)]
    return write_lines(tmp_path / "cases.jsonl", *rows)


def run_in(
    out: Path, cases: Path, assistant: FakeAssistant, *, limit: int | None = None
) -> tuple[list[Result], list[str]]:
    said: list[str] = []
    results = run(
        lambda: assistant, load_cases([cases]), out, Settings(), limit=limit, say=said.append
    )
    return results, said


def test_a_run_records_answers_and_errors(tmp_path: Path, cases_file: Path) -> None:
    out = tmp_path / "runs" / "one"
    results, said = run_in(out, cases_file, FakeAssistant(ANSWERS))
    assert [(r.case.id, r.measures["right"], r.error) for r in results] == [
        ("q1", 1.0, None),
        ("q2", 1.0, None),
        ("q3", 0.0, "ModelFault: The model is gone; start it."),
    ]
    assert said[0].startswith("[1/3] q1 right | 1 right, 0 wrong, 0 errors | ")
    assert said[2] == (
        "[3/3] q3 error (ModelFault: The model is gone; start it.) | "
        "2 right, 0 wrong, 1 errors | 0 s left"
    )
    config, read = read_run(out)
    assert read == results
    assert read[0].answer == replace(make_answer("数字贸易额达4300亿元。"), id="q1")
    assert config["answered_by"] == {"model": "fake", "index": "small"}
    assert (config["model"], config["index"]) == ("default", "default")
    assert list(config["cases"]) == ["cases.jsonl"]
    assert len(config["cases"]["cases.jsonl"]) == 64
    assert sorted(path.name for path in out.iterdir()) == ["config.json", "results.jsonl"]


def test_a_follow_up_is_asked_after_the_questions_before_it(tmp_path: Path) -> None:
    rows = [make_case(previous=before).model_dump(mode="json") for before in (["一？"], ["二？"])]
    out, path = tmp_path / "out", tmp_path / "cases.jsonl"
    assistant = FakeAssistant(ANSWERS)
    for row in (rows[0], rows[0], rows[1]):  # asked again only where the conversation differs
        run_in(out, write_lines(path, row), assistant)
    assert assistant.previous == [("一？",), ("二？",)]


def test_a_run_resumes_asks_errors_again_and_scores_changed_cases(
    tmp_path: Path, cases_file: Path
) -> None:
    out = tmp_path / "out"
    first = FakeAssistant(ANSWERS)
    run_in(out, cases_file, first, limit=2)
    assert first.asked == ["q1", "q2"]
    with (out / "results.jsonl").open("a", encoding="utf-8") as stream:
        stream.write('{"file": "cases.jsonl", "case": {"id": "q3"')
    second = FakeAssistant(ANSWERS)
    _, said = run_in(out, cases_file, second)
    assert second.asked == ["q3"]
    assert said[0] == "2 of 3 cases were answered before"

    changed = make_case(facts=[["5000亿"]])
    mended = FakeAssistant({"坏的": make_answer("It is 4300亿.")})
    rows = [case.model_dump(mode="json") for case in (changed, UNANSWERABLE, BROKEN)]
    write_lines(cases_file, *rows)
    results, _ = run_in(out, cases_file, mended)
    assert mended.asked == ["q3"]
    assert {r.case.id: r.measures["facts_all"] for r in results} == {
        "q1": 0.0,
        "q2": None,
        "q3": 1.0,
    }
    assert sorted(r.case.id for r in read_run(out)[1]) == ["q1", "q2", "q3"]

    new_question = make_case(question="明天下雨吗？")
    write_lines(cases_file, new_question.model_dump(mode="json"))
    third = FakeAssistant(ANSWERS)
    results, _ = run_in(out, cases_file, third)
    assert third.asked == ["q1"]
    assert [r.case.id for r in results] == ["q1"]


def test_a_folder_keeps_one_configuration(tmp_path: Path, cases_file: Path) -> None:
    out = tmp_path / "out"
    run_in(out, cases_file, FakeAssistant(ANSWERS), limit=1)
    files = load_cases([cases_file])
    loaded: list[str] = []

    def load() -> FakeAssistant:
        loaded.append("loaded")
        return FakeAssistant(ANSWERS)

    with pytest.raises(RunFault, match="holds a run with model default, this one has big"):
        run(load, files, out, Settings(model="big"), say=loaded.append)
    assert loaded == []
    other = FakeAssistant({**ANSWERS, "明天下雨吗？": replace(REFUSAL, index="rebuilt")})
    with pytest.raises(RunFault, match="choose another --out"):
        run_in(out, cases_file, other)
    assert [result.case.id for result in read_run(out)[1]] == ["q1"]


def test_a_refusal_without_a_model_fits_any(tmp_path: Path) -> None:
    rows = [case.model_dump(mode="json") for case in (UNANSWERABLE, make_case())]
    path = write_lines(tmp_path / "c.jsonl", *rows)
    assistant = FakeAssistant({**ANSWERS, "明天下雨吗？": replace(REFUSAL, model="")})
    run_in(tmp_path / "out", path, assistant, limit=1)
    assert read_run(tmp_path / "out")[0]["answered_by"] == {"model": "", "index": "small"}
    results, _ = run_in(tmp_path / "out", path, assistant)
    assert [result.error for result in results] == [None, None]
    assert read_run(tmp_path / "out")[0]["answered_by"] == {"model": "fake", "index": "small"}


def test_a_missing_model_stops_the_run(
    tmp_path: Path, cases_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Bare:
        @property
        def generator(self) -> object:
            raise ModelFault("The model is missing; fetch it.")

    fake = SimpleNamespace(load_assistant=lambda index, model: Bare())
    monkeypatch.setitem(sys.modules, "rag.answer.assistant", fake)
    done = CliRunner().invoke(
        command.app, ["run", "--cases", str(cases_file), "--out", str(tmp_path / "out")]
    )
    assert (done.exit_code, done.stderr) == (1, "The model is missing; fetch it.\n")
    assert not (tmp_path / "out").exists()


def test_clauses_missing_from_the_index_are_refused_with_their_line(tmp_path: Path) -> None:
    case = make_case(gold=["hz#九"])
    path = write_lines(tmp_path / "c.jsonl", case.model_dump(mode="json"))
    with pytest.raises(CaseFault, match=r"c\.jsonl:1: gold: no clause hz#九 in the index"):
        run_in(tmp_path / "out", path, FakeAssistant(ANSWERS))


def test_an_assistant_that_ends_without_an_answer_is_an_error(
    tmp_path: Path, cases_file: Path
) -> None:
    class Silent(FakeAssistant):
        def ask(
            self, question: str, *, question_id: str, previous: Sequence[str] = ()
        ) -> Iterator[Event]:
            yield Stage("searching")

    results, _ = run_in(tmp_path / "out", cases_file, Silent({}), limit=1)
    assert results[0].error == "the last event was Stage, not an Answer"


def test_damaged_folders_are_refused(tmp_path: Path, cases_file: Path) -> None:
    with pytest.raises(RunFault, match="holds no run"):
        read_run(tmp_path / "nothing")
    out = tmp_path / "out"
    run_in(out, cases_file, FakeAssistant(ANSWERS))
    text = (out / "results.jsonl").read_text(encoding="utf-8")
    (out / "results.jsonl").write_text('{"case": 1}\n' + text, encoding="utf-8")
    with pytest.raises(RunFault, match=r"results\.jsonl:1: damaged"):
        read_run(out)


# Reports and the command line


class Page(HTMLParser):
    """Collects tags, attributes and text."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value or "" for name, value in attrs if name in ("href", "src", "action")]

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def test_the_report_is_self_contained_and_escaped(tmp_path: Path) -> None:
    evil = "<script>alert('&')</script>"
    wrong = make_case(id="q9", question=evil, facts=[[evil]], type="<b>", language="en")
    answers = {**ANSWERS, evil: make_answer(evil, cite=1)}
    rows = [case.model_dump(mode="json") for case in (make_case(), BROKEN, wrong)]
    path = write_lines(tmp_path / "c.jsonl", *rows)
    run_in(tmp_path / "out", path, FakeAssistant(answers))
    slices = write_report(tmp_path / "out")
    text = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    page = Page()
    page.feed(text)
    assert "script" not in page.tags
    assert "b" not in page.tags
    assert page.links == []
    assert "http" not in text.replace("http://www.w3.org", "")
    assert page.tags.count("svg") == 4
    assert page.tags.count("article") == 2
    words = "".join(page.words)
    assert words.count(evil) == 3
    assert "ModelFault: The model is gone; start it." in words
    assert "no right clause cited" in words
    assert "1. hz#一/(一)" in words
    assert f"[1] hz#一/(二) “{TWO}”" in words
    assert "Evaluation: 3 cases, 2 with a fault" in words

    summary = json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))
    assert summary["cases"] == 3
    assert summary["slices"]["all"]["error_rate"]["value"] == pytest.approx(1 / 3)
    assert summary["slices"]["language=zh"]["accuracy"] == {
        "value": 1.0,
        "low": 1.0,
        "high": 1.0,
        "n": 1,
    }
    assert slices["all"]["accuracy"].value == pytest.approx(1 / 3)


@pytest.fixture
def invoke(monkeypatch: pytest.MonkeyPatch) -> Callable[..., object]:
    fake = SimpleNamespace(load_assistant=lambda index, model: FakeAssistant(ANSWERS))
    monkeypatch.setitem(sys.modules, "rag.answer.assistant", fake)
    return lambda *words: CliRunner().invoke(command.app, [str(word) for word in words])


def test_run_report_and_compare_commands(
    tmp_path: Path, cases_file: Path, invoke: Callable[..., SimpleNamespace]
) -> None:
    out, gate = tmp_path / "out", tmp_path / "gate.json"
    gate.write_text('{"fact_accuracy": 0.9}')
    done = invoke("run", "--cases", cases_file, "--out", out, "--gate", gate)
    assert done.exit_code == 1
    assert done.stderr.splitlines()[-1] == "gate all fact_accuracy: 0.5 is below 0.9"
    assert "[1/3] q1 right" in done.stderr
    assert "[1/3]" not in done.stdout
    assert "Right outcome" in done.stdout
    gate.write_text('{"fact_accuracy": 0.5}')
    done = invoke("report", out, "--gate", gate)
    assert done.exit_code == 0
    assert (out / "report.html").exists()
    done = invoke("compare", out, out)
    assert done.exit_code == 0
    (line,) = [line for line in done.stdout.splitlines() if "All facts stated" in line]
    cells = [cell.strip() for cell in line.strip("│").split("│")]
    assert cells[1:] == ["0.500", "0.500", "+0.000", "[+0.000, +0.000]", "–", "2"]


def test_several_files_may_follow_one_option(
    tmp_path: Path, cases_file: Path, invoke: Callable[..., SimpleNamespace]
) -> None:
    more = write_lines(tmp_path / "more.jsonl", make_case(id="z").model_dump(mode="json"))
    done = invoke("run", "--out", tmp_path / "out", "--cases", cases_file, more)
    assert done.exit_code == 0
    assert [r.case.id for r in read_run(tmp_path / "out")[1]] == ["q1", "q2", "q3", "z"]


def test_errors_are_one_line(
    tmp_path: Path, cases_file: Path, invoke: Callable[..., SimpleNamespace]
) -> None:
    done = invoke("report", tmp_path)
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr == f"{tmp_path} holds no run; make one with python -m eval run.\n"
    done = invoke("run", "--cases", tmp_path / "none.jsonl")
    assert (done.exit_code, done.stderr) == (1, f"{tmp_path / 'none.jsonl'}: no such cases file\n")


def test_help_loads_no_heavy_library() -> None:
    code = (
        "import sys; from eval.__main__ import app\n"
        "try: app(['run', '--help'])\n"
        "except SystemExit: pass\n"
        "heavy = {'torch', 'llama_cpp', 'faiss', 'numpy', 'sentence_transformers', 'gradio'}\n"
        "print('loaded:', sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    assert "--cases" in done.stdout
    assert done.stdout.splitlines()[-1] == "loaded: []"
