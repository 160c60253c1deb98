"""`eval translate`: machine translation beside the reviewed English.

Loads what it needs when it is run; what is measured is in eval/translation.py.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from eval.console import one_line_errors, print_table, say


def translate(
    technique: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="Only these: names, latin, wording, terms, pieces, memory; or none.",
        ),
    ] = None,
    sample: Annotated[int, typer.Option(min=1, help="How many sentences; fixed ones.")] = 100,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Folder for each sentence and the figures.")
    ] = None,
    model: Annotated[
        str | None, typer.Option(help="Language model (default: the default).")
    ] = None,
) -> None:
    """Translate sentences of the built-in documents and compare with their reviewed English."""
    with one_line_errors():
        from eval import translation
        from eval.case import EvalFault
        from index.search.embed import load_encoder
        from rag.english.translate import TECHNIQUES
        from rag.llm.load import load_generator

        if unknown := {*(technique or ())} - {*TECHNIQUES, "none"}:
            raise EvalFault(f"{unknown.pop()} is none of {', '.join(TECHNIQUES)}, none")
        chosen = translation.sample(translation.reference(), sample)
        generator = load_generator(model)
        used = None if technique is None else {*technique} - {"none"}
        result = translation.translate(generator, load_encoder(), chosen, used, say)
        print_table(translation.table(result))
        if out:
            translation.write(result, out)
            say(f"written: {out}")
