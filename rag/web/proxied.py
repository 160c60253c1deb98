"""What a reverse proxy tells of a request, and the path that the chat is served below.

The outermost part of the server: behind it a request looks as its sender made it, and what is sent
back fits the addresses that the sender sees. Who may do what is decided in rag/web/access.py.
"""

from __future__ import annotations

import ipaddress
import os
import re
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any, Protocol
from urllib.parse import quote, unquote

from rag.errors import AddressFault

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

# Other proxies that are believed beside those of this machine: their addresses or networks.
TRUSTED_VARIABLE = "FORWARDED_ALLOW_IPS"
# Routes that programs use. They join an address of their own to them, with slashes at will.
FOR_PROGRAMS = frozenset({"v1", "mcp", "health", "ready"})
PAGES = frozenset(
    {"library", "documents", "articles", "register", "digest", "compare", "check"}
    | {"feedback", "metrics", "audit", "sign-in", "sign-out"}
)
# The framework's own addresses, by their first part.
FRAMEWORK = frozenset(
    {"gradio_api", "assets", "static", "svelte", "config", "info", "theme.css", "login", "logout"}
)
RESERVED = FOR_PROGRAMS | PAGES | FRAMEWORK
# The attributes of our own HTML that hold an address. In text from elsewhere quotes are escaped.
_ADDRESS = re.compile(r'((?:href|action|data-copy-link|data-work)=")(/(?!/))')
_COOKIE_PATH = re.compile(rb"(;\s*path=)/(?=\s*(?:;|$))", re.IGNORECASE)
_SEGMENT = re.compile(r"[^\x00-\x20\x7f/\\?#\"'<>]+")


class _Requested(Protocol):
    @property
    def scope(self) -> MutableMapping[str, Any]: ...


def root_path(given: str) -> str:
    """A path that the chat is served below, without a slash at its end; '' for the root of a site.

    Raises AddressFault if it cannot be one.
    """
    bare = unquote(given.strip()).removesuffix("/").removeprefix("/")
    if not bare:
        return ""
    parts = bare.split("/")
    if not all(_SEGMENT.fullmatch(part) and part.strip(".") for part in parts):
        raise AddressFault("path-unserved", path=given)
    if parts[0] in RESERVED:
        raise AddressFault("path-own", path=parts[0])
    return f"/{bare}"


def root_of(request: _Requested) -> str:
    """The path that the sender of a request sees the chat below, as addresses have it."""
    return quote(request.scope.get("root_path", ""), safe="/")


def own_path(scope: Scope) -> str:
    """The path of a request within the chat, whatever it is served below."""
    path, root = str(scope["path"]), str(scope.get("root_path", ""))
    if root and (path == root or path.startswith(f"{root}/")):
        return path[len(root) :] or "/"
    return path


def rooted(html: str, root: str) -> str:
    """HTML of ours whose links, forms and addresses lead below a path."""
    return _ADDRESS.sub(rf"\g<1>{root}\g<2>", html) if root else html


