"""A whole document, and one article of it, as HTML: outline, source beside English, repairs marked.

Pure functions from data to escaped HTML, in a Chinese or an English interface. Which addresses
they answer is in rag/web/pages/routes.py; the frame around them is in rag/web/pages/frame.py.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from functools import partial
from typing import NamedTuple

from markupsafe import Markup

from index.documents.labels import titled
from index.documents.model import Clause, Document, Rendition, Section
from index.documents.versions import version_before
from index.text.places import places
from rag.schema import Language
from rag.web.chat.clause_panel import status_and_basis
from rag.web.chat.conversation import Library
from rag.web.messages import sentence_html
from rag.web.pages.alignment import aligned, in_body, made_of, readable
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
from rag.web.pages.related import related
from rag.web.templates import render
from rag.web.texts import label_of, say


class Pair(NamedTuple):
    """A stretch of a clause and its English; `marked` is the part of it that is quoted.

    `mended`: it was not legible as it stood in the source. `made` says who made the English, where
    that is another than of the whole clause.
    """

    before: str
    marked: str
    after: str
    mended: bool
    quoted: bool
    english: str
    english_marked: bool
    made: str = ""


class Texts(NamedTuple):
    """A clause in pairs; `original` is its text as it stood, where any of it was mended."""

    pairs: tuple[Pair, ...]
    translated: bool
    original: str


def document_html(
    document: Document,
    library: Library,
    language: Language,
    today: date,
    number: int = 1,
    *,
    managing: bool = False,
) -> str:
    """The document, or part `number` of it: facts, warnings, outline, every clause.

    `managing`: with ways to correct its English.
    """
    parts = parts_of(document, library)
    number = min(max(number, 1), max(len(parts), 1))
    prefix = label_prefix(document, language)
    part = parts[number - 1] if parts else Part(())
    renditions = [library.rendition(clause.id) for clause in document.clauses]
    return render(
        "document",
        language,
        titles=titles_of(document, language),
        facts=Markup(facts_html(document, language, today)),
        coverage=coverage_text(renditions, language),
        is_recognised=bool(document.recognised),
        doubts=[Markup(sentence_html(one, language)) for one in document.warnings],
        in_path=in_path(document.id),
        managing=managing,
        comparing=_comparing(document, library, language),
        relations=_relations(document, library, language),
        number=number,
        count=len(parts),
        part_address=partial(_part_address, document),
        contents_of=_contents(parts, number, document, library, language, prefix),
        entries=[_entry(entry, document, library, language, prefix) for entry in part.entries],
    )


def article_html(
    clause: Clause,
    library: Library,
    language: Language,
    today: date,
    quote: tuple[int, int] | None = None,
    *,
    managing: bool = False,
) -> str:
    """One clause with its neighbours and its document's facts; `quote` is marked in it."""
    document = library.documents[clause.document_id]
    rendition = library.rendition(clause.id)
    place = next(n for n, one in enumerate(document.clauses) if one.id == clause.id)
    prefix = label_prefix(document, language)
    above = clause.heading_path
    own = () if above and above[-1].startswith(clause.marker) else (clause.marker,)
    note = "rendition_none"
    if rendition:
        note = f"rendition_{rendition.made}"
    return render(
        "article",
        language,
        title=title_of(document, language),
        label=label_of(clause, language),
        document_address=document_address(document),
        position=" › ".join((*above, *own)),
        inside=document_address(document, library, place),
        here=article_address(clause.id, quote),
        english=f"/library/english/articles/{in_path(clause.id)}" if managing else "",
        is_recognised=bool(document.recognised),
        texts=Markup(texts_html(clause, document, rendition, language, quote)),
        note=note,
        before=_leaf(document, place - 1, language, prefix),
        after=_leaf(document, place + 1, language, prefix),
        facts=Markup(facts_html(document, language, today, titles=True)),
    )


def texts_html(
    clause: Clause,
    document: Document,
    rendition: Rendition | None,
    language: Language,
    quote: tuple[int, int] | None = None,
) -> str:
    """Source and English sentence by sentence; damaged text readable, the original on demand."""
    return render("texts", language, texts=texts_of(clause, document, rendition, quote))


def texts_of(
    clause: Clause,
    document: Document,
    rendition: Rendition | None,
    quote: tuple[int, int] | None = None,
) -> Texts:
    """The same as plain text, with what is to be marked."""
    rows = aligned(clause, rendition) if rendition else [(clause.start, clause.end, "")]
    pairs = []
    for start, end, english in rows:
        source = document.source[start:end]
        first = last = 0
        if quote:
            first, last = (at - start for at in _within(quote, start, end))
        repaired = readable(clause, start, end)
        if repaired:
            lead, low, high = repaired
            source = lead + clause.body[low:high]
            if quote:
                within = _within(in_body(clause, quote), low, high)
                first, last = (at - low + len(lead) for at in within)
        cited = any(map(str.isalnum, source[first:last]))
        marked = bool(cited and english and len(rows) > 1)
        shown = _marked(source, first, last)
        made = made_of(rendition, english) if rendition else ""
        pairs.append(Pair(*shown, repaired is not None, cited, english, marked, made))
    mended = any(pair.mended for pair in pairs)
    return Texts(tuple(pairs), rendition is not None, clause.text if mended else "")


