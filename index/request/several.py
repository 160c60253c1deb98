"""Several questions in one message, each to be answered by itself: `…一共有几章？第二章讲什么？`.

Only those are divided of which one is told from what is known of documents, without a clause being
chosen, and the other is not: of others the clause that holds the one mostly holds the other, and
what goes on with a question (`有几项？分别是什么？`) is one with it. Understands; answers nothing.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from index.request.conversation import likeliest
from index.request.heads import Heads, predict
from index.request.intents import joints
from index.request.message import WHOLE
from index.request.subject import subject_terms
from index.text.language import question_language

if TYPE_CHECKING:
    from index.request.model import Held

# More questions than these are taken as one: a form, a pasted list.
MOST = 4
# How likely one must be asked of a document as such: 到期前多久 asks for no validity.
SURE = 0.8
# A piece that asks, up to its mark; closing quotes and brackets belong to it.
_QUESTION = re.compile(r"[^?？]+[?？]+[”’\"'」』）)]*\s*")
# What is told of documents as such.
_OF_DOCUMENTS = frozenset({"structure", "count", "issue", "validity"})
# Of these, what one part of a sentence may ask, of the document of the other.
_OF_THE_SAME = frozenset({"validity", "issue"})
_GOES_WITH = _OF_DOCUMENTS | {"day", "who", "conversation", "none"}
# Words that point back, in front of a question's own.
_POINTS_BACK = frozenset({"ones", "them", "they", "these", "those", "called", "它们"})


def separate_questions(text: str, index: Held) -> tuple[str, ...]:
    """The questions of a message, in order; the message alone where it is one.

    A later question is one of its own if it names something of its own, wants another kind of
    thing than the one before, and one of both is asked of documents as such.
    """
    if len(text) > WHOLE:  # before any pattern: a message may have 30,000 characters
        return (text,)
    pieces = [match.group().strip() for match in _QUESTION.finditer(text)]
    if len(pieces) < 2:
        return _parts_apart(text, index)
    if _QUESTION.sub("", text).strip() or len(pieces) > MOST:
        return (text,)
    questions: list[str] = []
    for piece in pieces:
        if questions and not _stands_alone(piece, questions[-1], index):
            questions[-1] += piece if question_language(piece) == "zh" else f" {piece}"
        else:
            questions.append(piece)
    return tuple(questions)


def _parts_apart(text: str, index: Held) -> tuple[str, ...]:
    """The two parts of one sentence, if one of them surely asks of the document itself.

    The other asks neither that, nor for the day or body that goes with it.
    """
    cuts = joints(text)
    if len(cuts) != 1:
        return (text,)
    parts = text[: cuts[0][0]], text[cuts[0][1] :]
    both = [_heads(part, index).wanted for part in parts]
    itself = [any(heads[kind] >= SURE for kind in _OF_THE_SAME) for heads in both]
    if all(itself) or not any(itself):
        return (text,)
    other = both[itself.index(False)]
    return (text,) if sum(other[kind] for kind in _GOES_WITH) >= 0.5 else parts


def _stands_alone(piece: str, before: str, index: Held) -> bool:
    both = [_heads(text, index) for text in (before, piece)]
    kinds = {likeliest(heads) for heads in both}
    of_documents = any(heads.wanted[kind] >= SURE for heads in both for kind in _OF_DOCUMENTS)
    if len(kinds) < 2 or "conversation" in kinds or not of_documents:
        return False
    told = before.casefold()
    terms = subject_terms(piece, question_language(piece), lambda _: True)
    return any(
        len(term) > 2 and term.casefold() not in told and term.casefold() not in _POINTS_BACK
        for term in terms
    )


def _heads(text: str, index: Held) -> Heads:
    return predict(text, None, index.question_vector(text))
