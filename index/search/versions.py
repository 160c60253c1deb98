"""An index as a question means it: of several versions of one text, the one in force on its day."""

from __future__ import annotations

from datetime import date

from index.request.versions_asked import left_out
from index.search.store import ClauseIndex
from index.text.days import with_days


def of_day(index: ClauseIndex, question: str, today: date) -> ClauseIndex:
    """The index without the versions that the question does not ask."""
    out = left_out(with_days(question, today), index.documents, today)
    return index.without(out) if out else index
