"""Who changed what, as a page and as CSV: for managers alone, by document and by day."""

from __future__ import annotations

import csv
import html
import io
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from fakes_collections import TAX, World, add, started
from fastapi import FastAPI
from fastapi.testclient import TestClient

from index.library.audit import AUDIT, Audit, Change, acting, note_rows
from index.library.collections import Collections
from index.library.named import library_name
from index.records.database import Database
from rag.schema import Language
from rag.web.access import Access
from rag.web.guard import Guard
from rag.web.pages.audit import ON_A_PAGE, Wanted, _Audit, wanted
from rag.web.pages.routes import add_pages
from rag.web.pages.unknown import UnknownError
from rag.web.texts import LANGUAGES, say

ASK, MANAGE = "correct horse battery", "stapled by the manager"
MANAGER = {"authorization": f"Bearer {MANAGE}"}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with started(tmp_path_factory.mktemp("world")) as made:
        with acting(person="li", subject="sub-li", address="192.0.2.7"):
            add(made.collections.get().library, TAX, "税务办法.txt")
        with acting(address="192.0.2.8", by="token"):
            made.collections.create("=HYPERLINK(1)", False)
        yield made


@pytest.fixture
def client(world: World) -> TestClient:
    server = FastAPI()
    add_pages(server, world.collected)
    server.add_middleware(Guard, access=Access(ASK, MANAGE))
    return TestClient(server, base_url="http://127.0.0.1", headers=MANAGER)


def table(text: str) -> list[list[str]]:
    assert text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(text[1:])))


def test_it_is_for_managers_alone(client: TestClient) -> None:
    for path in ("/audit", "/audit/file.csv"):
        asking = client.get(path, headers={"authorization": f"Bearer {ASK}"})
        assert (asking.status_code, client.get(path).status_code) == (403, 200)


@pytest.mark.parametrize("language", LANGUAGES)
def test_changes_are_told_in_words(client: TestClient, language: Language) -> None:
    page = client.get("/audit", params={"lang": language}).text
    head, *rows = table(client.get("/audit/file.csv", params={"lang": language}).text)
    assert head[1] == say(language, "audit_who")
    assert [row[2] for row in rows] == [
        say(language, f"audit_action_{one}") for one in ("collection_made", "add", "upload")
    ]
    # Its English title may have been made by now.
    assert rows[1][1] == "li" and rows[1][3]
    assert language == "en" or "示范市税务办法" in rows[1][3]
    token = say(language, "audit_who_token")
    assert rows[0][1] == f"{say(language, 'audit_who_address')} 192.0.2.8 ({token})"
    assert rows[1][4] == say(language, "collection_default")
    assert "=HYPERLINK(1)" in rows[0][5] and not any(
        cell[:1] == "=" for row in rows for cell in row
    )
    assert "sub-li" in rows[1][5] and "192.0.2.7" in rows[1][5]
    assert page.count('<tr role="row">') == 4 and "192.0.2.8" in page
    assert '<a href="/documents/' in page and 'href="/audit/file.csv?"' not in page


def test_by_document_and_by_day(client: TestClient) -> None:
    today, before = date.today().isoformat(), (date.today() - timedelta(1)).isoformat()
    for query, rows in (
        ({"document": "税务"}, 2),
        ({"document": "税务办法.TXT"}, 2),
        ({"document": "nothing such"}, 0),
        ({"day": today}, 3),
        ({"day": before}, 0),
        ({"day": today, "document": "示范市"}, 2),
    ):
        found = table(client.get("/audit/file.csv", params=query).text)
        assert len(found) - 1 == rows, query
    page = client.get("/audit", params={"document": "<zz>", "lang": "en"}).text
    assert say("en", "audit_none") in page and "<zz>" not in page


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("path", "named"),
    [
        ("/audit?day=yesterday", "day=yesterday"),
        ("/audit?day=2026-02-30", "day=2026-02-30"),
        ("/audit/file.csv?page=0", "page=0"),
        ("/audit?who=li", "who"),
        ("/register?kind=poem", "kind=poem"),
        ("/register?sort=fast", "sort=fast"),
        ("/register?role=boss", "role=boss"),
        ("/register?year=26", "year=26"),
        ("/register?group=1", "group=1"),
        ("/register?page=-1", "page=-1"),
        ("/register?colour=red", "colour"),
        ("/register/file/csv?kind=poem", "kind=poem"),
        ("/digest?days=7", "days"),
    ],
)
def test_what_there_is_not_is_refused_in_one_line(
    client: TestClient, path: str, named: str, language: Language
) -> None:
    reply = client.get(path, headers=MANAGER | {"accept-language": language})
    name, _, value = named.partition("=")
    key = "query_unknown" if value else "query_field_unknown"
    assert reply.status_code == 400
    assert say(language, key, name=name, value=value) in reply.text


