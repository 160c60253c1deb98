"""Where the seconds of a question went: every part is timed, and together they are the whole."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from rag.answer.trace import PARTS, Trace
from rag.schema import Answer, Delta, Event, Found, Seconds, Stage

ANSWER = Answer("", "q", "en", "answered", "a", (), (), (), Seconds(0, 0, 0), "m", "i")
STEP = 0.02


def slowly(*events: Event) -> Iterator[Event]:
    for event in events:
        time.sleep(STEP)
        yield event


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
def test_every_part_is_timed(events: tuple[Event, ...], parts: dict[str, int]) -> None:
    trace = Trace()
    started = time.perf_counter()
    for event in trace.follow(slowly(*events)):
        assert event in events
    total = time.perf_counter() - started
    assert set(trace.seconds) == set(parts) <= set(PARTS)
    for part, steps in parts.items():
        assert steps * STEP <= trace.seconds[part] < (steps + 1) * STEP
    assert sum(trace.seconds.values()) == pytest.approx(total, abs=STEP / 2)


def test_the_time_of_the_reader_is_not_counted() -> None:
    trace = Trace()
    for _ in trace.follow(slowly(Stage("searching"), ANSWER)):
        time.sleep(3 * STEP)
    assert sum(trace.seconds.values()) < 3 * STEP
