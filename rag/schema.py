"""The data that rag hands on: judgements, citations, answers and the events of a running answer.

Plain frozen dataclasses; nothing here reads files or calls a model.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from index.documents.model import Hit

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Language = Literal["zh", "en"]
Outcome = Literal["answered", "refused"]


@dataclass(frozen=True)
class State:
    """A language model's hidden state at one token: float32 [width]; which model and layer's."""

    model: str
    vector: NDArray[np.float32]


@dataclass(frozen=True)
class Judgement:
    """What the language model thinks of one text for one question.

    `likelihood`: mean log-likelihood of the question's tokens given the text (None where the
    model cannot tell). `yes`: logit of Yes minus logit of No to "does it contain the answer?"
    (None if it was not asked, or the model tells no such number). `said`: whether the model's word
    was Yes, where that is all it tells; None where it was neither Yes nor No. `state`: the model's
    state where it was to say Yes or No; None of a model whose states are not at hand.
    """

    likelihood: float | None
    yes: float | None
    said: bool | None = None
    state: State | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True)
class Citation:
    """A verbatim piece of a clause: `quote == document.source[start:end]`.

    `status` is the document's status on the day of the question.
    """

    n: int
    clause_id: str
    label: str
    label_en: str
    quote: str
    quote_en: str | None
    start: int
    end: int
    status: str
    # The same as a badge tells it: of a plan whose period alone is over, `period_ended`.
    badge: str = ""


@dataclass(frozen=True)
class AnswerSentence:
    """One sentence of the answer, without its marks, and the numbers of what it cites.

    A `lead` stands before the `row`s of a list and cites what they cite.
    """

    text: str
    citations: tuple[int, ...]
    form: Literal["sentence", "lead", "row"] = "sentence"


def answer_text(sentences: Sequence[AnswerSentence], language: Language) -> str:
    """The sentences with their citation marks; each row of a list on a line of its own.

    A lead has no marks, since its rows have them.
    """
    text, before = "", ""
    for sentence in sentences:
        marks = "".join(f"[{number}]" for number in sentence.citations)
        inline = sentence.form == "sentence" and before in ("", "sentence")
        joint = "\n" if not inline else " " if language == "en" else ""
        before = sentence.form
        text += (joint if text else "") + sentence.text + ("" if sentence.form == "lead" else marks)
    return text


@dataclass(frozen=True)
class Seconds:
    """Wall-clock seconds from the start of the question; `first_token` None if none came."""

    retrieve: float
    first_token: float | None
    total: float


@dataclass(frozen=True)
class Answer:
    """A finished answer. `answer` is the sentences' text with citation marks, without quotes."""

    id: str
    question: str
    language: Language
    outcome: Outcome
    answer: str
    sentences: tuple[AnswerSentence, ...]
    citations: tuple[Citation, ...]
    hits: tuple[Hit, ...]
    seconds: Seconds
    model: str
    index: str
    # By which route it was answered (rag.answer.routes).
    route: str = ""
    # Questions of which one may have been meant, where that is asked back.
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Row:
    """A row of a list: its text, and the article it rests on, with its labels and its quote."""

    text: str
    clause_id: str
    label: str
    label_en: str
    quote: str


def rows_of(answer: Answer) -> tuple[Row, ...]:
    """The rows of the lists of an answer, in order; those that cite nothing are left out."""
    by_number = {citation.n: citation for citation in answer.citations}
    rows = []
    for sentence in answer.sentences:
        cited = [by_number[n] for n in sentence.citations if n in by_number]
        if sentence.form == "row" and cited:
            quote = "\n".join(each.quote for each in cited if each.clause_id == cited[0].clause_id)
            first = cited[0]
            rows.append(Row(sentence.text, first.clause_id, first.label, first.label_en, quote))
    return tuple(rows)


def sources_of(answer: Answer) -> tuple[tuple[Citation, ...], ...]:
    """The citations of an answer by article, each article once, in their order."""
    found: dict[str, list[Citation]] = {}
    for citation in answer.citations:
        found.setdefault(citation.clause_id, []).append(citation)
    return tuple(tuple(own) for own in found.values())


def cited_by(answer: Answer) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The ids of the documents and of the articles that an answer cites, in its order."""
    articles = tuple(dict.fromkeys(each.clause_id for each in answer.citations))
    return tuple(dict.fromkeys(each.partition("#")[0] for each in articles)), articles


@dataclass(frozen=True)
class Stage:
    """The pipeline enters a stage; `detail` is shown."""

    name: Literal["searching", "choosing", "reading", "writing", "checking"]
    detail: str = ""


@dataclass(frozen=True)
class Found:
    """The clauses found, best first; comes before the first word of the answer."""

    hits: tuple[Hit, ...]


@dataclass(frozen=True)
class Delta:
    """More of the answer's text, not yet cited; the finished `Answer` replaces all deltas."""

    text: str


Event = Stage | Found | Delta | Answer
