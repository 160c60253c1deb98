"""The addresses at which managers correct the English of a document, in the page or by programs.

What is on the pages is made in rag/web/pages/english.py.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from index.documents.model import Clause, Document
from index.errors import CollectionFault, DocumentFault, IndexFault
from index.library.intake import recognised, text_guarded
from rag.english.official import MOST_TEXT, Alignment, laid_beside
from rag.web.assistants import Collected, Served
from rag.web.chat.conversation import clause_in
from rag.web.messages import sentence_in
from rag.web.pages.adding import MOST_FILE_BYTES, shown_name
from rag.web.pages.english import (
    Official,
    article_english_html,
    detach,
    keep_official,
    keep_sentence,
    official_html,
)
from rag.web.pages.frame import asked_collection, in_path, page_language, with_query
from rag.web.pages.replies import (
    add_routes,
    for_managers,
    page_reply,
    seen_next,
    told,
    with_fields,
)
from rag.web.pages.sent import MOST_FORM_BYTES, BrokenFormError, TooMuchError, sent_form
from rag.web.texts import say

if TYPE_CHECKING:
    from fastapi import FastAPI, Request, Response

    from index.library.library import Library as OwnLibrary
    from index.search.embed import Encoder

WAYS = (("navigation_library", "/library"),)
# So many alignments are remembered, so that what was looked at need not be aligned again.
MOST_REMEMBERED = 8
_ARTICLE, _DOCUMENT = "/library/english/articles/", "/library/english/documents/"


def add_english(server: FastAPI, collected: Collected) -> None:
    """Add the pages and the programs' route to a server, before what takes every address."""
    pages = _English(collected)
    add_routes(
        server,
        [
            ("GET", _ARTICLE + "{clause_id:path}", for_managers(pages.article, WAYS)),
            ("POST", _ARTICLE + "{clause_id:path}", for_managers(pages.correct, WAYS)),
            ("GET", _DOCUMENT + "{document_id:path}", for_managers(pages.document, WAYS)),
            ("POST", _DOCUMENT + "{document_id:path}", for_managers(pages.attach, WAYS)),
        ],
    )
    server.post("/v1/documents/english")(pages.given_by_program)


@runtime_checkable
class _Embedding(Protocol):
    """An index with the model that embeds its sentences."""

    @property
    def encoder(self) -> Encoder:
        """The model."""


