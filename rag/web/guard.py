"""Lets a request through to the chat, or tells why not; here one signs in and out.

A token proves what may be done (rag/web/access.py), as a header or, in a browser, by signing in
once; or a provider of accounts does (rag/web/sso). Requests that pages of other sites send, and
names that are not the server's, are refused (rag/web/origins.py tells them).
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from index.library.audit import acting
from rag.schema import Language
from rag.web.access import OPEN_PATHS, READING, Access, Role, needs_manager
from rag.web.asgi import (
    Headers,
    Receive,
    Scope,
    Send,
    cookie,
    cookies_of,
    form_of,
    granting,
    headers_of,
    queried,
    retry_after,
    send_whole,
    sought,
    text_of,
    token_of,
    within,
)
from rag.web.messages import sentence_in
from rag.web.origins import grant, granted, is_elsewhere
from rag.web.proxied import FOR_PROGRAMS, own_path
from rag.web.rates import Tried, WrongTokens
from rag.web.sign_in import SIGN_IN, SIGN_OUT, Told, sign_in_html
from rag.web.signed import EndedError
from rag.web.sso.signing_in import BACK, BEGIN, Person, Reply, SignOn
from rag.web.texts import LANGUAGE_COOKIE, LANGUAGES, say, visitors_language
from rag.web.visitor import Visitor, visiting

COOKIE = "tiaowen_access"
# Sessions that stay signed in while their address must wait.
MOST_SESSIONS = 10_000
# Where one signs in and out, and how these are asked for.
_DOORS = frozenset(
    {("GET", SIGN_IN), ("POST", SIGN_IN), ("GET", BEGIN), ("GET", BACK), ("POST", SIGN_OUT)}
)


@dataclass(frozen=True)
class _Who:
    """The sender of a request: what they may do, and by what that is known."""

    role: Role | None
    address: str
    by_token: bool
    session: str = ""
    person: Person | None = None
    ended: bool = False

    @property
    def client(self) -> str:
        return self.person.client if self.person else self.session or self.address

    def visitor(self, sign_on: SignOn | None) -> Visitor:
        """The same for the pages."""
        person, signed_in = self.person, bool(self.person or self.session)
        name = person.name if person else ""
        if self.role == "manage":
            return Visitor(name, signed_in, None)
        reads = sign_on.settings.readable(person.groups) if sign_on and person else frozenset()
        return Visitor(name, signed_in, reads)


class Guard:
    """ASGI middleware that lets through who may do what the request asks for.

    It leaves role, client and visitor in the request's state, for `role_of` and its like. An
    address that has tried many wrong tokens, in whatever way, must wait: no token of it is looked
    at meanwhile. Browsers that have been let in before stay so.
    """

    def __init__(
        self,
        app: Callable[..., Awaitable[None]],
        access: Access,
        clock: Callable[[], float] = time.monotonic,
        refused: Callable[[str], None] = lambda why: None,
        tried: Callable[[str], Tried] | None = None,
    ) -> None:
        """Wrap an ASGI application; `clock` gives seconds. No token is ever written anywhere.

        `refused` is told of each refusal by the key of the sentence that is said. `tried` makes
        what wrong tokens, or wrong cookies, are counted in; by default in this server's memory.
        """
        self._app = app
        self._access = access
        self._refused = refused
        counted = tried or (lambda kind: WrongTokens(clock))
        self._wrong = counted("tokens")
        # Counted apart: browsers that hold cookies of an earlier token keep nobody from signing in.
        self._wrong_cookies = counted("cookies")
        # And these: no page elsewhere can use up the tries of a token by sending browsers here.
        self._wrong_codes = counted("codes")
        # The cookies that were found right; they can be told from guesses.
        self._known: OrderedDict[str, Role] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or refuse it with one sentence."""
        kind = scope["type"]
        path, method = own_path(scope) if kind != "lifespan" else "", scope.get("method", "")
        if kind == "lifespan" or (kind == "http" and path in OPEN_PATHS and method != "OPTIONS"):
            await self._app(scope, receive, send)
            return
        headers = headers_of(scope)
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
                    await send_whole(send, 204, b"", "text/plain", grant(origin, headers))
                else:
                    await self._refuse(scope, headers, send, 403, "sent_from_elsewhere")
                return
            send = granting(send, origin) if origin else send
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
        who = self._who(headers, address, name)
        managed = needs_manager(method, path)
        if method not in READING and not who.by_token and self._is_elsewhere(headers):
            await self._refuse(scope, headers, send, 403, "sent_from_elsewhere")
        elif kind == "http" and (method, path) in _DOORS and self._has_door(path):
            await self._at_door(scope, headers, receive, send, who)
        elif wait and (who.role is None or (managed and who.role != "manage")):
            await self._refuse(scope, headers, send, 429, "sign_in_wait", wait)
        elif who.role is None and who.person:
            await self._refuse(scope, headers, send, 403, "sign_in_no_group", who=who)
        elif who.role is None:
            told = "sign_in_ended" if who.ended else "token_needed"
            await self._refuse(scope, headers, send, 401, told)
        elif managed and who.role != "manage":
            await self._refuse(scope, headers, send, 403, self._manager_told(), who=who)
        else:
            visitor = who.visitor(self._access.sign_on)
            state = {"role": who.role, "client": who.client, "visitor": visitor}
            state = {**scope.get("state", {}), **state}
            with acting(**_acting(who)), visiting(visitor):
                await self._app({**scope, "state": state}, receive, send)

    def _has_door(self, path: str) -> bool:
        """Whether one can sign in, or out, at this path."""
        access = self._access
        return access.sign_on is not None or (bool(access.tokens) and path not in (BEGIN, BACK))

    def _manager_told(self) -> str:
        """What is said to who may ask but not manage."""
        if self._access.sign_on:
            return "manager_group"
        return "manager_needed" if self._access.manager_token else "manager_nobody"

    def _who(self, headers: dict[str, bytes], address: str, name: str) -> _Who:
        """Who sends a request, by whatever allows them most."""
        bearer, person, ended = self._bearer(headers, address), None, False
        session, signed_in = self._signed_in(headers, address)
        named: Role | None = None
        if sign_on := self._access.sign_on:
            try:
                person = sign_on.person(headers)
            except EndedError:
                ended = True
            named = sign_on.settings.role_of(person.groups) if person else None
        roles = [one for one in (bearer, signed_in, named) if one]
        role = max(roles, key=("ask", "manage").index) if roles else None
        without = self._access.without_token(name)
        return _Who(role or without, address, bool(bearer), session, person, ended)

    def _granted(self, headers: dict[str, bytes], name: str) -> str:
        needs_token = self._access.without_token(name) is None
        return granted(headers, self._access.allow_origins, needs_token)

    def _is_elsewhere(self, headers: dict[str, bytes]) -> bool:
        access = self._access
        with_token = bool(token_of(headers))
        return is_elsewhere(headers, access.allow_hosts, access.allow_origins, with_token)

    def _bearer(self, headers: dict[str, bytes], address: str) -> Role | None:
        given = token_of(headers)
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
        given = cookies_of(headers).get(COOKIE, "")
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

    async def _at_door(
        self, scope: Scope, headers: dict[str, bytes], receive: Receive, send: Send, who: _Who
    ) -> None:
        """Serve an address of signing in and out."""
        path, sign_on = own_path(scope), self._access.sign_on
        if sign_on and sign_on.settings.address.startswith("https:"):
            # As browsers see it, whatever a proxy says: what is set here must be sent by no other.
            scope = {**scope, "scheme": "https"}
        if path == SIGN_IN and scope["method"] == "POST":
            await self._sign_in(scope, headers, receive, send, who)
        elif path == SIGN_IN:
            told = Told(to=within(queried(scope, "to")), left=bool(queried(scope, "left")))
            language = _asked_language(scope)
            await self._page(scope, headers, send, 200, _of(told, who), asked=language)
        elif path == SIGN_OUT:
            gone = [cookie(scope, COOKIE, "", "/", 0)]
            reply = await sign_on.leave(scope, headers) if sign_on else Reply()
            await self._replied(scope, headers, send, replace(reply, status=200), gone)
        elif sign_on and path == BEGIN:
            await self._replied(scope, headers, send, await sign_on.begin(scope, headers))
        elif sign_on and (wait := self._wrong_codes.wait(who.address)):
            await self._refuse(scope, headers, send, 429, "sign_in_wait", wait)
        elif sign_on:
            reply = await sign_on.back(scope, headers)
            if reply.refused:
                # A made-up code costs the provider a look at it.
                self._wrong_codes.note(who.address, queried(scope, "code").encode())
            await self._replied(scope, headers, send, reply)

    async def _replied(
        self,
        scope: Scope,
        headers: dict[str, bytes],
        send: Send,
        reply: Reply,
        more: Headers | None = None,
    ) -> None:
        """What signing in or out has come to."""
        told = [*(more or []), *reply.headers]
        if reply.status == 303:
            await send_whole(
                send, 303, b"", "text/plain", [(b"location", reply.to.encode()), *told]
            )
            return
        language = _language(headers)
        sentence = sentence_in(reply.fault.notice, language) if reply.fault else ""
        if reply.status != 200:
            self._refused("sign_in_failed")
        page = Told(sentence=sentence, onward=reply.to, left=reply.status == 200)
        await self._page(scope, headers, send, reply.status, page, told)

    async def _sign_in(
        self, scope: Scope, headers: dict[str, bytes], receive: Receive, send: Send, who: _Who
    ) -> None:
        form = await form_of(receive)
        to = within(form.get("to", "/"))
        if wait := self._wrong.wait(who.address):
            told = Told("sign_in_wait", to=to)
            await self._page(scope, headers, send, 429, told, retry_after(wait))
            return
        given = form.get("token", "").strip().encode()
        role = self._role_by(given, who.address)
        if role is None:
            await self._page(scope, headers, send, 403, _of(Told("sign_in_wrong", to=to), who))
            return
        session = secrets.token_hex(8)
        proved = f"{session}.{_proof(given, session)}"
        self._know(proved, role)
        own = [(b"location", to.encode()), cookie(scope, COOKIE, proved)]
        await send_whole(send, 303, b"", "text/plain", own)

    async def _refuse(
        self,
        scope: Scope,
        headers: dict[str, bytes],
        send: Send,
        status: int,
        key: str,
        wait: int = 0,
        who: _Who | None = None,
    ) -> None:
        """One sentence: as a page for a browser, as JSON for a program."""
        self._refused(key)
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 4000 + status})
        elif b"text/html" in headers.get("accept", b""):
            # Who has no token at all is only asked for one.
            told = Told("" if key == "token_needed" else key, to=sought(scope, own_path(scope)))
            await self._page(scope, headers, send, status, _of(told, who), retry_after(wait))
        else:
            errors = {401: "authentication_error", 429: "rate_limit_error"}
            error = errors.get(status, "permission_error")
            body = {"error": {"message": say("en", key), "type": error, "code": None}}
            more = [(b"www-authenticate", b"Bearer")] if status == 401 else retry_after(wait)
            await send_whole(send, status, json.dumps(body).encode(), "application/json", more)

    async def _page(
        self,
        scope: Scope,
        headers: dict[str, bytes],
        send: Send,
        status: int,
        told: Told,
        more: Headers | None = None,
        asked: Language | None = None,
    ) -> None:
        language = asked or _language(headers)
        html = sign_in_html(language, self._access.door, told, scope.get("root_path", ""))
        chosen = f"{LANGUAGE_COOKIE}={asked}; Path=/; SameSite=Lax; Max-Age=31536000"
        own = [(b"set-cookie", chosen.encode())] if asked else []
        kind = "text/html; charset=utf-8"
        await send_whole(send, status, html.encode(), kind, [*own, *(more or [])])


def _language(headers: dict[str, bytes]) -> Language:
    return visitors_language(text_of(headers, "cookie"), text_of(headers, "accept-language"))


def _asked_language(scope: Scope) -> Language | None:
    """The language that the page of signing in is asked for by `?lang=`."""
    given = queried(scope, "lang")
    return next((language for language in LANGUAGES if language == given), None)


def _of(told: Told, who: _Who | None) -> Told:
    """What is told, to somebody who may be signed in."""
    if who is None or not (who.person or who.session):
        return told
    return replace(told, name=who.person.name if who.person else "", signed_in=True)


def _acting(who: _Who) -> dict[str, str]:
    """Who makes the changes that a request asks for, as far as that is known."""
    known = {"address": who.address, "session": who.session, "by": "token" if who.by_token else ""}
    if who.person:
        known |= {"person": who.person.account, "subject": who.person.subject}
    return known


def _proof(token: bytes, session: str) -> str:
    """What a signed-in browser holds: it proves the token without being it."""
    return hmac.new(token, f"tiaowen browser {session}".encode(), hashlib.sha256).hexdigest()
