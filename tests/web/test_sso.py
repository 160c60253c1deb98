"""Signing in at a real provider on this machine: who is let in, and what is not believed."""

from __future__ import annotations

import asyncio
import re
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from fakes_sso import KEY, Provided, provided
from fastapi import FastAPI, Request
from fastapi.testclient import TestClient
from oidc_provider import PASSWORD
from typer.testing import CliRunner

import app
from index.errors import StoreFault
from prompts.notices import notice
from rag.errors import SignOnFault
from rag.web.access import Access, client_of, role_of, visitor_of
from rag.web.asgi import within
from rag.web.guard import Guard
from rag.web.proxied import Proxied
from rag.web.rates import MOST_WRONG
from rag.web.signed import SECRET_VARIABLE, EndedError, Signed, session_secret
from rag.web.sso.provider import LEFT_ALONE, SKEW, Begun, Provider, named
from rag.web.sso.settings import SignOnSettings, check_collections, is_safe, read_settings
from rag.web.sso.signing_in import COOKIE, LEAVE_COOKIE, SignOn
from rag.web.texts import say

HERE = "http://127.0.0.1:7860"
BACK = f"{HERE}/sign-in/back"
ASK, MANAGE = "correct horse battery", "stapled by the manager"
PAGE = {"accept": "text/html", "accept-language": "en"}


@pytest.fixture(scope="module")
def running() -> Iterator[Provided]:
    with provided() as one:
        yield one


@pytest.fixture
def provider(running: Provided) -> Provided:
    running.as_it_was()
    running.knows(BACK, f"{HERE}/sign-in")
    return running


@pytest.fixture
def clock() -> SimpleNamespace:
    return SimpleNamespace(ahead=0.0)


def chat(
    settings: SignOnSettings, clock: SimpleNamespace | None = None, below: str = "", **more: Any
) -> FastAPI:
    """A server behind the guard that tells who asks."""
    ahead = clock or SimpleNamespace(ahead=0.0)
    sign_on = SignOn(settings, KEY, clock=lambda: time.time() + ahead.ahead)
    server = FastAPI()

    @server.api_route("/{path:path}", methods=["GET", "POST"])
    def tell(request: Request) -> dict[str, Any]:
        visitor = visitor_of(request)
        reads = visitor.reads if visitor.reads is None else sorted(visitor.reads)
        told = {"role": role_of(request), "client": client_of(request)}
        return {**told, "name": visitor.name, "reads": reads}

    server.add_middleware(Guard, access=Access(sign_on=sign_on, below=below, **more))
    server.add_middleware(Proxied, below=below)
    return server


def browser(server: FastAPI, base: str = HERE, address: str = "127.0.0.1") -> TestClient:
    return TestClient(server, base_url=base, follow_redirects=False, client=(address, 50000))


def at_provider(address: str, user: str = "li") -> str:
    """What the provider sends a browser back to, once somebody has signed in there."""
    reply = httpx.post(address, data={"user": user, "password": PASSWORD})
    assert reply.status_code == 302, reply.text
    return reply.headers["location"]


def signed_in(client: TestClient, user: str = "li", to: str = "/") -> Any:
    """What the chat replies to a browser that comes back."""
    begun = client.get("/sign-in/sso", params={"to": to})
    assert begun.status_code == 303, begun.text
    return client.get(at_provider(begun.headers["location"], user))


def alert(reply: Any) -> str:
    found = re.search(r'<p role="alert">(.*?)</p>', reply.text)
    return found.group(1) if found else ""


# Who is let in, and to what


@pytest.mark.parametrize(("user", "role"), [("li", "manage"), ("ann", "ask"), ("tax", "ask")])
def test_groups_give_a_role(provider: Provided, user: str, role: str) -> None:
    client = browser(chat(provider.settings()))
    first = client.get("/library", headers=PAGE)
    assert first.status_code == 401 and alert(first) == ""
    assert 'href="/sign-in/sso?to=%2Flibrary"' in first.text and 'name="token"' not in first.text
    back = signed_in(client, user, "/library?q=a&page=2")
    assert (back.status_code, back.headers["location"]) == (303, "/library?q=a&page=2")
    told = client.get("/").json()
    assert told["role"] == role
    assert client.post("/library/add").status_code == (200 if role == "manage" else 403)
    # One person at two browsers is one client.
    other = browser(chat(provider.settings()))
    signed_in(other, user)
    assert other.get("/").json()["client"] == told["client"]


