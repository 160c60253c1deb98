"""A library that several servers share: one writes, all follow, and what is asked is done once."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from fakes_index import HashEncoder

from index.documents.sidecar import Metadata
from index.errors import CollectionFault, DocumentFault, NotNowFault, StoreFault
from index.facts.model import Duty
from index.library.audit import acting, changes
from index.library.collections import Collections, Serve
from index.library.library import Library
from index.library.several import SharedCollections
from index.records.database import Database
from index.search.build import build_index
from index.search.store import ClauseIndex

BASE = "示范市外贸办法\n第一条 支持外贸企业。\n第二条 外贸资金由市商务部门设立。\n"
SECONDS = 3.0


def text_of(number: int) -> bytes:
    text = f"示范{number}号办法\n第一条 制定本办法。\n第二条 举办{number}场活动，由商务局负责。\n"
    return text.encode()


def until(holds: Callable[[], object], seconds: float = 120.0) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@dataclass
class Server:
    """What a server has of the library, and which indexes it has come to serve."""

    collections: SharedCollections
    serving: dict[str, ClauseIndex] = field(default_factory=dict)

    @property
    def library(self) -> Library:
        return self.collections.get().library

    def serves(self, document_id: str) -> bool:
        return document_id in self.serving["default"].documents


class Site:
    """Servers on one folder, with records in one file."""

    def __init__(self, folder: Path, below: Path, stack: ExitStack) -> None:
        self.folder, self.records = folder / "library", folder / "records.sqlite"
        self._below, self._stack = below, stack

    def begin(self, seconds: float = SECONDS) -> Server:
        """Start one more; another takes the writer's place after so many seconds of silence."""
        server = Server(SharedCollections(self.folder, Database(self.records), seconds))
        server.collections.start(
            ClauseIndex.open(self._below, HashEncoder()), server.serving.__setitem__
        )
        self._stack.callback(server.collections.close)
        return server


