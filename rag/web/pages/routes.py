"""The addresses of the plain pages: documents, articles, the library.

Takes requests and gives pages; what is on them is made in documents.py, catalogue.py, adding.py.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from index.documents.model import Clause
from index.errors import CollectionFault, IndexFault
from rag.web.assistants import Collected
from rag.web.chat.conversation import Library
from rag.web.pages.audit import add_audit
from rag.web.pages.catalogue import LONGEST_SEARCH, catalogue_html, wanted
from rag.web.pages.collections import add_collecting, collections_html
from rag.web.pages.compare_routes import add_comparing
from rag.web.pages.contents import article_address
from rag.web.pages.digest_routes import add_digest
from rag.web.pages.document import article_html, document_html, title_of
from rag.web.pages.frame import (
    asked_collection,
    may_manage,
    page_address,
    page_language,
    with_query,
)
from rag.web.pages.register_routes import add_registers
from rag.web.pages.replies import add_routes, page_reply, sentence_reply, told
from rag.web.texts import label_of, say

if TYPE_CHECKING:
    from fastapi import FastAPI, Request, Response


def add_pages(server: FastAPI, collected: Collected) -> None:
    """Add the pages to a server, before anything that takes every address.

    They show the collection that the address names, `?collection=ID`, or else the default one.
    """
    pages = _Pages(collected)
    add_routes(
        server,
        [
            ("GET", "/documents/{document_id:path}", pages.document),
            ("GET", "/articles", pages.article),
            ("GET", "/articles/{clause_id:path}", pages.article),
        ],
    )
    if collected.get().library is not None:
        from rag.web.pages.english_routes import add_english
        from rag.web.pages.managing_routes import add_managing

        add_managing(server, collected)
        add_english(server, collected)
    add_collecting(server, collected)
    add_audit(server, collected)
    add_registers(server, collected)
    add_digest(server, collected)
    add_comparing(server, collected)
    server.exception_handler(CollectionFault)(_no_collection)
    add_routes(server, [("GET", "/library", pages.catalogue)])


@dataclass(frozen=True, eq=False)
class _Pages:
    """The pages of the documents of these collections."""

    collected: Collected

    def document(self, request: Request) -> Response:
        """A document, or the part of it that is asked for."""
        language = page_language(request)
        served = self.collected.get(asked_collection(request))
        index = served.assistant.index
        document_id = request.path_params["document_id"]
        found = index.documents.get(document_id)
        if found is None:
            return _missing(request, "document_unknown", document_id)
        part = request.query_params.get("part", "1")
        number = int(part) if re.fullmatch(r"[0-9]{1,4}", part) else 1
        managing = served.library is not None and may_manage(request)
        today = date.today()
        inner = document_html(found, index, language, today, number, managing=managing)
        return page_reply(request, title_of(found, language), inner, collection=served.key)

    def article(self, request: Request) -> Response:
        """An article by its id, or the way to the one of a label."""
        from fastapi import Response

        language = page_language(request)
        served = self.collected.get(asked_collection(request))
        index = served.assistant.index
        clause_id = request.path_params.get("clause_id", "")
        label = request.query_params.get("label", "")
        if not clause_id and label:
            named = clause_labelled(index, label)
            if named is None:
                return _missing(request, "article_unknown", label)
            address = with_query(page_address(request), label=None)
            _, _, query = address.partition("?")
            to = article_address(named.id) + (f"?{query}" if query else "")
            return Response(status_code=303, headers={"location": to})
        try:
            found = index.clause(clause_id)
        except (KeyError, IndexFault):
            return _missing(request, "article_unknown", clause_id)
        span = _span(request.query_params.get("quote", ""), found)
        managing = served.library is not None and may_manage(request)
        inner = article_html(found, index, language, date.today(), span, managing=managing)
        return page_reply(request, label_of(found, language), inner, collection=served.key)

    def catalogue(self, request: Request) -> Response:
        """The library: all documents, or those looked for."""
        language = page_language(request)
        served = self.collected.get(asked_collection(request))
        library = served.library
        managing = library is not None and may_manage(request)
        added = frozenset(held.id for held in library.held()) if library else frozenset()
        inner = catalogue_html(
            served.assistant.index,
            wanted(request.query_params),
            language,
            date.today(),
            added=added,
            managing=managing,
            collection=served.key,
            above=collections_html(self.collected, served, language, managing=managing),
        )
        return page_reply(
            request, say(language, "navigation_library"), inner, collection=served.key
        )


def _missing(request: Request, key: str, sought: str) -> Response:
    """A page that says that something is not held, with a way to search for it."""
    sought = sought[:LONGEST_SEARCH]
    address = f"/library?{urlencode({'q': sought}, errors='replace')}"
    return told(request, key, 404, (("search_library", address),), id=sought)


def _no_collection(request: Request, _: Exception) -> Response:
    ways = [(say(page_language(request), "navigation_library"), "/library")]
    sentence = say(page_language(request), "collection_unknown")
    return sentence_reply(request, sentence, 404, ways, collection="")


def clause_labelled(index: Library, label: str) -> Clause | None:
    """The clause of that Chinese or English label, whatever its width, case and spaces."""
    sought = _without_form(label)
    for document in index.documents.values():
        for clause in document.clauses:
            if sought in (_without_form(clause.label), _without_form(clause.label_en)):
                return clause
    return None


def _without_form(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def _span(text: str, clause: Clause) -> tuple[int, int] | None:
    """A quote asked for as `start-end`, where some of it lies in the clause."""
    match = re.fullmatch(r"([0-9]{1,9})-([0-9]{1,9})", text)
    if match is None:
        return None
    first, last = int(match.group(1)), int(match.group(2))
    inside = max(first, clause.start) < min(last, clause.end)
    return (first, last) if inside else None
