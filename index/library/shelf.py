"""The files of a person's own documents: each in a folder of its own, which is moved as a whole.

`incoming/` holds what is being written or deleted and is cleared at every start, `previews/` what
was read, `documents/` what was confirmed. Every file is on the disk before its folder is moved,
and a folder is moved in one step, so that a crash leaves a document where it was or where it was
going. It decides nothing about documents and builds no index.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path, PurePosixPath
from typing import Any, Protocol

from index.documents.model import Clause, Document, Rendition
from index.documents.renditions import RENDITION_SUFFIX
from index.documents.rows import document_lines
from index.documents.sidecar import Metadata, sidecar_data, sidecar_file
from index.errors import DocumentFault, StoreFault
from index.library.audit import Audit
from index.library.beside import Elsewhere, Kind, Row
from index.library.entry import RECORD, REMOVING, TRANSLATED, Entry, entries_in
from index.library.named import settle
from index.library.readers import reader_digest
from index.search.build import distinct_id
from index.search.generation import writing

_LONGEST_ID = 40
# How long an upload waits to be confirmed.
PREVIEW_DAYS = 7
# Servers that share a folder look for a new index each second.
SPARED_SECONDS = 30.0


class Claim(Protocol):
    """The right to write a folder that several servers share, which may be lost at any time."""

    def check(self) -> None:
        """See that it is held still. Raises NotWriterFault."""
        ...

    def publishing(self) -> AbstractContextManager[None]:
        """While it is held for sure: nobody else can gain it within. Raises NotWriterFault."""
        ...


class Shelf:
    """The folder, locked against other programs. The caller sees to it that one thread writes."""

    def __init__(
        self,
        folder: Path,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        audit: Audit | None = None,
        claim: Claim | None = None,
    ) -> None:
        """Open the folder, made if missing, without what a crash left half-done or has expired.

        `damaged` then tells of documents whose files cannot be read; `now` is the time, `audit`
        where changes are noted if not in the folder. `claim` is that to a folder which several
        servers share; without one it is this program's alone. Raises StoreFault if another program
        has the folder, or it cannot be written.
        """
        from filelock import FileLock, Timeout

        self._claim = claim
        self._audit = audit or Audit(folder)
        self.damaged: list[str] = []
        self._now = now
        self._incoming = folder / "incoming"
        # A writer that was replaced may be at work still: what it has in there is not this one's.
        self._opening = secrets.token_hex(4)
        self._places = (folder / "previews", folder / "documents")
        self._lock = None if claim else FileLock(folder / ".lock", timeout=0)
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)  # they are the person's own
            if self._lock:
                self._lock.acquire()
            self._hold()
            shutil.rmtree(self._incoming, ignore_errors=True)
            for place in (self._incoming, *self._places):
                place.mkdir(exist_ok=True)
            settle(folder)
            self.previews, self.documents = (
                entries_in(place, self.damaged) for place in self._places
            )
            self.elsewhere = Elsewhere(folder, write_whole, self.damaged)
            self.expire()
        except Timeout:
            raise StoreFault("library-in-use", folder=folder) from None
        except OSError as error:
            raise StoreFault("folder-unusable", folder=folder, reason=error.strerror) from error

    def close(self) -> None:
        """Let other programs use the folder."""
        if self._lock:
            self._lock.release()

    def _hold(self) -> None:
        """See that the folder is this server's to write. Raises NotWriterFault."""
        if self._claim:
            self._claim.check()

    def publishing(self) -> AbstractContextManager[None]:
        """While an index of these documents may be put in service. Raises NotWriterFault."""
        return self._claim.publishing() if self._claim else nullcontext()

    @property
    def spared(self) -> float:
        """How many seconds an index stays that has been replaced: other machines may read it."""
        return SPARED_SECONDS if self._claim else 0.0

    @contextmanager
    def clearing(self, index: Path) -> Iterator[None]:
        """While what is in the folder of that index may go. Raises NotWriterFault, StoreFault."""
        with writing(index), self.publishing():
            yield

    def begin(
        self,
        file_name: str,
        suffix: str,
        data: bytes,
        taken: Collection[str],
        origin: str = "",
        mark: str = "",
    ) -> Entry:
        """Write an upload into a folder where it can be read; `keep` or `drop` must follow.

        Its id ends in the `mark`, a short hexadecimal number; without one, in any.
        """
        stem = distinct_id(PurePosixPath(file_name).stem, set())[:_LONGEST_ID].strip("-._")
        key = f"{stem}-{mark}" if mark else ""
        while not key or key in self.previews or key in self.documents or key in taken:
            key = f"{stem}-{secrets.token_hex(3)}"
        folder = self._own(key)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        write_whole(folder / f"{key}{suffix}", data)
        now = self._now().isoformat(timespec="milliseconds")
        digest = hashlib.sha256(data).hexdigest()
        upload = folder / f"{key}{suffix}"
        return Entry(key, file_name, now, upload, origin=origin, digest=digest)

    def keep(self, entry: Entry, document: Document) -> Entry:
        """Put what was begun among the previews, with the document that was read from it."""
        self._hold()
        write_whole(entry.parsed, document_lines(document))
        entry = replace(entry, text=text_digest(document), reader=reader_digest())
        _write_record(entry)
        file = {"file": entry.file_name, "sha256": entry.digest, "origin": entry.origin}
        self._audit.note("upload", entry.id, **file)
        return self._move(entry, self._places[0], self.previews)

    def discard(self, entry: Entry) -> None:
        """Delete a preview that is not wanted."""
        self._audit.note("discard", entry.id)
        self.drop(entry)

    def drop(self, entry: Entry) -> None:
        """Delete what was begun, a preview that expired, or a document that was removed."""
        self.previews.pop(entry.id, None)
        self.documents.pop(entry.id, None)
        folder = entry.upload.parent
        if folder.parent != self._incoming:
            self._hold()
            bin_ = self._own(entry.id)
            os.rename(folder, bin_)
            settle(folder.parent)
            folder = bin_
        shutil.rmtree(folder, ignore_errors=True)

    def expire(self) -> None:
        """Delete the previews that nobody has confirmed for days."""
        oldest = self._now() - timedelta(days=PREVIEW_DAYS)
        for entry in list(self.previews.values()):
            if datetime.fromisoformat(entry.added_at).astimezone(UTC) < oldest:
                self.drop(entry)

    def confirm(self, entry: Entry, metadata: Metadata) -> Entry:
        """Put a preview among the documents; when this returns, no crash can undo it."""
        self._hold()
        self._audit.note("add", entry.id, file=entry.file_name, sha256=entry.digest)
        write_whole(sidecar_file(entry.upload), sidecar_data(metadata))
        entry = self._move(replace(entry, metadata=metadata), self._places[1], self.documents)
        del self.previews[entry.id]
        return entry

    def correct(self, entry: Entry, metadata: Metadata) -> None:
        """Replace the corrections of a document."""
        self._hold()
        self._audit.note("metadata", entry.id)
        write_whole(sidecar_file(entry.upload), sidecar_data(metadata))
        self.documents[entry.id] = replace(entry, metadata=metadata)

    def correct_in(self, kind: Kind[Row], document_id: str, rows: Sequence[Row]) -> None:
        """Replace the corrections of a kind of a document; they lie beside its file.

        Those of documents that are not on the shelf lie together in a file of the folder. Raises
        StoreFault where that could not be read.
        """
        self._hold()
        self._audit.note(kind.name, document_id)
        entry = self.documents.get(document_id)
        if entry is None:
            self.elsewhere.keep(kind, document_id, rows)
            return
        write_whole(kind.file_of(entry.upload), kind.data(rows))
        own: dict[str, Any] = {kind.name: tuple(rows)}
        self.documents[document_id] = replace(entry, **own)

    def named_with(self, text: str) -> str | None:
        """The file name of a document that has a text of that digest, None if there is none."""
        alike = (one for one in self.documents.values() if one.text == text and not one.removing)
        return next((one.file_name for one in alike), None)

    def mark_removing(self, entry: Entry) -> None:
        """Note for good that a document is to go."""
        self._hold()
        self._audit.note("remove", entry.id, file=entry.file_name)
        write_whole(entry.upload.with_name(REMOVING), b"")
        self.documents[entry.id] = replace(entry, removing=True)

    def reread(self, entry: Entry, document: Document | None) -> None:
        """Note that the present program has read the document again; None: it could not."""
        self._hold()
        if document is not None:
            write_whole(entry.parsed, document_lines(document))
            entry = replace(entry, text=text_digest(document))
        entry = replace(entry, reader=reader_digest())
        _write_record(entry)
        self.documents[entry.id] = entry

    def translate(
        self, entry: Entry, renditions: Sequence[Rendition], clauses: Sequence[Clause]
    ) -> None:
        """Keep machine-made English for these clauses of a document, all it is going to have."""
        self._hold()
        rows = []
        for each in renditions:
            sentences = [{"zh": s.zh, "en": s.en} for s in each.sentences if s.zh.strip()]
            first = next((one["en"] for one in sentences if one["en"].strip()), "")
            title = each.title_en.strip() or first
            if first:
                rows.append({"path": each.clause_path, "title_en": title, "sentences": sentences,
                             "machine": True})  # fmt: skip
        lines = "".join(json.dumps(row) + "\n" for row in rows)
        write_whole(entry.upload.with_name(f"{entry.id}.{RENDITION_SUFFIX}"), lines.encode("ascii"))
        digest = clauses_digest(clauses)
        write_whole(entry.upload.with_name(TRANSLATED), digest.encode("ascii"))
        self.documents[entry.id] = replace(entry, translated=digest)

    def _own(self, key: str) -> Path:
        """The folder of a document among what is written or deleted here."""
        return self._incoming / f"{key}.{self._opening}"

    def _move(self, entry: Entry, target: Path, entries: dict[str, Entry]) -> Entry:
        source = entry.upload.parent
        settle(source)
        os.rename(source, target / entry.id)
        settle(target)
        settle(source.parent)
        entry = replace(entry, upload=target / entry.id / entry.upload.name)
        entries[entry.id] = entry
        return entry


