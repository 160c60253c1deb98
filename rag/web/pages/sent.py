"""What a form of our pages sends: read up to a limit, its files on disk.

Nothing is done with it here; that is in rag/web/pages/managing_routes.py and collections.py.
"""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import TYPE_CHECKING, Any

from rag.web.pages.adding import MOST_BYTES

if TYPE_CHECKING:
    from fastapi import Request
    from starlette.datastructures import FormData

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


async def sent_fields(request: Request) -> dict[str, str]:
    """The fields of a small form. Raises BrokenFormError for what is none, and for a large one."""
    try:
        form = await sent_form(request, MOST_FORM_BYTES)
    except TooMuchError as fault:
        raise BrokenFormError from fault
    values = {name: value for name, value in form.items() if isinstance(value, str)}
    await form.close()
    return values


async def sent_form(request: Request, most: int) -> FormData:
    """The form of a request of at most so many bytes; its files lie on disk, not in memory.

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
            max_files=MOST_PARTS, max_fields=MOST_FIELDS, max_part_size=MOST_FORM_BYTES
        )
    except (MultiPartException, ClientDisconnect, UnicodeDecodeError) as fault:
        raise BrokenFormError from fault
