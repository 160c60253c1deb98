"""The documents that the tests of checks cite: the built-in ones and those made for the memos."""

from __future__ import annotations

from datetime import date
from functools import cache

from eval.memos import Held, held_documents
from rag.check.check import check_text
from rag.check.model import CheckedCitation, CheckedText

DAY = date(2026, 6, 1)
LAW = "《海陵市网络零售促进条例》"


@cache
def held() -> Held:
    """The documents, read once."""
    return held_documents()


def checked(text: str) -> CheckedText:
    """A text checked against them."""
    return check_text(text, held(), DAY)


def only(text: str) -> CheckedCitation:
    """The one citation of a text."""
    (one,) = checked(text).citations
    return one
