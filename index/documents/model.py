"""The data that index hands on: documents, their clauses and renditions, search hits.

Plain frozen dataclasses; all offsets are character positions in `Document.source`.
Nothing here reads files or computes anything beyond derived ids.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Literal

# Who made the English of something: a machine, a person who read both, or whoever published it.
Made = Literal["machine", "reviewed", "official"]

# How the warning begins that tells of text that an engine recognised in pictures.
RECOGNISED = "text recognised from images"


@dataclass(frozen=True)
class Section:
    """A numbered heading without text of its own, such as `四、加快推进商业数字化转型`."""

    path: str
    marker: str
    heading: str
    start: int
    end: int


@dataclass(frozen=True)
class Clause:
    """The smallest numbered unit that is cited: an article, an item, or the front or end matter.

    `text` is `source[start:end]`, marker and heading included. `body` is the same in clean form:
    repaired, simplified, NFKC, without the marker; it is what is searched and read by models.
    `body_map[i]` is the source offset of `body[i]`, and `body_map[len(body)]` is `end`, so that
    `source[body_map[i]:body_map[j]]` is the source of `body[i:j]`.
    """

    id: str
    document_id: str
    path: str
    marker: str
    heading: str
    heading_path: tuple[str, ...]
    text: str
    start: int
    end: int
    body: str
    body_map: tuple[int, ...]
    label: str
    label_en: str


@dataclass(frozen=True)
class Document:
    """A parsed policy document. Dates are ISO strings (`2021-05-06`), None where unknown."""

    id: str
    title: str
    source: str
    title_en: str | None = None
    number: str | None = None
    issuers: tuple[str, ...] = ()
    issued_on: str | None = None
    amended_on: str | None = None
    effective_from: str | None = None
    effective_to: str | None = None
    period: tuple[int, int] | None = None
    region: str | None = None
    version: str | None = None  # the year or day that tells it from other versions held
    superseded_on: str | None = None  # when the next version took effect, or it was repealed
    superseded_by: str | None = None  # the id of the document that did it, held beside this one,
    superseded_in: str | None = None  # and of the clause that says so, where one does
    superseded_name: str | None = None  # what readers call that document, in both languages
    superseded_name_en: str | None = None
    repealed: bool = False  # ended by a document that is no later text of the same
    sections: tuple[Section, ...] = ()
    # No default that the class has: index/documents/stored.py reads it where an instance has none.
    clauses: tuple[Clause, ...] = field(default_factory=tuple)
    warnings: tuple[str, ...] = ()

    @property
    def year(self) -> int | None:
        """The year that readers name the document by: of its number, issue or period."""
        if self.issued_on:
            return int(self.issued_on[:4])
        if self.effective_from:
            return int(self.effective_from[:4])
        return self.period[0] if self.period else None

    @property
    def recognised(self) -> bool:
        """Whether some of the text was recognised in pictures, and may be wrong."""
        return any(warning.startswith(RECOGNISED) for warning in self.warnings)

    def status(self, today: date) -> str:
        """`superseded`, `repealed`, `expired`, `not_yet`, `in_force` or `unknown` on that day.

        A later version that is held supersedes, another document may repeal. Else the stated dates
        of effect decide; without an end date the plan period does. A document that says neither
        when it starts nor when it ends is `unknown`.
        """
        day = today.isoformat()
        ends = self.effective_to or (f"{self.period[1]}-12-31" if self.period else None)
        begins = f"{self.period[0]}-01-01" if self.period else None
        starts = self.effective_from or self.issued_on or begins
        if self.superseded_on and day >= self.superseded_on:
            return "repealed" if self.repealed else "superseded"
        if ends and day > ends:
            return "expired"
        if starts and day < starts:
            return "not_yet"
        if ends or self.effective_from:
            return "in_force"
        return "unknown"

    def badge(self, day: date) -> str:
        """Its status as a badge tells it: of a plan whose period alone is over, `period_ended`."""
        status = self.status(day)
        return "period_ended" if status == "expired" and not self.effective_to else status


@dataclass(frozen=True)
class Sentence:
    """One aligned sentence of a rendition. `zh` is clean Chinese, `en` its English.

    `en` is '' where a machine made none that could be relied on, or nobody made any yet. `by` says
    who gave it where that is another than of the rest of the rendition.
    """

    zh: str
    en: str
    by: Literal["", "reviewed", "official"] = ""


@dataclass(frozen=True)
class Rendition:
    """The English of one clause, sentence by sentence. `machine`: a machine made some of it."""

    clause_path: str
    title_en: str
    sentences: tuple[Sentence, ...]
    machine: bool = False

    @property
    def text(self) -> str:
        """The whole English text."""
        return " ".join(sentence.en for sentence in self.sentences if sentence.en)

    @property
    def made(self) -> Made:
        """What the least of it is: machine-made, reviewed, or official all through."""
        kinds = {self.made_of(sentence) for sentence in self.sentences if sentence.en}
        least: tuple[Made, ...] = ("machine", "reviewed")
        return next((one for one in least if one in kinds), "official" if kinds else "machine")

    def made_of(self, sentence: Sentence) -> Made:
        """Who made the English of one of the sentences."""
        return sentence.by or ("machine" if self.machine else "reviewed")


@dataclass(frozen=True)
class Hit:
    """A clause found for a query. `found_by` names the searches that found it, best first."""

    clause_id: str
    score: float
    found_by: tuple[str, ...] = field(default=())
