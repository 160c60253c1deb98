"""Shows a conversation as HTML, in a Chinese or an English interface, with its texts.

Pure functions from data to escaped HTML: whatever a document, a question or a model says is shown
as text, never as markup. No page framework, no model and no search happen here. The clause that a
reader opened is shown by rag/web/panel.py.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from html import escape
from pathlib import Path

from index.schema import Clause, Rendition
from rag.schema import Answer, Citation, Language
from rag.web.conversation import Conversation, Library, Opened, Turn

PROMPTS = Path(__file__).resolve().parents[2] / "prompts"
LANGUAGES: tuple[Language, Language] = ("zh", "en")
HTML_LANGUAGE = {"zh": "zh-Hans", "en": "en"}
# Of a refused question's findings, how many are shown as the nearest.
NEAREST = 3


@lru_cache(maxsize=2)
def interface(language: Language) -> Mapping[str, str | list[str]]:
    """The interface texts of one language, from prompts/interface.<language>.json."""
    texts: Mapping[str, str | list[str]] = json.loads(
        (PROMPTS / f"interface.{language}.json").read_text(encoding="utf-8")
    )
    return texts


def say(language: Language, key: str, **values: object) -> str:
    """One interface text, filled in; plain text, not yet escaped."""
    return str(interface(language)[key]).format(**values)


def chosen_language(accept_language: str) -> Language:
    """The interface language for a browser's Accept-Language header: Chinese if it comes first.

    A browser that asks for neither Chinese nor English gets English.
    """
    weighted: list[tuple[float, int, str]] = []
    for place, part in enumerate(accept_language.split(",")):
        tag, _, weight = part.strip().partition(";q=")
        try:
            weighted.append((-float(weight or 1), place, tag.strip().lower()))
        except ValueError:
            continue
    for _, _, tag in sorted(weighted):
        if tag.startswith(("zh", "en")):
            return "zh" if tag.startswith("zh") else "en"
    return "en"


def header_html(language: Language) -> str:
    """The page's heading with the language switch. `data-language` tells the page its language."""
    buttons = "".join(
        f'<button type="button" data-action="language" data-language="{one}"'
        f' lang="{HTML_LANGUAGE[one]}" aria-pressed="{str(one == language).lower()}">'
        f"{said(one, 'language_name')}</button>"
        for one in LANGUAGES
    )
    return (
        f'<header class="masthead" data-language="{HTML_LANGUAGE[language]}">'
        f"<div><h1>{said(language, 'title')}</h1><p>{said(language, 'tagline')}</p></div>"
        f'<div class="switch" role="group" aria-label="{said(language, "switch_language")}">'
        f"{buttons}</div></header>"
    )


def conversation_html(talk: Conversation, library: Library, today: date) -> str:
    """The whole conversation, or the welcome with example questions before the first one."""
    language = talk.language
    if not talk.turns:
        held = "".join(
            f'<li lang="zh-Hans">{escape(document.title)}</li>'
            if language == "zh" or not document.title_en
            else f"<li>{escape(document.title_en)}</li>"
            for document in library.documents.values()
        )
        library_name = said(language, "library", count=len(library.documents))
        inner = f'<p class="welcome">{said(language, "welcome")}</p>{_examples(language)}'
        inner += fold("library", library_name, f"<ul>{held}</ul>")
    else:
        inner = "".join(
            _turn_html(number, turn, talk, library, today) for number, turn in enumerate(talk.turns)
        )
        if not talk.running:
            if any(turn.answer for turn in talk.turns):
                inner += _exports(language)
            inner += fold("more", said(language, "examples"), _examples(language))
    return (
        f'<section class="conversation" aria-label="{said(language, "conversation")}"'
        f' aria-busy="{str(talk.running).lower()}">{inner}</section>'
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
        f'<article class="turn"><p class="question"><span class="unseen">'
        f"{said(language, 'you')}: </span>{escape(turn.question)}</p>"
    ]
    if turn.answer is not None:
        parts.append(_answer_html(number, turn.answer, talk, library, today))
    elif turn.streamed:
        parts.append(f'<p class="answer streaming">{escape(turn.streamed)}</p>')
    if turn.fault is not None:
        known = turn.fault in interface(language)
        message = say(language, turn.fault) if known else turn.fault
        message = said(language, "fault", message=message)
        parts.append(f'<p class="fault" role="alert">{message}</p>')
    if turn.stopped:
        parts.append(f'<p class="stopped" role="status">{said(language, "stopped")}</p>')
    if turn.running:
        parts.append(
            f'<p class="stage" role="status">{escape(_stage(turn, language, library))}</p>'
        )
    refused = turn.answer is not None and turn.answer.outcome == "refused"
    if turn.found:
        kind = "nearest" if refused else "found"
        listed = turn.found[:NEAREST] if refused else turn.found
        heading = said(language, kind, count=len(listed))
        rows = "".join(
            f"<li>{_clause_button(number, one, 0, talk, library, today)}</li>" for one in listed
        )
        unfolded = turn.answer is None or refused
        parts.append(fold(kind, heading, f"<ul>{rows}</ul>", f"{kind}-{number}", unfolded))
    return "".join(parts) + "</article>"


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
    for clause in map(library.clause, turn.found):
        if detail in (clause.id, clause.label, clause.label_en):
            detail = label_of(clause, language)
            break
    return say(language, "stage_with_detail", stage=stage, detail=detail)


