"""An embedding model behind an OpenAI-compatible server: vLLM, TEI, Ollama, llama.cpp's own.

Vectors are told apart by the model's name and their length, for that is all that servers tell: a
server that has other weights under the same name is not noticed. How requests go, and that they
are sent again, is index/endpoint.py's matter.
"""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING, Any

import numpy as np

from index.endpoint import Refusal, Server, endpoint_of
from index.errors import StoreFault
from index.wanted import somebody_waits

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

KEY_VARIABLE = "TIAOWEN_ENCODER_API_KEY"
EMBEDDINGS = "/embeddings"
# Texts in one request (TEI takes no more unless told to), requests at once, and how often one that
# failed for the moment is sent: some 30 seconds for a build, less where somebody waits.
REQUEST, PLACES, TRIES, TRIES_OF_QUESTION = 32, 4, 7, 2
# A request that is too large, or a text of it too long, is refused with one of these. Some servers
# say 500 of both; that may as well be a fault of theirs, for which no text is shortened.
TOO_LONG, TOO_MUCH = (400, 413, 422), (400, 413, 422, 500)
# A text is shortened until it is taken, as models in this process do by themselves; not below this.
SHORTEST = 64
PROBE = "条"


class EndpointEncoder:
    """Implements index.search.embed.Encoder; the key is read from TIAOWEN_ENCODER_API_KEY."""

    # What a build gives it at once: as many texts as go on the way together.
    batch = REQUEST * PLACES

    def __init__(self, spec: str, prompts: tuple[str, str], timeout: float = 60.0) -> None:
        """Asks for one vector, to know the length. Raises StoreFault.

        `spec` is `http(s)://host:port/v1#model`; `prompts` stand before queries and passages.
        """
        endpoint = endpoint_of(spec)
        if endpoint is None:
            raise StoreFault("endpoint-no-host", spec=spec)
        if "@" in endpoint.url.split("/")[2] or "?" in endpoint.url:
            # The address is kept in the index, for whoever reads it.
            raise StoreFault("encoder-password", url=endpoint.shown, variable=KEY_VARIABLE)
        key = os.environ.get(KEY_VARIABLE, "")
        self._server = Server(
            endpoint, StoreFault, key, KEY_VARIABLE, timeout=timeout, places=PLACES
        )
        self._query_prompt, self._passage_prompt = prompts
        try:
            self._model = endpoint.model or self._server.only_model()
            self.name = f"{endpoint.url}#{self._model}"
            self.dimension = 0
            self.dimension = len(self._embedded([PROBE], TRIES_OF_QUESTION)[0])
        except StoreFault:
            self.close()
            raise
        told = repr(("endpoint", self._model, self.dimension, prompts))
        self.digest = hashlib.sha256(told.encode()).hexdigest()

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """See Encoder.encode_queries."""
        return self._vectors(texts, self._query_prompt, TRIES_OF_QUESTION)

    def encode_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """See Encoder.encode_passages."""
        tries = TRIES_OF_QUESTION if somebody_waits() else TRIES
        return self._vectors(texts, self._passage_prompt, tries)

    def close(self) -> None:
        """Close the connections."""
        self._server.close()

    def _vectors(self, texts: Sequence[str], prompt: str, tries: int) -> NDArray[np.float32]:
        if not texts:
            return np.empty((0, self.dimension), dtype=np.float32)
        clean = [prompt + text.encode("utf-8", "replace").decode() for text in texts]
        vectors = self._embedded(clean, tries)
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        if not np.isfinite(vectors).all() or not lengths.all():
            raise StoreFault("encoder-no-number", name=self.name)
        return np.ascontiguousarray(vectors / lengths, dtype=np.float32)

    def _embedded(self, texts: Sequence[str], tries: int) -> NDArray[np.float64]:
        """The vectors as they come, [n, dimension]; several requests are under way at once."""
        parts = [texts[at : at + REQUEST] for at in range(0, len(texts), REQUEST)]
        bodies = [self._body(part) for part in parts]
        replies = self._server.all_tried(EMBEDDINGS, bodies, tries)
        return np.concatenate(
            [
                self._fewer(part, reply, tries)
                if isinstance(reply, Refusal)
                else self._of(reply, part)
                for part, reply in zip(parts, replies, strict=True)
            ]
        )

    def _fewer(self, texts: Sequence[str], refusal: Refusal, tries: int) -> NDArray[np.float64]:
        """The vectors of texts that were refused together: of fewer at a time, of less of one."""
        if refusal.status not in TOO_MUCH:
            raise refusal.fault
        if len(texts) > 1:
            middle = len(texts) // 2
            halves = [texts[:middle], texts[middle:]]
        else:
            (text,) = texts
            if len(text) <= SHORTEST or refusal.status not in TOO_LONG:
                raise refusal.fault
            halves = [[text[: len(text) // 2]]]
        made = []
        for half in halves:
            reply = self._server.tried(EMBEDDINGS, self._body(half), tries)
            refused = isinstance(reply, Refusal)
            made.append(self._fewer(half, reply, tries) if refused else self._of(reply, half))
        return np.concatenate(made)

    def _body(self, texts: Sequence[str]) -> dict[str, Any]:
        return {"model": self._model, "input": list(texts), "encoding_format": "float"}

    def _of(self, content: Any, texts: Sequence[str]) -> NDArray[np.float64]:
        """The vectors in a reply, in the order of the texts."""
        try:
            rows = sorted(content["data"], key=lambda row: int(row["index"]))
            made = np.array([row["embedding"] for row in rows], dtype=np.float64)
        except (KeyError, TypeError, ValueError) as fault:
            raise self._server.unreadable() from fault
        if made.ndim != 2 or len(made) != len(texts) or not made.shape[1]:
            raise self._server.unreadable()
        if self.dimension and made.shape[1] != self.dimension:
            raise StoreFault(
                "encoder-other-length", name=self.name, known=self.dimension, found=made.shape[1]
            )
        return made
