"""Which version of a document a question asks: the one that it names, or that is in force then.

Of several texts of one law the others are left out, so that none is found or cited by chance.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date

from index.documents.model import Document
from index.documents.versions import begins_on, text_of, versions_of
from index.request.days_asked import AskedDay, asked_day
from index.request.documents_named import names_by_year
from index.request.intents import compares
from index.text.repair import clean
from index.text.written import YEAR

# Versions of one text are named together; other comparisons are known by intents.compares.
_VERSIONS = re.compile(
    r"新旧|新老|前后|历史版本|各版本|\b(?:old|previous|former|earlier|all) (?:version|law)s?\b",
    re.IGNORECASE,
)


def left_out(question: str, documents: Mapping[str, Document], today: date) -> frozenset[str]:
    """The versions that the question does not ask; empty where there is but one of each text."""
    versions = [each for each in documents.values() if each.version]
    if len(versions) < 2:
        return frozenset()
    text = clean(question).text
    asked = asked_day(text)
    out: set[str] = set()
    for group in versions_of(versions):
        kept = {each.id for each in _asked(question, text, asked, group, today)}
        out |= {each.id for each in group} - kept
    return frozenset(out)


def _asked(
    question: str, text: str, asked: AskedDay | None, group: list[Document], today: date
) -> Iterable[Document]:
    named = [each for each in group if _names(question, text, each)]
    if named:
        return named
    if compares(text) or _VERSIONS.search(text):
        return group
    years = set(YEAR.findall(text))
    day = asked or (AskedDay(today, today, "") if not years else _whole(min(years)))
    found = [
        each
        for each, after in zip(group, [*group[1:], None], strict=True)
        if begins_on(each) <= day.last.isoformat()
        and (after is None or begins_on(after) > day.first.isoformat())
    ]
    if found:
        return found
    # Before the first of them took effect: the text of that year, else the first.
    return [each for each in group if text_of(each)[:4] in years] or group[:1]


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
