"""The address of the digest. What is on it is made in digest.py."""

# No postponed annotations: FastAPI reads the types off the handlers.

from datetime import date
from typing import TYPE_CHECKING

from rag.web.assistants import Collected
from rag.web.pages.digest import digest_html
from rag.web.pages.frame import (
    asked_collection,
    page_address,
    page_language,
    page_response,
    shell,
)
from rag.web.texts import say

if TYPE_CHECKING:
    from fastapi import FastAPI


def add_digest(server: "FastAPI", collected: Collected) -> None:
    """Add the digest to a server, before anything that takes every address."""
    from fastapi import Request, Response

    def digest(request: Request) -> Response:
        language = page_language(request)
        served = collected.get(asked_collection(request))
        held = served.library.held() if served.library else ()
        added = {one.id: one.added_at for one in held}
        inner = digest_html(served.assistant.index, added, language, date.today())
        html = shell(
            language,
            say(language, "navigation_digest"),
            inner,
            current="/digest",
            address=page_address(request),
            collection=served.key,
        )
        return page_response(request, html)

    server.get("/digest", response_model=None)(digest)
