"""Questions of facts: which there are of a kind, for a body, an indicator, a place, a year.

Gives rows in the order of the documents. It understands no questions; who asks says what is
wanted in columns.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

from index.documents.model import Document
from index.facts.held import Held
from index.facts.model import KINDS, Duty, Fact, Relation
from index.facts.store import FactFile, unpacked
from index.facts.units import same_body

OfKind = TypeVar("OfKind", bound=Fact)

# Characters of a body's short name at least and at most, and a name that is none of its own.
SHORTEST_SHORT, LONGEST_SHORT = 3, 6
_ALIASES = {"央行": "人民银行"}
_OF_THE_STATE = re.compile(r"^(?:国家|中国|国务院)(?=.{3})")
_HAN = re.compile(r"[\u4e00-\u9fff]+")


class Facts:
    """The facts of an index, or of some of its documents."""

    def __init__(
        self,
        file: FactFile,
        documents: Collection[str] | None = None,
        held: Callable[[], Held] | None = None,
    ) -> None:
        """`held` gives the documents that the targets of relations are looked up among."""
        self._file = file
        self._within = None if documents is None else tuple(documents)
        self._held = held

    @classmethod
    def open(cls, path: Path) -> Facts:
        """The facts in one file, as they were written. Raises OSError if there is none."""
        path.stat()
        database = sqlite3.connect(path, check_same_thread=False)
        return cls(FactFile(database))

    def limited_to(self, documents: Collection[str]) -> Facts:
        """The facts of these documents alone."""
        if self._within is not None:
            documents = [each for each in self._within if each in set(documents)]
        return Facts(self._file, documents, self._held)

    def find(
        self,
        kind: type[OfKind],
        *,
        documents: Collection[str] | None = None,
        clause: str | None = None,
        unit: str | None = None,
        role: str | None = None,
        words: Sequence[str] = (),
        any_words: Sequence[str] = (),
        place: str | None = None,
        year: int | None = None,
        since: str | None = None,
        until: str | None = None,
        least: Decimal | float | None = None,
        most: Decimal | float | None = None,
    ) -> list[OfKind]:
        """The facts of a kind that meet all that is given, in the order of the documents.

        `clause` is a clause id, or the id of a chapter for all below it (`hangzhou-2024#二/(三)`).
        `unit` is a body by any of its names; of duties it is who has them, of sanctions who imposes
        them, of deadlines who must meet them. All of `words` and one of `any_words` must stand in
        the fact's columns. `since` and `until` bound days (ISO, may be cut short), `least` and
        `most` the value of a target or the bounds of a fine or grant.
        """
        conditions, values = self._conditions(kind, documents, clause)
        for word in words:
            conditions.append("instr(words, ?)")
            values.append(word.lower())
        if any_words:
            conditions.append("(" + " OR ".join("instr(words, ?)" for _ in any_words) + ")")
            values += (word.lower() for word in any_words)
        for condition, value in (
            ("place = ?", place),
            ("year = ?", year),
            ("day >= ?", since),
            ("day <= ? || '~'", until),
            ("most >= ?", None if least is None else float(least)),
            ("coalesce(least, most) <= ?", None if most is None else float(most)),
        ):
            if value is not None:
                conditions.append(condition)
                values.append(value)
        if unit is not None:
            named = [name for name in self.bodies(kind, documents) if same_body(name, unit)]
            conditions.append(f"body IN ({', '.join('?' * len(named))})")
            values += named
        rows = self._file.rows(
            f"SELECT fact FROM facts WHERE {' AND '.join(conditions)} ORDER BY position", values
        )
        facts = [self.read(row) for (row,) in rows]
        return [
            fact
            for fact in facts
            if isinstance(fact, kind)
            and (role is None or not isinstance(fact, Duty) or fact.role == role)
        ]

    def all(self, kinds: Iterable[str] = KINDS, clause: str | None = None) -> list[Fact]:
        """All facts of these kinds, in the order of the documents."""
        conditions, values = self._conditions(None, None, clause)
        kinds = tuple(kinds)
        conditions.append(f"kind IN ({', '.join('?' * len(kinds))})")
        rows = self._file.rows(
            f"SELECT fact FROM facts WHERE {' AND '.join(conditions)} ORDER BY position",
            [*values, *kinds],
        )
        return [self.read(row) for (row,) in rows]

    def bodies(
        self, kind: type[Fact] = Duty, documents: Collection[str] | None = None
    ) -> Counter[str]:
        """The bodies that facts of a kind name, each with the number of its facts."""
        conditions, values = self._conditions(kind, documents, None)
        rows = self._file.rows(
            "SELECT body, count(*) FROM facts WHERE body IS NOT NULL AND "
            f"{' AND '.join(conditions)} GROUP BY body ORDER BY min(position)",
            values,
        )
        return Counter(dict(rows))

    def bodies_named(self, text: str) -> list[str]:
        """The bodies with duties that a Chinese text names, longest names first.

        A name counts without its level too: 商务局 names 市商务局; and by the first characters of
        its words, as 住建部 names 住房城乡建设部. One within another counts not.
        """
        return self.bodies_in(text)[0]

    def bodies_in(self, text: str) -> tuple[list[str], str]:
        """The same bodies, and the text without their names."""
        found: list[str] = []
        left = text
        bodies = list(self.bodies())
        names = {form: name for name in bodies for form in _forms(name)}
        for form in sorted(names, key=len, reverse=True):
            if form in left:
                left = left.replace(form, "\n")
                found += (name for name in bodies if form in _forms(name) and name not in found)
        for short in _shortened(left):
            own = [name for name in bodies if _is_short_of(short, name)]
            # Of a body of several levels each has the same short name.
            if len({_forms(name)[-1] for name in own}) == 1:
                left = left.replace(short, "\n")
                found += (name for name in own if name not in found)
        return found, left

    def select(
        self,
        columns: str,
        kind: type[Fact],
        documents: Collection[str] | None = None,
        conditions: Sequence[str] = (),
        values: Sequence[object] = (),
        tail: str = "",
    ) -> list[Any]:
        """Rows of SQL over the facts of a kind, for lists that are shown in parts.

        Columns, conditions and tail are the caller's own words; what a person gives is in `values`.
        """
        own, first = self._conditions(kind, documents, None)
        where = " AND ".join([*own, *conditions])
        return self._file.rows(
            f"SELECT {columns} FROM facts WHERE {where} {tail}", [*first, *values]
        )

    def read(self, data: object) -> Fact:
        """The fact in a row of the column `fact`."""
        fact = unpacked(data)
        return self._held().resolved(fact) if self._held and isinstance(fact, Relation) else fact

    def counts(self) -> Counter[str]:
        """How many facts there are of each kind."""
        conditions, values = self._conditions(None, None, None)
        rows = self._file.rows(
            f"SELECT kind, count(*) FROM facts WHERE {' AND '.join(conditions)} GROUP BY kind",
            values,
        )
        return Counter(dict(rows))

    def _conditions(
        self, kind: type[Fact] | None, documents: Collection[str] | None, clause: str | None
    ) -> tuple[list[str], list[object]]:
        """The part of a query that says which kind, documents and clauses are meant."""
        conditions, values = ["1"], list[object]()
        if kind is not None:
            conditions.append("kind = ?")
            values.append(kind.kind)
        for within in (self._within, documents):
            if within is not None:
                # As one value: there may be more documents than a query may have values.
                conditions.append("document_id IN (SELECT value FROM json_each(?))")
                values.append(json.dumps(list(within)))
        if clause is not None:
            conditions.append("(clause_id = ? OR substr(clause_id, 1, ?) = ?)")
            below = f"{clause}/"
            values += (clause, len(below), below)
        return conditions, values


def facts_of(documents: Sequence[Document]) -> Facts:
    """The facts of documents that are in no index, read now and kept in memory."""
    held = Held(documents)
    return Facts(FactFile.of(documents), held=lambda: held)


def _shortened(text: str) -> list[str]:
    """What may be a body's short name in a Chinese text, the longest at each place."""
    ends = [match.end() for match in re.finditer(r"[部委局署会办社院行]", text)]
    runs = (text[end - size : end] for end in ends for size in range(LONGEST_SHORT, 1, -1))
    return [run for run in dict.fromkeys(runs) if _HAN.fullmatch(run)]


def _is_short_of(short: str, name: str) -> bool:
    """Whether a name is shortened so: its first and last characters, and others in its order."""
    if _ALIASES.get(short) == name.removeprefix("中国"):
        return True
    short, full = (_OF_THE_STATE.sub("", each) for each in (short, _forms(name)[-1]))
    # A commission is 委 for short: 国资委, 国有资产监督管理委员会.
    full = full.removesuffix("员会") if full.endswith("委员会") else full
    if short == full:
        return True
    if len(short) < SHORTEST_SHORT or len(short) > len(full):
        return False
    if (short[0], short[-1]) != (full[0], full[-1]):
        return False
    rest = iter(full)
    return all(char in rest for char in short)


def _forms(name: str) -> tuple[str, ...]:
    """What a body may be called by in a question: its name, and the same without its level."""
    bare = name.lstrip("省市区县州") if name[:1] in "省市区县州" else name
    return (name, bare) if len(bare) >= 3 else (name,)
