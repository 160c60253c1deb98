"""The assistant: one index and one language model, open to questions.

What happens to a question is in rag/answer/steps.py.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import suppress
from datetime import date
from pathlib import Path

from platformdirs import user_cache_path

from index.documents.model import Clause, Rendition
from index.request.message import LONGEST, WHOLE
from index.request.model import Previous
from index.request.understand import understand
from index.search.search import search
from index.search.store import ClauseIndex
from index.search.vectors import RecentVectors
from index.search.versions import of_day
from index.text.language import question_language
from prompts import prompt
from rag.answer.document_limit import limited
from rag.answer.evidence import read_clause
from rag.answer.running import HITS
from rag.answer.steps import answer_events
from rag.answer.weigh import compared
from rag.answer.windows import fitting, room_for_question, windows_of
from rag.english.memory import Memory
from rag.english.translate import Translator
from rag.errors import QuestionFault, RagFault
from rag.llm.load import load_generator
from rag.llm.protocol import Generator
from rag.llm.weights import model_name, resolve_model
from rag.schema import Answer, AnswerSentence, Event, Found, Language, Seconds

# So few different characters are no question.
FEWEST = 3
# Clauses whose state is computed ahead: with two languages they take about the store's budget.
MOST_WARMED = 200
LANGUAGES: tuple[Language, Language] = ("zh", "en")
REWRITTEN_TOKENS = 90
_CONTENT = re.compile(r"[A-Za-z0-9\u4e00-\u9fff]")


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
        self.vectors = RecentVectors(
            lambda texts: index.encoder.encode_passages(texts),
            path=(translations or user_cache_path("tiaowen")) / "sentences.sqlite",
            digest=index.manifest["encoder"]["digest"],
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
        question = checked(question)
        if not self.index.documents:
            return iter((self._nothing_held(question, question_id),))
        index = limited(self.index, documents)
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
        index = of_day(limited(self.index, documents), question, self.today())
        request = understand(checked(question), index, previous, today=self.today())
        return Found(search(index, request, HITS).hits)

    def rewritten(self, previous: str, question: str) -> str:
        """A follow-up as the model would ask it alone, after the questions before. ModelFault."""
        language = question_language(question)
        generator = self.generator
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

    def _nothing_held(self, question: str, question_id: str) -> Answer:
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
            model=self.model,
            index=self.index.name,
        )

    def load_ahead(self) -> None:
        """Begin to load the language model, while the question is searched for.

        A fault of it is told by the question that needs the model.
        """

        def load() -> None:
            with suppress(RagFault):
                _ = self.generator

        threading.Thread(target=load, name="model", daemon=True).start()

    def prepare(self) -> None:
        """Load models and dictionaries now, so that the first question need not wait for them."""
        self.load_ahead()
        for question in ("政策有什么目标？", "What does the policy aim for?"):
            self.find(question)
        self.generator.prepare(prompt("clause-system", "zh"), "")

    def warm(self, most: int = MOST_WARMED) -> Iterator[Clause]:
        """Compute what reading a clause needs first, for the first `most` clauses, one a step.

        Later questions then find it saved; what is saved already costs milliseconds. May be left
        at any step. Raises ModelFault.
        """
        index = self.index
        for language in LANGUAGES:
            reads = (read_clause(index, clause.id, language) for clause in index.clauses[:most])
            own = [windows_of(r, self.generator) for r in reads if r.language == language]
            # Of overlong clauses what is read of them, as long as there is room for it.
            ahead = [*(each[0] for each in own), *(one for each in own for one in each[1:])]
            for read in ahead[:most]:
                self.generator.prepare(prompt("clause-system", language), read.opening)
                self.vectors.of(compared(read, read.content))
                yield read.clause

    def close(self) -> None:
        """Free the language model, once it is loaded if it is being loaded."""
        with self._lock:
            if self._generator is not None:
                self._generator.close()


def reviewed_sentences(index: ClauseIndex) -> Memory:
    """The sentences of an index that people have put into English."""
    renditions = (index.rendition(clause.id) for clause in index.clauses)
    return Memory(
        sentence
        for rendition in renditions
        if rendition is not None and not rendition.machine
        for sentence in rendition.sentences
    )


def load_assistant(index: Path | None = None, model: str | None = None) -> Assistant:
    """Open the index in `index` (None: the default one) and name the model (None: the default).

    Raises StoreFault if there is no usable index. Weights are fetched and loaded at the first
    question.
    """
    from index.search.build import default_index

    opened = ClauseIndex.open(index or default_index())
    if model and not model.startswith(("default", "hub:")):
        resolve_model(model)  # a file that is none is refused before anything is loaded
    return Assistant(opened, lambda: load_generator(model), model_name(model))


def checked(question: str) -> str:
    """The question without outer white space. Raises QuestionFault if it cannot be asked."""
    question = question.strip()
    # One letter over and over asks nothing.
    if not _CONTENT.search(question) or (len(question) > WHOLE and len(set(question)) < FEWEST):
        raise QuestionFault("The question is empty. Ask about the documents in Chinese or English.")
    if len(question) > LONGEST:
        raise QuestionFault(
            f"The question has {len(question):,} characters; shorten it to {LONGEST:,}."
        )
    return question
