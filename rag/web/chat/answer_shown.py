"""The answer of a turn as HTML: its sentences with their citations, what it can be taken away as.

Also a clause as a row to open, cited or found. Pure functions, as those of rag/web/chat/present.py,
which shows the conversation around it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from html import escape
from itertools import groupby

from index.documents.model import Clause, Rendition
from rag.schema import Answer, AnswerSentence, Citation, Language, sources_of
from rag.web.chat.conversation import Conversation, Library, Opened, clause_in
from rag.web.chat.document_filter import ask_in_all_html, limit_of
from rag.web.chat.export import markdown, plain_text, table_text
from rag.web.feedback.verdict import judge_html
from rag.web.texts import HTML_LANGUAGE, badge, fold, label_of, language_of, said, say, status_of

# Rows of a list that are shown at once.
MOST_ROWS = 20


def answer_html(
    number: int, answer: Answer, talk: Conversation, library: Library, today: date
) -> str:
    """The text with a mark for each citation, the articles cited, and what can be done with it."""
    language = talk.language
    only = talk.turns[number].only
    limit = limit_of(only, library, answer.language)
    in_all = answer.outcome == "refused" and only and not talk.running
    by_number = {citation.n: citation for citation in answer.citations}

    def shown(sentence: AnswerSentence) -> str:
        marks = "".join(
            _mark_button(number, by_number[n], talk) for n in sentence.citations if n in by_number
        )
        return f"<span>{escape(sentence.text)}</span>{'' if sentence.form == 'lead' else marks}"

    told = _parts_html(answer, shown, f"rows-{number}", language) or escape(answer.answer)
    cited = "".join(
        f"<li>{clause_button(number, own[0].clause_id, own[0].n, talk, library, today)}"
        + "".join(
            f'<blockquote class="printed" lang="zh">{escape(one.quote)}</blockquote>' for one in own
        )
        + "</li>"
        for own in sources_of(answer)
    )
    if cited:
        cited = f'<h3>{said(language, "citations")}</h3><ul class="cited">{cited}</ul>'
    seconds = say(language, "seconds", seconds=f"{answer.seconds.total:.1f}")
    made = escape(" · ".join(filter(None, (seconds, answer.model))))
    outcome = escape(answer.outcome)
    return (
        f'<div class="answer {outcome}" lang="{HTML_LANGUAGE[answer.language]}">{told}</div>'
        f"{ask_in_all_html(number, language) if in_all else ''}"
        f'{cited}<p class="small">{made}</p>{_take_away(answer, limit, language)}'
        f"{judge_html(number, talk, library)}"
    )


def _parts_html(
    answer: Answer, shown: Callable[[AnswerSentence], str], key: str, language: Language
) -> str:
    """The sentences in paragraphs, the rows of each list in a list; many rows fold."""
    parts: list[str] = []
    joint = "" if answer.language == "zh" else " "
    for at, (is_row, group) in enumerate(groupby(answer.sentences, lambda one: one.form == "row")):
        sentences = list(group)
        if not is_row:
            parts.append(f"<p>{joint.join(map(shown, sentences))}</p>")
            continue
        rows = [f"<li>{shown(sentence)}</li>" for sentence in sentences]
        parts.append(f'<ul class="rows">{"".join(rows[:MOST_ROWS])}</ul>')
        if rest := rows[MOST_ROWS:]:
            name = said(language, "rows_rest", count=len(rest))
            inner = f'<ul class="rows">{"".join(rest)}</ul>'
            parts.append(fold("rest", name, inner, f"{key}-{at}"))
    return "".join(parts)


def _take_away(answer: Answer, limit: str, language: Language) -> str:
    """Buttons that copy the answer with its citations."""
    every = (
        ("copy", plain_text(answer)),
        ("copy_markdown", markdown([answer], [limit])),
        ("copy_table", table_text(answer)),
    )
    forms = [(name, text) for name, text in every if text]
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


def clause_button(
    number: int, clause_id: str, n: int, talk: Conversation, library: Library, today: date
) -> str:
    """A clause as a row to open: its label, its heading and its document's status."""
    clause = clause_in(library, clause_id)
    if clause is None:
        return removed_html(number, clause_id, n, talk)
    document = library.documents[clause.document_id]
    label = label_of(clause, talk.language)
    heading = _heading(clause, library.rendition(clause_id), talk.language)
    pressed = talk.opened == Opened(number, clause_id, n)
    return (
        f'<button type="button" class="clause" data-action="open" data-turn="{number}"'
        f' data-clause="{escape(clause_id)}" data-n="{n}" aria-pressed="{str(pressed).lower()}">'
        + (f'<span class="n">[{n}]</span>' if n else "")
        + f'<span class="label" lang="{language_of(label)}">{escape(label)}</span> '
        f'<span class="heading" lang="{language_of(heading)}">{escape(heading)}</span> '
        f"{badge(status_of(document, today), talk.language)}</button>"
    )


def removed_html(number: int, clause_id: str, n: int, talk: Conversation) -> str:
    """What is left of a clause whose document has been removed: its name, and what was quoted."""
    answer = talk.turns[number].answer if number >= 0 else None
    found = (one for one in (answer.citations if answer else ()) if one.clause_id == clause_id)
    cited = next((one for one in found if one.n == n), None)
    label = (cited.label if talk.language == "zh" else cited.label_en) if cited else clause_id
    quote = f'<blockquote lang="zh">{escape(cited.quote)}</blockquote>' if cited else ""
    note = said(talk.language, "clause_removed")
    mark = f'<span class="n">[{n}]</span> ' if n else ""
    label = f'<span class="label">{escape(label)}</span>'
    return f'<div class="removed">{mark}{label} <span class="small">{note}</span>{quote}</div>'


def _heading(clause: Clause, rendition: Rendition | None, language: Language) -> str:
    if language == "en" and rendition and rendition.title_en:
        return rendition.title_en
    return clause.heading
