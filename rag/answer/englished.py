"""A clause without English made ready for an English question: its likeliest sentences in English.

The sentences that may answer are translated before anything is written of them, so that an answer
is chosen, written and checked as from a clause that has English. It cites the Chinese: English made
for one answer is no rendition, and is not shown as one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from index.documents.labels import document_label_en
from index.request.wording import Wording
from rag.answer.evidence import Passage, ReadClause, shortened
from rag.answer.support import Statement
from rag.answer.weigh import Weighed, sentences_for

Translate = Callable[[Sequence[str]], list[str]]
# A sentence is worth its translation from these log-odds on, of the first ones alone: of 45 English
# questions about documents without English the answer was among them for 44, 2.6 sentences each.
LIKELY, LIKELIEST = -3.0, 4


def englished(
    read: ReadClause, asked: Wording, weighed: Sequence[Weighed], translated: Translate
) -> ReadClause | None:
    """The clause with those of its sentences alone that may answer, in English.

    `weighed` are its sentences, best first; the first is always taken. None where the clause is in
    English already or none of them has English that passes its checks. Raises ModelFault.
    """
    if read.language == asked.language:
        return None
    most = max(LIKELIEST, sentences_for(asked))
    likely = [
        each.passage for at, each in enumerate(weighed[:most]) if not at or each.odds >= LIKELY
    ]
    likely.sort(key=lambda passage: passage.start)
    english = translated([passage.zh for passage in likely])
    told = tuple(
        replace(passage, en=text) for passage, text in zip(likely, english, strict=True) if text
    )
    if not told:
        return None
    document = read.document
    name = document.title_en or document_label_en(document)
    return replace(
        read,
        passages=told,
        lines=told,
        language="en",
        document_name=shortened(name, "en"),
        heading=shortened(read.clause.label_en, "en"),
    )


def resting_on(statement: Statement, read: ReadClause) -> Statement:
    """The statement as resting on the clause's own sentences, which it quotes in Chinese."""
    if statement.read is read:
        return statement
    own = {passage.start: passage for passage in read.passages}
    evidence: tuple[Passage, ...] = tuple(own[each.start] for each in statement.evidence)
    beside = tuple(resting_on(each, read) for each in statement.beside)
    return replace(statement, read=read, evidence=evidence, beside=beside)