@pytest.mark.parametrize(
    "path",
    ["/register?kind=target&year=2025&sort=day&body=&role=&page=1", "/register?q=&lang=en",
     "/digest?lang=zh&collection=", "/register?kind=deadline&sort=day&group=document"],
)  # fmt: skip
def test_what_there_is_is_not(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 200


def test_many_changes_are_told_in_pages(tmp_path: Path) -> None:
    audit = Audit(tmp_path)
    for n in range(3):
        audit.note("add", f"d{n}")
    with (tmp_path / AUDIT).open("ab") as file:
        file.write(b'{"time": "2026-01-02T03:04:05+00:00", "who": {"add\n')
        file.write(b"[]\n\xff\n")
        old = {"time": "2020-01-02T12:00:00+00:00", "who": {}, "action": "new kind of thing"}
        file.write(json.dumps(old).encode() + b"\n")
    first, *others = audit.changes()
    assert (first.action, first.document) == ("new kind of thing", "")
    assert [one.document for one in others] == ["d2", "d1", "d0"]
    noon = datetime(2020, 1, 2, 12, tzinfo=UTC).astimezone().date()
    assert [one.action for one in audit.changes(noon)] == ["new kind of thing"]
    assert list(Audit(tmp_path / "none").changes()) == []
    assert wanted({"page": "2"}).page == 2
    with pytest.raises(UnknownError):
        wanted({"page": "x"})


@pytest.mark.parametrize(("noted", "page", "shown"), [(0, 1, 0), (200, 3, 100), (201, 3, 1)])
def test_a_page_after_the_last_is_the_last(
    world: World, tmp_path: Path, noted: int, page: int, shown: int
) -> None:
    assert ON_A_PAGE == 100
    records = Database(tmp_path / "records.sqlite")
    library = library_name(tmp_path / "library")
    rows = [
        {"time": "2026-01-02T03:04:05.000+00:00", "who": {}, "action": "add",
         "collection": "default", "document": f"d{n}"}
        for n in range(noted)
    ]  # fmt: skip
    records.prepare()
    note_rows(records, library, rows)
    note_rows(records, "another", [{**row, "document": "x"} for row in rows])
    collections = Collections(tmp_path / "library", records=records)
    pages = _Audit(world.collected, collections)
    for asked in (page, page + 5):
        told, number, total = pages.page(Wanted(page=asked), "en")
        assert (len(told), total) == (shown, noted)
        assert number == min(asked, max(1, -(-noted // 100)))
    if told:
        assert told[-1].document == "d0"
    collections.close()


@pytest.mark.parametrize("language", LANGUAGES)
def test_changes_that_cannot_be_read_are_told_in_one_sentence(
    client: TestClient, world: World, monkeypatch: pytest.MonkeyPatch, language: Language
) -> None:
    def unreadable(day: date | None = None) -> Iterator[Change]:
        raise PermissionError(13, "Permission denied", "/srv/library/audit.jsonl")
        yield

    monkeypatch.setattr(world.collections, "changes", unreadable)
    for path in ("/audit", "/audit/file.csv"):
        reply = client.get(path, headers=MANAGER | {"accept-language": language})
        assert reply.status_code == 503
        told = say(language, "audit_unreadable", reason="Permission denied")
        assert told in html.unescape(reply.text)
        assert "/srv" not in reply.text
