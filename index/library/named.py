"""What records call the library in a folder: a name that stays with it, wherever it is moved."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

NAME = "library.id"


def library_name(folder: Path) -> str:
    """The name of the library in a folder, given once, by whoever asks first. Raises OSError.

    Where a crash left the file empty, a name is given anew.
    """
    path = folder / NAME
    if not path.exists():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        begun = folder / f".{NAME}-{uuid4().hex}"
        try:
            with begun.open("x", encoding="ascii") as file:
                file.write(uuid4().hex)
                file.flush()
                os.fsync(file.fileno())
            with suppress(FileExistsError):
                os.link(begun, path)  # never over one that is there
        finally:
            begun.unlink(missing_ok=True)
        settle(folder)
    return path.read_text("ascii").strip() or _given_anew(path)


def _given_anew(path: Path) -> str:
    """A name in a file that has none: the same for all who find it so."""
    with path.open("r+", encoding="ascii") as file:
        with suppress(ImportError):  # Where there is none, no servers share a library.
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX)
        if name := file.read().strip():
            return name
        name = uuid4().hex
        file.seek(0)
        file.truncate()
        file.write(name)
        file.flush()
        os.fsync(file.fileno())
    return name


def settle(folder: Path) -> None:
    """Bring the names in a folder to the disk, where the system can."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
