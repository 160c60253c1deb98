"""What is known of one document on the shelf, as it lies in a folder of its own.

Nothing is written here; index/library/shelf.py does that.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from index.documents.given import Given
from index.documents.model import Document
from index.documents.rows import document_in
from index.documents.sidecar import Metadata, read_sidecar
from index.errors import DocumentFault, StoreFault
from index.facts.corrections import FactCorrection
from index.library.beside import KINDS, beside
from index.library.readers import BESIDE, reader_digest
from prompts.notices import notice

# The files beside an upload: what is known of it, the document that was read from it, and marks.
RECORD, PARSED = ".record.json", ".document.json"
REMOVING, TRANSLATED = ".removing", ".translated"


@dataclass(frozen=True)
class Entry:
    """One document on the shelf. `upload` is its file as it was given, inside its own folder.

    `text` is the digest of its text, `reader` that of the program that read it, `translated` that
    of the clauses its English was made for; `facts` are corrections of what was read out of it,
    `english` is what persons gave. `origin` is the address or path that it was brought in from,
    empty for an upload; `digest` is that of the file.
    """

    id: str
    file_name: str
    added_at: str
    upload: Path
    text: str = ""
    reader: str = ""
    metadata: Metadata = field(default_factory=Metadata)
    translated: str = ""
    removing: bool = False
    facts: tuple[FactCorrection, ...] = ()
    english: tuple[Given, ...] = ()
    origin: str = ""
    digest: str = ""

    @property
    def parsed(self) -> Path:
        """The file with the document as it was read."""
        return self.upload.with_name(PARSED)

    def signature(self) -> dict[str, str]:
        """What the index of the document depends on."""
        corrections = json.dumps(asdict(self.metadata)).encode("ascii")
        signature = {
            "text": self.text,
            "reader": self.reader,
            "beside": reader_digest(BESIDE),
            "metadata": hashlib.sha256(corrections).hexdigest()[:16],
            "translated": self.translated,
        }
        for kind in KINDS:
            signature |= kind.signature(kind.of(self))
        return signature

    def document(self) -> Document:
        """The document as it was read. Raises StoreFault if its file is damaged."""
        try:
            return document_in(self.parsed)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise StoreFault("parsed-unreadable", path=self.parsed, reason=error) from (error)


def entry_in(folder: Path) -> Entry:
    """What lies in the folder of a document. Raises OSError, ValueError and others for damage."""
    row: dict[str, Any] = json.loads((folder / RECORD).read_bytes())
    upload = folder / row.pop("upload")
    upload.stat()
    datetime.fromisoformat(row["added_at"])
    mark = folder / TRANSLATED
    return Entry(
        id=folder.name,
        upload=upload,
        removing=(folder / REMOVING).exists(),
        translated=mark.read_text("ascii") if mark.exists() else "",
        metadata=read_sidecar(upload),
        **(row | beside(upload)),
    )


# What `entry_in` raises for a folder that is none of a document.
DAMAGE = (OSError, ValueError, KeyError, TypeError, DocumentFault)


def entries_in(place: Path, damaged: list[str]) -> dict[str, Entry]:
    """The documents in a folder, oldest first; `damaged` is told of those that cannot be read."""
    entries = []
    for folder in place.iterdir():
        try:
            entries.append(entry_in(folder))
        except DAMAGE as error:
            damaged.append(notice("folder-unreadable", folder=folder, reason=error))
    return in_order(entries)


def in_order(entries: Iterable[Entry]) -> dict[str, Entry]:
    """Entries by id, oldest first."""
    return {one.id: one for one in sorted(entries, key=lambda one: (one.added_at, one.id))}
