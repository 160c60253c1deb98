"""What can be done before it is asked for: the model loaded, its states of clauses computed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import suppress

from index.documents.model import Clause
from index.search.store import ClauseIndex
from index.search.vectors import RecentVectors
from prompts import prompt
from rag.answer.evidence import read_clause
from rag.answer.weigh import compared
from rag.answer.windows import windows_of
from rag.errors import RagFault
from rag.llm.protocol import Generator
from rag.schema import Language

# Clauses whose state is computed ahead: with two languages they take about the store's budget.
MOST_WARMED = 200
LANGUAGES: tuple[Language, Language] = ("zh", "en")
# They need what every question of their language needs.
FIRST_QUESTIONS = ("政策有什么目标？", "What does the policy aim for?")


def begin_to_load(model: Callable[[], Generator]) -> None:
    """Load the language model aside; a fault of it is told by the question that needs it."""

    def load() -> None:
        with suppress(RagFault):
            model()

    threading.Thread(target=load, name="model", daemon=True).start()


def prepare(generator: Generator) -> None:
    """Compute what reading any clause needs first. Raises ModelFault."""
    generator.prepare(prompt("clause-system", "zh"), "")


def warm(
    index: ClauseIndex,
    model: Callable[[], Generator],
    vectors: RecentVectors,
    most: int = MOST_WARMED,
) -> Iterator[Clause]:
    """Compute what reading a clause needs first, for the first `most` clauses, one a step.

    Raises ModelFault.
    """
    for language in LANGUAGES:
        reads = (read_clause(index, clause.id, language) for clause in index.clauses[:most])
        own = [windows_of(r, model()) for r in reads if r.language == language]
        # Of overlong clauses what is read of them, as long as there is room for it.
        ahead = [*(each[0] for each in own), *(one for each in own for one in each[1:])]
        for read in ahead[:most]:
            model().prepare(prompt("clause-system", language), read.opening)
            vectors.of(compared(read, read.content))
            yield read.clause