def test_who_has_none_of_the_groups_is_told_so_and_can_leave(provider: Provided) -> None:
    client = browser(chat(provider.settings()))
    assert signed_in(client, "guest").status_code == 303
    refused = client.get("/", headers=PAGE)
    assert (refused.status_code, alert(refused)) == (403, say("en", "sign_in_no_group"))
    assert "Gu Est" in refused.text and 'action="/sign-out"' in refused.text
    told = client.get("/v1/models").json()["error"]
    assert told["message"] == say("en", "sign_in_no_group")


def test_without_groups_nobody_manages(provider: Provided) -> None:
    provider.tell(claims={"groups": None}, userinfo={"groups": None})
    strict, open_ = (browser(chat(provider.settings(ask=ask))) for ask in (("staff",), ("*",)))
    signed_in(strict)
    assert strict.get("/").status_code == 403
    signed_in(open_)
    assert open_.get("/").json()["role"] == "ask"
    assert open_.post("/library/add").status_code == 403


@pytest.mark.parametrize("groups", ["librarians", ["librarians"], [1], {"librarians": True}])
def test_groups_are_texts(provider: Provided, groups: Any) -> None:
    provider.tell(claims={"groups": groups}, userinfo={"groups": None})
    client = browser(chat(provider.settings(ask=("*",))))
    signed_in(client)
    right = groups in ("librarians", ["librarians"])
    assert client.get("/").json()["role"] == ("manage" if right else "ask")


def test_groups_may_come_with_the_user_info_of_the_same_person_alone(provider: Provided) -> None:
    provider.tell(claims={"groups": None})
    client = browser(chat(provider.settings()))
    signed_in(client)
    assert client.get("/").json()["role"] == "manage"
    provider.tell(userinfo={"sub": "somebody else"})
    other = browser(chat(provider.settings()))
    signed_in(other)
    assert other.get("/").status_code == 403


def test_groups_within_another_claim() -> None:
    claims = {"realm_access": {"roles": ["a"]}, "https://x.example/groups": ["b"], "one": "c"}
    assert named(claims, "realm_access.roles") == ("a",)
    assert named(claims, "https://x.example/groups") == ("b",)
    assert (named(claims, "one"), named(claims, "realm_access")) == (("c",), None)


def test_tokens_go_on_beside(provider: Provided) -> None:
    client = browser(chat(provider.settings(), token=ASK, manager_token=MANAGE))
    bearer = {"authorization": f"Bearer {MANAGE}"}
    assert client.get("/").status_code == 401
    assert client.get("/", headers=bearer).json()["role"] == "manage"
    signed_in(client, "ann")
    assert client.get("/").json()["role"] == "ask"
    page = client.get("/sign-in", headers=PAGE).text
    assert say("en", "signed_in_as", name="Ann Reader") in page and 'name="token"' in page
    # Whatever allows more holds.
    sent = client.post("/sign-in", data={"token": MANAGE, "to": "/library/add"})
    assert (sent.status_code, sent.headers["location"]) == (303, "/library/add")
    assert client.get("/").json()["role"] == "manage"


def test_nobody_does_anything_without_signing_in_unless_it_is_open(provider: Provided) -> None:
    assert browser(chat(provider.settings())).get("/").status_code == 401
    client = browser(chat(provider.settings(), open_to_all=True))
    assert client.get("/").json()["role"] == "ask"
    assert client.post("/library/add").status_code == 403
    assert browser(chat(provider.settings(), manager_token=MANAGE)).get("/").status_code == 401


# What is not believed


