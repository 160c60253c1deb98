"""The plain LangChain stack: split by characters, FAISS, top 4, one stuffed prompt.

As in LangChain's documentation of retrieval: RecursiveCharacterTextSplitter over the raw text,
a FAISS vector store, and prompt | model | StrOutputParser. It reads no answer.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from eval.peers.chunks import Chunk
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

CHUNK_SIZE, CHUNK_OVERLAP, TOP_K = 500, 50, 4
PACKAGES = ("langchain-core", "langchain-community", "langchain-text-splitters", "faiss-cpu")


class LangChainStack:
    """Implements Stack. `model` is a LangChain chat model, `name` what it is called."""

    def __init__(
        self, documents: Iterable[Document], encoder: Encoder, model: Any, name: str
    ) -> None:
        self.name = f"LangChain with {name}"
        loaded = optional("langchain_core.documents").Document
        splitter = optional("langchain_text_splitters").RecursiveCharacterTextSplitter(
            chunk_size=CHUNK_SIZE, chunk_overlap=CHUNK_OVERLAP, add_start_index=True
        )
        splits = splitter.split_documents(
            [
                loaded(page_content=each.source, metadata={"id": each.id, "source": each.title})
                for each in documents
            ]
        )
        self._store = optional("langchain_community.vectorstores").FAISS.from_documents(
            splits, SharedEmbeddings(encoder)
        )
        template = optional("langchain_core.prompts").ChatPromptTemplate
        parser = optional("langchain_core.output_parsers").StrOutputParser()
        self._chain = template.from_template(text_file("langchain.txt")) | model | parser

    def draft(self, question: str) -> Draft:
        """See Stack.draft."""
        found = self._store.similarity_search_with_score(question, k=TOP_K)
        chunks = [_chunk(document, float(distance)) for document, distance in found]
        context = "\n\n".join(
            f"[{number}] Source: {document.metadata['source']}\n{document.page_content}"
            for number, (document, _) in enumerate(found, start=1)
        )
        pieces = self._chain.stream({"context": context, "question": question})
        return Draft(chunks, chunks, pieces)


def chat_model(path: Path) -> Any:
    """LangChain's model for a GGUF file; it applies the chat template that the file holds."""
    return optional("langchain_community.chat_models").ChatLlamaCpp(
        model_path=str(path),
        temperature=TEMPERATURE,
        max_tokens=ANSWER_TOKENS,
        n_ctx=CONTEXT_TOKENS,
        n_threads=threads(),
        # Its own default of 8 tokens a batch makes reading a prompt many times slower.
        n_batch=512,
        # Its own default of 1.1 is no part of greedy decoding, and punishes quoting.
        repeat_penalty=1.0,
        # 0 is the file's own value. The default of 10000 is wrong for this model (1000000).
        rope_freq_base=0.0,
        rope_freq_scale=0.0,
        model_kwargs={"n_threads_batch": threads()},
        verbose=False,
    )


def _chunk(document: Any, distance: float) -> Chunk:
    start = int(document.metadata["start_index"])
    # The store gives squared distances; of vectors of length 1 this is the cosine.
    score = 1.0 - distance / 2.0
    return Chunk(document.metadata["id"], start, start + len(document.page_content), score)