@dataclass(frozen=True, eq=False)
class _English:
    """The English of the documents of these collections."""

    collected: Collected
    remembered: OrderedDict[str, Alignment] = field(default_factory=OrderedDict)

    def article(self, request: Request) -> Response:
        """The form of an article's sentences."""
        return self.article_page(request, saved="saved" in request.query_params)

    def article_page(
        self, request: Request, *, saved: bool = False, sent: str = "", fault: str = ""
    ) -> Response:
        language, served = page_language(request), self.served(request)
        clause = self.clause(request, served)
        if clause is None:
            return told(request, "article_unknown", 404, WAYS, id=request.path_params["clause_id"])
        kept = _own(served).english_given.all().get(clause.document_id, ())
        inner = article_english_html(
            clause, served.assistant.index, language, kept, saved=saved, sent=sent, fault=fault
        )
        title = say(language, "english_edit_title")
        status = 422 if fault else 200
        return page_reply(request, title, inner, status, collection=served.key)

    async def correct(self, request: Request) -> Response:
        return await with_fields(request, self.settle, WAYS)

    def settle(self, request: Request, values: Mapping[str, str]) -> Response:
        """Keep the English of a sentence, or undo what was kept of it."""
        served = self.served(request)
        clause = self.clause(request, served)
        if clause is None:
            return told(request, "article_unknown", 404, WAYS, id=request.path_params["clause_id"])
        own, zh = _own(served), values.get("zh", "")
        try:
            if values.get("action") == "undo":
                own.english_given.forget(clause.document_id, values.get("key", ""))
            elif values.get("action") == "save":
                heading = bool(values.get("heading"))
                keep_sentence(own, clause, zh, values.get("en", ""), heading=heading)
            else:
                return told(request, "form_broken", 400, WAYS)
        except IndexFault as fault:
            named = sentence_in(fault.notice, page_language(request))
            return self.article_page(request, sent=zh, fault=named)
        address = _ARTICLE + in_path(clause.id)
        return seen_next(with_query(address, saved=1, collection=served.key or None))

    def document(self, request: Request) -> Response:
        """The form for an official text."""
        return self.document_page(request, Official())

    def document_page(self, request: Request, official: Official, fault: str = "") -> Response:
        language, served = page_language(request), self.served(request)
        document = served.assistant.index.documents.get(request.path_params["document_id"])
        if document is None:
            return told(
                request, "document_unknown", 404, WAYS, id=request.path_params["document_id"]
            )
        kept = _own(served).english_given.all().get(document.id, ())
        inner = official_html(document, language, kept, official, fault)
        title = say(language, "english_official_title")
        status = 422 if fault else 200
        return page_reply(request, title, inner, status, collection=served.key)

    async def attach(self, request: Request) -> Response:
        """What was sent of an official text: shown aligned, kept, or taken away."""
        from fastapi.concurrency import run_in_threadpool

        try:
            most = MOST_FILE_BYTES + 4 * MOST_TEXT
            form = await sent_form(request, most + MOST_FORM_BYTES, 4 * MOST_TEXT)
        except (TooMuchError, BrokenFormError):
            return told(request, "form_broken", 400, WAYS)
        values = {name: value for name, value in form.items() if isinstance(value, str)}
        file = form.get("file")
        name, data = "", b""
        if file is not None and not isinstance(file, str):
            name, data = shown_name(file.filename or ""), await file.read()
        await form.close()
        return await run_in_threadpool(self.attached, request, values, name, data)

    def attached(
        self, request: Request, values: Mapping[str, str], name: str, data: bytes
    ) -> Response:
        language, served = page_language(request), self.served(request)
        document = served.assistant.index.documents.get(request.path_params["document_id"])
        if document is None or values.get("action") not in ("preview", "accept", "detach"):
            return self.document_page(request, Official())
        official = Official(values.get("text", ""), values.get("source", ""))
        to = with_query(_DOCUMENT + in_path(document.id), collection=served.key or None)
        try:
            if values["action"] == "detach":
                detach(_own(served), document.id)
                return seen_next(to)
            if data:
                text = text_guarded(data, recognised(data, name)[0], name)
                official = Official(text, official.source or PurePosixPath(name).stem)
            if not official.text.strip():
                return self.document_page(
                    request, official, say(language, "english_official_empty")
                )
            alignment = self.aligned(served, document, official.text)
            if values["action"] == "accept":
                own, doubtful = _own(served), bool(values.get("doubtful"))
                keep_official(own, document.id, alignment, official.source, doubtful=doubtful)
                return seen_next(to)
        except IndexFault as fault:
            return self.document_page(request, official, sentence_in(fault.notice, language))
        return self.document_page(request, Official(official.text, official.source, alignment))

    def given_by_program(self, given: dict[str, Any], collection: str = "") -> Any:
        """A sentence, `{"clause_id", "zh", "en"}`, or a text, `{"document_id", "official"}`.

        A text is aligned and told, and kept only with `"accept": true`.
        """
        from fastapi.responses import JSONResponse

        try:
            return self._given(given, self.collected.get(collection))
        except IndexFault as fault:
            error = {"message": str(fault), "type": "invalid_request_error"}
            return JSONResponse({"error": error}, status_code=400)

    def _given(self, given: dict[str, Any], served: Served) -> dict[str, Any]:
        index, own = served.assistant.index, _own(served)
        texts = {key: value for key, value in given.items() if isinstance(value, str)}
        if "official" in texts:
            document = index.documents.get(texts.get("document_id", ""))
            if document is None:
                raise DocumentFault("english-needs-document")
            alignment = self.aligned(served, document, texts["official"])
            kept, doubtful = 0, given.get("doubtful") is True
            if given.get("accept") is True:
                source = texts.get("source", "")
                kept = keep_official(own, document.id, alignment, source, doubtful=doubtful)
            return alignment_told(alignment) | {"kept": kept}
        clause = clause_in(index, texts.get("clause_id", ""))
        if clause is None:
            raise DocumentFault("english-needs-article")
        heading = given.get("heading") is True
        keep_sentence(own, clause, texts.get("zh", ""), texts.get("en", ""), heading=heading)
        return {"kept": 1}

    def served(self, request: Request) -> Served:
        return self.collected.get(asked_collection(request))

    def clause(self, request: Request, served: Served) -> Clause | None:
        return clause_in(served.assistant.index, request.path_params["clause_id"])

    def aligned(self, served: Served, document: Document, text: str) -> Alignment:
        """The text beside the document; what was aligned just now is remembered."""
        index = served.assistant.index
        if not isinstance(index, _Embedding):
            raise CollectionFault("takes-no-english")
        made = [one and one.made for one in map(index.rendition, (c.id for c in document.clauses))]
        told = f"{document.id}\n{document.source}\n{made}\n{text}"
        key = hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()
        found = self.remembered.get(key)
        if found is None:
            found = laid_beside(document, text, index.encoder, index.rendition)
            self.remembered[key] = found
            while len(self.remembered) > MOST_REMEMBERED:
                self.remembered.popitem(last=False)
        return found


def alignment_told(alignment: Alignment) -> dict[str, Any]:
    """An alignment as programs get it."""
    return {
        "pairs": [
            {"path": one.path, "zh": one.zh, "en": one.en, "heading": one.heading,
             "doubt": one.doubt}
            for one in alignment.pairs
        ],
        "chinese_left": [{"path": path, "zh": zh} for path, zh in alignment.zh_left],
        "english_left": list(alignment.en_left),
    }  # fmt: skip


def _own(served: Served) -> OwnLibrary:
    if served.library is None:
        raise CollectionFault("takes-no-english")
    return served.library
