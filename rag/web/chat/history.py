"""Conversations kept in the visitor's own browser: how one is written down, and read back.

The server stores none. What a browser sends back is data of unknown origin: its form and sizes
are checked, and of its citations only those stay whose clause and quote the documents still hold.
Nothing is shown here.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from index.documents.model import Hit
from prompts.notices import notice_of, notice_row
from rag.schema import Answer, AnswerSentence, Citation, Seconds, answer_text
from rag.web.chat.conversation import MOST_CHOSEN, Conversation, Library, Turn, clause_in, holds
from rag.web.chat.suggest import suggestions

# The most that is read back; of a longer conversation the last turns are kept.
MOST_TURNS = 50
MOST_CHARACTERS = 2_000_000

_Id = Annotated[str, StringConstraints(max_length=500)]
_Text = Annotated[str, StringConstraints(max_length=20_000)]
_Question = Annotated[str, StringConstraints(min_length=1, max_length=4000)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class _Hit(_Part):
    clause_id: _Id
    score: float = Field(allow_inf_nan=False)


class _Citation(_Part):
    n: int = Field(ge=1, le=200)
    clause_id: _Id
    quote_en: _Text | None
    start: int = Field(ge=0)
    end: int = Field(ge=0)
    quote: _Text


class _Sentence(_Part):
    text: _Text
    citations: list[int] = Field(max_length=500)
    form: Literal["sentence", "lead", "row"] = "sentence"


class _Answer(_Part):
    question: _Question
    language: Literal["zh", "en"]
    outcome: Literal["answered", "refused"]
    sentences: list[_Sentence] = Field(max_length=400)
    citations: list[_Citation] = Field(max_length=200)
    hits: list[_Hit] = Field(max_length=100)
    seconds: float = Field(ge=0, allow_inf_nan=False)
    model: _Id


_Chosen = Annotated[list[_Id], Field(max_length=MOST_CHOSEN)]


class _Notice(_Part):
    """What the program said: told anew from key and values, in the language of the page."""

    text: Annotated[str, StringConstraints(max_length=2000)]
    key: Annotated[str, StringConstraints(max_length=100)]
    values: dict[str, int | float | _Notice | _Text] = Field(max_length=20)


class _Turn(_Part):
    question: _Question
    # Earlier, a question was limited to one document at most, by naming it before the question.
    asked_as: Annotated[str, StringConstraints(max_length=4000)] = ""
    only: _Chosen | _Id = []
    fault: Annotated[str, StringConstraints(max_length=2000)] | _Notice | None = None
    stopped: bool = False
    found: list[_Id] = Field(default=[], max_length=100)
    answer: _Answer | None = None


class _Kept(_Part):
    version: Literal[1]
    name: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{16}$")]
    turns: list[_Turn] = Field(max_length=MOST_TURNS)
    only: _Chosen = []
    # Not in what was kept before there were collections.
    collection: _Id = ""


def kept(talk: Conversation) -> str:
    """The conversation as JSON for the visitor's browser: what is needed to show it again.

    Of a question under way only its words are written, so that it can be asked again.
    """
    turns = [
        {
            "question": turn.question,
            "only": list(turn.only),
            "fault": None if turn.fault is None else notice_row(turn.fault),
            "stopped": turn.stopped,
            "found": [] if turn.running else list(turn.found),
            "answer": _written(turn.answer) if turn.answer else None,
        }
        for turn in talk.turns[-MOST_TURNS:]
    ]
    told = {"version": 1, "name": talk.name, "turns": turns, "only": list(talk.only)}
    if talk.collection:
        told["collection"] = talk.collection
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"))


def _said(fault: str | _Notice | None) -> str | None:
    return notice_of(fault.model_dump()) if isinstance(fault, _Notice) else fault


def collection_kept(text: str) -> str:
    """The collection that a kept conversation belongs to; empty for the default one."""
    if len(text) > MOST_CHARACTERS:
        return ""
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        return ""
    kept_in = told.get("collection") if isinstance(told, dict) else None
    return kept_in if isinstance(kept_in, str) else ""


def restored(
    text: str, library: Library, today: date
) -> tuple[str, list[Turn], tuple[str, ...]] | None:
    """A conversation that a browser kept: its name, turns and documents chosen; None if it is none.

    Clauses that are not held are left out, labels and status are those of today's documents. A
    document chosen stays so when it is removed: the question must not come to be asked of others.
    """
    if len(text) > MOST_CHARACTERS:
        return None
    try:
        told = _Kept.model_validate_json(text)
    except (ValidationError, ValueError, RecursionError):
        return None
    turns: list[Turn] = []
    for each in told.turns:
        turn = Turn(
            each.question,
            only=tuple(filter(None, [each.only] if isinstance(each.only, str) else each.only)),
            fault=_said(each.fault),
            stopped=each.stopped,
            found=tuple(one for one in dict.fromkeys(each.found) if holds(library, one)),
        )
        if each.answer:
            turn.answer = _read(each.answer, library, today)
            turn.dropped = len(turn.answer.citations) < len(each.answer.citations)
        if turn.running:  # It was cut off: neither an answer nor a fault was kept.
            turn.stopped = True
        turns.append(turn)
    asked = [turn.question for turn in turns]
    if turns and (last := turns[-1].answer):
        turns[-1].suggested = suggestions(last, library, asked)
    return told.name, turns, tuple(told.only)


def _written(answer: Answer) -> dict[str, object]:
    whole = asdict(answer)
    shown = {name: whole[name] for name in ("question", "language", "outcome", "model")}
    return shown | {
        "sentences": whole["sentences"],
        "citations": [
            {name: one[name] for name in _Citation.model_fields} for one in whole["citations"]
        ],
        "hits": [{"clause_id": hit.clause_id, "score": hit.score} for hit in answer.hits],
        "seconds": answer.seconds.total,
    }


def _read(told: _Answer, library: Library, today: date) -> Answer:
    citations = [one for each in told.citations if (one := _citation(each, library, today))]
    numbers = {one.n for one in citations}
    sentences = tuple(
        AnswerSentence(each.text, tuple(n for n in each.citations if n in numbers), each.form)
        for each in told.sentences
    )
    return Answer(
        id="",
        question=told.question,
        language=told.language,
        outcome=told.outcome,
        answer=answer_text(sentences, told.language),
        sentences=sentences,
        citations=tuple(citations),
        hits=tuple(
            Hit(each.clause_id, each.score) for each in told.hits if holds(library, each.clause_id)
        ),
        seconds=Seconds(0.0, None, told.seconds),
        model=told.model,
        index="",
    )


def _citation(told: _Citation, library: Library, today: date) -> Citation | None:
    """The citation as the documents bear it out today, or None."""
    clause = clause_in(library, told.clause_id)
    if clause is None:
        return None
    document = library.documents[clause.document_id]
    inside = clause.start <= told.start < told.end <= clause.end
    if not inside or document.source[told.start : told.end] != told.quote:
        return None
    rendition = library.rendition(clause.id)
    english = told.quote_en if rendition and (told.quote_en or "") in rendition.text else None
    return Citation(
        n=told.n,
        clause_id=clause.id,
        label=clause.label,
        label_en=clause.label_en,
        quote=told.quote,
        quote_en=english,
        start=told.start,
        end=told.end,
        status=document.status(today),
        badge=document.badge(today),
    )
