"""Bringing documents in from addresses and folders: page, route, command line, who may."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import typer
from fakes_app import FakeAssistant
from fakes_library import FakeOwn
from fakes_network import PUBLIC, Internet, answer, internet, sent_on
from fastapi import FastAPI
from fastapi.testclient import TestClient
from test_app import free_port, run_main
from test_pages import Page
from typer.testing import CliRunner

import app
from index.__main__ import app as index_commands
from index.documents.sidecar import Metadata
from index.library import fetch
from index.library.library import Library
from index.library.sources import MOST_AT_ONCE, Sources
from index.library.watched import FolderTold, FolderWatch, WatchedFolder
from rag.web.access import Access
from rag.web.assistants import Collected
from rag.web.queue import QuestionLine
from rag.web.server import build_application
from rag.web.texts import LANGUAGES, say

TEXT = "示范市数字商务办法\n第一条 为了发展数字商务。\n第二条 本办法自2025年3月1日起施行。\n"
PAGES = {
    "/a.txt": answer(TEXT.encode(), kind="text/plain"),
    "/b": sent_on("/a.txt"),
    "/broken.txt": answer(TEXT.encode(), kind="text/plain"),
    "/secret": sent_on("http://127.0.0.1/secret"),
    "/script": answer(
        b"<!doctype html><html><head><script>location='http://127.0.0.1/'</script></head>"
        b"<body><noscript></noscript><script>document.write(1)</script></body></html>"
    ),
    "/told": answer(
        b"<!doctype html><html><body><script>window.harmed = 1</script>"
        + f"<p>{'</p><p>'.join(TEXT.split())}</p></body></html>".encode()
    ),
}
HOST = "http://docs.example"
MANAGE = "manager's-own-token"


@pytest.fixture
def net() -> Iterator[Internet]:
    with internet(PAGES) as made:
        yield made


@pytest.fixture
def sources(net: Internet, tmp_path: Path) -> Sources:
    return Sources(tmp_path, ["docs.example"], fetcher=net.fetcher())


def client_of(sources: Sources | None, own: Library, access: Access | None = None) -> TestClient:
    assistant = FakeAssistant()
    collected = Collected(assistant, own, sources=sources)
    line = QuestionLine(assistant)
    server: FastAPI = build_application(assistant, line, access, None, collected)
    line.close()
    return TestClient(server, base_url="http://127.0.0.1", follow_redirects=False)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_form_names_the_hosts_and_leads_to_the_preview(sources: Sources, language: str) -> None:
    own = FakeOwn()
    client = client_of(sources, own)
    page = Page(client.get(f"/library/add?lang={language}").text)
    (form,) = [one for one in page.all("form") if one.get("action") == "/library/import"]
    assert form.get("method") == "post"
    assert "docs.example" in page.text
    sent = client.post("/library/import", data={"address": f"{HOST}/b"})
    assert (sent.status_code, sent.headers["location"]) == (303, "/library/previews/own-1")
    assert own.waiting["own-1"].origin == f"{HOST}/a.txt"
    shown = Page(client.get(f"/library/previews/own-1?lang={language}").text)
    assert f"{HOST}/a.txt" in shown.text
    own.confirm("own-1", Metadata())
    assert f"{HOST}/a.txt" in Page(client.get("/library/documents/own-1").text).text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("address", "words"),
    [
        (f"{HOST}/secret", {"en": "sends on to another page", "zh": "转到另一网页"}),
        (f"{HOST}/broken.txt", {"en": "holds no text", "zh": "holds no text"}),
        ("http://other.example/a", {"en": "not among the hosts", "zh": "不在允许抓取的网站"}),
        ("javascript:alert(1)", {"en": "begins with http", "zh": "开头的地址"}),
        ('http://x.example/"><script>alert(1)</script>', {"en": "not among", "zh": "不在"}),
    ],
)
def test_what_is_refused_is_said_beside_the_address(
    sources: Sources, net: Internet, address: str, words: dict[str, str], language: str
) -> None:
    client = client_of(sources, FakeOwn())
    sent = client.post(f"/library/import?lang={language}", data={"address": address})
    page = Page(sent.text)
    assert sent.status_code == 422
    assert words[language] in page.text
    assert "<script>alert" not in sent.text
    (field,) = [one for one in page.all("input") if one.get("id") == "address"]
    assert field.get("value") == address
    assert net.untouched()


def test_nothing_is_sent_or_nothing_allowed(tmp_path: Path, net: Internet) -> None:
    own = FakeOwn()
    sources = Sources(tmp_path, fetcher=net.fetcher())
    client = client_of(sources, own)
    assert client.post("/library/import", data={"address": " "}).status_code == 400
    page = Page(client.get("/library/add?lang=en").text)
    assert "--import-host NAME" in page.text and "sources.json" in page.text
    assert not [one for one in page.all("form") if one.get("action") == "/library/import"]
    told = client.post("/v1/documents", json={"address": f"{HOST}/a.txt"})
    assert told.status_code == 400
    assert "start with --import-host NAME" in told.json()["error"]["message"]
    assert (net.looked_up, net.outside.asked, own.staged) == ([], [], [])
    # The owner allows it in the file, while the chat runs.
    (tmp_path / "sources.json").write_text('{"hosts": ["docs.example"]}')
    assert client.post("/v1/documents", json={"address": f"{HOST}/a.txt"}).status_code == 200
    (tmp_path / "sources.json").write_text("{")
    assert client.post("/v1/documents", json={"address": f"{HOST}/a.txt"}).status_code == 503
    assert "sources.json" in Page(client.get("/library/add?lang=zh").text).text
    assert client_of(None, own).post("/v1/documents", json={"address": HOST}).status_code == 400


def test_programs_bring_documents_in_and_cannot_confirm_them(
    sources: Sources, net: Internet
) -> None:
    own = FakeOwn()
    client = client_of(sources, own)
    got = client.post("/v1/documents", json={"address": f"{HOST}/a.txt"}).json()
    assert got["title"] == "示范市数字商务办法"
    assert (got["origin"], got["articles"]) == (f"{HOST}/a.txt", 3)
    assert client.get(got["page"]).status_code == 200
    assert own.held() == ()
    for body, status in (
        ({"address": f"{HOST}/secret"}, 400),
        ({"address": f"{HOST}/a.txt", "collection": "none"}, 404),
        ({"address": f"{HOST}/a.txt", "confirm": True}, 400),
        ({}, 400),
    ):
        refused = client.post("/v1/documents", json=body)
        assert (refused.status_code, bool(refused.json()["error"]["message"])) == (status, True)
    assert net.untouched()


def test_only_who_manages_brings_documents_in(sources: Sources, net: Internet) -> None:
    client = client_of(sources, FakeOwn(), Access("asking-with-this", MANAGE))
    asking = {"authorization": "Bearer asking-with-this"}
    address = {"address": f"{HOST}/a.txt"}
    for headers, status in ((asking, 403), ({}, 401)):
        told = client.post("/v1/documents", headers=headers, json=address)
        assert told.status_code == status
        told = client.post("/library/import", headers=headers, data=address)
        assert told.status_code == status
    elsewhere = {"origin": "http://evil.example"}
    sent_by_page = client.post(
        "/library/import", data={"address": f"{HOST}/a.txt"}, headers=elsewhere
    )
    assert sent_by_page.status_code == 403
    assert (net.looked_up, net.outside.asked) == ([], [])
    managing = {"authorization": f"Bearer {MANAGE}"}
    done = client.post("/v1/documents", json={"address": f"{HOST}/a.txt"}, headers=managing)
    assert done.status_code == 200


def test_a_page_is_read_as_an_upload_is_and_its_scripts_are_not_run(
    sources: Sources, net: Internet, tmp_path: Path
) -> None:
    own = Library(tmp_path / "own")
    try:
        client = client_of(sources, own)
        refused = client.post("/v1/documents", json={"address": f"{HOST}/script"})
        assert refused.status_code == 400
        assert "no text" in refused.json()["error"]["message"]
        got = client.post("/v1/documents", json={"address": f"{HOST}/told"}).json()
        assert got["title"] == "示范市数字商务办法"
        assert "harmed" not in own.preview(got["id"]).document.source
        own.confirm(got["id"], Metadata())
        again = client.post("/v1/documents", json={"address": f"{HOST}/told"})
        assert "which is held already" in again.json()["error"]["message"]
        assert own.held()[0].origin == f"{HOST}/told"
        assert net.untouched()
    finally:
        own.close()


def test_too_many_at_once_are_refused(sources: Sources) -> None:
    for _ in range(MOST_AT_ONCE):
        sources._fetching.acquire()
    client = client_of(sources, FakeOwn())
    told = client.post("/v1/documents", json={"address": f"{HOST}/a.txt"}).json()
    assert "try again in a minute" in told["error"]["message"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_folders_are_shown_with_what_they_refused(
    sources: Sources, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = WatchedFolder(Path("/srv/<b>notices"), confirm=True)
    refused = tuple(
        (f"<i>{n}.txt", f"<i>{n}.txt is empty: give a file with the text of a document.")
        for n in range(60)
    )
    fault = "The watched folder /srv/x cannot be read (gone); make it, or take it off the list."
    monkeypatch.setattr(Sources, "told", lambda *_: (FolderTold(folder, 3, 2, refused, fault),))
    client = client_of(sources, FakeOwn())
    got = client.get(f"/library/add?lang={language}").text
    page = Page(got)
    assert "/srv/<b>notices" in page.text and "<i>1.txt" in page.text
    assert "<b>" not in got and "<i>" not in got
    assert say("en" if language == "en" else "zh", "watched_more", count=10) in page.text
    told = Page(client.get(f"/digest?lang={language}").text).text
    assert say("en" if language == "en" else "zh", "digest_refused", count=60) in told


def test_the_digest_tells_what_waits_to_those_who_manage(sources: Sources) -> None:
    own = FakeOwn()
    own.stage("a.txt", TEXT.encode(), f"{HOST}/a.txt")
    told = say("en", "digest_waiting", count=1)
    assert told in client_of(sources, own).get("/digest?lang=en").text
    asking = client_of(sources, own, Access("asking-with-this", MANAGE))
    shown = asking.get("/digest?lang=en", headers={"authorization": "Bearer asking-with-this"})
    assert shown.status_code == 200 and told not in shown.text


def test_the_command_brings_addresses_in(
    net: Internet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetch, "Fetcher", net.fetcher)
    library = tmp_path / "library"
    command = ["import", f"{HOST}/a.txt", f"{HOST}/secret", "--library", str(library)]
    bare = CliRunner().invoke(index_commands, command)
    assert bare.exit_code == 1
    assert all("--import-host NAME" in json.loads(row)["error"] for row in bare.stdout.splitlines())
    assert net.looked_up == []
    done = CliRunner().invoke(index_commands, [*command, "--import-host", "docs.example"])
    rows = [json.loads(row) for row in done.stdout.splitlines()]
    assert (done.exit_code, rows[0]["title"]) == (1, "示范市数字商务办法")
    assert "127.0.0.1 is not among the hosts" in rows[1]["error"]
    assert "1 of 2 addresses failed" in done.stderr
    own = Library(library)
    try:
        assert [one.origin for one in own.previews()] == [f"{HOST}/a.txt"]
        busy = CliRunner().invoke(index_commands, [*command, "--import-host", "docs.example"])
        assert busy.exit_code == 1 and "another server uses" in busy.stderr
    finally:
        own.close()
    assert net.untouched() and set(net.backend.connected) == {PUBLIC}


def test_the_watch_is_for_the_collection_that_it_is_given(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_text(TEXT)
    own = FakeOwn()
    watch = FolderWatch(WatchedFolder(tmp_path / "in"), lambda: own, tmp_path / "notes.json")
    for _ in range(2):
        watch.poll()
    assert own.staged == [("a.txt", len(TEXT.encode()))]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--import-host", "*"], "error: * is no host to fetch from: write example.org"),
        (["--watch", "LIBRARY/in"], "cannot be watched, for the library itself lies in it"),
    ],
)
def test_options_that_are_none_end_the_start_in_a_line(
    options: list[str], words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = [one.replace("LIBRARY", str(tmp_path)) for one in options]
    arguments = ["--port", str(free_port()), "--library", str(tmp_path), *given]
    code, _, lines = run_main(arguments, monkeypatch)
    assert (code, len(lines)) == (1, 1)
    assert words in lines[0]


def test_a_served_chat_watches_its_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.txt").write_text(TEXT)
    seen: list[str] = []

    def serve(*given: Any) -> None:
        begin, collected, observers, _ = given[-4:]
        assert observers == []
        begin(None)
        library = collected.get().library
        until = time.monotonic() + 60
        while not library.held() and time.monotonic() < until:
            time.sleep(0.05)
        seen.extend(one.origin for one in library.held())
        assert [str(one) for one in collected.sources.hosts()] == ["docs.example"]

    loaded = SimpleNamespace(prepare=lambda: None, generator=SimpleNamespace(name="none"))
    monkeypatch.setattr("rag.answer.assistant.load_assistant", lambda *_: loaded)
    monkeypatch.setattr("rag.web.upkeep.keep_up", lambda *_: None)
    monkeypatch.setattr(app, "serve", serve)
    monkeypatch.setattr("index.library.sources.POLL_SECONDS", 0.05)
    commands = typer.Typer(add_completion=False)
    commands.command()(app.main)
    options = ["--watch-confirmed", str(folder), "--import-host", "docs.example", "--no-feedback"]
    arguments = ["--port", str(free_port()), "--library", str(tmp_path / "library"), *options]
    done = CliRunner().invoke(commands, arguments)
    assert done.exit_code == 0, done.output
    assert seen == [str(folder / "a.txt")]
