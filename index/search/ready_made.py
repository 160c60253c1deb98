"""Documents of ready-made clauses: the rows of `.jsonl` files, `{"id", "title", "text"}` a line.

Their text is taken as it is; nothing is parsed. Also the ids that documents are given.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from index.documents.model import Clause, Document
from index.documents.renditions import numbered_lines
from index.errors import DocumentFault
from index.text.repair import clean


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


@dataclass(frozen=True)
class _Row:
    id: str
    title: str
    text: str


def ready_made(files: Sequence[Path], taken: set[str]) -> list[Document]:
    """Documents of ready-made clauses: rows of one document id, or else of one file."""
    groups: dict[str, list[_Row]] = {}
    seen: dict[str, str] = {}
    for path in files:
        file_id: str | None = None
        rows = list(_rows(path))
        if not rows:
            raise DocumentFault(f"{path} has no rows; give one clause a line")
        for where, row in rows:
            if row.id in seen:
                raise DocumentFault(f"{where}: id {row.id} came before in {seen[row.id]}")
            seen[row.id] = where
            document_id, hash_sign, _ = row.id.partition("#")
            if not hash_sign:
                file_id = file_id or distinct_id(path.stem, taken | set(groups))
                document_id = file_id
            elif document_id in taken:
                raise DocumentFault(
                    f"{where}: {document_id} is also the id of a document file; rename one of them"
                )
            groups.setdefault(document_id, []).append(row)
    return [_document_of_rows(document_id, rows) for document_id, rows in groups.items()]


def _rows(path: Path) -> Iterator[tuple[str, _Row]]:
    for number, line in numbered_lines(path):
        where = f"{path}, line {number}"
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            raise DocumentFault(f"{where}: not JSON ({error.msg}); correct the line") from error
        if not isinstance(row, dict):
            raise DocumentFault(f'{where}: needs an object with "id", "title" and "text"')
        for field in ("id", "text"):
            if not isinstance(row.get(field), str) or not row[field].strip():
                raise DocumentFault(f'{where}: "{field}" must be a text that is not empty')
        if not isinstance(row.get("title") or "", str):
            raise DocumentFault(f'{where}: "title" must be a text')
        if row["id"].startswith("#"):
            raise DocumentFault(f'{where}: "id" has no document id before its #')
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
