"""Whether somebody still waits for what a thread does, so that it can be left in the middle.

Whoever asks on another's behalf says so around it; what takes long looks. Nothing is stopped here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_given_up: ContextVar[Callable[[], bool] | None] = ContextVar("given_up", default=None)


class GivenUpError(Exception):
    """Nobody waits for the answer any more."""


@contextmanager
def asked_until(given_up: Callable[[], bool]) -> Iterator[None]:
    """Requests made in the block, in this thread, are broken off once `given_up` says so."""
    token = _given_up.set(given_up)
    try:
        yield
    finally:
        _given_up.reset(token)


def somebody_waits() -> bool:
    """Whether what this thread asks is for somebody who may give up (`asked_until`)."""
    return _given_up.get() is not None


def is_given_up() -> bool:
    """Whether nobody waits any more for what this thread does."""
    given_up = _given_up.get()
    return given_up is not None and given_up()
