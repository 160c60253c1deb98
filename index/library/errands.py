"""What servers ask the one among them that writes a library: rows of the records, and its replies.

An errand that was put down is not lost with either server: whoever writes next does it, and once
more where it is not known to be done. How each is done is in index/library/clerk.py.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from index import errors
from index.errors import IndexFault, NotNowFault
from prompts.notices import notice_of, notice_row

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import Connection

    from index.records.database import Database

LOOK_SECONDS = 0.1
# Replies that nobody came for are forgotten after this time.
KEEP_DAYS = 2


@dataclass(frozen=True)
class Errand:
    """One of them. `mark` names it; `told` is what it takes, `who` asks for it.

    `tries`: how often it was begun before; it may have been done.
    """

    mark: str
    kind: str
    collection: str
    told: Mapping[str, Any]
    who: Mapping[str, str]
    tries: int = 0


class Errands:
    """Those of one library. Safe to use from several threads. All methods raise RecordsFault."""

    def __init__(self, records: Database, library: str) -> None:
        """`library` names the library that the servers share."""
        self._records, self._library = records, library

    def put(
        self,
        kind: str,
        collection: str,
        told: Mapping[str, Any],
        who: Mapping[str, str],
        mark: str = "",
    ) -> str:
        """Put one down; gives its mark, 12 hexadecimal digits where none is given.

        Where one of that mark waits already, that is it; one that was replied to is replaced.
        """
        from sqlalchemy import delete, insert, select

        from index.records.tables import errand

        known, mark = mark, mark or new_mark()
        row = {
            "library": self._library,
            "mark": mark,
            "kind": kind,
            "collection": collection,
            "told": json.dumps(told),
            "who": json.dumps(dict(who)),
            "at": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "begun": 0,
            "reply": "",
        }
        with self._records.writing() as connection:
            if known:
                same = select(errand.c.reply).where(self._one(mark))
                if connection.execute(same).scalar_one_or_none() == "":
                    return mark
                connection.execute(delete(errand).where(self._one(mark)))
            connection.execute(insert(errand).values(row))
        return mark

    def reply(self, mark: str, seconds: float) -> Any:
        """What came of one, waited for so long. Raises the fault it met; NotNowFault for none."""
        from sqlalchemy import select

        from index.records.tables import errand

        asked = select(errand.c.reply).where(self._one(mark))
        until = time.monotonic() + seconds
        while True:
            with self._records.reading() as connection:
                told = connection.execute(asked).scalar_one_or_none()
            if told:
                return _given(json.loads(told))
            if time.monotonic() >= until:
                raise NotNowFault("not-done-yet")
            time.sleep(LOOK_SECONDS)

    def waiting(self, kinds: Collection[str], others: bool = False) -> list[Errand]:
        """Those of these kinds that wait to be done, oldest first; `others`: of all but these."""
        from sqlalchemy import select

        from index.records.tables import errand

        meant = errand.c.kind.not_in(kinds) if others else errand.c.kind.in_(kinds)
        asked = (
            select(errand)
            .where(errand.c.library == self._library, errand.c.reply == "", meant)
            .order_by(errand.c.number)
        )
        with self._records.reading() as connection:
            rows = connection.execute(asked).all()
        return [
            Errand(
                row.mark,
                row.kind,
                row.collection,
                json.loads(row.told),
                json.loads(row.who),
                row.begun,
            )
            for row in rows
        ]

    def replied(self) -> frozenset[str]:
        """The marks of those that were replied to, and whose reply is kept still."""
        from sqlalchemy import select

        from index.records.tables import errand

        asked = select(errand.c.mark).where(errand.c.library == self._library, errand.c.reply != "")
        with self._records.reading() as connection:
            return frozenset(connection.execute(asked).scalars())

    def begin(self, connection: Connection, mark: str) -> None:
        """Note, in a transaction of the writer's, that one is being done."""
        from sqlalchemy import update

        from index.records.tables import errand

        begun = update(errand).where(self._one(mark)).values(begun=errand.c.begun + 1)
        connection.execute(begun)

    def settle(self, connection: Connection, mark: str, reply: Mapping[str, Any]) -> None:
        """Reply, in a transaction of the writer's; old replies go."""
        from sqlalchemy import delete, update

        from index.records.tables import errand

        connection.execute(update(errand).where(self._one(mark)).values(reply=json.dumps(reply)))
        oldest = (datetime.now(UTC) - timedelta(days=KEEP_DAYS)).isoformat(timespec="milliseconds")
        old = (errand.c.library == self._library) & (errand.c.reply != "") & (errand.c.at < oldest)
        connection.execute(delete(errand).where(old))

    def tell(self, connection: Connection, collection: str, row: Mapping[str, Any]) -> None:
        """Say, in a transaction of the writer's, what is being done in a collection."""
        from sqlalchemy import insert, update

        from index.records.tables import under_way

        one = (under_way.c.library == self._library) & (under_way.c.collection == collection)
        told = json.dumps(row)
        if not connection.execute(update(under_way).where(one).values(told=told)).rowcount:
            values = {"library": self._library, "collection": collection, "told": told}
            connection.execute(insert(under_way).values(values))

    def told(self) -> dict[str, dict[str, Any]]:
        """What is being done, by collection, as it was last told."""
        from sqlalchemy import select

        from index.records.tables import under_way

        asked = select(under_way).where(under_way.c.library == self._library)
        with self._records.reading() as connection:
            return {row.collection: json.loads(row.told) for row in connection.execute(asked).all()}

    def _one(self, mark: str) -> Any:
        from index.records.tables import errand

        return (errand.c.library == self._library) & (errand.c.mark == mark)


def new_mark() -> str:
    """A name for an errand, unlike any other."""
    return uuid4().hex[:12]


def mark_of(*told: str) -> str:
    """The name of an errand that is the same whoever asks for it, however often."""
    return hashlib.sha256(json.dumps(told).encode("ascii")).hexdigest()[:12]


def done(value: Any) -> dict[str, Any]:
    """The reply of an errand that was done."""
    return {"value": value}


def refused(fault: IndexFault) -> dict[str, Any]:
    """The reply of one that met a fault."""
    return {"fault": notice_row(fault.notice), "kind": type(fault).__name__}


def _given(reply: Mapping[str, Any]) -> Any:
    """What a reply says. Raises the fault of a refusal."""
    if "fault" not in reply:
        return reply["value"]
    kind = getattr(errors, reply["kind"], IndexFault)
    raise kind(notice_of(reply["fault"]))
