"""What visitors do with the chat in Chromium: edit, ask again, go on, come back, link, print.

In both languages and on a phone, a laptop and a wide screen, with the assistant of the fakes.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator

import pytest
from fakes_app import ANSWERS, BAD, HOSTILE, SHOW, FakeAssistant, serving
from playwright.sync_api import Browser, Page, expect
from visiting import LOCALES, profiles

from rag.schema import Language
from rag.web.texts import say

pytestmark = pytest.mark.browser

QUESTIONS: dict[Language, str] = {"zh": "到2030年建成多少示范社区？", "en": "How many by 2030?"}
# Each language on each width once at least, in three visits rather than six.
VISITS: list[tuple[Language, int]] = [("zh", 390), ("en", 1280), ("zh", 1920)]
MORE_VISITS: list[tuple[Language, int]] = [("en", 390), ("zh", 1280), ("en", 1920)]
Visit = Callable[..., Page]


@pytest.fixture
def visit(browser: Browser, url: str) -> Iterator[Visit]:
    """Opens the chat in a new browser profile; at the end no error may have been met."""
    with profiles(browser, url) as opened:

        def open_page(language: Language = "zh", width: int = 1280, address: str = "/") -> Page:
            page = opened(address, language, width)
            expect(page.locator(".conversation")).to_be_visible()
            return page

        yield open_page


def ask(page: Page, question: str) -> None:
    box = page.locator("#question textarea")
    for _ in range(3):
        box.fill(question)
        # The page may set the caret just then, where a question is being edited.
        if box.input_value() == question:
            break
    page.keyboard.press("Enter")


def answered(page: Page, count: int) -> None:
    expect(page.locator(".answer .citation")).to_have_count(count)
    expect(page.locator("#ask")).to_be_enabled()


def fits(page: Page) -> bool:
    """Whether nothing stands out of the window sideways."""
    width: int = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    return width <= 0


@pytest.mark.parametrize(("language", "width"), [*VISITS, *MORE_VISITS])
def test_an_edited_question_replaces_what_followed(
    visit: Visit, assistant: FakeAssistant, language: Language, width: int
) -> None:
    page = visit(language, width)
    for count, question in enumerate(("first 一", "second 二", "third 三"), 1):
        ask(page, question)
        answered(page, count)
    edit = page.get_by_role("button", name=say(language, "edit_name", n=2))
    edit.focus()
    page.keyboard.press("Enter")
    box = page.locator("#question textarea")
    expect(box).to_have_value("second 二")
    expect(box).to_be_focused()
    told = say(language, "editing_more", n=2, count=1)
    expect(page.locator(".chip.editing span")).to_have_text(told)
    assert fits(page)
    page.keyboard.press("Escape")
    expect(page.locator(".chip.editing")).to_have_count(0)
    expect(box).to_have_value("")
    expect(page.locator(".turn")).to_have_count(3)
    edit.click()
    expect(box).to_have_value("second 二")
    ask(page, "changed 二")
    answered(page, 2)
    expect(page.locator(".question")).to_contain_text(["first 一", "changed 二"])
    expect(page.locator(".chip.editing")).to_have_count(0)
    assert assistant.asked[-1] == "changed 二"
    assert assistant.previous[-1] == ("first 一",)


@pytest.mark.parametrize(("language", "width"), VISITS)
def test_a_stopped_or_failed_question_is_asked_again(
    visit: Visit, assistant: FakeAssistant, language: Language, width: int
) -> None:
    page = visit(language, width)
    again = page.get_by_role("button", name=say(language, "ask_again"))
    ask(page, "slow 慢")
    expect(page.locator(".streaming")).to_be_visible()
    page.locator("#stop").click()
    expect(page.locator(".stopped")).to_be_visible()
    assistant.gate.set()
    again.click()
    answered(page, 1)
    expect(again).to_have_count(0)
    expect(page.locator(".turn")).to_have_count(1)
    ask(page, "broken 坏")
    expect(page.get_by_role("alert")).to_contain_text("install it again")
    again.focus()
    page.keyboard.press("Enter")
    for _ in range(100):
        if len(assistant.asked) == 4:
            break
        page.wait_for_timeout(50)
    expect(page.locator("#ask")).to_be_enabled()
    expect(page.get_by_role("alert")).to_contain_text("install it again")
    expect(page.locator(".turn")).to_have_count(2)
    assert assistant.asked == ["slow 慢", "slow 慢", "broken 坏", "broken 坏"]


@pytest.mark.parametrize(("language", "width"), VISITS)
def test_a_suggestion_asks_itself(
    visit: Visit, assistant: FakeAssistant, language: Language, width: int
) -> None:
    page = visit(language, width)
    ask(page, QUESTIONS[language])
    suggested = page.locator(".suggested")
    expect(suggested).to_have_count(3)
    following = suggested.nth(1)
    question = following.inner_text()
    assert ("（十三）" if language == "zh" else "Article 13") in question
    page.locator("#question textarea").fill("not yet sent")
    following.click()
    answered(page, 2)
    assert assistant.asked[-1] == question
    assert question not in suggested.all_inner_texts()
    expect(page.locator("#question textarea")).to_have_value("not yet sent")
    assert fits(page)


@pytest.mark.parametrize(("language", "width"), [*VISITS, *MORE_VISITS])
def test_earlier_conversations_are_kept_in_the_browser(
    visit: Visit, language: Language, width: int
) -> None:
    page = visit(language, width)
    ask(page, f"代码 {HOSTILE}")
    answered(page, 1)
    ask(page, "Mars 火星")
    expect(page.locator(".answer.refused")).to_be_visible()
    expect(page.locator(".earlier .count")).to_have_text("1")
    page.get_by_role("button", name=say(language, "conversation_new")).click()
    expect(page.locator(".welcome")).to_be_visible()
    ask(page, QUESTIONS[language])
    answered(page, 1)
    expect(page.locator(".earlier .count")).to_have_text("2")
    page.locator(".earlier summary").click()
    rows = page.locator(".reopen")
    expect(rows.nth(0)).to_have_attribute("aria-current", "true")
    expect(rows.nth(1)).to_contain_text(f"代码 {HOSTILE}"[:40])
    assert page.locator(".kept :is(script, img)").count() == 0
    assert fits(page)
    rows.nth(1).click()
    expect(page.locator(".turn")).to_have_count(2)
    expect(page.locator(".answer").first).to_have_text(f"{HOSTILE}[1]")
    expect(page.locator(".question").first).to_contain_text(HOSTILE)
    page.locator(".answer .citation").click()
    expect(page.locator(".panel h2")).to_be_focused()
    assert page.locator("#conversation :is(script, img), #panel :is(script, img)").count() == 0
    assert page.evaluate("window.harmed") is None
    page.locator(".earlier summary").click()
    page.locator('.kept [data-action="delete"]').nth(0).click()
    expect(page.locator(".earlier .count")).to_have_text("1")
    page.once("dialog", lambda dialog: dialog.accept())
    page.locator('.kept [data-action="forget"]').click()
    expect(page.locator(".earlier .count")).to_have_text("0")
    assert page.evaluate("localStorage.getItem('tiaowen.conversations')") == "[]"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_keeping_can_be_switched_off_for_good(visit: Visit, language: Language) -> None:
    page = visit(language)
    page.locator(".earlier summary").click()
    keeping = page.get_by_label(say(language, "earlier_keep"))
    expect(keeping).to_be_checked()
    keeping.uncheck()
    ask(page, "first 一")
    answered(page, 1)
    page.reload()
    answered(page, 1)  # the tab still has it
    expect(page.locator(".earlier .count")).to_have_text("0")
    page.locator(".earlier summary").click()
    expect(keeping).not_to_be_checked()
    assert page.evaluate("localStorage.getItem('tiaowen.conversations')") is None
    keeping.check()
    ask(page, "second 二")
    answered(page, 2)
    expect(page.locator(".earlier .count")).to_have_text("1")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_reload_keeps_conversation_language_folds_and_draft(
    visit: Visit, language: Language
) -> None:
    page = visit(language)
    other: Language = "en" if language == "zh" else "zh"
    page.get_by_role("button", name=say(other, "language_name")).click()
    expect(page.locator("#ask")).to_have_text(say(other, "ask"))
    ask(page, QUESTIONS[language])
    answered(page, 1)
    page.locator(".found summary").click()
    page.locator("#question textarea").fill("half a que")
    page.reload()
    expect(page.locator("#ask")).to_have_text(say(other, "ask"))
    expect(page.locator(".answer")).to_have_text(f"{ANSWERS[language]}[1]")
    expect(page.locator(".found .clause").first).to_be_visible()
    expect(page.locator("mark.quote")).to_be_visible()
    expect(page.locator("#question textarea")).to_have_value("half a que")
    cookies = {one["name"]: one for one in page.context.cookies()}
    cookie = cookies["tiaowen_language"]
    assert (cookie.get("value"), cookie.get("path"), cookie.get("sameSite")) == (other, "/", "Lax")
    ask(page, "second 二")
    answered(page, 2)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_reload_in_the_midst_of_an_answer_lets_it_be_asked_again(
    visit: Visit, assistant: FakeAssistant, language: Language
) -> None:
    page = visit(language)
    ask(page, "slow 慢")
    expect(page.locator(".streaming")).to_be_visible()
    page.reload()
    expect(page.locator(".question")).to_contain_text("slow 慢")
    expect(page.locator(".stopped")).to_have_text(say(language, "stopped"))
    assistant.gate.set()
    page.get_by_role("button", name=say(language, "ask_again")).click()
    answered(page, 1)


def test_a_spoilt_store_is_no_harm(visit: Visit) -> None:
    page = visit("en")
    spoilt = json.dumps([{"kept": "{", "name": "x", "title": HOSTILE, "at": 0}, 5, None])
    page.evaluate("text => localStorage.setItem('tiaowen.conversations', text)", spoilt)
    page.evaluate("() => sessionStorage.setItem('tiaowen.conversation', '[')")
    page.reload()
    expect(page.locator(".welcome")).to_be_visible()
    page.locator(".earlier summary").click()
    page.locator(".reopen").click()
    expect(page.get_by_role("alert")).to_have_text(say("en", "missing_kept"))
    ask(page, "question")
    answered(page, 1)
    assert page.evaluate("window.harmed") is None


@pytest.mark.parametrize(("language", "width"), VISITS)
def test_the_address_fills_the_box_and_keeps_to_a_document(
    visit: Visit, assistant: FakeAssistant, language: Language, width: int
) -> None:
    page = visit(language, width, "/?document=show&q=%E5%A4%9A%E5%B0%91%3F")
    box = page.locator("#question textarea")
    expect(box).to_have_value("多少?")
    assert assistant.asked == []
    expect(page.locator(".chip.only")).to_contain_text(
        "示范社区建设意见" if language == "zh" else "Opinions on Building Demonstration Communities"
    )
    assert fits(page)
    ask(page, "多少?")
    answered(page, 1)
    assert (assistant.asked, assistant.limits) == (["多少?"], [("show",)])
    expect(page).to_have_url(re.compile(r"\?document=show$"))
    ask(page, "How many?")
    answered(page, 2)
    assert assistant.limits[-1] == ("show",)
    page.locator('.chip.only [data-action="take-off"]').click()
    expect(page.locator(".chip.only")).to_have_count(0)
    expect(page).to_have_url(re.compile(r"/$"))
    ask(page, "多少?")
    answered(page, 3)
    assert len(assistant.limits) == 3 and not assistant.limits[-1]


@pytest.mark.parametrize(("language", "width"), MORE_VISITS)
def test_a_link_opens_its_clause(visit: Visit, language: Language, width: int) -> None:
    page = visit(language, width, "/?clause=show%23%E5%9B%9B%2F(%E5%8D%81%E4%BA%8C)")
    heading = page.locator(".panel h2")
    expect(heading).to_contain_text("（十二）" if language == "zh" else "Article 12")
    expect(heading).to_be_in_viewport()
    expect(page.locator(".welcome")).to_have_count(1)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.locator('.panel [data-step="1"]').click()
    expect(heading).to_contain_text("（十三）" if language == "zh" else "Article 13")
    page.get_by_role("button", name=say(language, "link_copy")).click()
    expect(page.locator("#announced")).to_have_text(say(language, "link_copied"))
    page.goto(page.evaluate("navigator.clipboard.readText()"))
    expect(heading).to_contain_text("（十三）" if language == "zh" else "Article 13")


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("part", ["document", "clause"])
def test_an_address_of_nothing_says_what_to_do(visit: Visit, language: Language, part: str) -> None:
    page = visit(language, address=f"/?{part}=nowhere%23%3Cb%3E")
    expect(page.get_by_role("alert")).to_have_text(say(language, f"missing_{part}"))
    ask(page, "question 问")
    answered(page, 1)
    expect(page.get_by_role("alert")).to_have_count(0)


def underlined(page: Page, selector: str) -> str:
    shown: str = page.locator(selector).evaluate("one => getComputedStyle(one).textDecorationLine")
    return shown


@pytest.mark.parametrize(("language", "width"), VISITS)
def test_a_sentence_and_its_english_are_seen_together(
    visit: Visit, language: Language, width: int
) -> None:
    page = visit(language, width)
    ask(page, QUESTIONS[language])
    answered(page, 1)
    pairs = page.locator(".pair")
    expect(pairs).to_have_count(4)
    chinese, english = (f".pair:nth-of-type(4) .{kind}" for kind in ("source", "english"))
    assert underlined(page, chinese) == "none"
    for hovered in (chinese, english):
        page.locator(hovered).hover()
        assert underlined(page, chinese) == underlined(page, english) == "underline"
    page.mouse.move(1, 1)
    pairs.nth(0).focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(pairs.nth(2)).to_be_focused()
    expect(pairs.nth(2)).to_have_attribute("aria-label", say(language, "pair_name", n=3, count=4))
    assert underlined(page, chinese) == underlined(page, english) == "underline"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_only_beginning_and_end_are_read_out(
    visit: Visit, assistant: FakeAssistant, language: Language
) -> None:
    page = visit(language)
    page.evaluate(
        """() => {
        window.heard = [];
        const region = document.getElementById('announced');
        new MutationObserver(() => window.heard.push(region.textContent))
            .observe(region, { childList: true });
        }"""
    )
    assert page.locator("#announced").get_attribute("role") == "status"
    assert page.locator("#conversation [role=status]").count() == 0
    ask(page, "slow 慢")
    expect(page.locator(".streaming")).to_be_visible()
    # On a slow machine the page may come to read out the beginning only after it has shown it.
    expect(page.locator("#announced")).to_have_text(say(language, "announce_working"))
    assistant.gate.set()
    answered(page, 1)
    ended = say(language, "announce_answered", count=1)
    expect(page.locator("#announced")).to_have_text(ended)
    assert page.evaluate("window.heard") == [say(language, "announce_working"), ended]


def test_everything_is_reached_by_keyboard_and_shows_its_focus(visit: Visit) -> None:
    page = visit("en")
    ask(page, QUESTIONS["en"])
    answered(page, 1)
    page.evaluate("document.activeElement.blur()")
    reached = []
    for _ in range(60):
        page.keyboard.press("Tab")
        seen = page.evaluate(
            """() => {
            const one = document.activeElement;
            const style = getComputedStyle(one);
            return [one.dataset.action ?? one.tagName, one.matches(':focus-visible'),
                    style.outlineStyle, parseFloat(style.outlineWidth)];
            }"""
        )
        if seen[0] == "BODY":  # The end of the page; the next is its beginning.
            continue
        assert seen[1:3] == [True, "solid"] and seen[3] >= 2, seen
        reached.append(seen[0])
    actions = {"language", "new", "edit", "open", "copy", "ask", "export", "leaf", "link"}
    assert actions <= set(reached)
    assert {"TEXTAREA", "BUTTON", "SUMMARY", "DIV"} <= set(reached)


def test_motion_is_left_out_where_it_is_not_wanted(visit: Visit, assistant: FakeAssistant) -> None:
    page = visit("en")
    ask(page, "slow")
    moves = "getComputedStyle(document.querySelector('.stage'), '::before').animationName"
    expect(page.locator(".stage")).to_be_visible()
    assert page.evaluate(moves) == "breathe"
    page.emulate_media(reduced_motion="reduce")
    assert page.evaluate(moves) == "none"
    assistant.gate.set()
    answered(page, 1)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_an_answer_prints_with_its_quotes(visit: Visit, language: Language) -> None:
    page = visit(language)
    ask(page, QUESTIONS[language])
    answered(page, 1)
    page.emulate_media(media="print")
    expect(page.locator(".printed")).to_be_visible()
    expect(page.locator(".printed")).to_have_text("到2030年，建成示范社区50个。")
    expect(page.locator(".cited .label")).to_be_visible()
    for hidden in (
        "#asking",
        "#side",
        "#earlier",
        ".edit",
        ".tool >> nth=0",
        ".suggested >> nth=0",
    ):
        expect(page.locator(hidden)).to_be_hidden()
    page.emulate_media(media="screen")
    expect(page.locator(".printed")).to_be_hidden()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_texts_name_their_language(visit: Visit, language: Language) -> None:
    page = visit(language)
    ask(page, QUESTIONS[language])
    answered(page, 1)
    assert page.locator(".source").first.get_attribute("lang") == "zh"
    assert page.locator(".english").first.get_attribute("lang") == "en"
    expected = "zh-Hans" if language == "zh" else "en"
    for part in (".question", ".answer", ".suggested >> nth=0", ".cited .label"):
        assert page.locator(part).get_attribute("lang") == expected
    strict = "getComputedStyle(document.querySelector('.source')).lineBreak"
    assert page.evaluate(strict) == "strict"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_lost_server_is_told_and_the_page_goes_on_when_it_is_back(
    browser: Browser, language: Language
) -> None:
    from rag.web.server import listen

    context = browser.new_context(locale=LOCALES[language])
    page = context.new_page()
    page.set_default_timeout(20_000)
    with serving(FakeAssistant()) as address:
        page.goto(address)
        ask(page, QUESTIONS[language])
        answered(page, 1)
        page.locator("#question textarea").fill("half a que")
    told = page.locator("#told")
    expect(told).to_have_text(say(language, "connection_lost"), timeout=20_000)
    expect(told).to_have_attribute("role", "alert")
    expect(page.locator(".answer")).to_have_text(f"{ANSWERS[language]}[1]")
    port = int(address.rpartition(":")[2])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("fakes_app.listen", lambda host, _: listen(host, port))
        with serving(FakeAssistant()):
            expect(told).to_have_count(0, timeout=20_000)
            expect(page.locator(".answer")).to_have_text(f"{ANSWERS[language]}[1]")
            expect(page.locator("#question textarea")).to_have_value("half a que")
            ask(page, "second 二")
            answered(page, 2)
            context.close()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_server_lost_in_the_midst_of_an_answer(browser: Browser, language: Language) -> None:
    from rag.web.server import listen

    context = browser.new_context(locale=LOCALES[language])
    page = context.new_page()
    page.set_default_timeout(20_000)
    assistant = FakeAssistant()
    with serving(assistant) as address:
        page.goto(address)
        ask(page, "slow 慢")
        expect(page.locator(".streaming")).to_be_visible()
        threading.Timer(2.0, assistant.gate.set).start()  # the server is gone by then
    expect(page.locator("#told")).to_have_text(say(language, "connection_lost"))
    expect(page.get_by_test_id("toast-body")).to_be_hidden()
    port = int(address.rpartition(":")[2])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("fakes_app.listen", lambda host, _: listen(host, port))
        again = FakeAssistant()
        again.gate.set()
        with serving(again):
            button = page.get_by_role("button", name=say(language, "ask_again"))
            expect(button).to_be_visible()
            expect(page.locator("#told")).to_have_count(0)
            button.click()
            answered(page, 1)
            context.close()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_what_fails_inside_is_told_with_a_next_step(
    visit: Visit, monkeypatch: pytest.MonkeyPatch, language: Language
) -> None:
    def broken(*_: object, **__: object) -> str:
        raise RuntimeError("not for the page")

    monkeypatch.setattr("rag.web.chat.events.file_link", broken)
    page = visit(language)
    ask(page, QUESTIONS[language])
    answered(page, 1)
    page.locator('[data-action="export"][data-kind="md"]').click()
    expect(page.locator("#told")).to_have_text(say(language, "connection_failed"))
    expect(page.get_by_text("not for the page")).to_have_count(0)
    ask(page, "second 二")
    answered(page, 2)
    expect(page.locator("#told")).to_have_count(0)


def test_a_new_conversation_leaves_a_running_answer(visit: Visit, assistant: FakeAssistant) -> None:
    page = visit("en")
    ask(page, "slow")
    expect(page.locator(".streaming")).to_be_visible()
    page.get_by_role("button", name="New conversation").click()
    expect(page.locator(".welcome")).to_be_visible()
    expect(page.locator("#stop")).to_be_hidden()
    assistant.gate.set()
    ask(page, "next")
    answered(page, 1)
    expect(page.locator(".question")).to_have_count(1)
    assert assistant.previous[-1] == ()
    page.locator(".earlier summary").click()
    page.locator(".reopen").nth(1).click()
    expect(page.locator(".stopped")).to_be_visible()
    expect(page.locator(".question")).to_contain_text("slow")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_machine_made_english_is_marked(visit: Visit, language: Language) -> None:
    page = visit(language)
    ask(page, "markup 代码")
    answered(page, 1)
    expect(page.locator(".answer .citation")).to_have_attribute("data-clause", BAD)
    expect(page.locator(".machine")).to_have_text(say(language, "rendition_machine"))
    expect(page.locator(".by-machine").first).to_be_visible()
    page.locator(".found summary").click()
    page.locator(f'.found .clause[data-clause="{SHOW}"]').click()
    expect(page.locator(".by-machine")).to_have_count(0)
