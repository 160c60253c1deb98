"""The pages on which a person adds documents: upload, preview with corrections, state, removal.

Pure functions from data to escaped HTML. Reading and keeping the documents is done by
index/library/library.py; the form for corrections is in rag/web/pages/metadata_form.py, the
addresses are in rag/web/pages/managing_routes.py.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from markupsafe import Markup

from index.documents.kinds import FORMATS
from index.documents.model import Clause, Document
from index.documents.sidecar import Metadata, corrected
from rag.schema import Language
from rag.web.messages import sentence_html
from rag.web.pages.contents import Entry, label_prefix, outline, short_label
from rag.web.pages.document import document_address, facts_html
from rag.web.pages.frame import in_path
from rag.web.pages.importing import came_from
from rag.web.pages.metadata_form import form_fields, form_values
from rag.web.templates import fragment, render
from rag.web.texts import say

if TYPE_CHECKING:
    from index.library.library import Held, Preview, Work

SUFFIXES = tuple(FORMATS)
MOST_FILES = 10
MOST_FILE_BYTES = 20 * 2**20
MOST_BYTES = 60 * 2**20
LONGEST_NAME = 120
ROWS_OF_PREVIEW = 300
FIRST_WORDS = 60


@dataclass(frozen=True)
class Result:
    """What came of one file that was sent: a preview, or a sentence why there is none."""

    file_name: str
    preview: Preview | None = None
    fault: str = ""


def shown_name(file_name: str) -> str:
    """A file's name without its path, control and direction characters, and not too long."""
    name = re.split(r"[\\/]", file_name)[-1]
    kept = "".join(char for char in name if unicodedata.category(char)[0] != "C").strip()
    return kept if len(kept) <= LONGEST_NAME else f"{kept[: LONGEST_NAME - 1]}…"


def add_html(
    language: Language,
    previews: Sequence[Preview],
    held: Sequence[tuple[Held, Document]],
    work: Work | None,
    fault: str | None,
    results: Sequence[Result] = (),
    importing: str = "",
) -> str:
    """Upload form, what came of the files just sent, what waits, and what was added before.

    `importing` is HTML of the other ways in which documents come.
    """
    from index.library.shelf import PREVIEW_DAYS

    just_read = {result.preview.id for result in results if result.preview}
    waiting = [one for one in previews if one.id not in just_read]
    return render(
        "add",
        language,
        most_files=MOST_FILES,
        most_file_bytes=MOST_FILE_BYTES,
        most_bytes=MOST_BYTES,
        too_much=too_much(language),
        accept=",".join(SUFFIXES),
        limits=say(
            language,
            "add_limits",
            kinds=say(language, "comma").join(SUFFIXES),
            file=MOST_FILE_BYTES // 2**20,
            files=MOST_FILES,
            all=MOST_BYTES // 2**20,
        ),
        results=[_result(one, language) for one in results],
        waiting=[_result(Result(one.file_name, one), language) for one in waiting],
        days=PREVIEW_DAYS,
        importing=Markup(importing),
        work=Markup(work_html(language, work, fault)),
        held=[
            {
                "id": one.id,
                "address": f"/library/documents/{in_path(one.id)}",
                "title": corrected(document, one.metadata).title,
                "file_name": one.file_name,
                "state": _state(one, document, language),
            }
            for one, document in held
        ],
    )


def preview_html(
    preview: Preview,
    language: Language,
    values: Mapping[str, str] | None = None,
    problems: Mapping[str, str] | None = None,
    fault: str = "",
) -> str:
    """What was read from a file: its data to be corrected, its articles, what is doubtful.

    `fault` says in the reader's language why a form that was sent is not taken.
    """
    document = preview.document
    entries = outline(document)
    return render(
        "preview",
        language,
        file_name=preview.file_name,
        origin=came_from(preview.origin, language),
        sentence=fault,
        doubts=[Markup(sentence_html(one, language)) for one in document.warnings],
        address=f"/library/previews/{in_path(preview.id)}",
        fields=form_fields(values or form_values(document, Metadata()), problems or {}),
        count=len(document.clauses),
        rows=[
            _article(entry, label_prefix(document, language), language)
            for entry in entries[:ROWS_OF_PREVIEW]
        ],
        more=len(entries) - ROWS_OF_PREVIEW,
    )


