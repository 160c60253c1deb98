"""A body that a statement says leads, or is first, though the clause says it of another.

Bodies stand in a bracket at the end of a clause. Those of other statements are looked at in
stated_numbers.py and english_names.py.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from index.text.tokens import cut_chinese
from rag.answer.evidence import ReadClause
from rag.answer.stated_numbers import bodies, leaders
from rag.answer.wording import means

_ROLE = re.compile(r"牵头|负责|配合|参与|分别|协同|会同")
_LEADING = re.compile(r"牵头|\bleads?\b|\bleading\b", re.IGNORECASE)
_LEADS = re.compile(
    r"牵头|首位|排(?:在)?第一|\blead(?:s|ing)? (?:unit|body)|\b(?:comes?|listed) first\b|"
    r"\bleads?\b(?! (?:to|in))|\bfirst among\b",
    re.IGNORECASE,
)


def wrongly_led(text: str, read: ReadClause, foreign: Sequence[str]) -> str | None:
    """The body that does not lead, or is not first, as a statement says; None where none is.

    `foreign` are the words of an English statement where the clause has no English.
    """
    if not _LEADS.search(text):
        return None
    leading = leaders(read) if _LEADING.search(text) else None
    for line in read.lines:
        if not line.in_brackets:
            continue
        if foreign and (other := _meant_by_words(foreign, bodies(line.zh), leading)):
            return other
        for names in (bodies(line.zh), bodies(line.en or "")):
            said = [at for at, name in enumerate(names) if name and name in text]
            if said and (0 not in said or (leading is not None and not leading)):
                return names[said[0]]
    return None


def _meant_by_words(
    words: Sequence[str], names: Sequence[str], leading: Sequence[str] | None
) -> str | None:
    """Of bodies that have no English: the one that is meant by its words, if it does not lead."""
    told = [cut_chinese(_ROLE.sub("", name)) for name in names]
    shared = [sum(means(word, name) for word in words) for name in told]
    most = max(shared, default=0)
    meant = [name for name, many in zip(names, shared, strict=True) if many == most]
    first = leading[0] if leading else names[0] if leading is None else ""
    if not most or (first and any(first in name or name in first for name in meant)):
        return None
    return meant[0]
