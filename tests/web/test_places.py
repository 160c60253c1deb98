"""A line with several places: questions side by side, in turn, and each left by itself."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Iterator, Sequence

import pytest
from fakes_app import FakeAssistant
from fakes_endpoint import ModelServer, model_server

from index.endpoint import Endpoint
from index.request.model import Previous
from rag.llm.endpoint import EndpointGenerator
from rag.schema import Delta, Event, Found
from rag.web.queue import LineFullError, QuestionLine
from rag.web.rates import TooManyError


def wait_until(condition: Callable[[], bool]) -> None:
    for _ in range(500):
        if condition():
            return
        time.sleep(0.01)
    pytest.fail("did not come about in 5 s")


def test_as_many_questions_are_answered_at_once_as_there_are_places() -> None:
    assistant = FakeAssistant()
    line = QuestionLine(assistant, places=2)
    asked = [line.ask(f"slow {n}", client=str(n)) for n in range(4)]
    wait_until(lambda: len(assistant.asked) == 2)
    assert sorted(assistant.asked) == ["slow 0", "slow 1"]
    assert [line.ahead(one) for one in asked] == [0, 0, 1, 2]
    # Who leaves the line lets the others come sooner, and is not asked.
    asked[2].give_up()
    assert line.ahead(asked[3]) == 1
    assistant.gate.set()
    asked[3].answering.result(5)
    assert sorted(assistant.asked) == ["slow 0", "slow 1", "slow 3"]
    line.close()


def test_a_client_cannot_take_every_place_for_long() -> None:
    assistant = FakeAssistant()
    line = QuestionLine(assistant, places=8)
    for n in range(4):
        line.ask(f"slow a{n}", client="a")
    with pytest.raises(TooManyError):
        line.ask("slow a5", client="a")
    other = line.ask("b", client="b")
    other.answering.result(5)  # it waits for nobody
    assistant.gate.set()
    line.close()


def test_of_full_places_the_next_is_of_who_has_not_been_served() -> None:
    assistant = FakeAssistant()
    line = QuestionLine(assistant, places=2)
    for n in range(4):
        line.ask(f"slow a{n}", client="a")
    wait_until(lambda: len(assistant.asked) == 2)
    other = line.ask("b", client="b")
    assert line.ahead(other) == 1
    assistant.gate.set()
    other.answering.result(5)
    line.close()
    assert set(assistant.asked[:3]) == {"slow a0", "slow a1", "b"}


def test_the_line_is_as_long_as_its_places_make_it_quick() -> None:
    assistant = FakeAssistant()
    line = QuestionLine(assistant, places=2)
    for n in range(42):
        line.ask(f"slow {n}")
    with pytest.raises(LineFullError):
        line.ask("one more")
    assistant.gate.set()
    line.close()


def test_work_between_questions_is_never_done_twice_at_a_time() -> None:
    assistant = FakeAssistant()
    line = QuestionLine(assistant, places=4)
    busy, most, taken = 0, 0, 0
    lock = threading.Lock()

    def step() -> bool:
        nonlocal busy, most, taken
        with lock:
            busy, taken = busy + 1, taken + 1
            most = max(most, busy)
        time.sleep(0.02)
        with lock:
            busy -= 1
        return taken < 20

    line.when_idle(step)
    for n in range(12):
        line.ask(f"{n}").answering.result(5)
    wait_until(lambda: taken >= 20)
    line.close()
    assert most == 1


class AtEndpoint(FakeAssistant):
    """Writes what a model at an endpoint does."""

    def __init__(self, generator: EndpointGenerator) -> None:
        super().__init__()
        self.generator = generator

    def ask(
        self,
        question: str,
        *,
        question_id: str = "",
        previous: Sequence[Previous] = (),
        documents: Collection[str] = (),
    ) -> Iterator[Event]:
        """Each piece that is written."""
        for piece in self.generator.stream("s", question, max_tokens=9):
            yield Delta(piece)


def test_a_person_who_leaves_frees_the_model_s_place_for_the_next() -> None:
    state = ModelServer(hold=threading.Event())
    with model_server(state) as url:
        generator = EndpointGenerator(Endpoint(url, "served"), places=2)
        line = QuestionLine(AtEndpoint(generator), places=2)
        first, second = line.ask("one two"), line.ask("three four")
        wait_until(lambda: state.under_way == 2)
        third = line.ask("five six")
        first.give_up()
        # At once, though the model says nothing that could be shown.
        wait_until(lambda: state.left == 1 and len(state.asked) == 3)
        assert state.hold
        state.hold.set()
        for asked, told in ((second, "three four end "), (third, "five six end ")):
            asked.answering.result(5)
            words = ""
            while (event := asked.events.get(timeout=5)) is not None:
                assert isinstance(event, Delta | Found)
                words += event.text if isinstance(event, Delta) else ""
            assert words == told
        line.close()
        generator.close()
