"""What a register is asked for, and its rows in words: for the page, files and programs alike.

Rows come from the facts of a collection, in parts. Nothing here is HTML, and nothing is written.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date
from typing import Protocol
from urllib.parse import urlencode

from index.documents.model import Clause, Document
from index.facts.corrections import corrects
from index.facts.model import KINDS, Fact
from index.facts.register import (
    REGISTERS,
    WITH_BODY,
    WITH_YEAR,
    Alternatives,
    Narrowing,
    Order,
    bodies_alike,
    facts_in,
    listed,
    orders_of,
)
from index.text.characters import to_simplified
from rag.answer.facts_worded import Wording
from rag.schema import Language
from rag.web.chat.conversation import MOST_CHOSEN, Library, clause_in
from rag.web.pages.contents import article_address, label_prefix, short_label
from rag.web.pages.unknown import UnknownError, check_fields, check_values, page_number
from rag.web.texts import label_of, status_of

LONGEST = 200
MOST_WORDS = 12
ON_A_PAGE = 50
ROLES = ("lead", "support", "joint")


class Asking(Protocol):
    """The query of an address: some names stand in it several times."""

    def get(self, key: str, default: str, /) -> str:
        """The last value of that name, or the default."""
        ...

    def getlist(self, key: str, /) -> list[str]:
        """All values of that name."""
        ...


@dataclass(frozen=True)
class Wanted:
    """Which rows a reader asks for; an empty text narrows nothing. `page` counts from 1."""

    kind: str = "duty"
    q: str = ""
    body: str = ""
    role: str = ""
    year: str = ""
    documents: tuple[str, ...] = ()
    sort: Order = "text"
    group: str = ""
    page: int = 1

    @property
    def narrows(self) -> bool:
        """Whether anything but the kind is asked for."""
        return bool(self.q or self.body or self.role or self.year or self.documents)

    def query(self, **changes: str | int) -> str:
        """The query of an address that asks for this, with changes; documents are repeated."""
        asked = {"kind": self.kind, "q": self.q, "body": self.body, "role": self.role,
                 "year": self.year, "sort": self.sort, "group": self.group,
                 "page": self.page} | changes  # fmt: skip
        usual = {"sort": "text", "page": 1}
        pairs = [(key, str(value)) for key, value in asked.items()
                 if value and value != usual.get(key)]  # fmt: skip
        pairs += (("document", each) for each in self.documents)
        return urlencode(pairs, errors="replace")


@dataclass(frozen=True)
class Row:
    """A fact as a register shows it: its columns in words, its article, and its quote.

    `english` is the rendition's sentence, `machine` whether a machine made it. `address` leads to
    the article with the quote marked; `short_label` leaves the document out. `key` names the row
    for who corrects it.
    """

    fact: Fact
    cells: Mapping[str, str]
    document: Document
    clause: Clause
    label: str
    short_label: str
    address: str
    english: str
    machine: bool
    status: str
    key: str


@dataclass(frozen=True)
class Rows:
    """Part of a register, and how many rows the whole of it has."""

    total: int
    rows: tuple[Row, ...]
    narrowing: Narrowing = field(repr=False, default=Narrowing("duty"))


def check_asked(query: Mapping[str, str]) -> None:
    """Raise UnknownError for what no register takes; what another kind takes is left out."""
    check_fields(query, {one.name for one in fields(Wanted)} - {"documents"} | {"document"})
    check_values(
        query,
        {
            "kind": REGISTERS,
            "role": ROLES,
            "sort": {order for kind in REGISTERS for order in orders_of(kind)},
            "group": ("document", "body"),
        },
    )
    if (year := query.get("year", "")) and not re.fullmatch(r"[0-9]{4}", year):
        raise UnknownError("year", year)
    page_number(query)


def wanted(query: Asking) -> Wanted:
    """What the query of an address asks for; what cannot be asked of the kind is left out."""
    kind = query.get("kind", "")
    kind = kind if kind in REGISTERS else "duty"
    text = {name: query.get(name, "").strip()[:LONGEST] for name in ("q", "body", "role", "year")}
    orders: dict[str, Order] = {one: one for one in orders_of(kind)}
    group = query.get("group", "")
    groups = ("document", "body") if kind in WITH_BODY else ("document",)
    page = query.get("page", "")
    documents = dict.fromkeys(filter(None, query.getlist("document")))
    return Wanted(
        kind=kind,
        q=text["q"],
        body=text["body"] if kind in WITH_BODY else "",
        role=text["role"] if kind == "duty" and text["role"] in ROLES else "",
        year=text["year"] if kind in WITH_YEAR and re.fullmatch(r"\d{4}", text["year"]) else "",
        documents=tuple(documents)[:MOST_CHOSEN],
        sort=orders.get(query.get("sort", ""), "text"),
        group=group if group in groups else "",
        page=int(page) if re.fullmatch(r"[1-9]\d{0,4}", page) else 1,
    )


def rows_of(
    asked: Wanted,
    library: Library,
    language: Language,
    today: date,
    first: int = 0,
    most: int = -1,
) -> Rows:
    """The rows asked for from `first` on, at most so many (-1: all)."""
    wording = Wording(library, language)
    narrowing = narrowed(asked, library, wording)
    found = listed(library.facts, narrowing, asked.sort, asked.group, first, most)
    rows = (_row(fact, library, wording, language, today) for fact in found.facts)
    return Rows(found.total, tuple(row for row in rows if row is not None), narrowing)


def narrowed(asked: Wanted, library: Library, wording: Wording) -> Narrowing:
    """The facts that are asked for; words and bodies may be given in either language."""
    held = None
    if asked.documents:
        held = tuple(each for each in asked.documents if each in library.documents)
    plain = Narrowing(
        asked.kind,
        documents=held,
        role=asked.role or None,
        year=int(asked.year) if asked.year else None,
        bodies=_bodies(asked, library, wording) if asked.body else None,
    )
    words = [_alternatives(word, plain, library, wording) for word in asked.q.split()[:MOST_WORDS]]
    return replace(plain, words=tuple(words))


def _bodies(asked: Wanted, library: Library, wording: Wording) -> tuple[str, ...]:
    every = library.facts.bodies(KINDS[asked.kind])
    found = bodies_alike(every, to_simplified(asked.body))
    sought = asked.body.casefold()
    english = (body for body in every if sought in wording.name(body).casefold())
    # A whole English name means that body alone, not those that have it in theirs.
    named = [body for body in every if wording.name(body).casefold() == sought]
    return tuple(dict.fromkeys(named or (*found, *english)))


def _alternatives(
    word: str, narrowing: Narrowing, library: Library, wording: Wording
) -> Alternatives:
    """A word as facts may have it: itself, Chinese terms of that English, English sentences."""
    own = to_simplified(word)
    if not re.search(r"[A-Za-z]", word):
        return Alternatives((own,))
    sought = word.casefold()
    terms = [zh for zh, en in library.glossary if sought in en.casefold()]
    whole, some = list[str](), list[str]()
    for document in _documents(narrowing, library):
        for clause in document.clauses:
            rendition = library.rendition(clause.id)
            if rendition is None:
                continue
            # Of duties the title of the article is shown.
            if narrowing.kind == "duty" and sought in rendition.title_en.casefold():
                whole.append(clause.id)
            elif any(sought in sentence.en.casefold() for sentence in rendition.sentences):
                some.append(clause.id)
    positions = [
        position
        for position, fact in facts_in(library.facts, narrowing.kind, narrowing.documents, some)
        if sought in wording.sentence(fact).casefold()
    ]
    return Alternatives((own, *terms), tuple(positions), tuple(whole))


def _documents(narrowing: Narrowing, library: Library) -> Sequence[Document]:
    if narrowing.documents is None:
        return list(library.documents.values())
    return [library.documents[each] for each in narrowing.documents]


def _row(
    fact: Fact, library: Library, wording: Wording, language: Language, today: date
) -> Row | None:
    """The fact as a row; None if its document was removed meanwhile."""
    clause = clause_in(library, fact.clause_id)
    document = library.documents.get(fact.document_id)
    if clause is None or document is None:
        return None
    rendition = library.rendition(fact.clause_id)
    return Row(
        fact=fact,
        cells=wording.cells(fact),
        document=document,
        clause=clause,
        label=label_of(clause, language),
        short_label=short_label(clause, label_prefix(document, language), language),
        address=article_address(clause.id, (fact.start, fact.end)),
        english=wording.sentence(fact),
        machine=bool(rendition and rendition.machine),
        status=status_of(document, today),
        key=fact.corrected or corrects(fact, clause).key,
    )
