"""A library that several servers share, as each of them has it: read here, written by one of them.

What it holds is read from the folder whenever it is asked; what is to be changed is asked of the
server that writes (index/library/errands.py), be it this one or another, and waited for.
"""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar

from index.documents.given import MOST_GIVEN, Given
from index.documents.model import Clause, Document, Rendition
from index.documents.sidecar import Metadata, checked
from index.errors import DocumentFault, NotNowFault, RecordsFault, StoreFault
from index.facts.corrections import MOST_CORRECTIONS, FactCorrection
from index.library.audit import asked_by
from index.library.beside import ENGLISH, FACTS, Elsewhere, Kind
from index.library.corrected import Corrected, Row
from index.library.entry import DAMAGE, Entry, entry_in, in_order
from index.library.errands import Errands, mark_of, new_mark
from index.library.intake import display_name, recognised
from index.library.library import STATE, Held, Library, Preview, Work
from index.library.named import settle
from index.library.shelf import Shelf, known, read_row, write_whole
from index.library.told import held_of, preview_of
from index.search.store import ClauseIndex
from prompts.notices import notice_of

# How long a page waits for an upload to be read, and for all else to be done. Whatever is not done
# by then is done later all the same.
SECONDS_TO_READ, SECONDS_TO_DO = 300.0, 45.0
# How old what is known of the folder may be.
LOOK_SECONDS = 0.3
MOST_TRIES = 5
# A folder may change twice within the time that its clock tells apart: up to two seconds.
SURE_NANOSECONDS = 2_000_000_000

Seen = TypeVar("Seen")


class ReadShelf(Shelf):
    """The shelf of a library in a folder that another server may write; nothing is written here."""

    def __init__(self, folder: Path) -> None:
        """Nothing is read before the first look."""
        self._folder = folder
        self.damaged: list[str] = []
        self.previews: dict[str, Entry] = {}
        self.documents: dict[str, Entry] = {}
        self.elsewhere = Elsewhere(folder, write_whole, [])
        self._lock_looking = threading.Lock()
        self._looked_at = float("-inf")
        # By folder, when it was changed last and what was in it then.
        self._read: dict[Path, tuple[int, Entry]] = {}

    def look(self, again: bool = False) -> None:
        """Read what has changed since the last look; `again`: however short ago that was."""
        with self._lock_looking:
            if not again and time.monotonic() < self._looked_at + LOOK_SECONDS:
                return
            self._looked_at = time.monotonic()
            damaged: list[str] = []
            # Previews first: one that is confirmed meanwhile is seen twice, but never not at all.
            previews, documents = (
                self._entries_of(self._folder / name) for name in ("previews", "documents")
            )
            self.documents = documents
            self.previews = {key: one for key, one in previews.items() if key not in documents}
            self.elsewhere = Elsewhere(self._folder, write_whole, damaged)
            kept = {one.upload.parent for one in (*previews.values(), *documents.values())}
            self._read = {folder: read for folder, read in self._read.items() if folder in kept}
            self.damaged = damaged

    def _entries_of(self, place: Path) -> dict[str, Entry]:
        found: list[Entry] = []
        for folder in place.iterdir() if place.is_dir() else ():
            try:
                changed = folder.stat().st_mtime_ns
                before = self._read.get(folder)
                if before is None or before[0] != changed:
                    before = changed, entry_in(folder)
                    if time.time_ns() - changed > SURE_NANOSECONDS:
                        self._read[folder] = before
            except DAMAGE:  # It is being moved, or damaged, which the writer tells of.
                continue
            found.append(before[1])
        return in_order(found)


