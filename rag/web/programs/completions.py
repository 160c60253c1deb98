"""The routes for programs: chat completions as OpenAI's clients ask for them, search, articles.

They ask in the same line as the page. What an OpenAI message has no place for (outcome, citations,
articles found) stands in its field `tiaowen`. Nothing here answers or renders a page.
"""

# No postponed annotations: FastAPI reads the types off the handlers.

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from index.compare.model import as_json
from index.compare.plans import with_plans
from index.documents.model import Clause, Document, Hit
from index.errors import CollectionFault, DocumentFault, IndexFault
from index.request.model import Earlier, Previous
from rag.answer.document_limit import find_document
from rag.errors import QuestionFault, RagFault
from rag.schema import Answer, Event, Stage
from rag.web.access import client_of
from rag.web.assistants import Collected
from rag.web.chat.conversation import Library, clause_in
from rag.web.checking.checker import Checker
from rag.web.checking.page import as_json as checked_json
from rag.web.pages.compared import compared, planned
from rag.web.programs.register import RegisterFault, register_told
from rag.web.programs.reply import NAME, Chunks, CountTokens, Reply, replied, sources_in, whole
from rag.web.programs.taken import Check, Completion, Message, Search, Unsupported
from rag.web.queue import Answering, Asked, LineFullError, QuestionLine
from rag.web.rates import TooManyError
from rag.web.several import SERVER
from rag.web.texts import say

if TYPE_CHECKING:
    from fastapi import FastAPI

# Seconds after which it may be tried again, where the line is full.
WAIT = 30


