"""A small library of clauses and an assistant that answers from it by rule, without any model.

For tests of the chat. The documents are made up for the purpose and say so.
"""

from __future__ import annotations

import socket
import threading
import time
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property

from fakes import FakeGenerator
from fakes_index import HashEncoder

from index.documents.model import Clause, Document, Hit, Rendition, Sentence
from index.facts.corrections import FactCorrection
from index.facts.query import Facts, facts_of
from index.library.library import Library
from index.library.sources import Sources
from index.request.model import Previous
from rag.answer.evidence import ReadClause
from rag.answer.other_words import OtherWords
from rag.answer.statement_check import Finding
from rag.errors import ModelFault, QuestionFault
from rag.schema import (
    Answer,
    AnswerSentence,
    Citation,
    Delta,
    Event,
    Found,
    Language,
    Outcome,
    Seconds,
    Stage,
)
from rag.web.access import Access
from rag.web.assistants import Collected
from rag.web.feedback.store import FeedbackStore
from rag.web.observed import Observer, Observers
from rag.web.queue import Answering, QuestionLine
from rag.web.rates import QuestionRate
from rag.web.server import listen, web_server

HOSTILE = '<script>window.harmed = 1</script><img src=x onerror="window.harmed = 2">'


def make_clause(
    document: Document, path: str, text: str, marker: str, heading: str, label_en: str
) -> Clause:
    """The clause whose text stands in the document's source, with a body cleaned by NFKC."""
    start = document.source.index(text)
    body, body_map = "", []
    for place in range(len(marker), len(text)):
        for char in unicodedata.normalize("NFKC", text[place]):
            body += char
            body_map.append(start + place)
    body_map.append(start + len(text))
    number = document.number or f"《{document.title}》"
    return Clause(
        id=f"{document.id}#{path}",
        document_id=document.id,
        path=path,
        marker=marker,
        heading=heading,
        heading_path=("四、示范",),
        text=text,
        start=start,
        end=start + len(text),
        body=body,
        body_map=tuple(body_map),
        label=f"{number} {marker}",
        label_en=label_en,
    )


SHOW_TEXT = (
    "（十二）建设示范社区。到2030年，建成示范社区50个。支持《示范办法》规定的社区开展智能配送。"
    "由示范部门牵头，每年评估一次。"
)
NEXT_TEXT = "（十三）完善示范机制。各区每年报送情况。"
HOSTILE_TEXT = f"（一）{HOSTILE}这是一份带有代码的文件，{{{{7*7}}}}与${{7*7}}照原样显示。"


def make_documents() -> dict[str, Document]:
    """Three documents: in force, over (with markup in its text), and without any date."""
    show = Document(
        id="show",
        title="示范社区建设意见",
        title_en="Opinions on Building Demonstration Communities",
        source=f"示范社区建设意见\n四、示范\n{SHOW_TEXT}\n{NEXT_TEXT}\n",
        number="示范〔2024〕1号",
        issuers=("示范市商务局",),
        issued_on="2024-01-02",
        effective_from="2024-02-01",
    )
    show_clause = make_clause(
        show, "四/(十二)", SHOW_TEXT, "（十二）", "建设示范社区", "Shi Fan [2024] No. 1, Article 12"
    )
    next_clause = make_clause(
        show, "四/(十三)", NEXT_TEXT, "（十三）", "完善示范机制", "Shi Fan [2024] No. 1, Article 13"
    )
    hostile = Document(
        id="hostile",
        title=f"{HOSTILE}方案",
        source=f"方案\n{HOSTILE_TEXT}",
        issued_on="2019-05-01",
        period=(2019, 2021),
    )
    hostile_clause = make_clause(hostile, "一/(一)", HOSTILE_TEXT, "（一）", HOSTILE, HOSTILE)
    plain = Document(id="plain", title="无日期文件", source="（一）没有日期。")
    plain_clause = make_clause(plain, "(一)", "（一）没有日期。", "（一）", "没有日期", "Plain, 1")
    return {
        "show": replace(show, clauses=(show_clause, next_clause)),
        "hostile": replace(hostile, clauses=(hostile_clause,)),
        "plain": replace(plain, clauses=(plain_clause,)),
    }


