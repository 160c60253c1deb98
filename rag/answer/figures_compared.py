"""Figures set side by side: which is larger, and by how much; the highest fine, the largest target.

Computed from the facts read at build time, each figure cited. No model is asked.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from decimal import Decimal

from index.documents.model import Document
from index.facts.model import Duty, Sanction, Target
from index.request.intents import parts_asked
from index.request.subject import without_documents
from index.text.places import names_of_region
from index.text.repair import clean
from index.text.tokens import tokenise_chinese, tokenise_english
from prompts import message
from rag.answer.amounts_compared import compare_amounts
from rag.answer.amounts_told import amount_in
from rag.answer.article_rows import article_row, joined, passages_of
from rag.answer.facts_listed import (
    facts_meant,
    kind_asked,
    target_name,
    target_told,
    value_told,
)
from rag.answer.facts_worded import corrected_mark
from rag.answer.fines_compared import MULTIPLE, extreme_fine
from rag.answer.gathered import gathers
from rag.answer.matching import Extent, extent_of
from rag.answer.parts_compared import compare_parts
from rag.answer.parts_meant import UNITS
from rag.answer.running import Running
from rag.answer.support import Statement
from rag.answer.target_told import indicator_words
from rag.answer.targets_alike import dimension, likest, likest_of_each
from rag.english.phrases import english_of
from rag.schema import Event

# The share of an indicator's words that a question must have to mean it.
LEAST_SHARE = 0.34
# So many characters at its end are the noun that an indicator is known by.
HEAD_NOUN = 3
# What a pair of amounts of money gains: the goal of a plan is one, if nothing else is named.
MONEY = 0.3
_HIGHEST = re.compile(
    r"最[高大多重]|上限|(?<!\bat )\bmost\b|\b(?:highest|largest|biggest|maximum|max)\b", re.I
)
_LEAST = re.compile(
    r"最[低小少轻]|只有[一1]?[个家][^，。？?]{0,6}(?:单位|部门)|(?:单独|独自)(?:负责|承担|牵头)|"
    r"\b(?:lowest|smallest|least|fewest|minimum|"
    r"(?:single|only one|just one) (?:\w+ )?(?:bod|unit|depart|auth|office|bureau)\w*)\b",
    re.I,
)
# The bound of one target, which is no extreme among several.
_BOUND = re.compile(r"上限|下限|\b(?:minimum|maximum|max)\b", re.I)
# The number of bodies is what is most or least: of what an authority may do it is not.
_BODIES = re.compile(
    r"(?:单位|部门)[^，。？?]{0,8}最[多少]|最[多少][^，。？?]{0,8}(?:单位|部门)|"
    r"(?:单独|独自|只有)一?[个家]?[^，。？?]{0,6}(?:单位|部门)|一[个家](?:单位|部门)|"
    r"\b(?:most|fewest|least|single|one|smallest|lowest|largest|highest)\s+(?:\w+\s+){0,4}?"
    r"(?:units?|bod(?:y|ies)|departments?|authorit(?:y|ies)|bureaus?|offices?)\b",
    re.I,
)
_BODY = re.compile(
    r"单位|部门|机构|\b(?:units?|bod(?:y|ies)|departments?|authorit(?:y|ies)|bureaus?|offices?)\b",
    re.I,
)
_WHICH = re.compile(
    r"哪|什么(?:行为|情况|情形)|"
    r"\bwh(?:ich|at) (?:violation|conduct|article|act|offen[cs]e|breach|wrong)|\bfor what\b",
    re.I,
)
# Of so much of its name a target is one of two that are set side by side.
NAMED = 0.6


def asks_to_compare(running: Running) -> bool:
    """Whether figures are to be compared, or the highest or lowest is asked for."""
    request = running.request
    if gathers(running, "extreme", "difference") and not request.articles:
        return True
    text = request.answered.text
    extreme = _HIGHEST.search(text) or _LEAST.search(text)
    if request.wanted in ("who", "list") and _BODIES.search(text) and extreme:
        return True  # the task of a single body
    return request.wanted in ("comparison", "figure", "count") and bool(
        request.answered.difference or extreme
    )


def compare_figures(running: Running) -> Iterator[Event]:
    """The extreme or the difference asked for; nothing where the facts do not have it."""
    text = running.request.answered.text
    extent = extent_of(running)
    documents = extent.documents
    if _differs(running):
        sides = [each for side in running.request.sides for each in running.held(side.documents)]
        events = list(compare_parts(running, sides or documents))
        named = len(sides) > 1 or (len(documents) > 1 and not extent.unnamed)
        events = events or list(_difference(running, sides or documents, named))
        yield from events or compare_amounts(running, extent)
        return
    kind = kind_asked(text, running.language) or _fined(running, documents)
    of_bodies = gathers(running, "extreme") and _BODY.search(text)
    if kind is None and (of_bodies or _BODIES.search(text)):
        yield from _by_bodies(running, documents)
    elif kind == "fine" or (kind == "sanction" and MULTIPLE.search(text)):
        if len(parts_asked(text)) > 1 and not _WHICH.search(text):
            return  # Of one conduct something else is asked too: its article tells both.
        yield from extreme_fine(running, documents)
    elif not _BOUND.search(text):
        yield from _extreme_target(running, documents)


def _fined(running: Running, documents: Sequence[Document]) -> str | None:
    """`fine` where an extreme is asked of one document that has fines and sets no target."""
    text = running.request.answered.text
    if len(documents) != 1 or not gathers(running, "extreme") or UNITS.search(text):
        return None  # The longest chapter is no fine.
    ids = [document.id for document in documents]
    facts = running.index.facts
    fines = any(each.form == "罚款" for each in facts.find(Sanction, documents=ids))
    return "fine" if fines and not facts.find(Target, documents=ids) else None


def _differs(running: Running) -> bool:
    """Whether two figures are to be set side by side, rather than the most of several told."""
    told = running.gathers
    if gathers(running, "extreme", "difference"):
        return told["difference"] > told["extreme"]
    return running.request.answered.difference


def _named(running: Running, documents: Sequence[Document]) -> list[tuple[float, Target]]:
    """Targets with the share of their indicator's words that the question has, best first."""
    asked = without_documents(running.request.answered.text, documents)
    asked = asked.replace("规上", "规模以上")
    alternatives = running.index.lexicon.alternatives(asked)
    either = {token for words in alternatives for word in words for token in word}
    either |= set(tokenise_chinese(clean(asked).text))
    ids = [document.id for document in documents]
    glossary = dict(running.index.glossary) if running.language == "en" else {}
    stems = set(tokenise_english(asked))
    scored: list[tuple[float, int, Target]] = []
    for place, target in enumerate(running.index.facts.find(Target, documents=ids)):
        name = target.indicator or target.subject
        own = set(tokenise_chinese(name))
        share = len(own & either) / len(own) if own else 0.0
        if len(name) > HEAD_NOUN and name[-HEAD_NOUN:] in asked:
            share = max(share, NAMED)
        english = english_of(target.indicator, glossary) if glossary else None
        if english and (words := set(tokenise_english(english))):
            share = max(share, len(words & stems) / len(words))
        if share >= LEAST_SHARE:
            scored.append((-share, place, target))
    return [(-share, target) for share, _, target in sorted(scored, key=lambda each: each[:2])]


