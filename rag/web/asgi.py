"""Requests and replies where no framework is: headers, cookies, small forms, whole replies.

What may be done is decided in rag/web/guard.py; nothing here refuses anything.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qs, quote

from rag.web.origins import grant

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

LONGEST_FORM = 4096
# Of an address to go on to, as a header has it; it is kept in a cookie meanwhile.
LONGEST_ADDRESS = 1500


def headers_of(scope: Scope) -> dict[str, bytes]:
    """The headers by their names in small letters, the last of each name."""
    return {name.decode("latin-1"): value for name, value in scope["headers"]}


def text_of(headers: Mapping[str, bytes], name: str) -> str:
    """A header as text; '' if it is missing."""
    return headers.get(name, b"").decode("latin-1")


def cookies_of(headers: Mapping[str, bytes]) -> dict[str, str]:
    """The cookies of a request; none where they cannot be read."""
    try:
        cookies = SimpleCookie(text_of(headers, "cookie"))
    except CookieError:
        return {}
    return {name: one.value for name, one in cookies.items()}


def token_of(headers: Mapping[str, bytes]) -> bytes | None:
    """The token that a program sends, right or wrong."""
    scheme, _, given = headers.get("authorization", b"").partition(b" ")
    return given.strip() if scheme.lower() == b"bearer" else None


def queried(scope: Scope, name: str) -> str:
    """The first value of a field in an address's query; '' if there is none."""
    query: str = scope.get("query_string", b"").decode("latin-1")
    try:
        return parse_qs(query).get(name, [""])[0]
    except ValueError:
        return ""


async def form_of(receive: Receive) -> dict[str, str]:
    """The fields of a small form that was sent; what is longer is cut off."""
    body = bytearray()
    more = True
    while more and len(body) <= LONGEST_FORM:
        message = await receive()
        body += message.get("body", b"")
        more = bool(message.get("more_body"))
    fields = parse_qs(bytes(body[:LONGEST_FORM]).decode("utf-8", "replace"))
    return {name: values[0] for name, values in fields.items()}


def cookie(
    scope: Scope, name: str, value: str, below: str = "/", seconds: int | None = None
) -> tuple[bytes, bytes]:
    """The header that sets a cookie which no script reads and no other site's form sends.

    `below` is the path within the chat that it is for. It lasts as long as the browser runs, or
    for so many seconds; with 0 it is taken away.
    """
    # What is for everything is put below the root with the rest of the reply.
    path = below if below == "/" else root_in(scope) + below
    told = f"{name}={value}; Path={path}; HttpOnly; SameSite=Lax"
    if scope.get("scheme") == "https":
        told += "; Secure"
    return b"set-cookie", (told if seconds is None else f"{told}; Max-Age={seconds}").encode()


def root_in(scope: Scope) -> str:
    """The path that the chat is served below, as addresses have it."""
    return quote(scope.get("root_path", ""), safe="/")


def within(given: str) -> str:
    """An address within the chat to go on to; '/' instead of what leads, or may lead, elsewhere."""
    path = given.partition("?")[0]
    odd = any(char <= " " or char in "\\\x7f" for char in given)
    if odd or not given.startswith("/") or given.startswith("//"):
        return "/"
    to = _in_header(given[: LONGEST_ADDRESS + 1])
    own = path.startswith(("/sign-in", "/sign-out"))
    return "/" if own or len(to) > LONGEST_ADDRESS else to


def sought(scope: Scope, path: str) -> str:
    """The address within the chat that a browser asked a page of; '/' for anything else."""
    if scope.get("method") not in ("GET", "HEAD"):
        return "/"
    query = scope.get("query_string", b"").decode("latin-1")
    return within(quote(path, safe="/") + (f"?{query}" if query else ""))


def _in_header(address: str) -> str:
    return quote(address, safe="/?&=%:;,@+$!*'()~#-._[]")


def granting(send: Send, origin: str) -> Send:
    """Sends replies that scripts of an origin may read."""

    async def sending(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message["headers"], *grant(origin)]}
        await send(message)

    return sending


async def send_whole(
    send: Send, status: int, body: bytes, kind: str, more: Headers | None = None
) -> None:
    """A whole reply, which nothing on the way keeps."""
    headers = [
        (b"content-type", kind.encode()),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
        *(more or []),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def retry_after(wait: int) -> Headers:
    """The header that says in how many seconds one may come again; none for 0."""
    return [(b"retry-after", str(wait).encode())] if wait else []
