"""Makes evaluation cases of judgements: what a right answer cites and states, by those who judged.

It invents nothing: a fact stands in the answer that was found good and in the quote it cites. A
judgement that does not say what would be right makes no case. Cases are checked and run by `eval`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from index.text.figures import comparable, stated_numbers, states, without_marks
from rag.web.feedback.store import Judged

# A case whose facts are not known measures the citation alone; its type tells them apart.
TYPE, TYPE_WITHOUT_FACTS = "feedback", "feedback-article"
_MONTH = "(?:January|February|March|April|May|June|July|August|September|October|November|December)"
_DATE = re.compile(
    rf"\d{{4}}年\d{{1,2}}月(?:\d{{1,2}}日)?|\b\d{{1,2}} {_MONTH} \d{{4}}\b|"
    rf"\b{_MONTH}(?: \d{{1,2}},)? \d{{4}}\b"
)
_NAME = re.compile(r"《([^《》]{2,60})》|[“\"]([^“”\"]{2,60})[”\"]")


@dataclass(frozen=True)
class Skipped:
    """A judgement that makes no case, and why."""

    key: str
    question: str
    why: str


def cases_of(judgements: Iterable[Judged]) -> tuple[list[dict[str, Any]], list[Skipped]]:
    """The cases that the judgements make, in the form of a cases file, and those that make none."""
    cases: list[dict[str, Any]] = []
    skipped: list[Skipped] = []
    for one in judgements:
        gold = _gold(one)
        if isinstance(gold, str):
            skipped.append(Skipped(one.key, str(one.answer["question"]), gold))
            continue
        facts = _facts(one.answer) if one.verdict == "up" and gold else []
        cases.append(
            {
                "id": f"feedback-{one.key}",
                "language": one.answer["language"],
                "type": TYPE if facts or not gold else TYPE_WITHOUT_FACTS,
                "question": one.answer["question"],
                "previous": list(one.previous),
                "answerable": bool(gold),
                "gold": gold,
                "facts": facts,
            }
        )
    return cases, skipped


def as_lines(cases: Iterable[dict[str, Any]]) -> str:
    """The cases as JSON Lines."""
    return "".join(json.dumps(case, ensure_ascii=False) + "\n" for case in cases)


def _gold(one: Judged) -> list[str] | str:
    """The clauses of a right answer, none if it must be refused; or why they are not known."""
    if one.answer.get("collection"):
        return "it was asked in another collection than the default one"  # a run has one index
    if one.verdict == "up":
        # A refusal may quote the nearest article, which is no answer.
        if one.answer["outcome"] == "refused":
            return []
        cited = list(dict.fromkeys(each["clause_id"] for each in one.answer["citations"]))
        return cited or "the answer cites no article"
    if one.reason == "should_have_refused":
        return []
    if one.article:
        return [one.article]
    return f"nobody has said which article is right (reason: {one.reason})"


def _facts(answer: dict[str, Any]) -> list[list[str]]:
    """Dates, names in quotation marks and numbers of the answer that its quotes have as well.

    What the question says itself is no fact of the answer.
    """
    said = without_marks(str(answer["answer"]))
    quotes = [
        str(quote)
        for one in answer["citations"]
        for quote in (one["quote"], one["quote_en"])
        if quote
    ]
    dates = [match[0] for match in _DATE.finditer(said)]
    names = [match[1] or match[2] for match in _NAME.finditer(said)]
    numbers = []
    for number in stated_numbers(_DATE.sub(" ", _NAME.sub(" ", said))):
        share = f"{number.written}%"
        numbers.append(share if states(said, share) else number.written)
    forms: dict[str, str] = {}
    for form in (*dates, *names, *numbers):
        known = any(states(quote, form) for quote in quotes)
        if known and states(said, form) and not states(str(answer["question"]), form):
            forms.setdefault(comparable(form), form)
    return [[form] for form in forms.values()]
