"""Where documents come in from besides uploads: addresses that are fetched, folders watched.

What is allowed stands in options of the program and in `sources.json` of the library's folder. How
an address is fetched is in fetch.py, how a folder is watched in watched.py.
"""

from __future__ import annotations

import hashlib
import json
import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index.errors import DocumentFault, StoreFault
from index.library.allowed import AllowedHost, allowed_hosts
from index.library.watched import FolderTold, FolderWatch, WatchedFolder

if TYPE_CHECKING:
    from index.library.fetch import Fetcher
    from index.library.library import Library, Preview
    from index.records.database import Database

SETTINGS = "sources.json"
POLL_SECONDS = 10.0
MOST_AT_ONCE = 4


@dataclass(frozen=True)
class Settings:
    """What the file of settings holds."""

    hosts: tuple[AllowedHost, ...] = ()
    folders: tuple[WatchedFolder, ...] = ()


def read_settings(folder: Path) -> Settings:
    """The settings of a library's folder; none without a file. Raises StoreFault."""
    path = folder / SETTINGS
    try:
        row = json.loads(path.read_text("utf-8-sig")) if path.exists() else {}
        hosts = row.get("hosts", [])
        folders = row.get("folders", [])
        known = isinstance(hosts, list) and all(isinstance(one, str) for one in hosts)
        if not known or not isinstance(folders, list) or row.keys() - {"hosts", "folders"}:
            raise ValueError('it holds "hosts", a list of names, and "folders"')
        watched = tuple(map(_watched, folders))
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise StoreFault("settings-unreadable", name=path, more=error) from error
    return Settings(allowed_hosts(hosts), watched)


def _watched(row: dict[str, Any]) -> WatchedFolder:
    """A folder of the settings. Raises ValueError for what is none."""
    path, collection, confirm = (
        row.get("path"),
        row.get("collection", ""),
        row.get("confirm", False),
    )
    fits = isinstance(path, str) and isinstance(collection, str) and isinstance(confirm, bool)
    if not fits or not path or row.keys() - {"path", "collection", "confirm"}:
        raise ValueError('a folder has "path", and may have "collection" and "confirm"')
    return WatchedFolder(Path(str(path)).expanduser().absolute(), collection, confirm)


def brought(
    folder: Path,
    addresses: Sequence[str],
    hosts: Sequence[str] = (),
    collection: str = "",
    records: Database | None = None,
) -> Iterator[dict[str, Any]]:
    """Bring addresses into a library that no chat uses now; gives a row for each.

    What was read waits to be confirmed in the chat; one that is refused has its `error`. It is
    noted in `records`, if given. Raises IndexFault where none can be brought.
    """
    from index.library.collections import Collections

    collections = Collections(folder, records=records)
    try:
        library = collections.get(collection).library
        sources = Sources(folder, hosts)
        sources.hosts()
        for address in addresses:
            try:
                preview = sources.bring(address, library)
            except DocumentFault as fault:
                yield {"address": address, "error": str(fault)}
                continue
            yield {"address": address, **preview.told}
    finally:
        collections.close()


class Sources:
    """The sources of one library's folder, with its collections. Safe to use from several threads.

    `hosts` and `folders` are given besides those of the settings, whose hosts are read anew for
    each address and whose folders are read once. `fetcher` fetches; the ordinary one if None.
    """

    def __init__(
        self,
        folder: Path,
        hosts: Sequence[str] = (),
        folders: Sequence[WatchedFolder] = (),
        fetcher: Fetcher | None = None,
    ) -> None:
        """Read what is allowed. Raises StoreFault for settings that are none."""
        self._folder = folder.absolute()
        self._given = allowed_hosts(hosts)
        self._fetcher = fetcher
        self._fetching = threading.BoundedSemaphore(MOST_AT_ONCE)
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None
        self._watches: tuple[FolderWatch, ...] = ()
        self._when: Callable[[], bool] = lambda: True
        self.folders = (*folders, *read_settings(folder).folders)
        for one in self.folders:
            self._refuse_own(one.path)

    def hosts(self) -> tuple[AllowedHost, ...]:
        """The hosts that documents may be fetched from now. Raises StoreFault."""
        return tuple(dict.fromkeys((*self._given, *read_settings(self._folder).hosts)))

    def bring(self, address: str, library: Library) -> Preview:
        """Fetch an address and read it as an upload; it waits to be confirmed.

        Raises DocumentFault in one sentence for what is refused, StoreFault for bad settings.
        """
        if not self._fetching.acquire(blocking=False):
            raise DocumentFault("addresses-many", name=MOST_AT_ONCE)
        try:
            got = self._own_fetcher().fetch(address, self.hosts())
        finally:
            self._fetching.release()
        return library.stage(got.name, got.data, got.address)

    def watch(
        self,
        library: Callable[[str], Library],
        seconds: float | None = None,
        when: Callable[[], bool] = lambda: True,
    ) -> None:
        """Begin to watch the folders, in a thread; `library` gives that of a collection.

        They are left alone while it is not the time, by `when`: another server watches them then.
        """
        self._when = when
        self._watches = tuple(self._watch_of(one, library) for one in self.folders)
        if self._watches:
            self._thread = threading.Thread(
                target=self._run, args=(seconds or POLL_SECONDS,), name="watch", daemon=True
            )
            self._thread.start()

    def told(self, collection: str = "") -> tuple[FolderTold, ...]:
        """How the watched folders of a collection stand."""
        told = (one.told() for one in self._watches)
        return tuple(
            one for one in told if one.folder.collection in (collection, collection or "default")
        )

    def close(self) -> None:
        """Stop watching after the file under way."""
        self._closing.set()
        for one in self._watches:
            one.closing.set()
        if self._thread:
            self._thread.join()

    def _run(self, seconds: float) -> None:
        while not self._closing.is_set():
            for one in self._watches:
                try:
                    if self._when():
                        one.poll()
                    else:
                        one.follow()
                except Exception as fault:
                    # Whatever one folder meets must not end the watch of the others.
                    logging.getLogger(__name__).error("A folder is not watched.", exc_info=fault)
            self._closing.wait(seconds)

    def _watch_of(self, folder: WatchedFolder, library: Callable[[str], Library]) -> FolderWatch:
        named = f"{folder.path}\n{folder.collection}".encode("utf-8", "surrogatepass")
        notes = self._folder / "watched" / f"{hashlib.sha256(named).hexdigest()[:16]}.json"
        return FolderWatch(folder, lambda: library(folder.collection), notes)

    def _own_fetcher(self) -> Fetcher:
        from index.library.fetch import Fetcher

        self._fetcher = self._fetcher or Fetcher()
        return self._fetcher

    def _refuse_own(self, path: Path) -> None:
        own, other = self._folder.resolve(), path.resolve()
        if own == other or own in other.parents or other in own.parents:
            raise StoreFault("folder-of-library", name=path)
