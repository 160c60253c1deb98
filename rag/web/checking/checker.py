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
from weakref import ReferenceType, ref

from index.request.message import LONGEST
from rag.check.model import CheckedText
from rag.errors import RagFault

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rag.web.assistants import Collected

# Texts kept, so that what is on the page can be saved without another check.
KEPT = 16
# Those who wait for the one text that is being read or checked, and the seconds that they wait at
# most. Each holds a thread of those that serve all pages.
MOST_WAITING, LONGEST_WAIT = 3, 120.0
# What reading a file may take.
MOST_SECONDS = 30


class Checker:
    """Checks texts against the collections of a server. Safe to use from several threads."""

    def __init__(self, collected: Collected, today: Callable[[], date] = date.today) -> None:
        """`today` gives the day as of which documents are in force."""
        self._collected = collected
        self._today = today
        self._checking, self._reading = Turns(), Turns()
        self._lock = threading.Lock()  # of what is kept
        # With the index that it was checked against: documents change under the same id.
        self._kept: OrderedDict[str, tuple[ReferenceType[object], CheckedText]] = OrderedDict()

    def read(self, data: bytes, suffix: str, name: str) -> str:
        """The text of a file that somebody sent, read in a process of its own.

        Raises RagFault where too many wait, IndexFault for what cannot be read.
        """
        from index.library.intake import text_guarded

        with self._reading.turn():
            try:
                return text_guarded(data, suffix, name, MOST_SECONDS)
            except OSError as error:
                raise RagFault("upload-unreadable") from error

    def check(self, text: str, collection: str = "") -> CheckedText:
        """The text with its citations judged. Raises RagFault, IndexFault, CollectionFault."""
        from rag.check.check import check_text

        assistant = self._collected.get(collection).assistant
        index = assistant.index
        key = _digest(text, collection, self._today().isoformat())

        def find(statement: str) -> Sequence[str]:
            return [hit.clause_id for hit in assistant.find(statement[:LONGEST]).hits]

        if known := self._known(key, index):
            return known
        with self._checking.turn():
            # Somebody else may have had it checked meanwhile.
            return self._known(key, index) or self._keep(
                key,
                index,
                check_text(text, index, self._today(), find, second=assistant.other_words.second),
            )

    def _known(self, key: str, index: object) -> CheckedText | None:
        """What was found in that text against that index, if it is still kept."""
        with self._lock:
            of, checked = self._kept.get(key, (None, None))
            if of is None or of() is not index:
                return None
            self._kept.move_to_end(key)
            return checked

    def _keep(self, key: str, index: object, checked: CheckedText) -> CheckedText:
        with self._lock:
            self._kept[key] = ref(index), checked
            self._kept.move_to_end(key)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return checked


class Turns:
    """Lets one at a time do what takes a whole core, and few wait for it."""

    def __init__(self) -> None:
        """Nobody works, nobody waits."""
        self._working = threading.Lock()
        self._waiting = threading.BoundedSemaphore(MOST_WAITING)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Have a turn. Raises RagFault where too many wait, or for too long."""
        if not self._waiting.acquire(blocking=False):
            raise RagFault("too-many-checks")
        try:
            if not self._working.acquire(timeout=LONGEST_WAIT):
                raise RagFault("too-many-checks")
            try:
                yield
            finally:
                self._working.release()
        finally:
            self._waiting.release()


def _digest(*parts: str) -> str:
    told = "\0".join(parts).encode("utf-8", "replace")
    return hashlib.sha256(told).hexdigest()
