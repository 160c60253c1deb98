"""A question that is limited to chosen documents: which these are, and what it names beyond them.

The index itself sees to it that nothing outside is found (index.store); here it is told which
documents are chosen, and what of the question is about others, so that this can be said.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from index.documents.labels import document_label_en
from index.documents.model import Document
from index.request.articles_named import Reference, find_references
from index.request.documents_named import link_documents
from index.request.scope import NAMES_DOCUMENT, Scope
from index.search.search import SearchResult
from index.search.store import ClauseIndex
from index.text.places import names_of_region, places_named
from index.text.repair import clean
from rag.errors import QuestionFault

MOST_SHOWN = 3
# Of so many characters a piece of a title tells documents apart on purpose.
LEAST_PART = 4


@dataclass(frozen=True)
class Reach:
    """What a question names, within the documents that it is limited to and beyond them.

    `scope` is that of all documents. `meant` and `references` are within the limit. `outside` are
    the documents that it names instead of any chosen one, `article_outside` the article that it
    names there, if it does.
    """

    scope: Scope
    meant: Sequence[Document]
    references: Sequence[Reference]
    outside: Sequence[Document] = ()
    article_outside: Reference | None = None


def limited(index: ClauseIndex, documents: Collection[str]) -> ClauseIndex:
    """The index with the documents named alone; the whole of it if none or every one is named.

    A document is named by its id, its number, or a title that no other has. Raises QuestionFault.
    """
    chosen = {find_document(name, index.documents) for name in documents}
    return index.limited_to(chosen) if 0 < len(chosen) < len(index.documents) else index


def find_document(name: str, documents: Mapping[str, Document]) -> str:
    """The id of the one document of that id, number or title, in Chinese or English.

    Part of a title will do where one document alone has it. Raises QuestionFault.
    """
    if name in documents:
        return name
    wanted = _bare(name)
    names = {key: _names(document) for key, document in documents.items()} if wanted else {}
    found = [key for key, own in names.items() if wanted in own]
    if not found and len(wanted) >= LEAST_PART:
        found = [key for key, own in names.items() if any(wanted in each for each in own)]
    if len(found) == 1:
        return found[0]
    if not found:
        raise QuestionFault(
            f"No document {name} is held here; give the id, the number or the title of one that is."
        )
    shown = ", ".join(found[:MOST_SHOWN]) + (", …" if len(found) > MOST_SHOWN else "")
    raise QuestionFault(f"{len(found)} documents fit {name}; give the id of one: {shown}.")


def reach_of(question: str, found: SearchResult, index: ClauseIndex) -> Reach:
    """What the question names, by what a search of `index`, limited or not, has found of it."""
    if index.whole is index:
        scope = Scope(question, found.linked, index.documents)
        return Reach(scope, scope.meant(), found.references)
    whole = index.whole
    linked = link_documents(question, whole.documents)
    scope = Scope(question, linked, whole.documents)
    meant = scope.meant()
    if any(document.id in index.documents for document in meant):
        meant = []
    references = find_references(question, whole.documents, linked, whole.title_en)
    clear = [
        reference
        for reference in references
        if linked.get(reference.document_id, 0.0) >= NAMES_DOCUMENT
        or (reference.clause_id is not None and reference.clause_id in question)
    ]
    if clear and not any(reference.document_id in index.documents for reference in clear):
        return Reach(scope, (), (), meant, clear[0])
    if meant or _names_elsewhere(question, index.documents.values()):
        return Reach(scope, (), (), meant)
    here = Scope(question, found.linked, index.documents)
    return Reach(scope, here.meant(), found.references)


def _names_elsewhere(question: str, documents: Collection[Document]) -> bool:
    """Whether the question names places that none of the documents is of."""
    own = frozenset().union(*(names_of_region(document.region) for document in documents))
    nationwide = any(document.region in (None, "全国") for document in documents)
    named = places_named(question, own)
    return bool(named) and not nationwide and not named & own


def _names(document: Document) -> list[str]:
    names = (document.number, document.title, document.title_en, document_label_en(document))
    return [bare for name in names if name and (bare := _bare(name))]


def _bare(name: str) -> str:
    """A name without marks and white space, which are written in many ways."""
    return re.sub(r"\W|_", "", clean(name).text).lower()
