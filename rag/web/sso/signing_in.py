"""Visitors who sign in at a provider: sent there, taken back, known by a cookie, and sent off.

What the guard asks for the addresses of signing in (rag/web/guard.py), which also decides what
who is signed in may do. What the provider says is checked in rag/web/sso/provider.py.
"""

from __future__ import annotations

import hmac
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from hashlib import sha256

from index.errors import Fault
from rag.errors import SignOnFault
from rag.web.asgi import Headers, Scope, cookie, cookies_of, queried, root_in, text_of, within
from rag.web.sign_in import SIGN_IN, SIGN_OUT
from rag.web.signed import EndedError, Signed
from rag.web.sso.provider import Account, Begun, Provider
from rag.web.sso.settings import SignOnSettings

BEGIN, BACK = f"{SIGN_IN}/sso", f"{SIGN_IN}/back"
COOKIE = "tiaowen_person"
# What a sign-in under way is kept in, by the beginning of its state: several may be, in tabs.
BEGUN_COOKIE = "tiaowen_begun_"
# What the provider takes leave by; it is sent to one address alone.
LEAVE_COOKIE = "tiaowen_leave"
# Seconds in which somebody has to sign in at the provider.
PATIENCE = 900
# With the others it must fit the 4 KB that nginx takes for the head of a reply.
LONGEST_COOKIE = 2800


@dataclass(frozen=True)
class Person:
    """Somebody signed in: the provider's id of them, what they are called, which groups count."""

    subject: str
    account: str
    name: str
    groups: tuple[str, ...]
    session: str

    @property
    def client(self) -> str:
        """Who they are where the assistant is shared out: the same at each of their browsers."""
        return f"person-{sha256(self.subject.encode()).hexdigest()[:16]}"


@dataclass(frozen=True)
class Reply:
    """What a browser is told: to go on to an address within the chat or elsewhere, or a fault.

    `refused`: the provider was asked about the code that the browser brought, and took it not.
    """

    to: str = ""
    headers: tuple[tuple[bytes, bytes], ...] = ()
    fault: Fault | None = None
    status: int = 303
    refused: bool = False


class SignOn:
    """Signing in at one provider. It keeps nothing of anybody: their browsers do."""

    def __init__(
        self,
        settings: SignOnSettings,
        secret: bytes,
        provider: Provider | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`secret` signs what browsers keep; `clock` is Unix time. Raises SignOnFault."""
        self.settings = settings
        self._provider = provider or Provider(settings, clock)
        self._sessions = Signed(secret, "session")
        self._begun = Signed(secret, "sign-in")
        self._clock = clock

    def person(self, headers: Mapping[str, bytes]) -> Person | None:
        """Who sends a request, as their cookie proves. Raises EndedError once it is too old."""
        given = cookies_of(headers).get(COOKIE)
        row = self._sessions.read(given, self._clock()) if given else None
        if row is None:
            return None
        try:
            return Person(**{**row, "groups": tuple(row["groups"])})
        except (KeyError, TypeError):  # of another version
            return None

    async def begin(self, scope: Scope, headers: Mapping[str, bytes]) -> Reply:
        """Send a browser to the provider."""
        begun = Begun.anew(within(queried(scope, "to")))
        try:
            to = await self._provider.address(begun, self._own(scope, headers, BACK))
        except SignOnFault as fault:
            return _failed(fault)
        kept = self._begun.write(asdict(begun), self._clock() + PATIENCE)
        name = BEGUN_COOKIE + begun.state[:8]
        return Reply(to, (cookie(scope, name, kept, SIGN_IN, PATIENCE),))

    async def back(self, scope: Scope, headers: Mapping[str, bytes]) -> Reply:
        """Take a browser back that has been at the provider."""
        state = queried(scope, "state")
        name = BEGUN_COOKIE + state[:8]
        begun = self._begun_as(state, cookies_of(headers).get(name, ""))
        if begun is None:
            return Reply(fault=SignOnFault("sso-again"), status=400)
        taken = [cookie(scope, name, "", SIGN_IN, 0)]
        try:
            if queried(scope, "iss") not in ("", self.settings.issuer):
                raise SignOnFault("sso-refused")
            if queried(scope, "error"):
                raise SignOnFault("sso-given-up")
        except SignOnFault as fault:
            return _failed(fault, taken)
        code, back = queried(scope, "code"), self._own(scope, headers, BACK)
        try:
            account = await self._provider.account(begun, code, back)
        except SignOnFault as fault:
            return replace(_failed(fault, taken), refused=fault.notice.key == "sso-refused")
        return Reply(begun.to, (*taken, *self._signed_in(scope, account)))

    async def leave(self, scope: Scope, headers: Mapping[str, bytes]) -> Reply:
        """Sign a browser out here; `to` is where it is to be signed out at the provider."""
        own = cookies_of(headers)
        gone = (cookie(scope, COOKIE, "", "/", 0), cookie(scope, LEAVE_COOKIE, "", SIGN_OUT, 0))
        if COOKIE not in own and LEAVE_COOKIE not in own:
            return Reply("", gone)
        try:
            back = self._own(scope, headers, SIGN_IN)
            to = await self._provider.farewell(own.get(LEAVE_COOKIE, ""), back)
        except SignOnFault:
            return Reply("", gone, SignOnFault("sso-left-here", name=self.settings.shown))
        return Reply(to, gone)

    def _begun_as(self, state: str, kept: str) -> Begun | None:
        """The sign-in that a browser has begun, if it is that of this state."""
        try:
            row = self._begun.read(kept, self._clock()) if state and kept else None
            begun = Begun(**row) if row else None
        except (EndedError, TypeError):
            return None
        if begun is None or not hmac.compare_digest(begun.state.encode(), state.encode()):
            return None
        return begun

    def _signed_in(self, scope: Scope, account: Account) -> Headers:
        """The cookies of a browser that has signed in."""
        settings = self.settings
        person = Person(
            subject=account.subject,
            account=account.account[:100],
            name=account.name[:100],
            # All others mean nothing here, and there may be hundreds.
            groups=tuple(sorted(settings.named & set(account.groups))),
            session=secrets.token_hex(8),
        )
        until = self._clock() + settings.hours * 3600
        kept = [cookie(scope, COOKIE, self._sessions.write(asdict(person), until))]
        # Without it the provider may ask whether one really wants to sign out.
        fits = len(account.id_token) <= LONGEST_COOKIE
        token = account.id_token if fits else ""
        return [*kept, cookie(scope, LEAVE_COOKIE, token, SIGN_OUT, None if fits else 0)]

    def _own(self, scope: Scope, headers: Mapping[str, bytes], path: str) -> str:
        """The whole address of a path of the chat, as the visitor's browser sees it."""
        if self.settings.address:
            return self.settings.address.rstrip("/") + path
        scheme, host = scope.get("scheme", "http"), text_of(headers, "host")
        return f"{scheme}://{host}{root_in(scope)}{path}"


def _failed(fault: SignOnFault, headers: Headers | None = None) -> Reply:
    away = getattr(fault.notice, "key", "") == "sso-away"
    return Reply("", tuple(headers or ()), fault, 503 if away else 403)
