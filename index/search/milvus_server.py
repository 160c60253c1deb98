"""A Milvus server, or a file that milvus-lite serves in this process: connected and asked.

A server that was away is asked again with the next question. The library pymilvus (extra `milvus`)
is loaded when it is asked first. It knows nothing of clauses.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from index.errors import StoreFault

T = TypeVar("T")
SCHEME = "milvus:"
# Seconds: to connect, and to find.
TIMEOUT = 10
SEARCH_TIMEOUT = 30


@dataclass(frozen=True)
class _Connection:
    client: Any
    loaded: set[str] = field(default_factory=set)


class Server:
    """A Milvus server or file, connected when it is asked, and anew after it was away."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._held: _Connection | None = None
        self._lock = threading.Lock()

    def ask(self, what: Callable[[Any], T], of: str | None = None) -> T:
        """What `what` gets from the client. Raises StoreFault where the server does not answer.

        The collection `of`, by its name or alias, is loaded first: a server begins without. Where
        a connection from before fails, the server may have been started anew meanwhile, so `what`
        is asked once more over a new one; it must be such that it can be done twice.
        """
        held = self._held
        if held is not None:
            try:
                return self._asked(held, what, of)
            except StoreFault:
                pass
        return self._asked(self._connected(), what, of)

    def close(self) -> None:
        """Let go of the server; the next question connects anew."""
        if (held := self._held) is not None:
            self._let_go(held)

    def _asked(self, connection: _Connection, what: Callable[[Any], T], of: str | None) -> T:
        from grpc import RpcError
        from pymilvus.exceptions import MilvusException

        try:
            if of is not None and of not in connection.loaded:
                connection.client.load_collection(of)
                connection.loaded.add(of)
            return what(connection.client)
        except (MilvusException, RpcError, OSError, ValueError) as error:
            self._let_go(connection)
            raise self._away(error) from error

    def _connected(self) -> _Connection:
        try:
            from grpc import RpcError
            from pymilvus import MilvusClient
            from pymilvus.exceptions import MilvusException
        except ImportError as error:
            raise StoreFault("milvus-missing") from error
        with self._lock:
            if self._held is None:
                # One of its own, that is closed with the client: pymilvus keeps a shared one, and
                # gives it to the next client even when it is dead. The same goes for what gRPC
                # shares between channels, which waits longer and longer before it tries again.
                options = {"grpc.use_local_subchannel_pool": 1}
                try:
                    client = MilvusClient(
                        self.address, timeout=TIMEOUT, dedicated=True, grpc_options=options
                    )
                except (MilvusException, RpcError, OSError, ValueError) as error:
                    raise self._away(error) from error
                self._held = _Connection(client)
            return self._held

    def _let_go(self, connection: _Connection) -> None:
        with self._lock:
            if self._held is connection:  # another question may have connected anew
                self._held = None
        connection.client.close()

    def _away(self, error: Exception) -> StoreFault:
        said = " ".join(str(getattr(error, "message", error)).split())[:200]
        return StoreFault("milvus-away", address=self.address, said=said)


_SERVERS: dict[str, Server] = {}
_SERVERS_LOCK = threading.Lock()


def server_at(address: str) -> Server:
    """The one connection of this process to an address: a file can be opened once only."""
    with _SERVERS_LOCK:
        return _SERVERS.setdefault(address, Server(address))


def store_named(spec: str) -> str:
    """The address of `milvus:ADDRESS`. Raises StoreFault for anything else."""
    address = spec.removeprefix(SCHEME)
    if not spec.startswith(SCHEME) or not address:
        raise StoreFault("store-unnamed", spec=spec)
    return address


@dataclass(frozen=True)
class Place:
    """Where an index is: `holder` is its partition and, with `tiaowen_` before it, its alias."""

    address: str
    holder: str
    collection: str

    @property
    def alias(self) -> str:
        """The name under which readers find the generation in service."""
        return f"tiaowen_{self.holder}"


def rows_of(client: Any, place: Place, columns: Sequence[str], wanted: str = "") -> Iterator[Any]:
    """The columns of all entities of an index, in pages."""
    condition = f'holder == "{place.holder}"' + (f" and {wanted}" if wanted else "")
    pages = client.query_iterator(
        place.collection, filter=condition, output_fields=list(columns), batch_size=1000
    )
    while page := pages.next():
        yield from page
    pages.close()
