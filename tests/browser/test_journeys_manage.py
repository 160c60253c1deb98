"""Journeys of those who keep the documents, and past the door, in Chromium.

As tests/test_journeys.py, in both languages and on a phone, a laptop and a wide screen.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes_app import ANSWERS, serving
from fakes_journeys import DAMAGED_TEXT, SteppedAssistant
from fakes_library import TEXT, FakeOwn
from playwright.sync_api import Browser, Page, expect
from visiting import Visitor, visiting

from index.library.library import Work
from rag.web.feedback.store import FeedbackStore
from rag.web.rates import QuestionRate
from rag.web.texts import say

pytestmark = pytest.mark.browser

ASK, MANAGE = "one who asks", "one who manages"
# So many questions a client may ask at once, and no more while the clock stands still.
BURST = 3


@pytest.fixture(scope="module")
def assistant() -> SteppedAssistant:
    return SteppedAssistant()


@pytest.fixture(scope="module")
def own() -> FakeOwn:
    return FakeOwn()


@pytest.fixture(scope="module")
def url(assistant: SteppedAssistant, own: FakeOwn) -> Iterator[str]:
    with serving(assistant, library=own) as address:
        yield address


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, SteppedAssistant]]:
    """A server with both tokens and a rate, and its assistant."""
    behind = SteppedAssistant()
    store = FeedbackStore(tmp_path_factory.mktemp("judged") / "feedback.sqlite")
    rate = QuestionRate(2 * BURST, clock=lambda: 0.0)
    with serving(behind, ASK, MANAGE, rate, store, FakeOwn()) as address:
        yield address, behind
        behind.go_on(100)


def test_finding_documents(visitor: Visitor, url: str) -> None:
    """Point 3, first half: words, every filter, what is found, and when nothing is."""
    page, choose = visitor.page, visitor.choose
    page.goto(f"{url}/library")
    rows = page.locator(".rows li")
    expect(rows).to_have_count(4)
    expect(page.get_by_role("status")).to_have_text(visitor.says("library_count", count=4))
    show = rows.filter(has_text="示范〔2024〕1号")
    expect(show.locator(".badge")).to_have_text(visitor.says("status_in_force"))
    expect(show).to_contain_text(visitor.says("basis_from", date="2024-02-01"))
    visitor.sound()

    go, clear = visitor.button("library_go"), visitor.link("library_clear")
    for key, value, name, title in (
        ("filter_place", "上海市", choose("上海市", "Shanghai 上海市"), "示范社区建设意见"),
        ("filter_year", "2019", "2019", "方案"),
        ("filter_issuer", "示范市商务局", "示范市商务局", "示范社区建设意见"),
        ("filter_status", "unknown", visitor.says("status_unknown"), "无日期文件"),
        ("filter_english", "machine", visitor.says("filter_english_machine"), "方案"),
    ):
        choice = visitor.field(key)
        assert name in choice.locator("option").all_inner_texts()
        choice.select_option(value)
        go.click()
        expect(rows).to_have_count(1)
        expect(rows).to_contain_text(title)
        expect(page.get_by_role("status")).to_have_text(
            visitor.says("library_found", found=1, count=4)
        )
        expect(choice).to_have_value(value)
        clear.click()
        expect(rows).to_have_count(4)

    words = visitor.field("library_search")
    words.fill("示範社區")  # in traditional characters
    words.press("Enter")
    expect(rows).to_have_count(1)
    visitor.field("filter_status").select_option("expired")
    words.fill("nothing has this 无此文件")
    page.get_by_role("link", name=visitor.choose("English", "中文"), exact=True).click()
    # What was typed and chosen, but not yet sent, is there in the other language too.
    expect(page.locator("#q")).to_have_value("nothing has this 无此文件")
    expect(page.locator("#status")).to_have_value("expired")
    page.get_by_role("link", name=visitor.choose("中文", "English"), exact=True).click()
    expect(words).to_have_value("nothing has this 无此文件")
    go.click()
    expect(rows).to_have_count(0)
    expect(page.locator(".empty")).to_have_text(visitor.says("library_none"))
    visitor.sound()
    clear.click()
    expect(rows).to_have_count(4)
    show.get_by_role("link", name=visitor.says("ask_about_document")).click()
    expect(page.locator(".chip.only")).to_contain_text(
        choose("示范社区建设意见", "Opinions on Building Demonstration Communities")
    )
    visitor.sound()


def test_adding_documents(visitor: Visitor, url: str, own: FakeOwn, tmp_path: Path) -> None:
    """Point 3, second half: several files, checked and corrected, followed, asked, removed."""
    names = [f"{visitor.language}-{visitor.width}-{name}" for name in ("办法.txt", "旧文.txt")]
    names += [f"{visitor.language}-{visitor.width}-broken.pdf"]
    for name, text in zip(names, (TEXT, DAMAGED_TEXT, "x"), strict=True):
        (tmp_path / name).write_text(text, "utf-8")
    page = visitor.page
    page.goto(f"{url}/library")
    visitor.link("library_add").click()
    visitor.field("add_files").set_input_files([tmp_path / name for name in names])
    visitor.button("add_send").click()
    results = page.locator(".results").first
    expect(results.locator(".good")).to_have_count(2)
    expect(results.locator(".good").first).to_contain_text(
        visitor.says("add_read", articles=3, warnings=0)
    )
    expect(results.locator(".bad")).to_contain_text(names[2])
    expect(results.locator(".bad")).to_contain_text("holds no text; <b>give</b> another file")
    visitor.sound()

    results.locator(".good a").nth(1).click()  # the damaged one: its warnings are told at once
    expect(page.locator("h1")).to_have_text(visitor.says("preview_of", name=names[1]))
    expect(page.locator(".warnings li").first).to_have_text(
        visitor.choose("删除了 6 处拼音注音", "6 pinyin annotations removed")
    )
    visitor.sound()
    visitor.button("add_discard").click()
    page.locator(".results .good", has_text=names[0]).get_by_role("link").click()
    expect(page.locator("tbody tr")).to_have_count(3)
    correct(visitor)

    own.now = Work("embedding", 1, 4, None)
    visitor.button("add_confirm").click()
    state = page.locator("[data-held] .state")
    expect(state).to_have_text(visitor.says("held_waiting"))
    expect(page.locator(".doing")).to_have_text(visitor.says("work_embedding"))
    expect(page.locator(".how-far span")).to_have_text(visitor.says("work_count", done=1, total=4))
    expect(page.locator(".facts")).to_contain_text("2025-02-03")
    visitor.sound()
    chat = visitor.context.new_page()
    chat.goto(url)
    chat.locator("#question textarea").fill(visitor.choose("到2030年多少？", "How many by 2030?"))
    chat.keyboard.press("Enter")
    expect(chat.locator(".answer")).to_have_text(f"{ANSWERS[visitor.language]}[1]")
    chat.close()
    own.now = Work("translating", 3, 4, None)
    expect(page.locator(".doing")).to_have_text(visitor.says("work_translating"))
    own.finish()
    expect(state).to_have_text(visitor.says("held_translated"))
    expect(visitor.link("library_read")).to_be_visible()
    expect(page.locator(".how-far")).to_be_hidden()

    visitor.link("held_remove").click()
    expect(page.locator(".asking")).to_contain_text(visitor.says("remove_sure"))
    visitor.sound()
    visitor.button("remove_yes").click()
    gone = page.locator(".held li").last
    expect(gone).to_contain_text(names[0])
    expect(gone).to_contain_text(visitor.says("held_removing"))
    visitor.sound()


def correct(visitor: Visitor) -> None:
    """Corrects what was read; a day that is none is refused with all else as it was typed."""
    page, issued = visitor.page, visitor.field("form_issued_on")
    title = visitor.field("form_title")
    expect(title).to_have_value("示范市数字商务办法")
    title.fill("示范市数字商务办法（更正）")
    issued.fill("2025-02-30")
    visitor.button("add_confirm").click()
    expect(page.locator(".problem")).to_have_text(visitor.says("form_no_day"))
    expect(page.get_by_role("alert").first).to_have_text(visitor.says("form_faulty"))
    expect(title).to_have_value("示范市数字商务办法（更正）")
    visitor.sound()
    other = visitor.choose("English", "中文")
    page.get_by_role("link", name=other, exact=True).click()
    expect(page.locator("#title")).to_have_value("示范市数字商务办法（更正）")
    back = visitor.choose("中文", "English")
    page.get_by_role("link", name=back, exact=True).click()
    expect(issued).to_have_value("2025-02-30")
    issued.fill("2025-02-03")


def sign_in(page: Page, token: str) -> None:
    page.locator("#token").fill(token)
    page.keyboard.press("Enter")


def test_the_door_the_line_and_the_rate(
    visitor: Visitor, browser: Browser, guarded: tuple[str, SteppedAssistant]
) -> None:
    """Points 6 and 7 as they show: signing in, roles, the place in the line, too many questions."""
    url, assistant = guarded
    page, choose = visitor.page, visitor.choose
    page.goto(f"{url}/library")
    expect(page.locator("main")).to_contain_text(visitor.says("sign_in"))
    expect(visitor.field("sign_in_token")).to_be_focused()
    visitor.sound()
    for name, language in (
        (choose("English", "中文"), visitor.other_language),
        (choose("中文", "English"), visitor.language),
    ):
        page.get_by_role("link", name=name, exact=True).click()
        expect(page.locator("main")).to_contain_text(say(language, "sign_in"))
    sign_in(page, "neither")
    expect(page.get_by_role("alert")).to_have_text(visitor.says("sign_in_wrong"))
    visitor.sound()
    sign_in(page, ASK)
    # The page that was asked for.
    expect(page.locator(".rows li")).to_have_count(4)
    expect(visitor.link("library_add")).to_have_count(0)
    for path, key in (("/library/add", "manage_only"), ("/feedback", "manager_needed")):
        page.goto(url + path)
        expect(page.locator("main")).to_contain_text(visitor.says(key))
        visitor.sound()

    page.goto(url)
    visitor.ask(choose("逐步：第一问", "First, stepwise"))
    expect(page.locator(".stage")).to_have_text(visitor.says("stage_starting"))
    with visiting(browser, visitor.language, visitor.width) as second:
        second.page.goto(url)
        sign_in(second.page, MANAGE)
        second.ask(choose("第二问", "Second"))
        expect(second.page.locator(".stage")).to_have_text(visitor.says("stage_waiting", ahead=1))
        # Who waits reads what was found meanwhile.
        expect(second.page.locator(".found .clause")).to_have_count(2)
        second.sound()
        assistant.go_on(7)
        second.answered(1)
        visitor.answered(1)
        second.page.goto(f"{url}/library")
        expect(second.link("library_add")).to_be_visible()
        second.page.goto(f"{url}/feedback")
        expect(second.page.locator("main")).to_contain_text(visitor.says("feedback_empty"))
        second.sound()
    for asked in range(1, BURST):
        visitor.ask(choose("再问", "Again"))
        visitor.answered(asked + 1)
    visitor.ask(choose("问得太多", "One too many"))
    told = visitor.says("fault", message=visitor.says("fault_too_fast"))
    expect(page.get_by_role("alert")).to_have_text(told)
    expect(visitor.button("ask_again")).to_be_visible()
    visitor.sound()
