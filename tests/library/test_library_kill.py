"""A server with a library is killed at twenty moments: nothing that was confirmed is ever lost."""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import signal
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from fakes_index import HashEncoder
from library_life import live

from index.search.build import build_index
from index.search.store import ClauseIndex

KILLS = 20
PHASES = (
    "opened", "staging", "staged", "confirming", "confirmed", "reading", "embedding", "writing",
    "swapped", "translating", "removing", "removed",
)  # fmt: skip
BASE = "示范市外贸办法\n第一条 支持外贸企业。\n第二条 外贸资金由市商务部门设立。\n"

pytestmark = pytest.mark.skipif(os.name != "posix", reason="kill -9 is not known there")


def rows(diary: Path, life: int | None = None) -> list[dict[str, Any]]:
    """What was written, all of it or in one life; a line that is being written is left out."""
    if not diary.exists():
        return []
    lines = diary.read_text("ascii").split("\n")[:-1]
    return [row for row in map(json.loads, lines) if life in (None, row["life"])]


def wait_for(diary: Path, life: int, what: str, seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while not any(row["what"] == what for row in rows(diary, life)):
        assert time.monotonic() < deadline, f"life {life} never came to {what}"
        time.sleep(0.002)


def promised(history: list[dict[str, Any]]) -> tuple[dict[str, str], set[str], set[str]]:
    """The documents that must be there, those that may be, and the uploads that must wait."""
    texts = {row["id"]: row["text"] for row in history if row["what"] == "staged"}
    did = {what: {row["id"] for row in history if row["what"] == what} for what in
           ("confirming", "confirmed", "removing", "removed")}  # fmt: skip
    must = {key: texts[key] for key in did["confirmed"] - did["removing"]}
    may = did["confirming"] - did["removed"]
    return must, may, texts.keys() - did["confirming"]


def test_nothing_confirmed_is_lost_whenever_the_server_is_killed(
    tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "base.txt").write_text(BASE, encoding="utf-8")
    encoder = HashEncoder()
    build_index([tmp_path / "base.txt"], tmp_path / "default", encoder)
    folder, diary = tmp_path / "library", tmp_path / "diary"
    context = multiprocessing.get_context("forkserver")
    # The process that lives are forked from looks for modules there alone.
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join((str(root), str(root / "tests"))))
    context.set_forkserver_preload(["library_life"])
    chance = random.Random(20)
    plan = [PHASES[n % len(PHASES)] for n in range(KILLS)]
    killed: Counter[str] = Counter()
    for life in range(KILLS + 1):
        last = life == KILLS
        history = rows(diary)
        server = context.Process(
            target=live, args=(folder, tmp_path / "default", diary, life, last)
        )
        server.start()
        if last:
            server.join(60)
            assert server.exitcode == 0
        else:
            wait_for(diary, life, plan[life])
            time.sleep(chance.choice((0.0, 0.002, 0.02, 0.1)) * chance.random())
            assert server.pid is not None and server.is_alive()
            os.kill(server.pid, signal.SIGKILL)
            server.join(10)
            assert server.exitcode == -signal.SIGKILL
            killed[rows(diary, life)[-1]["what"]] += 1
        own = rows(diary, life)
        assert not [row for row in own if row["what"] == "fault"]
        must, may, waiting = promised(history)
        opened = own[0]
        # Every document whose confirmation was acknowledged is there, whole; none is half there.
        assert {key: opened["held"].get(key) for key in must} == must
        assert set(opened["held"]) <= may | set(must) | {
            key for key, text in opened["held"].items() if text == "removing"
        }
        assert set(opened["waiting"]) >= waiting
        # The index of the last finished generation opens and answers at once.
        served = [row for row in own if row["what"] == "serves"]
        for row in served:
            assert row["first"] == "base#第二条"
        swapped = [row["documents"] for row in history if row["what"] == "swapped"]
        if served and swapped:
            gone = {row["id"] for row in history if row["what"] in ("removing", "removed")}
            assert set(served[0]["documents"]) >= set(swapped[-1]) - gone - {"base"}
    print(f"killed while or after: {dict(killed)}")
    assert len(killed) >= 6
    must, _, _ = promised(rows(diary))
    settled = rows(diary, KILLS)[-1]
    assert settled["what"] == "settled"
    assert {key: settled["held"].get(key) for key in must} == must
    index = ClauseIndex.open(folder / "index", encoder)
    assert set(index.documents) == {"base", *settled["held"]}
    for document_id in settled["held"]:
        assert index.documents[document_id].title_en
        rendition = index.rendition(f"{document_id}#第二条")
        assert rendition is not None and rendition.machine
        clause = index.clause(f"{document_id}#第二条")
        (found,) = index.dense_search([clause.body], ["zh"], 1)
        assert index.clauses[found["zh"][0][0]].id == clause.id
    assert list((folder / "incoming").iterdir()) == []
