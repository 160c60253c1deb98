"""Writes segments: of new documents what is read out of them, of others what was written before.

What is copied is neither read nor counted anew. Which documents go into which segment is decided in
index/search/write.py.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from index.documents.model import Clause, Document, Rendition
from index.documents.rows import clause_row, rendition_row
from index.documents.stored import lines_of
from index.facts.corrections import FactCorrection
from index.facts.store import FACTS, write_facts
from index.search.contents import is_front_matter, passages_in, with_headings
from index.search.dense import DenseIndex
from index.search.lexical import Counts
from index.search.rankings import KINDS, LANGUAGES
from index.search.segment import NUMBERS, TEXTS, Kept, Lines, Segment, id_key
from index.text.tokens import tokenise_chinese, tokenise_english

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Encode = Callable[[Sequence[str]], NDArray[np.float32]]
    # A segment, and of each of its clauses the row that it gets, -1 for none.
    Move = tuple[Segment, NDArray[np.int64]]


@dataclass(frozen=True)
class New:
    """Documents to be written into a segment, with what is known of them.

    `encode` makes the vectors of passages; without it none are written.
    """

    documents: Sequence[Document]
    renditions: Mapping[str, Rendition]
    corrections: Mapping[str, Sequence[FactCorrection]]
    encode: Encode | None
    width: int
    clauses: list[Clause] = field(init=False)

    def __post_init__(self) -> None:
        """Put the clauses of all documents in one row."""
        clauses = [clause for document in self.documents for clause in document.clauses]
        object.__setattr__(self, "clauses", clauses)


def text_digest(document: Document, renditions: Mapping[str, Rendition]) -> str:
    """A digest of a document's text, its clauses and their English."""
    lines = lines_in(document, renditions)
    digest = hashlib.sha256(lines.source)
    for line in (*lines.clauses, *lines.renditions.values()):
        digest.update(line)
    return digest.hexdigest()


def lines_in(document: Document, renditions: Mapping[str, Rendition]) -> Lines:
    """What is to be written of a document's text."""
    clauses = document.clauses
    english = {
        at: rendition_row(clause.id, rendition)
        for at, clause in enumerate(clauses)
        if (rendition := renditions.get(clause.id)) is not None
    }
    return Lines(
        lines_of([document.source])[0],
        lines_of(map(clause_row, clauses)),
        dict(zip(english, lines_of(english.values()), strict=True)),
        np.array([id_key(clause.id) for clause in clauses], np.uint64),
        np.array([is_front_matter(clause, document) for clause in clauses], np.bool_),
    )


def write_segment(folder: Path, copied: Sequence[Kept], new: New) -> None:
    """Write documents into a new folder, first those that are copied from other segments."""
    folder.mkdir(parents=True)
    lines = [kept.segment.lines(kept.ordinal) for kept in copied]
    lines += (lines_in(document, new.renditions) for document in new.documents)
    sizes = np.array([len(own.clauses) for own in lines], np.int64)
    numbers = _written_texts(folder, lines) | {"sizes": sizes}
    moves = _moves(copied, sizes)
    numbers |= _written_vectors(folder, moves, new, int(sizes.sum()))
    _write_words(folder, moves, new, numbers["rendered"], int(sizes.sum()))
    arrays: dict[str, Any] = dict(numbers)
    np.savez(folder / NUMBERS, **arrays)
    by_file: dict[Path, list[str]] = {}
    for kept in copied:
        by_file.setdefault(kept.segment.facts, []).append(kept.row["id"])
    write_facts(folder / FACTS, new.documents, new.corrections, list(by_file.items()))


