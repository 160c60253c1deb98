"""What reading clauses ahead brings: the same questions with no saved state and with all of them.

The states are kept in a folder of their own, so that the user's are neither used nor pushed out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from rag.answer.assistant import Assistant
from rag.llm.load import load_generator
from rag.schema import Answer


@dataclass(frozen=True)
class Round:
    """Seconds to the first word (None where nothing was written) and to the end, by question."""

    first_word: tuple[float | None, ...]
    whole: tuple[float, ...]


@dataclass(frozen=True)
class Ahead:
    """Both rounds, and the states that the first one left: how many, and their MiB."""

    unread: Round
    read: Round
    states: int
    mebibytes: float


def measure(
    open_assistant: Callable[[Path], Assistant], folder: Path, questions: Sequence[str]
) -> Ahead:
    """Ask all questions twice; `folder` must be empty.

    Before the first round nothing is saved; a clause that an earlier question of the round has
    read is read no more, as it is in use.
    """
    assistant = open_assistant(folder)
    try:
        assistant.prepare()
        rounds = [_asked(assistant, questions) for _ in range(2)]
    finally:
        assistant.close()
    files = list(folder.glob("*.state"))
    size = sum(path.stat().st_size for path in files)
    return Ahead(rounds[0], rounds[1], len(files), size / (1 << 20))


def with_states(assistant: Assistant, model: str | None, folder: Path) -> Assistant:
    """An assistant over the same index whose model keeps its states in `folder`."""
    return Assistant(assistant.index, lambda: load_generator(model, states=folder), assistant.model)


def _asked(assistant: Assistant, questions: Sequence[str]) -> Round:
    answers: list[Answer] = [assistant.answer(question) for question in questions]
    return Round(
        tuple(answer.seconds.first_token for answer in answers),
        tuple(answer.seconds.total for answer in answers),
    )
