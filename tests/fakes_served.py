"""What a server holds while a library changes, for the tests of corrections and of English.

The fixtures over it are in tests/library_fixtures.py.
"""

from __future__ import annotations

from index.facts.model import Duty
from index.search.store import ClauseIndex


class Served:
    """The index in service."""

    index: ClauseIndex

    def use(self, index: ClauseIndex) -> None:
        """Serve another index."""
        self.index = index

    def units(self, document_id: str) -> list[str]:
        """The bodies that have duties in a document."""
        return [each.unit for each in self.index.facts.find(Duty, documents=[document_id])]

    def english(self, document_id: str, place: int = 1) -> list[tuple[str, str]]:
        """The English sentences of a clause, each with who made it."""
        clause = self.index.documents[document_id].clauses[place]
        found = self.index.rendition(clause.id)
        return [(one.en, found.made_of(one)) for one in found.sentences] if found else []
