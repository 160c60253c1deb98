"""Results of a method that are kept a while, without keeping alive what the method belongs to.

Files are closed when nobody has them any more, not only when cycles are looked for.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TypeVar
from weakref import WeakMethod

Key = TypeVar("Key")
Found = TypeVar("Found")


def recent(method: Callable[[Key], Found], most: int) -> Callable[[Key], Found]:
    """A bound method, which has its object as long as it is asked, with its last results."""
    held = WeakMethod(method)

    @lru_cache(maxsize=most)
    def found(key: Key) -> Found:
        own = held()
        assert own is not None
        return own(key)

    return found
