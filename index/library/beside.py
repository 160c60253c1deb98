"""The kinds of corrections that a library keeps, and the files of those of built-in documents.

Each kind says where it lies beside a document's file, and how it is read and written. Corrections
of documents that are not on the shelf lie together in one file a kind. What they change is decided
elsewhere.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from index.documents.given import Given, english_file, given_data, given_digest, given_of
from index.errors import DocumentFault, StoreFault
from index.facts.corrections import (
    FactCorrection,
    corrections_data,
    corrections_digest,
    corrections_of,
    facts_file,
)
from prompts.notices import notice

Row = TypeVar("Row")


@dataclass(frozen=True)
class Kind(Generic[Row]):
    """A kind of correction: `name` is what it is called in an entry and in signatures."""

    name: str
    file_of: Callable[[Path], Path]
    data: Callable[[Sequence[Row]], bytes]
    digest: Callable[[Sequence[Row]], str]
    read: Callable[[Iterable[object], str], list[Row]]

    @property
    def elsewhere_file(self) -> str:
        """The name of the file with those of documents that are not on the shelf."""
        return f"{self.name}.json"

    def of(self, entry: object) -> tuple[Row, ...]:
        """Those of a document on the shelf, whose entry has them under the name."""
        own: tuple[Row, ...] = getattr(entry, self.name)
        return own

    def elsewhere(self, kept: Elsewhere) -> Mapping[str, tuple[Row, ...]]:
        """Those of documents that are not on the shelf."""
        return kept.held[self.name]

    def signature(self, rows: Sequence[Row]) -> dict[str, str]:
        """What an index depends on of them; empty for none."""
        return {self.name: self.digest(rows)} if rows else {}


FACTS: Kind[FactCorrection] = Kind(
    "facts", facts_file, corrections_data, corrections_digest, corrections_of
)
ENGLISH: Kind[Given] = Kind("english", english_file, given_data, given_digest, given_of)
KINDS: tuple[Kind[Any], ...] = (FACTS, ENGLISH)


class Elsewhere:
    """The corrections of documents that are not on the shelf, by kind and document id."""

    def __init__(
        self, folder: Path, write: Callable[[Path, bytes], None], damaged: list[str]
    ) -> None:
        """Read them from the folder; `damaged` is told of what cannot be read."""
        self._folder, self._write = folder, write
        self._unreadable: set[str] = set()
        self.held: dict[str, dict[str, tuple[Any, ...]]] = {}
        for kind in KINDS:
            self.held[kind.name] = self._read(kind, damaged)

    def keep(self, kind: Kind[Row], document_id: str, rows: Sequence[Row]) -> None:
        """Keep those of a document in place of the ones before.

        Raises StoreFault where the file could not be read, for what is in it would be lost.
        """
        path = self._folder / kind.elsewhere_file
        if kind.name in self._unreadable:
            raise StoreFault("elsewhere-unreadable", folder=path)
        held = {**self.held[kind.name], document_id: tuple(rows)}
        written: dict[str, list[dict[str, Any]]] = {
            key: json.loads(kind.data(own)) for key, own in held.items()
        }
        self._write(path, json.dumps(written).encode("ascii"))
        self.held[kind.name] = held

    def _read(self, kind: Kind[Any], damaged: list[str]) -> dict[str, tuple[Any, ...]]:
        path = self._folder / kind.elsewhere_file
        if not path.exists():
            return {}
        try:
            rows = json.loads(path.read_bytes())
            return {key: tuple(kind.read(own, key)) for key, own in rows.items()}
        except (OSError, ValueError, AttributeError, TypeError, DocumentFault) as error:
            damaged.append(notice("folder-unreadable", folder=path, reason=error))
            self._unreadable.add(kind.name)
            return {}


def beside(upload: Path) -> dict[str, tuple[Any, ...]]:
    """What is kept beside a document's file, by the names of the kinds. Raises DocumentFault."""
    found: dict[str, tuple[Any, ...]] = {}
    for kind in KINDS:
        path = kind.file_of(upload)
        try:
            rows = json.loads(path.read_bytes())
        except FileNotFoundError:
            continue
        except (OSError, ValueError) as error:
            raise DocumentFault("no-json", path=path, reason=error) from error
        if not isinstance(rows, list):
            raise DocumentFault("corrections-no-list", path=path)
        found[kind.name] = tuple(kind.read(rows, str(path)))
    return found
