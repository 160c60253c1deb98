"""The tasks of a body: whether they are asked for, and the articles that give it something.

That tasks are asked for a learned head tells (index/request/gathers.py); the body and the document
are those whose names the question has. Rows are in bodies_listed; no model is asked.
"""

from __future__ import annotations

from collections.abc import Iterator

from index.request.intents import parts_asked
from index.request.subject import quoted_terms
from index.text.held import likeness, pairs_of
from index.text.repair import clean
from rag.answer.bodies_listed import (
    bodies_asked,
    compare_bodies,
    list_bodies,
    list_each,
)
from rag.answer.gathered import gathers
from rag.answer.in_chinese import in_chinese
from rag.answer.matching import Extent, asked_within, extent_of
from rag.answer.running import Running
from rag.english.phrases import english_of
from rag.schema import Event

# How much of a body's name a question must have at least, and how much more than of any other.
ALIKE, APART = 0.5, 0.15


def list_tasks(running: Running) -> Iterator[Event]:
    """The articles that give the body asked about something to do; of two, who has more.

    Which document is meant the Chinese wording of an English question may tell. Raises ModelFault.
    """
    extent = extent_of(running)
    if extent.unnamed:
        other = in_chinese(running)
        if other is None or (extent := extent_of(other)).unnamed:
            return
    bodies = bodies_asked(running, extent) or bodies_alike(running, extent)
    if len(bodies) == 2 and running.request.answered.difference:
        yield from compare_bodies(running, extent, bodies)
    elif len(bodies) > 1 and len(parts_asked(running.request.answered.text)) > 1:
        yield from list_each(running, extent, bodies)
    else:
        yield from list_bodies(running, extent, bodies)


def asks_for_tasks(running: Running) -> bool:
    """Whether what a body has to do by a document is asked for, both being named."""
    request = running.request
    if request.articles or not running.found.hits or not gathers(running, "tasks"):
        return False
    if quoted_terms(request.asked.text):
        return False  # what mentions it
    # A cheap sign first: what is looked through otherwise grows with the documents held.
    likeliest = running.index.clause(running.found.hits[0].clause_id).document_id
    likely = running.held(request.meant) or [running.index.documents[likeliest]]
    if not bodies_asked(running, Extent(tuple(likely), ())):
        return bool(bodies_alike(running, extent_of(running)))
    extent = extent_of(running)
    if extent.unnamed:
        return running.language == "en"
    return list(extent.documents) == list(likely) or bool(bodies_asked(running, extent))


def bodies_alike(running: Running, extent: Extent) -> list[str]:
    """The bodies of named documents that the parts of the question name in other words.

    One for each part, if there are several.
    """
    parts = parts_asked(asked_within(running, extent))
    found = [body for part in parts if (body := _body_alike(running, extent, part))]
    return list(dict.fromkeys(found))


def _body_alike(running: Running, extent: Extent, asked: str) -> str | None:
    """The one body whose name a text has most of.

    What many of the document's bodies are called by weighs little: 市, committee. None where
    another one has nearly as much, or little of any name stands in the text.
    """
    if extent.unnamed:
        return None
    facts = running.index.facts.limited_to([document.id for document in extent.documents])
    bodies = list(facts.bodies())
    glossary = dict(running.index.glossary)
    told = [
        clean(body).text if running.language == "zh" else english_of(body, glossary) or ""
        for body in bodies
    ]
    pairs = pairs_of(asked, running.language)
    held = likeness(pairs, [pairs_of(name, running.language) for name in told])
    ranked = sorted(zip(held, bodies, strict=True), key=lambda each: -each[0])
    if not ranked or ranked[0][0] < ALIKE:
        return None
    second = ranked[1][0] if len(ranked) > 1 else 0.0
    return ranked[0][1] if ranked[0][0] - second >= APART else None
