"""A question to a Request: what is asked, in which words, of which documents and articles.

The one place where a question is read. Nothing is searched here, and no model is asked but to word
a follow-up, through a function that the caller gives.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from index.documents.model import Document
from index.request.articles_named import Reference, find_references
from index.request.chapters_named import find_chapter
from index.request.conduct import without_instructions
from index.request.documents_named import link_documents
from index.request.follow_up import complete, completed_by_rule
from index.request.intents import asks_for_whole, in_common_form
from index.request.model import Held, Request, Side
from index.request.scope import NAMES_DOCUMENT, Scope
from index.request.wording import read_wording
from index.text.language import Language, question_language
from index.text.places import names_of_region, places_named

Rewrite = Callable[[str, str], str]


def understand(
    question: str,
    index: Held,
    previous: Sequence[str] = (),
    rewrite: Rewrite | None = None,
) -> Request:
    """What `question` asks of the documents of `index`, after the questions in `previous`.

    `rewrite` words a follow-up that the rules cannot complete, given the questions before, one a
    line, and the question; without it such a follow-up asks for nothing (`searched` is None). What
    it raises is raised.
    """
    language = question_language(question)
    nothing = Request(question, language, None, read_wording(question), {})
    # Instructions to the assistant are not part of what is asked, and are never obeyed.
    asked = without_instructions(question)
    if not asked:
        return nothing
    asked = wording = in_common_form(asked, index.whole.documents, index.whole.glossary)
    if previous and rewrite:
        full = complete(asked, previous, rewrite)
        asked, wording = full.searched, full.answered
    elif previous:
        known = completed_by_rule(asked, previous)
        if known is None:
            return nothing
        asked, wording = known.searched, known.answered
    request, scope = _named(question, language, asked, wording, index)
    return replace(request, sides=tuple(_sides(request, scope, index)))


def _named(
    question: str, language: Language, asked: str, wording: str, index: Held
) -> tuple[Request, Scope]:
    """The request without its sides, and how the question names the documents of the whole."""
    linked = link_documents(asked, index.documents)
    references = find_references(asked, index.documents, linked, index.title_en)
    reach = _reach(asked, linked, references, index)
    named = [each for each in reach.references if each.clause_id]
    chapter = None if len(named) > 1 else find_chapter(asked, reach.meant or reach.outside)
    spoken_of = [index.documents[each.document_id] for each in named]
    request = Request(
        question=question,
        language=language,
        searched=read_wording(asked),
        answered=read_wording(wording),
        linked=linked,
        references=tuple(reach.references),
        meant=tuple(reach.meant),
        chapter=chapter,
        outside=tuple(reach.outside),
        article_outside=reach.article_outside,
        whole=bool(named) and asks_for_whole(asked, spoken_of),
    )
    return request, reach.scope


def _sides(request: Request, scope: Scope, index: Held) -> list[Side]:
    """What is asked of each side of a comparison; none where no side can be asked."""
    sides = scope.sides()
    if not any(document.id in index.documents for side in sides for document in side):
        return []
    found = []
    for side in sides:
        others = [each for other in sides if other is not side for each in other]
        asked = scope.asked_of(side, others)
        own, _ = _named(request.question, request.language, asked, asked, index)
        found.append(Side(tuple(side), own))
    return found


@dataclass(frozen=True)
class _Reach:
    """What a question names, within the documents that it is limited to and beyond them."""

    scope: Scope
    meant: Sequence[Document]
    references: Sequence[Reference]
    outside: Sequence[Document] = ()
    article_outside: Reference | None = None


def _reach(
    question: str, linked: Mapping[str, float], references: Sequence[Reference], index: Held
) -> _Reach:
    """What the question names; `linked` and `references` are of the limited index."""
    whole = index.whole
    if whole is index:
        scope = Scope(question, linked, index.documents)
        return _Reach(scope, scope.meant(), references)
    here = Scope(question, linked, index.documents)
    everywhere = link_documents(question, whole.documents)
    scope = Scope(question, everywhere, whole.documents)
    meant = scope.meant()
    if any(document.id in index.documents for document in meant):
        meant = []
    clear = [
        reference
        for reference in find_references(question, whole.documents, everywhere, whole.title_en)
        if everywhere.get(reference.document_id, 0.0) >= NAMES_DOCUMENT
        or (reference.clause_id is not None and reference.clause_id in question)
    ]
    if clear and not any(reference.document_id in index.documents for reference in clear):
        return _Reach(scope, (), (), meant, clear[0])
    if meant or _names_elsewhere(question, index.documents.values()):
        return _Reach(scope, (), (), meant)
    return _Reach(scope, here.meant(), references)


def _names_elsewhere(question: str, documents: Collection[Document]) -> bool:
    """Whether the question names places that none of the documents is of."""
    own = frozenset().union(*(names_of_region(document.region) for document in documents))
    nationwide = any(document.region in (None, "全国") for document in documents)
    named = places_named(question, own)
    return bool(named) and not nationwide and not named & own
