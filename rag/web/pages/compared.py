"""Two documents side by side, as a page: what changed, the numbers, the articles; or the plans.

Gathers the plain values that templates/compare.html shows. What belongs together is told by
index/compare; the addresses are in rag/web/pages/compare_routes.py.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import pairwise
from typing import Any

from index.compare.compare import compare
from index.compare.model import CHANGES, Comparison, Piece, Row
from index.compare.plans import Plans, Task, beside, plan_of
from index.compare.words import marked
from index.documents.model import Clause, Document
from index.documents.versions import begins_on, versions_of
from index.errors import DocumentFault
from index.facts.english import named, terms
from index.facts.model import Target
from rag.answer.facts_worded import SIGNS
from rag.english.amounts import in_figures
from rag.schema import Language
from rag.web.chat.clause_panel import status_and_basis
from rag.web.chat.conversation import Library
from rag.web.messages import sentence_in
from rag.web.pages.contents import article_address, label_prefix, short_label
from rag.web.pages.document import document_address, title_of
from rag.web.pages.frame import with_query
from rag.web.templates import render
from rag.web.texts import say

ROWS_ON_A_PAGE = 150
# With so small a share of words in common two documents are no versions of each other.
HARDLY_ALIKE = 0.35
VIEWS = ("articles", "plans")
# From how many articles in a row that only got other numbers one line tells of them all.
RENUMBERED_IN_A_ROW = 3


@dataclass(frozen=True)
class Asked:
    """What an address asks for: two documents by id, how to show them, which page of it."""

    old: str = ""
    new: str = ""
    view: str = ""
    every: bool = False
    page: int = 1


def asked_of(query: Mapping[str, str]) -> Asked:
    """What the query of an address asks for."""
    page = query.get("page", "")
    view = query.get("view", "")
    return Asked(
        old=query.get("old", ""),
        new=query.get("new", ""),
        view=view if view in VIEWS else "",
        every=query.get("show", "") == "all",
        page=max(int(page), 1) if page.isascii() and page.isdigit() and len(page) < 6 else 1,
    )


_compared = lru_cache(maxsize=8)(compare)
_beside = lru_cache(maxsize=8)(beside)
# One comparison at a time: whoever asks for the same waits for it and does not make it again.
_COMPARING = threading.Lock()


def compared(old: Document, new: Document) -> Comparison:
    """The comparison of two documents; the last ones asked for are kept."""
    with _COMPARING:
        return _compared(old, new)


def planned(old: Document, new: Document, library: Library) -> Plans:
    """The targets and tasks of two documents, as the library has them; the last ones are kept.

    Raises DocumentFault where there are too many of them.
    """
    plans = [plan_of(one, library.facts) for one in (old, new)]
    with _COMPARING:
        return _beside(*plans)


def compare_html(
    library: Library, asked: Asked, language: Language, today: date, collection: str = ""
) -> str:
    """The whole page: the choice of two documents, and what changed between them."""
    old, new = (library.documents.get(one) for one in (asked.old, asked.new))
    problem = ""
    for one in (asked.old, asked.new):
        if one and one not in library.documents:
            problem = say(language, "document_unknown", id=one[:80])
    if old and new and old.id == new.id:
        problem = say(language, "compare_same")
    result: dict[str, Any] | None = None
    if old and new and not problem:
        result = _result(library, old, new, asked, language, today)
    return render(
        "compare",
        language,
        documents=_choices(library, language),
        asked=asked,
        problem=problem,
        collection=collection,
        pairs=[] if result else _pairs(library, language),
        result=result,
    )


def called(document: Document, language: Language) -> str:
    """Title, version and number, as a list of documents tells them apart."""
    number = f" {document.number}" if document.number else ""
    return f"{title_of(document, language)}{number}"


def _choices(library: Library, language: Language) -> list[tuple[str, str]]:
    held = sorted(library.documents.values(), key=begins_on, reverse=True)
    return [(one.id, called(one, language)) for one in held]


def _pairs(library: Library, language: Language) -> list[tuple[str, str]]:
    """The address and the name of each text with the one before it."""
    found = []
    for group in versions_of(library.documents.values()):
        for old, new in pairwise(group):
            address = with_query("/compare", old=old.id, new=new.id)
            found.append((address, f"{called(old, language)} → {called(new, language)}"))
    return found


def _result(
    library: Library, old: Document, new: Document, asked: Asked, language: Language, today: date
) -> dict[str, Any]:
    found = compared(old, new)
    hardly = found.alike < HARDLY_ALIKE
    view = asked.view or ("plans" if hardly else "articles")
    here = with_query("/compare", old=old.id, new=new.id)
    told: dict[str, Any] = {
        "view": view,
        "fault": "",
        "here": here,
        "sides": [_about(one, language, today) for one in (old, new)],
        "hardly": hardly,
        "alike": f"{found.alike:.0%}",
        "swapped": with_query("/compare", old=new.id, new=old.id, view=asked.view or None),
        "word": with_query("/compare/word", old=old.id, new=new.id),
        "views": [(one, with_query(here, view=one)) for one in VIEWS],
    }
    if view == "plans":
        try:
            return told | _plans(planned(old, new, library), library, language)
        except DocumentFault as fault:  # The articles can be shown nevertheless.
            told |= {"view": "articles", "fault": sentence_in(fault.notice, language)}
    return told | _articles(
        found, library, asked, language, with_query(here, view=asked.view or None)
    )


def _about(document: Document, language: Language, today: date) -> dict[str, str]:
    status, basis = status_and_basis(document, today, language)
    return {
        "address": document_address(document),
        "title": called(document, language),
        "status": status,
        "basis": basis,
        "articles": str(len(document.clauses)),
    }


def _articles(
    found: Comparison, library: Library, asked: Asked, language: Language, here: str
) -> dict[str, Any]:
    """The rows of one page, with the lists over them."""
    rows = list(enumerate(found.rows))
    shown = rows if asked.every else [(n, row) for n, row in rows if row.changes]
    pages = max(1, -(-len(shown) // ROWS_ON_A_PAGE))
    page = min(asked.page, pages)
    on_page = shown[(page - 1) * ROWS_ON_A_PAGE : page * ROWS_ON_A_PAGE]
    places = {n: at // ROWS_ON_A_PAGE + 1 for at, (n, _) in enumerate(shown)}
    namer = _Namer(found, library, language)
    kept = with_query(here, show="all" if asked.every else None)

    def link(n: int) -> str:
        number = places[n]
        address = with_query(kept, page=number) if number != page else ""
        return f"{address}#r{n + 1}"

    return {
        "counts": [(change, found.counts[change]) for change in CHANGES if found.counts[change]],
        "lines": [(link(n), text) for n, text in namer.lines()],
        "chapters": [one for one in found.chapters if one.change],
        "numbers": [
            (link(n), namer.name(row), number) for n, row in rows for number in row.numbers
        ],
        "rows": [namer.row(n, row) for n, row in on_page],
        "every": asked.every,
        "other": with_query(here, show=None if asked.every else "all"),
        "page": page,
        "pages": [(number, with_query(kept, page=number)) for number in range(1, pages + 1)],
    }


class _Namer:
    """Names rows and their articles for readers, and lays their English over each other."""

    def __init__(self, found: Comparison, library: Library, language: Language) -> None:
        self._found = found
        self._library = library
        self._language = language
        self._prefixes = {one.id: label_prefix(one, language) for one in (found.old, found.new)}

    def name(self, row: Row) -> str:
        """`Article 2 → Article 3`, or the one name that both have."""
        old, new = self._names(row.old), self._names(row.new)
        return old if old == new else " → ".join(filter(None, (old, new)))

    def lines(self) -> list[tuple[int, str]]:
        """What changed, one line a row; rows that only got other numbers together."""
        found: list[tuple[int, str]] = []
        run: list[tuple[int, Row]] = []
        for n, row in [*enumerate(self._found.rows), (-1, None)]:
            if row is not None and row.changes == ("renumbered",):
                run.append((n, row))
                continue
            found += self._renumbered(run)
            run = []
            if row is not None and row.changes:
                found.append((n, self._line(row)))
        return found

    def row(self, number: int, row: Row) -> dict[str, Any]:
        """A row as the template shows it."""
        return {
            "anchor": f"r{number + 1}",
            "name": self.name(row),
            "heading": self._heading(row),
            "changes": row.changes,
            "old": [(article_address(one.id), self._short(one)) for one in row.old],
            "new": [(article_address(one.id), self._short(one)) for one in row.new],
            "pieces": row.pieces,
            "english": self._english(row),
        }

    def _renumbered(self, run: Sequence[tuple[int, Row]]) -> list[tuple[int, str]]:
        if len(run) < RENUMBERED_IN_A_ROW:
            return [(n, self._line(row)) for n, row in run]
        first, last = run[0][1], run[-1][1]
        text = say(
            self._language,
            "compare_line_renumbered_all",
            old_first=self._names(first.old),
            old_last=self._names(last.old),
            new_first=self._names(first.new),
            new_last=self._names(last.new),
        )
        return [(run[0][0], text)]

    def _line(self, row: Row) -> str:
        old, new = self._names(row.old), self._names(row.new)
        main = next(one for one in _MAIN if one in row.changes)
        text = say(self._language, f"compare_line_{main}", old=old, new=new, name=self.name(row))
        more = []
        if "moved" in row.changes and main != "moved":
            more.append(say(self._language, "compare_also_moved"))
        if "edited" in row.changes and main != "edited":
            more.append(say(self._language, "compare_also_edited"))
        more += [f"{one.old} → {one.new}" for one in row.numbers if one.old and one.new]
        return say(self._language, "separator").join((text, *more))

    def _names(self, clauses: Sequence[Clause]) -> str:
        return say(self._language, "compare_and").join(self._short(one) for one in clauses)

    def _short(self, clause: Clause) -> str:
        return short_label(clause, self._prefixes[clause.document_id], self._language)

    def _heading(self, row: Row) -> str:
        clause = (row.new or row.old)[0]
        rendition = self._library.rendition(clause.id) if self._language == "en" else None
        return (rendition.title_en if rendition else "") or clause.heading

    def _english(self, row: Row) -> tuple[Piece, ...]:
        """The English of a row that changed, where there is any and the reader reads it."""
        if self._language != "en" or not row.changes:
            return ()
        texts = []
        for side in (row.old, row.new):
            renditions = [self._library.rendition(one.id) for one in side]
            if any(one is None for one in renditions):
                return ()
            texts.append("\n".join(one.text for one in renditions if one))
        return marked(*texts)


# Which change a line is of, where a row has several.
_MAIN = ("added", "removed", "split", "merged", "moved", "renumbered", "edited")


def _plans(plans: Plans, library: Library, language: Language) -> dict[str, Any]:
    glossary = dict(getattr(library, "glossary", ()))

    def target(one: Target | None) -> dict[str, Any] | None:
        if one is None:
            return None
        english = terms(one, glossary) if language == "en" else {}
        return {
            "address": article_address(one.clause_id, (one.start, one.end)),
            "indicator": english.get("indicator", one.indicator),
            "comparator": say(language, f"compare_comparator_{one.comparator}"),
            "value": _value(one, language),
            "by": _by(one, language),
            "quote": one.zh,
        }

    def task(one: Task | None) -> dict[str, Any] | None:
        if one is None:
            return None
        rendition = library.rendition(one.clause.id) if language == "en" else None
        duties = [
            (say(language, f"compare_role_{role}"), _bodies(one, role, glossary, language))
            for role in ("lead", "support", "joint")
        ]
        return {
            "address": article_address(one.clause.id),
            "subject": (rendition.title_en if rendition else "") or one.subject,
            "duties": [each for each in duties if each[1]],
        }

    return {
        "targets": [(target(one.old), target(one.new)) for one in plans.targets],
        "tasks": [(task(one.old), task(one.new)) for one in plans.tasks],
        "shared": plans.shared,
    }


def _value(target: Target, language: Language) -> str:
    """The number as written, or in English figures with its currency or per cent."""
    if language == "zh":
        return target.value_as_written
    if target.unit in ("%", "百分点"):
        points = "个百分点" in target.value_as_written or target.unit != "%"
        return f"{target.value.normalize():f}{' percentage points' if points else '%'}"
    return f"{SIGNS.get(target.currency or '', '')}{in_figures(target.value)}"


def _by(target: Target, language: Language) -> str:
    if target.by_day:
        return say(language, "compare_by_day", year=target.by_day)
    return say(language, "compare_by", year=target.by_year) if target.by_year else ""


def _bodies(task: Task, role: str, glossary: Mapping[str, str], language: Language) -> str:
    names = dict.fromkeys(duty.unit for duty in task.duties if duty.role == role)
    shown = [(language == "en" and named(name, glossary)) or name for name in names]
    return ("、" if language == "zh" else ", ").join(shown)
