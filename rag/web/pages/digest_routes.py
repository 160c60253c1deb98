"""The address of the digest. What is on it is made in digest.py."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from rag.web.assistants import Collected
from rag.web.pages.digest import digest_html
from rag.web.pages.frame import asked_collection, page_language
from rag.web.pages.replies import add_routes, page_reply
from rag.web.texts import say

if TYPE_CHECKING:
    from fastapi import FastAPI, Request, Response


def add_digest(server: FastAPI, collected: Collected) -> None:
    """Add the digest to a server, before anything that takes every address."""
    add_routes(server, [("GET", "/digest", _Digest(collected).show)])


@dataclass(frozen=True, eq=False)
class _Digest:
    """The digest of these collections."""

    collected: Collected

    def show(self, request: Request) -> Response:
        """The digest of the collection that is asked for."""
        language = page_language(request)
        served = self.collected.get(asked_collection(request))
        held = served.library.held() if served.library else ()
        added = {one.id: one.added_at for one in held}
        inner = digest_html(served.assistant.index, added, language, date.today())
        title = say(language, "navigation_digest")
        return page_reply(request, title, inner, current="/digest", collection=served.key)
