"""Versions of one document: which texts of a title belong together, and which is in force when.

Documents with the same title, of the same issuer and place, and of different days are versions.
Each gets the year that tells it apart in its labels, and the day on which the next took effect.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace

from index.documents.labels import with_labels
from index.documents.model import Document
from index.text.repair import clean

# Notices and letters of one title are other notices and letters, unless they issue a regulation.
_ONCE = re.compile(r"(?:通知|函|答复|批复|通报|公告|通告|报告|请示|公报|决议|决定)$")
_ISSUES = re.compile(r"(?:印发|发布|公布)《?(?P<title>[^《》]+?)》?的?(?:通知|公告|令)$")
_VERSION = re.compile(
    r"\((?:(?:19|20)\d{2}年?)?(?:第[一二三四五六七八九十]次)?(?:修正|修订|修改)?(?:版|本|文本)?\)$"
)


def versions_of(documents: Iterable[Document]) -> list[list[Document]]:
    """The documents that are versions of one another, in groups of two or more, oldest first."""
    titled: dict[str, list[Document]] = defaultdict(list)
    for document in documents:
        if (title := _bare_title(document)) and begins_on(document):
            titled[title].append(document)
    groups: list[list[Document]] = []
    for same in titled.values():
        own: list[list[Document]] = []
        for document in same:
            group = next((each for each in own if all(_alike(document, one) for one in each)), None)
            if group is None:
                own.append([document])
            else:
                group.append(document)
        groups += [sorted(group, key=begins_on) for group in own if _differ(group)]
    return groups


def told_apart(documents: Sequence[Document]) -> list[Document]:
    """The documents with `version` and `superseded_on` of those that are versions of another."""
    known: dict[str, tuple[str, str | None]] = {}
    for group in versions_of(documents):
        days = [text_of(each) for each in group]
        years = [day[:4] for day in days]
        for number, each in enumerate(group):
            later = [begins_on(one) for one in group if begins_on(one) > begins_on(each)]
            name = years[number] if years.count(years[number]) == 1 else days[number]
            known[each.id] = name, min(later, default=None)
    found = []
    for document in documents:
        version, superseded = known.get(document.id, (None, None))
        if (document.version, document.superseded_on) != (version, superseded):
            changed = replace(document, version=version, superseded_on=superseded)
            document = with_labels(changed) if document.version != version else changed
        found.append(document)
    return found


def version_before(document: Document, documents: Iterable[Document]) -> Document | None:
    """The version of a document that came before it, where it is among these."""
    for group in versions_of(documents):
        ids = [one.id for one in group]
        if document.id in ids[1:]:
            return group[ids.index(document.id) - 1]
    return None


def begins_on(document: Document) -> str:
    """The day from which this text counts: of effect, or of the amendment that made it."""
    days = (document.effective_from, document.amended_on, document.issued_on)
    return max(filter(None, days), default="")


def text_of(document: Document) -> str:
    """The day of this text: of its last amendment, its issue, or else its effect."""
    days = filter(None, (document.amended_on, document.issued_on))
    return max(days, default=document.effective_from or "")


def _bare_title(document: Document) -> str:
    """The title that versions share; empty for a document that has none."""
    title = re.sub(r"\s", "", clean(document.title).text)
    if issued := _ISSUES.search(title):
        title = issued["title"]
    elif _ONCE.search(title):
        return ""
    title = _VERSION.sub("", title.strip("《》"))
    return title.removeprefix("中华人民共和国")


def _alike(one: Document, other: Document) -> bool:
    """Whether neither issuer nor place tells two documents of one title apart."""
    places = {one.region, other.region} - {None}
    if len(places) > 1:
        return False
    issuers = [{_body(name) for name in each.issuers} for each in (one, other)]
    if all(issuers):
        return bool(issuers[0] & issuers[1])
    words = [re.match(r"[^〔\d]+(?=〔)", each.number or "") for each in (one, other)]
    return len({word[0] for word in words if word}) < 2


def _body(name: str) -> str:
    """A body's name: a congress and its standing committee are one legislator."""
    return name.removeprefix("中华人民共和国").removesuffix("常务委员会")


def _differ(group: Sequence[Document]) -> bool:
    return len({(begins_on(each), text_of(each)) for each in group}) == len(group) > 1
