"""Whoever writes a shared library is killed at twenty moments, and paused: nothing is lost."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import pytest
from fakes_index import HashEncoder
from several_life import live
from sqlalchemy import select
from test_shared_library import BASE, text_of, until

from index.documents.sidecar import Metadata
from index.errors import StoreFault
from index.library.several import SharedCollections
from index.records.database import Database
from index.records.tables import lease
from index.search.build import build_index
from index.search.store import ClauseIndex

pytestmark = pytest.mark.slow
KILLS = 20
SECONDS = 2.0


class Servers:
    """Two that live, and one that only asks: what the test holds in its own hands."""

    def __init__(self, folder: Path) -> None:
        (folder / "base.txt").write_text(BASE, "utf-8")
        build_index([folder / "base.txt"], folder / "base", HashEncoder())
        self.folder, self.records = folder / "library", folder / "records.sqlite"
        self._base = folder / "base"
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(["several_life"])
        self.alive: dict[int, ForkServerProcess] = {}
        self.database = Database(self.records)
        self.asking = SharedCollections(self.folder, Database(self.records), SECONDS)

    def start(self) -> None:
        """One more."""
        told = (self.folder, self._base, self.records, SECONDS)
        process = self._context.Process(target=live, args=told)
        process.start()
        assert process.pid is not None
        self.alive[process.pid] = process

    def writer(self) -> int | None:
        """The process of who writes; None where the one that did is gone."""
        with self.database.reading() as connection:
            holder = connection.execute(select(lease.c.holder)).scalar_one_or_none()
        pid = int(holder.split(" ")[1]) if holder else 0
        return pid if pid in self.alive else None

    def kill(self, pid: int) -> None:
        """End one as a crash does, and start another one in its place."""
        os.kill(pid, signal.SIGKILL)
        self.alive.pop(pid).join(20)
        self.start()

    def pause(self, pid: int) -> None:
        """Let one sleep, as a machine that hangs does, but not with the lock of the database.

        In SQLite nobody could write while it had that.
        """
        while True:
            os.kill(pid, signal.SIGSTOP)
            with sqlite3.connect(self.records, timeout=0.2, isolation_level=None) as connection:
                try:
                    connection.execute("BEGIN IMMEDIATE")
                except sqlite3.OperationalError:
                    os.kill(pid, signal.SIGCONT)
                    time.sleep(0.05)
                    continue
                connection.execute("ROLLBACK")
            return

    def add(self, number: int) -> str:
        """Upload and confirm a document on a server that does not write; its id."""
        library = self.asking.get().library
        preview = library.stage(f"办法{number}.txt", text_of(number))
        return library.confirm(preview.id, Metadata(title_en=f"Measures {number}")).id


@pytest.fixture
def servers(tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Servers]:
    # The process that lives are forked from looks for modules there alone.
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join((str(root), str(root / "tests"))))
    made = Servers(tmp_path)
    for _ in range(2):
        made.start()
    until(made.writer)
    yield made
    for pid in list(made.alive):
        os.kill(pid, signal.SIGKILL)
        made.alive.pop(pid).join(20)
    made.asking.close()


def test_what_is_asked_is_done_once_whenever_the_writer_is_killed(servers: Servers) -> None:
    chance = random.Random(18)
    added: dict[int, str] = {}
    met: list[str] = []
    took: list[float] = []
    for number in range(KILLS):

        def ask(number: int = number) -> None:
            try:
                added[number] = servers.add(number)
            except Exception as fault:
                met.append(f"{number}: {fault!r}")

        until(servers.writer)
        thread = threading.Thread(target=ask)
        thread.start()
        time.sleep(1.5 * chance.random())
        pid = servers.writer()
        assert pid is not None
        servers.kill(pid)
        began = time.monotonic()
        thread.join(120)
        took.append(time.monotonic() - began)
        assert not thread.is_alive() and met == []
    print(f"done {sorted(round(one, 1) for one in took)} s after the kill")
    servers.asking.get().library.held()  # looked at since
    held = {one.id for one in servers.asking.get().library.held()}
    assert held == set(added.values()) and len(held) == KILLS

    def found() -> bool:
        index = ClauseIndex.open(servers.folder / "index", HashEncoder())
        return held <= set(index.documents)

    until(lambda: (servers.folder / "index" / "manifest.json").exists())
    until(found)

    def emptied() -> bool:  # Whoever comes to write after the last one removes what that one left.
        places = [servers.folder / name for name in ("incoming", "intake", "previews")]
        return not any(path for place in places for path in place.iterdir())

    until(emptied)


def test_a_writer_that_was_paused_finds_itself_replaced_and_undoes_nothing(
    servers: Servers,
) -> None:
    first = servers.add(1)
    paused = servers.writer()
    assert paused is not None
    servers.pause(paused)
    second = servers.add(2)  # while it sleeps
    assert servers.writer() != paused
    os.kill(paused, signal.SIGCONT)
    third = servers.add(3)
    assert servers.writer() != paused
    time.sleep(2 * SECONDS)
    held = [one.id for one in servers.asking.get().library.held()]
    assert held == [first, second, third]

    def found() -> bool:
        with suppress(StoreFault):  # There is none yet.
            index = ClauseIndex.open(servers.folder / "index", HashEncoder())
            return set(held) <= set(index.documents)
        return False

    until(found)
    time.sleep(2 * SECONDS)
    assert found() and servers.writer() != paused
