"""The collections in the library: listed, and made, renamed and removed by those who may.

HTML and the addresses of its forms; what a collection is, index/library/collections.py decides. The
page of the documents in one is rag/web/pages/catalogue.py.
"""

# No postponed annotations: FastAPI reads the types off the handlers.

from collections.abc import Callable, Mapping
from html import escape
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from index.errors import CollectionFault, IndexFault
from index.library.collections import DEFAULT, MOST_NAME, Collections
from rag.schema import Language
from rag.web.assistants import Collected, Served
from rag.web.messages import sentence_html
from rag.web.pages.frame import (
    asked_collection,
    error_page,
    may_manage,
    page_address,
    page_language,
    page_response,
    shell,
)
from rag.web.texts import LANGUAGES, said, say

if TYPE_CHECKING:
    from fastapi import FastAPI

NEW, ONE = "/library/collections", "/library/collection"


def collections_html(
    collected: Collected, current: Served, language: Language, *, managing: bool
) -> str:
    """The collections as links, the current one marked; nothing where there is nothing to choose.

    `managing`: who sees it may make others, and rename and remove them.
    """
    everything = collected.all()
    changing = managing and collected.collections is not None
    if len(everything) < 2 and not changing:
        return ""
    links = "".join(
        f'<li><a href="{_library(one)}"{" aria-current=true" if one.id == current.id else ""}>'
        f"{escape(one.called(language))}</a> "
        f'<span class="small">{_size(one, language)}</span></li>'
        for one in everything
    )
    ways = damaged = ""
    if changing and collected.collections is not None:
        ways = (
            f'<p class="ways"><a href="{NEW}">{said(language, "collection_new")}</a>'
            f'<a href="{ONE}?collection={quote(current.id)}">'
            f"{said(language, 'collection_change', name=current.called(language))}</a></p>"
        )
        damaged = "".join(
            f'<p class="fault">{sentence_html(one, language)}</p>'
            for one in collected.collections.damaged
        )
    return (
        f'<nav class="collections" aria-label="{said(language, "collections")}">'
        f"<ul>{links}</ul>{ways}{damaged}</nav>"
    )


def select_html(collected: Collected, chosen: str, language: Language) -> str:
    """The choice of a collection in the head of the chat; nothing where there is only one."""
    everything = collected.all()
    if len(everything) < 2:
        return ""
    options = "".join(
        f'<option value="{escape(one.key)}"{" selected" if one.key == chosen else ""}>'
        f"{escape(one.called(language))}</option>"
        for one in everything
    )
    note = said(language, "collection_note")
    return (
        f'<p class="collection"><label for="collection">{said(language, "collection")}</label> '
        f'<select id="collection" name="collection" title="{note}">{options}</select></p>'
    )


def add_collecting(server: "FastAPI", collected: Collected) -> None:
    """Add the forms to a server that can have several collections."""
    from fastapi import Request, Response
    from fastapi.concurrency import run_in_threadpool
    from fastapi.responses import RedirectResponse

    from rag.web.pages.managing_routes import (
        MOST_FORM_BYTES,
        BrokenFormError,
        TooMuchError,
        sent_form,
    )

    if collected.collections is None:
        return
    collections: Collections = collected.collections

    def page(request: Request, title: str, inner: str, fault: str = "") -> Response:
        html = shell(
            page_language(request),
            title,
            inner,
            current="/library",
            address=page_address(request),
            collection=asked_collection(request),
        )
        return page_response(request, html, 422 if fault else 200)

    def refused(request: Request, key: str, status: int) -> Response:
        language = page_language(request)
        html = error_page(language, say(language, key), address=page_address(request))
        return page_response(request, html, status)

    def new_page(request: Request, values: Mapping[str, str], fault: str = "") -> Response:
        language = page_language(request)
        inner = _new_html(language, values, fault)
        return page(request, say(language, "collection_new"), inner, fault)

    def one_page(request: Request, values: Mapping[str, str], fault: str = "") -> Response:
        language = page_language(request)
        one = collected.get(asked_collection(request))
        removing = request.method == "GET" and "remove" in request.query_params
        inner = _removal_html(one, language) if removing else ""
        inner = inner or _one_html(one, language, values, fault)
        return page(request, one.called(language), inner, fault)

    def show_new(request: Request) -> Response:
        return (
            new_page(request, {}) if may_manage(request) else refused(request, "manage_only", 403)
        )

    def show_one(request: Request) -> Response:
        return (
            one_page(request, {}) if may_manage(request) else refused(request, "manage_only", 403)
        )

    def create(request: Request, values: Mapping[str, str]) -> Response:
        try:
            name = _free(values.get("name", ""), collected)
            made = collections.create(name, values.get("builtin") == "yes")
        except IndexFault as fault:
            return new_page(request, values, str(fault))
        return RedirectResponse(f"/library?collection={quote(made.id)}", status_code=303)

    def change(request: Request, values: Mapping[str, str]) -> Response:
        one = collected.get(asked_collection(request))
        try:
            if values.get("action") == "remove":
                collections.remove(one.id, with_documents=values.get("documents") == "yes")
                return RedirectResponse("/library", status_code=303)
            if values.get("action") != "rename":
                return refused(request, "form_broken", 400)
            name = _free(values.get("name", ""), collected, besides=one.id)
            # The default one, as it is called in one language, is not named: it stays as it is.
            if name != one.called(page_language(request)):
                collections.rename(one.id, name)
        except IndexFault as fault:
            return one_page(request, values, str(fault))
        return RedirectResponse(f"/library?collection={quote(one.id)}", status_code=303)

    async def posted(
        request: Request, do: Callable[[Request, Mapping[str, str]], Response]
    ) -> Response:
        if not may_manage(request):
            return refused(request, "manage_only", 403)
        try:
            form = await sent_form(request, MOST_FORM_BYTES)
        except (TooMuchError, BrokenFormError):
            return refused(request, "form_broken", 400)
        values = {name: value for name, value in form.items() if isinstance(value, str)}
        await form.close()
        return await run_in_threadpool(do, request, values)

    async def posted_new(request: Request) -> Response:
        return await posted(request, create)

    async def posted_one(request: Request) -> Response:
        return await posted(request, change)

    plain: dict[str, Any] = {"response_model": None}
    server.get(NEW, **plain)(show_new)
    server.post(NEW, **plain)(posted_new)
    server.get(ONE, **plain)(show_one)
    server.post(ONE, **plain)(posted_one)


