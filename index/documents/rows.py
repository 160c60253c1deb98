"""Documents, clauses and renditions as rows of JSON, and back.

Offset maps are kept as runs, and text as ASCII. It knows nothing of folders and generations.
"""

from __future__ import annotations

import json
from dataclasses import asdict, fields
from itertools import chain
from typing import TYPE_CHECKING, Any

from index.documents.model import Clause, Document, Rendition, Section, Sentence
from prompts.notices import notice_of, notice_row

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date
    from pathlib import Path


def document_row(document: Document) -> dict[str, Any]:
    """A document without its clauses, of which only the number is kept."""
    row = {field.name: getattr(document, field.name) for field in fields(document)}
    row["sections"] = [asdict(section) for section in document.sections]
    row["warnings"] = [notice_row(warning) for warning in document.warnings]
    return {key: row[key] for key in row if key != "clauses"} | {"clauses": len(document.clauses)}


def clause_row(clause: Clause) -> dict[str, Any]:
    """A clause, its offset map as runs."""
    row = {field.name: getattr(clause, field.name) for field in fields(clause)}
    return row | {"body_map": _to_runs(clause.body_map)}


def document_lines(document: Document) -> bytes:
    """A whole document as lines of JSON."""
    return jsonl([document_row(document), *map(clause_row, document.clauses)])


def document_in(path: Path) -> Document:
    """The document that `document_lines` wrote. Raises OSError, ValueError, KeyError, TypeError."""
    head, *clauses = rows_in(path)
    if head["clauses"] != len(clauses):
        raise ValueError(f"{len(clauses)} clauses instead of {head['clauses']}")
    (document,) = documents_of([head], [clause_of(row) for row in clauses])
    return document


def documents_of(rows: Iterable[dict[str, Any]], clauses: Sequence[Clause]) -> list[Document]:
    """The documents of rows, with all their clauses in order."""
    documents: list[Document] = []
    start = 0
    for row in rows:
        row["sections"] = tuple(Section(**section) for section in row["sections"])
        row["issuers"] = tuple(row["issuers"])
        row["warnings"] = tuple(map(notice_of, row["warnings"]))
        row["period"] = tuple(row["period"]) if row["period"] else None
        end = start + row.pop("clauses")
        documents.append(Document(**row, clauses=tuple(clauses[start:end])))
        start = end
    return documents


def clause_of(row: dict[str, Any]) -> Clause:
    """The clause of a row."""
    row["heading_path"] = tuple(row["heading_path"])
    row["body_map"] = _from_runs(row["body_map"])
    return Clause(**row)


def rendition_row(clause_id: str, rendition: Rendition) -> dict[str, Any]:
    """The rendition of a clause; who made a sentence, only where it is another."""
    row = {"clause_id": clause_id} | asdict(rendition)
    row["sentences"] = [
        {key: value for key, value in one.items() if key != "by" or value}
        for one in row["sentences"]
    ]
    return row


def rendition_of(row: dict[str, Any]) -> tuple[str, Rendition]:
    """The clause id and the rendition of a row."""
    clause_id: str = row.pop("clause_id")
    row["sentences"] = tuple(Sentence(**sentence) for sentence in row["sentences"])
    return clause_id, Rendition(**row)


def json_line(row: object) -> bytes:
    """A row as compact JSON in ASCII: a damaged source may hold lone surrogates, UTF-8 cannot."""
    return json.dumps(row, separators=(",", ":")).encode("ascii")


def jsonl(rows: Iterable[object]) -> bytes:
    """Rows as lines."""
    return b"".join(json_line(row) + b"\n" for row in rows)


def rows_in(path: Path) -> list[Any]:
    """The rows of a file of lines."""
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


def parsed_row(document: Document, day: date) -> dict[str, Any]:
    """How a document is parsed, for people and programs: itself, its clauses, its warnings."""
    described = asdict(document)
    for name in ("source", "clauses", "warnings"):
        described.pop(name)
    described["status"] = document.status(day)
    names = (
        "path", "marker", "heading", "text", "start", "end",
        "id", "label", "label_en", "heading_path", "body",
    )  # fmt: skip
    clauses = [{name: getattr(clause, name) for name in names} for clause in document.clauses]
    return {"document": described, "clauses": clauses, "warnings": document.warnings}
