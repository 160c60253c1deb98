"""Shows a conversation as HTML, in a Chinese or an English interface, with its texts.

Pure functions from data to escaped HTML: whatever a document, a question or a model says is shown
as text, never as markup. No page framework, no model and no search happen here. The clause that a
reader opened is shown by rag/web/chat/clause_panel.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from html import escape

from index.documents.labels import titled
from rag.schema import Language
from rag.web.chat.answer_shown import answer_html, clause_button
from rag.web.chat.conversation import Conversation, Library, Turn, clause_in
from rag.web.chat.document_filter import chosen_html, limit_of
from rag.web.chat.suggest import examples
from rag.web.messages import sentence_in
from rag.web.templates import render
from rag.web.texts import (
    HTML_LANGUAGE,
    LANGUAGES,
    fold,
    interface,
    label_of,
    language_of,
    said,
    say,
)

# The pages that every page leads to, by the interface text that names them.
NAVIGATION: tuple[tuple[str, str], ...] = (
    ("navigation_chat", "/"),
    ("navigation_library", "/library"),
    ("navigation_compare", "/compare"),
    ("navigation_feedback", "/feedback"),
)
# Of a refused question's findings, how many are shown as the nearest.
NEAREST = 3


def header_html(language: Language, choice: str = "", collection: str = "") -> str:
    """The page's heading with the language switch. `data-language` tells the page its language.

    `choice` is the HTML that chooses a collection, `collection` the one chosen.
    """
    buttons = "".join(
        f'<button type="button" data-action="language" data-language="{one}"'
        f' lang="{HTML_LANGUAGE[one]}" aria-pressed="{str(one == language).lower()}">'
        f"{said(one, 'language_name')}</button>"
        for one in LANGUAGES
    )
    return (
        f'<header class="masthead" data-language="{HTML_LANGUAGE[language]}"'
        f' data-collection="{escape(collection)}"'
        f' data-lost="{said(language, "connection_lost")}"'
        f' data-failed="{said(language, "connection_failed")}">'
        f"<div><h1>{said(language, 'title')}</h1><p>{said(language, 'tagline')}</p></div>"
        f"{navigation_html(language, '/')}{choice}"
        f'<div class="switch" role="group" aria-label="{said(language, "switch_language")}">'
        f"{buttons}</div></header>"
    )


def navigation_html(language: Language, current: str) -> str:
    """Links to the pages of the product; `current` is the address of the one that is open."""
    return render("navigation", language, pages=NAVIGATION, current=current)


def conversation_html(talk: Conversation, library: Library, today: date) -> str:
    """The whole conversation, or the welcome with example questions before the first one."""
    language = talk.language
    if not talk.turns:
        held = "".join(
            f'<li lang="zh-Hans">{escape(titled(document, False))}</li>'
            if language == "zh" or not document.title_en
            else f"<li>{escape(titled(document, True))}</li>"
            for document in library.documents.values()
        )
        library_name = said(language, "library", count=len(library.documents))
        inner = f'<p class="welcome">{said(language, "welcome")}</p>{_examples(talk, library)}'
        inner = f'<h2 class="unseen">{said(language, "examples")}</h2>{inner}'
        inner += fold("library", library_name, f"<ul>{held}</ul>")
    else:
        inner = "".join(
            _turn_html(number, turn, talk, library, today) for number, turn in enumerate(talk.turns)
        )
        if not talk.running:
            if any(turn.answer for turn in talk.turns):
                inner += _exports(language)
            inner += fold("more", said(language, "examples"), _examples(talk, library))
    return (
        f'<section class="conversation" aria-label="{said(language, "conversation")}"'
        f' aria-busy="{str(talk.running).lower()}" data-name="{escape(talk.name)}"'
        f' data-news="{escape(_news(talk))}">{inner}</section>'
    )


def _news(talk: Conversation) -> str:
    """What is read out to who does not see the page: that work began, and how it ended."""
    language = talk.language
    if not talk.turns:
        return ""
    turn = talk.turns[-1]
    if turn.running:
        waiting = turn.ahead and say(language, "stage_waiting", ahead=turn.ahead)
        return waiting or say(language, "announce_working")
    if turn.stopped:
        return say(language, "stopped")
    if turn.answer is None:
        return ""  # A fault is an alert by itself.
    if turn.answer.outcome == "refused":
        return say(language, "announce_refused")
    return say(language, "announce_answered", count=len(turn.answer.citations))


def chips_html(talk: Conversation, library: Library) -> str:
    """What holds for the next question, above its box: it replaces one, or is limited to documents.

    Also that something the address names is not held.
    """
    language = talk.language
    parts = []
    if talk.missing:
        parts.append(f'<p class="fault" role="alert">{said(language, talk.missing)}</p>')
    if talk.editing is not None and talk.editing < len(talk.turns):
        after = len(talk.turns) - talk.editing - 1
        key = "editing_more" if after else "editing"
        told = said(language, key, n=talk.editing + 1, count=after)
        parts.append(
            f'<p class="chip editing" role="status"><span>{told}</span>'
            f'<button type="button" class="tool" data-action="keep-as-is">'
            f"{said(language, 'editing_cancel')}</button></p>"
        )
    return "".join(parts) + chosen_html(talk, library)


def earlier_html(language: Language) -> str:
    """The bar over the conversation: a new one, and the list that the browser fills with its own.

    The script puts what the browser keeps into the list, as text.
    """
    words = (
        f'data-none="{said(language, "earlier_none")}"'
        f' data-delete="{said(language, "earlier_delete")}"'
        f' data-sure="{said(language, "earlier_delete_sure")}"'
        f' data-full="{said(language, "earlier_full")}"'
    )
    return (
        f'<nav class="earlier" aria-label="{said(language, "earlier")}">'
        f'<button type="button" class="tool" data-action="new">'
        f"{said(language, 'conversation_new')}</button>"
        f"<details><summary>{said(language, 'earlier')} "
        f'(<span class="count">0</span>)</summary><div class="kept" {words}>'
        f'<p class="small">{said(language, "earlier_where")}</p><ul></ul><p class="tools">'
        f'<label><input type="checkbox" data-action="keeping"> {said(language, "earlier_keep")}'
        f'</label><button type="button" class="tool" data-action="forget">'
        f"{said(language, 'earlier_delete_all')}</button></p></div></details></nav>"
    )


def _exports(language: Language) -> str:
    """Buttons that save the whole conversation."""
    return (
        '<p class="tools exports">'
        + "".join(
            f'<button type="button" class="tool" data-action="export" data-kind="{kind}">'
            f"{said(language, f'export_{kind}')}</button>"
            for kind in ("docx", "md")
        )
        + "</p>"
    )


def _turn_html(number: int, turn: Turn, talk: Conversation, library: Library, today: date) -> str:
    language = talk.language
    parts = [
        '<article class="turn"><h2 class="question" tabindex="-1"'
        f' lang="{language_of(turn.question)}">'
        f'<span class="unseen" lang="{HTML_LANGUAGE[language]}">{said(language, "you")}: </span>'
        f"{escape(turn.question)}</h2>{_question_tools(number, turn, talk, library)}"
    ]
    if turn.answer is not None:
        parts.append(answer_html(number, turn.answer, talk, library, today))
    elif turn.streamed:
        parts.append(f'<p class="answer streaming">{escape(turn.streamed)}</p>')
    if turn.fault is not None:
        known = turn.fault.startswith("fault_") and turn.fault in interface(language)
        message = say(language, turn.fault) if known else sentence_in(turn.fault, language)
        message = said(language, "fault", message=message)
        parts.append(f'<p class="fault" role="alert">{message}</p>')
    if turn.stopped:
        parts.append(f'<p class="stopped">{said(language, "stopped")}</p>')
    if turn.dropped:
        parts.append(f'<p class="small">{said(language, "kept_dropped")}</p>')
    last = number + 1 == len(talk.turns)
    if last and (turn.fault is not None or turn.stopped):
        parts.append(
            f'<p class="tools"><button type="button" class="tool again" data-action="again">'
            f"{said(language, 'ask_again')}</button></p>"
        )
    if turn.running:
        parts.append(f'<p class="stage">{escape(_stage(turn, language, library))}</p>')
    refused = turn.answer is not None and turn.answer.outcome == "refused"
    asked_back = turn.answer is not None and bool(turn.answer.choices)
    if turn.found and not asked_back:
        kind = "nearest" if refused else "found"
        listed = turn.found[:NEAREST] if refused else turn.found
        heading = said(language, kind, count=len(listed))
        rows = "".join(
            f"<li>{clause_button(number, one, 0, talk, library, today)}</li>" for one in listed
        )
        unfolded = turn.answer is None or refused
        parts.append(fold(kind, heading, f"<ul>{rows}</ul>", f"{kind}-{number}", unfolded))
    if last and turn.suggested:
        parts.append(_suggestions(turn.suggested, language))
    return "".join(parts) + "</article>"


def _question_tools(number: int, turn: Turn, talk: Conversation, library: Library) -> str:
    """Under a question: the documents that it was limited to, and the button that changes it."""
    language = talk.language
    parts = []
    if limit := limit_of(turn.only, library, language):
        parts.append(f'<span class="small limited">{escape(limit)}</span>')
    if not talk.running:
        name = said(language, "edit_name", n=number + 1)
        pressed = str(talk.editing == number).lower()
        parts.append(
            f'<button type="button" class="edit" data-action="edit" data-turn="{number}"'
            f' aria-label="{name}" aria-pressed="{pressed}">{said(language, "edit")}</button>'
        )
    return f'<p class="asked">{"".join(parts)}</p>' if parts else ""


def _suggestions(questions: Sequence[str], language: Language) -> str:
    """Questions to go on with, as buttons that ask them."""
    buttons = "".join(
        f'<li><button type="button" class="example suggested" data-action="ask"'
        f' data-question="{escape(question)}" lang="{language_of(question)}">{escape(question)}'
        "</button></li>"
        for question in questions
    )
    return f'<h3>{said(language, "suggested")}</h3><ul class="suggestions">{buttons}</ul>'


def _stage(turn: Turn, language: Language, library: Library) -> str:
    if turn.ahead:
        return say(language, "stage_waiting", ahead=turn.ahead)
    if turn.stage is None:
        return say(language, "stage_starting")
    stage = say(language, f"stage_{turn.stage.name}")
    if not turn.stage.detail:
        return stage
    # A stage about a clause names it in the question's language; show it in the reader's.
    detail = turn.stage.detail
    for clause in filter(None, (clause_in(library, one) for one in turn.found)):
        if detail in (clause.id, clause.label, clause.label_en):
            detail = label_of(clause, language)
            break
    return say(language, "stage_with_detail", stage=stage, detail=detail)


def _examples(talk: Conversation, library: Library) -> str:
    """Example questions in both languages, the interface's own first.

    In the default collection they are those of the interface, in others of its own documents.
    """
    language = talk.language
    if not library.documents:
        return f'<p class="empty">{said(language, "collection_empty")}</p>'
    groups = []
    for asked_in in sorted(LANGUAGES, key=lambda one: one != language):
        questions: Sequence[str] = interface(asked_in)["example_questions"]
        if talk.collection:
            questions = examples(library, asked_in)
        if not questions:
            continue
        buttons = "".join(
            f'<li><button type="button" class="example" data-action="ask"'
            f' data-question="{escape(question)}">{escape(question)}</button></li>'
            for question in questions
        )
        groups.append(
            f"<h3>{said(language, f'examples_{asked_in}')}</h3>"
            f'<ul class="examples" lang="{HTML_LANGUAGE[asked_in]}">{buttons}</ul>'
        )
    return "".join(groups)
