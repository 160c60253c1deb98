"""What both peers share: the language model's file, its settings and the embedder.

The same file, threads and decoding as the product, and room enough for a stuffed prompt. Loads
nothing itself.
"""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from pathlib import Path

from eval.peers.packages import optional
from index.search.embed import Encoder
from rag.llm.weights import LocalModel, resolve_model

# Enough for LlamaIndex to put its sources into one prompt; in 4096 tokens it asks twice.
CONTEXT_TOKENS = 8192
ANSWER_TOKENS = 256
# The product decodes greedily, so that its answers can be reproduced; so do the peers.
TEMPERATURE = 0.0

_FOLDER = Path(__file__).parent


def model_path() -> Path:
    """The file of the default language model, fetched if need be. Raises ModelFault."""
    model = resolve_model(None)
    assert isinstance(model, LocalModel)
    return model.path


def threads() -> int:
    """As many threads as the product takes: the physical cores."""
    return int(importlib.import_module("joblib").cpu_count(only_physical_cores=True))


def text_file(name: str) -> str:
    """A prompt that lies beside this module, as it is but for the last line feed."""
    return (_FOLDER / name).read_text(encoding="utf-8").removesuffix("\n")


class SharedEmbeddings:
    """The product's embedder with the methods of LangChain's class Embeddings."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        # Its base class cannot be named here, since the package is optional; being registered as
        # one of its kind is what LangChain asks for.
        optional("langchain_core.embeddings").Embeddings.register(SharedEmbeddings)

    def embed_documents(self, texts: Sequence[str]) -> list[list[float]]:
        """Vectors of passages, of length 1."""
        vectors: list[list[float]] = self._encoder.encode_passages(list(texts)).tolist()
        return vectors

    def embed_query(self, text: str) -> list[float]:
        """The vector of a question, of length 1."""
        vector: list[float] = self._encoder.encode_queries([text])[0].tolist()
        return vector
