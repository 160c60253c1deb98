"""Judgements are numbered in the order they came, and there are changes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_JUDGEMENT = ("key", "at", "verdict", "reason", "comment", "article", "language", "previous",
              "answer")  # fmt: skip


def _number() -> sa.Column[int]:
    kind = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    return sa.Column("number", kind, primary_key=True, autoincrement=True)


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def upgrade() -> None:
    """Copy the judgements into a table with numbers, and make the table of changes."""
    op.rename_table("judgement", "judgement_before")
    op.create_table(
        "judgement",
        _number(),
        sa.Column("key", sa.Text(), nullable=False, unique=True),
        *_texts(*_JUDGEMENT[1:]),
        sqlite_autoincrement=True,
    )
    # Where there were rows before, in SQLite, the row's id tells the order.
    order = "rowid" if op.get_context().dialect.name == "sqlite" else "at"
    names = ", ".join(_JUDGEMENT)
    op.execute(
        f"INSERT INTO judgement ({names}) SELECT {names} FROM judgement_before ORDER BY {order}"
    )
    op.drop_table("judgement_before")
    op.create_table(
        "change",
        _number(),
        *_texts("library", "time", "who", "action", "collection", "document", "more"),
        sqlite_autoincrement=True,
    )
    op.create_index("change_of_document", "change", ["library", "collection", "document"])
