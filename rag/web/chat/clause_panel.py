"""Shows the clause that a reader opened as HTML: its status, its source and its English in pairs.

Pure functions from data to what the template shows, as in rag/web/chat/present.py; it chooses no
clause.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from index.documents.model import Clause, Document, Rendition
from rag.answer.names import successor_of
from rag.schema import Citation, Language
from rag.web.chat.answer_shown import removed_html
from rag.web.chat.conversation import Conversation, Library, clause_in
from rag.web.pages.alignment import aligned, in_body, made_of, readable
from rag.web.pages.contents import article_address
from rag.web.templates import render
from rag.web.texts import label_of, say, status_of


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


def panel_html(talk: Conversation, library: Library, today: date) -> str:
    """The opened clause: label, status and dates, position, source with the quote, English."""
    language, opened = talk.language, talk.opened
    clause = clause_in(library, opened.clause_id) if opened else None
    if opened is None or clause is None:
        removed = removed_html(opened.turn, opened.clause_id, opened.n, talk) if opened else ""
        return render("clause_panel", language, clause="", removed=removed)
    document = library.documents[clause.document_id]
    rendition = library.rendition(clause.id)
    answer = talk.turns[opened.turn].answer if opened.turn >= 0 else None
    citation = next((c for c in answer.citations if c.n == opened.n), None) if answer else None
    status, basis = status_and_basis(document, today, language)
    pairs = _pairs(clause, document, rendition, citation)
    kinds = {"machine": "rendition_machine", "official": "made_official"}
    return render(
        "clause_panel",
        language,
        clause=clause.id,
        removed="",
        openings=talk.openings,
        ways=_ways(clause, document),
        address=article_address(clause.id, (citation.start, citation.end) if citation else None),
        label=label_of(clause, language),
        status=status,
        rests_on=say(language, "status_today", today=today.isoformat(), basis=basis),
        facts=_facts(clause, document, language),
        is_recognised=document.recognised,
        translated=rendition is not None,
        made=kinds.get(rendition.made, "") if rendition else "",
        pairs=pairs,
        any_repaired=any(pair["repaired"] for pair in pairs),
    )


def _facts(clause: Clause, document: Document, language: Language) -> list[tuple[str, str]]:
    """What is told of the clause above its text: a text's key, and what it is."""
    facts = [("document", document.title), ("number", document.number or "")]
    if language == "en" and document.title_en:
        facts.insert(0, ("document", document.title_en))
        facts[1] = ("", document.title)
    facts.append(("issuers", "、".join(document.issuers)))
    position = clause.heading_path
    if not (position and position[-1].startswith(clause.marker)):
        position = (*position, clause.marker)
    facts.append(("position", " › ".join(position)))
    return [(key, value) for key, value in facts if value]


def _ways(clause: Clause, document: Document) -> list[tuple[str, int]]:
    """The ways to the clause before and the next one, where there is one."""
    place = next(n for n, one in enumerate(document.clauses) if one.id == clause.id)
    ways = (("before", -1, place > 0), ("next", 1, place + 1 < len(document.clauses)))
    return [(name, step) for name, step, there in ways if there]


def _pairs(
    clause: Clause, document: Document, rendition: Rendition | None, citation: Citation | None
) -> list[dict[str, object]]:
    """Source and English side by side, sentence by sentence; the quote marked in both.

    A sentence that the program repaired is shown repaired, and the original can be unfolded.
    """
    quote = (citation.start, citation.end) if citation else (clause.end, clause.end)
    rows = aligned(clause, rendition)
    pairs: list[dict[str, object]] = []
    for start, end, english in rows:
        source = _marked(document.source, start, end, quote)
        cited = bool(source.quoted) and any(
            map(str.isalnum, document.source[max(start, quote[0]) : min(end, quote[1])])
        )
        right = Piece(english)
        if cited and english and len(rows) > 1:
            right = Piece("", english)
        elif citation and citation.quote_en and citation.quote_en in english:
            before, _, after = english.partition(citation.quote_en)
            right = Piece(before, citation.quote_en, after)
        made = made_of(rendition, english) if rendition else ""
        pairs.append(
            {
                "source": source,
                "cited": cited,
                "repaired": _repaired(clause, start, end, quote),
                "english": right,
                "made": made,
                "by_machine": rendition is not None and rendition.machine and not made,
            }
        )
    return pairs


@dataclass(frozen=True)
class Piece:
    """A piece of text of which a part may be marked; `kind` is the class of the mark."""

    before: str
    quoted: str = ""
    after: str = ""
    kind: str = ""


def _repaired(clause: Clause, start: int, end: int, quote: tuple[int, int]) -> Piece | None:
    """A piece as it was repaired, the quote marked; None where it needed no repair."""
    mended = readable(clause, start, end)
    if mended is None:
        return None
    lead, first, last = mended
    piece = _marked(clause.body, first, last, in_body(clause, quote))
    shown = replace(piece, before=lead + piece.before)
    return shown if shown.before or shown.quoted else None


def _marked(source: str, start: int, end: int, quote: tuple[int, int]) -> Piece:
    first, last = max(start, min(quote[0], end)), min(end, max(quote[1], start))
    if first >= last:
        return Piece(source[start:end])
    return Piece(source[start:first], source[first:last], source[last:end], "quote")
