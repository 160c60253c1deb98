"""Several people asking at once: how long each waits for articles, first word and whole answer.

They stand in the line that the chat uses; nothing of the page is in it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass

from rag.schema import Answer, Delta, Found
from rag.web.queue import Answering, QuestionLine


@dataclass(frozen=True)
class Waited:
    """Seconds of one asker, from standing in line; None for what did not come."""

    found: float | None
    first_word: float | None
    whole: float | None


def ask_at_once(assistant: Answering, questions: Sequence[str], places: int = 1) -> list[Waited]:
    """Ask all the questions at the same moment, each by a person of its own.

    `places` is how many are answered at once. The assistant is closed at the end, as the line is.
    """
    line = QuestionLine(assistant, most_waiting=len(questions), places=places)
    waited: dict[int, Waited] = {}

    def wait(place: int, question: str) -> None:
        started = time.perf_counter()
        seconds: dict[str, float] = {}
        asked = line.ask(question)
        while (event := asked.events.get()) is not None:
            name = (
                "found"
                if isinstance(event, Found)
                else "first_word"
                if isinstance(event, Delta)
                else "whole"
                if isinstance(event, Answer)
                else ""
            )
            if name:
                seconds.setdefault(name, time.perf_counter() - started)
        waited[place] = Waited(
            seconds.get("found"), seconds.get("first_word"), seconds.get("whole")
        )

    people = [
        threading.Thread(target=wait, args=(place, question))
        for place, question in enumerate(questions)
    ]
    for person in people:
        person.start()
    for person in people:
        person.join()
    line.close()
    return [waited[place] for place in range(len(questions))]
