"""A person at a browser, for the journeys: their language, their window, and what they see.

The fixture `visitor` of tests/conftest.py gives one for each language and width. Which pages are
visited and what must be on them is up to the tests. A profile that a test has done with is emptied
and given to the next: the page's scripts, which are the same, need not be read and compiled anew.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

from playwright.sync_api import Browser, BrowserContext, Locator, Page, Request, expect

from rag.schema import Language
from rag.web.texts import say

LOCALES: dict[Language, str] = {"zh": "zh-CN", "en": "en-US"}
HTML_LANGUAGES: dict[Language, str] = {"zh": "zh-Hans", "en": "en"}
WIDTHS = (390, 1280, 1920)
VISITS: tuple[tuple[Language, int], ...] = tuple(
    (language, width) for language in LOCALES for width in WIDTHS
)
LAYOUT = (Path(__file__).parent / "layout.js").read_text("utf-8")
AXE = files("axe_playwright_python").joinpath("axe.min.js")
GRAVE = ("serious", "critical")
LOOPBACK = {"127.0.0.1", "localhost", "::1", None}
# Chromium's own line in the console for a status over 399, which a test may provoke, and what the
# framework says where a visitor leaves the chat before its stream has ended.
HARMLESS = ("Failed to load resource", "AbortError", "Unexpected error Connection errored out")
# The profiles of a browser that are in nobody's use, by what they were opened with.
_IDLE: WeakKeyDictionary[Browser, dict[str, list[BrowserContext]]] = WeakKeyDictionary()


@contextmanager
def profile(
    browser: Browser, permissions: Sequence[str] = (), **options: Any
) -> Iterator[BrowserContext]:
    """A browser profile in which nothing is kept but scripts and styles that were fetched before.

    `options` are those of Playwright's `new_context`. Cookies, what pages have stored, permissions
    and pages go at the end; init scripts and routes of the profile itself would stay.
    """
    idle = _IDLE.setdefault(browser, defaultdict(list))[json.dumps(options, sort_keys=True)]
    context = idle.pop() if idle else browser.new_context(**options)
    context.grant_permissions(list(permissions))
    origins: set[str] = set()

    def noted(request: Request) -> None:
        address = urlsplit(request.url)
        if address.hostname:
            origins.add(f"{address.scheme}://{address.netloc}")

    context.on("request", noted)
    yield context
    context.remove_listener("request", noted)
    for page in context.pages:
        page.close()
    blank = context.new_page()
    session = context.new_cdp_session(blank)
    for origin in origins:
        session.send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": "all"})
    blank.close()
    context.clear_cookies()
    context.clear_permissions()
    idle.append(context)


def barriers(page: Page) -> list[str]:
    """What axe finds grave on the page as it is: the rule, the elements and what to mend."""
    page.evaluate(AXE.read_text("utf-8"))
    done = page.evaluate("axe.run(document, { resultTypes: ['violations'] })")
    assert len(done["passes"]) > 10
    return [
        f"{one['id']}: {node['target']} {node['failureSummary']}"
        for one in done["violations"]
        if one["impact"] in GRAVE
        for node in one["nodes"]
    ]


@contextmanager
def profiles(
    browser: Browser, url: str, height: int = 844, patience: int = 20_000
) -> Iterator[Callable[..., Page]]:
    """Opens addresses of the chat, each in a new browser profile; no script may have failed.

    `patience` is for how many milliseconds a page is waited for.
    """
    complaints: list[str] = []
    with ExitStack() as opened:

        def open_page(
            address: str, language: Language = "zh", width: int = 1280, **options: Any
        ) -> Page:
            viewport = {"width": width, "height": height}
            context = opened.enter_context(
                profile(browser, locale=LOCALES[language], viewport=viewport, **options)
            )
            page = context.new_page()
            page.set_default_timeout(patience)
            page.on("pageerror", lambda error: complaints.append(str(error)))
            page.goto(url + address)
            return page

        yield open_page
    assert complaints == []


@dataclass(frozen=True)
class Visitor:
    """One person with a browser profile of their own, on one page at a time."""

    context: BrowserContext
    page: Page
    language: Language
    width: int

    @property
    def other_language(self) -> Language:
        """The language that the browser does not ask for."""
        return "en" if self.language == "zh" else "zh"

    def choose(self, zh: str, en: str) -> str:
        """The words for this person."""
        return zh if self.language == "zh" else en

    def says(self, key: str, **values: object) -> str:
        """An interface text as this person reads it."""
        return say(self.language, key, **values)

    def button(self, key: str, **values: object) -> Locator:
        """The button of that name."""
        return self.page.get_by_role("button", name=self.says(key, **values), exact=True)

    def link(self, key: str, **values: object) -> Locator:
        """The link of that name."""
        return self.page.get_by_role("link", name=self.says(key, **values), exact=True)

    def field(self, key: str) -> Locator:
        """The field of that label."""
        return self.page.get_by_label(self.says(key), exact=True)

    def ask(self, question: str) -> None:
        """Type a question, in place of what stands in the box, and press Enter."""
        box = self.page.locator("#question textarea")
        for _ in range(3):
            box.fill(question)
            # The page may set the caret just then, where a question is being edited.
            if box.input_value() == question:
                break
        expect(box).to_have_value(question)
        self.page.keyboard.press("Enter")

    def answered(self, turns: int) -> None:
        """So many questions stand on the page, and the last has been answered."""
        expect(self.page.locator(".turn")).to_have_count(turns)
        expect(self.page.locator(".turn").last.locator(".answer:not(.streaming)")).to_be_visible()
        expect(self.page.locator("#ask")).to_be_enabled()

    def sound(self) -> None:
        """Nothing scrolls sideways, is cut off or overlaps, and the language is told."""
        expect(self.page.locator("html")).to_have_attribute("lang", HTML_LANGUAGES[self.language])
        assert self.page.evaluate(LAYOUT) == []


@contextmanager
def visiting(
    browser: Browser,
    language: Language,
    width: int,
    scheme: Literal["light", "dark"] = "light",
) -> Iterator[Visitor]:
    """A visitor; at the end no script may have failed and nothing may have left the machine."""
    complaints: list[str] = []
    requested: list[str] = []
    with profile(
        browser,
        ("clipboard-read", "clipboard-write"),
        locale=LOCALES[language],
        viewport={"width": width, "height": 844},
        color_scheme=scheme,
    ) as context:
        context.set_default_timeout(10_000)
        heard: dict[Any, Callable[[Any], None]] = {
            "request": lambda request: requested.append(request.url),
            "weberror": lambda error: complaints.append(str(error.error)),
            "console": lambda message: (
                complaints.append(message.text) if message.type == "error" else None
            ),
        }
        for event, hear in heard.items():
            context.on(event, hear)
        yield Visitor(context, context.new_page(), language, width)
        for event, hear in heard.items():
            context.remove_listener(event, hear)
    remote = [one for one in requested if urlsplit(one).hostname not in LOOPBACK]
    grave = [one for one in complaints if not one.startswith(HARMLESS)]
    assert (grave, remote) == ([], [])
    assert requested
