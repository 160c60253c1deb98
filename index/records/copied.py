"""Records copied from one database into another, either way, and compared before they stay.

The source is read as it is at one moment; what is being written there meanwhile is not in the copy.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Table, func, insert, select, text

from index.errors import RecordsFault
from index.records.database import Database
from index.records.tables import change, judgement, sound

# What people made. What servers tell each other while they run is of no use in another database.
COPIED = (change, judgement)
_AT_ONCE = 500


def copied(source: Database, target: Database) -> dict[str, int]:
    """Copy all records into a database that has none; gives how many rows of each table there are.

    They are read back and compared before they are kept: all or nothing. Raises RecordsFault, also
    where the source is not there, or the target holds records.
    """
    if not source.is_there():
        raise RecordsFault("records-none", where=source.where)
    with source.reading() as read, target.writing() as written:
        if held(written):
            raise RecordsFault("records-would-mix", where=target.where)
        counts = {}
        for table in COPIED:
            counts[table.name] = _copy(table, read, written)
            told = [_digest(table, connection) for connection in (read, written)]
            if told[0] != told[1] or told[0][0] != counts[table.name]:
                raise RecordsFault("records-not-alike", where=target.where, name=table.name)
    return counts


def held(connection: Connection) -> int:
    """How many records a database holds in all."""
    counts = (select(func.count()).select_from(table) for table in COPIED)
    return sum(connection.execute(count).scalar_one() for count in counts)


def _copy(table: Table, read: Connection, written: Connection) -> int:
    count = 0
    for rows in _pages(table, read):
        written.execute(insert(table), rows)
        count += len(rows)
    if count and "number" in table.columns and written.dialect.name == "postgresql":
        # Numbers go on behind those that were copied.
        most = f"(SELECT max(number) FROM {table.name})"
        written.execute(text(f"SELECT setval(pg_get_serial_sequence(:name, 'number'), {most})"),
                        {"name": table.name})  # fmt: skip
    return count


def _digest(table: Table, connection: Connection) -> tuple[int, int]:
    """How many rows there are, and a sum of their hashes, in whatever order they come."""
    count = total = 0
    for rows in _pages(table, connection):
        for row in rows:
            # As they are kept from now on: a file of before may hold what PostgreSQL cannot.
            values = [sound(one) if isinstance(one, str) else one for one in row.values()]
            total += int.from_bytes(hashlib.sha256(json.dumps(values).encode("ascii")).digest())
            count += 1
    return count, total


def _pages(table: Table, connection: Connection) -> Iterator[list[dict[str, Any]]]:
    """The rows, some hundreds at a time."""
    found = connection.execute(select(table).execution_options(yield_per=_AT_ONCE))
    for rows in found.mappings().partitions():
        yield [dict(row) for row in rows]
