"""Where a chat keeps its records is said once, and a database that cannot be had ends the start."""

from __future__ import annotations

from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

import app


def started(monkeypatch: pytest.MonkeyPatch, *arguments: str, **more: str) -> str:
    """The one line that a start ends with."""
    monkeypatch.setattr(app, "listen", lambda host, port: None)
    commands = typer.Typer(add_completion=False)
    commands.command()(app.main)
    done = CliRunner().invoke(commands, arguments, env=more)
    assert (done.exit_code, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    return line


def test_a_database_that_is_away_ends_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    where = "postgresql://somebody:secret-word@127.0.0.1:1/records"
    for line in (
        started(monkeypatch, "--records", where),
        started(monkeypatch, TIAOWEN_RECORDS=where),
    ):
        assert line.startswith("error: The database ") and "does not answer" in line
        assert "secret-word" not in line


def test_judgements_go_to_one_place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    chosen = ["--records", str(tmp_path / "a.sqlite"), "--feedback", str(tmp_path / "b.sqlite")]
    assert "give one of them" in started(monkeypatch, *chosen)
    assert not (tmp_path / "b.sqlite").exists()


def test_records_are_where_judgements_are_kept(tmp_path: Path, postgres_url: str) -> None:
    from index.records.database import open_database

    records = open_database(postgres_url)
    assert app._feedback_store(None, records).database is records
    assert app._feedback_store(tmp_path / "a", None).database.path == tmp_path / "a"
    records.close()