@pytest.fixture(scope="module")
def below(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of one document, as the built-in ones have."""
    folder = tmp_path_factory.mktemp("below")
    (folder / "base.txt").write_text(BASE, "utf-8")
    build_index([folder / "base.txt"], folder / "index", HashEncoder())
    return folder / "index"


@pytest.fixture
def site(tmp_path: Path, below: Path) -> Iterator[Site]:
    with ExitStack() as stack:
        yield Site(tmp_path, below, stack)


def test_one_of_them_writes_and_an_upload_on_any_is_found_on_all(site: Site) -> None:
    servers = [site.begin() for _ in range(3)]
    until(lambda: sum(one.collections.writes for one in servers) == 1)
    follower = next(one for one in servers if not one.collections.writes)
    with acting(address="192.0.2.7"):
        preview = follower.library.stage("办法1.txt", text_of(1))
    assert preview.document.source == text_of(1).decode()
    for one in servers:
        assert [each.id for each in one.library.previews()] == [preview.id]
        assert one.library.uploads() == 1
    held = follower.library.confirm(preview.id, Metadata(title_en="Measures 1"))
    assert held.metadata.title_en == "Measures 1"
    until(lambda: all(one.serves(held.id) for one in servers))
    for one in servers:
        assert [(each.id, each.state) for each in one.library.held()] == [(held.id, "searchable")]
        assert one.library.previews() == ()
        assert one.serving["default"].documents[held.id].title_en == "Measures 1"
    noted = [one for one in changes(Database(site.records)) if one["action"] == "upload"]
    assert [one["who"] for one in noted] == [{"address": "192.0.2.7"}]
    servers[0].library.remove(held.id)
    until(lambda: not any(one.serves(held.id) for one in servers))
    until(lambda: all(not one.library.held() for one in servers))
    assert list((site.folder / "intake").iterdir()) == []


def test_faults_come_back_to_who_asked(site: Site) -> None:
    servers = [site.begin() for _ in range(2)]
    for one in servers:
        with pytest.raises(DocumentFault, match="PDF"):
            one.library.stage("leer.pdf", b"%PDF-1.4 nothing")
        with pytest.raises(DocumentFault):
            one.library.confirm("none", Metadata())
        with pytest.raises(DocumentFault):
            one.library.preview("none")
    first = servers[0].library.stage("办法1.txt", text_of(1))
    servers[1].library.confirm(first.id, Metadata())
    with pytest.raises(DocumentFault, match="same text"):
        servers[1].library.stage("办法1 (copy).txt", text_of(1))


def test_corrections_made_on_two_servers_at_once_are_all_kept(site: Site) -> None:
    from index.documents.given import Given

    servers = [site.begin() for _ in range(2)]
    preview = servers[0].library.stage("办法1.txt", text_of(1))
    servers[0].library.confirm(preview.id, Metadata())
    until(lambda: all(one.serves(preview.id) for one in servers))
    (sentence, *_) = [
        one for one in servers[0].serving["default"].facts.find(Duty, documents=[preview.id])
    ]
    assert sentence.unit == "商务局"

    def give(server: Server, names: list[str]) -> None:
        for name in names:
            given = Given("第二条", name, f"English of {name}.", "reviewed")
            server.library.english_given.keep(preview.id, given)

    threads = [
        threading.Thread(target=give, args=(one, [f"句子{n}{k}。" for k in range(4)]))
        for n, one in enumerate(servers)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for one in servers:
        assert len(one.library.english_given.all()[preview.id]) == 8


def test_collections_are_made_named_and_removed_on_any(site: Site) -> None:
    first, second = site.begin(), site.begin()
    made = second.collections.create("税务", with_builtin=False)
    until(lambda: made.id in first.serving and made.id in second.serving)
    assert [one.name for one in first.collections.all()] == ["", "税务"]
    with pytest.raises(CollectionFault):
        first.collections.create("税务", with_builtin=False)
    library = first.collections.get(made.id).library
    key = library.confirm(library.stage("办法2.txt", text_of(2)).id, Metadata()).id
    until(lambda: all(key in one.serving[made.id].documents for one in (first, second)))
    assert set(second.serving[made.id].documents) == {key}
    first.collections.rename(made.id, "海关")
    until(lambda: [one.name for one in second.collections.all()] == ["", "海关"])
    with pytest.raises(CollectionFault):
        second.collections.remove(made.id)
    second.collections.remove(made.id, with_documents=True)
    until(lambda: len(first.collections.all()) == 1)


def test_another_goes_on_at_once_when_the_writer_is_stopped(site: Site) -> None:
    first = site.begin(1000)
    until(lambda: first.collections.writes)
    second = site.begin(1000)
    key = second.library.confirm(second.library.stage("办法1.txt", text_of(1)).id, Metadata()).id
    until(lambda: second.serves(key))
    first.collections.close()
    second.library.confirm(second.library.stage("办法2.txt", text_of(2)).id, Metadata())
    assert second.collections.writes and second.serves(key)


def test_a_server_that_would_be_alone_is_kept_out_and_keeps_out(site: Site) -> None:
    alone = Collections(site.folder)
    with pytest.raises(StoreFault, match="another server uses"):
        SharedCollections(site.folder, Database(site.records))
    alone.close()
    site.begin()
    with pytest.raises(StoreFault, match="another server uses"):
        Collections(site.folder)


def test_what_cannot_be_started_is_closed_and_left_to_the_next(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = Collections.start
    failed: list[Collections] = []

    def start_once(collections: Collections, index: ClauseIndex, serve: Serve) -> None:
        start(collections, index, serve)
        if not failed:
            failed.append(collections)
            raise RuntimeError("a collection that cannot be started")

    monkeypatch.setattr(Collections, "start", start_once)
    server = site.begin()
    until(lambda: server.collections.writes)
    with pytest.raises(NotNowFault):
        failed[0].get().library.stage("办法1.txt", text_of(1))
    assert server.library.stage("办法1.txt", text_of(1)).file_name == "办法1.txt"
