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
from rag.answer.support import Statement
from rag.answer.windows import fitting, room_for_question, room_for_text
from rag.llm.protocol import Generator
from rag.schema import Language

# Yes-minus-No logit of the clause from which its answer needs no judgement of its own.
SURE = 1.6
# What the logits of clause and answer must come to together. Both fitted on the development cases
# (docs/experiments/choosing.md).
GIVEN = 0.1
YEARS = frozenset(map(Fraction, range(1949, 2100)))


def unsure(asked: Wording, yes: float | None) -> bool:
    """Whether an answer to the question is a draft until it has been judged.

    `yes` is the logit of the clause it is written from. A figure that is asked for shows by
    itself whether it is there.
    """
    return yes is not None and yes < SURE and not asked.figures


def gives(
    generator: Generator,
    asked: Wording,
    statements: Sequence[Statement],
    language: Language,
    yes: float | None,
) -> bool:
    """Whether the statements give what is asked. Raises ModelFault."""
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
    answer = joint.join(each.text for each in statements)
    if yes is None or not unsure(asked, yes) or _tells_figure(asked, answer):
        return True
    question = fitting(asked.text, room_for_question(generator), generator)
    answer = fitting(answer, room_for_text(generator), generator)
    judgement = generator.judge(
        prompt("verify-system", language),
        prompt("verify-text", language, question=question, answer=answer),
        prompt("verify-give", language),
        prompt("verify-ask", language),
    )
    return judgement.yes is None or yes + judgement.yes >= GIVEN


def _tells_figure(asked: Wording, answer: str) -> bool:
    """Whether a figure is asked for, and the answer has one that is neither asked nor a year."""
    known = known_numbers(asked.text) | YEARS
    return asked.figure and any(not number.values & known for number in stated_numbers(answer))
