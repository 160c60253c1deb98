"""A drawing of how the costs of an index grow with its clauses, as one SVG file.

Both axes are logarithmic, so that what grows in step with the clauses is a line of slope 1. It
measures nothing: that is eval/bench/growth.py.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from html import escape

from eval.bench.growth import Grown
from eval.bench.percentile import percentile

WIDTH, HEIGHT, LEFT, TOP, GAP = 300, 170, 60, 46, 60
STYLE = (
    "text{font:12px system-ui,sans-serif;fill:#444}.title{font-weight:600;fill:#111}"
    ".grid{stroke:#ddd}.line{fill:none;stroke:#1f4e79;stroke-width:2}.point{fill:#1f4e79}"
)


def slope(points: Sequence[tuple[float, float]]) -> float:
    """The power of x that y grows with between the last two points: 1 is in step with it."""
    (x, y), (later, grown) = points[-2:]
    return math.log(grown / y) / math.log(later / x)


def growth_plot(grown: Sequence[Grown]) -> str:
    """The SVG: seconds to build and to search, memory and disk, by the number of clauses.

    Raises ValueError for fewer than two sizes.
    """
    if len(grown) < 2:
        raise ValueError("a growth needs two sizes")
    panels = (
        ("Build, seconds", [one.built for one in grown]),
        ("Search, p95, ms", [1000 * percentile(one.searches, 0.95) for one in grown]),
        ("Search, median, ms", [1000 * statistics.median(one.searches) for one in grown]),
        ("Memory at most, MiB", [one.memory for one in grown]),
        ("Disk, MiB", [one.disk for one in grown]),
        ("Open, ms", [1000 * one.opened for one in grown]),
    )
    sizes = [one.clauses for one in grown]
    drawn = []
    for place, (title, values) in enumerate(panels):
        across, down = place % 2, place // 2
        x, y = LEFT + across * (WIDTH + GAP + LEFT), TOP + down * (HEIGHT + GAP + TOP)
        points = list(zip(map(float, sizes), values, strict=True))
        drawn.append(f'<g transform="translate({x} {y})">{_panel(title, points)}</g>')
    width = 2 * (LEFT + WIDTH + GAP)
    height = math.ceil(len(panels) / 2) * (TOP + HEIGHT + GAP)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}"><title>Costs by clauses</title><style>{STYLE}</style>'
        f'<rect width="100%" height="100%" fill="#fff"/>{"".join(drawn)}</svg>\n'
    )


def _panel(title: str, points: Sequence[tuple[float, float]]) -> str:
    most = max(y for _, y in points)
    least = min(y for _, y in points)
    low, high = math.floor(math.log10(least)), math.ceil(math.log10(most))
    high = max(high, low + 1)
    first, last = math.log10(points[0][0]), math.log10(points[-1][0])
    marks = [_text(0, -24, f"{title} (last step: clauses^{slope(points):.2f})", "title")]
    for power in range(low, high + 1):
        y = HEIGHT * (high - power) / (high - low)
        marks.append(f'<path class="grid" d="M0 {y:.1f}H{WIDTH}"/>')
        marks.append(_text(-8, y + 4, f"{10.0**power:g}", anchor="end"))
    placed = [
        (
            WIDTH * (math.log10(x) - first) / (last - first),
            HEIGHT * (high - math.log10(y)) / (high - low),
        )
        for x, y in points
    ]
    line = "L".join(f"{x:.1f} {y:.1f}" for x, y in placed)
    marks.append(f'<path class="line" d="M{line}"/>')
    for (x, y), (size, value) in zip(placed, points, strict=True):
        marks.append(f'<circle class="point" cx="{x:.1f}" cy="{y:.1f}" r="4"/>')
        marks.append(_text(x, y - 9, f"{value:.3g}", anchor="middle"))
        marks.append(_text(x, HEIGHT + 18, f"{size:,.0f}", anchor="middle"))
    return "".join(marks)


def _text(x: float, y: float, words: str, kind: str = "", anchor: str = "start") -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" class="{kind}" text-anchor="{anchor}">'
        f"{escape(words)}</text>"
    )
