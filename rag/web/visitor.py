"""Who sends the request that is being served, as far as the pages need to know.

The guard says so (rag/web/guard.py). Where nobody has, as in a thread of the program's own, a
visitor is taken for somebody who reads only what everybody reads.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True)
class Visitor:
    """Somebody at a browser or a program.

    `name` is what they are called, empty for who has not signed in by name. `signed_in`: their
    browser can be signed out. `reads` are the ids of the collections they read among those that
    not everybody does; None: all.
    """

    name: str = ""
    signed_in: bool = False
    reads: frozenset[str] | None = frozenset()


UNKNOWN = Visitor()
_now: ContextVar[Visitor] = ContextVar("visitor", default=UNKNOWN)


@contextmanager
def visiting(visitor: Visitor) -> Iterator[None]:
    """Let what is done within be done for a visitor."""
    before = _now.set(visitor)
    try:
        yield
    finally:
        _now.reset(before)


def visitor_now() -> Visitor:
    """For whom it is done."""
    return _now.get()
