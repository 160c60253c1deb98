"""Reads what people have translated: English renditions of clauses and the glossary of terms.

It checks the form of the files and says in which line a fault is. It does not translate, and it
does not check whether a rendition's clause exists; `build` does.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING

from index.documents.model import Rendition, Sentence
from index.errors import DocumentFault

if TYPE_CHECKING:
    from collections.abc import Iterator

RENDITION_SUFFIX = "en.jsonl"
GLOSSARY_NAME = "glossary.tsv"

_FIELDS = frozenset({"path", "title_en", "sentences", "machine"})


def is_rendition_file(path: Path) -> bool:
    """Whether the name is that of a rendition file: `en.jsonl` or `<stem>.en.jsonl`."""
    return path.name == RENDITION_SUFFIX or path.name.endswith(f".{RENDITION_SUFFIX}")


def rendition_file(document_path: Path) -> Path | None:
    """The rendition file beside a document, or None if there is none.

    It is `en.jsonl` beside `source.txt`, and `<stem>.en.jsonl` beside any other `<stem>.<ext>`.
    """
    if document_path.name == "source.txt":
        beside = document_path.with_name(RENDITION_SUFFIX)
    else:
        beside = document_path.with_name(f"{document_path.stem}.{RENDITION_SUFFIX}")
    return beside if beside.is_file() else None


def read_renditions(path: Path) -> dict[str, Rendition]:
    """The renditions in a file by clause path, in the order of the file.

    Each line is `{"path", "title_en", "sentences": [{"zh", "en"}, …]}`, with `"machine": true`
    if a machine made it, which may leave `en` empty. Raises DocumentFault, naming the line, for
    anything else.
    """
    renditions: dict[str, Rendition] = {}
    for number, line in numbered_lines(path):
        where = f"{path}, line {number}"
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            raise DocumentFault("line-no-json", where=where, reason=error.msg) from error
        rendition = _rendition(row, where)
        if rendition.clause_path in renditions:
            raise DocumentFault("clause-twice", where=where, clause=rendition.clause_path)
        renditions[rendition.clause_path] = rendition
    return renditions


@cache
def institutions() -> tuple[tuple[str, str], ...]:
    """The institutions of the state, Chinese and English, the longest Chinese name first."""
    with as_file(files("index.documents") / "institutions.tsv") as path:
        return tuple(sorted(read_glossary(path), key=lambda pair: -len(pair[0])))


def read_glossary(path: Path) -> list[tuple[str, str]]:
    """Pairs (Chinese term, English term) of a tab-separated file, in its order.

    Empty lines and lines that begin with `#` are skipped. Raises DocumentFault, naming the line.
    """
    pairs: list[tuple[str, str]] = []
    seen: dict[str, int] = {}
    for number, line in numbered_lines(path):
        if line.startswith("#"):
            continue
        cells = [cell.strip() for cell in line.split("\t")]
        if len(cells) != 2 or not all(cells):
            raise DocumentFault("term-one-tab", path=path, number=number)
        zh, en = cells
        if zh in seen:
            raise DocumentFault("term-twice", path=path, number=number, zh=zh, before=seen[zh])
        seen[zh] = number
        pairs.append((zh, en))
    return pairs


def numbered_lines(path: Path) -> Iterator[tuple[int, str]]:
    """Lines of a UTF-8 file that are not blank, with their numbers.

    Only \\n ends a line: a text may hold other breaks. Raises DocumentFault for other encodings.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise DocumentFault("aside-unreadable", path=path, reason=error.strerror) from error
    except UnicodeDecodeError as error:
        broken = error.object[: error.start].count(b"\n") + 1
        raise DocumentFault("not-utf8", path=path, line=broken) from error
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            yield number, line.rstrip("\r")


def _rendition(row: object, where: str) -> Rendition:
    if not isinstance(row, dict):
        raise DocumentFault("rendition-object", where=where)
    unknown = sorted(set(row) - _FIELDS)
    if unknown:
        raise DocumentFault("field-unknown", where=where, field=unknown[0])
    machine = row.get("machine", False)
    if not isinstance(machine, bool):
        raise DocumentFault("machine-true-or-false", where=where)
    sentences = row.get("sentences")
    if not isinstance(sentences, list) or not sentences:
        raise DocumentFault("sentences-a-list", where=where)
    return Rendition(
        clause_path=_text(row, "path", where),
        title_en=_text(row, "title_en", where),
        sentences=tuple(
            _sentence(sentence, f"{where}, sentence {number}", machine)
            for number, sentence in enumerate(sentences, start=1)
        ),
        machine=machine,
    )


def _sentence(row: object, where: str, machine: bool) -> Sentence:
    if not isinstance(row, dict) or set(row) != {"zh", "en"}:
        raise DocumentFault("sentence-object", where=where)
    # A machine leaves without English what it cannot translate.
    left = machine and row["en"] == ""
    return Sentence(zh=_text(row, "zh", where), en="" if left else _text(row, "en", where))


def _text(row: dict[str, object], field: str, where: str) -> str:
    value = row.get(field)
    if not isinstance(value, str) or not value.strip():
        raise DocumentFault("field-empty", where=where, field=field)
    return value
