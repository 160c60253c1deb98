"""Records go from one database to another and back, whole or not at all."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select
from typer.testing import CliRunner

import tiaowen
from index.errors import RecordsFault
from index.records import copied as module
from index.records.copied import COPIED, copied
from index.records.database import Database, open_database
from index.records.tables import change, judgement

CHANGE = {"library": "l", "time": "2026", "who": "{}", "action": "add", "collection": "default",
          "document": "水", "more": "{}"}  # fmt: skip
WORDS = ("key", "at", "verdict", "reason", "comment", "article", "language", "previous", "answer")


def filled(where: str | Path, count: int = 1200) -> Database:
    own = open_database(where)
    with own.writing() as connection:
        rows = [{name: f"{name} {n} 好" for name in WORDS} for n in range(count)]
        connection.execute(insert(judgement), rows)
        connection.execute(insert(change), [CHANGE] * 3)
    return own


def everything(database: Database) -> dict[str, list[Any]]:
    with database.reading() as connection:
        return {
            table.name: sorted(map(tuple, connection.execute(select(table)).all()))
            for table in COPIED
        }


def test_there_and_back_all_is_the_same(postgres_url: str, tmp_path: Path) -> None:
    here = filled(tmp_path / "a.sqlite")
    there, back = Database(postgres_url), Database(tmp_path / "b.sqlite")
    counts = {"change": 3, "judgement": 1200}
    assert copied(here, there) == counts == copied(there, back)
    assert everything(here) == everything(there) == everything(back)
    for own in (there, back):  # numbers go on
        with own.writing() as connection:
            connection.execute(insert(change), [CHANGE])
            numbers = connection.execute(select(change.c.number).order_by(change.c.number))
            assert numbers.scalars().all() == [1, 2, 3, 4]
        own.close()


def test_a_file_of_today_is_copied_as_it_is_kept_from_now_on(
    postgres_url: str, tmp_path: Path
) -> None:
    here = filled(tmp_path / "a.sqlite", 2)
    with sqlite3.connect(tmp_path / "a.sqlite") as file:
        file.execute("UPDATE judgement SET comment = 'a' || char(0) || 'b'")
    there = Database(postgres_url)
    assert copied(here, there)["judgement"] == 2
    with there.reading() as connection:
        assert connection.execute(select(judgement.c.comment)).scalars().all() == ["a\ufffdb"] * 2


def test_records_are_never_mixed(where: str | Path, tmp_path: Path) -> None:
    here, there = filled(tmp_path / "a.sqlite", 2), filled(where, 3)
    before = everything(there)
    with pytest.raises(RecordsFault, match="holds records already"):
        copied(here, there)
    assert everything(there) == before


def test_what_is_not_alike_is_not_kept(
    where: str | Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, there = filled(tmp_path / "a.sqlite", 600), open_database(where)
    monkeypatch.setattr(module, "_copy", _copied_wrongly)
    with pytest.raises(RecordsFault, match="not those that were copied"):
        copied(here, there)
    assert all(rows == [] for rows in everything(there).values())


def _copied_wrongly(table: Any, read: Any, written: Any) -> int:
    """One row of a thousand has another comment."""
    rows = [dict(row) for row in read.execute(select(table)).mappings()]
    if table is judgement:
        rows[-1]["comment"] = "other"
    if rows:
        written.execute(insert(table), rows)
    return len(rows)


def test_the_command_tells_counts_and_faults(postgres_url: str, tmp_path: Path) -> None:
    filled(tmp_path / "a.sqlite", 2)
    run = CliRunner()
    command = ["records", "migrate", str(tmp_path / "a.sqlite"), postgres_url]
    done = run.invoke(tiaowen.app, command)
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout) == {"change": 3, "judgement": 2}
    again = run.invoke(tiaowen.app, command)
    assert (again.exit_code, again.stdout, len(again.stderr.splitlines())) == (1, "", 1)
    nowhere = run.invoke(tiaowen.app, ["records", "migrate", str(tmp_path / "none"), postgres_url])
    assert nowhere.exit_code == 1 and "no records" in nowhere.stderr
    assert not (tmp_path / "none").exists()
    nothing = run.invoke(tiaowen.app, ["records", "changes", str(tmp_path / "none")])
    assert nothing.exit_code == 1 and "no records" in nothing.stderr
    assert not (tmp_path / "none").exists()
    told = run.invoke(tiaowen.app, ["records", "changes", postgres_url])
    rows = [json.loads(line) for line in told.stdout.splitlines()]
    assert [(row["action"], row["document"]) for row in rows] == [("add", "水")] * 3
