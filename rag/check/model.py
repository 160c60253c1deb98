"""What comes of checking a text: its citations, each with a verdict, and figures without one.

Plain frozen dataclasses; offsets are character positions in the text that was checked.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

# What is checked at once.
MOST_CITATIONS = 200
MOST_BYTES = 2**20
# `named`: the article is there, and nothing is said of it that could be compared.
Verdict = Literal[
    "verbatim",
    "supported",
    "named",
    "numbers_differ",
    "not_found_in_article",
    "other_article",
    "no_such_article",
    "not_held",
    "unchecked",
]
RIGHT = frozenset({"verbatim", "supported", "named"})
# Of a document that no longer binds, or does not yet.
NOT_IN_FORCE = frozenset({"expired", "superseded", "not_yet"})
# Why a citation could not be checked, or what the document lacks; each has a sentence in both
# languages among the interface texts (`check_why_…`).
Why = Literal[
    "",
    "unread",
    "no_document",
    "ambiguous",
    "no_article_before",
    "no_paragraph_before",
    "number_of_another",
    "not_in_document",
    "over_limit",
    "other_words",
]


@dataclass(frozen=True)
class Article:
    """An article with its names in both languages."""

    clause_id: str
    label: str
    label_en: str


@dataclass(frozen=True)
class Quote:
    """Words of an article, with the English that goes with them; offsets in the source."""

    clause_id: str
    text: str
    text_en: str | None
    start: int
    end: int


@dataclass(frozen=True)
class CheckedCitation:
    """One citation of the text, what it names, and whether that says what is said of it.

    `statement` is what the text says of the article. `right` are the articles that say it where
    the cited one does not. `status` is that of the document on the day of the check.
    """

    start: int
    end: int
    text: str
    statement: str
    verdict: Verdict
    why: Why = ""
    document_id: str | None = None
    document: str | None = None
    document_en: str | None = None
    status: str | None = None
    superseded_on: str | None = None
    articles: tuple[Article, ...] = ()
    right: tuple[Article, ...] = ()
    quotes: tuple[Quote, ...] = ()
    reasons: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether nothing is to be put right: the words hold, and the document is in force."""
        return self.verdict in RIGHT and self.status not in NOT_IN_FORCE


@dataclass(frozen=True)
class UncitedFigure:
    """A sentence with figures that cites nothing, and the articles that have them, if any do."""

    start: int
    end: int
    text: str
    articles: tuple[Article, ...]
    quotes: tuple[Quote, ...] = ()


@dataclass(frozen=True)
class CheckedText:
    """A text with everything that was found in it, in order. `today` is the day of the check."""

    text: str
    today: str
    citations: tuple[CheckedCitation, ...]
    figures: tuple[UncitedFigure, ...]
    seconds: float = 0.0

    @property
    def counts(self) -> dict[str, int]:
        """How many citations have each verdict, and how many hold."""
        found: dict[str, int] = {}
        for each in self.citations:
            found[each.verdict] = found.get(each.verdict, 0) + 1
        return found