def held_html(
    one: Held,
    document: Document,
    language: Language,
    today: date,
    work: Work | None,
    work_fault: str | None,
    *,
    removing: bool = False,
    values: Mapping[str, str] | None = None,
    problems: Mapping[str, str] | None = None,
    fault: str = "",
) -> str:
    """A confirmed document: its state, its corrections, its removal, which is asked about first."""
    current = corrected(document, one.metadata)
    return render(
        "held",
        language,
        id=one.id,
        title=current.title,
        file_name=one.file_name,
        origin=came_from(one.origin, language),
        sentence=fault,
        asking=removing and not one.removing,
        address=f"/library/documents/{in_path(one.id)}",
        state=_state(one, document, language),
        work=Markup(work_html(language, work, work_fault)),
        facts=Markup(facts_html(current, language, today)),
        changeable=not one.removing,
        fields=form_fields(values or form_values(document, one.metadata), problems or {}),
    )


def work_html(language: Language, work: Work | None, fault: str | None) -> str:
    """What is being done now; the script keeps it up to date."""
    trouble = Markup(sentence_html(fault, language)) if fault else ""
    told = work_told(language, work, fault)
    return render("work", language, told=told, work=work, trouble=trouble)


def work_told(language: Language, work: Work | None, fault: str | None) -> dict[str, str]:
    """What is being done now in words: a sentence that changes seldom, and how far it is."""
    if work is None:
        return {"text": "" if fault else say(language, "work_none"), "count": ""}
    key = f"work_{work.stage}"
    stages = ("reading", "recognising", "embedding", "writing", "translating")
    known = key in {f"work_{stage}" for stage in stages}
    count = say(language, "work_count", done=work.done, total=work.total) if work.total else ""
    return {"text": say(language, key if known else "work_other"), "count": count}


def held_state(one: Held) -> str:
    """The interface text that tells a confirmed document's state."""
    if one.removing:
        return "held_removing"
    if one.state == "waiting":
        return "held_waiting"
    return "held_translated" if one.translated else "held_searchable"


def _article(entry: Entry, prefix: str, language: Language) -> dict[str, object]:
    """A section or article that was found, as deep as it stands in the outline."""
    item = entry.item
    name, words = item.marker, ""
    if isinstance(item, Clause):
        name = short_label(item, prefix, language)
        words = item.body.removeprefix(item.heading).strip()[:FIRST_WORDS]
    deep = min(entry.depth, 3)
    return {"deep": deep, "name": name, "heading": item.heading, "words": words}


def _result(result: Result, language: Language) -> dict[str, object]:
    """What came of a file, as the template shows it."""
    if result.preview is None:
        told = Markup(sentence_html(result.fault, language))
        return {"name": result.file_name, "preview": False, "told": told}
    document = result.preview.document
    counts = {"articles": len(document.clauses), "warnings": len(document.warnings)}
    return {
        "name": result.file_name,
        "preview": True,
        "told": say(language, "add_read", **counts),
        "address": f"/library/previews/{in_path(result.preview.id)}",
    }


def _state(one: Held, document: Document, language: Language) -> Markup:
    """A document's state, with a link to it as readers see it, shown once it is searchable."""
    return fragment(
        "held_state",
        language,
        state=held_state(one),
        searchable=one.state == "searchable" and not one.removing,
        address=document_address(document),
    )


def too_much(language: Language) -> str:
    """The sentence for an upload over the limits."""
    return say(
        language,
        "add_too_much",
        files=MOST_FILES,
        file=MOST_FILE_BYTES // 2**20,
        all=MOST_BYTES // 2**20,
    )
