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
            raise DocumentFault(f"{where}: not JSON ({error.msg}); correct the line") from error
        rendition = _rendition(row, where)
        if rendition.clause_path in renditions:
            raise DocumentFault(
                f"{where}: clause {rendition.clause_path} came before; remove one of the two"
            )
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
            raise DocumentFault(
                f"{path}, line {number}: needs a Chinese and an English term with one tab between"
            )
        zh, en = cells
        if zh in seen:
            raise DocumentFault(
                f"{path}, line {number}: {zh} came before in line {seen[zh]}; remove one of the two"
            )
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
        raise DocumentFault(f"{path} cannot be read ({error.strerror}); check it") from error
    except UnicodeDecodeError as error:
        broken = error.object[: error.start].count(b"\n") + 1
        raise DocumentFault(f"{path}, line {broken}: not UTF-8; save the file as UTF-8") from error
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            yield number, line.rstrip("\r")


def _rendition(row: object, where: str) -> Rendition:
    if not isinstance(row, dict):
        raise DocumentFault(f'{where}: needs an object with "path", "title_en" and "sentences"')
    unknown = sorted(set(row) - _FIELDS)
    if unknown:
        raise DocumentFault(f'{where}: unknown field "{unknown[0]}"; remove it')
    machine = row.get("machine", False)
    if not isinstance(machine, bool):
        raise DocumentFault(f'{where}: "machine" must be true or false')
    sentences = row.get("sentences")
    if not isinstance(sentences, list) or not sentences:
        raise DocumentFault(f'{where}: "sentences" must be a list with at least one sentence')
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
        raise DocumentFault(f'{where}: needs an object with "zh" and "en"')
    # A machine leaves without English what it cannot translate.
    left = machine and row["en"] == ""
    return Sentence(zh=_text(row, "zh", where), en="" if left else _text(row, "en", where))


def _text(row: dict[str, object], field: str, where: str) -> str:
    value = row.get(field)
    if not isinstance(value, str) or not value.strip():
        raise DocumentFault(f'{where}: "{field}" must be a text that is not empty')
    return value
