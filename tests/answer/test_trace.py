"""Where the seconds of a question went: every part is timed, and together they are the whole."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from rag.answer.trace import PARTS, Trace
from rag.schema import Answer, Delta, Event, Found, Seconds, Stage

ANSWER = Answer("", "q", "en", "answered", "a", (), (), (), Seconds(0, 0, 0), "m", "i")
STEP = 0.5


class Clock:
    """A clock that goes on only where it is told to, so that a busy machine changes nothing."""

    def __init__(self) -> None:
        self.now = 100.0

    def perf_counter(self) -> float:
        return self.now

    def slowly(self, *events: Event) -> Iterator[Event]:
        for event in events:
            self.now += STEP
            yield event


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("rag.answer.trace.time", clock)
    return clock


@pytest.mark.parametrize(
    ("events", "parts"),
    [
        (
            (
                Stage("searching"),
                Found(()),
                Stage("choosing"),
                Stage("reading"),
                Stage("writing"),
                Delta("a"),
                Delta("b"),
                ANSWER,
            ),
            {
                "searching": 3,
                "choosing": 1,
                "reading": 1,
                "first_word": 1,
                "writing": 1,
                "citing": 1,
            },
        ),
        (
            (Stage("searching"), Stage("writing"), Delta("a"), Stage("checking"), ANSWER),
            {"searching": 2, "first_word": 1, "writing": 1, "checking": 1},
        ),
        ((Stage("searching"), ANSWER), {"searching": 2}),
    ],
)
def test_every_part_is_timed(
    events: tuple[Event, ...], parts: dict[str, int], clock: Clock
) -> None:
    trace = Trace()
    for event in trace.follow(clock.slowly(*events)):
        assert event in events
    assert set(trace.seconds) <= set(PARTS)
    assert trace.seconds == {part: steps * STEP for part, steps in parts.items()}


def test_the_time_of_the_reader_is_not_counted(clock: Clock) -> None:
    trace = Trace()
    for _ in trace.follow(clock.slowly(Stage("searching"), ANSWER)):
        clock.now += 30 * STEP
    assert sum(trace.seconds.values()) == 2 * STEP
