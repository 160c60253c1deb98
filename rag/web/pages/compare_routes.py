"""The addresses of comparing: the page, and the Word file of what it shows.

Takes requests; what changed is gathered in compared.py and written in compared_word.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from index.errors import DocumentFault
from rag.web.assistants import Collected
from rag.web.messages import sentence_in
from rag.web.pages.compared import asked_of, called, compare_html, compared
from rag.web.pages.compared_word import WORD, word_comparison
from rag.web.pages.frame import asked_collection, page_language
from rag.web.pages.replies import add_routes, page_reply, sentence_reply, told
from rag.web.texts import say

if TYPE_CHECKING:
    from fastapi import FastAPI, Request, Response


def add_comparing(server: FastAPI, collected: Collected) -> None:
    """Add the page and its file to a server, before anything that takes every address."""
    pages = _Comparing(collected)
    add_routes(server, [("GET", "/compare", pages.page), ("GET", "/compare/word", pages.word)])


@dataclass(frozen=True, eq=False)
class _Comparing:
    """The page that compares documents of these collections, and its file."""

    collected: Collected

    def page(self, request: Request) -> Response:
        """The choice of two documents, and what changed between them."""
        language = page_language(request)
        served = self.collected.get(asked_collection(request))
        library, asked = served.assistant.index, asked_of(request.query_params)
        try:
            inner = compare_html(library, asked, language, date.today(), served.key)
        except DocumentFault as fault:
            return sentence_reply(request, sentence_in(fault.notice, language), 400)
        known = all(not one or one in library.documents for one in (asked.old, asked.new))
        return page_reply(
            request,
            say(language, "compare_title"),
            inner,
            200 if known else 404,
            current="/compare",
            collection=served.key,
        )

    def word(self, request: Request) -> Response:
        """The same as a Word file with tracked changes."""
        from fastapi import Response

        language = page_language(request)
        served = self.collected.get(asked_collection(request))
        asked = asked_of(request.query_params)
        documents = served.assistant.index.documents
        old, new = documents.get(asked.old), documents.get(asked.new)
        if old is None or new is None:
            sought = asked.old if old is None else asked.new
            return told(request, "document_unknown", 404, id=sought[:80])
        names = called(old, language), called(new, language)
        try:
            data = word_comparison(compared(old, new), names, language)
        except DocumentFault as fault:
            return sentence_reply(request, sentence_in(fault.notice, language), 400)
        disposition = 'attachment; filename="tiaowen-compare.docx"'
        return Response(data, media_type=WORD, headers={"content-disposition": disposition})
