"""Signing in at a provider in Chromium: in, with a wrong group, after a session's end, and out."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
from fakes_app import FakeAssistant, serving
from fakes_library import library_with_documents
from fakes_sso import KEY, Provided, provided
from oidc_provider import PASSWORD
from playwright.sync_api import Browser, Page, expect
from visiting import barriers, profiles

from prompts.notices import notice
from rag.schema import Language
from rag.web.access import Access
from rag.web.sso.signing_in import COOKIE, SignOn
from rag.web.texts import LANGUAGES, say

pytestmark = pytest.mark.browser
# There are two servers to wait for.
expect.set_options(timeout=20_000)

TOKEN = "correct horse battery"
BOTH = pytest.mark.parametrize("language", LANGUAGES)


@dataclass
class City:
    """A chat whose visitors sign in at a provider, and its clock."""

    url: str
    provider: Provided
    clock: SimpleNamespace = field(default_factory=lambda: SimpleNamespace(ahead=0.0))


@pytest.fixture(scope="module")
def running() -> Iterator[City]:
    with provided() as provider:
        clock = SimpleNamespace(ahead=0.0)
        sign_on = SignOn(provider.settings(), KEY, clock=lambda: time.time() + clock.ahead)
        assistant = FakeAssistant()
        access = Access(token=TOKEN, sign_on=sign_on)
        with serving(assistant, library=library_with_documents(), access=access) as url:
            yield City(url, provider, clock)


@pytest.fixture
def city(running: City) -> City:
    running.provider.as_it_was()
    running.provider.knows(f"{running.url}/sign-in/back", f"{running.url}/sign-in")
    running.clock.ahead = 0.0
    return running


@pytest.fixture
def visit(browser: Browser, city: City) -> Iterator[Any]:
    with profiles(browser, city.url) as opened:
        yield opened


def go_to_provider(page: Page, language: Language) -> None:
    page.get_by_role("link", name=say(language, "sign_in_at", name="City account")).click()


def sign_in(page: Page, language: Language, user: str) -> None:
    go_to_provider(page, language)
    expect(page.get_by_role("heading", name="Provider")).to_be_visible()
    page.get_by_label("User").fill(user)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def sign_out(page: Page, language: Language) -> None:
    page.get_by_role("button", name=say(language, "sign_out"), exact=True).click()
    # By way of the provider, which sends the browser back.
    expect(page).to_have_url(re.compile("/sign-in$"))
    expect(page.get_by_role("link", name=re.compile("City account"))).to_be_visible()


def ask(page: Page, question: str) -> None:
    page.locator("#question textarea").fill(question)
    page.keyboard.press("Enter")


@BOTH
def test_one_signs_in_asks_and_signs_out(visit: Any, city: City, language: Language) -> None:
    page: Page = visit("/library?q=a", language)
    assert barriers(page) == []
    sign_in(page, language, "li")
    expect(page).to_have_url(f"{city.url}/library?q=a")
    account = page.get_by_role("link", name=say(language, "account_of", name="李馆员"))
    expect(account).to_be_visible()
    expect(page.get_by_role("link", name=say(language, "library_add"))).to_be_visible()
    page.goto(city.url)
    expect(account).to_be_visible()
    ask(page, "How many communities?")
    expect(page.locator(".answer:not(.streaming)")).to_be_visible()
    (kept,) = (one for one in page.context.cookies() if one.get("name") == COOKIE)
    assert kept.get("httpOnly") and kept.get("sameSite") == "Lax"

    account.click()
    expect(page.locator(".who")).to_have_text(say(language, "signed_in_as", name="李馆员"))
    assert barriers(page) == []
    sign_out(page, language)
    assert city.provider.tell()["ended"] == ["sub-li"]
    assert not [one for one in page.context.cookies() if one.get("name") == COOKIE]
    page.goto(city.url)
    expect(page.locator("#question")).to_have_count(0)
    # The provider asks for the password again, for it has been left, too.
    go_to_provider(page, language)
    expect(page.get_by_label("Password")).to_be_visible()


@BOTH
def test_a_wrong_group_is_told_and_another_account_can_be_taken(
    visit: Any, city: City, language: Language
) -> None:
    page: Page = visit("/", language)
    sign_in(page, language, "guest")
    expect(page.get_by_role("alert")).to_have_text(say(language, "sign_in_no_group"))
    expect(page.locator(".who")).to_contain_text("Gu Est")
    assert barriers(page) == []
    sign_out(page, language)
    sign_in(page, language, "ann")
    # Where the provider sent the browser back to tells who is signed in.
    page.goto(city.url)
    ask(page, "How many communities?")
    expect(page.locator(".answer:not(.streaming)")).to_be_visible()
    page.goto(f"{city.url}/library/add")
    expect(page.locator("main")).to_contain_text(say(language, "manage_only"))
    page.goto(f"{city.url}/feedback")
    expect(page.get_by_role("alert")).to_have_text(say(language, "manager_group"))


@BOTH
def test_a_session_ends_and_one_goes_on_where_one_was(
    visit: Any, city: City, language: Language
) -> None:
    page: Page = visit("/", language)
    sign_in(page, language, "ann")
    ask(page, "How many communities?")
    expect(page.locator(".answer:not(.streaming)")).to_be_visible()
    city.clock.ahead = 9 * 3600.0
    ask(page, "And after the end?")
    expect(page.get_by_role("alert")).to_have_text(say(language, "sign_in_ended"))
    assert barriers(page) == []
    city.clock.ahead = 0.0  # as the provider's is, whose tokens would be too old
    # The provider knows the person still: nothing has to be typed.
    go_to_provider(page, language)
    expect(page.locator("#question textarea")).to_be_visible()
    expect(page.locator(".turn")).to_have_count(1)
    expect(page.locator("#question textarea")).to_have_value("And after the end?")
    ask(page, "How many now?")
    expect(page.locator(".turn")).to_have_count(2)
    expect(page.locator(".turn").last.locator(".answer:not(.streaming)")).to_be_visible()


def test_the_provider_is_away(browser: Browser) -> None:
    with provided() as gone:
        sign_on = SignOn(gone.settings(), KEY)
    access = Access(token=TOKEN, sign_on=sign_on)
    with serving(FakeAssistant(), access=access) as url, profiles(browser, url) as opened:
        page: Page = opened("/", "zh")
        go_to_provider(page, "zh")
        alert = page.get_by_role("alert")
        expect(alert).to_have_text(notice("sso-away").told_in("zh"))
        assert barriers(page) == []
        page.get_by_label(say("zh", "sign_in_token")).fill(TOKEN)
        page.keyboard.press("Enter")
        expect(page.locator("#question textarea")).to_be_visible()