def _answer_html(
    number: int, answer: Answer, talk: Conversation, library: Library, today: date
) -> str:
    language = talk.language
    by_number = {citation.n: citation for citation in answer.citations}
    sentences = []
    for sentence in answer.sentences:
        marks = "".join(
            _mark_button(number, by_number[n], talk) for n in sentence.citations if n in by_number
        )
        sentences.append(f"<span>{escape(sentence.text)}</span>{marks}")
    joined = ("" if answer.language == "zh" else " ").join(sentences) or escape(answer.answer)
    cited = "".join(
        f"<li>{_clause_button(number, one.clause_id, one.n, talk, library, today)}</li>"
        for one in answer.citations
    )
    if cited:
        cited = f'<h3>{said(language, "citations")}</h3><ul class="cited">{cited}</ul>'
    seconds = say(language, "seconds", seconds=f"{answer.seconds.total:.1f}")
    made = escape(" · ".join(filter(None, (seconds, answer.model))))
    outcome = escape(answer.outcome)
    return (
        f'<p class="answer {outcome}" lang="{HTML_LANGUAGE[answer.language]}">{joined}</p>'
        f'{cited}<p class="small">{made}</p>{_take_away(answer, language)}'
    )


def _take_away(answer: Answer, language: Language) -> str:
    """Buttons that copy the answer with its citations."""
    from rag.web.export import markdown, plain_text

    forms = (("copy", plain_text(answer)), ("copy_markdown", markdown([answer])))
    return (
        '<p class="tools">'
        + "".join(
            f'<button type="button" class="tool" data-action="copy" data-text="{escape(text)}"'
            f' data-done="{said(language, "copied")}">{said(language, name)}</button>'
            for name, text in forms
        )
        + "</p>"
    )


def _mark_button(number: int, citation: Citation, talk: Conversation) -> str:
    label = citation.label if talk.language == "zh" else citation.label_en
    name = said(talk.language, "citation", n=citation.n, label=label)
    pressed = talk.opened == Opened(number, citation.clause_id, citation.n)
    return (
        f'<button type="button" class="citation" data-action="open" data-turn="{number}"'
        f' data-clause="{escape(citation.clause_id)}" data-n="{citation.n}" title="{escape(label)}"'
        f' aria-label="{name}" aria-pressed="{str(pressed).lower()}">[{citation.n}]</button>'
    )


def _clause_button(
    number: int, clause_id: str, n: int, talk: Conversation, library: Library, today: date
) -> str:
    """A clause as a row to open: its label, its heading and its document's status."""
    clause = library.clause(clause_id)
    document = library.documents[clause.document_id]
    heading = _heading(clause, library.rendition(clause_id), talk.language)
    pressed = talk.opened == Opened(number, clause_id, n)
    return (
        f'<button type="button" class="clause" data-action="open" data-turn="{number}"'
        f' data-clause="{escape(clause_id)}" data-n="{n}" aria-pressed="{str(pressed).lower()}">'
        + (f'<span class="n">[{n}]</span>' if n else "")
        + f'<span class="label">{escape(label_of(clause, talk.language))}</span> '
        f'<span class="heading">{escape(heading)}</span> '
        f"{badge(document.status(today), talk.language)}</button>"
    )


def said(language: Language, key: str, **values: object) -> str:
    """One interface text, filled in and escaped."""
    return escape(say(language, key, **values))


def fold(kind: str, name: str, inner: str, key: str = "", unfolded: bool = False) -> str:
    """A part that folds; by its key the page keeps it as the reader left it."""
    state = " open" if unfolded else ""
    return (
        f'<details class="{kind}" data-key="{key or kind}"{state}><summary>{name}</summary>'
        f"{inner}</details>"
    )


def badge(status: str, language: Language) -> str:
    """A document's status, as a small label."""
    return f'<span class="badge {escape(status)}">{said(language, f"status_{status}")}</span>'


def label_of(clause: Clause, language: Language) -> str:
    """How the clause is named in a language; plain text."""
    return clause.label if language == "zh" else clause.label_en


def _heading(clause: Clause, rendition: Rendition | None, language: Language) -> str:
    if language == "en" and rendition and rendition.title_en:
        return rendition.title_en
    return clause.heading


def _examples(language: Language) -> str:
    """Example questions in both languages, the interface's own first."""
    groups = []
    for asked_in in sorted(LANGUAGES, key=lambda one: one != language):
        questions: Sequence[str] = interface(asked_in)["example_questions"]
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
