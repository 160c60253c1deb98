"""`eval train`: the weights that are learned from labelled questions and from rows of signs.

Loads what it needs when it is run; what is learned, and how well, is in eval/train*.py.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from eval.console import one_line_errors, print_table, say

if TYPE_CHECKING:
    from eval.case import Case
    from rag.answer.assistant import Assistant


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
    order: Annotated[
        bool, typer.Option("--search", help="Learn the order of the clauses found instead.")
    ] = False,
    read: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE",
            help="With --decision, --sentences or --search: cases to make rows of first.",
        ),
    ] = None,
    pairs: Annotated[
        bool,
        typer.Option(
            "--pairs",
            help="With --decision --read: pairs of questions on one clause, which alone is read.",
        ),
    ] = False,
    index: Annotated[
        Path | None, typer.Option(help="With --read: index folder (default: built-in documents).")
    ] = None,
) -> None:
    """Learn what questions want from the labelled questions, and write the heads' weights."""
    with one_line_errors():
        if decision:
            _train_decision(read or [], index, out, pairs)
            return
        if sentences:
            _train_sentences(read or [], index, out)
            return
        if order:
            _train_order(read or [], index, out)
            return
        _train_heads(test, out)


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
        rows = training.make_rows(*_read_cases(path, index))
        (training.ROWS / f"{path.stem}.jsonl").write_text(training.as_lines(rows), encoding="utf-8")
    known = training.read_rows()
    print_table(training.figures_table(training.cross_validate(known)))
    written = out or Path(weigh.__file__).with_name(weigh.WEIGHTS)
    _write_weights(written, training.weights_text(known, training.digest()).encode())


def _train_order(read: list[Path], index: Path | None, out: Path | None) -> None:
    from eval import train_reorder as training
    from index.search import reorder

    for path in read:
        rows = training.make_rows(*_read_cases(path, index))
        (training.ROWS / _name_of(path)).write_text(training.as_lines(rows), encoding="utf-8")
    known = training.read_rows()
    print_table(training.figures_table(training.cross_validate(known)))
    written = out or Path(reorder.__file__).with_name(reorder.WEIGHTS)
    _write_weights(written, training.weights_text(known, training.digest()).encode())


def _read_cases(path: Path, index: Path | None) -> tuple[Assistant, list[Case]]:
    """The assistant that asks, and the cases of a file but those that are kept for reporting."""
    from eval.case import load_cases
    from rag.answer.assistant import load_assistant

    cases = [case for file in load_cases([path]) for case in file.cases]
    learned = [case for case in cases if case.split not in ("report", "test")]
    if len(learned) < len(cases):
        say(f"{path}: {len(cases) - len(learned)} cases kept for reporting are left out")
    return load_assistant(index), learned


def _name_of(path: Path) -> str:
    """What the rows of a file of cases are kept under."""
    return "-".join(path.resolve().with_suffix("").parts[-2:]) + ".jsonl"


def _train_decision(read: list[Path], index: Path | None, out: Path | None, pairs: bool) -> None:
    from platformdirs import user_cache_path

    from eval import train_decision as training
    from eval import train_probe
    from rag.answer import decision, probe

    for path in read:
        from eval.decision_rows import as_lines, make_rows

        assistant, cases = _read_cases(path, index)
        kept = user_cache_path("tiaowen") / "decision-rows" / path.stem
        rows = make_rows(assistant, cases, kept, say=say, outright=pairs)
        (training.ROWS / _name_of(path)).write_text(as_lines(rows), encoding="utf-8")
    known = training.read_rows()
    bare = train_probe.without_states(known)
    words = training.in_words(bare, training.fit(bare).said)
    for learned, by in (
        (train_probe.with_contains(known), decision.EVERYTHING),
        (bare, decision.LOGITS_AND_LIKELIHOODS),
        (words, decision.WORDS),
    ):
        by_state = by == decision.EVERYTHING
        refused = training.REFUSED_BY_STATE if by_state else training.REFUSED
        told = training.cross_validate(learned, refused=refused)
        scores = [training.figures(told, language) for language in training.LANGUAGES]
        print_table(training.figures_table(scores, by))
    written = out or Path(decision.__file__).with_name(decision.WEIGHTS)
    answers = training.read_answers(known)
    weights = {by: training.train(known, answers, by) for by in training.TOLD}
    written.write_text(training.weights_text(weights, training.digest()), encoding="utf-8")
    say(f"written: {written}")
    learned_probe = train_probe.fit(known)
    _write_weights(written.with_name(probe.WEIGHTS), probe.as_bytes(learned_probe))
