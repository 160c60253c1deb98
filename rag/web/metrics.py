"""Figures for Prometheus at /metrics: the line, seconds by part, outcomes, refusals, memory.

They need the extra `metrics`, and are read by who manages alone (rag/web/access.py).
"""

# No postponed annotations: FastAPI reads the types off the handlers.

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from rag.errors import RagFault
from rag.web.observed import Ended

if TYPE_CHECKING:
    from fastapi import FastAPI
    from prometheus_client.core import GaugeMetricFamily, Metric

METRICS = "/metrics"
# Of a document on its way: it waits to be confirmed, then to be indexed, then it is found.
STATES = ("uploaded", "waiting", "searchable")
# From what the search takes to what is too long for anybody.
SECONDS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40, 80, 160)


class Metrics:
    """Implements Observer. What is counted begins with the program."""

    def __init__(self) -> None:
        """Raises RagFault where the extra is not installed."""
        try:
            from prometheus_client import (
                CollectorRegistry,
                Counter,
                Gauge,
                Histogram,
                PlatformCollector,
                ProcessCollector,
            )
        except ImportError:
            raise RagFault("metrics-missing") from None
        # Its own, so that several chats in one process do not count together.
        self._registry = own = CollectorRegistry()
        PlatformCollector(registry=own)
        ProcessCollector(registry=own)
        self._line = Gauge(
            "tiaowen_questions_in_line",
            "Questions that wait, and those that are being answered.",
            registry=own,
        )
        self._ended = Counter(
            "tiaowen_questions",
            "Questions that were begun, by how they ended.",
            ["end", "language"],
            registry=own,
        )
        self._refused = Counter(
            "tiaowen_requests_refused", "Requests that were refused, by reason.", ["why"],
            registry=own,
        )  # fmt: skip
        self._waited = Histogram(
            "tiaowen_question_waited_seconds",
            "Seconds in the line.",
            buckets=SECONDS,
            registry=own,
        )
        self._total = Histogram(
            "tiaowen_question_seconds",
            "Seconds of an answer, the line left out.",
            buckets=SECONDS,
            registry=own,
        )
        self._parts = Histogram(
            "tiaowen_question_part_seconds",
            "Seconds of each part of an answer.",
            ["part"],
            buckets=SECONDS,
            registry=own,
        )

    def watch_documents(self, by_state: Callable[[], Mapping[str, int]]) -> None:
        """Ask how many documents people have added are in each of STATES, in the same way.

        They are asked for once whenever the figures are read.
        """
        self._registry.register(_Documents(by_state))

    def watch(self, in_line: Callable[[], int]) -> None:
        """Ask for the length of the line whenever the figures are read."""
        self._line.set_function(in_line)

    def refused(self, why: str) -> None:
        """See Observer.refused."""
        self._refused.labels(why).inc()

    def ended(self, question: Ended) -> None:
        """See Observer.ended."""
        self._ended.labels(question.end, question.language or "none").inc()
        self._waited.observe(question.waited)
        self._total.observe(sum(question.parts.values()))
        for part, seconds in question.parts.items():
            self._parts.labels(part).observe(seconds)

    def told(self) -> tuple[bytes, str]:
        """All figures as they are now, and the type of their text."""
        from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

        return generate_latest(self._registry), CONTENT_TYPE_LATEST


class _Documents:
    """Implements prometheus_client's Collector: how many documents are in each state."""

    def __init__(self, by_state: Callable[[], Mapping[str, int]]) -> None:
        self._by_state = by_state

    def describe(self) -> "Iterable[Metric]":
        """The figure without its numbers, for which nothing is counted."""
        yield self._figure()

    def collect(self) -> "Iterable[Metric]":
        """The figure as it is now."""
        figure, found = self._figure(), self._by_state()
        for state in STATES:
            figure.add_metric([state], found.get(state, 0))
        yield figure

    def _figure(self) -> "GaugeMetricFamily":
        from prometheus_client.core import GaugeMetricFamily

        told = "Documents that people added: uploaded, waiting to be searchable, searchable."
        return GaugeMetricFamily("tiaowen_documents", told, labels=["state"])


def add_metrics(server: "FastAPI", metrics: Metrics) -> None:
    """The route at which they are read."""
    from fastapi import Response

    def read() -> Response:
        told, kind = metrics.told()
        return Response(told, media_type=kind, headers={"cache-control": "no-store"})

    server.get(METRICS)(read)
