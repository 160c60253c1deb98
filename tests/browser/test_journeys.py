"""Journeys through the chat and its pages in Chromium: asking, checking, every person.

Each is made in both languages and on a phone, a laptop and a wide screen (tests/visiting.py).
Documents and signing in are in tests/test_journeys_manage.py, judging in
tests/test_browser_feedback.py; single cases in the other tests/test_browser*.py.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from docx import Document as WordDocument
from fakes_app import ANSWERS, BAD, PLAIN, serving
from fakes_journeys import (
    FIRST_WORDS,
    FOUND,
    READING,
    SEARCHING,
    WHOLE,
    WRITING,
    SteppedAssistant,
)
from fakes_library import library_with_documents
from playwright.sync_api import Locator, Page, expect
from visiting import HTML_LANGUAGES, LAYOUT, Visitor

from rag.schema import Language
from rag.web.texts import interface, say

pytestmark = pytest.mark.browser

QUOTE = "到2030年，建成示范社区50个。"
QUOTE_EN = "By 2030, 50 such communities are built."
DAMAGED = "damaged#第一条"


@pytest.fixture(scope="module")
def assistant() -> SteppedAssistant:
    return SteppedAssistant()


@pytest.fixture(scope="module")
def url(assistant: SteppedAssistant) -> Iterator[str]:
    with serving(assistant, library=library_with_documents()) as address:
        yield address
        assistant.go_on(100)


def hue(place: Locator, which: str = "backgroundColor") -> str:
    shown: str = place.evaluate(f"one => getComputedStyle(one).{which}")
    return shown


def clipboard(page: Page) -> str:
    text: str = page.evaluate("navigator.clipboard.readText()")
    return text


def test_asking(visitor: Visitor, url: str, assistant: SteppedAssistant) -> None:
    """Point 1: from the question over its stages to what is taken away."""
    page, choose = visitor.page, visitor.choose
    label = choose("示范〔2024〕1号 （十二）", "Shi Fan [2024] No. 1, Article 12")
    page.goto(url)
    expect(page.locator(".welcome")).to_have_text(visitor.says("welcome"))
    expect(page.locator("#ask")).to_be_in_viewport(ratio=1)
    visitor.sound()

    first = choose("逐步：到2030年建成多少？", "Stepwise (stepwise): how many by 2030?")
    visitor.ask(first)
    stage, found = page.locator(".stage"), page.locator(".found .clause")
    expect(stage).to_have_text(visitor.says("stage_starting"))
    assistant.go_on(SEARCHING)
    expect(stage).to_have_text(visitor.says("stage_searching"))
    expect(found).to_have_count(0)
    assistant.go_on(FOUND)
    expect(found).to_have_count(3)
    expect(found.first).to_contain_text(label)
    expect(found.first).to_be_visible()
    expect(page.locator(".answer")).to_have_count(0)
    assistant.go_on(READING)
    expect(stage).to_have_text(f"{visitor.says('stage_reading')} {label}")
    assistant.go_on(WRITING)
    expect(stage).to_have_text(visitor.says("stage_writing"))
    assistant.go_on(FIRST_WORDS)
    whole = ANSWERS[visitor.language]
    expect(page.locator(".answer.streaming")).to_have_text(whole[:5])
    expect(stage).to_be_in_viewport()
    visitor.sound()
    assistant.go_on(WHOLE)
    visitor.answered(1)
    expect(page.locator("#ask")).to_be_in_viewport(ratio=1)
    expect(page.locator(".answer")).to_have_text(f"{whole}[1]")
    expect(stage).to_have_count(0)

    suggested = page.locator(".suggested")
    expect(suggested).to_have_count(3)
    following = suggested.first.inner_text()
    visitor.sound()
    suggested.first.click()
    visitor.answered(2)
    assert (assistant.asked[-1], assistant.previous[-1]) == (following, (first,))
    visitor.ask(choose("那么由谁评估？", "And who reviews them?"))
    visitor.answered(3)
    assert assistant.previous[-1] == (first, following)

    visitor.button("edit_name", n=3).click()
    box = page.locator("#question textarea")
    expect(box).to_have_value(choose("那么由谁评估？", "And who reviews them?"))
    told = page.locator(".chip.editing")
    expect(told).to_contain_text(visitor.says("editing", n=3))
    visitor.sound()
    changed = choose("逐步：何时评估？", "And when (stepwise)?")
    visitor.ask(changed)
    assistant.go_on(SEARCHING + FOUND + READING + WRITING + FIRST_WORDS)
    expect(page.locator(".answer.streaming")).to_be_visible()
    assert (assistant.asked[-1], assistant.previous[-1]) == (changed, (first, following))
    visitor.button("stop").click()
    expect(page.locator(".stopped")).to_have_text(visitor.says("stopped"))
    assistant.go_on(1)
    visitor.button("ask_again").click()
    assistant.go_on(SEARCHING + FOUND + READING + WRITING + FIRST_WORDS + WHOLE)
    visitor.answered(3)
    expect(page.locator(".question").last).to_contain_text(changed)

    take_away(visitor, first, label)
    history(visitor, url)


def take_away(visitor: Visitor, question: str, label: str) -> None:
    """Copies an answer in both forms, and saves the conversation in both."""
    page, whole = visitor.page, ANSWERS[visitor.language]
    turn = page.locator(".turn").first
    buttons = turn.locator('[data-action="copy"]')
    for place, (key, begins, source) in enumerate(
        (
            ("copy", f"{whole}[1]\n", f"[1] {label}\n    {QUOTE}"),
            ("copy_markdown", f"## {question}\n", f"\\[1\\] {escaped(label)}**\n\n> {QUOTE}"),
        )
    ):
        expect(buttons.nth(place)).to_have_text(visitor.says(key))
        buttons.nth(place).click()
        expect(buttons.nth(place)).to_have_text(visitor.says("copied"))
        assert clipboard(page).startswith(begins) and source in clipboard(page)
    files = {}
    for kind in ("docx", "md"):
        with page.expect_download() as saving:
            visitor.button(f"export_{kind}").click()
        assert saving.value.suggested_filename == f"tiaowen.{kind}"
        files[kind] = Path(saving.value.path()).read_bytes()
    written = files["md"].decode()
    assert written.count("## ") == 3 and written.count(f"> {QUOTE}") == 3
    assert f"{escaped(label)}**" in written
    paragraphs = WordDocument(io.BytesIO(files["docx"])).paragraphs
    headings = [one.text for one in paragraphs if (one.style and one.style.name) == "Heading 1"]
    assert headings[0] == question and headings[-1] == visitor.says("sources")
    assert [one.text for one in paragraphs].count(label) == 1


def escaped(text: str) -> str:
    """As it stands in Markdown."""
    return re.sub(r"([\[\]])", r"\\\1", text)


def history(visitor: Visitor, url: str) -> None:
    """Leaves the conversation, takes it up again from this browser, deletes it; follows a link."""
    page = visitor.page
    visitor.button("conversation_new").click()
    expect(page.locator(".welcome")).to_be_visible()
    page.locator(".earlier summary").click()
    kept = page.locator(".reopen")
    expect(kept).to_have_count(1)
    visitor.sound()
    kept.click()
    expect(page.locator(".turn")).to_have_count(3)
    expect(page.locator(".answer").last).to_have_text(f"{ANSWERS[visitor.language]}[1]")
    visitor.button("link_copy").click()
    expect(page.locator("#announced")).to_have_text(visitor.says("link_copied"))
    address = clipboard(page)
    assert address.startswith(f"{url}/?clause=show")
    page.locator(".earlier summary").click()
    page.locator('.kept [data-action="delete"]').click()
    expect(page.locator(".earlier .count")).to_have_text("0")
    expect(page.locator(".welcome")).to_be_visible()
    page.goto(address)
    heading = page.locator(".panel h2")
    expect(heading).to_have_text(
        visitor.choose("示范〔2024〕1号 （十二）", "Shi Fan [2024] No. 1, Article 12")
    )
    expect(heading).to_be_in_viewport()
    visitor.sound()


def test_checking(visitor: Visitor, url: str) -> None:
    """Point 2: from the number in an answer to the article, its neighbours, its document."""
    page, choose = visitor.page, visitor.choose
    page.goto(url)
    visitor.ask(choose("到2030年建成多少？", "How many by 2030?"))
    visitor.answered(1)
    page.get_by_role("button", name=visitor.says("citation", n=1, label="")).click()
    heading, panel = page.locator(".panel h2"), page.locator(".panel")
    expect(heading).to_be_focused()
    expect(page.locator("mark.quote")).to_have_text(QUOTE)
    expect(page.locator("mark.quote")).to_be_in_viewport(ratio=1)
    expect(page.locator(".pair.quoted .english mark")).to_have_text(QUOTE_EN)
    expect(panel.locator(".badge")).to_have_text(visitor.says("status_in_force"))
    from_day = visitor.says("basis_from", date="2024-02-01")
    expect(panel.locator(".status")).to_contain_text(from_day)
    expect(panel.locator(".status")).to_contain_text(date.today().isoformat())
    expect(panel.locator(".machine")).to_have_count(0)
    side_by_side(panel.locator(".pair").nth(1), beside=visitor.width > 390)
    pair = panel.locator(".pair").nth(2)
    source, english = pair.locator(".source"), pair.locator(".english")
    for hovered, other in ((source, english), (english, source)):
        page.mouse.move(1, 1)
        assert "underline" not in hue(other, "textDecorationLine")
        hovered.hover()
        assert "underline" in hue(other, "textDecorationLine")
    visitor.sound()

    visitor.button("article_next").click()
    expect(heading).to_contain_text(choose("（十三）", "Article 13"))
    expect(panel).to_contain_text(visitor.says("rendition_none"))
    expect(visitor.button("article_next")).to_have_count(0)
    visitor.button("article_before").click()
    expect(heading).to_contain_text(choose("（十二）", "Article 12"))
    page.locator(".found summary").click()
    page.locator(f'.found .clause[data-clause="{BAD}"]').click()
    expect(panel.locator(".machine")).to_have_text(visitor.says("rendition_machine"))
    assert hue(panel.locator(".english").first, "fontStyle") == "italic"
    expect(panel.locator(".badge")).to_have_text(visitor.says("status_period_ended"))
    expect(panel.locator(".status")).to_contain_text("2021-12-31")
    page.locator(f'.found .clause[data-clause="{PLAIN}"]').click()
    expect(panel.locator(".badge")).to_have_text(visitor.says("status_unknown"))
    visitor.sound()
    page.get_by_role("button", name=visitor.says("citation", n=1, label="")).click()
    expect(page.locator("mark.quote")).to_be_visible()
    visitor.link("article_in_document").click()
    whole_document(visitor, url)


def whole_document(visitor: Visitor, url: str) -> None:
    """From an article's own page to the document's contents; then one that was repaired."""
    page, choose = visitor.page, visitor.choose
    expect(page.locator("h1")).to_contain_text(choose("（十二）", "Article 12"))
    expect(page.locator("mark.quote")).to_have_text(QUOTE)
    expect(page.locator("mark.quote")).to_be_in_viewport()
    side_by_side(page.locator(".pair").nth(1), beside=visitor.width > 390)
    visitor.sound()
    page.get_by_role("link", name=visitor.says("article_next")).click()
    expect(page.locator("h1")).to_contain_text(choose("（十三）", "Article 13"))
    page.get_by_role("link", name=visitor.says("article_before")).click()
    expect(page.locator("h1")).to_contain_text(choose("（十二）", "Article 12"))
    visitor.link("article_in_document").click()
    expect(page.locator("h1")).to_have_text(
        choose("示范社区建设意见", "Opinions on Building Demonstration Communities")
    )
    expect(page.locator(".about .badge")).to_have_text(visitor.says("status_in_force"))
    expect(page.locator(".about")).to_contain_text(visitor.says("basis_from", date="2024-02-01"))
    contents = page.get_by_role("navigation", name=visitor.says("contents"))
    last = contents.get_by_role("link").last
    if visitor.width == 390:
        expect(last).to_be_hidden()
        contents.locator("summary").click()
    expect(last).to_contain_text(choose("（十三）", "Article 13"))
    visitor.sound()
    last.click()
    expect(page.locator("#c2")).to_be_in_viewport()

    page.goto(f"{url}/documents/hostile")
    expect(page.locator(".machine").first).to_have_text(visitor.says("machine_badge"))
    visitor.sound()
    page.goto(f"{url}/documents/damaged")
    warnings, original = page.locator(".warnings"), page.locator("#c2 .original")
    warnings.locator("summary").click()
    expect(warnings.locator("li").first).to_have_text(
        choose("删除了 6 处拼音注音", "6 pinyin annotations removed")
    )
    expect(page.locator("#c2 .mended")).to_contain_text("为了发展数字商务")
    expect(original.locator("p")).to_be_hidden()
    expect(original.locator(".repaired")).to_have_text(visitor.says("repaired"))
    original.locator("summary").click()
    expect(original.locator("p")).to_contain_text("為了發(fā)展數(shù)字商務(wù)")
    expect(original.locator("p")).to_be_visible()
    visitor.sound()
    page.goto(f"{url}/?clause={DAMAGED.replace('#', '%23')}")
    expect(page.locator(".panel .source").first).to_contain_text("为了发展数字商务")
    expect(page.locator(".panel .original").first).to_be_hidden()
    page.locator(".panel .originals summary").click()
    expect(page.locator(".panel .original").first).to_contain_text("為了發(fā)展數(shù)字商務(wù)")
    expect(page.locator(".panel .original").first).to_be_visible()
    visitor.sound()


def side_by_side(pair: Locator, *, beside: bool) -> None:
    """Where a sentence and its English stand: beside each other, or one below the other."""
    chinese, english = (pair.locator("> *").nth(place).bounding_box() for place in (0, 1))
    assert chinese and english
    if beside:
        assert english["x"] >= chinese["x"] + chinese["width"] and english["y"] == chinese["y"]
    else:
        assert english["y"] >= chinese["y"] + chinese["height"] and english["x"] == chinese["x"]


# Text that its language attribute gives to the wrong voice: Chinese characters marked as English
# beside the product's name, or one of the English interface texts marked as Chinese.
MISTAKEN = """(known) => {
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const parent = node.parentElement;
    const said = node.textContent.trim();
    if (!said || !parent.checkVisibility() || parent.closest('script, style, option')) continue;
    const english = parent.closest('[lang]').lang.startsWith('en');
    const chinese = /[\\u4e00-\\u9fff]/.test(said.replace('条文', ''));
    if (english ? chinese : known.includes(said)) found.push(said);
  }
  return found;
}"""


def test_every_person(visitor: Visitor, url: str, assistant: SteppedAssistant) -> None:
    """Point 4: the browser's language, switched in the midst of things, and the keyboard alone."""
    page, choose, other = visitor.page, visitor.choose, visitor.other_language
    known = [one for one in interface("en").values() if isinstance(one, str) and len(one) > 3]
    page.goto(url)
    expect(page.locator("html")).to_have_attribute("lang", HTML_LANGUAGES[visitor.language])
    assert page.evaluate(MISTAKEN, known) == []
    tab_to(page, page.locator("#question textarea"))
    page.keyboard.type(choose("逐步：建成多少？", "How many, stepwise?"))
    page.keyboard.press("Enter")
    assistant.go_on(SEARCHING + FOUND + READING + WRITING + FIRST_WORDS)
    expect(page.locator(".answer.streaming")).to_be_visible()
    tab_to(page, page.locator("#question textarea"))
    page.keyboard.type(choose("下一问的草稿", "a draft of the next"))

    switch_by_keyboard(page, other)
    expect(page.locator(".stage")).to_have_text(say(other, "stage_writing"))
    assistant.go_on(WHOLE)
    visitor.answered(1)
    expect(page.locator("#ask")).to_have_text(say(other, "ask"))
    assert page.evaluate(MISTAKEN, known) == []
    assert page.evaluate(LAYOUT) == []
    tab_to(page, page.locator(".answer .citation"))
    page.keyboard.press("Enter")
    expect(page.locator(".panel h2")).to_be_focused()
    tab_to(page, page.locator(".panel .pair").first)
    page.keyboard.press("ArrowDown")
    expect(page.locator(".panel .pair").nth(1)).to_be_focused()
    tab_to(page, page.locator(".found summary"))
    page.keyboard.press("Enter")
    expect(page.locator(".found .clause").first).to_be_visible()

    switch_by_keyboard(page, visitor.language)
    expect(page.locator("#ask")).to_have_text(visitor.says("ask"))
    expect(page.locator("#question textarea")).to_have_value(
        choose("下一问的草稿", "a draft of the next")
    )
    expect(page.locator(".found .clause").first).to_be_visible()
    expect(page.locator("mark.quote")).to_have_text(QUOTE)
    expect(page.locator(".question")).to_contain_text(choose("逐步", "stepwise"))
    assert page.evaluate(MISTAKEN, known) == []
    tab_to(page, visitor.link("navigation_library"))
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text(visitor.says("navigation_library"))
    for path in ("/library", "/documents/show", "/documents/damaged", "/library/add"):
        page.goto(url + path)
        expect(page.locator("html")).to_have_attribute("lang", HTML_LANGUAGES[visitor.language])
        assert page.evaluate(MISTAKEN, known) == [], path


def switch_by_keyboard(page: Page, language: Language) -> None:
    tab_to(page, page.locator(f'[data-action="language"][data-language={language}]'))
    page.keyboard.press("Enter")
    expect(page.locator("#ask")).to_have_text(say(language, "ask"))


def tab_to(page: Page, place: Locator) -> None:
    """Go there by Tab alone; where the keyboard stands is seen at every stop."""
    for _ in range(80):
        page.keyboard.press("Tab")
        outline, here = place.first.evaluate(
            """place => {
            const one = document.activeElement;
            const style = getComputedStyle(one);
            const stands = one !== document.body && one !== document.documentElement;
            const shown = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
            return [shown || !stands ? '' : one.outerHTML.slice(0, 80), one === place];
            }"""
        )
        assert outline == ""
        if here:
            return
    raise AssertionError(f"not reached by keyboard: {place}")
