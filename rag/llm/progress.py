"""How far the fetching of a model is, shown on stderr. Nothing is fetched here."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Progress = Callable[[int, int, str], None]
"""Told of every step: bytes done, bytes in all, and what is being done."""


@contextmanager
def terminal_progress(given: Progress | None = None) -> Iterator[Progress]:
    """A Progress that shows itself on stderr: a bar on a terminal, else a line per tenth.

    If one is `given`, that one is used and nothing is shown.
    """
    if given is not None:
        yield given
    elif sys.stderr.isatty():
        from rich.console import Console
        from rich.progress import BarColumn, DownloadColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as Bar

        columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn())
        with Bar(*columns, TimeRemainingColumn(), console=Console(stderr=True)) as bar:
            task = bar.add_task("model", total=None)
            yield lambda done, total, what: bar.update(
                task, completed=done, total=total, description=what
            )
    else:
        yield _PlainLines()


class _PlainLines:
    """Writes a line when the step changes and whenever another tenth is done."""

    def __init__(self) -> None:
        self._last: tuple[int, bool] | None = None

    def __call__(self, done: int, total: int, what: str) -> None:
        tenth = (10 * done // total if total else 0, what.startswith("waiting"))
        if tenth != self._last:
            self._last = tenth
            sys.stderr.write(f"model: {what}, {done / 1e6:.0f} of {total / 1e6:.0f} MB\n")
            sys.stderr.flush()
