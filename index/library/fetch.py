"""Fetches a page or file from an address, of hosts that are allowed and of the public internet.

A name is looked up once, where the connection is made, and the address that was checked is the one
connected to; a page that sends on is checked anew, and robots.txt is asked first. Names and kinds
are in fetched.py, what is allowed in allowed.py; nothing is read as a document here.
"""

from __future__ import annotations

import queue
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpcore

from index.documents.load import MAX_BYTES
from index.errors import DocumentFault
from index.library.allowed import (
    PORTS,
    AllowedHost,
    check_allowed,
    host_of,
    is_public,
    url_of,
)
from index.library.fetched import PackedError, TooMuchError, file_name, unpacked

if TYPE_CHECKING:
    import httpx
    from protego import Protego

Resolve = Callable[[str, int], Sequence[str]]

# Of one address, with all that it sends on to and their robots.txt.
MOST_SECONDS = 60
SECONDS_TO_CONNECT = 10
MOST_HOPS = 5
MOST_ROBOTS = 500 * 2**10
# Of the addresses that a name has, so many are tried.
MOST_TRIED = 4
AGENT = "Tiaowen"
_HEADERS: dict[bytes | str, bytes | str] = {
    "User-Agent": f"{AGENT}/0.1 (fetches single documents)",
    "Accept": "*/*",
    "Accept-Language": "zh-CN, zh;q=0.9, en;q=0.5",
    # What unpacks within limits.
    "Accept-Encoding": "gzip",
}
_UNANSWERED = (
    OSError, httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException,
)  # fmt: skip
_SENDING_ON = frozenset({301, 302, 303, 307, 308})
_CLOSED = frozenset({401, 403, 407, 412, 451})


@dataclass(frozen=True)
class Fetched:
    """What was fetched: the name of the file, its bytes, and the address that had it in the end."""

    name: str
    data: bytes
    address: str


def looked_up(host: str, port: int) -> Sequence[str]:
    """The addresses that the system knows of a host."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


class Fetcher:
    """Fetches addresses. `resolve` looks names up, `backend` makes the connections.

    `context` is what certificates are checked by; the system's proxies are never asked, for what
    they connect to could not be checked.
    """

    def __init__(
        self,
        resolve: Resolve = looked_up,
        backend: httpcore.NetworkBackend | None = None,
        context: ssl.SSLContext | None = None,
        seconds: float = MOST_SECONDS,
    ) -> None:
        """`seconds` is how long one address may take in all."""
        self._resolve = resolve
        self._backend = backend or httpcore.SyncBackend()
        self._context = context
        self._seconds = seconds

    def fetch(self, address: str, allowed: Sequence[AllowedHost]) -> Fetched:
        """Fetch a page or file. Raises DocumentFault, in one sentence, for what is refused."""
        first = url_of(address)
        check_allowed(first, allowed)
        network = _Network(self._resolve, self._backend, time.monotonic() + self._seconds)
        with network, _pool(network, self._context) as pool:
            asking = _Asking(pool, network, allowed, self._seconds)
            return asking.document(first)


def _pool(network: _Network, context: ssl.SSLContext | None) -> httpcore.ConnectionPool:
    import httpx

    return httpcore.ConnectionPool(
        ssl_context=context or httpx.create_ssl_context(), network_backend=network
    )


class _Network(httpcore.NetworkBackend):
    """Connects to public addresses alone, and ends every connection when the time is over."""

    def __init__(self, resolve: Resolve, backend: httpcore.NetworkBackend, deadline: float) -> None:
        self._resolve = resolve
        self._backend = backend
        self._deadline = deadline
        self._sockets: list[socket.socket] = []
        self._clock = threading.Timer(max(0.0, deadline - time.monotonic()), self._end)
        self._clock.daemon = True
        self.late = False

    def __enter__(self) -> None:
        self._clock.start()

    def __exit__(self, *_: object) -> None:
        self._clock.cancel()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Look the host up, check all that it leads to, and connect to one of these addresses."""
        addresses = self._addresses(host, port)
        if not all(map(is_public, addresses)):
            raise DocumentFault("host-inside", name=host)
        failed: Exception = httpcore.ConnectError()
        for address in addresses[:MOST_TRIED]:
            try:
                stream = self._backend.connect_tcp(address, port, timeout, None, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as fault:
                failed = fault
                continue
            self._sockets.append(stream.get_extra_info("socket"))
            if self.late:
                self._end()
            return stream
        raise failed

    def _addresses(self, host: str, port: int) -> Sequence[str]:
        """What a name leads to; the system may take long to tell, and cannot be interrupted."""
        told: queue.Queue[Sequence[str]] = queue.Queue()

        def ask() -> None:
            try:
                told.put(self._resolve(host.rstrip("."), port))
            except (OSError, UnicodeError):
                told.put(())

        threading.Thread(target=ask, name="look up", daemon=True).start()
        try:
            addresses = told.get(timeout=max(0.01, self._deadline - time.monotonic()))
        except queue.Empty:
            self.late = True
            raise httpcore.ConnectTimeout() from None
        if not addresses:
            raise DocumentFault("host-not-found", name=host)
        return addresses

    def _end(self) -> None:
        """Whoever reads or writes is told that the connection has ended."""
        self.late = True
        for one in list(self._sockets):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)


@dataclass(frozen=True)
class _Answer:
    """What a server answers; its body is read piece by piece."""

    status: int
    headers: Mapping[str, bytes]
    pieces: Iterator[bytes]

    def body(self, most: int) -> bytes:
        """All of it. Raises TooMuchError, PackedError."""
        length = self.headers.get("content-length", b"")
        if length.isdigit() and int(length) > most:
            raise TooMuchError
        packed_as = self.headers.get("content-encoding", b"").decode("latin-1").strip().lower()
        return unpacked(self.pieces, packed_as, most)


