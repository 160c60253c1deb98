"""Run by Alembic with the connection and transaction that index/records/upgrade.py hands over."""

from alembic import context

from index.records.tables import metadata
from index.records.upgrade import VERSIONS

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=VERSIONS,
)
context.run_migrations()
