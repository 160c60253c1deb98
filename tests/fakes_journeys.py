"""What the journeys are made through: four documents, and an assistant that goes step by step.

For tests of the whole product in a browser. Nothing here looks at a page.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace

from fakes_app import FakeAssistant, FakeLibrary, make_documents

from index.documents.model import Document, Rendition
from index.documents.parse import parse_document
from index.request.model import Previous
from index.search.build import CORPUS, collect
from rag.schema import Event

# In traditional characters, and annotated with pinyin as some web pages are.
DAMAGED_TEXT = (
    "示範市關(guān)于數(shù)字商務(wù)的辦法\n"
    "第一條 為了發(fā)展數(shù)字商務(wù)，制定本辦法。\n"
    "第二條 本辦法自2025年3月1日起施行。\n"
)
# What the assistant gives for one question, in this order: see FakeAssistant.ask.
SEARCHING, FOUND, READING, WRITING, FIRST_WORDS, WHOLE = 1, 1, 1, 1, 1, 2


def journey_documents() -> dict[str, Document]:
    """Those of every fake, one of them with a place, and one whose text was repaired."""
    documents = make_documents()
    documents["show"] = replace(documents["show"], region="上海市")
    documents["damaged"] = parse_document(DAMAGED_TEXT, "damaged")
    return documents


@dataclass
class BuiltInLibrary(FakeLibrary):
    """The documents of the fakes, and those that come with the product with their English."""

    renditions: dict[str, Rendition] = field(default_factory=dict)

    def rendition(self, clause_id: str) -> Rendition | None:
        """Its English, where there is one."""
        return self.renditions.get(clause_id) or super().rendition(clause_id)


def built_in_library() -> BuiltInLibrary:
    """It reads the documents anew."""
    contents = collect([CORPUS], [], lambda stage, done, total: None)
    own = {document.id: document for document in contents.documents}
    return BuiltInLibrary({**journey_documents(), **own}, renditions=dict(contents.renditions))


@dataclass
class SteppedAssistant(FakeAssistant):
    """Answers a question that says `逐步` or `stepwise` event by event, as the test lets it."""

    index: FakeLibrary = field(default_factory=lambda: FakeLibrary(journey_documents()))
    steps: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    def go_on(self, steps: int) -> None:
        """Let it give so many more events."""
        self.steps.release(steps)

    def ask(
        self,
        question: str,
        *,
        question_id: str = "",
        previous: Sequence[Previous] = (),
        documents: Collection[str] = (),
    ) -> Iterator[Event]:
        """The events of one answer."""
        for event in super().ask(
            question, question_id=question_id, previous=previous, documents=documents
        ):
            if "逐步" in question or "stepwise" in question:
                self.steps.acquire(timeout=20)
            yield event
