"""One of several servers writes: the lease it holds, in SQLite and in PostgreSQL."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from index.errors import NotWriterFault, RecordsFault
from index.library.lease import Lease, sought
from index.records.database import Database

SECONDS = 6.0


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'records.sqlite'}"
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture
def records(where: str) -> Iterator[Database]:
    database = Database(where)
    yield database
    database.close()


def test_one_holds_it_and_another_takes_it_when_it_is_no_longer_renewed(records: Database) -> None:
    first_clock, second_clock = Clock(), Clock()
    second_clock.now = 5000.0  # clocks of different machines are never compared
    first, second = (Lease(records, "one", SECONDS, clock) for clock in (first_clock, second_clock))
    assert first.seek() and first.held and first.number == 1
    for _ in range(10):
        first_clock.now += SECONDS / 2
        second_clock.now += SECONDS / 2
        assert first.seek() and not second.seek()
    second_clock.now += SECONDS
    assert second.seek() and second.number == 2
    # The first believes no longer than its own clock lets it, and is told when it asks.
    first_clock.now += SECONDS
    assert not first.held
    with pytest.raises(NotWriterFault):
        first.check()
    with pytest.raises(NotWriterFault), first.publishing():
        pytest.fail("what another may have written would be overwritten")
    second.check()
    assert not first.seek() and first.number == 0


def test_what_is_let_go_is_taken_at_once(records: Database) -> None:
    first, second = (Lease(records, "one", SECONDS, Clock()) for _ in range(2))
    assert first.seek() and not second.seek()
    first.release()
    assert second.seek() and not first.seek()


def test_libraries_are_told_apart(records: Database) -> None:
    first, second = (Lease(records, name, SECONDS, Clock()) for name in ("one", "two"))
    assert first.seek() and second.seek()


def test_nobody_takes_it_while_something_is_put_in_service(records: Database) -> None:
    clock = Clock()
    first, second = (Lease(records, "one", SECONDS, each) for each in (Clock(), clock))
    first.seek()
    second.seek()
    clock.now += 2 * SECONDS
    events: list[str] = []

    def take() -> None:
        try:
            events.append("taken" if second.seek() else "left")
        except RecordsFault:
            events.append("left")

    with first.publishing():
        thread = threading.Thread(target=take)
        thread.start()
        thread.join(1.0)
        assert "taken" not in events
        events.append("published")
    thread.join(10)
    # It was a sign of life, too.
    assert events == ["published", "left"]


def test_many_that_begin_at_once_elect_one(records: Database) -> None:
    records.prepare()
    leases = [Lease(records, "one", SECONDS, Clock()) for _ in range(8)]
    start = threading.Barrier(len(leases))

    def begin(lease: Lease) -> None:
        start.wait()
        sought(lease, lambda fault: None)

    threads = [threading.Thread(target=begin, args=(lease,)) for lease in leases]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(lease.held for lease in leases) == 1


def test_whoever_cannot_ask_holds_it_no_longer_than_others_leave_it(tmp_path: Path) -> None:
    clock = Clock()
    records = Database(tmp_path / "records.sqlite")
    lease = Lease(records, "one", SECONDS, clock)
    lease.seek()
    (tmp_path / "records.sqlite").write_bytes(b"no database at all" * 100)
    told: list[RecordsFault | None] = []
    assert sought(lease, told.append) and told[0] is not None
    clock.now += SECONDS
    assert not sought(lease, told.append)


def test_what_belongs_to_a_holding_is_none_of_the_next_one_of_the_same_server(
    records: Database,
) -> None:
    clock = Clock()
    first, second = (Lease(records, "one", SECONDS, each) for each in (Clock(), clock))
    assert first.seek() and not second.seek()
    before = first.bound()
    before.check()
    assert before.held
    clock.now += SECONDS
    assert second.seek()
    second.release()
    assert first.seek() and first.held
    assert not before.held
    with pytest.raises(NotWriterFault):
        before.check()
    with pytest.raises(NotWriterFault), before.publishing():
        pytest.fail("what the second may have written would be overwritten")
    first.bound().check()
    with first.bound().publishing():
        assert first.bound().held
