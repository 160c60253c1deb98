"""What a person corrects in the facts of a document, kept in `<file>.facts.json` beside it.

Reads, checks, writes and applies such corrections. One holds for the fact as it was read of the
clause as it then was; if either has changed it is left out, and said to be.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from index.documents.model import Clause, Document
from index.documents.sidecar import FACTS_SUFFIX, rows_beside
from index.errors import DocumentFault
from index.facts.model import Duty, Fact, Relation, Target, row_of
from index.facts.quantities import comparator, quantities
from index.facts.read import read_facts
from index.text.characters import one_line

MOST_CHARACTERS = 500
MOST_CORRECTIONS = 2000
# The columns that can be corrected, in the order of their form; those of `_OPEN` may be empty.
EDITABLE: Mapping[str, tuple[str, ...]] = {
    "duty": ("unit", "role", "task"),
    "target": ("indicator", "value_as_written", "by_year", "place"),
    "deadline": ("action", "actor", "when", "day"),
    "sanction": ("form", "conduct", "amounts_as_written", "least", "most", "who", "by_whom"),
    "benefit": (
        "form", "condition", "amounts_as_written", "least", "most", "share", "who", "by_whom",
    ),
    "definition": ("term", "text"),
    "relation": ("verb", "target_title", "target_number", "target_article"),
}  # fmt: skip
CHOICES: Mapping[str, tuple[str, ...]] = {"role": ("lead", "support", "joint")}
_OPEN = frozenset(
    {
        "by_year", "place", "actor", "day", "amounts_as_written", "least", "most", "share", "who",
        "by_whom", "target_title", "target_number", "target_article",
    }
)  # fmt: skip
# What was read together with a column, and says nothing any more once that is corrected.
_NO_LONGER: dict[tuple[str, str], dict[str, Any]] = {
    ("target", "by_year"): {"by_day": None, "by_year_inherited": False},
    ("deadline", "when"): {"count": None, "unit": None, "every": None},
}
_NUMBERS = frozenset({"least", "most", "share"})
_DAY = re.compile(r"(?:19|20)\d{2}(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?)?")


@dataclass(frozen=True)
class FactCorrection:
    """A correction of one fact: `changes` of its columns as text, or the fact `struck` out.

    `read` is the fact as it was read, `clause` a digest of the clause that it was read of.
    """

    kind: str
    path: str
    clause: str
    read: Mapping[str, Any]
    changes: Mapping[str, str] = field(default_factory=dict)
    struck: bool = False

    @property
    def key(self) -> str:
        """What names the fact that is corrected, within its document."""
        return _key(self.kind, self.path, self.read)


@dataclass(frozen=True)
class Unfit:
    """A correction that is left out, and why: `text` or `reading` has changed."""

    correction: FactCorrection
    why: str


def corrects(fact: Fact, clause: Clause) -> FactCorrection:
    """A correction of that fact as it was read, which changes nothing yet."""
    return FactCorrection(fact.kind, clause.path, _digest(clause), _read(fact, clause))


def changed(fact: Fact, changes: Mapping[str, str]) -> Fact:
    """The fact with columns as a person gives them. Raises DocumentFault for what cannot be."""
    columns: dict[str, Any] = {}
    for name, given in changes.items():
        if name not in EDITABLE.get(fact.kind, ()):
            raise DocumentFault("not-corrected", name=name, kind=fact.kind)
        columns |= _columns(fact, name, _line(given, name))
    if isinstance(fact, Duty):
        if "unit" in columns:
            columns["unit_as_written"] = columns["unit"]
        if "task" in columns and fact.task_heading == fact.task:
            columns["task_heading"] = columns["task"]
    if isinstance(fact, Relation) and any(name.startswith("target") for name in columns):
        columns |= {"target_document_id": None, "target_clause_id": None}
    return replace(fact, **columns)


def with_corrections(
    document: Document, facts: Iterable[Fact], corrections: Sequence[FactCorrection]
) -> tuple[list[Fact], list[Unfit]]:
    """The facts as corrected, those struck out left out, and the corrections that do not fit."""
    held = list(facts)
    unfit: list[Unfit] = []
    clauses = {clause.path: clause for clause in document.clauses}
    for correction in corrections:
        clause = clauses.get(correction.path)
        if clause is None or _digest(clause) != correction.clause:
            unfit.append(Unfit(correction, "text"))
            continue
        place = _place(held, clause, correction)
        if place is None:
            unfit.append(Unfit(correction, "reading"))
        elif correction.struck:
            del held[place]
        else:
            try:
                again = changed(held[place], correction.changes)
            except DocumentFault:  # A file written by hand, or by a program that took more.
                unfit.append(Unfit(correction, "reading"))
                continue
            held[place] = replace(again, corrected=correction.key)
    return held, unfit


def facts_file(document_path: Path) -> Path:
    """Where the corrections of a document's facts are, if there are any."""
    return document_path.with_name(document_path.name + FACTS_SUFFIX)


def read_fact_corrections(path: Path) -> tuple[FactCorrection, ...]:
    """The corrections in a file, none if there is no such file. Raises DocumentFault."""
    return tuple(corrections_of(rows_beside(path), str(path)))


def corrections_of(rows: Iterable[object], where: str) -> list[FactCorrection]:
    """The corrections that rows were made of. Raises DocumentFault, with where it is and which."""
    found = []
    for number, row in enumerate(rows, start=1):
        fault = DocumentFault("correction-form", where=where, number=number)
        if not isinstance(row, dict) or row.get("kind") not in list(EDITABLE):
            raise fault
        try:
            correction = FactCorrection(**row)
        except TypeError:
            raise fault from None
        if not isinstance(correction.changes, dict) or not isinstance(correction.read, dict):
            raise fault
        texts = (correction.path, correction.clause, *correction.changes.values())
        if not all(isinstance(text, str) for text in texts):
            raise fault
        if not set(correction.changes) <= set(EDITABLE[correction.kind]):
            raise fault
        found.append(correction)
    return found


