"""What the patterns of today make of a question, put into the heads' closed set, to compare with.

Each rule asks one of the functions that the program itself goes by. Nothing here is learned, and
nothing but the evaluation uses it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from index.documents.model import Document
from index.request.articles_named import without_steps
from index.request.conduct import without_instructions
from index.request.demand import KINDS, figures_asked
from index.request.documents_named import link_documents
from index.request.follow_up import leans_on
from index.request.heads import WANTED, Heads
from index.request.intents import (
    asks_for_items,
    asks_for_summary,
    asks_for_whole,
    asks_where,
    compares,
)
from index.text.language import Language
from index.text.repair import clean
from rag.answer.documents_told import asks_about, asks_for_day

_PERSON = next(kind for kind in KINDS if kind.name == "person")
# The duties among what `asks_for_items` looks for; it does not tell them from other items.
_DUTY = re.compile(
    r"部门|单位|牵头|负责|主管|哪个(?:局|委|厅|办|处)|谁(?:来)?(?:管|负责|牵头|办|抓)|"
    r"\b(?:responsib\w*|in charge|leads?|leading|who (?:is|are|will|handles|runs)|"
    r"which (?:department|bureau|agency|authority|body|unit|office)s?)\b",
    re.IGNORECASE,
)
_DOCUMENT_DATA = {"issued": "issue", "validity": "validity"}


class Patterns:
    """The patterns over the documents that are held, as heads that are sure of what they say."""

    def __init__(self, documents: Mapping[str, Document]) -> None:
        self._documents = documents

    def heads(self, question: str, previous: Sequence[str], language: Language) -> Heads:
        """What the patterns say; they know no conversation."""
        kind = self._wanted(question, language)
        leans = leans_on(question, previous)
        return Heads({each: float(each == kind) for each in WANTED}, float(leans), 0.0)

    def _wanted(self, question: str, language: Language) -> str:
        if not without_instructions(question, lambda _: True):
            return "none"
        linked = link_documents(question, self._documents)
        named = [self._documents[key] for key in linked]
        data = asks_about(question, named, language)
        text = clean(question).text
        figures = figures_asked(question)
        names_article = without_steps(text) != text
        checks = (
            (data is not None, _DOCUMENT_DATA.get(data or "", "")),
            (asks_where(question), "where"),
            (names_article and asks_for_whole(question, named), "whole_article"),
            (asks_for_summary(question), "summary"),
            (any(kind.name == "day" for kind in figures) or asks_for_day(question), "day"),
            (bool(figures), "figure"),
            (bool(_PERSON.asked.search(question)) or bool(_DUTY.search(question)), "who"),
            (compares(question), "comparison"),
            (asks_for_items(question), "list"),
        )
        return next((kind for holds, kind in checks if holds), "fact")
