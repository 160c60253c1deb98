"""What the command line of the evaluation shares: tables to stdout, one line of an error.

It holds no command.
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


def print_table(table: object) -> None:
    """A rich table on stdout."""
    from rich.console import Console

    console = Console()
    # A pipe has no width; the table must not be folded to the 80 columns rich then assumes.
    (console if console.is_terminal else Console(width=160)).print(table)


def say(line: str) -> None:
    """A line on stderr."""
    typer.echo(line, err=True)
