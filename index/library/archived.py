"""An archive of files that tells whether it is whole: a .tar.gz with the digests of all at its end.

It is written beside its place and moved there when it has been read again. What was cut short,
changed or added to is refused before anything is taken out. It knows nothing of what it holds.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import tarfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import IO, Any

from index.errors import StoreFault
from index.library.named import settle

# The last member: what the others are.
CONTENTS = "contents.json"
FORMAT = 1
_BLOCK = 1 << 20
# Vectors hardly get smaller, and texts do so at the first level.
_LEVEL = 1


@dataclass(frozen=True)
class Member:
    """Size and digest of a file of an archive."""

    bytes: int
    sha256: str


class Archive:
    """An archive that is being written."""

    def __init__(self, tar: tarfile.TarFile) -> None:
        """Begin with nothing in it."""
        self._tar = tar
        self.members: dict[str, Member] = {}

    def add(self, name: str, file: IO[bytes]) -> Member:
        """Put an open file of the disk in, from its beginning; gives what was put in."""
        info = tarfile.TarInfo(name)
        state = os.fstat(file.fileno())
        info.size, info.mtime, info.mode = state.st_size, int(state.st_mtime), state.st_mode & 0o777
        read = _Read(file)
        self._tar.addfile(info, read)
        self.members[name] = Member(info.size, read.digest.hexdigest())
        return self.members[name]

    def close_with(self, made: str) -> None:
        """Put in what the members are, and when that was."""
        members = {name: asdict(one) for name, one in self.members.items()}
        row = {"format": FORMAT, "made": made, "members": members}
        data = json.dumps(row, ensure_ascii=False, indent=1).encode("utf-8")
        info = tarfile.TarInfo(CONTENTS)
        info.size, info.mode = len(data), 0o600
        self._tar.addfile(info, io.BytesIO(data))


class _Read(io.RawIOBase):
    """A file as it is read, digested."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.digest = hashlib.sha256()

    def read(self, size: int = -1, /) -> bytes:
        """The next bytes."""
        data = self._file.read(size)
        self.digest.update(data)
        return data


@contextmanager
def archive_at(path: Path) -> Iterator[Archive]:
    """Write an archive; when this ends it is at `path`, whole, and was read again.

    Raises StoreFault; what was at `path` before then stays.
    """
    partial = path.with_name(f".{path.name}.new")
    try:
        # It holds people's own documents: for its owner alone, from the first byte on.
        handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as file:
            with tarfile.open(fileobj=file, mode="w:gz", compresslevel=_LEVEL) as tar:
                archive = Archive(tar)
                yield archive
                archive.close_with(datetime.now(UTC).isoformat(timespec="seconds"))
            file.flush()
            os.fsync(file.fileno())
        if checked(partial) != archive.members:
            raise StoreFault("archive-damaged", path=path)
        os.replace(partial, path)
        settle(path.parent)
    except OSError as error:
        reason = error.strerror or error
        raise StoreFault("archive-not-written", path=path, reason=reason) from error
    finally:
        partial.unlink(missing_ok=True)


def checked(path: Path) -> dict[str, Member]:
    """The members of an archive, every one read and compared. Raises StoreFault."""
    return _read(path, {})


def extracted(path: Path, folders: Mapping[str, Path]) -> dict[str, Member]:
    """Take out what lies below each of these names, into the folder that is given for it.

    Raises StoreFault if the archive is not what it was when written: the folders are then of no
    use. They must be empty.
    """
    return _read(path, folders)


def _read(path: Path, folders: Mapping[str, Path]) -> dict[str, Member]:
    found: dict[str, Member] = {}
    told: dict[str, Any] | None = None
    try:
        with gzip.open(path, "rb") as packed, tarfile.open(fileobj=packed, mode="r|") as tar:
            for info in tar:
                file = tar.extractfile(info) if info.isreg() else None
                # Nothing stands behind the contents, no name twice, and none leads elsewhere.
                if file is None or told is not None or info.name in found or _leads(info.name):
                    raise StoreFault("archive-damaged", path=path)
                if info.name == CONTENTS:
                    told = json.loads(file.read())
                    continue
                found[info.name] = _taken(file, _target(info.name, folders), info.mode)
            while packed.read(_BLOCK):  # to the sum at the end
                pass
    except (tarfile.TarError, EOFError, ValueError, zlib.error) as error:
        raise StoreFault("archive-damaged", path=path) from error
    except OSError as error:
        if not error.errno:  # of gzip: what was read is no such file, or a sum is wrong
            raise StoreFault("archive-damaged", path=path) from error
        raise StoreFault("archive-not-read", path=path, reason=error.strerror) from error
    if not isinstance(told, dict) or told.get("format") != FORMAT:
        raise StoreFault("archive-damaged", path=path)
    if told.get("members") != {name: asdict(one) for name, one in found.items()}:
        raise StoreFault("archive-damaged", path=path)
    return found


def _leads(name: str) -> bool:
    """Whether a name is not plainly that of a file below a folder."""
    parts = PurePosixPath(name).parts
    return "/".join(parts) != name or not parts or bool({"..", "/"} & set(parts)) or "\\" in name


def _target(name: str, folders: Mapping[str, Path]) -> Path | None:
    top, _, rest = name.partition("/")
    return folders[top] / rest if rest and top in folders else None


def _taken(file: IO[bytes], target: Path | None, mode: int) -> Member:
    """Read a member, write it where it is wanted, and tell what it was."""
    digest, size = hashlib.sha256(), 0
    if target:
        target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("xb") if target else open(os.devnull, "wb") as out:
        while block := file.read(_BLOCK):
            digest.update(block)
            size += len(block)
            out.write(block)
        out.flush()
        if target:
            os.fsync(out.fileno())
            target.chmod(mode & 0o777)
    return Member(size, digest.hexdigest())


def settle_all(folder: Path) -> None:
    """Bring all names below a folder to the disk."""
    for each in (folder, *(path for path in folder.rglob("*") if path.is_dir())):
        settle(each)
