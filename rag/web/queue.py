"""The line in which questions wait for the assistant.

As many questions at a time go through the model as it has places, of each client in turn; while
nobody asks, there is time for other work. What comes of a question is entered in its turn of the
conversation.
"""

from __future__ import annotations

import itertools
import logging
import threading
from collections.abc import Callable, Collection, Generator, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Protocol

from index.documents.model import Document
from index.errors import IndexFault
from index.request.model import Previous
from index.wanted import GivenUpError, asked_until
from rag.errors import RagFault
from rag.schema import Event, Found
from rag.web.being_indexed import with_waiting
from rag.web.chat.conversation import Library, Turn
from rag.web.observed import Observation, Observers
from rag.web.rates import Rate, TooManyError

if TYPE_CHECKING:
    from rag.answer.other_words import OtherWords

# For each place: so the last one waits as long wherever there are several.
MOST_WAITING = 20
# Of one client, beside one that is being answered; and after how long it may try again.
MOST_OF_CLIENT, TRY_AGAIN = 3, 5


class Asked:
    """A question in the line. Its events arrive in `events`; None there means no more."""

    def __init__(
        self,
        question: str,
        previous: Sequence[Previous] = (),
        client: str | None = None,
        documents: Collection[str] = (),
        collection: str = "",
    ) -> None:
        """Put nothing in motion yet; `QuestionLine.ask` does."""
        self.question = question
        self.previous: Sequence[Previous] = previous
        self.client = client
        self.documents = documents
        self.collection = collection
        # The round in which it is answered, and when in the round.
        self.place = (0, 0)
        self.observation = Observation(question, previous, len(documents), collection)
        self.events: SimpleQueue[Event | Exception | None] = SimpleQueue()
        self.answering: Future[None] = Future()
        self.begun = False
        self.given_up = False

    def give_up(self) -> None:
        """Leave the line; an answer under way stops at its next event.

        What is asked of a model at an endpoint is broken off at once.
        """
        self.given_up = True
        self.answering.cancel()
        self.events.put(None)


class Answering(Protocol):
    """What the page needs of the assistant."""

    @property
    def index(self) -> Library:
        """Where the clauses are."""
        ...

    def ask(
        self,
        question: str,
        *,
        question_id: str = "",
        previous: Sequence[Previous] = (),
        documents: Collection[str] = (),
    ) -> Iterator[Event]:
        """The events of one answer; raises RagFault or IndexFault."""
        ...

    def find(
        self, question: str, previous: Sequence[Previous] = (), documents: Collection[str] = ()
    ) -> Found:
        """The clauses that a question finds, which needs no model; raises as `ask` does.

        None where only the model can tell how it goes on from the `previous` ones.
        """
        ...

    @property
    def other_words(self) -> OtherWords:
        """What tells whether an article says a statement in other words than its own."""
        ...

    def count_tokens(self, text: str) -> int:
        """The number of the language model's tokens that a text has. Raises ModelFault."""
        ...

    def close(self) -> None:
        """Free what the assistant holds."""
        ...


class LineFullError(Exception):
    """Too many questions are waiting. `key` is that of an interface text."""

    key = "fault_line_full"


