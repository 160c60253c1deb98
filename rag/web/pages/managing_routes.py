"""The addresses at which a person adds, changes and removes documents of their own.

Only those who may manage are served. What is on the pages is made in rag/web/pages/adding.py, and
what is kept, by index/library/library.py.
"""

# No postponed annotations: FastAPI reads the types off the handlers.

from collections.abc import Mapping, MutableMapping
from datetime import date
from html import escape
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
    corrections,
    held_html,
    held_state,
    preview_html,
    shown_name,
    too_much,
    work_told,
)
from rag.web.pages.frame import (
    asked_collection,
    error_page,
    in_path,
    may_manage,
    page_address,
    page_language,
    page_response,
    shell,
    with_query,
)
from rag.web.texts import say

if TYPE_CHECKING:
    from fastapi import FastAPI, Request
    from starlette.datastructures import FormData

    from index.library.library import Held, Library

# Read and thrown away of an upload over the limit, so that the browser shows the answer to it.
DRAINED_BYTES = 4 * MOST_BYTES
# What a form may have besides the contents of its files.
MOST_FORM_BYTES = 2**18
MOST_FIELDS = 50
MOST_PARTS = 1000


class TooMuchError(Exception):
    """More was sent than is taken."""


class BrokenFormError(Exception):
    """What was sent is not a whole form."""


def add_managing(server: "FastAPI", collected: Collected) -> None:
    """Add the pages to a server, before anything that takes every address.

    They manage the collection that the address names; an unknown one raises CollectionFault.
    """
    from fastapi import Request, Response
    from fastapi.concurrency import run_in_threadpool
    from fastapi.responses import JSONResponse, RedirectResponse

    def own(request: Request) -> "Library":
        library = collected.get(asked_collection(request)).library
        if library is None:
            raise CollectionFault("This collection takes no documents; choose another.")
        return library

    def seen_next(request: Request, address: str) -> Response:
        """Sends the browser on, so that loading the page again does not send the form again."""
        to = with_query(address, collection=asked_collection(request) or None)
        return RedirectResponse(to, status_code=303)

    def page(request: Request, title: str, inner: str, status: int = 200) -> Response:
        language = page_language(request)
        # What follows a form that was sent is reached again at the form's own address.
        address = page_address(request)
        where = asked_collection(request)
        html = shell(language, title, inner, current="/library", address=address, collection=where)
        return page_response(request, html, status)

    def sentence(request: Request, key: str, status: int, **values: object) -> Response:
        language = page_language(request)
        return spoken(request, say(language, key, **values), status)

    def spoken(request: Request, told: str, status: int) -> Response:
        language = page_language(request)
        ways = "".join(
            f'<a href="{address}">{escape(say(language, key))}</a>'
            for key, address in (
                ("library_add", "/library/add"),
                ("navigation_library", "/library"),
            )
        )
        html = error_page(
            language,
            told,
            address=page_address(request),
            links=ways,
            collection=asked_collection(request),
        )
        return page_response(request, html, status)

    def add_page(request: Request, results: tuple[Result, ...] = ()) -> Response:
        language = page_language(request)
        library = own(request)
        inner = add_html(
            language,
            library.previews(),
            _with_documents(library),
            library.work(),
            library.fault(),
            results,
        )
        failed = bool(results) and not any(result.preview for result in results)
        return page(request, say(language, "library_add"), inner, 422 if failed else 200)

    def show_add(request: Request) -> Response:
        if not may_manage(request):
            return sentence(request, "manage_only", 403)
        return add_page(request)

    async def add(request: Request) -> Response:
        if not may_manage(request):
            return sentence(request, "manage_only", 403)
        language = page_language(request)
        library = own(request)
        try:
            form = await sent_form(request, MOST_BYTES + MOST_FORM_BYTES)
        except TooMuchError:
            return spoken(request, too_much(language), 413)
        except BrokenFormError:
            return sentence(request, "form_broken", 400)
        try:
            files = [one for one in form.getlist("files") if not isinstance(one, str)]
            files = [one for one in files if one.filename or one.size]
            if not files:
                return sentence(request, "add_no_file", 400)
            if len(files) > MOST_FILES or any((one.size or 0) > MOST_FILE_BYTES for one in files):
                return spoken(request, too_much(language), 413)
            results = []
            for one in files:
                name = shown_name(one.filename or "")
                data = await one.read()
                results.append(await run_in_threadpool(_staged, library, name, data))
        finally:
            await form.close()
        return await run_in_threadpool(add_page, request, tuple(results))

    def show_preview(request: Request, preview_id: str) -> Response:
        if not may_manage(request):
            return sentence(request, "manage_only", 403)
        language = page_language(request)
        try:
            preview = own(request).preview(preview_id)
        except DocumentFault:
            return sentence(request, "preview_unknown", 404)
        return page(request, preview.file_name, preview_html(preview, language))

    def settle(request: Request, preview_id: str, values: Mapping[str, str]) -> Response:
        language = page_language(request)
        library = own(request)
        try:
            preview = library.preview(preview_id)
        except DocumentFault:
            return sentence(request, "preview_unknown", 404)
        try:
            if values.get("action") == "discard":
                library.discard(preview_id)
                return seen_next(request, "/library/add")
            if values.get("action") != "confirm":
                return sentence(request, "form_broken", 400)
            metadata, problems = corrections(values, preview.document, language)
            if not problems:
                held = library.confirm(preview_id, checked(metadata))
                return seen_next(request, f"/library/documents/{in_path(held.id)}")
            fault = say(language, "form_faulty")
        except IndexFault as refusal:
            problems, fault = {}, sentence_in(str(refusal), language)
        inner = preview_html(preview, language, values, problems, fault)
        return page(request, preview.file_name, inner, 422)

    def held_page(
        request: Request,
        document_id: str,
        values: Mapping[str, str] | None = None,
        problems: Mapping[str, str] | None = None,
        fault: str = "",
    ) -> Response:
        language = page_language(request)
        library = own(request)
        pair = _held(library, document_id)
        if pair is None:
            return sentence(request, "document_unknown", 404, id=document_id)
        inner = held_html(
            *pair,
            language,
            date.today(),
            library.work(),
            library.fault(),
            removing=request.method == "GET" and "remove" in request.query_params,
            values=values,
            problems=problems,
            fault=fault,
        )
        return page(request, pair[1].title, inner, 422 if fault else 200)

    def show_held(request: Request, document_id: str) -> Response:
        if not may_manage(request):
            return sentence(request, "manage_only", 403)
        return held_page(request, document_id)

    def change(request: Request, document_id: str, values: Mapping[str, str]) -> Response:
        language = page_language(request)
        library = own(request)
        pair = _held(library, document_id)
        if pair is None:
            return sentence(request, "document_unknown", 404, id=document_id)
        try:
            if values.get("action") == "remove":
                library.remove(document_id)
                return seen_next(request, "/library/add")
            if values.get("action") != "change":
                return sentence(request, "form_broken", 400)
            metadata, problems = corrections(values, pair[1], language)
            if not problems:
                library.change(document_id, checked(metadata))
                return seen_next(request, f"/library/documents/{in_path(document_id)}")
            fault = say(language, "form_faulty")
        except IndexFault as refusal:
            problems, fault = {}, sentence_in(str(refusal), language)
        return held_page(request, document_id, values, problems, fault)

    async def posted(request: Request) -> Response:
        """A small form, sent to a preview or to a document of a person's own."""
        if not may_manage(request):
            return sentence(request, "manage_only", 403)
        try:
            form = await sent_form(request, MOST_FORM_BYTES)
        except (TooMuchError, BrokenFormError):
            return sentence(request, "form_broken", 400)
        values = {name: value for name, value in form.items() if isinstance(value, str)}
        await form.close()
        ids = request.path_params
        if "preview_id" in ids:
            return await run_in_threadpool(settle, request, ids["preview_id"], values)
        return await run_in_threadpool(change, request, ids["document_id"], values)

    def work(request: Request) -> Response:
        language = page_language(request)
        if not may_manage(request):
            return JSONResponse({"error": say(language, "manage_only")}, status_code=403)
        library = own(request)
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
        told: dict[str, Any] = {
            **work_told(language, now, fault),
            "stage": now.stage if now else None,
            "done": now.done if now else 0,
            "total": now.total if now else 0,
            "document_id": now.document_id if now else None,
            "fault": fault and sentence_in(fault, language),
            "held": held,
        }
        return JSONResponse(told, headers={"cache-control": "no-store"})

    plain: dict[str, Any] = {"response_model": None}
    server.get("/library/add", **plain)(show_add)
    server.post("/library/add", **plain)(add)
    server.get("/library/work", **plain)(work)
    server.get("/library/previews/{preview_id}", **plain)(show_preview)
    server.post("/library/previews/{preview_id}", **plain)(posted)
    server.get("/library/documents/{document_id}", **plain)(show_held)
    server.post("/library/documents/{document_id}", **plain)(posted)


