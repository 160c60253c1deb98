"""Facts on disk, questions of them, tables of them, and their English."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from fakes_index import HashEncoder

from index.documents.model import Document, Rendition, Sentence
from index.documents.parse import parse_document
from index.errors import DocumentFault
from index.facts import english
from index.facts.model import (
    Deadline,
    Duty,
    Fact,
    Relation,
    Sanction,
    Structure,
    Target,
    fact_of,
    row_of,
)
from index.facts.query import Facts, facts_of
from index.facts.read import read_facts
from index.facts.store import FACTS, FactFile, Part, write_facts
from index.facts.table import check_request, csv_text, json_lines, write_table
from index.search.contents import Contents
from index.search.store import ClauseIndex
from index.search.write import write_generation

PLAN = (
    "海川市渔业发展方案\n海府〔2026〕8号\n2026年3月1日\n一、目标\n"
    "(一)发展目标。到2030年,全市渔业总产值达到560亿元,渔港达到20个。\n二、任务\n"
    "(二)修建渔港。推进渔港建设。(市交通局、市渔业局,列在首位的为牵头单位,下同)\n"
    "(三)扶持合作社。给予扶持。(市渔业局、市财政局)\n"
    "(四)培养人才。举办培训。(市人社局)\n"
)
LAW = (
    "海川市渔港条例\n第一条 根据《海川市渔业发展方案》(海府〔2026〕8号),制定本条例。\n"
    "第二条 擅自填海的,由市渔业局处五万元以上二十万元以下罚款。\n"
    "第三条 超载的,处二千元以下罚款。\n"
    "第四条 船东应当于2027年6月30日前登记。\n"
)


def plan(text: str = PLAN) -> Document:
    return parse_document(text, "fangan")


def law() -> Document:
    return parse_document(LAW, "tiaoli")


@pytest.fixture
def facts() -> Facts:
    return facts_of([plan(), law()])


def rows(path: Path) -> list[str]:
    database = sqlite3.connect(path)
    found = [row for (row,) in database.execute("SELECT fact FROM facts ORDER BY position")]
    database.close()
    return found


def test_a_fact_comes_back_from_its_row() -> None:
    for fact in [*read_facts(plan()), *read_facts(law())]:
        assert fact_of(json.loads(json.dumps(row_of(fact)))) == fact


def test_facts_come_back_in_the_order_of_the_documents(facts: Facts) -> None:
    found = facts.all()
    assert [fact for fact in found if not isinstance(fact, Relation)] == [
        fact
        for document in (plan(), law())
        for fact in read_facts(document)
        if not isinstance(fact, Relation)
    ]


def test_the_same_documents_make_the_same_bytes(tmp_path: Path) -> None:
    write_facts(tmp_path / "1", [plan(), law()])
    write_facts(tmp_path / "2", [plan(), law()])
    assert (tmp_path / "1").read_bytes() == (tmp_path / "2").read_bytes()


def test_facts_that_are_copied_are_not_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_facts(tmp_path / "1", [plan(), law()])
    read: list[str] = []

    def counted(document: Document) -> tuple[Fact, ...]:
        read.append(document.id)
        return read_facts(document)

    monkeypatch.setattr("index.facts.store.read_facts", counted)
    write_facts(tmp_path / "2", [law()], copied=[(tmp_path / "1", ["fangan"])])
    assert read == ["tiaoli"]
    assert rows(tmp_path / "2") == rows(tmp_path / "1")


def test_files_are_read_together_each_document_from_the_file_it_counts_in(tmp_path: Path) -> None:
    write_facts(tmp_path / "old", [plan(), law()])
    write_facts(tmp_path / "new", [plan(PLAN.replace("20个", "25个"))])
    parts = [Part(tmp_path / "old", {"tiaoli": 1}), Part(tmp_path / "new", {"fangan": 0})]
    together = Facts(FactFile.open(parts))
    assert together.find(Target, words=["渔港"])[0].value == 25
    assert [each.document_id for each in together.find(Duty)][-1] == "fangan"
    assert together.counts() == Facts.open(tmp_path / "old").counts()
    order = list(dict.fromkeys(each.document_id for each in together.all()))
    assert order == ["fangan", "tiaoli"]


def test_lone_surrogates_of_a_damaged_source_are_kept(tmp_path: Path) -> None:
    whole = parse_document(PLAN.replace("推进渔港建设。", "推进※建设。"), "x")
    clauses = [replace(each, body=each.body.replace("※", "\ud800")) for each in whole.clauses]
    source = whole.source.replace("※", "\ud800")
    document = replace(whole, source=source, clauses=tuple(clauses))
    write_facts(tmp_path / "1", [document])
    assert Facts.open(tmp_path / "1").find(Duty, unit="市交通局")
    write_table(Facts.open(tmp_path / "1").all(), "json", tmp_path / "facts.json")
    assert "市交通局" in (tmp_path / "facts.json").read_text(encoding="utf-8")


def test_duties_of_a_body_by_any_of_its_names(facts: Facts) -> None:
    assert [fact.path for fact in facts.find(Duty, unit="市渔业局")] == ["二/(二)", "二/(三)"]
    assert [fact.path for fact in facts.find(Duty, unit="渔业局", role="lead")] == ["二/(三)"]
    assert facts.find(Duty, unit="省渔业局") == []
    assert facts.find(Duty, unit="市人力资源和社会保障局")[0].unit == "市人社局"


def test_bodies_are_counted_and_found_in_a_question(facts: Facts) -> None:
    assert facts.bodies() == {"市渔业局": 2, "市交通局": 1, "市财政局": 1, "市人社局": 1}
    assert facts.bodies_named("渔业局和市财政局各负责什么?") == ["市财政局", "市渔业局"]
    assert facts.bodies_named("谁负责?") == []
    assert facts.bodies_in("财政局的活儿") == (["市财政局"], "\n的活儿")


def test_bodies_are_found_by_their_short_names(tmp_path: Path) -> None:
    text = (
        "关于稳就业的意见\n一、稳岗。返还失业保险费。(人力资源社会保障部、住房城乡建设部负责)\n"
        "二、贷款。增加担保贷款。(人民银行、国家发展改革委、供销合作总社、中国证监会、国务院国有资产监督管理委员会负责)\n"
    )
    write_facts(tmp_path / "short", [parse_document(text, "意见")])
    facts = Facts.open(tmp_path / "short")
    for short, name in {
        "人社部": "人力资源社会保障部",
        "住建部": "住房城乡建设部",
        "央行": "人民银行",
        "国家发改委": "国家发展改革委",
        "发展改革委": "国家发展改革委",
        "供销总社": "供销合作总社",
        "证监会": "中国证监会",
        "国资委": "国务院国有资产监督管理委员会",
    }.items():
        assert facts.bodies_named(f"{short}负责哪些?") == [name]
    assert facts.bodies_named("人才办和住建厅负责哪些?") == []


def test_chapters_and_documents_limit(facts: Facts) -> None:
    assert len(facts.find(Duty, clause="fangan#二")) == 5
    assert len(facts.find(Duty, clause="fangan#二/(四)")) == 1
    assert facts.find(Duty, clause="fangan#一") == []
    assert facts.find(Duty, documents=["tiaoli"]) == []
    limited = facts.limited_to(["tiaoli"])
    assert limited.counts()["duty"] == 0
    assert limited.limited_to(["fangan"]).all() == []


def test_targets_by_words_year_place_and_value(facts: Facts) -> None:
    assert [fact.value for fact in facts.find(Target, words=["总产值"])] == [56000000000]
    assert len(facts.find(Target, any_words=["总产值", "渔港"], year=2030)) == 2
    assert facts.find(Target, year=2029) == []
    assert len(facts.find(Target, place="全市")) == 1
    assert [fact.value for fact in facts.find(Target, least=1000)] == [Decimal(56000000000)]
    assert [fact.value for fact in facts.find(Target, most=1000)] == [Decimal(20)]


def test_fines_by_amount_and_deadlines_by_day(facts: Facts) -> None:
    assert [fact.path for fact in facts.find(Sanction, least=100000)] == ["第二条"]
    assert [fact.path for fact in facts.find(Deadline, until="2027")] == ["第四条"]
    assert [fact.path for fact in facts.find(Deadline, until="2027-06-30")] == ["第四条"]
    assert facts.find(Deadline, until="2027-06-29") == []
    assert facts.find(Deadline, since="2027-07") == []


def test_relations_know_documents_that_are_held(facts: Facts) -> None:
    (found,) = facts.find(Relation, documents=["tiaoli"])
    assert found.target_document_id == "fangan"
    (alone,) = facts_of([law()]).find(Relation)
    assert alone.target_document_id is None


def test_structure_counts_and_orders(facts: Facts) -> None:
    whole, *parts = facts.find(Structure, documents=["fangan"])
    assert (whole.level, whole.chapters, whole.articles) == ("document", 2, 4)
    assert [(each.level, each.order, each.articles) for each in parts] == [
        ("chapter", 1, 1),
        ("article", 1, 0),
        ("chapter", 2, 3),
        ("article", 2, 0),
        ("article", 3, 0),
        ("article", 4, 0),
    ]
    assert [each.heading for each in parts if each.level == "chapter"] == ["目标", "任务"]
    assert parts[3].above == "二"


def test_an_index_holds_its_facts_and_limits_them(tmp_path: Path) -> None:
    contents = Contents((plan(), law()), {}, ())
    encoder = HashEncoder()
    write_generation(tmp_path, contents, encoder.encode_passages, encoder)
    index = ClauseIndex.open(tmp_path, encoder)
    (file,) = tmp_path.glob(f"generation-*/*/{FACTS}")
    assert f"{file.parent.name}/{FACTS}" in index.manifest["files"]
    file.unlink()
    # What is open goes on without the file.
    assert len(index.facts.find(Duty)) == 5
    assert index.limited_to(["tiaoli"]).facts.find(Duty) == []


def test_tables(facts: Facts, tmp_path: Path) -> None:
    found = facts.find(Duty)
    table = list(csv.DictReader(io.StringIO(csv_text(found).removeprefix("\ufeff"))))
    assert [row["unit"] for row in table] == [fact.unit for fact in found]
    assert json.loads(json_lines(found).splitlines()[0])["kind"] == "duty"

    write_table(facts.all(), "xlsx", tmp_path / "facts.xlsx")
    from openpyxl import load_workbook

    book = load_workbook(tmp_path / "facts.xlsx")
    assert {"duty", "target", "sanction"} <= set(book.sheetnames)
    header, first, *_ = book["target"].iter_rows(values_only=True)
    assert dict(zip(header, first, strict=True))["value"] == 56000000000


def test_words_that_a_spreadsheet_would_compute_stay_words() -> None:
    fact = read_facts(plan())[0]
    assert isinstance(fact, Structure)
    object.__setattr__(fact, "heading", '=HYPERLINK("x")')
    table = list(csv.DictReader(io.StringIO(csv_text([fact]).removeprefix("\ufeff"))))
    assert table[0]["heading"].startswith("'=")


@pytest.mark.parametrize(
    ("kinds", "form", "out", "message"),
    [
        (["fine"], "json", None, "no kind of fact is called fine"),
        ([], "pdf", None, "facts are not written as pdf"),
        ([], "xlsx", None, "a spreadsheet needs a file"),
    ],
)
def test_what_cannot_be_shown_is_said(
    kinds: list[str], form: str, out: Path | None, message: str
) -> None:
    with pytest.raises(DocumentFault, match=message):
        check_request(kinds, form, out)


def test_english_of_names_and_sentences() -> None:
    glossary = {
        "商务局": "Commerce Bureau",
        "市渔业局": "Municipal Fisheries Bureau",
        "渔港": "ports",
    }
    assert english.named("市渔业局", glossary) == "Municipal Fisheries Bureau"
    assert english.named("市商务局", glossary) == "Municipal Commerce Bureau"
    assert english.named("市财政局", glossary) is None
    target = next(fact for fact in read_facts(plan()) if isinstance(fact, Target))
    assert english.terms(target, {"渔业总产值": "fishery output"})["indicator"] == "fishery output"
    rendition = Rendition(
        "一/(一)",
        "Goals",
        (
            Sentence("发展目标。", "Goals."),
            Sentence(
                "到2030年,全市渔业总产值达到560亿元,", "By 2030 output will be RMB 56 billion,"
            ),
        ),
    )
    sentence = english.sentence_of(target, rendition)
    assert sentence is not None and sentence.en == "By 2030 output will be RMB 56 billion,"
    assert english.sentence_of(target, None) is None
