"""What texts hold of a question: its pairs of characters, and how much that says of each of them.

Knows no clauses and no weights.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Hashable, Sequence, Set

_WORD = re.compile(r"[a-z]{3,}")
_PLAIN = re.compile(r"[^\u3400-\u9fffa-z0-9]")
# English words are compared by so many of their first letters.
_STEM = 6


def pairs_of(text: str, language: str) -> set[str]:
    """Pairs of neighbouring characters of Chinese, the beginnings of words of English."""
    text = text.lower()
    if language == "en":
        return {word[:_STEM] for word in _WORD.findall(text)}
    plain = _PLAIN.sub("", text)
    return {plain[at : at + 2] for at in range(len(plain) - 1)}


def likeness(asked: Set[Hashable], named: Sequence[Set[Hashable]]) -> list[float]:
    """How much of each of some names a text has, 0 to 1; what many of them have counts little."""
    spread = Counter(key for each in named for key in each)

    def weight(keys: Set[Hashable]) -> float:
        return sum(1.0 / spread[key] for key in keys)

    return [weight(each & asked) / (weight(each) or 1.0) for each in named]


def shares(held: Sequence[Set[Hashable]]) -> list[float]:
    """The share of each in all that any of them has; what few have counts the more."""
    spread = Counter(key for each in held for key in each)
    rarity = {key: math.log(1 + len(held) / count) for key, count in spread.items()}
    every = sum(rarity.values()) or 1.0
    return [sum(rarity[key] for key in each) / every for each in held]
