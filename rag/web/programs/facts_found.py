"""Facts of an index as a tool gives them: rows of columns, with the names of their articles.

Which facts there are was read when the documents were indexed; nothing is asked of a model.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from index.errors import IndexFault
from index.facts.model import KINDS, Fact, row_of
from rag.answer.document_limit import find_document
from rag.web.chat.conversation import Library, clause_in
from rag.web.programs.tool_arguments import FindFacts


class KindFault(IndexFault):
    """A kind of fact is asked for that there is not."""


@dataclass(frozen=True)
class FoundFacts:
    """The facts found: `count` of them, of which the first are given as `rows`."""

    count: int
    rows: tuple[dict[str, Any], ...]


def facts_found(given: FindFacts, library: Library) -> FoundFacts:
    """The facts asked for, in the order of the documents. Raises IndexFault for an unknown kind."""
    if given.kind and given.kind not in KINDS:
        raise KindFault("kind-none", kind=given.kind, kinds=", ".join(KINDS))
    chosen = [find_document(name, library.documents) for name in given.documents]
    found: list[Fact] = []
    for kind in [given.kind] if given.kind else KINDS:
        found += library.facts.find(
            KINDS[kind],
            documents=chosen or None,
            clause=given.clause_id or None,
            unit=given.unit or None,
            words=given.words,
            year=given.year,
        )
    return FoundFacts(len(found), tuple(_row(fact, library) for fact in found[: given.k]))


def _row(fact: Fact, library: Library) -> dict[str, Any]:
    return {**row_of(fact), **_labels(fact.clause_id, library)}


def _labels(clause_id: str, library: Library) -> dict[str, str]:
    """The names of a fact's article; none of a chapter that is no article."""
    clause = clause_in(library, clause_id)
    if clause is None:
        return {}
    return {"label": clause.label, "label_en": clause.label_en}
