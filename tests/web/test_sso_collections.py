"""Collections that only some groups read: nobody else finds, lists or asks them, in any way."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import httpx
import httpx2
import pytest
from fakes_collections import DATA, TAX, add, serving_world, shut, started
from fakes_sso import KEY, Provided, provided
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from oidc_provider import PASSWORD

from rag.web.access import Access
from rag.web.sso.signing_in import SignOn

ASK, MANAGE = "correct horse battery", "stapled by the manager"
Site = tuple[str, str, str]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The address of a chat, a collection that one group reads, and a document in it."""
    with ExitStack() as running:
        provider: Provided = running.enter_context(provided())
        world = running.enter_context(started(tmp_path_factory.mktemp("world")))
        tax = world.collections.create("Tax", False)
        world.collections.create("Open", False)
        add(world.collections.get().library, DATA)
        held = add(tax.library, TAX)
        settings = provider.settings(collections={tax.id: ("tax-office",)})
        access = Access(ASK, MANAGE, sign_on=SignOn(settings, KEY))
        url = running.enter_context(serving_world(shut(world, tax.id), access))
        provider.knows(f"{url}/sign-in/back", f"{url}/sign-in")
        yield url, tax.id, held.id


def visitor(site: Site, who: str) -> httpx.Client:
    """A browser in which somebody has signed in, or a program with a token."""
    client = httpx.Client(base_url=site[0], follow_redirects=False, timeout=30)
    if who in (ASK, MANAGE):
        client.headers["authorization"] = f"Bearer {who}"
        return client
    begun = client.get("/sign-in/sso").headers["location"]
    back = httpx.post(begun, data={"user": who, "password": PASSWORD}).headers["location"]
    assert client.get(back).status_code == 303
    return client


WAYS: list[tuple[str, str, Any]] = [
    ("GET", "/library?collection={tax}", None),
    ("GET", "/documents/{document}?collection={tax}", None),
    ("GET", "/articles/{document}%23第二条?collection={tax}", None),
    ("GET", "/register?collection={tax}", None),
    ("GET", "/register/file/csv?collection={tax}", None),
    ("GET", "/digest?collection={tax}", None),
    ("GET", "/compare?collection={tax}", None),
    ("GET", "/v1/register?collection={tax}", None),
    ("GET", "/v1/articles/{document}%23第二条?collection={tax}", None),
    ("POST", "/v1/search", {"question": "退税", "collection": "{tax}"}),
    ("POST", "/v1/check", {"text": "网上办理退税。", "collection": "{tax}"}),
    (
        "POST",
        "/v1/chat/completions",
        {"messages": [{"role": "user", "content": "第二条讲了什么？"}], "collection": "{tax}"},
    ),
]


def asked(client: httpx.Client, site: Site, way: tuple[str, str, Any]) -> httpx.Response:
    _, tax, document = site
    method, path, body = way
    path = path.format(tax=tax, document=document)
    sent = json.loads(json.dumps(body).replace("{tax}", tax)) if body else None
    return client.request(method, path, json=sent, headers={"accept-language": "en"})


@pytest.mark.parametrize(
    ("who", "reads"), [("ann", False), (ASK, False), ("tax", True), ("li", True), (MANAGE, True)]
)
def test_who_reads_a_collection(site: Site, who: str, reads: bool) -> None:
    client = visitor(site, who)
    for way in WAYS:
        reply = asked(client, site, way)
        right = reply.status_code == 200 if reads else reply.status_code in (400, 404)
        assert right, (way, reply.status_code)
        assert reads or ("退税" not in reply.text and "Tax" not in reply.text)
    names = [one["name"] for one in client.get("/v1/collections").json()["data"]]
    assert ("Tax" in names, "Open" in names) == (reads, True)
    library = client.get("/library", headers={"accept": "text/html"}).text
    assert (">Tax<" in library, ">Open<" in library) == (reads, True)


@pytest.mark.parametrize(("token", "reads"), [(ASK, False), (MANAGE, True)])
def test_tools_keep_to_it_too(site: Site, token: str, reads: bool) -> None:
    url, tax, _ = site

    async def told() -> tuple[str, bool, bool]:
        http = httpx2.AsyncClient(headers={"authorization": f"Bearer {token}"}, timeout=30)
        async with http, Client(streamable_http_client(f"{url}/mcp", http_client=http)) as tools:
            listed = await tools.call_tool("list_collections", {})
            found = await tools.call_tool("search", {"question": "退税", "collection": tax})
            answer = await tools.call_tool("ask", {"question": "第二条？", "collection": tax})
            return str(listed.structured_content), bool(found.is_error), bool(answer.is_error)

    listed, refused, unanswered = asyncio.run(told())
    assert (tax in listed, refused, unanswered) == (reads, not reads, not reads)
