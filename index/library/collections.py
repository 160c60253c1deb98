"""Collections: several libraries in one folder, each with its own documents, worker and index.

The default one is the folder itself, as it was before there were others; each other lies in
`collections/<id>/` of it. A collection is made and removed in one step, so that a crash leaves it
whole or gone. Documents are kept by index/library/library.py; nothing here reads or answers
anything.
"""

from __future__ import annotations

import json
import logging
import os
import re
import secrets
import shutil
import threading
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index.errors import CollectionFault, IndexFault, StoreFault
from index.library.audit import Audit, Change
from index.text.characters import one_line
from prompts.notices import notice

if TYPE_CHECKING:
    # What keeps documents takes half a second to import, which a command's help need not wait for.
    from index.library.library import Library
    from index.library.shelf import Claim
    from index.records.database import Database
    from index.search.store import ClauseIndex

DEFAULT = "default"
MOST_COLLECTIONS = 20
MOST_NAME = 60
_RECORD = "collection.json"
# Folders of these names are no collections: what is being made, what is being deleted, and the
# index of no documents.
_NEW, _REMOVED, EMPTY = ".new-", ".removed-", ".empty"
_LONGEST_SLUG = 24

Serve = Callable[[str, "ClauseIndex"], None]


@dataclass(frozen=True)
class Collection:
    """A set of documents with an index of its own.

    `name` is what people call it; that of the default one is empty until it is given one.
    `with_builtin`: its index holds the built-in documents too.
    """

    id: str
    name: str
    with_builtin: bool
    library: Library


