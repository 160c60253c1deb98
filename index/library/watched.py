"""A folder that is watched: its files are brought into a library as uploads are, once they rest.

What came of each file is noted beside the library, so that a file is taken once and one that was
refused is left alone until it changes. How files are read and kept is decided in library.py.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import stat
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from index.documents.load import MAX_BYTES, check_size
from index.documents.sidecar import Metadata
from index.errors import DocumentFault, IndexFault, NotNowFault, StoreFault
from index.text.characters import one_line
from prompts.notices import notice_of, notice_row

if TYPE_CHECKING:
    from index.library.library import Library

MOST_FILES = 5000
# What lies beside documents, and what programs leave in folders.
_BESIDE = (".metadata.json", ".facts.json", ".en.jsonl", ".tmp", ".part", ".crdownload", ".lnk")
_OTHERS = frozenset({"thumbs.db", "desktop.ini"})

State = tuple[int, int]


@dataclass(frozen=True)
class WatchedFolder:
    """A folder whose files are brought into a collection; `confirm`: without asking anybody."""

    path: Path
    collection: str = ""
    confirm: bool = False


@dataclass(frozen=True)
class Taken:
    """What came of a file as it was: a document, or a sentence why there is none."""

    size: int
    changed: int
    document_id: str = ""
    fault: str = ""


@dataclass(frozen=True)
class FolderTold:
    """What is told of a folder: files taken, those that wait, those refused with their reasons.

    `fault` says in one sentence why nothing is taken now, empty if there is no reason.
    """

    folder: WatchedFolder
    taken: int
    waiting: int
    refused: tuple[tuple[str, str], ...]
    fault: str


class FolderWatch:
    """The watch of one folder; `library` gives the library, and raises IndexFault if it is gone."""

    def __init__(self, folder: WatchedFolder, library: Callable[[], Library], notes: Path) -> None:
        """`notes` is the file in which it is noted what came of the files."""
        self.folder = folder
        self._library = library
        self._notes = notes
        self._taken = _read_notes(notes)
        # How the files were at the last poll, and which of them wait since.
        self._before: dict[str, State] = {}
        self._waiting = 0
        self._trouble = ""
        self.closing = threading.Event()

    def told(self) -> FolderTold:
        """How it stands."""
        taken = dict(self._taken)
        refused = tuple(sorted((name, one.fault) for name, one in taken.items() if one.fault))
        return FolderTold(
            self.folder, len(taken) - len(refused), self._waiting, refused, self._trouble
        )

    def follow(self) -> None:
        """Read what another server, which watches the folder, has noted of the files."""
        self._taken, self._before = _read_notes(self._notes), {}

    def poll(self) -> None:
        """Take what is as it was at the last poll; what changes still is left alone."""
        fault, found = "", self._before
        try:
            found = self._files()
            self._forget(found)
            new = {name: state for name, state in found.items() if not self._is_known(name, state)}
            self._waiting = len(new)
            for name, state in new.items():
                if self.closing.is_set():
                    return
                if self._before.get(name) == state and self._take(name, state):
                    self._waiting -= 1
        except IndexFault as told:  # Not of a file, but of the folder or the library.
            fault = told.notice
        finally:
            self._before = found
        self._trouble = fault

    def _files(self) -> dict[str, State]:
        """Size and time of every file, by its name below the folder. Raises StoreFault."""
        found: dict[str, State] = {}

        def unreadable(error: OSError) -> None:
            raise StoreFault(
                "watched-unreadable", name=self.folder.path, more=error.strerror
            ) from error

        for place, below, names in os.walk(self.folder.path, onerror=unreadable):
            below[:] = sorted(name for name in below if not name.startswith("."))
            for name in sorted(names):
                path = Path(place, name)
                try:
                    state = path.lstat()
                except OSError:  # It has gone meanwhile.
                    continue
                if _is_meant(name):
                    key = path.relative_to(self.folder.path).as_posix()
                    found[key] = (state.st_size, state.st_mtime_ns)
                if len(found) > MOST_FILES:
                    raise StoreFault("watched-large", name=self.folder.path, more=MOST_FILES)
        return found

    def _is_known(self, name: str, state: State) -> bool:
        known = self._taken.get(name)
        return known is not None and (known.size, known.changed) == state

    def _forget(self, found: dict[str, State]) -> None:
        """Files that are gone are told of no more."""
        kept = {name: one for name, one in self._taken.items() if name in found}
        if kept != self._taken:
            self._note(kept)

    def _take(self, name: str, state: State) -> bool:
        """Bring a file in, or note why it cannot be; whether either was done.

        Raises NotNowFault where it can be later, and StoreFault for what is not the file's fault.
        """
        shown = one_line(name)
        try:
            data = _read(self.folder.path / name, state, shown)
            if data is None:
                return False
            taken = Taken(*state, document_id=self._bring(self.folder.path / name, data))
        except (NotNowFault, StoreFault):
            raise
        except DocumentFault as fault:
            taken = Taken(*state, fault=fault.notice)
        self._note({**self._taken, name: taken})
        return True

    def _bring(self, path: Path, data: bytes) -> str:
        """The id of the document; one that was begun before the program ended is gone on with."""
        library, origin = self._library(), str(path)
        came = (origin, hashlib.sha256(data).hexdigest())
        for held in library.held():
            if (held.origin, held.digest) == came and not held.removing:
                return held.id
        waits = [one for one in library.previews() if (one.origin, one.digest) == came]
        preview = waits[0] if waits else library.stage(path.name, data, origin)
        if self.folder.confirm:
            try:
                library.confirm(preview.id, Metadata())
            except DocumentFault:
                library.discard(preview.id)
                raise
        return preview.id

    def _note(self, taken: dict[str, Taken]) -> None:
        from index.library.shelf import write_whole

        rows = json.dumps({name: _row(one) for name, one in taken.items()})
        try:
            self._notes.parent.mkdir(parents=True, exist_ok=True)
            write_whole(self._notes, rows.encode("ascii"))
        except OSError as error:
            raise StoreFault("notes-not-written", name=self._notes, more=error.strerror) from error
        self._taken = taken


def _is_meant(name: str) -> bool:
    """Whether a file is meant as a document: what is hidden or being written is not."""
    lower = name.lower()
    return not (lower.startswith((".", "~$")) or lower.endswith(_BESIDE) or lower in _OTHERS)


def _read(path: Path, state: State, name: str) -> bytes | None:
    """The file's bytes, None if it has changed or gone. Raises DocumentFault."""
    check_size(state[0], name)
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    try:
        if not stat.S_ISREG(path.lstat().st_mode):
            raise DocumentFault("watched-link", name=name)
        with open(os.open(path, flags | getattr(os, "O_BINARY", 0)), "rb") as file:
            data = file.read(MAX_BYTES + 1)
            after = os.fstat(file.fileno())
    except FileNotFoundError:
        return None
    except OSError as error:
        raise DocumentFault("watched-file-unreadable", name=name, more=error.strerror) from error
    return data if (after.st_size, after.st_mtime_ns) == state else None


def _row(taken: Taken) -> dict[str, object]:
    return {**vars(taken), "fault": notice_row(taken.fault)}


def _read_notes(notes: Path) -> dict[str, Taken]:
    """What came of the files before; nothing where it cannot be read: they are looked at anew."""
    try:
        rows = json.loads(notes.read_bytes()) if notes.exists() else {}
        return {
            str(name): Taken(**{**row, "fault": notice_of(row["fault"])})
            for name, row in rows.items()
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        logging.getLogger(__name__).warning("%s cannot be read (%s).", notes, error)
        return {}
