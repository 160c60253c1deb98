"""The address of the digest. What is on it is made in digest.py."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from rag.web.assistants import Collected, Served
from rag.web.pages.digest import Added, ToDo, digest_html
from rag.web.pages.frame import asked_collection, may_manage, page_language
from rag.web.pages.replies import add_routes, page_reply
from rag.web.pages.unknown import UnknownError, check_fields, refused
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
        try:
            check_fields(request.query_params, ())
        except UnknownError as fault:
            return refused(request, fault, (("navigation_digest", "/digest"),))
        language = page_language(request)
        served = self.collected.get(asked_collection(request))
        held = served.library.held() if served.library else ()
        added = {one.id: Added(one.added_at, one.origin) for one in held}
        todo = self.todo(served) if may_manage(request) else None
        inner = digest_html(served.assistant.index, added, language, date.today(), todo)
        title = say(language, "navigation_digest")
        return page_reply(request, title, inner, current="/digest", collection=served.key)

    def todo(self, served: Served) -> ToDo:
        """What waits in a collection for whoever manages it."""
        sources = self.collected.sources
        folders = sources.told(served.key) if sources else ()
        waiting = len(served.library.previews()) if served.library else 0
        return ToDo(waiting, sum(len(one.refused) for one in folders))
