"""The addresses of comparing: the page, and the Word file of what it shows.

Takes requests; what changed is gathered in compared.py and written in compared_word.py.
"""

# No postponed annotations: FastAPI reads the types off the handlers.

from datetime import date
from typing import TYPE_CHECKING

from index.errors import DocumentFault
from rag.web.assistants import Collected
from rag.web.messages import sentence_in
from rag.web.pages.compared import asked_of, called, compare_html, compared
from rag.web.pages.compared_word import WORD, word_comparison
from rag.web.pages.frame import (
    asked_collection,
    error_page,
    page_address,
    page_language,
    page_response,
    shell,
)
from rag.web.texts import say

if TYPE_CHECKING:
    from fastapi import FastAPI


def add_comparing(server: "FastAPI", collected: Collected) -> None:
    """Add the page and its file to a server, before anything that takes every address."""
    from fastapi import Request, Response

    def page(request: Request) -> Response:
        language = page_language(request)
        served = collected.get(asked_collection(request))
        address, key = page_address(request), served.key
        asked = asked_of(request.query_params)
        try:
            inner = compare_html(served.assistant.index, asked, language, date.today(), key)
        except DocumentFault as fault:
            sentence = sentence_in(str(fault), language)
            html = error_page(language, sentence, address=address, collection=key)
            return page_response(request, html, 400)
        title = say(language, "compare_title")
        html = shell(language, title, inner, current="/compare", address=address, collection=key)
        unknown = any(
            one and one not in served.assistant.index.documents for one in (asked.old, asked.new)
        )
        return page_response(request, html, 404 if unknown else 200)

    def word(request: Request) -> Response:
        language = page_language(request)
        served = collected.get(asked_collection(request))
        asked = asked_of(request.query_params)
        documents = served.assistant.index.documents
        old, new = documents.get(asked.old), documents.get(asked.new)
        if old is None or new is None:
            sought = asked.old if old is None else asked.new
            html = error_page(
                language,
                say(language, "document_unknown", id=sought[:80]),
                address=page_address(request),
                collection=served.key,
            )
            return page_response(request, html, 404)
        names = called(old, language), called(new, language)
        data = word_comparison(compared(old, new), names, language)
        disposition = 'attachment; filename="tiaowen-compare.docx"'
        return Response(data, media_type=WORD, headers={"content-disposition": disposition})

    server.get("/compare", response_model=None)(page)
    server.get("/compare/word", response_model=None)(word)
