"""One forward pass of llama.cpp over tokens of one or several sequences, for the logits wanted.

Knows no prompts and keeps no state; the context is the caller's.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from rag.errors import ModelFault

Logits = npt.NDArray[np.float32]
# By token, whether it may not be written.
Barred = npt.NDArray[np.bool_]


class Step(NamedTuple):
    """A token at its position in a sequence of the context."""

    token: int
    position: int
    sequence: int


def decode(
    api: Any, context: Any, steps: Sequence[Step], wanted: Sequence[int], vocabulary_size: int
) -> Logits:
    """Compute the steps in one batch; logits [wanted, vocabulary], copied.

    `wanted` are places in `steps`. Raises ModelFault where llama.cpp fails.
    """
    batch = api.llama_batch_init(len(steps), 0, 1)
    try:
        batch.n_tokens = len(steps)
        for i, step in enumerate(steps):
            batch.token[i] = step.token
            batch.pos[i] = step.position
            batch.n_seq_id[i] = 1
            batch.seq_id[i][0] = step.sequence
            batch.logits[i] = 0
        for i in wanted:
            batch.logits[i] = 1
        status = api.llama_decode(context, batch)
    finally:
        api.llama_batch_free(batch)
    if status != 0:
        raise ModelFault("model-failed", status=status)
    logits = np.empty((len(wanted), vocabulary_size), np.float32)
    for row, i in enumerate(wanted):
        source = api.llama_get_logits_ith(context, i)
        logits[row] = np.ctypeslib.as_array(source, (vocabulary_size,))
    return logits


def likeliest(logits: Logits, barred: Barred | None) -> list[int]:
    """The likeliest token of each row that is not barred; the logits are used up."""
    if barred is not None:
        logits[:, barred] = -np.inf
    return [int(token) for token in logits.argmax(axis=1)]
