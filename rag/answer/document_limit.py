"""Which documents a question is limited to, as people and programs name them.

The index itself sees to it that nothing outside of them is found (index.search.store); what a
question names beyond them, index.request.understand tells.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from index.documents.labels import document_label_en
from index.documents.model import Document
from index.text.repair import clean
from rag.errors import QuestionFault

if TYPE_CHECKING:
    from index.search.store import ClauseIndex

MOST_SHOWN = 3
# Of so many characters a piece of a title tells documents apart on purpose.
LEAST_PART = 4


def limited(index: ClauseIndex, documents: Collection[str]) -> ClauseIndex:
    """The index with the documents named alone; the whole of it if none or every one is named.

    A document is named by its id, its number, or a title that no other has. Raises QuestionFault.
    """
    chosen = {find_document(name, index.documents) for name in documents}
    return index.limited_to(chosen) if 0 < len(chosen) < len(index.documents) else index


def find_document(name: str, documents: Mapping[str, Document]) -> str:
    """The id of the one document of that id, number or title, in Chinese or English.

    Part of a title will do where one document alone has it. Raises QuestionFault.
    """
    if name in documents:
        return name
    wanted = _bare(name)
    names = {key: _names(document) for key, document in documents.items()} if wanted else {}
    found = [key for key, own in names.items() if wanted in own]
    if not found and len(wanted) >= LEAST_PART:
        found = [key for key, own in names.items() if any(wanted in each for each in own)]
    if len(found) == 1:
        return found[0]
    if not found:
        raise QuestionFault("document-unknown", name=name)
    shown = ", ".join(found[:MOST_SHOWN]) + (", …" if len(found) > MOST_SHOWN else "")
    raise QuestionFault("documents-fit", count=len(found), name=name, documents=shown)


def _names(document: Document) -> list[str]:
    names = (document.number, document.title, document.title_en, document_label_en(document))
    return [bare for name in names if name and (bare := _bare(name))]


def _bare(name: str) -> str:
    """A name without marks and white space, which are written in many ways."""
    return re.sub(r"\W|_", "", clean(name).text).lower()
