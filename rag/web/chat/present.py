"""Shows a conversation as HTML, in a Chinese or an English interface, with its texts.

Pure functions from data to what the templates show: whatever a document, a question or a model says
is shown as text, never as markup. No page framework, no model and no search happen here. The clause
that a reader opened is shown by rag/web/chat/clause_panel.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from markupsafe import Markup

from index.documents.labels import titled
from index.documents.model import Document
from rag.schema import Language
from rag.web.chat.answer_shown import answer_html, clause_button
from rag.web.chat.conversation import Conversation, Library, Turn, clause_in
from rag.web.chat.document_filter import chosen_html, limit_of
from rag.web.chat.suggest import examples
from rag.web.messages import sentence_in
from rag.web.several import SERVER
from rag.web.templates import fragment, render
from rag.web.texts import (
    HTML_LANGUAGE,
    LANGUAGES,
    interface,
    label_of,
    language_names,
    language_of,
    say,
)
from rag.web.visitor import visitor_now

# The pages that every page leads to, by the interface text that names them.
NAVIGATION: tuple[tuple[str, str], ...] = (
    ("navigation_chat", "/"),
    ("navigation_library", "/library"),
    ("navigation_register", "/register"),
    ("navigation_check", "/check"),
    ("navigation_compare", "/compare"),
    ("navigation_digest", "/digest"),
    ("navigation_feedback", "/feedback"),
)
# What a conversation is saved as (rag/web/chat/saved.py).
KINDS = ("docx", "md", "memo_zh", "memo_en", "memo_both")
# Of a refused question's findings, how many are shown as the nearest.
NEAREST = 3


def header_html(language: Language, choice: str = "", collection: str = "") -> str:
    """The page's heading with the language switch. `data-language` tells the page its language.

    `choice` is the HTML that chooses a collection, `collection` the one chosen.
    """
    return render(
        "masthead",
        language,
        navigation=Markup(navigation_html(language, "/")),
        choice=Markup(choice),
        collection=collection,
        server=SERVER,
        languages=language_names(),
    )


def navigation_html(language: Language, current: str) -> str:
    """Links to the pages of the product; `current` is the address of the one that is open.

    Who has signed in is led to where they sign out.
    """
    visitor, account = visitor_now(), ""
    if visitor.signed_in:
        account = say(language, "account_of", name=visitor.name) if visitor.name else ""
        account = account or say(language, "account")
    return render("navigation", language, pages=NAVIGATION, current=current, account=account)


def conversation_html(talk: Conversation, library: Library, today: date) -> str:
    """The whole conversation, or the welcome with example questions before the first one."""
    language = talk.language
    turns = [
        _turn_html(number, turn, talk, library, today) for number, turn in enumerate(talk.turns)
    ]
    ended = not talk.running and any(turn.answer for turn in talk.turns)
    return render(
        "conversation",
        language,
        name=talk.name,
        news=_news(talk),
        running=talk.running,
        turns=turns,
        exports=KINDS if ended else (),
        examples=_examples(talk, library),
        titles=[_title(document, language) for document in library.documents.values()],
    )


def _title(document: Document, language: Language) -> tuple[str, str]:
    """A document's title, behind the language that must be told of it."""
    english = language == "en" and bool(document.title_en)
    return "" if english else HTML_LANGUAGE["zh"], titled(document, english)


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
    editing = ""
    if talk.editing is not None and talk.editing < len(talk.turns):
        after = len(talk.turns) - talk.editing - 1
        key = "editing_more" if after else "editing"
        editing = say(language, key, n=talk.editing + 1, count=after)
    chosen = Markup(chosen_html(talk, library))
    return render("chips", language, missing=talk.missing, editing=editing, chosen=chosen)


def earlier_html(language: Language) -> str:
    """The bar over the conversation: a new one, and the list that the browser fills."""
    return render("earlier", language)


def _turn_html(
    number: int, turn: Turn, talk: Conversation, library: Library, today: date
) -> Markup:
    language, answer = talk.language, turn.answer
    last = number + 1 == len(talk.turns)
    refused = answer is not None and answer.outcome == "refused"
    found = () if answer is not None and answer.choices else turn.found
    listed = found[:NEAREST] if refused else found
    return fragment(
        "turn",
        language,
        number=number,
        question=turn.question,
        spoken=language_of(turn.question),
        limit=limit_of(turn.only, library, language),
        editable=not talk.running,
        edited=talk.editing == number,
        answer=answer_html(number, answer, talk, library, today) if answer is not None else "",
        streamed=turn.streamed if answer is None else "",
        problem=_fault(turn.fault, language) if turn.fault is not None else "",
        stopped=turn.stopped,
        dropped=turn.dropped,
        again=last and (turn.fault is not None or turn.stopped),
        stage=_stage(turn, language, library) if turn.running else "",
        kind="nearest" if refused else "found",
        unfolded=answer is None or refused,
        found=[clause_button(number, one, 0, talk, library, today) for one in listed],
        suggested=[(language_of(one), one) for one in turn.suggested] if last else (),
    )


def _fault(fault: str, language: Language) -> str:
    """What went wrong, by the key of a text or as a sentence."""
    known = fault.startswith("fault_") and fault in interface(language)
    message = say(language, fault) if known else sentence_in(fault, language)
    return say(language, "fault", message=message)


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


def _examples(talk: Conversation, library: Library) -> Markup:
    """Example questions in both languages, the interface's own first.

    In the default collection they are those of the interface, in others of its own documents.
    """
    groups: list[tuple[str, str, Sequence[str]]] = []
    for asked_in in sorted(LANGUAGES, key=lambda one: one != talk.language):
        questions: Sequence[str] = interface(asked_in)["example_questions"]
        if talk.collection:
            questions = examples(library, asked_in)
        if questions and library.documents:
            groups.append((asked_in, HTML_LANGUAGE[asked_in], questions))
    return fragment("examples", talk.language, groups=groups, empty=not library.documents)
