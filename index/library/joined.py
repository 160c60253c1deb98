"""What an index of a library is built from: the documents below, and those on the shelf.

A document that the index in service has as it is on the shelf is taken from there, and not read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from index.documents.model import Rendition
from index.library.entry import Entry
from index.search.build import completed
from index.search.contents import Contents, Renditions

if TYPE_CHECKING:
    from index.search.store import ClauseIndex


def joined(
    below: Contents,
    entries: Sequence[Entry],
    service: ClauseIndex | None,
    served: Mapping[str, Mapping[str, str]],
    reading: Callable[[int, int], None],
    warnings: list[str],
) -> Contents:
    """The contents below with the documents of these entries.

    `served` says in what state the index in service has them, None where there is no index of
    theirs; `reading` is told before one is read, and may raise. Raises as `completed` does.
    """
    same = {
        entry.id
        for entry in entries
        if service and entry.id in service.documents and served.get(entry.id) == entry.signature()
    }
    documents, renditions = list(below.documents), dict[str, Rendition]()
    for done, entry in enumerate(entries):
        if service and entry.id in same:
            documents.append(service.documents[entry.id])
            continue
        reading(done, len(entries))
        document, own = completed(entry.document(), entry.upload, warnings)
        documents.append(document)
        renditions |= own
    before = service.limited_to(same).contents.renditions if service else {}
    english = Renditions(renditions, below.renditions, before)
    return replace(below, documents=tuple(documents), renditions=english)