def corrections_data(corrections: Sequence[FactCorrection]) -> bytes:
    """The file of the corrections, as `read_fact_corrections` takes it."""
    rows = [asdict(correction) for correction in corrections]
    return (json.dumps(rows, indent=1) + "\n").encode("ascii")


def corrections_digest(corrections: Sequence[FactCorrection]) -> str:
    """A hash of the corrections, empty where there are none."""
    if not corrections:
        return ""
    return hashlib.sha256(corrections_data(corrections)).hexdigest()[:16]


def corrections_beside(
    document: Document, path: Path, warnings: list[str]
) -> tuple[FactCorrection, ...]:
    """The corrections beside the file of a document; `warnings` are told of those left out.

    Raises DocumentFault for a file that is malformed.
    """
    corrections = read_fact_corrections(facts_file(path))
    if corrections:
        _, unfit = with_corrections(document, read_facts(document), corrections)
        warnings += _told(document.id, unfit)
    return corrections


def _told(document_id: str, unfit: Iterable[Unfit]) -> list[str]:
    return [
        f"{document_id}: the correction of a {each.correction.kind} in {each.correction.path} is "
        f"left out, for its {each.why} has changed"
        for each in unfit
    ]


def _columns(fact: Fact, name: str, text: str) -> dict[str, Any]:
    """A column, with what follows from it, of a text. Raises DocumentFault."""
    if not text:
        if name not in _OPEN:
            raise DocumentFault("must-not-be-empty", name=name)
        return {name: None} | _NO_LONGER.get((fact.kind, name), {})
    if name in CHOICES and text not in CHOICES[name]:
        raise DocumentFault("must-be-one-of", name=name, choices=", ".join(CHOICES[name]))
    if name == "by_year":
        if not re.fullmatch(r"(?:19|20)\d{2}", text):
            raise DocumentFault("must-be-a-year", name=name)
        return {name: int(text)} | _NO_LONGER[fact.kind, name]
    if name == "day" and not _DAY.fullmatch(text):
        raise DocumentFault("must-be-a-day", name=name)
    if name in _NUMBERS:
        return {name: _number(text, name)}
    if name == "value_as_written" and isinstance(fact, Target):
        return _value(text)
    return {name: text} | _NO_LONGER.get((fact.kind, name), {})


def _number(text: str, name: str) -> Decimal:
    try:
        number = Decimal(text.replace(",", ""))
    except InvalidOperation:
        raise DocumentFault("must-be-a-number", name=name) from None
    if not number.is_finite() or not 0 <= number < 10**18:
        raise DocumentFault("must-be-a-number", name=name)
    return number


def _value(text: str) -> dict[str, Any]:
    """The columns of a target's value: `10%以上`, `不低于3200亿元`."""
    found = quantities(text)
    if len(found) != 1:
        raise DocumentFault("must-have-a-unit")
    (quantity,) = found
    kind, before, after = comparator(text[: quantity.start], text[quantity.end :])
    if text[: quantity.start][: quantity.start - before].strip() or text[quantity.end + after :]:
        raise DocumentFault("must-have-a-unit")
    return {
        "value": quantity.value,
        "value_as_written": quantity.written,
        "unit": quantity.unit,
        "currency": quantity.currency,
        "comparator": kind,
    }


def _place(facts: Sequence[Fact], clause: Clause, correction: FactCorrection) -> int | None:
    """Where the fact that is corrected stands: read alike, or else the only one of its words."""
    own = [
        at
        for at, fact in enumerate(facts)
        if fact.kind == correction.kind and fact.clause_id == clause.id and not fact.corrected
    ]
    rows = {at: _read(facts[at], clause) for at in own}
    alike = [at for at in own if rows[at] == correction.read]
    if alike:
        return alike[0]
    span = [
        at for at in own if all(rows[at][k] == correction.read.get(k) for k in ("start", "end"))
    ]
    return span[0] if len(span) == 1 else None


def _read(fact: Fact, clause: Clause) -> dict[str, Any]:
    """A fact as it was read, whatever its document is called and wherever its clause begins."""
    left_out = {"kind", "clause_id", "document_id", "corrected", "target_document_id",
                "target_clause_id"}  # fmt: skip
    row = {name: value for name, value in row_of(fact).items() if name not in left_out}
    return row | {"start": fact.start - clause.start, "end": fact.end - clause.start}


def _digest(clause: Clause) -> str:
    text = json.dumps([clause.heading, clause.body]).encode("ascii")
    return hashlib.sha256(text).hexdigest()[:16]


def _key(kind: str, path: str, read: Mapping[str, Any]) -> str:
    text = json.dumps([kind, path, sorted(read.items())]).encode("ascii")
    return hashlib.sha256(text).hexdigest()[:16]


def _line(text: str, name: str) -> str:
    line = one_line(text)
    if len(line) > MOST_CHARACTERS:
        raise DocumentFault("too-long", name=name, most=MOST_CHARACTERS)
    return line


def shown_column(fact: Fact, name: str) -> str:
    """A column as its form shows it; the value of a target with what compares it."""
    return shown_in(row_of(fact), name)


def shown_in(row: Mapping[str, Any], name: str) -> str:
    """A column of a fact as `shown_column` gives it, by its row or by what a correction `read`."""
    value = row.get(name)
    if name == "value_as_written":
        before = {"at_least": "不低于", "over": "超过", "about": "约", "up_to": "最高",
                  "at_most": "不超过"}  # fmt: skip
        return f"{before.get(str(row.get('comparator')), '')}{value}"
    return "" if value is None else str(value)
