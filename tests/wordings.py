"""Questions read as the program reads them: with the vectors of the model that comes with it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
from fakes_index import OpenBook
from numpy.typing import NDArray

from index.request.wording import Wording, read_wording
from index.search.embed import Encoder, load_encoder


@cache
def _encoder() -> Encoder:
    return load_encoder()


def wording_of(question: str) -> Wording:
    """What a question asks for."""
    return read_wording(question, _encoder().encode_queries([question])[0])


class Held(OpenBook):
    """The built-in documents, with the vectors of questions that the learned heads go by."""

    @property
    def whole(self) -> Held:
        return self

    def question_vector(self, question: str) -> NDArray[np.float32]:
        vector: NDArray[np.float32] = _encoder().encode_queries([question])[0]
        return vector

    def alternatives(self, text: str) -> Sequence[Sequence[Sequence[str]]]:
        return ()


@cache
def held() -> Held:
    return Held()
