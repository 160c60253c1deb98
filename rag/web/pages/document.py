"""A whole document, and one article of it, as HTML: outline, source beside English, repairs marked.

Pure functions from data to escaped HTML, in a Chinese or an English interface. Which addresses
they answer is in rag/web/pages/routes.py; the frame around them is in rag/web/pages/frame.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from html import escape

from index.documents.model import Clause, Document, Rendition, Section
from index.text.places import places
from rag.schema import Language
from rag.web.chat.clause_panel import recognised_html, status_and_basis
from rag.web.chat.conversation import Library
from rag.web.messages import sentence_html
from rag.web.pages.alignment import aligned, in_body, readable
from rag.web.pages.contents import (
    Entry,
    Part,
    article_address,
    entry_name,
    label_prefix,
    outline_html,
    part_with,
    parts_of,
    short_label,
)
from rag.web.pages.frame import in_path, with_query
from rag.web.texts import badge, in_chinese, label_of, said, say


def document_html(
    document: Document, library: Library, language: Language, today: date, number: int = 1
) -> str:
    """The document, or part `number` of it: facts, warnings, outline, every clause."""
    parts = parts_of(document, library)
    number = min(max(number, 1), max(len(parts), 1))
    prefix = label_prefix(document, language)
    part = parts[number - 1] if parts else Part(())
    renditions = [library.rendition(clause.id) for clause in document.clauses]
    body = "".join(
        _entry_html(entry, document, library, language, prefix) for entry in part.entries
    )
    between = _between(parts, number, document, language)
    return (
        f'<div class="document"><div class="about">{_titles(document, language)}'
        f"{facts_html(document, language, today)}"
        f'<p class="small">{escape(coverage_text(renditions, language))}</p>'
        f"{recognised_html(document, language)}{warnings_html(document.warnings, language)}"
        f'<p class="ways"><a class="button" href="/?document={in_path(document.id)}">'
        f"{said(language, 'ask_about_document')}</a>"
        f'<a href="/register?document={in_path(document.id)}">'
        f"{said(language, 'document_register')}</a></p></div>"
        f'<div class="reading">{_contents(parts, number, document, library, language, prefix)}'
        f'<div class="body">{between}{body}{between}'
        f'<p class="small">{said(language, "authority")}</p></div></div></div>'
    )


def article_html(
    clause: Clause,
    library: Library,
    language: Language,
    today: date,
    quote: tuple[int, int] | None = None,
) -> str:
    """One clause with its neighbours and its document's facts; `quote` is marked in it."""
    document = library.documents[clause.document_id]
    rendition = library.rendition(clause.id)
    place = next(n for n, one in enumerate(document.clauses) if one.id == clause.id)
    prefix = label_prefix(document, language)
    here = article_address(clause.id, quote)
    inside = document_address(document, library, place)
    above = clause.heading_path
    own = () if above and above[-1].startswith(clause.marker) else (clause.marker,)
    position = " › ".join((*above, *own))
    where = f'<p class="small" lang="zh-Hans">{escape(position)}</p>' if position else ""
    title, label = title_of(document, language), label_of(clause, language)
    note = "rendition_none"
    if rendition:
        note = "rendition_machine" if rendition.machine else "rendition_reviewed"
    return (
        f'<article class="single"><p class="small"{in_chinese(title, language)}>'
        f'<a href="{escape(document_address(document))}">{escape(title)}</a></p>'
        f"<h1{in_chinese(label, language)}>{escape(label)}</h1>{where}"
        f'<p class="ways tools"><a class="button" href="{escape(inside)}">'
        f"{said(language, 'article_in_document')}</a>"
        f'<button type="button" hidden data-copy-link="{escape(here)}"'
        f' data-done="{said(language, "copied")}">{said(language, "copy_link")}</button></p>'
        f"{recognised_html(document, language)}"
        f"{texts_html(clause, document, rendition, language, quote)}"
        f'<p class="small">{said(language, note)}</p>'
        f'<nav class="leaves" aria-label="{said(language, "article_neighbours")}">'
        f"{_leaf(document, place - 1, 'article_before', language, prefix)}"
        f"{_leaf(document, place + 1, 'article_next', language, prefix)}</nav>"
        f"<h2>{said(language, 'document')}</h2>"
        f"{facts_html(document, language, today, titles=True)}"
        f'<p class="small">{said(language, "authority")}</p></article>'
    )


