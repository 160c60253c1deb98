"""Questions made without a model: what may be asked after an answer.

Pure functions from an answer and the documents held. A question is offered only if the documents
answer it by design: it names one article that is held, units that the article names, or dates that
the document states. Nothing is searched or shown here.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from itertools import islice

from index.documents.model import Clause, Document
from rag.schema import Answer, Language
from rag.web.chat.conversation import Library, clause_in

MOST = 3
# Of a document's articles, how many are tried for an example.
TRIED = 3
# How near in score a finding in another document must come to the best one.
NEAR = 0.85
LONGEST_HEADING = 60
# An article that says who does it: in words, or by a list of offices in brackets.
_NAMES_UNITS = re.compile(
    r"责任单位|责任部门|牵头单位|由[^。;；]{2,40}?(?:牵头|负责)|"
    r"[(（][^()（）]*?[局委厅办院署会关][、,，][^()（）]*[)）]|[(（]市[^()（）、,，]{1,12}[局委厅办][)）]"
)
_ASKS_WHO = re.compile(
    r"部门|单位|牵头|负责|主管|谁|哪[个些](?:局|委)|"
    r"\b(?:who|whom|responsib\w*|in charge|departments?|bureaus?|authorit(?:y|ies)|leads?)\b",
    re.IGNORECASE,
)
_ASKS_VALIDITY = re.compile(
    r"有效|失效|施行|生效|到期|\b(?:in force|valid\w*|expir\w*|effect(?:ive)?)\b", re.IGNORECASE
)
_YEARS = re.compile(r"\s*[(（][^()（）]*\d{4}[^()（）]*[)）]")
# Marks and words in a heading that would be read as naming something else.
_MISLEADING = re.compile(r"[《》“”\"()（）〔〕\[\]]|第.+[条项]|\bNo\b", re.IGNORECASE)


def suggestions(answer: Answer, library: Library, asked: Collection[str] = ()) -> tuple[str, ...]:
    """Up to three questions to go on with, in the answer's language; none after a refusal.

    `asked` are the questions of the conversation, which are not offered again.
    """
    if answer.outcome != "answered" or not answer.citations:
        return ()
    made = (one for one in _made(answer, library) if one not in asked)
    return tuple(dict.fromkeys(made))[:MOST]


def examples(library: Library, language: Language) -> tuple[str, ...]:
    """Questions to begin with: what an article of each of the newest documents says."""
    newest = list(library.documents.values())[: -MOST - 1 : -1]
    made = []
    for document in newest:
        numbered = (clause for clause in document.clauses if _is_numbered(clause))
        for clause in islice(numbered, TRIED):
            asks = _if_it_names(_what(clause, document, library, language), clause, library)
            if question := next(asks, None):
                made.append(question)
                break
    return tuple(made)


def _made(answer: Answer, library: Library) -> Iterator[str]:
    """All that could be asked next, the most telling first."""
    language = answer.language
    cited = clause_in(library, answer.citations[0].clause_id)
    if cited is None:
        return
    document = library.documents[cited.document_id]
    if _NAMES_UNITS.search(cited.body) and not _ASKS_WHO.search(answer.question):
        yield from _if_it_names(_who(cited, document, library, language), cited, library)
    seen = {citation.clause_id for citation in answer.citations}
    best = max((hit.score for hit in answer.hits), default=0.0)
    for hit in answer.hits:
        clause = clause_in(library, hit.clause_id)
        if clause is None:
            continue
        other = clause.document_id not in {key.partition("#")[0] for key in seen}
        if other and _is_numbered(clause) and hit.score >= NEAR * best:
            asks = _what(clause, library.documents[clause.document_id], library, language)
            yield from _if_it_names(asks, clause, library)
            break
    clauses = document.clauses
    place = next(n for n, clause in enumerate(clauses) if clause.id == cited.id)
    for clause in clauses[place + 1 : place + 2]:
        if clause.id not in seen and _is_numbered(clause):
            yield from _if_it_names(_what(clause, document, library, language), clause, library)
    states_an_end = document.effective_to or document.period
    if (document.effective_from or states_an_end) and not _ASKS_VALIDITY.search(answer.question):
        for name in _names(document, language):
            asks = (
                f"{name}现在还有效吗？" if language == "zh" else f"Is {_the(name)} still in force?"
            )
            if names_document(asks, document, library):
                yield asks
                break


def _who(clause: Clause, document: Document, library: Library, language: Language) -> str:
    if language == "zh":
        return f"{_named(clause, document, library, language)}由哪些部门负责？"
    return f"Which departments are responsible for {_named(clause, document, library, language)}?"


def _what(clause: Clause, document: Document, library: Library, language: Language) -> str:
    if language == "zh":
        return f"{_named(clause, document, library, language)}讲了什么？"
    return f"What is in {_named(clause, document, library, language)}?"


def _named(clause: Clause, document: Document, library: Library, language: Language) -> str:
    """The article by its label, with its heading where that says more."""
    if language == "zh":
        heading = "" if _misleads(clause.heading) else f"“{clause.heading}”"
        return f"{clause.label}{heading}"
    rendition = library.rendition(clause.id)
    title = rendition.title_en if rendition else ""
    heading = "" if _misleads(title) else f" (“{title}”)"
    name = _name(document, "en")
    article = clause.label_en.removeprefix(name).strip(" ,")
    return f"{article}{heading} of {_the(name)}"


def _the(name: str) -> str:
    """A title as it stands in an English sentence; a number or a Chinese title as it is."""
    return name if "[" in name or name.startswith("《") else f"the {name}"


def _misleads(heading: str) -> bool:
    return not heading or len(heading) > LONGEST_HEADING or bool(_MISLEADING.search(heading))


def _is_numbered(clause: Clause) -> bool:
    """Whether the clause has a number of its own; front and end matter cannot be named."""
    return bool(clause.marker)


def _if_it_names(question: str, clause: Clause, library: Library) -> Iterator[str]:
    """The question, if the article meant is the one that it names."""
    if article_named(question, library) == clause.id:
        yield question


def article_named(question: str, library: Library) -> str | None:
    """The id of the one article that the question names, as the search will understand it."""
    from index.request.articles_named import find_references
    from index.request.documents_named import link_documents

    linked = link_documents(question, library.documents)
    named = {one.clause_id for one in find_references(question, library.documents, linked)}
    return named.pop() if len(named) == 1 else None


def names_document(question: str, document: Document, library: Library) -> bool:
    """Whether the question names this document, and no other as clearly."""
    from index.request.documents_named import link_documents
    from index.request.scope import Scope

    linked = link_documents(question, library.documents)
    meant = Scope(question, linked, library.documents).meant()
    return [one.id for one in meant] == [document.id]


def _names(document: Document, language: Language) -> tuple[str, ...]:
    """The document's number or title; a title with years in brackets without them as well.

    Years name documents of their own: (2019-2021年) would name one of 2021 too.
    """
    name = _name(document, language)
    return tuple(dict.fromkeys((name, _YEARS.sub("", name))))


def _name(document: Document, language: Language) -> str:
    from index.documents.labels import document_label, document_label_en

    return document_label(document) if language == "zh" else document_label_en(document)
