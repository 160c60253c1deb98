"""Writes a run's report.html, one file that needs nothing else, and its summary.json.

The page's frame is report.html beside this module; every text in it is escaped by Jinja. It
computes no measure of its own.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eval.metric import METRICS, Metric
from eval.run import Result, read_run, write_atomically
from eval.summary import Figure, Slices, as_json, shown, summarise
from rag.answer.trace import PARTS

if TYPE_CHECKING:
    from markupsafe import Markup
    from rich.table import Table

# What the tables by type and document and the first plot show.
_MAIN = (
    "accuracy",
    "fact_accuracy",
    "direct",
    "gold_cited",
    "refusal_accuracy",
    "numbers_supported",
    "recall_5",
    "mrr",
)

# What the terminal's table by type shows.
_BY_TYPE = (
    "fact_accuracy",
    "direct",
    "padding",
    "length_median",
    "set_precision",
    "set_recall",
    "number_right",
    "forbidden_given",
    "force_invented",
)


def write_summary(folder: Path, results: Sequence[Result] = ()) -> Slices:
    """Write summary.json of the run in `folder` and return its figures.

    `results` are those to be told of, default the run's own. Raises RunFault where the folder
    holds no run.
    """
    config, own = read_run(folder)
    results = results or own
    slices = summarise(results)
    content = {"config": config, "cases": len(results), "slices": as_json(slices)}
    text = json.dumps(content, ensure_ascii=False, indent=2) + "\n"
    write_atomically(folder / "summary.json", text)
    return slices


def write_report(folder: Path, results: Sequence[Result] = ()) -> Slices:
    """Write report.html and summary.json of the run in `folder` and return its figures.

    `results` are those to be told of, default the run's own. Raises RunFault where the folder
    holds no run.
    """
    slices = write_summary(folder, results)
    config, own = read_run(folder)
    write_atomically(folder / "report.html", render(config, results or own, slices))
    return slices


def render(config: dict[str, Any], results: Sequence[Result], slices: Slices) -> str:
    """The report as HTML."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent, encoding="utf-8"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        keep_trailing_newline=True,
    )
    by_kind = {
        kind: [name for name in slices if name.startswith(f"{kind}=")]
        for kind in ("language", "type", "document")
    }
    return environment.get_template("report.html").render(
        config=config,
        by={name: config["answered_by"][name] or config[name] for name in ("model", "index")},
        results=results,
        failures=[result for result in results if result.faults],
        slices=slices,
        languages=["all", *by_kind["language"]],
        parts=[(kind, by_kind[kind]) for kind in ("type", "document") if by_kind[kind]],
        metrics=[metric for metric in METRICS if slices["all"][metric.name].n],
        main=[metric for metric in METRICS if metric.name in _MAIN],
        plots=plots(results, slices),
        cell=_cell,
    )


def plots(results: Sequence[Result], slices: Slices) -> list[tuple[str, Markup]]:
    """Titles and inline SVG: main figures with intervals, recall by depth, answering times."""
    parts = [name for name in slices if name.startswith("language=")]
    drawn = [
        ("Main figures with 95% intervals", _intervals(slices, parts)),
        ("Gold clauses among the first k found", _recall(slices, parts)),
    ]
    series = [
        (title, [value for result in results if (value := result.measures.get(key)) is not None])
        for title, key in (
            ("first token", "seconds_first_token"),
            ("whole answer", "seconds_total"),
        )
    ]
    if any(values for _, values in series):
        drawn.append(("Share of the answers within so many seconds", _cumulative(series)))
    if any(result.parts for result in results):
        drawn.append(("Mean seconds of each part of an answer", _times(results)))
    return drawn


def by_type(slices: Slices) -> Table:
    """What lists, counts and single answers come to by type, for the terminal."""
    from rich.table import Table
    from rich.text import Text

    shown_here = [metric for metric in METRICS if metric.name in _BY_TYPE]
    table = Table(title=Text("By type"), title_justify="left")
    for name in ("type", "cases", *(metric.title for metric in shown_here)):
        table.add_column(Text(name), justify="right" if name != "type" else "left")
    for name in (each for each in slices if each.startswith("type=")):
        figures = slices[name]
        cells = [shown(metric, figures[metric.name].value) for metric in shown_here]
        table.add_row(name.removeprefix("type="), str(figures["error_rate"].n), *cells)
    return table


def _cell(metric: Metric, figure: Figure) -> Markup:
    from markupsafe import Markup

    if figure.low is None or figure.high is None:
        return Markup("<td>–</td>")
    return Markup("<td>{} <small>[{}, {}] · {}</small></td>").format(
        shown(metric, figure.value),
        shown(metric, figure.low).removesuffix(" s"),
        shown(metric, figure.high).removesuffix(" s"),
        figure.n,
    )


