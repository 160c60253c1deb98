"""Keeps the assistant on the newest index of a person's documents, and works while nobody asks.

English is made sentence by sentence for documents that have none, then clauses are read ahead, all
in the thread of the questions, so that the one language model is never asked for two things at
once. What is made is kept in the library and in the cache.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from index.errors import IndexFault
from rag.errors import HaltedError, RagFault
from rag.translate import texts_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from index.library import Library
    from index.schema import Clause
    from index.store import ClauseIndex
    from rag.pipeline import Assistant
    from rag.web.line import QuestionLine


def keep_up(library: Library, assistant: Assistant, line: QuestionLine) -> None:
    """Put every new index of the library in service, and work on it while nobody asks.

    What has no English is translated, then clauses are read ahead. The last finished index of the
    library serves when this returns.
    """
    translation = _Translation(library, assistant, line.somebody_waits)
    reading = _Reading(assistant)

    def step() -> bool:
        return translation.step() or reading.step()

    def replaced(index: ClauseIndex) -> None:
        assistant.use(index)
        line.when_idle(step)

    library.start(assistant.index, replaced)
    line.when_idle(step)


class _Reading:
    """Reads the clauses of the index in service ahead, one a step; its steps are of one thread."""

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant
        self._index: ClauseIndex | None = None
        self._clauses: Iterator[Clause] = iter(())

    def step(self) -> bool:
        """Read one clause; whether there is more to do. A fault ends it until the next index."""
        if self._index is not self._assistant.index:
            self._index = self._assistant.index
            self._clauses = self._assistant.warm()
        try:
            return next(self._clauses, None) is not None
        except (RagFault, IndexFault) as fault:
            logging.getLogger(__name__).warning("Clauses are not read ahead: %s", fault)
            self._clauses = iter(())
            return False


@dataclass
class _Plan:
    """One document to be translated: what of it, and how far it is. It holds for one index."""

    index: ClauseIndex
    document_id: str
    clauses: Sequence[Clause]
    texts: Sequence[str]
    done: int = 0


class _Translation:
    """Translates the documents one after the other; its steps are taken by one thread."""

    def __init__(self, library: Library, assistant: Assistant, halted: Callable[[], bool]) -> None:
        self._library = library
        self._assistant = assistant
        self._halted = halted
        self._plan: _Plan | None = None

    def step(self) -> bool:
        """Translate one sentence; whether there is more to do. A fault ends it until the next.

        A question that comes meanwhile halts it; the sentence is begun anew later.
        """
        try:
            return self._step()
        except HaltedError:
            return True
        except (RagFault, IndexFault) as fault:
            self._plan = None
            self._library.failed(str(fault))
            return False

    def _step(self) -> bool:
        index = self._assistant.index
        plan = self._plan
        # Another index may lack the document, or have it with other clauses.
        if plan is None or plan.index is not index:
            self._plan = plan = self._next(index)
        if plan is None:
            return False
        if plan.done < len(plan.texts):
            # Kept by the translator: whatever is interrupted goes on from there.
            self._assistant.translated([plan.texts[plan.done]], self._halted)
            plan.done += 1
        else:
            made = self._assistant.rendered(plan.clauses)
            self._library.translated(plan.document_id, tuple(made.values()))
            self._plan = None
        self._library.translating(plan.document_id, plan.done, len(plan.texts))
        return True

    def _next(self, index: ClauseIndex) -> _Plan | None:
        todo = self._library.untranslated()
        if todo is None:
            return None
        document_id, clauses = todo
        return _Plan(index, document_id, clauses, list(dict.fromkeys(texts_of(clauses))))
