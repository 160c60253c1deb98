"""Comparing as a page, as a Word file with tracked changes, and for programs."""

from __future__ import annotations

import io
import re
import time
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from docx import Document as WordDocument
from docx.oxml.ns import qn
from fakes_app import HOSTILE, FakeAssistant, FakeLibrary
from fakes_compared import NEW, OLD, compared_documents
from fastapi import FastAPI
from fastapi.testclient import TestClient

from index.compare.compare import compare
from index.compare.model import Comparison
from index.documents.model import Document, Rendition, Sentence
from index.documents.parse import parse_document
from index.facts.corrections import corrects
from index.facts.model import Target
from index.facts.query import Facts
from index.facts.store import write_facts
from rag.schema import Language
from rag.web.assistants import Collected
from rag.web.checking.checker import Checker
from rag.web.pages import compared as page
from rag.web.pages.compared_word import word_comparison
from rag.web.pages.routes import add_pages
from rag.web.programs.completions import add_routes
from rag.web.queue import QuestionLine
from rag.web.texts import say

LANGUAGES: tuple[Language, ...] = ("zh", "en")
HEADERS = {"zh": {"accept-language": "zh-CN"}, "en": {"accept-language": "en"}}
NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)


@pytest.fixture
def library() -> FakeLibrary:
    return FakeLibrary(compared_documents())


@pytest.fixture
def client(library: FakeLibrary) -> Iterator[TestClient]:
    server = FastAPI()
    assistant = FakeAssistant(library)
    collected = Collected(assistant)
    line = QuestionLine(assistant)
    add_routes(server, collected, line, Checker(collected))
    add_pages(server, collected)
    with TestClient(server, follow_redirects=False) as made:
        yield made
    line.close()


def text_of(html: str) -> str:
    inner = html.split("<main", 1)[1].split("</main>")[0]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", inner))


def test_the_page_offers_documents_and_the_texts_of_one(client: TestClient) -> None:
    shown = client.get("/compare", headers=HEADERS["zh"])
    assert shown.status_code == 200
    assert shown.text.count("<option") == 2 * (1 + 4)
    assert 'href="/compare?old=old&amp;new=new"' in shown.text
    assert "海川市渔港办法（2020年） 海政发〔2020〕7号" in shown.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_changed_stands_in_one_line_each(client: TestClient, language: Language) -> None:
    html = client.get("/compare?old=old&new=new", headers=HEADERS[language]).text
    wanted = {
        "zh": [
            "第六条移至第二条", "新增第三条", "第二条改为第四条；文字有修改；30日 → 十五个工作日",
            "第三条改为第五条；文字有修改；五万元 → 十万元；三至五年 → 四至五年", "删除第四条",
            "第五条拆分为第六条、第七条",
        ],
        "en": [
            "Article 6 was moved and is now Article 2", "Article 3 was added",
            "Article 2 is now Article 4; its words were edited; 30日 → 十五个工作日",
            "Article 4 was removed", "Article 5 was split into Article 6 and Article 7",
        ],
    }  # fmt: skip
    told = text_of(html)
    assert [line for line in wanted[language] if line not in told] == []
    # Not by colour alone: the marks are elements, and are said to who does not see them.
    removed = say(language, "compare_removed_from")
    assert f'<del><span class="unseen">{removed}</span>30日<span' in html
    assert "</span>十五个工作日<span" in html.split("<ins>", 1)[1]
    assert say(language, "compare_number_amount") in told
    # Articles that read the same are not shown until asked for.
    assert "为了发展渔业" not in told
    every = client.get("/compare?old=old&new=new&show=all", headers=HEADERS[language])
    assert "为了发展渔业" in text_of(every.text)


def test_lines_lead_to_the_rows_on_their_page(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page, "ROWS_ON_A_PAGE", 3)
    first = client.get("/compare?old=old&new=new").text
    last = client.get("/compare?old=old&new=new&page=3").text
    links = re.findall(r'<li><a href="([^"]*#r\d+)"', first)
    assert links[0] == "#r1" and links[-1].startswith("/compare?old=old&amp;new=new&amp;page=3#r")
    assert f'id="{links[-1].partition("#")[2]}"' in last
    assert first.count('<section class="row"') == 3 and 'aria-current="page"' in last


