"""What is said to the assistant itself: greetings, thanks, who it is, which documents it holds.

Answered in a sentence or two of the program's own, which cite nothing. Whether something is
conversation was decided before; here only of which kind it is.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import prompts
from index.documents.model import Document
from index.search.embed import Encoder
from prompts import message
from rag.answer.compose import name_of
from rag.answer.running import Running
from rag.schema import AnswerSentence, Event

_EXAMPLES = Path(prompts.__file__).with_name("rules") / "conversation.json"


def be_courteous(running: Running) -> Iterator[Event]:
    """The reply to what is said to the assistant."""
    language = running.language
    encoder = running.index.encoder
    kind = conversation_kind(running.index.encode_queries([running.request.question])[0], encoder)
    documents = list(running.index.documents.values())
    if kind != "documents" or not documents:
        key = "chat-documents-none" if kind == "documents" else f"chat-{kind}"
        text = message(key, language, example=_example(documents, running))
        yield running.delta(text)
        yield running.said([AnswerSentence(text, ())])
        return
    lead = message("chat-documents", language, count=len(documents))
    rows = [AnswerSentence(_titled(each, running), (), "row") for each in documents]
    yield running.delta(lead)
    yield running.said([AnswerSentence(lead, (), "lead"), *rows])


def conversation_kind(vector: NDArray[np.float32], encoder: Encoder) -> str:
    """The kind of the example that is nearest to a sentence's query vector."""
    kinds, vectors = _example_vectors(encoder)
    return kinds[int((vectors @ vector).argmax())]


# By the encoder's digest: the kinds of the examples, and their vectors.
_vectors: dict[str, tuple[Sequence[str], NDArray[np.float32]]] = {}


def _example_vectors(encoder: Encoder) -> tuple[Sequence[str], NDArray[np.float32]]:
    if encoder.digest in _vectors:
        return _vectors[encoder.digest]
    examples = [
        (kind, example) for kind, listed in conversation_examples().items() for example in listed
    ]
    vectors = encoder.encode_queries([example for _, example in examples])
    _vectors[encoder.digest] = [kind for kind, _ in examples], vectors
    return _vectors[encoder.digest]


@cache
def conversation_examples() -> Mapping[str, Sequence[str]]:
    """What is said to an assistant, by kind, in both languages."""
    read = json.loads(_EXAMPLES.read_text(encoding="utf-8"))
    return {kind: listed for kind, listed in read.items() if kind != "about"}


def _titled(document: Document, running: Running) -> str:
    """A document's title, with its number where it has one."""
    if running.language == "zh":
        title = f"《{document.title.strip('《》')}》"
        return f"{title}（{document.number}）" if document.number else title
    title = document.title_en or document.title
    return f"{title} ({name_of(document, 'en')})" if document.number else title


def _example(documents: Sequence[Document], running: Running) -> str:
    """A question that can be asked of the documents held."""
    for document in documents:
        for clause in document.clauses:
            if clause.marker:
                label = clause.label if running.language == "zh" else clause.label_en
                return f"{label}讲什么？" if running.language == "zh" else f"What does {label} say?"
    return ""
