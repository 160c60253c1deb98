"""The plain pages in Chromium: both languages, three widths, keyboard, uploads, progress."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fakes_app import FakeAssistant, serving
from fakes_library import ARTICLE, PATHS, QUOTE, SPAN, TEXT, FakeOwn, library_with_documents
from playwright.sync_api import Browser, Page, expect
from visiting import profiles

from index.library.library import Work
from rag.schema import Language
from rag.web.texts import say

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def own() -> FakeOwn:
    return library_with_documents()


@pytest.fixture(scope="module")
def url(own: FakeOwn) -> Iterator[str]:
    with serving(FakeAssistant(), library=own) as address:
        yield address


@pytest.fixture
def visit(browser: Browser, url: str) -> Iterator[Any]:
    """Opens a page in a new browser profile; at the end no script may have failed."""
    with profiles(browser, url, 800, 15_000) as opened:

        def open_page(
            path: str, language: Language = "en", width: int = 1280, **options: Any
        ) -> Page:
            return opened(path, language, width, **options)

        yield open_page


@pytest.mark.parametrize("width", [390, 1280, 1920])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_page_is_wider_than_its_window(
    visit: Any, url: str, language: Language, width: int
) -> None:
    page = visit("/library", language, width)
    for path in PATHS:
        page.goto(url + path)
        assert page.evaluate("document.documentElement.scrollWidth") == width, path
        expect(page.locator("h1")).to_be_visible()
        assert page.evaluate("window.harmed") is None


def test_the_contents_are_at_the_side_and_folded_on_a_phone(visit: Any) -> None:
    wide = visit("/documents/show", "en", 1280)
    link = wide.locator(".contents a").last
    expect(link).to_be_visible()
    link.click()
    expect(wide).to_have_url(re.compile("#c2$"))
    expect(wide.locator("#c2")).to_be_in_viewport()
    narrow = visit("/documents/show", "en", 390)
    expect(narrow.locator(".contents a").last).to_be_hidden()
    narrow.locator(".contents summary").click()
    narrow.locator(".contents a").last.click()
    expect(narrow.locator("#c2")).to_be_in_viewport()
    expect(narrow.locator(".contents a").last).to_be_hidden()


def test_without_a_script_the_pages_can_be_used(visit: Any) -> None:
    page = visit("/documents/show", "en", 1280, java_script_enabled=False)
    expect(page.locator(".contents a").last).to_be_visible()
    page.get_by_role("link", name="Library").first.click()
    page.get_by_label("Title, number or issuer").fill("示範社區")
    page.get_by_role("button", name="Search").click()
    expect(page.locator(".rows li")).to_have_count(1)
    page.get_by_role("link", name="中文").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hans")
    expect(page.locator(".rows li")).to_have_count(1)
    # The choice holds on the next page, which is not asked for in a language.
    page.locator(".rows a").first.click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hans")


def test_a_sentence_and_its_english_light_up_together_by_mouse_and_keys(visit: Any) -> None:
    page = visit("/documents/show")
    pairs = page.locator("#c1 .pair")
    expect(pairs).to_have_count(4)

    def ground(place: int) -> str:
        shown: str = pairs.nth(place).evaluate("one => getComputedStyle(one).backgroundColor")
        return shown

    calm = ground(1)
    pairs.nth(1).locator("[lang=en]").hover()
    assert ground(1) != calm
    page.mouse.move(0, 0)
    page.locator("#c1 h3 a").focus()
    page.keyboard.press("Tab")
    expect(pairs.nth(0)).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(pairs.nth(1)).to_be_focused()
    assert ground(1) != calm and ground(0) == calm
    page.keyboard.press("ArrowUp")
    expect(pairs.nth(0)).to_be_focused()


def test_the_first_stop_of_the_keyboard_skips_to_the_content(visit: Any) -> None:
    page = visit("/library")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    expect(page.locator(".skip")).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_the_link_of_an_article_is_copied_with_its_quote(visit: Any, url: str) -> None:
    page = visit(ARTICLE + "?quote=" + SPAN)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    expect(page.locator("mark.quote")).to_be_in_viewport()
    button = page.locator("[data-copy-link]")
    button.click()
    expect(button).to_have_text(say("en", "copied"))
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == f"{url}{ARTICLE}?quote={SPAN}"
    page.goto(copied)
    expect(page.locator("mark.quote")).to_be_in_viewport()


def test_the_open_article_of_the_chat_leads_to_its_page_with_the_quote(visit: Any) -> None:
    page = visit("/")
    page.locator("#question textarea").fill("How many by 2030?")
    page.keyboard.press("Enter")
    page.locator(".answer .citation").click()
    page.get_by_role("link", name="Open in the document").click()
    expect(page.locator("mark.quote")).to_have_text(QUOTE)
    page.get_by_role("link", name="Open in the document").click()
    expect(page.locator("#c1")).to_be_in_viewport()
    page.get_by_role("navigation", name="Pages").get_by_role("link", name="Chat").click()
    expect(page.locator("#question textarea")).to_be_visible()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_files_are_sent_checked_confirmed_followed_and_removed(
    visit: Any, own: FakeOwn, tmp_path: Path, language: Language
) -> None:
    good, bad = tmp_path / "办法.txt", tmp_path / "broken.pdf"
    good.write_text(TEXT, "utf-8")
    bad.write_bytes(b"x")
    page = visit("/library", language)
    page.get_by_role("link", name=say(language, "library_add")).click()
    page.locator("input[type=file]").set_input_files([good, bad])
    page.get_by_role("button", name=say(language, "add_send")).click()
    expect(page.locator(".results .good").first).to_contain_text("办法.txt")
    expect(page.locator(".results .bad")).to_contain_text("<b>give</b>")
    page.locator(".results .good a").first.click()
    expect(page.locator("tbody tr")).to_have_count(3)
    issued = page.get_by_label(say(language, "form_issued_on"))
    issued.fill("2025-02-30")
    confirm = page.get_by_role("button", name=say(language, "add_confirm"))
    confirm.click()
    expect(page.locator(".problem")).to_have_text(say(language, "form_no_day"))
    expect(issued).to_have_value("2025-02-30")
    issued.fill("2025-02-03")
    own.now = Work("embedding", 1, 4, None)
    confirm.click()
    state = page.locator("[data-held] .state")
    expect(state).to_have_text(say(language, "held_waiting"))
    expect(page.locator(".doing")).to_have_text(say(language, "work_embedding"))
    expect(page.locator(".read")).to_be_hidden()
    own.now = Work("translating", 3, 4, None)
    expect(page.locator(".doing")).to_have_text(say(language, "work_translating"))
    assert page.locator("progress").evaluate("one => one.value") == 3
    own.finish()
    expect(state).to_have_text(say(language, "held_translated"))
    expect(page.locator(".read")).to_be_visible()
    expect(page.locator(".how-far")).to_be_hidden()
    page.get_by_role("link", name=say(language, "held_remove")).click()
    page.get_by_role("button", name=say(language, "remove_yes")).click()
    expect(page.locator(".held li").last).to_contain_text(say(language, "held_removing"))


def test_an_upload_over_the_limit_is_told_before_and_after_it_is_sent(
    visit: Any, own: FakeOwn
) -> None:
    before = len(own.staged)
    large = {"name": "a.txt", "mimeType": "text/plain", "buffer": b"x" * (21 * 2**20)}
    page = visit("/library/add")
    page.locator("input[type=file]").set_input_files([large])
    page.get_by_role("button", name=say("en", "add_send")).click()
    expect(page.locator(".sending")).to_contain_text("20 MB each")
    bare = visit("/library/add", java_script_enabled=False)
    bare.locator("input[type=file]").set_input_files([large])
    bare.get_by_role("button", name=say("en", "add_send")).click()
    expect(bare.locator("h1")).to_contain_text("20 MB each")
    assert len(own.staged) == before
