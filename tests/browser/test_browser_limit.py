"""The list of documents to ask in, in Chromium: by mouse and keyboard, on a phone and a screen."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from fakes_app import SHOW, FakeAssistant, FakeLibrary, make_documents
from playwright.sync_api import Browser, Page, expect
from visiting import profiles

from rag.schema import Language
from rag.web.texts import say

pytestmark = pytest.mark.browser

QUESTIONS: dict[Language, str] = {"zh": "到2030年建成多少示范社区？", "en": "How many by 2030?"}
VISITS: list[tuple[Language, int]] = [("zh", 390), ("en", 390), ("zh", 1280), ("en", 1280)]
Visit = Callable[..., Page]


@pytest.fixture
def assistant() -> FakeAssistant:
    """Holds ten documents, so that the list can be searched."""
    documents = make_documents()
    more = {
        f"more-{n}": replace(documents["plain"], id=f"more-{n}", title=f"第{n}号补充文件")
        for n in range(7)
    }
    return FakeAssistant(FakeLibrary(documents | more))


@pytest.fixture
def visit(browser: Browser, url: str) -> Iterator[Visit]:
    """Opens the chat in a new browser profile; at the end no error may have been met."""
    with profiles(browser, url) as opened:

        def open_page(language: Language = "zh", width: int = 1280, address: str = "/") -> Page:
            page = opened(address, language, width)
            expect(page.locator(".limit summary")).to_be_visible()
            return page

        yield open_page


def ask(page: Page, question: str) -> None:
    page.locator("#question textarea").fill(question)
    page.keyboard.press("Enter")


def fits(page: Page) -> bool:
    """Whether nothing stands out of the window sideways."""
    width: int = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    return width <= 0


@pytest.mark.parametrize(("language", "width"), VISITS)
def test_documents_are_chosen_by_keyboard_and_taken_off_one_by_one(
    visit: Visit, assistant: FakeAssistant, language: Language, width: int
) -> None:
    page = visit(language, width)
    summary = page.locator(".limit summary")
    expect(summary).to_have_text(say(language, "limit_all"))
    summary.focus()
    page.keyboard.press("Enter")
    search = page.get_by_label(say(language, "limit_search"))
    page.keyboard.press("Tab")
    expect(search).to_be_focused()
    page.keyboard.type("nothing like it")
    expect(page.locator(".limit .none")).to_have_text(say(language, "limit_none"))
    expect(page.locator(".limit li:visible")).to_have_count(0)
    search.fill("示范〔2024〕")
    expect(page.locator(".limit li:visible")).to_have_count(1)
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    chips = page.locator(".chip.only")
    expect(chips).to_have_count(1)
    search.fill("")
    boxes = page.locator('.limit [data-action="tick"]')
    expect(boxes.nth(0)).to_be_checked()
    for place in (2, 4):
        boxes.nth(place).focus()
        page.keyboard.press("Space")
        expect(boxes.nth(place)).to_be_focused()
    expect(chips).to_have_count(3)
    expect(summary).to_have_text(say(language, "limit_some", count=3))
    expect(page.locator("#announced")).to_have_text(say(language, "limit_some", count=3))
    assert fits(page)
    page.keyboard.press("Escape")
    expect(summary).to_be_focused()
    expect(boxes.nth(0)).to_be_hidden()
    ask(page, QUESTIONS[language])
    expect(page.locator(".answer .citation")).to_have_count(1)
    assert assistant.limits == [("show", "plain", "more-1")]
    expect(page.locator(".limited")).to_contain_text("无日期文件")
    remove = page.locator('[data-action="take-off"]')
    remove.nth(1).focus()
    page.keyboard.press("Enter")
    expect(chips).to_have_count(2)
    expect(remove.nth(1)).to_be_focused()
    page.keyboard.press("Enter")
    expect(chips).to_have_count(1)
    expect(remove.nth(0)).to_be_focused()
    page.keyboard.press("Enter")
    expect(chips).to_have_count(0)
    expect(page.locator("#question textarea")).to_be_focused()
    expect(summary).to_have_text(say(language, "limit_all"))
    ask(page, QUESTIONS[language])
    expect(page.locator(".answer .citation")).to_have_count(2)
    assert assistant.limits[-1] == ()


@pytest.mark.parametrize(("language", "width"), VISITS)
def test_a_refusal_within_a_limit_offers_all_documents(
    visit: Visit, assistant: FakeAssistant, language: Language, width: int
) -> None:
    page = visit(language, width, "/?document=plain")
    expect(page.locator(".chip.only")).to_contain_text("无日期文件")
    ask(page, QUESTIONS[language])
    again = page.get_by_role("button", name=say(language, "limit_ask_in_all"))
    expect(again).to_be_visible()
    assert fits(page)
    again.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".answer .citation")).to_have_count(1)
    assert assistant.asked == [QUESTIONS[language]] * 2
    assert (assistant.limits, assistant.previous) == ([("plain",), ()], [(), ()])
    expect(page.locator(f'.cited [data-clause="{SHOW}"]')).to_have_count(1)
    expect(page.locator(".turn").nth(0).locator(".limited")).to_have_count(1)
    expect(page.locator(".turn").nth(1).locator(".limited")).to_have_count(0)
    # The limit of the next question is the reader's to lift.
    expect(page.locator(".chip.only")).to_have_count(1)
    page.locator(".limit summary").click()
    page.locator('.limit [data-action="anywhere"]').click()
    expect(page.locator(".chip.only")).to_have_count(0)
    expect(page).to_have_url(re.compile(r"/$"))


def test_the_choice_outlives_a_reload_and_a_change_of_language(
    visit: Visit, assistant: FakeAssistant
) -> None:
    page = visit("en", 1280)
    page.locator(".limit summary").click()
    page.locator(".limit li label").nth(2).click()
    page.locator(".limit li label").nth(0).click()
    expect(page.locator(".chip.only")).to_have_count(2)
    page.get_by_role("button", name="中文").click()
    expect(page.locator(".limit summary")).to_have_text(say("zh", "limit_some", count=2))
    page.reload()
    expect(page.locator(".chip.only")).to_have_count(2)
    expect(page.locator(".limit summary")).to_have_text(say("zh", "limit_some", count=2))
    ask(page, QUESTIONS["zh"])
    expect(page.locator(".answer .citation")).to_have_count(1)
    assert assistant.limits == [("plain", "show")]
    page.locator(".limit summary").click()
    # What opens stays in its column, with the question box in sight.
    bounds = page.locator("#talk").bounding_box(), page.locator("#ask").bounding_box()
    assert bounds[0] is not None and bounds[1] is not None
    assert bounds[1]["x"] < bounds[0]["x"] + bounds[0]["width"]
    assert bounds[1]["y"] + bounds[1]["height"] <= 844
    page.locator(".limit li label").nth(2).click()
    expect(page.locator(".chip.only")).to_have_count(1)
    page.reload()
    expect(page.locator(".limited")).to_contain_text("无日期文件")
    expect(page.locator(".chip.only")).to_have_count(1)
    ask(page, QUESTIONS["zh"])
    expect(page.locator(".answer .citation")).to_have_count(2)
    assert assistant.limits[-1] == ("show",)
