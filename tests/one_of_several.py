"""One server as the program starts it, with a model and an encoder that stand in for real ones.

Started by tests/web/test_several_servers.py with the options of the chat. A question that says
`慢` is answered a word at a time.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

sys.path.insert(0, str(Path(__file__).resolve().parent))
from fakes_index import HashEncoder

import app
import rag.answer.assistant
from eval.stand_in import StandIn
from index.search.store import ClauseIndex
from rag.answer.assistant import Assistant


class Slow(StandIn):
    """Takes its time over some questions."""

    def stream(self, system: str, user: str, *, question: str = "", **more: Any) -> Iterator[str]:
        """See StandIn.stream."""
        for written in super().stream(system, user, question=question, **more):
            for start in range(0, len(written), 2):
                if "慢" in question + user:
                    time.sleep(0.3)
                yield written[start : start + 2]


def load_assistant(
    index: Path | None = None, model: str | None = None, places: int = 1
) -> Assistant:
    """Takes the place of the function that loads the real ones."""
    assert index is not None  # each server of the tests is given its own
    opened = ClauseIndex.open(index, HashEncoder())
    return Assistant(opened, Slow, translations=Path(os.environ["TIAOWEN_TEST_TRANSLATIONS"]))


rag.answer.assistant.load_assistant = load_assistant
if __name__ == "__main__":
    typer.run(app.main)
