"""The chat that a browser visits, answered by rule; a test may serve another one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fakes_app import FakeAssistant, serving


@pytest.fixture
def assistant() -> FakeAssistant:
    """Answers from three documents."""
    return FakeAssistant()


@pytest.fixture
def url(assistant: FakeAssistant) -> Iterator[str]:
    """Where the chat is served."""
    with serving(assistant) as address:
        yield address
        assistant.gate.set()
