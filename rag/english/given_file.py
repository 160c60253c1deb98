"""English that a person gives for a document's file, kept beside it, for the command line.

The next build of an index takes it. Nothing is indexed here.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index.documents.given import (
    Given,
    bare,
    english_file,
    given_data,
    read_given,
    reviewed,
    with_official,
    with_reviewed,
)
from index.documents.load import load_text
from index.documents.model import Document, Rendition
from index.documents.parse import parse_document
from index.errors import DocumentFault
from index.search.build import completed
from rag.english.official import Alignment, laid_beside

if TYPE_CHECKING:
    from index.search.embed import Encoder


def keep_sentence(file: Path, zh: str, en: str) -> Given:
    """Keep a person's English of a sentence or heading of the document. Raises DocumentFault."""
    document, _ = _document(file)
    for clause in document.clauses:
        heading = bare(zh) == bare(clause.heading)
        if bare(zh) and (heading or bare(zh) in bare(clause.body)):
            given = reviewed(clause, zh, en, heading=heading)
            _write(file, with_reviewed(read_given(english_file(file)), given))
            return given
    raise DocumentFault("sentence-not-there", file=file)


def lay_official(
    file: Path, english: Path, encoder: Encoder, *, accept: bool, doubtful: bool, source: str
) -> dict[str, Any]:
    """The official English in a file laid beside the document, as JSON; kept if `accept` says so.

    Raises DocumentFault.
    """
    document, renditions = _document(file)
    aligned: Alignment = laid_beside(document, load_text(english).text, encoder, renditions.get)
    given = aligned.given(source or english.stem, doubtful=doubtful) if accept else []
    if accept and not given:
        raise DocumentFault("nothing-aligned")
    if given:
        held = read_given(english_file(file))
        _write(file, with_official(held, given, source or english.stem))
    return asdict(aligned) | {"kept": len(given)}


def _document(file: Path) -> tuple[Document, dict[str, Rendition]]:
    loaded = load_text(file)
    name = file.resolve().parent.name if file.name == "source.txt" else file.stem
    document = parse_document(loaded.text, name, title_hint=loaded.title, warnings=loaded.warnings)
    return completed(document, file, [])


def _write(file: Path, given: tuple[Given, ...]) -> None:
    path = english_file(file)
    partial = path.with_name(f"{path.name}.new")
    try:
        partial.write_bytes(given_data(given))
        partial.replace(path)
    except OSError as error:
        raise DocumentFault("given-unwritable", path=path, reason=error.strerror) from error
