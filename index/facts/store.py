"""The facts of an index in one SQLite file: written with a generation, read when first asked for.

Documents that did not change keep their facts from the file before. What is asked of facts is
`query`'s matter.
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import threading
import weakref
from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from index.documents.model import Document
from index.facts.held import resolved
from index.facts.model import (
    Benefit,
    Deadline,
    Duty,
    Fact,
    Relation,
    Sanction,
    Target,
    fact_of,
    row_of,
)
from index.facts.read import grammar_digest, read_facts

FACTS = "facts.sqlite"
_SCHEMA = """
CREATE TABLE documents (document_id TEXT PRIMARY KEY, digest TEXT NOT NULL);
CREATE TABLE facts (
    position INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    document_id TEXT NOT NULL,
    clause_id TEXT NOT NULL,
    body TEXT,
    year INTEGER,
    day TEXT,
    least REAL,
    most REAL,
    place TEXT,
    words TEXT NOT NULL,
    fact BLOB NOT NULL
);
CREATE INDEX of_documents ON facts (document_id, kind);
CREATE INDEX of_kinds ON facts (kind);
CREATE INDEX of_bodies ON facts (body);
"""
# Columns that hold no words to look for.
_NO_WORDS = frozenset(
    {
        "kind",
        "clause_id",
        "document_id",
        "zh",
        "clean",
        "above",
        "target_document_id",
        "target_clause_id",
    }
)


def write_facts(path: Path, documents: Sequence[Document], before: Path | None = None) -> None:
    """Write the facts of documents to a new file at `path`.

    `before` is such a file of an earlier build; the facts of documents that are the same as then
    are taken from it, if it can be read. The same documents always make the same bytes.
    """
    kept = _kept(before) if before is not None else {}
    digests = {document.id: _digest(document) for document in documents}
    read: dict[str, list[Fact]] = {}
    for document in documents:
        stored = kept.get((document.id, digests[document.id]))
        read[document.id] = stored if stored is not None else list(read_facts(document))
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.executescript(f"PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; {_SCHEMA}")
        database.execute("BEGIN")
        database.executemany("INSERT INTO documents VALUES (?, ?)", digests.items())
        facts = (fact for document in documents for fact in _resolved(read[document.id], documents))
        database.executemany(
            f"INSERT INTO facts VALUES ({', '.join('?' * 12)})",
            ((position, *_columns(fact)) for position, fact in enumerate(facts)),
        )
        database.execute("COMMIT")


def _resolved(facts: list[Fact], documents: Sequence[Document]) -> list[Fact]:
    """The facts with the targets of their relations looked up among the documents."""
    relations = [fact for fact in facts if isinstance(fact, Relation)]
    if not relations:
        return facts
    found = iter(resolved(relations, documents))
    return [next(found) if isinstance(fact, Relation) else fact for fact in facts]


def _columns(fact: Fact) -> tuple[Any, ...]:
    """The columns that facts are looked for by, and the whole fact."""
    row = row_of(fact)
    texts = (value for name, value in row.items() if name not in _NO_WORDS)
    # Most columns are words of the fact's own text, which is looked through anyway.
    more = [value for value in texts if isinstance(value, str) and value not in fact.clean]
    words = "\n".join((fact.clean, *more))
    body = year = day = place = least = most = None
    if isinstance(fact, Duty):
        body = fact.unit
    elif isinstance(fact, Target):
        year, place, least, most = fact.by_year, fact.place, fact.value, fact.value
    elif isinstance(fact, Deadline):
        body, day, least, most = fact.actor, fact.day, fact.count, fact.count
        year = int(day[:4]) if day else None
    elif isinstance(fact, Sanction | Benefit):
        body, least, most = fact.by_whom, fact.least, fact.most
    return (
        fact.kind,
        fact.document_id,
        fact.clause_id,
        _storable(body),
        year,
        day,
        None if least is None else float(least),
        None if most is None else float(most),
        _storable(place),
        _storable(words.lower()),
        packed(fact),
    )


def packed(fact: Fact) -> bytes:
    """A fact as JSON; a damaged source may hold lone surrogates, which pass."""
    text = json.dumps(row_of(fact), ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "surrogatepass")


def unpacked(data: object) -> Fact:
    """The fact that `packed` wrote. Raises ValueError, KeyError or TypeError for other data."""
    if not isinstance(data, bytes):
        raise TypeError(f"a fact is stored as bytes, not as {type(data).__name__}")
    return fact_of(json.loads(data.decode("utf-8", "surrogatepass")))


def _storable(text: str | None) -> str | None:
    """A text without the lone surrogates of a damaged source, which UTF-8 cannot hold."""
    return None if text is None else text.encode("utf-8", "replace").decode()


def _digest(document: Document) -> str:
    """A hash of all that the facts of a document depend on."""
    parts: list[object] = [grammar_digest(), document.title, document.number, document.region]
    parts += [document.issued_on, document.effective_from, document.effective_to, document.source]
    parts += ((section.path, section.start) for section in document.sections)
    parts += (
        (clause.path, clause.start, clause.heading, clause.body) for clause in document.clauses
    )
    text = json.dumps(parts, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _kept(before: Path) -> dict[tuple[str, str], list[Fact]]:
    """The facts of an earlier file by document and digest; none where it cannot be used."""
    kept: dict[tuple[str, str], list[Fact]] = {}
    try:
        with closing(
            sqlite3.connect(f"{before.absolute().as_uri()}?mode=ro", uri=True)
        ) as database:
            digests = dict(database.execute("SELECT document_id, digest FROM documents"))
            kept = {(document_id, digest): [] for document_id, digest in digests.items()}
            rows = database.execute("SELECT document_id, fact FROM facts ORDER BY position")
            for document_id, fact in rows:
                kept[document_id, digests[document_id]].append(unpacked(fact))
    except (sqlite3.Error, ValueError, KeyError, TypeError):
        # A file that was damaged, or of another form: everything is read anew.
        return {}
    return kept


class FactFile:
    """A facts file, opened at once and read when first asked; it may be deleted meanwhile."""

    def __init__(self, path: Path) -> None:
        # Held open, so that a build that removes the file later takes nothing away.
        self._descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
        self._close = weakref.finalize(self, os.close, self._descriptor)
        self._lock = threading.Lock()
        self._database: sqlite3.Connection | None = None

    def rows(self, query: str, values: Iterable[Any] = ()) -> list[Any]:
        """The rows that a query gives; safe from several threads."""
        with self._lock:
            if self._database is None:
                self._database = self._loaded()
            return self._database.execute(query, tuple(values)).fetchall()

    def _loaded(self) -> sqlite3.Connection:
        size = os.fstat(self._descriptor).st_size
        data = b""
        os.lseek(self._descriptor, 0, os.SEEK_SET)
        while len(data) < size and (more := os.read(self._descriptor, size - len(data))):
            data += more
        database = sqlite3.connect(":memory:", check_same_thread=False)
        database.deserialize(data)
        self._close()
        return database
