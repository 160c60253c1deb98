"""Every change of a document is noted: who made it, of what, and before it is made."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fakes_index import HashEncoder
from fastapi import FastAPI
from fastapi.testclient import TestClient

from index.documents.given import Given
from index.errors import RecordsFault, StoreFault
from index.library.audit import AUDIT, Audit, acting, changes
from index.library.collections import Collections
from index.library.library import Metadata
from index.records.database import Database
from index.search.build import build_index
from index.search.store import ClauseIndex
from rag.web.access import Access
from rag.web.guard import Guard

TEXT = "示范市水务条例\n第一条 为了节约用水，制定本条例。\n第二条 用水大户应当每年报告。\n"
ASK, MANAGE = "correct horse battery", "stapled by the manager"


@pytest.fixture
def collections(tmp_path: Path) -> Iterator[Collections]:
    held = Collections(tmp_path / "library")
    yield held
    held.close()


def rows(tmp_path: Path) -> list[dict[str, Any]]:
    path = tmp_path / "library" / AUDIT
    lines = path.read_text("ascii").splitlines() if path.exists() else ()
    return [json.loads(line) for line in lines]


def told(tmp_path: Path) -> list[tuple[str, ...]]:
    return [(row["collection"], row["action"], row.get("document", "")) for row in rows(tmp_path)]


def test_each_change_is_noted_with_what_it_was(tmp_path: Path, collections: Collections) -> None:
    assert rows(tmp_path) == []
    library = collections.get().library
    with acting(address="192.0.2.7", session="ab12"):
        key = library.stage("水.txt", TEXT.encode(), origin="http://example.org/1").id
        library.confirm(key, Metadata(title_en="Water"))
        other = library.stage("b.txt", f"{TEXT}第三条 略。\n".encode()).id
        library.discard(other)
    library.change(key, Metadata(title_en="On water"))
    library.remove(key)
    assert told(tmp_path) == [
        ("default", "upload", key), ("default", "add", key), ("default", "upload", other),
        ("default", "discard", other), ("default", "metadata", key), ("default", "remove", key),
    ]  # fmt: skip
    first, *_, last = rows(tmp_path)
    assert first["who"] == {"address": "192.0.2.7", "session": "ab12"}
    assert (first["file"], first["origin"]) == ("水.txt", "http://example.org/1")
    assert len(first["sha256"]) == 64 and first["time"] <= last["time"]
    assert last["who"] == {"program": "tiaowen"}
    text = (tmp_path / "library" / AUDIT).read_text("ascii")
    assert "Water" not in text and json.dumps("节约用水")[1:-1] not in text
    assert (tmp_path / "library" / AUDIT).stat().st_mode & 0o077 == 0


def test_corrections_of_documents_are_noted_wherever_they_are_held(
    tmp_path: Path, collections: Collections
) -> None:
    (tmp_path / "built-in.txt").write_text(TEXT, encoding="utf-8")
    build_index([tmp_path / "built-in.txt"], tmp_path / "index", HashEncoder())
    index = ClauseIndex.open(tmp_path / "index", HashEncoder())
    library = collections.get().library
    library._corrected.start(index)
    clause = index.clauses[0]
    library.english_given.keep("built-in", Given(clause.path, clause.body, "Water."))
    assert told(tmp_path) == [("default", "english", "built-in")]


def test_a_collection_that_was_removed_has_its_changes_noted_still(
    tmp_path: Path, collections: Collections
) -> None:
    made = collections.create("Water", False)
    key = made.library.stage("水.txt", TEXT.encode()).id
    made.library.confirm(key, Metadata())
    collections.rename(made.id, "Waters")
    collections.remove(made.id, with_documents=True)
    assert [(where, action) for where, action, _ in told(tmp_path)] == [
        ("default", "collection made"), (made.id, "upload"), (made.id, "add"),
        ("default", "collection renamed"), ("default", "collection removed"),
    ]  # fmt: skip
    last = rows(tmp_path)[-1]
    assert (last["removed"], last["documents"]) == (made.id, [key])


def test_what_cannot_be_noted_is_not_done(
    tmp_path: Path, collections: Collections, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = collections.get().library
    key = library.stage("水.txt", TEXT.encode()).id

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(os, "fsync", full)
        with pytest.raises(StoreFault, match="No space left"):
            library.confirm(key, Metadata())
    assert [one.id for one in library.previews()] == [key] and library.held() == ()
    library.confirm(key, Metadata())
    assert [one.id for one in library.held()] == [key]


def test_changes_go_to_a_database_of_records(tmp_path: Path, database: Database) -> None:
    held = Collections(tmp_path / "library", records=database)
    key = held.get().library.stage("水.txt", TEXT.encode()).id
    held.get().library.confirm(key, Metadata())
    made = held.create("Water", False)
    other = made.library.stage("b.txt", TEXT.encode()).id
    noted = [(row["collection"], row["action"], row.get("document")) for row in changes(database)]
    assert noted == [
        ("default", "upload", key), ("default", "add", key),
        ("default", "collection made", None), (made.id, "upload", other),
    ]  # fmt: skip
    assert rows(tmp_path) == []
    held.close()


def test_what_the_database_cannot_note_is_not_done(tmp_path: Path) -> None:
    away = Database("postgresql://a@127.0.0.1:1/b")
    first = Collections(tmp_path / "library")
    key = first.get().library.stage("水.txt", TEXT.encode()).id
    first.close()
    held = Collections(tmp_path / "library", records=away)
    library = held.get().library
    with pytest.raises(RecordsFault, match="does not answer"):
        library.confirm(key, Metadata())
    with pytest.raises(RecordsFault, match="does not answer"):
        library.stage("b.txt", f"{TEXT}第三条 略。\n".encode())
    assert [one.id for one in library.previews()] == [key] and library.held() == ()
    held.close()


def test_half_a_line_that_a_crash_left_stands_alone(tmp_path: Path) -> None:
    own = Audit(tmp_path)
    own.note("add", "a")
    with (tmp_path / AUDIT).open("ab") as file:
        file.write(b'{"time": "20')
    own.note("add", "b")
    lines = (tmp_path / AUDIT).read_text("ascii").splitlines()
    assert len(lines) == 3 and lines[1] == '{"time": "20'
    assert [json.loads(lines[at])["document"] for at in (0, 2)] == ["a", "b"]


def test_who_sends_a_request_is_who_makes_its_changes(
    tmp_path: Path, collections: Collections
) -> None:
    server = FastAPI()
    library = collections.get().library

    @server.post("/library/plain")
    def plain() -> str:  # in a thread of the framework's
        return library.stage("a.txt", TEXT.encode()).id

    server.add_middleware(Guard, access=Access(ASK, MANAGE))
    client = TestClient(server, base_url="http://127.0.0.1", client=("192.0.2.1", 50000))

    def send(token: str) -> Any:
        return client.post("/library/plain", headers={"authorization": f"Bearer {token}"})

    assert send(ASK).status_code == 403
    assert rows(tmp_path) == []
    reply = send(MANAGE)
    assert reply.status_code == 200
    client.post("/sign-in", data={"token": MANAGE}, follow_redirects=False)
    library.discard(reply.json())
    client.post("/library/plain", headers={"origin": "http://127.0.0.1"})
    first, second, third = rows(tmp_path)
    assert first["who"] == {"address": "192.0.2.1", "by": "token"}
    assert second["who"] == {"program": "tiaowen"}
    assert third["who"]["address"] == "192.0.2.1" and len(third["who"]["session"]) == 16
    assert MANAGE not in (tmp_path / "library" / AUDIT).read_text("ascii")