def known(entries: Mapping[str, Entry], key: str) -> Entry:
    """One of the entries. Raises DocumentFault if there is none of that id."""
    if key not in entries:
        raise DocumentFault("document-gone", document=key)
    return entries[key]


def write_whole(path: Path, data: bytes) -> None:
    """Write a file so that after a crash it is there whole, or as it was before."""
    partial = path.with_name(f"{path.name}.new")
    with partial.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    os.replace(partial, path)
    settle(path.parent)


def text_digest(document: Document) -> str:
    """A digest of the document's whole text."""
    return hashlib.sha256(document.source.encode("utf-8", "surrogatepass")).hexdigest()


def clauses_digest(clauses: Sequence[Clause]) -> str:
    """A digest of the clauses as far as their English depends on it."""
    rows = json.dumps([(clause.path, clause.heading, clause.body) for clause in clauses])
    return hashlib.sha256(rows.encode("ascii")).hexdigest()[:16]


def _write_record(entry: Entry) -> None:
    names = ("file_name", "added_at", "text", "reader", "origin", "digest")
    row = json.dumps({name: getattr(entry, name) for name in names} | {"upload": entry.upload.name})
    write_whole(entry.upload.with_name(RECORD), row.encode("ascii"))


def files_digest(paths: Sequence[Path]) -> str:
    """What state files and folders are in: names, sizes and times."""
    files = [file for path in paths for file in (path, *sorted(path.rglob("*")))]
    rows = [(str(file), (stat := file.stat()).st_size, stat.st_mtime_ns) for file in files]
    return hashlib.sha256(json.dumps(rows).encode("ascii")).hexdigest()[:16]


def read_row(file: Path) -> dict[str, Any]:
    """What was noted in a file; empty if it was not, or cannot be read."""
    try:
        row = json.loads(file.read_bytes())
    except (OSError, ValueError):
        return {}
    return row if isinstance(row, dict) else {}
