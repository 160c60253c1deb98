"""Long messages over the routes and the tools: served, with the question in them answered."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fakes import FakeGenerator
from fakes_app import serving
from fakes_index import HashEncoder
from mcp import Client

from index.request.message import LONGEST
from index.search.build import build_index
from index.search.store import ClauseIndex
from rag.answer.assistant import Assistant
from rag.schema import Judgement

RULES = """平湖市冷库管理办法
第一条 为了规范冷库管理，制定本办法。
第二条 冷库每平方米补贴120元。
第三条 冷库经营者每月报送库存。
第四条 冷库由商务局负责管理。
"""
LETTER = "我单位经营冷库多年，遵纪守法，客户满意，现有员工九十人。" * 100
QUESTION = "冷库每平方米补贴多少元？"
TASK = "### Task:\nGenerate a short title.\n<chat_history>\n" + f"USER: {LETTER}\n" * 3


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder: Path = tmp_path_factory.mktemp("index")
    (folder / "rules.txt").write_text(RULES, "utf-8")
    encoder = HashEncoder()
    build_index([folder / "rules.txt"], folder / "index", encoder)
    generator = FakeGenerator(
        lambda system, user: "冷库每平方米补贴120元。",
        lambda text, question: Judgement(
            -1.0, 2.0 if "补贴" in text and "补贴" in question else -2
        ),
    )
    index = ClauseIndex.open(folder / "index", encoder)
    with serving(Assistant(index, lambda: generator, translations=folder)) as served:
        yield served


def posted(url: str, *messages: str, stream: bool = False) -> httpx.Response:
    roles = ["user", "assistant"] * len(messages)
    body = [{"role": role, "content": text} for role, text in zip(roles, messages, strict=False)]
    return httpx.post(
        f"{url}/v1/chat/completions", json={"messages": body, "stream": stream}, timeout=60
    )


@pytest.mark.parametrize(
    "message",
    [
        f"{LETTER}\n{QUESTION}",
        f"{QUESTION}\n{LETTER}",
        f"{LETTER}\n问题：{QUESTION}\n此致敬礼",
        (LETTER * 20)[: 20_000 - len(QUESTION) - 1] + f"\n{QUESTION}",
    ],
)
def test_the_question_in_a_long_message_is_answered(url: str, message: str) -> None:
    reply = posted(url, message)
    assert reply.status_code == 200
    told = reply.json()["choices"][0]["message"]["content"]
    assert told.startswith("冷库每平方米补贴120元。[1]")
    assert QUESTION in told
    assert reply.json()["tiaowen"]["citations"][0]["clause_id"] == "rules#第二条"


def test_a_long_message_is_answered_in_a_stream(url: str) -> None:
    reply = posted(url, f"{LETTER}\n{QUESTION}", stream=True)
    lines = [line[6:] for line in reply.text.splitlines() if line.startswith("data: {")]
    deltas = [json.loads(line)["choices"][0]["delta"].get("content", "") for line in lines]
    assert "".join(deltas).startswith("冷库每平方米补贴120元。[1]")


@pytest.mark.parametrize("message", [TASK, LETTER])
def test_a_message_without_a_question_gets_one_clear_sentence(url: str, message: str) -> None:
    reply = posted(url, message)
    assert reply.status_code == 200
    assert reply.json()["tiaowen"]["outcome"] == "refused"
    told = reply.json()["choices"][0]["message"]["content"]
    assert ("没有找到要问的问题" in told) or ("No question was found" in told)
    assert len(told) < 250


def test_a_follow_up_behind_long_messages_is_served(url: str) -> None:
    reply = posted(url, f"{LETTER * 30}\n{QUESTION}", LETTER, "那么它由谁负责？")
    assert reply.status_code == 200


def test_what_is_beyond_any_use_is_refused_with_the_limit(url: str) -> None:
    reply = posted(url, LETTER * 40)
    assert reply.status_code == 400
    assert reply.json()["error"]["message"].endswith(f"shorten it to {LONGEST:,}.")


def test_the_search_and_the_tools_take_long_messages_too(url: str) -> None:
    message = f"{LETTER}\n{QUESTION}"
    found = httpx.post(f"{url}/v1/search", json={"question": message, "k": 1}).json()
    assert [hit["clause_id"] for hit in found["hits"]] == ["rules#第二条"]

    async def tools() -> tuple[Any, Any]:
        async with Client(f"{url}/mcp") as client:
            previous = [LETTER * 40]
            told = await client.call_tool("ask", {"question": message, "previous": previous})
            return told, await client.call_tool("search", {"question": message})

    told, hits = asyncio.run(asyncio.wait_for(tools(), 60))
    assert told.structured_content["answer"].startswith("冷库每平方米补贴120元。[1]")
    assert hits.structured_content["hits"][0]["clause_id"] == "rules#第二条"
