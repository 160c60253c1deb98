"""A Milvus server, or a file that milvus-lite serves in this process: connected and asked.

A server that was away is asked again with the next question. The library pymilvus (extra `milvus`)
is loaded when it is asked first. It knows nothing of clauses.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from index.errors import StoreFault

T = TypeVar("T")
SCHEME = "milvus:"
TIMEOUT = 10  # seconds


class Server:
    """A Milvus server or file, connected when it is asked, and anew after it was away."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._client: Any = None
        self._loaded: set[str] = set()
        self._lock = threading.Lock()

    def ask(self, what: Callable[[Any], T], of: str | None = None) -> T:
        """What `what` gets from the client. Raises StoreFault where the server does not answer.

        The collection `of`, by its name or alias, is loaded first: a server begins without.
        """
        try:
            from pymilvus.exceptions import MilvusException
        except ImportError as error:
            raise StoreFault("milvus-missing") from error
        try:
            client = self._connected()
            if of is not None and of not in self._loaded:
                client.load_collection(of)
                self._loaded.add(of)
            return what(client)
        except (MilvusException, OSError, ValueError) as error:
            self._let_go()
            said = " ".join(str(getattr(error, "message", error)).split())[:200]
            raise StoreFault("milvus-away", address=self.address, said=said) from error

    def close(self) -> None:
        """Let go of the server; the next question connects anew."""
        self._let_go()

    def _connected(self) -> Any:
        from pymilvus import MilvusClient

        with self._lock:
            if self._client is None:
                # A server that is back is found within a second, however long it was away.
                options = {"grpc.max_reconnect_backoff_ms": 1000}
                self._client = MilvusClient(self.address, timeout=TIMEOUT, grpc_options=options)
            return self._client

    def _let_go(self) -> None:
        with self._lock:
            client, self._client = self._client, None
            self._loaded = set()
        if client is not None:
            client.close()


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
