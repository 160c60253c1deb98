"""The corrections of facts that a library keeps: of its own documents, and of the built-in ones.

Those of its own lie beside their files, the others together in a file of the folder. The library
builds the index anew for them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager

from index.errors import DocumentFault
from index.facts.corrections import MOST_CORRECTIONS, FactCorrection
from index.library.shelf import Shelf, facts_signature
from index.search.store import ClauseIndex

Corrections = Mapping[str, tuple[FactCorrection, ...]]


class CorrectedFacts:
    """The corrections on a shelf. `start` says which documents are held beside those on it.

    `keeping` is entered while something is written; it lets one thread in at a time.
    """

    def __init__(self, shelf: Shelf, keeping: Callable[[], AbstractContextManager[None]]) -> None:
        self._shelf = shelf
        self._keeping = keeping
        self._built_in: frozenset[str] = frozenset()
        # Those that the index of the built-in documents was built with.
        self._before: Corrections = {}

    def start(self, index: ClauseIndex) -> None:
        """Let the facts of these documents be corrected, too."""
        self._built_in = frozenset(index.documents)
        self._before = index.corrections

    def all(self) -> dict[str, tuple[FactCorrection, ...]]:
        """All of them, by the id of their document."""
        held = dict(self._before) | self._shelf.facts_elsewhere
        held |= {key: entry.facts for key, entry in list(self._shelf.documents.items())}
        return {key: own for key, own in held.items() if own}

    def elsewhere(self) -> dict[str, tuple[FactCorrection, ...]]:
        """Those of built-in documents, as far as they are kept here; none where all were undone."""
        held = self._shelf.facts_elsewhere.items()
        return {
            key: own for key, own in held if key in self._built_in and (own or key in self._before)
        }

    def signatures(self) -> dict[str, dict[str, str]]:
        """What the index of built-in documents depends on, beside their files."""
        return {key: facts_signature(own) for key, own in self.elsewhere().items()}

    def keep(self, document_id: str, correction: FactCorrection) -> None:
        """Keep a correction in place of one before of the same fact.

        Raises DocumentFault for a document that is not held, and for too many; StoreFault if the
        disk refuses it.
        """
        self.change(document_id, correction.key, lambda _: correction)

    def forget(self, document_id: str, key: str) -> None:
        """Forget the correction of that key, if there is one. Raises as `keep` does."""
        self.change(document_id, key, lambda _: None)

    def change(
        self,
        document_id: str,
        key: str,
        instead: Callable[[FactCorrection | None], FactCorrection | None],
    ) -> None:
        """Put in place of the correction of that key, if any, what `instead` makes of it, if any.

        Nothing else is kept in between. Raises as `keep` does.
        """
        with self._keeping():
            if document_id not in self._shelf.documents and document_id not in self._built_in:
                raise DocumentFault("document-gone", document=document_id)
            held = self.all().get(document_id, ())
            before = next((one for one in held if one.key == key), None)
            after = instead(before)
            if after == before:
                return
            others = tuple(one for one in held if one.key != key)
            kept = others if after is None else (*others, after)
            if len(kept) > MOST_CORRECTIONS:
                raise DocumentFault("too-many-corrections", most=MOST_CORRECTIONS)
            self._shelf.correct_facts(document_id, kept)
