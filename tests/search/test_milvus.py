"""Both stores give the same rankings; in Milvus only what changed is written, and nothing is lost.

The component is milvus-lite of the extra `milvus`, in this process and as a server of its own.
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fakes_index import HashEncoder

from index.errors import StoreFault
from index.library.backup import Places, backed_up, restored
from index.search import milvus_write
from index.search.build import build_index, collect, write_index
from index.search.contents import Contents
from index.search.generation import LOCAL
from index.search.migrate import migrated
from index.search.milvus_server import server_at
from index.search.milvus_words import Words, dimension
from index.search.store import ClauseIndex
from index.text.tokens import tokenise_chinese, tokenise_english

pytest.importorskip("milvus_lite", reason="needs milvus-lite: pip install -e '.[milvus]'")

CORPUS = Path(__file__).parents[2] / "index" / "corpus"
CASES = Path(__file__).parents[2] / "eval" / "cases" / "dev.jsonl"


def silent(stage: str, done: int, total: int) -> None:
    """Progress for nobody."""


@pytest.fixture(scope="module")
def contents() -> Contents:
    return collect([CORPUS], [], silent)


@pytest.fixture(scope="module")
def local(contents: Contents, tmp_path_factory: pytest.TempPathFactory) -> ClauseIndex:
    folder = tmp_path_factory.mktemp("local")
    write_index(contents, folder, HashEncoder(), silent, [])
    return ClauseIndex.open(folder, HashEncoder())


@pytest.fixture(scope="module")
def remote(contents: Contents, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClauseIndex]:
    folder = tmp_path_factory.mktemp("remote")
    address = str(folder / "passages.db")
    write_index(contents, folder / "index", HashEncoder(), silent, [], f"milvus:{address}")
    yield ClauseIndex.open(folder / "index", HashEncoder())
    server_at(address).close()


def questions(step: int) -> list[str]:
    lines = CASES.read_text("utf-8").splitlines()
    return [json.loads(line)["question"] for line in lines[::step]]


def rankings(index: ClauseIndex, question: str, within: list[str] | None) -> dict[str, list[int]]:
    """The first ten rows of each ranking that a search is made of."""
    found = dict(index.dense_search([question], k=10, within=within)[0])
    words = [*([[token]] for token in tokenise_chinese(question)), *index.alternatives(question)]
    found["words"] = index.search_words(words, 10, within)
    found["bm25-en"] = index.lexical_search(tokenise_english(question), "en", 10, within)
    return {name: [row for row, _ in own] for name, own in found.items()}


@pytest.mark.parametrize("within", [None, ["shanghai-2019", "hangzhou-2024"], []])
def test_both_stores_give_the_same_rankings(
    local: ClauseIndex, remote: ClauseIndex, within: list[str] | None
) -> None:
    asked = questions(20)
    same = 0
    for question in asked:
        same += rankings(local, question, within) == rankings(remote, question, within)
    assert same >= 0.99 * len(asked)


def test_what_is_left_out_is_not_found(local: ClauseIndex, remote: ClauseIndex) -> None:
    for index in (local, remote):
        rest = index.without(["shanghai-2021"])
        (found,) = rest.dense_search(["数字商务"], ["zh"], 200)
        rows = [row for row, _ in found["zh"]]
        assert len(rows) == len(index.clauses) - len(index.documents["shanghai-2021"].clauses)
        assert all(index.clauses[row].document_id != "shanghai-2021" for row in rows)


def test_only_what_changed_is_written_and_what_is_gone_is_removed(
    contents: Contents, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = str(tmp_path / "passages.db")
    folder = tmp_path / "index"
    written: list[int] = []
    put = milvus_write.MilvusWriter.put

    def counted(self: milvus_write.MilvusWriter, entities: list[milvus_write.Entity]) -> int:
        written.append(put(self, entities))
        return written[-1]

    monkeypatch.setattr(milvus_write.MilvusWriter, "put", counted)
    four = replace(contents, documents=contents.documents[:4])
    write_index(four, folder, HashEncoder(), silent, [], f"milvus:{address}")
    before = ClauseIndex.open(folder, HashEncoder())
    report = write_index(contents, folder, HashEncoder(), silent, [])
    assert written[0] == sum(before.manifest["passages"].values())
    assert sum(written) == report.passages
    # Who has the generation of before open goes on.
    assert before.search_words([[["数字"]]], 5)
    write_index(four, folder, HashEncoder(), silent, [])
    assert written[2] == 0
    again = ClauseIndex.open(folder, HashEncoder())
    assert again.manifest["store"] == before.manifest["store"]
    assert rankings(again, "数字贸易", None) == rankings(before, "数字贸易", None)
    writer = milvus_write.MilvusWriter(
        address, again.manifest["store"]["holder"], HashEncoder().digest, HashEncoder().dimension
    )
    assert len(writer.keys()) == written[0]
    writer.remove("shanghai-2021")
    assert len(writer.keys()) < written[0]
    server_at(address).close()


def test_an_index_is_moved_there_and_backed_up_and_back(contents: Contents, tmp_path: Path) -> None:
    folder = tmp_path / "index"
    encoder = HashEncoder()
    write_index(contents, folder, encoder, silent, [])
    name = ClauseIndex.open(folder).name
    there = migrated(folder, f"milvus:{tmp_path / 'passages.db'}")
    moved = ClauseIndex.open(folder, encoder)
    assert there.name != name
    assert not list((folder / moved.manifest["generation"]).glob("dense-*"))
    kept = Places(folder, tmp_path / "none", tmp_path / "none.sqlite")
    backed_up(tmp_path / "kept.tar.gz", kept)
    restored(tmp_path / "kept.tar.gz", replace(kept, index=tmp_path / "restored"))
    assert ClauseIndex.open(tmp_path / "restored").name == name
    back = migrated(folder, LOCAL)
    assert (back.name, back.digest) == (name, there.digest)
    assert back.passages == there.passages == sum(moved.manifest["passages"].values())
    server_at(str(tmp_path / "passages.db")).close()


def test_a_new_document_changes_no_weights_of_others() -> None:
    rows = [["甲", "乙"], ["乙", "丙", "丁"]] * 30
    before = Words.of(rows, None)
    after = Words.of([*rows, ["乙"] * 4], before)
    assert after.reference == before.reference != after.mean
    assert after.stored(["甲", "乙"]) == before.stored(["甲", "乙"])
    assert after.weight("乙") < before.weight("乙")
    # What is worked out is by today's mean length.
    stored = after.stored(["甲", "乙"])[dimension("甲")]
    assert after.share(stored, 2) == pytest.approx(1 / (1 + after.damping(2, after.mean)))
    # Another mean altogether is taken over.
    assert Words.of([["甲"] * 9], before).reference == 9


def test_a_store_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreFault, match="names no store"):
        build_index([CORPUS], tmp_path, HashEncoder(), store="elsewhere")


def test_a_server_that_was_away_is_asked_again(contents: Contents, tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    server = started(tmp_path, port)
    try:
        folder = tmp_path / "index"
        small = replace(contents, documents=contents.documents[:1])
        write_index(small, folder, HashEncoder(), silent, [], f"milvus:{address}")
        index = ClauseIndex.open(folder, HashEncoder())
        found = index.search_words([[["数字"]]], 5)
        assert found
        server.kill()
        server.wait()
        with pytest.raises(StoreFault, match=f"milvus:{address} does not answer") as fault:
            index.search_words([[["数字"]]], 5)
        assert "\n" not in str(fault.value)
        server = started(tmp_path, port)
        assert index.search_words([[["数字"]]], 5) == found
        # One that was away between two questions is not told of at all.
        server.kill()
        server.wait()
        server = started(tmp_path, port)
        assert index.search_words([[["数字"]]], 5) == found
    finally:
        server.kill()
        server.wait()


def started(folder: Path, port: int) -> subprocess.Popen[bytes]:
    """A server of milvus-lite that answers."""
    command = [sys.executable, "-m", "milvus_lite.cmdline", "server"]
    command += ["--data-dir", str(folder / "data"), "--port", str(port)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and server.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return server
        time.sleep(0.1)
    server.kill()
    raise AssertionError("milvus-lite did not start")
