"""What people wait for on the chat's page, in a real browser: one at a time, or many at once.

Starts the chat as a user would, and Chromium by Playwright, which is installed for tests only.
"""

from __future__ import annotations

import importlib
import os
import re
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from eval.bench.start import PATIENCE, ROOT, peak_memory
from eval.case import EvalFault

if TYPE_CHECKING:
    from playwright.sync_api import Browser

PORT = 7898
# Seconds until everybody asks: time enough to tell it to every page.
UNTIL_ASKED = 2.0
# Notes in a page when what a person waits for first stood on it, in milliseconds of the machine's
# clock. The question is sent by the page itself, so that all pages do it at the same moment.
WATCH = """({ at, waiting }) => {
  const now = () => performance.timeOrigin + performance.now();
  const seen = window.seen = { asked: null, articles: null, word: null, whole: null,
                               place: null, error: '' };
  const note = (name, there) => { if (seen[name] === null && there) seen[name] = now(); };
  const look = () => {
    if (seen.asked === null) return;
    const turn = document.querySelector('.turn');
    if (!turn) return;
    const stage = turn.querySelector('.stage')?.textContent ?? '';
    const place = stage.match(new RegExp(waiting));
    if (seen.place === null && place) seen.place = Number(place[1]);
    note('articles', turn.querySelector('button.clause'));
    note('word', turn.querySelector('.answer')?.textContent);
    seen.error ||= document.querySelector('.fault, #told')?.textContent ?? '';
    note('whole', document.querySelector('.conversation[aria-busy=false] .turn'));
  };
  new MutationObserver(look).observe(document.body, { childList: true, subtree: true,
    characterData: true, attributes: true, attributeFilter: ['aria-busy'] });
  setTimeout(() => { seen.asked = now(); document.querySelector('#ask').click(); },
    at - now());
}"""


@dataclass(frozen=True)
class Seen:
    """Seconds from Enter to the first article on the page and to the finished answer."""

    articles: float
    whole: float


@dataclass(frozen=True)
class Person:
    """What one of several people saw who asked at the same moment.

    `asked` is the seconds after the first of them; the others are seconds from then on, None for
    what never stood on the page. `place` is how many were ahead at first, `error` what the page
    said of a fault.
    """

    asked: float
    articles: float | None
    word: float | None
    whole: float | None
    place: int
    error: str

    @property
    def ended(self) -> float:
        """When the page was still, in seconds after the first question of all."""
        return self.asked + (self.whole or 0.0)


def measure(questions: Sequence[str], options: Sequence[str] = ()) -> tuple[list[Seen], float]:
    """Each question is asked on a page of its own; last the server's most memory in MiB.

    Raises EvalFault where there is no browser.
    """
    seen = []
    with _browser() as browser, _server(options) as (url, process):
        for question in questions:
            page = browser.new_page()
            page.set_default_timeout(PATIENCE * 1000)
            page.goto(url)
            page.locator(".welcome").wait_for()
            box = page.locator("#question textarea")
            box.fill(question)
            started = time.perf_counter()
            box.press("Enter")
            page.locator(".turn button.clause").first.wait_for()
            found = time.perf_counter()
            page.locator(".conversation[aria-busy=false] .turn").first.wait_for()
            seen.append(Seen(found - started, time.perf_counter() - started))
            page.close()
        memory = peak_memory(process.pid)
    return seen, memory


def measure_together(
    questions: Sequence[str], options: Sequence[str] = ()
) -> tuple[list[Person], float]:
    """Each question is asked by somebody else, all at once; last the most memory in MiB.

    Everybody signs in, because people on one machine count as one without. Raises EvalFault where
    there is no browser.
    """
    token = secrets.token_hex(8)
    with _browser() as browser, _server(options, token) as (url, process):
        people = ask_together(browser, url, questions, token)
        memory = peak_memory(process.pid)
    return people, memory


def ask_together(browser: Browser, url: str, questions: Sequence[str], token: str) -> list[Person]:
    """Ask a running chat all the questions at the same moment, each in a browser of its own."""
    from rag.web.texts import say

    pages = []
    for question in questions:
        page = browser.new_context(locale="en-US").new_page()
        page.set_default_timeout(PATIENCE * 1000)
        page.goto(url)
        page.locator("#token").fill(token)
        page.keyboard.press("Enter")
        page.locator(".welcome").wait_for()
        page.locator("#question textarea").fill(question)
        pages.append(page)
    before, after = map(re.escape, say("en", "stage_waiting", ahead="|").split("|"))
    at = (time.time() + UNTIL_ASKED) * 1000
    for page in pages:
        page.evaluate(WATCH, {"at": at, "waiting": rf"{before}(\d+){after}"})
    told = []
    for page in pages:
        page.wait_for_function("window.seen.whole !== null")
        told.append(page.evaluate("window.seen"))
        page.context.close()
    first = min(one["asked"] for one in told)

    def seconds(one: dict[str, float | None], name: str) -> float | None:
        when, asked = one[name], one["asked"]
        return None if when is None or asked is None else (when - asked) / 1000

    return [
        Person(
            asked=(one["asked"] - first) / 1000,
            articles=seconds(one, "articles"),
            word=seconds(one, "word"),
            whole=seconds(one, "whole"),
            place=one["place"] or 0,
            error=one["error"],
        )
        for one in told
    ]


def overtaken(people: Sequence[Person]) -> int:
    """How many pairs were answered in another order than they stood in the line at first.

    People of whom the page told the same place are no pair.
    """
    return sum(
        one.place < other.place and one.ended > other.ended for one in people for other in people
    )


@contextmanager
def _browser() -> Iterator[Browser]:
    try:
        # By name: it belongs to the tests, not to what the product needs.
        playwright_api = importlib.import_module("playwright.sync_api")
    except ImportError:
        raise EvalFault('Playwright is not installed; install: pip install ".[dev]"') from None
    chromium = os.environ.get("CHROMIUM")
    if not chromium:
        raise EvalFault("Name the browser: CHROMIUM=$(bash .ci/browser.sh)")
    with playwright_api.sync_playwright() as playwright:
        try:
            arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
            browser = playwright.chromium.launch(executable_path=chromium, args=arguments)
        except playwright_api.Error as fault:
            raise EvalFault(f"{chromium} does not start: {fault.message}") from fault
        yield browser
        browser.close()


@contextmanager
def _server(
    options: Sequence[str], token: str = ""
) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    process = subprocess.Popen(
        [sys.executable, "app.py", "--port", str(PORT), *options],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONUNBUFFERED": "1"} | ({"TIAOWEN_TOKEN": token} if token else {}),
    )
    assert process.stdout is not None
    try:
        while b"http://" not in (line := process.stdout.readline()):
            if not line:
                raise EvalFault("The server did not start; what it said stands above.")
        yield f"http://127.0.0.1:{PORT}", process
    finally:
        process.terminate()
        process.wait()
