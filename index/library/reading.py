"""Reads what a chat holds, for programs that only ask: its collections with their finished indexes.

Nothing is written, locked or indexed here, so that a chat may run on the same folder meanwhile.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from index.errors import CollectionFault, StoreFault
from index.library.beside import KINDS
from index.library.collections import DEFAULT, recorded, unknown_collection
from index.library.entry import REMOVING

if TYPE_CHECKING:
    from index.search.store import ClauseIndex


@dataclass(frozen=True)
class ReadCollection:
    """A collection as its last finished index has it, without documents that are on their way out.

    `waiting` are the ids of confirmed documents that this index does not hold yet.
    """

    id: str
    name: str
    with_builtin: bool
    index: ClauseIndex
    waiting: tuple[str, ...]


def read_collections(folder: Path, base: ClauseIndex) -> tuple[ReadCollection, ...]:
    """The collections in a chat's folder, the default one first; `base` has the built-in documents.

    One of its own documents alone is left out while it has no index. Raises StoreFault if there is
    no such folder, or an index in it cannot be read.
    """
    if not folder.is_dir():
        raise StoreFault("library-none", folder=folder)
    try:
        row = recorded(folder)
        found = [_read(folder, DEFAULT, str(row.get("name", "")), True, base)]
        others = folder / "collections"
        rows = []
        for one in sorted(others.iterdir()) if others.is_dir() else ():
            if one.is_dir() and not one.name.startswith("."):
                row = recorded(one)
                rows.append((str(row.get("created_at", "")), one, row))
        for _, one, row in sorted(rows, key=lambda each: each[:2]):
            with_builtin = bool(row["with_builtin"])
            found.append(_read(one, one.name, str(row["name"]), with_builtin, base))
    except (OSError, ValueError, KeyError) as fault:
        raise StoreFault("collections-unreadable", folder=folder, reason=fault) from fault
    return tuple(one for one in found if one is not None)


def collection_in(collections: tuple[ReadCollection, ...], collection_id: str) -> ReadCollection:
    """The collection of that id, the default one for ''. Raises CollectionFault."""
    held = {one.id: one for one in collections}
    if found := held.get(collection_id or DEFAULT):
        return found
    fault: CollectionFault = unknown_collection(collection_id, held)
    raise fault


def _read(
    folder: Path, key: str, name: str, with_builtin: bool, base: ClauseIndex
) -> ReadCollection | None:
    from index.search.generation import read_manifest
    from index.search.store import ClauseIndex

    documents = folder / "documents"
    shelved = [one for one in documents.iterdir() if one.is_dir()] if documents.is_dir() else []
    going = {one.name for one in shelved if (one / REMOVING).exists()}
    kept = {one.name for one in shelved} - going
    # Facts of built-in documents may be corrected where none of its own is held.
    corrected = any((folder / kind.elsewhere_file).exists() for kind in KINDS)
    if (kept or corrected) and read_manifest(folder / "index"):
        index = ClauseIndex.open(folder / "index", base.encoder)
    elif with_builtin:
        index = base
    else:
        return None
    waiting = tuple(sorted(kept - index.documents.keys()))
    if going & index.documents.keys():
        index = index.limited_to(index.documents.keys() - going)
    return ReadCollection(key, name, with_builtin, index, waiting)
