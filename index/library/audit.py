"""Who changed which document, and when: a line of JSON for each change, that is only ever added to.

A change is noted first and then made: there is none that was not noted. What the program does by
itself to documents, reading them again or translating them, is no change of anybody's. No text of
a document is in it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path

AUDIT = "audit.jsonl"
_PROGRAM: Mapping[str, str] = {"program": "tiaowen"}
_who: ContextVar[Mapping[str, str]] = ContextVar("who", default=_PROGRAM)


@contextmanager
def acting(**who: str) -> Iterator[None]:
    """Let somebody be who makes the changes within, as far as anything is known of them."""
    before = _who.set({name: value for name, value in who.items() if value} or _PROGRAM)
    try:
        yield
    finally:
        _who.reset(before)


class Audit:
    """The file in the folder of all collections, as one of them writes in it."""

    def __init__(self, folder: Path, collection: str = "default") -> None:
        """Nothing is written before the first change."""
        self._path = folder / AUDIT
        self._collection = collection

    def note(self, action: str, document: str = "", /, **more: object) -> None:
        """Write down a change that is about to be made; on the disk when this returns.

        Raises OSError: then the change must not be made.
        """
        row: dict[str, object] = {
            "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "who": dict(_who.get()),
            "action": action,
            "collection": self._collection,
        }
        row |= {"document": document} if document else {}
        row |= {name: value for name, value in more.items() if value}
        line = json.dumps(row).encode("ascii") + b"\n"
        handle = os.open(self._path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
        with os.fdopen(handle, "r+b", buffering=0) as file:
            if (size := file.seek(0, os.SEEK_END)) and _last(file.fileno(), size) != b"\n":
                line = b"\n" + line  # a crash left half a line
            file.write(line)
            os.fsync(file.fileno())


def _last(handle: int, size: int) -> bytes:
    os.lseek(handle, size - 1, os.SEEK_SET)
    return os.read(handle, 1)
