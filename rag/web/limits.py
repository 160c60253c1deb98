"""How much one client may ask of the assistant: so many questions a minute, some of them at once.

It counts; who a client is says rag/web/access.py, and the line of questions asks it.
"""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable

PER_MINUTE = 20
MOST_CLIENTS = 10_000


class TooManyError(Exception):
    """A client asks too much. `key` is that of an interface text; it may ask again in `seconds`."""

    def __init__(self, key: str, seconds: int) -> None:
        """`seconds` is at least 1."""
        super().__init__(key)
        self.key = key
        self.seconds = max(1, seconds)


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
