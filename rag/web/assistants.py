"""The collections of a server, each with the assistant that answers from it.

One assistant for each, of one language model. Where a server has a single library, or none, that
is the one collection. It keeps no document and answers no question.
"""

from __future__ import annotations

import sys
import threading
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from index.documents.model import Clause, Document, Rendition
from index.documents.sidecar import corrected
from index.errors import CollectionFault, DocumentFault
from index.facts.corrections import FactCorrection
from index.facts.query import Facts, facts_of
from index.library.collections import DEFAULT, Collections, unknown_collection
from rag.schema import Language
from rag.web.chat.conversation import Library
from rag.web.queue import Answering
from rag.web.texts import say
from rag.web.visitor import visitor_now

if TYPE_CHECKING:
    from index.library.library import Library as OwnLibrary
    from index.library.sources import Sources
    from index.search.store import ClauseIndex
    from rag.answer.assistant import Assistant


@dataclass(frozen=True)
class Served:
    """A collection in service; `library` is where people's own documents are, if there are any.

    `name` is empty for a default collection that nobody has named.
    """

    id: str
    name: str
    with_builtin: bool
    assistant: Answering
    library: OwnLibrary | None

    @property
    def key(self) -> str:
        """How addresses and conversations name it: not at all if it is the default one."""
        return "" if self.id == DEFAULT else self.id

    def called(self, language: Language) -> str:
        """Its name for readers; plain text."""
        return self.name or say(language, "collection_default")


class Collected:
    """What a server serves. Safe to use from several threads."""

    def __init__(
        self,
        assistant: Answering,
        documents: OwnLibrary | Collections | None = None,
        read: Sequence[Served] = (),
        sources: Sources | None = None,
        restricted: Collection[str] = (),
    ) -> None:
        """`assistant` answers from the default collection; without `documents` none can be added.

        The others are served once they have been `put`. Those `read` are served as they are.
        `sources` are where documents come in from besides uploads. `restricted` are the ids of
        collections that not everybody reads (rag/web/visitor.py).
        """
        self.sources = sources
        self._restricted = frozenset(restricted)
        self.collections = documents if isinstance(documents, Collections) else None
        self._library = None if isinstance(documents, Collections) else documents
        self._read = tuple(read)
        self._lock = threading.Lock()
        # Replaced as a whole, so that it is read without the lock.
        self._assistants: dict[str, Answering] = {DEFAULT: assistant}

    def put(self, collection_id: str, assistant: Answering) -> None:
        """Let an assistant answer from a collection."""
        held = {one.id for one in self.collections.all()} if self.collections else {DEFAULT}
        with self._lock:
            kept = {key: one for key, one in self._assistants.items() if key in held}
            self._assistants = kept | {collection_id: assistant}

    def start(self, index: ClauseIndex, serve: Callable[[str, ClauseIndex], None]) -> None:
        """Begin indexing; `serve` is as `Collections.start` has it."""
        if self.collections:
            self.collections.start(index, serve)
        elif self._library:
            self._library.start(index, lambda newer: serve(DEFAULT, newer))

    def all(self) -> tuple[Served, ...]:
        """The collections in service that the visitor reads, the default one first."""
        reads = visitor_now().reads
        shut = frozenset() if reads is None else self._restricted - reads
        return tuple(one for one in self.every() if one.id not in shut)

    def get(self, collection_id: str = "") -> Served:
        """The collection of that id, the default one for "", if the visitor reads it.

        Raises CollectionFault for any other, which tells nothing of those they do not read.
        """
        return _named(collection_id, self.all())

    def every(self) -> tuple[Served, ...]:
        """The collections in service, whoever reads them: for what the program does by itself."""
        assistants = self._assistants
        if self.collections is None:
            own = Served(DEFAULT, "", True, assistants[DEFAULT], self._library)
            return self._read or (own,)
        return tuple(
            Served(one.id, one.name, one.with_builtin, assistants[one.id], one.library)
            for one in self.collections.all()
            if one.id in assistants
        )

    def assistant(self, collection_id: str = "") -> Answering:
        """Who answers from a collection, for a visitor that was let in. Raises CollectionFault."""
        return _named(collection_id, self.every()).assistant

    def waiting(self, collection_id: str = "") -> tuple[Document, ...]:
        """The documents that were added to a collection and cannot be searched yet."""
        library = _named(collection_id, self.every()).library
        found: list[Document] = []
        if library is None:
            return ()
        for held in library.held():
            if held.state == "waiting" and not held.removing:
                with suppress(DocumentFault):  # It was removed meanwhile.
                    found.append(corrected(library.document(held.id), held.metadata))
        return tuple(found)

    def by_state(self) -> Counter[str]:
        """How many documents people have added to all collections, by where they have come.

        None of them is read for it.
        """
        found: Counter[str] = Counter()
        for library in (one.library for one in self.every()):
            if library is not None:
                found["uploaded"] += library.uploads()
                found.update(held.state for held in library.held())
        return found

    def index(self, collection_id: str = "") -> Library:
        """The clauses of a collection, as `assistant` has it; none where it has been removed."""
        try:
            return self.assistant(collection_id).index
        except CollectionFault:
            return _Removed()


def _named(collection_id: str, among: Sequence[Served]) -> Served:
    held = {one.id: one for one in among}
    if found := held.get(collection_id or DEFAULT):
        return found
    raise unknown_collection(collection_id, held)


def held_by_chat(assistant: Assistant, folder: Path | None) -> Collected:
    """What a chat with this --library folder serves, answered by the assistant; None: its index.

    Tells on stderr of documents that the chat has not indexed yet. Raises StoreFault.
    """
    if folder is None:
        return Collected(assistant)
    from index.library.reading import read_collections

    served: list[Served] = []
    for one in read_collections(folder, assistant.index):
        if one.waiting:
            listed = ", ".join(one.waiting[:5])
            print(f"not indexed yet, start the chat for it: {listed}", file=sys.stderr)
        answering = assistant if one.id == DEFAULT else assistant.beside(one.index)
        served.append(Served(one.id, one.name, one.with_builtin, answering, None))
        if one.id == DEFAULT:
            default = one.index
    assistant.use(default)
    return Collected(assistant, read=served)


class _Removed:
    """What is left of a collection that has been removed."""

    def __init__(self) -> None:
        self.documents: dict[str, Document] = {}
        self.glossary: tuple[tuple[str, str], ...] = ()
        self.corrections: dict[str, tuple[FactCorrection, ...]] = {}

    @property
    def facts(self) -> Facts:
        """None is held."""
        return facts_of([])

    def clause(self, clause_id: str) -> Clause:
        """None is held."""
        raise KeyError(clause_id)

    def rendition(self, clause_id: str) -> Rendition | None:
        """None is held."""
        return None
