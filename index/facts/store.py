"""The facts of documents in SQLite files, which are never changed: written, copied, read together.

The targets of relations are not looked up here, for these are other documents. What is asked of
facts is `query`'s matter.
"""

from __future__ import annotations

import json
import sqlite3
import threading
import weakref
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from index.documents.model import Document
from index.facts.corrections import FactCorrection, with_corrections
from index.facts.model import (
    Benefit,
    Deadline,
    Duty,
    Fact,
    Sanction,
    Target,
    fact_of,
    row_of,
)
from index.facts.read import read_facts

FACTS = "facts.sqlite"
_SCHEMA = """
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
"""
_INDEXES = (
    "CREATE INDEX of_documents ON facts (document_id, kind)",
    "CREATE INDEX of_kinds ON facts (kind)",
    "CREATE INDEX of_bodies ON facts (body)",
    "CREATE INDEX of_registers ON facts (kind, body)",
)
_NAMES = "kind, document_id, clause_id, body, year, day, least, most, place, words, fact"
_MOST_ATTACHED = 8
_NO_ROW = ", ".join(f"NULL AS {name}" for name in _NAMES.split(", "))
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
        "corrected",
    }
)


def write_facts(
    path: Path,
    documents: Sequence[Document],
    corrections: Mapping[str, Sequence[FactCorrection]] | None = None,
    copied: Sequence[tuple[Path, Sequence[str]]] = (),
) -> None:
    """Write the facts of documents to a new file at `path`, those of `corrections` as corrected.

    Before them stand the facts of the documents of such files in `copied`, as they are there. The
    same documents always make the same bytes.
    """
    with closing(sqlite3.connect(path, isolation_level=None, uri=True)) as database:
        database.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;")
        _fill(database, documents, corrections or {}, copied)


def _fill(
    database: sqlite3.Connection,
    documents: Sequence[Document],
    corrections: Mapping[str, Sequence[FactCorrection]],
    copied: Sequence[tuple[Path, Sequence[str]]] = (),
) -> None:
    """Put facts into an empty database, which is in no transaction."""
    database.executescript(_SCHEMA)
    # Of many files all but the last few are copied first: so many can be attached at once.
    early, late = copied[:-_MOST_ATTACHED], copied[-_MOST_ATTACHED:]
    for one in early:
        _attached(database, [one])
        _copy(database, [one])
        database.execute("DETACH other0")
    _attached(database, late)
    database.execute("BEGIN")
    _copy(database, late)
    for document in documents:
        own = corrections.get(document.id, ())
        facts, _ = with_corrections(document, read_facts(document), own)
        database.executemany(
            f"INSERT INTO facts ({_NAMES}) VALUES ({', '.join('?' * 11)})",
            map(_columns, facts),
        )
    # Made of all rows at once, which takes a fraction of the time.
    for statement in _INDEXES:
        database.execute(statement)
    database.execute("COMMIT")


def _attached(database: sqlite3.Connection, files: Sequence[tuple[Path, Sequence[str]]]) -> None:
    for number, (file, _) in enumerate(files):
        database.execute(f"ATTACH ? AS other{number}", (_readable(file),))


def _copy(database: sqlite3.Connection, files: Sequence[tuple[Path, Sequence[str]]]) -> None:
    """Copy the facts of the documents from attached files."""
    for number, (_, document_ids) in enumerate(files):
        database.execute(
            f"INSERT INTO main.facts ({_NAMES}) SELECT {_NAMES} FROM other{number}.facts "
            "WHERE document_id IN (SELECT value FROM json_each(?)) ORDER BY position",
            (json.dumps(list(document_ids)),),
        )


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


def _readable(file: Path) -> str:
    """The address of a file that nobody changes."""
    return f"{file.absolute().as_uri()}?mode=ro&immutable=1"


@dataclass(frozen=True)
class Part:
    """A file of facts, and the documents whose facts count in it, with their places among all."""

    path: Path
    places: Mapping[str, int]


class FactFile:
    """Files of facts, opened at once, read where they lie; they may be deleted meanwhile."""

    def __init__(self, database: sqlite3.Connection) -> None:
        """Answer from a connection that has the facts in a table or view of that name."""
        self._database = database
        # By itself it is closed only when cycles are looked for, as it holds its statements.
        weakref.finalize(self, database.close).atexit = False
        self._lock = threading.Lock()

    @classmethod
    def open(cls, parts: Sequence[Part]) -> FactFile:
        """The facts of all the parts, in the order of the places. Raises OSError."""
        database = sqlite3.connect(":memory:", check_same_thread=False, uri=True)
        database.execute(
            "CREATE TABLE held (document_id TEXT, part INTEGER, place INTEGER, "
            "PRIMARY KEY (document_id, part)) WITHOUT ROWID"
        )
        selects = [f"SELECT 0 AS position, {_NAMES} FROM (SELECT {_NO_ROW}) WHERE 0"]
        for number, part in enumerate(parts):
            part.path.stat()
            database.execute(f"ATTACH ? AS part{number}", (_readable(part.path),))
            # From now on it is held open, so that a build that removes it takes nothing away.
            database.execute(f"SELECT 1 FROM part{number}.facts LIMIT 1").fetchall()
            rows = ((document_id, number, place) for document_id, place in part.places.items())
            database.executemany("INSERT INTO held VALUES (?, ?, ?)", rows)
            own = ", ".join(f"facts.{name.strip()}" for name in _NAMES.split(","))
            selects.append(
                f"SELECT (held.place << 32) + facts.position, {own} FROM part{number}.facts AS "
                f"facts JOIN held ON held.document_id = facts.document_id AND held.part = {number}"
            )
        # Of the moment: a view that lasts may not reach into other files.
        database.execute(f"CREATE TEMP VIEW facts AS {' UNION ALL '.join(selects)}")
        database.commit()
        return cls(database)

    @classmethod
    def of(cls, documents: Sequence[Document]) -> FactFile:
        """The facts of documents, read now and kept in memory."""
        database = sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None)
        _fill(database, documents, {})
        return cls(database)

    def rows(self, query: str, values: Iterable[Any] = ()) -> list[Any]:
        """The rows that a query gives; safe from several threads."""
        with self._lock:
            return self._database.execute(query, tuple(values)).fetchall()
