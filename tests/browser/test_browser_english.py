"""Correcting English in Chromium: a sentence and an official text, without grave barriers.

What is kept is tested in tests/web/test_english_page.py and tests/library/test_library_english.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

import pytest
from fakes_app import FakeAssistant, FakeLibrary, serving
from fakes_index import BilingualEncoder
from playwright.sync_api import expect
from visiting import Visitor, barriers

from index.library.library import Library
from index.search.build import build_index
from index.search.store import ClauseIndex

pytestmark = pytest.mark.browser

TEXT = "示范市渔港办法\n第一条 修建渔港。渔港由市渔业局管理。\n第二条 渔民领取补贴。\n"
ENGLISH = (
    "Article 1 Harbours are built. Harbours are run by the bureau.\nArticle 2 Fishers are paid.\n"
    "Article 3 Nobody asked for this one, which stands in no source at all."
)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("english")
    encoder = BilingualEncoder([("修建", "built"), ("管理", "run by"), ("渔民", "fishers")])
    (folder / "fish.txt").write_text(TEXT, encoding="utf-8")
    build_index([folder / "fish.txt"], folder / "index", encoder)
    index = ClauseIndex.open(folder / "index", encoder)
    assistant = FakeAssistant(cast(FakeLibrary, index))
    library = Library(folder / "library")

    def use(newer: ClauseIndex) -> None:
        assistant.index = cast(FakeLibrary, newer)

    library.start(index, use)
    with serving(assistant, library=library) as url:
        yield url
    library.close()


def test_a_sentence_and_an_official_text_are_given(running: str, visitor: Visitor) -> None:
    page = visitor.page
    english = f"Fishers are subsidised, {visitor.language} {visitor.width}."
    page.goto(f"{running}/documents/fish")
    visitor.sound()
    assert barriers(visitor.page) == []
    page.get_by_role("link", name=visitor.choose("更正第", "Correct the English of")).last.click()
    visitor.sound()
    page.locator("textarea").last.fill(" ")
    page.locator("form button.main").last.click()
    expect(page.locator("[role=alert]")).to_be_visible()
    assert barriers(visitor.page) == []
    page.locator("textarea").last.fill(english)
    page.locator("form button.main").last.click()
    expect(page.locator("[role=status]")).to_be_visible()
    visitor.sound()
    assert barriers(visitor.page) == []
    for _ in range(100):
        page.goto(f"{running}/documents/fish")
        if english in page.content():
            break
        page.wait_for_timeout(100)
    expect(page.get_by_text(english)).to_be_visible()
    visitor.link("english_official_attach").click()
    visitor.sound()
    page.locator("#text").fill(ENGLISH)
    visitor.button("english_official_preview").click()
    expect(page.get_by_text("Nobody asked").last).to_be_visible()
    visitor.sound()
    assert barriers(visitor.page) == []
    if page.locator("input[name=doubtful]").count():
        page.locator("input[name=doubtful]").check()
    visitor.button("english_official_accept").click()
    expect(visitor.button("english_official_detach")).to_be_visible()
    for _ in range(100):
        page.goto(f"{running}/documents/fish")
        if "Fishers are paid." in page.content():
            break
        page.wait_for_timeout(100)
    expect(page.get_by_text("Fishers are paid.")).to_be_visible()
    expect(page.get_by_text(english)).to_have_count(0)
    visitor.sound()
    assert barriers(visitor.page) == []
    visitor.link("english_official_attach").click()
    visitor.button("english_official_detach").click()
    expect(visitor.button("english_official_detach")).to_have_count(0)
