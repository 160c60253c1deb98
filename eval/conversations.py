"""Asks whole conversations, each turn after the answers before it, and scores the turns.

A turn is right if its reply states every expected fact and nothing forbidden and cites a right
clause; a courteous reply cites nothing; a question asked back names choices. Reads and asks; the
command line prints.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, Protocol

from pydantic import BaseModel, ConfigDict, Field

from eval.case import read_rows
from index.request.model import Earlier, Previous
from index.text.figures import states, without_marks
from rag.schema import Answer, cited_by

Kind = Literal["content", "courtesy", "asked_back"]


class Turn(BaseModel):
    """One question of a conversation and what a right reply holds; `scored` if it counts."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    question: Annotated[str, Field(min_length=1)]
    gold: tuple[str, ...] = ()
    acceptable: tuple[str, ...] = ()
    facts: tuple[tuple[str, ...], ...] = ()
    forbidden: tuple[str, ...] = ()
    answerable: bool = True
    scored: bool = False
    kind: Kind = "content"


class Conversation(BaseModel):
    """Questions asked one after the other."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    language: Literal["zh", "en"]
    turns: Annotated[tuple[Turn, ...], Field(min_length=1)]


class Assistant(Protocol):
    """What answers a question after the turns before it."""

    def answer(self, question: str, *, previous: Sequence[Previous] = ()) -> Answer:
        """The finished answer."""
        ...


@dataclass(frozen=True)
class Scored:
    """A turn that counts, its reply, and what was wrong with it ('' if nothing)."""

    conversation: str
    language: str
    kind: Kind
    question: str
    answer: str
    fault: str


def read_conversations(path: Path) -> list[Conversation]:
    """The conversations of a JSON Lines file. Raises CaseFault with the line of a mistake."""
    return read_rows(path, Conversation, "conversation")


def ask_conversation(assistant: Assistant, conversation: Conversation) -> Iterator[Scored]:
    """The turns that count, each asked after the answers to those before."""
    earlier: list[Earlier] = []
    for turn in conversation.turns:
        answer = assistant.answer(turn.question, previous=earlier)
        earlier.append(Earlier(turn.question, *cited_by(answer)))
        if turn.scored:
            yield Scored(
                conversation.id,
                conversation.language,
                turn.kind,
                turn.question,
                answer.answer,
                fault_of(turn, answer),
            )


def fault_of(turn: Turn, answer: Answer) -> str:
    """What is wrong with a reply, '' if nothing."""
    if turn.kind == "courtesy":
        if answer.citations:
            return "cites something"
        if answer.outcome == "refused":
            return "is refused"
    elif turn.kind == "asked_back":
        return "" if len(answer.choices) > 1 else "does not ask back"
    elif not turn.answerable:
        return "" if answer.outcome == "refused" else "answers what is not there"
    elif answer.outcome == "refused":
        return "is refused"
    text = without_marks(answer.answer)
    for form in turn.forbidden:
        if states(text, form):
            return f"gives {form}"
    for forms in turn.facts:
        if not any(states(text, form) for form in forms):
            return f"lacks {forms[0]}"
    cited = {each.clause_id for each in answer.citations}
    right = {*turn.gold, *turn.acceptable}
    return "cites another clause" if right and not cited & right else ""
