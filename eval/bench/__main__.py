"""The command line of the benches: limit, start, growth, users, ahead, busy, load, page and others.

Figures go to stdout as a table and, with --out, to a JSON file. It parses arguments and prints.
"""

from __future__ import annotations

import os
import statistics
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

from eval.bench.percentile import percentile
from eval.bench.shown import one_line_errors, show

if TYPE_CHECKING:
    from eval.bench.page import Person

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    help="What the product costs on this machine, against what the machine can do.",
)

Out = Annotated[
    Path | None, typer.Option("--out", metavar="FILE", help="Where the figures go as JSON.")
]
Model = Annotated[
    str | None, typer.Option("--model", metavar="SPEC", help="A .gguf file (default: built in).")
]


@app.command()
def limit(model: Model = None, out: Out = None) -> None:
    """Tokens a second that llama.cpp itself reads and writes, and that the product writes."""
    with one_line_errors():
        from eval.bench.limit import measure
        from index.endpoint import Endpoint
        from rag.llm.llama import physical_cores
        from rag.llm.weights import resolve_model

        resolved = resolve_model(model)
        if isinstance(resolved, Endpoint):
            raise typer.BadParameter("an endpoint's limit is not this machine's")
        with TemporaryDirectory() as folder:
            rates = measure(resolved.path, physical_cores(), Path(folder))
        rows = [(f"read, {size} at once", f"{rate:.1f}") for size, rate in rates.read.items()]
        rows += [
            ("written, bare loop", f"{rates.written:.1f}"),
            ("written by the product", f"{rates.product:.1f}"),
            ("share", f"{rates.share:.3f}"),
        ]
        show(("llama.cpp", "tokens/s"), rows, out, asdict(rates) | {"share": rates.share})


@app.command()
def start(
    question: Annotated[
        str, typer.Option(help="What is asked.")
    ] = "江苏农村网络零售额到2025年达到多少？",
    index: Annotated[Path | None, typer.Option(help="Index folder.")] = None,
    out: Out = None,
) -> None:
    """Seconds from a command to its end or first word, and the most memory it held."""
    with one_line_errors():
        from eval.bench.start import first_word, help_of, server

        options = ["--index", str(index)] if index else []
        runs = [
            *(help_of(module) for module in ("index", "rag", "eval")),
            first_word(question, options),
            server(options),
        ]
        rows = [(run.name, f"{run.seconds:.2f}", f"{run.memory:,.0f}") for run in runs]
        show(("command", "seconds", "MiB"), rows, out, [asdict(run) for run in runs])


@app.command()
def growth(
    sizes: Annotated[
        list[int] | None, typer.Option("--size", help="How many clauses (repeat the option).")
    ] = None,
    cases: Annotated[
        list[Path] | None, typer.Option("--cases", metavar="FILE", help="Whose questions.")
    ] = None,
    folder: Annotated[
        Path | None,
        typer.Option(help="Where indexes and figures are kept: what is measured is not again."),
    ] = None,
    out: Out = None,
    plot: Annotated[
        Path | None, typer.Option(metavar="FILE.svg", help="Where a drawing of it goes.")
    ] = None,
) -> None:
    """Seconds and memory to build, open and search an index of more and more clauses."""
    with one_line_errors(), TemporaryDirectory() as temporary:
        from eval.bench.growth import SIZES, measured
        from eval.bench.plot import growth_plot
        from eval.case import EvalFault, load_cases
        from eval.run import write_atomically

        home = folder or Path(temporary)
        home.mkdir(parents=True, exist_ok=True)
        asked = [case.question for file in load_cases(cases or []) for case in file.cases]
        grown = []
        for size in sizes or SIZES:
            grown.append(measured(size, home, asked))
            typer.echo(f"{size} clauses done", err=True)
        rows = [
            (
                f"{one.clauses:,}",
                f"{one.built:.1f}",
                f"{one.opened:.2f}",
                f"{one.disk:.0f}",
                f"{one.memory:,.0f}",
                f"{1000 * statistics.median(one.searches):.0f}",
                f"{1000 * percentile(one.searches, 0.95):.0f}",
            )
            for one in grown
        ]
        head = ("clauses", "build s", "open s", "disk MiB", "memory MiB", "search ms", "p95 ms")
        show(head, rows, out, [asdict(one) for one in grown])
        if plot:
            if len(grown) < 2:
                raise EvalFault("A drawing needs two sizes: give --size twice, or leave it out.")
            write_atomically(plot, growth_plot(grown))


