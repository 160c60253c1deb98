"""Registers: the facts of a kind, narrowed, in order, in parts small enough for a page.

All is done in the facts' file, so that a register of tens of thousands of rows is as quick as a
small one. It knows nothing of languages: words that are looked for come as alternatives.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal

from index.facts.model import KINDS, Fact
from index.facts.query import Facts
from index.facts.units import same_body

REGISTERS = ("duty", "target", "deadline", "sanction", "benefit", "definition", "relation")
# What a kind can be narrowed by, and put in order by, beside documents and words.
WITH_BODY = frozenset({"duty", "deadline", "sanction", "benefit"})
WITH_YEAR = frozenset({"target", "deadline"})
WITH_AMOUNT = frozenset({"sanction", "benefit"})

_GROUPED = {
    # The facts of a document stand together, in the order of the documents.
    "document": "min(position) OVER (PARTITION BY document_id), ",
    "body": "body IS NULL, body, ",
}
Order = Literal["text", "body", "day", "amount"]
_ORDERS: dict[str, str] = {
    "text": "position",
    "body": "body IS NULL, body, position",
    "day": "coalesce(day, year) IS NULL, coalesce(day, year), position",
    "amount": "coalesce(most, least) IS NULL, coalesce(most, least) DESC, position",
}


@dataclass(frozen=True)
class Alternatives:
    """A word that is looked for: any of `words` in the fact, or the fact at one of `positions`.

    All facts of `clauses` have it, too.
    """

    words: tuple[str, ...] = ()
    positions: tuple[int, ...] = ()
    clauses: tuple[str, ...] = ()


@dataclass(frozen=True)
class Narrowing:
    """Which facts of a kind are meant; None narrows nothing. `bodies` are names as facts have them.

    `documents` narrow further what the facts are limited to. `dated`: those with a day alone.
    """

    kind: str
    documents: tuple[str, ...] | None = None
    bodies: tuple[str, ...] | None = None
    role: str | None = None
    year: int | None = None
    since: str | None = None
    until: str | None = None
    dated: bool = False
    words: tuple[Alternatives, ...] = ()


@dataclass(frozen=True)
class Listed:
    """Part of a register: the facts, and how many there are in the whole of it."""

    total: int
    facts: tuple[Fact, ...]


def orders_of(kind: str) -> tuple[Order, ...]:
    """What a register of a kind can be put in order by."""
    found: list[Order] = ["text"]
    if kind in WITH_BODY:
        found.append("body")
    if kind in WITH_YEAR:
        found.append("day")
    if kind in WITH_AMOUNT:
        found.append("amount")
    return tuple(found)


def listed(
    facts: Facts,
    narrowing: Narrowing,
    order: Order = "text",
    grouped: str = "",
    first: int = 0,
    most: int = -1,
) -> Listed:
    """The facts meant from `first` on, at most so many (-1: all), in an order.

    `grouped` by document or body keeps those together, whatever the order within.
    """
    conditions, values = _conditions(facts, narrowing)
    kind = KINDS[narrowing.kind]
    ((total,),) = facts.select("count(*)", kind, narrowing.documents, conditions, values)
    before = _GROUPED.get(grouped, "")
    rows = facts.select(
        "fact",
        kind,
        narrowing.documents,
        conditions,
        [*values, most, first],
        f"ORDER BY {before}{_ORDERS[order]} LIMIT ? OFFSET ?",
    )
    return Listed(total, tuple(facts.read(row) for (row,) in rows))


def group_sizes(facts: Facts, narrowing: Narrowing, grouped: str) -> Counter[str | None]:
    """How many rows each document, or body, has in a register; None: those that name no body."""
    conditions, values = _conditions(facts, narrowing)
    column = {"document": "document_id", "body": "body"}[grouped]
    rows = facts.select(
        f"{column}, count(*)",
        KINDS[narrowing.kind],
        narrowing.documents,
        conditions,
        values,
        f"GROUP BY {column}",
    )
    return Counter(dict(rows))


def facts_in(
    facts: Facts, kind: str, documents: Collection[str] | None, clauses: Sequence[str]
) -> list[tuple[int, Fact]]:
    """The facts of a kind in these clauses, each with its place among all facts."""
    rows = facts.select(
        "position, fact",
        KINDS[kind],
        documents,
        ("clause_id IN (SELECT value FROM json_each(?))",),
        (json.dumps(list(clauses)),),
        "ORDER BY position",
    )
    return [(position, facts.read(row)) for position, row in rows]


def years_of(facts: Facts, kind: str, documents: Collection[str] | None) -> list[int]:
    """The years that facts of a kind name, in order."""
    rows = facts.select(
        "DISTINCT year", KINDS[kind], documents, ("year IS NOT NULL",), (), "ORDER BY year"
    )
    return [year for (year,) in rows]


def bodies_alike(bodies: Collection[str], name: str) -> tuple[str, ...]:
    """Those of the bodies that a name means; if none, those that have it in theirs.

    A part of a name (商务) is no name; the same body may be written otherwise elsewhere.
    """
    same = tuple(body for body in bodies if same_body(body, name))
    return same or tuple(body for body in bodies if name in body)


def _conditions(facts: Facts, narrowing: Narrowing) -> tuple[list[str], list[object]]:
    conditions, values = list[str](), list[object]()
    # A role stands in the stored fact alone, as its one line of JSON has it.
    role = f'"role":"{narrowing.role}"'.encode() if narrowing.role else None
    for condition, value in (
        ("instr(fact, ?)", role),
        ("year = ?", narrowing.year),
        ("day >= ?", narrowing.since),
        ("day <= ? || '~'", narrowing.until),
    ):
        if value is not None:
            conditions.append(condition)
            values.append(value)
    if narrowing.dated:
        conditions.append("day IS NOT NULL")
    if narrowing.bodies is not None:
        conditions.append("body IN (SELECT value FROM json_each(?))")
        values.append(json.dumps(narrowing.bodies))
    for word in narrowing.words:
        # One condition however many they are: SQLite allows no expression of a thousand parts.
        either = ["EXISTS (SELECT 1 FROM json_each(?) AS one WHERE instr(words, one.value))"]
        values.append(json.dumps([each.lower() for each in word.words]))
        for column, given in (("position", word.positions), ("clause_id", word.clauses)):
            if given:
                either.append(f"{column} IN (SELECT value FROM json_each(?))")
                values.append(json.dumps(given))
        conditions.append(f"({' OR '.join(either)})")
    return conditions, values