def texts_html(
    clause: Clause,
    document: Document,
    rendition: Rendition | None,
    language: Language,
    quote: tuple[int, int] | None = None,
) -> str:
    """Source and English sentence by sentence; damaged text readable, the original on demand."""
    sought = quote or (clause.end, clause.end)
    rows = aligned(clause, rendition) if rendition else [(clause.start, clause.end, "")]
    pairs, mended = [], False
    for start, end, english in rows:
        source = document.source[start:end]
        first, last = (at - start for at in _within(sought, start, end))
        repaired = readable(clause, start, end)
        if repaired:
            mended = True
            lead, low, high = repaired
            source = lead + clause.body[low:high]
            first, last = (
                at - low + len(lead) for at in _within(in_body(clause, sought), low, high)
            )
        cited = any(map(str.isalnum, source[first:last]))
        zh = _marked(source, first, last)
        en = escape(english)
        if cited and english and len(rows) > 1:
            en = f"<mark>{en}</mark>"
        pairs.append(
            f'<div class="pair{" quoted" if cited else ""}">'
            f"<p{' class=mended' if repaired else ''}>{zh}</p>"
            + (f'<p lang="en">{en}</p>' if rendition else "")
            + "</div>"
        )
    original = ""
    if mended:
        original = (
            f'<details class="original"><summary><span class="repaired">'
            f"{said(language, 'repaired')}</span> {said(language, 'repaired_original')}</summary>"
            f'<p lang="zh">{escape(clause.text)}</p></details>'
        )
    kind = "texts two" if rendition else "texts"
    return f'<div class="{kind}" lang="zh">{"".join(pairs)}</div>{original}'


def facts_html(document: Document, language: Language, today: date, *, titles: bool = False) -> str:
    """Status with the dates it rests on, and what else is known of the document."""
    status, basis = status_and_basis(document, today, language)
    rests_on = said(language, "status_today", today=today.isoformat(), basis=basis)
    period = f"{document.period[0]}–{document.period[1]}" if document.period else ""
    rows = [
        ("number", document.number or ""),
        ("issuers", "、".join(document.issuers)),
        ("place", region_name(document.region, language)),
        ("issued_on", document.issued_on or ""),
        ("effective_from", document.effective_from or ""),
        ("effective_to", document.effective_to or ""),
        ("period", period),
    ]
    if titles:
        rows.insert(0, ("title_zh", document.title))
        rows.insert(1, ("title_en", document.title_en or ""))
    told = "".join(
        f"<div><dt>{said(language, key)}</dt>"
        f"<dd{in_chinese(value, language)}>{escape(value)}</dd></div>"
        for key, value in rows
        if value
    )
    told_status = f'<p class="status">{badge(status, language)} <span>{rests_on}</span></p>'
    return f'{told_status}<dl class="facts">{told}</dl>'


def coverage_text(renditions: Sequence[Rendition | None], language: Language) -> str:
    """How many articles there are, and how many of them have English of which kind."""
    machine = sum(one is not None and one.machine for one in renditions)
    reviewed = sum(one is not None and not one.machine for one in renditions)
    told = [say(language, "articles_count", count=len(renditions))]
    if reviewed:
        told.append(say(language, "english_reviewed_count", count=reviewed))
    if machine:
        told.append(say(language, "english_machine_count", count=machine))
    if not reviewed + machine:
        told.append(say(language, "english_none"))
    return say(language, "separator").join(told)


def warnings_html(warnings: Sequence[str], language: Language, *, unfolded: bool = False) -> str:
    """What the program mended or doubts in a document."""
    if not warnings:
        return ""
    rows = "".join(f"<li>{sentence_html(warning, language)}</li>" for warning in warnings)
    heading = said(language, "warnings_count", count=len(warnings))
    state = " open" if unfolded else ""
    return f'<details class="warnings"{state}><summary>{heading}</summary><ul>{rows}</ul></details>'


def title_of(document: Document, language: Language) -> str:
    """The title in the reader's language, where there is one."""
    return (language == "en" and document.title_en) or document.title


def region_name(region: str | None, language: Language) -> str:
    """A region as readers of the language know it."""
    if not region or language == "zh":
        return region or ""
    if region == "全国":
        return say(language, "nationwide")
    latin = next((place.latin for place in places() if place.region == region), "")
    return f"{latin.title()} {region}" if latin else region


