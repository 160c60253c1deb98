"""Who changed which document, and when: a line of JSON for each change, that is only ever added to.

In a database of records, where there is one, it is a row. A change is noted first and then made:
there is none that was not noted. What the program does by itself to documents, reading them again
or translating them, is no change of anybody's. No text of a document is in it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from index.errors import RecordsFault
from index.library.named import library_name
from index.records.database import Database

AUDIT = "audit.jsonl"
# Of a database, so that neither memory nor a lock is held for all of them.
ROWS_AT_ONCE = 1000
_PROGRAM: Mapping[str, str] = {"program": "tiaowen"}
_who: ContextVar[Mapping[str, str]] = ContextVar("who", default=_PROGRAM)


@contextmanager
def acting(**who: str) -> Iterator[None]:
    """Let somebody be who makes the changes within, as far as anything is known of them."""
    before = _who.set({name: value for name, value in who.items() if value} or _PROGRAM)
    try:
        yield
    finally:
        _who.reset(before)


def asked_by() -> Mapping[str, str]:
    """Who is acting now."""
    return _who.get()


@dataclass(frozen=True)
class Change:
    """A change that was noted.

    `at` is in this machine's time, `more` what belongs to the action.
    """

    at: datetime
    who: Mapping[str, str]
    action: str
    collection: str
    document: str
    more: Mapping[str, object]


class Audit:
    """The changes of all collections of a folder, as one of them notes them."""

    def __init__(
        self, folder: Path, collection: str = "default", records: Database | None = None
    ) -> None:
        """Nothing is written before the first change; into a file of the folder, or `records`."""
        self._folder = folder
        self._path = folder / AUDIT
        self._collection = collection
        self._records = records

    def within(self, collection: str) -> Audit:
        """The same of another collection."""
        return Audit(self._folder, collection, self._records)

    def note(self, action: str, document: str = "", /, **more: object) -> None:
        """Write down a change that is about to be made; on the disk when this returns.

        Raises OSError or RecordsFault: then the change must not be made.
        """
        row: dict[str, object] = {
            "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "who": dict(_who.get()),
            "action": action,
            "collection": self._collection,
        }
        row |= {"document": document} if document else {}
        row |= {name: value for name, value in more.items() if value}
        if self._records is None:
            self._add_line(json.dumps(row).encode("ascii") + b"\n")
        else:
            note_rows(self._records, library_name(self._folder), [row])

    def _add_line(self, line: bytes) -> None:
        handle = os.open(self._path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
        with os.fdopen(handle, "r+b", buffering=0) as file:
            if (size := file.seek(0, os.SEEK_END)) and _last(file.fileno(), size) != b"\n":
                line = b"\n" + line  # a crash left half a line
            file.write(line)
            os.fsync(file.fileno())

    def changes(self, day: date | None = None) -> Iterator[Change]:
        """What was noted of all collections, or of a day in this machine's time, the newest first.

        What is no line of the file, as a crash may leave half of one, is passed over. Raises
        OSError or RecordsFault.
        """
        for row in self._rows(day):
            change = _read(row)
            if change and day in (None, change.at.date()):
                yield change

    def _rows(self, day: date | None) -> Iterator[Any]:
        """What was noted, the newest first; from records, about that day alone."""
        if self._records is not None:
            yield from _newest(self._records, library_name(self._folder), day)
            return
        try:
            lines = self._path.read_bytes().splitlines()
        except FileNotFoundError:
            return
        for line in reversed(lines):
            with suppress(ValueError):
                yield json.loads(line)


def _read(row: Any) -> Change | None:
    try:
        at = datetime.fromisoformat(row.pop("time")).astimezone()
        who = {str(name): str(value) for name, value in row.pop("who").items()}
        action, collection, document = (
            str(row.pop(name, "")) for name in ("action", "collection", "document")
        )
        return Change(at, who, action, collection, document, row)
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def note_rows(records: Database, library: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Keep changes of a library, in the form of their lines, in a database. Raises RecordsFault."""
    from sqlalchemy import insert

    from index.records.tables import change

    own = ("time", "action", "collection")
    kept = [
        {name: str(row[name]) for name in own}
        | {
            "library": library,
            "who": json.dumps(row["who"]),
            "document": str(row.get("document", "")),
            "more": json.dumps(
                {name: row[name] for name in row if name not in (*own, "who", "document")}
            ),
        }
        for row in rows
    ]
    if kept:
        with records.writing() as connection:
            connection.execute(insert(change), kept)


def changes(records: Database) -> list[dict[str, Any]]:
    """The changes that a database holds, oldest first, in the form of their lines.

    Those of several libraries are told apart by `library`. Raises RecordsFault, also where there
    is no such file.
    """
    from sqlalchemy import select

    from index.records.tables import change

    if not records.is_there():
        raise RecordsFault("records-none", where=records.where)
    with records.reading() as connection:
        rows = connection.execute(select(change).order_by(change.c.number)).all()
    return [_line(row) | {"library": row.library} for row in rows]


def _newest(records: Database, library: str, day: date | None) -> Iterator[dict[str, Any]]:
    """The changes of a library, newest first, in the form of their lines. Raises RecordsFault.

    They are read some at a time: nobody who notes one waits for somebody who reads.
    """
    from sqlalchemy import select

    from index.records.tables import change

    if not records.is_there():
        raise RecordsFault("records-none", where=records.where)
    wanted = [change.c.library == library]
    if day is not None:
        # Times are kept in UTC; which of them are in the day here is seen by who reads them.
        before, after = (
            date.fromordinal(min(max(day.toordinal() + days, 1), date.max.toordinal()))
            for days in (-1, 2)
        )
        wanted += [change.c.time >= before.isoformat(), change.c.time <= f"{after.isoformat()}U"]
    newest = select(change).where(*wanted).order_by(change.c.number.desc()).limit(ROWS_AT_ONCE)
    rest = newest
    while True:
        with records.reading() as connection:
            rows = connection.execute(rest).all()
        yield from map(_line, rows)
        if len(rows) < ROWS_AT_ONCE:
            return
        rest = newest.where(change.c.number < rows[-1].number)


def _line(row: Any) -> dict[str, Any]:
    """A row of a database in the form of its line in a file."""
    return {
        "time": row.time,
        "who": json.loads(row.who),
        "action": row.action,
        "collection": row.collection,
        **({"document": row.document} if row.document else {}),
        **json.loads(row.more),
    }


def _last(handle: int, size: int) -> bytes:
    os.lseek(handle, size - 1, os.SEEK_SET)
    return os.read(handle, 1)
