"""Which two targets are set side by side: those that a question has most of the names of.

What many of the documents' targets are called by weighs little. Nothing is computed here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from index.documents.model import Document
from index.facts.model import Target
from index.request.subject import without_documents
from index.text.held import likeness, pairs_of
from index.text.repair import clean
from rag.answer.running import Running
from rag.english.phrases import english_of

# How much of its name a question must have at least, and how much of the second's the third's may.
ALIKE, THIRD = 0.3, 0.75
_PEOPLE = ("人", "名", "位")


def likest(running: Running, documents: Sequence[Document]) -> tuple[Target, Target] | None:
    """The two targets that a question names best, where no third is named nearly as well.

    Both are money, or numbers of things, or of people. Of one document the one named best is among
    them; of several they are one each, as one of them may have none like the best of another.
    """
    several = len(documents) > 1
    ranked = sorted(_likeness(running, documents), key=lambda each: -each[0])
    named = [each for each in ranked if each[0] >= ALIKE]
    best, pair = 0.0, None
    for at, (share, first) in enumerate(named if several else named[:1]):
        others = [
            (own, target)
            for own, target in ranked[at + 1 :]
            if dimension(target) == dimension(first)
            # One of each document, which may call it the same; of one document two things.
            and (
                target.document_id != first.document_id
                if several
                else target.indicator != first.indicator
            )
        ]
        if others and others[0][0] >= ALIKE and share + others[0][0] > best:
            best = share + others[0][0]
            clear = len(others) < 2 or others[1][0] <= THIRD * others[0][0]
            pair = (first, others[0][1]) if clear else None
    return pair


def likest_of_each(running: Running, documents: Sequence[Document]) -> tuple[Target, Target] | None:
    """Of two documents the target that the question names best, where these are of two units."""
    best: dict[str, tuple[float, Target]] = {}
    for share, target in _likeness(running, documents):
        if share >= ALIKE and share > best.get(target.document_id, (0.0, target))[0]:
            best[target.document_id] = share, target
    if len(best) != 2:
        return None
    (_, first), (_, second) = best.values()
    return (first, second) if dimension(first) != dimension(second) else None


def dimension(target: Target) -> tuple[str, str]:
    """What a target's number can be compared with: things with things counted, 人 with 人."""
    if target.measure == "count" and not target.currency and target.unit != "%":
        return "count", "人" if target.unit in _PEOPLE else ""
    return target.measure, target.currency or target.unit


def _likeness(running: Running, documents: Sequence[Document]) -> list[tuple[float, Target]]:
    """Each target with how much of its name the question has."""
    language = running.language
    asked = pairs_of(without_documents(running.request.answered.text, documents), language)
    glossary = dict(running.index.glossary) if language == "en" else {}
    targets = running.index.facts.find(Target, documents=[each.id for each in documents])
    named = [pairs_of(_name(target, language, glossary), language) for target in targets]
    return list(zip(likeness(asked, named), targets, strict=True))


def _name(target: Target, language: str, glossary: Mapping[str, str]) -> str:
    name = clean(target.indicator or target.subject).text
    return name if language == "zh" else english_of(name, glossary) or ""
