"""Roles, requests from elsewhere, names of the server, and how much a client may ask."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from fakes_app import FakeAssistant, serving
from fastapi import FastAPI, Request
from fastapi.testclient import TestClient
from typer.testing import CliRunner

import app
from rag.web.access import Access, client_of, role_of
from rag.web.guard import COOKIE, Guard
from rag.web.queue import LineFullError, QuestionLine
from rag.web.rates import MOST_WRONG, WITHIN, QuestionRate, TooManyError, WrongTokens
from rag.web.texts import say

ASK, MANAGE = "correct horse battery", "stapled by the manager"
HERE = "http://127.0.0.1"
BOTH = Access(ASK, MANAGE)
PAGE = {"accept": "text/html", "accept-language": "zh-CN"}


def guarded(
    access: Access, clock: Callable[[], float] = lambda: 0.0, address: str = "192.0.2.1"
) -> TestClient:
    """A server behind the guard that tells role and client, whatever is asked of it."""
    return seen_from(address, behind_guard(access, clock))


def seen_from(address: str, server: FastAPI) -> TestClient:
    return TestClient(server, base_url=HERE, follow_redirects=False, client=(address, 50000))


def behind_guard(access: Access, clock: Callable[[], float]) -> FastAPI:
    server = FastAPI()

    @server.api_route("/{path:path}", methods=["GET", "POST", "DELETE"])
    def tell(request: Request) -> dict[str, str]:
        return {"role": role_of(request), "client": client_of(request)}

    server.add_middleware(Guard, access=access, clock=clock)
    return server


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


@pytest.mark.parametrize(
    ("access", "without", "with_ask", "with_manage"),
    [
        (Access(), "manage", "manage", "manage"),
        (Access(ASK), None, "ask", None),
        (BOTH, None, "ask", "manage"),
        (Access("", MANAGE), "ask", "ask", "manage"),
        (Access(host="0.0.0.0"), None, None, None),
        (Access(host="0.0.0.0", open_to_all=True), "ask", "ask", "ask"),
        (Access(ASK, host="0.0.0.0", open_to_all=True), None, "ask", None),
        (Access("", MANAGE, "0.0.0.0"), None, None, "manage"),
    ],
)
def test_a_token_gives_its_role(
    access: Access, without: str | None, with_ask: str | None, with_manage: str | None
) -> None:
    client = guarded(access)
    for headers, role in (
        ({}, without),
        (bearer(ASK), with_ask),
        (bearer(MANAGE), with_manage),
    ):
        reply = client.get("/", headers=headers)
        assert (reply.json()["role"] if reply.status_code == 200 else None) == role
        assert reply.status_code == (200 if role else 401)


@pytest.mark.parametrize(
    ("method", "path", "asking"),
    [
        ("GET", "/library", 200),
        ("GET", "/library/documents/show", 200),
        ("POST", "/library/add", 403),
        ("DELETE", "/library", 403),
        ("GET", "/v1/documents", 200),
        ("POST", "/v1/documents", 403),
        ("DELETE", "/v1/documents/show", 403),
        ("GET", "/feedback", 403),
        ("POST", "/feedback/1", 403),
        ("POST", "/v1/search", 200),
        ("POST", "/librarian", 200),
    ],
)
def test_managing_needs_the_manager(method: str, path: str, asking: int) -> None:
    client = guarded(BOTH)
    assert client.request(method, path, headers=bearer(ASK)).status_code == asking
    assert client.request(method, path, headers=bearer(MANAGE)).status_code == 200


def test_what_is_refused_is_told_in_one_sentence() -> None:
    client = guarded(BOTH)
    error = client.post("/library/add", headers=bearer(ASK)).json()["error"]
    assert (error["type"], error["message"]) == ("permission_error", say("en", "manager_needed"))
    page = client.post("/library/add", headers=bearer(ASK) | PAGE)
    assert (page.status_code, page.headers["content-type"]) == (403, "text/html; charset=utf-8")
    assert say("zh", "manager_needed") in page.text and "<form" in page.text
    nobody = guarded(Access(ASK)).post("/library/add", headers=bearer(ASK) | PAGE)
    assert say("zh", "manager_nobody") in nobody.text and "<form" not in nobody.text


@pytest.mark.parametrize(("token", "role"), [(ASK, "ask"), (MANAGE, "manage")])
def test_signing_in_works_with_either_token(token: str, role: str) -> None:
    client = guarded(BOTH)
    assert client.get("/", headers=PAGE).status_code == 401
    assert client.post("/sign-in", data={"token": "guess"}).status_code == 403
    assert client.post("/sign-in", data={"token": token}).status_code == 303
    first = client.get("/").json()
    assert first["role"] == role and first["client"] in client.cookies[COOKIE]
    assert token not in client.cookies[COOKIE]
    # Each browser is a client of its own; a made-up session proves nothing.
    client.post("/sign-in", data={"token": token})
    assert client.get("/").json()["client"] != first["client"]
    proof = client.cookies[COOKIE].partition(".")[2]
    assert guarded(BOTH).get("/", headers={"cookie": f"{COOKIE}=other.{proof}"}).status_code == 401


def test_who_may_ask_can_still_sign_in_to_manage() -> None:
    client = guarded(Access("", MANAGE))
    assert 'name="token"' in client.get("/sign-in", headers=PAGE).text
    assert client.post("/sign-in", data={"token": MANAGE}).status_code == 303
    assert client.post("/library/add").status_code == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"origin": HERE}, 200),
        ({"origin": "http://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": f"{HERE}:8000"}, 403),
        ({"sec-fetch-site": "same-origin", "origin": "http://evil.example"}, 200),
        ({"sec-fetch-site": "none"}, 200),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site", "origin": HERE}, 403),
    ],
)
def test_pages_of_other_sites_change_nothing(headers: dict[str, str], status: int) -> None:
    open_server, signed_in = guarded(Access()), guarded(BOTH)
    signed_in.post("/sign-in", data={"token": MANAGE})
    for client in (open_server, signed_in):
        assert client.post("/library/add", headers=headers).status_code == status
        assert client.get("/", headers=headers).status_code == 200
    assert guarded(BOTH).post("/library/add", headers=bearer(MANAGE) | headers).status_code == 200
    told = open_server.post("/", headers={"origin": "http://evil.example"}).json()
    assert told["error"]["message"] == say("en", "sent_from_elsewhere")


def test_no_other_site_signs_a_browser_in() -> None:
    client = guarded(BOTH)
    reply = client.post("/sign-in", data={"token": ASK}, headers={"origin": "http://evil.example"})
    assert reply.status_code == 403 and not client.cookies


@pytest.mark.parametrize(
    ("host", "name", "status"),
    [
        ("127.0.0.1", "127.0.0.1:7860", 200),
        ("127.0.0.1", "LOCALHOST:7860", 200),
        ("127.0.0.1", "[::1]:7860", 200),
        ("127.0.0.1", "evil.example:7860", 421),
        ("127.0.0.1", "127.0.0.1.evil.example", 421),
        ("127.0.0.1", "", 421),
        ("127.0.0.2", "127.0.0.2:7860", 200),
        ("::1", "[::1]", 200),
        ("0.0.0.0", "policies.example", 200),
    ],
)
def test_names_that_are_not_this_machine_are_refused(host: str, name: str, status: int) -> None:
    client = guarded(Access(host=host, open_to_all=True))
    for path in ("/", "/library"):
        assert client.get(path, headers={"host": name}).status_code == status


def test_no_token_is_shown() -> None:
    assert ASK not in repr(BOTH) and MANAGE not in repr(BOTH)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--host", "0.0.0.0", "--manager-token", "short"], "at least 12 characters"),
        (["--token", ASK, "--manager-token", ASK], "must be different"),
    ],
)
def test_tokens_are_checked_at_the_start(arguments: list[str], said: str) -> None:
    import typer

    command = typer.Typer()
    command.command()(app.main)
    done = CliRunner().invoke(command, arguments)
    assert (done.exit_code, done.stderr.count("\n")) == (1, 1)
    assert said in done.stderr and ASK not in done.stderr


# Guesses


def guess(client: TestClient, given: str, by: str) -> int:
    if by == "sign-in":
        return client.post("/sign-in", data={"token": given}).status_code
    return client.get("/v1/models", headers=bearer(given)).status_code


@pytest.mark.parametrize("by", ["sign-in", "bearer"])
def test_guesses_are_slowed_down_whichever_way_they_come(by: str) -> None:
    clock = SimpleNamespace(now=1000.0)
    server = behind_guard(BOTH, lambda: clock.now)
    client, other = seen_from("192.0.2.1", server), seen_from("192.0.2.2", server)
    wrong = 403 if by == "sign-in" else 401
    replies = []
    for n in range(MOST_WRONG + 2):
        replies.append(guess(client, f"guess {n}", by))
        clock.now += 1.0
    assert replies == [wrong] * MOST_WRONG + [429] * 2
    # Neither way is a token looked at now, be it the right one, and nobody else has to wait.
    for way in ("sign-in", "bearer"):
        assert guess(client, ASK, way) == 429
        assert guess(other, ASK, way) in (200, 303)
    told = client.get("/", headers=bearer(MANAGE))
    assert told.headers["retry-after"] == str(int(WITHIN) - MOST_WRONG - 2)
    assert told.json()["error"]["type"] == "rate_limit_error"
    page = client.post("/sign-in", data={"token": ASK}, headers=PAGE)
    assert say("zh", "sign_in_wait") in page.text and "retry-after" in page.headers
    clock.now += int(told.headers["retry-after"])
    assert guess(client, ASK, "bearer") == 200


def test_the_same_wrong_token_again_locks_nobody_out() -> None:
    server = behind_guard(BOTH, lambda: 0.0)
    client = seen_from("192.0.2.1", server)
    assert {guess(client, "mistyped", "bearer") for _ in range(3 * MOST_WRONG)} == {401}
    assert guess(seen_from("192.0.2.1", server), ASK, "bearer") == 200


def test_a_signed_in_browser_stays_so_while_its_address_must_wait() -> None:
    server = behind_guard(BOTH, lambda: 0.0)
    browser, guessing = seen_from("192.0.2.1", server), seen_from("192.0.2.1", server)
    guess(browser, ASK, "sign-in")
    for n in range(MOST_WRONG):
        guess(guessing, f"guess {n}", "bearer")
    assert guess(guessing, ASK, "bearer") == 429
    assert browser.get("/").status_code == 200
    assert guess(browser, "guess", "bearer") == 200


def test_cookies_made_from_guesses_are_slowed_down_and_old_ones_keep_nobody_out() -> None:
    server = behind_guard(BOTH, lambda: 0.0)
    guess(signed_in := seen_from("192.0.2.9", server), ASK, "sign-in")
    right = signed_in.cookies[COOKIE]
    client = seen_from("192.0.2.1", behind_guard(BOTH, lambda: 0.0))
    for n in range(MOST_WRONG):
        reply = client.get("/", headers={"cookie": f"{COOKIE}=session{n}.{'0' * 64}"})
        assert reply.status_code == 401
    assert client.get("/", headers={"cookie": f"{COOKIE}={right}"}).status_code == 401
    assert guess(client, ASK, "sign-in") == 303 and client.get("/").status_code == 200


def test_a_manager_is_told_to_wait_and_who_needs_no_token_is_served() -> None:
    client = guarded(Access("", MANAGE))
    for n in range(MOST_WRONG):
        assert guess(client, f"guess {n}", "bearer") == 200
    assert guess(client, "anything", "bearer") == 200
    assert client.post("/library/add", headers=bearer(MANAGE)).status_code == 429
    # Without any token there is nothing to guess.
    free = guarded(Access())
    assert {guess(free, f"key {n}", "bearer") for n in range(2 * MOST_WRONG)} == {200}


def test_requests_to_another_name_use_no_tries_up() -> None:
    client = guarded(BOTH)
    for n in range(2 * MOST_WRONG):
        headers = bearer(f"guess {n}") | {"host": "evil.example"}
        assert client.get("/", headers=headers).status_code == 421
    assert guess(client, ASK, "bearer") == 200


def test_a_network_of_addresses_counts_as_one_and_tokens_are_not_held() -> None:
    wrong = WrongTokens(lambda: 0.0)
    for n in range(MOST_WRONG):
        wrong.note(f"2001:db8::{n:x}", f"guess {n}".encode())
        wrong.note(f"::ffff:192.0.2.{n}", b"guess")
    assert wrong.wait("2001:db8::ffff") == WITHIN
    assert wrong.wait("2001:db8:0:1::1") == wrong.wait("192.0.2.1") == wrong.wait("unix") == 0
    assert "guess" not in str(vars(wrong))


# How much may be asked


def test_a_bucket_empties_and_fills_again() -> None:
    clock = SimpleNamespace(now=1000.0)
    rate = QuestionRate(20, lambda: clock.now)
    assert [rate.take("a") for _ in range(11)] == [0] * 10 + [3]
    assert rate.take("b") == 0
    clock.now += 2.9
    assert rate.take("a") == 1
    clock.now += 0.1
    assert (rate.take("a"), rate.take("a")) == (0, 3)
    clock.now += 600
    assert [rate.take("a") for _ in range(11)] == [0] * 10 + [3]


def test_a_minute_has_no_more_questions_than_allowed() -> None:
    clock = SimpleNamespace(now=0.0)
    rate = QuestionRate(6, lambda: clock.now)
    taken = 0
    for _ in range(600):  # ten minutes of impatience
        taken += rate.take("a") == 0
        clock.now += 1.0
    assert 60 <= taken <= 63


def test_the_line_serves_clients_in_turn() -> None:
    assistant = FakeAssistant()
    line = QuestionLine(assistant)
    first = line.ask("slow", client="a")
    wait_until_begun(assistant)
    more = [line.ask(f"a{n}", client="a") for n in (2, 3, 4)]
    other = [line.ask(f"b{n}", client="b") for n in (1, 2)]
    third = line.ask("c1", client="c")
    # Round by round: slow, b1, c1; a2, b2; a3; a4.
    assert [line.ahead(one) for one in (first, *more, *other, third)] == [0, 3, 5, 6, 1, 4, 2]
    more[0].give_up()
    assert [line.ahead(one) for one in more[1:]] == [4, 5]
    assistant.gate.set()
    more[-1].answering.result(10)
    assert assistant.asked == ["slow", "b1", "c1", "b2", "a3", "a4"]
    # Who comes to an idle line has nobody before, whatever was asked earlier.
    assert line.ahead(line.ask("again", client="a")) == 0
    line.close()


def wait_until_begun(assistant: FakeAssistant) -> None:
    pause = threading.Event()
    for _ in range(500):
        if assistant.asked:
            return
        pause.wait(0.01)
    raise AssertionError("the first question was not begun")


def test_a_client_has_three_waiting_at_most() -> None:
    assistant = FakeAssistant()
    line = QuestionLine(assistant, most_waiting=4)
    asked = [line.ask("slow", client="a"), *(line.ask("next", client="a") for _ in range(3))]
    with pytest.raises(TooManyError) as refused:
        line.ask("one more", client="a")
    assert (refused.value.key, refused.value.seconds >= 1) == ("fault_too_many_waiting", True)
    line.ask("another's", client="b")
    asked[2].give_up()
    line.ask("one more", client="a")
    with pytest.raises(LineFullError):
        line.ask("too many in all", client="c")
    assistant.gate.set()
    line.close()


def test_who_asks_too_fast_is_told_when_to_come_again() -> None:
    clock = SimpleNamespace(now=0.0)
    line = QuestionLine(FakeAssistant(), rate=QuestionRate(2, lambda: clock.now))
    line.ask("1", client="a").answering.result(5)
    with pytest.raises(TooManyError) as refused:
        line.ask("2", client="a")
    assert (refused.value.key, refused.value.seconds) == ("fault_too_fast", 30)
    line.ask("nobody's").answering.result(5)
    line.ask("nobody's").answering.result(5)
    clock.now += 30
    line.ask("2", client="a").answering.result(5)
    line.close()


@pytest.fixture(scope="module")
def slow_url() -> Iterator[str]:
    """A chat that answers one question a client in half an hour."""
    with serving(FakeAssistant(), rate=QuestionRate(2, clock=lambda: 0.0)) as url:
        yield url


@pytest.mark.parametrize("stream", [False, True])
def test_programs_are_told_by_429(slow_url: str, stream: bool) -> None:
    body: Any = {"messages": [{"role": "user", "content": "How many?"}], "stream": stream}
    for _ in range(2):
        reply = httpx.post(f"{slow_url}/v1/chat/completions", json=body)
    assert reply.status_code == 429
    assert reply.headers["retry-after"] == "30"
    error = reply.json()["error"]
    assert (error["type"], error["message"]) == ("rate_limit_error", say("en", "fault_too_fast"))
    assert httpx.post(f"{slow_url}/v1/search", json={"question": "x"}).status_code == 200
