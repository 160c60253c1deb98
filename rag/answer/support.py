"""Gives every sentence of an answer its citation, and drops what the clause does not support.

A sentence is written from one clause, so it can only cite that clause; what is decided here is
which of the clause's sentences it rests on (the quote), and whether its numbers and words are
there at all. It writes nothing itself.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from index.text.figures import known_numbers, stated_numbers
from index.text.places import both_scripts, places_named
from index.text.tokens import tokenise_chinese, tokenise_english
from index.text.written import HAN
from rag.answer.evidence import Passage, ReadClause
from rag.answer.roles import misplaced
from rag.answer.statement_check import check_sentence
from rag.schema import Language

# The share of a sentence's words that may stand neither in the clause nor in the question; one
# such word is allowed in a sentence of at least LONG words.
NEW_WORDS = 0.06
LONG = 8
# An answer below this length (characters or words) says too little to be understood alone.
TOO_SHORT = {"zh": 10, "en": 4}
_ASIDE = re.compile(r"\s*[(（][^()（）A-Za-z]*[\u4e00-\u9fff][^()（）A-Za-z]*[)）]")
_DOLLARS = re.compile(r"\$|dollar|\bUSD\b|美元|美金", re.IGNORECASE)
_ZH_END = re.compile(r"(?<=[。！？])(?![”’」』）)])|\n+")
_EN_END = re.compile(r"(?<=[.!?])[\"”’)]*\s+(?=[\"“‘(]?[A-Z0-9])|\n+")
_ABBREVIATION = re.compile(r"(?:\b(?:No|Art|Dr|Mr|Ms|vs|e\.g|i\.e|etc|Co|Ltd|Inc|U\.S)\.)$")
_LIST_MARK = re.compile(r"^\s*(?:[-*•]|\d{1,2}[.)、])\s+")
_NUMBERED = re.compile(r"[\s;.,]*(?:^|(?<=[\s:;]))\(?\d{1,2}[.)]\s+(?=[A-Z])")
_NOT_STATED = re.compile(
    r"(?:未|没有|并未|没)(?:明确|具体|直接)*(?:提及|提到|说明|规定|给出|写明|列出|指出|明确|提供|涉及)|"
    r"无法(?:确定|回答|得知|判断)|\bunspecified\b|\bnot (?:\w+ ){0,2}(?:specified|stated|mentioned|"
    r"provided|given|disclosed|indicated|named|listed)\b|\b(?:does|do|did)(?: not|n't) "
    r"(?:\w+ )?(?:specify|state|mention|say|provide|contain|indicate|name|give|list)\b|"
    r"\bno (?:specific|information|mention)\b",
    re.IGNORECASE,
)
_LISTED = re.compile(r"[\u4e00-\u9fff]、[\u4e00-\u9fff]|\w, .*\band \w")
_QUOTE_MARK = re.compile(r"\s*[\[【]\d{1,2}[\]】]")


@dataclass(frozen=True)
class Statement:
    """A sentence of an answer, the clause it was written from and the sentences it rests on.

    `complete`: nothing is to be added to it, not even that its document has expired. `carried`:
    it says no more than the text does by rule, and needs no judgement of the model's. `beside` are
    statements of other clauses that it rests on too. `original`: the words of which `text` is the
    translation, where it was written in the clause's language.
    """

    text: str
    read: ReadClause
    evidence: tuple[Passage, ...]
    complete: bool = False
    carried: bool = False
    beside: tuple[Statement, ...] = ()
    original: str = ""


def split_answer(text: str, language: Language) -> list[str]:
    """The sentences of a written answer, without list marks or invented citation marks."""
    text = _QUOTE_MARK.sub("", text)
    if language == "en" and len(_NUMBERED.findall(text)) > 1:
        # 1. Kitchens 2. Toilets is one sentence.
        text = re.sub(r":\s*;", ":", _NUMBERED.sub("; ", text)).lstrip("; ")
    pieces: list[str] = []
    for piece in (_ZH_END if language == "zh" else _EN_END).split(text):
        follows = bool(pieces) and _ABBREVIATION.search(pieces[-1]) is not None
        # The number behind No. marks no item of a list.
        piece = (piece or "" if follows else _LIST_MARK.sub("", piece or "")).strip()
        if not piece:
            continue
        if follows:
            pieces[-1] += " " + piece
        else:
            pieces.append(piece)
    return pieces


def support(
    text: str, read: ReadClause, evidence: Sequence[Passage], question: str, language: Language
) -> Statement | None:
    """The sentence with the evidence it rests on; None if the clause does not support it.

    Every number must be in the evidence or the names of clause and document (in whatever unit),
    nearly every word in the clause or the question, and every capitalised English word; an English
    sentence must be free of Chinese outside of 《》, dollars must be the clause's, and so must
    every place. What numbers, names and words are said of must be so in the clause too.
    """
    if is_foreign(text, language):
        return None
    if language == "zh" and not HAN.search(text):
        return None
    if _DOLLARS.search(text) and not _DOLLARS.search(read.known):
        return None
    shown = (f"{passage.zh}\n{passage.en or ''}" for passage in evidence)
    known = known_numbers("\n".join((read.named, question, *shown)))
    if any(not number.values & known for number in stated_numbers(text)):
        return None
    told = f"{read.known}\n{question}"
    if places_named(text) - both_scripts(places_named(told)):
        return None
    words = _words(text, language)
    if read.language == language:
        new = {word for word in words - _words(told, language) if word not in told}
        if len(new) > max(int(len(words) >= LONG), NEW_WORDS * len(words)):
            return None
        if language == "en" and any(name.lower() not in told.lower() for name in _names(text)):
            return None
    if not _is_carried(text, read, question, language):
        return None
    overlaps = [_overlap(text, words, passage, read, language) for passage in evidence]
    best = max(overlaps, default=0.0)
    resting = [
        passage
        for passage, overlap in zip(evidence, overlaps, strict=True)
        if best and overlap >= 0.5 * best
    ]
    return Statement(text, read, tuple(resting or evidence[:1]))


def _is_carried(text: str, read: ReadClause, question: str, language: Language) -> bool:
    """Whether the clause carries the sentence by the check that citations of others get.

    Where the clause has no words of the language, its numbers are looked at alone.
    """
    if read.language != language:
        return misplaced(text, read, language) is None
    return check_sentence(text, read, language, question).verdict in ("verbatim", "supported")


def _names(text: str) -> list[str]:
    """Capitalised English words that do not begin a sentence."""
    return re.findall(r"(?<=[a-z,;] )[A-Z][A-Za-z]+", text)


def says_little(text: str, question: str, language: Language, body: str) -> bool:
    """Whether a written sentence is a bare fragment, or repeats the question and adds nothing.

    What it adds must be the clause's: `body` is what that says. A list of names is no fragment.
    """
    length = len(re.findall(r"[\u4e00-\u9fff\d]", text) if language == "zh" else text.split())
    if length < TOO_SHORT[language] and not _LISTED.search(text):
        return True
    asked = known_numbers(question)
    if (known_numbers(text) & known_numbers(body)) - asked:
        return False
    if any(not number.values & asked for number in stated_numbers(text)):
        return False
    added = _words(text, language) - _words(question, language)
    return not any(len(word) > 1 and word in body.lower() for word in added)


def says_nothing(text: str, read: ReadClause) -> bool:
    """Whether what was written is that the clause does not say it, in words not the clause's."""
    found = _NOT_STATED.search(text)
    return found is not None and found[0].lower() not in read.known.lower()


def verbatim(passages: Sequence[Passage], read: ReadClause) -> list[Statement]:
    """The clause's own sentences as statements that rest on themselves."""
    return [Statement(passage.words(read.language), read, (passage,)) for passage in passages]


def without_asides(text: str, language: Language) -> str:
    """English without the Chinese terms that a rendition gives in brackets behind its own."""
    return _ASIDE.sub("", text) if language == "en" else text


def is_foreign(text: str, language: Language) -> bool:
    """Whether a sentence for an English reader is still in Chinese."""
    return language == "en" and bool(HAN.search(re.sub(r"《[^》]*》", "", text)))


def _overlap(
    text: str, words: set[str], passage: Passage, read: ReadClause, language: Language
) -> float:
    """How many of the sentence's words the passage has; its numbers count three times."""
    there = _words(passage.words(read.language), language if read.language == language else "zh")
    shared = float(len(words & there))
    numbers = {value for number in stated_numbers(text) for value in number.values}
    if numbers:
        known = known_numbers(passage.zh + " " + (passage.en or ""))
        shared += 3.0 * len(numbers & known)
    return shared


def _words(text: str, language: Language) -> set[str]:
    return set(tokenise_chinese(text) if language == "zh" else tokenise_english(text))
