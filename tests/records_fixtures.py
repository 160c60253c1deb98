"""An empty database of each kind, for the contract tests of the stores."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from index.records.database import Database, open_database


@pytest.fixture(params=["sqlite", "postgresql"])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> str | Path:
    """Its path or address."""
    if request.param == "sqlite":
        return tmp_path / "kept" / "records.sqlite"
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture
def database(where: str | Path) -> Iterator[Database]:
    """It, opened."""
    own = open_database(where)
    yield own
    own.close()
