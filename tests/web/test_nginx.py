"""The chat behind a real nginx on this machine, set up as docs/serving.md shows it."""

from __future__ import annotations

import asyncio
import contextlib
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import openai
import pytest
from fakes_app import FakeAssistant, serving
from fakes_library import library_with_documents
from mcp import Client
from playwright.sync_api import Browser, expect

from rag.web.access import Access
from rag.web.origins import host_names
from rag.web.proxied import root_path

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
pytestmark = pytest.mark.skipif(
    NGINX is None, reason="nginx is not installed (Debian: apt-get install nginx-light)"
)
# A name that leads to this machine in every browser, but is none of its own for the server.
NAME = "office.localhost"
MANAGER = "the manager may add"
ADDRESS = re.compile(r'(?:href|action)="(/[^"]*)"')


def examples(root: Path) -> list[str]:
    """The configurations that the page of the documentation has."""
    return re.findall(r"```nginx\n(.*?)```", (root / "docs/serving.md").read_text("utf-8"), re.S)


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextlib.contextmanager
def proxied(folder: Path, server: str, url: str) -> Iterator[str]:
    """An nginx with this `server` in front of a chat; gives its address without a path."""
    port = free_port()
    server = server.replace("http://127.0.0.1:7860", url).replace("listen 80", f"listen {port}")
    server = re.sub(r"server_name [^;]*", f"server_name {NAME}", server)
    folder.mkdir()
    (folder / "nginx.conf").write_text(
        f"daemon off; pid {folder}/pid; error_log {folder}/error.log;\n"
        "events {}\nhttp {\n  access_log off;\n"
        + "".join(
            f"  {kind}_temp_path {folder}/{kind};\n"
            for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        + server.replace(f"listen {port}", f"listen 127.0.0.1:{port}")
        + "}\n"
    )
    command = [str(NGINX), "-e", f"{folder}/error.log", "-c", f"{folder}/nginx.conf"]
    with subprocess.Popen(command, stderr=subprocess.PIPE) as process:
        try:
            deadline = time.monotonic() + 10
            while True:
                with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                    break
                assert process.poll() is None, (folder / "error.log").read_text()
                assert time.monotonic() < deadline
                time.sleep(0.05)
            yield f"http://{NAME}:{port}"
        finally:
            process.terminate()


# How nginx is set up, and with what options the chat is started: as the page has it (a name of its
# own; a path that nginx takes off), a path passed on, told by the proxy, and the name replaced.
WAYS = ["name", "path", "passed on", "told", "replaced"]


@pytest.fixture(autouse=True)
def known(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the name lead here for programs as well."""
    look_up = socket.getaddrinfo

    def here(host: Any, *rest: Any, **more: Any) -> Any:
        return look_up("127.0.0.1" if host in (NAME, NAME.encode()) else host, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", here)


@pytest.fixture(params=WAYS)
def site(request: pytest.FixtureRequest, tmp_path: Path, root: Path) -> Iterator[str]:
    """The address of a chat behind nginx, with a slash at its end."""
    by_name, by_path = examples(root)
    server = by_name if request.param == "name" else by_path
    if request.param == "passed on":
        server = server.replace("http://127.0.0.1:7860/;", "http://127.0.0.1:7860;")
    if request.param == "told":
        prefix = "proxy_set_header X-Forwarded-Prefix /tiaowen;"
        server = server.replace("proxy_buffering off;", f"proxy_buffering off;\n{prefix}")
    if request.param == "replaced":
        server = server.replace("proxy_set_header Host $http_host;", "")
    below = "" if request.param in ("name", "told") else root_path("/tiaowen")
    access = Access("", MANAGER, allow_hosts=host_names([NAME]), below=below)
    library = library_with_documents()
    with (
        serving(FakeAssistant(), library=library, access=access) as url,
        proxied(tmp_path / "nginx", server, url) as address,
    ):
        yield f"{address}/" if request.param == "name" else f"{address}/tiaowen/"


def test_programs_reach_their_routes(site: str) -> None:
    assert httpx.get(f"{site}health").json() == {"status": "ok"}
    client = openai.OpenAI(base_url=f"{site}v1", api_key="none", max_retries=0)
    assert [model.id for model in client.models.list()] == ["tiaowen"]
    messages: Any = [{"role": "user", "content": "How many communities?"}]
    stream = client.chat.completions.create(model="tiaowen", messages=messages, stream=True)
    told = "".join(chunk.choices[0].delta.content or "" for chunk in stream)
    assert "[1] Shi Fan [2024] No. 1, Article 12" in told

    async def tools() -> list[str]:
        async with Client(f"{site}mcp") as tools:
            return [tool.name for tool in (await tools.list_tools()).tools]

    assert "verify_citation" in asyncio.run(tools())


def test_every_link_of_the_pages_leads_below_the_path(site: str) -> None:
    path = httpx.URL(site).path
    for page in ("", "library", "documents/show", "library?q=x"):
        reply = httpx.get(f"{site}{page}", headers={"accept": "text/html"})
        found = ADDRESS.findall(reply.text)
        assert found and [one for one in found if not one.startswith(path)] == []
    without = httpx.get(site.rstrip("/"), params={"q": "x"}, follow_redirects=True)
    assert without.status_code == 200 and "gradio" in without.text


def test_another_name_and_another_site_are_refused(site: str) -> None:
    asked = {"messages": [{"role": "user", "content": "How many?"}]}
    elsewhere = {"origin": "http://evil.example"}
    refused = httpx.post(f"{site}v1/chat/completions", json=asked, headers=elsewhere)
    assert refused.status_code == 403
    own = {"origin": str(httpx.URL(site).copy_with(path="/")).rstrip("/")}
    assert httpx.post(f"{site}v1/chat/completions", json=asked, headers=own).status_code == 200


@pytest.mark.browser
def test_a_visitor_asks_opens_saves_and_adds(site: str, browser: Browser, tmp_path: Path) -> None:
    context = browser.new_context(locale="en-US", accept_downloads=True)
    requested: list[str] = []
    context.on("request", lambda sent: requested.append(sent.url))
    page = context.new_page()
    page.goto(site)
    page.locator("#question textarea").fill("How many communities?")
    page.keyboard.press("Enter")
    expect(page.locator(".answer:not(.streaming)")).to_be_visible(timeout=20_000)
    page.locator(".citation").first.click()
    expect(page.locator(".panel h2")).to_be_visible()
    with page.expect_download() as saved:
        page.locator('[data-kind="docx"]').click()
    assert saved.value.suggested_filename == "tiaowen.docx"
    page.locator('[data-language="zh"]').first.click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hans")
    page.locator("#panel a.tool").click()
    expect(page).to_have_url(re.compile(re.escape(site) + "articles/"))
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hans")
    page.goto(f"{site}sign-in")
    page.locator("#token").fill(MANAGER)
    page.keyboard.press("Enter")
    expect(page).to_have_url(site)
    page.goto(f"{site}library/add")
    given = tmp_path / "new.txt"
    given.write_text("示范办法\n第一条 办法写在这里。\n", encoding="utf-8")
    page.locator('input[type="file"]').set_input_files(given)
    page.locator("form.upload button").click()
    expect(page.locator("main")).to_contain_text("new.txt")
    page.goto(site)  # The conversation is kept by the browser.
    expect(page.locator(".turn")).to_have_count(1)
    outside = [one for one in requested if not one.startswith((site, "data:", "blob:"))]
    assert outside == []
    context.close()
