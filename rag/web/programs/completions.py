"""The routes for programs: chat completions as OpenAI's clients ask for them, search, articles.

They ask in the same line as the page. What an OpenAI message has no place for (outcome, citations,
articles found) stands in its field `tiaowen`. Nothing here answers or renders a page.
"""

# No postponed annotations: FastAPI reads the types off the handlers.

import json
import time
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from index.documents.model import Clause
from index.errors import CollectionFault, IndexFault
from index.request.message import LONGEST
from rag.errors import QuestionFault, RagFault
from rag.schema import Answer, Event, Stage
from rag.web.access import client_of
from rag.web.assistants import Collected
from rag.web.chat.conversation import MOST_CHOSEN, Library, clause_in
from rag.web.queue import Answering, Asked, LineFullError, QuestionLine
from rag.web.rates import TooManyError
from rag.web.texts import say

if TYPE_CHECKING:
    from fastapi import FastAPI

MOST_HITS = 50
# Seconds after which it may be tried again, where the line is full.
WAIT = 30
NAME = "tiaowen"
# The id of a collection; the default one if none is given.
_CollectionId = Annotated[str, Field(max_length=100)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="ignore")
    type: str
    text: str = ""


class _Message(BaseModel):
    model_config = ConfigDict(extra="ignore")
    role: Literal["system", "developer", "user", "assistant", "tool"]
    content: str | list[_Part] | None = None

    @property
    def text(self) -> str:
        """The words of the message."""
        if isinstance(self.content, list):
            return "\n".join(part.text for part in self.content if part.type == "text")
        return self.content or ""


class _Completion(BaseModel):
    """A request; what a client may ask for beyond these has no meaning here."""

    model_config = ConfigDict(extra="ignore")
    messages: list[_Message] = Field(min_length=1)
    model: str = NAME
    stream: bool = False
    documents: list[str] = Field(default=[], max_length=MOST_CHOSEN)
    collection: _CollectionId = ""


class _Search(BaseModel):
    question: str = Field(min_length=1, max_length=LONGEST)
    k: int = Field(default=10, ge=1, le=MOST_HITS)
    documents: list[str] = Field(default=[], max_length=MOST_CHOSEN)
    collection: _CollectionId = ""


class _Refusal(Exception):
    """An error as OpenAI's clients understand it."""

    def __init__(self, status: int, message: str, kind: str, wait: int = 0) -> None:
        super().__init__(message)
        self.status = status
        self.headers = {"Retry-After": str(wait)} if wait else {}
        self.body = {"error": {"message": message, "type": kind, "param": None, "code": None}}


def add_routes(server: "FastAPI", collected: Collected, line: QuestionLine) -> None:
    """Add the routes to a server, before any that takes every address."""
    from fastapi import Request
    from fastapi.exceptions import RequestValidationError
    from fastapi.responses import JSONResponse, Response, StreamingResponse

    def health() -> dict[str, str]:
        return {"status": "ok"}

    def readiness() -> Response:
        if line.closed:
            return JSONResponse({"status": "closing"}, status_code=503)
        return JSONResponse({"status": "ready"})

    def models() -> dict[str, Any]:
        own = {"id": NAME, "object": "model", "created": 0, "owned_by": NAME}
        return {"object": "list", "data": [own]}

    def assistant_of(collection: str) -> Answering:
        try:
            return collected.assistant(collection)
        except CollectionFault as fault:
            raise _refusal(fault) from fault

    def collections() -> dict[str, Any]:
        return {"object": "list", "data": collections_of(collected)}

    def complete(request: Request, asked: _Completion) -> Response:
        question, previous = _question(asked.messages)
        assistant_of(asked.collection)
        client = client_of(request)
        in_line = _in_line(line, question, previous, client, asked.documents, asked.collection)
        events = _told(in_line)
        if asked.stream:
            return StreamingResponse(_stream(events, asked.model), media_type="text/event-stream")
        return JSONResponse(_whole(_last(events), asked.model))

    def search(asked: _Search) -> dict[str, Any]:
        started = time.perf_counter()
        assistant = assistant_of(asked.collection)
        try:
            found = assistant.find(asked.question, documents=asked.documents).hits[: asked.k]
        except (RagFault, IndexFault) as fault:
            raise _refusal(fault) from fault
        library = assistant.index  # of this moment: a removed clause is left out
        known = ((hit, clause_in(library, hit.clause_id)) for hit in found)
        hits = [asdict(hit) | _named(clause) for hit, clause in known if clause]
        return {"hits": hits, "seconds": round(time.perf_counter() - started, 4)}

    def article(clause_id: str, collection: str = "") -> dict[str, Any]:
        return article_of(assistant_of(collection).index, clause_id)

    def refuse(_: Request, refusal: _Refusal) -> Response:
        return JSONResponse(refusal.body, refusal.status, refusal.headers)

    def malformed(_: Request, error: RequestValidationError) -> Response:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"][1:])) or "the body"
        body = _Refusal(400, f"{where}: {first['msg']}", "invalid_request_error").body
        return JSONResponse(body, status_code=400)

    server.get("/health")(health)
    server.get("/ready")(readiness)
    server.get("/v1/models")(models)
    server.get("/v1/collections")(collections)
    server.post("/v1/chat/completions", response_model=None)(complete)
    server.post("/v1/search")(search)
    server.get("/v1/articles/{clause_id:path}")(article)
    server.exception_handler(_Refusal)(refuse)
    server.exception_handler(RequestValidationError)(malformed)


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
        },
    }


