"""How fast llama.cpp itself reads and writes with a model, and how fast the product writes with it.

The reference is a bare loop over the low-level calls with the product's options; nothing of the
product is in it.
"""

from __future__ import annotations

import ctypes
import importlib
import statistics
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

BATCHES = (1, 4, 16, 64, 256)
BEHIND = 200  # tokens in the context before what is timed, as many as a clause has
WRITTEN = 96  # tokens of an answer
REPEATS = 5
Q8_0 = 8


@dataclass(frozen=True)
class Rates:
    """Tokens a second: read in batches of so many, written one by one, and by the product."""

    read: dict[int, float]
    written: float
    product: float

    @property
    def share(self) -> float:
        """The product's rate of writing as a share of llama.cpp's own."""
        return self.product / self.written


def measure(path: Path, threads: int, folder: Path) -> Rates:
    """The rates of the model in `path`; `folder` is for the product's saved states.

    Bare loop and product take turns, and medians are compared, so that a machine that is busy for
    a moment is busy for both.
    """
    from rag.llm.llama import LlamaGenerator

    bare = _Bare(path, threads)
    generator = LlamaGenerator(path, threads=threads, states_folder=folder)
    try:
        read = {
            size: size / statistics.median(bare.read(size) for _ in range(REPEATS))
            for size in BATCHES
        }
        bare_seconds, product_seconds = [], []
        for _ in range(REPEATS):
            bare_seconds.append(bare.write(WRITTEN))
            product_seconds.append(_product(generator))
        return Rates(
            read,
            1 / statistics.median(bare_seconds),
            1 / statistics.median(product_seconds),
        )
    finally:
        generator.close()
        bare.close()


def _product(generator: Any) -> float:
    """Seconds a token that the product takes, from its first piece to its last."""
    count = "Count from one to ninety in words, without a stop."
    pieces = generator.stream("", count, max_tokens=WRITTEN)
    next(pieces)
    started = time.perf_counter()
    tokens = sum(generator.count_tokens(piece) for piece in pieces)
    return (time.perf_counter() - started) / max(1, int(tokens))


class _Bare:
    """One context with the product's options, and token numbers that mean nothing."""

    def __init__(self, path: Path, threads: int) -> None:
        self._api: Any = importlib.import_module("llama_cpp.llama_cpp")
        api = self._api
        # Kept: llama.cpp holds a bare pointer to it.
        self._silent = api.llama_log_callback(lambda *_: None)
        api.llama_log_set(self._silent, ctypes.c_void_p(0))
        api.llama_backend_init()
        model_options = api.llama_model_default_params()
        model_options.use_extra_bufts = False
        self._model = api.llama_model_load_from_file(str(path).encode(), model_options)
        options = api.llama_context_default_params()
        options.n_ctx = options.n_batch = 4096
        options.type_k = options.type_v = Q8_0
        options.flash_attn_type = 1
        options.n_threads = options.n_threads_batch = threads
        self._context = api.llama_init_from_model(self._model, options)
        self._memory = api.llama_get_memory(self._context)

    def read(self, size: int) -> float:
        """Seconds to read a batch of `size` tokens behind others."""
        self._api.llama_memory_clear(self._memory, False)
        self._decode(BEHIND, 0)
        started = time.perf_counter()
        self._decode(size, BEHIND)
        return time.perf_counter() - started

    def write(self, count: int) -> float:
        """Seconds a token where `count` are written one by one."""
        self._api.llama_memory_clear(self._memory, False)
        self._decode(BEHIND, 0)
        started = time.perf_counter()
        for at in range(count):
            self._decode(1, BEHIND + at)
        return (time.perf_counter() - started) / count

    def close(self) -> None:
        """Free the model and its context."""
        self._api.llama_free(self._context)
        self._api.llama_model_free(self._model)

    def _decode(self, size: int, at: int) -> None:
        batch = self._api.llama_batch_init(size, 0, 1)
        batch.n_tokens = size
        for i in range(size):
            batch.token[i] = 1000 + i
            batch.pos[i] = at + i
            batch.n_seq_id[i] = 1
            batch.seq_id[i][0] = 0
            batch.logits[i] = i == size - 1
        status = self._api.llama_decode(self._context, batch)
        self._api.llama_batch_free(batch)
        assert status == 0, f"llama.cpp code {status}"
        self._api.llama_get_logits_ith(self._context, size - 1)
