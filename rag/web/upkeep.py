"""Keeps the assistant on the newest index of a person's documents, and works while nobody asks.

English is made sentence by sentence for documents that have none, then clauses are read ahead, all
in the thread of the questions, so that the one language model is never asked for two things at
once. What is made is kept in the library and in the cache; what fails is tried again later.
"""

from __future__ import annotations

import logging
import threading
import time
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

# After how many minutes a translation that failed is tried again; the last for every later time.
PAUSES = (1, 5, 30)


def _after(seconds: float, act: Callable[[], None]) -> None:
    """Do something later, unless the program has ended by then."""
    timer = threading.Timer(seconds, act)
    timer.daemon = True
    timer.start()


def keep_up(
    library: Library,
    assistant: Assistant,
    line: QuestionLine,
    clock: Callable[[], float] = time.monotonic,
    after: Callable[[float, Callable[[], None]], None] = _after,
) -> None:
    """Put every new index of the library in service, and work on it while nobody asks.

    What has no English is translated, then clauses are read ahead. The last finished index of the
    library serves when this returns. `clock` gives seconds, and `after` does something when so
    many have passed.
    """

    def resume(seconds: float) -> None:
        after(seconds, lambda: line.when_idle(step))

    translation = _Translation(library, assistant, line.somebody_waits, clock, resume)
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

    def __init__(
        self,
        library: Library,
        assistant: Assistant,
        halted: Callable[[], bool],
        clock: Callable[[], float] = time.monotonic,
        resume: Callable[[float], None] = lambda seconds: None,
    ) -> None:
        """`resume` sees to it that steps are taken again when so many seconds have passed."""
        self._library = library
        self._assistant = assistant
        self._halted = halted
        self._clock = clock
        self._resume = resume
        self._plan: _Plan | None = None
        # How often it has failed in a row, with which index, and when it may be tried again.
        self._failures = 0
        self._failed_with: ClauseIndex | None = None
        self._next_try = 0.0

    def step(self) -> bool:
        """Translate one sentence; whether there is more to do now.

        A question that comes meanwhile halts it; the sentence is begun anew later. A fault ends it
        for a while, longer each time, or until there is another index.
        """
        if self._failed_with is self._assistant.index and self._clock() < self._next_try:
            return False
        try:
            more = self._step()
        except HaltedError:
            return True
        except (RagFault, IndexFault) as fault:
            self._pause(fault)
            return False
        if self._failures:
            self._library.failed(None)
        self._failures, self._failed_with = 0, None
        return more

    def _pause(self, fault: RagFault | IndexFault) -> None:
        """Tell what failed, and let it be tried again later."""
        plan, self._plan = self._plan, None
        minutes = PAUSES[min(self._failures, len(PAUSES) - 1)]
        self._failures += 1
        self._failed_with = self._assistant.index
        self._next_try = self._clock() + 60 * minutes
        name = plan.index.documents[plan.document_id].title if plan else "a document"
        self._library.failed(
            f"No English could be made of {name}; it is tried again in {minutes} min: {fault}"
        )
        # A little later, so that it is not found to be too early by the clock.
        self._resume(60 * minutes + 1)

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