def test_a_reply_that_was_not_begun_here_is_refused(provider: Provided) -> None:
    server = chat(provider.settings())
    victim, other = browser(server), browser(server)
    location = other.get("/sign-in/sso").headers["location"]
    back = at_provider(location)
    refused = victim.get(back, headers=PAGE)
    assert (refused.status_code, COOKIE in victim.cookies) == (400, False)
    assert alert(refused) == str(notice("sso-again"))
    changed = re.sub("state=[^&]*", "state=" + "x" * 43, back)
    assert other.get(changed).status_code == 400
    assert other.get(back).status_code == 303
    # Once only: neither the state nor the code is taken again.
    assert other.get(back).status_code == 400


def test_a_code_is_asked_for_with_pkce_state_and_nonce(provider: Provided) -> None:
    client = browser(chat(provider.settings()))
    asked = parse_qs(urlsplit(client.get("/sign-in/sso").headers["location"]).query)
    assert asked["code_challenge_method"] == ["S256"] and len(asked["code_challenge"][0]) == 43
    assert len(asked["nonce"][0]) == len(asked["state"][0]) == 43
    assert (asked["redirect_uri"], asked["response_type"]) == ([BACK], ["code"])
    assert asked["scope"] == ["openid profile email"]
    # A code without its verifier, which the browser alone keeps, is worth nothing.
    back = at_provider(client.get("/sign-in/sso").headers["location"])
    code = parse_qs(urlsplit(back).query)["code"][0]
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK}
    reply = httpx.post(
        f"{provider.issuer}/token", data=form, auth=("tiaowen", "the secret of the client")
    )
    assert reply.status_code == 400


def now() -> int:
    return int(time.time())


@pytest.mark.parametrize(
    ("told", "right"),
    [
        ({"claims": {"iss": "https://elsewhere.example"}}, False),
        ({"claims": {"aud": "another"}}, False),
        ({"claims": {"aud": ["another", "tiaowen"]}}, False),
        ({"claims": {"aud": ["another", "tiaowen"], "azp": "tiaowen"}}, True),
        ({"claims": {"nonce": "of before"}}, False),
        ({"claims": {"at_hash": "of another"}}, False),
        ({"claims": {"sub": None}}, False),
        ({"claims": {"sub": ""}}, False),
        ({"claims": {"exp": "soon"}}, False),
        ({"signed": "none"}, False),
        ({"signed": "HS256"}, False),
        ({"signed": "stranger"}, False),
        ({}, True),
    ],
    ids=str,
)
def test_an_id_token_must_be_right_in_all(
    provider: Provided, told: dict[str, Any], right: bool
) -> None:
    provider.tell(**told)
    client = browser(chat(provider.settings()))
    reply = signed_in(client)
    assert reply.status_code == (303 if right else 403)
    assert (COOKIE in client.cookies) == right


@pytest.mark.parametrize(
    ("claim", "off", "right"),
    [("exp", -60, True), ("exp", -SKEW - 60, False), ("iat", 60, True), ("iat", SKEW + 60, False),
     ("nbf", SKEW + 60, False)],
)  # fmt: skip
def test_clocks_may_differ_a_little(provider: Provided, claim: str, off: int, right: bool) -> None:
    provider.tell(claims={claim: now() + off})
    assert signed_in(browser(chat(provider.settings()))).status_code == (303 if right else 403)


def test_the_provider_may_change_its_keys(provider: Provided) -> None:
    client = browser(chat(provider.settings()))
    assert signed_in(client).status_code == 303
    provider.tell(rotate=True)
    assert signed_in(client).status_code == 303


@pytest.mark.parametrize(
    "told",
    [
        {"issuer": "http://127.0.0.1:1"},
        {"token_endpoint": "http://elsewhere.example/token"},
        {"jwks_uri": "ftp://127.0.0.1/jwks"},
        {"authorization_endpoint": None},
        {"end_session_endpoint": "javascript:alert(1)"},
    ],
    ids=str,
)
def test_what_a_provider_tells_of_itself_must_be_right(
    provider: Provided, told: dict[str, Any]
) -> None:
    provider.tell(discovery=told)
    refused = browser(chat(provider.settings())).get("/sign-in/sso", headers=PAGE)
    assert (refused.status_code, alert(refused)) == (403, str(notice("sso-refused")))