class SharedCorrected(Corrected[Row]):
    """The corrections of one kind, changed by the server that writes."""

    def __init__(self, library: SharedLibrary, kind: Kind[Row], most: int, told: str) -> None:
        """Those of a library."""
        super().__init__(library.shelf, _nothing_is_kept_here, kind, most, told)
        self._library = library

    def all(self) -> dict[str, tuple[Row, ...]]:
        """See Corrected.all."""
        self._library.shelf.look()
        return super().all()

    def change_all(
        self, document_id: str, instead: Callable[[tuple[Row, ...]], tuple[Row, ...]]
    ) -> None:
        """See Corrected.change_all. Raises NotNowFault where others keep changing the same."""
        for _ in range(MOST_TRIES):
            self._library.shelf.look(again=True)
            held = super().all().get(document_id, ())
            kept = instead(held)
            if kept == held:
                return
            told: dict[str, Any] = {"id": document_id, "kind": self._kind.name}
            told |= {"before": self._rows(held), "after": self._rows(kept)}
            if self._library.asked("correct", told):
                return
        raise NotNowFault("not-done-yet")

    def _rows(self, rows: Sequence[Row]) -> Any:
        return json.loads(self._kind.data(rows))


def _nothing_is_kept_here() -> Any:
    raise AssertionError("what is kept is asked of the writer")


