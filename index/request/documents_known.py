"""What documents are called, turned round: from words, numbers, places and years to documents.

Made once of all documents. A question then costs what it names, not how many documents there are.
Scores are arrays over all documents, in their order.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property, lru_cache
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from index.documents.model import Document
from index.request.postings import Places, Postings, Substrings, pairs
from index.text.places import names_of_region
from index.text.repair import clean
from index.text.written import YEAR

NUMBER = re.compile(
    r"([\u4e00-\u9fff]{1,14})\s*[〔\[(【]?\s*((?:19|20)\d{2})\s*[〕\])】]?\s*第?\s*(\d{1,5})\s*号"
)
NUMBER_EN = re.compile(
    r"(?<![–-])[〔\[(]?\s*((?:19|20)\d{2})\s*(?:[〕\])]\s*,?)?\s*No\.?\s*(\d{1,5})", re.I
)
NUMBERED = 10.0
TITLED = 8.0
KINDS = {
    "意见": ("意见", "opinion"),
    "方案": ("方案", "plan", "scheme", "programme", "program"),
    "计划": ("计划", "plan", "program", "programme"),
    "规划": ("规划", "plan"),
    "办法": ("办法", "measures"),
    "条例": ("条例", "regulation"),
    "规定": ("规定", "provisions", "rules"),
    "通知": ("通知", "notice", "circular"),
    "法": ("法律", "law"),
}
# Characters that say nothing of what a document is about.
COMMON = set("的和与及等在年对为关于印发通知意见方案计划实施全面推进加快促进若干行动市省")
_OWN_NUMBER = re.compile(r"(.+)〔(\d{4})〕(\d+)号")
_SHORT_NUMBER = re.compile(r"〔\d{4}〕(\d+)号")
_WORDS = re.compile(r"[a-z]{4,}")
_NO_PLACES: Places = np.empty(0, np.int32)
_COMMON_POINTS = np.array(sorted(map(ord, COMMON)), np.uint64)
K = TypeVar("K")


@lru_cache(maxsize=1 << 18)
def clean_title(title: str) -> str:
    """A title as it is compared: every index opened after another has nearly the same titles."""
    return clean(title).text


@lru_cache(maxsize=1 << 8)
def clean_question(question: str) -> str:
    """A question as it is compared, with many documents one after another."""
    return clean(question).text


@lru_cache(maxsize=1 << 18)
def bare(text: str) -> str:
    """A title without white space, quotation marks, brackets and dashes."""
    return re.sub(r"[\s《》“”()〔〕,—–-]", "", text)


@lru_cache(maxsize=1 << 18)
def kind_of(title: str) -> str:
    """The kind of document that a title ends with, '' for none that has words in `KINDS`."""
    ending = clean_title(title).rstrip("》)年0123456789(—- ")
    return next((kind for kind in KINDS if ending.endswith(kind)), "")


class Known:
    """Documents by what they are called."""

    def __init__(self, documents: Sequence[Document]) -> None:
        self._documents = documents
        self.ids = [document.id for document in documents]
        codes: dict[str | None, int] = {}
        self.regions = np.array(
            [codes.setdefault(each.region, len(codes)) for each in documents], np.int32
        )
        self.region_names = list(codes)
        self.nationwide = self._in_regions([name in (None, "全国") for name in codes])
        self.named_years = np.array([each.year or 0 for each in documents], np.int32)

    # --- titles ---

    @cached_property
    def bare_titles(self) -> list[str]:
        """Titles as they are compared."""
        return [bare(clean_title(each.title)) for each in self._documents]

    @cached_property
    def _by_title(self) -> Mapping[str, Places]:
        return _places(zip(self.bare_titles, range(len(self.ids)), strict=True))

    @cached_property
    def _titles_inside(self) -> Substrings:
        return Substrings(self._by_title)

    @cached_property
    def _pairs(self) -> tuple[Postings, NDArray[np.int64]]:
        """The pairs of characters of titles; how many of each title's are not common ones."""
        postings = Postings([pairs(title) for title in self.bare_titles])
        return postings, postings.sizes(len(self.ids), _are_telling)

    @cached_property
    def _english(self) -> tuple[Mapping[str, int], Postings, NDArray[np.int64]]:
        """The words of English titles: their numbers, where they stand, how many a title has."""
        numbers: dict[str, int] = {}
        own = [
            np.array(
                [numbers.setdefault(word, len(numbers))
                 for word in set(_WORDS.findall((each.title_en or "").lower()))], np.uint64)
            for each in self._documents
        ]  # fmt: skip
        return numbers, Postings(own), np.fromiter(map(len, own), np.int64, len(own))

    def titled(self, bare_title: str) -> Places:
        """The documents of exactly this title."""
        return self._by_title.get(bare_title, _NO_PLACES)

    def titles_inside(self, text: str) -> Sequence[str]:
        """The titles that stand in a text without white space and marks."""
        return list(self._titles_inside.inside(text))

    def with_pairs(self, words: str) -> Places:
        """The documents whose titles have every two characters that stand together in `words`."""
        return self._pairs[0].all_of(map(int, pairs(words)))

    def around(self, name: str) -> Places:
        """The documents whose titles hold a name, or stand in it."""
        if not name:
            return _NO_PLACES
        near = self.with_pairs(name).tolist() if len(name) > 1 else range(len(self.ids))
        holding = [place for place in near if name in self.bare_titles[place]]
        inside = [self.titled(title) for title in self.titles_inside(name)]
        empty = self.titled("")  # a title of marks alone stands in every name
        return np.unique(np.concatenate([np.array(holding, np.int32), empty, *inside]))

    def titles(self, text: str, lower: str) -> NDArray[np.float64]:
        """How much of each title stands in a question, from 0 to 2, in either language."""
        shared, counts = self._pairs
        asked = pairs(text)
        held = shared.counts(asked[_are_telling(asked)], len(self.ids))
        score = 2.0 * held / np.maximum(counts, 1)
        numbers, english, words = self._english
        own = {numbers[word] for word in _WORDS.findall(lower) if word in numbers}
        if own:
            held = english.counts(np.array(sorted(own), np.uint64), len(self.ids))
            score = np.maximum(score, 2.0 * held / np.maximum(words, 1))
        return np.asarray(score, np.float64)

    # --- numbers ---

    @cached_property
    def by_short_number(self) -> Mapping[str, Places]:
        """Documents by their number within a year: 121 of 沪商电商〔2021〕121号."""
        found = (_SHORT_NUMBER.search(each.number or "") for each in self._documents)
        return _places((own[1], place) for place, own in enumerate(found) if own)

    @cached_property
    def _numbers(self) -> tuple[Mapping[tuple[str, str], list[tuple[str, int]]],
                                Mapping[str, Places], Mapping[str, Places]]:  # fmt: skip
        """Documents by year and number with their words, by these words, and by other numbers."""
        full: dict[tuple[str, str], list[tuple[str, int]]] = defaultdict(list)
        words: list[tuple[str, int]] = []
        others: list[tuple[str, int]] = []
        for place, document in enumerate(self._documents):
            if not document.number:
                continue
            if own := _OWN_NUMBER.match(document.number):
                full[own[2], own[3]].append((own[1], place))
                if len(own[1]) >= 3:
                    words.append((own[1], place))
            else:
                others.append((document.number, place))
        return full, _places(words), _places(others)

    @cached_property
    def _in_numbers(self) -> tuple[Substrings, Substrings]:
        _, words, others = self._numbers
        return Substrings(words), Substrings(others)

    def numbered(self, text: str) -> NDArray[np.float64]:
        """How clearly a question names each document by its number."""
        full, words, others = self._numbers
        score = np.zeros(len(self.ids))
        in_words, in_others = self._in_numbers
        for own in in_words.inside(text):
            score[words[own]] = 3.0
        for own in in_others.inside(text):
            score[others[own]] = TITLED
        for match in NUMBER.finditer(text):
            for begin, place in full.get((match[2], match[3]), ()):
                if match[1].endswith(begin):
                    score[place] = NUMBERED
        for match in NUMBER_EN.finditer(text):
            for _, place in full.get((match[1], match[2]), ()):
                score[place] = NUMBERED
        return score

    # --- places, years, kinds ---

    def of_places(self, names: set[str]) -> NDArray[np.bool_]:
        """Of each document, whether it is of a place with one of these names."""
        return self._in_regions([bool(names_of_region(own) & names) for own in self.region_names])

    def _in_regions(self, holds: Sequence[bool]) -> NDArray[np.bool_]:
        return np.array(holds, np.bool_)[self.regions]

    @cached_property
    def _years(self) -> tuple[Mapping[int, Places], NDArray[np.int32], NDArray[np.int32]]:
        """Documents by the years of number and issue, else of the title; periods, 0 for none."""
        own: list[tuple[int, int]] = []
        for place, document in enumerate(self._documents):
            years = {int(year) for year in YEAR.findall(document.number or "")}
            if document.issued_on:
                years.add(int(document.issued_on[:4]))
            years = years or {int(year) for year in YEAR.findall(document.title)}
            own += ((year, place) for year in years)
        periods = [document.period or (0, 0) for document in self._documents]
        first, last = np.array(periods, np.int32).reshape(-1, 2).T
        return _places(own), first, last

    def years(self, text: str) -> NDArray[np.float64]:
        """What each document gains by the years in a question."""
        own, first, last = self._years
        score = np.zeros(len(self.ids))
        asked = {int(year) for year in YEAR.findall(text)}
        for year in asked:
            score[(first <= year) & (year <= last)] = 0.3
        for year in asked:
            score[(first == year) | (last == year)] = 0.6
        for year in asked:
            score[own.get(year, _NO_PLACES)] = 1.0
        return score

    @cached_property
    def by_year_and_kind(self) -> Mapping[tuple[int, str], Places]:
        """Documents by the year that readers name them by and their kind, '' for no kind."""
        return _places(
            ((each.year, kind_of(each.title)), place)
            for place, each in enumerate(self._documents)
            if each.year
        )

    @cached_property
    def _kinds(self) -> NDArray[np.int32]:
        codes = {kind: code for code, kind in enumerate(["", *KINDS])}
        return np.array([codes[kind_of(each.title)] for each in self._documents], np.int32)

    def kinds(self, lower: str) -> NDArray[np.float64]:
        """What each document gains by the kind of document that a question speaks of."""
        gains = [any(word in lower for word in words) for words in KINDS.values()]
        return 0.8 * np.array([False, *gains])[self._kinds]


def _are_telling(keys: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Whether of a pair one character at least is not common."""
    low = keys & np.uint64(0xFFFFFFFF)
    common = np.isin(keys >> np.uint64(32), _COMMON_POINTS) & np.isin(low, _COMMON_POINTS)
    return np.asarray(~common, np.bool_)


def _places(found: Iterable[tuple[K, int]]) -> dict[K, Places]:
    by_key: dict[K, list[int]] = defaultdict(list)
    for key, place in found:
        by_key[key].append(place)
    return {key: np.array(own, np.int32) for key, own in by_key.items()}
