"""Writes many answers side by side through one llama.cpp model: continuous batching, greedy.

The prompts share a beginning, which is computed once. For long work such as translating a
document; a single question goes through rag.llama. It makes its own context and frees it.
"""

from __future__ import annotations

import codecs
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from rag.errors import ModelFault
from rag.llm.decode import Barred, Step, decode, likeliest

SIDE_BY_SIDE = 8
CONTEXT = 4096


@dataclass
class _Row:
    """One answer under way in sequence `sequence` of the context."""

    place: int
    sequence: int
    position: int
    token: int = -1
    data: list[bytes] = field(default_factory=list)


def write_side_by_side(
    api: Any,
    model: Any,
    head: Sequence[int],
    prompts: Sequence[Sequence[int]],
    read: Callable[[int], bytes | None],
    threads: int,
    max_tokens: int,
    barred: Barred | None = None,
) -> Iterator[tuple[int, str]]:
    """Answers of at most `max_tokens` tokens to `head` + each prompt, as they are finished.

    Yields pairs (place in `prompts`, answer). `read` gives a token's bytes, None at the end of an
    answer. Tokens that are `barred` are never written. Sequence 0 holds the shared head. Raises
    ModelFault where a prompt does not fit.
    """
    options = api.llama_context_default_params()
    options.n_ctx = options.n_batch = CONTEXT
    options.n_seq_max = SIDE_BY_SIDE + 1
    options.kv_unified = True
    options.n_threads = options.n_threads_batch = threads
    context = api.llama_init_from_model(model, options)
    if not context:
        raise ModelFault("memory-several")
    try:
        yield from _Batch(api, context, list(head), read, max_tokens, barred).run(prompts)
    finally:
        api.llama_free(context)


class _Batch:
    def __init__(
        self,
        api: Any,
        context: Any,
        head: list[int],
        read: Callable[[int], bytes | None],
        max_tokens: int,
        barred: Barred | None,
    ) -> None:
        self._api = api
        self._context = context
        self._memory = api.llama_get_memory(context)
        vocabulary = api.llama_model_get_vocab(api.llama_get_model(context))
        self._vocabulary_size = int(api.llama_vocab_n_tokens(vocabulary))
        self._head = head
        self._read = read
        self._max_tokens = max_tokens
        self._barred = barred
        self._used = len(head)

    def run(self, prompts: Sequence[Sequence[int]]) -> Iterator[tuple[int, str]]:
        """See write_side_by_side."""
        self._decode([Step(token, at, 0) for at, token in enumerate(self._head)], [])
        waiting = deque(enumerate(prompts))
        free = list(range(1, SIDE_BY_SIDE + 1))
        rows: list[_Row] = []
        while waiting or rows:
            steps = [Step(row.token, row.position, row.sequence) for row in rows]
            wanted = list(range(len(rows)))
            while waiting and free and self._fits(waiting[0][1]):
                place, prompt = waiting.popleft()
                row = _Row(place, free.pop(), len(self._head))
                self._api.llama_memory_seq_cp(self._memory, 0, row.sequence, -1, -1)
                steps += [Step(t, row.position + n, row.sequence) for n, t in enumerate(prompt)]
                row.position += len(prompt) - 1
                self._used += len(prompt) + self._max_tokens
                wanted.append(len(steps) - 1)
                rows.append(row)
            if not rows:
                raise ModelFault("text-too-long", count=len(waiting[0][1]))
            tokens = self._decode(steps, wanted)
            going: list[_Row] = []
            for row, token in zip(rows, tokens, strict=True):
                data = self._read(token)
                row.position += 1
                row.token = token
                if data is not None:
                    row.data.append(data)
                if data is None or len(row.data) >= self._max_tokens:
                    self._api.llama_memory_seq_rm(self._memory, row.sequence, -1, -1)
                    free.append(row.sequence)
                    self._used -= len(prompts[row.place]) + self._max_tokens
                    yield row.place, codecs.decode(b"".join(row.data), "utf-8", "replace")
                else:
                    going.append(row)
            rows = going

    def _fits(self, prompt: Sequence[int]) -> bool:
        return self._used + len(prompt) + self._max_tokens <= CONTEXT

    def _decode(self, steps: Sequence[Step], wanted: Sequence[int]) -> list[int]:
        """The likeliest next token at each `wanted` place of the steps."""
        logits = decode(self._api, self._context, steps, wanted, self._vocabulary_size)
        return likeliest(logits, self._barred) if wanted else []
