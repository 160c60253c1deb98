"""Backup and restore: all is there again, nothing is restored from a damaged archive, none lost."""

from __future__ import annotations

import gzip
import io
import json
import os
import shutil
import sqlite3
import tarfile
import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from fakes_index import HashEncoder
from typer.testing import CliRunner

from index.__main__ import app as commands
from index.errors import StoreFault
from index.library import backup
from index.library.archived import archive_at, checked
from index.library.backup import Places, backed_up, restored, usual_places
from index.library.collections import Collections
from index.library.library import Library, Metadata
from index.library.shelf import Shelf
from index.search.build import build_index
from index.search.generation import read_manifest
from index.search.store import ClauseIndex
from rag.web.feedback.store import default_path

TEXT = "示范市水务条例\n第一条 为了节约用水，制定本条例。\n第二条 用水大户应当每年报告。\n"


def silent(stage: str, done: int, total: int) -> None:
    """Progress for nobody."""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `places` copies: it takes seconds to make."""
    folder = tmp_path_factory.mktemp("made")
    (folder / "水.txt").write_text(TEXT, encoding="utf-8")
    build_index([folder / "水.txt"], folder / "a" / "index", HashEncoder())
    collections = Collections(folder / "a" / "library")
    for number in (1, 2):
        add(collections.get().library, number)
    collections.get().library.stage("等.txt", text(3).encode())
    add(collections.create("Water", False).library, 4)
    collections.close()
    with closing(sqlite3.connect(folder / "a" / "said.db")) as database:
        database.execute("CREATE TABLE said (verdict TEXT)")
        database.execute("INSERT INTO said VALUES ('right')")
        database.commit()
    return folder


@pytest.fixture
def places(made: Path, tmp_path: Path) -> Places:
    """An index of one document, a library with two and a collection with one, and judgements."""
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    own = tmp_path / "a"
    return Places(own / "index", own / "library", own / "said.db")


def text(number: int) -> str:
    return f"{TEXT}第三条 本条例分为{number}个部分，由第{number}处解释。\n"


def add(library: Library, number: int) -> str:
    preview = library.stage(f"{number}.txt", text(number).encode())
    return library.confirm(preview.id, Metadata(title_en=f"Rules {number}")).id


def elsewhere(tmp_path: Path) -> Places:
    return Places(
        tmp_path / "b" / "index", tmp_path / "b" / "own" / "library", tmp_path / "b" / "s"
    )


def files_of(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name != ".lock"
    }


def test_all_that_was_backed_up_is_there_again(tmp_path: Path, places: Places) -> None:
    before = ClauseIndex.open(places.index, HashEncoder())
    told = backed_up(tmp_path / "kept.tar.gz", places)
    assert (told.index, told.documents, told.judgements) == (True, 3, True)
    there = elsewhere(tmp_path)
    assert restored(tmp_path / "kept.tar.gz", there) == told
    after = ClauseIndex.open(there.index, HashEncoder())
    assert after.name == before.name
    assert after.dense_search(["用水"], k=5) == before.dense_search(["用水"], k=5)
    kept = {name: data for name, data in files_of(places.library).items() if data or "/." in name}
    assert files_of(there.library) == kept
    again, first = Collections(there.library), Collections(places.library)
    for old, new in zip(first.all(), again.all(), strict=True):
        assert replace(old, library=new.library) == new
        assert old.library.held() == new.library.held()
        assert old.library.previews() == new.library.previews()
    again.close()
    first.close()
    with closing(sqlite3.connect(there.feedback)) as database:
        assert database.execute("SELECT * FROM said").fetchall() == [("right",)]


def test_a_build_after_a_restore_embeds_nothing_again(tmp_path: Path, places: Places) -> None:
    backed_up(tmp_path / "kept.tar.gz", places)
    there = elsewhere(tmp_path)
    restored(tmp_path / "kept.tar.gz", there)
    encoder = HashEncoder()
    report = build_index([tmp_path / "水.txt"], there.index, encoder)
    assert encoder.encoded == []
    assert report.name == ClauseIndex.open(places.index, HashEncoder()).name


def test_who_may_read_what_is_restored_is_as_before(tmp_path: Path, places: Places) -> None:
    places.feedback.chmod(0o600)
    backed_up(tmp_path / "kept.tar.gz", places)
    there = elsewhere(tmp_path)
    restored(tmp_path / "kept.tar.gz", there)
    assert there.feedback.stat().st_mode == places.feedback.stat().st_mode
    for folder, other in ((places.index, there.index), (places.library, there.library)):
        for path in folder.rglob("*"):
            again = other / path.relative_to(folder)
            # Folders of a library are shut off by its own.
            if (
                path.name != ".lock"
                and again.exists()
                and (path.is_file() or folder != places.library)
            ):
                assert again.stat().st_mode == path.stat().st_mode, path
    assert there.library.stat().st_mode & 0o077 == 0


def test_an_archive_is_for_its_owner_alone(tmp_path: Path, places: Places) -> None:
    backed_up(tmp_path / "kept.tar.gz", places)
    assert (tmp_path / "kept.tar.gz").stat().st_mode & 0o077 == 0
    assert [one.name for one in tmp_path.iterdir() if one.name.startswith(".")] == []


def rewritten(archive: Path, change: Callable[[str, bytes], tuple[str, bytes] | None]) -> None:
    """Change the members of an archive one by one; None leaves one out."""
    made = io.BytesIO()
    with tarfile.open(archive) as old, tarfile.open(fileobj=made, mode="w:gz") as new:
        for info in old:
            file = old.extractfile(info)
            assert file is not None
            if changed := change(info.name, file.read()):
                info.name, data = changed
                info.size = len(data)
                new.addfile(info, io.BytesIO(data))
    archive.write_bytes(made.getvalue())


def other_byte(name: str, data: bytes) -> tuple[str, bytes]:
    same = not name.endswith("clauses.jsonl") or not data
    return name, data if same else bytes([data[0] ^ 1]) + data[1:]


def one_missing(name: str, data: bytes) -> tuple[str, bytes] | None:
    return None if name.endswith("renditions.jsonl") else (name, data)


def leads_out(name: str, data: bytes) -> tuple[str, bytes]:
    return name.replace("library/", "library/../../", 1), data


def without_contents(name: str, data: bytes) -> tuple[str, bytes] | None:
    return None if name == "contents.json" else (name, data)


@pytest.mark.parametrize("change", [other_byte, one_missing, leads_out, without_contents])
def test_nothing_is_restored_from_a_changed_archive(
    tmp_path: Path,
    places: Places,
    change: Callable[[str, bytes], tuple[str, bytes] | None],
) -> None:
    archive = tmp_path / "kept.tar.gz"
    backed_up(archive, places)
    rewritten(archive, change)
    there = elsewhere(tmp_path)
    with pytest.raises(StoreFault, match="no whole backup"):
        restored(archive, there)
    assert not (tmp_path / "b").exists()


def test_nothing_is_restored_from_an_archive_that_was_cut_short(
    tmp_path: Path, places: Places
) -> None:
    archive = tmp_path / "kept.tar.gz"
    backed_up(archive, places)
    data = archive.read_bytes()
    whole = gzip.decompress(data)
    # In the middle of the packed data; before the contents; within the sum at the end; no data.
    packed = (gzip.compress(whole[: whole.rindex(b"contents.json")]), data[: len(data) // 2])
    for cut in (*packed, data[:-4], b"", b"x" * 99):
        archive.write_bytes(cut)
        with pytest.raises(StoreFault, match="no whole backup"):
            restored(archive, elsewhere(tmp_path))
    assert not (tmp_path / "b").exists()


def test_what_breaks_off_leaves_the_archive_of_before(
    tmp_path: Path, places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = tmp_path / "kept.tar.gz"
    backed_up(archive, places)
    before = archive.read_bytes()

    def full(database: Path, scratch: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(backup, "_snapshot", full)
    with pytest.raises(StoreFault, match="No space left"):
        backed_up(archive, places)
    assert archive.read_bytes() == before
    assert [one.name for one in tmp_path.iterdir() if one.name.startswith(".")] == []


def test_a_restore_that_breaks_off_leaves_the_index_of_before(
    tmp_path: Path, places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = tmp_path / "kept.tar.gz"
    backed_up(archive, places)
    there = elsewhere(tmp_path)
    (tmp_path / "other.txt").write_text(text(9), encoding="utf-8")
    build_index([tmp_path / "other.txt"], there.index, HashEncoder())
    before = files_of(tmp_path / "b")

    def full(folder: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(backup, "settle_all", full)
    with pytest.raises(StoreFault, match="No space left"):
        restored(archive, there)
    assert files_of(tmp_path / "b") == before


def test_who_has_the_index_open_goes_on_while_another_is_restored(
    tmp_path: Path, places: Places
) -> None:
    archive = tmp_path / "kept.tar.gz"
    backed_up(archive, places)
    there = elsewhere(tmp_path)
    (tmp_path / "other.txt").write_text(text(9), encoding="utf-8")
    build_index([tmp_path / "other.txt"], there.index, HashEncoder())
    opened = ClauseIndex.open(there.index, HashEncoder())
    found = opened.dense_search(["用水"], k=5)
    restored(archive, there)
    assert opened.dense_search(["用水"], k=5) == found
    assert opened.facts.all() == opened.facts.all()
    assert ClauseIndex.open(there.index).documents.keys() != opened.documents.keys()


def test_an_index_of_the_same_name_that_is_damaged_is_mended(
    tmp_path: Path, places: Places
) -> None:
    archive = tmp_path / "kept.tar.gz"
    backed_up(archive, places)
    manifest = read_manifest(places.index)
    assert manifest
    broken = next((places.index / manifest["generation"]).glob("*/clauses.jsonl"))
    broken.unlink()  # another index may have the same file
    broken.write_bytes(b"")
    with pytest.raises(StoreFault):
        ClauseIndex.open(places.index)
    there = elsewhere(tmp_path)
    restored(archive, Places(places.index, there.library, there.feedback))
    assert ClauseIndex.open(places.index).documents


def test_a_damaged_index_is_not_backed_up(tmp_path: Path, places: Places) -> None:
    manifest = read_manifest(places.index)
    assert manifest
    path = next((places.index / manifest["generation"]).glob("*/clauses.jsonl"))
    data = path.read_bytes()
    path.unlink()
    path.write_bytes(data[:-1] + b" ")
    with pytest.raises(StoreFault, match="incomplete"):
        backed_up(tmp_path / "kept.tar.gz", places)
    assert not (tmp_path / "kept.tar.gz").exists()


def test_no_library_with_documents_is_overwritten(tmp_path: Path, places: Places) -> None:
    archive = tmp_path / "kept.tar.gz"
    backed_up(archive, places)
    there = elsewhere(tmp_path)
    before = files_of(places.library)
    with pytest.raises(StoreFault, match="would be lost"):
        restored(archive, Places(there.index, places.library, there.feedback))
    assert files_of(places.library) == before
    with pytest.raises(StoreFault, match="would be lost"):
        restored(archive, Places(there.index, there.library, places.feedback))
    assert read_manifest(there.index) is None and not there.library.exists()


def test_an_empty_library_is_replaced_unless_a_server_uses_it(
    tmp_path: Path, places: Places
) -> None:
    archive = tmp_path / "kept.tar.gz"
    backed_up(archive, places)
    there = elsewhere(tmp_path)
    shelf = Shelf(there.library)
    with pytest.raises(StoreFault, match="another server"):
        restored(archive, there)
    shelf.close()
    restored(archive, there)
    again = Shelf(there.library)
    assert len(again.documents) == 2 and len(again.previews) == 1
    again.close()


def test_a_library_is_backed_up_while_its_server_works(tmp_path: Path, places: Places) -> None:
    library = Library(places.library)
    library.start(ClauseIndex.open(places.index, HashEncoder()), lambda index: None)
    held = {one.id for one in library.held()}
    ended = threading.Event()

    def work() -> None:
        number = 10
        while not ended.is_set():
            key = add(library, number)
            library.change(key, Metadata(title_en="Changed"))
            if number % 2:
                library.remove(key)
            number += 1

    thread = threading.Thread(target=work)
    thread.start()
    try:
        for turn in range(5):
            archive = tmp_path / f"{turn}.tar.gz"
            backed_up(archive, places)
            there = elsewhere(tmp_path / str(turn))
            restored(archive, there)
            again = Shelf(there.library)
            assert again.damaged == []
            assert held <= again.documents.keys()
            assert not again.documents.keys() & again.previews.keys()
            again.close()
            if read_manifest(there.library / "index"):
                ClauseIndex.open(there.library / "index")
    finally:
        ended.set()
        thread.join()
        library.close()


def test_a_name_that_is_changed_while_its_files_are_opened_is_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a").write_text("old")
    (tmp_path / "b").write_text("old")
    real = os.stat
    changed: list[Path] = []

    def stat(path: Path) -> os.stat_result:
        if not changed:
            changed.append(path)
            for name in ("a", "b"):
                (tmp_path / f"{name}.new").write_text("new")
                os.replace(tmp_path / f"{name}.new", tmp_path / name)
        return real(path)

    monkeypatch.setattr(os, "stat", stat)
    with backup._opened(tmp_path, backup._plain) as files:
        read = {name: file.read() for name, file in files.items()}
    assert read == {"a": b"new", "b": b"new"}


def test_a_file_that_is_shorter_than_it_was_is_told_of(tmp_path: Path) -> None:
    (tmp_path / "source").write_bytes(b"12345")
    with (
        pytest.raises(StoreFault, match="cannot be written"),
        (tmp_path / "source").open("rb") as file,
        archive_at(tmp_path / "kept.tar.gz") as archive,
    ):
        file.read(3)
        archive.add("index/source", file)
    assert [one.name for one in tmp_path.iterdir()] == ["source"]


def test_where_nothing_is_there_is_nothing_to_back_up(tmp_path: Path) -> None:
    with pytest.raises(StoreFault, match="there is no index"):
        backed_up(tmp_path / "kept.tar.gz", elsewhere(tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_the_commands_tell_what_they_did_or_why_not(tmp_path: Path, places: Places) -> None:
    def run(command: str, own: Places) -> tuple[int, str, str]:
        done = CliRunner().invoke(
            commands,
            [command, str(tmp_path / "kept.tar.gz"), "--index", str(own.index),
             "--library", str(own.library), "--feedback", str(own.feedback)],
        )  # fmt: skip
        return done.exit_code, done.stdout, done.stderr

    code, out, _ = run("backup", places)
    assert code == 0 and json.loads(out)["files"] == len(checked(tmp_path / "kept.tar.gz"))
    code, out, _ = run("restore", elsewhere(tmp_path))
    assert code == 0 and json.loads(out)["documents"] == 3
    code, out, error = run("restore", places)
    assert (code, out) == (1, "") and error.startswith("error: ") and error.count("\n") == 1


def test_the_usual_places_are_those_of_the_chat() -> None:
    assert usual_places().feedback == default_path()
    assert usual_places(library=Path("x")).library == Path("x")
