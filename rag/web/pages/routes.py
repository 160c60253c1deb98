"""The addresses of the plain pages: documents, articles, the library.

Takes requests and gives pages; what is on them is made in documents.py, catalogue.py, adding.py.
"""

# No postponed annotations: FastAPI reads the types off the handlers.

import re
import unicodedata
from datetime import date
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from index.documents.model import Clause
from index.errors import CollectionFault, IndexFault
from rag.schema import Language
from rag.web.assistants import Collected
from rag.web.chat.conversation import Library
from rag.web.pages.catalogue import LONGEST_SEARCH, catalogue_html, wanted
from rag.web.pages.collections import add_collecting, collections_html
from rag.web.pages.contents import article_address
from rag.web.pages.digest_routes import add_digest
from rag.web.pages.document import article_html, document_html, title_of
from rag.web.pages.frame import (
    asked_collection,
    error_page,
    may_manage,
    page_address,
    page_language,
    page_response,
    shell,
    with_query,
)
from rag.web.pages.register_routes import add_registers
from rag.web.texts import label_of, say

if TYPE_CHECKING:
    from fastapi import FastAPI


def add_pages(server: "FastAPI", collected: Collected) -> None:
    """Add the pages to a server, before anything that takes every address.

    They show the collection that the address names, `?collection=ID`, or else the default one.
    """
    from fastapi import Request, Response

    def missing(request: Request, language: Language, key: str, sought: str) -> Response:
        address = f"/library?{urlencode({'q': sought[:LONGEST_SEARCH]}, errors='replace')}"
        link = f'<a href="{escape(address)}">{escape(say(language, "search_library"))}</a>'
        sentence = say(language, key, id=sought[:LONGEST_SEARCH])
        html = error_page(
            language,
            sentence,
            address=page_address(request),
            links=link,
            collection=asked_collection(request),
        )
        return page_response(request, html, 404)

    def no_collection(request: Request, _: Exception) -> Response:
        language = page_language(request)
        link = f'<a href="/library">{escape(say(language, "navigation_library"))}</a>'
        sentence = say(language, "collection_unknown")
        html = error_page(language, sentence, address=page_address(request), links=link)
        return page_response(request, html, 404)

    def document(request: Request, document_id: str, part: str = "1") -> Response:
        language = page_language(request)
        served = collected.get(asked_collection(request))
        index = served.assistant.index
        found = index.documents.get(document_id)
        if found is None:
            return missing(request, language, "document_unknown", document_id)
        number = int(part) if re.fullmatch(r"[0-9]{1,4}", part) else 1
        inner = document_html(found, index, language, date.today(), number)
        return page_response(
            request,
            shell(
                language,
                title_of(found, language),
                inner,
                current="/library",
                address=page_address(request),
                collection=served.key,
            ),
        )

    def article(request: Request, clause_id: str = "", label: str = "") -> Response:
        language = page_language(request)
        served = collected.get(asked_collection(request))
        index = served.assistant.index
        if not clause_id and label:
            named = clause_labelled(index, label)
            if named is None:
                return missing(request, language, "article_unknown", label)
            address = with_query(page_address(request), label=None)
            _, _, query = address.partition("?")
            to = article_address(named.id) + (f"?{query}" if query else "")
            return Response(status_code=303, headers={"location": to})
        try:
            found = index.clause(clause_id)
        except (KeyError, IndexFault):
            return missing(request, language, "article_unknown", clause_id)
        name = label_of(found, language)
        span = _span(request.query_params.get("quote", ""), found)
        inner = article_html(found, index, language, date.today(), span)
        html = shell(
            language,
            name,
            inner,
            current="/library",
            address=page_address(request),
            collection=served.key,
        )
        return page_response(request, html)

    def catalogue(request: Request) -> Response:
        language = page_language(request)
        served = collected.get(asked_collection(request))
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
            above=collections_html(collected, served, language, managing=managing),
        )
        title = say(language, "navigation_library")
        html = shell(
            language,
            title,
            inner,
            current="/library",
            address=page_address(request),
            collection=served.key,
        )
        return page_response(request, html)

    server.get("/documents/{document_id:path}", response_model=None)(document)
    server.get("/articles", response_model=None)(article)
    server.get("/articles/{clause_id:path}", response_model=None)(article)
    if collected.get().library is not None:
        from rag.web.pages.managing_routes import add_managing

        add_managing(server, collected)
    add_collecting(server, collected)
    add_registers(server, collected)
    add_digest(server, collected)
    server.exception_handler(CollectionFault)(no_collection)
    server.get("/library", response_model=None)(catalogue)


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