class Collections:
    """All collections of a folder. Safe to use from several threads, by one server at a time."""

    def __init__(
        self,
        folder: Path,
        base: Sequence[Path] = (),
        records: Database | None = None,
        claim: Claim | None = None,
    ) -> None:
        """Open the folder, made if missing, and clear away what a crash left half-done.

        `base` is as Library has it, `claim` as Shelf has it; changes are noted in `records`, if
        given, else in a file. `damaged` then tells, in a sentence each, of collections that cannot
        be opened. Raises StoreFault if another server uses the folder or it is unusable.
        """
        self.damaged: list[str] = []
        self._own = folder
        self._folder = folder / "collections"
        self._base = tuple(base)
        self._claim = claim
        self._audit = Audit(folder, records=records)
        self._lock = threading.RLock()
        self._index: ClauseIndex | None = None
        self._empty: ClauseIndex | None = None
        self._serve: Serve = lambda collection_id, index: None
        # Its lock keeps other servers out of everything that lies below.
        library = self._library(folder, True)
        # Replaced as a whole, so that it is read without the lock.
        self._held = {DEFAULT: Collection(DEFAULT, self._name_of_default(), True, library)}
        try:
            with self._disk():
                self._open_others()
        except BaseException:
            self.close()
            raise

    @property
    def writes(self) -> bool:
        """Whether this server writes the folder: always, where it has it alone."""
        return True

    def all(self) -> tuple[Collection, ...]:
        """The collections, the default one first and the others in the order they were made."""
        return tuple(self._held.values())

    def get(self, collection_id: str = "") -> Collection:
        """The collection of that id, the default one if none is given. Raises CollectionFault."""
        held = self._held
        if found := held.get(collection_id or DEFAULT):
            return found
        raise unknown_collection(collection_id, held)

    def changes(self, day: date | None = None) -> Iterator[Change]:
        """Who changed what in all of them, as Audit.changes has it."""
        return self._audit.changes(day)

    def start(self, index: ClauseIndex, serve: Serve) -> None:
        """Begin indexing in every collection, now and in those that are made later.

        `index` is that of the built-in documents. `serve` is called with a collection's id and
        every index that is to serve it from then on; the first time before this returns.
        """
        with self._lock:
            self._index, self._serve = index, serve
            for collection in self.all():
                self._begin(collection, self._index_below(collection.with_builtin))

    def create(self, name: str, with_builtin: bool) -> Collection:
        """Make an empty collection. Raises CollectionFault for a name or number too many."""
        from index.library.named import settle
        from index.library.shelf import write_whole

        with self._lock, self._disk():
            name = self._free_name(name)
            if len(self._held) >= MOST_COLLECTIONS:
                raise CollectionFault("too-many-collections", most=MOST_COLLECTIONS)
            below = self._index_below(with_builtin)  # first, for it may fail
            key = self._new_id(name)
            self._audit.note("collection made", name=name, made=key)
            begun, folder = self._folder / f"{_NEW}{key}", self._folder / key
            begun.mkdir(mode=0o700, parents=True)
            row = {
                "name": name,
                "with_builtin": with_builtin,
                "created_at": datetime.now(UTC).isoformat(timespec="microseconds"),
            }
            write_whole(begun / _RECORD, json.dumps(row).encode("ascii"))
            os.rename(begun, folder)
            settle(self._folder)
            try:
                library = self._library(folder, with_builtin)
            except StoreFault:
                self._delete(folder)
                raise
            collection = Collection(key, name, with_builtin, library)
            self._held = {**self._held, key: collection}
            self._begin(collection, below)
            return collection

    def rename(self, collection_id: str, name: str) -> Collection:
        """Give a collection another name. Raises CollectionFault as `create` does."""
        from index.library.shelf import write_whole

        with self._lock, self._disk():
            collection = self.get(collection_id)
            name = self._free_name(name, besides=collection.id)
            folder = self._own if collection.id == DEFAULT else self._folder / collection.id
            row = recorded(folder) | {"name": name}
            self._audit.note("collection renamed", name=name, renamed=collection.id)
            write_whole(folder / _RECORD, json.dumps(row).encode("ascii"))
            collection = replace(collection, name=name)
            self._held = {**self._held, collection.id: collection}
            return collection

    def remove(self, collection_id: str, with_documents: bool = False) -> None:
        """Delete a collection for good; one that holds documents only `with_documents`.

        Raises CollectionFault if it may not be removed, StoreFault if the disk refuses it.
        """
        with self._lock:
            collection = self.get(collection_id)
            if collection.id == DEFAULT:
                raise CollectionFault("collection-default-stays")
            if not with_documents:
                _refuse_if_held(collection)
            self._held = {key: one for key, one in self._held.items() if one is not collection}
            # From here on nothing can be confirmed in it, and its thread writes nothing any more.
            collection.library.close()
            try:
                if not with_documents:
                    _refuse_if_held(collection)
                with self._disk():
                    held = [one.id for one in collection.library.held()]
                    self._audit.note("collection removed", removed=collection.id, documents=held)
                    self._delete(self._folder / collection.id)
            except IndexFault:
                self._reopen(collection)
                raise

    def close(self) -> None:
        """Stop indexing everywhere and let others use the folder."""
        with self._lock:
            for collection in reversed(self.all()):
                collection.library.close()

    # --- parts of the above ---

    def _open_others(self) -> None:
        if not self._folder.is_dir():
            return
        found = []
        for folder in self._folder.iterdir():
            if folder.name.startswith((_NEW, _REMOVED)):
                shutil.rmtree(folder, ignore_errors=True)
            elif folder.is_dir() and not folder.name.startswith("."):
                found.append(folder)
        opened: list[tuple[str, Collection]] = []
        for folder in sorted(found):
            try:
                row = recorded(folder)
                name, with_builtin = str(row["name"]), bool(row["with_builtin"])
                library = self._library(folder, with_builtin)
            except (OSError, ValueError, KeyError, StoreFault) as error:
                self._tell_damage(folder, error)
                continue
            made = Collection(folder.name, name, with_builtin, library)
            opened.append((str(row.get("created_at", "")), made))
        opened.sort(key=lambda pair: (pair[0], pair[1].id))
        self._held |= {one.id: one for _, one in opened}

    def _name_of_default(self) -> str:
        try:
            return str(recorded(self._own)["name"]) if (self._own / _RECORD).exists() else ""
        except (OSError, ValueError, KeyError) as error:
            self._tell_damage(self._own, error)
            return ""

    def _tell_damage(self, folder: Path, error: Exception) -> None:
        told = notice("collection-not-opened", folder=folder, reason=error)
        logging.getLogger(__name__).warning("%s", told)
        self.damaged.append(told)

    def _library(self, folder: Path, with_builtin: bool) -> Library:
        from index.library.library import Library
        from index.library.shelf import Shelf

        # One file for all: what was done in a collection stays noted when it is removed.
        audit = self._audit if folder == self._own else self._audit.within(folder.name)
        base = self._base if with_builtin else ()
        return Library(folder, base, partial(Shelf, audit=audit, claim=self._claim))

    def _begin(self, collection: Collection, below: ClauseIndex | None) -> None:
        """Put a collection in service over the index that lies below its documents."""
        if below is not None:
            self._serve(collection.id, below)
            collection.library.start(below, partial(self._serve, collection.id))

    def _index_below(self, with_builtin: bool) -> ClauseIndex | None:
        """The index of the built-in documents, or of none; None before the start."""
        if with_builtin or self._index is None:
            return self._index
        if self._empty is None:
            from index.search.build import write_index
            from index.search.contents import Contents
            from index.search.store import ClauseIndex

            folder, encoder = self._folder / EMPTY, self._index.encoder
            nothing = Contents((), {}, self._index.glossary)
            publishing = self._claim.publishing if self._claim else nullcontext
            write_index(nothing, folder, encoder, lambda *_: None, [], publishing=publishing)
            self._empty = ClauseIndex.open(folder, encoder)
        return self._empty

    def _reopen(self, collection: Collection) -> None:
        """Take a collection back that could not be removed."""
        library = self._library(self._folder / collection.id, collection.with_builtin)
        again = replace(collection, library=library)
        self._held = {**self._held, again.id: again}
        self._begin(again, self._index_below(again.with_builtin))

    def _delete(self, folder: Path) -> None:
        from index.library.named import settle
        from index.library.shelf import SPARED_SECONDS

        gone = self._folder / f"{_REMOVED}{folder.name}-{secrets.token_hex(3)}"
        os.rename(folder, gone)
        settle(self._folder)
        # What stays is cleared away at the next start.
        if self._claim is None:
            shutil.rmtree(gone, ignore_errors=True)
            return
        later = threading.Timer(SPARED_SECONDS, shutil.rmtree, (gone, True))
        later.daemon = True
        later.start()

    def _free_name(self, name: str, besides: str = "") -> str:
        """The name as it is kept. Raises CollectionFault if it is none, or another's."""
        shown = " ".join(unicodedata.normalize("NFC", name).split())
        if not 1 <= len(shown) <= MOST_NAME:
            raise CollectionFault("collection-name-length", most=MOST_NAME)
        if any(unicodedata.category(char)[0] == "C" for char in shown):
            raise CollectionFault("collection-name-characters")
        others = (one for one in self.all() if one.id != besides)
        if any(_folded(one.name) == _folded(shown) for one in others):
            raise CollectionFault("collection-name-taken", name=shown)
        return shown

    def _new_id(self, name: str) -> str:
        normal = unicodedata.normalize("NFKC", name).lower()
        slug = re.sub(r"[^a-z0-9]+", "-", normal).strip("-")[:_LONGEST_SLUG].strip("-")
        while True:
            key = f"{slug or 'collection'}-{secrets.token_hex(3)}"
            # One that could not be opened has its folder still.
            if key not in self._held and not (self._folder / key).exists():
                return key

    @contextmanager
    def _disk(self) -> Iterator[None]:
        """Tell of a disk that refuses in one sentence."""
        try:
            yield
        except OSError as error:
            raise StoreFault(
                "folder-not-written", folder=self._folder, reason=error.strerror
            ) from error


def unknown_collection(collection_id: str, held: Iterable[str]) -> CollectionFault:
    """The fault of asking for a collection that there is not; it names those there are."""
    asked = one_line(collection_id)[:MOST_NAME]
    return CollectionFault("collection-unknown", name=asked, names=", ".join(held))


def _refuse_if_held(collection: Collection) -> None:
    held = len(collection.library.held()) + len(collection.library.previews())
    if held:
        raise CollectionFault("collection-holds", name=collection.name, count=held)


def _folded(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold()


def recorded(folder: Path) -> dict[str, Any]:
    """What is noted of a collection; empty for a default one that was never renamed."""
    path = folder / _RECORD
    row = json.loads(path.read_bytes()) if path.exists() else {}
    if not isinstance(row, dict):
        raise ValueError(f"{_RECORD} holds no object")
    return row
