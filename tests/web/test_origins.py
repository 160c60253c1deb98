"""Origins of programs, names that the owner gives, and the path and names that a proxy tells."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import httpx2
import pytest
from fakes_app import FakeAssistant
from fastapi.testclient import TestClient
from typer.testing import CliRunner

import app
from rag.errors import AddressFault
from rag.web.access import Access
from rag.web.origins import host_names, is_program, origins
from rag.web.proxied import root_path
from rag.web.queue import QuestionLine
from rag.web.server import build_application

TOKEN, MANAGE = "a token of many letters", "another for the manager"
BEARER = {"authorization": "Bearer sk-anything"}
RIGHT = {"authorization": f"Bearer {TOKEN}"}
QUESTION = {"messages": [{"role": "user", "content": "How many communities?"}]}
COMPLETE = "/v1/chat/completions"
PROGRAMS = [
    "app://notes.example", "file://", "null", "capacitor://localhost", "tauri://localhost",
    "vscode-webview://1ab2c3", "chrome-extension://abcdef", "moz-extension://12-34",
]  # fmt: skip
PAGES = ["http://evil.example", "https://evil.example", "http://127.0.0.1:9", "http://localhost"]


@contextmanager
def served(access: Access, peer: str = "127.0.0.1") -> Iterator[TestClient]:
    """The whole application, as somebody at an address reaches it."""
    assistant = FakeAssistant()
    line = QuestionLine(assistant)
    application = build_application(assistant, line, access)
    address = "http://127.0.0.1:7860"
    with TestClient(
        application, base_url=address, follow_redirects=False, client=(peer, 50000)
    ) as client:
        yield client
    line.close()


@pytest.fixture(scope="module")
def plain() -> Iterator[TestClient]:
    with served(Access()) as client:
        yield client


@pytest.fixture(scope="module")
def guarded() -> Iterator[TestClient]:
    with served(Access(TOKEN, MANAGE)) as client:
        yield client


# Origins


@pytest.mark.parametrize("origin", PROGRAMS)
@pytest.mark.parametrize("site", [None, "cross-site"])
def test_programs_that_send_a_token_are_served(
    plain: TestClient, guarded: TestClient, origin: str, site: str | None
) -> None:
    sent = {"origin": origin} | ({"sec-fetch-site": site} if site else {})
    assert plain.post(COMPLETE, json=QUESTION, headers=sent | BEARER).status_code == 200
    assert plain.post(COMPLETE, json=QUESTION, headers=sent).status_code == 403
    assert guarded.post(COMPLETE, json=QUESTION, headers=sent | RIGHT).status_code == 200
    assert guarded.post(COMPLETE, json=QUESTION, headers=sent | BEARER).status_code == 401


@pytest.mark.parametrize("origin", PAGES)
@pytest.mark.parametrize("path", [COMPLETE, "/v1/search", "/mcp", "/library/add"])
def test_pages_of_other_sites_send_nothing_with_or_without_a_token(
    plain: TestClient, origin: str, path: str
) -> None:
    for headers in ({}, BEARER):
        reply = plain.post(path, json=QUESTION, headers={"origin": origin} | headers)
        assert reply.status_code == 403
        assert "access-control-allow-origin" not in reply.headers


def asks_first(client: TestClient, origin: str) -> httpx2.Response:
    """A browser's question before a script of an origin may send with a token."""
    asking = {
        "origin": origin,
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization,content-type",
    }
    return client.options(COMPLETE, headers=asking)


@pytest.mark.parametrize("origin", [*PROGRAMS, *PAGES])
def test_only_programs_are_granted_what_browsers_ask_for(
    plain: TestClient, guarded: TestClient, origin: str
) -> None:
    granted = asks_first(plain, origin)
    program = is_program(origin)
    assert (granted.status_code == 204) is program
    assert granted.headers.get("access-control-allow-origin") == (origin if program else None)
    if program:
        assert "authorization" in granted.headers["access-control-allow-headers"]
        reply = plain.get("/v1/models", headers={"origin": origin})
        assert reply.headers["access-control-allow-origin"] == origin
    # Frames of web sites have the origin `null` too: it is granted where only a token helps.
    assert (asks_first(guarded, origin).status_code == 204) is (program or origin == "null")


def test_an_origin_of_the_owners_choice_may_send_and_read() -> None:
    page = "http://tools.example:3000"
    with served(Access(allow_origins=origins([page + "/"]))) as client:
        reply = client.post(COMPLETE, json=QUESTION, headers={"origin": page})
        assert reply.status_code == 200
        assert reply.headers["access-control-allow-origin"] == page
        assert asks_first(client, page).status_code == 204
        for other in ("http://tools.example", "http://tools.example:3001", "https://x.example"):
            assert client.post(COMPLETE, headers={"origin": other}).status_code == 403


