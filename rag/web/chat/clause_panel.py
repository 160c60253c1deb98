"""Shows the clause that a reader opened as HTML: its status, its source and its English in pairs.

Pure functions from data to escaped HTML, as in rag/web/chat/present.py; it chooses no clause.
"""

from __future__ import annotations

from datetime import date
from html import escape

from index.documents.model import Clause, Document, Rendition
from rag.answer.names import successor_of
from rag.schema import Citation, Language
from rag.web.chat.answer_shown import removed_html
from rag.web.chat.conversation import Conversation, Library, clause_in
from rag.web.pages.alignment import aligned, in_body, made_of, readable
from rag.web.pages.contents import article_address
from rag.web.texts import badge, fold, in_chinese, label_of, said, say, status_of


def status_and_basis(document: Document, today: date, language: Language) -> tuple[str, str]:
    """The document's status on a day, and the dates that it rests on, as plain texts."""
    basis = []
    if document.effective_from:
        basis.append(say(language, "basis_from", date=document.effective_from))
    elif document.issued_on:
        basis.append(say(language, "basis_issued", date=document.issued_on))
    if document.superseded_on:
        key = "basis_repealed" if document.repealed else "basis_superseded"
        by = successor_of(document, language)
        basis.append(say(language, key, date=document.superseded_on, by=by))
    elif document.effective_to:
        basis.append(say(language, "basis_to", date=document.effective_to))
    elif document.period:
        first, last = document.period
        basis.append(say(language, "basis_period", first=first, last=last, date=f"{last}-12-31"))
    elif document.effective_from:
        basis.append(say(language, "basis_no_end"))
    else:
        basis.append(say(language, "basis_none"))
    return status_of(document, today), say(language, "separator").join(basis)


def recognised_html(document: Document, language: Language) -> str:
    """A note that the text was recognised from images, empty for any other."""
    if not document.recognised:
        return ""
    return f'<p class="small recognised">{said(language, "recognised_note")}</p>'


def panel_html(talk: Conversation, library: Library, today: date) -> str:
    """The opened clause: label, status and dates, position, source with the quote, English."""
    language = talk.language
    name = said(language, "panel")
    if talk.opened is None:
        empty = said(language, "panel_empty")
        return f'<section class="panel" aria-label="{name}"><p class="empty">{empty}</p></section>'
    clause = clause_in(library, talk.opened.clause_id)
    if clause is None:
        gone = removed_html(talk.opened.turn, talk.opened.clause_id, talk.opened.n, talk)
        return f'<section class="panel" aria-label="{name}">{gone}</section>'
    document = library.documents[clause.document_id]
    rendition = library.rendition(clause.id)
    asked = talk.turns[talk.opened.turn] if talk.opened.turn >= 0 else None
    answer = asked.answer if asked else None
    citation = next((c for c in answer.citations if c.n == talk.opened.n), None) if answer else None
    status, basis = status_and_basis(document, today, language)
    rests_on = said(language, "status_today", today=today.isoformat(), basis=basis)
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
        f"<dt>{said(language, key) if key else ''}</dt><dd{in_chinese(value, language)}>"
        f"{escape(value)}</dd>"
        for key, value in facts
        if value
    )
    return (
        f'<section class="panel" aria-label="{name}" data-opening="{talk.openings}">'
        f'<button type="button" class="back" data-action="back">↑ {said(language, "back")}'
        f"</button>{_tools(clause, document, citation, language)}"
        f'<h2 tabindex="-1"{in_chinese(label_of(clause, language), language)}>'
        f"{escape(label_of(clause, language))}</h2>"
        f'<p class="status">{badge(status, language)} <span>{rests_on}</span></p>'
        f"<dl>{rows}</dl>{recognised_html(document, language)}"
        f"{_texts_html(clause, document, rendition, citation, language)}"
        f'<p class="small">{said(language, "authority")}</p></section>'
    )


