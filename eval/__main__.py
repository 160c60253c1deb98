"""The command line of the evaluation: run, report, compare, ablate, train, translate …

Tables go to stdout, progress and errors to stderr. It loads the assistant and holds no logic.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from eval.ablate_command import ablate
from eval.check_command import memos, statements
from eval.console import one_line_errors, print_table, say
from eval.train_command import train
from eval.translate_command import translate
from index.records.database import RECORDS_VARIABLE

if TYPE_CHECKING:
    from eval.run import Assistant, Result
    from eval.summary import Slices

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    help="Measure how well questions with known answers are answered.",
)

app.command()(ablate)
app.command()(train)
app.command()(translate)
app.command()(memos)
app.command()(statements)

Gate = Annotated[
    Path | None,
    typer.Option(
        "--gate",
        metavar="FILE",
        help='JSON of thresholds, {"fact_accuracy": 0.9}; exit 1 where one is not met.',
    ),
]


@app.command()
def run(
    cases: Annotated[
        list[Path] | None,
        typer.Option("--cases", metavar="FILE", help="Cases, .jsonl or .csv (default: built in)."),
    ] = None,
    more: Annotated[
        list[Path] | None, typer.Argument(metavar="FILE", help="Further cases files.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder of the run (default: runs/<time>); resumes there.")
    ] = None,
    index: Annotated[
        Path | None, typer.Option(help="Index folder (default: the built-in documents).")
    ] = None,
    model: Annotated[
        str | None, typer.Option(help="Language model (default: the default).")
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Only the first N cases.")] = None,
    gate: Gate = None,
) -> None:
    """Ask every case, score the answers and print the figures."""
    with one_line_errors():
        from eval.case import load_cases
        from eval.report import write_summary
        from eval.run import Settings
        from eval.run import run as run_cases
        from eval.summary import read_gate

        thresholds = read_gate(gate) if gate else {}
        files = load_cases([*(cases or []), *(more or [])])
        folder = out or Path("runs") / datetime.now().strftime("%Y-%m-%d_%H%M%S")
        settings = Settings(model, str(index) if index else None)

        def load() -> Assistant:
            from rag.answer.assistant import load_assistant

            assistant = load_assistant(index, model)
            # Loaded before the first case: a missing model then stops the run instead of failing
            # every case, and no case's time includes the loading.
            say(f"model {assistant.generator.name}")
            return assistant

        run_cases(load, files, folder, settings, limit=limit, say=say)
        slices = write_summary(folder)
        _print_summary(slices, folder)
        say(f"python -m eval report {folder} writes the report")
        _hold_to(thresholds, slices)


@app.command()
def report(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of a run.")],
    cases: Annotated[
        list[Path] | None,
        typer.Option(
            "--cases", metavar="FILE", help="Score the kept answers by these cases as they stand."
        ),
    ] = None,
    index: Annotated[
        Path | None, typer.Option(help="Index folder for --cases (default: built-in documents).")
    ] = None,
    gate: Gate = None,
) -> None:
    """Write report.html and summary.json into the folder of a run."""
    with one_line_errors():
        from eval.report import by_type, write_report
        from eval.summary import read_gate

        thresholds = read_gate(gate) if gate else {}
        slices = write_report(folder, _scored_by(folder, cases, index) if cases else ())
        _print_summary(slices, folder)
        print_table(by_type(slices))
        say(f"written: {folder / 'report.html'}, {folder / 'summary.json'}")
        _hold_to(thresholds, slices)


@app.command()
def compare(
    first: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of a run.")],
    second: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of another run.")],
) -> None:
    """Compare two runs on the cases they share (paired bootstrap; second minus first)."""
    with one_line_errors():
        from eval.run import read_run
        from eval.summary import compare as compare_results
        from eval.summary import comparison_table, expects_other

        one, two = read_run(first)[1], read_run(second)[1]
        print_table(comparison_table(compare_results(one, two), str(first), str(second)))
        if other := expects_other(one, two):
            say(f"{len(other)} shared cases expect something else in the second run: {other[0]}, …")
            say("python -m eval report DIR --cases FILE scores a run's answers by other cases")


@app.command()
def talk(
    files: Annotated[
        list[Path] | None, typer.Argument(metavar="FILE", help="Conversations (default: built in).")
    ] = None,
    index: Annotated[
        Path | None, typer.Option(help="Index folder (default: the built-in documents).")
    ] = None,
    model: Annotated[
        str | None, typer.Option(help="Language model (default: the default).")
    ] = None,
    faults: Annotated[
        bool, typer.Option("--faults", help="Also print the turns that went wrong.")
    ] = False,
) -> None:
    """Ask whole conversations and print how many of their turns are right."""
    with one_line_errors():
        from eval.case import CASES
        from eval.conversations import Scored, ask_conversation, read_conversations
        from rag.answer.assistant import load_assistant

        paths = files or sorted((CASES / "conversations").glob("*.jsonl"))
        conversations = [each for path in paths for each in read_conversations(path)]
        assistant = load_assistant(index, model)
        scored: list[Scored] = []
        for number, conversation in enumerate(conversations, 1):
            scored += ask_conversation(assistant, conversation)
            say(f"[{number}/{len(conversations)}] {sum(not each.fault for each in scored)} right "
                 f"of {len(scored)}")  # fmt: skip
        for kind in ("content", "courtesy", "asked_back"):
            for language in ("zh", "en"):
                own = [e for e in scored if e.kind == kind and e.language == language]
                if own:
                    right = sum(not each.fault for each in own)
                    print(f"{kind:10} {language}  {right} of {len(own)} right")
        if faults:
            for each in scored:
                if each.fault:
                    print(f"\n{each.conversation}: {each.question}\n  {each.answer[:300]}\n"
                          f"  -> {each.fault}")  # fmt: skip


@app.command()
def feedback(
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Cases file to write (default: stdout).")
    ] = None,
    source: Annotated[
        str,
        typer.Option(
            "--from",
            metavar="WHERE",
            envvar=RECORDS_VARIABLE,
            help="Judgements: a file, or records' address (default: those of the chat).",
        ),
    ] = "",
) -> None:
    """Make cases for `run` of the judgements that readers gave in the chat."""
    with one_line_errors():
        from eval.feedback import cases_of_feedback
        from rag.web.feedback.store import default_path

        text, skipped = cases_of_feedback(source or default_path())
        for line in skipped:
            say(line)
        if out:
            out.write_text(text, encoding="utf-8", newline="\n")
            say(f"written: {out}, {text.count(chr(10))} cases")
        else:
            typer.echo(text, nl=False)


@app.command()
def facts(
    gold: Annotated[list[Path], typer.Argument(metavar="GOLD", help="Gold facts, JSONL.")],
    documents: Annotated[
        list[Path] | None,
        typer.Option(metavar="DIR", help="Where documents lie that are not built in."),
    ] = None,
    split: Annotated[
        str, typer.Option(help="dev, test or all: which rows of the gold count.")
    ] = "dev",
    failures: Annotated[bool, typer.Option("--failures", help="Show each one.")] = False,
) -> None:
    """Compare the facts read from documents with gold made by readers."""
    with one_line_errors():
        from eval.facts import read_gold, score, table

        rows = read_gold(gold, None if split == "all" else split)
        typer.echo(table(score(rows, documents or []), failures=failures))


def _scored_by(folder: Path, cases: list[Path], index: Path | None) -> list[Result]:
    """The run's answers, scored by the cases as these files have them now."""
    from eval.case import EvalFault, load_cases
    from eval.metrics import Sources
    from eval.run import read_run, scored_anew
    from index.search.store import ClauseIndex, default_index

    sources = Sources.of(ClauseIndex.open(index or default_index()).documents)
    results = scored_anew(read_run(folder)[1], load_cases(cases), sources)
    if not results:
        raise EvalFault(f"{folder} answers none of these cases.")
    return results


def _hold_to(thresholds: dict[str, dict[str, float]], slices: Slices) -> None:
    from eval.summary import failed_gates

    failed = failed_gates(thresholds, slices)
    for line in failed:
        say(line)
    if failed:
        raise typer.Exit(1)


def _print_summary(slices: Slices, folder: Path) -> None:
    from eval.summary import summary_table

    cases = slices["all"]["error_rate"].n
    print_table(summary_table(slices, f"{folder}: {cases} cases"))


if __name__ == "__main__":
    app(prog_name="python -m eval")
