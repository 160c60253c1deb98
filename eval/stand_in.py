"""A model that reads nothing: it copies what it is given and judges by the words shared.

Beside it an encoder that encodes each text once. With them whole answers are made without a
language model, always the same ones; what a rule brings can be measured by them (eval/rules.py).
How good they are says nothing of the program.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from index.search.embed import Encoder
from index.text.tokens import tokenise_chinese, tokenise_english
from rag.llm.protocol import without_spans
from rag.schema import Judgement

# The logit of a text with none of the question's words, and what all of them add.
NONE_SHARED, ALL_SHARED = -1.5, 6.0
# The share of words from which a word is likely, and how likely any is at least.
UNLIKELY = 0.05
COPIED = 3
_HEAD = re.compile(r"^(?:文件|条文|Document|Clause)[：:].*\n", re.MULTILINE)
_SENTENCE = re.compile(r"[^。；;\n]+?(?:[。；;\n]|(?<!\d)\.(?=\s)|$)")


class StandIn:
    """Implements rag.llm.protocol.Generator."""

    name = "stand-in"
    context_size = 4096

    def stream(
        self,
        system: str,
        user: str,
        *,
        max_tokens: int,
        stop: Sequence[str] = (),
        start: str = "",
        text: str = "",
        question: str = "",
        hidden: Sequence[tuple[int, int]] = (),
        latin: bool = False,
    ) -> Iterator[str]:
        """The sentences of the text that have most of the question's words, as they stand."""
        told = _HEAD.sub("", without_spans(text, hidden)).rpartition("\n")[0].strip()
        asked = _words(question)
        sentences = [each.strip() for each in _SENTENCE.findall(told) if each.strip()]
        order = sorted(range(len(sentences)), key=lambda n: -len(asked & _words(sentences[n])))
        yield " ".join(sentences[n] for n in sorted(order[:COPIED]))

    def write_all(
        self, system: str, users: Sequence[str], *, max_tokens: int, latin: bool = False
    ) -> Iterator[tuple[int, str]]:
        """Every user's own words."""
        yield from enumerate(users)

    def judge(self, system: str, text: str, question: str, ask: str) -> Judgement:
        """By the question's words; what is asked without one is judged good."""
        return _judged(text, question)

    def reading(self, question: str) -> StandInReading:
        """See Generator.reading."""
        return StandInReading(question)

    def prepare(self, system: str, text: str) -> None:
        """Nothing is computed ahead."""

    def count_tokens(self, text: str) -> int:
        """About as many as a model has."""
        return max(1, len(text.encode()) // 4)

    def close(self) -> None:
        """Nothing is held."""


class StandInReading:
    """Implements rag.llm.protocol.Reading."""

    def __init__(self, question: str) -> None:
        self.question = question

    def likelihoods(self, system: str, texts: Sequence[str]) -> list[float | None]:
        """See Reading.likelihoods."""
        return [_judged(text, self.question).likelihood for text in texts]

    def judgements(self, system: str, texts: Sequence[str], ask: str) -> list[Judgement]:
        """See Reading.judgements."""
        return [_judged(text, self.question) for text in texts]


class Remembering:
    """Implements index.search.embed.Encoder: another encoder that is asked once for each text."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self.name, self.digest, self.dimension = encoder.name, encoder.digest, encoder.dimension
        self._queries: dict[str, NDArray[np.float32]] = {}
        self._passages: dict[str, NDArray[np.float32]] = {}

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """See Encoder.encode_queries."""
        for text in texts:
            if text not in self._queries:
                (self._queries[text],) = self._encoder.encode_queries([text])
        return self._stacked([self._queries[text] for text in texts])

    def encode_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """See Encoder.encode_passages."""
        if new := [text for text in dict.fromkeys(texts) if text not in self._passages]:
            self._passages |= zip(new, self._encoder.encode_passages(new), strict=True)
        return self._stacked([self._passages[text] for text in texts])

    def _stacked(self, vectors: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
        return np.stack(vectors) if vectors else np.zeros((0, self.dimension), np.float32)


def _judged(text: str, question: str) -> Judgement:
    asked = _words(question)
    share = len(asked & _words(text)) / len(asked) if asked else 1.0
    return Judgement(math.log(UNLIKELY + share), NONE_SHARED + ALL_SHARED * share)


@lru_cache(maxsize=4096)
def _words(text: str) -> frozenset[str]:
    return frozenset(tokenise_chinese(text)) | frozenset(tokenise_english(text))
