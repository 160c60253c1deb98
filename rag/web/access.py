"""Who may use a served chat and for what: asking, or managing documents too.

A token proves it, as a header or, in a browser, by signing in once. Requests that pages of other
sites send, and names that are not the server's, are refused (rag/web/origins.py tells them). It
keeps no accounts.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import json
import secrets
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from typing import Any, Literal, Protocol
from urllib.parse import parse_qs

from index.library.audit import acting
from rag.schema import Language
from rag.web.origins import (
    HostName,
    grant,
    granted,
    is_address,
    is_elsewhere,
    split_authority,
)
from rag.web.proxied import FOR_PROGRAMS, own_path
from rag.web.rates import WrongTokens
from rag.web.sign_in import SIGN_IN, sign_in_html
from rag.web.texts import LANGUAGE_COOKIE, LANGUAGES, say, visitors_language

Role = Literal["ask", "manage"]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

COOKIE = "tiaowen_access"
OPEN_PATHS = frozenset({"/health", "/favicon.ico"})
READING = frozenset({"GET", "HEAD", "OPTIONS"})
# What may be read by everybody and changed by who manages, and what is for who manages alone.
MANAGED = ("/library", "/register", "/v1/documents")
RESERVED = ("/feedback", "/metrics")
LONGEST_FORM = 4096
# Sessions that stay signed in while their address must wait.
MOST_SESSIONS = 10_000


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach the address."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@dataclass(frozen=True)
class Access:
    """The tokens of a server and the names that it is reached under.

    A manager's token allows all that the other allows. Without any token everybody on this machine
    may do everything; where there is one, nobody manages without the manager's. `allow_hosts` are
    names that the owner serves it under, `allow_origins` pages elsewhere that may send anything,
    `below` the path of a site that it is served below.
    """

    token: str = field(default="", repr=False)
    manager_token: str = field(default="", repr=False)
    host: str = "127.0.0.1"
    open_to_all: bool = False
    allow_hosts: tuple[HostName, ...] = ()
    allow_origins: frozenset[str] = frozenset()
    below: str = ""

    @property
    def tokens(self) -> tuple[tuple[Role, bytes], ...]:
        """The tokens that are set, with what they allow; that which allows most first."""
        given: tuple[tuple[Role, str], ...] = ("manage", self.manager_token), ("ask", self.token)
        return tuple((role, token.encode()) for role, token in given if token)

    def without_token(self, name: str) -> Role | None:
        """What may be done without any token by who asked for the server by this name.

        Who came by another name than this machine's own is somewhere else: such names are given
        for reverse proxies.
        """
        here = is_loopback(self.host)
        if here and not self.tokens:
            return "ask" if any(one.is_named_by(name) for one in self.allow_hosts) else "manage"
        return "ask" if not self.token and (here or self.open_to_all) else None

    def answers_to(self, name: str) -> bool:
        """Whether a request's Host header names this server.

        A page elsewhere can have its own name lead to this machine. Unless the owner has given
        names, those of an address that other machines reach are not known here.
        """
        bare, _ = split_authority(name)
        if any(one.is_named_by(name) for one in self.allow_hosts):
            return True
        if bare in {"localhost", "127.0.0.1", "[::1]", self.host.lower(), f"[{self.host}]"}:
            return True
        return not is_loopback(self.host) and (not self.allow_hosts or is_address(bare))


class _Requested(Protocol):
    @property
    def scope(self) -> MutableMapping[str, Any]: ...


def role_of(request: _Requested) -> Role:
    """What the sender of a request may do, as the guard found."""
    role: Role = request.scope["state"]["role"]
    return role


def client_of(request: _Requested) -> str:
    """Who sent a request, for sharing out the assistant: a signed-in browser, or an address."""
    return str(request.scope["state"]["client"])


class Guard:
    """ASGI middleware that lets through who may do what the request asks for.

    It leaves role and client in the request's state, for `role_of` and `client_of`. An address
    that has tried many wrong tokens, in whatever way, must wait: no token of it is looked at
    meanwhile. Browsers that have been let in before stay so.
    """

    def __init__(
        self,
        app: Callable[..., Awaitable[None]],
        access: Access,
        clock: Callable[[], float] = time.monotonic,
        refused: Callable[[str], None] = lambda why: None,
    ) -> None:
        """Wrap an ASGI application; `clock` gives seconds. No token is ever written anywhere.

        `refused` is told of each refusal by the key of the sentence that is said.
        """
        self._app = app
        self._access = access
        self._refused = refused
        self._wrong = WrongTokens(clock)
        # Counted apart: browsers that hold cookies of an earlier token keep nobody from signing in.
        self._wrong_cookies = WrongTokens(clock)
        # The cookies that were found right; they can be told from guesses.
        self._known: OrderedDict[str, Role] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or refuse it with one sentence."""
        kind = scope["type"]
        path, method = own_path(scope) if kind != "lifespan" else "", scope.get("method", "")
        if kind == "lifespan" or (kind == "http" and path in OPEN_PATHS and method != "OPTIONS"):
            await self._app(scope, receive, send)
            return
        headers = {name.decode("latin-1"): value for name, value in scope["headers"]}
        # First of all: a page elsewhere must not use up the tries of this machine.
        name = headers.get("host", b"").decode("latin-1")
        # The name that a proxy was asked for, and that which it asked for itself.
        names = (name, scope.get("state", {}).get("asked_host", name))
        if not all(map(self._access.answers_to, names)):
            await self._refuse(scope, headers, send, 421, "unknown_host")
            return
        first = path.strip("/").partition("/")[0]
        if first in FOR_PROGRAMS:
            origin = self._granted(headers, name)
            if method == "OPTIONS" and "access-control-request-method" in headers:
                if origin:
                    await _send(send, 204, b"", "text/plain", grant(origin, headers))
                else:
                    await self._refuse(scope, headers, send, 403, "sent_from_elsewhere")
                return
            send = _granting(send, origin) if origin else send
        await self._let_in(scope, headers, name, receive, send)

    async def _let_in(
        self,
        scope: Scope,
        headers: dict[str, bytes],
        name: str,
        receive: Receive,
        send: Send,
    ) -> None:
        """Serve a request that was sent to a name of this server."""
        kind, method, path = scope["type"], scope.get("method", ""), own_path(scope)
        address = str((scope.get("client") or ("",))[0])
        wait = self._wrong.wait(address) if "authorization" in headers else 0
        bearer = self._bearer(headers, address)
        session, signed_in = self._signed_in(headers, address)
        role = bearer or signed_in or self._access.without_token(name)
        managed = _needs_manager(method, path)
        if method not in READING and not bearer and self._is_elsewhere(headers):
            await self._refuse(scope, headers, send, 403, "sent_from_elsewhere")
        elif kind == "http" and path == SIGN_IN and self._access.tokens and method == "POST":
            await self._sign_in(scope, headers, receive, send)
        elif kind == "http" and path == SIGN_IN and self._access.tokens and method == "GET":
            await self._page(scope, headers, send, 200, asked=_asked_language(scope))
        elif wait and (role is None or (managed and role != "manage")):
            await self._refuse(scope, headers, send, 429, "sign_in_wait", wait)
        elif role is None:
            await self._refuse(scope, headers, send, 401, "token_needed")
        elif managed and role != "manage":
            told = "manager_needed" if self._access.manager_token else "manager_nobody"
            await self._refuse(scope, headers, send, 403, told)
        else:
            state = {**scope.get("state", {}), "role": role, "client": session or address}
            with acting(address=address, session=session, by="token" if bearer else ""):
                await self._app({**scope, "state": state}, receive, send)

    def _granted(self, headers: dict[str, bytes], name: str) -> str:
        needs_token = self._access.without_token(name) is None
        return granted(headers, self._access.allow_origins, needs_token)

    def _is_elsewhere(self, headers: dict[str, bytes]) -> bool:
        access = self._access
        with_token = bool(_token_of(headers))
        return is_elsewhere(headers, access.allow_hosts, access.allow_origins, with_token)

    def _bearer(self, headers: dict[str, bytes], address: str) -> Role | None:
        given = _token_of(headers)
        return None if given is None else self._role_by(given, address)

    def _role_by(self, given: bytes, address: str) -> Role | None:
        """What a token allows; one that is wrong is counted, none is looked at too soon."""
        if not self._access.tokens or self._wrong.wait(address):
            return None
        for role, token in self._access.tokens:
            if hmac.compare_digest(given, token):
                return role
        self._wrong.note(address, given)
        return None

    def _signed_in(self, headers: dict[str, bytes], address: str) -> tuple[str, Role | None]:
        """The session of a browser and its role; none if it has not signed in."""
        try:
            cookies = SimpleCookie(headers.get("cookie", b"").decode("latin-1"))
        except CookieError:
            return "", None
        given = cookies[COOKIE].value if COOKIE in cookies else ""
        session, _, proof = given.partition(".")
        if given in self._known:
            self._known.move_to_end(given)
            return session, self._known[given]
        if not session or not self._access.tokens or self._wrong_cookies.wait(address):
            return "", None
        for role, token in self._access.tokens:
            if hmac.compare_digest(proof.encode(), _proof(token, session).encode()):
                self._know(given, role)
                return session, role
        # A cookie can be made from a guessed token: it is a guess as any other.
        self._wrong_cookies.note(address, given.encode())
        return "", None

    def _know(self, cookie: str, role: Role) -> None:
        self._known[cookie] = role
        while len(self._known) > MOST_SESSIONS:
            self._known.popitem(last=False)

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
        if wait := self._wrong.wait(address):
            await self._page(scope, headers, send, 429, "sign_in_wait", wait)
            return
        form = parse_qs(bytes(body[:LONGEST_FORM]).decode("utf-8", "replace"))
        given = form.get("token", [""])[0].strip().encode()
        role = self._role_by(given, address)
        if role is None:
            await self._page(scope, headers, send, 403, "sign_in_wrong")
            return
        session = secrets.token_hex(8)
        proved = f"{session}.{_proof(given, session)}"
        self._know(proved, role)
        cookie = f"{COOKIE}={proved}; Path=/; HttpOnly; SameSite=Lax"
        own = [(b"location", b"/"), (b"set-cookie", cookie.encode())]
        await _send(send, 303, b"", "text/plain", own)

    async def _refuse(
        self,
        scope: Scope,
        headers: dict[str, bytes],
        send: Send,
        status: int,
        key: str,
        wait: int = 0,
    ) -> None:
        """One sentence: as a page for a browser, as JSON for a program."""
        self._refused(key)
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 4000 + status})
        elif b"text/html" in headers.get("accept", b""):
            # Who has no token at all is only asked for one.
            told = "" if key == "token_needed" else key
            await self._page(scope, headers, send, status, told, wait)
        else:
            errors = {401: "authentication_error", 429: "rate_limit_error"}
            error = errors.get(status, "permission_error")
            body = {"error": {"message": say("en", key), "type": error, "code": None}}
            more = [(b"www-authenticate", b"Bearer")] if status == 401 else _retry_after(wait)
            await _send(send, status, json.dumps(body).encode(), "application/json", more)

    async def _page(
        self,
        scope: Scope,
        headers: dict[str, bytes],
        send: Send,
        status: int,
        problem: str = "",
        wait: int = 0,
        asked: Language | None = None,
    ) -> None:
        cookies, accepted = (
            headers.get(name, b"").decode("latin-1") for name in ("cookie", "accept-language")
        )
        language = asked or visitors_language(cookies, accepted)
        html = sign_in_html(language, problem, scope.get("root_path", ""))
        chosen = f"{LANGUAGE_COOKIE}={asked}; Path=/; SameSite=Lax; Max-Age=31536000"
        more = [(b"set-cookie", chosen.encode())] if asked else []
        more += _retry_after(wait)
        await _send(send, status, html.encode(), "text/html; charset=utf-8", more)


