"""The migrations of the records, run by Alembic when a database is opened."""
