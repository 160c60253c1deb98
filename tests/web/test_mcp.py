"""The tools of the Model Context Protocol, called by its own client over both ways in."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fakes_app import ANSWERS, FAKE_RAG, REFUSALS, SHOW, FakeAssistant, serving
from mcp import Client, MCPError, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client
from mcp.types import CallToolResult, TextContent

from rag.schema import Language
from rag.web.programs.tools import TOOLS
from rag.web.rates import QuestionRate
from rag.web.texts import say

TOKEN = "correct horse battery"
Connect = Callable[[], AbstractAsyncContextManager[Client]]


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with serving(FakeAssistant()) as served:
        yield served


@pytest.fixture(params=["http", "http of 2025", "stdio"])
def connect(request: pytest.FixtureRequest, url: str, root: Path) -> Connect:
    """A client over HTTP as the protocol has it now and as it had it, or of a process."""
    if request.param == "stdio":
        server: Any = StdioServerParameters(
            command=sys.executable, args=["-c", FAKE_RAG], cwd=str(root)
        )
        return lambda: Client(server)
    mode = "legacy" if "2025" in request.param else "auto"
    return lambda: Client(f"{url}/mcp", mode=mode)


def run(work: Coroutine[Any, Any, None]) -> None:
    """Finish within a time, whatever a connection does."""
    asyncio.run(asyncio.wait_for(work, 40))


def said(result: CallToolResult) -> str:
    (content,) = result.content
    assert isinstance(content, TextContent)
    return content.text


def test_each_tool_over_each_way_in(connect: Connect) -> None:
    async def work() -> None:
        async with connect() as client:
            tools = {tool.name: tool for tool in (await client.list_tools()).tools}
            assert sorted(tools) == [
                "ask", "check_text", "facts", "get_article", "list_collections", "search",
                "verify_citation",
            ]  # fmt: skip
            for tool in tools.values():
                assert tool.description and tool.annotations and tool.annotations.read_only_hint
                schema = tool.input_schema
                assert schema["type"] == "object"
                assert bool(schema.get("required")) is (
                    tool.name not in ("list_collections", "facts")
                )
                assert all("description" in each for each in schema["properties"].values())

            steps: list[tuple[float, str | None]] = []

            async def heard(progress: float, total: float | None, message: str | None) -> None:
                steps.append((progress, message))

            for question in ("示范社区建成多少个？", "How many communities?"):
                language: Language = "zh" if question[0] > "z" else "en"
                result = await client.call_tool(
                    "ask", {"question": question}, progress_callback=heard
                )
                told = result.structured_content
                assert not result.is_error and json.loads(said(result)) == told
                assert (told["outcome"], told["language"]) == ("answered", language)
                sentence = {"text": ANSWERS[language], "citations": [1], "form": "sentence"}
                assert told["sentences"] == [sentence]
                (cited,) = told["citations"]
                assert (cited["clause_id"], cited["n"]) == (SHOW, 1)
                assert cited["label_en"] == "Shi Fan [2024] No. 1, Article 12"
                assert cited["quote"] == "到2030年，建成示范社区50个。"
                numbers = [number for number, _ in steps]
                assert numbers == sorted(set(numbers))
                assert say("en", "stage_searching") in [message for _, message in steps]
                steps.clear()

            refused = await client.call_tool("ask", {"question": "How many on Mars?"})
            assert not refused.is_error
            assert refused.structured_content["outcome"] == "refused"
            assert refused.structured_content["answer"] == REFUSALS["en"]

            found = (
                await client.call_tool("search", {"question": "社区", "k": 1})
            ).structured_content
            assert [hit["clause_id"] for hit in found["hits"]] == [SHOW]
            assert "示范社区50个" in found["hits"][0]["text"]

            for name in (SHOW, "示范〔2024〕1号 第十二条", "Shi Fan [2024] No. 1, Article 12"):
                article = await client.call_tool("get_article", {"clause_id": name})
                assert article.structured_content["clause_id"] == SHOW
                assert article.structured_content["document"]["number"] == "示范〔2024〕1号"

            facts = (await client.call_tool("facts", {"kind": "target"})).structured_content
            (target,) = [row for row in facts["rows"] if row["clause_id"] == SHOW]
            assert (target["value"], target["by_year"]) == ("50", 2030)
            assert target["label_en"] == "Shi Fan [2024] No. 1, Article 12"
            assert facts["count"] == len(facts["rows"])
            other = {"kind": "target", "documents": ["plain"]}
            assert (await client.call_tool("facts", other)).structured_content["count"] == 0
            for year in (10**30, -1):
                assert (await client.call_tool("facts", {"year": year})).is_error
            wrong = await client.call_tool("facts", {"kind": "rumour"})
            assert wrong.is_error and said(wrong).startswith("There is no kind rumour")

            listed = await client.call_tool("list_collections", {})
            assert listed.structured_content == {
                "collections": [
                    {"id": "default", "name": "Main collection", "with_builtin": True,
                     "documents": 3}
                ]
            }  # fmt: skip
            wrong = await client.call_tool("search", {"question": "社区", "collection": "x"})
            assert wrong.is_error and said(wrong) == "There is no collection x; there are default."

            checked = await client.call_tool(
                "verify_citation",
                {"label": "Shi Fan [2024] No. 1, Article 12", "statement": "建成示范社区50个"},
            )
            assert checked.structured_content["exists"] is True
            assert checked.structured_content["clause_id"] == SHOW
            assert checked.structured_content["verdict"] == "verbatim"

    run(work())


@pytest.mark.parametrize(
    ("label", "statement", "exists", "verdict"),
    [
        ("示范〔2024〕1号 第十二条", "“到2030年，建成示范社区50个”", True, "verbatim"),
        ("示范〔2024〕1号 第十二条", "示范社区到2030年建成50个。", True, "supported"),
        ("示范〔2024〕1号 第十二条", "到2030年建成示范社区80个。", True, "numbers_differ"),
        ("示范〔2024〕1号 第十三条", "由示范部门牵头评估。", True, "not_found_in_article"),
        ("示范〔2024〕1号 第十三条", "", True, None),
        ("示范〔2024〕2号 第十二条", "建成示范社区50个", False, "not_found_in_article"),
    ],
)
def test_citations_are_checked(
    url: str, label: str, statement: str, exists: bool, verdict: str | None
) -> None:
    async def work() -> None:
        async with Client(f"{url}/mcp") as client:
            given = {"label": label, "statement": statement}
            told = (await client.call_tool("verify_citation", given)).structured_content
            assert (told["exists"], told["verdict"]) == (exists, verdict), told["reasons"]

    run(work())


@pytest.mark.parametrize(
    ("tool", "arguments", "sentence"),
    [
        ("ask", {"question": "broken"}, "The model is missing; install it again."),
        ("ask", {"question": "crash"}, say("en", "fault_unexpected")),
        ("ask", {}, "question: Field required."),
        ("ask", {"question": ""}, "question: String should have at least 1 character."),
        ("search", {"question": "x", "k": 99}, "k: Input should be less than or equal to 10."),
        ("search", {"question": "crash"}, "not to be shown"),
        (
            "get_article",
            {"clause_id": "示范〔2024〕1号 第九十九条"},
            "示范〔2024〕1号 is held, but",
        ),
        ("get_article", {"clause_id": "nothing#here"}, "No document that is held has this"),
        ("forget", {}, "There is no tool forget; there are ask,"),
    ],
)
def test_what_goes_wrong_is_one_sentence(
    url: str, tool: str, arguments: dict[str, Any], sentence: str
) -> None:
    async def work() -> None:
        async with Client(f"{url}/mcp", mode="legacy") as client:
            result = await client.call_tool(tool, arguments)
            assert result.is_error
            assert said(result).startswith(sentence)
            assert "\n" not in said(result) and "not for the page" not in said(result)

    run(work())


@asynccontextmanager
async def asking(client: Client, question: str) -> AsyncIterator[asyncio.Task[CallToolResult]]:
    task = asyncio.create_task(client.call_tool("ask", {"question": question}))
    yield task
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def until(condition: Callable[[], bool]) -> None:
    for _ in range(500):
        if condition():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it did not come to that")


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_a_question_that_is_cancelled_leaves_the_line(mode: str) -> None:
    assistant = FakeAssistant()

    async def work(url: str) -> None:
        async with Client(f"{url}/mcp", mode=mode) as client:
            async with asking(client, "slow"):
                await until(lambda: assistant.asked == ["slow"])
                async with asking(client, "never begun"):
                    await asyncio.sleep(0.5)
            await asyncio.sleep(0.5)
            assistant.gate.set()
            told = (await client.call_tool("ask", {"question": "next"})).structured_content
            assert told["outcome"] == "answered"
        assert assistant.asked == ["slow", "next"]

    with serving(assistant) as url:
        run(work(url))


def test_who_waits_is_told_the_place() -> None:
    assistant = FakeAssistant()
    messages: list[str | None] = []

    async def heard(progress: float, total: float | None, message: str | None) -> None:
        messages.append(message)

    async def work(url: str) -> None:
        async with Client(f"{url}/mcp") as client, asking(client, "slow") as first:
            await until(lambda: assistant.asked == ["slow"])
            second = asyncio.create_task(
                client.call_tool("ask", {"question": "next"}, progress_callback=heard)
            )
            waiting = say("en", "stage_waiting", ahead=1)
            await until(lambda: waiting in messages)
            assistant.gate.set()
            assert not (await first).is_error and not (await second).is_error

    with serving(assistant) as url:
        run(work(url))


def test_who_asks_too_fast_is_told_in_one_sentence() -> None:
    async def work(url: str) -> None:
        async with Client(f"{url}/mcp") as client:
            results = [await client.call_tool("ask", {"question": "How many?"}) for _ in range(2)]
            assert [result.is_error for result in results] == [False, True]
            assert said(results[1]).startswith(say("en", "fault_too_fast"))
            assert not (await client.call_tool("search", {"question": "x"})).is_error

    with serving(FakeAssistant(), rate=QuestionRate(2, clock=lambda: 0.0)) as url:
        run(work(url))


def test_the_tools_need_the_token() -> None:
    async def work(url: str) -> None:
        right = httpx2.AsyncClient(headers={"authorization": f"Bearer {TOKEN}"})
        async with right, Client(streamable_http_client(f"{url}/mcp", http_client=right)) as client:
            assert len((await client.list_tools()).tools) == len(TOOLS)
        with pytest.raises((MCPError, ExceptionGroup)):
            async with Client(f"{url}/mcp") as client:
                await client.list_tools()
        assert httpx2.post(f"{url}/mcp", json={}).status_code == 401
        wrong = {"origin": "http://evil.example"}
        assert httpx2.post(f"{url}/mcp", json={}, headers=wrong).status_code == 403

    with serving(FakeAssistant(), TOKEN) as url:
        run(work(url))


def test_without_an_index_the_command_ends_in_one_line(root: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "rag", "mcp", "--index", "no-such-folder"],
        cwd=root,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("error: ") and done.stderr.count("\n") == 1
