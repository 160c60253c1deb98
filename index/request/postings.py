"""Which places of a list hold a key: sorted arrays instead of a loop over everything.

Keys are whole numbers or texts, places are counted from 0. It knows nothing of documents.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

Places = NDArray[np.int32]
_NONE: Places = np.empty(0, np.int32)


class Postings:
    """For each key the places that have it, in order. Made once, then read by any thread."""

    def __init__(self, keys: Sequence[NDArray[np.uint64]]) -> None:
        """`keys[place]` are the keys of a place, each once."""
        counts = np.fromiter(map(len, keys), np.int64, len(keys))
        every = np.concatenate([np.empty(0, np.uint64), *keys])
        places = np.repeat(np.arange(len(keys), dtype=np.int32), counts)
        order = np.argsort(every, kind="stable")
        self._keys, begins = np.unique(every[order], return_index=True)
        self._begins = np.append(begins, len(every))
        self._places: Places = places[order]

    def of(self, key: int) -> Places:
        """The places that have a key."""
        at = int(np.searchsorted(self._keys, np.uint64(key)))
        if at == len(self._keys) or int(self._keys[at]) != key:
            return _NONE
        return self._places[self._begins[at] : self._begins[at + 1]]

    def counts(self, keys: NDArray[np.uint64], size: int) -> NDArray[np.int64]:
        """Of each of `size` places, how many of these different keys it has."""
        found = [self.of(int(key)) for key in keys]
        return np.bincount(np.concatenate([_NONE, *found]), minlength=size)

    def sizes(
        self, size: int, keep: Callable[[NDArray[np.uint64]], NDArray[np.bool_]]
    ) -> NDArray[np.int64]:
        """Of each of `size` places, how many keys it has of those that `keep` says to count."""
        counted = np.repeat(keep(self._keys), np.diff(self._begins))
        return np.bincount(self._places[counted], minlength=size)

    def all_of(self, keys: Iterable[int]) -> Places:
        """The places that have every one of these keys; none for no keys."""
        lists = sorted(map(self.of, keys), key=len)
        if not lists:
            return _NONE
        left = lists[0]
        for other in lists[1:]:
            if not len(left):
                break
            at = np.minimum(np.searchsorted(other, left), len(other) - 1)
            left = left[other[at] == left]
        return left


class Substrings:
    """Texts that are looked for in another text, all at once."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._texts = frozenset(filter(None, texts))
        self._lengths = sorted({len(text) for text in self._texts})

    def inside(self, text: str) -> Iterator[str]:
        """Those of the texts that stand in this one, each once."""
        seen = set()
        for at in range(len(text)):
            for length in self._lengths:
                if at + length > len(text):
                    break
                piece = text[at : at + length]
                if piece in self._texts and piece not in seen:
                    seen.add(piece)
                    yield piece


def signs(text: str) -> NDArray[np.uint64]:
    """The different characters of a text, as keys."""
    return np.unique(_points(text))


def pairs(text: str) -> NDArray[np.uint64]:
    """The different pairs of characters that stand together in a text, as keys."""
    points = _points(text)
    return np.unique((points[:-1] << np.uint64(32)) | points[1:])


def _points(text: str) -> NDArray[np.uint64]:
    data = text.encode("utf-32-le", "surrogatepass")
    return np.frombuffer(data, dtype="<u4").astype(np.uint64)
