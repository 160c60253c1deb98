"""`eval memos` and `eval statements`: how well citations are checked.

Loads what it needs when it is run; what is measured is in eval/memos.py and eval/statements.py.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from eval.console import one_line_errors


def memos(
    files: Annotated[
        list[Path] | None,
        typer.Argument(metavar="FILE", help="Memos, JSONL (default: those for reporting)."),
    ] = None,
    failures: Annotated[bool, typer.Option("--failures", help="Show each one.")] = False,
) -> None:
    """Check memos with planted citations: how many are found, how many judged right."""
    with one_line_errors():
        from eval.memos import MEMOS, held_documents, outcomes, read_memos, table

        held = held_documents()
        for file in files or [MEMOS / "report.jsonl"]:
            typer.echo(f"{file}\n{table(outcomes(read_memos(file), held), failures)}")


def statements(
    files: Annotated[
        list[Path] | None,
        typer.Argument(metavar="FILE", help="Statements, JSONL (default: those for reporting)."),
    ] = None,
    documents: Annotated[
        list[Path] | None,
        typer.Option(metavar="PATH", help="Documents held beside the built-in ones."),
    ] = None,
    words_alone: Annotated[bool, typer.Option(help="Without the language model.")] = False,
    failures: Annotated[bool, typer.Option("--failures", help="Show each one.")] = False,
) -> None:
    """Check single statements on an article: true ones found, wrong ones passed."""
    with one_line_errors():
        from eval.memos import MEMOS, held_documents
        from eval.statements import judged, models, read_statements, table

        held = held_documents(documents or ())
        other_words = None if words_alone else models()
        for file in files or [MEMOS / "statements-test.jsonl"]:
            found = judged(read_statements(file), held, other_words)
            typer.echo(f"{file}\n{table(found, failures)}")
