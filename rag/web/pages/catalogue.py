"""The library page: all documents held, found by words and narrowed by place, year, issuer, status.

Pure functions from data to escaped HTML. Adding and removing documents is in
rag/web/pages/adding.py.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from html import escape
from urllib.parse import urlencode

from index.documents.model import Document
from index.text.characters import to_simplified
from rag.schema import Language
from rag.web.chat.clause_panel import status_and_basis
from rag.web.chat.conversation import Library
from rag.web.pages.alignment import letters
from rag.web.pages.document import coverage_text, document_address, region_name, title_of
from rag.web.pages.frame import in_path
from rag.web.texts import badge, in_chinese, said, say

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
    count = said(language, key, found=len(matching), count=len(rows))
    listed = "".join(_row_html(row, language, today, added, managing) for row in shown)
    add = ""
    if managing:
        add = f'<a class="button main" href="/library/add">{said(language, "library_add")}</a>'
    empty = ""
    if not matching:
        none = "library_none" if rows else "library_empty"
        empty = f'<p class="empty">{said(language, none)}</p>'
    return (
        f'<div class="library"><div class="line"><h1>{said(language, "navigation_library")}</h1>'
        f"{add}</div>{above}{_form_html(rows, looked_for, language, collection)}"
        f'<p class="count" role="status">{count}</p>{empty}<ol class="rows">{listed}</ol>'
        f"{_pages_html(looked_for, page, pages, language)}</div>"
    )


def _row_html(
    row: Row, language: Language, today: date, added: frozenset[str], managing: bool
) -> str:
    document = row.document
    titles = [(document.title, "zh-Hans"), (document.title_en or "", "en")]
    if language == "en" and document.title_en:
        titles.reverse()
    (title, title_language), (other, other_language) = titles
    address = escape(document_address(document))
    facts = [
        document.number or "",
        "、".join(document.issuers),
        region_name(document.region, language),
        say(language, "basis_issued", date=document.issued_on) if document.issued_on else "",
    ]
    told = "".join(
        f"<span{in_chinese(fact, language)}>{escape(fact)}</span>" for fact in facts if fact
    )
    status = said(language, "status_today", today=today.isoformat(), basis=row.basis)
    own = ""
    if document.id in added:
        own = f'<span class="badge">{said(language, "library_added")}</span> '
    change = ""
    if managing and document.id in added:
        change = (
            f'<a href="/library/documents/{in_path(document.id)}">'
            f"{said(language, 'library_change')}</a>"
        )
    return (
        f'<li><h2 lang="{title_language}"><a href="{address}">{escape(title)}</a></h2>'
        + (f'<p class="other-title" lang="{other_language}">{escape(other)}</p>' if other else "")
        + f'<p class="told">{told}</p>'
        f'<p class="status">{badge(row.status, language)} {own}<span>{status}</span></p>'
        f'<p class="small">{escape(row.coverage)}</p><p class="ways">'
        f'<a href="{address}" aria-label="{_named(language, "library_read", document)}">'
        f"{said(language, 'library_read')}</a>"
        f'<a href="/?document={in_path(document.id)}"'
        f' aria-label="{_named(language, "ask_about_document", document)}">'
        f"{said(language, 'ask_about_document')}</a>{change}</p></li>"
    )


def _form_html(rows: Sequence[Row], looked_for: Wanted, language: Language, collection: str) -> str:
    """The search box and the choices, each with how many documents it has."""
    documents = [row.document for row in rows]
    choices: list[tuple[str, list[tuple[str, str]]]] = [
        (
            "place",
            [(one, region_name(one, language)) for one in _common(d.region for d in documents)],
        ),
        ("year", [(one, one) for one in sorted(
            {str(d.year) for d in documents if d.year}, reverse=True)]),
        ("issuer", [(one, one) for one in _common(i for d in documents for i in d.issuers)]),
        ("status", [(one, say(language, f"status_{one}")) for one in STATUSES]),
        ("english", [(one, say(language, f"filter_english_{one}")) for one in ENGLISH]),
    ]  # fmt: skip
    selects = "".join(
        _select_html(name, options, getattr(looked_for, name), language)
        for name, options in choices
    )
    clear = ""
    if looked_for.narrows:
        clear = f'<a class="button" href="/library">{said(language, "library_clear")}</a>'
    # What stands in the address of a form that asks is not sent with it.
    kept = f'<input type="hidden" name="collection" value="{escape(collection)}">'
    return (
        f'<form class="search" method="get" action="/library" role="search">'
        f"{kept if collection else ''}"
        f'<div class="words"><label for="q">{said(language, "library_search")}</label>'
        f'<input id="q" name="q" type="search" maxlength="{LONGEST_SEARCH}"'
        f' value="{escape(looked_for.q)}"></div>{selects}'
        f'<div class="go"><button class="main">{said(language, "library_go")}</button>{clear}'
        "</div></form>"
    )


def _select_html(
    name: str, options: Sequence[tuple[str, str]], chosen: str, language: Language
) -> str:
    # What an address asks for stays chosen even if no document has it.
    if chosen and chosen not in (value for value, _ in options):
        options = [*options, (chosen, chosen)]
    made = "".join(
        f'<option value="{escape(value)}"{" selected" if value == chosen else ""}>'
        f"{escape(shown)}</option>"
        for value, shown in [("", say(language, "library_all")), *options]
    )
    return (
        f'<div><label for="{name}">{said(language, f"filter_{name}")}</label>'
        f'<select id="{name}" name="{name}">{made}</select></div>'
    )


def _pages_html(looked_for: Wanted, page: int, pages: int, language: Language) -> str:
    if pages == 1:
        return ""
    links = ""
    for key, other in (("part_before", page - 1), ("part_next", page + 1)):
        if 1 <= other <= pages:
            asked = replace(looked_for, page=other)
            query = {
                field.name: value
                for field in fields(asked)
                if (value := getattr(asked, field.name))
            }
            address = f"/library?{urlencode(query, errors='replace')}"
            links += f'<a class="button" href="{escape(address)}">{said(language, key)}</a>'
    here = said(language, "part_of", number=page, count=pages)
    return f'<p class="parts"><span>{here}</span>{links}</p>'


def _named(language: Language, key: str, document: Document) -> str:
    """What a link does, with the document it is about, for those who hear the links alone."""
    return escape(f"{say(language, key)}: {title_of(document, language)}")


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
