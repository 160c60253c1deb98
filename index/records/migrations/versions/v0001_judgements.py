"""The table of judgements as it was when a file was made without migrations."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision: str | None = None


def upgrade() -> None:
    """Make it."""
    op.create_table(
        "judgement",
        sa.Column("key", sa.Text(), primary_key=True),
        *(
            sa.Column(name, sa.Text(), nullable=False)
            for name in ("at", "verdict", "reason", "comment", "article", "language", "previous")
        ),
        sa.Column("answer", sa.Text(), nullable=False),
    )
