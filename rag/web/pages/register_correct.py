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
    shown_column,
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
) -> str:
    """The form of a row; `given` is what was sent and could not be kept."""
    fact, clause = found.fact, found.clause
    before = _kept(library.corrections.get(fact.document_id, ()), found.key)
    problems = problems_of(fact, given or {}, language)
    wording = Wording(library, language)
    fields = []
    for name in EDITABLE[fact.kind]:
        shown = shown_column(fact, name)
        read = str(before.read.get(name) or "") if before and name in before.changes else ""
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
        corrected=bool(fact.corrected),
    )


def problems_of(fact: Fact, given: Mapping[str, str], language: Language) -> dict[str, str]:
    """What is wrong with each field that was sent, in the reader's language."""
    found = {}
    for name, text in _new(fact, given).items():
        try:
            changed(fact, {name: text})
        except DocumentFault as fault:
            # The sentence begins with the column, which readers know by its label.
            label = say(language, f"register_field_{name}").partition("（")[0].partition(" (")[0]
            told = str(fault)
            if told.startswith(f"{name} "):
                told = f"{label}{told.removeprefix(name)}"
            found[name] = sentence_in(told, language)
    return found


def keep(
    own: OwnLibrary, library: Library, found: Found, given: Mapping[str, str], *, strike: bool
) -> None:
    """Keep what was sent as a correction, or strike the row out. Raises DocumentFault."""
    fact = found.fact
    # One that is saved and not yet in the lists is gone on from, too.
    held = [*own.facts_corrected.all().get(fact.document_id, ())]
    held += library.corrections.get(fact.document_id, ())
    correction = _kept(held, found.key) or corrects(fact, found.clause)
    if strike:
        own.facts_corrected.keep(fact.document_id, replace(correction, struck=True))
        return
    new = _new(fact, given)
    changed(fact, new)
    changes = {**correction.changes, **new}
    if changes:
        own.facts_corrected.keep(
            fact.document_id, replace(correction, changes=changes, struck=False)
        )


def given_in(values: Mapping[str, str], kind: str) -> dict[str, str]:
    """The fields of a form that belong to a kind of fact."""
    return {name: values[name].strip() for name in EDITABLE.get(kind, ()) if name in values}


def way_back(text: str) -> str:
    """Where a form leads back to: a register of ours, nowhere else."""
    return text if re.fullmatch(r"/register(?:\?[^\s\\]*)?", text) else "/register"


def _new(fact: Fact, given: Mapping[str, str]) -> dict[str, str]:
    """What of the fields that were sent is otherwise than the row has it."""
    return {
        name: text
        for name, text in given.items()
        if one_line(text) != one_line(shown_column(fact, name))
    }


def _kept(corrections: Sequence[FactCorrection], key: str) -> FactCorrection | None:
    return next((one for one in corrections if one.key == key), None)
