"""Pages as replies to a request: in its language, at its address, in its collection.

Also who is let in. What is on a page is made elsewhere.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from inspect import iscoroutinefunction
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from rag.web.pages.frame import (
    asked_collection,
    error_page,
    may_manage,
    page_address,
    page_language,
    page_response,
    shell,
)
from rag.web.pages.sent import BrokenFormError, sent_fields
from rag.web.texts import say

if TYPE_CHECKING:
    from fastapi import FastAPI, Request, Response

Handler = Callable[["Request"], "Response | Awaitable[Response]"]
# The method and the address of a route, and what handles it.
Route = tuple[str, str, Handler]


def add_routes(server: FastAPI, routes: Sequence[Route]) -> None:
    """Let a server answer at these addresses; the handlers read the request themselves."""
    for method, address, handler in routes:
        server.add_route(address, handler, methods=[method])


def page_reply(
    request: Request,
    title: str,
    inner: str,
    status: int = 200,
    *,
    current: str = "/library",
    collection: str | None = None,
) -> Response:
    """A page with a title (plain text) and its contents (HTML); None: the collection asked for.

    What follows a form that was sent is reached again at the form's own address.
    """
    html = shell(
        page_language(request),
        title,
        inner,
        current=current,
        address=page_address(request),
        collection=asked_collection(request) if collection is None else collection,
    )
    return page_response(request, html, status)


def sentence_reply(
    request: Request,
    sentence: str,
    status: int,
    ways: Sequence[tuple[str, str]] = (),
    *,
    collection: str | None = None,
) -> Response:
    """A page that says one sentence; `ways` are texts and addresses to go on to, all plain."""
    links = Markup("").join(
        Markup('<a href="{}">{}</a>').format(address, text) for text, address in ways
    )
    html = error_page(
        page_language(request),
        sentence,
        address=page_address(request),
        links=links,
        collection=asked_collection(request) if collection is None else collection,
    )
    return page_response(request, html, status)


def for_managers(handler: Handler, ways: Sequence[tuple[str, str]] = ()) -> Handler:
    """The handler, for those who may manage; others are told, with `ways` (keys, addresses)."""
    from fastapi.concurrency import run_in_threadpool

    async def guarded(request: Request) -> Response:
        if not may_manage(request):
            return told(request, "manage_only", 403, ways)
        made: Any = (
            handler(request)
            if iscoroutinefunction(handler)
            else run_in_threadpool(handler, request)
        )
        response: Response = await made
        return response

    return guarded


def told(
    request: Request,
    key: str,
    status: int,
    ways: Sequence[tuple[str, str]] = (),
    **values: object,
) -> Response:
    """A page that says one text of the interface; `ways` are keys of others, and addresses."""
    language = page_language(request)
    named = [(say(language, one), address) for one, address in ways]
    return sentence_reply(request, say(language, key, **values), status, named)


def seen_next(address: str) -> Response:
    """Sends the browser on, so that loading the page again does not send the form again."""
    from fastapi.responses import RedirectResponse

    return RedirectResponse(address, status_code=303)


async def with_fields(
    request: Request,
    do: Callable[[Request, Mapping[str, str]], Response],
    ways: Sequence[tuple[str, str]] = (),
) -> Response:
    """What is done with the fields of a small form that was sent; `ways` as for `told`."""
    from fastapi.concurrency import run_in_threadpool

    try:
        values = await sent_fields(request)
    except BrokenFormError:
        return told(request, "form_broken", 400, ways)
    return await run_in_threadpool(do, request, values)