def _free(name: str, collected: Collected, besides: str = "") -> str:
    """The name, unless it is what readers call the unnamed default collection."""
    default = collected.get()
    own = {say(language, "collection_default").casefold() for language in LANGUAGES}
    if not default.name and besides != DEFAULT and " ".join(name.split()).casefold() in own:
        raise CollectionFault(f"There is a collection {name.strip()} already; give another name.")
    return name


def _library(one: Served) -> str:
    return f"/library?collection={quote(one.id)}"


def _size(one: Served, language: Language) -> str:
    return said(language, "collection_documents", count=len(one.assistant.index.documents))


def _new_html(language: Language, values: Mapping[str, str], fault: str) -> str:
    # Asked for unless a form that was sent says otherwise.
    checked = " checked" if not values or values.get("builtin") == "yes" else ""
    return (
        f'<div class="adding">{_way_back(language)}'
        f"<h1>{said(language, 'collection_new')}</h1>"
        f"<p>{said(language, 'collection_told')}</p>{_fault_html(fault, language)}"
        f'<form class="collection" method="post" action="{NEW}">'
        f"{_name_html(values.get('name', ''), language, fault)}"
        f'<p><label><input type="checkbox" name="builtin" value="yes"{checked}> '
        f"{said(language, 'collection_with_builtin')}</label></p>"
        f'<p class="ways"><button class="main">{said(language, "collection_create")}</button></p>'
        "</form></div>"
    )


def _one_html(one: Served, language: Language, values: Mapping[str, str], fault: str) -> str:
    name = values.get("name", one.called(language))
    remove = ""
    if one.id != DEFAULT:
        remove = (
            f'<p class="ways"><a class="button" href="{ONE}?remove=1">'
            f"{said(language, 'collection_remove')}</a></p>"
        )
    return (
        f'<div class="adding">{_way_back(language)}<h1>{escape(one.called(language))}</h1>'
        f'<p class="small">{_size(one, language)}</p>{_fault_html(fault, language)}'
        f'<form class="collection" method="post" action="{ONE}">'
        f"{_name_html(name, language, fault)}"
        f'<p class="ways"><button class="main" name="action" value="rename">'
        f"{said(language, 'collection_rename')}</button></p></form>{remove}</div>"
    )


def _removal_html(one: Served, language: Language) -> str:
    """Asks whether a collection is to be removed, with what it holds; not the default one."""
    if one.id == DEFAULT or one.library is None:
        return ""
    held = len(one.library.held()) + len(one.library.previews())
    key = "collection_remove_all_sure" if held else "collection_remove_sure"
    documents = '<input type="hidden" name="documents" value="yes">' if held else ""
    return (
        f'<div class="adding"><h1>{escape(one.called(language))}</h1>'
        f'<form method="post" action="{ONE}" class="asking">{documents}'
        f"<p>{said(language, key, name=one.called(language), count=held)}</p>"
        f'<p class="ways"><button class="main" name="action" value="remove">'
        f"{said(language, 'remove_yes')}</button>"
        f'<a class="button" href="{ONE}">{said(language, "remove_no")}</a></p></form></div>'
    )


def _name_html(name: str, language: Language, fault: str) -> str:
    wrong = ' aria-invalid="true" aria-describedby="fault"' if fault else ""
    return (
        f'<div><label for="name">{said(language, "collection_name")}</label>'
        f'<input id="name" name="name" required maxlength="{MOST_NAME}" autocomplete="off"'
        f' value="{escape(name)}"{wrong}></div>'
    )


def _fault_html(fault: str, language: Language) -> str:
    if not fault:
        return ""
    return f'<p class="fault" id="fault" role="alert">{sentence_html(fault, language)}</p>'


def _way_back(language: Language) -> str:
    back = said(language, "navigation_library")
    return f'<p class="small"><a href="/library">← {back}</a></p>'
