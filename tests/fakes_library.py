"""A store of a person's own documents that keeps them in memory, for tests of its pages.

It reads texts with the real parser and takes nothing from disk; a file whose name holds `broken`
cannot be read.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from fakes_app import make_documents

from index.documents.given import Given
from index.documents.model import Document
from index.documents.parse import parse_document
from index.errors import DocumentFault, StoreFault
from index.facts.corrections import FactCorrection
from index.library.corrected import Corrected, Row
from index.library.library import Held, Library, Metadata, Preview, Work

TEXT = "示范市数字商务办法\n第一条 为了发展数字商务。\n第二条 本办法自2025年3月1日起施行。\n"
ARTICLE = "/articles/show%23%E5%9B%9B/%28%E5%8D%81%E4%BA%8C%29"
QUOTE = "到2030年，建成示范社区50个。"
_START = make_documents()["show"].source.index(QUOTE)
SPAN = f"{_START}-{_START + len(QUOTE)}"
# Every kind of page, with the documents of `library_with_documents`.
PATHS = (
    "/library",
    "/library?q=none",
    "/documents/show",
    "/documents/hostile",
    f"{ARTICLE}?quote={SPAN}",
    "/articles/none",
    "/library/add",
    "/library/previews/own-2",
    "/library/documents/own-1",
    "/library/documents/own-1?remove=1",
)


@dataclass
class FakeCorrected(Corrected[Row]):
    """Corrections of one kind, of whatever documents."""

    kept: dict[str, tuple[Row, ...]] = field(default_factory=dict)

    def all(self) -> dict[str, tuple[Row, ...]]:
        """Those that were kept."""
        return self.kept

    def change_all(
        self, document_id: str, instead: Callable[[tuple[Row, ...]], tuple[Row, ...]]
    ) -> None:
        """Replace those of a document."""
        held = self.kept.get(document_id, ())
        after = instead(held)
        if after != held:
            self.kept[document_id] = after


@dataclass
class FakeOwn(Library):
    """What has been staged and confirmed, in order. `refusal`: what confirm and change raise."""

    waiting: dict[str, Preview] = field(default_factory=dict)
    confirmed: dict[str, tuple[Held, Document]] = field(default_factory=dict)
    now: Work | None = None
    trouble: str | None = None
    refusal: str = ""
    staged: list[tuple[str, int]] = field(default_factory=list)
    facts_corrected: FakeCorrected[FactCorrection] = field(default_factory=FakeCorrected)
    english_given: FakeCorrected[Given] = field(default_factory=FakeCorrected)

    def stage(self, file_name: str, data: bytes, origin: str = "", mark: str = "") -> Preview:
        """Parse a text."""
        self.staged.append((file_name, len(data)))
        if "broken" in file_name:
            raise DocumentFault(f"{file_name} holds no text; <b>give</b> another file")
        made = f"own-{len(self.staged)}"
        document = parse_document(data.decode(), made)
        digest = hashlib.sha256(data).hexdigest()
        self.waiting[made] = Preview(
            made, file_name, "2026-01-02T03:04:05+00:00", document, origin, digest
        )
        return self.waiting[made]

    def previews(self) -> tuple[Preview, ...]:
        """All that wait."""
        return tuple(self.waiting.values())

    def uploads(self) -> int:
        """How many wait."""
        return len(self.waiting)

    def preview(self, preview_id: str) -> Preview:
        """One that waits."""
        if preview_id not in self.waiting:
            raise DocumentFault(f"no preview {preview_id}")
        return self.waiting[preview_id]

    def discard(self, preview_id: str) -> None:
        """Forget one."""
        self.preview(preview_id)
        del self.waiting[preview_id]

    def confirm(self, preview_id: str, metadata: Metadata) -> Held:
        """Take one in."""
        if self.refusal:
            raise StoreFault(self.refusal)
        preview = self.preview(preview_id)
        held = Held(
            preview_id, preview.file_name, preview.added_at, metadata, "waiting", False, False,
            preview.origin, preview.digest,
        )  # fmt: skip
        self.confirmed[preview_id] = (held, preview.document)
        del self.waiting[preview_id]
        return held

    def held(self) -> tuple[Held, ...]:
        """All that were confirmed."""
        return tuple(held for held, _ in self.confirmed.values())

    def document(self, document_id: str) -> Document:
        """One as it was read."""
        if document_id not in self.confirmed:
            raise DocumentFault(f"no document {document_id}")
        return self.confirmed[document_id][1]

    def change(self, document_id: str, metadata: Metadata) -> Held:
        """Replace its corrections."""
        document = self.document(document_id)
        held = replace(self.confirmed[document_id][0], metadata=metadata)
        self.confirmed[document_id] = (held, document)
        return held

    def remove(self, document_id: str) -> None:
        """Mark it as on its way out."""
        document = self.document(document_id)
        self.confirmed[document_id] = (
            replace(self.confirmed[document_id][0], removing=True),
            document,
        )

    def finish(self) -> None:
        """What the worker does: everything confirmed becomes searchable."""
        for name, (held, document) in self.confirmed.items():
            self.confirmed[name] = (replace(held, state="searchable", translated=True), document)
        self.now = None

    def work(self) -> Work | None:
        """What the test says."""
        return self.now

    def fault(self) -> str | None:
        """What the test says."""
        return self.trouble

    def close(self) -> None:
        """Nothing to stop."""


def library_with_documents() -> FakeOwn:
    """One document confirmed, own-1, and one that waits, own-2, of a long name."""
    own = FakeOwn()
    for name in ("文件一.txt", "long-name-" * 11 + ".txt"):
        own.stage(name, TEXT.encode())
    own.confirm("own-1", Metadata())
    return own
