"""A writer that was replaced, and does not know it yet: nothing of its successor's is touched."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest
from fakes_collections import until
from fakes_index import HashEncoder

from index.documents.parse import parse_document
from index.documents.sidecar import Metadata
from index.errors import NotWriterFault
from index.library.collections import Collections
from index.library.library import STATE, Library
from index.library.shelf import Shelf
from index.search.build import build_index
from index.search.generation import read_manifest
from index.search.store import ClauseIndex

TEXT = "示范市数据条例\n第一条 为了发展数据市场，制定本条例。\n第二条 本条例自公布之日起施行。\n"


class Claimed:
    """The right to write, until the test takes it away."""

    held = True

    def check(self) -> None:
        if not self.held:
            raise NotWriterFault("not-writer")

    @contextmanager
    def publishing(self) -> Iterator[None]:
        self.check()
        yield


def test_a_replaced_writer_takes_nothing_from_its_successor(tmp_path: Path) -> None:
    claim = Claimed()
    before = Shelf(tmp_path, claim=claim)
    first = before.begin("a.txt", ".txt", b"one", (), mark="5eed00000000")
    after = Shelf(tmp_path, claim=Claimed())
    again = after.begin("a.txt", ".txt", b"one", (), mark="5eed00000000")
    claim.held = False
    late = before.begin("a.txt", ".txt", b"late", (), mark="5eed00000000")
    assert first.id == again.id == late.id
    document = parse_document(TEXT, again.id)
    with pytest.raises(NotWriterFault):
        before.keep(late, document)
    before.drop(late)
    kept = after.keep(again, document)
    assert kept.upload.read_bytes() == b"one"
    assert list(Shelf(tmp_path, claim=Claimed()).previews) == [again.id]
    assert list((tmp_path / "incoming").iterdir()) == []


def test_a_replaced_writer_takes_no_index_out_of_service(tmp_path: Path) -> None:
    (tmp_path / "base.txt").write_text(TEXT, "utf-8")
    build_index([tmp_path / "base.txt"], tmp_path / "base", HashEncoder())
    base = ClauseIndex.open(tmp_path / "base", HashEncoder())
    claim, folder = Claimed(), tmp_path / "library"
    # Opened while the library was empty, and late.
    before = Library(folder, shelf=partial(Shelf, claim=claim))
    after = Library(folder, shelf=partial(Shelf, claim=Claimed()))
    after.start(base, lambda index: None)
    preview = after.stage("b.txt", TEXT.replace("数据", "物流").encode())
    after.confirm(preview.id, Metadata())
    until(lambda: [one.state for one in after.held()] == ["searchable"])
    after.close()
    claim.held = False
    before.start(base, lambda index: None)
    until(lambda: before.fault() is not None or not read_manifest(folder / "index"))
    before.close()
    assert before.fault() == NotWriterFault("not-writer").notice
    assert read_manifest(folder / "index")
    assert (folder / "index" / STATE).exists()


def test_what_was_replaced_or_removed_is_spared_and_goes_without_a_further_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.library.library.RETRY_SECONDS", 0.1)
    (tmp_path / "base.txt").write_text(TEXT, "utf-8")
    build_index([tmp_path / "base.txt"], tmp_path / "base", HashEncoder())
    base = ClauseIndex.open(tmp_path / "base", HashEncoder())
    library = Library(tmp_path / "library", shelf=partial(Shelf, claim=Claimed()))
    library.start(base, lambda index: None)

    def generations() -> int:
        return len(list((tmp_path / "library" / "index").glob("generation-*")))

    try:
        keys = []
        for word in ("物流", "气象"):
            preview = library.stage(f"{word}.txt", TEXT.replace("数据", word).encode())
            keys.append(library.confirm(preview.id, Metadata()).id)
            until(lambda: {one.state for one in library.held()} == {"searchable"})
        assert generations() == 2
        monkeypatch.setattr("index.library.shelf.SPARED_SECONDS", 0.3)
        until(lambda: generations() == 1)
        monkeypatch.setattr("index.library.shelf.SPARED_SECONDS", 60.0)
        for key in keys:
            library.remove(key)
        until(lambda: not library.held())
        assert generations() >= 1 and not read_manifest(tmp_path / "library" / "index")
        monkeypatch.setattr("index.library.shelf.SPARED_SECONDS", 0.3)
        until(lambda: generations() == 0)
    finally:
        library.close()


def test_a_removed_collection_that_servers_share_is_spared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.library.shelf.SPARED_SECONDS", 1.0)
    collections = Collections(tmp_path, claim=Claimed())
    try:
        made = collections.create("税务", with_builtin=False)
        collections.remove(made.id)
        assert len(list((tmp_path / "collections").glob(".removed-*"))) == 1
        until(lambda: not list((tmp_path / "collections").glob(".removed-*")))
    finally:
        collections.close()
