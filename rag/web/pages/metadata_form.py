"""The form in which a person corrects what was read of a document: its values, faults, fields.

What the form looks like is in rag/web/templates/metadata_form.html; what is kept of it,
index/documents/sidecar.py decides.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from index.documents.model import Document
from index.documents.sidecar import MOST_CHARACTERS, MOST_ISSUERS, Metadata, corrected
from rag.schema import Language
from rag.web.texts import say

DATES = ("issued_on", "effective_from", "effective_to")
LINES = ("title", "title_en", "number", "region")
LONGEST_DATE = 10


@dataclass(frozen=True)
class Field:
    """A field as it is shown; `kind` names what is noted beside it."""

    name: str
    value: str
    problem: str
    kind: str
    most: int

    @property
    def notes(self) -> str:
        """The ids of what is said beside the field."""
        noted = [f"{self.name}-note"] if self.kind else []
        return " ".join([*noted, *([f"{self.name}-problem"] if self.problem else [])])


def form_values(document: Document, metadata: Metadata) -> dict[str, str]:
    """What stands in the form: a document's data with the corrections made so far."""
    shown = corrected(document, metadata)
    values = {name: getattr(shown, name) or "" for name in (*LINES, *DATES)}
    return values | {"issuers": "\n".join(shown.issuers)}


def corrections(
    values: Mapping[str, str], document: Document, language: Language
) -> tuple[Metadata, dict[str, str]]:
    """The corrections that a filled-in form makes to a document, and its faults by field."""
    given = {name: " ".join(values.get(name, "").split()) for name in (*LINES, *DATES)}
    issuers = tuple(filter(None, map(str.strip, values.get("issuers", "").splitlines())))
    problems: dict[str, str] = {}
    if not given["title"]:
        problems["title"] = say(language, "form_title_missing")
    for name in LINES:
        if len(given[name]) > MOST_CHARACTERS:
            problems[name] = say(language, "form_too_long", most=MOST_CHARACTERS)
    if any(len(one) > MOST_CHARACTERS for one in issuers):
        problems["issuers"] = say(language, "form_too_long", most=MOST_CHARACTERS)
    if len(issuers) > MOST_ISSUERS:
        problems["issuers"] = say(language, "form_too_many", most=MOST_ISSUERS)
    for name in DATES:
        if given[name] and not _is_day(given[name]):
            problems[name] = say(language, "form_no_day")
    start, end = given["effective_from"], given["effective_to"]
    if not problems and start and end and end < start:
        problems["effective_to"] = say(language, "form_ends_first")
    read = form_values(document, Metadata())
    changed = {name: value for name, value in given.items() if value != read[name]}
    return Metadata(**changed, issuers=None if issuers == document.issuers else issuers), problems


def form_fields(values: Mapping[str, str], problems: Mapping[str, str]) -> list[Field]:
    """The fields of the form with their values and problems."""
    kinds = {"issuers": "issuers"} | dict.fromkeys(DATES, "day")
    return [
        Field(
            name,
            values.get(name, ""),
            problems.get(name, ""),
            kinds.get(name, ""),
            LONGEST_DATE if name in DATES else MOST_CHARACTERS,
        )
        for name in ("title", "title_en", "issuers", "number", "region", *DATES)
    ]


def _is_day(text: str) -> bool:
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
