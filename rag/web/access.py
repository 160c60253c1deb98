"""Who may use a served chat: whoever has its token, as a header or, in a browser, by signing in.

The sign-in page is the only one served to others. It keeps no accounts.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, MutableMapping
from html import escape
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qs

from rag.web.present import say, visitors_language

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

COOKIE = "tiaowen_access"
SIGN_IN = "/sign-in"
OPEN_PATHS = frozenset({"/health", "/favicon.ico"})
LONGEST_FORM = 4096
# Wrong tokens from one address, in so many seconds, before it must wait.
MOST_WRONG, WITHIN = 10, 60.0
MOST_ADDRESSES = 10_000


class Guard:
    """ASGI middleware that lets through who has the token."""

    def __init__(self, app: Callable[..., Awaitable[None]], token: str) -> None:
        """Wrap an ASGI application. The token is never written anywhere."""
        self._app = app
        self._token = token.encode()
        # What the cookie holds proves the token without being it.
        self._proof = hmac.new(self._token, b"tiaowen browser", hashlib.sha256).hexdigest()
        self._wrong: OrderedDict[str, list[float]] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or ask for the token."""
        kind = scope["type"]
        if kind == "lifespan" or (kind == "http" and scope["path"] in OPEN_PATHS):
            await self._app(scope, receive, send)
            return
        headers = {name.decode("latin-1"): value for name, value in scope["headers"]}
        if kind == "http" and scope["path"] == SIGN_IN and scope["method"] == "POST":
            await self._sign_in(scope, headers, receive, send)
        elif self._knows(headers):
            await self._app(scope, receive, send)
        elif kind == "websocket":
            await send({"type": "websocket.close", "code": 4401})
        elif b"text/html" in headers.get("accept", b""):
            await self._page(headers, send, 401)
        else:
            message = "This server needs its token: Authorization: Bearer <token>."
            body = {"error": {"message": message, "type": "authentication_error", "code": None}}
            await _send(send, 401, json.dumps(body).encode(), "application/json")

    def _knows(self, headers: dict[str, bytes]) -> bool:
        scheme, _, given = headers.get("authorization", b"").partition(b" ")
        if scheme.lower() == b"bearer" and hmac.compare_digest(given.strip(), self._token):
            return True
        try:
            cookies = SimpleCookie(headers.get("cookie", b"").decode("latin-1"))
        except CookieError:
            return False
        return COOKIE in cookies and hmac.compare_digest(
            cookies[COOKIE].value.encode(), self._proof.encode()
        )

    async def _sign_in(
        self, scope: Scope, headers: dict[str, bytes], receive: Receive, send: Send
    ) -> None:
        body = bytearray()
        more = True
        while more and len(body) <= LONGEST_FORM:
            message = await receive()
            body += message.get("body", b"")
            more = bool(message.get("more_body"))
        address = str((scope.get("client") or ("",))[0])
        if self._must_wait(address):
            await self._page(headers, send, 429, "sign_in_wait")
            return
        given = parse_qs(bytes(body[:LONGEST_FORM]).decode("utf-8", "replace")).get("token", [""])
        if not hmac.compare_digest(given[0].strip().encode(), self._token):
            self._wrong.setdefault(address, []).append(time.monotonic())
            while len(self._wrong) > MOST_ADDRESSES:
                self._wrong.popitem(last=False)
            await self._page(headers, send, 403, "sign_in_wrong")
            return
        cookie = f"{COOKIE}={self._proof}; Path=/; HttpOnly; SameSite=Lax"
        own = [(b"location", b"/"), (b"set-cookie", cookie.encode())]
        await _send(send, 303, b"", "text/plain", own)

    def _must_wait(self, address: str) -> bool:
        since = time.monotonic() - WITHIN
        recent = [at for at in self._wrong.get(address, []) if at > since]
        if recent:
            self._wrong[address] = recent
        else:
            self._wrong.pop(address, None)
        return len(recent) >= MOST_WRONG

    async def _page(
        self, headers: dict[str, bytes], send: Send, status: int, problem: str = ""
    ) -> None:
        cookies, accepted = (
            headers.get(name, b"").decode("latin-1") for name in ("cookie", "accept-language")
        )
        language = visitors_language(cookies, accepted)
        said = {
            name: escape(say(language, name))
            for name in ("title", "sign_in", "sign_in_token", "sign_in_button")
        }
        told = f'<p role="alert">{escape(say(language, problem))}</p>' if problem else ""
        html = f"""<!doctype html><html lang="{"zh-Hans" if language == "zh" else "en"}">
<meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{said["title"]}</title><style>{_STYLE}</style>
<main><h1>{said["title"]}</h1><p>{said["sign_in"]}</p>{told}
<form method="post" action="{SIGN_IN}"><label for="token">{said["sign_in_token"]}</label>
<input id="token" name="token" type="password" autocomplete="current-password" required autofocus>
<button>{said["sign_in_button"]}</button></form></main></html>"""
        await _send(send, status, html.encode(), "text/html; charset=utf-8")


_STYLE = re.sub(
    r"\s+",
    " ",
    """
:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }
main { max-width: 24rem; margin: 15vh auto; padding: 0 1rem; }
h1 { font-size: 1.4rem; } form { display: grid; gap: .6rem; }
input, button { font: inherit; padding: .5rem .7rem; border: 1px solid #767676; }
button { background: #1f4e79; color: #fff; border: 0; }
""",
)


async def _send(
    send: Send,
    status: int,
    body: bytes,
    kind: str,
    more: list[tuple[bytes, bytes]] | None = None,
) -> None:
    headers = [
        (b"content-type", kind.encode()),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
        *(more or []),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