class QuestionLine:
    """Leads questions through the assistant, as many at a time as it has places, by turns.

    Every round takes one question of each client, in the order they came: who asks ten delays the
    others by one. Whoever has to wait is shown the clauses found meanwhile. The threads are the
    line's own, one for each place, so that a visitor who leaves in the middle of an answer cannot
    hold up those who wait.
    """

    def __init__(
        self,
        assistant: Answering,
        most_waiting: int | None = None,
        rate: Rate | None = None,
        of: Callable[[str], Answering] | None = None,
        waiting: Callable[[str], Sequence[Document]] | None = None,
        observers: Observers | None = None,
        places: int = 1,
    ) -> None:
        """An empty line; without a `rate` clients may ask as fast as they like.

        `places`: how many questions the model answers at a time. `most_waiting`: how many more may
        stand in line; None is MOST_WAITING for each place.

        `of` gives the assistant of a collection, and raises IndexFault for an unknown one. All
        share the one model, which closing `assistant` frees; without `of` it answers everything.
        `waiting` tells which documents of a collection are being indexed, `observers` are told how
        each question ended.
        """
        self._assistant = assistant
        self._of = of or (lambda collection: assistant)
        self._waiting = waiting or (lambda collection: ())
        self._places = places
        self._most_waiting = MOST_WAITING * places if most_waiting is None else most_waiting
        self._rate = rate
        self._observers = observers or Observers()
        self._threads = ThreadPoolExecutor(places, thread_name_prefix="question line")
        self._finder = ThreadPoolExecutor(max_workers=1, thread_name_prefix="finder")
        self._lock = threading.Lock()
        # In the order of their places; replaced as a whole, so that it is read without the lock.
        self._line: list[Asked] = []
        self._round = 0
        self._arrivals = itertools.count()
        self._step: Callable[[], bool] | None = None
        self._step_waits = False
        self._stepping = False
        self.closed = False

    def ask(
        self,
        question: str,
        previous: Sequence[Previous] = (),
        client: str | None = None,
        documents: Collection[str] = (),
        collection: str = "",
    ) -> Asked:
        """Stand a question in line, asked after the `previous` ones of its conversation.

        `client` is who asks; a question of nobody known is a client of its own. `documents` are
        those that it is limited to. It is answered from the `collection`, the default one if none
        is given. Raises LineFullError if the line is full, and TooManyError if the client has
        asked too much.
        """
        asked = Asked(question, previous, client, documents, collection)
        try:
            self._stand(asked, client)
        except (LineFullError, TooManyError) as refused:
            self._observers.refused(refused.key)
            raise
        return asked

    def _stand(self, asked: Asked, client: str | None) -> None:
        """Give a question its place. Raises as `ask` does."""
        with self._lock:
            line = [one for one in self._line if not one.answering.done()]
            if len(line) >= self._most_waiting + self._places:
                raise LineFullError
            own = [one for one in line if client is not None and one.client == client]
            # The first ones are being answered, or are about to be; one of a client is not counted.
            if len(own) - any(one in line[: self._places] for one in own) >= MOST_OF_CLIENT:
                raise TooManyError("fault_too_many_waiting", TRY_AGAIN)
            if self._rate and client is not None and (wait := self._rate.take(client)):
                raise TooManyError("fault_too_fast", wait)
            begins = max([self._round, *(one.place[0] + 1 for one in own)])
            asked.place = (begins, next(self._arrivals))
            self._line = sorted([*line, asked], key=lambda one: one.place)
            self._threads.submit(self._answer_next)
        if len(line) + self._stepping >= self._places:
            self._finder.submit(self._find, asked)

    def count(self, client: str | None) -> None:
        """Count what a client has done without standing in line as a question of theirs.

        Raises TooManyError if the client has asked too much.
        """
        with self._lock:
            wait = self._rate.take(client) if self._rate and client is not None else 0
        if wait:
            self._observers.refused("fault_too_fast")
            raise TooManyError("fault_too_fast", wait)

    def ahead(self, asked: Asked) -> int:
        """How many questions must end before this one's turn comes; 0 when it has come."""
        if asked.begun:
            return 0
        before = [one for one in self._line if one.place < asked.place and not one.answering.done()]
        return max(0, len(before) - self._places + 1)

    def somebody_waits(self) -> bool:
        """Whether a question stands in line."""
        return self.length() > 0

    def length(self) -> int:
        """How many questions stand in line, that which is being answered with them."""
        return sum(not one.answering.done() for one in self._line)

    def when_idle(self, step: Callable[[], bool]) -> None:
        """Run `step` in one of the line's threads while nobody asks, again as long as it is True.

        A step should be short: a question that comes meanwhile waits for its end.
        """
        with self._lock:
            self._step = step
            self._let_step_wait()

    def close(self) -> None:
        """Give up every question and close the assistant; a step under way ends first."""
        with self._lock:
            self.closed = True
            for asked in self._line:
                asked.give_up()
        self._threads.shutdown()
        self._finder.shutdown()
        self._assistant.close()

    def _find(self, asked: Asked) -> None:
        if asked.begun or asked.given_up:
            return
        try:
            assistant = self._of(asked.collection)
            found = assistant.find(asked.question, asked.previous, asked.documents)
        except (RagFault, IndexFault):
            return  # told when its turn comes
        with self._lock:
            if found.hits and not asked.begun:
                asked.events.put(found)

    def _let_step_wait(self) -> None:
        """Let the step be taken once nobody is in the line; the lock is held."""
        taken = self._step_waits or self._stepping  # never by two threads at once
        if self._step and not taken and not self.closed and not self.somebody_waits():
            self._step_waits = True
            self._threads.submit(self._rest)

    def _rest(self) -> None:
        """Take the step if nobody waits, and let it wait again."""
        with self._lock:
            self._step_waits = False
            if self.closed or self.somebody_waits():
                return  # The last question that ends lets it wait again.
            # Taken off, so that a step set meanwhile is not mistaken for this one.
            step, self._step = self._step, None
            self._stepping = step is not None
        try:
            more = step() if step else False
        except Exception as fault:
            # The thread serves everybody: what a step meets must not end it.
            logging.getLogger(__name__).error("A step between questions failed.", exc_info=fault)
            more = False
        with self._lock:
            self._stepping = False
            if more:
                self._step = self._step or step
            self._let_step_wait()

    def _answer_next(self) -> None:
        """Answer the first question that still waits; there is one call for each question."""
        if asked := self._next():
            self._answer(asked)
        with self._lock:
            self._let_step_wait()

    def _next(self) -> Asked | None:
        """The first question that still waits, which is begun now."""
        with self._lock:
            waiting = (one for one in self._line if not (one.begun or one.answering.cancelled()))
            asked = next(
                (one for one in waiting if one.answering.set_running_or_notify_cancel()), None
            )
            if asked is not None:
                asked.begun = True
                self._round = asked.place[0]
            return asked

    def _answer(self, asked: Asked) -> None:
        try:
            assistant = self._of(asked.collection)
            # Before the question: what becomes searchable meanwhile has no part in its answer.
            unready = () if asked.documents else self._waiting(asked.collection)
            ask = partial(assistant.ask, previous=asked.previous, documents=asked.documents)
            with asked_until(lambda: asked.given_up):
                # Not kept, so that an answer that is left is closed here and now.
                for event in asked.observation.follow(ask(asked.question)):
                    if asked.given_up:
                        break
                    asked.events.put(with_waiting(event, unready))
        except GivenUpError:
            pass  # Its asker has left.
        except Exception as fault:
            # The threads serve everybody: whatever one question meets is told to its asker.
            asked.observation.fault = fault
            asked.events.put(fault)
        asked.answering.set_result(None)
        asked.events.put(None)
        self._observers.ended(asked.observation.ended())


def follow(line: QuestionLine, turn: Turn, asked: Asked) -> Generator[None]:
    """Enter a question's events in its turn as they come; yields when the page may have changed.

    Yields at least once a second, so that a page that is gone is noticed: the generator is then
    closed, and the question given up.
    """
    turn.asked = asked
    try:
        while turn.running:
            turn.ahead = line.ahead(asked)
            news: list[Event | Exception | None] = []
            try:
                news.append(asked.events.get(timeout=1.0))
                while True:
                    news.append(asked.events.get_nowait())
            except Empty:
                turn.ahead = line.ahead(asked)  # All that has come is in `news`.
            for event in news:
                if not turn.running:
                    break
                if event is None:
                    turn.stop()
                elif isinstance(event, Exception):
                    turn.fault = told(event)
                else:
                    turn.take(event)
            yield
    finally:
        turn.stop()


def told(fault: Exception) -> str:
    """What the page says of a fault; one that is not ours goes to the log with its trace."""
    if isinstance(fault, RagFault | IndexFault):
        return fault.notice
    logging.getLogger(__name__).error("A question failed.", exc_info=fault)
    return "fault_unexpected"
