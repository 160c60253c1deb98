"""Files to an index: collects documents and ready-made clauses, embeds what is new, writes.

Everything is read and checked before anything is written. Vectors are kept in a cache beside the
index, so that a build that was interrupted goes on where it stopped, and a build after a change
embeds only what changed. It does not search.
"""

from __future__ import annotations

import json
import re
import time
import unicodedata
from contextlib import nullcontext
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from index.documents.files import files_of
from index.documents.given import (
    english_file,
    given_in,
    laid_over,
    read_given,
    told_unfit,
    with_given,
)
from index.documents.labels import with_labels
from index.documents.load import load_text
from index.documents.model import Clause, Document, Rendition
from index.documents.parse import parse_document
from index.documents.renditions import (
    GLOSSARY_NAME,
    institutions,
    numbered_lines,
    read_glossary,
    read_renditions,
    rendition_file,
)
from index.documents.scan import recognise
from index.documents.sidecar import corrected, read_sidecar
from index.errors import DocumentFault
from index.facts.corrections import FactCorrection, corrections_beside
from index.search.contents import Contents
from index.search.generation import (
    read_manifest,
    remove_old_generations,
    store_of,
    writing,
)
from index.search.vectors import VECTORS, VectorCache
from index.search.write import write_generation
from index.text.repair import clean
from prompts.notices import notice

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from index.search.embed import Encoder
    from index.search.write import Publishing

    Progress = Callable[[str, int, int], None]
    Render = Callable[
        [Sequence[Clause], Sequence[tuple[str, str]], Progress], Mapping[str, Rendition]
    ]

CORPUS = Path(__file__).parents[1] / "corpus"


@dataclass(frozen=True)
class BuildReport:
    """What a build did. `embedded` and `reused` add up to `passages`."""

    name: str
    documents: int
    clauses: int
    passages: int
    embedded: int
    reused: int
    warnings: tuple[str, ...]
    seconds: float


def build_index(
    paths: Sequence[Path],
    out: Path,
    encoder: Encoder,
    progress: Progress | None = None,
    render: Render | None = None,
    store: str | None = None,
) -> BuildReport:
    """Build the index of files, folders and `.jsonl` rows in `out`; no paths: the own corpus.

    `render` makes English for the clauses that have none, from the clauses and the glossary.
    `store` is `milvus:ADDRESS` or `local`; None: the store of the index that is there.
    `progress(stage, done, total)` is called with the stages reading, embedding and writing. Raises
    DocumentFault for input that cannot be used, StoreFault if `out` cannot be written or another
    build is writing there; the index that was in `out` then stays as it was.
    """
    started = time.perf_counter()
    report = progress or _silent
    warnings: list[str] = []
    contents = collect(paths or [CORPUS], warnings, report, skip=out)
    if render is not None:
        contents = _rendered(contents, render, report)
    built = write_index(contents, out, encoder, report, warnings, store)
    return replace(built, seconds=time.perf_counter() - started)


def write_index(
    contents: Contents,
    out: Path,
    encoder: Encoder,
    report: Progress,
    warnings: list[str],
    store: str | None = None,
    publishing: Publishing = nullcontext,
    spared: float = 0.0,
) -> BuildReport:
    """Put an index of the contents in service in `out`. Raises StoreFault as `build_index` does.

    `publishing` is as `write_generation` has it, `spared` as `remove_old_generations`.
    """
    started = time.perf_counter()
    embedded = 0

    def encode(texts: Sequence[str]) -> NDArray[np.float32]:
        nonlocal embedded
        with VectorCache(out / VECTORS, encoder, warnings) as cache:
            vectors, embedded = cache.embed(texts, report)
        report("writing", 0, 1)
        return vectors

    with writing(out):
        remove_old_generations(out, spared)
        address = store_of(out, store)
        name = write_generation(out, contents, encode, encoder, address, publishing)
        report("writing", 1, 1)
        manifest = read_manifest(out) or {}
    passages = sum(manifest["passages"].values())
    return BuildReport(
        name=name,
        documents=manifest["documents"],
        clauses=manifest["clauses"],
        passages=passages,
        embedded=embedded,
        reused=passages - embedded,
        warnings=tuple(warnings),
        seconds=time.perf_counter() - started,
    )


