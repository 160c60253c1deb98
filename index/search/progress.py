"""Shows on stderr how far a build is. It knows nothing of what is built."""

from __future__ import annotations

import sys
from typing import Any


class Shown:
    """A bar on a terminal; elsewhere a line when a stage begins and ends."""

    def __init__(self) -> None:
        self._bar: Any = None
        self._task: Any = None
        self._stage = ""
        self._last = (0, 0)

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Show a stage as a bar on a terminal, and elsewhere by a line when it begins."""
        if stage != self._stage:
            self.finish()
            self._stage = stage
            if sys.stderr.isatty():
                from rich.console import Console
                from rich.progress import Progress

                self._bar = Progress(console=Console(stderr=True))
                self._bar.start()
                self._task = self._bar.add_task(stage, total=total)
            else:
                print(f"{stage}: {total}", file=sys.stderr)
        if self._bar:
            self._bar.update(self._task, completed=done, total=total)

    def finish(self) -> None:
        """End the bar of the last stage."""
        if self._bar:
            self._bar.stop()
            self._bar = None
