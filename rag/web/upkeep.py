"""Keeps assistants on the newest index of their collection, and works while nobody asks.

English is made sentence by sentence for documents that have none, then clauses are read ahead, all
in the thread of the questions, so that the one language model is never asked for two things at
once. What is made is kept in the library and in the cache.
"""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from index.collections import DEFAULT
from index.errors import IndexFault
from rag.errors import HaltedError, RagFault
from rag.translate import texts_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from index.library import Library
    from index.schema import Clause
    from index.store import ClauseIndex
    from rag.pipeline import Assistant
    from rag.web.collected import Collected
    from rag.web.line import QuestionLine


def keep_up(collected: Collected, assistant: Assistant, line: QuestionLine) -> None:
    """Put every new index of the collections in service, and work on it while nobody asks.

    `assistant` answers from the default one; others are made beside it. What has no English is
    translated, then clauses are read ahead. The last finished index of each serves when this
    returns.
    """
    # Replaced as a whole: indexes come from several threads.
    assistants = {DEFAULT: assistant}
    lock = threading.Lock()
    upkeep = _Upkeep(collected, lambda key: assistants.get(key), line.somebody_waits)

    def serve(collection_id: str, index: ClauseIndex) -> None:
        nonlocal assistants
        with lock:
            if known := assistants.get(collection_id):
                known.use(index)
            else:
                held = {one.id for one in collected.all()}
                kept = {key: one for key, one in assistants.items() if key in held}
                assistants = kept | {collection_id: assistant.beside(index)}
                collected.put(collection_id, assistants[collection_id])
        line.when_idle(upkeep.step)

    collected.start(assistant.index, serve)
    line.when_idle(upkeep.step)


class _Upkeep:
    """The work on all collections: translation first, in all of them, then reading ahead."""

    def __init__(
        self,
        collected: Collected,
        assistant_of: Callable[[str], Assistant | None],
        halted: Callable[[], bool],
    ) -> None:
        self._collected = collected
        self._assistant_of = assistant_of
        self._halted = halted
        self._translations: dict[str, _Translation] = {}
        self._readings: dict[str, _Reading] = {}

    def step(self) -> bool:
        """Do a little; whether there is more to do."""
        from rag.pipeline import MOST_WARMED

        served = self._collected.all()
        share = max(1, MOST_WARMED // len(served))
        translations, readings = self._translations, self._readings
        # Of those in service now; what was begun for others is forgotten.
        self._translations, self._readings = {}, {}
        for one in served:
            assistant = self._assistant_of(one.id)
            if assistant is None:  # It is being removed.
                continue
            if one.library is not None:
                fresh = _Translation(one.library, assistant, self._halted)
                begun = translations.get(one.id, fresh)
                self._translations[one.id] = begun if begun.library is one.library else fresh
            self._readings[one.id] = readings.get(one.id) or _Reading(assistant, share)
        steps = [one.step for one in self._translations.values()]
        steps += [one.step for one in self._readings.values()]
        return any(step() for step in steps)


class _Reading:
    """Reads the clauses of the index in service ahead, one a step; its steps are of one thread.

    Of each index the first `most`: what is read ahead of all collections has one store.
    """

    def __init__(self, assistant: Assistant, most: int) -> None:
        self._assistant = assistant
        self._most = most
        self._index: ClauseIndex | None = None
        self._clauses: Iterator[Clause] = iter(())

    def step(self) -> bool:
        """Read one clause; whether there is more to do. A fault ends it until the next index."""
        if self._index is not self._assistant.index:
            self._index = self._assistant.index
            self._clauses = self._assistant.warm(self._most)
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
        self.library = library
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
            self.library.failed(str(fault))
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
            self.library.translated(plan.document_id, tuple(made.values()))
            self._plan = None
        self.library.translating(plan.document_id, plan.done, len(plan.texts))
        return True

    def _next(self, index: ClauseIndex) -> _Plan | None:
        todo = self.library.untranslated()
        if todo is None:
            return None
        document_id, clauses = todo
        return _Plan(index, document_id, clauses, list(dict.fromkeys(texts_of(clauses))))