def _named(clause: Clause) -> dict[str, str]:
    return {"label": clause.label, "label_en": clause.label_en}


def _question(messages: Sequence[_Message]) -> tuple[str, list[str]]:
    """The last question of the user, and those before it."""
    asked = [text for each in messages if each.role == "user" and (text := each.text.strip())]
    if not asked or messages[-1].role != "user":
        raise _Refusal(
            400, "The last message must be a question of the user.", "invalid_request_error"
        )
    return asked[-1], asked[:-1]


def _in_line(
    line: QuestionLine,
    question: str,
    previous: Sequence[str],
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
        raise _Refusal(429, say("en", much.key), "rate_limit_error", much.seconds) from None


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
    if isinstance(fault, QuestionFault):
        return _Refusal(400, str(fault), "invalid_request_error")
    if isinstance(fault, RagFault | IndexFault):
        return _Refusal(503, str(fault), "server_error")
    return _Refusal(500, "Something unexpected went wrong; the log has it.", "server_error")


def _last(events: Iterator[Event]) -> Answer:
    *_, last = events
    assert isinstance(last, Answer)
    return last


def _whole(answer: Answer, model: str) -> dict[str, Any]:
    message = {"role": "assistant", "content": answer.answer, "refusal": None}
    choice = {"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}
    head = _head("chat.completion", model)
    return head | {"choices": [choice], NAME: _beside(answer)}


def _stream(events: Iterator[Event], model: str) -> Iterator[str]:
    """Server-sent events: stages as comments, then the finished answer, sentence by sentence.

    A draft may be withdrawn, which a stream of this kind cannot say; so no draft is sent.
    """
    head = _head("chat.completion.chunk", model)

    def chunk(delta: dict[str, str], **more: Any) -> str:
        choice = {"index": 0, "delta": delta, "finish_reason": more.pop("finish_reason", None)}
        return f"data: {json.dumps(head | {'choices': [choice]} | more, ensure_ascii=False)}\n\n"

    try:
        yield chunk({"role": "assistant", "content": ""})
        for event in events:
            if isinstance(event, Stage):
                yield f": {event.name}\n\n"
            elif isinstance(event, Answer):
                at = 0
                for sentence in event.sentences:
                    marks = "".join(f"[{n}]" for n in sentence.citations)
                    end = event.answer.find(sentence.text + marks, at)
                    end = len(event.answer) if end < 0 else end + len(sentence.text + marks)
                    yield chunk({"content": event.answer[at:end]})
                    at = end
                if at < len(event.answer):
                    yield chunk({"content": event.answer[at:]})
                yield chunk({}, finish_reason="stop", **{NAME: _beside(event)})
    except _Refusal as refusal:
        yield f"data: {json.dumps(refusal.body, ensure_ascii=False)}\n\n"
    yield "data: [DONE]\n\n"


def _head(kind: str, model: str) -> dict[str, Any]:
    return {
        "id": f"chatcmpl-{uuid.uuid4().hex}",
        "object": kind,
        "created": int(time.time()),
        "model": model,
    }


def _beside(answer: Answer) -> dict[str, Any]:
    """What the contract's JSON has beyond the words of the answer."""
    told = asdict(answer)
    kept = ("question", "language", "outcome", "sentences", "citations", "hits", "seconds", "index")
    return {name: told[name] for name in kept} | {"model": answer.model}
