"""Limits that several servers count together, in Redis or another store of the library `limits`.

While the store is away each server counts for itself, as a single one does, and says so in the log:
nobody is locked out, and no limit is lifted, but a client that reaches N servers has N times its
share. What is limited is told in rag/web/rates.py.
"""

from __future__ import annotations

import hashlib
import logging
import math
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

from rag.errors import LimitsFault
from rag.web.rates import (
    MOST_WRONG,
    WITHIN,
    QuestionRate,
    WrongTokens,
    network_of,
)

if TYPE_CHECKING:
    from limits import RateLimitItem
    from limits.strategies import MovingWindowRateLimiter

# A store on the network answers in a millisecond. Longer than this no request may be held up by
# one that does not, and then it is left alone for a while.
SECONDS_TO_ANSWER, SECONDS_ALONE = 0.5, 5.0
_NAMESPACE = "tiaowen"

Given = TypeVar("Given")


class SharedStore:
    """Where limits are counted. Safe to use from several threads.

    `secret` is the same on all servers: what is kept in the store is told by keyed digests, from
    which neither addresses nor tokens can be had without it.
    """

    def __init__(
        self, url: str, secret: bytes, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Connect when first asked. Raises LimitsFault for an address that is none.

        `clock` gives seconds.
        """
        self._limiter = _limiter(url)
        # Without a password, for the log.
        parts = urlsplit(url)
        self._shown = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
        self._key = hashlib.sha256(b"tiaowen limits " + secret).digest()
        self._clock = clock
        self._lock = threading.Lock()
        self._away_until: float | None = None

    def digest(self, text: bytes) -> str:
        """What a name is called in the store."""
        return hashlib.blake2b(text, key=self._key, digest_size=16).hexdigest()

    def asked(
        self,
        ask: Callable[[MovingWindowRateLimiter], Given],
        alone: Callable[[], Given],
    ) -> Given:
        """What the store says, or, where it does not answer, this server alone."""
        from limits.errors import StorageError

        with self._lock:
            left_alone = self._away_until is not None and self._clock() < self._away_until
        if left_alone:
            return alone()
        try:
            given = ask(self._limiter)
        except StorageError as fault:
            self._lost(fault)
            return alone()
        self._found()
        return given

    def _lost(self, fault: Exception) -> None:
        with self._lock:
            known, self._away_until = self._away_until, self._clock() + SECONDS_ALONE
        if known is None:
            logging.getLogger(__name__).warning(
                "Limits are counted by each server alone: %s does not answer (%s).",
                self._shown,
                type(fault.__cause__ or fault).__name__,
            )

    def _found(self) -> None:
        with self._lock:
            known, self._away_until = self._away_until, None
        if known is not None:
            logging.getLogger(__name__).warning(
                "Limits are counted by all servers together again: %s answers.", self._shown
            )


class SharedQuestionRate:
    """Implements Rate: half of a minute's questions in half a minute, on whatever servers."""

    def __init__(self, store: SharedStore, per_minute: int) -> None:
        """`per_minute` is at least 1."""
        from limits import RateLimitItemPerSecond

        at_once = max(1, per_minute // 2)
        seconds = math.ceil(at_once * 60 / per_minute)
        self._item = RateLimitItemPerSecond(at_once, seconds, _NAMESPACE)
        self._store = store
        self._alone = QuestionRate(per_minute)

    def take(self, client: str) -> int:
        """See Rate.take."""
        name = self._store.digest(client.encode())

        def ask(limiter: MovingWindowRateLimiter) -> int:
            if limiter.hit(self._item, "questions", name):
                return 0
            return _wait(limiter, self._item, "questions", name)

        return self._store.asked(ask, lambda: self._alone.take(client))


class SharedTries:
    """Implements Tried: ten different wrong tokens from a network in a minute, as WrongTokens."""

    def __init__(self, store: SharedStore, kind: str) -> None:
        """Those of one `kind` are counted together."""
        from limits import RateLimitItemPerSecond

        self._each = RateLimitItemPerSecond(1, int(WITHIN), _NAMESPACE)
        self._all = RateLimitItemPerSecond(MOST_WRONG, int(WITHIN), _NAMESPACE)
        self._store, self._kind = store, kind
        self._alone = WrongTokens()

    def note(self, address: str, given: bytes) -> None:
        """See Tried.note."""
        network = self._store.digest(network_of(address).encode())
        token = self._store.digest(given)
        # Known here, too, so that the store may go away at any time.
        self._alone.note(address, given)

        def ask(limiter: MovingWindowRateLimiter) -> None:
            # The same one again is no guess.
            if limiter.hit(self._each, self._kind, network, token):
                limiter.hit(self._all, self._kind, network)

        self._store.asked(ask, lambda: None)

    def wait(self, address: str) -> int:
        """See Tried.wait."""
        network = self._store.digest(network_of(address).encode())

        def ask(limiter: MovingWindowRateLimiter) -> int:
            if limiter.test(self._all, self._kind, network):
                return 0
            return _wait(limiter, self._all, self._kind, network)

        return self._store.asked(ask, lambda: self._alone.wait(address))


def _wait(limiter: MovingWindowRateLimiter, item: RateLimitItem, *names: str) -> int:
    """Whole seconds until one more is let through, at least 1."""
    reset_at = limiter.get_window_stats(item, *names).reset_time
    return max(1, math.ceil(reset_at - time.time()))


def _limiter(url: str) -> MovingWindowRateLimiter:
    """What counts in the store at an address. Raises LimitsFault."""
    try:
        from limits.errors import ConfigurationError
        from limits.storage import MovingWindowSupport, storage_from_string
        from limits.strategies import MovingWindowRateLimiter
    except ImportError as fault:
        raise LimitsFault("limits-not-installed") from fault
    waits = {"socket_timeout": SECONDS_TO_ANSWER, "socket_connect_timeout": SECONDS_TO_ANSWER}
    memory = url.startswith("memory://")
    try:
        storage = storage_from_string(url, wrap_exceptions=True, **({} if memory else waits))
    except ConfigurationError as fault:
        missing = "install" in str(fault) or "prerequisite" in str(fault)
        raise LimitsFault("limits-not-installed" if missing else "limits-no-address") from fault
    except ValueError as fault:
        raise LimitsFault("limits-no-address") from fault
    if not isinstance(storage, MovingWindowSupport):
        raise LimitsFault("limits-no-address")
    return MovingWindowRateLimiter(storage)
