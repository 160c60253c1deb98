"""The settings of one of several servers, and what a server that is alone has without them."""

from __future__ import annotations

from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

import app
from index.library.collections import Collections
from index.library.several import SharedCollections
from index.records.database import Database
from rag.web.access import Access
from rag.web.rates import QuestionRate
from rag.web.shared_rates import SharedQuestionRate, SharedTries
from rag.web.signed import SECRET_VARIABLE


def test_a_server_that_is_alone_counts_in_its_memory_and_has_its_folder_alone(
    tmp_path: Path,
) -> None:
    several = app._several(False, "", "", Access(), 20)
    assert isinstance(several.rate, QuestionRate)
    assert several.tried is None and several.alone
    assert app._several(False, "", "", Access(), 0).rate is None
    collections = app._collections(tmp_path, None, False)
    assert type(collections) is Collections and collections.writes
    collections.close()


def test_one_of_several_shares_folder_and_limits(tmp_path: Path) -> None:
    several = app._several(True, "where", "memory://", Access("asker", "manager"), 20)
    assert isinstance(several.rate, SharedQuestionRate)
    assert several.tried and isinstance(several.tried("tokens"), SharedTries)
    assert not several.alone
    collections = app._collections(tmp_path, Database(tmp_path / "records.sqlite"), True)
    assert isinstance(collections, SharedCollections) and not collections.writes
    collections.close()


def test_without_tokens_what_is_in_the_store_is_told_by_the_secret_of_sessions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(SECRET_VARIABLE, raising=False)

    def called(folder: Path | None) -> str:
        several = app._several(False, "", "memory://", Access(), 20, folder)
        assert isinstance(several.rate, SharedQuestionRate)
        return several.rate._store.digest(b"198.51.100.7")

    one, other = tmp_path / "one", tmp_path / "other"
    assert called(one) == called(one)
    assert len({called(one), called(other), called(None)}) == 3
    # Before anything else makes it: the folder is its owner's alone.
    assert one.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(
    ("arguments", "told"),
    [(["--shared"], "--records"), (["--limits", "nowhere"], "--limits")],
)
def test_what_cannot_be_ends_the_start_in_one_sentence(
    monkeypatch: pytest.MonkeyPatch, arguments: list[str], told: str
) -> None:
    monkeypatch.setattr(app, "listen", lambda host, port: None)
    monkeypatch.delenv("TIAOWEN_RECORDS", raising=False)
    commands = typer.Typer(add_completion=False)
    commands.command()(app.main)
    done = CliRunner().invoke(commands, arguments)
    (line,) = done.stderr.splitlines()
    assert done.exit_code == 1 and line.startswith("error: ") and told in line
