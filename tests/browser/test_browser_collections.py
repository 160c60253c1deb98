"""Collections in Chromium: made, filled, chosen and left, in both languages and two widths."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from fakes_collections import DATA, TAX, World, add, serving_world, started
from playwright.sync_api import Browser, Page, expect
from visiting import profiles

from rag.schema import Language
from rag.web.texts import say

pytestmark = pytest.mark.browser

BOTH = pytest.mark.parametrize(
    ("language", "width"), [("zh", 390), ("zh", 1280), ("en", 390), ("en", 1280)]
)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[World, str]]:
    with started(tmp_path_factory.mktemp("world")) as made, serving_world(made) as url:
        yield made, url


@pytest.fixture
def world(served: tuple[World, str]) -> Iterator[World]:
    """The collections, with none but the default one before each test."""
    collections = served[0].collections
    yield served[0]
    for one in collections.all()[1:]:
        collections.remove(one.id, with_documents=True)


@pytest.fixture
def visit(browser: Browser, served: tuple[World, str]) -> Iterator[Any]:
    """Opens a page in a new browser profile; at the end no script may have failed."""
    with profiles(browser, served[1], 800, 10_000) as opened:
        yield opened


def fits(page: Page, width: int) -> None:
    assert page.evaluate("document.documentElement.scrollWidth") == width


@BOTH
def test_a_collection_is_made_filled_asked_and_removed(
    visit: Any, world: World, language: Language, width: int
) -> None:
    page: Page = visit("/library", language, width)
    page.get_by_role("link", name=say(language, "collection_new")).click()
    fits(page, width)
    page.get_by_label(say(language, "collection_name")).fill("税务 Tax")
    page.get_by_label(say(language, "collection_with_builtin")).uncheck()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    current = page.locator(".collections [aria-current]")
    expect(current).to_have_text("税务 Tax")
    expect(page.locator(".empty")).to_have_text(say(language, "library_empty"))
    tax = world.collections.all()[1]
    assert not tax.with_builtin
    fits(page, width)

    page.get_by_role("link", name=say(language, "library_add")).click()
    page.get_by_label(say(language, "add_files")).set_input_files(
        {"name": "税务办法.txt", "mimeType": "text/plain", "buffer": TAX.encode()}
    )
    page.get_by_role("button", name=say(language, "add_send")).click()
    page.get_by_role("link", name=say(language, "add_check")).click()
    page.get_by_role("button", name=say(language, "add_confirm")).click()
    expect(page).to_have_url(re.compile(f"collection={tax.id}$"))
    page.locator(".state-line .read").click()
    # By then it may have an English title too.
    expect(page.locator(".about")).to_contain_text("示范市税务办法")
    fits(page, width)

    # From the document to the chat about it, in its collection.
    page.get_by_role("link", name=say(language, "ask_about_document")).click()
    choice = page.get_by_label(say(language, "collection"), exact=True)
    expect(choice).to_have_value(tax.id)
    expect(page.locator(".chip.only")).to_be_visible()
    fits(page, width)
    page.locator("#question textarea").fill("第二条讲了什么？")
    page.keyboard.press("Enter")
    expect(page.locator(".answer")).to_contain_text("网上办理退税")
    page.locator(".answer .citation").first.click()
    expect(page.locator(".panel mark.quote")).to_contain_text("网上办理退税")
    page.locator(".panel a.tool").click()
    expect(page.locator("h1")).to_contain_text("8")
    expect(page).to_have_url(re.compile(f"collection={tax.id}"))

    page.goto(page.url.partition("/articles")[0] + f"/library?collection={tax.id}")
    page.get_by_role("link", name=say(language, "collection_change", name="税务 Tax")).click()
    page.get_by_role("link", name=say(language, "collection_remove")).click()
    fits(page, width)
    expect(page.locator("form.asking p").first).to_contain_text("1")
    page.get_by_role("button", name=say(language, "remove_yes")).click()
    expect(page.locator(".collections li")).to_have_count(1)
    expect(page.locator(".rows li")).to_have_count(1)


@BOTH
def test_a_conversation_belongs_to_one_collection(
    visit: Any, world: World, language: Language, width: int
) -> None:
    tax = world.collections.create("Tax", False)
    data = world.collections.create("数据政策", False)
    held = add(tax.library, TAX)
    add(data.library, DATA)
    page: Page = visit("/", language, width)
    choice = page.get_by_label(say(language, "collection"), exact=True)
    expect(choice.locator("option")).to_have_text(
        [say(language, "collection_default"), "Tax", "数据政策"]
    )
    box = page.locator("#question textarea")
    box.fill("第二条讲了什么？")
    page.keyboard.press("Enter")
    expect(page.locator(".answer")).to_contain_text("设立外贸资金")

    # By the keyboard: another collection, and with it a new conversation. The focus stays.
    choice.focus()
    choice.select_option("Tax")
    expect(page.locator(".welcome")).to_be_visible()
    expect(choice).to_have_value(tax.id)
    expect(choice).to_be_focused()
    expect(page).to_have_url(re.compile(f"collection={tax.id}$"))
    expect(page.locator(".example").first).to_have_text(re.compile("示税|8"))
    fits(page, width)
    box.fill("第二条讲了什么？")
    page.keyboard.press("Enter")
    expect(page.locator(".answer")).to_contain_text("网上办理退税")
    expect(page.locator(".turn")).to_have_count(1)
    page.reload()
    expect(page.locator(".answer")).to_contain_text("网上办理退税")
    expect(page.locator(".answer .citation")).to_have_attribute("data-clause", f"{held.id}#第二条")

    # The earlier conversation is kept, with its collection.
    page.locator("#earlier summary").click()
    expect(page.locator("#earlier .reopen")).to_have_count(2)
    page.locator("#earlier .reopen").nth(1).click()
    expect(page.locator(".answer")).to_contain_text("设立外贸资金")
    expect(choice).to_have_value("")
    expect(page).not_to_have_url(re.compile("collection="))
    page.reload()
    expect(page.locator(".answer")).to_contain_text("设立外贸资金")

    # Removed meanwhile: the page says so, and goes on elsewhere.
    choice.select_option("数据政策")
    expect(page.locator(".welcome")).to_be_visible()
    world.collections.remove(data.id, with_documents=True)
    box.fill("第二条讲了什么？")
    page.keyboard.press("Enter")
    expect(page.locator(".turn .fault")).to_contain_text(say(language, "fault_no_collection"))
    choice.select_option("Tax")
    expect(page.locator(".welcome")).to_be_visible()


def test_what_an_older_page_kept_still_opens(visit: Any, world: World) -> None:
    world.collections.create("Tax", False)
    page: Page = visit("/", "en", 1280)
    box = page.locator("#question textarea")
    box.fill("第二条讲了什么？")
    page.keyboard.press("Enter")
    expect(page.locator(".answer")).to_contain_text("设立外贸资金")
    kept = page.evaluate("JSON.parse(localStorage['tiaowen.conversations'])[0].kept")
    assert "collection" not in kept
    page.get_by_label("Collection", exact=True).select_option("Tax")
    expect(page.locator(".welcome")).to_be_visible()
    page.locator("#earlier summary").click()
    page.locator("#earlier .reopen").first.click()
    expect(page.locator(".answer")).to_contain_text("设立外贸资金")


def test_an_address_of_no_collection_is_told(visit: Any, world: World) -> None:
    page: Page = visit("/?collection=nope&document=base", "en", 1280)
    expect(page.locator("#chips .fault")).to_have_text(say("en", "missing_collection"))
    expect(page).not_to_have_url(re.compile("collection="))
    page.goto(page.url.partition("/?")[0] + "/library?collection=nope")
    expect(page.locator("h1")).to_have_text(say("en", "collection_unknown"))
