"""Comparing in Chromium: chosen in the page, read by keyboard, saved as a Word file; axe."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pytest
from docx import Document as WordDocument
from fakes_app import FakeAssistant, serving
from fakes_compared import WithFacts, compared_documents
from playwright.sync_api import expect
from visiting import Visitor, barriers

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    documents = compared_documents()
    library = WithFacts(documents)
    with serving(FakeAssistant(library)) as address:
        yield address


def test_two_texts_are_chosen_and_compared(visitor: Visitor, url: str) -> None:
    page = visitor.page
    page.goto(url)
    visitor.link("navigation_compare").click()
    visitor.sound()
    assert barriers(page) == []
    visitor.field("compare_old").select_option("old")
    visitor.field("compare_new").select_option("new")
    visitor.button("compare_go").click()
    expect(page.locator(".row")).to_have_count(8)
    visitor.sound()
    assert barriers(page) == []
    # A line of the list leads to its articles.
    page.locator(".lines a").nth(2).focus()
    page.keyboard.press("Enter")
    expect(page.locator(".row:target")).to_be_in_viewport()
    lines = "getComputedStyle(document.querySelector('{}')).textDecorationLine"
    assert page.evaluate(lines.format("del")) == "line-through"
    assert page.evaluate(lines.format("ins")) == "underline"
    visitor.link("compare_show_all").click()
    expect(page.locator(".row")).to_have_count(9)
    with page.expect_download() as downloading:
        visitor.link("compare_word").click()
    made = WordDocument(io.BytesIO(downloading.value.path().read_bytes()))
    assert len(made.paragraphs) > 12


def test_two_plans_and_a_document_of_its_own(visitor: Visitor, url: str) -> None:
    page = visitor.page
    page.goto(f"{url}/compare?old=sea&new=hills")
    expect(page.locator(".halves")).to_have_count(2)
    visitor.sound()
    assert barriers(page) == []
    page.goto(f"{url}/documents/new")
    visitor.link("compare_before", version="2020").click()
    expect(page.locator(".row").first).to_be_visible()
    page.goto(f"{url}/documents/new")
    page.locator(".related summary").click()
    expect(page.locator(".related svg")).to_be_visible()
    visitor.sound()
    assert barriers(page) == []
    page.goto(f"{url}/compare?old=gone&new=new")
    expect(page.get_by_role("alert")).to_be_visible()
    visitor.sound()
    assert barriers(page) == []
