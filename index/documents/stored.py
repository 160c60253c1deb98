"""Documents whose text and clauses stay on disk: read when asked for, from rows of JSON.

A row is found by where it ends, and read from the file mapped into memory, which a build may
remove meanwhile. What is in service and where it lies is index/search's matter.
"""

from __future__ import annotations

import json
import mmap
import os
from dataclasses import fields
from typing import TYPE_CHECKING, Any, Protocol, Self, cast

from index.documents.model import Clause, Document

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray


# Smaller files are read, for each that is mapped stays open: many indexes have many files.
MAPPED = 1 << 18


class Kept(Protocol):
    """Where a document's text and clauses are."""

    def source(self) -> str:
        """The whole text."""
        ...

    def clauses(self, document: Document) -> tuple[Clause, ...]:
        """The clauses, labelled as the document is called."""
        ...


class StoredDocument(Document):
    """A document that holds no text: `source` and `clauses` are read each time they are asked for.

    It is equal to the same document in memory; a changed one (`replace`) is in memory whole.
    """

    kept: Kept

    def __new__(cls, *given: Any, **told: Any) -> Self:
        """What is made of all that it has, as `replace` does, is a document in memory."""
        if given or told:
            return cast("Self", Document(*given, **told))
        return super().__new__(cls)

    @classmethod
    def of(cls, head: Document, kept: Kept) -> StoredDocument:
        """A document as `head` describes it, with what is kept of it elsewhere."""
        stored = cls.__new__(cls)
        own = {field.name: getattr(head, field.name) for field in fields(head)}
        del own["source"], own["clauses"]
        stored.__dict__.update(own, kept=kept)
        return stored

    def __getattr__(self, name: str) -> Any:
        """What is not held: called for what the instance has not."""
        kept = self.__dict__.get("kept")
        if kept is not None and name == "source":
            return kept.source()
        if kept is not None and name == "clauses":
            return kept.clauses(self)
        raise AttributeError(name)

    def __eq__(self, other: object) -> bool:
        """Whether all that is told of the two is the same."""
        if self is other:  # Nothing is to be read for it.
            return True
        return isinstance(other, Document) and all(
            getattr(self, field.name) == getattr(other, field.name) for field in fields(Document)
        )

    __hash__ = Document.__hash__


class Rows:
    """Rows of JSON in a file, read one by one."""

    def __init__(self, path: Path, ends: NDArray[np.int64]) -> None:
        """`ends` says of each row where it ends. Raises OSError."""
        self._ends = ends
        with path.open("rb") as file:
            small = os.fstat(file.fileno()).st_size < MAPPED
            self._data = (
                file.read() if small else mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            )

    def __len__(self) -> int:
        return len(self._ends)

    def line(self, at: int) -> bytes:
        """A row as it is written, with the end of its line."""
        start = int(self._ends[at - 1]) if at else 0
        return self._data[start : int(self._ends[at])]

    def __getitem__(self, at: int) -> Any:
        return json.loads(self.line(at).decode("utf-8", "surrogatepass"))


def lines_of(rows: Iterable[object]) -> list[bytes]:
    """Rows as lines for `Rows`: UTF-8, but that lone surrogates of a damaged source pass."""
    return [
        json.dumps(row, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "surrogatepass")
        + b"\n"
        for row in rows
    ]
