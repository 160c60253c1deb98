"""What servers ask of the one that writes: asked once, kept while it waits, and not twice done."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from index.documents.sidecar import Metadata
from index.errors import NotNowFault
from index.library import shared
from index.library.clerk import LONG, Clerk
from index.library.collections import Collections
from index.library.errands import KEEP_DAYS, Errands
from index.library.lease import Lease
from index.library.shared import SharedLibrary
from index.records.database import Database

TEXT = "示范市数据条例\n第一条 为了发展数据市场，制定本条例。\n第二条 本条例自公布之日起施行。\n"
ORIGIN = "/watched/a.txt"


class Place:
    """A shared library in a folder, and whoever does what is asked of it when the test says so."""

    def __init__(self, folder: Path) -> None:
        self.records = Database(folder / "records.sqlite")
        self.errands = Errands(self.records, "one")
        self.folder, self.intake = folder / "library", folder / "library" / "intake"
        self.collections = Collections(self.folder)
        self.library = SharedLibrary(
            self.folder, self.intake, "default", self.errands, lambda: None
        )
        lease = Lease(self.records, "one")
        lease.seek()
        self.clerk = Clerk(self.collections, self.intake, lease.bound(), self.errands)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    monkeypatch.setattr(shared, "SECONDS_TO_READ", 0.1)
    opened = Place(tmp_path)
    yield opened
    opened.collections.close()
    opened.records.close()


def test_a_file_that_is_brought_in_again_while_it_is_read_is_read_once(place: Place) -> None:
    for _ in range(2):
        with pytest.raises(NotNowFault):
            place.library.stage("a.txt", TEXT.encode(), ORIGIN)
    assert len(place.errands.waiting(LONG)) == 1
    place.clerk.work(long=True)
    preview = place.library.stage("a.txt", TEXT.encode(), ORIGIN)
    assert place.errands.waiting(LONG) == []
    assert [one.id for one in place.library.previews()] == [preview.id]
    # One that is not wanted may be brought in another time, and other uploads are others.
    place.collections.get().library.discard(preview.id)
    for origin in (ORIGIN, "", ""):
        with pytest.raises(NotNowFault):
            place.library.stage("a.txt", TEXT.encode(), origin)
    assert len(place.errands.waiting(LONG)) == 3


def test_an_upload_that_waits_stays_however_old_it_is(place: Place) -> None:
    with pytest.raises(NotNowFault):
        place.library.stage("a.txt", TEXT.encode())
    (waiting,) = place.intake.iterdir()
    left = place.intake / "of nobody"
    left.write_bytes(b"x")
    old = time.time() - 86400 * (KEEP_DAYS + 1)
    for path in (waiting, left):
        os.utime(path, (old, old))
    place.clerk.tidy()
    assert list(place.intake.iterdir()) == [waiting]


def test_an_upload_goes_whose_reader_died_just_as_it_had_replied(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(NotNowFault):
        place.library.stage("a.txt", TEXT.encode(), ORIGIN)

    def dies(path: Path, missing_ok: bool = False) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", dies)
        with pytest.raises(KeyboardInterrupt):
            place.clerk.work(long=True)
    assert len(list(place.intake.iterdir())) == 1
    assert place.errands.waiting(LONG) == []
    place.clerk.tidy()
    assert list(place.intake.iterdir()) == []
    preview = place.library.stage("a.txt", TEXT.encode(), ORIGIN)
    assert [one.id for one in place.library.previews()] == [preview.id]


def test_what_changes_twice_at_one_time_of_the_folder_is_seen(place: Place) -> None:
    library = place.collections.get().library
    key = library.confirm(library.stage("a.txt", TEXT.encode()).id, Metadata(title_en="One")).id
    folder = place.folder / "documents" / key
    time_of_folder = folder.stat()
    assert [one.metadata.title_en for one in place.library.held()] == ["One"]
    library.change(key, Metadata(title_en="Two"))
    os.utime(folder, ns=(time_of_folder.st_atime_ns, time_of_folder.st_mtime_ns))
    place.library.shelf.look(again=True)
    assert [one.metadata.title_en for one in place.library.held()] == ["Two"]
