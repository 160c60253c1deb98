"""Which documents a question is about, and which of them it sets side by side.

Goes by how clearly the question names each document (index.references); it searches nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from index.places import names_of_region
from index.schema import Document
from rag.question import compares

# Scores of index.references.link_documents from which a question names a document, and a place.
NAMES_DOCUMENT = 2.0
NAMES_PLACE = 3.0


@dataclass(frozen=True)
class Scope:
    """A question with the strength of its links to documents, by id."""

    question: str
    linked: Mapping[str, float]
    documents: Mapping[str, Document]

    def meant(self) -> list[Document]:
        """The documents that the question names, those it names most clearly."""
        strongest = max(self.linked.values(), default=0.0)
        if strongest < NAMES_DOCUMENT:
            return list(self.documents.values()) if len(self.documents) == 1 else []
        clearest = {key for key, score in self.linked.items() if score >= strongest - 0.5}
        by_year = {
            key: year
            for key in self.linked
            if (year := self.documents[key].year) and str(year) in self.question
        }
        # 上海2019年那份方案和2021年的意见 names two documents of one place by their years.
        if len(set(by_year.values())) > 1:
            clearest |= {key for key in by_year if self.linked[key] >= NAMES_PLACE}
        return [self.documents[key] for key in self.linked if key in clearest]

    def sides(self) -> list[list[Document]]:
        """The documents that the question sets side by side, by place; [] if it compares nothing.

        Documents of one place are sides of their own only where the question names them apart.
        """
        by_place: dict[str | None, list[Document]] = {}
        for key, score in self.linked.items():
            if score >= NAMES_PLACE:
                document = self.documents[key]
                by_place.setdefault(document.region, []).append(document)
        if len(by_place) > 1:
            return sorted(by_place.values(), key=lambda own: self._place_of(own[0]))
        meant = self.meant()
        apart = len({document.year for document in meant}) > 1
        return [[document] for document in meant] if apart and compares(self.question) else []

    def _place_of(self, document: Document) -> int:
        """Where in the question the document's place stands."""
        lower = self.question.lower()
        return min(
            (at for name in names_of_region(document.region) if (at := lower.find(name)) >= 0),
            default=len(lower),
        )
