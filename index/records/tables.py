"""The tables of the records, all in one place. How they came about is in migrations/versions.

It says what is kept, not what it means: judgements are rag/web/feedback/store.py's matter, changes
index/library/audit.py's. To add a table: here, with a migration of the next number in
migrations/versions, and HEAD moved on.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Column, Dialect, Index, Integer, MetaData, Table, Text
from sqlalchemy.types import TypeDecorator

# The newest migration; the number is the form of an SQLite file, too (its user_version).
HEAD = "0003"


class Words(TypeDecorator[str]):
    """A text without what UTF-8 or PostgreSQL cannot hold: halves of characters, and NUL."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """The text as it is kept."""
        return None if value is None else sound(str(value))


def sound(text: str) -> str:
    """A text as `Words` keeps it."""
    return text.encode("utf-8", "replace").decode().replace("\0", "\ufffd")


metadata = MetaData()


def _number() -> Column[int]:
    """Counts the rows in the order in which they came; a number is never given twice."""
    kind = BigInteger().with_variant(Integer(), "sqlite")
    return Column("number", kind, primary_key=True, autoincrement=True)


# What readers think of answers; `previous` and `answer` are JSON.
judgement = Table(
    "judgement",
    metadata,
    _number(),
    Column("key", Words, nullable=False, unique=True),
    Column("at", Words, nullable=False),
    Column("verdict", Words, nullable=False),
    Column("reason", Words, nullable=False),
    Column("comment", Words, nullable=False),
    Column("article", Words, nullable=False),
    Column("language", Words, nullable=False),
    Column("previous", Words, nullable=False),
    Column("answer", Words, nullable=False),
    sqlite_autoincrement=True,
)

# Who changed which document; `who` and `more` are JSON objects. Rows are only ever added. What
# `library` says is index/library/named.py's matter.
change = Table(
    "change",
    metadata,
    _number(),
    Column("library", Words, nullable=False),
    Column("time", Words, nullable=False),
    Column("who", Words, nullable=False),
    Column("action", Words, nullable=False),
    Column("collection", Words, nullable=False),
    Column("document", Words, nullable=False),
    Column("more", Words, nullable=False),
    Index("change_of_document", "library", "collection", "document"),
    sqlite_autoincrement=True,
)

# Who of the servers that share a library writes it: its number counts the holdings, its beat grows
# with each sign of life (index/library/lease.py).
lease = Table(
    "lease",
    metadata,
    Column("library", Words, primary_key=True),
    Column("holder", Words, nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("beat", BigInteger, nullable=False),
)

# What is asked of that server; `told`, `who` and `reply` are JSON, the last empty until it is done,
# `begun` says how often it was begun (index/library/errands.py).
errand = Table(
    "errand",
    metadata,
    _number(),
    Column("library", Words, nullable=False),
    Column("mark", Words, nullable=False),
    Column("kind", Words, nullable=False),
    Column("collection", Words, nullable=False),
    Column("told", Words, nullable=False),
    Column("who", Words, nullable=False),
    Column("at", Words, nullable=False),
    Column("begun", Integer, nullable=False),
    Column("reply", Words, nullable=False),
    Index("errand_by_mark", "library", "mark", unique=True),
    sqlite_autoincrement=True,
)

# What that server says of its work in each collection, as JSON.
under_way = Table(
    "under_way",
    metadata,
    Column("library", Words, primary_key=True),
    Column("collection", Words, primary_key=True),
    Column("told", Words, nullable=False),
)
