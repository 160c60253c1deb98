"""One question under way: what is known of it, what was read, and the finished Answer.

Handlers of routes share it. It decides nothing and writes nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Generator as Steps
from dataclasses import replace
from datetime import date
from functools import cached_property
from itertools import zip_longest
from typing import Protocol, TypeVar

from index.documents.model import Document, Hit
from index.request.gathers import gathers_of
from index.request.model import Request
from index.search.search import SearchResult
from index.search.store import ClauseIndex
from index.search.vectors import RecentVectors
from prompts import prompt
from rag.answer.chinese_wording import Name
from rag.answer.compose import Composed, compose, compose_lists, name_of, with_sentence
from rag.answer.evidence import ReadClause, read_clause
from rag.answer.support import Statement
from rag.llm.protocol import Generator
from rag.schema import (
    Answer,
    AnswerSentence,
    Delta,
    Event,
    Language,
    Outcome,
    Seconds,
    Stage,
    answer_text,
)

HITS = 10
Told = TypeVar("Told")
Similarity = Callable[[Sequence[str]], list[float]]


class Means(Protocol):
    """What an answer is made with: the model, translations, vectors of sentences, the day."""

    vectors: RecentVectors
    today: Callable[[], date]

    @property
    def generator(self) -> Generator:
        """The language model, loaded when first asked for. Raises ModelFault."""
        ...

    @property
    def model_name(self) -> str:
        """The model's name."""
        ...

    def translated(self, texts: Sequence[str]) -> list[str]:
        """English for Chinese sentences. Raises ModelFault."""
        ...

    def rewritten(self, previous: str, question: str) -> str:
        """A follow-up as it would be asked alone. Raises ModelFault."""
        ...

    def in_chinese(self, question: str, names: Sequence[Name] = ()) -> str:
        """An English question in Chinese, '' if none comes of it. Raises ModelFault."""
        ...


class Running:
    """A question under way. `index` is limited to the documents chosen, if any are."""

    def __init__(
        self, means: Means, index: ClauseIndex, request: Request, question_id: str, started: float
    ) -> None:
        """`started` is the moment (`time.perf_counter`) at which the question was put."""
        self.means = means
        self.index = index
        self.request = request
        self.question_id = question_id
        self.language: Language = request.language
        self.started = started
        self.first_token: float | None = None
        self.retrieved = 0.0
        self.route = ""
        self.found = SearchResult((), 0.0)
        # The clauses read, likeliest first: one list for each side of a comparison.
        self.ranked: list[Sequence[str]] = []

    @property
    def form(self) -> str:
        """Which form of a refusal is given: one within a limit speaks of the documents chosen."""
        return "" if self.index.whole is self.index else "-limited"

    @cached_property
    def gathers(self) -> Mapping[str, float]:
        """How probable it is that each kind of list or comparison is asked for; they sum to 1."""
        text = self.request.answered.text
        return gathers_of(text, self.index.question_vector(text))

    def read(self, clause_id: str) -> ReadClause:
        """A clause made ready for reading in the question's language."""
        return read_clause(self.index, clause_id, self.language)

    def similar_to(self, *asked: str) -> Similarity:
        """What gives the dense similarity of each text to these, taken together."""
        encode, vectors = self.index.encode_queries, self.means.vectors

        def similarity(texts: Sequence[str]) -> list[float]:
            query = encode(list(asked)).mean(axis=0)
            return [float(value) for value in vectors.of(texts) @ query]

        return similarity

    def label(self, read: ReadClause) -> str:
        """How the clause is named in the question's language."""
        return read.clause.label if self.language == "zh" else read.clause.label_en

    def held(self, documents: Sequence[Document]) -> list[Document]:
        """Those of the documents that the question is not kept from."""
        return [document for document in documents if document.id in self.index.documents]

    def delta(self, text: str) -> Delta:
        """Text that a reader sees now; the first one's time is noted."""
        if self.first_token is None:
            self.first_token = time.perf_counter() - self.started
        return Delta(text)

    def listed(self, parts: Sequence[tuple[str, Sequence[Statement]]]) -> Iterator[Event]:
        """Lists, each with the sentence that leads to its rows: shown, and finished."""
        composed = compose_lists(parts, self.language, self.means.today())
        yield self.delta(composed.text)
        yield self.answer("answered", composed)

    def told(self, statements: Sequence[Statement]) -> Iterator[Event]:
        """Statements that need no writing: shown, and finished."""
        for label in dict.fromkeys(self.label(each.read) for each in statements):
            yield Stage("reading", label)
        for statement in statements:
            yield self.delta(statement.text + (" " if self.language == "en" else ""))
        yield self.finished(statements)

    def finished(
        self,
        statements: Sequence[Statement],
        silent: Sequence[Document] = (),
        outside: Sequence[Document] = (),
    ) -> Answer:
        """The answer of these statements; `silent` and `outside` documents are named behind it."""
        composed = compose(statements, self.language, self.means.today())
        untold = [("side-silent", each) for each in silent]
        untold += [("side-outside", each) for each in outside]
        for why, document in untold:
            text = prompt(why, self.language, document=name_of(document, self.language))
            composed = with_sentence(composed, text, self.language)
        return self.answer("answered", composed)

    def said(
        self,
        sentences: Sequence[AnswerSentence],
        outcome: Outcome = "answered",
        choices: tuple[str, ...] = (),
    ) -> Answer:
        """An answer of the program's own sentences, which cite nothing; `choices` may be asked."""
        text = answer_text(sentences, self.language)
        return replace(self.answer(outcome, Composed(text, tuple(sentences), ())), choices=choices)

    def refused(self, text: str) -> Answer:
        """A refusal in these words, which cites nothing."""
        return self.answer("refused", Composed(text, (AnswerSentence(text, ()),), ()))

    def answer(self, outcome: Outcome, composed: Composed) -> Answer:
        """The finished Answer; of a long message it says which question in it was answered."""
        if self.request.found:
            length = f"{len(self.request.question):,}"
            told = {"length": length, "question": self.request.found}
            note = prompt("long-message", self.language, **told)
            composed = with_sentence(composed, note, self.language)
        return Answer(
            id=self.question_id,
            question=self.request.question,
            language=self.language,
            outcome=outcome,
            answer=composed.text,
            sentences=composed.sentences,
            citations=composed.citations,
            hits=self._hits(),
            seconds=Seconds(
                round(self.retrieved, 4),
                None if self.first_token is None else round(self.first_token, 4),
                round(time.perf_counter() - self.started, 4),
            ),
            model=self.means.model_name,
            index=self.index.name,
            route=self.route,
        )

    def _hits(self) -> tuple[Hit, ...]:
        """The clauses found: those that were read in the order of choice, then the others."""
        read = [key for place in zip_longest(*self.ranked) for key in place if key]
        rank = {key: place for place, key in enumerate(dict.fromkeys(read))}
        found = {hit.clause_id: hit for hit in self.found.hits}
        missing = [Hit(key, 0.0, ("comparison",)) for key in rank if key not in found]
        hits = [*self.found.hits, *missing]
        return tuple(sorted(hits, key=lambda hit: rank.get(hit.clause_id, len(rank))))[:HITS]


def outcome_of(reading: Steps[Event, None, Told]) -> Told:
    """What a reading comes to, of which nobody is shown the events."""
    while True:
        try:
            next(reading)
        except StopIteration as finished:
            told: Told = finished.value
            return told