def _written_texts(folder: Path, lines: Sequence[Lines]) -> dict[str, NDArray[Any]]:
    """Write the texts; what is kept of them in numbers."""
    first, rendered = 0, []
    for own in lines:
        rendered += [first + at for at in own.renditions]
        first += len(own.clauses)
    texts: dict[str, list[bytes]] = {
        "sources": [own.source for own in lines],
        "clauses": [line for own in lines for line in own.clauses],
        "renditions": [line for own in lines for line in own.renditions.values()],
    }
    numbers: dict[str, NDArray[Any]] = {"rendered": np.array(rendered, np.int32)}
    for name in TEXTS:
        with (folder / f"{name}.jsonl").open("wb") as file:
            file.writelines(texts[name])
        numbers[name] = np.cumsum([len(line) for line in texts[name]], dtype=np.int64)
    numbers["ids"] = np.concatenate([np.empty(0, np.uint64), *(own.ids for own in lines)])
    numbers["fronts"] = np.concatenate([np.empty(0, np.bool_), *(own.fronts for own in lines)])
    return numbers


def _moves(copied: Sequence[Kept], sizes: NDArray[np.int64]) -> list[Move]:
    """Where the clauses of segments go that are copied from."""
    moves: dict[int, Move] = {}
    first = 0
    for kept, size in zip(copied, sizes.tolist(), strict=False):
        own = kept.segment
        _, places = moves.setdefault(id(own), (own, np.full(own.clauses, -1, np.int64)))
        start = int(own.starts[kept.ordinal])
        places[start : start + size] = np.arange(first, first + size)
        first += size
    return list(moves.values())


def _written_vectors(
    folder: Path, moves: Sequence[Move], new: New, size: int
) -> dict[str, NDArray[Any]]:
    """Write the vectors of each kind of passage, if there are to be any; the rows of passages."""
    numbers: dict[str, NDArray[Any]] = {}
    passages = passages_in(new.clauses, new.renditions)
    vectors = np.empty((0, new.width), np.float32)
    if new.encode is not None and passages:
        vectors = new.encode([passage.text for passage in passages])
    for kind in KINDS:
        own = [at for at, passage in enumerate(passages) if passage.kind == kind]
        rows = [places[segment.passages(kind)] for segment, places in moves]
        first = size - len(new.clauses)
        fresh = np.array([first + passages[at].clause_row for at in own], np.int64)
        kept = [each[each >= 0] for each in rows]
        numbers[f"passages-{kind}"] = np.concatenate([*kept, fresh]).astype(np.int32)
        if new.encode is None:
            continue
        before = [
            segment.dense[kind].vectors()[each >= 0]
            for (segment, _), each in zip(moves, rows, strict=True)
        ]
        DenseIndex.build(np.concatenate([*before, vectors[own]])).save(
            folder / f"dense-{kind}.faiss"
        )
    return numbers


def _write_words(
    folder: Path, moves: Sequence[Move], new: New, rendered: NDArray[np.int32], size: int
) -> None:
    """Write the counts of words: Chinese ones of every clause, English ones of every rendition."""
    english = np.full(size, -1, np.int64)
    english[rendered] = np.arange(len(rendered))
    for language in LANGUAGES:
        tokens = _tokens(new, language)
        count = size if language == "zh" else len(rendered)
        parts = [
            (
                segment.words[language],
                places if language == "zh" else _followed(places[segment.rendered], english),
            )
            for segment, places in moves
        ]
        last = np.arange(count - len(tokens), count, dtype=np.int64)
        parts.append((Counts.of(tokens), last))
        Counts.joined(parts, count).save(folder / f"words-{language}")


def _followed(places: NDArray[np.int64], further: NDArray[np.int64]) -> NDArray[np.int64]:
    """Where places lead that themselves have places; -1 stays."""
    return np.where(places >= 0, further[np.maximum(places, 0)] if len(further) else -1, -1)


def _tokens(new: New, language: str) -> list[list[str]]:
    """The search words of every new clause, or of every new rendition."""
    if language == "zh":
        return [tokenise_chinese(with_headings(clause, clause.body)) for clause in new.clauses]
    found = (new.renditions.get(clause.id) for clause in new.clauses)
    return [tokenise_english(f"{each.title_en} {each.text}") for each in found if each is not None]
