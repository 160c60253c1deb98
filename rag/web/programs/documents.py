"""The route on which programs bring a document in from an address: it waits to be confirmed.

Who may use it is decided in rag/web/access.py, what is fetched in index/library/sources.py.
"""

# No postponed annotations: FastAPI reads the types off the handlers.

from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from index.errors import CollectionFault, DocumentFault, IndexFault
from rag.web.assistants import Collected
from rag.web.texts import say

if TYPE_CHECKING:
    from fastapi import FastAPI


class Bring(BaseModel):
    """What is asked for: an address, and the collection that it is for."""

    model_config = ConfigDict(extra="forbid")

    address: str
    collection: str = ""


def add_bringing(server: "FastAPI", collected: Collected) -> None:
    """Add the route to a server, before any that takes every address."""
    from fastapi.responses import JSONResponse, Response

    def refused(status: int, told: str) -> Response:
        kinds = {400: "invalid_request_error", 404: "not_found_error"}
        error = {"message": told, "type": kinds.get(status, "server_error")}
        return JSONResponse({"error": error | {"param": None, "code": None}}, status)

    def bring(asked: Bring) -> Response:
        try:
            library = collected.get(asked.collection).library
            if library is None or collected.sources is None:
                return refused(400, say("en", "import_nowhere"))
            preview = collected.sources.bring(asked.address, library)
        except CollectionFault as fault:
            return refused(404, str(fault))
        except DocumentFault as fault:
            return refused(400, str(fault))
        except IndexFault as fault:
            return refused(503, str(fault))
        told = {**preview.told, "page": f"/library/previews/{preview.id}"}
        return JSONResponse(told)

    server.post("/v1/documents", response_model=None)(bring)
