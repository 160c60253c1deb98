"""What each rule brings: trials told with it and without it.

A rule is left out only where it matches something: elsewhere it can change nothing. What is told
and how it is scored is in eval/rule_trials.py; the figures tell rules apart, not how good the
program is.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from rich.table import Table

from eval.rule_trials import Told, Trial
from eval.rules import ROOMS, Rule, find_rules, watching, without

# Of the trials that a rule matches in, so many are told without it.
MOST = 40
MEASURES = ("right", "direct", "verdicts", "memos", "english")
_SEED = 11


@dataclass(frozen=True)
class Brought:
    """What one rule brings: sums over the trials that changed without it.

    `gains` has, by measure, how much is good with the rule that is not without it, less what is the
    other way round. `changed` counts all replies that are another without it, `tried` the trials it
    was left out of.
    """

    rule: Rule
    matched: int
    tried: int
    changed: int
    gains: Mapping[str, float]

    @property
    def idle(self) -> bool:
        """Whether nothing is worse without the rule, of all that was tried."""
        return all(gain <= 0 for gain in self.gains.values())


class RuleAblation:
    """Trials, to be told with rules and without them."""

    def __init__(self, trials: Sequence[Trial], most: int = MOST) -> None:
        """Nothing is told yet."""
        self._trials = list(trials)
        self._most = most

    def brought(
        self, say: Callable[[str], None] = lambda line: None, rooms: Sequence[str] = ROOMS
    ) -> Iterator[Brought]:
        """What each rule of these rooms brings."""
        rules = find_rules(rooms)
        matched: dict[Rule, set[int]] = defaultdict(set)
        asked: list[int] = []
        with watching(rules, lambda rule: matched[rule].add(asked[-1])):
            replies = []
            for number, each in enumerate(self._trials):
                asked.append(number)
                replies.append(each.reply())
        known = [one.scored(reply) for one, reply in zip(self._trials, replies, strict=True)]
        say(f"{len(known)} told with all rules")
        for place, rule in enumerate(rules, 1):
            tried = sorted(matched[rule])
            if len(tried) > self._most:
                tried = sorted(random.Random(_SEED).sample(tried, self._most))
            yield self._without(rule, len(matched[rule]), tried, known)
            say(f"{place} of {len(rules)} rules: {rule.module} {rule.name}")

    def _without(
        self, rule: Rule, matched: int, tried: Sequence[int], known: Sequence[Told]
    ) -> Brought:
        if not tried:
            return Brought(rule, matched, 0, 0, dict.fromkeys(MEASURES, 0.0))
        with without(rule):
            replies = {number: self._trials[number].reply() for number in tried}
        # Scored with all rules: some are used for scoring too.
        other = {number: self._trials[number].scored(reply) for number, reply in replies.items()}
        changed = [number for number, told in other.items() if told.reply != known[number].reply]
        gains = {
            name: round(
                sum(known[n].good.get(name, 0.0) - other[n].good.get(name, 0.0) for n in changed), 2
            )
            for name in MEASURES
        }
        return Brought(rule, matched, len(tried), len(changed), gains)


def brought_table(rows: Sequence[Brought]) -> Table:
    """What each rule brings, those that bring least first."""
    table = Table(title="Rules: what is lost without each")
    for heading in (
        "module", "rule", "patterns", "alternatives", "matched", "tried", "changed", *MEASURES
    ):  # fmt: skip
        table.add_column(heading)
    for row in sorted(rows, key=lambda row: (sum(row.gains.values()), row.changed)):
        rule = row.rule
        counts = (len(rule.patterns), rule.alternatives, row.matched, row.tried, row.changed)
        gains = (f"{row.gains[name]:+.1f}" for name in MEASURES)
        table.add_row(rule.module, rule.name, *map(str, counts), *gains)
    return table