@pytest.mark.parametrize("language", LANGUAGES)
def test_plans_are_shown_by_targets_and_tasks(client: TestClient, language: Language) -> None:
    html = client.get("/compare?old=sea&new=hills", headers=HEADERS[language]).text
    told = text_of(html)
    assert say(language, "compare_hardly", share="%").partition("%")[0] in told
    over, reaches = (say(language, f"compare_comparator_{one}") for one in ("over", "equal"))
    amounts = {"zh": ("560亿元", "80亿元"), "en": ("RMB 56 billion", "RMB 8 billion")}[language]
    assert f"{reaches} {amounts[0]}" in told and f"{over} {amounts[1]}" in told
    assert told.index("修建渔港") < told.index("完善渔港设施") < told.index("培训船员")
    assert say(language, "compare_role_lead") in told
    assert say(language, "compare_nothing_like_it") in told
    articles = client.get("/compare?old=sea&new=hills&view=articles", headers=HEADERS[language])
    assert "<ins>" in articles.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_articles_are_shown_where_plans_are_too_many(
    client: TestClient, language: Language, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.compare.plans.MOST_PAIRS", 1)
    page._beside.cache_clear()
    for view in ("", "&view=plans"):
        shown = client.get(f"/compare?old=sea&new=hills{view}", headers=HEADERS[language])
        told = {"zh": "行过多，无法比较", "en": "rows are too many to be compared"}[language]
        assert shown.status_code == 200 and told in text_of(shown.text) and "<ins>" in shown.text
    got = client.get("/v1/compare?old=sea&new=hills").json()
    assert got["rows"] and got["plans"] is None and "rows are too many" in got["plans_fault"]


def test_plans_have_facts_as_they_are_corrected(library: FakeLibrary) -> None:
    sea, hills = library.documents["sea"], library.documents["hills"]
    before = page.planned(sea, hills, library)
    (target,) = library.facts.find(Target, documents=["sea"])
    clause = library.clause(target.clause_id)
    kept = replace(corrects(target, clause), changes={"value_as_written": "700亿元"})
    with TemporaryDirectory() as folder:
        write_facts(Path(folder) / "facts", [sea, hills], {"sea": [kept]})
        library.__dict__["facts"] = Facts.open(Path(folder) / "facts")
        again = page.planned(sea, hills, library)
    values = [one.targets[0].old.value_as_written for one in (before, again) if one.targets[0].old]
    assert values == ["560亿元", "700亿元"]


def test_a_comparison_is_made_once_however_many_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    made = []

    def slow(old: Document, new: Document) -> Comparison:
        made.append(old.id)
        time.sleep(0.05)
        return compare(old, new)

    monkeypatch.setattr(page, "_compared", lru_cache(slow))
    held = compared_documents()
    with ThreadPoolExecutor(4) as pool:
        asked = [pool.submit(page.compared, held["old"], held["new"]) for _ in range(4)]
    assert len({id(one.result()) for one in asked}) == 1 and made == ["old"]


def test_english_renditions_are_laid_over_each_other(
    library: FakeLibrary, monkeypatch: pytest.MonkeyPatch
) -> None:
    english = {
        "old#第二条": "Decide within 30 days.",
        "new#第四条": "Decide within 15 working days.",
    }

    def rendition(clause_id: str) -> Rendition | None:
        text = english.get(clause_id)
        return Rendition(clause_id, "Decisions", (Sentence("", text),)) if text else None

    monkeypatch.setattr(library, "rendition", rendition)
    asked = page.Asked("old", "new")
    html = page.compare_html(library, asked, "en", NOW.date())
    assert say("en", "compare_english") in html and "15 working" in html
    assert say("zh", "compare_english") not in page.compare_html(library, asked, "zh", NOW.date())


@pytest.mark.parametrize(
    ("query", "status", "key"),
    [
        ("old=gone&new=new", 404, "document_unknown"),
        ("old=new&new=new", 200, "compare_same"),
        ("old=%3Cscript%3E&new=new", 404, "document_unknown"),
    ],
)
def test_what_cannot_be_compared_is_said(
    client: TestClient, query: str, status: int, key: str
) -> None:
    shown = client.get(f"/compare?{query}", headers=HEADERS["en"])
    assert shown.status_code == status
    assert say("en", key, id="").partition(" here;")[0][-10:] in text_of(shown.text)
    assert 'role="alert"' in shown.text and "<script>" not in shown.text.split("</main>")[0]


def test_documents_lead_to_comparing(client: TestClient) -> None:
    shown = client.get("/documents/new", headers=HEADERS["en"]).text
    assert 'href="/compare?old=old&amp;new=new"' in shown
    assert 'href="/compare?new=new"' in shown
    assert 'href="/compare?old=' not in client.get("/documents/sea").text


def test_hostile_text_stays_text(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = (f"办法\n第一条 {HOSTILE}甲。\n", f"办法\n第一条 {HOSTILE}乙。\n")
    documents = [parse_document(text, name) for name, text in zip("ab", texts, strict=True)]
    library = FakeLibrary({one.id: one for one in documents})
    monkeypatch.setattr(library, "rendition", lambda clause_id: None)
    html = page.compare_html(library, page.Asked("a", "b"), "zh", NOW.date())
    assert "<script>" not in html and "&lt;script&gt;" in html


def lines_of(data: bytes, kept: str, dropped: str) -> list[str]:
    """The paragraphs of a Word file once all its changes are accepted, or all rejected."""
    body = WordDocument(io.BytesIO(data)).element.body
    lines: list[str] = [""]
    for paragraph in body.iter(qn("w:p")):
        for said in paragraph.iter(qn("w:t"), qn("w:delText")):
            above = {one.tag for one in said.iterancestors()}
            if qn(dropped) not in above:
                lines[-1] += said.text or ""
        mark = paragraph.find(f"{qn('w:pPr')}/{qn('w:rPr')}/{qn(dropped)}")
        if mark is None:
            lines.append("")
    return [line for line in lines if line]


def test_the_word_file_holds_both_texts() -> None:
    documents = compared_documents()
    found = page.compared(documents["old"], documents["new"])
    data = word_comparison(found, ("甲", "乙"), "zh", NOW)
    new = lines_of(data, "w:ins", "w:del")
    old = lines_of(data, "w:del", "w:ins")
    assert new[0] == old[0] == "海川市渔港办法"
    # Behind the title stand three lines on the file itself.
    plain = [text.replace(",", "，").splitlines() for text in (NEW, OLD)]
    assert [line.replace(",", "，") for line in new[4:]] == plain[0]
    assert [line.replace(",", "，") for line in old[4:]] == plain[1]
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        xml = archive.read("word/document.xml").decode()
    numbers = re.findall(r'<w:(?:ins|del) w:id="(\d+)"', xml)
    assert len(numbers) > 20 and len(set(numbers)) == len(numbers)
    assert 'w:date="2026-03-04T12:00:00Z"' in xml and "<w:delText" in xml


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_word_file_is_a_download(client: TestClient, language: Language) -> None:
    given = client.get("/compare/word?old=old&new=new", headers=HEADERS[language])
    assert given.status_code == 200 and "attachment" in given.headers["content-disposition"]
    made = WordDocument(io.BytesIO(given.content))
    told = [paragraph.text for paragraph in made.paragraphs]
    assert told[1].startswith(say(language, "compare_word_old", name="")[:5])
    assert client.get("/compare/word?old=old&new=gone").status_code == 404


def test_programs_are_told_the_same(client: TestClient) -> None:
    told = client.get("/v1/compare", params={"old": "海政发〔2020〕7号", "new": "new"}).json()
    assert told["counts"]["split"] == 1 and told["old"]["id"] == "old"
    assert told["plans"]["targets"] == []
    assert next(row["numbers"] for row in told["rows"] if row["numbers"])[0]["old"] == "30日"
    refused = client.get("/v1/compare", params={"old": "none", "new": "new"})
    assert refused.status_code == 400 and "No document none" in refused.json()["error"]["message"]
    assert client.get("/v1/compare", params={"old": "old"}).status_code == 400
