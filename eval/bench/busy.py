"""How much longer answers take where other programs keep the cores busy.

The other programs compute without a pause and wait for nothing, one core's worth each.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from rag.answer.assistant import Assistant
from rag.schema import Answer

COURTESY = ("谢谢", "thank you")


@dataclass(frozen=True)
class Beside:
    """Answers beside so many busy programs: seconds to the first words, to the end, of thanks."""

    busy: int
    first_word: tuple[float, ...]
    whole: tuple[float, ...]
    courtesy: tuple[float, ...]


def measure(assistant: Assistant, questions: Sequence[str], counts: Sequence[int]) -> list[Beside]:
    """Ask all questions once with nothing measured, then once beside each number of programs."""
    for question in (*questions, *COURTESY):
        assistant.answer(question)
    measured = []
    for count in counts:
        with busy(count):
            answers = [assistant.answer(question) for question in questions]
            thanks = [assistant.answer(question) for question in COURTESY]
        measured.append(
            Beside(
                count,
                tuple(_begun(answer) for answer in answers),
                tuple(answer.seconds.total for answer in answers),
                tuple(answer.seconds.total for answer in thanks),
            )
        )
    return measured


@contextmanager
def busy(count: int) -> Iterator[None]:
    """So many programs that each keep a core busy, until the end of the block."""
    programs = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(count)]
    try:
        yield
    finally:
        for program in programs:
            program.kill()
            program.wait()


def _begun(answer: Answer) -> float:
    """Seconds until something stood on the page; a reply that is one piece begins with its end."""
    first = answer.seconds.first_token
    return answer.seconds.total if first is None else first