def _tools(
    clause: Clause, document: Document, citation: Citation | None, language: Language
) -> str:
    """Buttons to the clause before and the next one, where there is one, and links to it."""
    place = next(n for n, one in enumerate(document.clauses) if one.id == clause.id)
    ways = (("before", -1, place > 0), ("next", 1, place + 1 < len(document.clauses)))
    buttons = "".join(
        f'<button type="button" class="tool" data-action="leaf" data-step="{step}">'
        f"{said(language, f'article_{name}')}</button>"
        for name, step, there in ways
        if there
    )
    link = (
        f'<button type="button" class="tool" data-action="link" data-clause="{escape(clause.id)}"'
        f' data-done="{said(language, "link_copied")}">{said(language, "link_copy")}</button>'
    )
    address = article_address(clause.id, (citation.start, citation.end) if citation else None)
    page = f'<a class="tool" href="{escape(address)}">{said(language, "article_in_document")}</a>'
    return f'<p class="tools">{buttons}{link}{page}</p>'


def _texts_html(
    clause: Clause,
    document: Document,
    rendition: Rendition | None,
    citation: Citation | None,
    language: Language,
) -> str:
    """Source and English side by side, sentence by sentence; the quote marked in both.

    A sentence that the program repaired is shown repaired, and the original can be unfolded.
    """
    quote = (citation.start, citation.end) if citation else (clause.end, clause.end)
    rows = aligned(clause, rendition)
    pairs = []
    any_repaired = False
    for place, (start, end, english) in enumerate(rows):
        source = _marked(document.source, start, end, quote)
        cited = "<mark" in source and any(
            map(str.isalnum, document.source[max(start, quote[0]) : min(end, quote[1])])
        )
        shown = f'<p class="source" lang="zh">{source}</p>'
        if repaired := _repaired(clause, start, end, quote):
            any_repaired = True
            shown = (
                f'<p class="source" lang="zh-Hans">{repaired} '
                f'<span class="repaired">{said(language, "repaired")}</span></p>'
                f'<p class="original"><span class="small">{said(language, "original")}</span> '
                f'<span lang="zh">{source}</span></p>'
            )
        right = escape(english)
        if cited and english and len(rows) > 1:
            right = f"<mark>{right}</mark>"
        elif citation and citation.quote_en and citation.quote_en in english:
            before, _, after = english.partition(citation.quote_en)
            right = f"{escape(before)}<mark>{escape(citation.quote_en)}</mark>{escape(after)}"
        made = " by-machine" if rendition and rendition.machine else ""
        if rendition and (other := made_of(rendition, english)):
            right += f' <span class="machine">{said(language, f"made_{other}")}</span>'
            made = ""
        translated = f'<p class="english{made}" lang="en">{right}</p>' if rendition else ""
        # One stop for the keyboard in the whole text; the arrows go from pair to pair.
        name = said(language, "pair_name", n=place + 1, count=len(rows))
        pairs.append(
            f'<div class="pair{" quoted" if cited else ""}" role="group" aria-label="{name}"'
            f' tabindex="{-1 if place else 0}"><div>{shown}</div>{translated}</div>'
        )
    heads, note = _heads(rendition, language)
    originals = ""
    if any_repaired:
        told = f'<p class="small">{said(language, "repaired_note")}</p>'
        originals = fold("originals", said(language, "repaired_show"), told)
    kind = "texts two" if rendition else "texts"
    return (
        f'<div class="{kind}">{originals}<div class="heads">{heads}</div>'
        f"{''.join(pairs)}</div>{note}"
    )


def _heads(rendition: Rendition | None, language: Language) -> tuple[str, str]:
    """What stands over the two columns, and a note where there is no English."""
    heads = f"<h3>{said(language, 'source')}</h3>"
    if rendition is None:
        return heads, f'<p class="small">{said(language, "rendition_none")}</p>'
    kinds = {"machine": "rendition_machine", "official": "made_official"}
    told = said(language, kinds[rendition.made]) if rendition.made in kinds else ""
    made = f' <span class="machine">{told}</span>' if told else ""
    return f"{heads}<h3>{said(language, 'rendition')}{made}</h3>", ""


def _repaired(clause: Clause, start: int, end: int, quote: tuple[int, int]) -> str:
    """A piece of the clause as it was repaired, the quote marked; "" where it needed no repair."""
    mended = readable(clause, start, end)
    if mended is None:
        return ""
    lead, first, last = mended
    return escape(lead) + _marked(clause.body, first, last, in_body(clause, quote))


def _marked(source: str, start: int, end: int, quote: tuple[int, int]) -> str:
    first, last = max(start, min(quote[0], end)), min(end, max(quote[1], start))
    if first >= last:
        return escape(source[start:end])
    quoted = f'<mark class="quote">{escape(source[first:last])}</mark>'
    return escape(source[start:first]) + quoted + escape(source[last:end])
