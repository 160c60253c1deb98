"""LlamaIndex's CitationQueryEngine with its documented defaults.

As in its documentation: a VectorStoreIndex of the documents, the three most similar nodes, cut
into numbered sources of 512 tokens, its own citation prompt. It reads no answer.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from eval.peers.chunks import Chunk, locate
from eval.peers.packages import optional
from eval.peers.peer import Draft
from eval.peers.settings import (
    ANSWER_TOKENS,
    CONTEXT_TOKENS,
    TEMPERATURE,
    SharedEmbeddings,
    text_file,
    threads,
)
from index.documents.model import Document
from index.search.embed import Encoder

TOP_K, CITATION_CHUNK_SIZE = 3, 512
PACKAGES = (
    "llama-index-core",
    "llama-index-llms-llama-cpp",
    "llama-index-embeddings-langchain",
)


class LlamaIndexStack:
    """Implements Stack. `model` is a LlamaIndex LLM, `name` what it is called."""

    def __init__(
        self, documents: Iterable[Document], encoder: Encoder, model: Any, name: str
    ) -> None:
        self.name = f"LlamaIndex with {name}"
        self._documents = {document.id: document for document in documents}
        core = optional("llama_index.core")
        embedding = optional("llama_index.embeddings.langchain").LangchainEmbedding
        index = core.VectorStoreIndex.from_documents(
            [
                core.Document(text=each.source, id_=each.id, metadata={"title": each.title})
                for each in self._documents.values()
            ],
            embed_model=embedding(SharedEmbeddings(encoder)),
        )
        self._engine = optional("llama_index.core.query_engine").CitationQueryEngine.from_args(
            index,
            llm=model,
            similarity_top_k=TOP_K,
            citation_chunk_size=CITATION_CHUNK_SIZE,
            streaming=True,
        )
        self._query = optional("llama_index.core.schema").QueryBundle

    def draft(self, question: str) -> Draft:
        """See Stack.draft. These two steps are what the engine's `query` does."""
        query = self._query(question)
        nodes = self._engine.retrieve(query)
        chunks = [chunk for node in nodes if (chunk := self._chunk(node))]
        response = self._engine.synthesize(query, nodes)
        sources = [
            # Each begins with a line "Source 1:".
            locate(node.node.get_content().partition("\n")[2], chunks, self._documents)
            for node in response.source_nodes
        ]
        return Draft(chunks, sources, iter(response.response_gen))

    def _chunk(self, node: Any) -> Chunk | None:
        text = node.node.get_content()
        document_id, start = node.node.ref_doc_id, node.node.start_char_idx
        if start is None:
            # The splitter notes no place for a text that it put together anew.
            start = self._documents[document_id].source.find(text)
        if start < 0:
            return None
        return Chunk(document_id, start, start + len(text), float(node.score or 0.0))


def completion_model(path: Path) -> Any:
    """LlamaIndex's model for a GGUF file, with the model's chat template as its function."""
    template = text_file("chatml.txt") + "\n"

    def to_prompt(completion: str) -> str:
        return template.replace("{completion}", completion)

    return optional("llama_index.llms.llama_cpp").LlamaCPP(
        model_path=str(path),
        temperature=TEMPERATURE,
        max_new_tokens=ANSWER_TOKENS,
        context_window=CONTEXT_TOKENS,
        model_kwargs={"n_threads": threads(), "n_threads_batch": threads()},
        completion_to_prompt=to_prompt,
        verbose=False,
    )
