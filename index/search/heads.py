"""What an index tells of each document without its text, as rows of JSON, and back.

A row says what the document is, which text it has (a digest), and what it says of others; nothing
that depends on the other documents of the index, so that it stays as it is when these change.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from index.documents.model import Document
from index.documents.rows import document_row, documents_of, json_line
from index.facts.corrections import FactCorrection, corrections_digest
from index.facts.model import Relation, fact_of, row_of
from index.facts.succession import Ending, endings_of

# What the other documents of an index make of one: told anew whenever it is opened.
_BY_OTHERS: Mapping[str, Any] = {
    "version": None,
    "superseded_on": None,
    "superseded_by": None,
    "superseded_in": None,
    "superseded_name": None,
    "superseded_name_en": None,
    "repealed": False,
}


@dataclass(frozen=True)
class Head:
    """A document without its text; `row` is what is written of it."""

    document: Document
    endings: tuple[Ending, ...]
    row: Mapping[str, Any]


def head_row(document: Document, text: str) -> dict[str, Any]:
    """The row of a document that is in memory whole, with the digest of its text."""
    row = document_row(document)
    row |= _BY_OTHERS
    del row["source"]
    told = {"text": text, "labelled": document.version, "endings": endings_told(document)}
    return row | told


def endings_told(document: Document) -> list[dict[str, Any]]:
    """What a row says of the documents that one ends; its clauses are read for it."""
    return [{"day": one.day, "relation": row_of(one.relation)} for one in endings_of(document)]


def key_of(row: Mapping[str, Any], corrections: Sequence[FactCorrection]) -> str:
    """A digest of all that is stored of a document: equal ones are not written again."""
    told = json_line(row) + corrections_digest(corrections).encode()
    return hashlib.sha256(told).hexdigest()[:32]


def head_of(row: Mapping[str, Any]) -> Head:
    """What `head_row` told. Raises KeyError, TypeError or ValueError for another row."""
    own = {key: row[key] for key in row if key not in ("text", "labelled", "endings")}
    (document,) = documents_of([own | {"source": "", "clauses": 0}], ())
    return Head(document, tuple(map(_ending, row["endings"])), row)


def _ending(row: Mapping[str, Any]) -> Ending:
    relation = fact_of(row["relation"])
    if not isinstance(relation, Relation):
        raise ValueError("no relation")
    return Ending(relation, row["day"])
