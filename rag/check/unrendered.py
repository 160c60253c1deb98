"""Sentences judged against a clause, also English ones against a clause that has no English.

Its words are then looked for through the dictionary alone, which does not lead to all of them. It
judges one sentence; what a text says in several is put together in judge.py.
"""

from __future__ import annotations

import re

from index.text.figures import known_numbers, stated_numbers
from rag.answer.evidence import ReadClause
from rag.answer.force import denies
from rag.answer.pieces import in_digits, pieces
from rag.answer.roles import Article, Place, has_word
from rag.answer.statement_check import Finding, check_sentence
from rag.answer.wording import content_words, turns
from rag.check.model import Verdict
from rag.schema import Language

# The share of an English statement's words that the dictionary must find in an article that has no
# English, where its figures agree and where it has none.
WITH_FIGURES, WITHOUT_FIGURES = 0.3, 0.6
# Of which no word stands in an article; fewer may be written in another way.
_TOO_FEW = 2
# In another unit, of another year, or bounded the other way.
_OTHERWISE = re.compile(r"\((?:unit|year|at least|growth)")
_PUNISHED = re.compile(r"未|违反|逾期不")
_ARTICLE_NUMBER = re.compile(r"第[\d一二三四五六七八九十百零〇]+[条款项章]")
_UNIT = re.compile(r"\d\s*([^\d\s.,，。]{1,2})")


def sentence_judged(
    text: str, read: ReadClause, language: Language, without_figures: float
) -> tuple[Verdict, tuple[str, ...]]:
    """The verdict on one sentence, as far as a reader of the article could give it."""
    found = check_sentence(text, read, language)
    if found.failed == "numbers" and (known_numbers(read.body) or stated_numbers(read.body)):
        return "numbers_differ", found.reasons
    if language != read.language and _may_be_there(found, text, read, language):
        # The article has no English: a word that the dictionary does not lead to may be there.
        words = set(content_words(in_digits(text, language), language))
        share = 1 - len(set(found.unknown) & words) / max(1, len(words))
        if any(turns(word, language) for word in found.unknown):
            return found.verdict, found.reasons
        if not share and len(words) > _TOO_FEW:
            return found.verdict, found.reasons
        figures = figures_of(text, language)
        least = without_figures if not figures else WITH_FIGURES / min(figures, 2)
        if share >= least:
            return "supported", found.reasons
        return "unchecked", found.reasons
    return found.verdict, found.reasons


def _may_be_there(found: Finding, text: str, read: ReadClause, language: Language) -> bool:
    """Whether an article that has no English may say it all the same.

    A number cannot be of another thing where there is one sentence, or where its own words are
    nearest, and what an article punishes (未, 违反) is no denial of what follows.
    """
    if found.failed == "role":
        if _OTHERWISE.search(found.reasons[0]):
            return False
        return len(read.lines) == 1 or _numbers_stand_nearest(text, read, language)
    if found.failed == "denied":
        return not denies(text, language) and _PUNISHED.search(read.body) is not None
    return found.failed in ("words", "names", "together")


def _numbers_stand_nearest(text: str, read: ReadClause, language: Language) -> bool:
    """Whether each number has more of its sentence's words beside it than any other number has."""
    article = Article(read)
    for piece in pieces(text, language):
        for value in piece.values:
            own = [p for p in article.places() if value in p.piece.values]
            others = [p for p in article.places() if value not in p.piece.values]
            others = [p for p in others if re.search(r"\d", _ARTICLE_NUMBER.sub("", p.piece.text))]
            words = set(content_words(in_digits(text, language), language))

            def shared(place: Place, words: set[str] = words) -> int:
                return sum(has_word(place, word, language) for word in words)

            best = max(own, key=shared, default=None)
            if best is None or any(
                shared(other) > shared(best)
                or not _apart(best, other, shared(best) - shared(other))
                for other in others
            ):
                return False
    return True


def _apart(place: Place, other: Place, more: int) -> bool:
    """Whether two numbers cannot be taken for one another: by words, or by their units."""
    if more:
        return True
    within = place.piece.text in other.zh or other.piece.text in place.zh
    return within and not set(_UNIT.findall(place.piece.text)) & set(
        _UNIT.findall(other.piece.text)
    )


def figures_of(statement: str, language: Language) -> int:
    """How many numbers it gives that are more than a year or the number of an article."""
    text = re.sub(r"(?<!\d)(?:19|20)\d\d(?!\d)\s*年?", " ", in_digits(statement, language))
    return len(stated_numbers(text))
