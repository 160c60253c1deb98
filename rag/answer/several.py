"""One answer made of the answers to several questions of one message, in their order.

Each was answered by itself and knows nothing of the others. What was told already is not told
again; where only some have an answer, it is said which have none. It answers nothing itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import zip_longest

from prompts import message
from rag.schema import (
    Answer,
    AnswerSentence,
    Citation,
    Seconds,
    answer_text,
)

ROUTE = "several questions"


def joined(question: str, answers: Sequence[Answer], most_hits: int) -> Answer:
    """The answers to the questions of `question` as one; they are in one language."""
    language = answers[0].language
    some = any(each.outcome == "answered" for each in answers)
    sentences: list[AnswerSentence] = []
    citations: list[Citation] = []
    for each in answers:
        numbers = {one.n: _numbered(one, citations) for one in each.citations}
        untold = some and each.outcome == "refused"
        for place, sentence in enumerate(each.sentences):
            cites = tuple(dict.fromkeys(numbers[n] for n in sentence.citations))
            text = sentence.text
            if untold and not place:
                text = message("part-refused", language, question=each.question, text=text)
            told = replace(sentence, text=text, citations=cites)
            # Whatever form it has: the row of a list may say what a sentence says.
            if (text, cites) not in [(one.text, one.citations) for one in sentences]:
                sentences.append(told)
    hits = dict.fromkeys(
        hit for place in zip_longest(*(each.hits for each in answers)) for hit in place if hit
    )
    best = {hit.clause_id: hit for hit in reversed(hits)}
    first = [each.seconds.first_token for each in answers]
    before = [0.0]
    for each in answers:
        before.append(before[-1] + each.seconds.total)
    begun = [gone + one for gone, one in zip(before, first, strict=False) if one is not None]
    return replace(
        answers[0],
        question=question,
        outcome="answered" if some else "refused",
        answer=answer_text(sentences, language),
        sentences=tuple(sentences),
        citations=tuple(citations),
        hits=tuple(dict.fromkeys(best[hit.clause_id] for hit in hits))[:most_hits],
        seconds=Seconds(
            answers[0].seconds.retrieve, min(begun, default=None), round(before[-1], 4)
        ),
        model=answers[-1].model,
        route=ROUTE,
        choices=tuple(choice for each in answers for choice in each.choices),
    )


def _numbered(citation: Citation, citations: list[Citation]) -> int:
    """The number of a citation among those of the whole answer, which it joins if it is new."""
    for known in citations:
        if replace(known, n=citation.n) == citation:
            return known.n
    citations.append(replace(citation, n=len(citations) + 1))
    return len(citations)
