"""Which chapter of a document a question names: 第五章, Part 3, “工作保障”那一章.

Reads names and numbers only; articles are `references`' matter.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

from index.documents.model import Clause, Document, Section
from index.text.numbers import NUMERAL, read_numeral
from index.text.repair import clean
from index.text.tokens import tokenise_chinese

_CHAPTER = re.compile(
    rf"第\s*({NUMERAL}+|\d+)\s*(?:部分|大?章|分?编|大部分|大?块)(?!\s*第|\s*[(（的]?\s*第|\s*[(（]|的?最后)|"
    r"\b(?:chapter|part|section)\s+(\d{1,2}|[ivx]{1,5}|one|two|three|four|five|six|seven|eight|nine|"
    r"ten)\b(?!\s*[,(]|\s+(?:article|item|point|clause))",
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
_NUMBERS = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
_ROMAN = ["i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x"]


# Of a part of a heading, so many of its words and such a share of them name the chapter.
LEAST_WORDS, LEAST_SHARE = 2, 0.5
# Of more documents than these that have such a chapter nobody chooses one.
MOST_UNPLACED = 200

Words = Sequence[Sequence[str]]
_PART_OF_HEADING = re.compile(r"[,，、；;]")


_UNIT = re.compile("分编|编|章|节|目")
_DIVISIONS = ("总则", "分则", "附则", "罚则")


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
    found = (find_chapter(question, [document]) for document in documents)
    return list(islice(filter(None, found), MOST_UNPLACED))


def headings_named(
    question: str, headings: Sequence[str], words_for: Callable[[str], Sequence[Words]]
) -> list[int]:
    """Which of the headings a question has words of: their places, best first.

    A heading counts by its best part between commas, where half of that part's words and two of
    them at least are there. `words_for` gives the Chinese words that each term of the question may
    stand for. Of headings with the same words the one with more of them counts.
    """
    either = {token for words in words_for(question) for word in words for token in word}
    either |= set(tokenise_chinese(clean(question).text))
    found: list[tuple[int, float, int]] = []
    for place, heading in enumerate(headings):
        for part in _PART_OF_HEADING.split(clean(heading).text):
            own = set(tokenise_chinese(part))
            held = own & either
            if len(held) >= LEAST_WORDS and len(held) >= LEAST_SHARE * len(own):
                found.append((len(held), len(held) / len(own), place))
                break
    best: list[tuple[set[str], int]] = []
    for _, _, place in sorted(found, key=lambda each: (-each[0], -each[1], each[2])):
        words = set(tokenise_chinese(clean(headings[place]).text)) & either
        if not any(words <= other for other, _ in best):
            best.append((words, place))
    return [place for _, place in best]


def find_chapter(question: str, documents: Iterable[Document]) -> Chapter | None:
    """The chapter that a question names by number or heading, in the first document that has it."""
    text = _ARTICLE_OF.sub(" ", clean(question).text)
    for document in documents:
        for section in document.sections:
            if _named(text, section, document):
                under = _under(document, section)
                if len(under) > 1 or (under and section.path == section.heading):
                    return Chapter(document, section, under)
    return None


def _under(document: Document, section: Section) -> tuple[Clause, ...]:
    """The clauses under a heading: by their paths, or by the headings over them."""
    prefix = section.path + "/"
    under = tuple(clause for clause in document.clauses if clause.path.startswith(prefix))
    if under:
        return under
    run: list[Clause] = []
    for clause in document.clauses:
        if clause.start < section.start:
            continue
        above = (clean(each).text for each in clause.heading_path)
        heading = clean(section.heading).text
        if not any(each.startswith(section.marker) and each.endswith(heading) for each in above):
            break
        run.append(clause)
    return tuple(run)


def _named(text: str, section: Section, document: Document) -> bool:
    top = "/" not in section.path
    for match in _CHAPTER.finditer(text):
        numeral = (match[1] or match[2]).lower()
        spelt = next((names for names in (_ROMAN, _NUMBERS) if numeral in names), None)
        number = read_numeral(numeral) or (spelt.index(numeral) + 1 if spelt else None)
        if top and number and number == read_numeral(section.marker.strip("第章部分编()")):
            # 第二章 is not 第二编 of a law of books.
            own, asked = _UNIT.search(section.marker), _UNIT.search(match[0])
            if own is None or asked is None or own[0] == asked[0]:
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
    if heading in _DIVISIONS and heading in text:
        return True
    own = _UNIT.search(section.marker)
    unit = own[0] if own else "编|章|节"
    if len(heading) > 1 and re.search(rf"{re.escape(heading)}(?:[那这]一?)?(?:{unit})", text):
        return True
    return (
        bool(_KIND.search(text)) and 4 <= len(heading) <= 12 and heading in re.sub(r"\W", "", text)
    )
