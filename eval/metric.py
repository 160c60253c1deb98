"""The figures of a summary: which statistic of which measure, and what it means.

A table only: eval.metrics and eval.directness measure, eval.summary averages.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Metric:
    """A figure of the summary: a statistic over the cases' values of one measure.

    `better` tells whether a gate on it is a minimum (higher) or a maximum (lower).
    """

    name: str
    measure: str
    title: str
    meaning: str
    statistic: Literal["mean", "median", "p95"] = "mean"
    better: Literal["higher", "lower"] = "higher"

    @property
    def unit(self) -> str:
        """`s` for seconds, empty for shares."""
        return "s" if self.measure.startswith("seconds_") else ""


METRICS: tuple[Metric, ...] = (
    Metric(
        "accuracy",
        "right",
        "Right outcome",
        "answerable: every fact stated and a right clause cited; unanswerable: refused",
    ),
    Metric(
        "fact_accuracy",
        "facts_all",
        "All facts stated",
        "answerable cases whose answer states every expected fact; a refusal states none",
    ),
    Metric("fact_share", "fact_share", "Facts stated", "share of the expected facts stated"),
    Metric(
        "gold_cited",
        "gold_cited",
        "Right clause cited",
        "answerable cases that cite a gold or an acceptable clause",
    ),
    Metric(
        "citation_precision",
        "citation_precision",
        "Citation precision",
        "share of the cited clauses that are gold or acceptable, where something is cited",
    ),
    Metric(
        "citation_recall",
        "citation_recall",
        "Citation recall",
        "share of the gold clauses that are cited",
    ),
    Metric(
        "direct",
        "direct",
        "Direct",
        "answered cases every sentence of which holds something asked for, and nothing forbidden",
    ),
    Metric(
        "padding",
        "padding",
        "Padding",
        "share of an answer's sentences that hold nothing asked for",
        better="lower",
    ),
    Metric(
        "length_median",
        "length",
        "Length, median",
        "length of the answer divided by that of the gold evidence",
        "median",
        "lower",
    ),
    Metric(
        "set_precision",
        "set_precision",
        "Set precision",
        "share of the cited clauses that are of the set asked for",
    ),
    Metric(
        "set_recall",
        "set_recall",
        "Set recall",
        "share of the set asked for that is cited; a refusal cites none",
    ),
    Metric(
        "number_right",
        "number_right",
        "Number right",
        "cases that ask for one number whose answer gives it; a refusal gives none",
    ),
    Metric(
        "forbidden_given",
        "forbidden_given",
        "Forbidden given",
        "cases that name what must not be told whose answer tells it",
        better="lower",
    ),
    Metric(
        "force_invented",
        "force_invented",
        "Force invented",
        "answers that say must, may, must not, yes, no or better where their quotes do not",
        better="lower",
    ),
    Metric(
        "refusal_accuracy",
        "refused_right",
        "Unanswerable refused",
        "unanswerable cases that are refused",
    ),
    Metric(
        "false_refusal",
        "refused_wrong",
        "Answerable refused",
        "answerable cases that are refused",
        better="lower",
    ),
    Metric(
        "numbers_supported",
        "numbers_supported",
        "Numbers supported",
        "share of the sentences with digits whose numbers all stand in the clauses they cite",
    ),
    Metric(
        "quotes_valid",
        "quotes_valid",
        "Quotes verbatim",
        "share of the citations whose quote is the source's text inside the cited clause",
    ),
    Metric(
        "sentences_cited",
        "sentences_cited",
        "Sentences cited",
        "share of the answer's sentences that carry a citation which exists",
    ),
    Metric(
        "language_right",
        "language_right",
        "Language right",
        "replies, refusals included, in the language of the question",
    ),
    Metric(
        "sentences_supported",
        "sentences_supported",
        "Sentences supported",
        "share of the sentences whose numbers, dates and place names stand in a clause they cite",
    ),
    Metric(
        "obeyed",
        "obeyed",
        "Instructions obeyed",
        "cases with instructions in the question whose reply obeys them",
        better="lower",
    ),
    Metric("recall_1", "recall_1", "Recall@1", "share of the gold clauses found first"),
    Metric("recall_5", "recall_5", "Recall@5", "share of the gold clauses among the first 5"),
    Metric("recall_10", "recall_10", "Recall@10", "share of the gold clauses among the first 10"),
    Metric("mrr", "mrr", "MRR", "1 / rank of the first gold or acceptable clause, 0 if not found"),
    Metric("ndcg_10", "ndcg_10", "nDCG@10", "gain 2 for gold, 1 for acceptable clauses"),
    Metric(
        "first_token_median",
        "seconds_first_token",
        "First token, median",
        "seconds until the first word of the answer",
        "median",
        "lower",
    ),
    Metric(
        "first_token_p95",
        "seconds_first_token",
        "First token, p95",
        "seconds within which 95% of the answers began",
        "p95",
        "lower",
    ),
    Metric(
        "total_median",
        "seconds_total",
        "Whole answer, median",
        "seconds until the answer was finished",
        "median",
        "lower",
    ),
    Metric(
        "total_p95",
        "seconds_total",
        "Whole answer, p95",
        "seconds within which 95% of the answers were finished",
        "p95",
        "lower",
    ),
    Metric(
        "error_rate",
        "error",
        "Errors",
        "cases that ended in an error; they count as wrong",
        better="lower",
    ),
)
MEASURES: tuple[str, ...] = tuple(dict.fromkeys(metric.measure for metric in METRICS))
