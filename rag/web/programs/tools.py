"""The assistant as tools of the Model Context Protocol, over stdio and over HTTP.

Both ways in call the same tools, and questions stand in the line of the chat. What the tools answer
comes from elsewhere: rag/answer/citation_check.py checks citations, rag/web/programs/completions.py
tells articles.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, replace
from queue import Empty
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter, ValidationError

from index.errors import IndexFault
from index.request.model import Previous
from rag.answer.citation_check import Checked, find_article
from rag.check.model import CheckedText
from rag.errors import RagFault
from rag.schema import (
    Answer,
    AnswerSentence,
    Citation,
    Event,
    Language,
    Outcome,
    Row,
    Stage,
    rows_of,
)
from rag.web.access import client_of
from rag.web.assistants import Collected
from rag.web.chat.conversation import Library
from rag.web.checking.checker import Checker
from rag.web.programs.completions import article_of, collections_of
from rag.web.programs.earlier import earlier_turn
from rag.web.programs.facts_found import FoundFacts, facts_found
from rag.web.programs.forms import AnyForm
from rag.web.programs.tool_arguments import (
    Arguments,
    Ask,
    CheckText,
    FindFacts,
    GetArticle,
    InCollection,
    ListCollections,
    Search,
    VerifyCitation,
    arguments_in,
)
from rag.web.queue import Answering, Asked, LineFullError, QuestionLine
from rag.web.rates import TooManyError
from rag.web.texts import say

if TYPE_CHECKING:
    import mcp.types as types
    from mcp.server.context import CallNext, HandlerResult, ServerRequestContext
    from mcp.server.lowlevel import Server

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Report = Callable[[str], Awaitable[None]]

MOST_SESSIONS = 1000
# Seconds between looks at what has come of a question.
LOOK = 0.05
INSTRUCTIONS = (
    "Chinese policy documents, with articles that can be cited. Ask in Chinese or English with "
    "`ask`; every sentence of its answer names the article it rests on, with a verbatim quote. "
    "Where the outcome is `refused`, the documents do not hold the answer. Before you cite an "
    "article yourself, check it with `verify_citation`; check a whole text with `check_text`."
)


@dataclass(frozen=True)
class Answered:
    """An answer as a tool tells it; `outcome` is `refused` where the documents do not hold it."""

    outcome: Outcome
    language: Language
    answer: str
    sentences: tuple[AnswerSentence, ...]
    citations: tuple[Citation, ...]
    rows: tuple[Row, ...]
    seconds: float
    model: str
    index: str


@dataclass(frozen=True)
class FoundArticle:
    """An article that a search has found, with the text it begins with."""

    clause_id: str
    label: str
    label_en: str
    score: float
    text: str


@dataclass(frozen=True)
class FoundArticles:
    """What a search has found, best first."""

    hits: tuple[FoundArticle, ...]


@dataclass(frozen=True)
class ListedCollection:
    """A collection; `with_builtin`: it has the built-in documents beside those added to it."""

    id: str
    name: str
    with_builtin: bool
    documents: int


@dataclass(frozen=True)
class ListedCollections:
    """The collections, the default one first."""

    collections: tuple[ListedCollection, ...]


class _Refusal(Exception):
    """What a tool cannot do, in one sentence."""


class Tools:
    """The tools, without any protocol: names, arguments and what they give."""

    def __init__(self, collected: Collected, line: QuestionLine, checker: Checker) -> None:
        """Tools that ask these collections in this line, and check texts with this checker."""
        self._collected = collected
        self._line = line
        self._checker = checker

    async def call(
        self, name: str, arguments: dict[str, Any], client: str | None, report: Report
    ) -> dict[str, Any]:
        """Call a tool; raises _Refusal with one sentence. A question is given up on cancellation.

        `report` is told what is being done meanwhile.
        """
        if name not in TOOLS:
            raise _Refusal(f"There is no tool {name}; there are {', '.join(TOOLS)}.")
        try:
            given = TOOLS[name][0].model_validate(arguments)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"])) or "the arguments"
            raise _Refusal(f"{where}: {first['msg']}.") from None
        try:
            if isinstance(given, ListCollections):
                listed = (ListedCollection(**one) for one in collections_of(self._collected))
                return asdict(ListedCollections(tuple(listed)))
            assert isinstance(given, InCollection)
            if isinstance(given, CheckText):
                self._line.count(client)
                checked = self._checker.check
                return asdict(await asyncio.to_thread(checked, given.text, given.collection))
            assistant = self._collected.get(given.collection).assistant
            if isinstance(given, Ask):
                previous = [earlier_turn(one, assistant.index) for one in given.previous]
                return asdict(await self._ask(given, previous, client, report))
            if isinstance(given, Search):
                return asdict(await asyncio.to_thread(_search, given, assistant))
            if isinstance(given, FindFacts):
                return asdict(await asyncio.to_thread(facts_found, given, assistant.index))
            if isinstance(given, GetArticle):
                return await asyncio.to_thread(_article, given, assistant.index)
            assert isinstance(given, VerifyCitation)
            check = assistant.other_words.check_citation
            return asdict(
                await asyncio.to_thread(check, given.label, given.statement, assistant.index)
            )
        except (RagFault, IndexFault) as fault:
            raise _Refusal(str(fault)) from fault
        except LineFullError as full:
            raise _Refusal(say("en", full.key)) from None
        except TooManyError as much:
            raise _Refusal(f"{say('en', much.key)} (in {much.seconds} s)") from None

    async def _ask(
        self, given: Ask, previous: Sequence[Previous], client: str | None, report: Report
    ) -> Answered:
        asked = self._line.ask(given.question, previous, client, given.documents, given.collection)
        try:
            last = await self._last(asked, report)
        finally:
            asked.give_up()
        if last is None:
            raise _Refusal("The server is closing; ask again when it runs again.")
        return Answered(
            last.outcome,
            last.language,
            last.answer,
            last.sentences,
            last.citations,
            rows_of(last),
            last.seconds.total,
            last.model,
            last.index,
        )

    async def _last(self, asked: Asked, report: Report) -> Answer | None:
        """The finished answer; None if the line was closed before."""
        answer: Answer | None = None
        place = 0
        while True:
            ahead = 0 if asked.begun else self._line.ahead(asked)
            if ahead and ahead != place:
                await report(say("en", "stage_waiting", ahead=ahead))
            place = ahead
            try:
                event: Event | Exception | None = asked.events.get_nowait()
            except Empty:
                await asyncio.sleep(LOOK)
                continue
            if event is None:
                return answer
            if isinstance(event, Exception):
                raise event
            if isinstance(event, Stage):
                await report(f"{say('en', f'stage_{event.name}')} {event.detail}".strip())
            elif isinstance(event, Answer):
                answer = event


def _search(given: Search, assistant: Answering) -> FoundArticles:
    hits = assistant.find(given.question, documents=given.documents).hits[: given.k]
    found = [(hit, assistant.index.clause(hit.clause_id)) for hit in hits]
    return FoundArticles(
        tuple(
            FoundArticle(clause.id, clause.label, clause.label_en, hit.score, clause.text)
            for hit, clause in found
        )
    )


def _article(given: GetArticle, library: Library) -> dict[str, Any]:
    named = find_article(given.clause_id, library)
    if named.clause_id is None:
        fitting = f" They are {', '.join(named.candidates)}." if named.candidates else ""
        raise _Refusal(named.reason + fitting)
    return article_of(library, named.clause_id)


# By name: what a tool takes, what it gives, and what it is called.
TOOLS: dict[str, tuple[type[Arguments], Any, str]] = {
    "ask": (Ask, Answered, "Ask the policy documents"),
    "search": (Search, FoundArticles, "Search articles"),
    "get_article": (GetArticle, None, "Read an article"),
    "facts": (FindFacts, FoundFacts, "Find facts"),
    "verify_citation": (VerifyCitation, Checked, "Verify a citation"),
    "check_text": (CheckText, CheckedText, "Check a text"),
    "list_collections": (ListCollections, ListedCollections, "List the collections"),
}


async def _as_meant(ctx: ServerRequestContext[Any], call_next: CallNext) -> HandlerResult:
    """Lets a call go on with its arguments read, in whatever form they came."""
    if ctx.method == "tools/call":
        ctx = replace(ctx, params=arguments_in(ctx.params))
    return await call_next(ctx)


def _listed() -> list[types.Tool]:
    """The tools as the protocol lists them."""
    import mcp.types as types

    # The tools read and never change what they read; the documents are a closed world.
    hints = types.ToolAnnotations(read_only_hint=True, idempotent_hint=True, open_world_hint=False)
    return [
        types.Tool(
            name=name,
            title=title,
            description=takes.__doc__,
            input_schema=takes.model_json_schema(),
            output_schema=TypeAdapter(gives).json_schema() if gives else None,
            annotations=hints,
        )
        for name, (takes, gives, title) in TOOLS.items()
    ]


def _failed(message: str) -> types.CallToolResult:
    """What a call gives that could not be done."""
    import mcp.types as types

    return types.CallToolResult(
        content=[types.TextContent(type="text", text=message)], is_error=True
    )


def tool_server(collected: Collected, line: QuestionLine, checker: Checker) -> Server[Any]:
    """The tools as a server of the protocol, over whatever it is reached."""
    import mcp.types as types
    from mcp.server.lowlevel import Server

    tools = Tools(collected, line, checker)
    listed = _listed()

    async def list_tools(_: ServerRequestContext[Any], __: Any) -> types.ListToolsResult:
        return types.ListToolsResult(tools=listed)

    async def call_tool(
        context: ServerRequestContext[Any], params: types.CallToolRequestParams
    ) -> types.CallToolResult:
        step = 0

        async def report(message: str) -> None:
            nonlocal step
            step += 1
            await context.session.report_progress(step, None, message)

        # Over stdio there is one client, which is the person whose machine it is.
        client = client_of(context.request) if context.request is not None else None
        try:
            told = await tools.call(params.name, params.arguments or {}, client, report)
        except _Refusal as refusal:
            return _failed(str(refusal))
        except Exception:
            logging.getLogger(__name__).exception("A tool failed.")
            return _failed(say("en", "fault_unexpected"))
        text = json.dumps(told, ensure_ascii=False)
        # As JSON has it, which knows no tuples.
        return types.CallToolResult(
            content=[types.TextContent(type="text", text=text)], structured_content=json.loads(text)
        )

    server: Server[Any] = Server(
        "tiaowen",
        title=say("en", "title"),
        instructions=INSTRUCTIONS,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
    )
    server.middleware.append(_as_meant)
    return server


def serve_stdio(collected: Collected) -> None:
    """Serve the tools over stdin and stdout until stdin ends; the assistants are closed then.

    Whatever else is printed meanwhile goes to stderr.
    """
    from mcp.server.stdio import stdio_server

    line = QuestionLine(collected.assistant(), of=collected.assistant, waiting=collected.waiting)
    server = tool_server(collected, line, Checker(collected))

    async def serve() -> None:
        async with stdio_server() as (incoming, outgoing):
            await server.run(incoming, outgoing, server.create_initialization_options())

    try:
        asyncio.run(serve())
    finally:
        line.close()


class ToolRoute:
    """The tools as an ASGI application, for one address of a web server.

    Who may use it, and under which names of the server, is decided before it.
    """

    def __init__(
        self, collected: Collected, line: QuestionLine, checker: Checker, stateless: bool = False
    ) -> None:
        """Answer nothing yet; it does while it is `running`. `stateless`: without sessions."""
        from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

        self._sessions = StreamableHTTPSessionManager(
            tool_server(collected, line, checker), max_sessions=MOST_SESSIONS, stateless=stateless
        )
        self._served = AnyForm(self._sessions.handle_request)

    @asynccontextmanager
    async def running(self, _: object) -> AsyncIterator[None]:
        """Serve as long as the web server runs; once only."""
        async with self._sessions.run():
            yield

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        await self._served(scope, receive, send)
