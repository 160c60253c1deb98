"""What all tests share: no network from libraries, and the Chromium of the browser test.

The markers `slow` and `browser` are declared in pyproject.toml and left out unless asked for:
`pytest -m slow`, `pytest -m browser`.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

pytest_plugins = ["library_fixtures", "postgres_server", "records_fixtures"]

if TYPE_CHECKING:
    from fakes_app import FakeAssistant
    from playwright.sync_api import Browser
    from visiting import Visitor

# Set before any library is imported: the tests must pass on a machine without a network, and none
# of them may report that it ran.
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"

# What a visitor met is told when it fails a test.
pytest.register_assert_rewrite("visiting")

ROOT = Path(__file__).resolve().parent.parent


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--chromium`, the browser that the browser test drives."""
    parser.addoption(
        "--chromium",
        default=os.environ.get("CHROMIUM"),
        help="path of the Chromium to drive (default: $CHROMIUM, or the one on PATH)",
    )


@pytest.fixture(scope="session")
def root() -> Path:
    """The project's folder."""
    return ROOT


@pytest.fixture(scope="session")
def chromium_options(pytestconfig: pytest.Config) -> dict[str, object]:
    """Arguments for Playwright's `chromium.launch`: the system's browser, kept off the network."""
    chosen: str | None = pytestconfig.getoption("--chromium")
    usual = ["chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"]
    names = [chosen] if chosen else usual
    path = next((found for name in names if (found := shutil.which(name))), None)
    if path is None:
        pytest.fail(f"no Chromium ({', '.join(names)}); install it or give --chromium=PATH")
    return {
        "executable_path": path,
        "headless": True,
        "args": [
            # Chromium refuses to run as root with its sandbox; the page is the project's own.
            *(["--no-sandbox"] if os.geteuid() == 0 else []),
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
        ],
    }


@pytest.fixture(scope="module")
def browser(chromium_options: dict[str, Any]) -> Iterator[Browser]:
    """Chromium, for the tests of one file."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(**chromium_options)
        yield started
        started.close()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test of a `visitor` is one for each language and width."""
    if "visitor" in metafunc.fixturenames:
        from visiting import VISITS

        names = [f"{language}-{width}" for language, width in VISITS]
        metafunc.parametrize("visitor", VISITS, indirect=True, ids=names)


@pytest.fixture
def visitor(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Visitor]:
    """A person at a browser, in one of the languages and on one of the widths."""
    from visiting import visiting

    with visiting(browser, *request.param) as person:
        yield person


@pytest.fixture
def assistant() -> FakeAssistant:
    """What answers in the chat that a browser visits: by rule, from three documents."""
    from fakes_app import FakeAssistant

    return FakeAssistant()


@pytest.fixture
def url(assistant: FakeAssistant) -> Iterator[str]:
    """Where that chat is served."""
    from fakes_app import serving

    with serving(assistant) as address:
        yield address
        assistant.gate.set()
