"""Lays an official English text beside a document: articles by number, sentences by alignment.

It reads the English in paragraphs and sentences, and says what it could not align and what of the
aligned is doubtful. Nothing is kept here, and the English is not judged as a translation.
"""

from __future__ import annotations

import itertools
import re
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from index.documents.given import MOST_CHARACTERS, Given, sentences_of
from index.documents.model import Clause, Document, Rendition, Section
from index.errors import DocumentFault
from index.text.numbers import NUMERAL, read_numeral
from index.text.written import HAN_RUN
from rag.english.align import Group, Unit, aligned
from rag.english.checks import number_faults

if TYPE_CHECKING:
    from index.search.embed import Encoder

MOST_TEXT = 1_000_000
# A group whose lengths cost more, or that is less alike, is doubtful.
LONG, ALIKE = 4.0, 0.825
# An English text may have this share of Chinese characters; else it is the wrong file.
MOST_CHINESE = 0.2

Doubt = Literal["", "numbers", "length", "unlike"]

_WORDS = {
    word: number
    for number, word in enumerate(
        ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
         "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen",
         "nineteen", "twenty"), start=1,
    )
}  # fmt: skip
_NUMBER = rf"\d{{1,4}}|[IVXLC]{{1,8}}|[ivx]{{1,5}}|(?i:{'|'.join(_WORDS)})"
_ARTICLE = re.compile(rf"\s*(?:Article|ARTICLE|Art\.)\s+({_NUMBER})\b[.:)]?\s*")
_DIVISION = re.compile(
    rf"\s*(?:Chapter|CHAPTER|Part|PART|Section|SECTION)\s+({_NUMBER})\b[.:)]?\s*"
)
_ITEM = re.compile(rf"\s*(?:[(（]\s*({_NUMBER})\s*[)）]|({_NUMBER})\s*[.)、](?=\s))\s*")
_ZH_NUMBER = re.compile(rf"({NUMERAL}+|\d+)")
_ZH_ITEM = re.compile(rf"\s*[(（]?({NUMERAL}+|\d+)[)）、.．]")
_ZH_ARTICLE = re.compile(rf"第({NUMERAL}+|\d+)条")
_END = re.compile(r"(?<=[.;!?])[\"”’)]*\s+(?=[\"“‘(\[]?[A-Z0-9])")
# What ends in a full stop and ends no sentence.
_SHORT = re.compile(
    r"(?:\b(?:No|Nos|Art|Co|Ltd|Inc|Mr|Ms|Dr|St|vs|U\.S|e\.g|i\.e)|^\s*\W?\w{1,4})\.$"
)
_ROMAN = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100}


@dataclass(frozen=True)
class Pair:
    """Chinese of a clause and its English; of a chapter's heading, with an empty path."""

    path: str
    zh: str
    en: str
    heading: bool
    doubt: Doubt


@dataclass(frozen=True)
class Alignment:
    """What was aligned, and what is left: Chinese with the path of its clause, and English."""

    pairs: tuple[Pair, ...]
    zh_left: tuple[tuple[str, str], ...]
    en_left: tuple[str, ...]

    def given(self, source: str, *, doubtful: bool = False) -> list[Given]:
        """The official English of sentences, with the doubtful ones if they are wanted."""
        return [
            Given(one.path, one.zh, one.en, "official", source, one.heading)
            for one in self.pairs
            if one.path and (doubtful or not one.doubt)
        ]


@dataclass(frozen=True)
class _Chinese:
    """A sentence of a clause, or a heading; `first`: it stands behind the clause's marker."""

    path: str
    unit: Unit
    heading: bool = False
    first: bool = False
    article: int | None = None


def laid_beside(
    document: Document,
    english: str,
    encoder: Encoder,
    rendition: Callable[[str], Rendition | None] = lambda clause_id: None,
) -> Alignment:
    """An official English text beside the document. Raises DocumentFault for what is none.

    Sentences are cut as those of the reviewed rendition are, where there is one.
    """
    if len(english) > MOST_TEXT:
        raise DocumentFault("english-too-long", most=MOST_TEXT)
    letters = sum(map(str.isalpha, english))
    if not letters or sum(map(len, HAN_RUN.findall(english))) > MOST_CHINESE * letters:
        raise DocumentFault("no-english-text")
    zh = list(_chinese(document, rendition))
    en = list(_english(english))
    zh_vectors = encoder.encode_passages([one.unit.text for one in zh])
    en_vectors = encoder.encode_passages([one.text for one in en])
    pairs: list[Pair] = []
    zh_left: list[tuple[str, str]] = []
    en_left: list[str] = []
    for own, others in _blocks(zh, en):
        groups = aligned(
            [one.unit for one in zh[own]], en[others], zh_vectors[own], en_vectors[others]
        )
        for group in groups:
            chinese = [zh[own.start + at] for at in group.zh]
            texts = [en[others.start + at] for at in group.en]
            if not chinese:
                en_left += (one.text for one in texts)
            elif not texts:
                zh_left += ((one.path, one.unit.text) for one in chinese if one.path)
            else:
                pairs.append(_pair(document, chinese, texts, group))
    return Alignment(tuple(pairs), tuple(zh_left), tuple(en_left))