# Names


@pytest.mark.parametrize("asked", ["chat.corp", "chat.corp:8080", "CHAT.corp."])
@pytest.mark.parametrize("path", ["/", "/library", "/v1/models", "/health"])
def test_a_name_of_the_owners_choice_is_answered_to(asked: str, path: str) -> None:
    with served(Access(allow_hosts=host_names(["chat.corp"]))) as client:
        assert client.get(path, headers={"host": asked}).status_code == 200
        if path != "/health":
            assert client.get(path, headers={"host": "other.corp"}).status_code == 421


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "chat.corp", "origin": "http://chat.corp"},
        {"host": "chat.corp", "origin": "http://chat.corp:8080"},
        {"host": "127.0.0.1:7860", "origin": "http://chat.corp"},
        {"host": "127.0.0.1:7860", "origin": "https://chat.corp", "x-forwarded-proto": "https"},
        {"x-forwarded-host": "chat.corp:8080", "origin": "http://chat.corp:8080"},
        {"host": "chat.corp", "origin": "https://chat.corp", "sec-fetch-site": "same-origin"},
    ],
)
def test_the_page_may_send_whether_a_proxy_keeps_the_name_or_not(headers: dict[str, str]) -> None:
    with served(Access(allow_hosts=host_names(["chat.corp"]))) as client:
        assert client.post(COMPLETE, json=QUESTION, headers=headers).status_code == 200
        elsewhere = headers | {"origin": "http://evil.example"}
        if "sec-fetch-site" not in headers:
            assert client.post(COMPLETE, json=QUESTION, headers=elsewhere).status_code == 403


def test_a_name_that_a_proxy_tells_does_not_hide_the_one_that_was_asked_for(
    plain: TestClient,
) -> None:
    for headers in (
        {"host": "evil.example", "x-forwarded-host": "127.0.0.1"},
        {"x-forwarded-host": "evil.example"},
    ):
        assert plain.get("/v1/models", headers=headers).status_code == 421


def test_who_comes_by_another_name_manages_nothing_without_a_token() -> None:
    with served(Access(allow_hosts=host_names(["chat.corp"]))) as client:
        assert client.post("/library/add", headers={"host": "chat.corp"}).status_code == 403
        assert client.post("/library/add").status_code != 403


def test_on_an_address_of_other_machines_given_names_are_the_only_ones() -> None:
    access = Access(TOKEN, host="0.0.0.0", allow_hosts=host_names(["chat.corp", "条文.corp"]))
    with served(access) as client:
        for name, status in (
            ("chat.corp:80", 200), ("xn--efv75n.corp", 200), ("192.0.2.7:7860", 200),
            ("[2001:db8::1]", 200), ("evil.example", 421),
        ):  # fmt: skip
            if name.startswith("xn--"):
                name = "条文.corp".encode("idna").decode()
            assert client.get("/v1/models", headers=RIGHT | {"host": name}).status_code == status


@pytest.mark.parametrize(
    ("option", "given"),
    [
        ("--allow-host", "two words"),
        ("--allow-host", "*"),
        ("--allow-host", ""),
        ("--allow-origin", "*"),
        ("--allow-origin", "notes.example"),
        ("--root-path", "/a?b"),
        ("--root-path", "/../up"),
        ("--root-path", "/library/own"),
    ],
)
def test_what_is_no_name_origin_or_path_is_one_line_at_the_start(option: str, given: str) -> None:
    import typer

    command = typer.Typer()
    command.command()(app.main)
    done = CliRunner().invoke(command, [option, given])
    assert done.exit_code == 1 and done.stderr.startswith("error: ")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ("Chat.Corp", "chat.corp"),
        ("http://chat.corp/", "chat.corp:99"),
        ("chat.corp:8080", "chat.corp"),
        ("chat.corp:8080", "chat.corp:8080"),
        ("[2001:DB8::1]", "[2001:db8::1]:80"),
        ("2001:db8::1", "[2001:db8::1]"),
        ("192.0.2.1", "192.0.2.1:7860"),
    ],
)
def test_a_name_may_be_written_in_several_ways(given: str, named: str) -> None:
    (name,) = host_names([given])
    assert name.is_named_by(named)
    assert not name.is_named_by("evil.example") and not name.is_named_by(f"x.{named}")


def test_a_name_with_a_port_is_that_port_alone() -> None:
    (name,) = host_names(["chat.corp:8080"])
    assert not name.is_named_by("chat.corp:8081")


# Below a path

BELOW = {"x-forwarded-prefix": "/office/tiaowen"}
ADDRESS = re.compile(r'(?:href|action|src|data-copy-link|data-work)="(/[^"]*)"')


