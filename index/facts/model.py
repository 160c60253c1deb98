"""The facts that clauses state, one dataclass a kind. They are read in `read`, kept in `store`.

Plain frozen data, with the rows they are stored and shown as; nothing here reads a text.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass, fields
from decimal import Decimal
from functools import cache
from typing import Any, ClassVar, Literal

Role = Literal["lead", "support", "joint"]
Comparator = Literal["at_least", "over", "about", "equal", "up_to", "at_most"]
Measure = Literal["level", "growth", "share", "count"]
Force = Literal["must", "may", "must_not", "encourages", "strives", "explores"]


@dataclass(frozen=True, kw_only=True)
class Fact:
    """What every fact has: its clause, and its words.

    `zh` is `source[start:end]` of the document, verbatim; `clean` is the same repaired. Of a
    structure that no clause holds, `clause_id` is that of the heading, or of the document (`id#`).
    `corrected` is the key of the person's correction that changed it (`corrections`), else empty.
    """

    kind: ClassVar[str]
    clause_id: str
    document_id: str
    start: int
    end: int
    zh: str
    clean: str
    corrected: str = ""

    @property
    def path(self) -> str:
        """The path of the clause in its document."""
        return self.clause_id.partition("#")[2]


@dataclass(frozen=True, kw_only=True)
class Duty(Fact):
    """A body is responsible for a task. `unit` is the body's fullest name in the document."""

    kind: ClassVar[str] = "duty"
    unit: str
    unit_as_written: str
    role: Role
    task: str
    task_heading: str


@dataclass(frozen=True, kw_only=True)
class Target(Fact):
    """A number that is to be reached.

    `value` is in base units (`3200亿元` is 320000000000 元), per cent as 10 for 10%. `baseline` is
    what the number is above or below, where it is relative. `by_year_inherited` says that the year
    stands elsewhere in the clause or in one above.
    """

    kind: ClassVar[str] = "target"
    indicator: str
    subject: str
    comparator: Comparator
    value: Decimal
    value_as_written: str
    unit: str
    measure: Measure
    currency: str | None = None
    by_year: int | None = None
    by_day: str | None = None
    by_year_inherited: bool = False
    place: str | None = None
    period: str | None = None
    baseline: str | None = None


@dataclass(frozen=True, kw_only=True)
class Deadline(Fact):
    """When something is to be done: within a period (`count` of `unit`) or by a day.

    `when` is the time as written; `day` an ISO date, year or month; `every` a rhythm (每年).
    """

    kind: ClassVar[str] = "deadline"
    when: str
    actor: str | None
    action: str
    count: Decimal | None = None
    unit: str | None = None
    day: str | None = None
    every: str | None = None
    from_what: str | None = None


@dataclass(frozen=True, kw_only=True)
class Sanction(Fact):
    """What somebody suffers for a conduct. Amounts in 元; multiples of `of_what`."""

    kind: ClassVar[str] = "sanction"
    form: str
    who: str | None
    conduct: str
    by_whom: str | None
    least: Decimal | None = None
    most: Decimal | None = None
    least_multiple: Decimal | None = None
    most_multiple: Decimal | None = None
    of_what: str | None = None
    amounts_as_written: str | None = None


@dataclass(frozen=True, kw_only=True)
class Benefit(Fact):
    """What somebody is given under a condition. Amounts in 元, `share` in per cent."""

    kind: ClassVar[str] = "benefit"
    form: str
    who: str | None
    condition: str
    by_whom: str | None
    least: Decimal | None = None
    most: Decimal | None = None
    share: Decimal | None = None
    of_what: str | None = None
    amounts_as_written: str | None = None


@dataclass(frozen=True, kw_only=True)
class Definition(Fact):
    """What a term means in its document. `short` marks a mere short name (以下简称)."""

    kind: ClassVar[str] = "definition"
    term: str
    text: str
    short: bool = False


@dataclass(frozen=True, kw_only=True)
class Relation(Fact):
    """How a document or clause stands to another: 依据, 修改, 废止, 引用 and so on.

    `target_article` is the marker of an article (第三条), `target_paragraph` what of it is meant
    (第一款第二项). The ids are filled in where the target is held in the same index.
    """

    kind: ClassVar[str] = "relation"
    verb: str
    target_title: str | None = None
    target_number: str | None = None
    target_article: str | None = None
    target_paragraph: str | None = None
    target_document_id: str | None = None
    target_clause_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class Modality(Fact):
    """What is required, allowed, forbidden, encouraged, striven for or explored, and of whom."""

    kind: ClassVar[str] = "modality"
    force: Force
    word: str
    who: str | None
    what: str


@dataclass(frozen=True, kw_only=True)
class Structure(Fact):
    """A document, chapter or article in its order. Counts are of what lies below it."""

    kind: ClassVar[str] = "structure"
    level: Literal["document", "chapter", "section", "article"]
    order: int
    marker: str
    heading: str
    above: str | None = None
    chapters: int = 0
    articles: int = 0


KINDS: dict[str, type[Fact]] = {
    each.kind: each
    for each in (
        Duty, Target, Deadline, Sanction, Benefit, Definition, Relation, Modality, Structure,
    )
}  # fmt: skip


def columns_of(kind: str) -> tuple[str, ...]:
    """The columns of a kind, those of every fact first."""
    return tuple(field.name for field in fields(KINDS[kind]))


def row_of(fact: Fact) -> dict[str, Any]:
    """A fact as plain values: `kind`, then its columns; decimals as text."""
    row: dict[str, Any] = {"kind": fact.kind}
    for field in fields(fact):
        value = getattr(fact, field.name)
        row[field.name] = format(value.normalize(), "f") if isinstance(value, Decimal) else value
    return row


def fact_of(row: Mapping[str, Any]) -> Fact:
    """The fact that `row_of` made a row of. Raises KeyError or TypeError for another row."""
    name = row["kind"]
    columns = {key: value for key, value in row.items() if key != "kind"}
    for key in _decimals(name) & columns.keys():
        if columns[key] is not None:
            columns[key] = Decimal(columns[key])
    return KINDS[name](**columns)


@cache
def _decimals(kind: str) -> frozenset[str]:
    """The columns of a kind that hold decimals."""
    hints = typing.get_type_hints(KINDS[kind])
    return frozenset(
        name
        for name, hint in hints.items()
        if hint is Decimal or (isinstance(hint, types.UnionType) and Decimal in hint.__args__)
    )
