"""Readers' judgements of answers, kept in one SQLite file on this machine.

A question is kept here only once somebody has judged its answer. It shows nothing: the chat's part
is rag/web/feedback/verdict.py, the evaluators' page rag/web/feedback/evaluators.py, cases are made
in rag/web/feedback/cases.py.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, get_args

from rag.errors import RagFault
from rag.schema import Answer

Verdict = Literal["up", "down"]
Reason = Literal[
    "wrong",
    "incomplete",
    "wrong_article",
    "should_have_refused",
    "should_have_answered",
    "language",
    "other",
]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)
REASONS: tuple[Reason, ...] = get_args(Reason)
LONGEST_COMMENT = 1000
# How long a writer waits for another one. A judgement takes a millisecond to write.
SECONDS_TO_WAIT = 5.0
# Tells this file from any other SQLite file: "tiao".
APPLICATION = 0x7469616F
VERSION = 1

_TABLE = """
CREATE TABLE judgement (
    key TEXT PRIMARY KEY,
    at TEXT NOT NULL,
    verdict TEXT NOT NULL,
    reason TEXT NOT NULL,
    comment TEXT NOT NULL,
    article TEXT NOT NULL,
    language TEXT NOT NULL,
    previous TEXT NOT NULL,
    answer TEXT NOT NULL
)
"""
_PARTS = frozenset({"question", "language", "outcome", "answer", "citations", "hits", "model"})
_COLUMNS = "key, at, verdict, reason, comment, article, previous, answer"


class FeedbackFault(RagFault):
    """A judgement cannot be kept or read."""


@dataclass(frozen=True)
class Judged:
    """What one reader thinks of one answer.

    `key` names the answer, `at` is the time in UTC, `reason` is empty for a thumbs-up, `article`
    is the clause that should have been cited (empty: none named). `previous` are the questions
    before it in its conversation, `answer` is the whole answer as `dataclasses.asdict` gives it,
    with its `collection` if that is not the default one.
    """

    key: str
    at: str
    verdict: str
    reason: str
    comment: str
    article: str
    previous: tuple[str, ...]
    answer: dict[str, Any]


def judged(
    key: str,
    answer: Answer,
    previous: Sequence[str],
    verdict: Verdict,
    reason: str = "",
    comment: str = "",
    article: str = "",
) -> Judged:
    """A judgement made now. Raises FeedbackFault if it is not one that can be kept."""
    if verdict not in VERDICTS or reason not in (REASONS if verdict == "down" else ("",)):
        raise FeedbackFault("judgement-form")
    if len(comment) > LONGEST_COMMENT:
        raise FeedbackFault("comment-too-long", most=LONGEST_COMMENT)
    at = datetime.now(UTC).isoformat(timespec="milliseconds")
    made = asdict(answer)
    return Judged(key, at, verdict, reason, comment, article, tuple(previous), made)


def default_path() -> Path:
    """Where judgements are kept unless another file is chosen."""
    from platformdirs import user_data_path

    return user_data_path("tiaowen") / "feedback.sqlite"


class FeedbackStore:
    """The judgements in one file. Every method may be called from any thread, in any process."""

    def __init__(self, path: Path) -> None:
        """Name the file; it is made when the first judgement is kept, or by `prepare`."""
        self.path = path

    def prepare(self) -> None:
        """Make the file, or see that it can be written. Raises FeedbackFault."""
        with self._opened() as connection:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("ROLLBACK")

    def keep(self, one: Judged) -> None:
        """Keep a judgement, in place of an earlier one of the same answer."""
        row = (
            one.key,
            one.at,
            one.verdict,
            one.reason,
            _sound(one.comment),
            one.article,
            str(one.answer["language"]),
            _sound(json.dumps(one.previous, ensure_ascii=False)),
            _sound(json.dumps(one.answer, ensure_ascii=False)),
        )
        with self._opened() as connection:
            marks = ", ".join("?" * len(row))
            connection.execute(f"INSERT OR REPLACE INTO judgement VALUES ({marks})", row)

    def withdraw(self, key: str) -> bool:
        """Take a judgement back; whether there was one."""
        if not self.path.exists():
            return False
        with self._opened() as connection:
            return connection.execute("DELETE FROM judgement WHERE key = ?", (key,)).rowcount > 0

    def judgements(self, **wanted: str) -> list[Judged]:
        """The judgements, newest first; `verdict`, `reason` and `language` choose among them."""
        if unknown := set(wanted) - {"verdict", "reason", "language"}:
            raise TypeError(f"judgements cannot be chosen by {sorted(unknown)[0]}")
        chosen = {name: value for name, value in wanted.items() if value}
        where = " AND ".join(f"{name} = ?" for name in chosen) or "1"
        # Two of the same millisecond stay in the order they came in.
        query = f"SELECT {_COLUMNS} FROM judgement WHERE {where} ORDER BY at DESC, rowid DESC"
        if not self.path.exists():
            return []
        with self._opened() as connection:
            rows = connection.execute(query, tuple(chosen.values())).fetchall()
            return [_read(row) for row in rows]

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        """A connection for one act; whatever goes wrong is one sentence."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with closing(
                sqlite3.connect(self.path, timeout=SECONDS_TO_WAIT, isolation_level=None)
            ) as connection:
                if not _is_ours(connection):
                    self._make(connection)
                yield connection
        except (sqlite3.Error, OSError, ValueError) as fault:
            raise FeedbackFault("feedback-unusable", path=self.path, reason=fault) from fault

    def _make(self, connection: sqlite3.Connection) -> None:
        """Make the table in an empty file, once, however many begin at the same time."""
        from filelock import FileLock

        with FileLock(f"{self.path}.lock", timeout=SECONDS_TO_WAIT):
            if _is_ours(connection):
                return
            if connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
                raise ValueError("it is a database of something else")
            connection.execute("PRAGMA journal_mode = WAL")
            connection.executescript(
                f"BEGIN; {_TABLE}; PRAGMA application_id = {APPLICATION}; "
                f"PRAGMA user_version = {VERSION}; COMMIT;"
            )


def _is_ours(connection: sqlite3.Connection) -> bool:
    application = connection.execute("PRAGMA application_id").fetchone()[0]
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if application == APPLICATION and version != VERSION:
        raise ValueError(f"it was written by another version of this program, {version}")
    return bool(application == APPLICATION)


def _read(row: Sequence[Any]) -> Judged:
    answer, previous = json.loads(row[7]), json.loads(row[6])
    if not (isinstance(answer, dict) and answer.keys() >= _PARTS and isinstance(previous, list)):
        raise ValueError(f"the judgement {row[0]} holds no answer")
    key, at, verdict, reason, comment, article = row[:6]
    return Judged(key, at, verdict, reason, comment, article, tuple(previous), answer)


def _sound(text: str) -> str:
    """The text without halves of characters, which a browser can send and no file can hold."""
    return text.encode("utf-8", "replace").decode()
