"""Words an English question in Chinese: by the model, with the names that are known given to it.

What the model writes is held against the question: one that is no question any more, names an
article or number of its own or leaves words in English is worded again. It searches nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from index.documents.model import Document
from index.request.documents_known import clean_title
from index.request.names_translated import NO_NAME
from index.request.rules import rule
from index.search.lexicon import senses_of
from index.text.figures import known_numbers
from index.text.language import question_language
from index.text.places import places
from index.text.repair import to_simplified
from prompts import prompt
from rag.answer.windows import fitting, room_for_question
from rag.llm.protocol import Generator

WORDED_TOKENS = 120
# How alike an English name of a law and a Chinese title must be, and how much less alike the next
# title: read off 31 names of laws held and 34 of others (docs/experiments/english.md).
ALIKE, AHEAD = 0.82, 0.02
# Numbers up to this are written in words in English, and stand in many Chinese words.
SMALL = 12
_KIND = "Law|Regulations?|Rules|Measures|Act|Code"
_WITHIN = r"(?:[A-Z][\w’'-]*|and|of|on|for|the|in)\s+"
_NAMED = re.compile(
    rf"\b(?:[A-Z][\w’'-]*\s+(?:{_WITHIN})*(?:{_KIND})"
    rf"|(?:Law|Regulations?|Rules|Measures)\s+(?:on|of|for)\s+(?:{_WITHIN})*[A-Z][\w’'-]*)\b"
)
_SPELT = re.compile(r"\b[A-Z][a-z]{3,}\b")
_COUNTRY = re.compile(r"中华人民共和国|[《》]")
# A law by its first letters, and what its Chinese title ends with by the last of them.
_LETTERS = re.compile(r"\b[A-Z]{2,5}[LRM]\b")
_ENDINGS = {"L": ("法",), "R": ("条例", "规定"), "M": ("办法",)}
# Characters of the words that a letter may stand for.
_SHORTEST, _LONGEST = 2, 4
_FIRST_WORD = re.compile(r"^(?:\([^)]*\)\s*)?(?:to be|to|an?|the)?\s*([a-z])", re.IGNORECASE)
_ASKS = rule("asks")
_ENGLISH = re.compile(r"[A-Za-z]{4,}")
_ARTICLE = re.compile(r"第[〇零一二三四五六七八九十百千\d]+[条章款节]")
_HAN = re.compile(r"[\u3400-\u9fff]+")


@dataclass(frozen=True)
class Name:
    """A name in the question, what it is in Chinese, and the document that it is of, if any."""

    english: str
    chinese: str
    document_id: str | None = None


def names_in(
    question: str,
    documents: Iterable[Document],
    similar: Callable[[str, Sequence[str]], Sequence[float]],
    spelt: Callable[[str], str | None],
) -> list[Name]:
    """The laws, among these documents, and the names spelt in pinyin that a question has.

    `similar` gives the similarity of a name to each of several titles, across languages, `spelt`
    the Chinese word of the documents that is spelt like a name.
    """
    found = list(_laws_in(question, list(documents), similar))
    taken = " ".join(name.english for name in found)
    known = {place.latin: place.name for place in places()}
    for word in dict.fromkeys(_SPELT.findall(question)):
        chinese = known.get(word.lower()) or spelt(word)
        if chinese and word not in taken:
            found.append(Name(word, chinese))
    return found


def _laws_in(
    question: str,
    documents: Sequence[Document],
    similar: Callable[[str, Sequence[str]], Sequence[float]],
) -> Iterable[Name]:
    titles = [_COUNTRY.sub("", clean_title(document.title)) for document in documents]
    if not titles:
        return
    for match in dict.fromkeys(_NAMED.findall(question)):
        english = _name_in(match)
        scores: NDArray[np.float64] = np.asarray(similar(english, titles), dtype=np.float64)
        best, *rest = np.argsort(-scores).tolist()
        if scores[best] >= ALIKE and (not rest or scores[best] - scores[rest[0]] >= AHEAD):
            yield Name(english, titles[best], documents[best].id)


def laws_by_letters(question: str, documents: Iterable[Document]) -> list[Name]:
    """The laws, among documents without an English title, that a question names by first letters.

    PIPL is 个人信息保护法: its words mean personal, information and protection. Where several laws
    may be meant none is.
    """
    found = []
    letters = dict.fromkeys(_LETTERS.findall(question))
    endings = {end for each in letters for end in _ENDINGS[each[-1]]}
    titles = {
        document.id: _COUNTRY.sub("", clean_title(document.title))
        for document in (documents if letters else ())
        if not document.title_en and any(end in document.title for end in endings)
    }
    for each in letters:
        meant = [key for key, title in titles.items() if _has_letters(title, each)]
        if len(meant) == 1:
            found.append(Name(each, titles[meant[0]], meant[0]))
    return found


def _has_letters(title: str, letters: str) -> bool:
    """Whether the words of a title, one behind the other, may begin with these letters."""
    ending = next((end for end in _ENDINGS[letters[-1]] if title.endswith(end)), "")
    if not ending:
        return False
    name = title.removesuffix(ending)
    reached = {0}
    for letter in letters[:-1].lower():
        reached = {
            end
            for start in reached
            for end in range(start + _SHORTEST, min(start + _LONGEST, len(name)) + 1)
            if letter in _initials(name[start:end])
        }
    return len(name) in reached


@cache
def _initials(word: str) -> frozenset[str]:
    """The first letters of what a Chinese word means in English."""
    found = (_FIRST_WORD.match(sense) for sense in senses_of(word))
    return frozenset(match[1].lower() for match in found if match)


def _name_in(words: str) -> str:
    """The name at the end of words with capitals, without what begins the question before it."""
    own = words.split()
    while len(own) > 1 and own[0].lower() in NO_NAME:
        own = own[1:]
    return " ".join(own)


def put_into_chinese(question: str, generator: Generator, names: Sequence[Name] = ()) -> str:
    """An English question in Chinese as the model words it, '' if it writes none. ModelFault."""
    asked = fitting(question, room_for_question(generator), generator)
    terms = "; ".join(f"{name.english} = {name.chinese}" for name in names) or "-"
    told: Mapping[str, str] = {"terms": terms, "question": asked}
    worded = [_worded(generator, "in-chinese", told)]
    if _faults(worded[0], question):
        worded.append(_worded(generator, "in-chinese-plain", {"question": asked}))
    # Of two that are no better than each other the first is taken.
    best = min(worded, key=lambda text: _faults(text, question))
    return best if question_language(best) == "zh" else ""


def _worded(generator: Generator, name: str, told: Mapping[str, str]) -> str:
    pieces = generator.stream(
        prompt(f"{name}-system", "en"),
        prompt(name, "en", **told),
        max_tokens=WORDED_TOKENS,
        stop=("\n",),
    )
    return to_simplified("".join(pieces)).strip()


def _faults(chinese: str, english: str) -> int:
    """How many things are wrong with the Chinese of a question."""
    own = {word.lower() for word in _ENGLISH.findall(english) if not word.islower()}
    left = {word.lower() for word in _ENGLISH.findall(chinese)} - own
    named = _ARTICLE.search(chinese) and not re.search(r"\b(?:article|chapter|para)", english, re.I)
    return (
        3 * (not _HAN.search(chinese))
        + 2 * (not _ASKS.search(chinese))
        + 2 * bool(named)
        + bool(left)
        + any(value > SMALL for value in known_numbers(chinese) - known_numbers(english))
    )
