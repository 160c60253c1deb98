"""One question on its way: understood, searched, answered by the first route that fits.

The only orchestrator. The routes stand in rag/answer/routes.py; what each does is elsewhere.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from datetime import date

from index.request.model import Previous
from index.request.understand import understand
from index.search.search import search
from index.search.store import ClauseIndex
from index.search.versions import of_day
from rag.answer.routes import ROUTES
from rag.answer.running import HITS, Means, Running
from rag.schema import Event, Found, Stage


def answer_events(
    means: Means,
    index: ClauseIndex,
    question: str,
    question_id: str = "",
    previous: Sequence[Previous] = (),
) -> Iterator[Event]:
    """What a reader sees meanwhile, and last the finished Answer.

    `index` is limited to the documents chosen, if any are. Raises ModelFault, IndexFault.
    """
    started = time.perf_counter()
    yield Stage("searching")
    index = of_day(index, question, means.today())
    request = understand(question, index, previous, means.rewritten, means.today())
    running = Running(means, index, request, question_id, started)
    if request.searched is not None:
        running.found = search(index, request, HITS)
        running.retrieved = time.perf_counter() - started
        yield Found(running.found.hits)
    for route in ROUTES:
        if not route.fits(running):
            continue
        running.route = route.name
        answered = False
        for event in route.handle(running):
            answered = True
            yield event
        if answered:
            return


def find(index: ClauseIndex, question: str, previous: Sequence[Previous], today: date) -> Found:
    """The clauses that a question finds, which needs no model. Raises IndexFault."""
    index = of_day(index, question, today)
    request = understand(question, index, previous, today=today)
    return Found(search(index, request, HITS).hits)
