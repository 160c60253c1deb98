"""A GGUF chat model's tokens: text to tokens and back, its chat template, its words for Yes and No.

Reads the model's vocabulary only; nothing is computed with the weights.
"""

from __future__ import annotations

import ctypes
import logging
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import Any

import numpy as np

from rag.errors import ModelFault
from rag.llm.decode import Barred
from rag.llm.protocol import NO, YES

log = logging.getLogger(__name__)

SYSTEM_MARK, USER_MARK = "\ue000system\ue000", "\ue000user\ue000"


@dataclass(frozen=True)
class _Template:
    """The model's chat template around system and user: head, system, middle, user, tail.

    A model without a system role has it as the beginning of the user's turn.
    """

    head: str
    middle: str
    tail: str


class Vocabulary:
    """The tokens of one loaded model; usable as long as the model is. Raises ModelFault."""

    def __init__(self, api: Any, model: Any, name: str) -> None:
        """`name` is how the model is called in messages."""
        self._api = api
        self._vocabulary = api.llama_model_get_vocab(model)
        self._template = self._read_template(api.llama_model_chat_template(model, None), name)
        self.size = int(api.llama_vocab_n_tokens(self._vocabulary))
        self.yes, self.no = self._reply_tokens(name)
        self.tail = self.tokens(self._template.tail, special=True)

    def tokens(self, text: str, *, special: bool = False) -> list[int]:
        """Tokenise; only with `special` may the text contain the model's control tokens."""
        data = text.encode("utf-8", errors="replace")
        room = len(data) + 8
        tokens = (ctypes.c_int32 * room)()
        count = self._api.llama_tokenize(
            self._vocabulary, data, len(data), tokens, room, False, special
        )
        assert count >= 0, "a text has at most a token a byte"
        return list(tokens[:count])

    def opening(self, system: str, text: str) -> list[list[int]]:
        """The prompt's first batches: up to the user's turn, and `text` (if any) in it.

        The parts are tokenised one by one, so that no token ever spans a boundary.
        """
        head = self.tokens(self._template.head, special=True)
        bos = self._api.llama_vocab_bos(self._vocabulary)
        if self._api.llama_vocab_get_add_bos(self._vocabulary) and head[:1] != [bos]:
            head.insert(0, bos)
        head += self.tokens(system) + self.tokens(self._template.middle, special=True)
        return [head, self.tokens(text)] if text else [head]

    def read(self, token: int) -> bytes | None:
        """The bytes of a written token; None if it ends the answer."""
        ends = self._api.llama_vocab_is_eog(self._vocabulary, token)
        return None if ends else self._piece(token)

    def barred(self, latin: bool) -> Barred | None:
        """What may not be written where `latin` letters alone are wanted; None where all may."""
        return self._not_latin if latin else None

    @cached_property
    def _not_latin(self) -> Barred:
        """The tokens that write anything of an East Asian script, its punctuation included.

        So does what is no whole character: a rare one may be written byte by byte.
        """
        return np.array([_is_east_asian(self._piece(token)) for token in range(self.size)])

    def inside(
        self, text: str, tokens: Sequence[int], spans: Sequence[tuple[int, int]]
    ) -> list[tuple[int, int]]:
        """The runs of `tokens` (of `text`) that lie wholly within the character `spans`."""
        ends = list(accumulate(len(self._piece(token)) for token in tokens))
        starts = [0, *ends[:-1]]
        runs = []
        for first, last in spans:
            low = len(text[:first].encode("utf-8", errors="replace"))
            high = len(text[:last].encode("utf-8", errors="replace"))
            within = [n for n, at in enumerate(starts) if at >= low and ends[n] <= high]
            if within:
                runs.append((within[0], within[-1] + 1))
        return runs

    def _piece(self, token: int, *, special: bool = False) -> bytes:
        size = 64
        while True:
            buffer = ctypes.create_string_buffer(size)
            length = self._api.llama_token_to_piece(
                self._vocabulary, token, buffer, size, 0, special
            )
            if length >= 0:
                return buffer.raw[:length]
            size = -length

    def _read_template(self, source: bytes | None, name: str) -> _Template:
        """Render the model's own chat template around marks and split it there."""
        from jinja2 import TemplateError
        from llama_cpp.llama_chat_format import Jinja2ChatFormatter

        if not source:
            raise ModelFault("template-none", name=name)
        render: Any = Jinja2ChatFormatter(
            source.decode(),
            eos_token=self._special(self._api.llama_vocab_eos(self._vocabulary)),
            bos_token=self._special(self._api.llama_vocab_bos(self._vocabulary)),
        )
        system = {"role": "system", "content": SYSTEM_MARK}
        apart = [system, {"role": "user", "content": USER_MARK}]
        joined = [{"role": "user", "content": f"{SYSTEM_MARK}\n\n{USER_MARK}"}]
        # Some templates refuse a system role or move it; those get it in the user's turn.
        for messages in (apart, joined):
            try:
                prompt = render(messages=messages).prompt
            except (ValueError, TemplateError) as fault:
                log.info("the chat template refuses %s: %s", messages[0]["role"], fault)
                continue
            head, found_system, after = prompt.partition(SYSTEM_MARK)
            middle, found_user, tail = after.partition(USER_MARK)
            if found_system and found_user:
                return _Template(head, middle, tail)
        raise ModelFault("template-unusable", name=name)

    def _special(self, token: int) -> str:
        return self._piece(token, special=True).decode(errors="replace") if token >= 0 else ""

    def _reply_tokens(self, name: str) -> tuple[list[int], list[int]]:
        """The single tokens that say Yes and those that say No."""
        sides = []
        for words in (YES, NO):
            tokens = [self.tokens(word) for word in words]
            sides.append(sorted({ids[0] for ids in tokens if len(ids) == 1}))
        if not all(sides):
            raise ModelFault("model-no-yes", name=name)
        return sides[0], sides[1]


def _is_east_asian(piece: bytes) -> bool:
    try:
        text = piece.decode()
    except UnicodeDecodeError:
        return True
    return any(unicodedata.east_asian_width(char) in "WF" for char in text)
