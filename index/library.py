"""The store of a person's own documents: staged, confirmed, indexed beside the built-in ones.

A document counts as confirmed once `confirm` has returned, and is never lost from then on. A
thread builds the index of all documents in `folder/index` and hands it over when it is done. How
a file is read is decided in intake; nothing here answers questions or shows pages.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from index.schema import Document
from index.sidecar import Metadata
from index.store import ClauseIndex

__all__ = ["Held", "Library", "Metadata", "Preview", "Work"]


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
    """What is being done now: `stage` is reading, embedding, writing or translating."""

    stage: str
    done: int
    total: int
    document_id: str | None


class Library:
    """A person's documents in one folder. Safe to use from several threads."""

    def __init__(self, folder: Path, base: Sequence[Path] = ()) -> None:
        """Open the folder, made if missing, and clear away what a crash left half-done.

        `base` are files and folders that are always indexed too; none: the documents of the index
        given to `start`. Raises StoreFault if another server uses the folder or it is unusable.
        """
        raise NotImplementedError

    def stage(self, file_name: str, data: bytes) -> Preview:
        """Read an upload in a guarded process, and keep it until it is confirmed or discarded.

        Raises DocumentFault, in one sentence, for what cannot be read as a policy document or is
        held already. May take up to a minute.
        """
        raise NotImplementedError

    def previews(self) -> tuple[Preview, ...]:
        """The uploads that wait to be confirmed, oldest first; they survive a restart."""
        raise NotImplementedError

    def preview(self, preview_id: str) -> Preview:
        """One of them. Raises DocumentFault if there is none of that id."""
        raise NotImplementedError

    def discard(self, preview_id: str) -> None:
        """Forget an upload. Raises DocumentFault if there is none of that id."""
        raise NotImplementedError

    def confirm(self, preview_id: str, metadata: Metadata) -> Held:
        """Take an upload in for good, under the same id, with a person's corrections.

        Raises DocumentFault for an unknown id or corrections that are none, StoreFault if the
        disk refuses it.
        """
        raise NotImplementedError

    def held(self) -> tuple[Held, ...]:
        """The confirmed documents, oldest first."""
        raise NotImplementedError

    def document(self, document_id: str) -> Document:
        """A confirmed document as it was read, without corrections. Raises DocumentFault."""
        raise NotImplementedError

    def change(self, document_id: str, metadata: Metadata) -> Held:
        """Replace the corrections of a confirmed document. Raises as `confirm` does."""
        raise NotImplementedError

    def remove(self, document_id: str) -> None:
        """Take a document out; its files go when no index in service holds it any more.

        Raises DocumentFault if there is none of that id.
        """
        raise NotImplementedError

    def work(self) -> Work | None:
        """What is being done now, None if nothing is."""
        raise NotImplementedError

    def fault(self) -> str | None:
        """The last failure of indexing in one sentence, None if the last attempt succeeded."""
        raise NotImplementedError

    def start(self, index: ClauseIndex, replaced: Callable[[ClauseIndex], None]) -> None:
        """Begin indexing; `replaced` is called with every index that is to serve from then on.

        `index` is the one of the built-in documents. It serves while nothing is added.
        """
        raise NotImplementedError

    def close(self) -> None:
        """Stop indexing after the step under way and let others use the folder."""
        raise NotImplementedError
