"""From one clause's evidence to the sentences of an answer, each checked against the clause.

A figure, a day or a name is written by the model in a sentence; lists, duties and summaries are
told in the clause's own words, which a small model would shorten. It chooses no clause.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from index.request.wording import Wording
from index.text.figures import known_numbers, stated_numbers
from index.text.repair import to_simplified
from prompts import prompt
from rag.answer.evidence import Passage, ReadClause
from rag.answer.force_told import within_force
from rag.answer.support import (
    Statement,
    is_foreign,
    says_little,
    says_nothing,
    split_answer,
    support,
    verbatim,
    without_asides,
)
from rag.answer.windows import fitting, room_for_question
from rag.english.translate import faults_of
from rag.llm.protocol import Generator
from rag.schema import Language

ANSWER_TOKENS = 160
REPEATED = 16
ENDS = re.compile(r"[.!?。！？；;)）\]】”’\"']\s*$")
LONG_ANSWER = 200

Translate = Callable[[Sequence[str]], list[str]]


def write(
    generator: Generator,
    asked: Wording,
    read: ReadClause,
    ranked: Sequence[Passage],
    language: Language,
    translate: Translate,
) -> Iterator[str | Statement]:
    """The text as it is written, and after it the statements it comes to.

    `ranked` is the evidence, best first. No statement comes where what was written is that the
    clause does not say it. Raises ModelFault.
    """
    if asked.items:
        chosen = sorted(ranked, key=lambda passage: passage.start)
        statements = [_told(each, language, translate) for each in verbatim(chosen, read)]
        yield (" " if language == "en" else "").join(each.text for each in statements)
        yield from statements
        return
    evidence = sorted(ranked, key=lambda passage: passage.start)
    written = ""
    for piece in _pieces(generator, asked.text, read, evidence, language):
        written += piece
        yield piece
        if _repeats(written):
            break
    if says_nothing(written, read):
        return
    sentences = split_answer(without_asides(written, language), language)
    if len(written) > LONG_ANSWER and not ENDS.search(written):
        # It was cut off at its most tokens.
        sentences = sentences[:-1]
    statements = []
    for text in sentences:
        statement = support(text, read, evidence, asked.text, language)
        if statement and not says_little(text, asked.text, language):
            statements.append(statement)
    if not statements:
        # Nothing written holds: the two best sentences themselves, in the clause's order.
        statements = verbatim(sorted(ranked[:2], key=lambda passage: passage.start), read)
    elif not _is_told(statements, ranked[0], asked):
        statements += verbatim(ranked[:1], read)
    for each in statements:
        yield _told(within_force(each, asked, language), language, translate)


def in_language(statement: Statement, language: Language, translate: Translate) -> str:
    """The statement's words in the language of the question.

    A clause without rendition is translated where its own words are the answer; if the
    translation is not supported by the clause, the reader is referred to the quote.
    """
    read = statement.read
    if read.language == language:
        return without_asides(statement.text, language)
    if not is_foreign(statement.text, language):
        return statement.text
    (english,) = translate([statement.text])
    if not faults_of(statement.text, english) and support(
        english, read, statement.evidence, "", language
    ):
        return english
    return prompt("untranslated", language, label=read.clause.label_en)


def _pieces(
    generator: Generator,
    asked: str,
    read: ReadClause,
    evidence: Sequence[Passage],
    language: Language,
) -> Iterator[str]:
    """What the model writes, which reads the evidence alone of what the clause says."""
    pieces = generator.stream(
        prompt("clause-system", read.language),
        prompt("answer", language),
        max_tokens=ANSWER_TOKENS,
        text=read.opening,
        question=fitting(asked, room_for_question(generator), generator),
        hidden=read.hidden(evidence),
    )
    for piece in pieces:
        yield to_simplified(piece) if language == "zh" else piece


def _told(statement: Statement, language: Language, translate: Translate) -> Statement:
    return replace(statement, text=in_language(statement, language, translate))


def _is_told(statements: Sequence[Statement], best: Passage, asked: Wording) -> bool:
    """Whether the best sentence needs no telling beside what was written.

    It does not if something written rests on it, or gives the one figure that was asked for.
    """
    if any(best in statement.evidence for statement in statements):
        return True
    known = known_numbers(asked.text)
    numbers = stated_numbers(" ".join(statement.text for statement in statements))
    return asked.one and any(not number.values & known for number in numbers)


def _repeats(written: str) -> bool:
    """Whether the model has begun to write the same over and over."""
    end = written[-REPEATED:]
    return len(end) == REPEATED and written.count(end) >= 3
