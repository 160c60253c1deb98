"""A watched folder: what rests is taken once, what is refused is told and left alone."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from index.errors import CollectionFault, StoreFault
from index.library import library as library_module
from index.library.library import Library, Preview
from index.library.sources import Sources, read_settings
from index.library.watched import FolderWatch, WatchedFolder
from rag.web.messages import sentence_in

TEXT = "海川市渔港办法\n第一条 管理渔港。\n第二条 本办法自2025年3月1日起施行。\n"


def text(name: str) -> bytes:
    return TEXT.replace("渔港", name).encode()


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    own = Library(tmp_path / "library")
    yield own
    own.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "watched"
    made.mkdir()
    return made


def watching(folder: Path, library: Library, confirm: bool = False) -> FolderWatch:
    notes = folder.parent / "notes" / "one.json"
    return FolderWatch(WatchedFolder(folder, confirm=confirm), lambda: library, notes)


def names(library: Library) -> list[str]:
    return sorted(one.file_name for one in library.previews())


def test_a_file_is_taken_once_it_rests_and_waits_to_be_confirmed(
    folder: Path, library: Library
) -> None:
    watch = watching(folder, library)
    watch.poll()
    growing = folder / "下级" / "b.txt"
    growing.parent.mkdir()
    (folder / "a.txt").write_bytes(text("渔船"))
    growing.write_bytes(text("灯塔")[:40])
    watch.poll()
    assert names(library) == []
    growing.write_bytes(text("灯塔"))
    watch.poll()
    assert names(library) == ["a.txt"]
    assert (watch.told().taken, watch.told().waiting) == (1, 1)
    for _ in range(3):
        watch.poll()
    assert names(library) == ["a.txt", "b.txt"]
    assert {one.origin for one in library.previews()} == {str(folder / "a.txt"), str(growing)}
    assert (watch.told().taken, watch.told().waiting, watch.told().refused) == (2, 0, ())


def test_what_a_person_discards_does_not_come_again(folder: Path, library: Library) -> None:
    (folder / "a.txt").write_bytes(text("渔船"))
    for _ in range(2):
        watching_now = watching(folder, library)
        for _ in range(3):
            watching_now.poll()
        for one in library.previews():
            library.discard(one.id)
    assert names(library) == []
    # Once it has changed it does.
    (folder / "a.txt").write_bytes(text("渔网"))
    for _ in range(2):
        watching_now.poll()
    assert names(library) == ["a.txt"]


def test_all_of_a_folder_is_confirmed_where_that_is_asked_for(
    folder: Path, library: Library
) -> None:
    watch = watching(folder, library, confirm=True)
    (folder / "a.txt").write_bytes(text("渔船"))
    (folder / "twin.txt").write_bytes(text("渔船"))
    for _ in range(3):
        watch.poll()
    assert [one.file_name for one in library.held()] == ["a.txt"]
    assert names(library) == []
    ((name, reason),) = watch.told().refused
    assert (name, "same text as a.txt" in reason) == ("twin.txt", True)


def test_what_fails_is_told_with_its_reason_and_left_alone_until_it_changes(
    folder: Path, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    stage = Library.stage

    def counted(own: Library, file_name: str, data: bytes, origin: str = "") -> Preview:
        read.append(file_name)
        return stage(own, file_name, data, origin)

    monkeypatch.setattr(Library, "stage", counted)
    (folder / "table.xlsx").write_bytes(b"PK\x03\x04 nothing of the kind")
    (folder / "empty.txt").write_bytes(b"")
    (folder / "page.pdf").write_bytes(b"<html>no pdf</html>")
    with (folder / "big.txt").open("wb") as big:
        big.truncate(21 * 2**20)
    os.mkfifo(folder / "pipe.txt")
    (folder / "link.txt").symlink_to("/etc/hostname")
    watch = watching(folder, library)
    for _ in range(4):
        watch.poll()
    told = dict(watch.told().refused)
    assert sorted(told) == [
        "big.txt",
        "empty.txt",
        "link.txt",
        "page.pdf",
        "pipe.txt",
        "table.xlsx",
    ]
    assert "over the limit of 20 MB" in told["big.txt"]
    assert "is empty" in told["empty.txt"]
    assert "is a link or no file" in told["link.txt"] and "is a link" in told["pipe.txt"]
    assert sorted(read) == ["empty.txt", "page.pdf", "table.xlsx"]
    assert all(sentence_in(one, "zh") != one for one in told.values()), told
    # Another start knows of it, and a change is tried.
    again = watching(folder, library)
    (folder / "empty.txt").write_bytes(text("渔船"))
    for _ in range(3):
        again.poll()
    assert sorted(read) == ["empty.txt", "empty.txt", "page.pdf", "table.xlsx"]
    assert names(library) == ["empty.txt"]
    (folder / "page.pdf").unlink()
    again.poll()
    assert "page.pdf" not in dict(again.told().refused)


def test_what_is_no_document_is_passed_over(folder: Path, library: Library) -> None:
    for name in (".hidden.txt", "~$open.docx", "a.docx.part", "a.txt.metadata.json", "Thumbs.db"):
        (folder / name).write_bytes(b"x")
    (folder / ".git").mkdir()
    (folder / ".git" / "a.txt").write_bytes(text("渔船"))
    watch = watching(folder, library)
    for _ in range(3):
        watch.poll()
    assert names(library) == [] and watch.told().refused == ()


def test_what_is_not_the_files_fault_is_tried_again(
    folder: Path, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "a.txt").write_bytes(text("渔船"))
    watch = watching(folder, library)
    monkeypatch.setattr(library_module, "MOST_PREVIEWS", 0)
    for _ in range(3):
        watch.poll()
    assert "wait to be confirmed" in watch.told().fault
    assert (watch.told().refused, watch.told().waiting) == ((), 1)
    monkeypatch.setattr(library_module, "MOST_PREVIEWS", 10)
    watch.poll()
    assert (watch.told().fault, names(library)) == ("", ["a.txt"])


def test_a_folder_that_is_not_there_is_told_and_taken_up_when_it_is(
    tmp_path: Path, library: Library
) -> None:
    watch = watching(tmp_path / "later", library)
    watch.poll()
    assert "later cannot be read" in watch.told().fault
    assert sentence_in(watch.told().fault, "zh").startswith("无法读取监视的文件夹")
    (tmp_path / "later").mkdir()
    (tmp_path / "later" / "a.txt").write_bytes(text("渔船"))
    for _ in range(2):
        watch.poll()
    assert (watch.told().fault, names(library)) == ("", ["a.txt"])


def test_a_collection_that_is_gone_is_told(folder: Path) -> None:
    def gone() -> Library:
        raise CollectionFault("There is no collection tax; there are default.")

    (folder / "a.txt").write_bytes(text("渔船"))
    watch = FolderWatch(WatchedFolder(folder), gone, folder.parent / "notes.json")
    for _ in range(3):
        watch.poll()
    assert watch.told().fault.startswith("There is no collection tax")
    assert watch.told().refused == ()


KILLED = """
import os, signal, sys
from pathlib import Path
from index.library import library, shelf, watched
from index.library.library import Library
from index.library.watched import FolderWatch, WatchedFolder

