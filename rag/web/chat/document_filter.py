"""The documents that questions are limited to, as HTML: the list to choose from, and those chosen.

Pure functions from the documents held to escaped HTML. What the reader ticks is kept by
rag/web/chat/conversation.py, and seen to by the index: nothing is limited here.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from html import escape

from index.documents.labels import titled, version_mark
from index.documents.model import Document
from rag.schema import Language
from rag.web.chat.conversation import Conversation, Library
from rag.web.texts import HTML_LANGUAGE, said, say

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
    rows = "".join(_row(document, language) for document in documents)
    search = ""
    if len(documents) >= SEARCHED_FROM:
        search = (
            f'<p class="search"><label for="limit-search">{said(language, "limit_search")}</label>'
            '<input type="search" id="limit-search" data-filter autocomplete="off"></p>'
            f'<p class="small none" role="status" data-none="{said(language, "limit_none")}"></p>'
        )
    return (
        f'<details class="limit" data-all="{said(language, "limit_all")}"'
        f' data-some="{said(language, "limit_some", count="{count}")}"><summary><span>'
        f"{said(language, 'limit_all')}</span></summary><fieldset>"
        f'<legend class="small">{said(language, "limit_told")}</legend>{search}<ul>{rows}</ul>'
        f'<p class="tools"><button type="button" class="tool" data-action="anywhere">'
        f"{said(language, 'limit_clear')}</button>"
        f'<button type="button" class="tool" data-action="chosen">'
        f"{said(language, 'limit_done')}</button></p></fieldset></details>"
    )


def chosen_html(talk: Conversation, library: Library) -> str:
    """The documents chosen, to be taken off one by one. `data-only` tells them to the script."""
    language = talk.language
    told = (
        f'<span hidden data-only="{escape(json.dumps(talk.only))}"'
        f' data-number="{talk.choices}"></span>'
    )
    if not talk.only:
        return told
    name = said(language, "limit_clear")
    rows = "".join(_chip(one, library, language) for one in talk.only)
    clear = (
        f'<button type="button" class="tool" data-action="anywhere">{name}</button>'
        if len(talk.only) > 1
        else ""
    )
    return (
        f'{told}<div class="chosen" role="group" aria-label="{said(language, "limit_chosen")}">'
        f"<ul>{rows}</ul>{clear}</div>"
    )


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
    return (
        f'<p class="tools"><button type="button" class="tool" data-action="ask-in-all"'
        f' data-turn="{number}">{said(language, "limit_ask_in_all")}</button></p>'
    )


def _row(document: Document, language: Language) -> str:
    data = " · ".join(filter(None, (document.number, str(document.year or ""))))
    words = f"{document.title} {document.title_en or ''} {data}".lower()
    return (
        f'<li data-words="{escape(words)}"><label><input type="checkbox" data-action="tick"'
        f' value="{escape(document.id)}"><span>{_title(document, language)}'
        f' <small lang="zh-Hans">{escape(data)}</small></span></label></li>'
    )


def _chip(document_id: str, library: Library, language: Language) -> str:
    document = library.documents.get(document_id)
    title = _title(document, language) if document else escape(document_id)
    plain = _plain_title(document_id, library, language)
    name = said(language, "limit_remove", title=plain)
    return (
        f'<li class="chip only"><span>{said(language, "only_in")} {title}</span>'
        f'<button type="button" class="remove" data-action="take-off"'
        f' data-document="{escape(document_id)}" aria-label="{name}" title="{name}">×</button></li>'
    )


def _title(document: Document, language: Language) -> str:
    """The document's title as readers of the language know it, as HTML."""
    english = language == "en" and document.title_en
    title = escape(titled(document, bool(english)).strip("《》"))
    return f'<span lang="{HTML_LANGUAGE["en" if english else "zh"]}">{title}</span>'


def _plain_title(document_id: str, library: Library, language: Language) -> str:
    """The same as plain text; of a document that has been removed, its id is left."""
    document = library.documents.get(document_id)
    if document is None:
        return document_id
    if language == "en" and document.title_en:
        return titled(document, True)
    return f"《{document.title.strip('《》')}》{version_mark(document)}"
