"""Correcting a row of a register: the form, and what is kept of it.

The correction itself is index/facts/corrections.py's; where it lies is the library's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from index.documents.model import Clause
from index.errors import DocumentFault
from index.facts.corrections import (
    CHOICES,
    EDITABLE,
    FactCorrection,
    changed,
    corrects,
    shown_in,
)
from index.facts.model import Fact
from index.facts.register import facts_in
from index.text.characters import one_line
from rag.answer.facts_worded import Wording
from rag.schema import Language
from rag.web.chat.conversation import Library, clause_in
from rag.web.messages import sentence_in
from rag.web.pages.contents import article_address
from rag.web.templates import render
from rag.web.texts import label_of, say

if TYPE_CHECKING:
    from index.library.library import Library as OwnLibrary


@dataclass(frozen=True)
class Field:
    """A field of the form: what stands in it, what was read, and what is wrong with it."""

    name: str
    value: str
    read: str
    choices: tuple[tuple[str, str], ...] = ()
    problem: str = ""


@dataclass(frozen=True)
class Found:
    """A row that can be corrected."""

    fact: Fact
    clause: Clause
    key: str


def row_found(library: Library, clause_id: str, kind: str, key: str) -> Found | None:
    """The row of that key, None if the lists have none such any more."""
    clause = clause_in(library, clause_id)
    if clause is None or kind not in EDITABLE:
        return None
    for _, fact in facts_in(library.facts, kind, None, [clause_id]):
        if key == (fact.corrected or corrects(fact, clause).key):
            return Found(fact, clause, key)
    return None


def row_html(
    found: Found,
    library: Library,
    language: Language,
    back: str,
    given: Mapping[str, str] | None = None,
    fault: str = "",
    *,
    kept: Sequence[FactCorrection],
) -> str:
    """The form of a row, with what is `kept` of it even if the lists have not got that yet.

    `given` is what was sent and could not be kept.
    """
    fact, clause = found.fact, found.clause
    before = _kept(kept, found.key)
    as_read = before or _as_read(library, found)
    problems = problems_of(found, library, given or {}, language)
    wording = Wording(library, language)
    fields = []
    for name in EDITABLE[fact.kind]:
        read = shown_in(as_read.read, name)
        shown = as_read.changes.get(name, read)
        choices = tuple((one, wording.role(one)) for one in CHOICES.get(name, ()))
        value = (given or {}).get(name, shown)
        fields.append(Field(name, value, read, choices, problems.get(name, "")))
    return render(
        "register_row",
        language,
        back=back,
        fault=fault,
        address=article_address(clause.id, (fact.start, fact.end)),
        label=label_of(clause, language),
        words=fact.zh,
        clause=clause.id,
        kind=fact.kind,
        key=found.key,
        document=fact.document_id,
        fields=fields,
        corrected=before is not None,
    )


def problems_of(
    found: Found, library: Library, given: Mapping[str, str], language: Language
) -> dict[str, str]:
    """What is wrong with each field that was sent, in the reader's language."""
    problems = {}
    for name, text in _otherwise(_as_read(library, found), given).items():
        try:
            changed(found.fact, {name: text})
        except DocumentFault as fault:
            # The sentence begins with the column, which readers know by its label.
            label = say(language, f"register_field_{name}").partition("（")[0].partition(" (")[0]
            told = fault.notice
            if told.values.get("name") == name:
                told = told.with_values(name=label)
            problems[name] = sentence_in(told, language)
    return problems


def keep(
    own: OwnLibrary, library: Library, found: Found, given: Mapping[str, str], *, strike: bool
) -> None:
    """Keep what was sent as a correction, or strike the row out. Raises DocumentFault.

    A form is sent with all that is to hold, so a field as it was read is corrected no longer. What
    the library keeps is gone on from, whatever the lists have of it by now.
    """
    as_read = _as_read(library, found)

    def instead(before: FactCorrection | None) -> FactCorrection | None:
        held = before or as_read
        if strike:
            return replace(held, struck=True)
        untouched = {name: text for name, text in held.changes.items() if name not in given}
        changes = untouched | _otherwise(held, given)
        changed(found.fact, changes)
        return replace(held, changes=changes, struck=False) if changes else None

    own.facts_corrected.change(found.fact.document_id, found.key, instead)


def given_in(values: Mapping[str, str], kind: str) -> dict[str, str]:
    """The fields of a form that belong to a kind of fact."""
    return {name: values[name].strip() for name in EDITABLE.get(kind, ()) if name in values}


def way_back(text: str) -> str:
    """Where a form leads back to: a register of ours, nowhere else."""
    return text if re.fullmatch(r"/register(?:\?[^\s\\]*)?", text) else "/register"


def _as_read(library: Library, found: Found) -> FactCorrection:
    """The correction of a row that changes nothing of what was read."""
    before = _kept(library.corrections.get(found.fact.document_id, ()), found.key)
    if before is None:
        return corrects(found.fact, found.clause)
    return replace(before, changes={}, struck=False)


def _otherwise(correction: FactCorrection, given: Mapping[str, str]) -> dict[str, str]:
    """What of the fields that were sent is otherwise than it was read."""
    return {
        name: text
        for name, text in given.items()
        if one_line(text) != one_line(shown_in(correction.read, name))
    }


def _kept(corrections: Sequence[FactCorrection], key: str) -> FactCorrection | None:
    return next((one for one in corrections if one.key == key), None)
