"""Whether a name in a statement stands in the clause with what is said of it, not of another name.

浦东's zone is none of 徐汇's, though one sentence names both. Knows pieces and names, no meaning.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from rag.answer.pieces import Piece
from rag.answer.roles import Article
from rag.answer.wording import content_words, holds, is_proper
from rag.schema import Language

# So few words of a piece are part of a list that goes on behind the comma.
_LISTED = 2


def name_of_another(
    text: str, wanted: Sequence[str], article: Article, language: Language
) -> str | None:
    """A name of the statement, if the clause says the most of it of another name; else None."""
    names = list(_names(text, article, language))
    others = [word for word in wanted if word not in names and " " not in word]
    if not names or not others:
        return None
    lines = article.zh if language == "zh" else article.en
    for line in lines:
        run = list(_listed(line)) if language == "en" else list(line)
        for name in names:
            own = [piece for piece in run if _has(piece, name, language)]
            if not own:
                continue
            best = max(_share(piece, others, language) for piece in own)
            for piece in run:
                rival = not any(_has(piece, each, language) for each in names)
                named = any(
                    not article.about(word, language) and _is_name(word, article, language)
                    for word in piece.words
                )
                if rival and named and _share(piece, others, language) > best:
                    return name
    return None


def _names(text: str, article: Article, language: Language) -> Iterable[str]:
    for word in dict.fromkeys(content_words(text, language)):
        if not article.about(word, language) and _is_name(word, article, language):
            yield word


def _is_name(word: str, article: Article, language: Language) -> bool:
    """Whether a word is a proper name: by the dictionary, or a Chinese name in Latin letters."""
    if language == "zh":
        return is_proper(word)
    return re.sub(r"\W", "", word) in article.proper


def _listed(line: Sequence[Piece]) -> Iterable[Piece]:
    """English pieces, those of a list joined with what stands around them."""
    held: list[Piece] = []
    for piece in line:
        listed = len(piece.words) <= _LISTED or (held and len(held[-1].words) <= _LISTED)
        if held and not listed:
            yield _joined(held)
            held = []
        held.append(piece)
    if held:
        yield _joined(held)


def _joined(run: Sequence[Piece]) -> Piece:
    words = tuple(word for piece in run for word in piece.words)
    values = frozenset(value for piece in run for value in piece.values)
    years = frozenset(year for piece in run for year in piece.years)
    text = ", ".join(piece.text for piece in run)
    return Piece(text, words, values, years, run[0].line, run[0].goes_on)


def _has(piece: Piece, word: str, language: Language) -> bool:
    return holds(piece.text, frozenset(piece.words), word, language)


def _share(piece: Piece, words: Sequence[str], language: Language) -> int:
    return sum(_has(piece, word, language) for word in set(words))
