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
from index.text.tokens import cut_chinese, tokenise_english
from index.text.written import SENTENCE_END, YEAR
from prompts import message
from rag.answer.amounts_told import amount_in
from rag.answer.evidence import Passage, ReadClause
from rag.answer.parts import parts_of
from rag.answer.support import Statement
from rag.answer.weigh import Weighed
from rag.schema import Language

_DIFFERENCE = re.compile(
    r"(?<!最)(?:多|少|高|低|大|小|长|短)(?:了|出)?(?:几|多少)|相差(?:几|多少)?|差(?:了)?(?:几|多少)|差距|减(?:去|掉)|还剩|"
    r"\b(?:difference|gap|by how (?:much|many)|how (?:many|much) (?:more|fewer|less|larger|higher|"
    r"greater|bigger|longer|lower|smaller|shorter)|exceed|"
    r"(?:how many|what) (?:percentage )?points)\b",
    re.IGNORECASE,
)
_SUM = re.compile(
    r"加(?:在一)?起来|合(?:在一)?起来|合计|总和|"
    r"\b(?:combined|altogether|taken together|added up|sum of)\b",
    re.IGNORECASE,
)
_UNIT = re.compile(r"(?:几|多少)(?P<unit>个百分点|个月|[个家项条种人名件所处座年天日月元])")
# What questions call units that documents call otherwise.
_AS_DOCUMENTS = {"个百分点": "%", "天": "日", "月": "个月"}
_SIDES = {
    "zh": re.compile(r"(?<![相对可])比(?!例|重|率)|减去?|与|和|跟|及|、|加上"),
    "en": re.compile(
        r"\bthan\b|\bexceed\w*|\bversus\b|\bvs\b|\bor\b|\band\b|\bplus\b", re.IGNORECASE
    ),
}
_PART_EN = re.compile(r"[,;]\s|\band\b")
# The two limits of one figure are asked for.
_LIMITS = re.compile(
    r"最[高低多少长短大小]|[上下]限|区间|幅度|"
    r"\b(?:highest|lowest|maximum|minimum|most|least|upper|lower|ceiling|floor|range)\b",
    re.IGNORECASE,
)
# Measure words of things that are counted: bases and clusters are set off against each other.
_COUNTED = frozenset("个家项条处座所种")
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
    wanted = _AS_DOCUMENTS.get(unit["unit"], unit["unit"]) if unit else None
    found = []
    for each in weighed[:LOOKED_THROUGH]:
        for part in parts_of(each.passage, "zh"):
            text = clean(part.text).text if read.language == "zh" else part.text
            for quantity in quantities(text):
                if (wanted and quantity.unit != wanted) or quantity.unit in TIME_UNITS - {wanted}:
                    continue
                words = frozenset(cut_chinese(text))
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
        unit = "个" if each.quantity.unit in _COUNTED else each.quantity.unit
        own = units.setdefault((unit, each.quantity.currency), {})
        own.setdefault(each.quantity.value, each)
    found = []
    for alike in (list(values.values()) for values in units.values() if len(values) > 1):
        if len(alike) > 2:
            pair = _fitted(alike, asked)
        else:
            pair = (alike[0], alike[1]) if _both_named(alike[0], alike[1], asked) else None
        if pair is not None:
            found.append(pair)
    # In more than one unit two figures could be meant.
    return found[0] if len(found) == 1 else None


def _both_named(one: _Figure, other: _Figure, asked: Wording) -> bool:
    """Whether the question has words that only one figure stands with, of each; or of its limits.

    Two figures of a unit may have nothing to do with what is asked.
    """
    if one.part == other.part and _LIMITS.search(asked.text):
        return True
    words = _words_of(asked.text, asked)
    first = {word for word in words if _has(one, word)}
    second = {word for word in words if _has(other, word)}
    return bool(first - second) and bool(second - first)


def _words_of(text: str, asked: Wording) -> frozenset[str]:
    """The words of a question or a side of it; Chinese ones whole, so that 进出口 is no 出口."""
    cut = cut_chinese(text) if asked.language == "zh" else tokenise_english(text)
    return frozenset(cut) | frozenset(YEAR.findall(text))


def _has(figure: _Figure, word: str) -> bool:
    """Whether a figure stands with a word; a Chinese one may go on: 出口 in 出口额."""
    if word in figure.words:
        return True
    return len(word) > 1 and word[0] >= "\u4e00" and any(w.startswith(word) for w in figure.words)


def _fitted(figures: Sequence[_Figure], asked: Wording) -> tuple[_Figure, _Figure] | None:
    """Of more than two figures the one that each side of the question has most words of."""
    # The sentence that asks for the difference: what stands before it may name both at once.
    pieces = [each for each in SENTENCE_END.split(asked.text) if _DIFFERENCE.search(each)]
    either = (_SIDES[asked.language].split(each) for each in (*pieces[-1:], asked.text))
    sides = next((each for each in either if len(each) == 2), None)
    if sides is None:
        return None
    both = [_words_of(_DIFFERENCE.sub(" ", side), asked) for side in sides]
    shared = {word for word in both[0] | both[1] if all(_has(each, word) for each in figures)}
    meant = []
    for own, other in (both, both[::-1]):
        scores = [sum(_has(each, word) for word in own - other - shared) for each in figures]
        if scores.count(max(scores)) != 1 or not max(scores):
            return None
        meant.append(figures[scores.index(max(scores))])
    return None if meant[0] is meant[1] else (meant[0], meant[1])
