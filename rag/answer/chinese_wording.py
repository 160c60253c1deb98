"""Words an English question in Chinese: by the model, with the names that are known given to it.

What the model writes is held against the question: one that is no question any more, names an
article or number of its own or leaves words in English is worded again. It searches nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index.documents.model import Document
from index.request.documents_known import clean_title
from index.request.names_translated import NO_NAME
from index.request.rules import rule
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
