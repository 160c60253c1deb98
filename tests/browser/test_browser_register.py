"""Registers and digest in Chromium: in both languages, on three widths, without grave barriers.

What stands in the rows is tested in tests/web/test_register.py.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import openpyxl
import pytest
from fakes_app import FakeAssistant, FakeLibrary, serving
from fakes_index import HashEncoder
from playwright.sync_api import expect
from visiting import Visitor, barriers

from index.library.library import Library
from index.search.build import build_index
from index.search.store import ClauseIndex

pytestmark = pytest.mark.browser


@dataclass
class Running:
    """A server of the built-in documents, with a library for corrections."""

    url: str
    assistant: FakeAssistant


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("register")
    encoder = HashEncoder()
    build_index([], folder / "index", encoder)
    index = ClauseIndex.open(folder / "index", encoder)
    assistant = FakeAssistant(cast(FakeLibrary, index))
    library = Library(folder / "library")

    def use(newer: ClauseIndex) -> None:
        assistant.index = cast(FakeLibrary, newer)

    library.start(index, use)
    with serving(assistant, library=library) as url:
        yield Running(url, assistant)
    library.close()


def test_registers_are_narrowed_read_and_saved(
    running: Running, visitor: Visitor, tmp_path: Path
) -> None:
    page = visitor.page
    found: dict[str, list[str]] = {}
    for kind in ("duty", "target", "deadline", "sanction", "benefit", "definition", "relation"):
        page.goto(f"{running.url}/register?kind={kind}&group=document")
        visitor.sound()
        found[kind] = barriers(visitor.page)
    page.goto(f"{running.url}/digest")
    visitor.sound()
    found["digest"] = barriers(visitor.page)
    page.get_by_role("link", name=visitor.says("navigation_register"), exact=True).click()
    page.locator("#body").fill(visitor.choose("钱江海关", "Qianjiang Customs"))
    page.locator("#group").select_option("document")
    visitor.button("register_go").click()
    expect(page.locator("tbody tr:not(.group)")).to_have_count(10)
    expect(page.locator("[role=status]").first).to_contain_text("10")
    page.locator("tbody summary").first.click()
    visitor.sound()
    found["narrowed, a quote open"] = barriers(visitor.page)
    with page.expect_download() as saved:
        visitor.link("register_save_xlsx").click()
    data = Path(saved.value.path()).read_bytes()
    sheet = openpyxl.load_workbook(io.BytesIO(data)).active
    assert sheet is not None and sheet.max_row == 11
    page.locator("td.article a").first.click()
    expect(page.locator("mark").first).to_contain_text("钱江海关")
    assert found == {key: [] for key in found}


def test_a_row_is_corrected_and_the_lists_have_it(running: Running, visitor: Visitor) -> None:
    page = visitor.page
    name = f"市商务促进局{visitor.language}{visitor.width}"
    page.goto(f"{running.url}/register?kind=duty&document=hangzhou-2024")
    page.get_by_role("link", name=visitor.choose("更正：", "Correct:")).nth(1).click()
    visitor.sound()
    assert barriers(visitor.page) == []
    page.locator("#unit").fill(" ")
    visitor.button("register_correct_save").click()
    expect(page.locator(".problem")).to_be_visible()
    visitor.sound()
    assert barriers(visitor.page) == []
    page.locator("#unit").fill(name)
    visitor.button("register_correct_save").click()
    expect(page.locator("table")).to_be_visible()
    for _ in range(100):
        page.goto(f"{running.url}/register?kind=duty&body={name}")
        if page.locator(".badge.corrected").count():
            break
        page.wait_for_timeout(100)
    expect(page.locator("tbody tr")).to_have_count(1)
    visitor.sound()
    assert barriers(visitor.page) == []
    page.get_by_role("link", name=visitor.choose("更正：", "Correct:")).first.click()
    visitor.button("register_undo").click()
    expect(page.locator(".count, .empty").first).to_be_visible()
    for _ in range(100):
        page.goto(f"{running.url}/register?kind=duty&body={name}")
        if not page.locator("table").count():
            break
        page.wait_for_timeout(100)
    expect(page.locator(".empty")).to_be_visible()
