"""Word for word: whether a text stands in another, and what an answer puts around a clause's words.

Compares characters, not meaning.
"""

from __future__ import annotations

import re

from index.documents.labels import document_label, document_label_en
from index.text.figures import comparable, states
from prompts import prompt
from rag.answer.evidence import ReadClause
from rag.schema import Language

QUOTATION = " \t\r\n\"'“”‘’「」『』«»"
_END = "。．.;；,，、:：!！?？"
_ELLIPSIS = re.compile(r"\s*(?:…+|\.{3,}|\[(?:…|\.{3})\])\s*")
# An article named before a colon: 第二十二条：, Part 3 (1):
_MARKED = re.compile(
    r"^(?:第[^：:]{1,12}|[^：:]{0,60}(?:条|款|项)|(?:Part|Article|Item)\b[^:]{1,20})[：:]\s*"
)


def is_quoted(statement: str, text: str) -> bool:
    """Whether a quote stands in the text word for word; parts left out with … in their order."""
    at = 0
    held = comparable(text)
    pieces = [piece.strip(QUOTATION + _END) for piece in _ELLIPSIS.split(statement)]
    pieces = [comparable(piece) for piece in pieces if piece]
    for piece in pieces:
        # `states` sees to the ends of numbers and words: 30 is not in 300.
        found = held.find(piece, at)
        while found >= 0 and not states(held[max(0, found - 1) : found + len(piece) + 2], piece):
            found = held.find(piece, found + 1)
        if found < 0:
            return False
        at = found + len(piece)
    return bool(pieces)


def unframed(text: str, read: ReadClause, language: Language) -> str:
    """A sentence without the article's own label before it and the note on its period behind."""
    document, clause = read.document, read.clause
    if document.period:
        first, last = map(str, document.period)
        text = text.replace(prompt("ended-period", language, first=first, last=last), "")
    labels = (clause.label, clause.label_en, document_label(document), document_label_en(document))
    for label in filter(None, (*labels, document.title, document.title_en)):
        rest = text.removeprefix(label)
        if rest != text and rest.startswith(("：", ":")):
            return rest[1:].lstrip()
    match = _MARKED.match(text)
    label = clause.label if language == "zh" else clause.label_en
    if match and match[0].rstrip("：: ") in label:
        return text[match.end() :]
    return text
