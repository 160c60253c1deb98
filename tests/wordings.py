"""Questions read as the program reads them: with the vectors of the model that comes with it."""

from __future__ import annotations

from functools import cache

from index.request.wording import Wording, read_wording
from index.search.embed import Encoder, load_encoder


@cache
def _encoder() -> Encoder:
    return load_encoder()


def wording_of(question: str) -> Wording:
    """What a question asks for."""
    return read_wording(question, _encoder().encode_queries([question])[0])
