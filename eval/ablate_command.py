"""`eval ablate`: what ingredients of the search bring, and rules of the rooms that read texts.

Loads what it needs when it is run; eval/ablation.py and eval/rule_ablation.py measure.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from eval.console import one_line_errors, print_table, say

if TYPE_CHECKING:
    from eval.rule_trials import Trial


def ablate(
    cases: Annotated[
        list[Path] | None,
        typer.Option("--cases", metavar="FILE", help="Cases, .jsonl or .csv (default: built in)."),
    ] = None,
    index: Annotated[
        Path | None, typer.Option(help="Index folder (default: the built-in documents).")
    ] = None,
    rules: Annotated[
        bool, typer.Option("--rules", help="What each rule brings, instead of the search.")
    ] = False,
    statements: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="With --rules: sentences said of articles, JSONL."),
    ] = None,
    room: Annotated[
        list[str] | None,
        typer.Option(metavar="PACKAGE", help="With --rules: only of these, e.g. rag.check."),
    ] = None,
) -> None:
    """Measure what each ingredient of the search brings: recall and seconds without it."""
    with one_line_errors():
        if rules:
            _ablate_rules(cases or [], index, statements, room or [])
            return
        from eval.ablation import ablate as measure
        from eval.ablation import ablation_table
        from eval.case import load_cases
        from index.search.store import ClauseIndex, default_index

        questions = [case for file in load_cases(cases or []) for case in file.cases]
        opened = ClauseIndex.open(index or default_index())
        print_table(ablation_table(list(measure(opened, questions))))


def _ablate_rules(
    cases: list[Path], index: Path | None, statements: Path | None, rooms: list[str]
) -> None:
    from eval.case import EvalFault
    from eval.rule_ablation import RuleAblation, brought_table
    from eval.rule_trials import trials_of_memos, trials_of_pairs
    from eval.rules import ROOMS

    rooms = rooms or list(ROOMS)
    if unknown := set(rooms) - set(ROOMS):
        raise EvalFault(f"{unknown.pop()} is none of {', '.join(ROOMS)}")
    trials: list[Trial] = []
    if {"index.request", "rag.answer"} & set(rooms):
        trials += _trials_of_questions(cases, index, statements)
    if set(rooms) - {"rag.english"}:
        from eval.memos import MEMOS, held_documents, read_memos

        trials += trials_of_memos(held_documents(), read_memos(MEMOS / "dev.jsonl"))
    if "rag.english" in rooms:
        from eval.translation import SAMPLE, reference, sample
        from index.search.build import CORPUS, collect

        glossary = collect([CORPUS], [], lambda stage, done, total: None).glossary
        trials += trials_of_pairs(sample(reference(), SAMPLE), glossary)
    print_table(brought_table(list(RuleAblation(trials).brought(say, rooms))))


def _trials_of_questions(
    cases: list[Path], index: Path | None, statements: Path | None
) -> list[Trial]:
    from eval.case import load_cases
    from eval.rule_trials import read_statements, trials_of_cases, trials_of_statements
    from eval.stand_in import Remembering
    from index.search.store import ClauseIndex, default_index

    folder = index or default_index()
    opened = ClauseIndex.open(folder, Remembering(ClauseIndex.open(folder).encoder))
    questions = [case for file in load_cases(cases) for case in file.cases]
    said = read_statements(statements) if statements else []
    return [*trials_of_cases(opened, questions), *trials_of_statements(opened, said)]
