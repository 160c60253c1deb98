"""Shows answers, citations and clauses as HTML, in a Chinese or an English interface.

Pure functions from data to escaped HTML: whatever a document, a question or a model says is shown
as text, never as markup. No page framework, no model and no search happen here.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from html import escape
from pathlib import Path

from index.schema import Clause, Document, Rendition
from rag.schema import Answer, Citation, Language
from rag.web.conversation import Conversation, Library, Opened, Turn

PROMPTS = Path(__file__).resolve().parents[2] / "prompts"
LANGUAGES: tuple[Language, Language] = ("zh", "en")
HTML_LANGUAGE = {"zh": "zh-Hans", "en": "en"}
# The pages that every page leads to, by the interface text that names them.
NAVIGATION: tuple[tuple[str, str], ...] = (
    ("navigation_chat", "/"),
    ("navigation_library", "/library"),
)
# Of a refused question's findings, how many are shown as the nearest.
NEAREST = 3
# Half-width characters that open what follows them; NFKC text has them in place of 《 and （.
OPENING = "<《〈「『“‘（([【〔"


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


def status_and_basis(document: Document, today: date, language: Language) -> tuple[str, str]:
    """The document's status on a day, and the dates that it rests on, as plain texts."""
    basis = []
    if document.effective_from:
        basis.append(say(language, "basis_from", date=document.effective_from))
    elif document.issued_on:
        basis.append(say(language, "basis_issued", date=document.issued_on))
    if document.effective_to:
        basis.append(say(language, "basis_to", date=document.effective_to))
    elif document.period:
        first, last = document.period
        basis.append(say(language, "basis_period", first=first, last=last, date=f"{last}-12-31"))
    elif document.effective_from:
        basis.append(say(language, "basis_no_end"))
    else:
        basis.append(say(language, "basis_none"))
    return document.status(today), say(language, "separator").join(basis)


def header_html(language: Language) -> str:
    """The page's heading with the language switch. `data-language` tells the page its language."""
    buttons = "".join(
        f'<button type="button" data-action="language" data-language="{one}"'
        f' lang="{HTML_LANGUAGE[one]}" aria-pressed="{str(one == language).lower()}">'
        f"{_text(one, 'language_name')}</button>"
        for one in LANGUAGES
    )
    return (
        f'<header class="masthead" data-language="{HTML_LANGUAGE[language]}">'
        f"<div><h1>{_text(language, 'title')}</h1><p>{_text(language, 'tagline')}</p></div>"
        f"{navigation_html(language, '/')}"
        f'<div class="switch" role="group" aria-label="{_text(language, "switch_language")}">'
        f"{buttons}</div></header>"
    )


def navigation_html(language: Language, current: str) -> str:
    """Links to the pages of the product; `current` is the address of the one that is open."""
    links = "".join(
        f'<a href="{address}"{" aria-current=page" if address == current else ""}>'
        f"{_text(language, key)}</a>"
        for key, address in NAVIGATION
    )
    return f'<nav class="pages" aria-label="{_text(language, "navigation")}">{links}</nav>'


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
        library_name = _text(language, "library", count=len(library.documents))
        inner = f'<p class="welcome">{_text(language, "welcome")}</p>{_examples(language)}'
        inner += _fold("library", library_name, f"<ul>{held}</ul>")
    else:
        inner = "".join(
            _turn_html(number, turn, talk, library, today) for number, turn in enumerate(talk.turns)
        )
        if not talk.running:
            if any(turn.answer for turn in talk.turns):
                inner += _exports(language)
            inner += _fold("more", _text(language, "examples"), _examples(language))
    return (
        f'<section class="conversation" aria-label="{_text(language, "conversation")}"'
        f' aria-busy="{str(talk.running).lower()}">{inner}</section>'
    )


def _exports(language: Language) -> str:
    """Buttons that save the whole conversation."""
    return (
        '<p class="tools exports">'
        + "".join(
            f'<button type="button" class="tool" data-action="export" data-kind="{kind}">'
            f"{_text(language, f'export_{kind}')}</button>"
            for kind in ("docx", "md")
        )
        + "</p>"
    )


