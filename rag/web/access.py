"""Who may use a served chat and for what: asking, or managing documents too.

What a server's owner has set, and what may be read and changed by whom. A request is looked at by
rag/web/guard.py. It keeps no accounts.
"""

from __future__ import annotations

import ipaddress
from collections.abc import MutableMapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from rag.web.origins import HostName, is_address, split_authority
from rag.web.sign_in import Door
from rag.web.sso.signing_in import BEGIN, SignOn
from rag.web.visitor import Visitor

Role = Literal["ask", "manage"]

OPEN_PATHS = frozenset({"/health", "/favicon.ico"})
READING = frozenset({"GET", "HEAD", "OPTIONS"})
# What may be read by everybody and changed by who manages, and what is for who manages alone.
MANAGED = ("/library", "/register", "/v1/documents")
RESERVED = ("/feedback", "/metrics", "/audit")


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
    `below` the path of a site that it is served below. Where people sign in at a provider, by
    `sign_on`, nobody may do anything without, or a token, unless it is `open_to_all`.
    """

    token: str = field(default="", repr=False)
    manager_token: str = field(default="", repr=False)
    host: str = "127.0.0.1"
    open_to_all: bool = False
    allow_hosts: tuple[HostName, ...] = ()
    allow_origins: frozenset[str] = frozenset()
    below: str = ""
    sign_on: SignOn | None = None

    @property
    def door(self) -> Door:
        """How one signs in."""
        provider = self.sign_on.settings.shown if self.sign_on else ""
        return Door(bool(self.tokens), provider, BEGIN if self.sign_on else "")

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
        if self.sign_on:
            return "ask" if self.open_to_all and not self.token else None
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


def visitor_of(request: _Requested) -> Visitor:
    """Who sent a request, where what is done for them is done elsewhere (rag/web/visitor.py)."""
    visitor: Visitor = request.scope["state"]["visitor"]
    return visitor


def needs_manager(method: str, path: str) -> bool:
    """Whether a request is for those alone who manage documents."""

    def below(roots: tuple[str, ...]) -> bool:
        return any(path == root or path.startswith(f"{root}/") for root in roots)

    return below(RESERVED) or (method not in READING and below(MANAGED))
