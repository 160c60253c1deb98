"""To which documents, and articles of them, relations lead, where they are held.

Titles and numbers are looked up whatever their brackets; of several texts of one law the one is
meant that counted on the day of the document that speaks of it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from index.documents.model import Document
from index.documents.versions import begins_on
from index.facts.model import Fact, Relation

_ISSUED = re.compile(r"关于(?:印发|转发|发布|公布)(.+)的(?:通知|公告)$")


class Held:
    """Documents by their titles and numbers."""

    def __init__(self, documents: Sequence[Document]) -> None:
        """Look these documents up."""
        self.by_id = {document.id: document for document in documents}
        self._by_title: dict[str, list[Document]] = defaultdict(list)
        self._by_number: dict[str, Document] = {}
        for document in documents:
            title = bare_title(document.title)
            # The title of what is issued stands in the notice's: 关于印发X的通知.
            issued = _ISSUED.search(title)
            for name in dict.fromkeys((title, *([issued[1]] if issued else []))):
                self._by_title[name].append(document)
            if document.number:
                self._by_number[bare_number(document.number)] = document

    def titled(self, title: str) -> list[Document]:
        """All texts of that title."""
        return self._by_title.get(bare_title(title), [])

    def meant(self, relation: Relation) -> Document | None:
        """The document that a relation is to, None where it is not held."""
        if relation.target_number and (
            found := self._by_number.get(bare_number(relation.target_number))
        ):
            return found
        texts = self.titled(relation.target_title) if relation.target_title else []
        own = self.by_id.get(relation.document_id)
        if not texts or own is None:
            return texts[0] if texts else None
        # What a text ends is one before it; what it rests on counted on its day.
        day = begins_on(own)
        ends = relation.verb in ("废止", "替代")
        others = [each for each in texts if each.id != own.id] or texts
        known = [each for each in others if begins_on(each)]
        before = [
            each for each in known if begins_on(each) < day or (not ends and begins_on(each) == day)
        ]
        if before:
            return max(before, key=begins_on)
        return None if ends and day and known else others[0]

    def resolved(self, fact: Fact) -> Fact:
        """A fact; of a relation with the id of its target, where it is held.

        Of several texts of one title the one is meant that counted when the relation was stated.
        """
        if not isinstance(fact, Relation) or not (fact.target_title or fact.target_number):
            return fact
        target = self.meant(fact)
        if target is None:
            return replace(fact, target_document_id=None, target_clause_id=None)
        clause_id = next(
            (
                clause.id
                for clause in (target.clauses if fact.target_article else ())
                if clause.path.split("/")[-1] == fact.target_article
            ),
            None,
        )
        return replace(fact, target_document_id=target.id, target_clause_id=clause_id)


def bare_title(title: str) -> str:
    """A title without what differs between its mentions: signs, blanks, the state's name."""
    return re.sub(r"^中华人民共和国", "", re.sub(r"[\W_]", "", title))


def bare_number(number: str) -> str:
    """A number without its signs, which are written in many ways."""
    return re.sub(r"[\s〔〕\[\]()（）]", "", number)