RENDITIONS = {
    "show#四/(十二)": Rendition(
        "四/(十二)",
        "Build demonstration communities",
        (
            Sentence("到2030年,建成示范社区50个。", "By 2030, 50 such communities are built."),
            Sentence(
                "支持《示范办法》规定的社区开展智能配送。",
                "Communities named in the Measures are supported in smart delivery.",
            ),
            Sentence(
                "由示范部门牵头,每年评估一次。", "The lead department reviews them each year."
            ),
        ),
    ),
    "hostile#一/(一)": Rendition(
        "一/(一)", HOSTILE, (Sentence("这是一份带有代码的文件", HOSTILE),), machine=True
    ),
}


@dataclass
class FakeLibrary:
    """The clauses, as an index would give them."""

    documents: Mapping[str, Document] = field(default_factory=make_documents)
    glossary: Sequence[tuple[str, str]] = (("示范部门", "demonstration department"),)
    corrections: Mapping[str, Sequence[FactCorrection]] = field(default_factory=dict)

    @cached_property
    def facts(self) -> Facts:
        """What the documents state."""
        return facts_of(list(self.documents.values()))

    def clause(self, clause_id: str) -> Clause:
        """The clause of that id, or KeyError."""
        document = self.documents[clause_id.partition("#")[0]]
        return {clause.id: clause for clause in document.clauses}[clause_id]

    def rendition(self, clause_id: str) -> Rendition | None:
        """Its English, where there is one."""
        return RENDITIONS.get(clause_id)


SHOW, BAD, PLAIN = "show#四/(十二)", "hostile#一/(一)", "plain#(一)"
ANSWERS: dict[Language, str] = {
    "zh": "到2030年建成示范社区50个。",
    "en": "Fifty demonstration communities are to be built by 2030.",
}
REFUSALS: dict[Language, str] = {
    "zh": "所收录的文件没有回答这个问题。",
    "en": "The documents held do not answer this question.",
}


class WordsAlone(OtherWords):
    """Leaves everything as words have it."""

    def second(
        self, found: Finding, statement: str, read: ReadClause, language: Language
    ) -> Finding:
        """What was found."""
        return found


