"""The digest: what is new, amended, about to lapse, gone, and due soon."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pytest
from fakes_app import FakeAssistant, FakeLibrary
from fakes_library import FakeOwn, library_with_documents
from fastapi import FastAPI
from fastapi.testclient import TestClient
from test_pages import Page

from index.documents.model import Document
from index.documents.parse import parse_document
from index.documents.versions import told_apart
from rag.web.assistants import Collected
from rag.web.pages.digest import MOST, Added, Item, sections
from rag.web.pages.routes import add_pages
from rag.web.texts import LANGUAGES

TODAY = date(2026, 11, 28)


def held(**texts: str) -> FakeLibrary:
    documents: Sequence[Document] = [parse_document(text, key) for key, text in texts.items()]
    return FakeLibrary({one.id: one for one in told_apart(documents)})


def digest(
    library: FakeLibrary, added: dict[str, str] | None = None, today: date = TODAY
) -> dict[str, list[Item]]:
    origins = {"starting": "https://docs.example/a"}
    known = {key: Added(at, origins.get(key, "")) for key, at in (added or {}).items()}
    found = sections(library, known, "zh", today)
    return {one.key: list(one.items) for one in found}


def titles(items: list[Item]) -> list[str]:
    return [item.title for item in items]


OLD = (
    "海川市渔港办法\n海府〔2020〕3号\n2020年3月1日\n第一条 管理渔港。\n"
    "第二条 本办法自2020年4月1日起施行。\n"
)
ENDING = (
    "海川市补贴办法\n海府〔2024〕5号\n2024年3月1日\n第一条 发放补贴。\n"
    "第二条 本办法自2024年4月1日起施行,有效期至2027年1月31日。\n"
)
OVER = ENDING.replace("补贴办法", "奖励办法").replace("2027年1月31日", "2025年1月31日")
STARTING = (
    "海川市船舶办法\n海府〔2026〕9号\n2026年11月1日\n第一条 船东应当于2027年1月15日前登记。\n"
    "第二条 本办法自2027年1月1日起施行。\n"
)
REPEALING = (
    "海川市港口办法\n海府〔2026〕10号\n2026年11月10日\n第一条 管理港口。\n"
    "第二条 本办法自2026年12月1日起施行。《海川市渔港办法》(海府〔2020〕3号)同时废止。\n"
)


def test_what_lapses_starts_and_is_due_soon() -> None:
    found = digest(held(ending=ENDING, over=OVER, starting=STARTING))
    assert titles(found["ending"]) == ["海川市补贴办法"]
    assert found["ending"][0].notes == ("2027-01-31 · 还有 64 天",)
    assert titles(found["expired"]) == ["海川市奖励办法"]
    assert titles(found["starting"]) == ["海川市船舶办法"]
    due = [(item.day, item.notes[1]) for item in found["deadlines"]]
    assert ("2027-01-15", "船东：登记") in due
    # A document that is over has nothing due.
    assert all("奖励" not in item.title for item in found["deadlines"])


@pytest.mark.parametrize(
    ("today", "soon"),
    [(date(2026, 11, 1), False), (date(2026, 11, 2), True), (date(2027, 1, 31), True),
     (date(2027, 2, 1), False)],
)  # fmt: skip
def test_soon_is_ninety_days(today: date, soon: bool) -> None:
    assert bool(digest(held(ending=ENDING), today=today)["ending"]) is soon


def test_what_is_new_by_its_day_or_by_when_it_was_added() -> None:
    library = held(starting=STARTING, ending=ENDING)
    assert titles(digest(library)["new"]) == ["海川市船舶办法"]
    found = digest(library, {"ending": "2026-11-20T01:02:03+00:00"})["new"]
    assert titles(found) == ["海川市补贴办法", "海川市船舶办法"]
    assert found[0].notes == ("2026-11-20 收录",)
    assert digest(library, {"ending": "2026-01-01T00:00:00+00:00"})["new"] == found[1:]
    fetched = digest(library, {"starting": "2026-11-21T00:00:00+00:00"})["new"]
    assert fetched[0].notes[0] == "2026-11-21 收录 · 来自 https://docs.example/a"


def test_what_another_document_repeals_or_replaces() -> None:
    found = digest(held(old=OLD, repealing=REPEALING))["repealed"]
    assert titles(found) == ["海川市渔港办法"]
    assert found[0].notes == ("被 海川市港口办法 海府〔2026〕10号 废止 · 2026-12-01",)
    newer = OLD.replace("2020", "2025")
    found = digest(held(old=OLD, newer=newer))["repealed"]
    assert [(item.status, item.number) for item in found] == [("superseded", "海府〔2020〕3号")]
    assert "2025-04-01" in found[0].notes[0]


def test_long_lists_are_cut_and_say_how_many_there_are() -> None:
    texts = {f"d{n}": OVER.replace("海川市", f"第{n}海川市") for n in range(MOST + 5)}
    (own,) = [one for one in sections(held(**texts), {}, "en", TODAY) if one.key == "expired"]
    assert (own.count, len(own.items), own.more) == (MOST + 5, MOST, "/library?status=expired")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_in_both_languages(language: str) -> None:
    server = FastAPI()
    library = held(old=OLD, ending=ENDING, over=OVER, starting=STARTING, repealing=REPEALING)
    own: FakeOwn = library_with_documents()
    add_pages(server, Collected(FakeAssistant(library), own))
    client = TestClient(server)
    got = client.get(f"/digest?lang={language}")
    page = Page(got.text)
    assert got.status_code == 200
    assert [one.get("id") for one in page.all("section")] == [
        "new", "changed", "starting", "ending", "deadlines", "repealed", "expired",
    ]  # fmt: skip
    assert {"/digest", "/register"} <= set(page.links)
    if language == "en":
        assert '<a href="/documents/over" lang="zh-Hans">海川市奖励办法</a>' in got.text
