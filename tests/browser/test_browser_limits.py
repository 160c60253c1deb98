"""In Chromium: a client that asks too fast reads so in the page, and signs in to manage."""

from __future__ import annotations

import pytest
from fakes_app import ANSWERS, FakeAssistant, serving
from playwright.sync_api import Browser, expect

from rag.schema import Language
from rag.web.rates import QuestionRate
from rag.web.texts import say

pytestmark = pytest.mark.browser
TOKEN = "correct horse battery"


@pytest.mark.parametrize(("locale", "language"), [("zh-CN", "zh"), ("en-GB", "en")])
def test_a_question_too_many_is_refused_in_the_page(
    browser: Browser, locale: str, language: Language
) -> None:
    rate = QuestionRate(2, clock=lambda: 0.0)
    with serving(FakeAssistant(), TOKEN, rate=rate) as url:
        page = browser.new_page(locale=locale)
        page.goto(url)
        expect(page.locator("#token")).to_be_focused()
        page.keyboard.type(TOKEN)
        page.keyboard.press("Enter")
        box = page.locator("#question textarea")
        for question in ("How many communities?", "And how many more?"):
            box.fill(question)
            box.press("Enter")
            expect(page.locator("#ask")).to_be_enabled()
            expect(page.locator("h2.question").last).to_contain_text(question)
        expect(page.locator(".answer").first).to_contain_text(ANSWERS["en"])
        alert = page.get_by_role("alert")
        expect(alert).to_have_count(1)
        expect(alert).to_contain_text(say(language, "fault_too_fast"))
        # What was refused can be asked again; another browser asks on.
        expect(page.get_by_role("button", name=say(language, "ask_again"))).to_be_visible()
        other = browser.new_page(locale=locale)
        other.goto(url)
        other.fill("#token", TOKEN)
        other.keyboard.press("Enter")
        other.locator("#question textarea").fill("How many communities?")
        other.locator("#question textarea").press("Enter")
        expect(other.locator(".answer").first).to_contain_text(ANSWERS["en"])
        page.close()
        other.close()


def test_a_page_of_another_address_cannot_post(browser: Browser) -> None:
    with serving(FakeAssistant()) as url:
        page = browser.new_page()
        form = f'<form method="post" action="{url}/library/add"><button>win</button></form>'
        page.route(
            "http://elsewhere.test/",
            lambda route: route.fulfill(content_type="text/html", body=form),
        )
        page.goto("http://elsewhere.test/")
        with page.expect_response(f"{url}/library/add") as sent:
            page.get_by_role("button").click()
        assert sent.value.status == 403
        expect(page.get_by_role("alert")).to_contain_text(say("en", "sent_from_elsewhere"))
        page.close()
