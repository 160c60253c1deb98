"""Overlong clause body to passages: the spans that are embedded one by one.

Cuts at the strongest Chinese punctuation that fits and never loses or repeats a character.
It knows nothing about documents, articles or embedding models.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from langchain_text_splitters import RecursiveCharacterTextSplitter

# Strongest first. Clean text has half-width colons, commas and semicolons (NFKC), so both count.
_SEPARATORS = [
    "\n",
    "[。!?！？](?:[”’\"'》)）]+)?",
    "[;；]",
    "[,，:：]",
    "、",
    " ",
    "",
]


def split_body(body: str, limit: int = 480) -> list[tuple[int, int]]:
    """Spans `(start, end)` of at most `limit` characters that tile `body` exactly, in order.

    An empty body has no spans. Raises ValueError for a limit below 1.
    """
    if limit < 1:
        raise ValueError(f"the limit must be at least 1 character, not {limit}")
    if not body:
        return []
    if len(body) <= limit:
        return [(0, len(body))]
    spans: list[tuple[int, int]] = []
    start = 0
    for piece in _splitter(limit).split_text(body):
        spans.append((start, start + len(piece)))
        start += len(piece)
    return spans


@cache
def _splitter(limit: int) -> RecursiveCharacterTextSplitter:
    from langchain_text_splitters import RecursiveCharacterTextSplitter

    return RecursiveCharacterTextSplitter(
        separators=_SEPARATORS,
        is_separator_regex=True,
        keep_separator="end",
        chunk_size=limit,
        chunk_overlap=0,
        strip_whitespace=False,
    )
