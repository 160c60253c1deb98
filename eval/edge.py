"""What a person at a terminal is told: progress and errors, one line each on stderr.

It knows which errors a person can put right; it measures nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import typer


@contextmanager
def one_line_errors() -> Iterator[None]:
    """Turn the errors a user can put right into their message on stderr and exit code 1."""
    from eval.case import EvalFault
    from index.errors import IndexFault
    from rag.errors import RagFault

    try:
        yield
    except (EvalFault, IndexFault, RagFault) as error:
        say(str(error))
        raise typer.Exit(1) from None
    except OSError as error:
        say(f"{error.filename or 'file'}: {error.strerror or error}")
        raise typer.Exit(1) from None


def say(line: str) -> None:
    """Print a line on stderr."""
    typer.echo(line, err=True)
