"""Which documents a question names: by number, title, place, year or kind, in both languages.

Reads names and numbers only; articles are `references`' matter.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from index.documents.labels import document_label_en
from index.documents.model import Document
from index.request.documents_known import (
    COMMON,
    KINDS,
    NUMBER,
    NUMBER_EN,
    NUMBERED,
    TITLED,
    Known,
    bare,
    clean_question,
    clean_title,
    kind_of,
)
from index.request.held_documents import HeldDocuments
from index.request.short_names import fits, named_in_short, short_names
from index.text.places import names_of_region, places_named
from index.text.written import YEAR

OWN_WORDS = 4
NAMED_BY_TITLE = 2.0
# Of more documents than these that a question names somehow, the clearest alone are kept, and of
# each region the clearest, as sides of a comparison are told by places.
MOST_LINKED, MOST_OF_REGION, NEAR = 500, 100, 1.0
_SHORT_YEAR = re.compile(r"(?<!\d)(\d{2})(?=年)")
_BARE_NUMBER = re.compile(
    r"(?:(?<![\d〔〕\[\]()（）年第])\s?|(?<=年)(?=\d{1,5}号文))(?P<zh>\d{1,5})号|"
    r"(?<![\]〕)\d])(?<![\]〕)\d] )\bNo\. ?(?P<en>\d{1,5})\b"
)
_DOCUMENT = re.compile(
    "意见|方案|计划|规划|办法|条例|规定|规则|通知|通报|决定|批复|复函|答复|公告|纲要|文件"
)
TITLE = re.compile(r"《([^》]+)》")


def link_documents(question: str, documents: Mapping[str, Document]) -> dict[str, float]:
    """How strongly the question points to each document by number, title, place, year or kind.

    Only documents with a positive score are in the result; a question that names a place
    excludes documents of other places. Of very many the weak ones are left out.
    """
    text = clean_question(question)
    lower = text.lower()
    held = HeldDocuments.of(documents)
    known = held.known(Known)
    places = places_named(lower, held.here(_place_names))
    score = known.numbered(text)
    here = known.of_places(places)
    # Added up in one order, for equal documents to have equal scores.
    score[here] += 3.0
    excluded = ~here & ~known.nationwide & (score < NUMBERED) if places else None
    named = [held.place(key) for key in _titled(text, bare(text), held)]
    titles = known.titles(text, lower)
    titles[named] = TITLED
    score += titles
    score[[held.place(key) for key in names_by_title(question, held)]] += NAMED_BY_TITLE
    found = (score > 0) & held.mask
    if excluded is not None:
        found &= ~excluded
    score += known.years(text) + known.kinds(lower)
    kept = _strongest(np.flatnonzero(found), score, known.regions)
    return {known.ids[place]: float(score[place]) for place in kept.tolist()}


def _strongest(
    places: NDArray[np.int64], score: NDArray[np.float64], regions: NDArray[np.int32]
) -> NDArray[np.int64]:
    """Those of very many documents that are named most clearly, overall and in each region."""
    if len(places) <= MOST_LINKED:
        return places
    order = places[np.argsort(-score[places], kind="stable")]
    kept = score[order] >= score[order[0]] - NEAR
    kept[:MOST_LINKED] = True
    by_region = np.argsort(regions[order], kind="stable")
    _, begins, sizes = np.unique(regions[order[by_region]], return_index=True, return_counts=True)
    rank = np.arange(len(order)) - np.repeat(begins, sizes)
    kept[by_region[rank < MOST_OF_REGION]] = True
    return np.sort(order[kept])


def _place_names(held: HeldDocuments) -> frozenset[str]:
    """What the places that the documents are of are called."""
    return frozenset().union(*map(names_of_region, regions_of(held)))


def regions_of(documents: Mapping[str, Document]) -> list[str | None]:
    """The regions that documents are of, each once, in the order of the documents."""
    return HeldDocuments.of(documents).here(_regions)


def _regions(held: HeldDocuments) -> list[str | None]:
    known = held.known(Known)
    codes, first = np.unique(known.regions[held.mask], return_index=True)
    return [known.region_names[code] for code in codes[np.argsort(first)].tolist()]


def in_full(question: str, documents: Mapping[str, Document]) -> str:
    """The question with short names of documents in full: `121号文`, `No. 121`, `19年的方案`.

    A number is one document's own, and a year one that documents are of; others stay.
    """
    held = HeldDocuments.of(documents)
    known = held.known(Known)
    years = held.here(_years_held)

    def number(match: re.Match[str]) -> str:
        told = match["zh"] or match["en"]
        meant = [held.all[place] for place in held.among(known.by_short_number.get(told, ()))]
        if len(meant) != 1 or (meant[0].number or "") in question:
            return match[0]
        if match["en"]:
            return document_label_en(meant[0])
        return meant[0].number or match[0]

    def year(match: re.Match[str]) -> str:
        return f"20{match[1]}" if f"20{match[1]}" in years else match[0]

    question = _BARE_NUMBER.sub(number, question)
    return _SHORT_YEAR.sub(year, question)


def names_by_title(question: str, documents: Mapping[str, Document]) -> dict[str, str]:
    """The documents that the question names by words of their titles alone, with those words.

    消费扶贫的指导意见 names the one document whose title has 消费扶贫: four characters that no
    other title has, before the word for a document.
    """
    text = clean_question(question)
    held = HeldDocuments.of(documents)
    known = held.known(Known)
    found: dict[str, str] = {}
    for at in range(len(text) - OWN_WORDS + 1):
        words = text[at : at + OWN_WORDS]
        if _DOCUMENT.search(text, at, at + OWN_WORDS + 12) and _tells_apart(words):
            own = [place for place in held.among(known.with_pairs(words)).tolist()
                   if words in known.bare_titles[place]][:2]  # fmt: skip
            if len(own) == 1:
                found.setdefault(known.ids[own[0]], words)
    return found


def _tells_apart(words: str) -> bool:
    """Whether words of a title may tell it from others: not by a place, a number or a kind.

    上海数字 is in one title by the accident that another says 上海市.
    """
    if set(words) <= COMMON or re.search(r"\d", words):
        return False
    return not places_named(words)


def _years_held(held: HeldDocuments) -> frozenset[str]:
    """The years that documents are of."""
    named = held.known(Known).named_years
    return frozenset(str(year) for year in np.unique(named[held.mask]).tolist() if year)


def names_by_year(question: str, document: Document) -> bool:
    """Whether the question names the document by its year and kind: 2021年的意见, the 2019 plan."""
    if document.year is None:
        return False
    return _year_and_kind(clean_question(question), document.year, kind_of(document.title))


@lru_cache(maxsize=1 << 12)
def _year_and_kind(text: str, year: int, kind: str) -> bool:
    """Whether a question names documents of a kind by their year."""
    kinds = KINDS.get(kind, ())
    chinese = "|".join(word for word in (*kinds, "文件") if not word.isascii())
    english = "|".join(word for word in (*kinds, "document") if word.isascii())
    return bool(
        re.search(rf"(?<!\d){year}\s*年?[^,。;?!\d]{{0,16}}?(?:{chinese})", text)
        or re.search(
            rf"\b{year}(?:'s)?\s+(?:[\w-]+\s+){{0,6}}?(?:{english})s?\b|"
            rf"\b(?:{english})s?\s+(?:of|from|for|\()\s*(?:\w+\s+)?{year}\b",
            text,
            re.IGNORECASE,
        )
    )


def of_year_and_kind(
    question: str, years: Collection[int], documents: Mapping[str, Document]
) -> list[Document]:
    """The documents of these years that the question names by year and kind."""
    held = HeldDocuments.of(documents)
    known, text = held.known(Known), clean_question(question)
    groups = [
        own
        for (year, kind), own in known.by_year_and_kind.items()
        if year in years and _year_and_kind(text, year, kind)
    ]
    places = np.sort(np.concatenate([np.empty(0, np.int32), *groups]))
    return [held.all[place] for place in held.among(places).tolist()]


def is_titled(document: Document, named: Iterable[str]) -> bool:
    """Whether one of the names is the document's title or the better part of it."""
    title = bare(clean_title(document.title))
    return any(name in title or title in name or fits(name, document) for name in named if name)


