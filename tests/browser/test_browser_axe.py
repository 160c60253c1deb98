"""Accessibility in Chromium, by axe-core: every page and state of the chat, in both languages.

Light and dark, on a phone and a laptop. Violations that axe calls serious or critical fail.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from fakes_app import HOSTILE, FakeAssistant, FakeLibrary, serving
from fakes_journeys import journey_documents
from fakes_library import PATHS, library_with_documents
from playwright.sync_api import Browser, Page, expect
from visiting import barriers, profile

from rag.web.feedback.store import FeedbackStore

pytestmark = pytest.mark.browser

# On a wider screen nothing is placed otherwise that axe looks at; tests/layout.js looks there too.
WIDTHS = (390, 1280)
QUESTIONS = {"zh-CN": "到2030年建成多少示范社区？", "en-US": "How many by 2030?"}


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    assistant = FakeAssistant(FakeLibrary(journey_documents()))
    store = FeedbackStore(tmp_path_factory.mktemp("judged") / "feedback.sqlite")
    with serving(assistant, feedback=store, library=library_with_documents()) as address:
        yield address
        assistant.gate.set()


@contextmanager
def visiting(browser: Browser, address: str, locale: str, scheme: Any) -> Iterator[Page]:
    with profile(browser, locale=locale, color_scheme=scheme) as context:
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.goto(address)
        yield page


def violations(page: Page) -> list[str]:
    """What axe finds grave, at each width."""
    found = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") == width
        found += [f"{width} {each}" for each in barriers(page)]
    return found


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("locale", ["zh-CN", "en-US"])
def test_the_chat_has_no_grave_barrier(
    browser: Browser, url: str, locale: str, scheme: str
) -> None:
    states: dict[str, list[str]] = {}
    with visiting(browser, url, locale, scheme) as page:
        expect(page.locator(".welcome")).to_be_visible()
        dark = page.evaluate("document.body.classList.contains('dark')")
        assert dark is (scheme == "dark")
        page.locator(".library summary").click()
        states["welcome"] = violations(page)
        page.locator(".limit summary").click()
        page.locator(".limit label").first.click()
        page.locator(".limit label").nth(1).click()
        expect(page.locator(".chip.only")).to_have_count(2)
        states["documents chosen"] = violations(page)
        page.locator('.chosen [data-action="anywhere"]').click()
        expect(page.locator(".chip.only")).to_have_count(0)
        box = page.locator("#question textarea")
        box.fill(QUESTIONS[locale])
        box.press("Enter")
        expect(page.locator(".suggested").first).to_be_visible()
        expect(page.locator(".panel h2")).to_be_visible()
        page.locator(".found summary").click()
        states["answered"] = violations(page)
        page.locator('.judging [data-act="down"]').click()
        page.locator('.judge button[type="submit"]').click()
        expect(page.locator(".judging .fault")).to_be_visible()
        states["judging"] = violations(page)
        page.locator('.judge [data-act="cancel"]').click()
        page.locator('.judging [data-act="up"]').click()
        expect(page.locator(".thanks")).to_be_visible()
        states["judged"] = violations(page)
        box.fill("Mars? 火星？")
        box.press("Enter")
        expect(page.locator(".answer.refused")).to_be_visible()
        states["refused"] = violations(page)
        box.fill("broken 坏")
        box.press("Enter")
        expect(page.locator(".fault")).to_be_visible()
        page.locator(".edit").first.click()
        expect(page.locator(".chip.editing")).to_be_visible()
        page.locator(".earlier summary").click()
        states["fault, editing, earlier conversations"] = violations(page)
        page.locator(".nearest .clause").nth(1).click()
        expect(page.locator(".panel h2")).to_contain_text(HOSTILE[:7])
        states["a machine-made rendition"] = violations(page)
        page.goto(f"{url}/?clause=damaged%23第一条")
        page.locator(".originals summary").click()
        expect(page.locator(".original").first).to_be_visible()
        states["repaired text, a link's clause"] = violations(page)
        page.goto(f"{url}/?document=show")
        expect(page.locator(".chip.only")).to_be_visible()
        states["kept to a document"] = violations(page)
        page.goto(f"{url}/feedback")
        page.locator("article.judged summary").first.click()
        states["the evaluators' page"] = violations(page)
    assert states == {state: [] for state in states}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("locale", ["zh-CN", "en-US"])
def test_signing_in_has_no_grave_barrier(browser: Browser, locale: str, scheme: str) -> None:
    states = []
    with (
        serving(
            FakeAssistant(), "correct horse battery", "staple", library=library_with_documents()
        ) as address,
        visiting(browser, address, locale, scheme) as page,
    ):
        states.append(violations(page))
        page.locator("#token").fill("wrong")
        page.locator("button").click()
        expect(page.get_by_role("alert")).to_be_visible()
        states.append(violations(page))
        page.locator("#token").fill("correct horse battery")
        page.locator("button").click()
        expect(page.locator(".welcome")).to_be_visible()
        for path in ("/library", "/library/add", "/feedback"):  # for who manages, not for this one
            page.goto(address + path)
            states.append(violations(page))
    assert states == [[]] * 5


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("locale", ["zh-CN", "en-US"])
def test_the_plain_pages_have_no_grave_barrier(
    browser: Browser, url: str, locale: str, scheme: str
) -> None:
    found: dict[str, list[str]] = {}
    paths = (*PATHS, "/documents/damaged", "/documents/none")
    with visiting(browser, url, locale, scheme) as page:
        for path in paths:
            page.goto(url + path)
            page.evaluate("document.querySelectorAll('details').forEach((one) => one.open = true)")
            found[path] = violations(page)
        page.goto(f"{url}/library/previews/own-2")
        page.locator("#issued_on").fill("2025-02-30")
        page.locator('button[value="confirm"]').click()
        expect(page.locator(".problem")).to_be_visible()
        found["a form refused"] = violations(page)
        page.goto(f"{url}/library/add")
        page.locator("input[type=file]").set_input_files(
            {"name": "broken.txt", "mimeType": "text/plain", "buffer": b"x"}
        )
        page.locator("form.upload button").click()
        expect(page.locator(".results .bad")).to_be_visible()
        found["a file refused"] = violations(page)
    assert found == {path: [] for path in found}


def test_a_barrier_is_found(browser: Browser, url: str) -> None:
    with visiting(browser, url, "en-US", "light") as page:
        expect(page.locator(".welcome")).to_be_visible()
        page.evaluate("document.querySelector('.welcome').style.color = '#ddd'")
        assert any("color-contrast" in one for one in violations(page))