def _pair(
    document: Document, chinese: Sequence[_Chinese], texts: Sequence[Unit], group: Group
) -> Pair:
    told = " ".join(one.text for one in texts)
    if chinese[0].first or not chinese[0].path or chinese[0].heading:
        told = _unmarked(told)
    told = told[:MOST_CHARACTERS]
    zh = chinese[0].unit.text
    if len(chinese) > 1:
        body = next(one.body for one in document.clauses if one.path == chinese[0].path)
        start = body.find(zh)
        last = chinese[-1].unit.text
        end = body.find(last, start + len(zh)) + len(last)
        zh = body[start:end]
    return Pair(chinese[0].path, zh, told, chinese[0].heading, _doubt(zh, told, group))


def _doubt(zh: str, en: str, group: Group) -> Doubt:
    if any(number_faults(zh, en)):
        return "numbers"
    if group.cost > LONG:
        return "length"
    return "unlike" if group.likeness < ALIKE else ""


def _chinese(
    document: Document, rendition: Callable[[str], Rendition | None]
) -> Iterator[_Chinese]:
    """The document's sentences and headings in their order."""
    items: list[Section | Clause] = [*document.sections, *document.clauses]
    for part, item in enumerate(sorted(items, key=lambda one: (one.start, -one.end))):
        number = _number(_ZH_NUMBER.search(item.marker))
        if isinstance(item, Section):
            if item.heading:
                yield _Chinese("", Unit(item.heading, part, number), first=True)
            continue
        article = _number(_ZH_ARTICLE.fullmatch(item.marker))
        first = True
        if item.heading and not item.body.startswith(item.heading):
            unit = Unit(item.heading, part, number)
            yield _Chinese(item.path, unit, heading=True, first=True, article=article)
            first, article = False, None
        for text in _cut(item, rendition(item.id)):
            inner = _number(_ZH_ITEM.match(text)) if not first else number
            yield _Chinese(item.path, Unit(text, part, inner), first=first, article=article)
            first, article = False, None


def _cut(clause: Clause, rendition: Rendition | None) -> list[str]:
    """The clause's sentences as its English has them, where a person cut them."""
    if rendition and rendition.made == "reviewed":
        return [one.zh for one in rendition.sentences]
    return [one.zh for one in sentences_of(clause)]


def _english(text: str) -> Iterator[Unit]:
    """The sentences of an English text; what stands in one line is a part."""
    for part, line in enumerate(_paragraphs(text)):
        for place, sentence in enumerate(_sentences(line)):
            yield Unit(sentence, part, None if place else _marked(sentence))


def _paragraphs(text: str) -> list[str]:
    """The lines of a text, those joined that go on, and a number with what it stands before."""
    lines: list[str] = []
    for line in (" ".join(each.split()) for each in text.splitlines()):
        if not line:
            continue
        alone = bool(lines) and any(
            pattern.fullmatch(lines[-1]) for pattern in (_ARTICLE, _DIVISION, _ITEM)
        )
        goes_on = bool(lines) and lines[-1][-1] not in '.;:!?"”' and line[0].islower()
        if alone or goes_on:
            lines[-1] += f" {line}"
        else:
            lines.append(line)
    return lines


def _sentences(line: str) -> list[str]:
    sentences: list[str] = []
    start = 0
    for match in _END.finditer(line):
        if not _SHORT.search(line[start : match.start()]):
            sentences.append(line[start : match.start()] + match[0].strip())
            start = match.end()
    return [*sentences, line[start:]]


def _blocks(zh: Sequence[_Chinese], en: Sequence[Unit]) -> Iterator[tuple[slice, slice]]:
    """Stretches of both texts that belong together, each from one article to another.

    All in one where the articles are not numbered as such.
    """
    own = {one.article: at for at, one in enumerate(zh) if one.article is not None}
    found = [
        (own[number], at)
        for at, one in enumerate(en)
        if (number := _number(_ARTICLE.match(one.text))) in own
    ]
    starts = [(0, 0), *(pair for pair in _rising(found)), (len(zh), len(en))]
    for (zh_start, en_start), (zh_end, en_end) in itertools.pairwise(starts):
        yield slice(zh_start, zh_end), slice(en_start, en_end)


def _rising(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest run of pairs that rise in both: references to other articles fall out."""
    tails: list[int] = []
    ends: list[int] = []
    before: list[int | None] = []
    for place, (value, _) in enumerate(pairs):
        at = bisect_left(tails, value)
        before.append(ends[at - 1] if at else None)
        tails[at : at + 1], ends[at : at + 1] = [value], [place]
    run: list[tuple[int, int]] = []
    place_now = ends[-1] if ends else None
    while place_now is not None:
        run.append(pairs[place_now])
        place_now = before[place_now]
    return run[::-1]


def _marked(text: str) -> int | None:
    """The number that an English sentence begins with."""
    for pattern in (_ARTICLE, _DIVISION, _ITEM):
        if (match := pattern.match(text)) is not None:
            return _number(match)
    return None


def _unmarked(text: str) -> str:
    """An English sentence without the number that it begins with."""
    for pattern in (_ARTICLE, _DIVISION, _ITEM):
        if (match := pattern.match(text)) is not None and match.end() < len(text):
            return text[match.end() :]
    return text


def _number(match: re.Match[str] | None) -> int | None:
    """The number of a match, however it is written."""
    if match is None:
        return None
    written = next(filter(None, match.groups()))
    if written.lower() in _WORDS:
        return _WORDS[written.lower()]
    if set(written.upper()) <= set(_ROMAN):
        values = [_ROMAN[letter] for letter in written.upper()]
        return sum(-value if value < max(values[at:]) else value for at, value in enumerate(values))
    return read_numeral(written)
