"""What each rule brings: the answers to cases, and verdicts on statements, with it and without it.

A rule is left out only where it matches something: elsewhere it can change nothing. The answers are
made with a model that copies (eval/stand_in.py), so that none is needed and all are repeatable;
they tell rules apart, not how good the program is.
"""

from __future__ import annotations

import json
import random
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError
from rich.table import Table

from eval.case import Case, CaseFault
from eval.metrics import Measures, Sources, measure
from eval.rules import Rule, find_rules, watching, without
from eval.stand_in import StandIn
from index.search.store import ClauseIndex
from rag.answer.assistant import Assistant
from rag.answer.evidence import read_clause
from rag.answer.statement_check import check_sentence
from rag.errors import RagFault
from rag.schema import Answer

# Of the cases that a rule matches in, so many are asked without it.
MOST = 40
PASSED = ("verbatim", "supported")
_SEED = 11


class Statement(BaseModel):
    """A sentence said of an article, and whether the article says so."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: str
    language: Literal["zh", "en"]
    article: str
    statement: str
    truth: Literal["true", "false"]


@dataclass(frozen=True)
class Brought:
    """What one rule brings: sums over the cases and statements that changed without it.

    `right` and `direct` are how many answers are right and direct with the rule that are not
    without it, less those the other way round; `verdicts` the same for statements. `changed` counts
    all answers and verdicts that are another without it, `tried` those it was left out of.
    """

    rule: Rule
    matched: int
    tried: int
    changed: int
    right: float
    direct: float
    verdicts: int

    @property
    def idle(self) -> bool:
        """Whether nothing is worse without the rule, of all that was tried."""
        return self.right <= 0 and self.direct <= 0 and self.verdicts <= 0


@dataclass(frozen=True)
class _Told:
    """What came of a case: its reply, and how good that is."""

    reply: tuple[str, ...]
    measures: Measures


def read_statements(path: Path) -> list[Statement]:
    """The statements of a JSON Lines file. Raises CaseFault with the line of a mistake."""
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        try:
            found.append(Statement.model_validate(json.loads(line)))
        except (json.JSONDecodeError, ValidationError) as error:
            first = str(error).splitlines()[0]
            raise CaseFault(f"{path.name}, line {number}: no statement ({first})") from None
    return found


class RuleAblation:
    """Cases and statements over one index, to be asked with rules and without them."""

    def __init__(
        self,
        index: ClauseIndex,
        cases: Sequence[Case],
        statements: Sequence[Statement] = (),
        most: int = MOST,
    ) -> None:
        """Nothing is asked yet. Statements on clauses that are not held are left out."""
        self._index = index
        self._assistant = Assistant(index, StandIn, StandIn.name)
        self._sources = Sources.of(index.documents)
        self._cases = list(cases)
        held = self._sources.clauses
        self._statements = [each for each in statements if each.article in held]
        self._most = most

    def brought(self, say: Callable[[str], None] = lambda line: None) -> Iterator[Brought]:
        """What each rule brings."""
        rules = find_rules()
        matched: dict[Rule, set[int]] = defaultdict(set)
        asked: list[int] = []
        everything: list[Case | Statement] = [*self._cases, *self._statements]
        with watching(rules, lambda rule: matched[rule].add(asked[-1])):
            told = []
            for number, each in enumerate(everything):
                asked.append(number)
                told.append(self._reply(each))
        known = [self._scored(each, reply) for each, reply in zip(everything, told, strict=True)]
        say(f"{len(everything)} asked with all rules")
        for place, rule in enumerate(rules, 1):
            tried = sorted(matched[rule])
            if len(tried) > self._most:
                tried = sorted(random.Random(_SEED).sample(tried, self._most))
            yield self._without(rule, len(matched[rule]), {n: everything[n] for n in tried}, known)
            say(f"{place} of {len(rules)} rules: {rule.module} {rule.name}")

    def _without(
        self,
        rule: Rule,
        matched: int,
        tried: Mapping[int, Case | Statement],
        known: Sequence[_Told],
    ) -> Brought:
        with without(rule):
            replies = {number: self._reply(each) for number, each in tried.items()}
        # Scored with all rules: some are used for scoring too.
        other = {n: self._scored(tried[n], reply) for n, reply in replies.items()}
        changed = [n for n, each in other.items() if each.reply != known[n].reply]

        def lost(name: str) -> float:
            return sum(
                (known[n].measures.get(name) or 0.0) - (other[n].measures.get(name) or 0.0)
                for n in changed
            )

        return Brought(
            rule,
            matched,
            len(tried),
            len(changed),
            round(lost("right") + lost("set_recall") + lost("number_right"), 2),
            lost("direct"),
            int(lost("verdict")),
        )

    def _reply(self, each: Case | Statement) -> Answer | str | None:
        if isinstance(each, Statement):
            read = read_clause(self._index, each.article, each.language)
            return check_sentence(each.statement, read, each.language).verdict
        try:
            return self._assistant.answer(each.question, previous=each.previous)
        except RagFault:
            return None

    def _scored(self, each: Case | Statement, reply: Answer | str | None) -> _Told:
        if isinstance(each, Statement):
            passed = reply in PASSED
            good = float(passed == (each.truth == "true"))
            return _Told((str(passed),), {"verdict": good})
        if not isinstance(reply, Answer):
            return _Told((), {})
        cited = [citation.quote for citation in reply.citations]
        measures = measure(each, reply, self._sources)
        return _Told((reply.route, reply.outcome, reply.answer, *cited), measures)


def brought_table(rows: Sequence[Brought]) -> Table:
    """What each rule brings, those that bring least first."""
    table = Table(title="Rules: what is lost without each")
    for heading in (
        "module", "rule", "patterns", "alternatives", "matched", "tried", "changed", "right",
        "direct", "verdicts",
    ):  # fmt: skip
        table.add_column(heading)
    for row in sorted(rows, key=lambda row: (row.right + row.direct + row.verdicts, row.changed)):
        rule = row.rule
        counts = (len(rule.patterns), rule.alternatives, row.matched, row.tried, row.changed)
        gains = (f"{row.right:+.1f}", f"{row.direct:+.0f}", f"{row.verdicts:+d}")
        table.add_row(rule.module, rule.name, *map(str, counts), *gains)
    return table
