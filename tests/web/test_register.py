"""Registers: rows, filters, files opened by the libraries that read them, the page, JSON."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import docx
import icalendar
import openpyxl
import pytest
from fakes_app import HOSTILE, FakeAssistant, FakeLibrary
from fakes_library import FakeOwn
from fastapi import FastAPI
from fastapi.testclient import TestClient
from starlette.datastructures import QueryParams
from starlette.types import Receive, Scope, Send
from test_pages import Page, as_reader

from index.documents.model import Document, Rendition, Sentence
from index.documents.parse import parse_document
from index.facts.model import Fact, row_of
from index.facts.query import Facts
from index.facts.read import read_facts
from index.facts.register import REGISTERS, Alternatives, Narrowing, listed
from index.facts.store import write_facts
from rag.answer.facts_worded import Wording, term_in_english
from rag.web.access import needs_manager
from rag.web.assistants import Collected
from rag.web.pages import register, register_files
from rag.web.pages.register_files import csv_file, last_day, workbook_file
from rag.web.pages.register_rows import Row, Wanted, rows_of, wanted
from rag.web.pages.register_word import tasks_of
from rag.web.pages.routes import add_pages
from rag.web.programs.register import register_told
from rag.web.queue import QuestionLine
from rag.web.server import build_application
from rag.web.texts import LANGUAGES, say

TODAY = date(2026, 3, 2)
CHINESE = {"accept-language": "zh-CN"}
ENGLISH = {"accept-language": "en"}
PLAN = (
    "海川市渔业发展方案\n海府〔2026〕8号\n2026年3月1日\n一、目标\n"
    "(一)发展目标。到2030年,全市渔业总产值达到560亿元,渔港达到20个。\n二、任务\n"
    "(二)修建渔港。推进渔港建设,应当于2026年6月30日前完成。(市交通局牵头,市渔业局、市财政局配合)\n"
    "(三)扶持合作社。给予扶持。(市渔业局、市财政局按职责分工负责)\n"
    "(四)培养人才。本方案所称渔民,是指从事捕捞的人员。(市人社局)\n"
)
LAW = (
    "海川市渔港条例\n第一条 根据《海川市渔业发展方案》(海府〔2026〕8号),制定本条例。\n"
    "第二条 擅自填海的,由市渔业局处五万元以上二十万元以下罚款。\n"
    "第三条 超载的,由市交通局处二千元以下罚款。\n"
    "第四条 船东应当自收到通知之日起三十日内登记。\n"
)
RENDITIONS = {
    "plan#二/(二)": Rendition(
        "二/(二)",
        "Build fishing ports",
        (
            Sentence("推进渔港建设,应当于2026年6月30日前完成。",
                     "The construction of harbours shall be completed by 30 June 2026."),
            Sentence("(市交通局牵头,市渔业局、市财政局配合)", "(Led by Transport.)"),
        ),
        machine=True,
    ),
    "law#第二条": Rendition(
        "第二条", "Filling in the sea",
        (Sentence("擅自填海的,由市渔业局处五万元以上二十万元以下罚款。",
                  "Whoever fills in the sea is fined."),),
    ),
}  # fmt: skip


@dataclass
class FishLibrary(FakeLibrary):
    """A plan and a law, some of it in English."""

    documents: Mapping[str, Document] = field(
        default_factory=lambda: {"plan": parse_document(PLAN, "plan"),
                                 "law": parse_document(LAW, "law")}
    )  # fmt: skip
    glossary: Any = (
        ("市渔业局", "Municipal Bureau of Fisheries"),
        ("市交通局", "Municipal Bureau of Transport"),
        ("渔业总产值", "fishery output"),
    )

    def rendition(self, clause_id: str) -> Rendition | None:
        return RENDITIONS.get(clause_id)


@pytest.fixture
def library() -> FishLibrary:
    return FishLibrary()


@pytest.fixture
def own() -> FakeOwn:
    return FakeOwn()


@pytest.fixture
def client(library: FishLibrary, own: FakeOwn) -> Iterator[TestClient]:
    server = FastAPI()
    add_pages(server, Collected(FakeAssistant(library), own))
    with TestClient(server, headers=CHINESE, follow_redirects=False) as made:
        yield made


def rows(library: FakeLibrary, query: str, language: Any = "zh") -> tuple[Row, ...]:
    return rows_of(wanted(QueryParams(query)), library, language, TODAY).rows


def cells(library: FakeLibrary, query: str, column: str, language: Any = "zh") -> list[str]:
    return [row.cells[column] for row in rows(library, query, language)]


# Rows


def test_every_fact_of_the_documents_is_a_row_and_stands_in_its_article(
    library: FishLibrary,
) -> None:
    for kind in REGISTERS:
        found = rows(library, f"kind={kind}")
        assert [row_of(row.fact) for row in found] == [
            row_of(fact) for fact in library.facts.all([kind])
        ]
        for row in found:
            source = row.document.source[row.fact.start : row.fact.end]
            assert source == row.fact.zh and source in row.clause.text
            parts = urlsplit(row.address)
            assert parse_qs(parts.query) == {"quote": [f"{row.fact.start}-{row.fact.end}"]}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["市交通局", "市渔业局", "市财政局", "市渔业局", "市财政局", "市人社局"]),
        ("body=市渔业局", ["市渔业局", "市渔业局"]),
        ("body=渔业局", ["市渔业局", "市渔业局"]),
        ("body=bureau of fisheries", ["市渔业局", "市渔业局"]),
        ("body=fisher", ["市渔业局", "市渔业局"]),
        ("body=人力资源和社会保障局", ["市人社局"]),
        ("body=市税务局", []),
        ("role=lead", ["市交通局", "市人社局"]),
        ("role=support", ["市渔业局", "市财政局"]),
        ("role=joint&body=市财政局", ["市财政局"]),
        ("q=渔港", ["市交通局", "市渔业局", "市财政局"]),
        ("q=漁港", ["市交通局", "市渔业局", "市财政局"]),
        ("q=渔港 配合", ["市交通局", "市渔业局", "市财政局"]),
        ("q=渔港 人才", []),
        ("q=fishing ports", ["市交通局", "市渔业局", "市财政局"]),
        ("document=law", []),
        ("document=law&document=plan&role=lead", ["市交通局", "市人社局"]),
        ("document=none", []),
        ("sort=body&role=support", ["市渔业局", "市财政局"]),
        ("role=nonsense&sort=nonsense&year=20x6", ["市交通局", "市渔业局", "市财政局", "市渔业局",
                                                  "市财政局", "市人社局"]),
    ],
)  # fmt: skip
def test_duties_are_narrowed(library: FishLibrary, query: str, expected: list[str]) -> None:
    assert cells(library, query, "body") == expected


def test_a_word_of_very_many_meanings_is_looked_for(library: FishLibrary) -> None:
    many = tuple(f"词{n}" for n in range(2000))
    for words, total in ((many, 0), ((*many, "渔港"), 3), ((), 0)):
        found = listed(library.facts, Narrowing("duty", words=(Alternatives(words),)))
        assert found.total == total


def test_percent_signs_and_underscores_are_words_as_any(library: FishLibrary) -> None:
    for q in ("%", "_", "'", '"', "\\", "渔_港"):
        assert rows(library, f"q={q.replace('%', '%25')}") == ()


def test_targets_by_year_and_sanctions_by_amount(library: FishLibrary) -> None:
    assert cells(library, "kind=target&year=2030", "indicator") == ["渔业总产值", "渔港"]
    assert rows(library, "kind=target&year=2029") == ()
    assert cells(library, "kind=sanction&sort=amount", "amount") == [
        "五万元以上二十万元以下", "二千元以下",
    ]  # fmt: skip
    assert cells(library, "kind=deadline&sort=day", "when") == [
        "于2026年6月30日前",
        "自收到通知之日起三十日内",
    ]
    assert cells(library, "kind=definition", "term") == ["渔民"]
    (relation,) = rows(library, "kind=relation")
    assert relation.cells["target"] == "《海川市渔业发展方案》(海府〔2026〕8号)"


def test_english_words_for_the_columns(library: FishLibrary) -> None:
    first = rows(library, "", "en")[0]
    assert first.cells == {
        "body": "Municipal Bureau of Transport", "role": "lead", "task": "Build fishing ports",
    }  # fmt: skip
    assert first.machine and first.english == "(Led by Transport.)"
    (output, ports) = rows(library, "kind=target", "en")
    assert output.cells["indicator"] == "fishery output"
    assert (output.cells["value"], output.cells["by_when"]) == ("RMB 56 billion", "2030")
    assert output.cells["place"] == "the whole city"
    assert ports.cells["indicator"] == "渔港"
    fine, second = rows(library, "kind=sanction", "en")
    assert fine.cells["amount"] == "RMB 50,000 to RMB 200,000"
    assert fine.cells["form"] == "fine"
    assert fine.cells["conduct"] == "Whoever fills in the sea is fined."
    assert second.cells["amount"] == "up to RMB 2,000"
    assert "超载" in second.cells["conduct"]
    assert cells(library, "kind=deadline", "when", "en") == ["by 2026-06-30", "within 30 days"]


@pytest.mark.parametrize(
    ("zh", "en"),
    [("罚款", "fine"), ("给予行政处分", "administrative disciplinary action"),
     ("五日以上十五日以下拘留", "detention"), ("拍卖", "")],
)  # fmt: skip
def test_forms_have_english_by_their_longest_known_ending(zh: str, en: str) -> None:
    assert term_in_english("form", zh) == en


def test_groups_keep_documents_and_bodies_together(library: FishLibrary) -> None:
    found = rows(library, "group=body")
    bodies = [row.cells["body"] for row in found]
    assert len(bodies) == 6
    assert [body for n, body in enumerate(bodies) if body not in bodies[:n]] == [
        *dict.fromkeys(sorted(bodies))
    ]
    assert [row.document.id for row in rows(library, "kind=deadline&group=document&sort=day")] == [
        "plan", "law",
    ]  # fmt: skip


# Files


def sheet_of(client: TestClient, query: str, headers: dict[str, str] = CHINESE) -> Any:
    got = client.get(f"/register/file/xlsx?{query}", headers=headers)
    assert got.status_code == 200
    assert got.headers["content-disposition"].endswith('.xlsx"')
    return openpyxl.load_workbook(io.BytesIO(got.content)).active


def test_a_workbook_has_exactly_the_rows_and_a_head(client: TestClient) -> None:
    sheet = sheet_of(client, "kind=sanction&sort=amount")
    head = [cell.value for cell in sheet[1]]
    assert head[:5] == ["形式", "金额或幅度", "情形", "对象", "实施机关"]
    table = [
        dict(zip(head, (cell.value for cell in row), strict=True))
        for row in sheet.iter_rows(min_row=2)
    ]
    assert [row["上限（元）"] for row in table] == [200_000, 2_000]
    assert table[0]["原文"] == "处五万元以上二十万元以下罚款"
    assert sheet.freeze_panes == "A2" and sheet.auto_filter.ref.startswith("A1:")
    assert sheet["A1"].font.bold and sheet.column_dimensions["C"].width > 40
    link = next(cell for cell in sheet[2] if cell.hyperlink)
    assert link.hyperlink.target.startswith("http://testserver/articles/law%23")
    assert len(list(sheet.iter_rows())) == 3


def test_a_file_of_filtered_rows_has_those_alone(client: TestClient) -> None:
    sheet = sheet_of(client, "body=fisheries&role=joint", ENGLISH)
    values = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]
    assert [row[0] for row in values] == ["Municipal Bureau of Fisheries"]
    text = client.get("/register/file/csv?body=市渔业局&role=joint").content.decode("utf-8")
    assert text.startswith("\ufeff")
    (row,) = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
    assert (row["单位"], row["分工"], row["文号"]) == ("市渔业局", "共同负责", "海府〔2026〕8号")
    assert row["链接"].startswith("http://testserver/articles/plan%23")


@pytest.mark.parametrize("form", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\n=1", "＝1+1"])
def test_words_that_look_like_a_formula_stay_words(library: FishLibrary, form: str) -> None:
    (row, *_) = rows(library, "")
    harmful = [Row(**{**vars(row), "cells": {**row.cells, "task": form}})]
    book = openpyxl.load_workbook(io.BytesIO(workbook_file(harmful, "duty", "zh", "http://x")))
    cell = book.active["C2"]
    assert cell.data_type == "s" and str(cell.value).strip() == form.strip()
    text = csv_file(harmful, "duty", "zh", "http://x").decode("utf-8").removeprefix("\ufeff")
    (held,) = csv.DictReader(io.StringIO(text))
    assert held["任务"] == f"'{form}"


def test_what_xml_cannot_hold_is_no_obstacle(library: FishLibrary) -> None:
    (row, *_) = rows(library, "")
    broken = [Row(**{**vars(row), "cells": {**row.cells, "task": "渔\x00港\ud800"}})]
    book = openpyxl.load_workbook(io.BytesIO(workbook_file(broken, "duty", "zh", "http://x")))
    assert book.active["C2"].value == "渔\ufffd港\ufffd"
    assert "渔\x00港?" in csv_file(broken, "duty", "zh", "http://x").decode("utf-8")


def event_of(data: bytes) -> Any:
    """The one event of a calendar."""
    (event,) = icalendar.Calendar.from_ical(data).walk("VEVENT")
    return event


def test_deadlines_with_a_date_are_a_calendar(client: TestClient) -> None:
    got = client.get("/register/file/ics?kind=deadline", headers=CHINESE)
    assert got.headers["content-type"].startswith("text/calendar")
    event = event_of(got.content)
    assert event["dtstart"].dt == date(2026, 6, 30)
    assert event["dtend"].dt == date(2026, 7, 1)
    assert "完成" in event["summary"] and "海府〔2026〕8号" in event["description"]
    assert event["url"].startswith("http://testserver/articles/plan%23")
    again = client.get("/register/file/ics?kind=deadline", headers=CHINESE)
    assert event_of(again.content)["uid"] == event["uid"]


@pytest.mark.parametrize(
    ("iso", "day"),
    [("2026-06-30", date(2026, 6, 30)), ("2026-02", date(2026, 2, 28)),
     ("2026", date(2026, 12, 31)), ("2026-02-30", None), ("", None)],
)  # fmt: skip
def test_a_month_or_a_year_ends_on_its_last_day(iso: str, day: date | None) -> None:
    assert last_day(iso) == day


def test_the_table_of_tasks_as_word(client: TestClient) -> None:
    got = client.get("/register/file/docx", headers=CHINESE)
    made = docx.Document(io.BytesIO(got.content))
    section: Any = made.sections[0]
    assert section.page_width > section.page_height
    (table,) = made.tables
    assert [cell.text for cell in table.rows[0].cells] == [
        "序号", "任务", "牵头单位", "配合单位", "完成时限", "依据",
    ]  # fmt: skip
    assert table.rows[0]._tr.xpath("./w:trPr/w:tblHeader")
    assert [[cell.text for cell in row.cells] for row in table.rows[1:]] == [
        ["1", "修建渔港", "市交通局", "市渔业局、市财政局", "于2026年6月30日前", "第二条"],
        ["2", "扶持合作社", "市渔业局、市财政局（共同负责）", "", "", "第三条"],
        ["3", "培养人才", "市人社局", "", "", "第四条"],
    ]
    assert made.paragraphs[0].text == "任务分解表"
    assert "海府〔2026〕8号" in made.paragraphs[1].text


def test_a_task_has_all_its_bodies_whoever_was_asked_for(library: FishLibrary) -> None:
    (task,) = tasks_of(rows(library, "body=市渔业局&role=support", "en"), library, "en")
    assert (task.task, task.lead) == ("Build fishing ports", "Municipal Bureau of Transport")
    assert task.support == "Municipal Bureau of Fisheries, 市财政局"
    assert task.by_when == "by 2026-06-30"


def test_files_that_there_are_not_and_too_many_rows(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    for address in ("pdf", "ics", "docx?kind=target", "xlsx/../../etc"):
        assert client.get(f"/register/file/{address}", headers=CHINESE).status_code == 404
    monkeypatch.setitem(register_files.MOST_ROWS, "docx", 5)
    got = client.get("/register/file/docx", headers=CHINESE)
    assert got.status_code == 413 and "6 行" in got.text


# The page


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", REGISTERS)
def test_the_page_shows_each_kind(client: TestClient, kind: str, language: Any) -> None:
    got = client.get(f"/register?kind={kind}&lang={language}")
    page = Page(got.text)
    assert got.status_code == 200
    assert say(language, f"register_{kind}") in page.text
    shown = [one for one in page.links if one.startswith("/articles/")]
    assert len(shown) == len(rows(FishLibrary(), f"kind={kind}"))
    files = [one for one in page.links if one.startswith("/register/file/")]
    assert {urlsplit(one).path.rsplit("/", 1)[1] for one in files} == {
        "xlsx", "csv", *(["docx"] if kind == "duty" else []),
        *(["ics"] if kind == "deadline" else []),
    }  # fmt: skip


def test_each_row_leads_to_its_article_with_the_quote_marked(client: TestClient) -> None:
    page = Page(client.get("/register?kind=definition", headers=CHINESE).text)
    (link,) = [one for one in page.links if one.startswith("/articles/")]
    article = client.get(link, headers=CHINESE)
    assert "<mark" in article.text
    assert "所称渔民" in article.text.partition("<mark")[2].partition("</mark>")[0]


def test_chinese_is_marked_on_the_english_page(client: TestClient) -> None:
    text = client.get("/register", headers=ENGLISH).text
    assert '<span lang="zh-Hans">市财政局</span>' in text
    assert "<span>Municipal Bureau of Fisheries</span>" in text
    assert '<p lang="zh-Hans">(市交通局牵头,市渔业局、市财政局配合)</p>' in text


def test_hostile_words_are_shown_as_they_are(own: FakeOwn) -> None:
    text = f"示范方案\n(一){HOSTILE}。建设。(市商务局)\n(二)报送{HOSTILE}。(市财政局牵头)\n"
    held = FishLibrary({"bad": parse_document(text, "bad")})
    server = FastAPI()
    add_pages(server, Collected(FakeAssistant(held), own))
    client = TestClient(server, headers=CHINESE)
    for address in ("/register", f"/register?q={HOSTILE}&body={HOSTILE}&document={HOSTILE}",
                    "/register?group=body"):  # fmt: skip
        page = client.get(address).text
        assert "<script>window" not in page and "<img src=x" not in page
    assert client.get("/register/file/docx").status_code == 200


def test_the_form_keeps_what_was_asked(client: TestClient) -> None:
    page = Page(client.get("/register?q=渔港&role=lead&document=plan&group=body").text)
    chosen = {one.get("value") for one in page.all("option") if "selected" in one}
    assert {"lead", "text", "body"} <= chosen
    assert next(one for one in page.all("input") if one.get("id") == "q")["value"] == "渔港"
    ticked = [one["value"] for one in page.all("input") if "checked" in one]
    assert ticked == ["plan"]
    kinds = [one for one in page.links if one.startswith("/register?kind=target")]
    assert kinds == ["/register?kind=target&document=plan"]


def test_long_registers_come_in_pages(own: FakeOwn) -> None:
    lines = [f"第{n}条 推进第{n}项工作。(市商务局)" for n in range(1, 121)]
    held = FishLibrary({"long": parse_document("示范条例\n" + "\n".join(lines), "long")})
    server = FastAPI()
    add_pages(server, Collected(FakeAssistant(held), own))
    client = TestClient(server, headers=CHINESE)
    first = Page(client.get("/register").text)
    assert len([one for one in first.links if one.startswith("/articles/")]) == 50
    assert "共 120 行，显示第 1 至 50 行" in first.text
    assert "/register?kind=duty&page=2" in first.links
    last = Page(client.get("/register?page=3").text)
    assert len([one for one in last.links if one.startswith("/articles/")]) == 20
    beyond = Page(client.get("/register?page=99").text)
    assert "第 3 页，共 3 页" in beyond.text
    csv_rows = client.get("/register/file/csv?page=3").text.count("\r\n") - 1
    assert csv_rows == 120


def test_who_may_only_ask_corrects_nothing(own: FakeOwn) -> None:
    server = FastAPI()
    add_pages(server, Collected(FakeAssistant(FishLibrary()), own))

    async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
        await server({**scope, "state": {"role": "ask"}}, receive, send)

    client = TestClient(guarded, headers=CHINESE)
    page = client.get("/register").text
    assert "/register/row" not in page
    assert client.get("/register/row?clause=x").status_code == 403
    assert client.post("/register/row", data={"action": "undo"}).status_code == 403
    assert needs_manager("POST", "/register/row") and not needs_manager("GET", "/register")
    assert as_reader(own).get("/register", headers=CHINESE).status_code == 200


def form_of(client: TestClient, query: str, place: int = 0) -> dict[str, str]:
    """The form of a row as a browser would send it, unchanged."""
    page = Page(client.get(f"/register?{query}").text)
    link = [one for one in page.links if one.startswith("/register/row")][place]
    page = Page(client.get(link).text)
    sent = {str(one["name"]): str(one.get("value") or "") for one in page.all("input")}
    if "<select" in client.get(link).text:
        sent["role"] = next(str(one["value"]) for one in page.all("option") if "selected" in one)
    return sent


def test_a_row_is_corrected(client: TestClient, own: FakeOwn) -> None:
    sent = form_of(client, "kind=duty&q=渔港", 1)
    assert (sent["unit"], sent["role"], sent["task"]) == ("市渔业局", "support", "修建渔港")
    done = client.post("/register/row", data={**sent, "unit": "市水产局", "action": "save"})
    assert done.status_code == 303
    assert done.headers["location"] == "/register?kind=duty&q=%E6%B8%94%E6%B8%AF"
    ((kept,),) = own.facts_corrected.kept.values()
    assert (kept.kind, kept.path, dict(kept.changes)) == ("duty", "二/(二)", {"unit": "市水产局"})
    # The lists have it once they are renewed.
    assert "有更正已保存" in client.get("/register").text


def test_the_form_goes_on_from_what_is_kept_and_not_from_the_lists(
    client: TestClient, own: FakeOwn
) -> None:
    first = form_of(client, "kind=duty&q=渔港", 1)
    client.post("/register/row", data={**first, "unit": "市水产局", "action": "save"})
    # The lists have the row as it was read; the form has it as it will be.
    sent = form_of(client, "kind=duty&q=渔港", 1)
    assert sent["unit"] == "市水产局"
    client.post("/register/row", data={**sent, "role": "joint", "action": "save"})
    ((kept,),) = own.facts_corrected.kept.values()
    assert dict(kept.changes) == {"unit": "市水产局", "role": "joint"}
    # As it was read: nothing is left to be corrected of it.
    client.post("/register/row", data={**sent, "unit": "市渔业局", "action": "save"})
    assert own.facts_corrected.kept == {"plan": ()}


def test_a_correction_that_was_undone_does_not_come_back(
    client: TestClient, own: FakeOwn, library: FishLibrary, tmp_path: Path
) -> None:
    sent = form_of(client, "kind=duty&q=渔港", 1)
    client.post("/register/row", data={**sent, "unit": "市水产局", "action": "save"})
    built = dict(own.facts_corrected.kept)
    write_facts(tmp_path / "facts", list(library.documents.values()), built)
    library.corrections = built
    library.__dict__["facts"] = Facts.open(tmp_path / "facts")
    assert cells(library, "kind=duty", "body")[1] == "市水产局"
    undo = {"action": "undo", "document": "plan", "key": sent["key"], "back": "/register"}
    client.post("/register/row", data=undo)
    again = form_of(client, "kind=duty&q=渔港", 1)
    assert (again["key"], again["unit"]) == (sent["key"], "市渔业局")
    client.post("/register/row", data={**again, "role": "joint", "action": "save"})
    ((kept,),) = own.facts_corrected.kept.values()
    assert dict(kept.changes) == {"role": "joint"}


def test_a_page_reads_only_documents_with_corrections_of_its_kind_and_once(
    client: TestClient, own: FakeOwn, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = form_of(client, "kind=sanction")
    client.post("/register/row", data={**sent, "action": "strike"})
    read: list[str] = []

    def reading(document: Document) -> tuple[Fact, ...]:
        read.append(document.id)
        return tuple(read_facts(document))

    register._facts_read.cache_clear()
    monkeypatch.setattr(register, "read_facts", reading)
    assert "有更正已保存" in client.get("/register?kind=duty").text and read == []
    for _ in range(2):
        assert "已删去的行：1" in client.get("/register?kind=sanction").text
    assert read == ["law"]


def test_a_form_sent_as_it_was_keeps_nothing(client: TestClient, own: FakeOwn) -> None:
    sent = form_of(client, "kind=target")
    assert client.post("/register/row", data={**sent, "action": "save"}).status_code == 303
    assert own.facts_corrected.kept == {}


def test_what_cannot_be_is_told_beside_its_field(client: TestClient, own: FakeOwn) -> None:
    sent = form_of(client, "kind=target")
    wrong = {
        **sent,
        "by_year": "next",
        "value_as_written": "many",
        "indicator": "",
        "action": "save",
    }
    got = client.post("/register/row", data=wrong)
    page = Page(got.text)
    assert got.status_code == 422 and own.facts_corrected.kept == {}
    assert "完成年份应为年份，如 2026" in page.text
    assert "指标不能为空" in page.text
    assert "目标值应为一个带单位的数" in page.text
    held = {str(one["name"]): one.get("value") for one in page.all("input")}
    assert held["by_year"] == "next"
    english = client.post("/register/row", data=wrong, headers=ENGLISH)
    assert "By which year must be a year like 2026" in english.text


def test_a_row_is_struck_out_and_restored(client: TestClient, own: FakeOwn) -> None:
    sent = form_of(client, "kind=sanction")
    assert client.post("/register/row", data={**sent, "action": "strike"}).status_code == 303
    page = client.get("/register?kind=sanction").text
    assert "已删去的行：1" in page and "擅自填海" in page
    assert "已删去的行" not in client.get("/register?kind=duty").text
    undo = {"action": "undo", "document": "law", "key": sent["key"], "back": "/register"}
    assert client.post("/register/row", data=undo).status_code == 303
    assert own.facts_corrected.kept == {"law": ()}


def test_a_correction_that_no_longer_holds_is_told(client: TestClient, own: FakeOwn) -> None:
    sent = form_of(client, "kind=sanction")
    client.post("/register/row", data={**sent, "conduct": "填湖", "action": "save"})
    ((kept,),) = own.facts_corrected.kept.values()
    own.facts_corrected.kept["law"] = (type(kept)(**{**vars(kept), "clause": "another text"}),)
    page = client.get("/register?kind=sanction").text
    assert "不再适用的更正：1" in page and "条文已有变动" in page


def test_rows_that_are_gone_and_forms_from_elsewhere(client: TestClient, own: FakeOwn) -> None:
    sent = form_of(client, "kind=duty")
    for change in ({"key": "0" * 16}, {"clause": "none#1"}, {"kind": "structure"}):
        got = client.post("/register/row", data={**sent, **change, "action": "save"})
        assert got.status_code == 404, change
    assert client.post("/register/row", data={**sent, "action": "burn"}).status_code == 400
    away = {**sent, "unit": "甲局", "back": "https://x.example/", "action": "save"}
    assert client.post("/register/row", data=away).headers["location"] == "/register"
    assert len(own.facts_corrected.kept) == 1


def test_without_a_library_nothing_is_corrected(library: FishLibrary) -> None:
    server = FastAPI()
    add_pages(server, Collected(FakeAssistant(library)))
    client = TestClient(server, headers=CHINESE)
    assert "/register/row" not in client.get("/register").text
    assert "没有保存文件的文库" in client.get("/register/row?clause=x").text


# Programs


@pytest.fixture
def program(library: FishLibrary) -> Iterator[TestClient]:
    assistant = FakeAssistant(library)
    line = QuestionLine(assistant)
    with TestClient(build_application(assistant, line), base_url="http://127.0.0.1") as made:
        yield made
    line.close()


def test_programs_get_the_same_rows_as_the_page(program: TestClient) -> None:
    got = program.get("/v1/register?kind=duty&body=fisheries&language=en&limit=1&offset=1").json()
    assert (got["kind"], got["total"], got["offset"]) == ("duty", 2, 1)
    (row,) = got["rows"]
    assert row["unit"] == "市渔业局" and row["cells"]["body"] == "Municipal Bureau of Fisheries"
    assert (row["label"], row["status"], row["corrected"]) == (
        "海府〔2026〕8号 第三条",
        "unknown",
        False,
    )
    assert row["zh"] == PLAN[row["start"] : row["end"]]


@pytest.mark.parametrize(
    ("query", "param"),
    [("kind=fine", "kind"), ("sort=amount", "sort"), ("document=none", "document"),
     ("limit=501", "limit"), ("offset=-1", "offset"), ("limit=x", "limit")],
)  # fmt: skip
def test_what_programs_ask_wrongly_is_refused(program: TestClient, query: str, param: str) -> None:
    got = program.get(f"/v1/register?{query}")
    assert got.status_code == 400
    assert got.json()["error"]["param"] == param
    assert program.get("/v1/register?collection=none").status_code == 404


def test_all_kinds_are_json(library: FishLibrary) -> None:
    for kind in REGISTERS:
        told = register_told(QueryParams(f"kind={kind}"), library)
        assert told["total"] == len(told["rows"]) == library.facts.counts()[kind]


def test_what_is_asked_makes_the_address_that_asks_it() -> None:
    asked = Wanted("duty", q="渔 港&", role="lead", documents=("a", "b"), sort="body", page=3)
    assert wanted(QueryParams(asked.query())) == asked
    assert "page" not in asked.query(page=1)
    assert Wording(FishLibrary(), "en").role("joint") == "jointly responsible"
