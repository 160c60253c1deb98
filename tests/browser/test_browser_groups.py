"""What groups make of the pages in Chromium: a collection that some read, and who changed what."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from fakes_collections import DATA, TAX, add, serving_world, shut, started
from fakes_sso import KEY, provided
from oidc_provider import PASSWORD
from playwright.sync_api import Browser, Page, expect
from visiting import barriers, profiles

from rag.schema import Language
from rag.web.access import Access
from rag.web.sso.signing_in import SignOn
from rag.web.texts import LANGUAGES, say

pytestmark = pytest.mark.browser
expect.set_options(timeout=20_000)


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with ExitStack() as running:
        provider = running.enter_context(provided())
        world = running.enter_context(started(tmp_path_factory.mktemp("world")))
        tax = world.collections.create("Tax", False)
        world.collections.create("Open", False)
        add(world.collections.get().library, DATA, "数据条例.txt")
        add(tax.library, TAX, "税务办法.txt")
        settings = provider.settings(collections={tax.id: ("tax-office",)})
        access = Access(sign_on=SignOn(settings, KEY))
        url = running.enter_context(serving_world(shut(world, tax.id), access))
        provider.knows(f"{url}/sign-in/back", f"{url}/sign-in")
        yield url


@pytest.fixture
def visit(browser: Browser, url: str) -> Iterator[Any]:
    """Opens an address for somebody who signs in for it."""
    with profiles(browser, url) as opened:

        def signed_in(user: str, address: str, language: Language, width: int = 1280) -> Page:
            page: Page = opened(address, language, width, accept_downloads=True)
            page.locator(".provider a").click()
            page.get_by_label("User").fill(user)
            page.get_by_label("Password").fill(PASSWORD)
            page.get_by_role("button", name="Sign in").click()
            expect(page.get_by_role("link", name=re.compile("Account|账号"))).to_be_visible()
            return page

        yield signed_in


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_collection_is_asked_by_its_group_alone(visit: Any, language: Language) -> None:
    page: Page = visit("ann", "/", language)
    choice = page.get_by_label(say(language, "collection"), exact=True)
    expect(choice.locator("option")).to_have_count(2)
    assert "Tax" not in choice.inner_text()
    page = visit("tax", "/", language)
    choice = page.get_by_label(say(language, "collection"), exact=True)
    choice.select_option("Tax")
    page.locator("#question textarea").fill("第二条讲了什么？")
    page.keyboard.press("Enter")
    expect(page.locator(".answer")).to_contain_text("网上办理退税")


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("language", LANGUAGES)
def test_who_changed_what(visit: Any, language: Language, width: int) -> None:
    page: Page = visit("li", "/library", language, width)
    page.get_by_role("link", name=say(language, "audit_title")).click()
    rows = page.locator("tbody tr")
    expect(rows).to_have_count(6)
    assert barriers(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") == width
    page.get_by_label(say(language, "audit_search")).fill("税务")
    page.keyboard.press("Enter")
    expect(rows).to_have_count(2)
    with page.expect_download() as saved:
        page.get_by_role("link", name=say(language, "audit_save")).click()
    assert saved.value.suggested_filename.endswith(".csv")
    assert saved.value.path().read_text("utf-8-sig").count("\n") == 3
    page.get_by_label(say(language, "audit_day")).fill("2020-01-01")
    page.keyboard.press("Enter")
    expect(page.locator(".empty")).to_have_text(say(language, "audit_none"))
    assert barriers(page) == []
