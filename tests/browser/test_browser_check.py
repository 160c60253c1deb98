"""Checking a text in Chromium: by keyboard and mouse, saved as files, and without barriers."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from docx import Document
from fakes_app import FakeAssistant, FakeLibrary, serving
from fakes_journeys import journey_documents
from playwright.sync_api import expect
from visiting import Visitor, barriers

pytestmark = pytest.mark.browser

TEXTS = {
    "zh": "示范〔2024〕1号第十二条规定，到2030年，建成示范社区50个。\n"
    "同一文件第十二条又说建成示范社区80个。\n依第某条办理；《渔港条例》第三条除外。",
    "en": "Article 12 of Shi Fan [2024] No. 1 has 50 such communities built by 2030.\n"
    "Article 12 of the same document has 80 such communities built by 2030.\n"
    "See Article [tbc] and Article 3 of the Harbour Rules.",
}


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with serving(FakeAssistant(FakeLibrary(journey_documents()))) as address:
        yield address


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_text_is_checked_and_saved(url: str, visitor: Visitor, scheme: str) -> None:
    page = visitor.page
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.goto(url)
    visitor.link("navigation_check").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(visitor.says("check_title"))
    visitor.sound()
    assert barriers(page) == []
    page.locator("#text").fill(TEXTS[visitor.language])
    visitor.button("check_send").click()
    expect(page.locator(".cited")).to_have_count(4)
    kinds = [one.get_attribute("class") for one in page.locator(".cited").all()]
    assert kinds == ["cited good", "cited bad", "cited open", "cited bad"]
    visitor.sound()
    assert barriers(page) == []
    page.locator(".cited").nth(1).click()
    expect(page.locator(".note:target")).to_contain_text(
        visitor.says("check_verdict_numbers_differ")
    )
    expect(page.locator(".note:target blockquote")).to_contain_text("建成示范社区50个")
    for key, kind in (("check_save_docx", "docx"), ("check_save_json", "json")):
        with page.expect_download() as saving:
            visitor.button(key).click()
        assert saving.value.suggested_filename == f"tiaowen-check.{kind}"
        data = Path(saving.value.path()).read_bytes()
        if kind == "docx":
            assert len(list(Document(io.BytesIO(data)).comments)) == 4
        else:
            assert len(json.loads(data)["citations"]) == 4


def test_nothing_given_is_said_so(url: str, visitor: Visitor) -> None:
    page = visitor.page
    page.goto(f"{url}/check")
    visitor.button("check_send").click()
    expect(page.get_by_role("alert")).to_have_text(visitor.says("check_no_text"))
    visitor.sound()
    assert barriers(page) == []


def test_what_was_typed_outlives_a_change_of_language(url: str, visitor: Visitor) -> None:
    page = visitor.page
    page.goto(f"{url}/check")
    page.locator("#text").fill(TEXTS[visitor.language])
    page.locator(f'.switch a[hreflang="{"en" if visitor.language == "zh" else "zh-Hans"}"]').click()
    expect(page.locator("#text")).to_have_value(TEXTS[visitor.language])
    page.locator("form.check button").click()
    expect(page.locator(".cited").first).to_be_visible()
    page.locator(f'.switch a[hreflang="{"zh-Hans" if visitor.language == "zh" else "en"}"]').click()
    expect(page.locator("#text")).to_have_value(TEXTS[visitor.language])
