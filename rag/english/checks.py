"""What is wrong with a translation, told by code: numbers, force, names, Chinese and pinyin left.

Compares a Chinese sentence with its English and says what does not fit. It mends nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Literal

from index.documents.renditions import institutions
from index.text.english_numbers import dates_in_digits, words_in_digits
from index.text.figures import comparable, known_numbers, stated_numbers
from index.text.numbers import read_numeral
from index.text.places import both_scripts, places, places_named
from index.text.tokens import tokenise_english
from index.text.written import HAN_RUN
from rag.english.exchanged import misplaced_numbers
from rag.english.vocabulary import bare_place, made_of_words, vocabulary

Kind = Literal[
    "empty", "chinese", "number", "lost number", "exchanged", "force", "name", "pinyin", "asks"
]

# Numbers up to this may be written in words (five districts), which the check does not read.
IN_WORDS = 12
NAMED = re.compile(r"《[^》]*》")
_DOLLARS, _FOREIGN_MONEY = (
    re.compile(r"\$|\bdollars?\b|\bUSD\b"),
    re.compile("[美港澳加新]元|美金|港币|台币"),
)
_MONTH_EN = re.compile(
    r"\b(?:January|February|April|June|July|August|September|October|November|December"
    r"|(?:March|May)(?=,? \d))\b"
)
_MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec"
_MONTH_ZH = re.compile(r"(\d{1,2}|[一二三四五六七八九十]{1,2})(?=月|[-、至]\d{1,2}月)")
_DATE_ZH = re.compile(r"((?:19|20)\d\d)年(\d{1,2})月(\d{1,2})日")
_ORDINAL = re.compile(r"(?<=\d)(?:st|nd|rd|th)\b")
# A verb made negative, and the characters of which one must then be in the Chinese.
_NOT_EN = re.compile(
    r"\b(?:shall|must|may|will|is|are|was|were|do|does|did|can|could|should|has|have|had|would)"
    r" not\b(?! (?:be )?(?:exceed|less|more|lower|fewer|higher|later|earlier|only|over|below))"
    r"|\bcannot\b|n['’]t\b|\bnever\b",
    re.IGNORECASE,
)
# Words that deny nothing have such characters too.
_NO_NOT_ZH = re.compile(
    r"不(?:断|同|仅|只|少于|低于|多于|高于|超过|小于|大于)|非(?:常|遗)|无(?:人机|线)|未来|除尘|否则"
)
# What is forbidden, or not forbidden, needs a denial of its own: not that of these words.
_FORBIDS_EN = re.compile(
    r"\b(?:shall|must|may|should|will) not\b(?! (?:be )?(?:exceed|less|more|lower|fewer|later))"
    r"|\bnot (?:be )?(?:prohibited|forbidden|banned)\b",
    re.IGNORECASE,
)
_NO_DENIAL_ZH = re.compile(
    r"不(?:满|足|可抗力|正当|当|良|是)|未成年|免[费疫]|无(?:机|障碍)|除遇|禁止的"
)
_NOT_ZH = re.compile(
    r"[不无未非没禁勿否拒除莫]|[以之例]外|[免停]|只[能有限]|仅|[方才][可能]|有别|缺"
)
_ASKS_ZH = re.compile(r"[?？吗呢何谁]|什么|哪|是否|能否|可否")
_CAPITALISED = re.compile(r"(?<![A-Za-z\d])[A-Z][A-Za-zü'’]*")
# What an institution is also called by.
_ALSO = {"CPC Central Committee": ("党", "全会")}
_BRACKETS = str.maketrans("（）", "()")
_LONGEST_NAME = 6
# What may follow a name, or ends it, so that its common words are spelt all the same.
_NAME_ENDS = re.compile(
    r"[省市区县州旗镇乡村街道路港湾岛山河江湖海桥园寺城关口庄屯堡沟坝洲滩溪泉岭店坊集团公司杯]"
)
# English that stands for a character in compounds: 青藏, 日军.
_SHORT = {
    "tibet": "藏", "tibetan": "藏", "mongolian": "蒙", "japan": "日", "japanese": "日",
    "america": "美", "american": "美", "british": "英", "russian": "俄", "european": "欧",
    "europe": "欧", "asian": "亚", "asia": "亚", "african": "非", "africa": "非", "korean": "韩",
}  # fmt: skip
# 港 alone is a port as well.
_HONG_KONG = re.compile(
    r"港澳|[粤深沪陆京]港(?![口区湾])|(?<![渔海空])港(?:资(?!源)|商(?!业)|企|股|人|币|元|籍)|"
    r"[驻赴在来]港(?![口区湾航务内])"
)
# English that stands for no Chinese name: months, what the country and its money are called.
_ALWAYS = frozenset({
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december", "china", "chinese", "internet", "english", "rmb", "yuan",
    "article", "chapter", "cpc", "ltd", "co", "powerhouse",
})  # fmt: skip


@dataclass(frozen=True)
class Fault:
    """One thing wrong: its kind, and what it is about."""

    kind: Kind
    what: str

    def __str__(self) -> str:
        told = {
            "chinese": "left in Chinese", "number": "not in the source", "lost number": "lost",
            "exchanged": "said of another", "force": "force lost",
            "name": "name not in the source", "pinyin": "spelt in pinyin", "asks": "only asked",
        }  # fmt: skip
        return f"{told[self.kind]}: {self.what}" if self.kind in told else self.what


def faults_in(sentence: str, english: str, known: str = "") -> list[Fault]:
    """All that is wrong with the English of a Chinese sentence.

    `known` is English that the sentence has by data, in which names may stand.
    """
    if not english.strip():
        return [Fault("empty", "empty")]
    told = NAMED.sub("", _told(sentence, english))
    return [
        *(Fault("chinese", run) for run in HAN_RUN.findall(told)),
        *number_faults(sentence, english),
        *(Fault("exchanged", told) for told in misplaced_numbers(sentence, english)),
        *_dates(sentence, english),
        *_force(sentence, english),
        *(Fault("name", name) for name in _institutions(sentence, told) if name not in known),
        *_names(sentence, told, known.lower()),
        *_asked(sentence, english),
        *_places_of(sentence, told, known),
    ]


def raw_pinyin(sentence: str, english: str) -> dict[str, str]:
    """Words of the English that only spell common words of the sentence, with these."""
    sounds = _sounds(sentence)
    return {
        fault.what: sounds[_sound(fault.what)][0]
        for fault in _names(sentence, english, "")
        if fault.kind == "pinyin"
    }


def _told(sentence: str, english: str) -> str:
    """The English without Chinese in brackets that stands in the source: a name given beside."""
    source = re.sub(r"\W", "", sentence)

    def aside(match: re.Match[str]) -> str:
        given = re.sub(r"\W", "", match[1])
        return "" if HAN_RUN.search(given) and given in source else match[0]

    return re.sub(r"\s*\(((?:[^()]|\([^()]*\))*)\)", aside, english.translate(_BRACKETS))


@lru_cache(maxsize=20_000)
def contradicts(sentence: str, english: str) -> bool:
    """Whether English says another number, or loses a negation, comparison or force of the source.

    Names are not judged: which English they have is a matter of the glossary that was used.
    """
    told = _told(sentence, english)
    return any(any(kind(sentence, told)) for kind in (number_faults, _force, _asked))


def _asked(sentence: str, english: str) -> Iterator[Fault]:
    """A question where the source states something: 可以制定 was written as `Can … be made?`."""
    if english.rstrip(" \"”'’").endswith("?") and not _ASKS_ZH.search(sentence):
        yield Fault("asks", english.rstrip()[-20:])


def number_faults(sentence: str, english: str) -> Iterator[Fault]:
    """Numbers that the source does not have, and numbers of it that are lost."""
    source = known_numbers(sentence)
    digits = words_in_digits(english)
    for number in stated_numbers(english):
        if not number.values & source:
            yield Fault("number", number.written)
    for number in stated_numbers(digits):
        # Small ones in words may count what the Chinese lists.
        if max(number.values) > IN_WORDS and not number.values & (source | known_numbers(english)):
            yield Fault("number", number.written)
    if (dollar := _DOLLARS.search(english)) and not _FOREIGN_MONEY.search(sentence):
        yield Fault("number", dollar[0])
    told = known_numbers(english) | known_numbers(digits)
    for number in stated_numbers(sentence):
        small = all(value <= IN_WORDS and value.denominator == 1 for value in number.values)
        if not small and not number.values & told:
            yield Fault("lost number", number.written)


def _dates(sentence: str, english: str) -> Iterator[Fault]:
    """Months that the English names and the source does not, and full dates put together wrong."""
    source = comparable(sentence)
    months = {read_numeral(match) for match in _MONTH_ZH.findall(source)}
    for match in _MONTH_EN.finditer(english):
        if _MONTHS.index(match[0][:3]) // 3 + 1 not in months:
            yield Fault("number", match[0])
    plain = dates_in_digits(_ORDINAL.sub("", english))
    for year, month, day in _DATE_ZH.findall(source):
        if year in english and f"{year}{int(month):02d}{int(day):02d}" not in plain:
            yield Fault("exchanged", f"{year}-{month}-{day}")


def _force(sentence: str, english: str) -> Iterator[Fault]:
    rest = NAMED.sub("", sentence)
    bare = _NO_NOT_ZH.sub("", rest)
    for told, denying in ((_NOT_EN, bare), (_FORBIDS_EN, _NO_DENIAL_ZH.sub("", bare))):
        if (added := told.search(english)) and not _NOT_ZH.search(denying):
            yield Fault("force", f"{added[0]} added")
            break
    for chinese, wanted in _forces():
        found = chinese.search(rest)
        if found and not wanted.search(english):
            yield Fault("force", found[0])
        rest = chinese.sub("|", rest)


@cache
def _forces() -> list[tuple[re.Pattern[str], re.Pattern[str]]]:
    """What binds or compares in Chinese, with the English of which something must be there."""
    text = (files("rag.english") / "force.tsv").read_text(encoding="utf-8")
    rows = [line.split("\t") for line in text.splitlines() if not line.startswith("#")]
    english: dict[str, list[str]] = {}
    for side, kind, pattern, *_ in rows:
        if side == "english":
            english.setdefault(kind, []).append(pattern)
    return [
        (re.compile(pattern), re.compile("|".join(english[kind]), re.IGNORECASE))
        for side, kind, pattern, *_ in rows
        if side == "chinese"
    ]


def _names(sentence: str, english: str, given: str) -> Iterator[Fault]:
    sounds: dict[str, list[str]] | None = None
    known = vocabulary()
    for match in _CAPITALISED.finditer(english):
        word = re.sub(r"['’]s?$", "", match[0])
        low = word.lower()
        if low in _ALWAYS or word.isupper() or low in sentence.lower() or low in given:
            continue
        stems = tokenise_english(low)
        if not stems or (set(stems) <= known.stems and low not in _places()):
            continue
        called = known.names.get(low, ())
        if any(bare_place(zh) in sentence for zh in called) or _is_short(low, sentence):
            continue
        if not _is_pinyin(low):
            # A name of the world that the source does not have; other words the dictionary lacks.
            if low in known.names:
                yield Fault("name", word)
            continue
        if sounds is None:
            sounds = _sounds(sentence)
        spelt = sounds.get(_sound(low), [])
        if not spelt:
            yield Fault("name", word)
        elif not any(_is_name(each, sentence) for each in spelt):
            yield Fault("pinyin", word)


def _institutions(sentence: str, english: str) -> Iterator[str]:
    """Institutions of the state that the English names and the source does not.

    What the source has is set aside first, the longest before others: the Ministry of Culture and
    Tourism names no Ministry of Culture.
    """
    own: dict[str, list[str]] = {}
    for zh, en in institutions():
        own.setdefault(en, []).append(zh)
    strange: list[str] = []
    for en, names in sorted(own.items(), key=lambda pair: -len(pair[0])):
        if len(en.split()) < 3 or en not in english:
            continue
        shorter = re.sub(r"^(?:国家|国务院|中国|中央)", "", min(names, key=len))
        called = [*names, shorter, *_ALSO.get(en, ())]
        # 财政部门 is any finance authority.
        if any(re.search(rf"{re.escape(zh)}(?!门)", sentence) for zh in called):
            english = english.replace(en, " ")
        else:
            strange.append(en)
    yield from strange


def _places_of(sentence: str, english: str, known: str) -> Iterator[Fault]:
    """Places of more than one word that the source does not have; others are told as names."""
    strange = places_named(english) - both_scripts(places_named(f"{sentence} {known}"))
    if _HONG_KONG.search(sentence):
        strange -= {"hong kong"}
    yield from (Fault("name", place) for place in sorted(strange) if " " in place)


def _places() -> frozenset[str]:
    return frozenset(place.latin for place in places())


def _is_short(low: str, sentence: str) -> bool:
    """Whether a place stands in the source by its short name, as in 沪商, 京津冀 or 青藏."""
    if _SHORT.get(low, "\n") in sentence:
        return True
    return any(place.latin == low and place.short and place.short in sentence for place in places())


def _is_pinyin(word: str) -> bool:
    """Whether a word can be read as two syllables of pinyin or more."""
    word = re.sub(r"['’]", "", word)
    reach = {0: 0}
    for at in range(len(word)):
        if at in reach:
            for size in range(1, 7):
                if word[at : at + size] in vocabulary().syllables and at + size <= len(word):
                    reach[at + size] = max(reach.get(at + size, 0), reach[at] + 1)
    return reach.get(len(word), 0) >= 2


def _sound(word: str) -> str:
    return re.sub(r"['’]", "", word.lower()).replace("ü", "v")


def _sounds(sentence: str) -> dict[str, list[str]]:
    """The runs of up to six characters of a sentence by their pinyin."""
    from pypinyin import lazy_pinyin

    found: dict[str, list[str]] = {}
    for run in HAN_RUN.findall(sentence):
        spelt = lazy_pinyin(run)
        for start in range(len(run)):
            for end in range(start + 1, min(len(run), start + _LONGEST_NAME) + 1):
                found.setdefault("".join(spelt[start:end]), []).append(run[start:end])
    return found


def _is_name(chinese: str, sentence: str) -> bool:
    """Whether a run of the source may be a name, not common words."""
    known = vocabulary()
    if chinese in known.places or _NAME_ENDS.search(chinese[-1:]):
        return True
    after = sentence[sentence.index(chinese) + len(chinese) :][:1]
    before = sentence[: sentence.index(chinese)][-1:]
    if _NAME_ENDS.match(after) or before in '“‘"':
        return True
    return not made_of_words(chinese)