def _intervals(slices: Slices, parts: Sequence[str]) -> Markup:
    """A row for each main metric, in it a dot and its interval for each language."""
    left, width, row, top = 150, 300, 40, 24
    metrics = [metric for metric in METRICS if metric.name in _MAIN]
    bottom = top + row * len(metrics)
    marks = [_legend(parts, left)]
    for tick in (0, 0.25, 0.5, 0.75, 1):
        x = left + width * tick
        marks.append(f'<path class="grid" d="M{x:.1f} {top}V{bottom}"/>')
        marks.append(_text(x, bottom + 16, f"{tick:g}", "tick", "middle"))
    for index, metric in enumerate(metrics):
        middle = top + row * (index + 0.5)
        marks.append(_text(0, middle + 4, metric.title))
        for color, part in enumerate(parts):
            figure = slices[part][metric.name]
            if figure.value is None or figure.low is None or figure.high is None:
                continue
            y = middle + 10 * (color - (len(parts) - 1) / 2)
            one, two = left + width * figure.low, left + width * figure.high
            x = left + width * figure.value
            marks.append(f'<path class="c{color}" d="M{one:.1f} {y:.1f}H{two:.1f}"/>')
            marks.append(f'<circle class="c{color}" cx="{x:.1f}" cy="{y:.1f}" r="4"/>')
    return _svg(left + width + 20, bottom + 24, marks)


def _recall(slices: Slices, parts: Sequence[str]) -> Markup:
    """Recall at 1, 5 and 10, a line for each language."""
    names = (("recall_1", 1), ("recall_5", 5), ("recall_10", 10))
    series = [
        (
            part.removeprefix("language="),
            [(k, value) for name, k in names if (value := slices[part][name].value) is not None],
        )
        for part in parts
    ]
    return _lines(series, [1, 5, 10], 10, "k")


def _cumulative(series: Sequence[tuple[str, Sequence[float]]]) -> Markup:
    """For each series of seconds the share of its values up to each second."""
    longest = max(max(values) for _, values in series if values) or 1.0
    steps: list[tuple[str, list[tuple[float, float]]]] = []
    for title, values in series:
        points: list[tuple[float, float]] = [(0.0, 0.0)]
        for rank, value in enumerate(sorted(values), start=1):
            points += [(value, (rank - 1) / len(values)), (value, rank / len(values))]
        steps.append((title, [*points, (longest, 1.0)] if values else []))
    return _lines(steps, [longest * part / 4 for part in range(5)], longest, "s")


def _times(results: Sequence[Result]) -> Markup:
    """A bar for each part of the work and language: its mean seconds over all answers."""
    languages = sorted({result.case.language for result in results if result.parts})
    means = {}
    for language in languages:
        own = [r.parts for r in results if r.parts and r.case.language == language]
        means[language] = {part: sum(p.get(part, 0.0) for p in own) / len(own) for part in PARTS}
    widest = max(max(each.values()) for each in means.values()) or 1.0
    left, width, row, top = 90, 300, 34, 24
    bottom = top + row * len(PARTS)
    marks = [_legend(languages, left)]
    for step in range(5):
        x = left + width * step / 4
        marks.append(f'<path class="grid" d="M{x:.1f} {top}V{bottom}"/>')
        marks.append(_text(x, bottom + 16, f"{widest * step / 4:.2g}", "tick", "middle"))
    marks.append(_text(left + width + 10, bottom + 16, "s", "tick"))
    for place, part in enumerate(PARTS):
        middle = top + row * (place + 0.5)
        marks.append(_text(0, middle + 4, part.replace("_", " ")))
        for color, language in enumerate(languages):
            y = middle + 9 * (color - (len(languages) - 1) / 2)
            end = left + width * means[language][part] / widest
            marks.append(f'<path class="bar c{color % 3}" d="M{left} {y:.1f}H{end:.1f}"/>')
    return _svg(left + width + 30, bottom + 24, marks)


def _lines(
    series: Sequence[tuple[str, Sequence[tuple[float, float]]]],
    ticks: Sequence[float],
    widest: float,
    unit: str,
) -> Markup:
    """Lines through (x, share) points, x from 0 to `widest`."""
    left, top, width, height = 40, 24, 300, 200
    marks = [_legend([title for title, _ in series], left)]
    for share in (0, 0.25, 0.5, 0.75, 1):
        y = top + height * (1 - share)
        marks.append(f'<path class="grid" d="M{left} {y:.1f}h{width}"/>')
        marks.append(_text(left - 6, y + 4, f"{share:g}", "tick", "end"))
    for tick in ticks:
        x = left + width * tick / widest
        marks.append(_text(x, top + height + 16, f"{tick:.3g}", "tick", "middle"))
    marks.append(_text(left + width + 14, top + height + 16, unit, "tick"))
    for color, (_, points) in enumerate(series):
        path = "L".join(
            f"{left + width * x / widest:.1f} {top + height * (1 - y):.1f}" for x, y in points
        )
        if path:
            marks.append(f'<path class="line c{color % 3}" style="fill:none" d="M{path}"/>')
    return _svg(left + width + 40, top + height + 24, marks)


def _legend(parts: Sequence[str], left: float) -> str:
    return "".join(
        f'<circle class="c{color % 3}" cx="{left + 110 * color + 5}" cy="8" r="4"/>'
        + _text(left + 110 * color + 14, 12, part.removeprefix("language="))
        for color, part in enumerate(parts)
    )


def _text(x: float, y: float, words: str, kind: str = "", anchor: str = "start") -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" class="{kind}" text-anchor="{anchor}">'
        f"{escape(words)}</text>"
    )


def _svg(width: float, height: float, marks: Sequence[str]) -> Markup:
    from markupsafe import Markup

    # The marks hold numbers of our own and texts that _text escaped.
    return Markup(
        f'<svg role="img" width="{width:.0f}" height="{height:.0f}" '
        f'viewBox="0 0 {width:.0f} {height:.0f}">{"".join(marks)}</svg>'
    )
