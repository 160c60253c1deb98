"""Which version of a document a question asks: the one that it names, or that is in force then.

Of several texts of one law the others are left out, so that none is found or cited by chance.
"""

from __future__ import annotations

import re
from collections import OrderedDict, defaultdict
from collections.abc import Mapping
from datetime import date
from typing import Any

from index.documents.model import Document
from index.documents.versions import begins_on, text_of, versions_of
from index.request.aspects import aspects_of
from index.request.days_asked import AskedDay, asked_day
from index.request.documents_named import names_by_year
from index.request.held_documents import HeldDocuments
from index.request.postings import Substrings
from index.text.repair import clean
from index.text.written import YEAR

# Versions of one text are named together; other comparisons are an aspect of the question.
_VERSIONS = re.compile(
    r"新旧|新老|前后|历史版本|各版本|\b(?:old|previous|former|earlier|all) (?:version|law)s?\b",
    re.IGNORECASE,
)
MOST_DAYS = 64  # for which it is kept what is left out


def left_out(question: str, documents: Mapping[str, Document], today: date) -> frozenset[str]:
    """The versions that the question does not ask; empty where there is but one of each text."""
    versions = HeldDocuments.of(documents).here(_Versions)
    if not versions.groups:
        return frozenset()
    text = clean(question).text
    if _VERSIONS.search(text) or "compares" in aspects_of(text):
        # All are asked, but where one of them is named.
        out: set[str] = set()
        plain: frozenset[str] = frozenset()
    else:
        years = frozenset(YEAR.findall(text))
        plain = versions.of_day(asked_day(text), years, today)
        out = set(plain)
    for group in versions.perhaps_named(question, text):
        named = [each.id for each in group if _names(question, text, each)]
        if named:
            out -= {each.id for each in group}
            out |= {each.id for each in group} - set(named)
    return frozenset(out) if out != plain else plain


class _Versions:
    """The groups of documents that are versions of one text."""

    def __init__(self, held: HeldDocuments) -> None:
        self.groups = versions_of(each for each in held.values() if each.version)
        self._by_id: dict[str, int] = {}
        self._by_year: dict[str, list[int]] = defaultdict(list)
        for number, group in enumerate(self.groups):
            for each in group:
                self._by_id[each.id] = number
                for year in {text_of(each)[:4], str(each.year)}:
                    self._by_year[year].append(number)
        self._ids = Substrings(self._by_id)
        self._of_day: OrderedDict[Any, frozenset[str]] = OrderedDict()

    def perhaps_named(self, question: str, text: str) -> list[list[Document]]:
        """The groups of which a question has an id, or the year of one of the texts."""
        numbers = {self._by_id[key] for key in self._ids.inside(question)}
        for year in {*re.findall(r"(?=(\d{4}))", text), *re.findall(r"(?=(\d{4}))", question)}:
            numbers.update(self._by_year.get(year, ()))
        return [self.groups[number] for number in sorted(numbers)]

    def of_day(self, asked: AskedDay | None, years: frozenset[str], today: date) -> frozenset[str]:
        """What is left out where no version is named, for the day or the years asked about."""
        day = asked or (AskedDay(today, today, "") if not years else _whole(min(years)))
        key = day.first, day.last, years
        if key not in self._of_day:
            out = {each.id for group in self.groups for each in _others(group, day, years)}
            self._of_day[key] = frozenset(out)
            if len(self._of_day) > MOST_DAYS:
                self._of_day.popitem(last=False)
        return self._of_day[key]


def _others(group: list[Document], day: AskedDay, years: frozenset[str]) -> list[Document]:
    """The versions that were not in force on the day."""
    kept = [
        each
        for each, after in zip(group, [*group[1:], None], strict=True)
        if begins_on(each) <= day.last.isoformat()
        and (after is None or begins_on(after) > day.first.isoformat())
    ]
    # Before the first of them took effect: the text of that year, else the first.
    kept = kept or [each for each in group if text_of(each)[:4] in years] or group[:1]
    ids = {each.id for each in kept}
    return [each for each in group if each.id not in ids]


def _names(question: str, text: str, document: Document) -> bool:
    """Whether the question names this version: by id, by its year as a text, by its own number."""
    if re.search(rf"(?<![\w-]){re.escape(document.id)}(?=#|\s|$)", question):
        return True
    year = text_of(document)[:4]
    words = r"(?:年)?(?:的)?(?:版|修正|修订|修改|通过|颁布|公布|发布|文本|那版|版本)"
    english = rf"\b{year}\s+(?:version|text|revision|amendment|edition)|"
    english += rf"\b(?:version|text|as (?:amended|revised)) (?:of|in) {year}\b"
    by_year = re.search(rf"(?<!\d){year}{words}|\({year}年?\)|{english}", text, re.IGNORECASE)
    return bool(by_year) or names_by_year(question, document)


def _whole(year: str) -> AskedDay:
    return AskedDay(date(int(year), 1, 1), date(int(year), 12, 31), year)
