"""What several servers share of a library: who writes it, what is asked of them, what they do."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def _number() -> sa.Column[int]:
    kind = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    return sa.Column("number", kind, primary_key=True, autoincrement=True)


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def upgrade() -> None:
    """Make the three tables."""
    op.create_table(
        "lease",
        sa.Column("library", sa.Text(), primary_key=True),
        *_texts("holder"),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("beat", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "errand",
        _number(),
        *_texts("library", "mark", "kind", "collection", "told", "who", "at"),
        sa.Column("begun", sa.Integer(), nullable=False),
        *_texts("reply"),
        sqlite_autoincrement=True,
    )
    op.create_index("errand_by_mark", "errand", ["library", "mark"], unique=True)
    op.create_table(
        "under_way",
        sa.Column("library", sa.Text(), primary_key=True),
        sa.Column("collection", sa.Text(), primary_key=True),
        *_texts("told"),
    )