def test_who_gives_up_at_the_provider_is_told_so(provider: Provided) -> None:
    client = browser(chat(provider.settings()))
    asked = parse_qs(urlsplit(client.get("/sign-in/sso").headers["location"]).query)
    told = {"error": "access_denied", "state": asked["state"][0]}
    refused = client.get("/sign-in/back", params=told, headers=PAGE)
    assert (refused.status_code, alert(refused)) == (403, str(notice("sso-given-up")))


def test_made_up_codes_are_slowed_down(provider: Provided) -> None:
    client = browser(chat(provider.settings()))
    replies = []
    for n in range(MOST_WRONG + 1):
        asked = parse_qs(urlsplit(client.get("/sign-in/sso").headers["location"]).query)
        told = {"state": asked["state"][0], "code": f"guess {n}"}
        replies.append(client.get("/sign-in/back", params=told).status_code)
    assert replies == [403] * MOST_WRONG + [429]


def test_nothing_but_made_up_codes_slows_down_and_tokens_never(provider: Provided) -> None:
    client = browser(chat(provider.settings(), token=ASK))
    right = {"authorization": f"Bearer {ASK}"}

    def come_back(**told: str) -> int:
        asked = parse_qs(urlsplit(client.get("/sign-in/sso").headers["location"]).query)
        params = {"state": asked["state"][0], **told}
        return int(client.get("/sign-in/back", params=params).status_code)

    # As pictures in a page elsewhere ask for it: nothing was begun.
    for n in range(MOST_WRONG + 1):
        params = {"state": f"s{n}", "code": f"c{n}"}
        assert client.get("/sign-in/back", params=params).status_code == 400
    given_up = [come_back(error=f"e{n}", code=f"c{n}") for n in range(MOST_WRONG + 1)]
    assert given_up == [403] * (MOST_WRONG + 1)
    assert come_back(code="guess") == 403
    guesses = [come_back(code=f"guess {n}") for n in range(MOST_WRONG)]
    assert guesses[-1] == 429
    assert client.get("/", headers=right).status_code == 200
    assert client.post("/sign-in", data={"token": ASK}).status_code == 303


def test_a_provider_that_is_away_is_told_of_in_one_sentence() -> None:
    with provided() as gone:
        settings = gone.settings()
    client = browser(chat(settings, token=ASK))
    refused = client.get("/sign-in/sso", headers=PAGE)
    assert (refused.status_code, alert(refused)) == (503, str(notice("sso-away")))
    assert 'name="token"' in refused.text
    assert client.get("/", headers={"authorization": f"Bearer {ASK}"}).status_code == 200
    chinese = client.get("/sign-in/sso", headers=PAGE | {"accept-language": "zh-CN"})
    assert alert(chinese).startswith("目前无法连接")


