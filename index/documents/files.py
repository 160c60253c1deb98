"""The files to be read: those named and those in folders, each once, and what is passed over why.

It looks at names, and no further into a file than to tell what kind it is.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from index.documents.convert import convertible
from index.documents.kinds import CONVERTED, FORMATS, OLD_OFFICE, PICTURES
from index.documents.renditions import GLOSSARY_NAME, is_rendition_file
from index.documents.sidecar import is_sidecar
from index.errors import DocumentFault
from prompts.notices import notice

PICTURE_SUFFIXES = frozenset(suffix for suffix, kind in FORMATS.items() if kind in PICTURES)
DOCUMENT_SUFFIXES = frozenset(FORMATS) - PICTURE_SUFFIXES

_NOT_DOCUMENTS = re.compile(r"(?:readme|license|copying|changelog)(?:\.[a-z]+)?", re.IGNORECASE)


def files_of(paths: Sequence[Path], warnings: list[str], skip: Path | None) -> list[Path]:
    """The files to read, folders walked in order of names, each file once."""
    files: dict[Path, Path] = {}
    for given in paths:
        if given.is_dir():
            found: Iterable[Path] = _walk(given, warnings, skip)
        elif not given.exists():
            raise DocumentFault("path-missing", given=given)
        else:
            found = [given]
        for path in found:
            if is_rendition_file(path) or is_sidecar(path):
                continue  # read along with its document
            first = files.setdefault(path.resolve(), path)
            if first is not path:
                warnings.append(notice("skipped-twice", path=path))
    return list(files.values())


def _walk(folder: Path, warnings: list[str], skip: Path | None) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        inner = path.relative_to(folder).parts
        if not path.is_file() or any(part.startswith((".", "~$")) for part in inner):
            continue
        if skip is not None and skip in path.resolve().parents:
            continue
        if path.suffix.lower() == ".jsonl" and not is_rendition_file(path) and not _has_rows(path):
            warnings.append(notice("skipped-no-rows", path=path))
        elif path.name == GLOSSARY_NAME or path.suffix.lower() == ".jsonl" or is_sidecar(path):
            yield path
        elif path.suffix.lower() in PICTURE_SUFFIXES:
            warnings.append(notice("skipped-picture", path=path))
        elif path.suffix.lower() not in DOCUMENT_SUFFIXES:
            warnings.append(notice("skipped-kind", path=path))
        elif FORMATS[path.suffix.lower()] in CONVERTED and not _is_convertible(path):
            warnings.append(notice("skipped-needs-a-converter", path=path))
        elif _NOT_DOCUMENTS.fullmatch(path.name):
            warnings.append(notice("skipped-about-folder", path=path))
        else:
            yield path


def _is_convertible(path: Path) -> bool:
    """Whether a file under a suffix of an old format can be read on this machine."""
    if convertible(path.suffix.lower()):
        return True
    with path.open("rb") as file:  # it may be a newer format in truth
        return not file.read(8).startswith((OLD_OFFICE, b"PK"))


def _has_rows(path: Path) -> bool:
    """Whether the first line of a .jsonl file in a folder is a ready-made clause."""
    with path.open(encoding="utf-8-sig", errors="replace") as lines:
        first = next((line for line in lines if line.strip()), "")
    try:
        row = json.loads(first)
    except ValueError:
        return False
    return isinstance(row, dict) and {"id", "text"} <= row.keys()
