"""A fault of a command told in one line, for every command line of the program."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import typer

from index.errors import Fault

GOES_ON = "interrupted; run the same command again to go on"


@contextmanager
def one_line_errors(interrupted: str = GOES_ON) -> Iterator[None]:
    """Turn a domain error into one line on stderr and exit code 1; `interrupted` is told by 130."""
    try:
        yield
    except Fault as fault:
        print(f"error: {fault}", file=sys.stderr)
        raise typer.Exit(1) from None
    except KeyboardInterrupt:
        print(interrupted, file=sys.stderr)
        raise typer.Exit(130) from None
