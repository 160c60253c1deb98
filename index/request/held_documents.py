"""Documents by id, or some of them, with what has been made to find them by their names.

A view of some documents costs nothing for the others: what is made once of all of them is shared,
and what it finds is cut down to the view. What that is, the modules that ask for it know.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from index.documents.model import Document
from index.request.postings import Places

T = TypeVar("T")


class HeldDocuments(Mapping[str, Document]):
    """Documents in a fixed order, which are never changed. For several threads."""

    def __init__(self, documents: Mapping[str, Document]) -> None:
        self.all: Sequence[Document] = tuple(documents.values())
        self._place = {key: place for place, key in enumerate(documents)}
        self._mask: NDArray[np.bool_] | None = None
        self._shared: dict[Any, Any] = {}
        self._own: dict[Any, Any] = {}

    @classmethod
    def of(cls, documents: Mapping[str, Document]) -> HeldDocuments:
        """The documents themselves, or new ones of another mapping."""
        return documents if isinstance(documents, cls) else cls(documents)

    def only(self, keys: Collection[str]) -> HeldDocuments:
        """These documents alone, in the order of all. Raises KeyError for one not held here."""
        mask = np.zeros(len(self.all), np.bool_)
        mask[[self.place(key) for key in keys]] = True
        return self._view(mask)

    def without(self, keys: Collection[str]) -> HeldDocuments:
        """All but these."""
        mask = self.mask.copy()
        mask[[self._place[key] for key in keys if key in self._place]] = False
        return self._view(mask)

    def _view(self, mask: NDArray[np.bool_]) -> HeldDocuments:
        view = HeldDocuments.__new__(HeldDocuments)
        view.all, view._place, view._shared = self.all, self._place, self._shared
        view._mask, view._own = mask, {}
        return view

    @property
    def mask(self) -> NDArray[np.bool_]:
        """Of each of `all`, whether it is one of these."""
        return np.ones(len(self.all), np.bool_) if self._mask is None else self._mask

    @property
    def is_part(self) -> bool:
        """Whether there may be others beside these."""
        return self._mask is not None

    def place(self, key: str) -> int:
        """Where in `all` a document stands. Raises KeyError for one that is not of these."""
        place = self._place[key]
        if self._mask is not None and not self._mask[place]:
            raise KeyError(key)
        return place

    def among(self, places: Places | Sequence[int]) -> Places:
        """Those of the places that are of these documents."""
        found = np.asarray(places, np.int32)
        return found if self._mask is None else found[self._mask[found]]

    def known(self, make: Callable[[Sequence[Document]], T]) -> T:
        """What `make` makes of all documents, made once for every view of them."""
        if make not in self._shared:
            self._shared[make] = make(self.all)
        found: T = self._shared[make]
        return found

    def here(self, make: Callable[[HeldDocuments], T]) -> T:
        """What `make` makes of these documents, made once."""
        if make not in self._own:
            self._own[make] = make(self)
        found: T = self._own[make]
        return found

    def __getitem__(self, key: str) -> Document:
        return self.all[self.place(key)]

    def __contains__(self, key: object) -> bool:
        place = self._place.get(key) if isinstance(key, str) else None
        return place is not None and (self._mask is None or bool(self._mask[place]))

    def __iter__(self) -> Iterator[str]:
        if self._mask is None:
            return iter(self._place)
        return (key for key, place in self._place.items() if self._mask[place])

    def __len__(self) -> int:
        return len(self.all) if self._mask is None else int(self._mask.sum())