def _turn_html(number: int, turn: Turn, talk: Conversation, library: Library, today: date) -> str:
    language = talk.language
    parts = [
        f'<article class="turn"><p class="question"><span class="unseen">'
        f"{_text(language, 'you')}: </span>{escape(turn.question)}</p>"
    ]
    if turn.answer is not None:
        parts.append(_answer_html(number, turn.answer, talk, library, today))
    elif turn.streamed:
        parts.append(f'<p class="answer streaming">{escape(turn.streamed)}</p>')
    if turn.fault is not None:
        known = turn.fault in interface(language)
        message = say(language, turn.fault) if known else turn.fault
        message = _text(language, "fault", message=message)
        parts.append(f'<p class="fault" role="alert">{message}</p>')
    if turn.stopped:
        parts.append(f'<p class="stopped" role="status">{_text(language, "stopped")}</p>')
    if turn.running:
        parts.append(
            f'<p class="stage" role="status">{escape(_stage(turn, language, library))}</p>'
        )
    refused = turn.answer is not None and turn.answer.outcome == "refused"
    if turn.found:
        kind = "nearest" if refused else "found"
        listed = turn.found[:NEAREST] if refused else turn.found
        heading = _text(language, kind, count=len(listed))
        rows = "".join(
            f"<li>{_clause_button(number, one, 0, talk, library, today)}</li>" for one in listed
        )
        unfolded = turn.answer is None or refused
        parts.append(_fold(kind, heading, f"<ul>{rows}</ul>", f"{kind}-{number}", unfolded))
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
            detail = _label(clause, language)
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
        cited = f'<h3>{_text(language, "citations")}</h3><ul class="cited">{cited}</ul>'
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
            f' data-done="{_text(language, "copied")}">{_text(language, name)}</button>'
            for name, text in forms
        )
        + "</p>"
    )


def _mark_button(number: int, citation: Citation, talk: Conversation) -> str:
    label = citation.label if talk.language == "zh" else citation.label_en
    name = _text(talk.language, "citation", n=citation.n, label=label)
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
        + f'<span class="label">{escape(_label(clause, talk.language))}</span> '
        f'<span class="heading">{escape(heading)}</span> '
        f"{_badge(document.status(today), talk.language)}</button>"
    )


def panel_html(talk: Conversation, library: Library, today: date) -> str:
    """The opened clause: label, status and dates, position, source with the quote, English."""
    language = talk.language
    name = _text(language, "panel")
    if talk.opened is None:
        empty = _text(language, "panel_empty")
        return f'<section class="panel" aria-label="{name}"><p class="empty">{empty}</p></section>'
    clause = library.clause(talk.opened.clause_id)
    document = library.documents[clause.document_id]
    rendition = library.rendition(clause.id)
    answer = talk.turns[talk.opened.turn].answer
    citation = next((c for c in answer.citations if c.n == talk.opened.n), None) if answer else None
    status, basis = status_and_basis(document, today, language)
    rests_on = _text(language, "status_today", today=today.isoformat(), basis=basis)
    facts = [("document", document.title), ("number", document.number or "")]
    if language == "en" and document.title_en:
        facts.insert(0, ("document", document.title_en))
        facts[1] = ("", document.title)
    facts.append(("issuers", "、".join(document.issuers)))
    position = clause.heading_path
    if not (position and position[-1].startswith(clause.marker)):
        position = (*position, clause.marker)
    facts.append(("position", " › ".join(position)))
    rows = "".join(
        f"<dt>{_text(language, key) if key else ''}</dt><dd>{escape(value)}</dd>"
        for key, value in facts
        if value
    )
    return (
        f'<section class="panel" aria-label="{name}" data-opening="{talk.openings}">'
        f'<button type="button" class="back" data-action="back">↑ {_text(language, "back")}'
        f"</button>{_leaves(clause, document, language)}"
        f'<h2 tabindex="-1">{escape(_label(clause, language))}</h2>'
        f'<p class="status">{_badge(status, language)} <span>{rests_on}</span></p>'
        f"<dl>{rows}</dl>{_texts_html(clause, document, rendition, citation, language)}"
        f'<p class="small">{_text(language, "authority")}</p></section>'
    )


def _leaves(clause: Clause, document: Document, language: Language) -> str:
    """Buttons to the clause before and the next one, each only where there is one."""
    place = next(n for n, one in enumerate(document.clauses) if one.id == clause.id)
    ways = (("before", -1, place > 0), ("next", 1, place + 1 < len(document.clauses)))
    buttons = "".join(
        f'<button type="button" class="tool" data-action="leaf" data-step="{step}">'
        f"{_text(language, f'article_{name}')}</button>"
        for name, step, there in ways
        if there
    )
    return f'<p class="tools">{buttons}</p>' if buttons else ""


