"""The part of a generation that is written into Milvus instead of local files.

What each entity is, index/search/milvus_write.py knows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from index.search.contents import Contents, passages_of, with_headings
from index.search.generation import STORE, MadeWith
from index.search.milvus_words import STATISTICS, words_before, write_words
from index.search.milvus_write import Entity, MilvusWriter, entities_of
from index.text.tokens import tokenise_chinese, tokenise_english

if TYPE_CHECKING:
    from index.search.embed import Encoder
    from index.search.segment_write import Encode


class Remote:
    """The part of a generation that is written into Milvus."""

    def __init__(
        self, address: str, folder: Path, old: Mapping[str, Any] | None, encoder: Encoder | MadeWith
    ) -> None:
        # An index stays in its partition as long as it is at one address.
        before = old.get(STORE) if old else None
        same = before is not None and before["address"] == address
        holder = before["holder"] if before and same else uuid4().hex
        self._before = folder / old["generation"] if old and same else None
        self._writer = MilvusWriter(address, holder, encoder.digest, encoder.dimension)
        self._entities: list[Entity] = []

    @property
    def place(self) -> dict[str, str]:
        """What the manifest tells of it."""
        return asdict(self._writer.place)

    def write(self, generation: Path, contents: Contents, encode: Encode) -> None:
        """Write what is new. Readers of the old generation go on; what is gone stays for them.

        Beside, in the folder of the generation, statistics of words.
        """
        passages, tokens = passages_of(contents), _tokens_of(contents)
        vectors = encode([passage.text for passage in passages])
        clauses = contents.clauses
        english = [clause.id for clause in clauses if clause.id in contents.renditions]
        ids = {"zh": [clause.id for clause in clauses], "en": english}
        by_clause = {key: dict(zip(ids[key], tokens[key], strict=True)) for key in ids}
        words = words_before(self._before, tokens)
        owners = {document.id: document for document in contents.documents}
        of = [clauses[passage.clause_row] for passage in passages]
        told = [
            (passage.kind, owners[clause.document_id], clause.id, passage.text)
            for passage, clause in zip(passages, of, strict=True)
        ]
        self._entities = entities_of(self._writer.place.holder, told, vectors, by_clause, words)
        self._writer.put(self._entities)
        write_words(generation / STATISTICS, words, [each.key for each in self._entities])
        self._writer.point()

    def tidy(self) -> None:
        """Remove what the generation in service has no more."""
        self._writer.tidy(each.key for each in self._entities)


def _tokens_of(contents: Contents) -> dict[str, list[list[str]]]:
    """The search words of every clause, and of every rendition."""
    clauses = contents.clauses
    return {
        "zh": [tokenise_chinese(with_headings(clause, clause.body)) for clause in clauses],
        "en": [
            tokenise_english(f"{rendition.title_en} {rendition.text}")
            for rendition in map(contents.renditions.get, (c.id for c in clauses))
            if rendition is not None
        ],
    }
