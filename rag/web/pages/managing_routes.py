"""The addresses at which a person adds, changes and removes documents of their own.

Only those who may manage are served. What is on the pages is made in rag/web/pages/adding.py, and
what is kept, by index/library/library.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from index.documents.model import Document
from index.documents.sidecar import checked
from index.errors import CollectionFault, DocumentFault, IndexFault
from rag.web.assistants import Collected
from rag.web.messages import sentence_in
from rag.web.pages.adding import (
    MOST_BYTES,
    MOST_FILE_BYTES,
    MOST_FILES,
    Result,
    add_html,
    held_html,
    held_state,
    preview_html,
    shown_name,
    too_much,
    work_told,
)
from rag.web.pages.frame import (
    asked_collection,
    in_path,
    may_manage,
    page_language,
    with_query,
)
from rag.web.pages.importing import importing_html
from rag.web.pages.metadata_form import corrections
from rag.web.pages.replies import (
    Handler,
    Route,
    add_routes,
    for_managers,
    page_reply,
    seen_next,
    sentence_reply,
    told,
    with_fields,
)
from rag.web.pages.sent import (
    MOST_FORM_BYTES,
    BrokenFormError,
    TooMuchError,
    sent_form,
)
from rag.web.texts import say

if TYPE_CHECKING:
    from fastapi import FastAPI, Request, Response
    from starlette.datastructures import UploadFile

    from index.library.library import Held, Library

WAYS = (("library_add", "/library/add"), ("navigation_library", "/library"))


def add_managing(server: FastAPI, collected: Collected) -> None:
    """Add the pages to a server, before anything that takes every address.

    They manage the collection that the address names; an unknown one raises CollectionFault.
    """
    add_routes(server, _Managing(collected).routes())


@dataclass(frozen=True, eq=False)
class _Managing:
    """What happens at the addresses, in whichever of the collections is asked for."""

    collected: Collected

    def routes(self) -> list[Route]:
        def own(handler: Handler) -> Handler:
            return for_managers(handler, WAYS)

        return [
            ("GET", "/library/add", own(self.show_add)),
            ("POST", "/library/add", own(self.add)),
            ("GET", "/library/import", own(self.show_add)),
            ("POST", "/library/import", own(self.bring)),
            ("GET", "/library/work", self.work),
            ("GET", "/library/previews/{preview_id}", own(self.show_preview)),
            ("POST", "/library/previews/{preview_id}", own(self.settle_preview)),
            ("GET", "/library/documents/{document_id}", own(self.show_held)),
            ("POST", "/library/documents/{document_id}", own(self.change_held)),
        ]

    def library(self, request: Request) -> Library:
        library = self.collected.get(asked_collection(request)).library
        if library is None:
            raise CollectionFault("collection-read-only")
        return library

    def show_add(self, request: Request) -> Response:
        return self.add_page(request)

    def add_page(
        self, request: Request, results: tuple[Result, ...] = (), address: str = ""
    ) -> Response:
        language = page_language(request)
        library = self.library(request)
        inner = add_html(
            language,
            library.previews(),
            _with_documents(library),
            library.work(),
            library.fault(),
            results,
            importing_html(self.collected.sources, language, asked_collection(request), address),
        )
        failed = bool(results) and not any(result.preview for result in results)
        return page_reply(request, say(language, "library_add"), inner, 422 if failed else 200)

    async def add(self, request: Request) -> Response:
        from fastapi.concurrency import run_in_threadpool

        language = page_language(request)
        library = self.library(request)
        try:
            form = await sent_form(request, MOST_BYTES + MOST_FORM_BYTES)
        except TooMuchError:
            return _spoken(request, too_much(language), 413)
        except BrokenFormError:
            return _told(request, "form_broken", 400)
        try:
            files = [one for one in form.getlist("files") if not isinstance(one, str)]
            files = [one for one in files if one.filename or one.size]
            if not files:
                return _told(request, "add_no_file", 400)
            if len(files) > MOST_FILES or any((one.size or 0) > MOST_FILE_BYTES for one in files):
                return _spoken(request, too_much(language), 413)
            results = [await _staged(library, one) for one in files]
        finally:
            await form.close()
        return await run_in_threadpool(self.add_page, request, tuple(results))

    async def bring(self, request: Request) -> Response:
        return await with_fields(request, self.bring_address, WAYS)

    def bring_address(self, request: Request, values: Mapping[str, str]) -> Response:
        """Fetch what an address has, and show it as an upload that was read."""
        library, sources = self.library(request), self.collected.sources
        address = values.get("address", "").strip()
        if sources is None:
            return _told(request, "import_nowhere", 404)
        if not address:
            return _told(request, "import_no_address", 400)
        try:
            preview = sources.bring(address, library)
        except IndexFault as fault:
            return self.add_page(request, (Result(address, fault=fault.notice),), address)
        return _seen_next(request, f"/library/previews/{in_path(preview.id)}")

    def show_preview(self, request: Request) -> Response:
        try:
            preview = self.library(request).preview(request.path_params["preview_id"])
        except DocumentFault:
            return _told(request, "preview_unknown", 404)
        inner = preview_html(preview, page_language(request))
        return page_reply(request, preview.file_name, inner)

    async def settle_preview(self, request: Request) -> Response:
        return await with_fields(request, self.settle, WAYS)

    def settle(self, request: Request, values: Mapping[str, str]) -> Response:
        """Confirm a preview, with corrections, or discard it."""
        language = page_language(request)
        library, preview_id = self.library(request), request.path_params["preview_id"]
        try:
            preview = library.preview(preview_id)
        except DocumentFault:
            return _told(request, "preview_unknown", 404)
        try:
            if values.get("action") == "discard":
                library.discard(preview_id)
                return _seen_next(request, "/library/add")
            if values.get("action") != "confirm":
                return _told(request, "form_broken", 400)
            metadata, problems = corrections(values, preview.document, language)
            if not problems:
                held = library.confirm(preview_id, checked(metadata))
                return _seen_next(request, f"/library/documents/{in_path(held.id)}")
            fault = say(language, "form_faulty")
        except IndexFault as refusal:
            problems, fault = {}, sentence_in(refusal.notice, language)
        inner = preview_html(preview, language, values, problems, fault)
        return page_reply(request, preview.file_name, inner, 422)

    def show_held(self, request: Request) -> Response:
        document_id = request.path_params["document_id"]
        pair = _held(self.library(request), document_id)
        if pair is None:
            return _told(request, "document_unknown", 404, id=document_id)
        return self.held_page(request, *pair)

    def held_page(
        self,
        request: Request,
        one: Held,
        document: Document,
        values: Mapping[str, str] | None = None,
        problems: Mapping[str, str] | None = None,
        fault: str = "",
    ) -> Response:
        library = self.library(request)
        inner = held_html(
            one,
            document,
            page_language(request),
            date.today(),
            library.work(),
            library.fault(),
            removing=request.method == "GET" and "remove" in request.query_params,
            values=values,
            problems=problems,
            fault=fault,
        )
        return page_reply(request, document.title, inner, 422 if fault else 200)

    async def change_held(self, request: Request) -> Response:
        return await with_fields(request, self.change, WAYS)

    def change(self, request: Request, values: Mapping[str, str]) -> Response:
        """Change what is known of a document, or remove it."""
        language = page_language(request)
        library, document_id = self.library(request), request.path_params["document_id"]
        pair = _held(library, document_id)
        if pair is None:
            return _told(request, "document_unknown", 404, id=document_id)
        try:
            if values.get("action") == "remove":
                library.remove(document_id)
                return _seen_next(request, "/library/add")
            if values.get("action") != "change":
                return _told(request, "form_broken", 400)
            metadata, problems = corrections(values, pair[1], language)
            if not problems:
                library.change(document_id, checked(metadata))
                return _seen_next(request, f"/library/documents/{in_path(document_id)}")
            fault = say(language, "form_faulty")
        except IndexFault as refusal:
            problems, fault = {}, sentence_in(refusal.notice, language)
        return self.held_page(request, *pair, values, problems, fault)

    def work(self, request: Request) -> Response:
        """What is being done, for the script of the pages."""
        from fastapi.responses import JSONResponse

        language = page_language(request)
        if not may_manage(request):
            return JSONResponse({"error": say(language, "manage_only")}, status_code=403)
        library = self.library(request)
        now, fault = library.work(), library.fault()
        held = [
            {
                "id": one.id,
                "text": say(language, held_state(one)),
                "searchable": one.state == "searchable" and not one.removing,
                "settled": one.state == "searchable" and one.translated and not one.removing,
            }
            for one in library.held()
        ]
        told_of: dict[str, Any] = {
            **work_told(language, now, fault),
            "stage": now.stage if now else None,
            "done": now.done if now else 0,
            "total": now.total if now else 0,
            "document_id": now.document_id if now else None,
            "fault": fault and sentence_in(fault, language),
            "held": held,
        }
        return JSONResponse(told_of, headers={"cache-control": "no-store"})


def _told(request: Request, key: str, status: int, **values: object) -> Response:
    return told(request, key, status, WAYS, **values)


def _spoken(request: Request, sentence: str, status: int) -> Response:
    language = page_language(request)
    ways = [(say(language, key), address) for key, address in WAYS]
    return sentence_reply(request, sentence, status, ways)


def _seen_next(request: Request, address: str) -> Response:
    """Sends the browser on, within the collection."""
    return seen_next(with_query(address, collection=asked_collection(request) or None))


async def _staged(library: Library, sent: UploadFile) -> Result:
    from fastapi.concurrency import run_in_threadpool

    name, data = shown_name(sent.filename or ""), await sent.read()
    try:
        return Result(name, await run_in_threadpool(library.stage, name, data))
    except IndexFault as fault:
        return Result(name, fault=fault.notice)


def _held(library: Library, document_id: str) -> tuple[Held, Document] | None:
    pairs = _with_documents(library)
    return next((pair for pair in pairs if pair[0].id == document_id), None)


def _with_documents(library: Library) -> list[tuple[Held, Document]]:
    """The confirmed documents as they were read; one removed meanwhile is left out."""
    pairs = []
    for one in library.held():
        try:
            pairs.append((one, library.document(one.id)))
        except DocumentFault:
            continue
    return pairs
