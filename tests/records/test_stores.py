"""The contract of each store of records, over a file and over a server; and writers that die."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from fakes_app import FakeAssistant
from postgres_server import Postgres

from index.errors import RecordsFault
from index.library.audit import AUDIT, Audit, acting, changes
from index.library.named import NAME, library_name
from index.records.database import Database, open_database
from rag.schema import Answer
from rag.web.feedback.store import FeedbackFault, FeedbackStore, Judged, judged

MOMENTS = 20


def answer() -> Answer:
    *_, made = FakeAssistant().ask("How many?")
    assert isinstance(made, Answer)
    return made


def judgement(key: str, at: str = "2026-01-01T00:00:00.000+00:00", **more: Any) -> Judged:
    verdict = more.pop("verdict", "up")
    return replace(judged(key, answer(), ["前一问"], verdict, **more), at=at)


# --- judgements ---


def test_judgements_are_kept_changed_chosen_and_withdrawn(database: Database) -> None:
    store = FeedbackStore(database)
    one = judgement("a", comment="好\0 \ud83d", verdict="down", reason="wrong", article="x#一")
    store.keep(one)
    (kept,) = store.judgements()
    assert kept == replace(one, comment="好\ufffd ?", answer=json.loads(json.dumps(kept.answer)))
    assert kept.previous == ("前一问",) and kept.answer["question"] == "How many?"
    store.keep(judgement("b"))
    store.keep(judgement("c", "2026-01-02T00:00:00.000+00:00"))
    # The newest first; of the same moment the one that came later.
    assert [each.key for each in store.judgements()] == ["c", "b", "a"]
    store.keep(judgement("a", "2026-01-03T00:00:00.000+00:00"))
    assert [(each.key, each.verdict) for each in store.judgements()] == [
        ("a", "up"), ("c", "up"), ("b", "up"),
    ]  # fmt: skip
    assert store.judgements(verdict="down") == [] == store.judgements(reason="' OR 1 --")
    assert [each.key for each in store.judgements(language="en", verdict="up")] == ["a", "c", "b"]
    assert store.withdraw("c") and not store.withdraw("c")
    assert [each.key for each in FeedbackStore(database).judgements()] == ["a", "b"]


def test_of_one_answer_many_judge_at_once(database: Database) -> None:
    store = FeedbackStore(database)
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda n: store.keep(judgement("same", comment=str(n))), range(40)))
    assert len(store.judgements()) == 1


def test_a_judgement_that_is_none_is_one_sentence(database: Database) -> None:
    store = FeedbackStore(database)
    store.keep(judgement("a"))
    with database.writing() as connection:
        connection.exec_driver_sql("UPDATE judgement SET answer = '{}'")
    with pytest.raises(FeedbackFault, match="holds no answer"):
        store.judgements()


# --- changes ---


def test_changes_are_noted_in_order_and_read_back(database: Database, tmp_path: Path) -> None:
    audit = Audit(tmp_path / "library", records=database)
    assert changes(database) == []
    with acting(address="192.0.2.7", session="ab12"):
        audit.note("upload", "a", file="水.txt", origin="")
    audit.within("tax").note("collection removed", removed="tax", documents=["a", "b"])
    first, second = changes(database)
    name = library_name(tmp_path / "library")
    assert first.pop("time") <= second.pop("time")
    assert first == {
        "who": {"address": "192.0.2.7", "session": "ab12"}, "action": "upload", "library": name,
        "collection": "default", "document": "a", "file": "水.txt",
    }  # fmt: skip
    assert second == {
        "who": {"program": "tiaowen"}, "action": "collection removed", "library": name,
        "collection": "tax", "removed": "tax", "documents": ["a", "b"],
    }  # fmt: skip
    assert not (tmp_path / "library" / AUDIT).exists()


def test_the_newest_of_a_library_are_read_some_at_a_time(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from index.library import audit as read

    monkeypatch.setattr(read, "ROWS_AT_ONCE", 3)
    own, other = (Audit(tmp_path / name, records=database) for name in "ab")
    for n in range(6):
        own.note("add", f"d{n}")
        other.note("add", f"x{n}")
    told = own.changes()
    first = next(told)
    # Whoever reads keeps nobody from noting more, and meets none of it.
    own.note("add", "later")
    assert [one.document for one in (first, *told)] == [f"d{n}" for n in (5, 4, 3, 2, 1, 0)]
    assert "library" not in first.more
    today = first.at.date()
    assert len(list(own.changes(today))) + len(list(own.changes(today + timedelta(1)))) == 7
    for far in (today - timedelta(3), today + timedelta(3), date.min, date.max):
        assert list(own.changes(far)) == []


def test_a_library_keeps_its_name_wherever_it_is(tmp_path: Path) -> None:
    names = {library_name(tmp_path / "a") for _ in range(3)}
    (tmp_path / "a").rename(tmp_path / "b")
    assert names == {library_name(tmp_path / "b")} != {library_name(tmp_path / "c")}


def test_a_name_that_a_crash_left_empty_is_given_anew_once(tmp_path: Path) -> None:
    (tmp_path / NAME).touch()
    with ThreadPoolExecutor(4) as pool:
        (name,) = set(pool.map(library_name, [tmp_path] * 4))
    assert name == library_name(tmp_path) == (tmp_path / NAME).read_text("ascii")
    assert len(name) == 32


def test_what_cannot_be_noted_is_told(postgres: Postgres, tmp_path: Path) -> None:
    database = open_database(postgres.empty())
    audit = Audit(tmp_path, records=database)
    audit.note("add", "a")
    postgres.stop()
    try:
        with pytest.raises(RecordsFault, match="does not answer"):
            audit.note("add", "b")
        with pytest.raises(FeedbackFault, match="does not answer"):
            FeedbackStore(database).keep(judgement("a"))
    finally:
        postgres.start()
    audit.note("add", "c")
    assert [row["document"] for row in changes(database)] == ["a", "c"]
    database.close()


# --- two programs, and programs that die ---

WRITE = """
import sys
from pathlib import Path
from index.library.audit import Audit
from index.records.database import Database
from rag.web.feedback.store import FeedbackStore, Judged
where, folder, name, count = sys.argv[1], Path(sys.argv[2]), sys.argv[3], int(sys.argv[4])
answer = dict.fromkeys(("question", "language", "outcome", "answer", "model"), "a")
answer |= {"citations": [], "hits": []}
database = Database(where)
store, audit = FeedbackStore(database), Audit(folder, records=database)
print("ready", flush=True)
for n in range(count):
    audit.note("add", f"{name}-{n}")
    store.keep(Judged(f"{name}-{n % 7}", "2026", "up", "", str(n), "", (), answer))
    print(n, flush=True)
