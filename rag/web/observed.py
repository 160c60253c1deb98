"""What the chat tells whoever runs it: how each question ended, how long it took, what was refused.

Never what was asked or answered, nor who asked. Metrics are in rag/web/metrics.py, the log in
rag/web/log.py.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from rag.answer.trace import Trace
from rag.schema import Answer, Event

# `left`: whoever asked went away in the middle of the answer; `failed`: there was a fault.
End = Literal["answered", "refused", "left", "failed"]


@dataclass(frozen=True)
class Ended:
    """One question that was begun: how it ended, and where its seconds went.

    `waited` are those in the line, `parts` those of rag.answer.trace. `fault` is the kind of what
    it met. `question` is its text, which only a log keeps that was told to.
    """

    end: End
    waited: float
    parts: Mapping[str, float]
    language: str = ""
    route: str = ""
    collection: str = ""
    follows: int = 0
    documents: int = 0
    fault: str = ""
    question: str = field(default="", repr=False)


class Observer(Protocol):
    """Who is told."""

    def refused(self, why: str) -> None:
        """A request was refused; `why` is the key of the sentence that was said."""
        ...

    def ended(self, question: Ended) -> None:
        """A question that was begun has ended."""
        ...


class Observers:
    """Tells several; what one of them meets is logged and harms nobody."""

    def __init__(self, *observers: Observer) -> None:
        """Those to be told, in this order."""
        self._observers = observers

    def refused(self, why: str) -> None:
        """See Observer.refused."""
        for one in self._observers:
            try:
                one.refused(why)
            except Exception as fault:
                _failed(fault)

    def ended(self, question: Ended) -> None:
        """See Observer.ended."""
        for one in self._observers:
            try:
                one.ended(question)
            except Exception as fault:
                _failed(fault)


def _failed(fault: Exception) -> None:
    logging.getLogger(__name__).error("What happened could not be noted.", exc_info=fault)


class Observation:
    """One question from when it is asked until it ends."""

    def __init__(
        self, question: str, previous: Sequence[object], documents: int, collection: str
    ) -> None:
        """It is asked now."""
        self._about = (question, len(previous), documents, collection)
        self._asked = time.perf_counter()
        self._begun = self._asked
        self._trace = Trace()
        self._answer: Answer | None = None
        self.fault: Exception | None = None

    def follow(self, events: Iterable[Event]) -> Iterator[Event]:
        """Pass the events of the answer on, which is begun now."""
        self._begun = time.perf_counter()
        for event in self._trace.follow(events):
            if isinstance(event, Answer):
                self._answer = event
            yield event

    def ended(self) -> Ended:
        """What came of it."""
        question, follows, documents, collection = self._about
        answer = self._answer
        end: End = "failed" if self.fault else answer.outcome if answer else "left"
        return Ended(
            end,
            self._begun - self._asked,
            dict(self._trace.seconds),
            answer.language if answer else "",
            answer.route if answer else "",
            # As it was asked for it may be no collection at all, but any text.
            (collection or "default") if answer else "",
            follows,
            documents,
            type(self.fault).__name__ if self.fault else "",
            question,
        )
