"""Who changed which document, as a page and a file for those who manage.

What is noted, and when, index/library/audit.py says; nothing is noted here.
"""

from __future__ import annotations

import csv
import io
import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, cast
from urllib.parse import urlencode

from index.errors import IndexFault
from index.facts.table import safe_cell
from index.library.audit import Change
from index.library.collections import DEFAULT, Collections
from rag.schema import Language
from rag.web.assistants import Collected, Served
from rag.web.messages import sentence_in
from rag.web.pages.alignment import letters
from rag.web.pages.document import document_address, title_of
from rag.web.pages.frame import page_language, with_query
from rag.web.pages.replies import add_routes, for_managers, page_reply, sentence_reply
from rag.web.pages.unknown import UnknownError, check_fields, page_number, refused
from rag.web.templates import render
from rag.web.texts import interface, say

if TYPE_CHECKING:
    from fastapi import FastAPI, Request, Response

AUDIT = "/audit"
ON_A_PAGE = 100
LONGEST = 200
COLUMNS = ("at", "who", "action", "document", "collection", "more")
_FIELDS = frozenset({"document", "day", "page"})
_WAYS = (("audit_all", AUDIT),)
# How somebody is known, by what is noted of them; the first that is there is the name.
_KNOWN = ("person", "session", "address", "program")


@dataclass(frozen=True)
class Wanted:
    """Which changes are looked for: of documents with these words, and of a day. Pages from 1."""

    document: str = ""
    day: date | None = None
    page: int = 1

    def query(self, page: int | None = None) -> str:
        """The same as a query of an address, without the page if it is None."""
        told: dict[str, object] = {"document": self.document, "day": self.day, "page": page}
        return urlencode({name: value for name, value in told.items() if value}, errors="replace")


@dataclass(frozen=True)
class Row:
    """A change in words. `address` leads to the document, where it is held.

    `sought` are the letters that it is found by: the document's id, file and titles.
    """

    at: str
    who: str
    action: str
    document: str
    collection: str
    more: str
    address: str
    details: tuple[tuple[str, str], ...]
    sought: str


def wanted(query: Mapping[str, str]) -> Wanted:
    """What the query of an address asks for. Raises UnknownError."""
    check_fields(query, _FIELDS)
    day = query.get("day", "").strip()
    try:
        asked = date.fromisoformat(day) if day else None
    except ValueError:
        raise UnknownError("day", day) from None
    return Wanted(query.get("document", "").strip()[:LONGEST], asked, page_number(query))


def add_audit(server: FastAPI, collected: Collected) -> None:
    """Add the page to a server of collections, before anything that takes every address."""
    if collected.collections is not None:
        pages = _Audit(collected, collected.collections)
        routes = [
            ("GET", AUDIT, for_managers(pages.show)),
            ("GET", f"{AUDIT}/file.csv", for_managers(pages.file)),
        ]
        add_routes(server, routes)


