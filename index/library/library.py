"""The store of a person's own documents: staged, confirmed, indexed beside the built-in ones.

A document counts as confirmed once `confirm` has returned, and is never lost then. A thread builds
the index of all in `folder/index` and hands it over. How a file is read is decided in intake.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from index.documents.model import Clause, Document, Rendition
from index.documents.sidecar import Metadata, checked
from index.errors import DocumentFault, IndexFault, NotNowFault, StoreFault
from index.library.corrected import AllCorrected
from index.library.entry import Entry
from index.library.intake import display_name, read_guarded, recognised
from index.library.joined import joined
from index.library.readers import reader_digest
from index.library.shelf import (
    Shelf,
    clauses_digest,
    files_digest,
    known,
    read_row,
    text_digest,
    write_whole,
)
from index.library.told import Held, Preview, Work, held_of, preview_of
from index.search.build import collect, write_index
from index.search.contents import Contents
from index.search.generation import read_manifest, remove_index, remove_old_generations
from index.search.store import ClauseIndex
from index.search.vectors import seed_vectors
from index.text.written import HAN
from prompts.notices import notice

__all__ = ["Held", "Library", "Metadata", "Preview", "Work"]

MOST_PREVIEWS = 100
RETRY_SECONDS = 60.0
# Which documents, and in what state, the index beside it holds.
STATE = "library.json"


class Library:
    """A person's documents in one folder. Safe to use from several threads."""

    def __init__(
        self, folder: Path, base: Sequence[Path] = (), shelf: Callable[[Path], Shelf] = Shelf
    ) -> None:
        """Open the folder, made if missing, and clear away what a crash left half-done.

        Uploads that waited for days are forgotten, now and with each new one.
        `base` are files and folders that are always indexed too; none: the documents of the index
        given to `start`. Raises StoreFault if another server uses the folder or it is unusable.
        """
        self._folder = folder / "index"
        self._base = tuple(base)
        self._shelf = shelf(folder)
        self._corrected = AllCorrected(self._shelf, self._keeping)
        self.facts_corrected = self._corrected.facts
        self.english_given = self._corrected.english
        self._lock = threading.RLock()
        # One upload at a time: each may take the memory that its process is allowed.
        self._reading = threading.Lock()
        self._wake = threading.Event()
        self._closing = False
        self._thread: threading.Thread | None = None
        self._work: Work | None = None
        self._aside: Work | None = None
        self._recognised: Work | None = None
        self._fault: str | None = next(iter(self._shelf.damaged), None)
        self._fault_aside: str | None = None
        self._service: ClauseIndex | None = None
        # By document id, what of it is in the index in service.
        self._served: dict[str, dict[str, str]] = {}
        self._built_in: dict[str, str] = {}

    # --- uploads ---

    def stage(self, file_name: str, data: bytes, origin: str = "", mark: str = "") -> Preview:
        """Read an upload in a guarded process, and keep it until it is confirmed or discarded.

        `origin` is the address or path that it was brought in from; its id ends in the `mark`, if
        any. Raises DocumentFault for what cannot be read as a policy document or is held already,
        NotNowFault for what can later. May take a minute, ten seconds more for a page recognised.
        """
        self._refuse_if_closed()
        name = display_name(file_name)
        suffix, warning = recognised(data, name)
        with self._reading, self._disk():
            with self._lock:
                self._shelf.expire()
            if len(self._shelf.previews) >= MOST_PREVIEWS:
                raise NotNowFault("too-many-uploads", most=MOST_PREVIEWS)
            entry = self._shelf.begin(name, suffix, data, {*self._built_in.values()}, origin, mark)
            try:
                document = self._read(entry, suffix, entry.parsed)
                self._refuse_twin(text_digest(document), name)
                if warning:
                    document = replace(document, warnings=(warning, *document.warnings))
                with self._lock:
                    entry = self._shelf.keep(entry, document)
            except BaseException:
                self._shelf.drop(entry)
                raise
        return preview_of(entry, document)

    def previews(self) -> tuple[Preview, ...]:
        """The uploads that wait to be confirmed, oldest first; they survive a restart."""
        with self._lock:
            return tuple(map(preview_of, self._shelf.previews.values()))

    def uploads(self) -> int:
        """How many uploads wait to be confirmed; none of them is read for it."""
        return len(self._shelf.previews)

    def preview(self, preview_id: str) -> Preview:
        """One of them. Raises DocumentFault if there is none of that id."""
        with self._lock:
            return preview_of(known(self._shelf.previews, preview_id))

    def discard(self, preview_id: str) -> None:
        """Forget an upload. Raises DocumentFault if there is none of that id."""
        with self._lock, self._disk():
            self._shelf.discard(known(self._shelf.previews, preview_id))

    def confirm(self, preview_id: str, metadata: Metadata) -> Held:
        """Take an upload in for good, under the same id, with a person's corrections.

        Raises DocumentFault for an unknown id or corrections that are none, StoreFault if the
        disk refuses it.
        """
        with self._keeping():
            entry = known(self._shelf.previews, preview_id)
            metadata = checked(metadata)
            self._refuse_twin(entry.text, entry.file_name)
            return self._held(self._shelf.confirm(entry, metadata))

    # --- confirmed documents ---

    def held(self) -> tuple[Held, ...]:
        """The confirmed documents, oldest first."""
        with self._lock:
            return tuple(map(self._held, self._shelf.documents.values()))

    def document(self, document_id: str) -> Document:
        """A confirmed document as it was read, without corrections. Raises DocumentFault."""
        with self._lock:
            return known(self._shelf.documents, document_id).document()

    def change(self, document_id: str, metadata: Metadata) -> Held:
        """Replace the corrections of a confirmed document. Raises as `confirm` does."""
        with self._keeping():
            self._shelf.correct(known(self._shelf.documents, document_id), checked(metadata))
            return self._held(self._shelf.documents[document_id])

    def remove(self, document_id: str) -> None:
        """Take a document out; its files go when no index in service holds it any more.

        Raises DocumentFault if there is none of that id.
        """
        with self._keeping():
            self._shelf.mark_removing(known(self._shelf.documents, document_id))

    # --- work ---

    def work(self) -> Work | None:
        """What is being done now, None if nothing is."""
        return self._recognised or self._work or self._aside

    def fault(self) -> str | None:
        """The last failure of the work in one sentence, None if the last attempt succeeded."""
        return self._fault or self._fault_aside

    def start(self, index: ClauseIndex, replaced: Callable[[ClauseIndex], None]) -> None:
        """Begin indexing; `replaced` is called with every index that is to serve from then on.

        `index` is the one of the built-in documents. It serves while nothing is added. The last
        finished index of the added ones serves at once, from this thread.
        """
        self._built_in = {text_digest(each): each.id for each in index.documents.values()}
        self._corrected.start(index)
        self._service = index
        kept = self._shelf.documents or self._corrected.signatures()
        if kept and read_manifest(self._folder):
            try:
                opened = ClauseIndex.open(self._folder, index.encoder)
            except StoreFault as fault:  # it is built anew
                logging.getLogger(__name__).warning("The index is built anew: %s", fault)
            else:
                self._serve(opened, self._state(opened), replaced)
        self._thread = threading.Thread(
            target=self._run, args=(index, replaced), name="library", daemon=True
        )
        self._wake.set()
        self._thread.start()

    def close(self) -> None:
        """Stop indexing after the step under way, take nothing more, let others use the folder."""
        with self._lock:
            self._closing = True
        self._wake.set()
        if self._thread:
            self._thread.join()
        self._shelf.close()

    def untranslated(self) -> tuple[str, tuple[Clause, ...]] | None:
        """The next document in service that lacks machine-made English, and its Chinese clauses."""
        with self._lock:
            service = self._service
            for entry in self._shelf.documents.values():
                document = service.documents.get(entry.id) if service else None
                if document is None or entry.removing or service is None:
                    continue
                if entry.translated != clauses_digest(document.clauses):
                    return entry.id, tuple(c for c in document.clauses if HAN.search(c.body))
            return None

    def translating(self, document_id: str, done: int, total: int) -> None:
        """Show that a document is being translated; all done: that it no longer is."""
        ended = done >= total
        self._aside = None if ended else Work("translating", done, total, document_id)

    def translated(self, document_id: str, renditions: Sequence[Rendition]) -> None:
        """Keep the English of a document for good, and index it. Unknown ids are passed over."""
        with self._lock, self._disk():
            entry = self._shelf.documents.get(document_id)
            if entry and self._service and document_id in self._service.documents:
                clauses = self._service.documents[document_id].clauses
                self._shelf.translate(entry, renditions, clauses)
                self._wake.set()

    def failed(self, sentence: str | None) -> None:
        """Tell of a failure in work on the documents that is done elsewhere; None: it is mended."""
        self._aside, self._fault_aside = None, sentence

    # --- the thread ---

    def _run(self, base: ClauseIndex, replaced: Callable[[ClauseIndex], None]) -> None:
        failed = False
        while not self._closing:
            self._wake.wait(RETRY_SECONDS if failed or self._shelf.spared else None)
            self._wake.clear()
            failed = True
            try:
                self._catch_up(base, replaced)
                self._fault = next(iter(self._shelf.damaged), None)
                failed = False
            except _ClosingError:
                pass
            except IndexFault as fault:
                self._fault = fault.notice
            except Exception as fault:
                # The documents are safe on the disk; whatever happened must not end the thread.
                logging.getLogger(__name__).error("Indexing failed.", exc_info=fault)
                self._fault = notice("indexing-failed", reason=type(fault).__name__)
            finally:
                self._work = None

    def _catch_up(self, base: ClauseIndex, replaced: Callable[[ClauseIndex], None]) -> None:
        """Bring the index to what is on the shelf, put it in service, delete what is to go."""
        self._read_again()
        with self._lock:
            entries = [entry for entry in self._shelf.documents.values() if not entry.removing]
            gone = [entry for entry in self._shelf.documents.values() if entry.removing]
        wanted = {entry.id: entry.signature() for entry in entries}
        wanted |= self._corrected.signatures()
        if not wanted:
            if self._service is not base:
                self._serve(base, {}, replaced)
            with self._shelf.clearing(self._folder):  # but its vectors: nothing is read in them
                remove_index(self._folder, self._shelf.spared)
                (self._folder / STATE).unlink(missing_ok=True)
        elif wanted != self._served or self._basis(base) != self._recorded().get("base"):
            contents = self._contents(base, entries)
            seed_vectors(self._folder, base.folder)
            report = write_index(contents, self._folder, base.encoder, self._progress, [],
                                 None, self._shelf.publishing, self._shelf.spared)  # fmt: skip
            state = {"name": report.name, "base": self._basis(base), "documents": wanted}
            with self._disk(), self._shelf.publishing():
                write_whole(self._folder / STATE, json.dumps(state).encode("ascii"))
            self._serve(ClauseIndex.open(self._folder, base.encoder), wanted, replaced)
        with self._shelf.clearing(self._folder):  # also of what was spared before
            remove_old_generations(self._folder, self._shelf.spared)
        with self._lock, self._disk():
            for entry in gone:
                self._shelf.drop(entry)

    def _read_again(self) -> None:
        """Read documents again that an older version of the program had read."""
        with self._lock:
            entries = list(self._shelf.documents.values())
        for entry in entries:
            if entry.reader == reader_digest() or entry.removing:
                continue
            again = entry.upload.with_name(".again.json")
            document = None
            with self._reading, suppress(DocumentFault):  # it stays as it was read before
                document = self._read(entry, entry.upload.suffix, again)
            again.unlink(missing_ok=True)
            with self._lock, self._disk():
                self._shelf.reread(self._shelf.documents[entry.id], document)

    def _contents(self, base: ClauseIndex, entries: Sequence[Entry]) -> Contents:
        warnings: list[str] = []
        contents = collect(self._base, warnings, self._progress) if self._base else base.contents
        service = None if self._service is base else self._service
        reading = partial(self._progress, "reading")
        contents = joined(contents, entries, service, self._served, reading, warnings)
        return self._corrected.into(contents, warnings)

    def _progress(self, stage: str, done: int, total: int) -> None:
        if self._closing:
            raise _ClosingError
        waiting = [each.id for each in self.held() if each.state == "waiting"]
        self._work = Work(stage, done, total, waiting[0] if len(waiting) == 1 else None)

    def _read(self, entry: Entry, suffix: str, output: Path) -> Document:
        def tell(done: int, total: int) -> None:
            self._recognised = Work("recognising", done, total, None)

        try:
            name = entry.file_name
            return read_guarded(entry.upload, suffix, entry.id, name, output, progress=tell)
        finally:
            self._recognised = None

    def _serve(
        self,
        index: ClauseIndex,
        served: dict[str, dict[str, str]],
        replaced: Callable[[ClauseIndex], None],
    ) -> None:
        # Before it is handed over: who gets it asks at once what of it is untranslated.
        with self._lock:
            self._service = index
        replaced(index)
        with self._lock:
            self._served = served

    def _basis(self, base: ClauseIndex) -> str:
        """What the built-in documents are: the name of their index, or the state of their files."""
        return files_digest(self._base) if self._base else base.name

    def _recorded(self) -> dict[str, Any]:
        """What was noted of the finished index; empty if it was not."""
        return read_row(self._folder / STATE)

    def _state(self, opened: ClauseIndex) -> dict[str, dict[str, str]]:
        """What of each document an index holds, as far as that was noted before a crash."""
        recorded = self._recorded()
        known = recorded.get("documents", {}) if recorded.get("name") == opened.name else {}
        held = [*self._shelf.documents, *self._corrected.signatures()]
        return {key: known.get(key, {}) for key in held if key in opened.documents}

    # --- parts of the above ---

    def _held(self, entry: Entry) -> Held:
        return held_of(entry, self._served.get(entry.id))

    def _refuse_if_closed(self) -> None:
        if self._closing:
            raise NotNowFault("library-closed")

    def _refuse_twin(self, text: str, name: str) -> None:
        with self._lock:
            twin = self._built_in.get(text) or self._shelf.named_with(text)
        if twin:
            raise DocumentFault("same-text", name=name, twin=twin)

    @contextmanager
    def _keeping(self) -> Iterator[None]:
        """While something is kept that the index is to be built anew for."""
        with self._lock, self._disk():
            self._refuse_if_closed()
            yield
            self._wake.set()

    @contextmanager
    def _disk(self) -> Iterator[None]:
        """Tell of a disk that refuses in one sentence."""
        try:
            yield
        except OSError as error:
            raise StoreFault("folder-not-written", folder=self._folder.parent,
                             reason=error.strerror) from error  # fmt: skip


class _ClosingError(Exception):
    """The library is being closed in the middle of a build."""
