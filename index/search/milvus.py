"""The store in Milvus, searched: rankings of the passages that one index has there.

Vectors of passages and, with the first passage of a clause, its words as a sparse vector; scores of
words are worked out here, so that they are those of the local files. It holds no texts.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from index.errors import StoreFault
from index.search.milvus_server import SEARCH_TIMEOUT, Place, rows_of, server_at
from index.search.milvus_words import STATISTICS, Words, dimension
from index.search.rankings import KINDS, Groups, Ranking

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from index.request.held_documents import HeldDocuments
    from index.search.texts import Texts

# Milvus gives no more at once.
MOST_FOUND = 16_384


class MilvusStore:
    """Rankings of one index in Milvus."""

    def __init__(
        self, place: Place, words: Mapping[str, Words], keys: Sequence[str], texts: Texts
    ) -> None:
        self._place, self._words, self._texts = place, words, texts
        self._server = server_at(place.address)
        self._keys: dict[str, Sequence[str]] = {}
        self._most: dict[str, int] = {}
        first = 0
        for kind in KINDS:
            pairs = zip(texts.segments, texts.rows, strict=True)
            rows = np.concatenate([own[segment.passages(kind)] for segment, own in pairs])
            rows = rows[rows >= 0]
            self._keys[kind] = keys[first : first + len(rows)]
            self._most[kind] = int(np.bincount(rows).max()) if len(rows) else 0
            first += len(rows)

    @classmethod
    def open(cls, place: Mapping[str, str], generation: Path, texts: Texts) -> MilvusStore:
        """The store of a generation whose manifest names this place."""
        told = json.loads((generation / STATISTICS).read_text("utf-8"))
        words = {language: Words(**own) for language, own in told["words"].items()}
        return cls(Place(**place), words, told["keys"], texts)

    def dense(
        self, kind: str, vectors: NDArray[np.float32], k: int, documents: HeldDocuments
    ) -> list[Ranking]:
        """For each vector the best `k` clauses, by their best passage of a kind."""
        limit = min(k * self._most[kind], MOST_FOUND)
        if limit < 1:
            return [[] for _ in vectors]
        hits = self._search("vector", list(vectors), limit, self._filter(kind, documents), [])
        results: list[Ranking] = []
        for own in hits:
            best: dict[int, float] = {}
            for hit in own:
                row = self._row(hit["entity"]["clause"])
                if row is not None:
                    best.setdefault(row, float(hit["distance"]))
            results.append(sorted(best.items(), key=lambda item: (-item[1], item[0]))[:k])
        return results

    def words(self, language: str, groups: Groups, k: int, documents: HeldDocuments) -> Ranking:
        """The best `k` clauses by BM25, for groups of words of which any one will do."""
        own = self._words[language]
        known = [
            [word for word in group if all(token in own.holding for token in word)]
            for group in groups
        ]
        bounds: dict[int, float] = {}
        for group in filter(None, known):
            most: Counter[str] = Counter()
            for word in group:
                most |= Counter(word)
            for token, count in most.items():
                at = dimension(token)
                bounds[at] = bounds.get(at, 0.0) + count * own.weight(token)
        limit = 4 * k
        while bounds and k > 0:
            wanted = self._filter(language, documents)
            (hits,) = self._search("words", [bounds], min(limit, MOST_FOUND), wanted,
                                   ["words", "length"])  # fmt: skip
            ranking = self._scored(hits, known, own)[:k]
            # No clause that was not given can have more than the last that was.
            all_found = len(hits) < limit or limit >= MOST_FOUND
            if all_found or (
                len(ranking) == k and ranking[-1][1] >= own.slack * hits[-1]["distance"]
            ):
                return ranking
            limit *= 4
        return []

    def _scored(self, hits: Sequence[Mapping[str, Any]], groups: Groups, own: Words) -> Ranking:
        """The clauses with their scores by BM25: of each group the best of its words."""
        scores: dict[int, float] = {}
        for hit in hits:
            entity = hit["entity"]
            row = self._row(entity["clause"])
            if row is None:
                continue
            stored = {int(at): value for at, value in entity["words"].items()}

            def gains(
                token: str, stored: Mapping[int, float] = stored, length: int = entity["length"]
            ) -> float:
                value = stored.get(dimension(token))
                return own.weight(token) * own.share(value, length) if value else 0.0

            score = sum(max(sum(map(gains, word)) for word in group) for group in groups if group)
            if score > 0:
                scores[row] = float(np.float32(score))
        return sorted(scores.items(), key=lambda item: (-item[1], item[0]))

    def vectors(self, kind: str) -> NDArray[np.float32]:
        """The vectors of all passages of a kind, in their order."""
        wanted = self._keys[kind]
        found = self._server.ask(
            lambda client: {
                row["key"]: row["vector"]
                for row in rows_of(client, self._place, ["key", "vector"], f'kind == "{kind}"')
            },
            self._place.alias,
        )
        lost = [key for key in wanted if key not in found]
        if lost:
            raise StoreFault(
                "passages-lost", address=self._place.address, lost=len(lost), all=len(wanted)
            )
        width = len(found[wanted[0]]) if wanted else 0
        return np.array([found[key] for key in wanted], np.float32).reshape(len(wanted), width)

    def _row(self, clause_id: str) -> int | None:
        """The row of a clause that was found; None for one of another generation."""
        try:
            return self._texts.row_of(clause_id)
        except KeyError:
            return None

    def _search(
        self, field: str, data: list[Any], limit: int, wanted: str, columns: list[str]
    ) -> Any:
        return self._server.ask(
            lambda client: client.search(
                self._place.alias,
                data=data,
                anns_field=field,
                limit=limit,
                filter=wanted,
                output_fields=["clause", *columns],
                search_params={"metric_type": "IP"},
                timeout=SEARCH_TIMEOUT,
            ),
            self._place.alias,
        )

    def _filter(self, kind: str, documents: HeldDocuments) -> str:
        """The condition on a kind and documents: these, or the others left out, whichever less."""
        told = f'holder == "{self._place.holder}" and kind == "{kind}"'
        if not documents.is_part:
            return told
        inside = np.flatnonzero(documents.mask)
        outside = np.flatnonzero(~documents.mask)
        places, verb = (inside, "in") if len(inside) <= len(outside) else (outside, "not in")
        ids = [documents.all[place].id for place in places.tolist()]
        if not ids:
            return told if verb == "not in" else f'{told} and document == ""'
        return f"{told} and document {verb} {json.dumps(ids, ensure_ascii=False)}"