def document_address(
    document: Document, library: Library | None = None, place: int | None = None
) -> str:
    """Where a document can be read; with a place, at that clause."""
    address = f"/documents/{in_path(document.id)}"
    if library is None or place is None:
        return address
    parts = parts_of(document, library)
    anchor = f"c{place + 1}"
    number = part_with(parts, anchor)
    return f"{with_query(address, part=number if len(parts) > 1 else None)}#{anchor}"


def _titles(document: Document, language: Language) -> str:
    titles = [(document.title, "zh-Hans"), (document.title_en or "", "en")]
    if language == "en" and document.title_en:
        titles.reverse()
    (first, first_language), (second, second_language) = titles
    below = f'<p class="other-title" lang="{second_language}">{escape(second)}</p>'
    heading = f'<h1 lang="{first_language}">{escape(first)}</h1>'
    return heading + (below if second else "")


def _entry_html(
    entry: Entry, document: Document, library: Library, language: Language, prefix: str
) -> str:
    if isinstance(entry.item, Section):
        level = 2 if entry.depth == 0 else 3
        name = entry_name(entry, library, language, prefix)
        return f'<h{level} id="{entry.anchor}">{name}</h{level}>'
    clause = entry.item
    rendition = library.rendition(clause.id)
    name = escape(short_label(clause, prefix, language))
    english = rendition.title_en if rendition and language == "en" else ""
    heading = f' <span class="heading">{escape(english)}</span>' if english else ""
    if rendition and rendition.machine:
        heading += f' <span class="machine">{said(language, "machine_badge")}</span>'
    return (
        f'<section class="clause" id="{entry.anchor}"><h3>'
        f'<a href="{article_address(clause.id)}">{name}</a>{heading}</h3>'
        f"{texts_html(clause, document, rendition, language)}</section>"
    )


def _contents(
    parts: Sequence[Part],
    number: int,
    document: Document,
    library: Library,
    language: Language,
    prefix: str,
) -> str:
    """The outline of the part shown, and links to the other parts."""
    lists = []
    for other, part in enumerate(parts, 1):
        if other == number:
            lists.append(outline_html(part.entries, document, library, language))
        else:
            address = escape(f"{document_address(document)}?part={other}")
            name = entry_name(part.first, library, language, prefix)
            lists.append(f'<p class="other-part"><a href="{address}">{name} …</a></p>')
    return (
        f'<nav class="contents" aria-label="{said(language, "contents")}"><details>'
        f"<summary>{said(language, 'contents')}</summary>{''.join(lists)}</details></nav>"
    )


def _between(parts: Sequence[Part], number: int, document: Document, language: Language) -> str:
    """Links to the part before and the next, where a document has several."""
    if len(parts) < 2:
        return ""
    here = said(language, "part_of", number=number, count=len(parts))
    links = ""
    for key, other in (("part_before", number - 1), ("part_next", number + 1)):
        if 1 <= other <= len(parts):
            address = escape(f"{document_address(document)}?part={other}")
            links += f'<a class="button" href="{address}">{said(language, key)}</a>'
    return f'<p class="parts"><span>{here}</span>{links}</p>'


def _leaf(document: Document, place: int, key: str, language: Language, prefix: str) -> str:
    """A link to a neighbour, empty where there is none."""
    if not 0 <= place < len(document.clauses):
        return "<span></span>"
    clause = document.clauses[place]
    name = escape(short_label(clause, prefix, language))
    return (
        f'<a class="button" href="{article_address(clause.id)}">{said(language, key)}'
        f'<span class="small"> {name}</span></a>'
    )


def _within(span: tuple[int, int], low: int, high: int) -> tuple[int, int]:
    """The part of a span that lies between two places."""
    first, last = (min(max(at, low), high) for at in span)
    return first, last


def _marked(text: str, first: int, last: int) -> str:
    """Text with a stretch marked; line breaks around it are not shown."""
    parts = [text[:first], text[first:last], text[last:]]
    quoted = f'<mark class="quote">{escape(parts[1])}</mark>' if parts[1] else ""
    return f"{escape(parts[0])}{quoted}{escape(parts[2])}".strip("\n")