def collect(
    paths: Sequence[Path], warnings: list[str], progress: Progress, skip: Path | None = None
) -> Contents:
    """Read and check all that is to be indexed, nothing from the folder `skip`.

    Raises DocumentFault; appends to `warnings`.
    """
    files = files_of(paths, warnings, skip.resolve() if skip else None)
    document_files = [path for path in files if path.suffix.lower() not in (".jsonl", ".tsv")]
    row_files = [path for path in files if path.suffix.lower() == ".jsonl"]
    documents: list[Document] = []
    renditions: dict[str, Rendition] = {}
    corrections: dict[str, tuple[FactCorrection, ...]] = {}
    seen: dict[str, Path] = {}
    taken: set[str] = set()
    for done, path in enumerate(document_files):
        progress("reading", done, len(files))
        loaded = load_text(path, partial(recognise, progress=partial(progress, "recognising")))
        same = seen.setdefault(loaded.text, path)
        if same is not path:
            warnings.append(notice("skipped-same-text", path=path, same=same))
            continue
        name = path.resolve().parent.name if path.name == "source.txt" else path.stem
        document = parse_document(
            loaded.text, distinct_id(name, taken), loaded.title, warnings=loaded.warnings
        )
        if not document.clauses:
            raise DocumentFault("file-no-text", path=path)
        warnings += (f"{document.id}: {warning}" for warning in document.warnings)
        document, own = completed(document, path, warnings)
        documents.append(document)
        renditions |= own
        corrections[document.id] = corrections_beside(document, path, warnings)
    progress("reading", len(document_files), len(files))
    documents += _ready_made(row_files, taken)
    progress("reading", len(files), len(files))
    if not documents:
        names = ", ".join(map(str, paths))
        raise DocumentFault("no-documents", names=names)
    glossary: dict[str, str] = {}
    own_terms = [path for path in files if path.name == GLOSSARY_NAME]
    for path in dict.fromkeys([*own_terms, CORPUS / GLOSSARY_NAME]):
        for zh, en in read_glossary(path):
            glossary.setdefault(zh, en)
    for zh, en in institutions():
        glossary.setdefault(zh, en)
    return Contents(tuple(documents), renditions, tuple(glossary.items()), corrections)


def completed(
    document: Document, path: Path, warnings: list[str]
) -> tuple[Document, dict[str, Rendition]]:
    """The document with what lies beside its file: English, and a person's corrections.

    Raises DocumentFault for a file beside it that is malformed; appends to `warnings`.
    """
    own = _renditions_of(document, rendition_file(path), warnings)
    if given := read_given(english_file(path)):
        own, unfit = with_given(document, own, given)
        warnings += told_unfit(document.id, unfit)
    return corrected(_with_english_title(document, own.values()), read_sidecar(path)), own


def _rendered(contents: Contents, render: Render, progress: Progress) -> Contents:
    """The contents with English for every clause that had none."""
    before = contents.renditions
    lacking = [clause for clause in contents.clauses if _lacks_english(before.get(clause.id))]
    made = dict(render(lacking, contents.glossary, progress)) if lacking else {}
    for clause in lacking:
        if clause.id in made and clause.id in before:  # some sentences of it were given
            made[clause.id], _ = laid_over(
                clause, made[clause.id], given_in(clause, before[clause.id])
            )
    documents = [
        document
        if document.title_en
        else _with_english_title(
            document, [made[clause.id] for clause in document.clauses if clause.id in made]
        )
        for document in contents.documents
    ]
    return replace(contents, documents=tuple(documents), renditions={**before, **made})


def _lacks_english(rendition: Rendition | None) -> bool:
    """Whether a machine is to make English: there is none, or of some sentences a person's."""
    return rendition is None or (
        not rendition.machine and any(not sentence.en for sentence in rendition.sentences)
    )


def _silent(stage: str, done: int, total: int) -> None:
    """Progress for those who asked for none."""


def distinct_id(name: str, taken: set[str]) -> str:
    """An id of letters (Chinese too), digits, `-`, `_` and `.`; `-2` and so on if taken."""
    normal = unicodedata.normalize("NFKC", name)
    slug = re.sub(r"[^\w.]+", "-", normal).strip("-._") or "document"
    distinct, number = slug, 1
    while distinct in taken:
        number += 1
        distinct = f"{slug}-{number}"
    taken.add(distinct)
    return distinct


