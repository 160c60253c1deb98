"""Several stacks on the same cases, question by question in one run, and how their times compare.

What slows the machine down for a while then slows all of them. Each one's answers are kept as a
run of their own. It knows no stack.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
from rich.table import Table

from eval.bench.percentile import percentile
from eval.case import CaseFile
from eval.peers.packages import PeerFault
from eval.run import Assistant, Result, Settings, run, write_atomically
from eval.summary import RESAMPLES
from rag.schema import Answer, Event

FIGURES = "interleaved.json"
_SEED = 20210506


@dataclass(frozen=True)
class Times:
    """Seconds of one stack over the cases that every stack answered.

    `first` until something is read (a reply in one piece begins with its end), `whole` until the
    end: medians and those that 95% do not exceed. `first_ratio` and `whole_ratio` say how many
    times as long it takes as the one compared with (ratio of medians), each with its 95% interval.
    """

    name: str
    language: str
    cases: int
    first: float
    first_p95: float
    whole: float
    whole_p95: float
    first_ratio: tuple[float, float, float]
    whole_ratio: tuple[float, float, float]


def spread(files: Sequence[CaseFile], count: int) -> list[CaseFile]:
    """So many cases of the files, evenly over languages, types and ids."""
    every = sorted(
        (case for file in files for case in file.cases),
        key=lambda case: (case.language, case.type, case.id),
    )
    count = min(count, len(every))
    chosen = {every[(2 * n + 1) * len(every) // (2 * count)].id for n in range(count)}
    return [
        replace(
            file,
            cases=tuple(case for case in file.cases if case.id in chosen),
            places=tuple(
                place
                for case, place in zip(file.cases, file.places, strict=bool(file.places))
                if case.id in chosen
            ),
        )
        for file in files
    ]


def ask_in_turn(
    stacks: Mapping[str, tuple[Assistant, Settings]],
    files: Sequence[CaseFile],
    out: Path,
    say: Callable[[str], None],
) -> dict[str, list[Result]]:
    """Ask each case of every stack before the next case; the one asked first changes in turn.

    Each stack's results are a run in `out`/<its name>, which is gone on with where it ended. Raises
    as `eval.run.run` does.
    """
    names = list(stacks)
    count = sum(len(file.cases) for file in files)
    asked = {name: _Once(stack) for name, (stack, _) in stacks.items()}
    results: dict[str, list[Result]] = {}
    for number in range(1, count + 1):
        at = number % len(names)
        for name in (*names[at:], *names[:at]):
            results[name] = run(
                _ready(asked[name]),
                files,
                out / name,
                stacks[name][1],
                limit=number,
                say=lambda _: None,
            )
        told = ", ".join(f"{name} {_last(results[name])}" for name in names)
        say(f"[{number}/{count}] {told}")
    return {name: results[name] for name in names}


def times_of(results: Mapping[str, Sequence[Result]], than: str) -> list[Times]:
    """The times of every stack and language beside those of the one named `than`.

    Only cases count that every stack answered or refused without an error.
    """
    seconds = {
        name: {each.case.id: _seconds(each.answer) for each in own if each.answer}
        for name, own in results.items()
    }
    cases = {each.case.id: each.case for own in results.values() for each in own}
    shared = [case for key, case in cases.items() if all(key in own for own in seconds.values())]
    told = []
    for language in ("all", "zh", "en"):
        ids = [case.id for case in shared if language in ("all", case.language)]
        if not ids:
            continue
        table = {name: np.array([own[key] for key in ids]) for name, own in seconds.items()}
        told += [_times(name, language, own, table[than]) for name, own in table.items()]
    return told


def write_times(times: Sequence[Times], out: Path) -> None:
    """Keep the times as JSON in `out`. Raises OSError."""
    text = json.dumps([asdict(each) for each in times], ensure_ascii=False, indent=1)
    write_atomically(out / FIGURES, f"{text}\n")


def times_table(times: Sequence[Times], than: str) -> Table:
    """The times as a table."""
    table = Table(title=f"Seconds, and how many times those of {than} (95% interval)")
    for heading in ("stack", "language", "cases", "first word", "95%", "times"):
        table.add_column(heading)
    for heading in ("whole answer", "95%", "times"):
        table.add_column(heading)
    for each in times:
        table.add_row(
            *(each.name, each.language, str(each.cases)),
            *(f"{each.first:.2f}", f"{each.first_p95:.2f}", _interval(each.first_ratio)),
            *(f"{each.whole:.2f}", f"{each.whole_p95:.2f}", _interval(each.whole_ratio)),
        )
    return table


class _Once:
    """A stack that is asked nothing again that it failed on: `run` asks its errors anew."""

    def __init__(self, stack: Assistant) -> None:
        self.index = stack.index
        self._stack = stack
        self._faults: dict[str, str] = {}

    def ask(self, question: str, *, question_id: str, previous: Sequence[str]) -> Iterator[Event]:
        if question_id in self._faults:
            raise PeerFault(self._faults[question_id])
        try:
            yield from self._stack.ask(question, question_id=question_id, previous=previous)
        except Exception as error:  # noted, and told as it is
            self._faults[question_id] = str(error)
            raise


def _ready(stack: Assistant) -> Callable[[], Assistant]:
    return lambda: stack


def _times(
    name: str, language: str, own: np.typing.NDArray[np.float64],
    other: np.typing.NDArray[np.float64],
) -> Times:  # fmt: skip
    generator = np.random.default_rng(_SEED)
    # Both with the same cases: what makes a case long cancels out.
    picks = generator.integers(len(own), size=(RESAMPLES, len(own)))
    ratios = np.median(own[picks], axis=1) / np.median(other[picks], axis=1)
    value = np.median(own, axis=0) / np.median(other, axis=0)
    low, high = np.percentile(ratios, (2.5, 97.5), axis=0)
    first, whole = np.median(own, axis=0).tolist()
    return Times(
        name,
        language,
        len(own),
        first,
        percentile(own[:, 0].tolist(), 0.95),
        whole,
        percentile(own[:, 1].tolist(), 0.95),
        (float(value[0]), float(low[0]), float(high[0])),
        (float(value[1]), float(low[1]), float(high[1])),
    )


def _seconds(answer: Answer) -> tuple[float, float]:
    first = answer.seconds.first_token
    return (answer.seconds.total if first is None else first, answer.seconds.total)


def _last(results: Sequence[Result]) -> str:
    answer = results[-1].answer
    return f"{answer.seconds.total:.1f} s" if answer else f"error: {results[-1].error}"


def _interval(ratio: tuple[float, float, float]) -> str:
    value, low, high = ratio
    return f"{value:.1f} [{low:.1f}, {high:.1f}]"
