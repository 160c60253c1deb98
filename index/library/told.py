"""What a library tells of its documents and its work, as others see it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from index.documents.model import Document
from index.documents.sidecar import Metadata
from index.library.entry import Entry


@dataclass(frozen=True)
class Preview:
    """An upload that was read and waits to be confirmed. `added_at` is ISO time in UTC.

    `document.warnings` say what was noticed when reading, in plain words. `origin` is the address
    or path that it was brought in from, empty for an upload; `digest` is that of the file.
    """

    id: str
    file_name: str
    added_at: str
    document: Document
    origin: str = ""
    digest: str = ""

    @property
    def told(self) -> dict[str, object]:
        """What a program is told of it, ready for JSON."""
        document = self.document
        return {
            "id": self.id,
            "file_name": self.file_name,
            "origin": self.origin,
            "title": document.title,
            "number": document.number,
            "articles": len(document.clauses),
            "warnings": list(document.warnings),
            "state": "waits to be confirmed",
        }


@dataclass(frozen=True)
class Held:
    """A confirmed document. It is searchable once the index in service holds it.

    `translated`: its machine-made English is in the index. `removing`: it is on its way out.
    `origin` and `digest` are as Preview has them.
    """

    id: str
    file_name: str
    added_at: str
    metadata: Metadata
    state: Literal["waiting", "searchable"]
    translated: bool
    removing: bool
    origin: str = ""
    digest: str = ""


@dataclass(frozen=True)
class Work:
    """What is being done now: stage is reading, recognising, embedding, writing or translating."""

    stage: str
    done: int
    total: int
    document_id: str | None


def preview_of(entry: Entry, document: Document | None = None) -> Preview:
    """An entry that waits to be confirmed; its document is read unless it is given."""
    read = document or entry.document()
    return Preview(entry.id, entry.file_name, entry.added_at, read, entry.origin, entry.digest)


def held_of(entry: Entry, served: Mapping[str, str] | None) -> Held:
    """A confirmed entry; `served` is what of it is in the index in service, if it is there."""
    return Held(
        id=entry.id,
        file_name=entry.file_name,
        added_at=entry.added_at,
        metadata=entry.metadata,
        state="waiting" if served is None else "searchable",
        translated=bool(served and served.get("translated")),
        removing=entry.removing,
        origin=entry.origin,
        digest=entry.digest,
    )