def facts_html(document: Document, language: Language, today: date, *, titles: bool = False) -> str:
    """Status with the dates it rests on, and what else is known of the document."""
    status, basis = status_and_basis(document, today, language)
    rests_on = say(language, "status_today", today=today.isoformat(), basis=basis)
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
    told = [(key, value) for key, value in rows if value]
    return render("facts", language, status=status, rests_on=rests_on, rows=told)


def coverage_text(renditions: Sequence[Rendition | None], language: Language) -> str:
    """How many articles there are, and how many of them have English of which kind."""
    counts = Counter(one.made for one in renditions if one is not None)
    told = [say(language, "articles_count", count=len(renditions))]
    for made in ("official", "reviewed", "machine"):
        if counts[made]:
            told.append(say(language, f"english_{made}_count", count=counts[made]))
    if not counts:
        told.append(say(language, "english_none"))
    return say(language, "separator").join(told)


def title_of(document: Document, language: Language) -> str:
    """The title in the reader's language, where there is one; of a version, with its year."""
    return titled(document, language == "en")


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


def titles_of(document: Document, language: Language) -> list[tuple[str, str]]:
    """Both titles with their languages, the reader's first; the second is empty if it is none."""
    english = titled(document, True) if document.title_en else ""
    titles = [(titled(document, False), "zh-Hans"), (english, "en")]
    if language == "en" and document.title_en:
        titles.reverse()
    return titles


def _entry(
    entry: Entry, document: Document, library: Library, language: Language, prefix: str
) -> dict[str, object]:
    """A section or clause as the template shows it."""
    if isinstance(entry.item, Section):
        name = entry_name(entry, library, language, prefix)
        return {"level": 2 if entry.depth == 0 else 3, "anchor": entry.anchor, "name": name}
    clause = entry.item
    rendition = library.rendition(clause.id)
    return {
        "level": 0,
        "anchor": entry.anchor,
        "address": article_address(clause.id),
        "label": short_label(clause, prefix, language),
        "english": rendition.title_en if rendition and language == "en" else "",
        "made": rendition.made if rendition and rendition.made != "reviewed" else "",
        "english_address": f"/library/english/articles/{in_path(clause.id)}",
        "texts": texts_of(clause, document, rendition),
    }


def _contents(
    parts: Sequence[Part],
    number: int,
    document: Document,
    library: Library,
    language: Language,
    prefix: str,
) -> list[dict[str, object]]:
    """The outline of the part shown, and links to the other parts."""
    return [
        {"outline": Markup(outline_html(part.entries, document, library, language))}
        if other == number
        else {
            "outline": "",
            "address": _part_address(document, other),
            "name": entry_name(part.first, library, language, prefix),
        }
        for other, part in enumerate(parts, 1)
    ]


def _part_address(document: Document, number: int) -> str:
    return f"{document_address(document)}?part={number}"


def _relations(document: Document, library: Library, language: Language) -> Markup:
    """How the document stands to others; empty where it stands to none."""
    found = related(document, library, language)
    return Markup(render("related", language, related=found)) if found else Markup("")


def _comparing(document: Document, library: Library, language: Language) -> list[tuple[str, str]]:
    """Addresses that compare the document: with its text before, where one is held, or any."""
    links = []
    before = version_before(document, library.documents.values()) if document.version else None
    if before is not None:
        address = with_query("/compare", old=before.id, new=document.id)
        links.append((address, say(language, "compare_before", version=before.version)))
    links.append((with_query("/compare", new=document.id), say(language, "compare_with")))
    return links


def _leaf(document: Document, place: int, language: Language, prefix: str) -> dict[str, str] | None:
    """A link to a neighbour, None where there is none."""
    if not 0 <= place < len(document.clauses):
        return None
    clause = document.clauses[place]
    name = short_label(clause, prefix, language)
    return {"address": article_address(clause.id), "name": name}


def _within(span: tuple[int, int], low: int, high: int) -> tuple[int, int]:
    """The part of a span that lies between two places."""
    first, last = (min(max(at, low), high) for at in span)
    return first, last


def _marked(text: str, first: int, last: int) -> tuple[str, str, str]:
    """Text around a stretch to be marked; line breaks around it all are not shown."""
    before, marked, after = text[:first], text[first:last], text[last:]
    if not marked:
        return (before + after).strip("\n"), "", ""
    return before.lstrip("\n"), marked, after.rstrip("\n")
