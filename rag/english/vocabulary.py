"""What English words there are, which Chinese places have names, and how pinyin is spelt.

Read from CC-CEDICT once, when a translation is first made or checked. It judges no text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from index.search.lexicon import entries
from index.text.tokens import tokenise_english

_WORD = re.compile(r"[A-Za-z]+")
_PLACE = re.compile(
    r"\b(?:city|county|district|province|prefecture|town|township|municipality|banner|region)\b"
)
_LONGEST_WORD = 4
_LEVEL = re.compile(r"(?:自治区|自治州|省|市|区|县|州)$")


@dataclass(frozen=True)
class Vocabulary:
    """What the dictionary tells of words and names.

    `small` are English words in small letters and `stems` their stems; `names` English names, in
    small letters, with the Chinese words that have them for a sense; `places` Chinese places
    without 省, 市, 区, 县, in pinyin; `words` Chinese words that are no names; `syllables` those of
    pinyin.
    """

    small: frozenset[str]
    stems: frozenset[str]
    names: Mapping[str, frozenset[str]]
    places: Mapping[str, str]
    words: frozenset[str]
    syllables: frozenset[str]


@cache
def vocabulary() -> Vocabulary:
    """The vocabulary, read once; takes about two seconds."""
    small: set[str] = set()
    names: dict[str, set[str]] = {}
    places: dict[str, str] = {}
    words: set[str] = set()
    syllables: set[str] = set()
    for zh, pinyin, senses in entries():
        small.update(word for word in _WORD.findall(senses) if word[0].islower())
        if pinyin[:1].isupper():
            # What a sense begins with is the name; what follows says where or what it is.
            heads = " ".join(re.split(r"[,(]| in | of ", each)[0] for each in senses.split("/"))
            for word in _WORD.findall(heads):
                if word[0].isupper():
                    names.setdefault(word.lower(), set()).add(zh)
        if len(zh) > 1 and pinyin[:1].islower() and senses[:1].islower():
            words.add(zh)
        spelt = [re.sub(r"\d", "", each).replace("u:", "ü").lower() for each in pinyin.split()]
        if len(zh) == 1:
            syllables.update(spelt)
        bare = bare_place(zh)
        if len(bare) > 1 and pinyin[:1].isupper() and _PLACE.search(senses):
            name = joined(spelt[: len(bare)])
            # What is only called otherwise (Tibet, China) a spelling would hide.
            head = re.split(r" in |\(", senses.replace("’", "'"))[0]
            if re.search(rf"\b{re.escape(name)}\b", head, re.IGNORECASE):
                places.setdefault(bare, name)
    return Vocabulary(
        frozenset(small),
        frozenset(tokenise_english(" ".join(small))),
        {name: frozenset(own) for name, own in names.items()},
        # 会同 is a county and a verb.
        {name: spelt for name, spelt in places.items() if name not in words},
        frozenset(words),
        frozenset(each for each in syllables if re.fullmatch("[a-zü]{1,6}", each)),
    )


def made_of_words(chinese: str) -> bool:
    """Whether a run of characters is common words, one after the other, single ones among them."""
    words = vocabulary().words
    # For each place, how many characters before it can be in words of two or more.
    most = {0: 0}
    for end in range(1, len(chinese) + 1):
        starts = range(max(0, end - _LONGEST_WORD), end - 1)
        within = [most[at] + end - at for at in starts if chinese[at:end] in words]
        most[end] = max([most[end - 1], *within])
    return 3 * most[len(chinese)] >= 2 * len(chinese)


def bare_place(name: str) -> str:
    """A Chinese name without 省, 市, 区, 县 where two characters or more are left."""
    bare = _LEVEL.sub("", name)
    return bare if len(bare) > 1 else name


def is_common(word: str) -> bool:
    """Whether an English word is one that is written in small letters."""
    stems = tokenise_english(word)
    return not stems or vocabulary().stems.issuperset(stems)


def joined(syllables: list[str]) -> str:
    """Syllables as a name is spelt: Xi'an, Qingdao."""
    spelt = ""
    for syllable in syllables:
        spelt += ("'" if spelt and syllable[:1] in "aoe" else "") + syllable
    return spelt.capitalize()
