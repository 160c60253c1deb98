"""The tasks of a body: whether nothing else is asked, and the articles that give it something.

That tasks are asked for a learned head tells (index/request/gathers.py); the body and the document
are those whose names the question has. Rows are in bodies_listed; no model is asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from index.request.intents import parts_asked
from index.request.subject import quoted_terms
from index.text.held import likeness, pairs_of
from index.text.repair import clean
from index.text.tokens import cut_chinese, tokenise_english
from rag.answer.bodies_listed import (
    bodies_asked,
    compare_bodies,
    everyday_names,
    list_bodies,
    list_each,
    words_of_bodies,
    words_of_tasks,
)
from rag.answer.gathered import POSSIBLE, gathers
from rag.answer.in_chinese import in_chinese
from rag.answer.matching import Extent, asked_within, extent_of, framed_out, text_of
from rag.answer.running import Running
from rag.english.phrases import english_of
from rag.schema import Event

# Words of a document's English name that nothing held tells it by, in a question of tasks.
STRAY_WORDS = 1
# How much of a body's name a question must have at least, and how much more than of any other.
ALIKE, APART = 0.5, 0.15
# Words for having something to do, which are no matter of a document.
TO_DO = re.compile(
    r"牵头|挑头|负责|配合|协助|协同|会同|参与|参加|承担|担任|主办|协办|责任|分工|单位|部门|任务|工作|"
    r"事项|事情|措施|举措|条款|条文|项目|内容|活儿?|名下|挂名|点名|单独|独自|共同|一起|一块|合着|别家|"
    r"需要|应当|归|摊上?|涉及|台账|清单|逐[项条]|一共|总共|分别|[哪几多][一几些]?[个项条件]"
)
_WORD = re.compile(r"[A-Za-z][\w'’-]*")
# The words of a body's name, beside what it is for: the Ministry of.
_NAMES_BODY = re.compile(
    r"^(?:ministr|administration|bureau|department|commission|committee|agenc|authorit|office|bank|"
    r"regulat|national|general|central|people)\w*",
    re.IGNORECASE,
)


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
    """Whether what a body has to do by a document is asked for, both being named.

    Where the head is not sure, what is left of the question without both and without words for
    having to do something must have no word that stands in the document.
    """
    request = running.request
    if request.articles or not running.found.hits or running.gathers["tasks"] < POSSIBLE:
        return False
    if quoted_terms(request.asked.text):
        return False  # what mentions it
    # A cheap sign first: what is looked through otherwise grows with the documents held.
    likeliest = running.index.clause(running.found.hits[0].clause_id).document_id
    likely = running.held(request.meant) or [running.index.documents[likeliest]]
    if not bodies_asked(running, Extent(tuple(likely), ())):
        return gathers(running, "tasks") and bool(bodies_alike(running, extent_of(running)))
    extent = extent_of(running)
    if extent.unnamed:
        return running.language == "en" and gathers(running, "tasks")
    if list(extent.documents) != list(likely) and not bodies_asked(running, extent):
        return False
    return gathers(running, "tasks") or _has_no_matter(running, extent)


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


def _has_no_matter(running: Running, extent: Extent) -> bool:
    """Whether the question has no word on what the documents are about."""
    asked = asked_within(running, extent)
    if running.language == "zh":
        return bool(TO_DO.search(asked)) and not _matter_of(running, extent, asked)
    left = _matter_in_english(running, extent, asked, bodies_asked(running, extent))
    return len(left) <= STRAY_WORDS and not any(_stands_in(running, extent, word) for word in left)


def _matter_of(running: Running, extent: Extent, asked: str) -> list[str]:
    """The words of a Chinese question on what documents are about, beyond their titles."""
    facts = running.index.facts.limited_to([document.id for document in extent.documents])
    _, left = facts.bodies_in(clean(asked).text)
    pieces = framed_out(TO_DO.sub(" ", left))
    words = (word for piece in pieces for word in cut_chinese(piece) if len(word) > 1)
    titles = [clean(document.title).text for document in extent.documents]
    texts = [clause.body for clause in extent.clauses]
    return [
        word for word in words
        if not _is_of(word, titles) and any(word in text for text in texts)
    ]  # fmt: skip


def _matter_in_english(
    running: Running, extent: Extent, asked: str, bodies: Sequence[str]
) -> list[str]:
    """The same of an English question: what means nothing that stands in a title."""
    own = words_of_bodies(running, bodies)
    for name in everyday_names():
        asked = re.sub(rf"\b{re.escape(name)}\b", " ", asked, flags=re.IGNORECASE)
    titles = "".join(clean(document.title).text for document in extent.documents)
    words = (word for word in _WORD.findall(asked) if word.lower() not in words_of_tasks())
    told = {word: running.index.alternatives(word) for word in words}
    return [
        word for word, meant in told.items()
        if not _NAMES_BODY.search(word) and not set(tokenise_english(word)) <= own
        and not any("".join(each) in titles for words in meant for each in words)
    ]  # fmt: skip


def _stands_in(running: Running, extent: Extent, word: str) -> bool:
    """Whether articles have an English word, or Chinese that it may stand for."""
    forms = {"".join(each) for words in running.index.alternatives(word) for each in words}
    forms = {form for form in forms if len(form) > 1} | {word.lower()}
    texts = (text_of(running, clause).lower() for clause in extent.articles)
    return any(form in text for text in texts for form in forms)


def _is_of(word: str, titles: Sequence[str]) -> bool:
    """Whether a word names a document: a title has its characters in turn, 自贸 in 自由贸易."""
    for title in titles:
        rest = iter(title)
        if all(char in rest for char in word):
            return True
    return False