def _difference(
    running: Running, documents: Sequence[Document], apart: bool = False
) -> Iterator[Event]:
    """Two targets, and what lies between them; of different units both, and that they differ.

    `apart`: several documents are named, so that each has one of them.
    """
    named = _named(running, documents)
    whole = {id(target) for share, target in named if share >= NAMED}
    years = _of_two_years([target for _, target in named], running.request.asked.years)
    # Those that the question names wholly come before those of which it has some words.
    by_name = _pairs([target for share, target in named if share >= NAMED], apart)
    pairs = [years] if years else by_name or _pairs([target for _, target in named], apart)
    # Of two documents that are named those of one unit that are called most as the question has it.
    meant = likest(running, documents) if apart and not years else None
    if meant is None and pairs and (years or _of_one_thing(*pairs[0], whole)):
        meant = pairs[0]
    if apart and (meant is None or dimension(meant[0]) != dimension(meant[1])):
        meant = likest_of_each(running, documents) or meant
    # Neither the same of two documents, nor both asked about by name: those called most alike.
    if meant is None and (not apart or years):
        meant = likest(running, documents)
    if meant is None:
        return
    first, second = meant
    if dimension(first) != dimension(second):
        rows = [_target_row(running, each) for each in (first, second)]
        yield from running.listed([(message("difference-units", running.language), rows)])
        return
    larger, smaller = sorted((first, second), key=lambda each: each.value, reverse=True)
    rows = [_target_row(running, each) for each in (larger, smaller)]
    gap = larger.value - smaller.value
    names = _owned(running, larger, smaller), _owned(running, smaller, larger)
    key = "difference" if gap else "difference-none"
    lead = message(
        key if all(names) and years is None else "difference-plain",
        running.language,
        larger=names[0],
        smaller=names[1],
        gap=amount_told(running, gap, larger),
    )
    yield from running.listed([(lead, rows)])


def _of_one_thing(first: Target, second: Target, whole: Collection[int]) -> bool:
    """Whether two targets are the same of two documents, or both named wholly."""
    apart = first.document_id != second.document_id
    alike = apart and bool(indicator_words(first) & indicator_words(second))
    return alike or {id(first), id(second)} <= set(whole)


def _of_two_years(meant: Sequence[Target], years: frozenset[int]) -> tuple[Target, Target] | None:
    """The same of two years: the targets of the indicator named best that are for both of them."""
    for first in meant:
        for second in meant if len(years) == 2 else ():
            alike = (first.document_id, first.indicator) == (second.document_id, second.indicator)
            both = {first.by_year, second.by_year} == years
            if alike and both and dimension(first) == dimension(second):
                return first, second
    return None