@app.command()
def users(
    counts: Annotated[
        list[int] | None, typer.Option("--users", help="How many at once (repeat the option).")
    ] = None,
    cases: Annotated[
        list[Path] | None, typer.Option("--cases", metavar="FILE", help="Whose questions.")
    ] = None,
    index: Annotated[Path | None, typer.Option(help="Index folder.")] = None,
    model: Model = None,
    parallel: Annotated[int, typer.Option(min=1, help="Answered at once, at an endpoint.")] = 1,
    out: Out = None,
) -> None:
    """Seconds that people wait who ask at the same moment: articles, first word, whole answer."""
    with one_line_errors():
        from eval.bench.start import peak_memory
        from eval.bench.users import ask_at_once
        from eval.case import load_cases
        from rag.answer.assistant import load_assistant

        asked = [case.question for file in load_cases(cases or []) for case in file.cases]
        rows, figures = [], {}
        for count in counts or (1, 2, 5, 10):
            assistant = load_assistant(index, model, parallel)
            assistant.prepare()
            waited = ask_at_once(assistant, asked[:count], parallel)
            figures[count] = [asdict(one) for one in waited]
            row = [str(count)]
            for name in ("found", "first_word", "whole"):
                known = [value for one in figures[count] if (value := one[name]) is not None]
                row.append(f"{statistics.median(known):.2f} / {max(known):.2f}" if known else "–")
            rows.append(tuple(row))
        show(("users", "articles s", "first word s", "whole s"), rows, out, figures)
        typer.echo(f"most memory: {peak_memory(os.getpid()):,.0f} MiB")


