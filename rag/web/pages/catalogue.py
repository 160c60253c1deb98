"""The library page: all documents held, found by words and narrowed by place, year, issuer, status.

Pure functions from data to escaped HTML. Adding and removing documents is in
rag/web/pages/adding.py.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from functools import partial
from urllib.parse import urlencode

from markupsafe import Markup

from index.documents.model import Document
from index.text.characters import to_simplified
from rag.schema import Language
from rag.web.chat.clause_panel import status_and_basis
from rag.web.chat.conversation import Library
from rag.web.pages.alignment import letters
from rag.web.pages.document import (
    coverage_text,
    document_address,
    region_name,
    title_of,
    titles_of,
)
from rag.web.pages.frame import in_path
from rag.web.templates import render
from rag.web.texts import say

ON_A_PAGE = 50
LONGEST_SEARCH = 300
STATUSES = ("in_force", "not_yet", "superseded", "repealed", "expired", "unknown")
ENGLISH = ("reviewed", "machine", "none")


@dataclass(frozen=True)
class Wanted:
    """What a reader looks for; an empty text narrows nothing. `page` counts from 1."""

    q: str = ""
    place: str = ""
    year: str = ""
    issuer: str = ""
    status: str = ""
    english: str = ""
    page: int = 1

    @property
    def narrows(self) -> bool:
        """Whether anything is looked for."""
        return self != Wanted(page=self.page)


@dataclass(frozen=True)
class Row:
    """A document as the list has it. `english` is the best kind of English it has."""

    document: Document
    status: str
    basis: str
    english: str
    coverage: str


def wanted(query: Mapping[str, str]) -> Wanted:
    """What the query of an address asks for."""
    texts = {
        field.name: query.get(field.name, "").strip()[:LONGEST_SEARCH]
        for field in fields(Wanted)
        if field.name != "page"
    }
    page = query.get("page", "")
    number = int(page) if page.isascii() and page.isdigit() and len(page) < 6 else 1
    return Wanted(**texts, page=max(number, 1))


def rows_of(library: Library, language: Language, today: date) -> list[Row]:
    """All documents, the newest first and those without a date last."""
    rows = []
    for document in library.documents.values():
        renditions = [library.rendition(clause.id) for clause in document.clauses]
        kinds = {one.machine for one in renditions if one}
        status, basis = status_and_basis(document, today, language)
        rows.append(
            Row(
                document=document,
                status=status,
                basis=basis,
                english="none" if not kinds else "reviewed" if False in kinds else "machine",
                coverage=coverage_text(renditions, language),
            )
        )
    return sorted(rows, key=lambda row: _day(row.document), reverse=True)


def found(rows: Iterable[Row], looked_for: Wanted) -> list[Row]:
    """The rows that hold every word and match every choice."""
    words = [letters(to_simplified(word)) for word in looked_for.q.split()]
    return [
        row
        for row in rows
        if looked_for.place in ("", row.document.region)
        and looked_for.year in ("", str(row.document.year))
        and (not looked_for.issuer or looked_for.issuer in row.document.issuers)
        # A plan whose period is over is found among what is no longer in force, too.
        and looked_for.status in ("", row.status, _wider(row.status))
        and looked_for.english in ("", row.english)
        and all(word in _words_of(row.document) for word in words)
    ]


def _wider(status: str) -> str:
    return "expired" if status == "period_ended" else status


def catalogue_html(
    library: Library,
    looked_for: Wanted,
    language: Language,
    today: date,
    *,
    added: frozenset[str] = frozenset(),
    managing: bool = False,
    collection: str = "",
    above: str = "",
) -> str:
    """The whole page. `added` are the ids of a person's own documents.

    `collection` is where a search looks, `above` HTML that stands over it.
    """
    rows = rows_of(library, language, today)
    matching = found(rows, looked_for)
    pages = max(1, -(-len(matching) // ON_A_PAGE))
    page = min(looked_for.page, pages)
    shown = matching[(page - 1) * ON_A_PAGE : page * ON_A_PAGE]
    key = "library_found" if looked_for.narrows else "library_count"
    return render(
        "catalogue",
        language,
        managing=managing,
        above=Markup(above),
        collection=collection,
        longest=LONGEST_SEARCH,
        looked_for=looked_for,
        choices=_choices(rows, looked_for, language),
        count=say(language, key, found=len(matching), count=len(rows)),
        empty="" if matching else "library_none" if rows else "library_empty",
        rows=[_shown(row, language, row.document.id in added) for row in shown],
        today=today.isoformat(),
        page=page,
        pages=pages,
        page_address=partial(_page_address, looked_for),
    )


def _shown(row: Row, language: Language, added: bool) -> dict[str, object]:
    """A row as the template shows it."""
    document = row.document
    facts = [
        document.number or "",
        "、".join(document.issuers),
        region_name(document.region, language),
        say(language, "basis_issued", date=document.issued_on) if document.issued_on else "",
    ]
    return {
        "titles": titles_of(document, language),
        "title": title_of(document, language),
        "address": document_address(document),
        "in_path": in_path(document.id),
        "facts": [fact for fact in facts if fact],
        "status": row.status,
        "basis": row.basis,
        "coverage": row.coverage,
        "added": added,
    }


def _choices(
    rows: Sequence[Row], looked_for: Wanted, language: Language
) -> list[dict[str, object]]:
    """What the list can be narrowed by, each with the values that documents have."""
    documents = [row.document for row in rows]
    years = sorted({str(d.year) for d in documents if d.year}, reverse=True)
    places = _common(d.region for d in documents)
    offered: dict[str, list[tuple[str, str]]] = {
        "place": [(one, region_name(one, language)) for one in places],
        "year": [(one, one) for one in years],
        "issuer": [(one, one) for one in _common(i for d in documents for i in d.issuers)],
        "status": [(one, say(language, f"status_{one}")) for one in STATUSES],
        "english": [(one, say(language, f"filter_english_{one}")) for one in ENGLISH],
    }
    choices: list[dict[str, object]] = []
    for name, options in offered.items():
        chosen = getattr(looked_for, name)
        # What an address asks for stays chosen even if no document has it.
        if chosen and chosen not in (value for value, _ in options):
            options = [*options, (chosen, chosen)]
        options = [("", say(language, "library_all")), *options]
        choices.append({"name": name, "options": options, "chosen": chosen})
    return choices


def _page_address(looked_for: Wanted, page: int) -> str:
    asked = replace(looked_for, page=page)
    query = {field.name: value for field in fields(asked) if (value := getattr(asked, field.name))}
    return f"/library?{urlencode(query, errors='replace')}"


def _common(values: Iterable[str | None]) -> list[str]:
    """Each value once, the most frequent first."""
    return [value for value, _ in Counter(filter(None, values)).most_common()]


def _day(document: Document) -> str:
    return document.issued_on or document.effective_from or str(document.year or "")


def _words_of(document: Document) -> str:
    """All that a document can be found by, in letters of one width, case and script."""
    texts = [document.title, document.title_en, document.number, document.region]
    texts += [*document.issuers, region_name(document.region, "en")]
    return " ".join(letters(to_simplified(text)) for text in texts if text)
