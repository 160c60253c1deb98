"""Names that the owner serves the chat under, and who sends a request by what browsers tell.

A page of another site must not send anything here; programs that show web pages of their own
(desktop clients, extensions) may, with a token. Tokens are looked at in rag/web/guard.py.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from rag.errors import AddressFault

# What scripts of other origins may read of a reply, beside its body.
_SHOWN = b"mcp-session-id, retry-after, www-authenticate"
_HOST = re.compile(r"(?:\[[0-9a-f:.]+\]|[^\s\[\]/\\@:?#,;'\"<>]+)", re.IGNORECASE)


@dataclass(frozen=True)
class HostName:
    """A name of the server; `port` is '' where any will do."""

    name: str
    port: str = ""

    def is_named_by(self, authority: str) -> bool:
        """Whether a request's Host, or the authority of an origin, means this name."""
        name, port = split_authority(authority)
        return name == self.name and (not self.port or not port or port == self.port)


def split_authority(authority: str) -> tuple[str, str]:
    """Name and port of `name`, `name:port` or `[address]:port`; the name in small letters."""
    match = re.fullmatch(r"(.*?)(?::(\d*))?", authority.strip().lower())
    assert match is not None
    return match.group(1).removesuffix("."), match.group(2) or ""


def host_names(given: Iterable[str]) -> tuple[HostName, ...]:
    """The names of a server as its owner gives them. Raises AddressFault for what is none."""
    found = []
    for one in given:
        bare = re.sub(r"^[a-z][a-z+.-]*://", "", one.strip(), flags=re.IGNORECASE).rstrip("/")
        name, port = split_authority(bare)
        if re.fullmatch(r"[0-9a-f:.]*:[0-9a-f:.]*:[0-9a-f:.]*", bare, re.IGNORECASE):
            name, port = f"[{bare.lower()}]", ""  # an address with colons, without its brackets
        if not _HOST.fullmatch(name) or "*" in name:
            raise AddressFault("address-no-server", name=one)
        try:
            # As it stands in a request, where it has letters beyond ASCII.
            name = name.encode("idna").decode("ascii") if not name.isascii() else name
        except UnicodeError:
            raise AddressFault("address-letters", name=one) from None
        found.append(HostName(name, port))
    return tuple(found)


def origins(given: Iterable[str]) -> frozenset[str]:
    """Origins as browsers write them. Raises AddressFault for what is none."""
    found = set()
    for one in given:
        origin = one.strip().rstrip("/").lower()
        if origin.endswith(":"):  # file:// is written in full
            origin = f"{origin}//"
        if origin != "null" and not re.fullmatch(r"[a-z][a-z0-9+.-]*://[^\s/*]*", origin):
            raise AddressFault("address-no-origin", name=one)
        found.add(origin)
    return frozenset(found)


def is_address(name: str) -> bool:
    """Whether the name of a server is an address, which no page elsewhere can lead here."""
    try:
        ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return False
    return True


def is_program(origin: str) -> bool:
    """Whether an origin is that of a program's own pages: no web site can have it.

    `null` is not told apart: files and programs have it, but so do frames of web sites.
    """
    return origin != "null" and not re.match(r"(?:https?|wss?|ftp):", origin)


def is_elsewhere(
    headers: Mapping[str, bytes],
    hosts: Iterable[HostName],
    allowed: frozenset[str],
    with_token: bool,
) -> bool:
    """Whether a browser says that a page of another address has sent this request.

    `hosts` are names that the owner has given, `allowed` origins that may send anything.
    `with_token`: it brings a token. A page of another site can add none without being asked
    before, which `preflight` does not grant; so with one, what has no web address is a program.
    """
    site = headers.get("sec-fetch-site")
    if site in (b"same-origin", b"none"):
        return False
    origin = headers.get("origin", b"").decode("latin-1").lower()
    if not origin:
        return site is not None
    if origin in allowed or (with_token and (origin == "null" or is_program(origin))):
        return False
    if site is not None:
        return True
    scheme, _, authority = origin.partition("://")
    if authority.encode("latin-1") == headers.get("host", b"").lower():
        return False
    return scheme not in ("http", "https") or not any(one.is_named_by(authority) for one in hosts)


def granted(headers: Mapping[str, bytes], allowed: frozenset[str], needs_token: bool) -> str:
    """The origin whose scripts may read replies and send with a token; '' if none may.

    `needs_token`: nothing is done here without a right token, so that frames of web sites, which
    have the origin `null` like programs, cannot do more than these.
    """
    origin = headers.get("origin", b"").decode("latin-1")
    known = origin.lower()
    if known and (known in allowed or is_program(known) or (known == "null" and needs_token)):
        return origin
    return ""


def grant(origin: str, headers: Mapping[str, bytes] | None = None) -> list[tuple[bytes, bytes]]:
    """The headers of a reply that let scripts of an origin read it.

    With the `headers` of a browser's question before the request, those that allow it.
    """
    told = [
        (b"access-control-allow-origin", origin.encode("latin-1")),
        (b"access-control-expose-headers", _SHOWN),
        (b"vary", b"origin"),
    ]
    if headers is None:
        return told
    wanted = headers.get("access-control-request-headers", b"authorization, content-type")
    told += [
        (b"access-control-allow-methods", b"GET, POST, DELETE, OPTIONS"),
        (b"access-control-allow-headers", wanted),
        (b"access-control-max-age", b"600"),
    ]
    if headers.get("access-control-request-private-network") == b"true":
        told.append((b"access-control-allow-private-network", b"true"))
    return told