class _Asking:
    """One address, with all that it sends on to."""

    def __init__(
        self,
        pool: httpcore.ConnectionPool,
        network: _Network,
        allowed: Sequence[AllowedHost],
        seconds: float,
    ) -> None:
        self._pool = pool
        self._network = network
        self._allowed = allowed
        self._seconds = seconds
        self._robots: dict[tuple[str, str, int | None], Protego | None] = {}

    def document(self, first: httpx.URL) -> Fetched:
        """What the address has. Raises DocumentFault."""
        url = first
        for _ in range(MOST_HOPS + 1):
            try:
                found = self._file_or_next(url)
            except DocumentFault as fault:
                if url is first:
                    raise
                raise DocumentFault("sent-on", name=host_of(first), more=fault) from fault
            if isinstance(found, Fetched):
                return found
            url = found
        raise DocumentFault("sent-on-often", name=host_of(first), more=MOST_HOPS)

    def _file_or_next(self, url: httpx.URL) -> Fetched | httpx.URL:
        check_allowed(url, self._allowed)
        self._check_robots(url)
        host = host_of(url)
        with self._answer(url) as answer:
            if answer.status in _SENDING_ON:
                return _next(url, answer)
            _check_status(host, answer.status)
            try:
                data = answer.body(MAX_BYTES)
            except TooMuchError:
                raise DocumentFault(
                    "fetched-too-large", name=host, more=MAX_BYTES // 2**20
                ) from None
            except PackedError:
                raise DocumentFault("fetched-damaged", name=host) from None
        name = file_name(url.raw_path.decode("ascii").partition("?")[0], host, answer.headers, data)
        return Fetched(name, data, str(url.copy_with(fragment=None)))

    def _check_robots(self, url: httpx.URL) -> None:
        """Raises DocumentFault where a host asks programs to stay away from an address."""
        origin = (url.scheme, host_of(url), url.port)
        if origin not in self._robots:
            self._robots[origin] = self._read_robots(url)
        rules = self._robots[origin]
        if rules is not None and not rules.can_fetch(str(url), AGENT):
            raise DocumentFault("robots-forbid", name=host_of(url))

    def _read_robots(self, url: httpx.URL) -> Protego | None:
        """The rules of a host, None where it has none."""
        from protego import Protego

        asked = url.copy_with(raw_path=b"/robots.txt", fragment=None)
        for _ in range(MOST_HOPS + 1):
            check_allowed(asked, self._allowed)
            with self._answer(asked) as answer:
                if answer.status in _SENDING_ON:
                    asked = _next(asked, answer)
                    continue
                if 400 <= answer.status < 500:
                    return None
                if answer.status == 200:
                    try:
                        text = answer.body(MOST_ROBOTS)
                    except (TooMuchError, PackedError):
                        break
                    return Protego.parse(text.decode("utf-8", "replace"))
            break
        raise DocumentFault("robots-unreadable", name=host_of(url))

    @contextmanager
    def _answer(self, url: httpx.URL) -> Iterator[_Answer]:
        """Ask a server. Raises DocumentFault where it gives no whole answer in time."""
        host = host_of(url)
        parts = httpcore.URL(
            scheme=url.raw_scheme,
            host=host.encode("ascii"),
            port=url.port or PORTS[url.scheme],
            target=url.raw_path,
        )
        waits = {"connect": SECONDS_TO_CONNECT, "read": self._seconds, "write": self._seconds}
        try:
            with self._pool.stream(
                "GET", parts, headers=_HEADERS, extensions={"timeout": waits}
            ) as got:
                headers = {
                    name.decode("latin-1").lower(): value for name, value in reversed(got.headers)
                }
                yield _Answer(got.status, headers, got.iter_stream())
        except _UNANSWERED as fault:
            raise _unanswered(host, fault, self._network.late, self._seconds) from fault


def _unanswered(host: str, fault: Exception, late: bool, seconds: float) -> DocumentFault:
    """Why a server gave no whole answer, and what to do."""
    if late or isinstance(fault, httpcore.ReadTimeout | httpcore.WriteTimeout):
        return DocumentFault("host-slow", name=host, more=seconds)
    # The pool hides the cause of what it passes on.
    if any(isinstance(one, ssl.SSLError) for one in fault.args):
        return DocumentFault("host-untrusted", name=host)
    if isinstance(fault, httpcore.ConnectError | httpcore.ConnectTimeout):
        return DocumentFault("host-unreachable", name=host)
    return DocumentFault("host-breaks-off", name=host)


def _next(url: httpx.URL, answer: _Answer) -> httpx.URL:
    """Where a page sends on to. Raises DocumentFault."""
    import httpx

    place = answer.headers.get("location", b"").decode("utf-8", "replace").strip()
    try:
        onward = str(url.join(place)) if place else ""
    except (httpx.InvalidURL, UnicodeError, ValueError):
        onward = ""
    if not onward:
        raise DocumentFault("sent-on-nowhere", name=host_of(url))
    return url_of(onward)


def _check_status(host: str, status: int) -> None:
    """Raises DocumentFault for an answer that is no page or file."""
    if status in (404, 410):
        raise DocumentFault("nothing-there", name=host, more=status)
    if status in _CLOSED:
        raise DocumentFault("closed-to-programs", name=host, more=status)
    if status != 200:
        raise DocumentFault("host-status", name=host, more=status)
