"""A database of records: SQLite in a file, or PostgreSQL by its address; opened, asked, told of.

It connects when it is asked first, brings the tables to this program's form, and connects anew
after the server was away. SQLAlchemy is loaded with the first use. It knows nothing of what the
records mean.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index.errors import RecordsFault

if TYPE_CHECKING:
    from sqlalchemy import URL, Connection, Engine

# What says where records are, where no option does.
RECORDS_VARIABLE = "TIAOWEN_RECORDS"
# How long one waits for another that writes (SQLite), or for a server to take a connection.
SECONDS_TO_WAIT = 5
_SCHEMES = ("postgresql", "postgres", "postgresql+psycopg")
_WRITING = "tiaowen_writing"
_SERVER_LIMITS = (
    "-c idle_in_transaction_session_timeout=60s -c tcp_keepalives_idle=10 "
    "-c tcp_keepalives_interval=5 -c tcp_keepalives_count=3"
)


class Database:
    """A database of records. Every method may be called from any thread, in any process."""

    def __init__(self, where: str | Path) -> None:
        """Name it: the path of an SQLite file, `sqlite:///PATH` or `postgresql://…`.

        Nothing is opened yet. Raises RecordsFault for an address of another kind.
        """
        self._url: URL | None = None
        self.path: Path | None = None
        if isinstance(where, str) and "://" in where:
            self._name(where)
        else:
            self.path = Path(where)
        self._lock = threading.Lock()
        self._engine: Engine | None = None
        self._ready = False

    @property
    def where(self) -> str:
        """The path or address, without a password."""
        if self._url is None:
            return str(self.path)
        # Its query may hold a password too.
        return self._url.set(query={}).render_as_string(hide_password=True)

    @property
    def engine(self) -> Engine:
        """The engine, with tables of this program's form. Raises RecordsFault."""
        with self._faults(), self._connected() as connection:
            return connection.engine

    def is_there(self) -> bool:
        """Whether there may be records: a file is made only when something is first kept."""
        return self.path is None or self.path.exists()

    def prepare(self) -> None:
        """Make the tables, or see that they can be written. Raises RecordsFault."""
        with self.writing():
            pass

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction: kept as a whole at the end, or not at all. Raises RecordsFault.

        In SQLite one at a time; whoever comes second waits.
        """
        with self._faults(), self._connected() as connection:
            connection = connection.execution_options(**{_WRITING: True})
            with connection.begin(), _of_caller():
                yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that sees the records as they are at one moment. Raises RecordsFault."""
        with self._faults(), self._connected() as connection:
            if connection.dialect.name == "postgresql":
                connection = connection.execution_options(isolation_level="REPEATABLE READ")
            with connection.begin(), _of_caller():
                yield connection

    def close(self) -> None:
        """Let go of all connections; the next use connects anew."""
        with self._lock:
            if self._engine is not None:
                self._engine.dispose()
            self._engine, self._ready = None, False

    # --- parts of the above ---

    def _name(self, where: str) -> None:
        from sqlalchemy import make_url
        from sqlalchemy.exc import ArgumentError

        try:
            url = make_url(where)
        except (ArgumentError, ValueError):
            raise RecordsFault("records-address", where=where.partition("://")[0]) from None
        if url.drivername in _SCHEMES:
            self._url = url.set(drivername="postgresql+psycopg")
        elif url.drivername == "sqlite" and url.database and url.database != ":memory:":
            self.path = Path(url.database)
        else:
            raise RecordsFault("records-address", where=url.drivername)

    def _made(self) -> Engine:
        with self._lock:
            if self._engine is None:
                self._engine = _engine_of(self._url, self.path)
            return self._engine

    @contextmanager
    def _connected(self) -> Iterator[Connection]:
        """A connection to a database with tables of this program's form."""
        from index.records.upgrade import is_ready, upgrade

        engine = self._made()
        if self.path is not None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        with engine.connect() as connection:
            # A file may be moved away or put back from a backup at any time, so it is looked at
            # each time; a database of a server stays what it is.
            if self.path is not None or not self._ready:
                ready = is_ready(connection, self.where)
                connection.rollback()
                if not ready:
                    upgrade(engine, self.where)
                self._ready = True
            yield connection

    @contextmanager
    def _faults(self) -> Iterator[None]:
        """Whatever goes wrong with the database is one sentence."""
        from filelock import Timeout
        from sqlalchemy.exc import SQLAlchemyError

        from index.records.faults import fault_of

        try:
            yield
        except _CallerError as error:
            raise error.fault from error.fault.__cause__
        except (SQLAlchemyError, OSError, Timeout) as error:
            self._ready = False
            raise fault_of(error, self.where, self.path is None) from error


class _CallerError(Exception):
    """A fault of the disk in what a caller did within a transaction: none of the database's."""

    def __init__(self, fault: OSError) -> None:
        self.fault = fault


@contextmanager
def _of_caller() -> Iterator[None]:
    try:
        yield
    except OSError as fault:
        raise _CallerError(fault) from fault


def open_database(where: str | Path) -> Database:
    """Open a database of records: the path of an SQLite file, or `postgresql://…`.

    Its tables are made, or brought to this program's form, under a lock, so that servers which
    begin at the same time do not collide. Raises RecordsFault, in one sentence, for an address of
    another kind, a server that is away or refuses the sign-in, and a driver that is missing.
    """
    database = Database(where)
    database.prepare()
    return database


def _engine_of(url: URL | None, path: Path | None) -> Engine:
    from sqlalchemy import URL, NullPool, create_engine, event

    if url is not None:
        # A connection is tried before it is used: after a restart of the server it is a new one.
        # One to a machine that is gone is given up after seconds, not after the system's hours; by
        # the server too, which keeps the locks of a transaction as long as it believes in us.
        limits = {"connect_timeout": SECONDS_TO_WAIT, "keepalives_idle": 10,
                  "keepalives_interval": 5, "keepalives_count": 3, "tcp_user_timeout": 20_000,
                  "options": _SERVER_LIMITS, "application_name": "tiaowen"}  # fmt: skip
        own = {name: value for name, value in limits.items() if name not in url.query}
        try:
            return create_engine(url, pool_pre_ping=True, connect_args=own)
        except ImportError as error:
            raise RecordsFault("records-driver-missing") from error
    # A file is opened for each act, for it may be put back from a backup meanwhile.
    engine = create_engine(
        URL.create("sqlite", database=str(path)),
        poolclass=NullPool,
        connect_args={"timeout": SECONDS_TO_WAIT},
    )

    @event.listens_for(engine, "connect")
    def connected(connection: Any, record: object) -> None:
        # The driver is to begin no transaction by itself.
        connection.isolation_level = None
        connection.execute("PRAGMA synchronous = FULL")  # kept when the power fails, too

    @event.listens_for(engine, "begin")
    def begun(connection: Connection) -> None:
        writing = connection.get_execution_options().get(_WRITING)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")

    return engine
