"""What is asked, before anything is done about it: checked, limited, alone, in Chinese.

Nothing is searched or answered here, but where there is nothing to answer from.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from index.request.message import LONGEST, WHOLE
from index.search.store import ClauseIndex
from index.text.language import question_language
from prompts import prompt
from rag.answer.chinese_wording import Name as Name
from rag.answer.chinese_wording import put_into_chinese as put_into_chinese
from rag.answer.document_limit import limited
from rag.answer.windows import fitting, room_for_question
from rag.errors import QuestionFault
from rag.llm.protocol import Generator
from rag.schema import Answer, AnswerSentence, Seconds

# So few different characters are no question.
FEWEST = 3
REWRITTEN_TOKENS = 90
_CONTENT = re.compile(r"[A-Za-z0-9\u4e00-\u9fff]")


def asked(
    question: str, index: ClauseIndex, documents: Collection[str] = ()
) -> tuple[str, ClauseIndex]:
    """The question as it is taken, and the index with the documents alone that it is limited to.

    Raises QuestionFault for a question that cannot be asked, and a document that is not held.
    """
    return checked(question), limited(index, documents)


def checked(question: str) -> str:
    """The question without outer white space. Raises QuestionFault if it cannot be asked."""
    question = question.strip()
    # One letter over and over asks nothing.
    if not _CONTENT.search(question) or (len(question) > WHOLE and len(set(question)) < FEWEST):
        raise QuestionFault("question-empty")
    if len(question) > LONGEST:
        raise QuestionFault("question-too-long", count=len(question), most=LONGEST)
    return question


def alone(previous: str, question: str, generator: Generator) -> str:
    """A follow-up as the model would ask it alone, after the questions before. ModelFault."""
    language = question_language(question)
    room = room_for_question(generator)
    told = {
        "previous": fitting(previous, room, generator),
        "question": fitting(question, room, generator),
    }
    pieces = generator.stream(
        prompt("follow-up-system", language),
        prompt("follow-up", language, **told),
        max_tokens=REWRITTEN_TOKENS,
        stop=("\n",),
    )
    return "".join(pieces)


def nothing_held(question: str, question_id: str, model: str, index: str) -> Answer:
    """The refusal where there is no document yet that could be asked about."""
    language = question_language(question)
    text = prompt("refusal-no-documents", language)
    return Answer(
        id=question_id,
        question=question,
        language=language,
        outcome="refused",
        answer=text,
        sentences=(AnswerSentence(text, ()),),
        citations=(),
        hits=(),
        seconds=Seconds(0.0, None, 0.0),
        model=model,
        index=index,
    )
