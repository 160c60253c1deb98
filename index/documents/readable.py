"""Tells text of a language from the characters that fonts without a Unicode map give.

Judges by scripts, everyday characters and words; the languages themselves are not told apart.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from itertools import pairwise

from index.documents.encodings import plausibility

_NAMED_GLYPHS = re.compile(r"\(cid:\d+\)|/g\d+|/G[0-9A-F]{2}\b|/cid\d+")
_WORD = re.compile(r"[^\W\d_]+")
_TOGETHER = {"HIRAGANA": "CJK", "KATAKANA": "CJK", "BOPOMOFO": "CJK", "FULLWIDTH": "CJK",
             "HALFWIDTH": "CJK", "IDEOGRAPHIC": "CJK", "KANGXI": "CJK"}  # fmt: skip
# Fewer letters than this say nothing.
_LEAST = 12
# Mean plausibility of Han characters: real text has 1.1 and more, lists of rare names 0.2, numbers
# of glyphs taken for characters -1.
_HAN_AT_ALL, _HAN_SURE = -0.8, 0.9


def is_language(text: str, sure: bool = False) -> bool:
    """Whether a text reads as one of a language; too little of it does, unless one must be `sure`.

    `sure` is for text whose font does not say what its characters are.
    """
    shown = [char for char in text if not char.isspace()]
    if not shown:
        return True
    strange = sum(unicodedata.category(char) in {"Co", "Cn", "Cs", "Cc"} for char in shown)
    strange += shown.count("\ufffd") + sum(map(len, _NAMED_GLYPHS.findall(text)))
    if strange * (50 if sure else 10) > len(shown):
        return False
    letters = [char for char in shown if unicodedata.category(char)[0] == "L"]
    if len(letters) < _LEAST:
        return not sure or (len(letters) * 2 >= len(shown) and _is_sound(letters, text, sure))
    return _is_sound(letters, text, sure)


def _is_sound(letters: list[str], text: str, sure: bool) -> bool:
    scripts = Counter(_script(char) for char in letters)
    common = {script for script, times in scripts.items() if times * 50 >= len(letters)}
    strangers = common - {"CJK", "LATIN", "GREEK"}
    if len(strangers) > 2 or (len(scripts) > 6 and len(strangers) > 1):
        return False
    main, times = scripts.most_common(1)[0]
    if main == "CJK":
        han = "".join(char for char in letters if "\u3400" <= char <= "\u9fff")
        if len(han) * 3 < len(letters):  # Japanese kana
            return not sure
        return plausibility(han) > (_HAN_SURE if sure else _HAN_AT_ALL)
    if main == "LATIN":
        return _has_words(letters, text, sure)
    return not sure and times * 2 > len(letters)


def _script(char: str) -> str:
    name = unicodedata.name(char, "UNKNOWN").split(" ")[0]
    return _TOGETHER.get(name, name)


def _has_words(letters: list[str], text: str, sure: bool) -> bool:
    """Whether Latin letters make words: of usual length, with vowels, in one case."""
    words = _WORD.findall(text)
    shown = sum(not char.isspace() for char in text)
    plain = [char for char in unicodedata.normalize("NFD", "".join(letters)).lower()
             if "a" <= char <= "z"]  # fmt: skip
    vowels = sum(char in "aeiouy" for char in plain)
    inner = sum(a.islower() and b.isupper() for word in words
                for a, b in pairwise(word))  # fmt: skip
    tokens = text.split()
    longest = sum(map(len, tokens)) / max(len(tokens), 1)
    signs = (
        len(letters) * 20 < shown * 9,
        len(plain) * 10 < len(letters) * 6,
        not 0.2 <= vowels / max(len(plain), 1) <= 0.65,
        inner * 12 > len(letters),
        longest > 30,
        len(words) * 2 > len(letters),
    )
    return sum(map(bool, signs)) < (1 if sure else 3)
