"""An opened index: looks clauses up and searches them.

It answers with rankings for each kind of passage and fuses nothing; index/search/search.py does
that. Its files are written in index/search/write.py, and read by segments.
"""

from __future__ import annotations

import copy
import json
import sqlite3
import threading
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from index.documents.model import Clause, Document, Rendition
from index.documents.rows import rows_in
from index.documents.stored import StoredDocument
from index.errors import StoreFault
from index.facts.corrections import FactCorrection, corrections_of
from index.facts.held import Held
from index.facts.query import Facts
from index.facts.store import FactFile, Part
from index.facts.succession import in_succession
from index.request.held_documents import HeldDocuments
from index.search.contents import Contents
from index.search.embed import DEFAULT_ENCODER, load_encoder
from index.search.generation import FORMAT, STORE, MadeWith, damage, read_manifest
from index.search.heads import head_of
from index.search.lexicon import Lexicon, Words
from index.search.local import LocalStore
from index.search.milvus import MilvusStore
from index.search.rankings import KINDS, Groups, Ranking, Rankings
from index.search.recent import recent
from index.search.segment import Kept, Segment
from index.search.texts import StoredRenditions, Texts
from index.search.vectors import RecentVectors
from index.search.write import CORRECTIONS, LEXICON, SEGMENTS

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from numpy.typing import NDArray

    from index.search.embed import Encoder


def default_index() -> Path:
    """The folder of the index that the commands use unless told otherwise."""
    from platformdirs import user_cache_path

    return user_cache_path("tiaowen") / "index"