def _texts_html(
    clause: Clause,
    document: Document,
    rendition: Rendition | None,
    citation: Citation | None,
    language: Language,
) -> str:
    """Source and English side by side; the quote marked in both."""
    quote = (citation.start, citation.end) if citation else (clause.end, clause.end)
    rows = aligned(clause, rendition)
    pairs = []
    for start, end, english in rows:
        source = _marked(document.source, start, end, quote)
        cited = "<mark" in source and any(
            map(str.isalnum, document.source[max(start, quote[0]) : min(end, quote[1])])
        )
        right = escape(english)
        if cited and english and len(rows) > 1:
            right = f"<mark>{right}</mark>"
        elif citation and citation.quote_en and citation.quote_en in english:
            before, _, after = english.partition(citation.quote_en)
            right = f"{escape(before)}<mark>{escape(citation.quote_en)}</mark>{escape(after)}"
        translated = f'<p class="english" lang="en">{right}</p>' if rendition else ""
        pairs.append(
            f'<div class="pair{" quoted" if cited else ""}">'
            f'<p class="source" lang="zh">{source}</p>{translated}</div>'
        )
    heads = f"<h3>{_text(language, 'source')}</h3>"
    note = ""
    if rendition:
        machine = f' <span class="machine">{_text(language, "rendition_machine")}</span>'
        heads += f"<h3>{_text(language, 'rendition')}{machine if rendition.machine else ''}</h3>"
    else:
        note = f'<p class="small">{_text(language, "rendition_none")}</p>'
    if letters(clause.text).find(letters(clause.body)) < 0:
        clean = f'<p lang="zh-Hans">{escape(clause.body)}</p>'
        note += _fold("clean", _text(language, "clean_text"), clean)
    kind = "texts two" if rendition else "texts"
    return f'<div class="{kind}"><div class="heads">{heads}</div>{"".join(pairs)}</div>{note}'


def _marked(source: str, start: int, end: int, quote: tuple[int, int]) -> str:
    first, last = max(start, min(quote[0], end)), min(end, max(quote[1], start))
    if first >= last:
        return escape(source[start:end])
    quoted = f'<mark class="quote">{escape(source[first:last])}</mark>'
    return escape(source[start:first]) + quoted + escape(source[last:end])


def aligned(clause: Clause, rendition: Rendition | None) -> list[tuple[int, int, str]]:
    """Pieces of the clause's source with their English: (start, end, English) in source offsets.

    The pieces follow each other and make up the whole clause. A rendition may leave out the
    heading (its own title stands there) and differ in punctuation and width; a sentence that
    cannot be placed joins the English of the stretch where it must be.
    """
    keys = [
        (char, place) for place, original in enumerate(clause.body) for char in letters(original)
    ]
    text = "".join(char for char, _ in keys)
    cuts: list[tuple[int, list[str]]] = []
    cursor = 0
    unplaced: list[str] = []
    for sentence in rendition.sentences if rendition else ():
        wanted = letters(sentence.zh)
        place = text.find(wanted, cursor) if wanted else -1
        if place < 0:
            unplaced.append(sentence.en)
            continue
        if place > cursor:
            title = rendition.title_en if rendition and not cursor else ""
            cuts.append((cursor, unplaced or [title]))
            unplaced = []
        cuts.append((place, [*unplaced, sentence.en]))
        unplaced = []
        cursor = place + len(wanted)
    if cuts and cursor == len(text):
        cuts[-1][1].extend(unplaced)
    elif unplaced or not cuts:
        cuts.append((cursor, unplaced))
    starts = [clause.start]
    for place, _ in cuts[1:]:
        body_place = keys[place][1] if place < len(keys) else len(clause.body)
        while body_place and clause.body[body_place - 1] in OPENING:
            body_place -= 1
        starts.append(min(max(clause.body_map[body_place], starts[-1]), clause.end))
    ends = [*starts[1:], clause.end]
    return [
        (start, end, " ".join(filter(None, english)))
        for start, end, (_, english) in zip(starts, ends, cuts, strict=True)
    ]


def letters(text: str) -> str:
    """Letters and digits alone, in one width and case: what two versions of a text share."""
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", text).lower()))


def _text(language: Language, key: str, **values: object) -> str:
    return escape(say(language, key, **values))


def _fold(kind: str, name: str, inner: str, key: str = "", unfolded: bool = False) -> str:
    """A part that folds; by its key the page keeps it as the reader left it."""
    state = " open" if unfolded else ""
    return (
        f'<details class="{kind}" data-key="{key or kind}"{state}><summary>{name}</summary>'
        f"{inner}</details>"
    )


def _badge(status: str, language: Language) -> str:
    return f'<span class="badge {escape(status)}">{_text(language, f"status_{status}")}</span>'


def _label(clause: Clause, language: Language) -> str:
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
            f"<h3>{_text(language, f'examples_{asked_in}')}</h3>"
            f'<ul class="examples" lang="{HTML_LANGUAGE[asked_in]}">{buttons}</ul>'
        )
    return "".join(groups)
