"""Cuts a sentence of a clause into parts that say one thing each, and joins chosen ones again.

By grammar alone: Chinese at its commas and semicolons, English where a comma begins another verb.
It does not know the question; rag.answer.choose_parts does.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from prompts import prompt
from rag.answer.evidence import Passage
from rag.schema import Language

_OPEN, _CLOSED = "([（［〔【“「『《‘", ")]）］〕】”」』》’"
_ZH_END = frozenset("，,；;。！？!?\n")
# English ends that end a part whatever follows, and those that do only before another verb.
_EN_HARD = re.compile(r"[;!?](?=\s|$)|[.](?=\s+[\"“(]?[A-Z0-9—–-]|$)|\n")
_EN_COMMA = re.compile(r",(?=\s)")
_EN_LEAD = re.compile(
    r"^[\s,;.—–-]*(?:(?:and|but|or|then|so as to|to|also)\s+)*"
    r"(?:(?:\w+ly|first|we will|further)\s+)*",
    re.IGNORECASE,
)
_EN_FINITE = re.compile(
    r"\b(?:will|shall|must|may|can|could|should|would|is|are|was|were|has|have|had|be|exceeds?|"
    r"reach(?:es)?|accounts?)\b",
    re.IGNORECASE,
)
_EN_OPEN = re.compile(r"\b(?:shall|must|will|may|should|can)\s*,", re.IGNORECASE)
_ZH_ALONE = re.compile(
    r"^\s*(?:其中|同时|另外|此外|包括|例如|并|且|(?:到|至|在|自|从|于|截至)?(?:20\d\d年)?[^，]{0,6}(?:年底?|前|后|内|起|期间|时))[，,]?\s*$"
)
# What limits the rule that stands beside it: no rule is told without it.
_EXCEPT = {
    "zh": re.compile(
        r"^[\s,，;；]*(?:但|不适用|不包括|不属于|除.{1,40}(?:外|之外|以外)[,，]?$)|除外[。;；,，]?\s*$"
    ),
    "en": re.compile(
        r"^[\s,;]*(?:but|except|unless|provided that|other than|however|save (?:for|where|as))\b"
        r"|\bexcepted[.;,]?\s*$",
        re.IGNORECASE,
    ),
}
# What says nothing without the part before it, which names whom or when: 可以延长三十日, 由……承担.
_LEANS = re.compile(
    r"^[\s,，]*(?:也|均|都|还|方)?(?:可以|可|应当|应|必须|不得|由|享有|承担|免|不再|不予|视为|为)"
)
_UNDER = re.compile(r"^[\s,，]*(?:在|对|经|根据|依照|按照|因|为)")
# Whom a rule is for, not what something is like: 由民政部门牵头的,有关部门参加的机制.
_HEAD = re.compile(r"^(?:(?!应当|必须|可以|不得|建立|由)[^,，;；。]){2,60}的[,，](?=.)")
_CONDITION = re.compile(r"(?:的|时|后|前|起|内|日)[,，]\s*$")
_ENDS_RULE = re.compile(r"[;；。.]\s*$")
_EDGE = " \t\n　，,；;。.：:、"


@dataclass(frozen=True)
class Part:
    """A part of a passage: its span in the passage's words in the language it is read in."""

    passage: Passage
    start: int
    end: int
    text: str


def parts_of(passage: Passage, language: Language) -> list[Part]:
    """The parts of a passage in their order; their texts joined are the passage's words."""
    words = passage.words(language)
    english = language == "en" and bool(passage.en)
    ends = _english_ends(words) if english else _chinese_ends(words)
    parts: list[Part] = []
    start = 0
    for end in [*ends, len(words)]:
        if words[start:end].strip(_EDGE + _CLOSED):
            parts.append(Part(passage, start, end, words[start:end]))
        elif parts:
            last = parts[-1]
            parts[-1] = Part(passage, last.start, end, words[last.start : end])
        else:
            continue
        start = end
    return parts


def with_conditions(parts: Sequence[Part], kept: Iterable[Part], language: Language) -> list[Part]:
    """The parts kept, each with the part before it that says of whom or when it holds, in Chinese.

    逾期不改正的,处一万元罚款: neither is told without the other.
    """
    chosen = {*kept}
    if language == "en" and parts and parts[0].passage.en:
        return [part for part in parts if part in chosen]
    told: list[Part] = []
    for rule in _rules(parts):
        for before, here in pairwise(rule):
            if before in chosen and _CONDITION.search(before.text):
                chosen.add(here)
        head = _HEAD.match(rule[0].text)
        leaning = {part for part in rule if part in chosen and _LEANS.match(part.text)}
        for before, here in reversed([*pairwise(rule)] if head is None else ()):
            if here in leaning:
                chosen.add(before)
                # 在……前提下,可以……: whom it is said of stands before that.
                if _LEANS.match(before.text) or _UNDER.match(before.text):
                    leaning.add(before)
        own = [part for part in rule if part in chosen]
        if own and own[0] is not rule[0] and head:
            # 疫苗属于假药的,……,并处罚款: whom the fine is for stands where the rule begins.
            first = rule[0]
            own.insert(0, Part(first.passage, first.start, first.start + head.end(), head[0]))
        told += own
    return told


