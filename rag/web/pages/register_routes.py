"""The addresses of the registers: the page, its files, and the form that corrects a row.

What is on them is made in register.py, register_files.py, register_word.py, register_correct.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from index.errors import IndexFault
from rag.answer.facts_worded import Wording
from rag.schema import Language
from rag.web.assistants import Collected, Served
from rag.web.chat.conversation import Library
from rag.web.messages import sentence_in
from rag.web.pages.frame import asked_collection, may_manage, page_language, with_query
from rag.web.pages.register import managed_of, register_html
from rag.web.pages.register_correct import (
    Found,
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
from rag.web.pages.register_rows import Rows, Wanted, check_asked, rows_of, wanted
from rag.web.pages.replies import (
    add_routes,
    for_managers,
    page_reply,
    seen_next,
    sentence_reply,
    told,
    with_fields,
)
from rag.web.pages.unknown import UnknownError, refused
from rag.web.proxied import root_of
from rag.web.texts import say

if TYPE_CHECKING:
    from fastapi import FastAPI, Request, Response

# Where one goes on to from a sentence.
WAYS = (("register_back", "/register"),)


def add_registers(server: FastAPI, collected: Collected) -> None:
    """Add the registers to a server, before anything that takes every address."""
    pages = _Registers(collected)
    add_routes(
        server,
        [
            ("GET", "/register", pages.show),
            ("GET", "/register/file/{form}", pages.file),
            ("GET", "/register/row", for_managers(pages.row, WAYS)),
            ("POST", "/register/row", for_managers(pages.correct, WAYS)),
        ],
    )


@dataclass(frozen=True, eq=False)
class _Registers:
    """The registers of these collections."""

    collected: Collected

    def served(self, request: Request) -> Served:
        return self.collected.get(asked_collection(request))

    def show(self, request: Request) -> Response:
        """The register that is asked for, with what a manager is told beside it."""
        language, served = page_language(request), self.served(request)
        try:
            check_asked(request.query_params)
        except UnknownError as fault:
            return refused(request, fault, WAYS)
        asked, library = wanted(request.query_params), served.assistant.index
        managed = None
        if served.library is not None and may_manage(request):
            managed = managed_of(asked.kind, library, served.library.facts_corrected.all())
        inner = register_html(
            asked, library, language, date.today(), collection=served.key, managed=managed
        )
        return _page(request, "register_title", inner, served)

    def file(self, request: Request) -> Response:
        """All rows that are asked for, as a file."""
        from fastapi import Response

        language, form = page_language(request), request.path_params["form"]
        try:
            check_asked(request.query_params)
        except UnknownError as fault:
            return refused(request, fault, WAYS)
        asked, library = wanted(request.query_params), self.served(request).assistant.index
        known = form in MEDIA and (form != "docx" or asked.kind == "duty")
        if not known or (form == "ics" and asked.kind != "deadline"):
            return told(request, "register_no_file", 404, WAYS)
        most = MOST_ROWS[form]
        rows = rows_of(asked, library, language, date.today(), 0, most + 1)
        if rows.total > most:
            named = say(language, f"register_save_{form}")
            own = {"total": rows.total, "most": most, "form": named}
            return told(request, "register_too_many", 413, WAYS, **own)
        base = f"{request.url.scheme}://{request.url.netloc}{root_of(request)}"
        data = file_of(form, rows, asked, library, language, base)
        name = f"tiaowen-{asked.kind}-{date.today().isoformat()}.{form}"
        headers = {
            "content-disposition": f'attachment; filename="{name}"',
            "cache-control": "no-store",
            "x-content-type-options": "nosniff",
        }
        return Response(data, media_type=MEDIA[form], headers=headers)

    def row(self, request: Request) -> Response:
        """The form that corrects a row."""
        return _form(request, self.served(request), {})

    async def correct(self, request: Request) -> Response:
        return await with_fields(request, self.settle, WAYS)

    def settle(self, request: Request, values: Mapping[str, str]) -> Response:
        """What becomes of a form: kept, struck out, undone, or shown again with what is wrong."""
        language, served = page_language(request), self.served(request)
        own, library = served.library, served.assistant.index
        if own is None:
            return told(request, "register_read_only", 404, WAYS)
        action = values.get("action")
        if action not in ("save", "strike", "undo"):
            return told(request, "form_broken", 400, WAYS)
        try:
            if action == "undo":
                own.facts_corrected.forget(values.get("document", ""), values.get("key", ""))
            else:
                found = _found(library, values)
                if found is None:
                    return told(request, "register_gone", 404, WAYS)
                given = given_in(values, found.fact.kind)
                if action == "save" and problems_of(found, library, given, language):
                    return _form(request, served, values, say(language, "form_faulty"))
                keep(own, library, found, given, strike=action == "strike")
        except IndexFault as fault:
            sentence = sentence_in(fault.notice, language)
            if action == "undo":
                return sentence_reply(request, sentence, 422)
            return _form(request, served, values, sentence)
        to = way_back(values.get("back", ""))
        return seen_next(with_query(to, collection=served.key or None))


def _page(request: Request, title: str, inner: str, served: Served, status: int = 200) -> Response:
    named = say(page_language(request), title)
    return page_reply(request, named, inner, status, current="/register", collection=served.key)


def _found(library: Library, values: Mapping[str, str]) -> Found | None:
    named = (values.get(name, "") for name in ("clause", "kind", "key"))
    return row_found(library, *named)


def _form(request: Request, served: Served, given: Mapping[str, str], fault: str = "") -> Response:
    """The form of a row, filled in with what was sent and refused, if anything was."""
    if served.library is None:
        return told(request, "register_read_only", 404, WAYS)
    values, library = given or request.query_params, served.assistant.index
    found = _found(library, values)
    if found is None:
        return told(request, "register_gone", 404, WAYS)
    inner = row_html(
        found,
        library,
        page_language(request),
        way_back(values.get("back", "")),
        given_in(given, found.fact.kind) if given else None,
        fault,
        kept=served.library.facts_corrected.all().get(found.fact.document_id, ()),
    )
    return _page(request, "register_correct_title", inner, served, 422 if given else 200)


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
