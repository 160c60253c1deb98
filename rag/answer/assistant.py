"""The assistant: one index and one language model, open to questions.

What happens to a question is in rag/answer/steps.py.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import date
from pathlib import Path

from platformdirs import user_cache_path

from index.documents.model import Clause, Rendition
from index.request.model import Previous
from index.search.store import ClauseIndex, default_index
from rag.answer import ahead
from rag.answer.asked import Name, alone, asked, checked, nothing_held, put_into_chinese
from rag.answer.other_words import OtherWords
from rag.answer.steps import answer_events, find
from rag.english.memory import Memory
from rag.english.translate import Translator
from rag.llm.load import load_generator, model_called
from rag.llm.protocol import Generator
from rag.schema import Answer, Event, Found


class Assistant:
    """Answers questions from one index with one language model.

    `index` is open to readers of clauses and documents. The model is loaded at the first question
    that needs it; `model` is its name until then.
    """

    def __init__(
        self,
        index: ClauseIndex,
        load: Callable[[], Generator],
        model: str = "",
        today: Callable[[], date] = date.today,
        translations: Path | None = None,
    ) -> None:
        """`translations` is the folder of finished translations; None is the user's cache.

        Vectors of sentences are kept beside them.
        """
        self.index = index
        self._load = load
        self.model = model
        self.today = today
        self._translations = translations
        self.vectors = index.sentence_vectors(
            (translations or user_cache_path("tiaowen")) / "sentences.sqlite"
        )
        self._generator: Generator | None = None
        # The index whose reviewed sentences were read last, and these.
        self._reviewed: tuple[ClauseIndex, Memory] | None = None
        self._lock = threading.Lock()

    @property
    def generator(self) -> Generator:
        """The language model, loaded when first asked for. Raises ModelFault."""
        with self._lock:
            if self._generator is None:
                self._generator = self._load()
            return self._generator

    @property
    def model_name(self) -> str:
        """The model's own name once it is loaded, until then the one it was asked for by."""
        return self._generator.name if self._generator else self.model

    def ask(
        self,
        question: str,
        *,
        question_id: str = "",
        previous: Sequence[Previous] = (),
        documents: Collection[str] = (),
    ) -> Iterator[Event]:
        """Answer a question, yielding what a reader sees meanwhile and last the finished Answer.

        `previous` are the earlier questions of the conversation, which it may lean on. `documents`
        are the only ones from which anything is found, read or cited, whatever the question names:
        by id, number or title; none for all. First come the stages and the clauses found, then the
        text as it is written. Raises QuestionFault for an empty or overlong question and for a
        document that is not held, ModelFault, IndexFault.
        """
        if not self.index.documents:
            question = checked(question)
            return iter((nothing_held(question, question_id, self.model, self.index.name),))
        question, index = asked(question, self.index, documents)
        return answer_events(self, index, question, question_id, previous)

    def answer(
        self,
        question: str,
        *,
        question_id: str = "",
        previous: Sequence[Previous] = (),
        documents: Collection[str] = (),
    ) -> Answer:
        """The finished answer alone."""
        *_, last = self.ask(
            question, question_id=question_id, previous=previous, documents=documents
        )
        assert isinstance(last, Answer)
        return last

    def find(
        self, question: str, previous: Sequence[Previous] = (), documents: Collection[str] = ()
    ) -> Found:
        """The clauses that a question finds, which needs no model; `documents` as for `ask`.

        None are found where it leans on the `previous` ones and only the model can tell how.
        Raises QuestionFault, IndexFault.
        """
        question, index = asked(question, self.index, documents)
        return find(index, question, previous, self.today())

    def rewritten(self, previous: str, question: str) -> str:
        """A follow-up as the model would ask it alone, after the questions before. ModelFault."""
        return alone(previous, question, self.generator)

    def in_chinese(self, question: str, names: Sequence[Name] = ()) -> str:
        """An English question as the model would ask it in Chinese. Raises ModelFault."""
        return put_into_chinese(question, self.generator, names)

    @property
    def other_words(self) -> OtherWords:
        """What tells whether an article says a statement in other words than its own."""
        index = self.index
        return OtherWords(lambda: self.generator, lambda: index.encoder)

    def count_tokens(self, text: str) -> int:
        """The number of the language model's tokens that a text has. Raises ModelFault."""
        return self.generator.count_tokens(text)

    def translated(
        self, texts: Sequence[str], halted: Callable[[], bool] | None = None
    ) -> list[str]:
        """English for Chinese sentences of the documents, checked and kept. Raises ModelFault.

        Raises HaltedError as soon as `halted` says so.
        """
        return self._translator(halted).translate(texts)

    def rendered(self, clauses: Sequence[Clause]) -> dict[str, Rendition]:
        """Machine-made English of whole clauses, by clause id. Raises ModelFault."""
        return self._translator().render(clauses, lambda *_: None)

    def _translator(self, halted: Callable[[], bool] | None = None) -> Translator:
        index = self.index
        with self._lock:
            if self._reviewed is None or self._reviewed[0] is not index:
                self._reviewed = (index, reviewed_sentences(index))
            memory = self._reviewed[1]
        return Translator(self.generator, index.glossary, self._translations, halted, memory)

    def use(self, index: ClauseIndex) -> None:
        """Answer from another index of the same encoder, from the next question on.

        A question under way ends with the index that it began with.
        """
        self.index = index

    def beside(self, index: ClauseIndex) -> Assistant:
        """An assistant for another index of the same encoder, which shares the language model.

        Vectors of sentences are shared too. Close this one, not those beside it.
        """
        other = Assistant(index, lambda: self.generator, self.model, self.today, self._translations)
        other.vectors = self.vectors
        return other

    def load_ahead(self) -> None:
        """Begin to load the language model, while the question is searched for.

        A fault of it is told by the question that needs the model.
        """
        ahead.begin_to_load(lambda: self.generator)

    def prepare(self) -> None:
        """Load models and dictionaries now, so that the first question need not wait for them."""
        self.load_ahead()
        for question in ahead.FIRST_QUESTIONS:
            self.find(question)
        ahead.prepare(self.generator)

    def warm(self, most: int = ahead.MOST_WARMED) -> Iterator[Clause]:
        """Compute what reading a clause needs first, for the first `most` clauses, one a step.

        Later questions then find it saved; what is saved already costs milliseconds. May be left
        at any step. Raises ModelFault.
        """
        return ahead.warm(self.index, lambda: self.generator, self.vectors, most)

    def close(self) -> None:
        """Free the language model, once it is loaded if it is being loaded."""
        with self._lock:
            if self._generator is not None:
                self._generator.close()


def reviewed_sentences(index: ClauseIndex) -> Memory:
    """The sentences of an index that people have put into English."""
    # Of what has no English no text is read.
    rows = filter(index.has_english, range(len(index.clauses)))
    renditions = (index.rendition(index.clauses[row].id) for row in rows)
    return Memory(
        sentence
        for rendition in renditions
        if rendition is not None
        for sentence in rendition.sentences
        if sentence.en and rendition.made_of(sentence) != "machine"
    )


def load_assistant(
    index: Path | None = None, model: str | None = None, places: int = 1
) -> Assistant:
    """Open the index in `index` (None: the default one) and name the model (None: the default).

    `places` is how many questions a model at an endpoint answers at once. Raises StoreFault if
    there is no usable index. Weights are fetched and loaded at the first question.
    """
    opened = ClauseIndex.open(index or default_index())
    called = model_called(model)
    return Assistant(opened, lambda: load_generator(model, places=places), called)
