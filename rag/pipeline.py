"""Question to cited answer: search, choose, read, write, cite. The only orchestrator.

Every step lives in its own module; here is their order, what is refused, and the events that a
reader sees meanwhile.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from collections.abc import Generator as Steps
from dataclasses import replace
from datetime import date
from pathlib import Path

from index.labels import document_label, document_label_en
from index.repair import to_simplified
from index.schema import Document
from index.search import SearchResult, search
from index.store import ClauseIndex
from prompts import prompt
from rag.cite import (
    Statement,
    is_foreign,
    says_little,
    split_answer,
    support,
    verbatim,
    without_asides,
)
from rag.errors import QuestionFault
from rag.generate import Generator, load_generator
from rag.question import asks_for_whole, asks_where, content_of
from rag.read import (
    Choice,
    Passage,
    ReadClause,
    asks_elsewhere,
    choose,
    read_clause,
    select_evidence,
)
from rag.schema import (
    Answer,
    AnswerSentence,
    Citation,
    Delta,
    Event,
    Found,
    Language,
    Seconds,
    Stage,
)
from rag.weights import model_name, resolve_model

MOST_CHARACTERS = 2000
HITS = 10
CANDIDATES = {"zh": 6, "en": 8}
NEAREST = 3
# Yes-minus-No logit of the best candidate below which the documents do not hold the answer.
# Fitted on the development cases (LOG.md).
REFUSE_BELOW = {"zh": 0.65, "en": 0.35}
ANSWER_TOKENS = 220
REPEATED = 16
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
    ) -> None:
        self.index = index
        self._load = load
        self.model = model
        self._today = today
        self._generator: Generator | None = None
        self._lock = threading.Lock()

    @property
    def generator(self) -> Generator:
        """The language model, loaded when first asked for. Raises ModelFault."""
        with self._lock:
            if self._generator is None:
                self._generator = self._load()
            return self._generator

    def ask(self, question: str, *, question_id: str = "") -> Iterator[Event]:
        """Answer a question, yielding what a reader sees meanwhile and last the finished Answer.

        First come the stages and the clauses found, then the text as it is written. Raises
        QuestionFault for an empty or overlong question, ModelFault, IndexFault.
        """
        question = checked(question)
        return _Asking(self, question, question_id).events()

    def answer(self, question: str, *, question_id: str = "") -> Answer:
        """The finished answer alone."""
        *_, last = self.ask(question, question_id=question_id)
        assert isinstance(last, Answer)
        return last

    def prepare(self) -> None:
        """Load both models now, so that the first question need not wait for them."""
        self.index.encode_queries([""])
        self.generator.prepare(prompt("answer-system", "zh"), "")

    def close(self) -> None:
        """Free the language model."""
        if self._generator is not None:
            self._generator.close()


def load_assistant(index: Path | None = None, model: str | None = None) -> Assistant:
    """Open the index in `index` (None: the default one) and name the model (None: the default).

    Raises StoreFault if there is no usable index. Weights are fetched and loaded at the first
    question.
    """
    from index.build import default_index

    opened = ClauseIndex.open(index or default_index())
    if model and not model.startswith(("default", "hub:")):
        resolve_model(model)  # a file that is none is refused before anything is loaded
    return Assistant(opened, lambda: load_generator(model), model_name(model))


def checked(question: str) -> str:
    """The question without outer white space. Raises QuestionFault if it cannot be asked."""
    question = question.strip()
    if not _CONTENT.search(question):
        raise QuestionFault("The question is empty. Ask about the documents in Chinese or English.")
    if len(question) > MOST_CHARACTERS:
        raise QuestionFault(
            f"The question has {len(question):,} characters; shorten it to {MOST_CHARACTERS:,}."
        )
    return question


class _Asking:
    """One question on its way through the pipeline."""

    def __init__(self, assistant: Assistant, question: str, question_id: str) -> None:
        self.index = assistant.index
        self.assistant = assistant
        self.question = question
        self.question_id = question_id
        self.started = time.perf_counter()
        self.first_token: float | None = None
        self.asks_where = asks_where(question)
        self.read_for = content_of(question)
        self.found: SearchResult

    def events(self) -> Iterator[Event]:
        yield Stage("searching")
        self.found = found = search(self.index, self.question, HITS)
        self.retrieved = time.perf_counter() - self.started
        yield Found(found.hits)
        missing = [reference for reference in found.references if reference.clause_id is None]
        named = [reference.clause_id for reference in found.references if reference.clause_id]
        if missing and not named:
            yield self._no_such_article(missing[0].document_id, missing[0].article)
            return
        if not found.hits:
            yield self._refusal(())
            return
        if named and asks_for_whole(self.question, self._documents(named)):
            yield from self._whole(named)
            return
        answered: list[Statement] = []
        for group in self._groups(named):
            choices = yield from self._choose(group)
            if not named and not _answers(choices[0], self.question, found.language):
                continue
            answered += yield from self._write(choices[0].read)
        if not answered:
            yield self._refusal(tuple(hit.clause_id for hit in found.hits[:NEAREST]))
            return
        yield self._finished(answered)

    def _groups(self, named: Sequence[str]) -> list[list[str]]:
        """Candidate clauses, best first; one group for each document that the question compares."""
        hits = [hit.clause_id for hit in self.found.hits]
        most = CANDIDATES[self.found.language]
        if named:
            return [[clause_id] for clause_id in named[:3]]
        strongest = max(self.found.linked.values(), default=0.0)
        compared = [key for key, score in self.found.linked.items() if score >= 3.0]
        places = {self.index.documents[key].region for key in compared}
        if len(places) < 2 or strongest < 3.0:
            return [hits[:most]]
        groups = []
        for place in sorted(places, key=str):
            own = [
                hit
                for hit in hits
                if self.index.documents[self.index.clause(hit).document_id].region == place
            ]
            if own:
                groups.append(own[: most // 2])
        return groups or [hits[:most]]

    def _choose(self, clause_ids: Sequence[str]) -> Steps[Event, None, list[Choice]]:
        language = self.found.language
        scores = {hit.clause_id: hit.score for hit in self.found.hits}
        candidates = [
            (read_clause(self.index, clause_id, language), scores.get(clause_id, 0.0))
            for clause_id in clause_ids
        ]
        yield Stage("choosing")
        return choose(self.assistant.generator, self.read_for, candidates)

    def _documents(self, clause_ids: Sequence[str]) -> list[Document]:
        return [self.index.documents[self.index.clause(key).document_id] for key in clause_ids]

    def _whole(self, named: Sequence[str]) -> Iterator[Event]:
        """Answer with the named articles themselves, sentence by sentence."""
        statements: list[Statement] = []
        for clause_id in named[:3]:
            read = read_clause(self.index, clause_id, self.found.language)
            yield Stage("reading", self._label(read))
            for statement in verbatim(read.passages, read):
                text = self._in_language(statement)
                if self.first_token is None:
                    self.first_token = time.perf_counter() - self.started
                # The whole article is one quote, however many sentences it has.
                statements.append(replace(statement, text=text, evidence=read.passages))
                yield Delta(text + (" " if self.found.language == "en" else ""))
        yield self._finished(statements)

    def _write(self, read: ReadClause) -> Steps[Event, None, list[Statement]]:
        """Write from one clause's evidence; what its sentences do not support is dropped."""
        language = self.found.language
        yield Stage("reading", self._label(read))
        evidence = select_evidence(self.assistant.generator, self.read_for, read, self._similarity)
        if self.asks_where:
            return self._located(read, evidence)
        yield Stage("writing", self._label(read))
        joint = " " if read.language == "en" else ""
        user = prompt(
            "answer",
            language,
            document=read.document_name,
            heading=read.heading,
            text=joint.join(passage.words(read.language) for passage in evidence),
            question=self.question,
        )
        system = prompt("answer-system", language)
        written = ""
        pieces = self.assistant.generator.stream(system, user, max_tokens=ANSWER_TOKENS)
        for piece in pieces:
            if self.first_token is None:
                self.first_token = time.perf_counter() - self.started
            piece = to_simplified(piece) if language == "zh" else piece
            written += piece
            yield Delta(piece)
            if _repeats(written):
                break
        statements: list[Statement] = []
        for text in split_answer(without_asides(written, language), language):
            statement = support(text, read, evidence, self.question, language)
            if statement and says_little(text, self.question, language):
                statements += verbatim(statement.evidence, read)
            elif statement:
                statements.append(statement)
        told = statements or verbatim(evidence, read)
        return [replace(statement, text=self._in_language(statement)) for statement in told]

    def _in_language(self, statement: Statement) -> str:
        """The statement's words in the language of the question.

        A clause without rendition is translated where its own words are the answer; if the
        translation is not supported by the clause, the reader is referred to the quote.
        """
        if statement.read.language == self.found.language:
            return without_asides(statement.text, self.found.language)
        if not is_foreign(statement.text, self.found.language):
            return statement.text
        translated = "".join(
            self.assistant.generator.stream(
                prompt("translate-system", "en"),
                prompt("translate", "en", text=statement.text),
                max_tokens=ANSWER_TOKENS,
            )
        )
        text = " ".join(translated.split())
        if text and support(text, statement.read, statement.evidence, "", "en"):
            return text
        return prompt("untranslated", "en", label=statement.read.clause.label_en)

    def _located(self, read: ReadClause, evidence: Sequence[Passage]) -> list[Statement]:
        """The clause's name, with the sentence it was found by."""
        likeness = self._similarity([passage.words(read.language) for passage in evidence])
        best = max(range(len(evidence)), key=lambda at: likeness[at])
        (first,) = verbatim([evidence[best]], read)
        colon = "：" if self.found.language == "zh" else ": "
        text = self._in_language(first)
        return [replace(first, text=f"{self._label(read)}{colon}{text}")]

    def _similarity(self, texts: Sequence[str]) -> list[float]:
        """Dense similarity of each text to the question."""
        query = self.index.encode_queries([self.read_for])[0]
        passages = self.index.encoder.encode_passages(texts)
        return [float(value) for value in passages @ query]

    def _label(self, read: ReadClause) -> str:
        return read.clause.label if self.found.language == "zh" else read.clause.label_en

    def _finished(self, statements: Sequence[Statement]) -> Answer:
        """Number the citations and join the sentences with their marks."""
        citations: list[Citation] = []
        numbers: dict[tuple[str, int, int], int] = {}
        sentences: list[AnswerSentence] = []
        for statement in statements:
            own: list[int] = []
            for run in _runs(statement.read.passages, statement.evidence):
                key = (statement.read.clause.id, run[0].start, run[-1].end)
                if key not in numbers:
                    numbers[key] = len(numbers) + 1
                    citations.append(self._citation(numbers[key], statement.read, run))
                own.append(numbers[key])
            sentences.append(AnswerSentence(statement.text, tuple(own)))
        marked = [
            sentence.text + "".join(f"[{number}]" for number in sentence.citations)
            for sentence in sentences
        ]
        joint = " " if self.found.language == "en" else ""
        return self._answer("answered", joint.join(marked), sentences, citations)

    def _citation(self, number: int, read: ReadClause, run: Sequence[Passage]) -> Citation:
        clause = read.clause
        start = clause.body_map[run[0].start]
        end = clause.body_map[run[-1].end]
        source = read.document.source
        while end > start and source[end - 1].isspace():
            end -= 1
        english = [passage.en for passage in run]
        return Citation(
            n=number,
            clause_id=clause.id,
            label=clause.label,
            label_en=clause.label_en,
            quote=source[start:end],
            quote_en=" ".join(filter(None, english)) if all(english) else None,
            start=start,
            end=end,
            status=read.document.status(self.assistant._today()),
        )

    def _refusal(self, nearest: Sequence[str]) -> Answer:
        language = self.found.language
        if not nearest:
            return self._refused(prompt("refusal-empty", language))
        labels: list[str] = []
        last = ""
        for clause in map(self.index.clause, nearest):
            document = self.index.documents[clause.document_id]
            # A document is named once for its neighbouring articles.
            if language == "zh":
                label, name = clause.label, f"{document_label(document)} "
            else:
                label, name = clause.label_en, f"{document_label_en(document)}, "
            labels.append(label.removeprefix(name) if document.id == last else label)
            last = document.id
        joined = ("、" if language == "zh" else ", ").join(labels)
        return self._refused(prompt("refusal", language, nearest=joined))

    def _no_such_article(self, document_id: str, article: str) -> Answer:
        language: Language = self.found.language
        document = self.index.documents[document_id]
        name = document_label(document) if language == "zh" else document_label_en(document)
        return self._refused(prompt("refusal-article", language, document=name, article=article))

    def _refused(self, text: str) -> Answer:
        return self._answer("refused", text, [AnswerSentence(text, ())], [])

    def _answer(
        self,
        outcome: str,
        text: str,
        sentences: Sequence[AnswerSentence],
        citations: Sequence[Citation],
    ) -> Answer:
        generator = self.assistant._generator
        return Answer(
            id=self.question_id,
            question=self.question,
            language=self.found.language,
            outcome="answered" if outcome == "answered" else "refused",
            answer=text,
            sentences=tuple(sentences),
            citations=tuple(citations),
            hits=self.found.hits,
            seconds=Seconds(
                round(self.retrieved, 4),
                None if self.first_token is None else round(self.first_token, 4),
                round(time.perf_counter() - self.started, 4),
            ),
            model=generator.name if generator else self.assistant.model,
            index=self.index.name,
        )


def _answers(choice: Choice, question: str, language: Language) -> bool:
    """Whether the best candidate is held to contain the answer, about the year and place asked."""
    yes = choice.judgement.yes
    if asks_elsewhere(question, choice.read):
        return False
    return yes is None or yes >= REFUSE_BELOW[language]


def _repeats(written: str) -> bool:
    """Whether the model has begun to write the same over and over."""
    end = written[-REPEATED:]
    return len(end) == REPEATED and written.count(end) >= 3


def _runs(passages: Sequence[Passage], chosen: Sequence[Passage]) -> Iterator[list[Passage]]:
    """The chosen sentences in runs of neighbours: each run is one verbatim quote."""
    run: list[Passage] = []
    for passage in passages:
        if passage in chosen:
            run.append(passage)
        elif run:
            yield run
            run = []
    if run:
        yield run
