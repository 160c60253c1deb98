"""What a person corrects in a document's metadata, kept in `<file>.metadata.json` beside it.

Reads, checks, writes and applies such corrections, and reads the rows of corrections of other
kinds. It guesses nothing: what is not corrected stays as it was read from the document.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields, replace
from datetime import date
from pathlib import Path
from typing import Any

from index.documents.labels import with_labels
from index.documents.model import Document
from index.errors import DocumentFault
from index.text.characters import one_line
from prompts.notices import notice

SIDECAR_SUFFIX = ".metadata.json"
# What is corrected in the facts that were read out of a document (index/facts/corrections.py).
FACTS_SUFFIX = ".facts.json"
# English that a person gave for sentences of the document (index/documents/given.py).
ENGLISH_SUFFIX = ".english.json"
MOST_CHARACTERS = 300
MOST_ISSUERS = 20
_DATES = ("issued_on", "effective_from", "effective_to")


@dataclass(frozen=True)
class Metadata:
    """What a person corrects. None: as read from the document; an empty text: it has none."""

    title: str | None = None
    title_en: str | None = None
    number: str | None = None
    issuers: tuple[str, ...] | None = None
    region: str | None = None
    issued_on: str | None = None
    effective_from: str | None = None
    effective_to: str | None = None


def checked(metadata: Metadata) -> Metadata:
    """The corrections without outer white space and control characters.

    Raises DocumentFault for a date that is none, an end before the start, and overlong texts.
    """
    plain: dict[str, Any] = {}
    for name, value in asdict(metadata).items():
        if isinstance(value, str):
            plain[name] = _line(value, name)
        elif value is not None:
            issuers = tuple(filter(None, (_line(each, name) for each in value)))
            if len(issuers) > MOST_ISSUERS:
                raise DocumentFault("too-many-issuers", most=MOST_ISSUERS)
            plain[name] = issuers
    for name in _DATES:
        if plain.get(name):
            try:
                plain[name] = date.fromisoformat(plain[name]).isoformat()
            except ValueError:
                raise DocumentFault(
                    "no-day", given=plain[name], name=notice(f"field-{name}")
                ) from None
    start, end = plain.get("effective_from"), plain.get("effective_to")
    if start and end and end < start:
        raise DocumentFault("ends-before-start", end=end, start=start)
    return Metadata(**plain)


def corrected(document: Document, metadata: Metadata) -> Document:
    """The document with the corrections, and its labels made anew from them."""
    changes: dict[str, Any] = {
        name: value if name == "issuers" else value or None
        for name, value in asdict(metadata).items()
        if value is not None and (value or name != "title")
    }
    return with_labels(replace(document, **changes)) if changes else document


def sidecar_file(document_path: Path) -> Path:
    """Where the corrections of a document are, if there are any."""
    return document_path.with_name(document_path.name + SIDECAR_SUFFIX)


def is_sidecar(path: Path) -> bool:
    """Whether the name is that of a file of corrections."""
    return path.name.endswith((SIDECAR_SUFFIX, FACTS_SUFFIX, ENGLISH_SUFFIX))


def read_sidecar(document_path: Path) -> Metadata:
    """The corrections beside a document, empty if there are none. Raises DocumentFault."""
    path = sidecar_file(document_path)
    try:
        row = json.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        return Metadata()
    except (OSError, ValueError) as error:
        raise DocumentFault("no-json", path=path, reason=error) from error
    names = [field.name for field in fields(Metadata)]
    if not isinstance(row, dict) or (unknown := sorted(set(row) - set(names))):
        told = notice("no-object")
        if isinstance(row, dict):
            told = notice("field-unknown-in", name=unknown[0])
        raise DocumentFault("fields-of-file", path=path, told=told, fields=", ".join(names))
    for name, value in row.items():
        texts = value if name == "issuers" and isinstance(value, list) else [value]
        wrong = name == "issuers" and not isinstance(value, list)
        if value is not None and (wrong or not all(isinstance(text, str) for text in texts)):
            kind = notice("a-list-of-texts" if name == "issuers" else "a-text")
            raise DocumentFault("field-kind", path=path, name=name, kind=kind)
    issuers = row.get("issuers")
    try:
        return checked(Metadata(**{**row, "issuers": None if issuers is None else tuple(issuers)}))
    except DocumentFault as fault:
        raise DocumentFault("of-file", path=path, reason=fault) from None


def sidecar_data(metadata: Metadata) -> bytes:
    """The file of the corrections, as `read_sidecar` takes it."""
    kept = {name: value for name, value in asdict(metadata).items() if value is not None}
    return (json.dumps(kept, indent=1) + "\n").encode("ascii")


def _line(text: str, name: str) -> str:
    """One line of printable text. Raises DocumentFault if it is too long."""
    line = one_line(text)
    if len(line) > MOST_CHARACTERS:
        raise DocumentFault("too-long", name=notice(f"field-{name}"), most=MOST_CHARACTERS)
    return line


def rows_beside(path: Path) -> list[object]:
    """The rows of a file of corrections, none if there is no such file. Raises DocumentFault."""
    try:
        rows = json.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        return []
    except (OSError, ValueError) as error:
        raise DocumentFault("no-json", path=path, reason=error) from error
    if not isinstance(rows, list):
        raise DocumentFault("corrections-no-list", path=path)
    return rows
