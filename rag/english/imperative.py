"""What a plan sets itself, as a sentence: `Supporting towns`, `To support towns`: `Support towns`.

Plans list what is to be done without a subject, and a small model makes fragments of that. Only a
sentence without a verb of its own is changed.
"""

from __future__ import annotations

import re

from index.search.lexicon import senses_of
from index.text.tokens import cut_chinese
from rag.english.vocabulary import vocabulary

_ADVERBS = re.compile(
    r"^(?:大力|积极|进一步|持续|深入|全面|着力|切实|扎实|充分|及时|严格|不断|稳步|有序|主动|优先|重点|坚决|统筹)"
)

_FINITE = re.compile(
    r"\b(?:will|shall|is|are|was|were|has|have|had|can|may|must|should|would|do|does|did|we|be)\b",
    re.IGNORECASE,
)
_TO = re.compile(r"^To (?:\w+ly )?[a-z]+ (?!\w+ing\b)")
_GERUND = re.compile(r"^((?:[A-Z]\w+ly )?)([A-Z]?[a-z]{2,}ing)\b(?! (?:of|up|is|are)\b)")


def as_sentence(sentence: str, english: str) -> str:
    """The English as a demand, where it is only a fragment and the Chinese demands.

    What the Chinese makes a duty (应当) is one in the English.
    """
    if "应当" in sentence:
        # As laws are rendered: a duty, not advice.
        english = re.sub(r"\bshould\b", "shall", english)
    if _FINITE.search(english) or not _begins_with_verb(sentence):
        return english
    if _TO.match(english):
        return english[3:4].upper() + english[4:]
    found = _GERUND.match(english)
    base = _base(found[2].lower()) if found else None
    if not found or base is None:
        return english
    verb = base if found[1] else base.capitalize()
    return f"{found[1]}{verb}{english[found.end() :]}"


def _begins_with_verb(sentence: str) -> bool:
    """Whether a sentence begins with a verb, adverbs aside: 大力推动, 支持."""
    first = next(iter(cut_chinese(_ADVERBS.sub("", sentence))), "")
    senses = senses_of(first) or senses_of(first[:2])
    return any(sense.startswith("to ") for sense in senses)


def _base(gerund: str) -> str | None:
    """The verb of a form in -ing; None where none is known."""
    words = vocabulary().small
    stem = gerund.removesuffix("ing")
    doubled = stem[:-1] if len(stem) > 3 and stem[-1] == stem[-2] and stem[-1] not in "sl" else ""
    for verb in (doubled, f"{stem}e", stem):
        if verb in words and len(verb) > 2:
            return verb
    return None
