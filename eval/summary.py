"""Turns the measures of many cases into figures: slices, bootstrap intervals, comparisons, gates.

Reads the results of a finished or running evaluation; asks nothing and draws nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from eval.case import Case, EvalFault
from eval.metric import METRICS, Metric
from eval.metrics import Measures

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray
    from rich.table import Table

RESAMPLES = 2000
# Fewer shared cases than this tell no p-value.
LEAST_COMPARED = 20
_SEED = 20210506


class GateFault(EvalFault):
    """A gate file cannot be read as thresholds."""


class Scored(Protocol):
    """A case with its measures."""

    @property
    def case(self) -> Case:
        """The case."""
        ...

    @property
    def measures(self) -> Measures:
        """Its measures."""
        ...


@dataclass(frozen=True)
class Figure:
    """A metric over `n` cases that had a value, with its 95% interval; n = 0 has no value."""

    value: float | None
    low: float | None
    high: float | None
    n: int


@dataclass(frozen=True)
class Difference:
    """A metric over the `n` cases that have it in both runs, and the second minus the first.

    `low` and `high` bound the difference (95%); `p` is the two-sided bootstrap p-value, None from
    fewer than `LEAST_COMPARED` cases.
    """

    metric: Metric
    first: float
    second: float
    difference: float
    low: float
    high: float
    p: float | None
    n: int


Slices = dict[str, dict[str, Figure]]


def summarise(results: Iterable[Scored], resamples: int = RESAMPLES) -> Slices:
    """Every metric over all cases and over each language, type and document.

    Slices are called `all`, `language=zh`, `type=number`, `document=shanghai-2021`; a case with
    gold clauses of two documents counts in both, an unanswerable one in none.
    """
    rows = list(results)
    members: dict[str, list[Scored]] = {"all": rows}
    for kind, names in (
        ("language", lambda case: (case.language,)),
        ("type", lambda case: (case.type,)),
        ("document", lambda case: case.documents),
    ):
        found: dict[str, list[Scored]] = {}
        for row in rows:
            for name in names(row.case):
                found.setdefault(f"{kind}={name}", []).append(row)
        members |= dict(sorted(found.items()))
    return {
        name: {
            metric.name: figure(
                metric, [row.measures.get(metric.measure) for row in part], resamples
            )
            for metric in METRICS
        }
        for name, part in members.items()
    }


def figure(metric: Metric, values: Iterable[float | None], resamples: int = RESAMPLES) -> Figure:
    """The metric's statistic over the values that are not None.

    The interval is the percentile bootstrap over cases with a fixed seed: the same values give
    the same interval. A single value has no interval but itself.
    """
    import numpy

    known = numpy.array([value for value in values if value is not None], dtype=float)
    if not len(known):
        return Figure(None, None, None, 0)
    statistic = _statistic(metric)
    generator = numpy.random.default_rng(_SEED)
    picks = generator.integers(len(known), size=(resamples, len(known)))
    low, high = numpy.percentile(statistic(known[picks]), (2.5, 97.5))
    value = float(statistic(known[None, :])[0])
    return Figure(value, float(low), float(high), len(known))


def compare(
    first: Iterable[Scored], second: Iterable[Scored], resamples: int = RESAMPLES
) -> list[Difference]:
    """Paired bootstrap over the cases with the same id and question in both runs.

    Both runs are resampled with the same cases, so that what makes a case hard cancels out.
    Raises EvalFault where the runs share no case.
    """
    import numpy

    others = {row.case.id: row for row in second}
    pairs = [
        (row.measures, others[row.case.id].measures)
        for row in first
        if row.case.id in others and others[row.case.id].case.question == row.case.question
    ]
    if not pairs:
        raise EvalFault("The two runs share no case; compare runs over the same cases.")
    differences: list[Difference] = []
    for metric in METRICS:
        both = [
            (one, two)
            for a, b in pairs
            if (one := a.get(metric.measure)) is not None
            and (two := b.get(metric.measure)) is not None
        ]
        if not both:
            continue
        values = numpy.array(both, dtype=float)
        statistic = _statistic(metric)
        picks = numpy.random.default_rng(_SEED).integers(len(both), size=(resamples, len(both)))
        spread = statistic(values[picks, 1]) - statistic(values[picks, 0])
        low, high = numpy.percentile(spread, (2.5, 97.5))
        # One is added to each count: the observed sample is itself one of the resamples.
        below = (int((spread <= 0).sum()) + 1) / (resamples + 1)
        above = (int((spread >= 0).sum()) + 1) / (resamples + 1)
        one_value, two_value = (float(statistic(values[None, :, side])[0]) for side in (0, 1))
        differences.append(
            Difference(
                metric,
                one_value,
                two_value,
                two_value - one_value,
                float(low),
                float(high),
                min(1.0, 2 * min(below, above)) if len(both) >= LEAST_COMPARED else None,
                len(both),
            )
        )
    return differences


def expects_other(first: Iterable[Scored], second: Iterable[Scored]) -> list[str]:
    """The ids of the shared cases that expect something else in the second run.

    Their figures differ by what is expected, not by what was answered.
    """
    others = {row.case.id: row.case for row in second}
    return [
        row.case.id
        for row in first
        if row.case.id in others and _expected(row.case) != _expected(others[row.case.id])
    ]


def _expected(case: Case) -> tuple[object, ...]:
    facts = (case.question, case.answerable, case.gold, case.acceptable, case.facts)
    return (*facts, case.forbidden, case.set, case.number, case.evidence)


def read_gate(path: Path) -> dict[str, dict[str, float]]:
    """The thresholds of a gate file, by slice, then by metric.

    The file is a JSON object of metric names and numbers, for all cases; under a slice's name
    it may hold such an object for that slice: `{"fact_accuracy": 0.9, "language=en":
    {"fact_accuracy": 0.85}}`. Raises GateFault for anything else.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise GateFault(f"{path}: cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise GateFault(f"{path}: not JSON: {error}") from None
    if not isinstance(found, dict):
        raise GateFault(f'{path}: must be an object such as {{"fact_accuracy": 0.9}}')
    gate: dict[str, dict[str, float]] = {}
    names = {metric.name for metric in METRICS}
    for key, value in found.items():
        nested = isinstance(value, dict)
        for name, threshold in (value if nested else {key: value}).items():
            if name not in names:
                raise GateFault(f"{path}: {name} is no metric; known: {', '.join(sorted(names))}")
            if isinstance(threshold, bool) or not isinstance(threshold, int | float):
                raise GateFault(f"{path}: the threshold of {name} must be a number")
            gate.setdefault(key if nested else "all", {})[name] = float(threshold)
    return gate


def failed_gates(gate: Mapping[str, Mapping[str, float]], slices: Slices) -> list[str]:
    """One line for each threshold that is not met, or that no case could meet.

    A threshold is a minimum, or a maximum for metrics of which less is better (seconds,
    `false_refusal`, `error_rate`).
    """
    lines: list[str] = []
    by_name = {metric.name: metric for metric in METRICS}
    for part, thresholds in gate.items():
        for name, threshold in thresholds.items():
            metric = by_name[name]
            value = slices[part][name].value if part in slices else None
            if value is None:
                lines.append(f"gate {part} {name}: no case to judge it by")
            elif metric.better == "higher" and value < threshold:
                lines.append(f"gate {part} {name}: {value:.4g} is below {threshold:g}")
            elif metric.better == "lower" and value > threshold:
                lines.append(f"gate {part} {name}: {value:.4g} is above {threshold:g}")
    return lines


def as_json(slices: Slices) -> dict[str, Any]:
    """The slices as plain JSON values."""
    return {
        name: {
            metric: {"value": f.value, "low": f.low, "high": f.high, "n": f.n}
            for metric, f in figures.items()
        }
        for name, figures in slices.items()
    }


def shown(metric: Metric, value: float | None) -> str:
    """A metric's value for people: `0.912`, `1.24 s`, `–` where there is none."""
    if value is None:
        return "–"
    return f"{value:.2f} s" if metric.unit else f"{value:.3f}"


def summary_table(slices: Slices, title: str) -> Table:
    """The metrics over all cases and by language, with intervals, for the terminal."""
    from rich.table import Table
    from rich.text import Text

    columns = [name for name in slices if name == "all" or name.startswith("language=")]
    table = Table(title=Text(title), title_justify="left")
    table.add_column("")
    for name in columns:
        table.add_column(name.removeprefix("language="), justify="right")
    for metric in METRICS:
        cells = [slices[name][metric.name] for name in columns]
        if any(cell.n for cell in cells):
            table.add_row(metric.title, *(_cell(metric, cell) for cell in cells))
    return table


def _cell(metric: Metric, cell: Figure) -> str:
    if cell.low is None or cell.high is None:
        return "–"
    low, high = shown(metric, cell.low), shown(metric, cell.high)
    # The bracket would read as rich's markup.
    return rf"{shown(metric, cell.value)} \[{low.removesuffix(' s')}, {high.removesuffix(' s')}]"


def comparison_table(differences: Sequence[Difference], first: str, second: str) -> Table:
    """The differences between two runs, for the terminal."""
    from rich.table import Table
    from rich.text import Text

    table = Table()
    for name in ("", first, second, "difference", "95% interval", "p", "cases"):
        table.add_column(Text(name), justify="right" if name else "left")
    for each in differences:
        table.add_row(
            each.metric.title,
            shown(each.metric, each.first),
            shown(each.metric, each.second),
            f"{each.difference:+.3f}",
            rf"\[{each.low:+.3f}, {each.high:+.3f}]",
            "–" if each.p is None else f"{each.p:.3f}",
            str(each.n),
        )
    return table


def _statistic(metric: Metric) -> Callable[[NDArray[numpy.float64]], NDArray[numpy.float64]]:
    """The metric's statistic along the last axis."""
    import numpy

    if metric.statistic == "mean":
        return lambda values: numpy.asarray(values.mean(axis=-1))
    percent = 50 if metric.statistic == "median" else 95
    return lambda values: numpy.asarray(numpy.percentile(values, percent, axis=-1))
