"""One question on its way: understood, searched, answered by the first route that fits.

The only orchestrator. The routes stand in rag/answer/routes.py; what each does is elsewhere.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from datetime import date

from index.request.model import Earlier, Previous
from index.request.several import separate_questions
from index.request.understand import understand
from index.search.search import search
from index.search.store import ClauseIndex
from index.search.versions import of_day
from rag.answer.routes import ROUTES
from rag.answer.running import HITS, Means, Running
from rag.answer.several import joined
from rag.schema import Answer, Delta, Event, Found, Stage, cited_by


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
    questions = separate_questions(question, index)
    if len(questions) == 1:
        yield from _one_answer(means, index, question, question_id, previous)
        return
    answers: list[Answer] = []
    for each in questions:
        asked = [*previous, *(_told(answer) for answer in answers)]
        for event in _one_answer(means, index, each, question_id, asked):
            if isinstance(event, Answer):
                answers.append(event)
            elif not (answers and isinstance(event, Found)):
                yield event
        yield Delta("\n")
    yield joined(question, answers, HITS)


def _told(answer: Answer) -> Earlier:
    """A question that was answered just now, for those that lean on it."""
    return Earlier(answer.question, *cited_by(answer))


def _one_answer(
    means: Means, index: ClauseIndex, question: str, question_id: str, previous: Sequence[Previous]
) -> Iterator[Event]:
    """The events of one question; the last is its answer."""
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