def with_exceptions(parts: Sequence[Part], kept: Iterable[Part], language: Language) -> list[Part]:
    """The parts kept, with what limits them: 但……, ……除外, and 除……外 before them.

    `parts` are all of the passage's. What limits a rule stands in its sentence up to the next
    semicolon; a limit goes on up to there too.
    """
    limits = _EXCEPT["en" if language == "en" and parts and parts[0].passage.en else "zh"]
    chosen = {*kept}
    for rule in _rules(parts):
        told = [at for at, part in enumerate(rule) if part in chosen]
        if not told:
            continue
        for at, part in enumerate(rule):
            if part in chosen or not limits.search(part.text):
                continue
            # 除本法另有规定外 limits what follows, 但 all that stands before it.
            goes_on = at > told[0] and part.text.lstrip(" ,，").startswith(("但", "but", "except"))
            chosen |= {*rule[at:]} if goes_on else {part}
    return [part for part in parts if part in chosen]


def _rules(parts: Sequence[Part]) -> Iterable[list[Part]]:
    """The parts in runs that a semicolon ends."""
    run: list[Part] = []
    for part in parts:
        run.append(part)
        if _ENDS_RULE.search(part.text):
            yield run
            run = []
    if run:
        yield run


def joined(parts: Sequence[Part], language: Language) -> str:
    """Parts of one passage as one sentence: neighbours as they stand, others after a semicolon.

    It begins and ends as a sentence of its language does.
    """
    pieces: list[str] = []
    last: Part | None = None
    for part in parts:
        if last and last.end == part.start:
            pieces[-1] += part.text
        else:
            pieces.append(part.text)
        last = part
    pieces = [_bare(piece, language) for piece in pieces]
    english = language == "en" and bool(parts and parts[0].passage.en)
    joint, stop = ("; ", ".") if english else ("；", "。")
    text = ""
    for piece in filter(None, pieces):
        # A condition is told with what follows from it: 疫苗属于假药的，并处罚款.
        between = "，" if not english and text.endswith("的") else joint
        text += f"{between}{piece}" if text else piece
    if english:
        text = text[:1].upper() + text[1:]
    return text + stop if text else ""


def _bare(text: str, language: Language) -> str:
    """A piece without the marks and the joining word at its edges, its brackets in pairs."""
    text = text.strip(_EDGE)
    if language == "en":
        text = re.sub(r"^(?:and|but|or|then)\s+", "", text, flags=re.IGNORECASE)
    else:
        text = re.sub(r"^(?:并且|同时|其中|并(?=[\u4e00-\u9fff]{2})|且)[，,]?", "", text)
    for opening, closing in zip(_OPEN, _CLOSED, strict=True):
        if text.startswith(opening) and text.count(opening) > text.count(closing):
            text = text[1:]
        if text.endswith(closing) and text.count(closing) > text.count(opening):
            text = text[:-1]
        if text.startswith(opening) and text.endswith(closing) and text.count(opening) == 1:
            text = text[1:-1]
    return text.strip(_EDGE)


def _outside(text: str, places: Iterable[int]) -> list[int]:
    """Those of the places that lie in no bracket or quotation mark."""
    depth, inside = 0, set()
    for at, char in enumerate(text):
        if depth:
            inside.add(at)
        if char in _OPEN:
            depth += 1
        elif char in _CLOSED and depth:
            depth -= 1
    # A bracket that is never closed encloses nothing.
    return [place for place in places if place - 1 not in inside or depth]


def _chinese_ends(words: str) -> list[int]:
    ends = _outside(words, [at + 1 for at, char in enumerate(words) if char in _ZH_END])
    kept = []
    start = 0
    for end in ends:
        piece = words[start:end]
        # Who does something of which the rest tells what follows: 未取得许可经营的，处…罚款.
        condition = piece.rstrip("，, ").endswith("的")
        if (condition or _ZH_ALONE.match(piece)) and words[end - 1] in "，,":
            continue
        kept.append(end)
        start = end
    return kept


def _english_ends(words: str) -> list[int]:
    hard = {match.end() for match in _EN_HARD.finditer(words)}
    commas = {match.end() for match in _EN_COMMA.finditer(words)}
    ends = sorted(_outside(words, hard | commas))
    kept: list[int] = []
    start = 0
    for number, end in enumerate(ends):
        following = words[end : ends[number + 1] if number + 1 < len(ends) else len(words)]
        piece = words[start:end]
        # What must be done comes only behind the aside: shall, in line with the plan, draw up ….
        open_yet = _EN_OPEN.search(piece)
        if end in commas and (open_yet or not (_begins_clause(following) and _says(piece))):
            continue
        kept.append(end)
        start = end
    return kept


def _says(piece: str) -> bool:
    """Whether an English piece has a verb of its own; `By 2025,` has none."""
    return _begins_clause(piece)


def _begins_clause(piece: str) -> bool:
    rest = _EN_LEAD.sub("", piece.strip(), count=1)
    first = re.match(r"[A-Za-z-]+", rest)
    if first and first[0].lower() in _verbs():
        return True
    return _EN_FINITE.search(piece) is not None


@cache
def _verbs() -> frozenset[str]:
    """Verbs with which English sentences of policies begin."""
    return frozenset(prompt("verbs", "en").split())
