"""Connections to model endpoints: through the proxy that the environment names, or past it.

This machine is never asked through a proxy, whichever variable names one. Nothing is asked here.
Whoever connects says as what errors are raised.
"""

from __future__ import annotations

import ipaddress
import os
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from urllib.parse import urlsplit
from urllib.request import proxy_bypass

import httpx

from index.errors import Fault

# Names without a dot that lead here are looked up; these lead here by definition.
_LOOPBACK_DOMAINS = (".localhost", ".localdomain")
# Whoever asks counts what is under way; connections are not counted again.
# An idle one is closed before uvicorn, which vLLM runs on, closes it from its side (after 5 s).
_LIMITS = httpx.Limits(max_connections=None, max_keepalive_connections=64, keepalive_expiry=2.0)


def is_this_machine(host: str) -> bool:
    """Whether a name or an address leads to this machine."""
    bare = host.strip("[]").rstrip(".").lower()
    if bare == "localhost" or bare.endswith(_LOOPBACK_DOMAINS):
        return True
    address = _address(bare)
    if address is not None:
        # What listens everywhere is reached here by the address that means everywhere.
        return address.is_loopback or address.is_unspecified
    if "." in bare or not bare:
        return False
    try:
        found = socket.getaddrinfo(bare, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return False
    addresses = [_address(str(one[4][0])) for one in found]
    return all(one is not None and one.is_loopback for one in addresses)


def connection(
    url: str, headers: Mapping[str, str], timeout: httpx.Timeout, raised: type[Fault]
) -> httpx.AsyncClient:
    """A client for an endpoint. Raises a fault of that kind where its proxy cannot be used."""
    if is_this_machine(urlsplit(url).hostname or ""):
        # With a transport of its own a client looks for no proxy, but for certificates still.
        transport = httpx.AsyncHTTPTransport(limits=_LIMITS)
        return httpx.AsyncClient(headers=headers, timeout=timeout, transport=transport)
    try:
        return httpx.AsyncClient(headers=headers, timeout=timeout, limits=_LIMITS)
    except ImportError as fault:
        raise raised("proxy-socks", variable=_named()) from fault
    except (ValueError, httpx.InvalidURL) as fault:
        raise raised("proxy-unusable", variable=_named(), reason=fault) from fault


def proxy_for(url: str) -> str:
    """The variable whose proxy an address is asked through, '' if none is."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if is_this_machine(host) or proxy_bypass(host):
        return ""
    return next((name for name in _variables(parts.scheme, "all") if os.environ.get(name)), "")


@contextmanager
def without_proxies() -> Iterator[None]:
    """Hide the proxies of the environment: for libraries that make clients when imported.

    An environment is the whole process's: nothing else may connect meanwhile.
    """
    hidden = {name: os.environ.pop(name) for name in _variables("http", "https", "all")
              if name in os.environ}  # fmt: skip
    try:
        yield
    finally:
        os.environ.update(hidden)


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """The address that a text is, also in the short forms that systems take (127.1)."""
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        if not text[:1].isdigit():
            return None
        try:
            return ipaddress.IPv4Address(socket.inet_aton(text))
        except OSError:
            return None
    return getattr(address, "ipv4_mapped", None) or address


def _variables(*kinds: str) -> list[str]:
    return [name for kind in kinds for name in (f"{kind}_proxy", f"{kind.upper()}_PROXY")]


def _named() -> str:
    """The variables that name proxies, for a sentence about them."""
    given = [name for name in _variables("http", "https", "all") if os.environ.get(name)]
    socks = [name for name in given if os.environ[name].lower().startswith("socks")]
    return ", ".join(socks or given) or "The environment"
