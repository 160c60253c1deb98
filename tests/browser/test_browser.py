"""The chat in Chromium: asking, citations, languages, stopping, escaping, and no remote request."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from fakes_app import ANSWERS, HOSTILE, HOSTILE_TEXT, REFUSALS, SHOW, FakeAssistant, serving
from playwright.sync_api import Browser, Page, expect
from visiting import profile

pytestmark = pytest.mark.browser

QUOTE = "到2030年，建成示范社区50个。"
LOOPBACK = {"127.0.0.1", "localhost", "::1"}
Visit = Callable[..., Page]


@pytest.fixture
def visit(browser: Browser, url: str) -> Iterator[Visit]:
    """Opens the chat in a new browser profile; at the end nothing may have left the machine."""
    requested: list[str] = []
    complaints: list[str] = []
    opened = ExitStack()

    def open_page(locale: str = "zh-CN", width: int = 1280, height: int = 800) -> Page:
        viewport = {"width": width, "height": height}
        context = opened.enter_context(profile(browser, locale=locale, viewport=viewport))
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.on("request", lambda request: requested.append(request.url))
        page.on("websocket", lambda socket: requested.append(socket.url))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "console",
            lambda message: complaints.append(message.text) if message.type == "error" else None,
        )
        page.goto(url)
        expect(page.locator(".welcome")).to_be_visible()
        return page

    with opened:
        yield open_page
    addresses = [urlsplit(one) for one in requested]
    remote = [
        one.geturl()
        for one in addresses
        if one.scheme not in ("data", "blob") and one.hostname not in LOOPBACK
    ]
    assert len(addresses) > 10
    assert remote == []
    assert complaints == []


def ask(page: Page, question: str) -> None:
    page.locator("#question textarea").fill(question)
    page.keyboard.press("Enter")


@pytest.mark.parametrize(
    ("locale", "question", "answer", "label", "status"),
    [
        ("zh-CN", "到2030年建成多少示范社区？", ANSWERS["zh"], "示范〔2024〕1号 （十二）", "有效"),
        ("en-US", "How many by 2030?", ANSWERS["en"], "Shi Fan [2024] No. 1, Article 12",
         "In force"),
    ],
    ids=["zh", "en"],
)  # fmt: skip
def test_a_citation_opens_the_clause_at_its_quote(
    visit: Visit, locale: str, question: str, answer: str, label: str, status: str
) -> None:
    page = visit(locale)
    ask(page, question)
    expect(page.locator(".answer")).to_have_text(f"{answer}[1]")
    citation = page.locator(".answer .citation")
    expect(citation).to_have_attribute("data-clause", SHOW)
    citation.click()
    heading = page.locator(".panel h2")
    expect(heading).to_have_text(label)
    expect(heading).to_be_focused()
    expect(page.locator(".panel .badge")).to_have_text(status)
    expect(page.locator("mark.quote")).to_have_text(QUOTE)
    expect(page.locator("mark.quote")).to_be_in_viewport()
    expect(page.locator(".pair.quoted .english mark")).to_have_text(
        "By 2030, 50 such communities are built."
    )
    expect(page.locator("#question textarea")).to_have_value("")


def test_a_citation_opens_from_the_keyboard(visit: Visit) -> None:
    page = visit("en-US")
    ask(page, "代码")
    expect(page.locator(".panel h2")).to_have_text(HOSTILE)
    page.locator(".answer .citation").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".panel h2")).to_be_focused()


def test_an_article_that_was_only_found_opens_and_its_list_stays_unfolded(visit: Visit) -> None:
    page = visit("en-US")
    ask(page, "question")
    expect(page.locator(".answer .citation")).to_be_visible()
    page.locator(".found summary").click()
    page.locator(".found .clause").nth(2).click()
    expect(page.locator(".panel h2")).to_have_text("Plain, 1")
    expect(page.locator(".panel .badge")).to_have_text("No end date stated")
    expect(page.locator(".found .clause").nth(2)).to_be_visible()
    expect(page.locator(".found .clause").nth(2)).to_have_attribute("aria-pressed", "true")
    page.locator(".found summary").click()
    page.get_by_role("button", name="中文").click()
    expect(page.locator("#ask")).to_have_text("提问")
    expect(page.locator(".found .clause").nth(2)).to_be_hidden()


def test_switching_the_language_keeps_the_conversation(visit: Visit) -> None:
    page = visit("zh-CN")
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hans")
    expect(page.locator("#ask")).to_have_text("提问")
    ask(page, "第一问")
    expect(page.locator(".answer .citation")).to_be_visible()
    page.get_by_role("button", name="English").click()
    expect(page.locator("#ask")).to_have_text("Ask")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator(".question")).to_have_text("You asked: 第一问")
    expect(page.locator(".answer")).to_have_text(f"{ANSWERS['zh']}[1]")
    expect(page.locator(".panel h2")).to_have_text("Shi Fan [2024] No. 1, Article 12")
    expect(page.get_by_label("Your question")).to_be_visible()
    ask(page, "Mars?")
    expect(page.locator(".answer.refused")).to_have_text(REFUSALS["en"])
    page.get_by_role("button", name="中文").click()
    expect(page.locator("summary", has_text="最接近的条文")).to_be_visible()
    expect(page.locator(".question")).to_have_count(2)


def test_the_language_can_be_switched_while_an_answer_is_written(
    visit: Visit, assistant: FakeAssistant
) -> None:
    page = visit("zh-CN")
    ask(page, "慢慢写")
    expect(page.locator(".streaming")).to_have_text(ANSWERS["zh"][:5])
    page.get_by_role("button", name="English").click()
    expect(page.locator(".stage")).to_have_text("writing…")
    assistant.gate.set()
    expect(page.locator(".answer")).to_have_text(f"{ANSWERS['zh']}[1]")
    expect(page.locator("#ask")).to_have_text("Ask")


def test_an_example_asks_itself(visit: Visit, assistant: FakeAssistant) -> None:
    page = visit("en-US")
    expect(page.locator(".example")).to_have_count(6)
    example = page.locator(".example").nth(4)
    question = example.inner_text()
    example.click()
    expect(page.locator(".answer")).to_have_text(f"{ANSWERS['zh']}[1]")
    assert assistant.asked == [question]


def test_a_new_question_and_its_stage_come_into_view(
    visit: Visit, assistant: FakeAssistant
) -> None:
    page = visit("en-US", height=500)
    for question in ("first", "second"):
        ask(page, question)
        expect(page.locator(".citation")).to_have_count(1 if question == "first" else 2)
    ask(page, "slow")
    expect(page.locator(".question").last).to_be_in_viewport(ratio=1)
    expect(page.locator(".streaming")).to_be_in_viewport(ratio=1)
    expect(page.locator(".stage")).to_be_in_viewport(ratio=1)
    assistant.gate.set()
    expect(page.locator(".citation")).to_have_count(3)


def test_an_answer_can_be_stopped_and_the_next_asked(
    visit: Visit, assistant: FakeAssistant
) -> None:
    page = visit("en-US")
    ask(page, "slow")
    expect(page.locator(".streaming")).to_be_visible()
    expect(page.locator(".found li")).to_have_count(3)
    expect(page.locator("#ask")).to_be_disabled()
    page.locator("#stop").click()
    expect(page.locator(".stopped")).to_have_text("Stopped.")
    expect(page.locator("#stop")).to_be_hidden()
    expect(page.locator("#ask")).to_be_enabled()
    ask(page, "next")
    expect(page.locator(".stage")).to_have_text("Waiting in line: 1 ahead of you")
    assistant.gate.set()
    expect(page.locator(".answer .citation")).to_be_visible()
    assert assistant.asked == ["slow", "next"]


def test_others_wait_in_line_and_a_closed_page_leaves_it(
    visit: Visit, assistant: FakeAssistant
) -> None:
    first, second, third = visit("en-US"), visit("en-US"), visit("zh-CN")
    ask(first, "slow")
    expect(first.locator(".streaming")).to_be_visible()
    ask(second, "second")
    expect(second.locator(".stage")).to_have_text("Waiting in line: 1 ahead of you")
    ask(third, "第三问")
    expect(third.locator(".stage")).to_have_text("排队中：前面还有 2 个问题")
    second.close()
    expect(third.locator(".stage")).to_have_text("排队中：前面还有 1 个问题")
    first.close()
    assistant.gate.set()
    expect(third.locator(".answer .citation")).to_be_visible()
    assert assistant.asked == ["slow", "第三问"]


def test_a_fault_is_one_sentence_in_the_page(visit: Visit) -> None:
    page = visit("en-US")
    ask(page, "broken")
    expect(page.get_by_role("alert")).to_have_text(
        "No answer: The model is missing; install it again."
    )
    ask(page, "fine")
    expect(page.locator(".answer .citation")).to_be_visible()


def test_markup_in_a_document_shows_as_text(visit: Visit) -> None:
    page = visit("zh-CN")
    ask(page, f"代码 {HOSTILE}")
    expect(page.locator(".answer")).to_have_text(f"{HOSTILE}[1]")
    expect(page.locator(".question")).to_contain_text(HOSTILE)
    page.locator(".answer .citation").click()
    expect(page.locator(".panel h2")).to_be_focused()
    assert "".join(page.locator("mark.quote").all_text_contents()) == HOSTILE_TEXT
    assert page.locator("#conversation :is(script, img), #panel :is(script, img)").count() == 0
    assert page.evaluate("window.harmed") is None


@pytest.mark.parametrize("locale", ["zh-CN", "en-US"])
def test_a_phone_stacks_the_columns(visit: Visit, locale: str) -> None:
    page = visit(locale, width=390, height=844)
    ask(page, "问" if locale == "zh-CN" else "question")
    page.locator(".answer .citation").click()
    expect(page.locator("mark.quote")).to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    talk, side = page.locator("#talk").bounding_box(), page.locator("#side").bounding_box()
    assert talk is not None
    assert side is not None
    assert (side["x"], side["width"]) == (0, 390)
    assert side["y"] == pytest.approx(talk["y"] + talk["height"], abs=1)
    page.locator(".panel .back").click()
    expect(page.locator(".answer .citation")).to_be_focused()
    expect(page.locator(".answer .citation")).to_be_in_viewport()


def test_wide_pages_have_two_columns(visit: Visit) -> None:
    page = visit("en-US", width=1024, height=700)
    talk, side = page.locator("#talk").bounding_box(), page.locator("#side").bounding_box()
    assert talk is not None
    assert side is not None
    assert side["x"] == pytest.approx(talk["x"] + talk["width"], abs=1)
    assert side["y"] == talk["y"]
    assert page.evaluate("document.documentElement.scrollHeight") == 700


@pytest.mark.slow
def test_the_real_assistant_answers_in_both_languages(browser: Browser, tmp_path: Path) -> None:
    """Builds the built-in index, loads the default models, asks and opens the citations."""
    from index.search.build import build_index
    from index.search.embed import load_encoder
    from rag.answer.assistant import load_assistant

    build_index([], tmp_path, load_encoder("default"))
    assistant = load_assistant(tmp_path)
    requested: list[str] = []
    with serving(assistant) as url:
        for locale, question, expected in (
            ("zh-CN", "杭州到2026年数字贸易额的目标是多少？", "4300亿元"),
            ("en-US", "What value of digital trade does Hangzhou aim for by 2026?", "430 billion"),
        ):
            page = browser.new_page(locale=locale)
            page.on("request", lambda request: requested.append(request.url))
            page.goto(url)
            ask(page, question)
            citation = page.locator(".answer .citation").first
            expect(citation).to_be_visible(timeout=180_000)
            expect(page.locator(".answer")).to_contain_text(expected)
            citation.click()
            expect(page.locator(".panel h2")).to_be_focused()
            quote = "".join(page.locator("mark.quote").all_text_contents())
            assert "全市实现数字贸易额4300亿元" in quote
            expect(page.locator(".pair.quoted .english").first).to_have_text(re.compile("[a-z]{4}"))
            expect(page.locator("mark.quote").first).to_be_in_viewport()
            page.close()
    assert {urlsplit(one).hostname for one in requested} - {None} == {"127.0.0.1"}


@pytest.mark.parametrize("locale", ["zh-CN", "en-US"])
def test_an_answer_is_copied_and_a_conversation_saved(visit: Visit, locale: str) -> None:
    page = visit(locale)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    ask(page, "到2030年建成多少示范社区？")
    expect(page.locator(".answer .citation")).to_be_visible()
    button = page.locator('button[data-action="copy"]').first
    name = button.inner_text()
    button.click()
    expect(button).not_to_have_text(name)
    copied = page.evaluate("navigator.clipboard.readText()")
    assert ANSWERS["zh"] in copied and QUOTE in copied and "示范〔2024〕1号" in copied
    expect(button).to_have_text(name)
    for kind, begins in (("docx", b"PK"), ("md", "## 到2030年".encode()), ("docx", b"PK")):
        with page.expect_download() as saving:
            page.locator(f'button[data-action="export"][data-kind="{kind}"]').click()
        assert saving.value.suggested_filename == f"tiaowen.{kind}"
        assert Path(saving.value.path()).read_bytes().startswith(begins)
    for kind in ("memo_zh", "memo_en", "memo_both"):
        with page.expect_download() as saving:
            page.locator(f'button[data-action="export"][data-kind="{kind}"]').click()
        assert saving.value.suggested_filename == "tiaowen-memo.docx"
        assert Path(saving.value.path()).read_bytes().startswith(b"PK")


def test_the_next_article_is_a_click_away(visit: Visit) -> None:
    page = visit("en-US")
    ask(page, "question")
    expect(page.locator(".answer .citation")).to_be_visible()
    page.locator(".answer .citation").click()
    heading = page.locator(".panel h2")
    first = heading.inner_text()
    following = page.locator('.panel button[data-step="1"]')
    following.click()
    expect(heading).not_to_have_text(first)
    expect(heading).to_be_focused()
    page.locator('.panel button[data-step="-1"]').click()
    expect(heading).to_have_text(first)
