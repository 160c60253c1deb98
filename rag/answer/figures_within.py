"""Figures of one clause set off against each other: by how much they differ, what they come to.

Which figures are meant is told by the words around each and by their unit; where that is not
clear, nothing is told. No model is asked, and no other clause is read.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from index.facts.quantities import TIME_UNITS, Quantity, quantities
from index.request.wording import Wording
from index.text.figures import known_numbers
from index.text.repair import clean
from index.text.tokens import tokenise_chinese, tokenise_english
from index.text.written import YEAR
from prompts import message
from rag.answer.amounts_told import amount_in
from rag.answer.evidence import Passage, ReadClause
from rag.answer.parts import parts_of
from rag.answer.support import Statement
from rag.answer.weigh import Weighed
from rag.schema import Language

_DIFFERENCE = re.compile(
    r"(?<!最)(?:多|少|高|低|大|小|长|短)(?:了|出)?(?:几|多少)|相差(?:几|多少)?|差(?:了)?(?:几|多少)|差距|"
    r"\b(?:difference|gap|by how (?:much|many)|how (?:many|much) (?:more|fewer|less|larger|higher|"
    r"greater|bigger|longer|lower|smaller|shorter))\b",
    re.IGNORECASE,
)
_SUM = re.compile(
    r"加(?:在一)?起来|合(?:在一)?起来|合计|总和|"
    r"\b(?:combined|altogether|taken together|added up|sum of)\b",
    re.IGNORECASE,
)
_UNIT = re.compile(r"(?:几|多少)(?P<unit>个百分点|[个家项条种人名件所处座年天月元])")
_SIDES = {
    "zh": re.compile(r"(?<![相对可])比(?!例|重|率)|与|和|跟|及|、|加上"),
    "en": re.compile(r"\bthan\b|\bversus\b|\bvs\b|\bor\b|\band\b|\bplus\b", re.IGNORECASE),
}
_PART_EN = re.compile(r"[,;]\s|\band\b")
# The two limits of one figure are asked for.
_LIMITS = re.compile(
    r"最[高低多少长短大小]|[上下]限|区间|幅度|"
    r"\b(?:highest|lowest|maximum|minimum|most|least|upper|lower|ceiling|floor|range)\b",
    re.IGNORECASE,
)
# Sentences in which the figures are looked for, the likeliest first.
LOOKED_THROUGH = 4


@dataclass(frozen=True)
class _Figure:
    """A figure, the sentence that gives it, and the words that stand before and behind it."""

    quantity: Quantity
    passage: Passage
    words: frozenset[str]
    part: str


def figures_off(
    asked: Wording, read: ReadClause, weighed: Sequence[Weighed], language: Language
) -> list[Statement]:
    """The difference or the sum asked for, with the figures; nothing where it is not clear."""
    differ = _DIFFERENCE.search(asked.text)
    if not differ and not _SUM.search(asked.text):
        return []
    figures = _figures(read, weighed, _UNIT.search(asked.text))
    pair = _meant(figures, asked)
    if pair is None:
        return []
    larger, smaller = sorted(pair, key=lambda each: each.quantity.value, reverse=True)
    values = larger.quantity.value, smaller.quantity.value
    value = values[0] - values[1] if differ else values[0] + values[1]
    if not value:
        return []
    unit = larger.quantity.unit
    if unit == "%" and not differ:
        return []  # Shares of different wholes come to nothing.
    told = amount_in(language, value, unit, larger.quantity.currency)
    sentences = tuple(sorted({each.passage for each in pair}, key=lambda one: one.start))
    key = "difference-plain" if differ else "sum-plain"
    lead = message(key, language, gap=told)
    if read.language != language:
        return [Statement(f"{lead.rstrip('：: ')}.", read, sentences)]
    if language == "en":
        rest = " ".join(each.words("en") for each in sentences)
        return [Statement(f"{lead} {rest}", read, sentences)]
    ordered = sorted(pair, key=lambda one: (one.passage.start, one.quantity.start))
    rest = "；".join(dict.fromkeys(each.part.strip(" ，,；;。") for each in ordered))
    return [Statement(f"{lead}{rest}。", read, sentences)]


def _figures(
    read: ReadClause, weighed: Sequence[Weighed], unit: re.Match[str] | None
) -> list[_Figure]:
    """The figures of the likeliest sentences, of the unit that is asked for if it is named."""
    wanted = unit["unit"].replace("个百分点", "%") if unit else None
    found = []
    for each in weighed[:LOOKED_THROUGH]:
        for part in parts_of(each.passage, "zh"):
            text = clean(part.text).text if read.language == "zh" else part.text
            for quantity in quantities(text):
                if (wanted and quantity.unit != wanted) or quantity.unit in TIME_UNITS - {wanted}:
                    continue
                words = frozenset(tokenise_chinese(text))
                if read.language == "en":
                    words |= frozenset(tokenise_english(_around(quantity, each.passage.en or "")))
                years = frozenset(YEAR.findall(text))
                found.append(_Figure(quantity, each.passage, words | years, part.text))
    return found


def _around(quantity: Quantity, english: str) -> str:
    """The parts of an English sentence that have the figure; all of it where none is found."""
    parts = [part for part in _PART_EN.split(english) if quantity.value in known_numbers(part)]
    return " ".join(parts) or english


def _meant(figures: Sequence[_Figure], asked: Wording) -> tuple[_Figure, _Figure] | None:
    """The two figures of one unit that the two sides of the question mean."""
    units: dict[tuple[str, str | None], dict[Decimal, _Figure]] = {}
    for each in figures:
        own = units.setdefault((each.quantity.unit, each.quantity.currency), {})
        own.setdefault(each.quantity.value, each)
    several = [list(values.values()) for values in units.values() if len(values) > 1]
    if len(several) != 1:
        return None  # In more than one unit two figures could be meant.
    (alike,) = several
    if len(alike) == 2:
        return (alike[0], alike[1]) if _both_named(alike[0], alike[1], asked) else None
    return _fitted(alike, asked)


def _both_named(one: _Figure, other: _Figure, asked: Wording) -> bool:
    """Whether the question has words that only one figure stands with, of each; or of its limits.

    Two figures of a unit may have nothing to do with what is asked.
    """
    if one.part == other.part and _LIMITS.search(asked.text):
        return True
    tokenise = tokenise_chinese if asked.language == "zh" else tokenise_english
    words = frozenset(tokenise(asked.text)) | frozenset(YEAR.findall(asked.text))
    return bool(words & (one.words - other.words)) and bool(words & (other.words - one.words))


def _fitted(figures: Sequence[_Figure], asked: Wording) -> tuple[_Figure, _Figure] | None:
    """Of more than two figures the one that each side of the question has most words of."""
    sides = _SIDES[asked.language].split(asked.text)
    if len(sides) != 2:
        return None
    tokenise = tokenise_chinese if asked.language == "zh" else tokenise_english
    both = [frozenset(tokenise(side)) | frozenset(YEAR.findall(side)) for side in sides]
    shared = frozenset.intersection(*(each.words for each in figures))
    meant = []
    for own, other in (both, both[::-1]):
        scores = [len((own - other) & each.words - shared) for each in figures]
        if scores.count(max(scores)) != 1 or not max(scores):
            return None
        meant.append(figures[scores.index(max(scores))])
    return None if meant[0] is meant[1] else (meant[0], meant[1])
