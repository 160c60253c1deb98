"""Keeps the assistant on the newest index of a person's documents, and gives them English.

English is made sentence by sentence while nobody asks, in the thread of the questions, so that the
one language model is never asked for two things at once. What is made is kept in the library.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from index.errors import IndexFault
from rag.errors import RagFault
from rag.translate import texts_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from index.library import Library
    from index.schema import Clause
    from index.store import ClauseIndex
    from rag.pipeline import Assistant
    from rag.web.conversation import QuestionLine


def keep_up(library: Library, assistant: Assistant, line: QuestionLine) -> None:
    """Put every new index of the library in service, and translate what it has no English for.

    The last finished index of the library serves when this returns.
    """
    translation = _Translation(library, assistant)

    def replaced(index: ClauseIndex) -> None:
        assistant.use(index)
        line.when_idle(translation.step)

    library.start(assistant.index, replaced)
    line.when_idle(translation.step)


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

    def __init__(self, library: Library, assistant: Assistant) -> None:
        self._library = library
        self._assistant = assistant
        self._plan: _Plan | None = None

    def step(self) -> bool:
        """Translate one sentence; whether there is more to do. A fault ends it until the next."""
        try:
            return self._step()
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
            self._assistant.translated([plan.texts[plan.done]])
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