def test_a_provider_that_is_away_is_asked_by_one_at_a_time_and_then_left_alone() -> None:
    asked: list[str] = []

    class Away(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            time.sleep(0.1)
            self.send_error(503)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    now = [1000.0]
    with ThreadingHTTPServer(("127.0.0.1", 0), Away) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        issuer = f"http://127.0.0.1:{server.server_port}"
        settings = SignOnSettings(issuer=issuer, client="chat", ask=("*",))
        provider = Provider(settings, lambda: now[0])

        async def many() -> list[Any]:
            begun = [provider.address(Begun.anew("/"), BACK) for _ in range(20)]
            return await asyncio.gather(*begun, return_exceptions=True)

        async def ever_later() -> None:
            for later, times in ((0.0, 1), (LEFT_ALONE - 0.1, 1), (LEFT_ALONE + 0.1, 2)):
                now[0] = 1000.0 + later
                told = await many()
                assert {str(one) for one in told} == {str(notice("sso-away"))}
                assert len(asked) == times

        asyncio.run(ever_later())
        server.shutdown()


@pytest.mark.parametrize(
    ("given", "to"),
    [
        ("/library?q=税&x=1", "/library?q=%E7%A8%8E&x=1"),
        ("/articles/a%23第一条", "/articles/a%23%E7%AC%AC%E4%B8%80%E6%9D%A1"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("/\t/evil.example", "/"),
        ("https://evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("evil.example", "/"),
        ("/a\r\nset-cookie: x=1", "/"),
        ("/sign-in/back?code=1", "/"),
        ("/sign-out", "/"),
        ("/" + "a" * 1500, "/"),
        ("/library?q=" + "税" * 200, "/"),
        ("", "/"),
    ],
)
def test_one_goes_on_within_the_chat_alone(given: str, to: str) -> None:
    assert within(given) == to


def test_the_address_to_go_on_to_cannot_be_changed_on_the_way(provider: Provided) -> None:
    client = browser(chat(provider.settings()))
    assert signed_in(client, to="//evil.example").headers["location"] == "/"
    back = at_provider(client.get("/sign-in/sso", params={"to": "/library"}).headers["location"])
    assert client.get(f"{back}&to=//evil.example").headers["location"] == "/library"


# Sessions


def test_a_session_ends(provider: Provided, clock: SimpleNamespace) -> None:
    client = browser(chat(provider.settings(hours=2), clock))
    signed_in(client)
    clock.ahead = 2 * 3600 - 60
    assert client.get("/").status_code == 200
    clock.ahead = 2 * 3600 + 60
    ended = client.get("/library", headers=PAGE)
    assert (ended.status_code, alert(ended)) == (401, say("en", "sign_in_ended"))
    assert client.get("/v1/models").json()["error"]["message"] == say("en", "sign_in_ended")


def test_a_session_is_signed_and_kept_from_scripts(provider: Provided) -> None:
    server = chat(provider.settings())
    client = browser(server)
    told = [one for one in signed_in(client).headers.get_list("set-cookie") if COOKIE in one]
    assert len(told) == 1
    assert told[0].endswith("; Path=/; HttpOnly; SameSite=Lax")
    given = client.cookies[COOKIE]
    payload, _, _ = given.rpartition(".")
    for forged in (payload, f"{payload}.{'A' * 43}", given[:-2], Signed(b"x" * 32, "session").write(
        {"subject": "a", "account": "a", "name": "a", "groups": ["librarians"], "session": "a"},
        time.time() + 99,
    )):  # fmt: skip
        assert browser(server).get("/", headers={"cookie": f"{COOKIE}={forged}"}).status_code == 401
    # What is signed for a sign-in under way is no session, and a server with the same secret
    # knows the person.
    begun = Signed(KEY, "sign-in").write({"groups": ["librarians"]}, time.time() + 99)
    assert browser(server).get("/", headers={"cookie": f"{COOKIE}={begun}"}).status_code == 401
    another = browser(chat(provider.settings()))
    assert another.get("/", headers={"cookie": f"{COOKIE}={given}"}).json()["name"] == "李馆员"


def test_what_groups_may_do_is_what_the_server_has_been_told_since(provider: Provided) -> None:
    client = browser(chat(provider.settings()))
    signed_in(client)
    kept = {"cookie": f"{COOKIE}={client.cookies[COOKIE]}"}
    assert client.get("/").json()["role"] == "manage"
    later = browser(chat(provider.settings(manage=("others",))))
    assert later.get("/", headers=kept).json()["role"] == "ask"
    closed = browser(chat(provider.settings(ask=("others",), manage=())))
    assert closed.get("/", headers=kept).status_code == 403


def test_signing_out_ends_the_session_here_and_there(provider: Provided) -> None:
    client = browser(chat(provider.settings()))
    signed_in(client)
    elsewhere = client.post("/sign-out", headers={"origin": "http://evil.example"})
    assert elsewhere.status_code == 403 and COOKIE in client.cookies
    page = client.post("/sign-out", headers=PAGE)
    assert page.status_code == 200 and not client.cookies
    assert client.get("/").status_code == 401
    found = re.search(r'http-equiv="refresh" content="0; url=([^"]*)"', page.text)
    assert found
    onward = found.group(1).replace("&amp;", "&")
    asked = parse_qs(urlsplit(onward).query)
    assert asked["post_logout_redirect_uri"] == [f"{HERE}/sign-in"]
    assert asked["client_id"] == ["tiaowen"] and asked["id_token_hint"][0].count(".") == 2
    left = httpx.get(onward)
    assert (left.status_code, left.headers["location"]) == (302, f"{HERE}/sign-in")
    assert provider.tell()["ended"] == ["sub-li"]


def test_signing_out_while_the_provider_is_away() -> None:
    with provided() as gone:
        gone.knows(BACK)
        client = browser(chat(gone.settings(), SimpleNamespace(ahead=0.0)))
        signed_in(client)
        ahead = SimpleNamespace(ahead=120.0)
        later = browser(chat(gone.settings(), ahead))
        kept = {name: client.cookies[name] for name in (COOKIE, LEAVE_COOKIE)}
    page = later.post(
        "/sign-out", headers=PAGE | {"cookie": "; ".join(f"{a}={b}" for a, b in kept.items())}
    )
    assert page.status_code == 200 and "refresh" not in page.text
    assert say("en", "signed_out") in page.text
    assert alert(page) == str(notice("sso-left-here", name="City account"))


def test_signing_out_of_a_token(provider: Provided) -> None:
    client = browser(chat(provider.settings(), token=ASK))
    client.post("/sign-in", data={"token": ASK})
    assert client.get("/").status_code == 200
    page = client.post("/sign-out", headers=PAGE)
    assert page.status_code == 200 and "refresh" not in page.text
    assert client.get("/").status_code == 401


# Behind proxies, and below a path


@pytest.mark.parametrize("passed_on", [True, False])
def test_it_works_behind_a_proxy_and_below_a_path(provider: Provided, passed_on: bool) -> None:
    from rag.web.origins import host_names

    site = "https://office.example/tiaowen"
    provider.knows(f"{site}/sign-in/back", f"{site}/sign-in")
    server = chat(provider.settings(), below="/tiaowen", allow_hosts=host_names(["office.example"]))
    client = TestClient(
        server, base_url="http://127.0.0.1:7860", follow_redirects=False, client=("127.0.0.1", 1)
    )
    told = {"x-forwarded-proto": "https", "x-forwarded-host": "office.example"}
    root = "/tiaowen" if passed_on else ""
    kept: dict[str, str] = {}

    def get(path: str, method: str = "GET", **more: Any) -> Any:
        client.cookies.clear()
        cookies = {"cookie": "; ".join(f"{name}={value}" for name, value in kept.items())}
        reply = client.request(method, root + path, headers=told | PAGE | cookies, **more)
        for one in reply.headers.get_list("set-cookie"):
            name, _, rest = one.partition("=")
            kept[name] = rest.partition(";")[0]
            assert "; Secure" in one and "HttpOnly" in one
            assert re.search(r"; Path=/tiaowen(/sign-in|/sign-out)?;", one)
        return reply

    refused = get("/library")
    assert 'href="/tiaowen/sign-in/sso?to=%2Flibrary"' in refused.text
    begun = get("/sign-in/sso?to=/library")
    back = at_provider(begun.headers["location"])
    assert back.startswith(f"{site}/sign-in/back?")
    came = get(back.removeprefix(site))
    assert (came.status_code, came.headers["location"]) == (303, "/tiaowen/library")
    assert get("/").json()["role"] == "manage"
    left = get("/sign-out", "POST")
    assert "post_logout_redirect_uri=https%3A%2F%2Foffice.example%2Ftiaowen%2Fsign-in" in left.text


def test_the_address_may_be_given(provider: Provided) -> None:
    address = "https://chat.example/x"
    client = browser(chat(provider.settings(address=address), token=ASK))
    begun = client.get("/sign-in/sso")
    asked = parse_qs(urlsplit(begun.headers["location"]).query)
    assert asked["redirect_uri"] == [f"{address}/sign-in/back"]
    # Though the proxy before it speaks http with it.
    by_token = client.post("/sign-in", data={"token": ASK})
    left = client.post("/sign-out")
    for reply in (begun, by_token, left):
        told = reply.headers.get_list("set-cookie")
        assert told and all("; Secure" in one for one in told)
    plain = browser(chat(provider.settings(), token=ASK)).get("/sign-in/sso")
    assert "Secure" not in plain.headers["set-cookie"]


# Settings, and what is signed with


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "sso.toml"
    path.write_text(text, "utf-8")
    return path


GOOD = 'issuer = "https://login.example/realms/city"\nclient = "tiaowen"\nask = ["*"]\n'


def test_settings_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIAOWEN_SSO_SECRET", "whispered")
    text = GOOD + 'manage = ["librarians"]\nhours = 4\n[collections]\ntax-1 = ["tax-office"]\n'
    settings = read_settings(write(tmp_path, text))
    assert (settings.secret, settings.hours, settings.shown) == ("whispered", 4, "login.example")
    assert "whispered" not in repr(settings)
    assert settings.named == {"*", "librarians", "tax-office"}
    assert settings.readable(["tax-office"]) == {"tax-1"} and not settings.readable(["others"])
    check_collections(settings, ["default", "tax-1"], damaged=False)
    with pytest.raises(SignOnFault, match="no collection tax-1"):
        check_collections(settings, ["default"], damaged=False)
    check_collections(settings, ["default"], damaged=True)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("issuer = ", "cannot be read"),
        (GOOD.replace("https://login", "http://login"), "issuer: must be an https address"),
        (GOOD + 'manage = ["*"]', "manage: must name groups"),
        (GOOD + 'scopes = ["profile"]', "scopes: must hold openid"),
        (GOOD + "hours = 0", "hours: "),
        (GOOD + 'asks = ["x"]', "asks: "),
        (GOOD + '[collections]\ndefault = ["x"]', "collections: the default collection"),
        (GOOD.replace('ask = ["*"]', ""), "lets nobody in"),
        ('client = "x"', "issuer: "),
    ],
)
def test_settings_that_are_wrong_are_told(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(SignOnFault) as refused:
        read_settings(write(tmp_path, text))
    assert said in str(refused.value) and "\n" not in str(refused.value)


def test_a_chat_with_wrong_settings_does_not_start(tmp_path: Path) -> None:
    import typer

    command = typer.Typer()
    command.command()(app.main)
    path = write(tmp_path, GOOD.replace("https://login", "http://login"))
    done = CliRunner().invoke(command, ["--host", "0.0.0.0", "--sso", str(path)])
    assert (done.exit_code, done.stderr.count("\n")) == (1, 1)
    assert str(path) in done.stderr and "https" in done.stderr


@pytest.mark.parametrize(
    ("address", "safe"),
    [
        ("https://login.example/a", True),
        ("http://127.0.0.1:8080", True),
        ("http://localhost", True),
        ("http://[::1]:1", True),
        ("http://login.example", False),
        ("http://127.0.0.1.evil.example", False),
        ("https://user@login.example", False),
        ("https:///a", False),
        ("ftp://127.0.0.1", False),
        ("https://login.example:port", False),
    ],
)
def test_only_https_but_for_this_machine(address: str, safe: bool) -> None:
    assert is_safe(address) is safe


def test_the_secret_is_made_once_and_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(SECRET_VARIABLE, raising=False)
    first = session_secret(tmp_path / "library")
    assert session_secret(tmp_path / "library") == first and len(first) >= 64
    (path,) = (tmp_path / "library" / "keys").iterdir()
    assert path.stat().st_mode & 0o777 == 0o600
    path.write_text("short")
    with pytest.raises(StoreFault, match="too short"):
        session_secret(tmp_path / "library")
    monkeypatch.setenv(SECRET_VARIABLE, "short")
    with pytest.raises(StoreFault, match=SECRET_VARIABLE):
        session_secret(tmp_path)
    monkeypatch.setenv(SECRET_VARIABLE, "s" * 40)
    assert session_secret(tmp_path) == b"s" * 40


def test_a_signed_value_has_its_end_and_its_purpose() -> None:
    signed = Signed(KEY, "one")
    text = signed.write({"a": 1}, 100)
    assert signed.read(text, 99) == {"a": 1}
    assert Signed(KEY, "another").read(text, 99) is None
    assert signed.read("", 99) is None and signed.read(text[:-1], 99) is None
    with pytest.raises(EndedError):
        signed.read(text, 100)
