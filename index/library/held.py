"""What a library tells of its documents: previews, confirmed ones, and the work on them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from index.documents.model import Document
from index.documents.sidecar import Metadata


@dataclass(frozen=True)
class Preview:
    """An upload that was read and waits to be confirmed. `added_at` is ISO time in UTC.

    `document.warnings` say what was noticed when reading, in plain words.
    """

    id: str
    file_name: str
    added_at: str
    document: Document


@dataclass(frozen=True)
class Held:
    """A confirmed document. It is searchable once the index in service holds it.

    `translated`: its machine-made English is in the index. `removing`: it is on its way out.
    """

    id: str
    file_name: str
    added_at: str
    metadata: Metadata
    state: Literal["waiting", "searchable"]
    translated: bool
    removing: bool


@dataclass(frozen=True)
class Work:
    """What is being done now: stage is reading, recognising, embedding, writing or translating."""

    stage: str
    done: int
    total: int
    document_id: str | None
