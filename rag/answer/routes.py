"""The routes to an answer, in their order: when each is taken, and who goes it.

What the handlers do is elsewhere; rag/answer/steps.py takes a question along the first that fits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from rag.answer.articles_listed import asks_for_articles, list_articles
from rag.answer.ask_back import ask_which
from rag.answer.courtesy import be_courteous
from rag.answer.documents_by_day import asks_by_day, tell_by_day
from rag.answer.documents_told import Kind, about_documents, asks_about
from rag.answer.facts_listed import asks_for_facts, list_facts
from rag.answer.figures_compared import asks_to_compare, compare_figures
from rag.answer.from_clauses import FromClauses
from rag.answer.gathered import gathers
from rag.answer.items_listed import asks_for_items_of_article, list_items
from rag.answer.refuse import (
    article_outside,
    document_outside,
    no_question,
    no_such_article,
    nothing_near,
)
from rag.answer.running import Running
from rag.answer.structure_told import asks_for_structure, tell_structure
from rag.answer.summary_told import asks_for_document, sum_up_document
from rag.answer.target_told import asks_for_target, tell_target
from rag.answer.tasks_listed import asks_for_tasks, list_tasks
from rag.answer.who_told import asks_to_count_bodies, asks_who, count_bodies, tell_sure_who
from rag.answer.whole_articles import tell_articles, tell_chapter
from rag.schema import Event

# Articles named at once that are told: 第5条至第8条.
MOST_NAMED = 5

Handler = Callable[[Running], Iterator[Event]]


@dataclass(frozen=True)
class Route:
    """One way to an answer: its name, when it is taken, and what it does.

    A handler that yields nothing leaves the question to the routes after it.
    """

    name: str
    fits: Callable[[Running], bool]
    handle: Handler


def _asks_of_documents_outside(running: Running) -> bool:
    """Whether a chapter of documents outside of the limit is asked for, or what they are."""
    request = running.request
    if not request.outside:
        return False
    return _asks_for_chapter(running) or bool(
        asks_about(request.asked.text, request.outside, request.language)
    )


def _converses(running: Running) -> bool:
    """Whether something is said to the assistant; not where it asks which documents have a word."""
    return running.request.wanted == "conversation" and not gathers(running, "documents")


def _asks_for_chapter(running: Running) -> bool:
    return running.request.chapter is not None and not running.request.asked.where


def _chapter(running: Running) -> Iterator[Event]:
    chapter = running.request.chapter
    assert chapter is not None
    translated = running.means.translated
    yield from running.told(
        tell_chapter(running.index, chapter.clauses, running.language, translated)
    )


# What a follow-up on one document wants of it as such.
_OF_DOCUMENT: Mapping[str, Kind] = {"issue": "issued", "validity": "validity"}


def _about_documents(running: Running) -> Iterator[Event]:
    request = running.request
    if request.leans and request.wanted == "relation":
        return  # another document is asked about
    today = running.means.today()
    alone = request.leans and len(request.meant) == 1 and not request.articles
    known = _OF_DOCUMENT.get(request.wanted) if alone else None
    told, silent = about_documents(
        running.index, request.meant, request.asked.text, request.language, today, known
    )
    if told:
        yield from running.told(told)
    elif silent:
        yield running.refused(silent)


def _articles_whole(running: Running) -> Iterator[Event]:
    articles = running.request.articles[:MOST_NAMED]
    translated = running.means.translated
    yield from running.told(tell_articles(running.index, articles, running.language, translated))


ROUTES = (
    Route(
        "no question",
        lambda running: running.request.found == "",
        lambda running: iter((no_question(running),)),
    ),
    Route(
        "nothing asked",
        lambda running: running.request.searched is None,
        lambda running: iter((nothing_near(running),)),
    ),
    Route("conversation", _converses, be_courteous),
    Route(
        "document outside",
        _asks_of_documents_outside,
        lambda running: iter((document_outside(running, running.request.outside[0]),)),
    ),
    Route(
        "article outside",
        lambda running: running.request.article_outside is not None,
        lambda running: iter(
            article_outside(running, each)
            for each in (running.request.article_outside,)
            if each is not None
        ),
    ),
    Route(
        "which document",
        lambda running: bool(running.request.unplaced or running.request.chapters_unplaced),
        ask_which,
    ),
    Route("bodies counted", asks_to_count_bodies, count_bodies),
    Route("documents by day", asks_by_day, tell_by_day),
    Route("tasks listed", asks_for_tasks, list_tasks),
    Route("facts listed", asks_for_facts, list_facts),
    Route("articles listed", asks_for_articles, list_articles),
    Route("target", asks_for_target, tell_target),
    Route("figures compared", asks_to_compare, compare_figures),
    Route("structure", asks_for_structure, tell_structure),
    Route("items listed", asks_for_items_of_article, list_items),
    Route("document summed up", asks_for_document, sum_up_document),
    Route("chapter", _asks_for_chapter, _chapter),
    Route(
        "no such article",
        lambda running: bool(running.request.missing and not running.request.articles),
        lambda running: iter((no_such_article(running, running.request.missing[0]),)),
    ),
    Route(
        "nothing found",
        lambda running: not running.found.hits,
        lambda running: iter((nothing_near(running),)),
    ),
    Route("about documents", lambda running: bool(running.request.meant), _about_documents),
    Route("who", asks_who, tell_sure_who),
    Route("articles whole", lambda running: running.request.whole, _articles_whole),
    Route(
        "articles named",
        lambda running: bool(running.request.articles and not running.request.sides),
        lambda running: FromClauses(running).articles_named(),
    ),
    Route(
        "sides",
        lambda running: bool(running.request.sides),
        lambda running: FromClauses(running).sides(),
    ),
    Route("one clause", lambda running: True, lambda running: FromClauses(running).one_clause()),
)
