"""Which chapter of a document a question names: 第五章, Part 3, “工作保障”那一章.

Reads names and numbers only; articles are `references`' matter.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from index.documents.model import Clause, Document, Section
from index.text.numbers import NUMERAL, read_numeral
from index.text.repair import clean

_CHAPTER = re.compile(
    rf"第\s*({NUMERAL}+|\d+)\s*(?:部分|大?章|编|大部分|大?块)(?!\s*第|\s*[(（的]?\s*第|\s*[(（]|的?最后)|"
    r"\b(?:chapter|part|section)\s+(\d{1,2}|[ivx]{1,5})\b(?!\s*[,(]|\s+(?:article|item|point|clause))",
    re.IGNORECASE,
)
# Item 5 of part 3 is an article.
_ARTICLE_OF = re.compile(
    r"\b(?:(?:article|item|point|clause|paragraph)s?\s+\d+(?:\s*(?:and|to|-|,)\s*\d+)?|"
    r"(?:last|final)\s+(?:article|item|point|clause|paragraph))\s+(?:of|in|under)\s+(?:the\s+)?"
    r"(?:part|section|chapter)\s+(?:\d{1,2}|[ivx]{1,5})\b",
    re.IGNORECASE,
)
_KIND = re.compile(r"章|节|部分|板块|大块|\b(?:chapter|part|section)\b", re.IGNORECASE)
_ORDER_EN = re.compile(
    r"\b(first|second|third|fourth|fifth|sixth|seventh|eighth|last|final)\s+(?:chapter|part|section)\b",
    re.IGNORECASE,
)
_ORDERS = ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth"]
_ROMAN = ["i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x"]


@dataclass(frozen=True)
class Chapter:
    """A numbered part of a document and the clauses under it."""

    document: Document
    section: Section
    clauses: tuple[Clause, ...]


def chapters_numbered(question: str, documents: Iterable[Document]) -> list[Chapter]:
    """The chapters that a question may mean which names one by its number and no document."""
    text = _ARTICLE_OF.sub(" ", clean(question).text)
    if not (_CHAPTER.search(text) or _ORDER_EN.search(text)):
        return []
    return [found for document in documents if (found := find_chapter(question, [document]))]


def find_chapter(question: str, documents: Iterable[Document]) -> Chapter | None:
    """The chapter that a question names by number or heading, in the first document that has it."""
    text = _ARTICLE_OF.sub(" ", clean(question).text)
    for document in documents:
        for section in document.sections:
            if _named(text, section, document):
                prefix = section.path + "/"
                under = tuple(c for c in document.clauses if c.path.startswith(prefix))
                if len(under) > 1:
                    return Chapter(document, section, under)
    return None


def _named(text: str, section: Section, document: Document) -> bool:
    top = "/" not in section.path
    for match in _CHAPTER.finditer(text):
        numeral = (match[1] or match[2]).lower()
        number = read_numeral(numeral) or (_ROMAN.index(numeral) + 1 if numeral in _ROMAN else None)
        if top and number and number == read_numeral(section.marker.strip("第章部分编()")):
            return True
    tops = [each.marker for each in document.sections if "/" not in each.path]
    for match in _ORDER_EN.finditer(text) if top else ():
        word = match[1].lower()
        if word in ("last", "final"):
            if section.marker == tops[-1]:
                return True
        elif read_numeral(section.marker.strip("第章部分编()")) == _ORDERS.index(word) + 1:
            return True
    heading = re.sub(r"\W", "", section.heading)
    return (
        bool(_KIND.search(text)) and 4 <= len(heading) <= 12 and heading in re.sub(r"\W", "", text)
    )