class _Refusal(Exception):
    """An error as OpenAI's clients understand it."""

    def __init__(
        self,
        status: int,
        message: str,
        kind: str,
        wait: int = 0,
        param: str | None = None,
        code: str | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.headers = {"Retry-After": str(wait)} if wait else {}
        self.body = {"error": {"message": message, "type": kind, "param": param, "code": code}}


def add_routes(
    server: "FastAPI", collected: Collected, line: QuestionLine, checker: Checker
) -> None:
    """Add the routes to a server, before any that takes every address."""
    _add_state(server, collected, line)
    _add_completions(server, collected, line)
    _add_check(server, checker, line)
    _add_documents(server, collected)
    _add_faults(server)


def _add_state(server: "FastAPI", collected: Collected, line: QuestionLine) -> None:
    """What there is to ask, and whether it can be asked."""
    from fastapi.responses import JSONResponse, Response

    own = {"id": NAME, "object": "model", "created": 0, "owned_by": NAME}

    def health(response: Response) -> dict[str, str]:
        response.headers["x-tiaowen-server"] = SERVER
        return {"status": "ok"}

    def readiness() -> Response:
        if line.closed:
            return JSONResponse({"status": "closing"}, status_code=503)
        return JSONResponse({"status": "ready"})

    def models() -> dict[str, Any]:
        return {"object": "list", "data": [own]}

    def model(name: str) -> dict[str, Any]:
        if name != NAME:
            told = f"The model '{name[:80]}' does not exist; there is {NAME}."
            raise _Refusal(404, told, "invalid_request_error", 0, "model", "model_not_found")
        return own

    def collections() -> dict[str, Any]:
        return {"object": "list", "data": collections_of(collected)}

    server.get("/health")(health)
    server.get("/ready")(readiness)
    server.get("/v1/models")(models)
    server.get("/v1/models/{name:path}")(model)
    server.get("/v1/collections")(collections)


def _add_completions(server: "FastAPI", collected: Collected, line: QuestionLine) -> None:
    """Questions, which stand in the line of the chat."""
    from fastapi import Request
    from fastapi.responses import JSONResponse, Response, StreamingResponse

    def complete(request: Request, asked: Completion) -> Response:
        try:
            asked.check()
        except Unsupported as field:
            told = str(field), "invalid_request_error"
            raise _Refusal(400, *told, param=field.param, code=field.code) from None
        assistant = _assistant_of(collected, asked.collection)
        question, previous = _question(asked.messages, assistant.index.documents)
        count = assistant.count_tokens
        client = client_of(request)
        in_line = _in_line(line, question, previous, client, asked.documents, asked.collection)
        events = _told(in_line)
        if asked.stream:
            stream = _stream(events, asked, count)
            return StreamingResponse(stream, media_type="text/event-stream")
        return JSONResponse(whole(_reply(_last(events), asked, count)))

    server.post("/v1/chat/completions", response_model=None)(complete)


def _add_documents(server: "FastAPI", collected: Collected) -> None:
    """Articles, registers and comparisons, found and told without a model."""
    from fastapi import Request

    def search(asked: Search) -> dict[str, Any]:
        started = time.perf_counter()
        assistant = _assistant_of(collected, asked.collection)
        try:
            found = assistant.find(asked.question, documents=asked.documents).hits[: asked.k]
        except (RagFault, IndexFault) as fault:
            raise _refusal(fault) from fault
        library = assistant.index  # of this moment: a removed clause is left out
        known = ((hit, clause_in(library, hit.clause_id)) for hit in found)
        hits = [_found(hit, clause, library) for hit, clause in known if clause]
        return {"hits": hits, "seconds": round(time.perf_counter() - started, 4)}

    def article(clause_id: str, collection: str = "") -> dict[str, Any]:
        return article_of(_assistant_of(collected, collection).index, clause_id)

    def register(request: Request, collection: str = "") -> dict[str, Any]:
        library = _assistant_of(collected, collection).index
        try:
            return register_told(request.query_params, library)
        except RegisterFault as fault:
            told = str(fault), "invalid_request_error"
            raise _Refusal(400, *told, param=fault.param) from None

    def compare(old: str, new: str, collection: str = "") -> dict[str, Any]:
        library = _assistant_of(collected, collection).index
        documents = library.documents
        try:
            first, second = (documents[find_document(one, documents)] for one in (old, new))
            told = as_json(compared(first, second))
            return with_plans(told, lambda: planned(first, second, library))
        except (RagFault, IndexFault) as fault:
            raise _refusal(fault) from fault

    server.post("/v1/search")(search)
    server.get("/v1/compare")(compare)
    server.get("/v1/register")(register)
    server.get("/v1/articles/{clause_id:path}")(article)


def _add_check(server: "FastAPI", checker: Checker, line: QuestionLine) -> None:
    """Texts with their citations judged."""
    from fastapi import Request

    def check(request: Request, asked: Check) -> dict[str, Any]:
        try:
            line.count(client_of(request))
            return checked_json(checker.check(asked.text, asked.collection))
        except TooManyError as much:
            raise _too_many(much) from None
        except (RagFault, IndexFault) as fault:
            raise _refusal(fault) from fault

    server.post("/v1/check")(check)


def _add_faults(server: "FastAPI") -> None:
    """How refusals are told."""
    from fastapi import Request
    from fastapi.exceptions import RequestValidationError
    from fastapi.responses import JSONResponse, Response

    def refuse(_: Request, refusal: _Refusal) -> Response:
        return JSONResponse(refusal.body, refusal.status, refusal.headers)

    def malformed(_: Request, error: RequestValidationError) -> Response:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"][1:])) or "the body"
        told = f"{where}: {first['msg']}", "invalid_request_error"
        body = _Refusal(400, *told, param=where if first["loc"][1:] else None).body
        return JSONResponse(body, status_code=400)

    server.exception_handler(_Refusal)(refuse)
    server.exception_handler(RequestValidationError)(malformed)


def _assistant_of(collected: Collected, collection: str) -> Answering:
    try:
        return collected.get(collection).assistant
    except CollectionFault as fault:
        raise _refusal(fault) from fault


def collections_of(collected: Collected) -> list[dict[str, Any]]:
    """The collections by their ids, the default one first, with how many documents each has."""
    return [
        {
            "id": one.id,
            "name": one.called("en"),
            "with_builtin": one.with_builtin,
            "documents": len(one.assistant.index.documents),
        }
        for one in collected.all()
    ]


def article_of(library: Library, clause_id: str) -> dict[str, Any]:
    """A clause with its label, text, English and document. Raises an error the routes tell."""
    clause = clause_in(library, clause_id)
    if clause is None:
        raise _Refusal(
            404,
            f"There is no article {clause_id}; an id looks like hangzhou-2024#二/(三)/17, "
            "with # as %23 in an address.",
            "not_found_error",
        )
    document = library.documents[clause.document_id]
    rendition = library.rendition(clause.id)
    return _named(clause) | {
        "clause_id": clause.id,
        "heading": clause.heading,
        "text": clause.text,
        "text_en": rendition.text if rendition else None,
        "machine_made_en": rendition.machine if rendition else None,
        "start": clause.start,
        "end": clause.end,
        "document": {
            "id": document.id,
            "title": document.title,
            "title_en": document.title_en,
            "number": document.number,
            "issuers": list(document.issuers),
            "issued_on": document.issued_on,
            "effective_from": document.effective_from,
            "effective_to": document.effective_to,
            "version": document.version,
        }
        | _standing(document),
    }


def _found(hit: Hit, clause: Clause, library: Library) -> dict[str, Any]:
    """A finding with what a reader wants to see of it."""
    rendition = library.rendition(clause.id)
    texts = {"text": clause.text, "text_en": rendition.text if rendition else None}
    told = {"document_id": clause.document_id} | _standing(library.documents[clause.document_id])
    return asdict(hit) | _named(clause) | told | texts


def _standing(document: Document) -> dict[str, Any]:
    """Whether a document is in force today, and what replaced or repealed it, since when."""
    return {
        "status": document.status(date.today()),
        "ended_on": document.superseded_on,
        "ended_by": document.superseded_name,
        "ended_by_id": document.superseded_by,
    }


def _named(clause: Clause) -> dict[str, str]:
    return {"label": clause.label, "label_en": clause.label_en}


def _question(
    messages: Sequence[Message], documents: Mapping[str, Document]
) -> tuple[str, list[Previous]]:
    """The last question of the user, whatever stands behind it, and those before it.

    Those before come with the articles that the replies to them named as sources.
    """
    asked: list[Earlier] = []
    for each in messages:
        text = each.text.strip()
        if each.role == "user" and text:
            asked.append(Earlier(text))
        elif each.role == "assistant" and asked and text:
            cited = sources_in(text, documents)
            owners = tuple(dict.fromkeys(key.partition("#")[0] for key in cited))
            asked[-1] = replace(asked[-1], documents=owners, articles=cited)
    if not asked:
        told = "There must be a message of the user with a question.", "invalid_request_error"
        raise _Refusal(400, *told, param="messages")
    return asked[-1].question, list(asked[:-1])


def _in_line(
    line: QuestionLine,
    question: str,
    previous: Sequence[Previous],
    client: str,
    documents: Sequence[str],
    collection: str,
) -> Asked:
    """The question in its place in the line, or a refusal before anything is sent."""
    try:
        return line.ask(question, previous, client, documents, collection)
    except LineFullError as full:
        raise _Refusal(429, say("en", full.key), "rate_limit_error", WAIT) from None
    except TooManyError as much:
        raise _too_many(much) from None


def _too_many(much: TooManyError) -> _Refusal:
    return _Refusal(429, say("en", much.key), "rate_limit_error", much.seconds)


def _told(asked: Asked) -> Iterator[Event]:
    """The events of an answer, which come when its turn in the line has come."""
    try:
        while (event := asked.events.get()) is not None:
            if isinstance(event, Exception):
                raise _refusal(event)
            yield event
    finally:
        asked.give_up()


def _refusal(fault: Exception) -> _Refusal:
    if isinstance(fault, CollectionFault):
        return _Refusal(404, str(fault), "not_found_error")
    if isinstance(fault, QuestionFault | DocumentFault):
        return _Refusal(400, str(fault), "invalid_request_error")
    if isinstance(fault, RagFault | IndexFault):
        return _Refusal(503, str(fault), "server_error")
    return _Refusal(500, "Something unexpected went wrong; the log has it.", "server_error")


def _last(events: Iterator[Event]) -> Answer:
    *_, last = events
    assert isinstance(last, Answer)
    return last


def _reply(answer: Answer, asked: Completion, count: CountTokens) -> Reply:
    try:
        return replied(answer, asked, count)
    except RagFault as fault:  # The model that counts is gone.
        raise _refusal(fault) from fault


def _stream(events: Iterator[Event], asked: Completion, count: CountTokens) -> Iterator[str]:
    """Server-sent events: stages as comments, then the finished answer, sentence by sentence.

    A draft may be withdrawn, which a stream of this kind cannot say; so no draft is sent.
    """
    chunks = Chunks(asked.with_usage)
    try:
        yield chunks.begin()
        for event in events:
            if isinstance(event, Stage):
                yield f": {event.name}\n\n"
            elif isinstance(event, Answer):
                yield from chunks.of(_reply(event, asked, count))
    except _Refusal as refusal:
        yield f"data: {json.dumps(refusal.body, ensure_ascii=False)}\n\n"
    yield "data: [DONE]\n\n"
