"""How soon the articles found stand on the chat's page after Enter, in a real browser.

Starts the chat as a user would, and Chromium by Playwright, which is installed for tests only.
"""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from eval.bench.start import PATIENCE, ROOT, peak_memory
from eval.case import EvalFault

PORT = 7898


@dataclass(frozen=True)
class Seen:
    """Seconds from Enter to the first article on the page and to the finished answer."""

    articles: float
    whole: float


def measure(questions: Sequence[str], options: Sequence[str] = ()) -> tuple[list[Seen], float]:
    """Each question is asked on a page of its own; last the server's most memory in MiB.

    Raises EvalFault where there is no browser.
    """
    try:
        # By name: it belongs to the tests, not to what the product needs.
        playwright_api = importlib.import_module("playwright.sync_api")
    except ImportError:
        raise EvalFault('Playwright is not installed; install: pip install ".[dev]"') from None
    chromium = os.environ.get("CHROMIUM")
    if not chromium:
        raise EvalFault("Name the browser: CHROMIUM=$(bash .ci/browser.sh)")
    seen = []
    with _server(options) as (url, process), playwright_api.sync_playwright() as playwright:
        try:
            arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
            browser = playwright.chromium.launch(executable_path=chromium, args=arguments)
        except playwright_api.Error as fault:
            raise EvalFault(f"{chromium} does not start: {fault.message}") from fault
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
        browser.close()
    return seen, memory


@contextmanager
def _server(options: Sequence[str]) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    process = subprocess.Popen(
        [sys.executable, "app.py", "--port", str(PORT), *options],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
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
