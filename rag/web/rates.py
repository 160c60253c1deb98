"""How much one client may ask of the assistant, and how many tokens an address may try in vain.

It counts, each server for itself; several count together in rag/web/shared_rates.py. Who a client
is, and what a token opens, says rag/web/access.py.
"""

from __future__ import annotations

import hashlib
import ipaddress
import math
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Protocol

PER_MINUTE = 20
MOST_CLIENTS = 10_000
# Wrong tokens from one address, in so many seconds, before it must wait.
MOST_WRONG, WITHIN = 10, 60.0


class TooManyError(Exception):
    """A client asks too much. `key` is that of an interface text; it may ask again in `seconds`."""

    def __init__(self, key: str, seconds: int) -> None:
        """`seconds` is at least 1."""
        super().__init__(key)
        self.key = key
        self.seconds = max(1, seconds)


class Rate(Protocol):
    """How fast each client may ask."""

    def take(self, client: str) -> int:
        """Take one question of a client's share and give 0, or the seconds until there is one."""
        ...


class Tried(Protocol):
    """What was tried in vain, by address."""

    def note(self, address: str, given: bytes) -> None:
        """Count what an address has tried."""
        ...

    def wait(self, address: str) -> int:
        """The seconds until the address may try again; 0 if it may now."""
        ...


class QuestionRate:
    """A bucket of questions for each client: half of a minute's at once, refilled steadily."""

    def __init__(
        self, per_minute: int = PER_MINUTE, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """`clock` gives seconds."""
        self._each = 60 / per_minute
        self._burst = max(1, per_minute // 2)
        self._clock = clock
        # When each client's bucket is full again. Who is not in here has a full one.
        self._full_at: OrderedDict[str, float] = OrderedDict()

    def take(self, client: str) -> int:
        """Take one question from a client's bucket and give 0.

        If there is none, take nothing and give the seconds until there is.
        """
        now = self._clock()
        full_at = max(self._full_at.get(client, now), now)
        wait = full_at + self._each - now - self._burst * self._each
        if wait > 1e-9:
            return max(1, math.ceil(wait))
        self._full_at[client] = full_at + self._each
        self._full_at.move_to_end(client)
        while len(self._full_at) > MOST_CLIENTS:
            self._full_at.popitem(last=False)
        return 0


class WrongTokens:
    """The wrong tokens that each address has tried lately: after ten different ones it must wait.

    The same one again is no guess: a program that was given a wrong token goes on sending it, and
    does not lock out others at its address. Nothing here can be turned back into a token.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock` gives seconds."""
        self._clock = clock
        self._key = secrets.token_bytes(32)
        # By network, when each wrong token came last; the network heard of last is last.
        self._wrong: OrderedDict[str, dict[bytes, float]] = OrderedDict()

    def note(self, address: str, given: bytes) -> None:
        """Count a wrong token of an address."""
        network = network_of(address)
        tried = self._wrong.setdefault(network, {})
        tried[hashlib.blake2b(given, key=self._key, digest_size=16).digest()] = self._clock()
        self._wrong.move_to_end(network)
        while len(self._wrong) > MOST_CLIENTS:
            self._wrong.popitem(last=False)

    def wait(self, address: str) -> int:
        """The seconds until the address may try a token; 0 if it may now."""
        network, now = network_of(address), self._clock()
        tried = self._wrong.get(network, {})
        recent = {digest: at for digest, at in tried.items() if at + WITHIN > now}
        if recent:
            self._wrong[network] = recent
        else:
            self._wrong.pop(network, None)
        if len(recent) < MOST_WRONG:
            return 0
        free_at = sorted(recent.values())[-MOST_WRONG] + WITHIN
        return max(1, math.ceil(free_at - now))


def network_of(address: str) -> str:
    """The address; of IPv6 the network, because one machine has all addresses of it."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if parsed.version == 4:
        return address
    mapped = parsed.ipv4_mapped
    return str(mapped or ipaddress.ip_network((parsed, 64), strict=False))
