"""Keys of an input method, and the browser's Back and Forward, in Chromium."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest
from fakes_app import FakeAssistant, serving
from fakes_library import library_with_documents
from playwright.sync_api import Page, expect
from visiting import Visitor

pytestmark = pytest.mark.browser

# What browsers tell of a key that belongs to a composition: while it lasts, and after its end.
COMPOSING = (
    {"isComposing": True, "keyCode": 229},
    {"isComposing": True, "keyCode": 27},
    {"isComposing": False, "keyCode": 229},
)
PRESS = """(element, {key, how}) => {
  const event = new KeyboardEvent('keydown', {key, ...how, bubbles: true, cancelable: true});
  return element.dispatchEvent(event);
}"""


@pytest.fixture
def assistant() -> FakeAssistant:
    return FakeAssistant()


@pytest.fixture
def url(assistant: FakeAssistant) -> Iterator[str]:
    with serving(assistant, library=library_with_documents()) as address:
        yield address
        assistant.gate.set()


def press(page: Page, selector: str, key: str, how: Mapping[str, object] | None = None) -> bool:
    """Press a key in an element, as an input method does or plainly; whether nothing was done."""
    place = page.locator(selector).first
    return bool(place.evaluate(PRESS, {"key": key, "how": how or {"keyCode": 0}}))


def test_keys_of_a_composition_change_nothing_in_the_question(
    visitor: Visitor, url: str, assistant: FakeAssistant
) -> None:
    page = visitor.page
    page.goto(url)
    visitor.ask("How many communities?")
    visitor.answered(1)
    page.locator('[data-action="edit"]').click()
    expect(page.locator("#chips .editing")).to_be_visible()
    box = page.locator("#question textarea")
    expect(box).to_have_value("How many communities?")
    page.wait_for_timeout(500)  # The server's own value comes once more behind the page's.
    box.fill("示范社区的目标")
    for how in COMPOSING:
        for key in ("Escape", "Enter", "ArrowDown"):
            assert press(page, "#question textarea", key, how)
    page.wait_for_timeout(500)
    expect(box).to_have_value("示范社区的目标")
    expect(page.locator("#chips .editing")).to_be_visible()
    assert len(assistant.asked) == 1
    box.press("Escape")
    expect(page.locator("#chips .editing")).to_have_count(0)
    expect(box).to_have_value("")


def test_keys_of_a_composition_leave_other_fields_and_texts_alone(
    visitor: Visitor, url: str
) -> None:
    page = visitor.page
    page.goto(url)
    visitor.ask("How many communities?")
    visitor.answered(1)
    page.locator("#limit summary").click()
    for how in COMPOSING:
        press(page, "#limit [data-action='tick']", "Escape", how)
    assert page.locator("#limit details.limit").evaluate("list => list.open")
    press(page, "#limit [data-action='tick']", "Escape")
    assert not page.locator("#limit details.limit").evaluate("list => list.open")
    for address in (None, f"{url}/articles/show%23四/(十二)"):
        if address:
            page.goto(address)
        first = page.locator(".pair").first
        first.focus()
        for how in COMPOSING:
            press(page, ".pair", "ArrowDown", how)
        expect(first).to_be_focused()
        first.press("ArrowDown")
        expect(first).not_to_be_focused()


def test_enter_plainly_still_asks(visitor: Visitor, url: str, assistant: FakeAssistant) -> None:
    visitor.page.goto(url)
    visitor.ask("示范社区建成多少个？")
    visitor.answered(1)
    assert assistant.asked == ["示范社区建成多少个？"]


def test_back_closes_a_citation_and_forward_opens_it_again(visitor: Visitor, url: str) -> None:
    page = visitor.page
    page.goto(f"{url}/library")
    page.goto(url)
    visitor.ask("How many communities?")
    visitor.answered(1)
    citation = page.locator(".citation").first
    for _ in range(2):  # However often it is opened, one step leads back.
        citation.click()
        expect(page.locator(".panel h2")).to_be_visible()
    page.go_back()
    expect(page.locator("#panel .empty")).to_be_visible()
    expect(page.locator(".turn")).to_have_count(1)
    expect(citation).to_be_focused()
    page.go_forward()
    expect(page.locator(".panel h2")).to_be_visible()
    page.go_back()
    expect(page.locator("#panel .empty")).to_be_visible()
    page.go_back()
    expect(page).to_have_url(f"{url}/library")
