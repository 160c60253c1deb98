"""What goes into an index, and the texts of it that are embedded.

It writes and searches nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from index.documents.model import Clause, Document, Rendition
from index.documents.parse import END, FRONT
from index.documents.split import split_body
from index.facts.corrections import FactCorrection
from index.search.rankings import PassageKind

if TYPE_CHECKING:
    from collections.abc import Iterable

LONGEST_HEADING = 80
# Front matter holds the title, so whatever names a document finds it; it answers few questions.
FRONT_SENTENCES, FRONT_CLAUSES = 7, 3


@dataclass(frozen=True)
class Passage:
    """A text that is embedded for a clause; `clause_row` counts all clauses of the index."""

    kind: PassageKind
    clause_row: int
    text: str


class Renditions(Mapping[str, Rendition]):
    """English by clause id, looked for in one place after another, and copied from none of them.

    In `over` is what was put over the English of stored documents; of all others of these what is
    stored holds.
    """

    def __init__(self, over: Mapping[str, Rendition], *stored: Mapping[str, Rendition]) -> None:
        self.over = over
        self._places = (over, *stored)

    def with_more(self, more: Mapping[str, Rendition]) -> Renditions:
        """These, with more put over them."""
        return Renditions({**self.over, **more}, *self._places[1:])

    def __getitem__(self, clause_id: str) -> Rendition:
        for place in self._places:
            if (found := place.get(clause_id)) is not None:
                return found
        raise KeyError(clause_id)

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys(key for place in self._places for key in place))

    def __len__(self) -> int:
        return sum(1 for _ in self)


@dataclass(frozen=True)
class Contents:
    """What goes into an index: `renditions` by clause id, `corrections` of facts by document id."""

    documents: tuple[Document, ...]
    renditions: Mapping[str, Rendition]
    glossary: tuple[tuple[str, str], ...]
    corrections: Mapping[str, tuple[FactCorrection, ...]] = field(default_factory=dict)

    @property
    def clauses(self) -> list[Clause]:
        """All clauses in the order of the documents."""
        return [clause for document in self.documents for clause in document.clauses]


def is_front_matter(clause: Clause, document: Document) -> bool:
    """Whether a clause is title, addressees and occasion, or signature and day, of a document.

    What stands before the first number may be half of a circular, or all of a reply; what stands
    after the last may be orders.
    """
    sentences = clause.body.count("。")
    place = clause.path.rsplit("/", 1)[-1]
    return len(document.clauses) > FRONT_CLAUSES and (
        (place == FRONT and sentences <= FRONT_SENTENCES) or (place == END and not sentences)
    )


def headings_above(clause: Clause) -> tuple[str, ...]:
    """The headings over a clause, its own left out."""
    path = clause.heading_path
    own = bool(clause.heading and path and path[-1].endswith(clause.heading))
    return path[:-1] if own else path


def with_headings(clause: Clause, text: str) -> str:
    """Text of a clause under the headings it stands under, which often name its subject.

    A heading of any length leaves room for the text: an embedding model reads a beginning only.
    """
    own = () if text.startswith(clause.heading) else (clause.heading,)
    headings = (heading[:LONGEST_HEADING] for heading in (*headings_above(clause), *own))
    return "\n".join((*headings, text))


def passages_of(contents: Contents) -> list[Passage]:
    """The texts to embed, by kind: clauses in parts, whole renditions, rendition sentences."""
    return passages_in(contents.clauses, contents.renditions)


def passages_in(clauses: Iterable[Clause], renditions: Mapping[str, Rendition]) -> list[Passage]:
    """The texts to embed of these clauses, whose rows are counted from 0."""
    found: dict[PassageKind, list[Passage]] = {"zh": [], "en": [], "en-sentence": []}
    for row, clause in enumerate(clauses):
        for kind, text in _texts_of(clause, renditions.get(clause.id)):
            found[kind].append(Passage(kind, row, text))
    return [passage for own in found.values() for passage in own]


def _texts_of(clause: Clause, rendition: Rendition | None) -> Iterator[tuple[PassageKind, str]]:
    for start, end in split_body(clause.body):
        yield "zh", with_headings(clause, clause.body[start:end])
    if rendition is not None:
        yield "en", f"{rendition.title_en}\n{rendition.text}"
        for sentence in rendition.sentences:
            if sentence.en:
                yield "en-sentence", sentence.en
