"""One question on its way: search, choose, read, write, cite. The only orchestrator.

Every step lives in its own module; here is their order, what is refused, and the events that a
reader sees meanwhile.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from collections.abc import Generator as Steps
from dataclasses import replace
from itertools import zip_longest
from typing import TYPE_CHECKING

from index.documents.model import Document, Hit
from index.request.articles_named import Reference
from index.request.chapters_named import find_chapter
from index.request.conduct import without_instructions
from index.request.follow_up import complete
from index.request.intents import (
    asks_for_whole,
    asks_where,
    content_of,
    in_common_form,
)
from index.search.search import SearchResult, search
from index.search.store import ClauseIndex
from index.text.language import question_language
from prompts import prompt
from rag.answer.choose import Choice, Chooser, answering
from rag.answer.compose import Composed, compose, name_of, nearest_labels
from rag.answer.document_limit import reach_of
from rag.answer.documents_told import about_documents, asks_about
from rag.answer.evidence import (
    ReadClause,
    read_clause,
    select_evidence,
    sentences_for,
)
from rag.answer.support import Statement, verbatim
from rag.answer.verify import gives, unsure
from rag.answer.whole_articles import tell_articles, tell_chapter
from rag.answer.write import in_language, write
from rag.schema import (
    Answer,
    AnswerSentence,
    Delta,
    Event,
    Found,
    Outcome,
    Seconds,
    Stage,
)

if TYPE_CHECKING:
    from rag.answer.assistant import Assistant

HITS = 10
CANDIDATES = {"zh": 6, "en": 8}
# Candidates on each side of a comparison.
SIDE = 6
NEAREST = 3
# Yes-minus-No logit from which a refusal quotes the nearest clause rather than only naming it.
NEAR_MISS = -1.5
MOST_SIDES = 3
# Articles named at once that are told: 第5条至第8条.
MOST_NAMED = 5


class Asking:
    """One question on its way through the pipeline."""

    def __init__(
        self,
        assistant: Assistant,
        index: ClauseIndex,
        question: str,
        question_id: str,
        previous: Sequence[str],
    ) -> None:
        """`index` is limited to the documents chosen, if any are."""
        self.index = index
        # Which form of a refusal is given: one within a limit speaks of the documents chosen.
        self.form = "" if index.whole is index else "-limited"
        self.assistant = assistant
        self.question = question
        self.question_id = question_id
        self.previous = previous
        self.language = question_language(question)
        self.started = time.perf_counter()
        self.first_token: float | None = None
        self.retrieved = 0.0
        self.asked = self.wording = question
        # The clauses read, likeliest first: one list for each side of a comparison.
        self.ranked: list[Sequence[str]] = []
        # Who chooses for the question asked last: what was read for it is not read again.
        self.choosers: dict[str, Chooser] = {}
        self.found = SearchResult(self.language, (), (), {}, 0.0)

    def events(self) -> Iterator[Event]:
        """What a reader sees meanwhile, and last the finished Answer."""
        yield Stage("searching")
        # Instructions to the assistant are not part of what is asked, and are never obeyed.
        self.asked = without_instructions(self.question)
        if not self.asked:
            yield self._refusal(())
            return
        self.asked = in_common_form(self.asked, self.index.whole)
        if self.previous:
            full = complete(self.asked, self.previous, self.assistant.rewritten)
            self.asked, self.wording = full.searched, full.answered
        else:
            self.wording = self.asked
        self.found = found = search(self.index, self.asked, HITS)
        reach = reach_of(self.asked, found, self.index)
        self.scope = reach.scope
        self.retrieved = time.perf_counter() - self.started
        yield Found(found.hits)
        if reach.outside and self._asks_of(reach.outside):
            yield self._document_outside(reach.outside[0])
            return
        if reach.article_outside:
            yield self._article_outside(reach.article_outside)
            return
        missing = [reference for reference in reach.references if reference.clause_id is None]
        named = [reference.clause_id for reference in reach.references if reference.clause_id]
        chapter = None if len(named) > 1 else find_chapter(self.asked, reach.meant)
        if chapter and not asks_where(self.asked):
            translated = self.assistant.translated
            told = tell_chapter(self.index, chapter.clauses, self.language, translated)
            yield from self._told(told)
            return
        if missing and not named:
            yield self._no_such_article(missing[0].document_id, missing[0].article)
            return
        if not found.hits:
            yield self._refusal(())
            return
        today = self.assistant.today()
        told, silent = about_documents(self.index, reach.meant, self.asked, self.language, today)
        if told:
            yield from self._told(told)
            return
        if silent:
            yield self._refused(silent)
            return
        if named and asks_for_whole(self.asked, self._documents(named)):
            articles = named[:MOST_NAMED]
            translated = self.assistant.translated
            yield from self._told(tell_articles(self.index, articles, self.language, translated))
            return
        sides = self.scope.sides()
        if not any(self._chosen(side) for side in sides):
            sides = []
        if named and not sides:
            statements: list[Statement] = []
            for clause_id in named[:MOST_SIDES]:
                read = read_clause(self.index, clause_id, self.language)
                statements += yield from self._write(read, self.wording)
            if statements:
                yield self._finished(statements)
            else:
                yield self._nearest(read_clause(self.index, named[0], self.language))
            return
        if sides:
            yield from self._compare(sides, named)
            return
        yield from self._single()

    def _single(self) -> Iterator[Event]:
        """The answer from one clause, or the refusal."""
        hits = [hit.clause_id for hit in self.found.hits][: CANDIDATES[self.language]]
        choices = yield from self._choose(hits, self.asked)
        chosen = answering(choices, self.asked, self.language)
        if (chosen is None or chosen is not choices[0]) and len(choices) < len(hits):
            # What looked best lacks what is asked for: one that was not judged may have it.
            choices = yield from self._choose(hits, self.asked, thorough=True)
            chosen = answering(choices, self.asked, self.language)
        if chosen is None:
            yield self._near_miss(choices)
            return
        yes = chosen.judgement.yes
        statements = yield from self._write(chosen.read, self.wording)
        if unsure(self.asked, yes):
            yield Stage("checking", self._label(chosen.read))
        generator = self.assistant.generator
        if not statements or not gives(generator, self.asked, statements, self.language, yes):
            yield self._nearest(chosen.read)
            return
        yield self._finished(statements)

    def _asks_of(self, documents: Sequence[Document]) -> bool:
        """Whether a chapter of these documents is asked for, or what they are as such."""
        chapter = find_chapter(self.asked, documents)
        return bool(chapter and not asks_where(self.asked)) or bool(
            asks_about(self.asked, documents, self.language)
        )

    def _chosen(self, documents: Sequence[Document]) -> list[Document]:
        """Those of the documents that the question is not kept from."""
        return [document for document in documents if document.id in self.index.documents]

    def _documents(self, clause_ids: Sequence[str]) -> list[Document]:
        return [self.index.documents[self.index.clause(key).document_id] for key in clause_ids]

    # --- reading ---

    def _choose(
        self, clause_ids: Sequence[str], asked: str, thorough: bool = False
    ) -> Steps[Event, None, list[Choice]]:
        scores = {hit.clause_id: hit.score for hit in self.found.hits}
        candidates = [
            (read_clause(self.index, clause_id, self.language), scores.get(clause_id, 0.0))
            for clause_id in clause_ids
        ]
        yield Stage("choosing")
        if asked not in self.choosers:
            self.choosers = {asked: Chooser(self.assistant.generator, content_of(asked))}
        choices = self.choosers[asked].choose(candidates, thorough)
        if thorough:
            self.ranked.pop()  # the first, shorter reading of the same
        self.ranked.append(self.choosers[asked].ranking)
        return choices

    def _compare(
        self, sides: Sequence[Sequence[Document]], named: Sequence[str]
    ) -> Iterator[Event]:
        """One clause for each side of a comparison, told under its document's name.

        It is the one that the question names in that side's documents, if it names one. A side
        outside of the documents chosen is only named.
        """
        statements: list[Statement] = []
        silent: list[Document] = []
        outside = [side[0] for side in sides if not self._chosen(side)]
        reads = [read_clause(self.index, clause_id, self.language) for clause_id in named]
        for side in [side for side in sides if self._chosen(side)][:MOST_SIDES]:
            others = [each for other in sides if other is not side for each in other]
            asked = self.scope.asked_of(side, others)
            chosen = self._chosen(side)
            own = frozenset(document.id for document in chosen)
            read = next((read for read in reads if read.document.id in own), None)
            if read is None:
                hits = search(self.index, asked, SIDE, within=own).hits
                choices = yield from self._choose([hit.clause_id for hit in hits], asked)
                best = answering(choices, asked, self.language, compared=True)
                if best is None:
                    silent.append(chosen[0])
                    continue
                read = best.read
            told = yield from self._write(read, asked)
            if not told:
                silent.append(chosen[0])
                continue
            colon = "：" if self.language == "zh" else ": "
            name = name_of(read.document, self.language)
            statements += [replace(told[0], text=f"{name}{colon}{told[0].text}"), *told[1:]]
        if statements:
            yield self._finished(statements, silent, outside)
        else:
            yield from self._single()

    def _write(self, read: ReadClause, asked: str) -> Steps[Event, None, list[Statement]]:
        """Statements from one clause's evidence; what the clause does not support is dropped."""
        yield Stage("reading", self._label(read))
        most = sentences_for(asked)
        ranked = select_evidence(content_of(asked), read, self._similarity(asked), most)
        if asks_where(asked):
            (best,) = verbatim(ranked[:1], read)
            colon = "：" if self.language == "zh" else ": "
            text = in_language(best, self.language, self.assistant.translated)
            yield self._delta(text)
            return [replace(best, text=f"{self._label(read)}{colon}{text}")]
        yield Stage("writing", self._label(read))
        statements: list[Statement] = []
        for written in write(
            self.assistant.generator, asked, read, ranked, self.language, self.assistant.translated
        ):
            if isinstance(written, str):
                yield self._delta(written)
            else:
                statements.append(written)
        return statements

    def _told(self, statements: Sequence[Statement]) -> Iterator[Event]:
        """Statements that need no writing: shown, and finished."""
        for label in dict.fromkeys(self._label(each.read) for each in statements):
            yield Stage("reading", label)
        for statement in statements:
            yield self._delta(statement.text + (" " if self.language == "en" else ""))
        yield self._finished(statements)

    def _delta(self, text: str) -> Delta:
        if self.first_token is None:
            self.first_token = time.perf_counter() - self.started
        return Delta(text)

    def _similarity(self, asked: str) -> Callable[[Sequence[str]], list[float]]:
        """A function that gives the dense similarity of each text to the question."""
        query = self.index.encode_queries([content_of(asked)])[0]

        def similarity(texts: Sequence[str]) -> list[float]:
            return [float(value) for value in self.assistant.vectors.of(texts) @ query]

        return similarity

    def _label(self, read: ReadClause) -> str:
        return read.clause.label if self.language == "zh" else read.clause.label_en

    # --- the answer ---

    def _finished(
        self,
        statements: Sequence[Statement],
        silent: Sequence[Document] = (),
        outside: Sequence[Document] = (),
    ) -> Answer:
        composed = compose(statements, self.language, self.assistant.today())
        untold = [("side-silent", each) for each in silent]
        untold += [("side-outside", each) for each in outside]
        for why, document in untold:
            text = prompt(why, self.language, document=name_of(document, self.language))
            joint = " " if self.language == "en" else ""
            composed = replace(
                composed,
                text=composed.text + joint + text,
                sentences=(*composed.sentences, AnswerSentence(text, ())),
            )
        return self._answer("answered", composed)

    def _near_miss(self, choices: Sequence[Choice]) -> Answer:
        """A refusal that tells what the nearest clause does say, if it is near at all."""
        yes = choices[0].judgement.yes
        if yes is not None and yes < NEAR_MISS:
            return self._refusal([choice.read.clause.id for choice in choices[:NEAREST]])
        return self._nearest(choices[0].read)

    def _nearest(self, read: ReadClause) -> Answer:
        """A refusal that tells what this clause does say, cited."""
        ranked = select_evidence(content_of(self.asked), read, self._similarity(self.asked))
        # A line of responsible units alone says nothing of the subject.
        telling = [passage for passage in ranked if not passage.zh.startswith(("(", "（"))]
        (nearest,) = verbatim((telling or ranked)[:1], read)
        said = in_language(nearest, self.language, self.assistant.translated)
        text = prompt(f"near-miss{self.form}", self.language, text=said)
        statement = replace(nearest, text=text)
        composed = compose([statement], self.language, self.assistant.today())
        return self._answer("refused", composed)

    def _refusal(self, nearest: Sequence[str]) -> Answer:
        if not nearest:
            return self._refused(prompt(f"refusal-empty{self.form}", self.language))
        reads = [read_clause(self.index, clause_id, self.language) for clause_id in nearest]
        labels = nearest_labels(reads, self.language)
        return self._refused(prompt(f"refusal{self.form}", self.language, nearest=labels))

    def _no_such_article(self, document_id: str, article: str) -> Answer:
        name = name_of(self.index.documents[document_id], self.language)
        return self._refused(
            prompt("refusal-article", self.language, document=name, article=article)
        )

    def _article_outside(self, reference: Reference) -> Answer:
        """The refusal of an article of a document that was not chosen."""
        if reference.clause_id is None:
            return self._document_outside(self.index.whole.documents[reference.document_id])
        clause = self.index.whole.clause(reference.clause_id)
        label = clause.label if self.language == "zh" else clause.label_en
        return self._refused(prompt("refusal-outside-article", self.language, article=label))

    def _document_outside(self, document: Document) -> Answer:
        """The refusal of what is asked of a document that was not chosen."""
        name = name_of(document, self.language)
        return self._refused(prompt("refusal-outside-document", self.language, document=name))

    def _refused(self, text: str) -> Answer:
        return self._answer("refused", Composed(text, (AnswerSentence(text, ()),), ()))

    def _hits(self) -> tuple[Hit, ...]:
        """The clauses found: those that were read in the order of choice, then the others."""
        read = [key for place in zip_longest(*self.ranked) for key in place if key]
        rank = {key: place for place, key in enumerate(dict.fromkeys(read))}
        found = {hit.clause_id: hit for hit in self.found.hits}
        missing = [Hit(key, 0.0, ("comparison",)) for key in rank if key not in found]
        hits = [*self.found.hits, *missing]
        return tuple(sorted(hits, key=lambda hit: rank.get(hit.clause_id, len(rank))))[:HITS]

    def _answer(self, outcome: Outcome, composed: Composed) -> Answer:
        generator = self.assistant._generator
        return Answer(
            id=self.question_id,
            question=self.question,
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
            model=generator.name if generator else self.assistant.model,
            index=self.index.name,
        )
