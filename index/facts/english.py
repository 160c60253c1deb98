"""English for facts: names of bodies and indicators by the glossary, sentences by the rendition.

Gives what is there and translates nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

from index.documents.model import Rendition, Sentence
from index.facts.model import Definition, Duty, Fact, Relation, Target
from index.facts.units import same_body

_SHORTEST = 6


def named(zh: str, glossary: Mapping[str, str]) -> str | None:
    """The English of a name by the glossary; of a body also by another of its names. None if none.

    A name that the glossary has without its level (商务局 for 市商务局) counts, with the level.
    """
    if zh in glossary:
        return glossary[zh]
    for known, english in glossary.items():
        if known[-1:] == zh[-1:] and same_body(known, zh):
            level = {"省": "Provincial ", "市": "Municipal ", "区": "District ", "县": "County "}
            own = "" if known[:1] == zh[:1] else level.get(zh[:1], "")
            return own + english
    return None


def sentence_of(fact: Fact, rendition: Rendition | None) -> Sentence | None:
    """The rendition's sentence in which the fact's words stand, None where none is aligned."""
    if rendition is None:
        return None
    words = _bare(fact.clean)
    for sentence in rendition.sentences:
        aligned = _bare(sentence.zh)
        if words and (words in aligned or (len(aligned) >= _SHORTEST and aligned in words)):
            return sentence
    return None


def terms(fact: Fact, glossary: Mapping[str, str]) -> dict[str, str]:
    """The columns of a fact that have English by the glossary: unit, indicator, term, title."""
    wanted: Iterable[tuple[str, str | None]] = ()
    if isinstance(fact, Duty):
        wanted = (("unit", fact.unit),)
    elif isinstance(fact, Target):
        wanted = (("indicator", fact.indicator), ("subject", fact.subject), ("place", fact.place))
    elif isinstance(fact, Definition):
        wanted = (("term", fact.term),)
    elif isinstance(fact, Relation):
        wanted = (("target_title", fact.target_title),)
    found = ((name, named(zh, glossary)) for name, zh in wanted if zh)
    return {name: english for name, english in found if english}


@lru_cache(maxsize=20_000)
def _bare(text: str) -> str:
    return re.sub(r"\W", "", text)
