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
def train(
    test: Annotated[
        bool, typer.Option("--test", help="Score the test file too, after training.")
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Weights file, of the heads their folder (default: the program's own).",
        ),
    ] = None,
    decision: Annotated[
        bool,
        typer.Option("--decision", help="Learn when to answer instead, from rows of features."),
    ] = False,
    sentences: Annotated[
        bool,
        typer.Option("--sentences", help="Learn which sentences of a clause answer instead."),
    ] = False,
    read: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE", help="With --decision or --sentences: cases to make rows of first."
        ),
    ] = None,
    index: Annotated[
        Path | None, typer.Option(help="With --read: index folder (default: built-in documents).")
    ] = None,
) -> None:
    """Learn what questions want from the labelled questions, and write the heads' weights."""
    with one_line_errors():
        if decision:
            _train_decision(read or [], index, out)
            return
        if sentences:
            _train_sentences(read or [], index, out)
            return
        _train_heads(test, out)


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


def _train_heads(test: bool, out: Path | None) -> None:
    from eval import train as training
    from eval import train_aspects, train_gathers
    from index.request import aspects, gathers, heads
    from index.search import asked
    from index.search.embed import load_encoder

    texts = [*training.texts_to_encode(test)]
    texts += sorted({each.question for each in train_gathers.read_asked()} - {*texts})
    say(f"encoding {len(texts)} questions")
    encoder = load_encoder()
    vectors = dict(zip(texts, encoder.encode_queries(texts), strict=True))
    scores = training.cross_validate(vectors)
    model = training.train(vectors)
    told = train_aspects.train(vectors)
    gathered = train_gathers.train(vectors)
    print_table(train_gathers.score_table(train_gathers.cross_validate(vectors)))
    if test:
        scores += training.test(model, vectors)
        print_table(train_aspects.score_table(train_aspects.test(told, vectors)))
    print_table(training.score_table(scores))
    kept = train_aspects.LEAST_WEIGHT
    for own, name, data in (
        (heads.__file__, heads.WEIGHTS, training.model_bytes(model)),
        (aspects.__file__, aspects.WEIGHTS, training.model_bytes(told, kept)),
        (
            gathers.__file__,
            gathers.WEIGHTS,
            training.model_bytes(gathered, train_gathers.LEAST_WEIGHT),
        ),
        (asked.__file__, asked.MEAN, training.mean_of_english(vectors, encoder.digest)),
    ):
        _write_weights((out or Path(own).parent) / name, data)


def _write_weights(path: Path, data: bytes) -> None:
    path.write_bytes(data)
    say(f"written: {path}, {len(data)} bytes")


def _train_sentences(read: list[Path], index: Path | None, out: Path | None) -> None:
    from eval import train_sentences as training
    from rag.answer import weigh

    for path in read:
        from eval.case import load_cases
        from rag.answer.assistant import load_assistant

        cases = [case for file in load_cases([path]) for case in file.cases]
        rows = training.make_rows(load_assistant(index), cases)
        (training.ROWS / f"{path.stem}.jsonl").write_text(training.as_lines(rows), encoding="utf-8")
    known = training.read_rows()
    print_table(training.figures_table(training.cross_validate(known)))
    written = out or Path(weigh.__file__).with_name(weigh.WEIGHTS)
    written.write_text(training.weights_text(known, training.digest()), encoding="utf-8")
    say(f"written: {written}")


def _train_decision(read: list[Path], index: Path | None, out: Path | None) -> None:
    from platformdirs import user_cache_path

    from eval import train_decision as training
    from rag.answer import decision

    for path in read:
        from eval.case import load_cases
        from eval.decision_rows import as_lines, make_rows
        from rag.answer.assistant import load_assistant

        cases = [case for file in load_cases([path]) for case in file.cases]
        kept = user_cache_path("tiaowen") / "decision-rows" / path.stem
        rows = make_rows(load_assistant(index), cases, kept, say=say)
        (training.ROWS / f"{path.stem}.jsonl").write_text(as_lines(rows), encoding="utf-8")
    known = training.read_rows()
    words = training.in_words(known, training.fit(known).said)
    for learned, by in ((known, decision.EVERYTHING), (words, decision.WORDS)):
        told = training.cross_validate(learned)
        scores = [training.figures(told, language) for language in training.LANGUAGES]
        print_table(training.figures_table(scores, by))
    written = out or Path(decision.__file__).with_name(decision.WEIGHTS)
    answers = training.read_rows(training.ANSWERS)
    weights = {by: training.train(known, answers, by) for by in training.TOLD}
    written.write_text(training.weights_text(weights, training.digest()), encoding="utf-8")
    say(f"written: {written}")


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
