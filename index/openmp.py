"""How threads of OpenMP runtimes wait in this process. It loads and computes nothing.

Torch, faiss, llama.cpp and the bundled embedder each bring such a runtime, which reads its settings
once, when it is loaded.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

SPIN_COUNT = "GOMP_SPINCOUNT"
# About 50 microseconds: as long as the threads of one matrix product wait for each other on cores
# that are their own.
SPINS = "1000"


@contextmanager
def short_spinning() -> Iterator[None]:
    """Let threads of an OpenMP runtime that is loaded inside wait without spinning for long.

    Where other programs use the same cores, threads that spin while they wait hold up the one
    they wait for: beside one busy program, reading 200 tokens then took minutes instead of seconds.
    A user's own settings stand.
    """
    if "OMP_WAIT_POLICY" in os.environ or SPIN_COUNT in os.environ:
        yield
        return
    os.environ[SPIN_COUNT] = SPINS
    try:
        yield
    finally:
        del os.environ[SPIN_COUNT]
