"""Does what other servers ask of the one that writes: each errand once, whoever dies meanwhile.

It is done on opened collections, and noted before and after in transactions that hold the right to
write. One that may have been done already, by a writer that died, is looked at before it is done.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from index.documents.sidecar import Metadata
from index.errors import (
    DocumentFault,
    IndexFault,
    NotNowFault,
    NotWriterFault,
    RecordsFault,
    StoreFault,
)
from index.library.audit import acting
from index.library.beside import KINDS
from index.library.collections import Collections
from index.library.errands import KEEP_DAYS, Errand, Errands, done, refused
from index.library.lease import Holding
from index.library.library import Library
from prompts.notices import notice_row

# What takes minutes, and is done beside all else.
LONG = ("stage",)
# One that brings down whoever does it is not tried for ever.
MOST_TRIES = 3


class Clerk:
    """Does the errands of collections, while a lease is held. `intake` is where uploads lie."""

    def __init__(
        self, collections: Collections, intake: Path, lease: Holding, errands: Errands
    ) -> None:
        self.collections = collections
        self._intake, self._lease, self._errands = intake, lease, errands
        self.closing = threading.Event()
        self._told: dict[str, Mapping[str, Any]] = {}
        self._done: dict[str, Callable[[Errand], Any]] = {
            "stage": self._stage,
            "confirm": self._confirm,
            "discard": self._discard,
            "change": self._change,
            "remove": self._remove,
            "correct": self._correct,
            "create": self._create,
            "rename": self._rename,
            "drop": self._drop,
        }

    @property
    def writes(self) -> bool:
        """Whether the right to write is held still, by which these collections were opened."""
        return self._lease.held

    def work(self, long: bool) -> int:
        """Do what waits, the `long` errands or the others; how many there were.

        Raises NotWriterFault where another server has come to write, and RecordsFault.
        """
        waiting = self._errands.waiting(LONG, others=not long)
        for errand in waiting:
            if self.closing.is_set():
                break
            self._do(errand)
        return len(waiting)

    def tell(self) -> None:
        """Let all servers know what is being done. Raises as `work` does."""
        for one in self.collections.all():
            work, fault = one.library.work(), one.library.fault()
            row = {"work": work and vars(work), "fault": fault and notice_row(fault)}
            if self._told.get(one.id) != row:
                with self._lease.holding() as connection:
                    self._errands.tell(connection, one.id, row)
                self._told[one.id] = row

    def tidy(self) -> None:
        """Remove uploads that nobody asks for any more.

        Their server died as it put them down, or the one that read them just as it had replied.
        """
        oldest = time.time() - 86400 * KEEP_DAYS
        uploads = list(self._intake.iterdir()) if self._intake.is_dir() else []
        waiting = {errand.mark for errand in self._errands.waiting(LONG)}
        replied = self._errands.replied() if uploads else frozenset()
        for path in uploads:
            if path.name in waiting:
                continue
            if path.name in replied or path.stat().st_mtime < oldest:
                path.unlink(missing_ok=True)

    def _do(self, errand: Errand) -> None:
        with self._lease.holding() as connection:
            self._errands.begin(connection, errand.mark)
        try:
            if errand.tries >= MOST_TRIES:
                raise StoreFault("errand-given-up", tries=errand.tries)
            with acting(**errand.who):
                reply = done(self._done[errand.kind](errand))
        except (NotWriterFault, RecordsFault):
            raise
        except IndexFault as fault:
            if self.closing.is_set():  # Perhaps for that alone; the next writer does it.
                return
            reply = refused(fault)
        except Exception as fault:
            # One errand must not keep all others from being done.
            logging.getLogger(__name__).error("An errand failed.", exc_info=fault)
            reply = refused(StoreFault("errand-failed", reason=type(fault).__name__))
        with self._lease.holding() as connection:
            self._errands.settle(connection, errand.mark, reply)
        (self._intake / errand.mark).unlink(missing_ok=True)

    # --- the kinds ---

    def _library(self, errand: Errand) -> Library:
        return self.collections.get(errand.collection).library

    def _stage(self, errand: Errand) -> str:
        library, told = self._library(errand), errand.told
        if errand.tries:
            known = [one.id for one in library.previews()] + [one.id for one in library.held()]
            if read := [key for key in known if key.endswith(f"-{errand.mark}")]:
                return read[0]
        try:
            data = (self._intake / errand.mark).read_bytes()
        except OSError as error:
            raise StoreFault("upload-gone", name=told["name"]) from error
        return library.stage(told["name"], data, told["origin"], errand.mark).id

    def _confirm(self, errand: Errand) -> str:
        library, key = self._library(errand), errand.told["id"]
        if errand.tries and any(one.id == key for one in library.held()):
            return str(key)
        return library.confirm(key, metadata_of(errand.told["metadata"])).id

    def _discard(self, errand: Errand) -> None:
        self._unless_done(errand, self._library(errand).discard)

    def _change(self, errand: Errand) -> None:
        metadata = metadata_of(errand.told["metadata"])
        self._library(errand).change(errand.told["id"], metadata)

    def _remove(self, errand: Errand) -> None:
        self._unless_done(errand, self._library(errand).remove)

    def _unless_done(self, errand: Errand, act: Callable[[str], None]) -> None:
        try:
            act(errand.told["id"])
        except DocumentFault as fault:
            if not errand.tries or isinstance(fault, NotNowFault):
                raise

    def _correct(self, errand: Errand) -> bool:
        """Replace corrections that are still as they were; whether they were."""
        told, library = errand.told, self._library(errand)
        (kind,) = [one for one in KINDS if one.name == told["kind"]]
        before, after = (tuple(kind.read(told[name], told["id"])) for name in ("before", "after"))
        unchanged = True

        def instead(held: tuple[Any, ...]) -> tuple[Any, ...]:
            nonlocal unchanged
            unchanged = held in (before, after)
            return after if unchanged else held

        corrected: Any = library.facts_corrected if kind.name == "facts" else library.english_given
        corrected.change_all(told["id"], instead)
        return unchanged

    def _create(self, errand: Errand) -> str:
        name = errand.told["name"]
        if errand.tries:
            made = [one.id for one in self.collections.all() if one.name == name]
            if made:
                return made[0]
        return self.collections.create(name, errand.told["with_builtin"]).id

    def _rename(self, errand: Errand) -> None:
        self.collections.rename(errand.collection, errand.told["name"])

    def _drop(self, errand: Errand) -> None:
        if errand.tries and errand.collection not in {one.id for one in self.collections.all()}:
            return
        self.collections.remove(errand.collection, errand.told["with_documents"])


def metadata_of(row: Mapping[str, Any]) -> Metadata:
    """Corrections of a document, from their fields as JSON has them."""
    issuers = row.get("issuers")
    return Metadata(**{**row, "issuers": None if issuers is None else tuple(issuers)})