def _renditions_of(
    document: Document, path: Path | None, warnings: list[str]
) -> dict[str, Rendition]:
    if path is None:
        return {}
    rows = read_renditions(path)
    ids = {clause.path: clause.id for clause in document.clauses}
    unknown = [clause_path for clause_path in rows if clause_path not in ids]
    missing = [clause_path for clause_path in ids if clause_path not in rows]
    if unknown:
        warnings.append(
            notice(
                "skipped-clauses-unknown",
                path=path,
                document=document.id,
                clauses=", ".join(unknown),
            )
        )
    if missing:
        warnings.append(notice("clauses-no-english", path=path, clauses=", ".join(missing)))
    return {ids[key]: rendition for key, rendition in rows.items() if key in ids}


def _with_english_title(document: Document, renditions: Iterable[Rendition]) -> Document:
    """The document with its title as its rendition has it, and English labels made from that."""
    title = re.sub(r"\W", "", clean(document.title).text)
    for rendition in renditions:
        sentences = rendition.sentences
        bare = [re.sub(r"\W", "", clean(sentence.zh).text) for sentence in sentences]
        # A title that is wrapped over lines is rendered line by line.
        for first in range(len(sentences)):
            for last in range(first + 1, min(first + 4, len(sentences) + 1)):
                if "".join(bare[first:last]) == title:
                    english = " ".join(sentence.en for sentence in sentences[first:last])
                    english = re.sub(r"\s*\(?《[^》]*》\)?", "", english).strip()
                    return with_labels(replace(document, title_en=english))
    return document


@dataclass(frozen=True)
class _Row:
    id: str
    title: str
    text: str


def _ready_made(files: Sequence[Path], taken: set[str]) -> list[Document]:
    """Documents of ready-made clauses: rows of one document id, or else of one file."""
    groups: dict[str, list[_Row]] = {}
    seen: dict[str, str] = {}
    for path in files:
        file_id: str | None = None
        rows = list(_rows(path))
        if not rows:
            raise DocumentFault("no-rows", path=path)
        for where, row in rows:
            if row.id in seen:
                raise DocumentFault("row-twice", where=where, id=row.id, before=seen[row.id])
            seen[row.id] = where
            document_id, hash_sign, _ = row.id.partition("#")
            if not hash_sign:
                file_id = file_id or distinct_id(path.stem, taken | set(groups))
                document_id = file_id
            elif document_id in taken:
                raise DocumentFault("row-id-of-file", where=where, document_id=document_id)
            groups.setdefault(document_id, []).append(row)
    return [_document_of_rows(document_id, rows) for document_id, rows in groups.items()]


def _rows(path: Path) -> Iterator[tuple[str, _Row]]:
    for number, line in numbered_lines(path):
        where = f"{path}, line {number}"
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            raise DocumentFault("line-no-json", where=where, reason=error.msg) from error
        if not isinstance(row, dict):
            raise DocumentFault("row-object", where=where)
        for field in ("id", "text"):
            if not isinstance(row.get(field), str) or not row[field].strip():
                raise DocumentFault("field-empty", where=where, field=field)
        if not isinstance(row.get("title") or "", str):
            raise DocumentFault("row-title", where=where)
        if row["id"].startswith("#"):
            raise DocumentFault("row-id", where=where)
        yield where, _Row(row["id"], (row.get("title") or "").strip(), row["text"])


def _document_of_rows(document_id: str, rows: Sequence[_Row]) -> Document:
    clauses: list[Clause] = []
    start = 0
    for row in rows:
        clean_text = clean(row.text)
        end = start + len(row.text)
        clauses.append(
            Clause(
                id=row.id,
                document_id=document_id,
                path=row.id.partition("#")[2] or row.id,
                marker="",
                heading=row.title,
                heading_path=(row.title,) if row.title else (),
                text=row.text,
                start=start,
                end=end,
                body=clean_text.text,
                body_map=tuple(start + offset for offset in clean_text.offsets),
                label=row.title or row.id,
                label_en=row.title or row.id,
            )
        )
        start = end + 1
    return Document(
        id=document_id,
        title=document_id,
        source="\n".join(row.text for row in rows),
        clauses=tuple(clauses),
    )
