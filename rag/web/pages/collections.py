"""The collections in the library: listed, and made, renamed and removed by those who may.

HTML and the addresses of its forms; what a collection is, index/library/collections.py decides. The
page of the documents in one is rag/web/pages/catalogue.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from markupsafe import Markup

from index.errors import CollectionFault, IndexFault
from index.library.collections import DEFAULT, MOST_NAME, Collections
from rag.schema import Language
from rag.web.assistants import Collected, Served
from rag.web.messages import sentence_html
from rag.web.pages.frame import asked_collection, page_language
from rag.web.pages.replies import (
    Route,
    add_routes,
    for_managers,
    page_reply,
    seen_next,
    told,
    with_fields,
)
from rag.web.templates import render
from rag.web.texts import LANGUAGES, say

if TYPE_CHECKING:
    from fastapi import FastAPI, Request, Response

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
    collections = collected.collections if managing else None
    return render(
        "collections",
        language,
        all=[
            {
                "address": _library(one),
                "current": one.id == current.id,
                "name": one.called(language),
                "count": len(one.assistant.index.documents),
            }
            for one in everything
        ],
        changing=changing,
        new=NEW,
        change=f"{ONE}?collection={quote(current.id)}",
        name=current.called(language),
        damaged=[
            Markup(sentence_html(one, language))
            for one in (collections.damaged if collections else ())
        ],
    )


def select_html(collected: Collected, chosen: str, language: Language) -> str:
    """The choice of a collection in the head of the chat; nothing where there is only one."""
    everything = collected.all()
    if len(everything) < 2:
        return ""
    return render("collection_select", language, all=everything, chosen=chosen)


def add_collecting(server: FastAPI, collected: Collected) -> None:
    """Add the forms to a server that can have several collections."""
    if collected.collections is not None:
        add_routes(server, _Collecting(collected, collected.collections).routes())


@dataclass(frozen=True, eq=False)
class _Collecting:
    """What happens at the addresses of the forms."""

    collected: Collected
    collections: Collections

    def routes(self) -> list[Route]:
        return [
            ("GET", NEW, for_managers(self.show_new)),
            ("POST", NEW, for_managers(self.posted_new)),
            ("GET", ONE, for_managers(self.show_one)),
            ("POST", ONE, for_managers(self.posted_one)),
        ]

    def new_page(self, request: Request, values: Mapping[str, str], fault: str = "") -> Response:
        language = page_language(request)
        inner = _new_html(language, values, fault)
        status = 422 if fault else 200
        return page_reply(request, say(language, "collection_new"), inner, status)

    def one_page(self, request: Request, values: Mapping[str, str], fault: str = "") -> Response:
        language = page_language(request)
        one = self.collected.get(asked_collection(request))
        removing = request.method == "GET" and "remove" in request.query_params
        inner = _removal_html(one, language) if removing else ""
        inner = inner or _one_html(one, language, values, fault)
        return page_reply(request, one.called(language), inner, 422 if fault else 200)

    def show_new(self, request: Request) -> Response:
        return self.new_page(request, {})

    def show_one(self, request: Request) -> Response:
        return self.one_page(request, {})

    async def posted_new(self, request: Request) -> Response:
        return await with_fields(request, self.create)

    async def posted_one(self, request: Request) -> Response:
        return await with_fields(request, self.change)

    def create(self, request: Request, values: Mapping[str, str]) -> Response:
        try:
            name = _free(values.get("name", ""), self.collected)
            made = self.collections.create(name, values.get("builtin") == "yes")
        except IndexFault as fault:
            return self.new_page(request, values, fault.notice)
        return seen_next(f"/library?collection={quote(made.id)}")

    def change(self, request: Request, values: Mapping[str, str]) -> Response:
        one = self.collected.get(asked_collection(request))
        try:
            if values.get("action") == "remove":
                self.collections.remove(one.id, with_documents=values.get("documents") == "yes")
                return seen_next("/library")
            if values.get("action") != "rename":
                return told(request, "form_broken", 400)
            name = _free(values.get("name", ""), self.collected, besides=one.id)
            # The default one, as it is called in one language, is not named: it stays as it is.
            if name != one.called(page_language(request)):
                self.collections.rename(one.id, name)
        except IndexFault as fault:
            return self.one_page(request, values, fault.notice)
        return seen_next(f"/library?collection={quote(one.id)}")


def _free(name: str, collected: Collected, besides: str = "") -> str:
    """The name, unless it is what readers call the unnamed default collection."""
    default = collected.get()
    own = {say(language, "collection_default").casefold() for language in LANGUAGES}
    if not default.name and besides != DEFAULT and " ".join(name.split()).casefold() in own:
        raise CollectionFault("collection-name-taken", name=name.strip())
    return name


def _library(one: Served) -> str:
    return f"/library?collection={quote(one.id)}"


def _new_html(language: Language, values: Mapping[str, str], fault: str) -> str:
    # Asked for unless a form that was sent says otherwise.
    builtin = not values or values.get("builtin") == "yes"
    name = values.get("name", "")
    return _form_html(language, NEW, name, fault, one=None, builtin=builtin)


def _one_html(one: Served, language: Language, values: Mapping[str, str], fault: str) -> str:
    name = values.get("name", one.called(language))
    count, removable = len(one.assistant.index.documents), one.id != DEFAULT
    return _form_html(language, ONE, name, fault, one=one, count=count, removable=removable)


def _form_html(language: Language, address: str, name: str, fault: str, **values: object) -> str:
    told = Markup(sentence_html(fault, language)) if fault else ""
    return render(
        "collection_form",
        language,
        address=address,
        name=name,
        fault=told,
        most=MOST_NAME,
        **values,
    )


def _removal_html(one: Served, language: Language) -> str:
    """Asks whether a collection is to be removed, with what it holds; not the default one."""
    if one.id == DEFAULT or one.library is None:
        return ""
    held = len(one.library.held()) + len(one.library.previews())
    name = one.called(language)
    return render("collection_removal", language, name=name, address=ONE, held=held)
