"""Keeps the vectors of texts: a build embeds only what is new, a reader nothing twice.

On disk for a build, in memory for a reader. A damaged cache is made anew. It neither splits texts
nor searches vectors.
"""

from __future__ import annotations

import hashlib
import logging
import sqlite3
import threading
from collections import OrderedDict
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from index.errors import StoreFault
from index.search.embed import Batching
from index.search.shipped import read_shipped
from prompts.notices import notice

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from index.search.embed import Encoder

    Progress = Callable[[str, int, int], None]

VECTORS = "vectors.sqlite"
BATCH = 32
MOST_RECENT = 20_000
# In the file: some 85 MB of the default encoder's vectors.
MOST_KEPT = 50_000


class VectorCache:
    """Vectors of texts on disk, by encoder digest and text; committed batch by batch.

    Those that come with the program are not embedded either.
    """

    def __init__(self, path: Path, encoder: Encoder, warnings: list[str]) -> None:
        self._encoder = encoder
        self._warnings = warnings
        try:
            self._database = _open_cache(path)
        except sqlite3.OperationalError:
            raise
        except sqlite3.DatabaseError:
            warnings.append(notice("vectors-damaged", path=path))
            path.unlink()
            self._database = _open_cache(path)

    def __enter__(self) -> VectorCache:
        return self

    def __exit__(self, *_: object) -> None:
        self._database.close()

    def embed(self, texts: Sequence[str], progress: Progress) -> tuple[NDArray[np.float32], int]:
        """Vectors, shape (n, d), and how many of them had to be made."""
        keys = [text_key(text) for text in texts]
        found = {key: vector for key in set(keys) if (vector := self._get(key)) is not None}
        if found.keys() < set(keys):
            found = self._shipped() | found
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in found}
        # Texts of one batch are padded to the longest, so batches hold texts of like length.
        todo = sorted(missing.items(), key=lambda item: (len(item[1]), item[0]))
        progress("embedding", len(texts) - len(todo), len(texts))
        size = self._encoder.batch if isinstance(self._encoder, Batching) else BATCH
        for start in range(0, len(todo), size):
            batch = todo[start : start + size]
            vectors = self._encoder.encode_passages([text for _, text in batch])
            for (key, _), vector in zip(batch, vectors, strict=True):
                found[key] = vector
                self._put(key, vector)
            self._database.commit()
            done = len(texts) - len(todo) + start + len(batch)
            progress("embedding", done, len(texts))
        matrix = np.empty((len(texts), self._encoder.dimension), dtype=np.float32)
        for row, key in enumerate(keys):
            matrix[row] = found[key]
        return matrix, len(todo)

    def _shipped(self) -> dict[bytes, NDArray[np.float32]]:
        """What comes with the program; nothing where that is damaged, which is a warning."""
        try:
            return read_shipped(self._encoder.digest)
        except StoreFault as fault:
            self._warnings.append(fault.notice)
            return {}

    def _get(self, key: bytes) -> NDArray[np.float32] | None:
        row = self._database.execute(
            "SELECT vector FROM vectors WHERE digest = ? AND role = 'passage' AND text = ?",
            (self._encoder.digest, key),
        ).fetchone()
        if row is None or len(row[0]) != 4 * self._encoder.dimension:
            return None
        return np.frombuffer(row[0], dtype="<f4").astype(np.float32)

    def _put(self, key: bytes, vector: NDArray[np.float32]) -> None:
        self._database.execute(
            "INSERT OR REPLACE INTO vectors VALUES (?, 'passage', ?, ?)",
            (self._encoder.digest, key, vector.astype("<f4").tobytes()),
        )


def seed_vectors(folder: Path, other: Path) -> None:
    """Begin the vectors of an index folder with those of another, unless it has some."""
    own, theirs = folder / VECTORS, other / VECTORS
    if own.exists() or not theirs.exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    partial = own.with_name(f"{VECTORS}.new")
    partial.unlink(missing_ok=True)
    try:
        with closing(sqlite3.connect(theirs)) as source, closing(sqlite3.connect(partial)) as copy:
            source.backup(copy)
    except sqlite3.Error as error:
        logging.getLogger(__name__).warning("Every passage is embedded anew: %s", error)
        partial.unlink(missing_ok=True)
    else:
        partial.replace(own)


