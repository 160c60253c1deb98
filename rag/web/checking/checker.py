"""Checks texts for the page and for programs, one at a time, and keeps what was checked last.

It leads to rag/check, with the search of the collection; it shows nothing.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING

from index.request.message import LONGEST
from rag.check.model import CheckedText
from rag.errors import RagFault

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rag.web.assistants import Collected

# Texts kept, so that what is on the page can be saved without another check.
KEPT = 16
# Those who wait for the one text that is being checked, and the seconds that they wait at most.
MOST_WAITING, LONGEST_WAIT = 8, 120.0


class Checker:
    """Checks texts against the collections of a server. Safe to use from several threads."""

    def __init__(self, collected: Collected, today: Callable[[], date] = date.today) -> None:
        """`today` gives the day as of which documents are in force."""
        self._collected = collected
        self._today = today
        self._working = threading.Lock()
        self._waiting = threading.BoundedSemaphore(MOST_WAITING)
        self._kept: OrderedDict[str, CheckedText] = OrderedDict()

    def check(self, text: str, collection: str = "") -> CheckedText:
        """The text with its citations judged. Raises RagFault, IndexFault, CollectionFault."""
        from rag.check.check import check_text

        assistant = self._collected.assistant(collection)
        index = assistant.index
        key = _digest(text, collection, ",".join(index.documents), self._today().isoformat())

        def find(statement: str) -> Sequence[str]:
            return [hit.clause_id for hit in assistant.find(statement[:LONGEST]).hits]

        with self._turn():
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
            checked = check_text(text, index, self._today(), find)
            self._kept[key] = checked
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
            return checked

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """One text at a time: a check takes a whole core."""
        if not self._waiting.acquire(blocking=False):
            raise RagFault("Too many texts are being checked; try again in a minute.")
        try:
            if not self._working.acquire(timeout=LONGEST_WAIT):
                raise RagFault("Too many texts are being checked; try again in a minute.")
            try:
                yield
            finally:
                self._working.release()
        finally:
            self._waiting.release()


def _digest(*parts: str) -> str:
    told = "\0".join(parts).encode("utf-8", "replace")
    return hashlib.sha256(told).hexdigest()
