"""Exact nearest neighbours by inner product over one kind of passage (FAISS).

Rows are numbers; it knows nothing about passages, clauses or how vectors are made.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from index.errors import StoreFault
from index.openmp import short_spinning

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType

    import faiss
    from numpy.typing import NDArray


class DenseIndex:
    """Vectors of one dimension, searched without approximation."""

    def __init__(self, index: faiss.Index) -> None:
        self._index = index

    @classmethod
    def build(cls, vectors: NDArray[np.float32]) -> DenseIndex:
        """Index L2-normalised float32 vectors of shape (n, d); row i is vector i."""
        index = _faiss().IndexFlatIP(vectors.shape[1])
        if len(vectors):
            index.add(np.ascontiguousarray(vectors, dtype=np.float32))
        return cls(index)

    @classmethod
    def load(cls, path: Path) -> DenseIndex:
        """Read a saved index, mapped into memory. Raises StoreFault if it cannot be read."""
        faiss = _faiss()
        try:
            return cls(faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC))
        except RuntimeError as error:
            raise StoreFault("vectors-unreadable", path=path) from error

    def save(self, path: Path) -> None:
        """Write the index to `path`. Raises OSError if it cannot be written."""
        faiss = _faiss()
        try:
            faiss.write_index(self._index, str(path))
        except RuntimeError as error:
            raise OSError(f"{path} cannot be written") from error

    def __len__(self) -> int:
        return int(self._index.ntotal)

    @property
    def dimension(self) -> int:
        """Length of every vector."""
        return int(self._index.d)

    def vectors(self) -> NDArray[np.float32]:
        """All vectors, in the order of their rows."""
        found = self._index.reconstruct_n(0, len(self)) if len(self) else ()
        return np.asarray(found, np.float32).reshape(len(self), self.dimension)

    def search(
        self, vectors: NDArray[np.float32], k: int, among: NDArray[np.bool_] | None = None
    ) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """Inner products and rows, both of shape (n, min(k, rows searched)), best first.

        `among` says of each row whether it is searched; None searches all.
        """
        count = min(k, len(self) if among is None else int(among.sum()))
        if count < 1:
            empty = (len(vectors), 0)
            return np.empty(empty, dtype=np.float32), np.empty(empty, dtype=np.int64)
        queries = np.ascontiguousarray(vectors, dtype=np.float32)
        if among is None:
            scores, rows = self._index.search(queries, count)
        else:
            faiss = _faiss()
            # Named, for they must outlive the search.
            bits = np.packbits(among, bitorder="little")
            selector = faiss.IDSelectorBitmap(bits)
            chosen = faiss.SearchParameters()
            chosen.sel = selector
            scores, rows = self._index.search(queries, count, params=chosen)
        return scores, rows


def _faiss() -> ModuleType:
    with short_spinning():
        import faiss
    module: ModuleType = faiss
    return module
