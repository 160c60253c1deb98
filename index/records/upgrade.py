"""Brings a database of records to the form of this program, once, however many servers open it.

All of it is one transaction, so that what breaks off leaves the form before. Which database it is
and when it is opened is index/records/database.py's matter.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from index.errors import RecordsFault
from index.records.tables import HEAD

MIGRATIONS = Path(__file__).parent / "migrations"
# Tells our SQLite files from any other: "tiao". It is the lock's number in PostgreSQL, too.
APPLICATION = 0x7469616F
# How long a server waits for another one that is bringing the same database up to date.
SECONDS_TO_WAIT = 60
# Not the usual name, for another program may keep its own in the same database.
VERSIONS = "tiaowen_version"


def form_of(connection: Connection, where: str) -> str:
    """The number of the last migration, empty for a database that has none yet.

    Raises RecordsFault for an SQLite file of something else.
    """
    if connection.dialect.name == "sqlite":
        application = connection.exec_driver_sql("PRAGMA application_id").scalar_one()
        version = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
        if application == APPLICATION:
            return f"{version:04}"
        if connection.exec_driver_sql("SELECT count(*) FROM sqlite_master").scalar_one():
            raise RecordsFault("records-of-others", where=where)
        return ""
    if not inspect(connection).has_table(VERSIONS):
        return ""
    number = connection.execute(text(f"SELECT version_num FROM {VERSIONS}")).scalar()
    return str(number or "")


def is_ready(connection: Connection, where: str) -> bool:
    """Whether the database has the form of this program. Raises RecordsFault for a newer one."""
    form = form_of(connection, where)
    if form > HEAD:
        raise RecordsFault("records-newer", where=where)
    return form == HEAD


def upgrade(engine: Engine, where: str) -> None:
    """Bring the database to the form of this program, or wait until another program has done so.

    Raises RecordsFault for a database of something else or of a newer program, and what the
    database raises.
    """
    if engine.dialect.name == "postgresql":
        with engine.begin() as connection:
            connection.execute(text(f"SET LOCAL lock_timeout = '{SECONDS_TO_WAIT}s'"))
            connection.execute(text(f"SELECT pg_advisory_xact_lock({APPLICATION})"))
            if not is_ready(connection, where):
                _migrate(connection, where)
        return
    from filelock import FileLock

    path = Path(str(engine.url.database))
    path.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{path}.lock", timeout=SECONDS_TO_WAIT):
        with engine.connect() as connection:
            if is_ready(connection, where):
                return
        raw = engine.raw_connection()
        try:
            raw.cursor().execute("PRAGMA journal_mode = WAL")  # not within a transaction
        finally:
            raw.close()
        with engine.begin() as connection:
            _migrate(connection, where)
            connection.exec_driver_sql(f"PRAGMA application_id = {APPLICATION}")
            connection.exec_driver_sql(f"PRAGMA user_version = {int(HEAD)}")


def _migrate(connection: Connection, where: str) -> None:
    """Run the migrations that the database has not had, within the connection's transaction."""
    from alembic import command
    from alembic.config import Config

    settings = Config()
    # A percent sign would begin a name of the settings file's.
    settings.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    settings.attributes["connection"] = connection
    form = form_of(connection, where)
    if form and not inspect(connection).has_table(VERSIONS):
        command.stamp(settings, form)  # a file that was made before there were migrations
    command.upgrade(settings, HEAD)
