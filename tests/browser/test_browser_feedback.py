"""Judging answers in Chromium: thumbs and form in both languages, narrow and wide, by keyboard."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fakes_app import HOSTILE, PLAIN, SHOW, FakeAssistant, serving
from playwright.sync_api import Browser, Locator, Page, expect
from visiting import profiles

from rag.schema import Language
from rag.web.feedback.store import FeedbackStore
from rag.web.texts import say

pytestmark = pytest.mark.browser

Visit = Callable[..., Page]
QUESTIONS: dict[Language, str] = {"zh": "到2030年建成多少？", "en": "How many by 2030?"}


@pytest.fixture
def store(tmp_path: Path) -> FeedbackStore:
    return FeedbackStore(tmp_path / "feedback.sqlite")


@pytest.fixture
def visit(browser: Browser, assistant: FakeAssistant, store: FeedbackStore) -> Iterator[Visit]:
    """Opens the chat in a new browser profile and asks a question there."""
    with serving(assistant, feedback=store) as url, profiles(browser, url, 844, 8_000) as opened:

        def open_page(language: Language, width: int = 1280, question: str = "") -> Page:
            page = opened("", language, width)
            page.locator("#question textarea").fill(question or QUESTIONS[language])
            page.keyboard.press("Enter")
            expect(page.locator(".judging")).to_be_visible()
            return page

        yield open_page
        assistant.gate.set()


def button(page: Page, language: Language, key: str) -> Locator:
    return page.locator("#conversation").get_by_role("button", name=say(language, key), exact=True)


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


@pytest.mark.parametrize("width", [390, 1280, 1920])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_an_answer_is_judged_changed_and_withdrawn(
    visit: Visit, store: FeedbackStore, language: Language, width: int
) -> None:
    page = visit(language, width)
    up, down = button(page, language, "judge_up"), button(page, language, "judge_down")
    expect(up).to_have_attribute("aria-pressed", "false")
    up.click()
    expect(up).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".thanks")).to_have_text(say(language, "judge_thanks"))
    assert [one.verdict for one in store.judgements()] == ["up"]

    down.click()
    expect(down).to_have_attribute("aria-pressed", "true")
    expect(up).to_have_attribute("aria-pressed", "false")
    form = page.locator("form.judge")
    expect(form).to_be_visible()
    assert fits(page)
    choice = form.get_by_label(say(language, "judge_article"), exact=True)
    assert choice.locator("option").evaluate_all("all => all.map(one => one.value)")[:2] == [
        "",
        SHOW,
    ]
    button(page, language, "judge_send").click()
    expect(form.locator("xpath=preceding-sibling::*[@role='alert']")).to_have_text(
        say(language, "judge_no_reason")
    )
    form.get_by_label(say(language, "judge_reason"), exact=True).select_option("wrong_article")
    choice.select_option(PLAIN)
    form.get_by_label(say(language, "judge_comment"), exact=True).fill(f"第13条 {HOSTILE}\nNo. 13")
    button(page, language, "judge_send").click()
    expect(page.locator(".thanks")).to_be_focused()
    expect(form).to_have_count(0)
    kept = store.judgements()
    assert [(one.verdict, one.reason, one.article) for one in kept] == [
        ("down", "wrong_article", PLAIN)
    ]
    assert kept[0].comment == f"第13条 {HOSTILE}\nNo. 13"

    button(page, language, "judge_change").click()
    expect(form.locator("textarea")).to_have_value(kept[0].comment)
    form.get_by_label(say(language, "judge_named"), exact=True).fill("示范〔2024〕1号 （十三）")
    button(page, language, "judge_send").click()
    expect(page.locator(".thanks")).to_be_visible()
    assert [one.article for one in store.judgements()] == ["show#四/(十三)"]
    button(page, language, "judge_withdraw").click()
    expect(page.locator(".thanks")).to_have_count(0)
    expect(down).to_have_attribute("aria-pressed", "false")
    assert store.judgements() == []
    assert fits(page)
    assert page.evaluate("window.harmed") is None


@pytest.mark.parametrize("language", ["zh", "en"])
def test_an_answer_is_judged_by_keyboard_alone(
    visit: Visit, store: FeedbackStore, language: Language
) -> None:
    page = visit(language)
    focused = page.locator(":focus")

    def tab_to(place: Locator, back: bool = False) -> None:
        for _ in range(40):
            page.keyboard.press("Shift+Tab" if back else "Tab")
            if place.evaluate("one => one === document.activeElement"):
                return
        raise AssertionError("not reached by keyboard")

    tab_to(button(page, language, "judge_up"), back=True)
    page.keyboard.press("Space")
    expect(focused).to_have_attribute("aria-pressed", "true")
    expect(focused).to_have_attribute("data-act", "up")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(focused).to_have_attribute("name", "reason")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.type("by keyboard")
    page.keyboard.press("Tab")
    expect(focused).to_have_text(say(language, "judge_send"))
    outline = focused.evaluate("one => getComputedStyle(one).outlineStyle")
    assert outline == "solid"
    page.keyboard.press("Enter")
    expect(page.locator(".thanks")).to_be_focused()
    kept = store.judgements()
    assert [(one.reason, one.article, one.comment) for one in kept] == [
        ("wrong", SHOW, "by keyboard")
    ]
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(focused).to_have_attribute("name", "reason")
    tab_to(button(page, language, "judge_cancel"))
    page.keyboard.press("Enter")
    expect(page.locator("form.judge")).to_have_count(0)
    expect(page.locator(".thanks")).to_be_focused()
    tab_to(button(page, language, "judge_withdraw"))
    page.keyboard.press("Enter")
    expect(page.locator(".thanks")).to_have_count(0)
    expect(focused).to_have_attribute("data-act", re.compile("up|down"))
    assert store.judgements() == []


def test_a_form_outlives_a_change_of_language_and_the_next_answer(
    visit: Visit, store: FeedbackStore, assistant: FakeAssistant
) -> None:
    page = visit("zh")
    button(page, "zh", "judge_down").click()
    page.locator("form.judge select[name=reason]").select_option("incomplete")
    page.locator("form.judge textarea").fill("还没有写完")
    page.get_by_role("button", name="English").click()
    expect(page.locator("#ask")).to_have_text("Ask")
    expect(page.get_by_label(say("en", "judge_reason"))).to_have_value("incomplete")
    expect(page.get_by_label(say("en", "judge_comment"))).to_have_value("还没有写完")
    page.locator("#question textarea").fill("slow")
    page.keyboard.press("Enter")
    expect(page.locator(".streaming")).to_be_visible()
    page.locator("form.judge textarea").focus()
    page.keyboard.press("End")
    page.keyboard.type(", now it is")
    assistant.gate.set()
    expect(page.locator(".judging")).to_have_count(2)
    expect(page.locator("form.judge textarea")).to_be_focused()
    expect(page.locator("form.judge textarea")).to_have_value("还没有写完, now it is")
    button(page, "en", "judge_send").click()
    expect(page.locator(".thanks")).to_have_text(say("en", "judge_thanks"))
    page.get_by_role("button", name="中文").click()
    expect(page.locator(".thanks")).to_have_text(say("zh", "judge_thanks"))
    kept = store.judgements()
    assert [(one.answer["question"], one.comment) for one in kept] == [
        (QUESTIONS["zh"], "还没有写完, now it is")
    ]


def test_a_damaged_file_is_a_sentence_and_the_chat_goes_on(
    visit: Visit, store: FeedbackStore
) -> None:
    file = store.database.path
    assert file is not None
    file.write_bytes(b"no database" * 100)
    page = visit("en")
    button(page, "en", "judge_up").click()
    alert = page.locator(".judging").get_by_role("alert")
    expect(alert).to_contain_text(say("en", "judge_not_kept"))
    page.locator("#question textarea").fill("next")
    page.keyboard.press("Enter")
    expect(page.locator(".judging")).to_have_count(2)


@pytest.mark.parametrize("width", [390, 1280, 1920])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_evaluators_read_filter_and_delete(
    visit: Visit, store: FeedbackStore, language: Language, width: int
) -> None:
    page = visit(language, width, "markup Mars? " + "long" * 60)
    button(page, language, "judge_up").click()
    expect(page.locator(".thanks")).to_be_visible()
    page.get_by_role("link", name=say(language, "navigation_feedback"), exact=True).click()
    expect(page.locator("article.judged")).to_have_count(1)
    assert fits(page)
    page.get_by_label(say(language, "feedback_verdict"), exact=True).select_option("down")
    page.get_by_role("button", name=say(language, "feedback_show"), exact=True).click()
    expect(page.locator("article.judged")).to_have_count(0)
    expect(page.locator("select[name=verdict]")).to_have_value("down")
    page.get_by_label(say(language, "feedback_verdict"), exact=True).select_option("")
    page.get_by_role("button", name=say(language, "feedback_show"), exact=True).click()
    with page.expect_download() as saving:
        page.locator("a[download]").click()
    assert saving.value.suggested_filename == "feedback.jsonl"
    page.locator("article.judged summary").click()
    page.get_by_role("button", name=say(language, "feedback_delete_sure"), exact=True).click()
    expect(page.locator("main")).to_contain_text(say(language, "feedback_empty"))
    assert store.judgements() == []
