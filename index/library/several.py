"""Collections that several servers share, as each of them has them: followed, written by one.

Every server looks each second which index of each collection is in service, and opens a new one
beside the one that answers. One of them holds the lease, opens the collections as a single server
does, and does what all of them ask for. The folder is the same for all, and so are the records.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index.errors import CollectionFault, IndexFault, NotWriterFault, RecordsFault, StoreFault
from index.library.audit import Audit, asked_by
from index.library.clerk import Clerk
from index.library.collections import DEFAULT, EMPTY, Collection, Collections, Serve, recorded
from index.library.errands import Errands
from index.library.lease import LEASE_SECONDS, RENEW_SECONDS, Lease, sought
from index.library.library import Library
from index.library.named import library_name
from index.library.shared import SECONDS_TO_DO, SharedLibrary
from index.search.generation import read_manifest
from index.search.store import ClauseIndex

if TYPE_CHECKING:
    from index.records.database import Database

FOLLOW_SECONDS, WORK_SECONDS, AFTER_FAULT_SECONDS = 1.0, 0.3, 5.0
# Where in the folder uploads are put down.
_INTAKE = "intake"


class SharedCollections(Collections):
    """All collections of a folder that several servers share. Safe to use from several threads."""

    def __init__(self, folder: Path, records: Database, seconds: float = LEASE_SECONDS) -> None:
        """Open the folder, made if missing. Raises StoreFault, as for a folder of a single server.

        `seconds` without a sign of life of its writer another server takes its place.
        """
        self.damaged: list[str] = []
        self._own, self._folder = folder, folder / "collections"
        # Read here, and noted by the one that writes.
        self._audit = Audit(folder, records=records)
        self._index: ClauseIndex | None = None
        self._empty: ClauseIndex | None = None
        self._serve: Serve = lambda collection_id, index: None
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._kept_open = _kept_from_others(folder)
            name = library_name(folder)
        except OSError as error:
            raise StoreFault("folder-unusable", folder=folder, reason=error.strerror) from error
        self._records = records
        self.lease = Lease(records, name, seconds)
        self._errands = Errands(records, name)
        self._clerk: Clerk | None = None
        self._looking, self._changing = threading.Lock(), threading.Lock()
        self._closing = threading.Event()
        self._threads: list[threading.Thread] = []
        self._away = False
        # What is in service here, by collection.
        self._serving: dict[str, str] = {}
        self._held: dict[str, Collection] = {}
        self._look_around()

    @property
    def writes(self) -> bool:
        """Whether this server is the one that writes."""
        clerk = self._clerk
        return clerk is not None and clerk.writes

    def start(self, index: ClauseIndex, serve: Serve) -> None:
        """Follow the indexes of all collections, and seek to write. See Collections.start."""
        self._index, self._serve = index, serve
        self._follow()
        for name, act, seconds in (
            ("lease", self._seek, RENEW_SECONDS),
            ("followed indexes", self._follow, FOLLOW_SECONDS),
            ("errands", self._work, WORK_SECONDS),
            ("uploads", self._read, WORK_SECONDS),
        ):
            run = partial(self._again, act, seconds)
            self._threads.append(threading.Thread(target=run, name=name, daemon=True))
        for one in self._threads:
            one.start()

    def create(self, name: str, with_builtin: bool) -> Collection:
        """See Collections.create."""
        name = self._free_name(name)
        key = self._asked("create", "", {"name": name, "with_builtin": with_builtin})
        return self._seen(key)

    def rename(self, collection_id: str, name: str) -> Collection:
        """See Collections.rename."""
        one = self.get(collection_id)
        self._asked("rename", one.id, {"name": self._free_name(name, besides=one.id)})
        return self._seen(one.id)

    def remove(self, collection_id: str, with_documents: bool = False) -> None:
        """See Collections.remove."""
        one = self.get(collection_id)
        self._asked("drop", one.id, {"with_documents": with_documents})
        self._look_around()

    def close(self) -> None:
        """Stop, and let another server write at once."""
        if self._closing.is_set():
            return
        self._closing.set()
        if clerk := self._clerk:
            clerk.closing.set()
        for one in self._threads:
            one.join()
        self._step_down()
        try:
            self.lease.release()
        except RecordsFault as fault:  # It lapses by itself.
            logging.getLogger(__name__).warning("%s", fault)
        os.close(self._kept_open)

    # --- what every server does ---

    def _look_around(self) -> None:
        """Read which collections there are."""
        with self._looking:
            found: list[tuple[tuple[str, str], Collection]] = []
            others = sorted(self._folder.iterdir()) if self._folder.is_dir() else []
            for folder in (self._own, *others):
                own = folder == self._own
                if not own and (folder.name.startswith(".") or not folder.is_dir()):
                    continue
                try:
                    row = recorded(folder)
                    name = str(row.get("name", "") if own else row["name"])
                    with_builtin = own or bool(row["with_builtin"])
                except (OSError, ValueError, KeyError):  # The writer tells of damage.
                    continue
                key = DEFAULT if own else folder.name
                before = self._held.get(key)
                library = before.library if before else self._shared(folder, key)
                place = ("", "") if own else (str(row.get("created_at", "")), key)
                found.append((place, Collection(key, name, with_builtin, library)))
            found.sort(key=lambda pair: pair[0])
            self._held = {one.id: one for _, one in found}
            self._serving = {key: name for key, name in self._serving.items() if key in self._held}

    def _shared(self, folder: Path, key: str) -> SharedLibrary:
        def written_here() -> Library | None:
            clerk = self._clerk
            try:
                return clerk.collections.get(key).library if clerk and clerk.writes else None
            except CollectionFault:
                return None

        return SharedLibrary(folder, self._own / _INTAKE, key, self._errands, written_here)

    def _follow(self) -> None:
        """Put the newest index of each collection in service."""
        self._look_around()
        with self._changing:
            for one in self.all():
                try:
                    self._follow_one(one)
                except StoreFault as fault:  # It is looked at again.
                    logging.getLogger(__name__).warning("An index is not opened: %s", fault)

    def _follow_one(self, one: Collection) -> None:
        below = self._below(one.with_builtin)
        if below is None or not isinstance(one.library, SharedLibrary):
            return
        folder, name = self._newest(one, below)
        # What this server makes itself is handed over when it is opened.
        made_here = self._clerk is not None and name != below.name
        if self._serving.get(one.id) == name or made_here:
            return
        index = below if name == below.name else ClauseIndex.open(folder, below.encoder)
        if one.id not in self._serving:
            one.library.correctable(below)
        self._use(one.id, index)

    def _newest(self, one: Collection, below: ClauseIndex) -> tuple[Path, str]:
        """The folder of a collection's index, and the name of what is in service for it.

        Where the writer has none, none is needed: nothing is held beside what lies below.
        """
        folder = self._own if one.id == DEFAULT else self._folder / one.id
        manifest = read_manifest(folder / "index")
        return folder / "index", manifest["name"] if manifest else below.name

    def _use(self, collection_id: str, index: ClauseIndex) -> None:
        """Put an index in service; questions under way go on with the one they began with."""
        one = self._held.get(collection_id)
        if one is None or not isinstance(one.library, SharedLibrary):
            return
        one.library.serve(index)
        self._serving[collection_id] = index.name
        self._serve(collection_id, index)

    def _below(self, with_builtin: bool) -> ClauseIndex | None:
        """The index below a collection's documents; None where the writer has not made it yet."""
        if with_builtin or self._index is None:
            return self._index
        if self._empty is None and read_manifest(self._folder / EMPTY):
            self._empty = ClauseIndex.open(self._folder / EMPTY, self._index.encoder)
        return self._empty

    # --- what the one does that writes ---

    def _seek(self) -> None:
        sought(self.lease, self._tell)

    def _tell(self, fault: RecordsFault | None) -> None:
        """Say once that the records are away, and once that they are back."""
        if (fault is not None) != self._away:
            self._away = fault is not None
            back = "The records answer again."
            told = f"The library cannot be changed: {fault}" if fault else back
            logging.getLogger(__name__).warning("%s", told)

    def _work(self) -> None:
        """Open the collections when it falls to this server to write, and do short errands."""
        if not self.writes:
            self._step_down()
        if not self.lease.held:
            return
        if self._clerk is None:
            self._step_up()
        if self._clerk:
            self._clerk.work(long=False)
            self._clerk.tell()

    def _read(self) -> None:
        """Read uploads, each of which may take minutes."""
        if (clerk := self._clerk) and clerk.writes:
            clerk.work(long=True)

    def _step_up(self) -> None:
        holding = self.lease.bound()
        opened: Collections | None = None
        try:
            opened = Collections(self._own, records=self._records, claim=holding)
            clerk = Clerk(opened, self._own / _INTAKE, holding, self._errands)
            clerk.tidy()
            if self._index is not None:
                opened.start(self._index, self._written)
        except BaseException:
            if opened:  # Some of them may be at work already.
                opened.close()
            self.lease.release()  # Another server may be able to.
            raise
        self._clerk = clerk
        logging.getLogger(__name__).info("This server writes the library now.")
        for key in list(self._serving):  # What has no English is this server's to translate now.
            if index := self._index_of(key):
                self._serve(key, index)

    def _step_down(self) -> None:
        clerk, self._clerk = self._clerk, None
        if clerk:
            clerk.closing.set()
            clerk.collections.close()

    def _written(self, collection_id: str, index: ClauseIndex) -> None:
        """Take an index that this server has made, without opening it anew."""
        if collection_id not in self._held:
            self._look_around()
        one = self._held.get(collection_id)
        below = self._below(one.with_builtin) if one else None
        if one is None or below is None:
            return
        with self._changing:
            # While it opens, the writer hands over what lies below; that is not to serve again.
            _, newest = self._newest(one, below)
            if index.name == newest and self._index_of(collection_id) is not index:
                if collection_id not in self._serving and isinstance(one.library, SharedLibrary):
                    one.library.correctable(below)
                self._use(collection_id, index)

    def _index_of(self, collection_id: str) -> ClauseIndex | None:
        library = self._held[collection_id].library if collection_id in self._held else None
        return library.in_service if isinstance(library, SharedLibrary) else None

    # --- parts of the above ---

    def _again(self, act: Callable[[], None], seconds: float) -> None:
        """Do something again and again; whatever it meets must not end it."""
        failing = False
        while not self._closing.wait(AFTER_FAULT_SECONDS if failing else seconds):
            try:
                act()
                failing = False
            except RecordsFault as fault:
                self._tell(fault)
            except NotWriterFault:
                self._step_down()
            except Exception as fault:
                known = isinstance(fault, IndexFault)
                if not failing:
                    told = None if known else fault
                    logging.getLogger(__name__).error("%s", fault, exc_info=told)
                failing = True

    def _asked(self, kind: str, collection: str, told: dict[str, Any]) -> Any:
        mark = self._errands.put(kind, collection, told, asked_by())
        return self._errands.reply(mark, SECONDS_TO_DO)

    def _seen(self, collection_id: str) -> Collection:
        """A collection that the writer has just made or changed, in service here."""
        until = time.monotonic() + 10
        while collection_id not in self._serving and time.monotonic() < until:
            self._follow()
            time.sleep(0.1)
        self._look_around()
        return self.get(collection_id)


def _kept_from_others(folder: Path) -> int:
    """Keep a server out that would have the folder alone; gives what is to be closed at the end.

    Raises StoreFault where there is such a one, OSError where the system cannot tell.
    """
    try:
        import fcntl
    except ImportError:
        raise StoreFault("shared-not-here") from None
    handle = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        raise StoreFault("library-in-use", folder=folder) from None
    return handle
