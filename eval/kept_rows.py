"""Rows of signs that weights are learned from: read from a folder, written, told from others."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from eval.case import EvalFault


@dataclass(frozen=True)
class Option:
    """A clause nearly chosen: whether it is a right one, and its features.

    `judged` is what is known besides where an answer is judged: by its name the model's logit that
    its best sentences answer, and what is gained by its words (rag/answer/decision.py); `state` is
    the model's state where it was to say Yes or No (eval/train_probe.py), '' if it was not kept,
    `states_of` which model and layer it is of.
    """

    right: bool
    features: Mapping[str, float]
    judged: Mapping[str, float | None] = field(default_factory=dict)
    state: str = ""
    states_of: str = ""


@dataclass(frozen=True)
class Row:
    """A question: whether the documents answer it, and the clauses nearly chosen for it."""

    id: str
    document: str
    language: str
    answerable: bool
    options: tuple[Option, ...]


def kept_rows(folder: Path) -> Iterator[dict[str, Any]]:
    """All rows of a folder as they were told. Raises EvalFault where there are none."""
    paths = sorted(folder.glob("*.jsonl"))
    lines = [line for path in paths for line in path.read_text(encoding="utf-8").splitlines()]
    if not lines:
        raise EvalFault(f"{folder}: no .jsonl file of rows")
    yield from map(json.loads, lines)


def lines_of(rows: Sequence[Any]) -> str:
    """The rows, which are dataclasses, as a file."""
    return "".join(f"{json.dumps(asdict(row), ensure_ascii=False)}\n" for row in rows)


def digest_of(folder: Path) -> str:
    """What tells the rows of a folder, and of those in it, from others."""
    found = hashlib.sha256()
    for path in sorted(folder.rglob("*.jsonl")):
        found.update(path.read_bytes())
    return found.hexdigest()[:16]
