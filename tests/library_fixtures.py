"""A library over a small index in service, made of the BASE of the module that asks for it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes_index import HashEncoder
from fakes_served import Served

from index.library.library import Library
from index.search.build import build_index
from index.search.store import ClauseIndex


@pytest.fixture
def base(tmp_path: Path, request: pytest.FixtureRequest) -> ClauseIndex:
    """The index of the module's BASE, which is no part of the library."""
    (tmp_path / "base.txt").write_text(request.module.BASE, encoding="utf-8")
    encoder = HashEncoder()
    build_index([tmp_path / "base.txt"], tmp_path / "default", encoder)
    return ClauseIndex.open(tmp_path / "default", encoder)


@pytest.fixture
def served(base: ClauseIndex) -> Served:
    """What the server holds."""
    own = Served()
    own.use(base)
    return own


@pytest.fixture
def library(tmp_path: Path, base: ClauseIndex, served: Served) -> Iterator[Library]:
    """A library, opened and at work."""
    opened = Library(tmp_path / "library")
    opened.start(base, served.use)
    yield opened
    opened.close()
