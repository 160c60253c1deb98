"""A backup holds the records of a database, and puts them into an empty one of either kind."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from postgres_server import Postgres
from sqlalchemy import insert
from typer.testing import CliRunner

import tiaowen
from index.errors import RecordsFault, StoreFault
from index.library.audit import AUDIT, Audit, changes, note_rows
from index.library.backup import Places, Told, backed_up, restored
from index.records.database import Database, open_database
from index.records.tables import judgement

WORDS = ("key", "at", "verdict", "reason", "comment", "article", "language", "previous", "answer")


def places(folder: Path, records: Database | None) -> Places:
    return Places(folder / "index", folder / "library", folder / "feedback.sqlite", records)


def filled(database: Database, folder: Path) -> list[dict[str, object]]:
    (folder / "library").mkdir()
    (folder / "library" / AUDIT).write_text("{}\n")  # what was noted before there was a database
    for document in ("水", "b"):
        Audit(folder / "library", records=database).note("add", document)
    with database.writing() as connection:
        row = {name: f"{name} 好" for name in WORDS}
        connection.execute(insert(judgement), [row])
    return list(changes(database))


def test_records_are_put_into_an_empty_database(
    where: str | Path, postgres: Postgres, tmp_path: Path
) -> None:
    database = open_database(where)
    rows = filled(database, tmp_path)
    told = backed_up(tmp_path / "kept.tar.gz", places(tmp_path, database))
    assert told == Told(False, 0, False, True, 3, told.bytes)  # the library's name and file, too
    targets: list[str | Path] = [tmp_path / "b" / "r.sqlite", postgres.empty()]
    for number, target in enumerate(targets):
        there = Database(target)
        assert restored(tmp_path / "kept.tar.gz", places(tmp_path / str(number), there)) == told
        assert changes(there) == rows
        # The library is the one that they tell of.
        Audit(tmp_path / str(number) / "library", records=there).note("remove", "b")
        assert len({row["library"] for row in changes(there)}) == 1
        there.close()
    database.close()


def test_nothing_is_restored_where_the_records_have_no_place(
    where: str | Path, tmp_path: Path
) -> None:
    source = open_database(tmp_path / "a.sqlite")
    filled(source, tmp_path)
    archive = tmp_path / "kept.tar.gz"
    backed_up(archive, places(tmp_path, source))
    with pytest.raises(StoreFault, match="give --records"):
        restored(archive, places(tmp_path / "c", None))
    held = open_database(where)
    note_rows(held, "x", [{"time": "", "who": {}, "action": "a", "collection": "default"}])
    with pytest.raises(RecordsFault, match="holds records already"):
        restored(archive, places(tmp_path / "c", held))
    assert len(changes(held)) == 1 and not (tmp_path / "c" / "library").exists()
    held.close()


def test_a_server_that_is_away_leaves_the_backup_of_before(tmp_path: Path) -> None:
    source = open_database(tmp_path / "a.sqlite")
    filled(source, tmp_path)
    archive = tmp_path / "kept.tar.gz"
    backed_up(archive, places(tmp_path, source))
    before = archive.read_bytes()
    with pytest.raises(RecordsFault, match="does not answer"):
        backed_up(archive, places(tmp_path, Database("postgresql://a@127.0.0.1:1/b")))
    assert archive.read_bytes() == before


def test_the_commands_take_the_records(postgres_url: str, tmp_path: Path) -> None:
    database = open_database(postgres_url)
    rows = filled(database, tmp_path)
    run = CliRunner()
    own = ["--index", str(tmp_path / "none"), "--feedback", str(tmp_path / "none.sqlite")]
    kept = ["backup", str(tmp_path / "kept.tar.gz"), "--library", str(tmp_path / "library")]
    done = run.invoke(tiaowen.app, [*kept, *own], env={"TIAOWEN_RECORDS": postgres_url})
    assert done.exit_code == 0 and json.loads(done.stdout)["records"] is True, done.output
    back = ["restore", str(tmp_path / "kept.tar.gz"), "--library", str(tmp_path / "other")]
    done = run.invoke(tiaowen.app, [*back, *own, "--records", str(tmp_path / "r.sqlite")])
    assert done.exit_code == 0, done.output
    assert changes(Database(tmp_path / "r.sqlite")) == rows
    database.close()