@dataclass(frozen=True, eq=False)
class _Audit:
    """The changes of these collections."""

    collected: Collected
    collections: Collections

    def show(self, request: Request) -> Response:
        """A page of the changes that are asked for."""
        language = page_language(request)
        try:
            asked = wanted(request.query_params)
            rows, page, total = self.page(asked, language)
        except UnknownError as fault:
            return refused(request, fault, _WAYS)
        except (IndexFault, OSError) as fault:
            return sentence_reply(request, _told(fault, language), 503)
        inner = render(
            "audit",
            language,
            asked=asked,
            longest=LONGEST,
            rows=rows,
            total=total,
            page=page,
            pages=max(1, -(-total // ON_A_PAGE)),
            page_address=lambda number: f"{AUDIT}?{asked.query(number)}",
            file=with_query(f"{AUDIT}/file.csv?{asked.query()}"),
            columns=COLUMNS,
        )
        return page_reply(request, say(language, "audit_title"), inner, current=AUDIT)

    def file(self, request: Request) -> Response:
        """All changes that are asked for, as CSV."""
        from fastapi import Response

        language = page_language(request)
        try:
            asked = wanted(request.query_params)
            data = csv_file(self.rows(asked, language), language)
        except UnknownError as fault:
            return refused(request, fault, _WAYS)
        except (IndexFault, OSError) as fault:
            return sentence_reply(request, _told(fault, language), 503)
        name = f"tiaowen-audit-{asked.day or date.today().isoformat()}.csv"
        headers = {
            "content-disposition": f'attachment; filename="{name}"',
            "cache-control": "no-store",
            "x-content-type-options": "nosniff",
        }
        return Response(data, media_type="text/csv; charset=utf-8", headers=headers)

    def page(self, asked: Wanted, language: Language) -> tuple[list[Row], int, int]:
        """The page that is asked for, or else the last one, its number, and how many there are."""
        served, page, total, shown = self.served(), 1, 0, list[Change]()
        for change in self.found(asked, served, language):
            total += 1
            if len(shown) == ON_A_PAGE:
                if page == asked.page:
                    continue
                page, shown = page + 1, []
            shown.append(change)
        rows = [row_of(one, served.get(one.collection), language) for one in shown]
        return rows, page, total

    def rows(self, asked: Wanted, language: Language) -> Iterator[Row]:
        """The changes that are asked for, the newest first, in words."""
        served = self.served()
        for change in self.found(asked, served, language):
            yield row_of(change, served.get(change.collection), language)

    def served(self) -> dict[str, Served]:
        """The collections in service by their ids."""
        return {one.id: one for one in self.collected.every()}

    def found(
        self, asked: Wanted, served: Mapping[str, Served], language: Language
    ) -> Iterator[Change]:
        """The changes that are asked for, the newest first."""
        words = [letters(word) for word in asked.document.split()]
        for change in self.collections.changes(asked.day):
            if words:
                row = row_of(change, served.get(change.collection), language)
                if not all(word in row.sought for word in words):
                    continue
            yield change


def _told(fault: IndexFault | OSError, language: Language) -> str:
    """Why the changes cannot be read, in one sentence."""
    if isinstance(fault, IndexFault):
        return sentence_in(fault.notice, language)
    logging.getLogger(__name__).error("Changes cannot be read: %s", fault)
    return say(language, "audit_unreadable", reason=fault.strerror or type(fault).__name__)


def row_of(change: Change, served: Served | None, language: Language) -> Row:
    """A change in words; `served` is its collection, if it is still there."""
    document = served.assistant.index.documents.get(change.document) if served else None
    address = document_address(document) if document else ""
    titles = [document.title, document.title_en or ""] if document else []
    if address and served and served.key:
        address = with_query(address, collection=served.key)
    texts = interface(language)
    word = partial(_worded, texts)
    known = next((one for one in _KNOWN if one in change.who), "")
    named = change.who.get(known, "")
    who = named if known in ("person", "") else f"{word('audit_who_' + known)} {named}"
    if change.who.get("by") == "token":
        who += f" ({word('audit_who_token')})"
    details = [
        (word(f"audit_more_{name}"), _text(value))
        for name, value in (*change.more.items(), *_rest(change.who, known))
    ]
    collection = served.called(language) if served else change.collection
    if change.collection == DEFAULT and not served:
        collection = say(language, "collection_default")
    return Row(
        at=change.at.strftime("%Y-%m-%d %H:%M:%S"),
        who=who,
        action=word("audit_action_" + change.action.replace(" ", "_")),
        document=title_of(document, language) if document else change.document,
        collection=collection,
        more="; ".join(f"{name}: {value}" for name, value in details),
        address=address,
        details=tuple(details),
        sought=letters(" ".join([change.document, str(change.more.get("file", "")), *titles])),
    )


def csv_file(rows: Iterator[Row], language: Language) -> bytes:
    """UTF-8 with the mark by which spreadsheets tell it; no cell is a formula."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([say(language, f"audit_{name}") for name in COLUMNS])
    for row in rows:
        writer.writerow([safe_cell(str(getattr(row, name))) for name in COLUMNS])
    return ("\ufeff" + text.getvalue()).encode("utf-8", "replace")


def _rest(who: Mapping[str, str], known: str) -> Iterator[tuple[str, str]]:
    return ((name, value) for name, value in who.items() if name not in (known, "by"))


def _worded(texts: Mapping[str, str | list[str]], key: str) -> str:
    """A text of the interface; what a later version has noted is told by its own name."""
    return cast(str, texts.get(key, key.split("_", 2)[-1]))


def _text(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