def _titled(text: str, asked: str, held: HeldDocuments) -> set[str]:
    """The documents that a question names by title or short name, exactly where it can.

    《排水条例》 names that, not 排水条例实施细则, in which it stands too.
    """
    known = held.known(Known)
    found: set[str] = set()
    for name in map(bare, TITLE.findall(text)):
        exact = {known.ids[place] for place in held.among(known.titled(name)).tolist()}
        exact = exact or set(named_in_short(name, held))
        found |= exact or {known.ids[place] for place in held.among(known.around(name)).tolist()}
    rest = asked
    whole = (title for title in known.titles_inside(asked) if len(held.among(known.titled(title))))
    for title in sorted(whole, key=lambda each: (-len(each), each)):
        if title in rest:
            found |= {known.ids[place] for place in held.among(known.titled(title)).tolist()}
            rest = rest.replace(title, " ")
    return found | set(named_in_short(TITLE.sub(" ", text), held))


def without_names(question: str, documents: Iterable[Document]) -> str:
    """The question without the names of these documents: what is asked within them."""
    text = NUMBER_EN.sub(" ", NUMBER.sub(" ", clean_question(question)))
    text = YEAR.sub(" ", TITLE.sub(" ", text))
    documents = list(documents)
    for name in short_names(text, {each.id: each for each in documents}):
        text = re.sub(re.escape(name.text), " ", text, flags=re.I)
    for document in documents:
        for place in names_of_region(document.region):
            text = re.sub(rf"{re.escape(place)}(?:市|省|'s)?", " ", text, flags=re.I)
        title = bare(clean_title(document.title))
        for size in range(len(title), 3, -1):
            for at in range(len(title) - size + 1):
                text = text.replace(title[at : at + size], " ")
        for word in re.findall(r"[A-Za-z]{4,}", document.title_en or ""):
            text = re.sub(rf"\b{word}\b", " ", text, flags=re.I)
    kinds = "|".join(word for words in KINDS.values() for word in words)
    text = re.sub(rf"\b(?:{kinds})s?\b" if text.isascii() else kinds, " ", text, flags=re.I)
    return " ".join(text.split())
