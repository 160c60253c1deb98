"""A stack as the evaluation asks it: times its answer and leads it back to clauses.

The stacks only retrieve and write; here are the clock, the clauses of what was retrieved, and the
citations that the marks of the answer stand for. It knows neither framework.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, Protocol

from eval.peers.chunks import Chunk, citation_of, clauses_of, hits_of
from eval.peers.reply import Reply, read_reply
from index.documents.model import Clause, Document
from index.request.articles_named import find_references
from index.text.language import question_language
from rag.schema import Answer, AnswerSentence, Citation, Delta, Event, Found, Seconds

_ARTICLE = re.compile(
    r"第\s*[〇零一二三四五六七八九十百\d]+\s*条(?:之[一二三四五六七八九十]+)?|\bArticle\s+\d+\b"
)

Credit = Literal["most", "all"]
"""What a mark cites: the clause in which most of its chunk lies, or every clause it overlaps."""


@dataclass(frozen=True)
class Draft:
    """An answer about to be written.

    `retrieved` are the chunks found, best first; `sources[n - 1]` is the chunk that the prompt
    numbers n, None where it could not be found in its document; `pieces` is the text as written.
    """

    retrieved: Sequence[Chunk]
    sources: Sequence[Chunk | None]
    pieces: Iterator[str]


class Stack(Protocol):
    """A retriever and a writer, as one of the frameworks puts them together."""

    @property
    def name(self) -> str:
        """The framework and the language model, shown as the model of the answers."""
        ...

    def draft(self, question: str) -> Draft:
        """Retrieve for the question and begin to write."""
        ...


class Library(Protocol):
    """The part of an index that a peer needs: its documents and its name."""

    @property
    def documents(self) -> Mapping[str, Document]:
        """All documents by id."""
        ...

    @property
    def name(self) -> str:
        """The name of the index."""
        ...


class Peer:
    """Answers questions with a stack over the documents of `index`, as an assistant does."""

    def __init__(self, index: Library, stack: Stack, credit: Credit = "most") -> None:
        self.index = index
        self.stack = stack
        self.credit = credit

    def ask(
        self, question: str, *, question_id: str = "", previous: Sequence[str] = ()
    ) -> Iterator[Event]:
        """The events of answering, the last of which is the finished Answer.

        Earlier questions of the conversation stand before the question, one a line: the stacks
        have no memory of their own.
        """
        documents = self.index.documents
        language = question_language(question)
        started = time.perf_counter()
        draft = self.stack.draft("\n".join((*previous, question)))
        retrieved = time.perf_counter() - started
        hits = tuple(hits_of(draft.retrieved, documents, "dense"))
        yield Found(hits)
        written, first_token = "", None
        for piece in draft.pieces:
            written += piece
            if first_token is None and written.strip():
                first_token = time.perf_counter() - started
            yield Delta(piece)
        total = time.perf_counter() - started
        reply = read_reply(written, language)
        # A refusal rests on nothing, whatever it marks.
        sources = draft.sources if reply.outcome == "answered" else ()
        sentences, citations = cited(reply, sources, documents, date.today(), self.credit)
        yield Answer(
            id=question_id,
            question=question,
            language=language,
            outcome=reply.outcome,
            answer=reply.text,
            sentences=tuple(sentences),
            citations=tuple(citations),
            hits=hits,
            seconds=Seconds(
                round(retrieved, 4),
                None if first_token is None else round(first_token, 4),
                round(total, 4),
            ),
            model=self.stack.name,
            index=self.index.name,
        )

    def answer(
        self, question: str, *, question_id: str = "", previous: Sequence[str] = ()
    ) -> Answer:
        """The finished answer alone."""
        *_, last = self.ask(question, question_id=question_id, previous=previous)
        assert isinstance(last, Answer)
        return last


def cited(
    reply: Reply,
    sources: Sequence[Chunk | None],
    documents: Mapping[str, Document],
    today: date,
    credit: Credit = "most",
) -> tuple[list[AnswerSentence], list[Citation]]:
    """The sentences with the numbers of their citations, and the citations.

    A mark cites what `credit` says, every citation of it under the mark's number. An article that
    a sentence names in words is cited too if a source shows any of it; such citations are numbered
    after the sources. A mark that no source has cites nothing.
    """
    citations: dict[int, list[Citation]] = {}
    named: dict[str, int] = {}
    sentences: list[AnswerSentence] = []
    for sentence in reply.sentences:
        numbers: list[int] = []
        for mark in sentence.marks:
            if found := citations.get(mark) or _of_mark(mark, sources, documents, today, credit):
                citations[mark] = found
                numbers.append(mark)
        for clause, chunk in _named(sentence.text, sources, documents):
            if any(each.clause_id == clause.id for n in numbers for each in citations[n]):
                continue
            n = named.setdefault(clause.id, len(sources) + 1 + len(named))
            citations[n] = [citation_of(n, chunk, clause, documents[chunk.document_id], today)]
            numbers.append(n)
        sentences.append(AnswerSentence(sentence.text, tuple(numbers)))
    return sentences, [each for number in sorted(citations) for each in citations[number]]


def _of_mark(
    mark: int,
    sources: Sequence[Chunk | None],
    documents: Mapping[str, Document],
    today: date,
    credit: Credit,
) -> list[Citation]:
    chunk = sources[mark - 1] if 1 <= mark <= len(sources) else None
    if chunk is None:
        return []
    clauses = clauses_of(chunk, documents)
    document = documents[chunk.document_id]
    return [
        citation_of(mark, chunk, clause, document, today)
        for clause in (clauses[:1] if credit == "most" else clauses)
    ]


def _named(
    text: str, sources: Sequence[Chunk | None], documents: Mapping[str, Document]
) -> Iterator[tuple[Clause, Chunk]]:
    """The clauses that the text calls articles, each with the first source that shows it."""
    articles = _ARTICLE.findall(text)
    if not articles:
        return
    shown: dict[str, tuple[Clause, Chunk]] = {}
    known = [chunk for chunk in sources if chunk]
    for chunk in known:
        for clause in clauses_of(chunk, documents):
            shown.setdefault(clause.id, (clause, chunk))
    among = {chunk.document_id: documents[chunk.document_id] for chunk in known}
    for article in dict.fromkeys(articles):
        for reference in find_references(article, among, dict.fromkeys(among, 1.0)):
            if reference.clause_id in shown:
                yield shown[reference.clause_id]
