"""What an address asks for that there is not: refused in one line, and not passed over.

Which fields and values a page takes, the page itself says.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from rag.web.pages.replies import told

if TYPE_CHECKING:
    from fastapi import Request, Response

# What every page takes: its language, and where it looks.
EVERYWHERE = frozenset({"lang", "collection"})
LONGEST_TOLD = 60


class UnknownError(ValueError):
    """An address asks for this value of this field."""

    def __init__(self, name: str, value: str) -> None:
        super().__init__(name, value)
        self.name = name
        self.value = value


def check_fields(query: Iterable[str], taken: Collection[str]) -> None:
    """Raise UnknownError for a field of a query that is not `taken`, nor taken everywhere."""
    for name in query:
        if name not in taken and name not in EVERYWHERE:
            raise UnknownError(name, "")


def check_values(query: Mapping[str, str], known: Mapping[str, Collection[str]]) -> None:
    """Raise UnknownError for a field that has none of the values `known` for it; '' is always."""
    for name, values in known.items():
        given = query.get(name, "")
        if given and given not in values:
            raise UnknownError(name, given)


def page_number(query: Mapping[str, str]) -> int:
    """The page that is asked for, from 1 on. Raises UnknownError."""
    given = query.get("page", "") or "1"
    if not (given.isascii() and given.isdigit() and len(given) < 6 and int(given)):
        raise UnknownError("page", given)
    return int(given)


def refused(request: Request, fault: UnknownError, ways: Sequence[tuple[str, str]]) -> Response:
    """The line, with ways to go on (keys, addresses)."""
    name, value = fault.name[:LONGEST_TOLD], fault.value[:LONGEST_TOLD]
    key = "query_unknown" if value else "query_field_unknown"
    return told(request, key, 400, ways, name=name, value=value)
