"""The addresses of the registers: the page, its files, and the form that corrects a row.

What is on them is made in register.py, register_files.py, register_word.py, register_correct.py.
"""

# No postponed annotations: FastAPI reads the types off the handlers.

from collections.abc import Mapping
from datetime import UTC, date, datetime
from html import escape
from typing import TYPE_CHECKING, Any

from index.errors import IndexFault
from rag.answer.facts_worded import Wording
from rag.schema import Language
from rag.web.assistants import Collected, Served
from rag.web.chat.conversation import Library
from rag.web.messages import sentence_in
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
from rag.web.pages.register import managed_of, register_html
from rag.web.pages.register_correct import (
    given_in,
    keep,
    problems_of,
    row_found,
    row_html,
    way_back,
)
from rag.web.pages.register_files import (
    MEDIA,
    MOST_ROWS,
    calendar_file,
    csv_file,
    workbook_file,
)
from rag.web.pages.register_rows import Rows, Wanted, rows_of, wanted
from rag.web.proxied import root_of
from rag.web.texts import say

if TYPE_CHECKING:
    from fastapi import FastAPI, Request, Response


def add_registers(server: "FastAPI", collected: Collected) -> None:
    """Add the registers to a server, before anything that takes every address."""
    from fastapi import Request, Response

    def register(request: Request) -> Response:
        language = page_language(request)
        served = collected.get(asked_collection(request))
        asked = wanted(request.query_params)
        library = served.assistant.index
        managed = None
        if served.library is not None and may_manage(request):
            managed = managed_of(asked.kind, library, served.library.fact_corrections())
        inner = register_html(
            asked, library, language, date.today(), collection=served.key, managed=managed
        )
        return _page(request, say(language, "register_title"), inner, served.key)

    def file(request: Request, form: str) -> Response:
        return _file(request, form, collected.get(asked_collection(request)))

    def row(request: Request) -> Response:
        return _row(request, collected.get(asked_collection(request)), {})

    async def correct(request: Request) -> Response:
        return await _posted(request, collected)

    plain: dict[str, Any] = {"response_model": None}
    server.get("/register", **plain)(register)
    server.get("/register/file/{form}", **plain)(file)
    server.get("/register/row", **plain)(row)
    server.post("/register/row", **plain)(correct)


def _page(request: "Request", title: str, inner: str, key: str, status: int = 200) -> "Response":
    html = shell(
        page_language(request),
        title,
        inner,
        current="/register",
        address=page_address(request),
        collection=key,
    )
    return page_response(request, html, status)


def _sentence(request: "Request", told: str, status: int) -> "Response":
    language = page_language(request)
    back = f'<a href="/register">{escape(say(language, "register_back"))}</a>'
    html = error_page(
        language,
        told,
        address=page_address(request),
        links=back,
        collection=asked_collection(request),
    )
    return page_response(request, html, status)


def _file(request: "Request", form: str, served: Served) -> "Response":
    from fastapi import Response

    language = page_language(request)
    asked = wanted(request.query_params)
    known = form in MEDIA and (form != "docx" or asked.kind == "duty")
    if not known or (form == "ics" and asked.kind != "deadline"):
        return _sentence(request, say(language, "register_no_file"), 404)
    library = served.assistant.index
    rows = rows_of(asked, library, language, date.today(), 0, MOST_ROWS[form] + 1)
    if rows.total > MOST_ROWS[form]:
        told = say(
            language,
            "register_too_many",
            total=rows.total,
            most=MOST_ROWS[form],
            form=say(language, f"register_save_{form}"),
        )
        return _sentence(request, told, 413)
    base = f"{request.url.scheme}://{request.url.netloc}{root_of(request)}"
    data = file_of(form, rows, asked, library, language, base)
    name = f"tiaowen-{asked.kind}-{date.today().isoformat()}.{form}"
    headers = {
        "content-disposition": f'attachment; filename="{name}"',
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
    }
    return Response(data, media_type=MEDIA[form], headers=headers)


def file_of(
    form: str, rows: Rows, asked: Wanted, library: Library, language: Language, base: str
) -> bytes:
    """The rows as a file of that form; `base` is the server's address before the path."""
    now = datetime.now(UTC)
    if form == "xlsx":
        return workbook_file(rows.rows, asked.kind, language, base)
    if form == "csv":
        return csv_file(rows.rows, asked.kind, language, base)
    if form == "ics":
        return calendar_file(rows.rows, Wording(library, language), base, now)
    from rag.web.pages.register_word import tasks_file

    return tasks_file(rows.rows, library, language, now)


def _row(request: "Request", served: Served, given: Mapping[str, str]) -> "Response":
    """The form of a row, filled in with what was sent and refused, if anything was."""
    language = page_language(request)
    if not may_manage(request):
        return _sentence(request, say(language, "manage_only"), 403)
    if served.library is None:
        return _sentence(request, say(language, "register_read_only"), 404)
    query = given or request.query_params
    library = served.assistant.index
    found = row_found(library, query.get("clause", ""), query.get("kind", ""), query.get("key", ""))
    if found is None:
        return _sentence(request, say(language, "register_gone"), 404)
    inner = row_html(
        found,
        library,
        language,
        way_back(query.get("back", "")),
        given_in(given, found.fact.kind) if given else None,
        given.get("fault", ""),
    )
    title = say(language, "register_correct_title")
    return _page(request, title, inner, served.key, 422 if given else 200)


async def _posted(request: "Request", collected: Collected) -> "Response":
    from fastapi.concurrency import run_in_threadpool

    from rag.web.pages.managing_routes import (
        MOST_FORM_BYTES,
        BrokenFormError,
        TooMuchError,
        sent_form,
    )

    language = page_language(request)
    if not may_manage(request):
        return _sentence(request, say(language, "manage_only"), 403)
    try:
        form = await sent_form(request, MOST_FORM_BYTES)
    except (TooMuchError, BrokenFormError):
        return _sentence(request, say(language, "form_broken"), 400)
    values = {name: value for name, value in form.items() if isinstance(value, str)}
    await form.close()
    served = collected.get(asked_collection(request))
    return await run_in_threadpool(_settled, request, served, values)


def _settled(request: "Request", served: Served, values: dict[str, str]) -> "Response":
    """What becomes of a form: kept, struck out, undone, or shown again with what is wrong."""
    from fastapi.responses import RedirectResponse

    language = page_language(request)
    own, library = served.library, served.assistant.index
    if own is None:
        return _sentence(request, say(language, "register_read_only"), 404)
    action = values.get("action")
    try:
        if action == "undo":
            own.uncorrect_fact(values.get("document", ""), values.get("key", ""))
        elif action in ("save", "strike"):
            found = row_found(
                library, values.get("clause", ""), values.get("kind", ""), values.get("key", "")
            )
            if found is None:
                return _sentence(request, say(language, "register_gone"), 404)
            given = given_in(values, found.fact.kind)
            if action == "save" and problems_of(found.fact, given, language):
                return _row(request, served, values | {"fault": say(language, "form_faulty")})
            keep(own, library, found, given, strike=action == "strike")
        else:
            return _sentence(request, say(language, "form_broken"), 400)
    except IndexFault as fault:
        told = sentence_in(str(fault), language)
        if action in ("save", "strike"):
            return _row(request, served, values | {"fault": told})
        return _sentence(request, told, 422)
    to = with_query(way_back(values.get("back", "")), collection=served.key or None)
    return RedirectResponse(to, status_code=303)
