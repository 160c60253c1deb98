"""Keeps assistants on the newest index of their collection, and works while nobody asks.

English is made sentence by sentence for documents that have none, then clauses are read ahead, all
in a thread of the questions, so that a model with one place is never asked for two things at once.
What is made is kept in the library and in the cache; what fails is tried again later.
"""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from index.errors import IndexFault
from index.library.collections import DEFAULT
from prompts.notices import notice
from rag.english.translate import texts_of
from rag.errors import HaltedError, RagFault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from index.documents.model import Clause
    from index.library.library import Library
    from index.search.store import ClauseIndex
    from rag.answer.assistant import Assistant
    from rag.web.assistants import Collected
    from rag.web.queue import QuestionLine

# After how many minutes a translation that failed is tried again; the last for every later time.
PAUSES = (1, 5, 30)


def _after(seconds: float, act: Callable[[], None]) -> None:
    """Do something later, unless the program has ended by then."""
    timer = threading.Timer(seconds, act)
    timer.daemon = True
    timer.start()


def keep_up(
    collected: Collected,
    assistant: Assistant,
    line: QuestionLine,
    clock: Callable[[], float] = time.monotonic,
    after: Callable[[float, Callable[[], None]], None] = _after,
) -> None:
    """Put every new index of the collections in service, and work on it while nobody asks.

    `assistant` answers from the default one; others are made beside it. What has no English is
    translated, then clauses are read ahead. The last finished index of each serves when this
    returns. `clock` gives seconds, and `after` does something when so many have passed.
    """
    # Replaced as a whole: indexes come from several threads.
    assistants = {DEFAULT: assistant}
    lock = threading.Lock()

    def resume(seconds: float) -> None:
        after(seconds, lambda: line.when_idle(upkeep.step))

    trying = _Trying(line.somebody_waits, clock, resume)
    upkeep = _Upkeep(collected, lambda key: assistants.get(key), trying)

    def serve(collection_id: str, index: ClauseIndex) -> None:
        nonlocal assistants
        with lock:
            if known := assistants.get(collection_id):
                known.use(index)
            else:
                held = {one.id for one in collected.every()}
                kept = {key: one for key, one in assistants.items() if key in held}
                assistants = kept | {collection_id: assistant.beside(index)}
                collected.put(collection_id, assistants[collection_id])
        line.when_idle(upkeep.step)

    collected.start(assistant.index, serve)
    line.when_idle(upkeep.step)


@dataclass(frozen=True)
class _Trying:
    """How a translation is halted for a question, and tried again where it failed.

    `resume` sees to it that steps are taken again when so many seconds have passed by `clock`.
    """

    halted: Callable[[], bool]
    clock: Callable[[], float] = time.monotonic
    resume: Callable[[float], None] = lambda seconds: None


class _Upkeep:
    """The work on all collections: translation first, in all of them, then reading ahead."""

    def __init__(
        self,
        collected: Collected,
        assistant_of: Callable[[str], Assistant | None],
        trying: _Trying,
    ) -> None:
        self._collected = collected
        self._assistant_of = assistant_of
        self._trying = trying
        self._translations: dict[str, _Translation] = {}
        self._readings: dict[str, _Reading] = {}

    def step(self) -> bool:
        """Do a little; whether there is more to do."""
        from rag.answer.ahead import MOST_WARMED

        served = self._collected.every()
        share = max(1, MOST_WARMED // len(served))
        translations, readings = self._translations, self._readings
        # Of those in service now; what was begun for others is forgotten.
        self._translations, self._readings = {}, {}
        for one in served:
            assistant = self._assistant_of(one.id)
            if assistant is None:  # It is being removed.
                continue
            if one.library is not None:
                fresh = _Translation(one.library, assistant, self._trying)
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

    def __init__(self, library: Library, assistant: Assistant, trying: _Trying) -> None:
        """`trying` says when to halt, and when to try again."""
        self.library = library
        self._assistant = assistant
        self._trying = trying
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
        if self._failed_with is self._assistant.index and self._trying.clock() < self._next_try:
            return False
        try:
            more = self._step()
        except HaltedError:
            return True
        except (RagFault, IndexFault) as fault:
            self._pause(fault)
            return False
        if self._failures:
            self.library.failed(None)
        self._failures, self._failed_with = 0, None
        return more

    def _pause(self, fault: RagFault | IndexFault) -> None:
        """Tell what failed, and let it be tried again later."""
        plan, self._plan = self._plan, None
        minutes = PAUSES[min(self._failures, len(PAUSES) - 1)]
        self._failures += 1
        self._failed_with = self._assistant.index
        self._next_try = self._trying.clock() + 60 * minutes
        name = plan.index.documents[plan.document_id].title if plan else notice("a-document")
        self.library.failed(notice("english-not-made", name=name, minutes=minutes, reason=fault))
        # A little later, so that it is not found to be too early by the clock.
        self._trying.resume(60 * minutes + 1)

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
            self._assistant.translated([plan.texts[plan.done]], self._trying.halted)
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
