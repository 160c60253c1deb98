"""Whether what was written gives what was asked, or only speaks of the same subject.

A clause on the subject may leave open what is asked: `a number of platforms` has no number. Goes
by the figures that an answer must show and by the model's judgement of the answer; that the answer
is in the clause is rag.cite's matter.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from index.request.demand import figures_missing
from index.request.wording import Wording
from index.text.figures import known_numbers, stated_numbers
from prompts import prompt
from rag.answer.choose import Choice
from rag.answer.decision import answer_stands, answers, leaning, stands_anyway
from rag.answer.evidence import ReadClause
from rag.answer.probe import contained
from rag.answer.support import Statement
from rag.answer.windows import fitting, room_for_question, room_for_text
from rag.llm.protocol import Generator
from rag.schema import Judgement, Language

# Yes-minus-No logit of the clause from which its answer needs no judgement of its own: fitted on
# the development cases; and what the probe tells of it from which it needs none
# (docs/experiments/choosing.md).
SURE, SURE_BY_STATE = 1.6, 1.0
YEARS = frozenset(map(Fraction, range(1949, 2100)))


def unsure(asked: Wording, judgement: Judgement) -> bool:
    """Whether an answer to the question is a draft until it has been judged.

    `judgement` is that of the clause it is written from; a bare Yes does not tell how sure it is.
    A figure that is asked for shows by itself whether it is there.
    """
    contains = contained(judgement.state)
    if contains is not None:
        return contains < SURE_BY_STATE and not asked.figures
    if judgement.yes is None:
        return judgement.said is not None and not asked.figures
    return judgement.yes < SURE and not asked.figures


def gives(
    generator: Generator,
    asked: Wording,
    statements: Sequence[Statement],
    language: Language,
    chosen: Choice,
) -> bool:
    """Whether the statements, written from the clause chosen, give what is asked.

    `asked` is the wording by which it was chosen, `language` the one of the answer. Raises
    ModelFault.
    """
    if all(each.carried for each in statements):
        return True
    told = "\n".join(
        text
        for each in statements
        for text in (each.text, *(f"{one.zh}\n{one.en or ''}" for one in each.evidence))
    )
    if figures_missing(asked.kinds, told):
        return False
    joint = "" if language == "zh" else " "
    answer = joint.join(_own_words(each, language) for each in statements)
    read = chosen.read
    # A figure shows by itself whether it is there, but not that it is the one asked for.
    drafted = bool(asked.figures) and not answers(asked, read, chosen.judgement, asked.language)
    if not drafted and (not unsure(asked, chosen.judgement) or _tells_figure(asked, answer)):
        return True
    gave = leaning(judged(generator, asked, answer, asked.language))
    if gave is None:
        return not drafted
    settled = stands_anyway(asked, read, chosen.judgement, gave, asked.language)
    if settled is not None:
        return settled
    without = without_words(generator, asked, read)
    return answer_stands(asked, read, chosen.judgement, gave, without, asked.language)


def without_words(generator: Generator, asked: Wording, read: ReadClause) -> Judgement:
    """The model's judgement of a clause of which it reads the names alone. Raises ModelFault."""
    return generator.judge(
        prompt("clause-system", read.language),
        read.opening_without_words,
        fitting(asked.content.text, room_for_question(generator), generator),
        prompt("judge-ask", read.language),
    )


def judged(generator: Generator, asked: Wording, answer: str, language: Language) -> Judgement:
    """The model's judgement whether these words give exactly what is asked. Raises ModelFault."""
    question = fitting(asked.text, room_for_question(generator), generator)
    answer = fitting(answer, room_for_text(generator), generator)
    return generator.judge(
        prompt("verify-system", language),
        prompt("verify-text", language, question=question, answer=answer),
        prompt("verify-give", language),
        prompt("verify-ask", language),
    )


def _own_words(statement: Statement, language: Language) -> str:
    """What a statement is judged by: the clause's words, where these had to be translated for it.

    A translation is checked where it is made, and may be but a reference to the quote.
    """
    if statement.original:
        return statement.original
    if statement.read.language == language or not statement.evidence:
        return statement.text
    return "".join(passage.zh for passage in statement.evidence)


def _tells_figure(asked: Wording, answer: str) -> bool:
    """Whether a figure is asked for, and the answer has one that is neither asked nor a year."""
    known = known_numbers(asked.text) | YEARS
    return asked.figure and any(not number.values & known for number in stated_numbers(answer))
