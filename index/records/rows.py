"""Rows put in place of those that have the same key, in one statement that both databases know."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table


def put(connection: Connection, table: Table, row: Mapping[str, Any], key: Sequence[str]) -> None:
    """Keep a row, in place of an earlier one that has the same values in the columns of `key`.

    There must be a unique constraint on these columns. The row must have all others that are to be
    replaced: what it lacks stays as it was.
    """
    from sqlalchemy.dialects import postgresql, sqlite

    made: postgresql.Insert | sqlite.Insert
    if connection.dialect.name == "postgresql":
        made = postgresql.insert(table).values(**row)
    else:
        made = sqlite.insert(table).values(**row)
    others = {name: made.excluded[name] for name in row if name not in key}
    connection.execute(made.on_conflict_do_update(index_elements=list(key), set_=others))
