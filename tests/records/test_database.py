"""A database of records is opened, brought up to date, and told of in one sentence."""

from __future__ import annotations

import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from postgres_server import Postgres
from sqlalchemy import func, insert, inspect, select

from index.errors import RecordsFault
from index.records.database import Database, open_database
from index.records.tables import HEAD, change, judgement, metadata
from index.records.upgrade import APPLICATION, MIGRATIONS, VERSIONS

ROW = {"library": "", "time": "2026-01-01", "who": "{}", "action": "add", "collection": "default",
       "document": "a", "more": "{}"}  # fmt: skip
# The table of judgements as the program made it before there were migrations.
BEFORE = """
CREATE TABLE judgement (
    key TEXT PRIMARY KEY,
    at TEXT NOT NULL,
    verdict TEXT NOT NULL,
    reason TEXT NOT NULL,
    comment TEXT NOT NULL,
    article TEXT NOT NULL,
    language TEXT NOT NULL,
    previous TEXT NOT NULL,
    answer TEXT NOT NULL
)
"""


def noted(database: Database) -> int:
    with database.reading() as connection:
        return int(connection.execute(select(func.count()).select_from(change)).scalar_one())


def test_the_tables_are_what_the_migrations_make(database: Database) -> None:
    seen = inspect(database.engine)
    assert set(seen.get_table_names()) == {VERSIONS, *metadata.tables}
    for name, table in metadata.tables.items():
        columns = {one["name"]: one["nullable"] for one in seen.get_columns(name)}
        assert columns == {one.name: bool(one.nullable) for one in table.columns}
        keys = seen.get_pk_constraint(name)["constrained_columns"]
        assert keys == [one.name for one in table.primary_key.columns]
    assert [one["name"] for one in seen.get_indexes("change")] == ["change_of_document"]
    (unique,) = seen.get_unique_constraints("judgement")
    assert unique["column_names"] == ["key"]


def test_the_newest_migration_is_the_head() -> None:
    from alembic.script import ScriptDirectory

    assert ScriptDirectory(str(MIGRATIONS)).get_heads() == [HEAD]


def test_a_transaction_is_kept_whole_or_not_at_all(database: Database) -> None:
    with database.writing() as connection:
        connection.execute(insert(change), [ROW, ROW])
    with pytest.raises(ZeroDivisionError), database.writing() as connection:
        connection.execute(insert(change), [ROW])
        _ = 1 / 0
    assert noted(database) == 2


def test_what_no_database_can_hold_is_replaced(database: Database) -> None:
    with database.writing() as connection:
        connection.execute(insert(change), [{**ROW, "document": "a\0b\ud83dc水"}])
    with database.reading() as connection:
        assert connection.execute(select(change.c.document)).scalar_one() == "a\ufffdb?c水"


def test_nothing_is_made_before_it_is_used(tmp_path: Path) -> None:
    own = Database(tmp_path / "kept" / "records.sqlite")
    assert not own.is_there() and not (tmp_path / "kept").exists()
    own.prepare()
    assert own.is_there()


def test_a_file_is_named_by_address_too(tmp_path: Path) -> None:
    own = open_database(f"sqlite:///{tmp_path}/a.sqlite")
    assert own.path == tmp_path / "a.sqlite" and own.path.exists()


OPEN = """
import sys
from sqlalchemy import insert
from index.records.database import open_database
from index.records.tables import change
sys.stdin.readline()
own = open_database(sys.argv[1])
with own.writing() as connection:
    connection.execute(insert(change), [dict(library="", time="", who="", action="", collection="",
                                             document=sys.argv[2], more="")])
"""