@dataclass
class FakeAssistant:
    """Answers by rule: words in the question choose what happens.

    `火星`/`Mars` is refused, `代码`/`markup` cites the hostile clause, `慢`/`slow` waits for `gate`
    after the first words, `坏`/`broken` meets a ModelFault, `crash` an error that is no fault of
    the core. `asked` lists the questions in the order in which they were begun, `limits` the
    documents that each was limited to; a question whose clause lies outside of them is refused.
    """

    index: FakeLibrary = field(default_factory=FakeLibrary)
    gate: threading.Event = field(default_factory=threading.Event)
    asked: list[str] = field(default_factory=list)
    previous: list[tuple[str, ...]] = field(default_factory=list)
    # The same as they were given, with what their answers cited.
    earlier: list[tuple[Previous, ...]] = field(default_factory=list)
    limits: list[tuple[str, ...]] = field(default_factory=list)
    closed: bool = False

    def close(self) -> None:
        """Note that the chat has closed it."""
        self.closed = True

    @property
    def other_words(self) -> OtherWords:
        """Goes by words alone; there is no model."""
        return WordsAlone(FakeGenerator, HashEncoder)

    def count_tokens(self, text: str) -> int:
        """One for every two characters."""
        return -(-len(text) // 2)

    def find(
        self, question: str, previous: Sequence[Previous] = (), documents: Collection[str] = ()
    ) -> Found:
        """The same two clauses, of the documents chosen; none for a follow-up of `who`.

        That one needs a model.
        """
        if previous and "who" in question:
            return Found(())
        if "crash" in question:
            raise ModelFault("not to be shown")
        return Found(self._chosen((Hit(SHOW, 0.9), Hit(PLAIN, 0.1)), documents))

    def _chosen(self, hits: tuple[Hit, ...], documents: Collection[str]) -> tuple[Hit, ...]:
        if unknown := [one for one in documents if one not in self.index.documents]:
            raise QuestionFault(f"No document {unknown[0]} is held here.")
        if not documents:
            return hits
        return tuple(hit for hit in hits if hit.clause_id.partition("#")[0] in documents)

    def ask(
        self,
        question: str,
        *,
        question_id: str = "",
        previous: Sequence[Previous] = (),
        documents: Collection[str] = (),
    ) -> Iterator[Event]:
        """The events of one answer."""
        self.asked.append(question)
        self.earlier.append(tuple(previous))
        self.previous.append(
            tuple(one if isinstance(one, str) else one.question for one in previous)
        )
        self.limits.append(tuple(documents))
        language: Language = "zh" if any(char >= "\u4e00" for char in question) else "en"
        yield Stage("searching")
        if "坏" in question or "broken" in question:
            raise ModelFault("The model is missing; install it again.")
        if "crash" in question:
            raise RuntimeError("not for the page")
        hits = self._chosen((Hit(SHOW, 0.9), Hit(BAD, 0.5), Hit(PLAIN, 0.1)), documents)
        yield Found(hits)
        cited = BAD if "代码" in question or "markup" in question else SHOW
        outside = all(hit.clause_id != cited for hit in hits)
        if outside or "火星" in question or "Mars" in question:
            yield self._answer(question, language, "refused", REFUSALS[language], (), hits)
            return
        yield Stage("reading", self.index.clause(cited).label)
        yield Stage("writing")
        text = HOSTILE if cited == BAD else ANSWERS[language]
        yield Delta(text[:5])
        if "慢" in question or "slow" in question:
            self.gate.wait(20)
        yield Delta(text[5:])
        clause = self.index.clause(cited)
        document = self.index.documents[clause.document_id]
        quote = "到2030年，建成示范社区50个。" if cited == SHOW else clause.text
        start = document.source.index(quote)
        citation = Citation(
            n=1,
            clause_id=cited,
            label=clause.label,
            label_en=clause.label_en,
            quote=quote,
            quote_en=None,
            start=start,
            end=start + len(quote),
            status="in_force",
        )
        yield self._answer(question, language, "answered", text, (citation,), hits)

    def _answer(
        self,
        question: str,
        language: Language,
        outcome: Outcome,
        text: str,
        citations: tuple[Citation, ...],
        hits: tuple[Hit, ...],
    ) -> Answer:
        marks = tuple(citation.n for citation in citations)
        return Answer(
            id="",
            question=question,
            language=language,
            outcome=outcome,
            answer=text + "".join(f"[{n}]" for n in marks),
            sentences=(AnswerSentence(text, marks),),
            citations=citations,
            hits=hits,
            seconds=Seconds(0.1, 0.2, 1.25),
            model="fake model",
            index="fake index",
        )


# `python -m rag mcp` with the fake for an assistant. What it prints must not reach the protocol.
FAKE_RAG = """
import sys, types
sys.path.insert(0, "tests")
import fakes_app

class Printing(fakes_app.FakeAssistant):
    def ask(self, question, **more):
        print("not a message")
        return super().ask(question, **more)

pipeline = types.ModuleType("rag.answer.assistant")
pipeline.load_assistant = lambda index, model, places=1: Printing()
sys.modules["rag.answer.assistant"] = pipeline
from rag.__main__ import app
app(["mcp"])
"""


_ports = [0]


def _listening() -> socket.socket:
    """A port of this machine: that of the server before, whose scripts a browser knows, if free."""
    try:
        taken = listen("127.0.0.1", _ports[0])
    except OSError:
        taken = listen("127.0.0.1", 0)
    _ports[0] = taken.getsockname()[1]
    return taken


@contextmanager
def serving(
    assistant: Answering,
    token: str = "",
    manager_token: str = "",
    rate: QuestionRate | None = None,
    feedback: FeedbackStore | None = None,
    library: Library | None = None,
    access: Access | None = None,
    sources: Sources | None = None,
    observers: Sequence[Observer] = (),
) -> Iterator[str]:
    """The chat on a free port of this machine, in a thread; gives its URL."""
    taken = _listening()
    url = f"http://127.0.0.1:{taken.getsockname()[1]}"
    collected = Collected(assistant, library, sources=sources)
    of, waiting = collected.assistant, collected.waiting
    line = QuestionLine(
        assistant, rate=rate, of=of, waiting=waiting, observers=Observers(*observers)
    )
    access = access or Access(token, manager_token)
    server = web_server(assistant, line, url, access, feedback, collected, observers)
    thread = threading.Thread(target=server.run, args=([taken],))
    thread.start()
    try:
        while not server.started and thread.is_alive():
            time.sleep(0.05)
        yield url
    finally:
        server.should_exit = True
        thread.join(20)
        line.close()
