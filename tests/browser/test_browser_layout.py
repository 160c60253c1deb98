"""The layout of real documents in Chromium: long titles, many articles, tables of contents.

What counts as broken is in tests/layout.js, and that it is found is tested here too.
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

import pytest
from fakes_app import serving
from fakes_journeys import SteppedAssistant, built_in_library
from playwright.sync_api import Browser, expect
from visiting import LAYOUT, Visitor, visiting

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def assistant() -> SteppedAssistant:
    return SteppedAssistant(built_in_library())


@pytest.fixture(scope="module")
def url(assistant: SteppedAssistant) -> Iterator[str]:
    with serving(assistant) as address:
        yield address


def test_the_built_in_documents_are_legible(
    visitor: Visitor, url: str, assistant: SteppedAssistant
) -> None:
    page = visitor.page
    documents = [one for one in assistant.index.documents.values() if len(one.clauses) > 4]
    assert len(documents) == 5
    page.goto(f"{url}/library")
    expect(page.locator(".rows li")).to_have_count(len(assistant.index.documents))
    visitor.sound()
    for document in documents:
        page.goto(f"{url}/documents/{document.id}")
        expect(page.locator("section.clause")).to_have_count(len(document.clauses))
        visitor.sound()
    longest = max(
        (one for each in documents for one in each.clauses), key=lambda one: len(one.text)
    )
    page.goto(f"{url}/articles/{quote(longest.id)}")
    expect(page.locator("h1")).to_have_text(visitor.choose(longest.label, longest.label_en))
    visitor.sound()
    page.goto(f"{url}/?clause={quote(longest.id)}")
    expect(page.locator(".panel h2")).to_have_text(visitor.choose(longest.label, longest.label_en))
    page.locator(".library summary").click()
    visitor.sound()


@pytest.mark.parametrize(
    ("spoilt", "told"),
    [
        ("body::after { content: ''; display: block; width: 500px; height: 1px }", "sideways"),
        (".welcome { width: 3000px !important }", "cut off"),
        (".welcome { position: relative; left: -60px }", "stands out of the window"),
        (".examples { margin-top: -40px !important }", "lie"),
        (".gradio-container .example { height: 10px; overflow: hidden }", "cut off"),
        ("#question textarea { height: 12px !important; padding: 0 !important }", "the hint in"),
    ],
)
def test_a_broken_layout_is_found(browser: Browser, url: str, spoilt: str, told: str) -> None:
    with visiting(browser, "en", 390) as visitor:
        visitor.page.goto(url)
        expect(visitor.page.locator(".welcome")).to_be_visible()
        visitor.sound()
        visitor.page.add_style_tag(content=spoilt)
        assert any(told in fault for fault in visitor.page.evaluate(LAYOUT))