class SharedLibrary(Library):
    """One of the libraries that servers share. Safe to use from several threads.

    It has what Library has; the thread that indexes is where the writer is.
    """

    def __init__(
        self,
        folder: Path,
        intake: Path,
        collection: str,
        errands: Errands,
        written_here: Callable[[], Library | None],
    ) -> None:
        """Read nothing yet. `written_here` gives the library that this server writes, if it does.

        `intake` is where uploads are put down for the writer.
        """
        self.shelf = ReadShelf(folder)
        self._folder = folder / "index"
        self._intake, self._collection, self._errands = intake, collection, errands
        self._written_here = written_here
        self.facts_corrected: Corrected[FactCorrection] = SharedCorrected(
            self, FACTS, MOST_CORRECTIONS, "too-many-corrections"
        )
        self.english_given: Corrected[Given] = SharedCorrected(
            self, ENGLISH, MOST_GIVEN, "too-many-given"
        )
        self._service: ClauseIndex | None = None

    @property
    def in_service(self) -> ClauseIndex | None:
        """The index in service here, None before the first."""
        return self._service

    def serve(self, index: ClauseIndex) -> None:
        """Note which index is in service here."""
        self._service = index

    def correctable(self, index: ClauseIndex) -> None:
        """Let the documents of the index below be corrected, too."""
        self.facts_corrected.start(index.documents, index.corrections)
        self.english_given.start(index.documents)

    def asked(self, kind: str, told: Mapping[str, Any], seconds: float = SECONDS_TO_DO) -> Any:
        """Ask something of the writer, and wait for it. Raises the fault that it met."""
        mark = self._errands.put(kind, self._collection, told, asked_by())
        return self._errands.reply(mark, seconds)

    # --- uploads ---

    def stage(self, file_name: str, data: bytes, origin: str = "", mark: str = "") -> Preview:
        """See Library.stage. Raises NotNowFault where it is not read yet; it will be."""
        name = display_name(file_name)
        recognised(data, name)
        if origin and not mark:
            # Whoever waited for it in vain, or after a restart, brings it in once more.
            mark = mark_of(self._collection, origin, hashlib.sha256(data).hexdigest())
            if kept := self._staged(mark):
                return kept
        mark = mark or new_mark()
        with self._disk():
            self._intake.mkdir(exist_ok=True)
            write_whole(self._intake / mark, data)
            settle(self._intake)
        told = {"name": name, "origin": origin}
        self._errands.put("stage", self._collection, told, asked_by(), mark)
        try:
            key = self._errands.reply(mark, SECONDS_TO_READ)
        except NotNowFault as fault:
            if fault.notice.key == "not-done-yet":
                raise NotNowFault("upload-being-read", name=name) from fault
            raise
        return self._seen(lambda: self.preview(key))

    def previews(self) -> tuple[Preview, ...]:
        """See Library.previews."""
        self.shelf.look()
        found = []
        for one in self.shelf.previews.values():
            try:
                found.append(preview_of(one))
            except Exception:
                # It may have been confirmed or discarded since it was looked at; else it is told.
                self.shelf.look(again=True)
                if one.id in self.shelf.previews:
                    raise
        return tuple(found)

    def uploads(self) -> int:
        """See Library.uploads."""
        self.shelf.look()
        return len(self.shelf.previews)

    def preview(self, preview_id: str) -> Preview:
        """See Library.preview."""
        self.shelf.look(again=True)
        return preview_of(known(self.shelf.previews, preview_id))

    def discard(self, preview_id: str) -> None:
        """See Library.discard."""
        self.asked("discard", {"id": preview_id})
        self.shelf.look(again=True)

    def confirm(self, preview_id: str, metadata: Metadata) -> Held:
        """See Library.confirm."""
        told = {"id": preview_id, "metadata": asdict(checked(metadata))}
        key = self.asked("confirm", told)
        return self._seen(lambda: self._one(key))

    # --- confirmed documents ---

    def held(self) -> tuple[Held, ...]:
        """See Library.held."""
        self.shelf.look()
        served = self._served_now()
        return tuple(held_of(one, served.get(one.id)) for one in self.shelf.documents.values())

    def document(self, document_id: str) -> Document:
        """See Library.document."""
        self.shelf.look()
        return known(self.shelf.documents, document_id).document()

    def change(self, document_id: str, metadata: Metadata) -> Held:
        """See Library.change."""
        self.asked("change", {"id": document_id, "metadata": asdict(checked(metadata))})
        return self._seen(lambda: self._one(document_id))

    def remove(self, document_id: str) -> None:
        """See Library.remove."""
        self.asked("remove", {"id": document_id})
        self.shelf.look(again=True)

    # --- work ---

    def work(self) -> Work | None:
        """See Library.work."""
        try:
            told = self._errands.told().get(self._collection, {}).get("work")
        except RecordsFault:
            return None
        return Work(**told) if told else None

    def fault(self) -> str | None:
        """See Library.fault; where the records are away, that."""
        try:
            told = self._errands.told().get(self._collection, {}).get("fault")
        except RecordsFault as fault:
            return fault.notice
        return notice_of(told) if told else None

    def start(self, index: ClauseIndex, replaced: Callable[[ClauseIndex], None]) -> None:
        """Nothing: the collections of shared libraries put their indexes in service."""

    def close(self) -> None:
        """Nothing is held."""

    # --- English, which the server makes that writes ---

    def untranslated(self) -> tuple[str, tuple[Clause, ...]] | None:
        """See Library.untranslated; None where another server writes."""
        written = self._written_here()
        return written.untranslated() if written else None

    def translating(self, document_id: str, done: int, total: int) -> None:
        """See Library.translating."""
        if written := self._written_here():
            written.translating(document_id, done, total)

    def translated(self, document_id: str, renditions: Sequence[Rendition]) -> None:
        """See Library.translated; left to the next writer where this server writes no more."""
        if written := self._written_here():
            written.translated(document_id, renditions)

    def failed(self, sentence: str | None) -> None:
        """See Library.failed."""
        if written := self._written_here():
            written.failed(sentence)

    # --- parts of the above ---

    def _staged(self, mark: str) -> Preview | None:
        """What came of an upload before, if it waits to be confirmed; None: it is to be asked."""
        try:
            return self.preview(self._errands.reply(mark, 0.0))
        except (DocumentFault, StoreFault):  # Whatever was the reason then may have gone.
            return None

    def _one(self, document_id: str) -> Held:
        self.shelf.look(again=True)
        entry = known(self.shelf.documents, document_id)
        return held_of(entry, self._served_now().get(entry.id))

    def _served_now(self) -> dict[str, dict[str, str]]:
        """What of each document the index in service here holds."""
        index = self._service
        if index is None:
            return {}
        noted = read_row(self._folder / STATE)
        states = noted.get("documents", {}) if noted.get("name") == index.name else {}
        return {key: states.get(key, {}) for key in self.shelf.documents if key in index.documents}

    def _seen(self, find: Callable[[], Seen]) -> Seen:
        """What the writer has just made, which a folder on the network may show a little later."""
        for _ in range(20):
            try:
                return find()
            except DocumentFault:
                time.sleep(LOOK_SECONDS)
        return find()