class ClauseIndex:
    """An opened index. Safe to use from several threads; it keeps working after a new build."""

    def __init__(
        self, manifest: Mapping[str, Any], generation: Path, encoder: Encoder | None
    ) -> None:
        self.manifest = manifest
        self.folder = generation.parent
        self.name: str = manifest["name"]
        heads = [head_of(row) for row in rows_in(generation / "documents.jsonl")]
        told = json.loads((generation / SEGMENTS).read_bytes())
        segments = [Segment(generation / name) for name in told["segments"]]
        followed = in_succession(
            [head.document for head in heads], {head.document.id: head.endings for head in heads}
        )
        places = zip(followed, heads, told["placed"], told["keys"], strict=True)
        documents = [
            StoredDocument.of(document, Kept(segments[number], ordinal, head.row, key))
            for document, head, (number, ordinal), key in places
        ]
        self.documents = HeldDocuments({item.id: item for item in documents})
        self._texts = Texts(segments, documents)
        self.clauses: Sequence[Clause] = self._texts
        self.glossary: tuple[tuple[str, str], ...] = tuple(
            (zh, en) for zh, en in rows_in(generation / "glossary.jsonl")
        )
        self.lexicon = Lexicon.from_rows(rows_in(generation / LEXICON))
        if STORE in manifest:
            self._store: Rankings = MilvusStore.open(manifest[STORE], generation, self._texts)
        else:
            self._store = LocalStore(self._texts)
        self._facts = _facts(segments, told["placed"], documents)
        self.corrections = _corrections(generation / CORRECTIONS)
        self._encoder = encoder
        self._encoder_lock = threading.Lock()
        self._vectors_of_one = recent(self._encode_one, 64)
        self._limited_from: ClauseIndex | None = None
        self._stands_for_whole = False

    @classmethod
    def open(cls, folder: Path, encoder: Encoder | None = None) -> ClauseIndex:
        """Open the index in `folder`, checking every file against the manifest.

        Without an encoder, the one that made the index is loaded when first needed. Raises
        StoreFault if the index is missing, incomplete, of another format version, or made by
        another encoder than the one given.
        """
        while True:
            manifest = read_manifest(folder)
            try:
                return cls._open(folder, manifest, encoder)
            except StoreFault:
                # Builds that ended meanwhile may have put another generation in service.
                if read_manifest(folder) == manifest:
                    raise

    @classmethod
    def _open(
        cls, folder: Path, manifest: Mapping[str, Any] | None, encoder: Encoder | None
    ) -> ClauseIndex:
        if manifest is None:
            raise StoreFault("index-none", folder=folder)
        if manifest["format"] != FORMAT:
            raise StoreFault("index-other-version", folder=folder)
        if encoder is not None and encoder.digest != manifest["encoder"]["digest"]:
            raise StoreFault(
                "index-other-encoder",
                folder=folder,
                made_with=manifest["encoder"]["name"],
                encoder=encoder.name,
            )
        broken = damage(folder, manifest)
        if broken:
            raise StoreFault("index-incomplete", folder=folder, reason=broken)
        try:
            return cls(manifest, folder / manifest["generation"], encoder)
        except (OSError, ValueError, KeyError, TypeError, sqlite3.Error) as error:
            raise StoreFault("index-unreadable", folder=folder, reason=error) from error

    def limited_to(self, document_ids: Collection[str]) -> ClauseIndex:
        """This index with these documents alone: others are not listed, nor found, nor looked up.

        The two share all they hold; rows stay those of the whole. Raises KeyError for an id that
        is not held.
        """
        return self._limited(self.documents.only(document_ids))

    def without(self, document_ids: Collection[str]) -> ClauseIndex:
        """This index as if these documents were not held, neither here nor in its whole."""
        left = self.documents.without(document_ids)
        if self._limited_from is None or self._stands_for_whole:
            rest = self._limited(left)
            rest._stands_for_whole = True
            return rest
        limited = self._limited(left)
        limited._limited_from = self.whole.without(document_ids)
        return limited

    def _limited(self, documents: HeldDocuments) -> ClauseIndex:
        limited = copy.copy(self)
        limited.documents = documents
        limited._limited_from = self.whole
        limited._stands_for_whole = False
        return limited

    @property
    def whole(self) -> ClauseIndex:
        """The index with all documents; itself unless it is limited."""
        return self if self._stands_for_whole else self._limited_from or self

    @property
    def facts(self) -> Facts:
        """The facts that the documents state, of those of this index alone."""
        if self._limited_from is None:
            return self._facts
        return self._facts.limited_to(self.documents)

    @property
    def contents(self) -> Contents:
        """What went into the index."""
        own = tuple(self.documents.values())
        english = StoredRenditions(self._texts, self.documents)
        return Contents(own, english, self.glossary, self.corrections)

    @property
    def encoder(self) -> Encoder:
        """The encoder of the index; loaded on first use, which takes seconds."""
        if self._limited_from is not None:
            return self._limited_from.encoder
        with self._encoder_lock:
            if self._encoder is None:
                made_with = self.manifest["encoder"]
                encoder = load_encoder(made_with["name"])
                if encoder.digest != made_with["digest"]:
                    raise StoreFault("encoder-changed", encoder=made_with["name"])
                self._encoder = encoder
            return self._encoder

    @property
    def maker(self) -> MadeWith:
        """What the encoder was that made the index; it is not loaded."""
        return MadeWith(**self.manifest["encoder"])

    def clause(self, clause_id: str) -> Clause:
        """The clause of that id. Raises KeyError if there is none."""
        row = self.row(clause_id)
        if self.document_of(row).id not in self.documents:
            raise KeyError(clause_id)
        return self.clauses[row]

    def rendition(self, clause_id: str) -> Rendition | None:
        """The English of a clause, None where there is none."""
        try:
            return self._texts.rendition(self.row(clause_id))
        except KeyError:
            return None

    def title_en(self, clause_id: str) -> str | None:
        """The English heading of a clause, None where there is none."""
        rendition = self.rendition(clause_id)
        return rendition.title_en if rendition else None

    def alternatives(self, text: str) -> list[Words]:
        """For each term of an English text the Chinese words that may stand for it, as tokens."""
        return self.lexicon.alternatives(text)

    def neighbours(self, clause_id: str) -> tuple[Clause | None, Clause | None]:
        """The clauses before and after in the same document. Raises KeyError for no such id."""
        before, after = self._texts.neighbours(self.row(clause_id))
        return (
            None if before is None else self.clauses[before],
            None if after is None else self.clauses[after],
        )

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of questions, shape (n, d), to be used in several searches; not to be changed.

        One text's is kept a while: understanding, searching and choosing all ask for it.
        """
        if len(texts) == 1:
            return self._vectors_of_one(texts[0])
        return self.encoder.encode_queries(texts)

    def _encode_one(self, text: str) -> NDArray[np.float32]:
        vectors = self.encoder.encode_queries([text])
        vectors.flags.writeable = False
        return vectors

    @property
    def encoder_digest(self) -> str:
        """The digest of the encoder that made the index's vectors; it need not be loaded."""
        return str(self.manifest["encoder"]["digest"])

    def question_vector(self, question: str) -> NDArray[np.float32] | None:
        """The default encoder's vector of a question; None where another encoder is in use."""
        if self.manifest["encoder"]["name"] != DEFAULT_ENCODER:
            return None
        (vector,) = self.encode_queries([question])
        return np.asarray(vector, dtype=np.float32)

    def dense_search(
        self,
        queries: Sequence[str] | NDArray[np.float32],
        kinds: Sequence[str] = KINDS,
        k: int = 20,
        within: Collection[str] | None = None,
    ) -> list[dict[str, Ranking]]:
        """For each query (a text, or a row of vectors) the best `k` clauses by kind of passage.

        The score of a clause is the inner product with the best of its passages of that kind.
        `within` are the ids of the documents to search (here and below), None for all.
        Raises KeyError for a kind that is not in `KINDS`, StoreFault for a server that is gone.
        """
        vectors = queries if isinstance(queries, np.ndarray) else self.encode_queries(queries)
        documents = self._among(within)
        found = {kind: self._store.dense(kind, vectors, k, documents) for kind in kinds}
        return [{kind: found[kind][at] for kind in kinds} for at in range(len(vectors))]

    def lexical_search(
        self,
        tokens: Sequence[str],
        kind: Literal["zh", "en"],
        k: int = 20,
        within: Collection[str] | None = None,
    ) -> Ranking:
        """The best `k` clauses by BM25 for tokens of `tokenise_chinese` or `tokenise_english`."""
        return self._store.words(kind, [[[token]] for token in tokens], k, self._among(within))

    def search_words(
        self,
        groups: Groups,
        k: int = 20,
        within: Collection[str] | None = None,
    ) -> Ranking:
        """The best `k` clauses by BM25 for groups of Chinese words of which any one will do."""
        return self._store.words("zh", groups, k, self._among(within))

    def row(self, clause_id: str) -> int:
        """The place of a clause in `clauses`. Raises KeyError if there is none."""
        return self._texts.row_of(clause_id)

    def document_of(self, row: int) -> Document:
        """The document of the clause in a row; its text is not read."""
        return self._texts.document_of(row)

    def is_front(self, row: int) -> bool:
        """Whether the clause in a row is front matter; it is not read."""
        return bool(self._texts.fronts[row])

    def has_english(self, row: int) -> bool:
        """Whether the clause in a row has English; it is not read."""
        return bool(self._texts.rendered[row])

    def _among(self, within: Collection[str] | None) -> HeldDocuments:
        """Those of the documents that are to be searched."""
        if within is None:
            return self.documents
        return self.documents.only([key for key in within if key in self.documents])

    def sentence_vectors(self, path: Path) -> RecentVectors:
        """Vectors of single sentences, made when asked for and kept in a file of the encoder's."""
        digest = self.manifest["encoder"]["digest"]
        return RecentVectors(
            lambda texts: self.encoder.encode_passages(texts), path=path, digest=digest
        )

    def stored_vectors(self) -> NDArray[np.float32]:
        """The vectors of all passages, in the order in which a build makes them."""
        return np.concatenate([self._store.vectors(kind) for kind in KINDS])


def _corrections(path: Path) -> dict[str, tuple[FactCorrection, ...]]:
    """The corrections of facts by document; the file is written where there are some."""
    rows = rows_in(path) if path.exists() else ()
    return {key: tuple(corrections_of(own, f"{path}, {key}")) for key, own in rows}


def _facts(
    segments: Sequence[Segment],
    placed: Sequence[tuple[int, int]],
    documents: Sequence[StoredDocument],
) -> Facts:
    """The facts of all segments, in the order of the documents; what they point to is held here."""
    places: list[dict[str, int]] = [{} for _ in segments]
    for place, ((number, _), document) in enumerate(zip(placed, documents, strict=True)):
        places[number][document.id] = place
    file = FactFile.open(
        [Part(segment.facts, own) for segment, own in zip(segments, places, strict=True)]
    )
    return Facts(file, held=cache(lambda: Held(documents)))