def _staged(library: "Library", name: str, data: bytes) -> Result:
    try:
        return Result(name, library.stage(name, data))
    except IndexFault as fault:
        return Result(name, fault=str(fault))


def _held(library: "Library", document_id: str) -> "tuple[Held, Document] | None":
    pairs = _with_documents(library)
    return next((pair for pair in pairs if pair[0].id == document_id), None)


def _with_documents(library: "Library") -> "list[tuple[Held, Document]]":
    """The confirmed documents as they were read; one removed meanwhile is left out."""
    pairs = []
    for one in library.held():
        try:
            pairs.append((one, library.document(one.id)))
        except DocumentFault:
            continue
    return pairs


async def sent_form(request: "Request", most: int, largest: int = MOST_FORM_BYTES) -> "FormData":
    """The form of a request of at most so many bytes; its files lie on disk, not in memory.

    A field that is no file has `largest` bytes at most.

    Raises TooMuchError once more has come, and BrokenFormError for what is no whole form.
    """
    from starlette.formparsers import MultiPartException
    from starlette.requests import ClientDisconnect
    from starlette.requests import Request as FormRequest

    taken = 0

    async def counted() -> MutableMapping[str, Any]:
        nonlocal taken
        message = await request.receive()
        taken += len(message.get("body", b""))
        if taken > most:
            while message.get("more_body") and taken < DRAINED_BYTES:
                message = await request.receive()
                taken += len(message.get("body", b""))
            raise TooMuchError
        return message

    # Without the application in its scope, the form tells what is wrong instead of answering.
    scope = {name: value for name, value in request.scope.items() if name != "app"}
    try:
        return await FormRequest(scope, counted).form(
            max_files=MOST_PARTS, max_fields=MOST_FIELDS, max_part_size=largest
        )
    except (MultiPartException, ClientDisconnect, UnicodeDecodeError) as fault:
        raise BrokenFormError from fault
