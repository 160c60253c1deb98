"""The folder of an index: which generation is in service, whether it is whole, what may go.

A folder holds `manifest.json` and the generation folder it names. The manifest is written last
and in one step, so that a reader sees the old index or the new one, never a mixture. What is in a
generation is written in index/search/write.py.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shutil
import sqlite3
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index.errors import StoreFault
from index.search.milvus_server import store_named

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from index.search.embed import Encoder

FORMAT = 5
MANIFEST = "manifest.json"
# In the manifest: where the index is searched, if not in its own files.
STORE = "store"
LOCAL = "local"
# Smaller files are read again each time that they are checked.
_SMALL = 1 << 20
# Its time says when an index was removed whose files are spared still.
_REMOVED = ".removed"
_DIGESTS: dict[tuple[int, int, int, int], str] = {}


@dataclass(frozen=True)
class MadeWith:
    """What an index keeps of the encoder that made it."""

    name: str
    digest: str
    dimension: int

    @classmethod
    def of(cls, encoder: Encoder | MadeWith) -> MadeWith:
        """What is kept of an encoder."""
        return cls(encoder.name, encoder.digest, encoder.dimension)


def read_manifest(folder: Path) -> dict[str, Any] | None:
    """The manifest of the index in `folder`, None if there is none that can be read."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    keys = {"format", "name", "generation", "encoder", "files"}
    return manifest if isinstance(manifest, dict) and keys <= set(manifest) else None


@contextmanager
def writing(out: Path) -> Iterator[None]:
    """Keep an index folder, which is made, to one who writes. Raises StoreFault."""
    from filelock import FileLock, Timeout

    try:
        out.mkdir(parents=True, exist_ok=True)
        with FileLock(out / ".lock", timeout=0):
            yield
    except Timeout as error:
        raise StoreFault("build-running", out=out) from error
    except (OSError, sqlite3.Error) as error:
        reason = getattr(error, "strerror", None) or error
        raise StoreFault("index-not-written", out=out, reason=reason) from error


def store_of(out: Path, store: str | None) -> str | None:
    """The address of the Milvus to write to; None for local files, where none was named before."""
    if store is None:
        manifest = read_manifest(out) or {}
        address: str | None = manifest.get(STORE, {}).get("address")
        return address
    return None if store == LOCAL else store_named(store)


def put_in_service(folder: Path, manifest: Mapping[str, Any]) -> None:
    """Write a manifest in one step."""
    temporary = folder / f"{MANIFEST}.new"
    with temporary.open("w", encoding="utf-8") as file:
        json.dump(manifest, file, ensure_ascii=False, indent=1)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, folder / MANIFEST)


def remove_old_generations(folder: Path, spared: float = 0.0) -> None:
    """Delete what earlier builds left, except the generation in service.

    Nothing, where that was put in service within the last seconds (`spared`), or the last one
    removed: other machines may read the one before still, which no open file outlives there.
    """
    manifest = read_manifest(folder)
    current = manifest["generation"] if manifest else None
    marks = [path for path in (folder / MANIFEST, folder / _REMOVED) if path.exists()]
    if spared and any(time.time() - path.stat().st_mtime < spared for path in marks):
        return
    for pattern in ("generation-*", "partial-*"):
        for old in folder.glob(pattern):
            if old.name != current and old.is_dir():
                shutil.rmtree(old, ignore_errors=True)
    (folder / _REMOVED).unlink(missing_ok=True)


def remove_index(folder: Path, spared: float = 0.0) -> None:
    """Delete the index in `folder`, if there is one; those who have it open may go on.

    Its files stay for some seconds (`spared`), and go with `remove_old_generations`.
    """
    if spared and (folder / MANIFEST).exists():
        (folder / _REMOVED).touch()
    (folder / MANIFEST).unlink(missing_ok=True)
    remove_old_generations(folder, spared)


def set_aside(generation: Path) -> None:
    """Give a generation that is made anew, as it is damaged, another name until it is removed."""
    if generation.exists():
        generation.rename(generation.with_name(f"{generation.name}-{secrets.token_hex(3)}"))


def fingerprints(generation: Path) -> dict[str, dict[str, Any]]:
    """Size and digest of each file below a folder."""
    return {
        path.relative_to(generation).as_posix(): {
            "bytes": path.stat().st_size,
            "sha256": _sha256(path),
        }
        for path in sorted(generation.rglob("*"))
        if path.is_file()
    }


def damage(folder: Path, manifest: Mapping[str, Any]) -> str | None:
    """What is wrong with the files of the generation in service, None if nothing is."""
    return next((f"{name} {reason}" for name, reason in faults(folder, manifest)), None)


def faults(folder: Path, manifest: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The files of the generation in service that are not as they were written, each with why."""
    generation = folder / manifest["generation"]
    for name, expected in manifest["files"].items():
        path = generation / name
        try:
            if path.stat().st_size != expected["bytes"]:
                yield name, "has another size than when it was written"
            elif _sha256(path) != expected["sha256"]:
                yield name, "has changed since it was written"
        except FileNotFoundError:
            yield name, "is missing"
        except OSError as error:
            yield name, f"cannot be read: {error.strerror}"


def _sha256(path: Path) -> str:
    """The digest of a file; one that this process has read and nobody has written is known."""
    with path.open("rb") as file:
        told = os.fstat(file.fileno())
        # A segment is in many generations: the same file, under the same number of the disk.
        key = (told.st_dev, told.st_ino, told.st_size, told.st_mtime_ns)
        if told.st_size < _SMALL:
            return hashlib.file_digest(file, "sha256").hexdigest()
        if key not in _DIGESTS:
            _DIGESTS[key] = hashlib.file_digest(file, "sha256").hexdigest()
        return _DIGESTS[key]
