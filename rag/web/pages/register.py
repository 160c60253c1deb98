"""The register page: the facts of one kind as a table, narrowed, in order, in groups, to be saved.

It gathers what rag/web/templates/register.html shows; rows come from register_rows.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from itertools import groupby

from index.documents.model import Document
from index.facts.corrections import CHOICES, EDITABLE, FactCorrection, with_corrections
from index.facts.model import KINDS, Fact
from index.facts.read import read_facts
from index.facts.register import (
    REGISTERS,
    WITH_BODY,
    WITH_YEAR,
    group_sizes,
    orders_of,
    years_of,
)
from rag.answer.facts_worded import COLUMNS, Wording
from rag.schema import Language
from rag.web.chat.conversation import Library
from rag.web.pages.document import document_address, title_of
from rag.web.pages.register_rows import (
    LONGEST,
    ON_A_PAGE,
    ROLES,
    Row,
    Rows,
    Wanted,
    rows_of,
)
from rag.web.templates import render
from rag.web.texts import say

# Of bodies to choose from, and documents to tick, how many are listed.
MOST_BODIES = 200
MOST_DOCUMENTS = 200
# Statuses that a row says nothing of: its document counts today, or nobody knows.
_USUAL = frozenset({"in_force", "unknown"})


@dataclass(frozen=True)
class Struck:
    """A correction that shows no row: struck out, or no longer fitting (`why`)."""

    document: Document
    correction: FactCorrection
    words: str
    why: str = ""


@dataclass(frozen=True)
class Managed:
    """What a manager sees beside the rows; nobody else does."""

    pending: bool = False
    struck: tuple[Struck, ...] = ()
    unfit: tuple[Struck, ...] = ()


def register_html(
    asked: Wanted,
    library: Library,
    language: Language,
    today: date,
    *,
    collection: str = "",
    managed: Managed | None = None,
) -> str:
    """The whole page. `managed` is given for those who may correct rows."""
    rows = rows_of(asked, library, language, today, (asked.page - 1) * ON_A_PAGE, ON_A_PAGE)
    pages = max(1, -(-rows.total // ON_A_PAGE))
    if asked.page > pages:
        asked = replace(asked, page=pages)
        rows = rows_of(asked, library, language, today, (pages - 1) * ON_A_PAGE, ON_A_PAGE)
    wording = Wording(library, language)
    first = (asked.page - 1) * ON_A_PAGE + 1
    return render(
        "register",
        language,
        asked=asked,
        collection=collection,
        kinds=_kinds(asked, library),
        columns=COLUMNS[asked.kind],
        groups=_groups(asked, library, language, rows, wording),
        total=rows.total,
        first=first,
        last=first + len(rows.rows) - 1,
        pages=pages,
        choices=_choices(asked, library, language),
        bodies=_body_names(asked, library, wording),
        documents=_documents(asked, library, language),
        unlisted=max(0, len(library.documents) - MOST_DOCUMENTS),
        files=files_of(asked),
        managed=managed,
        usual=_USUAL,
        longest=LONGEST,
        back=f"/register?{asked.query()}",
        fields_shown=asked_fields(asked.kind),
    )


def asked_fields(kind: str) -> frozenset[str]:
    """The choices that a register of a kind offers."""
    found = {"sort", "group"} if len(orders_of(kind)) > 1 else {"group"}
    found |= {"body"} if kind in WITH_BODY else set()
    found |= {"year"} if kind in WITH_YEAR else set()
    return frozenset(found | ({"role"} if kind == "duty" else set()))


def files_of(asked: Wanted) -> list[tuple[str, str]]:
    """The files that the rows can be saved as: form and address."""
    forms = ["xlsx", "csv"]
    forms += ["docx"] if asked.kind == "duty" else []
    forms += ["ics"] if asked.kind == "deadline" else []
    return [(form, f"/register/file/{form}?{asked.query(page=1)}") for form in forms]


def managed_of(
    kind: str, library: Library, corrections: Mapping[str, Sequence[FactCorrection]]
) -> Managed:
    """What a manager is told of the corrections that are kept, of a kind of fact."""
    struck: list[Struck] = []
    unfit: list[Struck] = []
    pending = False
    for document_id, held in corrections.items():
        document = library.documents.get(document_id)
        if document is None:
            continue
        pending = pending or list(held) != list(library.corrections.get(document_id, ()))
        own = [each for each in held if each.kind == kind]
        if not own:
            continue
        _, left = with_corrections(document, _facts_read(document), own)
        gone = {each.correction.key: each.why for each in left}
        for each in own:
            told = Struck(document, each, _words_of(each), gone.get(each.key, ""))
            if told.why:
                unfit.append(told)
            elif each.struck:
                struck.append(told)
    undone = (key for key, own in library.corrections.items() if own and key not in corrections)
    return Managed(pending or any(undone), tuple(struck), tuple(unfit))


@lru_cache(maxsize=16)
def _facts_read(document: Document) -> tuple[Fact, ...]:
    """The facts of a document before any correction; those of the last documents are kept."""
    return tuple(read_facts(document))


def _words_of(correction: FactCorrection) -> str:
    """What tells a fact from others of its article: its first columns, as they were read."""
    columns = [name for name in EDITABLE[correction.kind] if name not in CHOICES]
    values = (correction.read.get(name) for name in columns)
    return " · ".join(str(value) for value in values if value)[:LONGEST]


def _kinds(asked: Wanted, library: Library) -> list[tuple[str, str, int]]:
    """The kinds with their addresses and how many rows each has in the documents chosen."""
    held = [each for each in asked.documents if each in library.documents]
    facts = library.facts.limited_to(held) if asked.documents else library.facts
    counts = facts.counts()
    return [
        (kind, f"/register?{Wanted(kind, documents=asked.documents).query()}", counts[kind])
        for kind in REGISTERS
    ]


def _groups(
    asked: Wanted, library: Library, language: Language, rows: Rows, wording: Wording
) -> list[tuple[str, str, int, list[Row]]]:
    """The rows by groups: name, address and size of each; one group without a name if ungrouped."""
    if not asked.group:
        return [("", "", 0, list(rows.rows))]
    sizes = group_sizes(library.facts, rows.narrowing, asked.group)
    found = []
    for key, own in groupby(rows.rows, lambda row: _group_key(row, asked.group)):
        members = list(own)
        if asked.group == "document":
            document = members[0].document
            name, address = title_of(document, language), document_address(document)
        else:
            name, address = (key and wording.name(key)) or key or "", ""
            name = (name if language == "en" else key or "") or say(language, "register_no_body")
        found.append((name, address, sizes[key], members))
    return found


def _group_key(row: Row, group: str) -> str | None:
    if group == "document":
        return row.fact.document_id
    for name in ("unit", "actor", "by_whom"):
        if hasattr(row.fact, name) and row.fact.kind in WITH_BODY:
            value: str | None = getattr(row.fact, name)
            return value
    return None


def _choices(
    asked: Wanted, library: Library, language: Language
) -> list[tuple[str, str, list[tuple[str, str]]]]:
    """The choices offered: name of the field, what is chosen, values with their words."""
    every = ("", say(language, "register_all"))
    found: list[tuple[str, str, list[tuple[str, str]]]] = []
    if asked.kind == "duty":
        roles = [(role, Wording(library, language).role(role)) for role in ROLES]
        found.append(("role", asked.role, [every, *roles]))
    if asked.kind in WITH_YEAR:
        held = [each for each in asked.documents if each in library.documents] or None
        years = [str(year) for year in years_of(library.facts, asked.kind, held)]
        if asked.year and asked.year not in years:
            years.append(asked.year)
        found.append(("year", asked.year, [every, *((year, year) for year in years)]))
    orders = orders_of(asked.kind)
    if len(orders) > 1:
        words = [(str(one), say(language, f"register_sort_{one}")) for one in orders]
        found.append(("sort", asked.sort, words))
    groups = ["document", "body"] if asked.kind in WITH_BODY else ["document"]
    none = ("", say(language, "register_group_none"))
    named = [(one, say(language, f"register_group_{one}")) for one in groups]
    found.append(("group", asked.group, [none, *named]))
    return found


def _body_names(asked: Wanted, library: Library, wording: Wording) -> list[str]:
    """The bodies to choose from, those with most rows first, as the reader knows them."""
    if asked.kind not in WITH_BODY:
        return []
    held = [each for each in asked.documents if each in library.documents] or None
    common = library.facts.bodies(KINDS[asked.kind], held).most_common(MOST_BODIES)
    names: Iterable[str] = (body for body, _ in common)
    if wording.language == "en":
        names = (wording.name(body) or body for body in names)
    return list(dict.fromkeys(names))


def _documents(asked: Wanted, library: Library, language: Language) -> list[tuple[str, str, bool]]:
    """The documents to tick: id, title and whether it is ticked; those that are come first."""
    chosen = [library.documents[key] for key in asked.documents if key in library.documents]
    others = [one for key, one in library.documents.items() if key not in asked.documents]
    listed = [*chosen, *others[: max(0, MOST_DOCUMENTS - len(chosen))]]
    return [(one.id, title_of(one, language), one.id in asked.documents) for one in listed]
