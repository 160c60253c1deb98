"""Which addresses documents may be fetched from: hosts that are allowed, and the public internet.

It reads addresses and decides by them; nothing is looked up or fetched here.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from index.errors import DocumentFault, StoreFault

if TYPE_CHECKING:
    import httpx

LONGEST_ADDRESS = 2000
PORTS = {"http": 80, "https": 443}
# Of the hosts that are allowed, so many are named in a refusal.
MOST_NAMED = 5
_ENTRY = re.compile(
    r"(?P<below>\*\.)?(?P<name>\[[0-9a-f:.]+\]|[^\s*:/@\[\]\\]+)(?::(?P<port>\d{1,5}))?"
)
# What ends so is read as a number by some systems: 127.1, 0x7f000001, 2130706433.
_NUMBER = re.compile(r"(?:.*\.)?(?:\d+|0x[0-9a-f]*)\.?")
_UNFIT = re.compile(r"[\x00-\x20\x7f-\x9f\\\u2028\u2029]")
_PUBLIC_V6 = ipaddress.IPv6Network("2000::/3")
# An IPv4 address in one of these is reached through a gateway.
_THROUGH_GATEWAYS = ipaddress.IPv6Network("64:ff9b::/96")
_EMBEDDING = tuple(map(ipaddress.IPv6Network, ("2002::/16", "2001::/32")))


@dataclass(frozen=True)
class AllowedHost:
    """A host that documents may be fetched from; `below`: every host whose name ends so.

    Without a `port` the ordinary ones of http and https.
    """

    name: str
    port: int | None = None
    below: bool = False

    def __str__(self) -> str:
        """The host as it is written in the list."""
        port = "" if self.port is None else f":{self.port}"
        return f"{'*.' if self.below else ''}{self.name}{port}"

    def covers(self, host: str, port: int, ordinary: int) -> bool:
        """Whether a host may be asked at a port; `ordinary` is that of the scheme."""
        named = host.endswith(f".{self.name}") if self.below else host == self.name
        return named and port == (ordinary if self.port is None else self.port)


def allowed_hosts(entries: Iterable[str]) -> tuple[AllowedHost, ...]:
    """The hosts that a list names: example.org, *.example.org, example.org:8080.

    Raises StoreFault for what is no name of a host.
    """
    return tuple(dict.fromkeys(map(_allowed, entries)))


def _allowed(entry: str) -> AllowedHost:
    match = _ENTRY.fullmatch(entry.strip().lower().rstrip("."))
    host = _host(match["name"]) if match else ""
    port = int(match["port"]) if match and match["port"] else None
    wide = bool(match and match["below"])
    if not host or (wide and ("." not in host or ":" in host)) or port in (0, *range(65536, 10**5)):
        raise StoreFault("no-host", name=entry.strip()[:80])
    return AllowedHost(host, port, wide)


def _host(name: str) -> str:
    """The name as addresses have it; empty if it is none, or a number that is no plain address."""
    import httpx

    try:
        host = httpx.URL(f"http://{name}/").raw_host.decode("ascii")
    except (httpx.InvalidURL, UnicodeError):
        return ""
    if _NUMBER.fullmatch(host) and _ip(host) is None:
        return ""
    return host


def url_of(address: str) -> httpx.URL:
    """An address that a person gives, or another page sends on to. Raises DocumentFault."""
    import httpx

    address = address.strip()
    if len(address) > LONGEST_ADDRESS:
        raise DocumentFault("address-too-long", name=LONGEST_ADDRESS)
    if _UNFIT.search(address):
        raise DocumentFault("address-unfit")
    try:
        url = httpx.URL(address)
        host = url.raw_host.decode("ascii")
    except (httpx.InvalidURL, UnicodeError):
        host = ""
    if not host or url.scheme not in PORTS:
        raise DocumentFault("no-address")
    if url.userinfo:
        raise DocumentFault("address-with-password")
    return url


def host_of(url: httpx.URL) -> str:
    """The host as it is looked up and told: in ASCII, without a dot at its end."""
    return url.raw_host.decode("ascii").rstrip(".").lower()


def check_allowed(url: httpx.URL, allowed: Sequence[AllowedHost]) -> None:
    """Raises DocumentFault, which says how it would be allowed, for a host that is not."""
    if not allowed:
        raise DocumentFault("no-hosts-allowed")
    ordinary = PORTS[url.scheme]
    port = url.port or ordinary
    host = host_of(url)
    if any(one.covers(host, port, ordinary) for one in allowed):
        return
    shown = host if port == ordinary else f"{host}:{port}"
    named = ", ".join(map(str, allowed[:MOST_NAMED])) + (" …" if len(allowed) > MOST_NAMED else "")
    raise DocumentFault("host-not-allowed", name=shown, more=named)


def is_public(address: str) -> bool:
    """Whether an IP address is one of the public internet, and leads to no other kind."""
    ip = _ip(address)
    if ip is None:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        if ip in _THROUGH_GATEWAYS:
            return is_public(str(ipaddress.IPv4Address(ip.packed[12:])))
        if ip not in _PUBLIC_V6 or any(ip in network for network in _EMBEDDING):
            return False
    return ip.is_global and not (ip.is_multicast or ip.is_reserved or ip.is_private)


def _ip(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None
