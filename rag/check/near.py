"""Which clauses speak of the same as a statement, by the words and numbers that they share.

Ranks; whether one of them says it is judged elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from functools import lru_cache

from index.documents.model import Clause, Rendition
from index.text.figures import known_numbers, stated_numbers
from rag.answer.pieces import in_digits
from rag.answer.wording import content_words, means
from rag.schema import Language

# A number shared counts as much as so many words.
NUMBER = 2.0


@lru_cache(maxsize=512)
def _stated(text: str, language: Language) -> tuple[frozenset[str], frozenset[Fraction]]:
    digits = in_digits(text, language)
    numbers = frozenset(value for number in stated_numbers(digits) for value in number.values)
    return frozenset(content_words(digits, language)), numbers


@lru_cache(maxsize=8192)
def _held(zh: str, en: str) -> tuple[frozenset[str], frozenset[str], frozenset[Fraction]]:
    numbers = known_numbers(in_digits(zh, "zh")) | known_numbers(zh)
    return (
        frozenset(content_words(in_digits(zh, "zh"), "zh")),
        frozenset(content_words(in_digits(en, "en"), "en")) if en else frozenset(),
        numbers,
    )


def likeness(text: str, language: Language, zh: str, en: str) -> float:
    """How much of a statement's words and numbers a text of both languages has, from 0 to 1."""
    words, numbers = _stated(text, language)
    held_zh, held_en, held_numbers = _held(zh, en)
    if language == "zh":
        shared = sum(word in zh or word in held_zh for word in words)
    elif held_en:
        shared = len(words & held_en)
    else:
        shared = sum(means(word, held_zh) for word in words)
    most = len(words) + NUMBER * len(numbers)
    return (shared + NUMBER * len(numbers & held_numbers)) / most if most else 0.0


def nearest(
    text: str,
    language: Language,
    clauses: Iterable[tuple[Clause, Rendition | None]],
    most: int,
    least: float = 0.4,
) -> list[str]:
    """The ids of the clauses that share most with a statement, best first."""
    scored = [
        (likeness(text, language, clause.body, rendition.text if rendition else ""), clause.id)
        for clause, rendition in clauses
    ]
    found = sorted((each for each in scored if each[0] >= least), key=lambda each: -each[0])
    return [key for _, key in found[:most]]
