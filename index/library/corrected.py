"""What people correct in documents and a library keeps: facts, and English of sentences.

Of its own documents it lies beside their files, of the built-in ones together in a file of the
folder. The library builds the index anew for it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Generic, Protocol, TypeVar

from index.documents.given import MOST_GIVEN, Given, told_unfit, with_given
from index.documents.model import Rendition
from index.errors import DocumentFault
from index.facts.corrections import MOST_CORRECTIONS, FactCorrection
from index.library.beside import ENGLISH, FACTS, Kind
from index.library.shelf import Shelf
from index.search.contents import Contents, Renditions
from index.search.store import ClauseIndex

Keeping = Callable[[], AbstractContextManager[None]]


class Keyed(Protocol):
    """What is kept under a key within its document."""

    @property
    def key(self) -> str:
        """The key."""


Row = TypeVar("Row", bound=Keyed)


class Corrected(Generic[Row]):
    """The corrections of one kind on a shelf. `start` says which documents are held beside those.

    `keeping` is entered while something is written; it lets one thread in at a time.
    """

    def __init__(
        self, shelf: Shelf, keeping: Keeping, kind: Kind[Row], most: int, told: str
    ) -> None:
        """A document has at most `most` of them; `told` is the notice of too many."""
        self._shelf, self._keeping, self._kind = shelf, keeping, kind
        self._most, self._told = most, told
        self._built_in: frozenset[str] = frozenset()
        # Those that the index of the built-in documents was built with.
        self._before: Mapping[str, tuple[Row, ...]] = {}

    def start(
        self, documents: Collection[str], before: Mapping[str, tuple[Row, ...]] | None = None
    ) -> None:
        """Let these documents be corrected, too, of which `before` were corrected already."""
        self._built_in = frozenset(documents)
        self._before = before or {}

    def all(self) -> dict[str, tuple[Row, ...]]:
        """All of them, by the id of their document."""
        held = {**self._before, **self._kind.elsewhere(self._shelf.elsewhere)}
        held |= {key: self._kind.of(one) for key, one in list(self._shelf.documents.items())}
        return {key: own for key, own in held.items() if own}

    def elsewhere(self) -> dict[str, tuple[Row, ...]]:
        """Those of built-in documents, as far as they are kept here; none where all were undone."""
        held = self._kind.elsewhere(self._shelf.elsewhere).items()
        return {
            key: own for key, own in held if key in self._built_in and (own or key in self._before)
        }

    def signatures(self) -> dict[str, dict[str, str]]:
        """What the index of built-in documents depends on, beside their files."""
        return {key: self._kind.signature(own) for key, own in self.elsewhere().items()}

    def keep(self, document_id: str, correction: Row) -> None:
        """Keep a correction in place of one before of the same key.

        Raises DocumentFault for a document that is not held, and for too many; StoreFault if the
        disk refuses it.
        """
        self.change(document_id, correction.key, lambda _: correction)

    def forget(self, document_id: str, key: str) -> None:
        """Forget the correction of that key, if there is one. Raises as `keep` does."""
        self.change(document_id, key, lambda _: None)

    def change(
        self, document_id: str, key: str, instead: Callable[[Row | None], Row | None]
    ) -> None:
        """Put in place of the correction of that key, if any, what `instead` makes of it, if any.

        Nothing else is kept in between. Raises as `keep` does.
        """

        def changed(held: tuple[Row, ...]) -> tuple[Row, ...]:
            before = next((one for one in held if one.key == key), None)
            after = instead(before)
            if after == before:
                return held
            others = tuple(one for one in held if one.key != key)
            return others if after is None else (*others, after)

        self.change_all(document_id, changed)

    def change_all(
        self, document_id: str, instead: Callable[[tuple[Row, ...]], tuple[Row, ...]]
    ) -> None:
        """Put in place of all corrections of a document what `instead` makes of them."""
        with self._keeping():
            if document_id not in self._shelf.documents and document_id not in self._built_in:
                raise DocumentFault("document-gone", document=document_id)
            held = self.all().get(document_id, ())
            kept = instead(held)
            if kept == held:
                return
            if len(kept) > self._most:
                raise DocumentFault(self._told, most=self._most)
            self._shelf.correct_in(self._kind, document_id, kept)


class AllCorrected:
    """The corrections of all kinds of a library."""

    def __init__(self, shelf: Shelf, keeping: Keeping) -> None:
        self.facts: Corrected[FactCorrection] = Corrected(
            shelf, keeping, FACTS, MOST_CORRECTIONS, "too-many-corrections"
        )
        self.english: Corrected[Given] = Corrected(
            shelf, keeping, ENGLISH, MOST_GIVEN, "too-many-given"
        )

    def start(self, index: ClauseIndex) -> None:
        """Let the documents of this index be corrected, too."""
        self.facts.start(index.documents, index.corrections)
        self.english.start(index.documents)

    def signatures(self) -> dict[str, dict[str, str]]:
        """What the index of built-in documents depends on, beside their files."""
        both = self.facts.signatures()
        for key, own in self.english.signatures().items():
            both[key] = both.get(key, {}) | own
        return both

    def into(self, contents: Contents, warnings: list[str]) -> Contents:
        """The contents with what is kept here; own documents have their English already."""
        changed: dict[str, Rendition] = {}
        elsewhere = self.english.elsewhere()
        for document in contents.documents:
            if given := elsewhere.get(document.id):
                before = contents.renditions
                own = {one.id: before[one.id] for one in document.clauses if one.id in before}
                given_to, unfit = with_given(document, own, given)
                changed |= given_to
                warnings += told_unfit(document.id, unfit)
        english = contents.renditions
        if not isinstance(english, Renditions):
            english = Renditions({}, english)
        english = english.with_more(changed)
        return replace(contents, renditions=english, corrections=self.facts.all())
