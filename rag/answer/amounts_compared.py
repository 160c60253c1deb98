"""Two amounts of fines or benefits set side by side, each found by what it is for.

Which amount is meant by which side of the question is told by words and vectors; where that is not
clear, nothing is told. No model is asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from index.facts.model import Benefit, Fact, Sanction
from index.text.tokens import tokenise_chinese
from prompts import message
from rag.answer.amounts_told import money
from rag.answer.article_rows import article_row, passages_of
from rag.answer.matching import Extent, asked_within
from rag.answer.running import Running
from rag.answer.support import Statement
from rag.schema import Event

# Articles found in which the amounts are looked for.
FOUND = 6
# By how much the pair must fit better than the next.
CLEAR = 0.06
# What an amount's words in common with a side count beside their similarity.
WORDS = 0.5
_SIDES = re.compile(
    r"(?<![相对可])比(?!例|重|率)|与|和|跟|还是|"
    r"\bthan(?:\s+(?:for|that|to))?\b|\bversus\b|\bvs\b|\bor\b|\band\b",
    re.IGNORECASE,
)


def compare_amounts(running: Running, extent: Extent) -> Iterator[Event]:
    """What lies between two amounts; nothing where it is not clear which are meant."""
    asked = asked_within(running, extent)
    sides = _SIDES.split(asked)
    facts = _amounts(running, extent)
    if len(sides) != 2 or len(facts) < 2:
        return
    pair = _clearest(facts, *(_fitting(running, facts, side) for side in sides))
    if pair is None:
        return
    larger, smaller = sorted(pair, key=lambda each: -(_most(each) or Decimal(0)))
    gap = (_most(larger) or Decimal(0)) - (_most(smaller) or Decimal(0))
    lead = message("difference-plain", running.language, gap=money(running, gap, "CNY"))
    yield from running.listed([(lead, [_row(running, each) for each in (larger, smaller)])])


def _amounts(running: Running, extent: Extent) -> list[Fact]:
    """The fines and benefits with an upper limit in the articles found."""
    within = {clause.id for clause in extent.clauses}
    found = [hit.clause_id for hit in running.found.hits if hit.clause_id in within][:FOUND]
    facts: list[Fact] = []
    for clause in found:
        for kind in (Sanction, Benefit):
            facts += running.index.facts.find(kind, clause=clause)
    return [fact for fact in facts if _most(fact)]


def _most(fact: Fact) -> Decimal | None:
    return fact.most if isinstance(fact, Sanction | Benefit) else None


def _text(running: Running, fact: Fact) -> str:
    """What an amount is for: of one case of a conduct, the conduct too."""
    if isinstance(fact, Sanction):
        same = running.index.facts.find(Sanction, clause=fact.clause_id)
        before = [each for each in same if each.start <= fact.start and each.conduct]
        conducts = (each.conduct for each in before[-2:])
        return "，".join(dict.fromkeys((*conducts, fact.conduct, fact.clean)))
    condition = fact.condition if isinstance(fact, Benefit) else ""
    who = (fact.who or "") if isinstance(fact, Benefit) else ""
    return f"{who}{condition}，{fact.clean}"


def _fitting(running: Running, facts: Sequence[Fact], side: str) -> list[float]:
    """How well each amount fits one side of the question."""
    texts = [_text(running, fact) for fact in facts]
    query = running.index.encode_queries([side])[0]
    near = running.means.vectors.of(texts) @ query
    words = {token for each in running.index.alternatives(side) for word in each for token in word}
    words |= set(tokenise_chinese(side))
    shares = []
    for text in texts:
        own = set(tokenise_chinese(text))
        shares.append(len(own & words) / max(1, min(len(own), len(words))))
    return [float(value) + WORDS * share for value, share in zip(near, shares, strict=True)]


def _clearest(
    facts: Sequence[Fact], first: Sequence[float], second: Sequence[float]
) -> tuple[Fact, Fact] | None:
    """The pair that fits the two sides best, if no other with another difference is near."""
    pairs = sorted(
        (
            (first[one] + second[other], one, other)
            for one in range(len(facts))
            for other in range(len(facts))
            if one != other and _most(facts[one]) != _most(facts[other])
        ),
        reverse=True,
    )
    if not pairs:
        return None
    best, one, other = pairs[0]
    amounts = {_most(facts[one]), _most(facts[other])}
    rivals = (s for s, a, b in pairs[1:] if {_most(facts[a]), _most(facts[b])} != amounts)
    if best - max(rivals, default=-1.0) < CLEAR:
        return None
    return facts[one], facts[other]


def _row(running: Running, fact: Fact) -> Statement:
    read = running.read(fact.clause_id)
    row = article_row(running, read, passages_of(read, fact.start, fact.end))
    joint = "：" if running.language == "zh" else ": "
    label = row.text.partition(joint)[0]
    value = money(running, _most(fact) or Decimal(0), "CNY")
    if running.language == "zh":
        what = f"{fact.conduct}——{value}" if isinstance(fact, Sanction) else fact.clean
        text = f"{label}{joint}{what}"
    else:
        text = message("amount-most", "en", label=label, value=value)
    return Statement(text, read, row.evidence, complete=True)