def test_programs_that_open_it_at_once_do_not_collide(where: str | Path, root: Path) -> None:
    begun = [
        subprocess.Popen(
            [sys.executable, "-c", OPEN, str(where), str(number)],
            cwd=root,
            stdin=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        for number in range(4)
    ]
    for one in begun:
        assert one.stdin is not None
        one.stdin.write(b"go\n")
        one.stdin.flush()
    for one in begun:
        _, said = one.communicate(timeout=60)
        assert one.returncode == 0, said.decode()
    assert noted(Database(where)) == 4


# --- files of before ---


def made_before(path: Path, rows: Sequence[tuple[str, ...]]) -> None:
    file = sqlite3.connect(path, isolation_level=None)
    file.execute("PRAGMA journal_mode = WAL")
    file.executescript(
        f"BEGIN; {BEFORE}; PRAGMA application_id = {APPLICATION}; PRAGMA user_version = 1; COMMIT;"
    )
    file.executemany("INSERT OR REPLACE INTO judgement VALUES (?,?,?,?,?,?,?,?,?)", rows)
    file.close()


def test_a_file_of_before_is_taken_over_whole(tmp_path: Path) -> None:
    path = tmp_path / "feedback.sqlite"
    rows = [
        (key, "2026-01-01", "up", "", f"好 {key}\0", "a#一", "zh", '["前"]', '{"answer": "甲"}')
        for key in ("c", "a", "b", "a")
    ]
    made_before(path, rows)
    own = open_database(path)
    columns = [one for one in judgement.columns if one.name != "number"]
    with own.reading() as connection:
        kept = connection.execute(select(*columns).order_by(judgement.c.number)).all()
    # A judgement that was replaced counts from then on.
    assert [tuple(row) for row in kept] == [rows[0], rows[2], rows[3]]
    with sqlite3.connect(path) as file:
        assert file.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        # A program of before says that it is too new, and leaves it alone.
        assert file.execute("PRAGMA user_version").fetchone() == (int(HEAD),)
        assert file.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_an_upgrade_that_breaks_off_leaves_the_file_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "feedback.sqlite"
    made_before(path, [("a", "", "up", "", "", "", "zh", "[]", "{}")])
    from alembic import command

    upgrade = command.upgrade

    def broken(*given: Any, **more: Any) -> None:
        upgrade(*given, **more)
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(command, "upgrade", broken)
        with pytest.raises(RecordsFault, match="No space left"):
            open_database(path)
    with sqlite3.connect(path) as file:
        tables = file.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        assert tables == [("judgement",)]
        assert file.execute("PRAGMA user_version").fetchone() == (1,)
    with open_database(path).reading() as connection:
        assert len(connection.execute(select(judgement)).all()) == 1


def test_a_file_put_back_from_a_backup_is_brought_up_to_date(tmp_path: Path) -> None:
    path = tmp_path / "feedback.sqlite"
    own = open_database(path)
    made_before(tmp_path / "old.sqlite", [("a", "", "up", "", "", "", "zh", "[]", "{}")])
    shutil.copy(tmp_path / "old.sqlite", path)
    with own.reading() as connection:
        assert len(connection.execute(select(judgement)).all()) == 1


# --- what goes wrong ---


def fault(where: str | Path) -> str:
    with pytest.raises(RecordsFault) as told:
        open_database(where)
    said = str(told.value)
    assert len(said.splitlines()) == 1 and said.endswith((".", "]'"))
    assert told.value.notice.told_in("zh") != said
    return said


@pytest.mark.parametrize("address", ["mysql://a/b", "sqlite://", "postgresql+asyncpg://a/b", "://"])
def test_an_address_of_another_kind_is_refused(address: str) -> None:
    assert "no address of a database of records" in fault(address)


def test_a_database_of_something_else_is_left_alone(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "other.sqlite") as file:
        file.execute("CREATE TABLE a (b)")
    assert "a database of something else" in fault(tmp_path / "other.sqlite")
    (tmp_path / "text").write_text("hello, this is not a database" * 9)
    assert "not a database" in fault(tmp_path / "text")
    assert (tmp_path / "text").read_text().startswith("hello")


def test_what_a_newer_program_wrote_is_left_alone(database: Database, where: str | Path) -> None:
    with database.writing() as connection:
        if database.path:
            connection.exec_driver_sql("PRAGMA user_version = 99")
        else:
            connection.exec_driver_sql(f"UPDATE {VERSIONS} SET version_num = '0099'")
    assert "a newer version" in fault(where)


def test_a_folder_that_cannot_be_written_is_told_of(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    said = fault(tmp_path / "file" / "a.sqlite")
    assert "The file of records" in said and str(tmp_path / "file") in said


def test_a_server_that_is_away_is_told_of() -> None:
    said = fault("postgresql://somebody:secret-word@127.0.0.1:1/records")
    assert "does not answer" in said and "refused" in said and "secret-word" not in said


def test_a_wrong_password_is_told_of(postgres: Postgres) -> None:
    said = fault(postgres.url(password="secret-word"))
    assert "refuses the sign-in" in said and "secret-word" not in said


def test_a_database_that_is_not_there_is_told_of(postgres: Postgres) -> None:
    assert 'database "nowhere" does not exist' in fault(postgres.url("nowhere"))


def test_a_missing_driver_is_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    assert "pip install 'tiaowen[postgres]'" in fault("postgresql://a@127.0.0.1:1/b")


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT])
def test_a_server_that_was_away_is_found_again(postgres: Postgres, how: signal.Signals) -> None:
    own = open_database(postgres.empty())
    with own.writing() as connection:
        connection.execute(insert(change), [ROW])
    postgres.stop(how)
    try:
        with pytest.raises(RecordsFault, match="does not answer"):
            noted(own)
    finally:
        postgres.start()
    assert noted(own) == 1
    with pytest.raises(RecordsFault), own.writing() as connection:
        connection.execute(insert(change), [ROW])
        postgres.stop(how)
        postgres.start()
        connection.execute(insert(change), [ROW])
    assert noted(own) == 1
    own.close()


def test_no_password_is_shown_wherever_it_stands() -> None:
    shown = Database("postgresql://db/x?user=u&password=hush&sslpassword=quiet").where
    assert "hush" not in shown and "quiet" not in shown and "db" in shown


def test_a_full_disk_of_the_callers_is_no_fault_of_the_database(tmp_path: Path) -> None:
    database = open_database(tmp_path / "records.sqlite")
    for within in (database.writing, database.reading):
        with pytest.raises(OSError, match="no space") as raised, within():
            raise OSError(28, "no space left")
        assert not isinstance(raised.value, RecordsFault)
    assert noted(database) == 0
