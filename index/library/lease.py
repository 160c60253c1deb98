"""Who of several servers writes a library: a row of the records that one of them holds and renews.

Whoever finds it unrenewed for some seconds takes it, with the next number; clocks of different
machines are never compared. Each number has one holder, so that one who lost it without noticing is
told so before anything of theirs is put in service. What is written is no matter of this module.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING
from uuid import uuid4

from index.errors import NotWriterFault, RecordsFault

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from index.records.database import Database

# How often it is renewed, and after how long without that another server takes it.
RENEW_SECONDS, LEASE_SECONDS = 1.5, 6.0


class Lease:
    """The right to write one library, as one server seeks and holds it. Safe to use from threads.

    Implements Claim. `number` is that of the holding, 0 before the first.
    """

    def __init__(
        self,
        records: Database,
        library: str,
        seconds: float = LEASE_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`library` names what is written; `clock` gives seconds. Nothing is sought yet."""
        self._records, self._library = records, library
        self._seconds, self._clock = seconds, clock
        # Told in the row, so that a person can see who writes.
        self._me = f"{socket.gethostname()} {os.getpid()} {uuid4().hex[:12]}"
        self.number = 0
        self._renewed_at = float("-inf")
        # How the row was when it was last seen to change, and when that was.
        self._seen: tuple[int, int] | None = None
        self._seen_at = 0.0

    @property
    def held(self) -> bool:
        """Whether nobody else can have taken it yet, by this server's clock."""
        return self.number > 0 and self._clock() < self._renewed_at + self._seconds

    def seek(self) -> bool:
        """Renew it, or take it if nobody does; whether it is held. Raises RecordsFault."""
        from sqlalchemy import insert, select

        from index.records.tables import lease

        now = self._clock()
        with self._records.writing() as connection:
            asked = select(lease).where(lease.c.library == self._library)
            row = connection.execute(asked).one_or_none()
            if row is None:
                # Of two that do this at once one fails, and finds the row the next time.
                values = {"library": self._library, "holder": self._me, "number": 1, "beat": 0}
                connection.execute(insert(lease).values(values))
                taken, number = True, 1
            elif row.holder == self._me:
                taken, number = self._moved(connection, row.number, row.beat), row.number
            else:
                number = row.number + 1
                taken = self._is_free(row.holder, (row.number, row.beat), now) and self._moved(
                    connection, row.number, row.beat, number
                )
        self.number = number if taken else 0
        self._renewed_at = now if taken else float("-inf")
        return taken

    def bound(self) -> Holding:
        """The present holding alone: one that comes after it is another."""
        return Holding(self, self.number)

    def check(self, holding: int | None = None) -> None:
        """See Claim.check; with a number, that it is that `holding`. Raises RecordsFault, too."""
        from sqlalchemy import select

        from index.records.tables import lease

        with self._records.reading() as connection:
            asked = select(lease.c.number).where(
                lease.c.library == self._library, lease.c.holder == self._me
            )
            number = connection.execute(asked).scalar_one_or_none()
        if not self.number or number != (self.number if holding is None else holding):
            raise NotWriterFault("not-writer")

    @contextmanager
    def publishing(self) -> Iterator[None]:
        """See Claim.publishing. Raises RecordsFault, too."""
        with self.holding():
            yield

    @contextmanager
    def holding(self, number: int | None = None) -> Iterator[Connection]:
        """A transaction of the holder: the row is locked by it, so that nobody takes it meanwhile.

        With a `number`, of that holding. Raises NotWriterFault and RecordsFault.
        """
        number = self.number if number is None else number
        with self._records.writing() as connection:
            if not number or not self._beaten(connection, number):
                raise NotWriterFault("not-writer")
            yield connection

    def release(self) -> None:
        """Let another server take it at once. Raises RecordsFault."""
        from sqlalchemy import update

        from index.records.tables import lease

        mine = (lease.c.library == self._library) & (lease.c.holder == self._me)
        with self._records.writing() as connection:
            connection.execute(update(lease).where(mine).values(holder=""))
        self.number = 0

    # --- parts of the above ---

    def _is_free(self, holder: str, row: tuple[int, int], now: float) -> bool:
        if row != self._seen:
            self._seen, self._seen_at = row, now
        return not holder or now >= self._seen_at + self._seconds

    def _moved(self, connection: Connection, number: int, beat: int, to: int | None = None) -> bool:
        """Have the row tell of us, unless another one has changed it since it was read."""
        from sqlalchemy import update

        from index.records.tables import lease

        unchanged = (
            (lease.c.library == self._library) & (lease.c.number == number) & (lease.c.beat == beat)
        )
        values = {"holder": self._me, "number": to or number, "beat": beat + 1}
        return connection.execute(update(lease).where(unchanged).values(values)).rowcount == 1

    def _beaten(self, connection: Connection, number: int) -> bool:
        """Renew and lock the row of this holding, if it is still ours."""
        from sqlalchemy import update

        from index.records.tables import lease

        mine = (
            (lease.c.library == self._library)
            & (lease.c.holder == self._me)
            & (lease.c.number == number)
        )
        beaten = update(lease).where(mine).values(beat=lease.c.beat + 1)
        return connection.execute(beaten).rowcount == 1


class Holding:
    """One holding of a lease. Implements Claim.

    What was opened in it is not to write in a later one of the same server: another may have
    written in between.
    """

    def __init__(self, lease: Lease, number: int) -> None:
        """The one of that number."""
        self._lease, self._number = lease, number

    @property
    def held(self) -> bool:
        """Whether nobody else can have taken it yet, by this server's clock."""
        return self._lease.held and self._lease.number == self._number

    def check(self) -> None:
        """See Claim.check. Raises RecordsFault, too."""
        self._lease.check(self._number)

    @contextmanager
    def publishing(self) -> Iterator[None]:
        """See Claim.publishing. Raises RecordsFault, too."""
        with self.holding():
            yield

    @contextmanager
    def holding(self) -> Iterator[Connection]:
        """See Lease.holding."""
        with self._lease.holding(self._number) as connection:
            yield connection


def sought(lease: Lease, told: Callable[[RecordsFault | None], None]) -> bool:
    """Seek it once; whether it is held. `told` of the database that is away, None: it answers."""
    try:
        held = lease.seek()
    except RecordsFault as fault:
        told(fault)
        return lease.held
    told(None)
    return held
