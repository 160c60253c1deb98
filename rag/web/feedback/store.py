"""Readers' judgements of answers, kept in a file of their own or in a database of records.

A question is kept here only once somebody has judged its answer. It shows nothing: the chat's part
is rag/web/feedback/verdict.py, the evaluators' page rag/web/feedback/evaluators.py, cases are made
in rag/web/feedback/cases.py.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, get_args

from index.errors import RecordsFault
from index.records.database import Database
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
_PARTS = frozenset({"question", "language", "outcome", "answer", "citations", "hits", "model"})
_COLUMNS = ("key", "at", "verdict", "reason", "comment", "article", "previous", "answer")


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
    """The judgements in one database. Every method may be called from any thread and process."""

    def __init__(self, where: Path | Database) -> None:
        """Name it; a file is made when the first judgement is kept, or by `prepare`."""
        self.database = where if isinstance(where, Database) else Database(where)

    def prepare(self) -> None:
        """Make the tables, or see that they can be written. Raises FeedbackFault."""
        with self._faults():
            self.database.prepare()

    def keep(self, one: Judged) -> None:
        """Keep a judgement, in place of an earlier one of the same answer."""
        from index.records.rows import put
        from index.records.tables import judgement

        row = {
            "key": one.key,
            "at": one.at,
            "verdict": one.verdict,
            "reason": one.reason,
            "comment": one.comment,
            "article": one.article,
            "language": str(one.answer["language"]),
            "previous": json.dumps(one.previous, ensure_ascii=False),
            "answer": json.dumps(one.answer, ensure_ascii=False),
        }
        with self._faults(), self.database.writing() as connection:
            put(connection, judgement, row, ["key"])

    def withdraw(self, key: str) -> bool:
        """Take a judgement back; whether there was one."""
        from sqlalchemy import delete

        from index.records.tables import judgement

        if not self.database.is_there():
            return False
        with self._faults(), self.database.writing() as connection:
            return connection.execute(delete(judgement).where(judgement.c.key == key)).rowcount > 0

    def judgements(self, **wanted: str) -> list[Judged]:
        """The judgements, newest first; `verdict`, `reason` and `language` choose among them."""
        from sqlalchemy import select

        from index.records.tables import judgement

        if unknown := set(wanted) - {"verdict", "reason", "language"}:
            raise TypeError(f"judgements cannot be chosen by {sorted(unknown)[0]}")
        chosen = [judgement.c[name] == value for name, value in wanted.items() if value]
        # Two of the same millisecond stay in the order they came in.
        newest = (judgement.c.at.desc(), judgement.c.number.desc())
        columns = [judgement.c[name] for name in _COLUMNS]
        if not self.database.is_there():
            return []
        with self._faults(), self.database.reading() as connection:
            rows = connection.execute(select(*columns).where(*chosen).order_by(*newest)).all()
            return [_read(row) for row in rows]

    @contextmanager
    def _faults(self) -> Iterator[None]:
        """Whatever goes wrong is one sentence."""
        try:
            yield
        except RecordsFault as fault:
            raise FeedbackFault(fault.notice) from fault
        except ValueError as fault:
            where = self.database.where
            raise FeedbackFault("feedback-unusable", path=where, reason=fault) from fault


def _read(row: Sequence[Any]) -> Judged:
    answer, previous = json.loads(row[7]), json.loads(row[6])
    if not (isinstance(answer, dict) and answer.keys() >= _PARTS and isinstance(previous, list)):
        raise ValueError(f"the judgement {row[0]} holds no answer")
    key, at, verdict, reason, comment, article = row[:6]
    return Judged(key, at, verdict, reason, comment, article, tuple(previous), answer)
