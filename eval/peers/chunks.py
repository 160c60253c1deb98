"""Chunks of a document's text, and the clauses that they overlap.

A peer knows no clauses: it cuts the raw text where its splitter cuts. Cases name clauses, so a
chunk is led back to them by its offsets in the source. It searches and splits nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from index.documents.model import Clause, Document, Hit
from rag.schema import Citation


@dataclass(frozen=True)
class Chunk:
    """The text `source[start:end]` of a document, as a peer found it."""

    document_id: str
    start: int
    end: int
    score: float = 0.0


def clauses_of(chunk: Chunk, documents: Mapping[str, Document]) -> list[Clause]:
    """The clauses that the chunk overlaps, the one in which most of it lies first.

    White space counts for nothing: what a chunk shares with a clause is what can be read of it.
    """
    document = documents[chunk.document_id]
    shared = [(_shared(chunk, clause, document), clause) for clause in document.clauses]
    ranked = sorted(shared, key=lambda pair: (-pair[0], pair[1].start))
    return [clause for size, clause in ranked if size]


def hits_of(chunks: Iterable[Chunk], documents: Mapping[str, Document], by: str) -> list[Hit]:
    """The clauses of the chunks in the order of the chunks, each clause once."""
    hits: dict[str, Hit] = {}
    for chunk in chunks:
        for clause in clauses_of(chunk, documents):
            hits.setdefault(clause.id, Hit(clause.id, chunk.score, (by,)))
    return list(hits.values())


def citation_of(n: int, chunk: Chunk, clause: Clause, document: Document, today: date) -> Citation:
    """The part of the chunk that lies in the clause, one of `clauses_of`, as a citation."""
    start, end = max(chunk.start, clause.start), min(chunk.end, clause.end)
    quote = document.source[start:end]
    start += len(quote) - len(quote.lstrip())
    quote = quote.strip()
    return Citation(
        n=n,
        clause_id=clause.id,
        label=clause.label,
        label_en=clause.label_en,
        quote=quote,
        quote_en=None,
        start=start,
        end=start + len(quote),
        status=document.status(today),
    )


def locate(text: str, within: Sequence[Chunk], documents: Mapping[str, Document]) -> Chunk | None:
    """Where in the chunks the text stands: a part of the first that holds it, None if none does."""
    text = text.strip()
    if not text:
        return None
    for chunk in within:
        start = documents[chunk.document_id].source.find(text, chunk.start, chunk.end)
        if start >= 0:
            return Chunk(chunk.document_id, start, start + len(text), chunk.score)
    return None


def _shared(chunk: Chunk, clause: Clause, document: Document) -> int:
    start, end = max(chunk.start, clause.start), min(chunk.end, clause.end)
    # A slice with its end before its start is empty, but a negative end would count from the back.
    return len("".join(document.source[start:end].split())) if start < end else 0