where, moment = Path(sys.argv[1]), int(sys.argv[2])
steps = 0

def step(real):
    def counted(*given, **more):
        global steps
        steps += 1
        if steps == moment:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*given, **more)
    return counted

shelf.write_whole = step(shelf.write_whole)
shelf.os.rename = step(os.rename)
own = Library(where / "library")
folder = WatchedFolder(where / "watched", confirm=True)
watch = FolderWatch(folder, lambda: own, where / "notes.json")
for _ in range(3):
    watch.poll()
own.close()
"""


@pytest.mark.slow
def test_killed_at_any_moment_every_file_is_taken_once(folder: Path, tmp_path: Path) -> None:
    for name in ("渔船", "灯塔"):
        (folder / f"{name}.txt").write_bytes(text(name))
    (folder / "empty.txt").write_bytes(b"")
    killed = 0
    for moment in range(1, 40):
        run = [sys.executable, "-c", KILLED, str(tmp_path), str(moment)]
        code = subprocess.run(run, check=False).returncode
        killed += code == -signal.SIGKILL
        if code == 0:
            break
        assert code == -signal.SIGKILL
    assert killed > 3
    own = Library(tmp_path / "library")
    try:
        assert sorted(one.file_name for one in own.held()) == ["渔船.txt", "灯塔.txt"]
        assert own.previews() == ()
    finally:
        own.close()
    notes = json.loads((tmp_path / "notes.json").read_bytes())
    assert "is empty" in notes["empty.txt"]["fault"]["text"]


def test_folders_and_hosts_stand_in_the_settings(tmp_path: Path, library: Library) -> None:
    own = tmp_path / "library"
    assert read_settings(own).hosts == ()
    folders = [
        {"path": str(tmp_path / "in")},
        {"path": str(tmp_path / "tax"), "collection": "tax-1", "confirm": True},
    ]
    (own / "sources.json").write_text(json.dumps({"hosts": ["docs.example"], "folders": folders}))
    sources = Sources(own, ["other.example"], [WatchedFolder(tmp_path / "more")])
    assert list(map(str, sources.hosts())) == ["other.example", "docs.example"]
    assert [one.path.name for one in sources.folders] == ["more", "in", "tax"]
    assert sources.folders[2].confirm and not sources.folders[1].confirm
    # Hosts are read anew: allowing one needs no other start.
    (own / "sources.json").write_text(json.dumps({"hosts": ["docs.example", "*.gov.example"]}))
    assert list(map(str, sources.hosts())) == ["other.example", "docs.example", "*.gov.example"]


@pytest.mark.parametrize(
    "text",
    ["[]", "{", '{"hosts": "a.org"}', '{"hosts": [1]}', '{"folders": [{}]}', '{"folders": ["a"]}',
     '{"folders": [{"path": "a", "confirm": "yes"}]}', '{"host": ["a.org"]}'],
)  # fmt: skip
def test_settings_that_are_none_are_told(tmp_path: Path, text: str) -> None:
    (tmp_path / "sources.json").write_text(text)
    with pytest.raises(StoreFault, match=r"sources\.json cannot be read \(.*mend or remove it"):
        read_settings(tmp_path)


@pytest.mark.parametrize("inside", ["library", "library/documents", "."])
def test_the_library_itself_is_not_watched(tmp_path: Path, inside: str) -> None:
    (tmp_path / "library").mkdir()
    with pytest.raises(StoreFault, match="the library itself lies in it"):
        Sources(tmp_path / "library", folders=[WatchedFolder(tmp_path / inside)])


def test_folders_are_watched_in_a_thread(tmp_path: Path, folder: Path, library: Library) -> None:
    (folder / "a.txt").write_bytes(text("渔船"))
    sources = Sources(tmp_path / "library", folders=[WatchedFolder(folder, confirm=True)])
    assert sources.told() == ()
    sources.watch(lambda key: library, 0.01)
    try:
        until = datetime.now().timestamp() + 30
        while not library.held() and datetime.now().timestamp() < until:
            pass
    finally:
        sources.close()
    assert [one.file_name for one in library.held()] == ["a.txt"]
    (told,) = sources.told("")
    assert (told.taken, told.fault) == (1, "")
    assert sources.told("tax") == ()
