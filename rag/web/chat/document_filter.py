"""The documents that questions are limited to, as HTML: the list to choose from, and those chosen.

Pure functions from the documents held to escaped HTML. What the reader ticks is kept by
rag/web/chat/conversation.py, and seen to by the index: nothing is limited here.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from index.documents.labels import titled, version_mark
from index.documents.model import Document
from rag.schema import Language
from rag.web.chat.conversation import Conversation, Library
from rag.web.templates import render
from rag.web.texts import HTML_LANGUAGE, say

# From how many documents on the list can be searched, and how many are named under a question.
SEARCHED_FROM = 9
MOST_NAMED = 3


def limit_html(language: Language, library: Library) -> str:
    """The control beside the question box: a list of all documents, each with a box to tick.

    Which are ticked is set by the script, so that the list stays as it is while somebody ticks.
    """
    documents = list(library.documents.values())
    if len(documents) < 2:
        return ""
    rows = [_row(document, language) for document in documents]
    return render("limit", language, documents=rows, searched=len(documents) >= SEARCHED_FROM)


def chosen_html(talk: Conversation, library: Library) -> str:
    """The documents chosen, to be taken off one by one. `data-only` tells them to the script."""
    language = talk.language
    documents = [_chip(one, library, language) for one in talk.only]
    only = json.dumps(talk.only)
    return render("chosen", language, only=only, number=talk.choices, documents=documents)


def limit_of(only: Sequence[str], library: Library, language: Language) -> str:
    """To which documents a question was limited, in words for a page or a file; '' for none."""
    if not only:
        return ""
    names = [_plain_title(one, library, language) for one in only[:MOST_NAMED]]
    title = say(language, "comma").join(names)
    if len(only) > MOST_NAMED:
        title = say(language, "limit_more", title=title, count=len(only) - MOST_NAMED)
    return say(language, "asked_only_in", title=title)


def ask_in_all_html(number: int, language: Language) -> str:
    """The button that asks the question of a turn again, of all documents."""
    return render("ask_in_all", language, number=number)


def _row(document: Document, language: Language) -> dict[str, str]:
    """A document in the list; it is found by its `words`."""
    data = " · ".join(filter(None, (document.number, str(document.year or ""))))
    words = f"{document.title} {document.title_en or ''} {data}".lower()
    title, spoken = _title(document, language)
    return {"id": document.id, "words": words, "title": title, "language": spoken, "data": data}


def _chip(document_id: str, library: Library, language: Language) -> dict[str, str]:
    """A document that was chosen; of one that has been removed, its id is left."""
    document = library.documents.get(document_id)
    title, spoken = _title(document, language) if document else (document_id, "")
    plain = _plain_title(document_id, library, language)
    return {"id": document_id, "title": title, "language": spoken, "plain": plain}


def _title(document: Document, language: Language) -> tuple[str, str]:
    """The document's title as readers of the language know it, and the language it is in."""
    english = language == "en" and document.title_en
    title = titled(document, bool(english)).strip("《》")
    return title, HTML_LANGUAGE["en" if english else "zh"]


def _plain_title(document_id: str, library: Library, language: Language) -> str:
    """The same as plain text; of a document that has been removed, its id is left."""
    document = library.documents.get(document_id)
    if document is None:
        return document_id
    if language == "en" and document.title_en:
        return titled(document, True)
    return f"《{document.title.strip('《》')}》{version_mark(document)}"
