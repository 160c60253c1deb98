"""How much of a Chinese sentence its English tells: by the dictionary's senses, and by its length.

A small model leaves qualifiers and items out. Similarity of sentence vectors does not show that;
words of the source of which no sense is in the English do. It does not tell right from wrong.
"""

from __future__ import annotations

from functools import lru_cache

from index.search.lexicon import senses_of
from index.text.tokens import CHINESE_STOP_WORDS, cut_chinese, tokenise_english
from index.text.written import HAN

# English letters a Chinese character below which something is left out as a rule, and the length
# from which on more says nothing.
_USUAL = 5.4
# What is told less than this is tried again.
ENOUGH = 0.9
_FEWEST = 20


def told_of(sentence: str, english: str) -> float:
    """From 0 to 1: the share of the sentence's words that the English has, and its length."""
    length = min(1.0, len(english) / (_USUAL * max(1, len(HAN.findall(sentence)))))
    return 0.5 * coverage(sentence, english) + 0.5 * length


def seems_cut(sentence: str, english: str) -> bool:
    """Whether so little is told of a sentence of some length that it is worth another attempt."""
    return len(HAN.findall(sentence)) >= _FEWEST and told_of(sentence, english) < ENOUGH


def coverage(sentence: str, english: str) -> float:
    """The share of the words with senses in the dictionary of which one is in the English."""
    there = set(tokenise_english(english))
    known = [
        stems
        for word in cut_chinese(sentence)
        if len(word) > 1 and word not in CHINESE_STOP_WORDS and (stems := stems_of(word))
    ]
    return sum(not stems.isdisjoint(there) for stems in known) / len(known) if known else 1.0


@lru_cache(20_000)
def stems_of(word: str) -> frozenset[str]:
    """The stems of a Chinese word's senses in the dictionary."""
    stems = frozenset(stem for sense in senses_of(word) for stem in tokenise_english(sense))
    if not stems and len(word) == 4:
        return stems_of(word[:2]) | stems_of(word[2:])
    return stems
