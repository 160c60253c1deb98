"""Servers on loopback that stand for hosts elsewhere, and the resolver that leads to them.

A host has an address of the public internet, as far as the program can tell; connections to it end
at a server on loopback. Connections to any other address end at a server that holds what must not
be fetched. Both keep a log of what reaches them.
"""

from __future__ import annotations

import ipaddress
import socket
import socketserver
import ssl
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import httpcore

from index.library.fetch import Fetcher

PUBLIC = "93.184.216.34"
# The bytes that a server sends, head and body, piece by piece.
Pieces = Iterable[bytes]
Pages = Mapping[str, bytes | Callable[[], Pieces]]


def answer(
    body: bytes = b"", status: int = 200, kind: str = "text/html; charset=utf-8", **headers: str
) -> bytes:
    """A whole answer; `content_disposition` and the like become headers."""
    named = {"content-type": kind, "content-length": str(len(body)), "connection": "close"}
    named |= {name.replace("_", "-"): value for name, value in headers.items()}
    lines = "".join(f"{name}: {value}\r\n" for name, value in named.items() if value)
    return f"HTTP/1.1 {status} X\r\n{lines}\r\n".encode() + body


def sent_on(place: str, status: int = 302) -> bytes:
    """An answer that sends on."""
    return answer(status=status, location=place)


class _Handler(socketserver.BaseRequestHandler):
    server: _Server

    def handle(self) -> None:
        """Answer one request, and note it."""
        head = b""
        with suppress(OSError):
            self.request.settimeout(10)
            while b"\r\n\r\n" not in head and (piece := self.request.recv(65536)):
                head += piece
            lines = head.decode("latin-1").split("\r\n")
            target = lines[0].split(" ")[1] if " " in lines[0] else lines[0]
            named = (line.partition(": ") for line in lines[1:] if line)
            self.server.asked.append((target, {name.lower(): value for name, _, value in named}))
            page = self.server.pages.get(target.partition("?")[0], answer(b"none", 404))
            for piece in (page,) if isinstance(page, bytes) else page():
                self.request.sendall(piece)


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    # A server that sends without end is not waited for.
    block_on_close = False

    def __init__(self, pages: Pages, context: ssl.SSLContext | None = None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.pages = pages
        self.context = context
        self.asked: list[tuple[str, dict[str, str]]] = []

    def finish_request(self, request: Any, client_address: Any) -> None:
        if self.context is not None:
            with suppress(OSError):
                wrapped = self.context.wrap_socket(request, server_side=True)
                super().finish_request(wrapped, client_address)
            return
        super().finish_request(request, client_address)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """The other side has gone, which is what is tested."""


@dataclass
class Backend(httpcore.NetworkBackend):
    """Connects to loopback: to the server outside for its address, to the other for all others."""

    outside: int
    inside: int
    connected: list[str] = field(default_factory=list)

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Note where to, and connect."""
        self.connected.append(host)
        own = self.outside if host == PUBLIC else self.inside
        return httpcore.SyncBackend().connect_tcp("127.0.0.1", own, timeout)


@dataclass
class Internet:
    """What is there to be fetched, and what has been asked.

    `names` says what hosts are resolved to; of several answers each is given once, the last for
    ever. Those it does not name do not exist.
    """

    outside: _Server
    inside: _Server
    backend: Backend
    names: dict[str, list[Sequence[str]]]
    looked_up: list[str] = field(default_factory=list)

    def resolve(self, host: str, port: int) -> Sequence[str]:
        """The addresses of a host."""
        self.looked_up.append(host)
        with suppress(ValueError):
            return [str(ipaddress.ip_address(host))]
        if host not in self.names:
            raise socket.gaierror(socket.EAI_NONAME, "not known")
        answers = self.names[host]
        return answers.pop(0) if len(answers) > 1 else answers[0]

    def fetcher(self, seconds: float = 20, context: ssl.SSLContext | None = None) -> Fetcher:
        """What fetches from here."""
        return Fetcher(self.resolve, self.backend, context, seconds)

    @property
    def asked(self) -> list[str]:
        """What the server outside was asked for, without robots.txt."""
        return [target for target, _ in self.outside.asked if target != "/robots.txt"]

    def untouched(self) -> bool:
        """Whether nothing was asked of what is inside, nor connected to it."""
        return not self.inside.asked and set(self.backend.connected) <= {PUBLIC}


@contextmanager
def internet(
    pages: Pages,
    names: Mapping[str, Sequence[Sequence[str]]] | None = None,
    context: ssl.SSLContext | None = None,
) -> Iterator[Internet]:
    """A host `docs.example` with these pages, and others as they are named."""
    secret = answer("<html><p>第一条 内部文件，不得外传。</p></html>".encode())
    everything = _Everything(secret)
    with _Server(pages, context) as outside, _Server(everything) as inside:
        for one in (outside, inside):
            threading.Thread(target=one.serve_forever, args=(0.02,), daemon=True).start()
        try:
            backend = Backend(outside.server_address[1], inside.server_address[1])
            known: dict[str, list[Sequence[str]]] = {"docs.example": [[PUBLIC]]}
            known |= {name: list(answers) for name, answers in (names or {}).items()}
            yield Internet(outside, inside, backend, known)
        finally:
            outside.shutdown()
            inside.shutdown()


class _Everything(dict[str, "bytes | Callable[[], Pieces]"]):
    """The same page at every address."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self._page = page

    def get(self, key: str, default: Any = None) -> Any:
        """That page."""
        return self._page
