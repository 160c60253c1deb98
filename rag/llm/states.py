"""Keeps computed prompt states: recently used ones in memory, all within a budget on disk.

A cache only: it returns exactly the bytes it was given under a key, or None. It knows nothing of
models; a file that is damaged, or not the one asked for, is deleted and counts as absent.
"""

from __future__ import annotations

import hashlib
import logging
import os
import tempfile
import threading
import time
from collections import OrderedDict
from pathlib import Path

log = logging.getLogger(__name__)

MAGIC = b"TIAOWEN-STATE-1\n"
SUFFIX = ".state"
ABANDONED_AFTER = 3600.0  # seconds after which a temporary file has no living writer


class StateStore:
    """Byte strings by key, least recently used dropped first, in memory and in a folder.

    `folder` None keeps them in memory only. A byte budget of 0 switches that level off. If the
    folder cannot be written, that is logged once and the store goes on in memory.
    """

    def __init__(
        self,
        folder: Path | None,
        *,
        memory_bytes: int = 512 << 20,
        disk_bytes: int = 1536 << 20,
    ) -> None:
        self._folder = folder if disk_bytes > 0 else None
        self._memory_bytes = memory_bytes
        self._disk_bytes = disk_bytes
        self._memory: OrderedDict[str, bytes] = OrderedDict()
        self._in_memory = 0
        self._lock = threading.Lock()

    def get(self, key: str) -> bytes | None:
        """The bytes stored under `key` (hexadecimal), or None."""
        with self._lock:
            data = self._memory.get(key)
            if data is not None:
                self._memory.move_to_end(key)
                return data
            data = self._read(key)
            if data is not None:
                self._remember(key, data)
            return data

    def put(self, key: str, data: bytes) -> None:
        """Store `data` under `key` (hexadecimal)."""
        with self._lock:
            self._remember(key, data)
            self._write(key, data)

    def drop(self, key: str) -> None:
        """Forget `key` in memory and on disk."""
        with self._lock:
            self._in_memory -= len(self._memory.pop(key, b""))
            if self._folder is not None:
                self._delete(self._folder / (key + SUFFIX))

    def _remember(self, key: str, data: bytes) -> None:
        self._in_memory -= len(self._memory.pop(key, b""))
        self._memory[key] = data
        self._in_memory += len(data)
        while self._in_memory > self._memory_bytes:
            _, oldest = self._memory.popitem(last=False)
            self._in_memory -= len(oldest)

    def _read(self, key: str) -> bytes | None:
        if self._folder is None:
            return None
        path = self._folder / (key + SUFFIX)
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as fault:
            self._give_up(fault)
            return None
        head = len(MAGIC) + 32
        data = content[head:]
        if content[:head] != MAGIC + _seal(key, data):
            log.warning("deleting the damaged state %s", path)
            self._delete(path)
            return None
        try:
            os.utime(path)  # its age is what eviction goes by
        except OSError as fault:
            log.info("%s was removed by another process: %s", path, fault)
        return data

    def _write(self, key: str, data: bytes) -> None:
        if self._folder is None or len(data) > self._disk_bytes:
            return
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._make_room(len(data))
            handle, name = tempfile.mkstemp(suffix=".tmp", dir=self._folder)
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(MAGIC + _seal(key, data))
                    file.write(data)
                os.replace(name, self._folder / (key + SUFFIX))
            except OSError:
                self._delete(Path(name))
                raise
        except OSError as fault:
            self._give_up(fault)

    def _make_room(self, needed: int) -> None:
        assert self._folder is not None
        files: list[tuple[float, int, Path]] = []
        with os.scandir(self._folder) as entries:
            for entry in entries:
                try:
                    stat = entry.stat()
                except FileNotFoundError:  # evicted by another process meanwhile
                    continue
                abandoned = time.time() - stat.st_mtime > ABANDONED_AFTER
                if entry.name.endswith(SUFFIX):
                    files.append((stat.st_mtime, stat.st_size, Path(entry.path)))
                elif entry.name.endswith(".tmp") and abandoned:
                    self._delete(Path(entry.path))
        total = sum(size for _, size, _ in files)
        for _, size, path in sorted(files):
            if total + needed <= self._disk_bytes:
                break
            self._delete(path)
            total -= size

    def _delete(self, path: Path) -> None:
        try:
            path.unlink(missing_ok=True)
        except OSError as fault:
            log.warning("%s cannot be deleted: %s", path, fault)

    def _give_up(self, fault: OSError) -> None:
        log.warning("prompt states are kept in memory only, %s: %s", self._folder, fault)
        self._folder = None


def _seal(key: str, data: bytes) -> bytes:
    """A digest over key and data, so that a renamed file is as useless as a damaged one."""
    digest = hashlib.sha256(key.encode())
    digest.update(data)
    return digest.digest()