class RecentVectors:
    """Vectors of passages, each made once: in memory, and in a file for the next process.

    The least recently used are dropped first, in the file the oldest. For several threads.
    `encode` makes vectors, shape (n, d), of n texts; `digest` names the encoder. Without a `path`,
    or where the file cannot be used, which is logged once, they are kept in memory alone.
    """

    def __init__(
        self,
        encode: Callable[[Sequence[str]], NDArray[np.float32]],
        most: int = MOST_RECENT,
        path: Path | None = None,
        digest: str = "",
    ) -> None:
        self._encode = encode
        self._most = most
        self._digest = digest
        self._vectors: OrderedDict[str, NDArray[np.float32]] = OrderedDict()
        self._lock = threading.Lock()
        self._path = path
        self._file: sqlite3.Connection | None = None

    def of(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """The vectors of the texts, shape (n, d); only those not known are encoded."""
        with self._lock:
            known = {text: self._vectors[text] for text in texts if text in self._vectors}
            known |= self._read([text for text in dict.fromkeys(texts) if text not in known])
        missing = list(dict.fromkeys(text for text in texts if text not in known))
        made = dict(zip(missing, self._encode(missing), strict=True)) if missing else {}
        known |= made
        with self._lock:
            for text in known:
                self._vectors[text] = known[text]
                self._vectors.move_to_end(text)
            while len(self._vectors) > self._most:
                self._vectors.popitem(last=False)
            self._write(made)
        return np.stack([known[text] for text in texts])

    def _read(self, texts: Sequence[str]) -> dict[str, NDArray[np.float32]]:
        found: dict[str, NDArray[np.float32]] = {}
        try:
            file = self._opened() if texts else None
            for text in texts if file else ():
                row = (
                    file.execute(_FIND, (self._digest, text_key(text))).fetchone() if file else None
                )
                if row is not None:
                    found[text] = np.frombuffer(row[0], dtype="<f4").astype(np.float32)
        except (sqlite3.Error, OSError, ValueError) as fault:
            self._give_up(fault)
        return found

    def _write(self, made: Mapping[str, NDArray[np.float32]]) -> None:
        if not made:
            return
        try:
            if file := self._opened():
                rows = [
                    (self._digest, text_key(text), vector.astype("<f4").tobytes())
                    for text, vector in made.items()
                ]
                file.executemany("INSERT OR REPLACE INTO sentences VALUES (NULL, ?, ?, ?)", rows)
                last = file.execute("SELECT max(id) FROM sentences").fetchone()[0]
                file.execute("DELETE FROM sentences WHERE id <= ?", (last - MOST_KEPT,))
                file.commit()
        except (sqlite3.Error, OSError) as fault:
            self._give_up(fault)

    def _opened(self) -> sqlite3.Connection | None:
        if self._file is None and self._path is not None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            try:
                self._file = _open_sentences(self._path)
            except sqlite3.OperationalError:
                raise
            except sqlite3.DatabaseError:  # damaged: a cache is made anew
                self._path.unlink()
                self._file = _open_sentences(self._path)
        return self._file

    def _give_up(self, fault: Exception) -> None:
        log = logging.getLogger(__name__)
        log.warning("vectors of sentences are kept in memory only, %s: %s", self._path, fault)
        self._path = self._file = None


_FIND = "SELECT vector FROM sentences WHERE digest = ? AND text = ?"


def _open_sentences(path: Path) -> sqlite3.Connection:
    file = sqlite3.connect(path, check_same_thread=False)
    try:
        file.execute(
            "CREATE TABLE IF NOT EXISTS sentences (id INTEGER PRIMARY KEY, digest TEXT, "
            "text BLOB, vector BLOB, UNIQUE (digest, text))"
        )
    except sqlite3.Error:
        file.close()
        raise
    return file


def text_key(text: str) -> bytes:
    """The digest under which the vector of a text is kept."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def _open_cache(path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(path)
    try:
        database.execute(
            "CREATE TABLE IF NOT EXISTS vectors (digest TEXT, role TEXT, text BLOB, vector BLOB, "
            "PRIMARY KEY (digest, role, text)) WITHOUT ROWID"
        )
        if database.execute("PRAGMA quick_check").fetchone() != ("ok",):
            raise sqlite3.DatabaseError("quick_check found damage")
    except sqlite3.Error:
        database.close()
        raise
    return database