def addresses(html: str) -> list[str]:
    return ADDRESS.findall(html)


@pytest.mark.parametrize("passed_on", [False, True])
@pytest.mark.parametrize(
    "path", ["/", "/library", "/library?q=x", "/documents/show", "/articles?label=nothing"]
)
def test_every_address_on_a_page_lies_below_the_path(
    plain: TestClient, path: str, passed_on: bool
) -> None:
    asked = f"/office/tiaowen{path}" if passed_on else path
    told = plain.get(asked, headers=BELOW)
    with served(Access(below=root_path("office/tiaowen/"))) as set_up:
        given = set_up.get(asked)
    for reply in (told, given):
        found = addresses(reply.text)
        assert reply.status_code in (200, 404) and found
        assert [one for one in found if not one.startswith("/office/tiaowen/")] == []
        assert "/office/tiaowen/office" not in reply.text
    assert [one for one in addresses(plain.get(path).text) if "office" in one] == []


def test_the_chat_knows_its_own_address_below_a_path(plain: TestClient) -> None:
    page = plain.get("/", headers=BELOW | {"x-forwarded-proto": "https"}).text
    assert '"root":"https://127.0.0.1:7860/office/tiaowen"' in page
    # The browser's address comes before what any proxy tells.
    assert 'gradio_config.root = new URL(".", location.href)' in page
    assert "const root = window.gradio_config.root;" in page
    manifest = plain.get("/manifest.json", headers=BELOW).json()
    assert manifest["start_url"] == "/office/tiaowen/"


def test_cookies_and_redirects_lead_below_the_path(guarded: TestClient) -> None:
    signed_in = guarded.post("/sign-in", data={"token": TOKEN}, headers=BELOW)
    assert signed_in.headers["location"] == "/office/tiaowen/"
    assert "; Path=/office/tiaowen;" in signed_in.headers["set-cookie"]
    form = guarded.get("/sign-in?lang=zh", headers=BELOW | {"accept": "text/html"})
    assert 'action="/office/tiaowen/sign-in"' in form.text
    assert "; Path=/office/tiaowen;" in form.headers["set-cookie"]
    label = {"label": "示范〔2024〕1号 （十二）"}
    moved = guarded.get("/articles", params=label, headers=BELOW | RIGHT)
    assert moved.headers["location"].startswith("/office/tiaowen/articles/show")
    bare = guarded.get("/office/tiaowen?q=x", headers=BELOW)
    assert (bare.status_code, bare.headers["location"]) == (307, "/office/tiaowen/?q=x")


@pytest.mark.parametrize(
    "path",
    ["/health", "/ready", "/v1/models", "/v1/models/", "//v1//models", "/manifest.json",
     "/theme.css", "/config"],
)  # fmt: skip
def test_what_programs_and_the_page_fetch_is_there_below_a_path_too(
    plain: TestClient, path: str
) -> None:
    assert plain.get(f"http://127.0.0.1:7860{path}").status_code == 200
    assert plain.get(f"http://127.0.0.1:7860{path}", headers=BELOW).status_code == 200
    assert plain.get(f"/office/tiaowen{path}", headers=BELOW).status_code == 200
    assert plain.get(f"/elsewhere{path}", headers=BELOW).status_code == 404


@pytest.mark.parametrize(
    "prefix", ["//evil.example", '/a"onclick="x', "/..", "/library", "/a//b", "javascript:x"]
)
def test_a_path_that_cannot_be_one_is_not_believed(plain: TestClient, prefix: str) -> None:
    page = plain.get("/library", headers={"x-forwarded-prefix": prefix}).text
    expected = {"/javascript%3Ax"} if prefix.startswith("java") else {""}
    roots = {one.removesuffix("/favicon.ico") for one in addresses(page) if "favicon" in one}
    assert roots == expected


def test_another_machine_is_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    told = BELOW | {"x-forwarded-host": "evil.example", "x-forwarded-for": "192.0.2.9"}
    access = Access(TOKEN, host="0.0.0.0")
    with served(access, "198.51.100.1") as client:
        page = client.get("/library", headers=told | RIGHT)
        assert page.status_code == 200 and 'href="/favicon.ico"' in page.text
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", "198.51.100.0/24, nonsense")
    with served(access, "198.51.100.1") as client:
        page = client.get("/library", headers=told | RIGHT)
        assert 'href="/office/tiaowen/favicon.ico"' in page.text


@pytest.mark.parametrize("given", ["", "/", " ", "tiaowen/", "/a/b/"])
def test_a_path_is_written_in_one_way(given: str) -> None:
    made = root_path(given)
    assert made == "" or re.fullmatch(r"(/\w+)+", made)
    with pytest.raises(AddressFault):
        root_path(f"{given}/v1/../x" if made else "v1")