@app.command()
def ahead(
    cases: Annotated[
        list[Path] | None, typer.Option("--cases", metavar="FILE", help="Whose questions.")
    ] = None,
    most: Annotated[int, typer.Option("--questions", min=2, help="How many, evenly taken.")] = 30,
    index: Annotated[Path | None, typer.Option(help="Index folder.")] = None,
    model: Model = None,
    out: Out = None,
) -> None:
    """Seconds to the first word for clauses never read before, and for the same read before."""
    with one_line_errors(), TemporaryDirectory() as folder:
        from eval.bench.ahead import measure, with_states
        from eval.case import load_cases
        from rag.answer.assistant import load_assistant

        asked = [case.question for file in load_cases(cases or []) for case in file.cases]
        asked = asked[:: max(1, len(asked) // most)][:most]
        opened = load_assistant(index, model)
        told = measure(lambda states: with_states(opened, model, states), Path(folder), asked)
        rows = []
        for name, one in (("never read", told.unread), ("read before", told.read)):
            first = [value for value in one.first_word if value is not None]
            figures = [statistics.median(first), percentile(first, 0.95)]
            figures += [statistics.median(one.whole), percentile(one.whole, 0.95)]
            rows.append((name, *(f"{value:.2f}" for value in figures)))
        show(("clauses", "first word s", "p95", "whole s", "p95"), rows, out, asdict(told))
        typer.echo(f"{told.states} states, {told.mebibytes:,.0f} MiB")


@app.command()
def busy(
    cases: Annotated[
        list[Path] | None, typer.Option("--cases", metavar="FILE", help="Whose questions.")
    ] = None,
    most: Annotated[int, typer.Option("--questions", min=2, help="How many, evenly taken.")] = 20,
    programs: Annotated[
        list[int] | None,
        typer.Option("--beside", min=0, help="Beside so many busy programs (repeat the option)."),
    ] = None,
    index: Annotated[Path | None, typer.Option(help="Index folder.")] = None,
    model: Model = None,
    out: Out = None,
) -> None:
    """Seconds to the first words beside programs that keep a core busy each, and times idle."""
    with one_line_errors():
        from eval.bench.busy import measure
        from eval.case import load_cases
        from rag.answer.assistant import load_assistant

        asked = [case.question for file in load_cases(cases or []) for case in file.cases]
        asked = asked[:: max(1, len(asked) // most)][:most]
        assistant = load_assistant(index, model)
        try:
            told = measure(assistant, asked, sorted({0, *(programs or [1, 2])}))
        finally:
            assistant.close()
        alone = statistics.median(told[0].first_word)
        rows = []
        for one in told:
            first = statistics.median(one.first_word)
            figures = [first, percentile(one.first_word, 0.95), first / alone]
            figures += [statistics.median(one.whole), max(one.courtesy)]
            rows.append((str(one.busy), *(f"{value:.2f}" for value in figures)))
        head = ("beside", "first word s", "p95", "times idle", "whole s", "thanks s")
        show(head, rows, out, [asdict(one) for one in told])


@app.command()
def load(
    cases: Annotated[
        list[Path] | None, typer.Option("--cases", metavar="FILE", help="Whose questions.")
    ] = None,
    people: Annotated[int, typer.Option(min=1, help="How many ask.")] = 50,
    minutes: Annotated[float, typer.Option(min=0.1, help="For how long.")] = 10.0,
    pause: Annotated[float, typer.Option(min=0.0, help="Seconds of reading an answer.")] = 30.0,
    parallel: Annotated[int, typer.Option(min=1, help="Questions answered at once.")] = 16,
    index: Annotated[Path | None, typer.Option(help="Index folder.")] = None,
    out: Out = None,
) -> None:
    """Many people who ask for minutes, of a model that answers at vLLM's pace: errors and waits."""
    with one_line_errors():
        from eval.bench.load import measure, rows_of
        from eval.case import load_cases

        asked = [case.question for file in load_cases(cases or []) for case in file.cases]
        options = ["--index", str(index)] if index else []
        told = measure(asked, people, minutes, pause, parallel, options)
        show(("load", ""), rows_of(told, people), out, asdict(told))
        for error in told.errors[:5]:
            typer.echo(error, err=True)


@app.command()
def page(
    cases: Annotated[
        list[Path] | None, typer.Option("--cases", metavar="FILE", help="Whose questions.")
    ] = None,
    most: Annotated[int, typer.Option("--questions", min=2, help="How many, evenly taken.")] = 20,
    people: Annotated[
        int | None,
        typer.Option("--people", min=2, help="So many ask at the same moment, one question each."),
    ] = None,
    index: Annotated[Path | None, typer.Option(help="Index folder.")] = None,
    out: Out = None,
) -> None:
    """Seconds from Enter until the first article found stands on the page (CHROMIUM is named)."""
    with one_line_errors():
        from eval.bench.page import measure, measure_together
        from eval.case import load_cases

        found = [case for file in load_cases(cases or []) for case in file.cases]
        asked = [case.question for case in found if case.answerable and not case.previous]
        options = ["--index", str(index)] if index else []
        if people:
            asked = (asked[:: max(1, len(asked) // people)] * people)[:people]
            _show_people(*measure_together(asked, options), out)
            return
        asked = asked[:: max(1, len(asked) // most)][:most]
        seen, memory = measure(asked, options)
        rows = []
        for name in ("articles", "whole"):
            values = [getattr(one, name) for one in seen]
            figures = (statistics.median(values), percentile(values, 0.95), max(values))
            rows.append((name, *(f"{value:.2f}" for value in figures)))
        show(("on the page", "median s", "p95", "slowest"), rows, out, [asdict(o) for o in seen])
        typer.echo(f"{len(seen)} questions; the server held at most {memory:,.0f} MiB")


@app.command()
def documents(
    others: Annotated[
        bool, typer.Option(help="Also what LibreOffice and Chromium make, where installed.")
    ] = True,
    keep: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Where the documents go that differ.")
    ] = None,
    out: Out = None,
) -> None:
    """How many documents of many forms, made of known texts, are read as these texts."""
    with one_line_errors():
        from eval.bench.documents.compare import compared, made, table

        results = [compared(each) for each in made(others)]
        rows = [
            (form, str(count), str(identical), f"{identical / count:.1%}")
            for form, count, identical in table(results)
        ]
        show(("made as", "documents", "read identically", "share"), rows, out, rows)
        for number, result in enumerate(results):
            if result.difference:
                told = f"{result.made.form}, {result.made.variant}: {result.difference[:200]}"
                typer.echo(told, err=True)
                if keep:
                    keep.mkdir(parents=True, exist_ok=True)
                    (keep / f"{number}{result.made.suffix}").write_bytes(result.made.data)
                    (keep / f"{number}.txt").write_text(result.made.text.plain, encoding="utf-8")


@app.command(name="compare")
def compared(
    seed: Annotated[int | None, typer.Option(help="Other pairs than the usual ones.")] = None,
    out: Out = None,
) -> None:
    """How well versions are set side by side: made pairs, articles aligned, numbers found."""
    with one_line_errors():
        from eval.bench.compared import KINDS, SEED, measured
        from index.search.build import CORPUS, collect

        contents = collect([CORPUS], [], lambda stage, done, total: None)
        scores = measured(contents.documents, SEED if seed is None else seed)
        rows = []
        for kind in (*KINDS, ""):
            own = [score for score in scores if kind in ("", score.kind)]
            aligned, articles = sum(s.aligned for s in own), sum(s.articles for s in own)
            numbers, planted = sum(s.numbers for s in own), sum(s.planted for s in own)
            moved, moves = sum(s.moved for s in own), sum(s.moves for s in own)
            wrongly = sum(s.moved_wrongly for s in own)
            rows.append(
                (
                    kind or "all",
                    str(len(own)),
                    f"{aligned} of {articles} ({aligned / articles:.1%})",
                    f"{numbers} of {planted}",
                    f"{moved} of {moves}, {wrongly} wrongly",
                )
            )
        head = ("pairs", "number", "articles aligned", "numbers found", "moves found")
        show(head, rows, out, [asdict(score) for score in scores])


def _show_people(people: Sequence[Person], memory: float, out: Path | None) -> None:
    """A line for each person in the order of their answers, then median and slowest."""
    from eval.bench.page import overtaken

    def shown(value: float | None) -> str:
        return "–" if value is None else f"{value:.2f}"

    numbered = sorted(enumerate(people, 1), key=lambda one: one[1].ended)
    waits = ("articles", "word", "whole")
    rows = [
        (str(number), str(one.place), *(shown(getattr(one, name)) for name in waits), one.error)
        for number, one in numbered
    ]
    for name, figure in (("median", statistics.median), ("slowest", max)):
        columns = [[v for one in people if (v := getattr(one, wait)) is not None] for wait in waits]
        rows.append((name, "", *(shown(figure(each) if each else None) for each in columns), ""))
    head = ("answered", "ahead at first", "articles s", "first word s", "whole s", "error")
    show(head, rows, out, [asdict(one) for one in people])
    spread = max(one.asked for one in people)
    faults = sum(bool(one.error) for one in people)
    typer.echo(
        f"{len(people)} people asked within {spread:.3f} s; {faults} saw an error; "
        f"{overtaken(people)} pairs out of the line's order; "
        f"the server held at most {memory:,.0f} MiB"
    )


if __name__ == "__main__":
    app(prog_name="python -m eval.bench")
