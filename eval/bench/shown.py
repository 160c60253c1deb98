"""How the benches show figures and faults: a table, a JSON file, one line."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import typer


@contextmanager
def one_line_errors() -> Iterator[None]:
    """Turn a domain error into one line on stderr and exit code 1."""
    from eval.case import EvalFault
    from index.errors import IndexFault
    from rag.errors import RagFault

    try:
        yield
    except (EvalFault, IndexFault, RagFault) as fault:
        typer.echo(f"error: {fault}", err=True)
        raise typer.Exit(1) from None


def show(
    head: Sequence[str], rows: Sequence[Sequence[str]], out: Path | None, figures: object
) -> None:
    """A table on stdout, and the figures as JSON in the file `out`."""
    from rich.console import Console
    from rich.table import Table

    table = Table(*head)
    for row in rows:
        table.add_row(*row)
    Console(width=120).print(table)
    if out:
        out.write_text(json.dumps(figures, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
