"""Backs up an index, people's own documents and their judgements into one file, and restores them.

A server may go on meanwhile: what is being changed is taken as it is before or after. What is
restored is compared before any of it is put in its place. It reads no documents and builds nothing.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from index.errors import RecordsFault, StoreFault
from index.library.archived import Archive, Member, archive_at, checked, extracted, settle_all
from index.library.library import STATE
from index.library.named import settle
from index.records.database import Database
from index.search.generation import MANIFEST, STORE, damage, read_manifest, writing
from index.search.migrate import copied_locally
from index.search.vectors import VECTORS

# The parts of an archive.
INDEX, LIBRARY, JUDGEMENTS, RECORDS = "index", "library", "judgements", "records"
_FEEDBACK, _RECORDS = "feedback.sqlite", "records.sqlite"
# In a library's folder: documents have a folder each, and collections are libraries themselves.
_DOCUMENTS, _PREVIEWS, _COLLECTIONS = "documents", "previews", "collections"
# What servers sign with, which is no loss: it is not backed up, and made anew.
_KEYS = "keys"
_TRIES = 5
_STAGED = ".tiaowen-restored-"


@dataclass(frozen=True)
class Places:
    """Where the parts are kept, or are to be put. What is not there is not backed up."""

    index: Path
    library: Path
    feedback: Path
    records: Database | None = None


@dataclass(frozen=True)
class Told:
    """What an archive holds."""

    index: bool
    documents: int
    judgements: bool
    records: bool
    files: int
    bytes: int

    @classmethod
    def of(cls, members: dict[str, Member]) -> Told:
        """What these files are together."""
        folders = {PurePosixPath(name).parent for name in members}
        return cls(
            index=any(name.startswith(f"{INDEX}/") for name in members),
            documents=sum(folder.parent.name == _DOCUMENTS for folder in folders),
            judgements=f"{JUDGEMENTS}/{_FEEDBACK}" in members,
            records=f"{RECORDS}/{_RECORDS}" in members,
            files=len(members),
            bytes=sum(member.bytes for member in members.values()),
        )


def usual_places(
    index: Path | None = None,
    library: Path | None = None,
    feedback: Path | None = None,
    records: str = "",
) -> Places:
    """The places that are given, and for the others those that the commands use.

    Without `records`, their path or address, there is no database of them. Raises RecordsFault.
    """
    from platformdirs import user_data_path

    from index.search.store import default_index

    own = user_data_path("tiaowen")
    return Places(
        index or default_index(),
        library or own / LIBRARY,
        feedback or own / _FEEDBACK,
        Database(records) if records else None,
    )


def backed_up(archive: Path, places: Places) -> Told:
    """Write an archive of what is in these places; one that is there already is replaced.

    Raises StoreFault, also where there is nothing, and RecordsFault; the archive of before then
    stays.
    """
    with tempfile.TemporaryDirectory(prefix="tiaowen-") as folder, archive_at(archive) as made:
        scratch = Path(folder)
        _add_index(made, INDEX, places.index, scratch)
        if places.library.is_dir():
            _add_library(made, LIBRARY, places.library, scratch)
        if places.feedback.exists():
            with _snapshot(places.feedback, scratch).open("rb") as file:
                made.add(f"{JUDGEMENTS}/{_FEEDBACK}", file)
        if places.records is not None:
            _add_records(made, places.records, scratch)
        if not made.members:
            raise StoreFault("nothing-to-back-up", index=places.index, library=places.library)
        return Told.of(made.members)


def restored(archive: Path, places: Places) -> Told:
    """Put what an archive holds in these places, each part in one step when all was compared.

    Who has the index there open goes on with it. Raises StoreFault or RecordsFault, and leaves all
    as it was, for an archive that is not whole, where files of a library or judgements would be
    lost, and for records where no database of them is given, or one that has some.
    """
    members = checked(archive)
    parts = {name.partition("/")[0] for name in members}
    staged: dict[str, Path] = {}
    with _disk(places), ExitStack() as held:
        if JUDGEMENTS in parts:
            if places.feedback.exists():
                raise StoreFault("restore-would-lose", path=places.feedback)
            staged[JUDGEMENTS] = held.enter_context(_stage(places.feedback.parent, _STAGED))
        if RECORDS in parts:
            _refuse_held(places.records, archive)
            staged[RECORDS] = held.enter_context(_stage(places.library.parent, _STAGED))
        if LIBRARY in parts:
            held.enter_context(_unused(places.library))
            staged[LIBRARY] = held.enter_context(_stage(places.library.parent, _STAGED))
        if INDEX in parts:
            held.enter_context(writing(places.index))
            # Where this does not come to its end, the next build removes what it leaves.
            staged[INDEX] = held.enter_context(_stage(places.index, "partial-"))
        if extracted(archive, staged) != members:
            raise StoreFault("archive-damaged", path=archive)
        for folder in staged.values():
            settle_all(folder)
        if places.records is not None and RECORDS in parts:
            _put_records(staged[RECORDS] / _RECORDS, places.records)
        if LIBRARY in parts:
            _put_library(staged[LIBRARY], places.library)
        if JUDGEMENTS in parts:
            os.replace(staged[JUDGEMENTS] / _FEEDBACK, places.feedback)
            settle(places.feedback.parent)
        if INDEX in parts:
            _put_index(staged[INDEX], places.index, archive)
    return Told.of(members)


# --- what is put in ---


def _add_index(archive: Archive, name: str, folder: Path, scratch: Path) -> None:
    """Put in the generation in service, as local files, and what a build begins with."""
    manifest = read_manifest(folder)
    if manifest is None:
        return
    served = folder
    if STORE in manifest:
        served = Path(tempfile.mkdtemp(dir=scratch))
        copied_locally(folder, served)
    with _opened(served, _generation) as files:
        own = json.load(files[MANIFEST])
        files[MANIFEST].seek(0)
        added = {key: archive.add(f"{name}/{key}", file) for key, file in files.items()}
    for key, told in own["files"].items():
        if asdict(added[f"{own['generation']}/{key}"]) != told:
            raise StoreFault("index-incomplete", folder=folder, reason=key)
    if (folder / STATE).exists():
        with (folder / STATE).open("rb") as file:
            archive.add(f"{name}/{STATE}", file)
    if (folder / VECTORS).exists():
        with _snapshot(folder / VECTORS, scratch).open("rb") as file:
            archive.add(f"{name}/{VECTORS}", file)


def _add_library(archive: Archive, name: str, folder: Path, scratch: Path) -> None:
    """Put in documents, previews, collections and indexes of a library, and its own files."""
    _add_files(archive, name, folder)
    done = set()
    # Once more at the end: previews are confirmed meanwhile, and must not be missed in both places.
    for place in (_DOCUMENTS, _PREVIEWS, _DOCUMENTS):
        for one in _folders(folder / place):
            if one.name not in done and _add_files(archive, f"{name}/{place}/{one.name}", one):
                done.add(one.name)
    _add_index(archive, f"{name}/{INDEX}", folder / INDEX, scratch)
    for one in _folders(folder / _COLLECTIONS):
        _add_library(archive, f"{name}/{_COLLECTIONS}/{one.name}", one, scratch)


def _add_records(archive: Archive, records: Database, scratch: Path) -> None:
    """Put in what a database of records holds at one moment, as an SQLite file."""
    from index.records.copied import copied

    if not records.is_there():
        return
    path = Path(tempfile.mkdtemp(dir=scratch)) / _RECORDS
    own = Database(path)
    copied(records, own)
    own.close()
    path.chmod(0o600)
    with path.open("rb") as file:
        archive.add(f"{RECORDS}/{_RECORDS}", file)


def _add_files(archive: Archive, name: str, folder: Path) -> bool:
    """Put in the files that stand in a folder itself; whether there were any."""
    with _opened(folder, _plain) as files:
        for key, file in files.items():
            archive.add(f"{name}/{key}", file)
    return bool(files)


def _folders(place: Path) -> list[Path]:
    """The folders in a place, without those that are being made or deleted."""
    if not place.is_dir():
        return []
    return sorted(one for one in place.iterdir() if one.name[0] != "." and one.is_dir())


def _plain(folder: Path) -> list[str]:
    """The files in a folder itself, without the lock and what a write has begun."""
    return sorted(
        one.name
        for one in os.scandir(folder)
        if one.is_file(follow_symlinks=False) and one.name != ".lock" and one.name[-4:] != ".new"
    )


def _generation(folder: Path) -> list[str]:
    """The files of the generation in service, and the manifest that names it."""
    manifest = read_manifest(folder)
    if manifest is None:
        raise FileNotFoundError(folder / MANIFEST)
    return [MANIFEST, *(f"{manifest['generation']}/{key}" for key in manifest["files"])]


@contextmanager
def _opened(folder: Path, listed: Callable[[Path], list[str]]) -> Iterator[Mapping[str, IO[bytes]]]:
    """Some files of a folder as they were at one moment, open; none if it is deleted meanwhile.

    Files are only ever replaced: an open one stays what it was.
    """
    for _ in range(_TRIES):
        with ExitStack() as held:
            try:
                names = listed(folder)
                files = {name: held.enter_context((folder / name).open("rb")) for name in names}
                same = names == listed(folder) and all(
                    os.path.samestat(os.stat(folder / name), os.fstat(file.fileno()))
                    for name, file in files.items()
                )
            except FileNotFoundError:
                if folder.is_dir():
                    continue
                files, same = {}, True
            if same:
                yield files
                return
    raise StoreFault("backup-changing", folder=folder)


def _snapshot(database: Path, scratch: Path) -> Path:
    """A copy of an SQLite file as it is between two changes of others. Raises StoreFault."""
    copy = Path(tempfile.mkdtemp(dir=scratch)) / database.name
    address = f"{database.absolute().as_uri()}?mode=ro"
    try:
        with (
            closing(sqlite3.connect(address, uri=True)) as source,
            closing(sqlite3.connect(copy)) as target,
        ):
            source.backup(target)
        shutil.copymode(database, copy)
    except sqlite3.Error as error:
        raise StoreFault("backup-unreadable", path=database, reason=error) from error
    return copy


# --- what is put in its place ---


def _refuse_held(records: Database | None, archive: Path) -> None:
    """Raise StoreFault where no place for records is given, RecordsFault where it holds some."""
    from index.records.copied import held

    if records is None:
        raise StoreFault("restore-needs-records", path=archive)
    if records.is_there():
        with records.reading() as connection:
            if held(connection):
                raise RecordsFault("records-would-mix", where=records.where)


def _put_records(staged: Path, records: Database) -> None:
    from index.records.copied import copied

    own = Database(staged)
    copied(own, records)
    own.close()


def _put_library(staged: Path, folder: Path) -> None:
    if folder.exists():  # it holds nothing of a person's
        shutil.rmtree(folder)
    os.rename(staged, folder)
    settle(folder.parent)


def _put_index(staged: Path, folder: Path, archive: Path) -> None:
    manifest = read_manifest(staged)
    generation = str(manifest["generation"]) if manifest else ""
    if not manifest or not re.fullmatch(r"generation-\w+", generation):
        raise StoreFault("archive-damaged", path=archive)
    if damage(staged, manifest):
        raise StoreFault("archive-damaged", path=archive)
    now = read_manifest(folder)
    if not now or now["generation"] != generation or damage(folder, now):
        shutil.rmtree(folder / generation, ignore_errors=True)
        os.rename(staged / generation, folder / generation)
    for name in (VECTORS, STATE, MANIFEST):  # what puts it in service last
        if (staged / name).exists():
            os.replace(staged / name, folder / name)
    settle(folder)


@contextmanager
def _stage(parent: Path, prefix: str) -> Iterator[Path]:
    """A folder beside the place that its files are to be moved to in one step."""
    parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(dir=parent, prefix=prefix))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _unused(library: Path) -> Iterator[None]:
    """Keep a library's folder from servers. Raises StoreFault if it has files, or is in use."""
    from filelock import FileLock, Timeout

    if not library.exists():
        yield
        return
    try:
        with FileLock(library / ".lock", timeout=0):
            # An index is made of documents, and without them is no loss.
            held = (path.relative_to(library) for path in library.rglob("*") if path.is_file())
            if any(path.name != ".lock" and path.parts[0] not in (INDEX, _KEYS) for path in held):
                raise StoreFault("restore-would-lose", path=library)
            yield
    except Timeout:
        raise StoreFault("library-in-use", folder=library) from None


@contextmanager
def _disk(places: Places) -> Iterator[None]:
    """Tell of a disk that refuses in one sentence."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or error
        raise StoreFault("restore-not-written", library=places.library, reason=reason) from error