"""


def begun(
    where: str | Path, folder: Path, name: str, count: int, root: Path
) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", WRITE, str(where), str(folder), name, str(count)]
    process = subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, encoding="ascii")
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def test_two_programs_write_at_once_and_nothing_is_lost(
    where: str | Path, root: Path, tmp_path: Path
) -> None:
    both = [begun(where, tmp_path, name, 40, root) for name in ("one", "two")]
    for each in both:
        each.communicate(timeout=120)
        assert each.returncode == 0
    database = Database(where)
    rows = [row["document"] for row in changes(database)]
    for name in ("one", "two"):
        own = [row for row in rows if row.startswith(name)]
        assert own == [f"{name}-{n}" for n in range(40)]
    kept = {one.key: one.comment for one in FeedbackStore(database).judgements()}
    assert kept == {f"{name}-{n % 7}": str(n) for name in ("one", "two") for n in range(33, 40)}
    database.close()


@pytest.mark.slow
def test_a_writer_that_is_killed_leaves_what_it_had_told(
    where: str | Path, root: Path, tmp_path: Path
) -> None:
    chance = random.Random(7)
    expected: list[str] = []
    open_database(where).close()
    for moment in range(MOMENTS):
        name = f"m{moment}"
        process = begun(where, tmp_path, name, 100_000, root)
        time.sleep(chance.uniform(0.0, 0.25))
        process.send_signal(signal.SIGKILL)
        told, _ = process.communicate(timeout=60)
        # The last line may have been cut off.
        done = len(told.split("\n")) - 1
        database = open_database(where)
        rows = [row["document"] for row in changes(database)]
        own = rows[len(expected) :]
        assert rows[: len(expected)] == expected
        # What was told is there, in order; the act under way is there or not.
        assert own == [f"{name}-{n}" for n in range(len(own))]
        assert done <= len(own) <= done + 1
        expected = rows
        store = FeedbackStore(database)
        kept = {one.key: int(one.comment) for one in store.judgements() if name in one.key}
        last = max(kept.values(), default=-1)
        assert last in (done - 1, done) and last < len(own)
        assert kept == {f"{name}-{n % 7}": n for n in range(max(0, last - 6), last + 1)}
        store.keep(judgement(f"after-{moment}"))  # nothing is locked
        database.close()
