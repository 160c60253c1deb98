"""The sentences of a Chinese text, none longer than a language model can be given.

It cuts and joins nothing else; passages for embedding are in split.py.
"""

from __future__ import annotations

import re

from index.documents.split import split_body

# A sentence longer than this, in either language, is read in pieces.
LONGEST = {"zh": 400, "en": 1600}
_SENTENCE = re.compile(r"[^。！？!?；;\n]*(?:[。！？!?；;]+[”’」』）)]*|\n|$)")


def sentence_spans(body: str) -> list[tuple[int, int]]:
    """Spans of the sentences of a Chinese text, without white space at their ends.

    One that is longer than a model can be given is cut into pieces, between its clauses if it can.
    """
    spans = []
    for match in _SENTENCE.finditer(body):
        if match.group().strip():
            spans += [
                (match.start() + start, match.start() + end)
                for start, end in pieces_of(match.group())
            ]
    return spans


def pieces_of(text: str, most: int = LONGEST["zh"]) -> list[tuple[int, int]]:
    """Spans of the text in pieces of at most so many characters, without white space around."""
    spans = []
    for start, end in split_body(text, most):
        piece = text[start:end]
        if piece.strip():
            lead = len(piece) - len(piece.lstrip())
            spans.append((start + lead, start + len(piece.rstrip())))
    return spans
