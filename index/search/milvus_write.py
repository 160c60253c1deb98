"""Writes the passages of an index into Milvus: one collection for all indexes of an encoder.

An index is a partition of it. Of a new generation what is new is written first, and what is gone is
removed after it is in service. It searches nothing.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from index.search.milvus_server import Place, rows_of, server_at
from index.search.milvus_words import NO_WORDS, Words
from index.search.rankings import LANGUAGES

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from index.documents.model import Document

_BATCH = 500
_COLUMNS = ("issued_on", "effective_from", "effective_to", "place")


@dataclass(frozen=True)
class Entity:
    """A passage as it is kept: its key says what it is of, so that equal ones are not written."""

    key: str
    row: dict[str, Any]


class MilvusWriter:
    """Writes an index into Milvus: what is new first, what is gone after the swap."""

    def __init__(self, address: str, holder: str, digest: str, width: int) -> None:
        self.place = Place(address, holder, f"tiaowen_vectors_{digest[:12]}")
        self._server = server_at(address)
        self._width = width

    def put(self, entities: Sequence[Entity]) -> int:
        """Write those of the entities that are not there; how many that were."""
        self._server.ask(self._prepare)
        there = self.keys()
        new = [each for each in entities if each.key not in there]
        for start in range(0, len(new), _BATCH):
            rows = [each.row for each in new[start : start + _BATCH]]
            self._server.ask(partial(_upsert, collection=self.place.collection, rows=rows))
        return len(new)

    def point(self) -> None:
        """Let the alias of the index name the collection that was written to."""
        self._server.ask(self._point)

    def tidy(self, keys: Iterable[str]) -> int:
        """Remove all but these keys; how many entities that were."""
        gone = sorted(self.keys() - set(keys))
        for start in range(0, len(gone), _BATCH):
            ids = gone[start : start + _BATCH]
            self._server.ask(partial(_delete, collection=self.place.collection, ids=ids))
        return len(gone)

    def remove(self, document_id: str) -> None:
        """Remove a document at once."""
        wanted = f'holder == "{self.place.holder}" and document == {json.dumps(document_id)}'
        self._server.ask(lambda client: client.delete(self.place.collection, filter=wanted))

    def keys(self) -> set[str]:
        """The keys of all that is there of this index."""
        return self._server.ask(
            lambda client: {row["key"] for row in rows_of(client, self.place, ["key"])}
        )

    def _point(self, client: Any) -> None:
        alias = self.place.alias
        if alias not in client.list_aliases()["aliases"]:
            client.create_alias(self.place.collection, alias)
            return
        old = client.describe_alias(alias)["collection_name"]
        if old != self.place.collection:
            client.alter_alias(self.place.collection, alias)
            client.delete(old, filter=f'holder == "{self.place.holder}"')

    def _prepare(self, client: Any) -> None:
        """Make the collection, unless it is there."""
        if client.has_collection(self.place.collection):
            client.load_collection(self.place.collection)
            return
        from pymilvus import DataType

        schema = client.create_schema(auto_id=False, enable_dynamic_field=False)
        schema.add_field("key", DataType.VARCHAR, is_primary=True, max_length=64)
        schema.add_field("holder", DataType.VARCHAR, max_length=64, is_partition_key=True)
        for name in ("document", "clause"):
            schema.add_field(name, DataType.VARCHAR, max_length=2048)
        schema.add_field("kind", DataType.VARCHAR, max_length=16)
        for name in _COLUMNS:
            schema.add_field(name, DataType.VARCHAR, max_length=256)
        schema.add_field("length", DataType.INT64)
        schema.add_field("vector", DataType.FLOAT_VECTOR, dim=self._width)
        schema.add_field("words", DataType.SPARSE_FLOAT_VECTOR)
        indexes = client.prepare_index_params()
        indexes.add_index("vector", index_type="FLAT", metric_type="IP")
        indexes.add_index("words", index_type="SPARSE_INVERTED_INDEX", metric_type="IP")
        indexes.add_index("document", index_type="INVERTED")
        client.create_collection(
            self.place.collection, schema=schema, index_params=indexes, consistency_level="Strong"
        )


def _upsert(client: Any, collection: str, rows: Sequence[Mapping[str, Any]]) -> None:
    client.upsert(collection, rows)


def _delete(client: Any, collection: str, ids: Sequence[str]) -> None:
    client.delete(collection, ids=ids)


def entities_of(
    holder: str,
    passages: Sequence[tuple[str, Document, str, str]],
    vectors: NDArray[np.float32],
    tokens: Mapping[str, Mapping[str, Sequence[str]]],
    words: Mapping[str, Words],
) -> list[Entity]:
    """The entities of passages (kind, document, clause id, text); `tokens` by language and clause.

    The words of a clause stand with its first Chinese passage, those of its English with that.
    """
    seen: Counter[tuple[str, str]] = Counter()
    found: list[Entity] = []
    for (kind, document, clause_id, text), vector in zip(passages, vectors, strict=True):
        number = seen[kind, clause_id]
        seen[kind, clause_id] += 1
        own = tokens[kind].get(clause_id, ()) if kind in LANGUAGES and not number else ()
        columns = {
            "issued_on": document.issued_on or "",
            "effective_from": document.effective_from or "",
            "effective_to": document.superseded_on or document.effective_to or "",
            "place": document.region or "",
        }
        reference = words[kind].reference if own else 0.0
        told = [holder, kind, clause_id, number, text, list(own), columns, reference]
        digest = hashlib.sha256(json.dumps(told).encode())
        digest.update(vector.tobytes())
        key = digest.hexdigest()[:48]
        row = {
            "key": key,
            "holder": holder,
            "document": document.id,
            "clause": clause_id,
            "kind": kind,
            "length": len(own),
            "vector": vector,
            "words": words[kind].stored(own) if own else NO_WORDS,
        }
        found.append(Entity(key, row | columns))
    return found
