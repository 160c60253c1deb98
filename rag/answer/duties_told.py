"""Says who is responsible, with each body's part: from the duties read at build time.

Only brackets of bodies are told so; a sentence that says who does what is written from like any
other.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from index.facts.english import named
from index.facts.model import Duty
from index.request.wording import Wording
from index.text.repair import clean
from prompts import message
from rag.answer.evidence import Passage, ReadClause
from rag.answer.support import Statement
from rag.schema import Language

_BRACKET = re.compile(r"^[(（\[【]")
_LABEL = re.compile(r"^\W*(?:Responsible|Lead)[^:]*:\s*", re.IGNORECASE)
# Who leads is asked, and nobody else.
_LEADER = re.compile(r"牵头|主办|带头|\b(?:leads?|leading|heads?)\b", re.IGNORECASE)
_OTHERS = re.compile(
    r"配合|参与|协办|协同|哪些|哪几|分别|各|谁.*谁|"
    r"\b(?:support\w*|assist\w*|others?|which \w+s|all|bodies|agencies|departments|units|"
    r"and who)\b",
    re.IGNORECASE,
)


def tell_duties(
    duties: Sequence[Duty],
    asked: Wording,
    read: ReadClause,
    passages: Sequence[Passage],
    language: Language,
    glossary: Mapping[str, str],
) -> Statement | None:
    """The clause's bracket of bodies as a sentence; None where there is none, or more than one.

    `passages` are the sentences that answer best: the bracket must be one of the first two.
    """
    bracket = next((each for each in passages[:2] if _BRACKET.match(each.zh)), None)
    if bracket is None:
        return None
    own = [duty for duty in duties if _bare(duty.unit_as_written) in _bare(bracket.zh)]
    own = [duty for duty in own if _BRACKET.match(duty.clean)]
    names = _names(own, bracket, language, glossary)
    if not own or names is None:
        return None
    lead = [name for name, duty in zip(names, own, strict=True) if duty.role == "lead"]
    support = [name for name, duty in zip(names, own, strict=True) if duty.role == "support"]
    if lead and _LEADER.search(asked.text) and not _OTHERS.search(asked.text):
        support = []
    if lead and support:
        text = message(
            "who-lead", language, lead=_listed(lead, language), support=_listed(support, language)
        )
    elif lead:
        text = message("who-lead-alone", language, lead=_listed(lead, language))
    else:
        text = message("who-joint", language, joint=_listed(names, language))
    return Statement(text, read, (bracket,))


def _names(
    duties: Sequence[Duty], bracket: Passage, language: Language, glossary: Mapping[str, str]
) -> list[str] | None:
    """The bodies' names in the language; None where one has none."""
    if language == "zh":
        return [clean(duty.unit_as_written).text for duty in duties]
    if bracket.en:
        inside = _LABEL.sub("", bracket.en.strip(" ()[].。"))
        pieces = [each.strip() for each in re.split(r";" if ";" in inside else r",", inside)]
        if len(pieces) == len(duties):
            return pieces
    names = [named(duty.unit, glossary) for duty in duties]
    known = [name for name in names if name]
    return known if len(known) == len(names) else None


def _listed(names: Sequence[str], language: Language) -> str:
    if language == "zh":
        return "、".join(names)
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _bare(text: str) -> str:
    return re.sub(r"\W", "", clean(text).text)
