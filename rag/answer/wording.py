"""Words of statements as they are compared with a clause: which say little, which mean the same.

The rules are data (prompts/rules/wording.json); English words also meet the Chinese ones whose
dictionary senses they are. It knows words, not sentences.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

from index.search.lexicon import senses_of
from index.text.tokens import CHINESE_STOP_WORDS, cut_chinese, tokenise_english
from index.text.written import HAN_RUN
from rag.schema import Language

# A word behind one of these is another one: 副组长 is no 组长.
_OTHERS = "副非不无未进"
_SHORTEST_ABBREVIATION = 2
# Characters of a part of a word.
SHORTEST_PART = 2
_EVERY = re.compile(
    r"\bevery(?=\s+(?:\d|two|three|four|five|six|ten|hundred|thousand|million|other)|"
    r"\s+(?:[\w-]+\s+)?(?:days?|weeks?|months?|quarters?|years?|January|February|March|"
    r"April|May|June|July|August|September|October|November|December)\b)",
    re.IGNORECASE,
)
# Says what is not allowed rather than that there is no exception.
_UNALLOWED = re.compile(
    r"\bwithout (?=(?:prior |due |written |proper )?(?:authori|permi|approv|consent|leave|reason|"
    r"justif))",
    re.IGNORECASE,
)
_PLACE_ENDS = ("区", "市", "县", "省")
_AMOUNT = re.compile(
    r"[零〇一二两三四五六七八九十百千万亿多余几]+[家个项名位种类条次年成倍批大]?|"
    r"[万亿]*(?:美元|欧元|港元|元|人民币)"
)


@cache
def _rules() -> Mapping[str, Any]:
    loaded: Mapping[str, Any] = json.loads(
        (files("prompts") / "rules" / "wording.json").read_text(encoding="utf-8")
    )
    return loaded


@cache
def _light(language: Language) -> frozenset[str]:
    listed = _rules()["light"][language]
    return frozenset(listed) | frozenset(stem for word in listed for stem in tokenise_english(word))


@cache
def _same() -> Mapping[str, frozenset[str]]:
    """Each word of the groups, as it is compared, with all that mean the same."""
    meant: dict[str, frozenset[str]] = defaultdict(frozenset)
    for group in _rules()["same"]:
        forms = frozenset(form for word in group for form in _forms(word))
        for form in forms:
            meant[form] |= forms
    return meant


def _forms(word: str) -> Iterable[str]:
    return (word,) if HAN_RUN.search(word) else tokenise_english(word)


@cache
def _absolute(language: Language) -> re.Pattern[str]:
    words = sorted(_rules()["absolute"][language], key=len, reverse=True)
    joined = "|".join(map(re.escape, words))
    # Barrier-free is not free of charge.
    return re.compile(joined if language == "zh" else rf"(?<!-)\b(?:{joined})\b", re.IGNORECASE)


@cache
def _contrary(language: Language) -> frozenset[str]:
    return frozenset(form for word in _rules()["contrary"][language] for form in _forms(word))


def turns(word: str, language: Language) -> bool:
    """Whether a word that a clause does not have would change what it says: 取消, abolish."""
    return word in _contrary(language)


@lru_cache(maxsize=4096)
def content_words(text: str, language: Language) -> tuple[str, ...]:
    """The words of a text that say something, in order: Chinese words, or English stems."""
    if language == "en":
        stems = tokenise_english(text)
        return tuple(s for s in stems if s not in _light("en") and not s[0].isdigit())
    words: list[str] = []
    for run in HAN_RUN.findall(text) + re.findall(r"[A-Za-z]{2,}", text):
        words += [run.lower()] if run.isascii() else cut_chinese(run)
    light = _light("zh") | CHINESE_STOP_WORDS
    return tuple(
        word
        for word in words
        if len(word) > 1
        and word not in light
        and not all(char in light for char in word)
        and not _AMOUNT.fullmatch(word)
    )


def absolutes(text: str, language: Language) -> set[str]:
    """Words that leave no exception: 所有, all, only."""
    # Every six months says how often.
    text = _UNALLOWED.sub(" ", _EVERY.sub(" ", text)) if language == "en" else text
    found = {match[0].lower() for match in _absolute(language).finditer(text)}
    return found if language == "zh" else {s for word in found for s in tokenise_english(word)}


def absolutes_added(text: str, body: str, language: Language) -> set[str]:
    """The words of a text that leave no exception where a clause has none at all."""
    said = absolutes(text, language)
    known = said <= set(content_words(body, language)) or absolutes(body, "zh")
    return set() if known else said


def holds(text: str, words: frozenset[str], word: str, language: Language) -> bool:
    """Whether a text, given with its words, has a word or one that means the same."""
    if language == "en":
        return bool(words & (_same().get(word, frozenset()) | {word}))
    return any(_stands(form, text, words) for form in _same().get(word, frozenset()) | {word})


def _stands(word: str, text: str, words: frozenset[str]) -> bool:
    if word in words or (len(word) > 3 and (word[:-1] in words or word[1:] in words)):
        return True
    at = text.find(word)
    while at >= 0:
        if at == 0 or text[at - 1] not in _OTHERS:
            return True
        at = text.find(word, at + 1)
    return _is_short(word, words)


def _is_short(word: str, words: frozenset[str]) -> bool:
    """Whether a word is the short form of one of the words: 电商 of 电子商务."""
    if len(word) < _SHORTEST_ABBREVIATION:
        return False
    for other in words:
        if other[0] == word[0] and len(word) < len(other) <= 2 * len(word):
            rest = iter(other)
            if all(char in rest for char in word):
                return True
    return False


def means(stem: str, chinese: Iterable[str], parts: bool = True) -> bool:
    """Whether an English stem is among the dictionary senses of one of the Chinese words.

    `parts`: of a word that is in no dictionary those of its parts count.
    """
    wanted = _same().get(stem, frozenset()) | {stem}
    return any(word in wanted or wanted & _sense_stems(word, parts) for word in chinese)


def alike(word: str, others: Iterable[str]) -> bool:
    """Whether a Chinese word has a dictionary sense of one of the others: 实行 and 实施."""
    own = _sense_set(word)
    return bool(own) and any(own & _sense_set(other) for other in others)


def is_proper(word: str) -> bool:
    """Whether a Chinese word is a proper name by the dictionary."""
    senses = [sense for end in ("", *_PLACE_ENDS) for sense in senses_of(word + end)[:1]]
    return bool(senses) and senses[0][:1].isupper()


def spelled(words: Iterable[str]) -> frozenset[str]:
    """The Latin spelling of those Chinese words that are names: jingan for 静安."""
    from pypinyin import Style, lazy_pinyin

    return frozenset(
        "".join(lazy_pinyin(word.rstrip("".join(_PLACE_ENDS)) or word, style=Style.NORMAL))
        for word in words
        if is_proper(word)
    )


def is_name(word: str, known: str) -> bool:
    """Whether a Chinese word is a proper name by the dictionary, or in no dictionary.

    What is cut wrongly from words of the text `known` is none.
    """
    senses = senses_of(word)
    if senses:
        # A name stays one wherever it is known from.
        return any(sense[:1].isupper() for sense in senses)
    return not all(char in known or char in _light("zh") for char in word)


@lru_cache(maxsize=20_000)
def _sense_set(word: str) -> frozenset[str]:
    return frozenset(sense for sense in senses_of(word) if len(sense) > 3)


@lru_cache(maxsize=20_000)
def _sense_stems(word: str, parts: bool) -> frozenset[str]:
    """The stems of a word's senses; of one that is in no dictionary those of its parts."""
    known = _parts(word) if parts and not senses_of(word) else (word,)
    senses = (sense for part in known for sense in senses_of(part))
    return frozenset(stem for sense in senses for stem in tokenise_english(sense))


def _parts(word: str) -> tuple[str, ...]:
    """The words of the dictionary that a word is put together from, longest first: 安全检查."""
    found: list[str] = []
    at = 0
    while at < len(word):
        for end in range(len(word), at + SHORTEST_PART - 1, -1):
            if senses_of(word[at:end]):
                found.append(word[at:end])
                at = end
                break
        else:
            at += 1
    return tuple(found)


def as_written(words: Sequence[str], text: str, language: Language) -> list[str]:
    """The words as a text writes them; Chinese ones are as they are."""
    if language == "zh":
        return list(words)
    written: Mapping[str, None] = dict.fromkeys(re.findall(r"[A-Za-z][A-Za-z'-]*", text))
    return [each for each in written if set(content_words(each, "en")) & set(words)]
