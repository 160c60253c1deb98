"""Several questions in one message, each to be answered by itself: `…一共有几章？第二章讲什么？`.

What only goes on with the question before it (`有几项？分别是什么？`, `which is higher? By how
much?`) is one question with it. Divides and understands; answers nothing.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, cast

from index.request.heads import predict
from index.request.message import WHOLE
from index.request.model import Wanted
from index.request.subject import subject_terms
from index.text.language import question_language

if TYPE_CHECKING:
    from index.request.model import Held

# More questions than these are taken as one: a form, a pasted list.
MOST = 4
# A piece that asks, up to its mark; closing quotes and brackets belong to it.
_QUESTION = re.compile(r"[^?？]+[?？]+[”’\"'」』）)]*\s*")
_POINTS_BACK = frozenset(
    {"它", "它们", "他们", "这", "这些", "那", "那些", "其", "逐条", "真的"}
    | {"this", "that", "these", "those", "it", "they", "them", "one", "ones", "you"}
    | {"called", "right"}
)
# Within one sentence: before a comma or an "and" that something more is asked behind.
_WITHIN = re.compile(
    r"[，,；;]\s*|\s+and\s+(?=(?:who|whom|when|where|what|which|how|why|until|by when)\b)", re.I
)
_ASKS = re.compile(
    r"什么|多少|哪|谁|几[个项条章年家]|如何|怎|吗|是否|能否|可否|何时|"
    r"\b(?:who|whom|when|where|what|which|how|why|is|are|does|do|did|can|may|must)\b",
    re.IGNORECASE,
)
# What is asked of the same thing and told together with it.
_TOGETHER = frozenset({"count", "list", "figure", "comparison", "fact", "none", "summary"})


def separate_questions(text: str, index: Held) -> tuple[str, ...]:
    """The questions of a message, in order; the message alone where it is one.

    A later question is one of its own if it brings a subject of its own, or wants another kind of
    thing (who, when, where …) than those told together.
    """
    pieces = [match.group().strip() for match in _QUESTION.finditer(text)]
    rest = text[sum(len(match.group()) for match in _QUESTION.finditer(text)) :].strip()
    if len(text) > WHOLE:
        return (text,)
    if rest or len(pieces) < 2:
        return _within(text, index)
    if len(pieces) > MOST:
        return (text,)
    questions: list[str] = []
    for piece in pieces:
        if questions and not _stands_alone(piece, questions[-1], index):
            questions[-1] += piece if question_language(piece) == "zh" else f" {piece}"
        else:
            questions.append(piece)
    return tuple(questions)


def _within(text: str, index: Held) -> tuple[str, ...]:
    """The two questions of one sentence, where they want different kinds of thing."""
    for joint in _WITHIN.finditer(text):
        first, second = text[: joint.start()].strip(), text[joint.end() :].strip()
        if not (_ASKS.search(first) and _ASKS.search(second)):
            continue
        kinds = {_kind(first, index), _kind(second, index)}
        if len(kinds) == 2 and "conversation" not in kinds and not kinds <= _TOGETHER:
            return first, second
    return (text,)


def _stands_alone(piece: str, before: str, index: Held) -> bool:
    if _kind(before, index) == "conversation":
        return False
    terms = subject_terms(piece, question_language(piece), lambda _: True)
    told = before.casefold()
    if any(term.casefold() not in told and term.casefold() not in _POINTS_BACK for term in terms):
        return True
    return _kind(piece, index) not in _TOGETHER


def _kind(text: str, index: Held) -> Wanted:
    heads = predict(text, None, index.question_vector(text))
    return cast(Wanted, max(heads.wanted, key=lambda kind: heads.wanted[kind]))
