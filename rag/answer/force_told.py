"""Answers to whether something is so, may be, must be, or is better: no stronger than the text.

Where the text decides, the answer begins with yes or no; where it only strives, explores or
encourages, that is what is told. No model writes here, and no preference is given.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from index.facts.model import Force
from index.request.wording import Wording
from index.text.repair import clean
from prompts import prompt
from rag.answer.evidence import Passage, ReadClause
from rag.answer.force import Kind, asks_force, force_of, modal_word, strength_of
from rag.answer.parts import joined, parts_of
from rag.answer.pieces import pieces
from rag.answer.roles import Article
from rag.answer.stated_numbers import BODY, strange_bodies
from rag.answer.statement_check import Finding, check_sentence
from rag.answer.support import Statement, without_asides
from rag.answer.wording import absolutes, content_words, holds, means
from rag.schema import Language

# The share of a question's words that the clause must have for it to decide the question at all.
SAME_MATTER = 0.5
# The share from which that it is left open needs no judgement of the model's.
SURE = 0.6
# The share from which the text is told though it says neither yes nor no.
TOLD = 0.7
_ASKING = {
    "zh": re.compile(r"请问|到底|究竟|是不是|是否|会不会|有没有|吗|呢|么$|[？?]"),
    "en": re.compile(
        r"^\W*(?:so |and |but )?(?:do|does|did|is|are|was|were|will|would|should)\b|\?",
        re.IGNORECASE,
    ),
}
# A choice of two put as one: 能不能 asks whether 能.
_EITHER = {
    "可不可以": "可以", "能否": "可以", "可否": "可以", "能不能": "可以",
    "要不要": "需要", "需不需要": "需要", "用不用": "需要", "允不允许": "允许",
}  # fmt: skip
# What a part of a sentence before another one makes it depend on.
_CONDITION = {
    "zh": re.compile(
        r"\s*(?:在.*(?:下|前提|基础上|范围内|期间)|按照|依照|根据|依据|除|经|符合|未经|对于?|凡)"
    ),
    "en": re.compile(
        r"\s*(?:in accordance|where|if|subject to|on the (?:basis|premise)|without|when|unless|"
        r"provided|under|except|for)\b",
        re.IGNORECASE,
    ),
}
_LEAD = re.compile(
    r"^\s*(?:是的?|不是|否|对|可以|不可以|不能|必须|需要|不需要|无需|yes\b|no\b)[,，。:：;；.]\s*",
    re.IGNORECASE,
)
_VERDICT = {
    "zh": re.compile(r"更(?:适合|合适|好|有利|值得|划算)|推荐|建议选择"),
    "en": re.compile(r"\b(?:better|best|preferable|recommend\w*)\b", re.IGNORECASE),
}


@dataclass(frozen=True)
class Carried:
    """What a sentence of a clause says to a question: its force and word, the check's finding.

    `told` are the parts of the sentence that say it.
    `shared` is the share of the question's words that it has; `denied`: it says another thing.
    """

    passage: Passage
    told: str
    force: Force | None
    word: str
    finding: Finding
    shared: float
    denied: bool


def told_with_force(
    asked: Wording, read: ReadClause, ranked: Sequence[Passage], language: Language
) -> list[Statement] | None:
    """The answer that the clause carries to a question of yes or no, may or must.

    None where nothing of this kind is asked, or the clause is on something else.
    """
    kind = asks_force(asked.text, language)
    if kind is None or kind == "better" or read.language != language:
        return None
    carried = _carried(asked, read, ranked, language)
    if carried.shared < SAME_MATTER:
        return None
    asked_strength = strength_of(_asked_force(asked.text, kind, language))
    form = _form(kind, asked_strength, carried)
    if form is None:
        return None
    words = without_asides(carried.told, language)
    text = prompt(form, language, text=words, word=carried.word)
    decided = form not in ("force-undecided", "force-text")
    sure = decided or (form == "force-undecided" and carried.shared >= SURE)
    return [Statement(text, read, (carried.passage,), carried=sure)]


def _form(kind: Kind, asked: str, carried: Carried) -> str | None:
    """The name of the template for what the text says to the question; None if it tells no more."""
    held = strength_of(carried.force)
    if held == "hopes" and asked != "hopes":
        return "force-undecided"
    if carried.finding.verdict == "supported" and not carried.finding.unknown:
        if kind == "may":
            return "force-yes-may" if held == "allows" else "force-text"
        if kind == "must":
            return "force-yes-must" if held == "binds" else "force-yes"
        return "force-yes"
    if held == "forbids" and asked in ("allows", "states"):
        return "force-no-may" if kind == "may" else "force-no"
    if carried.denied:
        return "force-no"
    return "force-text" if carried.shared >= TOLD else None


def within_force(statement: Statement, asked: Wording, language: Language) -> Statement:
    """A written sentence where it is no stronger than its evidence, else the evidence itself.

    A yes or no at its beginning is left out: where the text decides, no model tells it.
    """
    if statement.read.language != language or not statement.evidence or statement.carried:
        return statement
    own = strength_of(force_of(statement.text, language))
    held = {
        strength_of(force_of(piece.text, language))
        for passage in statement.evidence
        for piece in pieces(passage.words(language), language)
    }
    stronger = own in ("allows", "forbids", "binds") and own not in held and "hopes" in held
    prefers = asks_force(asked.text, language) == "better" and _VERDICT[language].search(
        statement.text
    )
    if not (stronger or prefers):
        bare = _LEAD.sub("", statement.text)
        if bare == statement.text or not bare:
            return statement
        return replace(statement, text=bare[0].upper() + bare[1:])
    joint = "" if language == "zh" else " "
    words = joint.join(each.words(language) for each in statement.evidence)
    return replace(statement, text=without_asides(words, language))


def preferred(
    statements: Sequence[Statement], asked: Wording, language: Language
) -> list[Statement]:
    """The statements of the sides; where a preference is asked, headed by that none is given."""
    if not statements or asks_force(asked.text, language) != "better":
        return list(statements)
    first = statements[0]
    text = prompt("force-preference", language, text=first.text)
    return [replace(first, text=text), *statements[1:]]


def proposition(question: str, language: Language) -> str:
    """What a question asks the truth of, as a statement in its own words."""
    question = clean(question).text
    for either, one in _EITHER.items():
        question = question.replace(either, one)
    text = _ASKING[language].sub(" " if language == "en" else "", question)
    return " ".join(text.split())


def _asked_force(question: str, kind: Kind, language: Language) -> Force | None:
    if kind == "may":
        return "may"
    if kind == "must":
        return "must"
    return force_of(proposition(question, language), language)


def _carried(
    asked: Wording, read: ReadClause, ranked: Sequence[Passage], language: Language
) -> Carried:
    """What the sentence says to the question that has most of its words."""
    stated = proposition(asked.text, language)
    article = Article(read)
    words = [
        word
        for word in dict.fromkeys(content_words(stated, language))
        if not article.about(word, language) and not absolutes(word, language)
    ]
    best = max(ranked, key=lambda passage: _shared(words, passage, language))
    force, word = _force_on(words, best, language)
    finding = check_sentence(stated, read, language)
    # Another number, or another body, stands where the question has its own.
    other = language == "zh" and strange_bodies(stated, read) and BODY.search(best.zh)
    denied = finding.verdict == "numbers_differ" or bool(other)
    told = best.words(language) if other else _telling(words, best, word, language)
    return Carried(best, told, force, word, finding, _shared(words, best, language), denied)


def _shared(words: Sequence[str], passage: Passage, language: Language) -> float:
    """The share of the words that a sentence has."""
    if not words:
        return 0.0
    zh = frozenset(content_words(passage.zh, "zh"))
    en = frozenset(content_words(passage.en or "", "en"))
    if language == "zh":
        found = sum(holds(passage.zh, zh, word, "zh") for word in words)
    else:
        found = sum(holds("", en, word, "en") or means(word, zh) for word in words)
    return found / len(words)


def _force_on(
    words: Sequence[str], passage: Passage, language: Language
) -> tuple[Force | None, str]:
    """The force of the piece of a sentence that has most of the words, and its modal word.

    A piece without a modal word has that of the piece it goes on from.
    """
    run = pieces(passage.words(language), language)
    if not run:
        return None, ""
    counts = [len(_held(words, piece.text, language)) for piece in run]
    at = counts.index(max(counts))
    if language == "zh" and run[at].text.endswith("的") and at + 1 < len(run):
        at += 1  # a condition: what follows from it stands behind the comma
    for piece in reversed(run[: at + 1]):
        found = modal_word(piece.text, language)
        if found:
            return found
        if language == "zh" and not piece.goes_on:
            break
    return None, ""


def _telling(words: Sequence[str], passage: Passage, word: str, language: Language) -> str:
    """The parts of a sentence that have the words, with the modal word and the conditions."""
    parts = parts_of(passage, language)
    held = [_held(words, part.text, language) for part in parts]
    best = max(range(len(parts)), key=lambda place: len(held[place]))
    kept = {best}
    if language == "zh" and parts[best].text.rstrip("，, ").endswith("的"):
        kept.add(min(best + 1, len(parts) - 1))
    modal = [at for at, part in enumerate(parts[: max(kept) + 1]) if word and word in part.text]
    kept |= set(range(modal[-1], best)) if modal else set()
    for at, part in enumerate(parts):
        told = frozenset().union(*(held[each] for each in kept))
        if held[at] - told or (at < best and _CONDITION[language].match(part.text)):
            kept.add(at)
    return joined([part for at, part in enumerate(parts) if at in kept], language)


def _held(words: Sequence[str], text: str, language: Language) -> frozenset[str]:
    own = frozenset(content_words(text, language))
    return frozenset(word for word in words if holds(text, own, word, language))
