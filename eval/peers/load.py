"""Puts one of the peers together over an index; a process of its own can do it too.

Nothing of a framework is imported before that.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from eval.peers.peer import Credit, Peer, Stack


class Name(StrEnum):
    """The peers there are."""

    langchain = "langchain"
    llamaindex = "llamaindex"


def load_peer(name: Name, folder: Path | None, credit: Credit) -> Peer:
    """The peer over the documents of the index in `folder`, or of the default one.

    Raises PeerFault, StoreFault, ModelFault.
    """
    from eval.peers.langchain_stack import LangChainStack, chat_model
    from eval.peers.llamaindex_stack import LlamaIndexStack, completion_model
    from eval.peers.peer import Peer
    from eval.peers.settings import model_path
    from index.search.store import ClauseIndex, default_index

    index = ClauseIndex.open(folder or default_index())
    path = model_path()
    documents = index.documents.values()
    stack: Stack
    if name == Name.langchain:
        stack = LangChainStack(documents, index.encoder, chat_model(path), path.stem)
    else:
        stack = LlamaIndexStack(documents, index.encoder, completion_model(path), path.stem)
    return Peer(index, stack, credit)
