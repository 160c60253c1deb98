"""Counts of characters and pairs in words, counted once and kept."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from index.text import word_counts as module
from index.text.word_counts import count, word_counts


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The user's cache folder, of which nothing was read yet."""
    monkeypatch.setattr("platformdirs.user_cache_path", lambda *_, **__: tmp_path)
    word_counts.cache_clear()
    yield tmp_path
    word_counts.cache_clear()


def test_pairs_and_characters_count_by_how_often_their_word_is_used() -> None:
    pairs, single = count("电商 300 n\n商务局 200 n\n生僻 99 n\n")
    assert pairs == {"电商": 300, "商务": 200, "务局": 200}
    assert single == {"电": 300, "商": 500, "务": 200, "局": 200}


def test_what_was_counted_is_kept_and_read_again(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = word_counts()
    assert first[0]["商务"] > 0 and [path.suffix for path in cache.iterdir()] == [".json"]
    word_counts.cache_clear()
    with monkeypatch.context() as patched:
        patched.setattr(module, "count", lambda _: pytest.fail("counted again"))
        assert word_counts() == first


@pytest.mark.parametrize("damaged", [b"", b"[1, 2]", b"\xff", b"[[], {}, {}]"])
def test_what_cannot_be_read_is_counted_anew(cache: Path, damaged: bytes) -> None:
    first = word_counts()
    (path,) = cache.iterdir()
    path.write_bytes(damaged)
    word_counts.cache_clear()
    assert word_counts() == first
    word_counts.cache_clear()
    assert word_counts() == first and path.read_bytes() != damaged


def test_a_folder_that_cannot_be_written_costs_the_counting_alone(cache: Path) -> None:
    (cache / "file").write_text("")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("platformdirs.user_cache_path", lambda *_, **__: cache / "file" / "in")
        assert word_counts()[0]["商务"] > 0


def test_nothing_is_left_of_counts_that_could_not_be_put_in_their_place(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(source: str, target: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", full)
    assert word_counts()[0]["商务"] > 0
    assert not [*cache.iterdir()]