def _pairs(meant: Sequence[Target], named: bool) -> list[tuple[Target, Target]]:
    """Pairs of targets that can be set side by side, the most alike first.

    Both are money, or both numbers of things, or both shares; of two documents one each,
    and where several are `named` of no one alone.
    """
    several = named or len({each.document_id for each in meant}) > 1
    pairs: list[tuple[float, int, tuple[Target, Target]]] = []
    for at, first in enumerate(meant):
        for place, second in enumerate(meant[at + 1 :], at + 1):
            apart = first.document_id != second.document_id
            if _family(first) != _family(second) or (several and not apart):
                continue
            if not apart and (
                first.indicator == second.indicator or dimension(first) != dimension(second)
            ):
                continue
            own = set(tokenise_chinese(first.indicator))
            other = set(tokenise_chinese(second.indicator))
            likeness = len(own & other) / max(1, len(own | other)) if several else 0.0
            likeness += MONEY * (_family(first) == "money")
            pairs.append((-likeness, at + place, (first, second)))
    return [pair for *_, pair in sorted(pairs, key=lambda each: each[:2])]


def _family(target: Target) -> str:
    """Whether a target is an amount of money, a share, a growth, or a number of things."""
    if target.measure in ("growth", "share"):
        return target.measure
    return "money" if target.currency else dimension(target)[0]


def _owned(running: Running, target: Target, other: Target) -> str:
    """The name of a target, with its place where two documents are compared."""
    name = target_name(running, target)
    if target.document_id == other.document_id:
        return name
    region = running.index.documents[target.document_id].region
    if running.language == "zh":
        return f"{region or ''}{name}"
    latin = max((each for each in names_of_region(region) if each.isascii()), key=len, default="")
    return ": ".join(filter(None, (latin.title(), name)))


def _extreme_target(running: Running, documents: Sequence[Document]) -> Iterator[Event]:
    meant = [target for _, target in _named(running, documents)]
    if len(meant) < 2 and kind_asked(running.request.answered.text, running.language) == "target":
        # The lowest of all targets: they are told by their year alone.
        every = facts_meant(running, "target", documents) if len(documents) == 1 else []
        meant = [each for each in every if isinstance(each, Target)]
    meant = _of_year(meant, running.request.asked.years)
    if len(meant) < 2:
        return
    unit = Counter(map(dimension, meant)).most_common(1)[0][0]
    alike = [each for each in meant if dimension(each) == unit]
    if len(alike) < 2:
        return
    low = bool(_LEAST.search(running.request.answered.text))
    alike.sort(key=lambda each: each.value, reverse=not low)
    key = "extreme-lowest" if low else "extreme-highest"
    lead = message(
        key if target_name(running, alike[0]) else "extreme-plain",
        running.language,
        name=target_name(running, alike[0]),
        value=value_told(running, alike[0]),
    )
    yield from running.listed([(lead, [_target_row(running, each) for each in alike])])


def _of_year(meant: Sequence[Target], years: frozenset[int]) -> list[Target]:
    """Those for the year named, if there are such; all of them otherwise."""
    return [each for each in meant if each.by_year in years] or list(meant)


def _by_bodies(running: Running, documents: Sequence[Document]) -> Iterator[Event]:
    """The articles with the most responsible bodies, with the fewest, or both."""
    text = running.request.answered.text
    ids = [document.id for document in documents]
    duties = running.index.facts.find(Duty, documents=ids)
    every = tuple(clause for each in documents for clause in each.clauses)
    ordinary = {clause.id for clause in Extent(tuple(documents), every).articles}
    # Who is in charge of the document as a whole is no task among others.
    held: dict[str, list[Duty]] = {}
    for duty in duties:
        if duty.clause_id in ordinary:
            held.setdefault(duty.clause_id, []).append(duty)
    if not held:
        return
    sizes = {len(own) for own in held.values()}
    wanted = {"bodies-fewest": min(sizes)} if _LEAST.search(text) else {}
    if _HIGHEST.search(text) or not wanted:
        wanted = {"bodies-most": max(sizes), **wanted}
    parts = []
    for key, size in wanted.items():
        own = [each for each in held.values() if len(each) == size]
        rows = [_row_of_bodies(running, each, len(documents)) for each in own]
        parts.append((message(key, running.language, count=size), rows))
    yield from running.listed(parts)


def _row_of_bodies(running: Running, duties: Sequence[Duty], documents: int) -> Statement:
    """An article with the bodies that its duties name."""
    read = running.read(duties[0].clause_id)
    resting = passages_of(read, duties[0].start, duties[0].end)
    glossary = dict(running.index.glossary)
    bodies = dict.fromkeys(duty.unit for duty in duties)
    told = [(running.language == "en" and english_of(each, glossary)) or each for each in bodies]
    return article_row(running, read, resting, documents, joined(told, running))


def _target_row(running: Running, target: Target) -> Statement:
    read = running.read(target.clause_id)
    resting = passages_of(read, target.start, target.end)
    colon = "：" if running.language == "zh" else ": "
    mark = corrected_mark(target, running.language)
    text = f"{running.label(read)}{colon}{target_told(running, target)}{mark}"
    return Statement(text, read, resting, complete=True)


def amount_told(running: Running, value: Decimal, like: Target) -> str:
    """A value in the unit of a target, as the question's language writes it."""
    return amount_in(running.language, value, like.unit, like.currency)
