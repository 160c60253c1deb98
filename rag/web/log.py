"""A log for programs: a JSON object a line, for each question and each thing that went wrong.

Questions and answers are not in it, nor who asked, unless whoever runs the chat wants the
questions. The file may be moved away meanwhile, as logrotate does: a new one is begun.
"""

from __future__ import annotations

import json
import logging
import sys
import traceback
from datetime import UTC, datetime
from logging.handlers import WatchedFileHandler
from pathlib import Path
from typing import Any

from rag.web.observed import Ended

STANDARD_ERROR = "-"


class Log:
    """Implements Observer. Also takes the warnings of all parts of the program."""

    def __init__(self, place: str, with_questions: bool = False) -> None:
        """Write to a file, or `-`: to standard error. Raises OSError."""
        if place == STANDARD_ERROR:
            self._handler: logging.Handler = logging.StreamHandler(sys.stderr)
        else:
            Path(place).touch(mode=0o600)
            self._handler = WatchedFileHandler(place, encoding="utf-8")
        self._with_questions = with_questions
        self._handler.setFormatter(_Lines())
        self._handler.setLevel(logging.INFO)
        self._own = logging.Logger("tiaowen.chat")
        self._own.addHandler(self._handler)
        self._warnings = _Warnings(self._handler)
        logging.getLogger().addHandler(self._warnings)

    def refused(self, why: str) -> None:
        """See Observer.refused."""
        self._write("refused", why=why)

    def ended(self, question: Ended) -> None:
        """See Observer.ended."""
        row: dict[str, Any] = {
            "end": question.end,
            "language": question.language,
            "route": question.route,
            "collection": question.collection,
            "follows": question.follows,
            "documents": question.documents,
            "waited": round(question.waited, 3),
            "seconds": round(sum(question.parts.values()), 3),
            "parts": {name: round(seconds, 3) for name, seconds in question.parts.items()},
        }
        row |= {"fault": question.fault} if question.fault else {}
        row |= {"question": question.question} if self._with_questions else {}
        self._write("question", **row)

    def close(self) -> None:
        """Write no more."""
        logging.getLogger().removeHandler(self._warnings)
        self._handler.close()

    def _write(self, event: str, **row: object) -> None:
        self._own.info(event, extra={"row": {"event": event, **row}})


class _Warnings(logging.Handler):
    """Passes on what is a warning or worse."""

    def __init__(self, to: logging.Handler) -> None:
        super().__init__(logging.WARNING)
        self._to = to

    def emit(self, record: logging.LogRecord) -> None:
        self._to.handle(record)


class _Lines(logging.Formatter):
    """One JSON object for each record."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        row: dict[str, Any] = {"time": at, "level": record.levelname.lower()}
        own = getattr(record, "row", None)
        row |= own or {"event": "logged", "logger": record.name, "message": record.getMessage()}
        if record.exc_info and record.exc_info[1]:
            fault = record.exc_info[1]
            # Where it happened, without its text: what was asked may stand in that.
            frames = traceback.extract_tb(fault.__traceback__)
            row["fault"] = type(fault).__name__
            row["where"] = [f"{Path(one.filename).name}:{one.lineno}" for one in frames]
        return json.dumps(row, ensure_ascii=False)