def _asked_language(scope: Scope) -> Language | None:
    """The language that the page of signing in is asked for by `?lang=`."""
    given = parse_qs(scope.get("query_string", b"").decode("latin-1")).get("lang", [""])[0]
    return next((language for language in LANGUAGES if language == given), None)


def _proof(token: bytes, session: str) -> str:
    """What a signed-in browser holds: it proves the token without being it."""
    return hmac.new(token, f"tiaowen browser {session}".encode(), hashlib.sha256).hexdigest()


def _retry_after(wait: int) -> list[tuple[bytes, bytes]]:
    return [(b"retry-after", str(wait).encode())] if wait else []


def _needs_manager(method: str, path: str) -> bool:
    def below(roots: tuple[str, ...]) -> bool:
        return any(path == root or path.startswith(f"{root}/") for root in roots)

    return below(RESERVED) or (method not in READING and below(MANAGED))


def _token_of(headers: dict[str, bytes]) -> bytes | None:
    """The token that a program sends, right or wrong."""
    scheme, _, given = headers.get("authorization", b"").partition(b" ")
    return given.strip() if scheme.lower() == b"bearer" else None


def _granting(send: Send, origin: str) -> Send:
    """Sends replies that scripts of an origin may read."""

    async def sending(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message["headers"], *grant(origin)]}
        await send(message)

    return sending


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
