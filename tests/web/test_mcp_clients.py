"""How clients call the tools in the wild: null, extra and stringified arguments, slash, Accept."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Coroutine, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fakes_app import FAKE_RAG, SHOW, FakeAssistant, serving
from mcp import Client, StdioServerParameters
from mcp.types import TextContent

from index.request.model import Earlier
from rag.web.programs.forms import EVENTS, JSON, reads
from rag.web.programs.tools import TOOLS

QUESTION = {"question": "示范社区建成多少个？"}
ARTICLE = {"clause_id": SHOW}
LABEL = {"label": "示范〔2024〕1号 第十二条"}
EXTRA: dict[str, Any] = {
    "toolCallId": "call_1", "sessionId": "s", "chatInput": "x", "action": "sendMessage",
    "_meta": {"progressToken": 1}, "metadata": None,
}  # fmt: skip


def run(work: Coroutine[Any, Any, None]) -> None:
    """Finish within a time, whatever a connection does."""
    asyncio.run(asyncio.wait_for(work, 40))


@pytest.fixture(scope="module")
def served() -> Iterator[str]:
    with serving(FakeAssistant()) as address:
        yield address


CALLS: list[tuple[str, dict[str, Any]]] = [
    ("ask", QUESTION | {"documents": None, "previous": None, "collection": None}),
    ("ask", QUESTION | {"documents": "", "previous": "", "collection": ""}),
    ("ask", QUESTION | {"documents": [], "previous": [], "collection": "null"}),
    ("ask", QUESTION | {"documents": [""], "previous": [None], "collection": []}),
    ("ask", QUESTION | EXTRA),
    ("ask", QUESTION | {"documents": "show"}),
    ("ask", QUESTION | {"documents": '["show"]', "previous": '["第十二条讲什么？"]'}),
    ("ask", QUESTION | {"previous": [{"question": "谁负责？", "articles": None, "answer": "无"}]}),
    ("search", QUESTION | {"k": None, "documents": "null"}),
    ("search", QUESTION | {"k": "3"}),
    ("search", QUESTION | {"k": 3.0}),
    ("search", QUESTION | {"k": " 3 ", "documents": ["show"]} | EXTRA),
    ("search", QUESTION | {"k": ""}),
    ("search", {"question": 2030}),
    ("get_article", ARTICLE | {"collection": None} | EXTRA),
    ("verify_citation", LABEL | {"statement": None}),
    ("verify_citation", LABEL | {"statement": "", "toolCallId": "c"}),
    ("verify_citation", LABEL | {"statement": 50}),
    ("list_collections", EXTRA),
    ("list_collections", {"collection": None}),
]


@pytest.mark.parametrize("way", ["http", "stdio"])
def test_what_clients_fill_in_is_taken_as_it_is_meant(served: str, way: str, root: Path) -> None:
    async def work() -> None:
        command = ["-c", FAKE_RAG]
        process = StdioServerParameters(command=sys.executable, args=command, cwd=str(root))
        async with Client(process if way == "stdio" else f"{served}/mcp") as client:
            for tool, arguments in CALLS:
                result = await client.call_tool(tool, arguments)
                assert not result.is_error, (tool, arguments, result.content)

    run(work())


def test_an_earlier_question_comes_with_the_articles_that_its_answer_cited() -> None:
    assistant = FakeAssistant()
    clause = assistant.index.documents["show"].clauses[0]
    cited = [clause.label, clause.id, "没有这样的文件 第九条"]
    previous = [{"question": "示范社区由谁负责？", "articles": cited}, "还有呢？"]

    async def work(served: str) -> None:
        async with Client(f"{served}/mcp") as client:
            await client.call_tool("ask", QUESTION | {"previous": previous})

    with serving(assistant) as served:
        run(work(served))
    known = Earlier("示范社区由谁负责？", ("show",), (clause.id,))
    assert assistant.earlier == [(known, "还有呢？")]


def test_documents_given_as_text_are_the_only_ones() -> None:
    assistant = FakeAssistant()

    async def work(served: str) -> None:
        async with Client(f"{served}/mcp") as client:
            for given in ("show", '["show"]', ["show", ""]):
                await client.call_tool("ask", QUESTION | {"documents": given})
            await client.call_tool("ask", QUESTION | {"documents": "[]", "previous": "前一问？"})

    with serving(assistant) as served:
        run(work(served))
    assert assistant.limits == [("show",)] * 3 + [()]
    assert assistant.previous[-1] == ("前一问？",)


@pytest.mark.parametrize(
    ("tool", "arguments", "said"),
    [
        ("ask", {"question": None}, "question: Field required."),
        ("ask", EXTRA, "question: Field required."),
        ("ask", {"question": ["a"]}, "question: Input should be a valid string."),
        ("ask", {"question": {}}, "question: Input should be a valid string."),
        ("ask", QUESTION | {"documents": {"id": "show"}}, "documents: "),
        ("ask", QUESTION | {"documents": "nothing-held"}, "No document nothing-held is held"),
        ("search", QUESTION | {"k": "many"}, "k: Input should be a valid integer"),
        ("search", QUESTION | {"k": "0"}, "k: Input should be greater than or equal to 1."),
        ("get_article", {"clause_id": None}, "clause_id: Field required."),
        ("verify_citation", {"label": ""}, "label: String should have at least 1 character."),
    ],
    ids=str,
)
def test_what_is_missing_or_senseless_is_refused_in_one_sentence(
    served: str,
    tool: str,
    arguments: dict[str, Any],
    said: str,
) -> None:
    async def work() -> None:
        async with Client(f"{served}/mcp") as client:
            result = await client.call_tool(tool, arguments)
            (content,) = result.content
            assert result.is_error and isinstance(content, TextContent)
            assert content.text.startswith(said) and "\n" not in content.text

    run(work())


def test_the_published_schema_says_what_is_meant() -> None:
    for takes, _, _ in TOOLS.values():
        schema = takes.model_json_schema()
        assert schema["type"] == "object" and "additionalProperties" not in schema
        for name, field in takes.model_fields.items():
            assert ("default" in schema["properties"][name]) is not field.is_required()
    documents = TOOLS["ask"][0].model_json_schema()["properties"]["documents"]
    assert (documents["type"], documents["items"]) == ("array", {"type": "string"})


# Over HTTP, request by request

HEADERS = {"content-type": "application/json"}
BEGIN = {
    "jsonrpc": "2.0", "id": 1, "method": "initialize",
    "params": {
        "protocolVersion": "2025-06-18", "capabilities": {},
        "clientInfo": {"name": "t", "version": "1"},
    },
}  # fmt: skip


def message(reply: httpx.Response) -> Any:
    """The message in a reply of either form."""
    assert reply.status_code == 200, reply.text
    if reply.headers["content-type"].startswith(JSON):
        return reply.json()
    assert reply.headers["content-type"].startswith(EVENTS)
    data = [line[5:] for line in reply.text.splitlines() if line.startswith("data:")]
    return json.loads(data[-1])


@pytest.mark.parametrize("path", ["/mcp", "/mcp/"])
@pytest.mark.parametrize(
    ("accept", "form"),
    [
        (f"{JSON}, {EVENTS}", EVENTS),
        (f"{EVENTS}, {JSON}", EVENTS),
        (EVENTS, EVENTS),
        ("text/*", EVENTS),
        (JSON, JSON),
        ("application/*", JSON),
        (f"{JSON}; charset=utf-8", JSON),
        ("*/*", JSON),
        (f"{JSON}, {EVENTS};q=0", JSON),
        ("", JSON),
        (None, JSON),
    ],
)
def test_a_client_is_answered_in_a_form_that_it_can_read(
    served: str, path: str, accept: str | None, form: str
) -> None:
    with httpx.Client() as client:
        client.headers.pop("accept")
        headers = HEADERS | ({} if accept is None else {"accept": accept})
        begun = client.post(f"{served}{path}", json=BEGIN, headers=headers)
        assert begun.headers["content-type"].startswith(form)
        assert message(begun)["result"]["serverInfo"]["name"] == "tiaowen"
        headers["mcp-session-id"] = begun.headers["mcp-session-id"]
        ready = {"jsonrpc": "2.0", "method": "notifications/initialized"}
        assert client.post(f"{served}{path}", json=ready, headers=headers).status_code == 202
        call: dict[str, Any] = {
            "jsonrpc": "2.0", "id": 2, "method": "tools/call",
            "params": {"name": "ask", "arguments": QUESTION, "_meta": {"progressToken": "p"}},
        }  # fmt: skip
        replied = client.post(f"{served}{path}", json=call, headers=headers)
        assert replied.headers["content-type"].startswith(form)
        told = message(replied)
        assert told["id"] == 2 and told["result"]["structuredContent"]["outcome"] == "answered"
        # All arguments as one text, as some models write them.
        for arguments in (json.dumps(QUESTION), json.dumps(QUESTION | EXTRA)):
            call["params"] |= {"arguments": arguments}
            told = message(client.post(f"{served}{path}", json=call, headers=headers))
            assert told["result"]["structuredContent"]["outcome"] == "answered"
        assert client.delete(f"{served}{path}", headers=headers).status_code == 200


def test_who_reads_neither_form_is_told(served: str) -> None:
    headers = HEADERS | {"accept": "text/html"}
    assert httpx.post(f"{served}/mcp", json=BEGIN, headers=headers).status_code == 406


@pytest.mark.parametrize(
    ("accept", "kind", "by_name", "read"),
    [
        ("*/*", EVENTS, False, True),
        ("*/*", EVENTS, True, False),
        ("*/*, text/event-stream;q=0", EVENTS, False, False),
        ("TEXT/Event-Stream", EVENTS, True, True),
        ("application/json;q=oops", JSON, True, True),
        ("application/jsonx", JSON, False, False),
    ],
)
def test_what_a_client_reads(accept: str, kind: str, by_name: bool, read: bool) -> None:
    assert reads(accept, kind, by_name) is read


@pytest.mark.parametrize(
    "path",
    ["/v1/models", "/v1/collections", "/health", "/ready", "/v1/models/tiaowen"],
)
def test_a_slash_more_leads_to_the_same_route(served: str, path: str) -> None:
    plain, slash = (httpx.get(f"{served}{path}{end}") for end in ("", "/"))
    assert (slash.status_code, slash.json()) == (200, plain.json())


def test_a_slash_more_leads_to_the_same_answer(served: str) -> None:
    asked = {"messages": [{"role": "user", "content": "How many communities?"}]}
    for path in ("/v1/chat/completions", "/v1/chat/completions/", "/v1//chat/completions"):
        assert httpx.post(f"{served}{path}", json=asked).status_code == 200
    article = SHOW.replace("#", "%23")
    assert httpx.get(f"{served}/v1/articles/{article}/").json()["clause_id"] == SHOW
    assert asyncio.run(_tools(f"{served}/mcp/")) == sorted(TOOLS)


async def _tools(address: str) -> list[str]:
    async with Client(address) as client:
        return sorted(tool.name for tool in (await client.list_tools()).tools)
