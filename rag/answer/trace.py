"""Where the seconds of one question went, part by part; they add up to the whole.

Reads the events of a running answer and times what lies between them; it changes none of them.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator

from rag.schema import Answer, Delta, Event, Stage

# The parts in their order: the search until the articles found are shown; choosing among them;
# choosing sentences of one; the model's reading of these, until its first word; its other words;
# the check of a draft; and what is left, the citations above all.
PARTS = ("searching", "choosing", "reading", "first_word", "writing", "checking", "citing")


class Trace:
    """The seconds of one question by part; parts that did not come are absent."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    def follow(self, events: Iterable[Event]) -> Iterator[Event]:
        """Pass the events on. Time that the reader of the events takes is not counted."""
        part = "searching"
        since = time.perf_counter()
        for event in events:
            now = time.perf_counter()
            ended = "citing" if isinstance(event, Answer) and part == "writing" else part
            self.seconds[ended] = self.seconds.get(ended, 0.0) + now - since
            if isinstance(event, Stage):
                part = "first_word" if event.name == "writing" else event.name
            elif isinstance(event, Delta):
                part = "writing"
            yield event
            since = time.perf_counter()
