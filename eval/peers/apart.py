"""A stack in a process of its own, which answers one case at a time and rests meanwhile.

So that several can be asked in turn, each as if it were alone: its model, threads and settings are
its own. It times and scores nothing.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any, Protocol

from eval.peers.packages import PeerFault
from index.documents.model import Document
from rag.schema import Answer, Event


class Answering(Protocol):
    """What runs apart: answers a question with events, the last of which is the `Answer`."""

    @property
    def index(self) -> Any:
        """The index it answers from; its documents are not asked for here."""
        ...

    def ask(self, question: str, *, question_id: str, previous: Sequence[str]) -> Iterator[Event]:
        """The events of answering the question, asked after the `previous` ones."""
        ...


@dataclass(frozen=True)
class Documents:
    """The documents that all answer from, for scoring."""

    documents: Mapping[str, Document]


class Apart:
    """A stack in another process, asked as if it were in this one. Close it."""

    def __init__(
        self,
        load: Callable[..., Answering],
        arguments: Sequence[object],
        documents: Mapping[str, Document],
    ) -> None:
        """Begin to load; `load` and its arguments must be such that another process can have them.

        `arguments` are those of `load`.
        """
        self.index = Documents(documents)
        context = multiprocessing.get_context("spawn")
        self._connection, theirs = context.Pipe()
        self._process = context.Process(
            target=_answer_all, args=(load, tuple(arguments), theirs), daemon=True
        )
        self._process.start()
        theirs.close()

    def wait(self) -> None:
        """Return when it is ready to be asked. Raises PeerFault where it cannot be loaded."""
        self._reply()

    def ask(
        self, question: str, *, question_id: str = "", previous: Sequence[str] = ()
    ) -> Iterator[Event]:
        """The finished Answer alone. Raises PeerFault with what the stack said."""
        self._connection.send((question, question_id, tuple(previous)))
        answer = self._reply()
        assert isinstance(answer, Answer)
        yield answer

    def close(self) -> None:
        """End the process; may be called twice."""
        with suppress(OSError):
            self._connection.send(None)
        self._process.join(timeout=10)
        self._process.terminate()

    def _reply(self) -> object:
        try:
            reply, fault = self._connection.recv()
        except EOFError as error:
            raise PeerFault(f"the process ended (exit code {self._process.exitcode})") from error
        if fault:
            raise PeerFault(fault)
        return reply


def _answer_all(
    load: Callable[..., Answering], arguments: Sequence[object], connection: Connection
) -> None:
    """Load, say so, and answer until None comes or nobody is there any more."""
    try:
        stack = load(*arguments)
    except Exception as error:  # told in the process that asked
        connection.send((None, _told(error)))
        return
    connection.send((None, ""))
    with suppress(EOFError):
        while (asked := connection.recv()) is not None:
            question, question_id, previous = asked
            try:
                *_, answer = stack.ask(question, question_id=question_id, previous=previous)
                connection.send((answer, ""))
            except Exception as error:  # is that case's result
                connection.send((None, _told(error)))


def _told(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__