class Proxied:
    """ASGI middleware that undoes what a reverse proxy has changed, and does so for the replies.

    X-Forwarded-For, -Proto, -Host and -Prefix are believed from this machine, and from what
    FORWARDED_ALLOW_IPS names; of others they are taken away. The name that the proxy itself asked
    for stays in the request's state, as `asked_host`, for the guard.
    """

    def __init__(self, app: Callable[..., Awaitable[None]], below: str = "") -> None:
        """Wrap an ASGI application; `below` is a path that `root_path` has given.

        It is served below it, or else below what the proxy tells. The proxy may pass the path on
        or take it off.
        """
        self._app = app
        self._below = below
        self._trusted = _networks(os.environ.get(TRUSTED_VARIABLE, "").split(","))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        scope = self._as_sent(scope)
        root = quote(scope["root_path"], safe="/")
        if root and scope["path"] == scope["root_path"] and scope["type"] == "http":
            # What lies below is named relative to the page, so its address must end in a slash.
            query = scope.get("query_string", b"")
            to = f"{root}/".encode() + (b"?" + query if query else b"")
            start = {"type": "http.response.start", "status": 307, "headers": [(b"location", to)]}
            await send(start)
            await send({"type": "http.response.body", "body": b""})
            return

        async def send_below(message: Message) -> None:
            if root and message["type"] == "http.response.start":
                headers = [_below(name, value, root.encode()) for name, value in message["headers"]]
                message = {**message, "headers": headers}
            await send(message)

        await self._app(scope, receive, send_below)

    def _as_sent(self, scope: Scope) -> Scope:
        """The request as it was before a proxy took it, with its path below the root in full."""
        told: dict[str, str] = {}
        headers = []
        for name, value in scope["headers"]:
            if name.startswith(b"x-forwarded-"):
                told.setdefault(name.decode("latin-1"), value.decode("latin-1"))
            else:
                headers.append((name, value))
        changed: dict[str, Any] = {"headers": headers}
        client = scope.get("client")
        if not (client and self._is_trusted(client[0])):
            told = {}
        root = self._below or _prefix(told.get("x-forwarded-prefix", ""))
        if address := self._sender(told.get("x-forwarded-for", "")):
            changed["client"] = (address, 0)
        scheme = _first(told.get("x-forwarded-proto", "")).lower()
        if scheme in ("http", "https", "ws", "wss"):
            secure = scheme in ("https", "wss")
            plain = "ws" if scope["type"] == "websocket" else "http"
            changed["scheme"] = plain + "s" * secure
        if host := _first(told.get("x-forwarded-host", "")):
            asked = next((value for name, value in headers if name == b"host"), b"")
            changed["headers"] = [
                *(pair for pair in headers if pair[0] != b"host"),
                (b"host", host.encode("latin-1")),
            ]
            changed["state"] = {**scope.get("state", {}), "asked_host": asked.decode("latin-1")}
        path = str(scope["path"])
        passed_on = bool(root) and (path == root or path.startswith(f"{root}/"))
        within = _plain(path[len(root) :] if passed_on else path)
        full = root + within
        changed |= {"path": full, "root_path": root, "raw_path": quote(full).encode()}
        return {**scope, **changed}

    def _is_trusted(self, address: str) -> bool:
        if self._trusted is None:
            return True
        try:
            known = ipaddress.ip_address(address)
        except ValueError:
            return False
        mapped = getattr(known, "ipv4_mapped", None)
        known = mapped or known
        return known.is_loopback or any(known in network for network in self._trusted)

    def _sender(self, forwarded_for: str) -> str:
        """Who sent a request that came through proxies: the last of the list that is none."""
        addresses = [bare for one in forwarded_for.split(",") if (bare := _bare(one))]
        others = [one for one in addresses if not self._is_trusted(one)]
        return others[-1] if others else addresses[0] if addresses else ""


def _networks(
    named: Iterable[str],
) -> list[ipaddress.IPv4Network | ipaddress.IPv6Network] | None:
    """The networks of proxies that are believed; None: any. What is no address is left out."""
    found = []
    for one in (each.strip() for each in named):
        if one == "*":
            return None
        try:
            found.append(ipaddress.ip_network(one, strict=False))
        except ValueError:
            continue
    return found


def _prefix(told: str) -> str:
    """The path that a proxy tells; one that cannot be one counts as none."""
    try:
        return root_path(_first(told))
    except AddressFault:
        return ""


def _first(listed: str) -> str:
    return listed.split(",")[0].strip()


def _bare(address: str) -> str:
    """An address of a list of X-Forwarded-For without the port that some proxies add."""
    address = address.strip().strip('"')
    if address.startswith("["):
        return address[1:].partition("]")[0]
    return address.partition(":")[0] if address.count(":") == 1 else address


def _plain(path: str) -> str:
    """A path of one of our routes as it is known: programs add slashes, and double them."""
    first = path.strip("/").partition("/")[0]
    if first in FOR_PROGRAMS:
        path = re.sub(r"/{2,}", "/", path)
    if first in FOR_PROGRAMS | PAGES:
        return path.rstrip("/")
    return path


def _below(name: bytes, value: bytes, root: bytes) -> tuple[bytes, bytes]:
    """A header of a reply, its address or cookie put below the root."""
    if name.lower() == b"location" and value.startswith(b"/") and not value.startswith(b"//"):
        return name, root + value
    if name.lower() == b"set-cookie":
        return name, _COOKIE_PATH.sub(rb"\g<1>" + root.replace(b"\\", b"\\\\"), value)
    return name, value
