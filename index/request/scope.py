"""Which documents a question is about, which it sets side by side, and what it asks of each side.

Goes by how clearly the question names each document (index.references); it searches nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from index.documents.labels import document_label_en
from index.documents.model import Document
from index.request.documents_named import (
    link_documents,
    names_by_title,
    names_by_year,
    of_year_and_kind,
    without_names,
)
from index.text.places import names_of_region
from index.text.repair import clean
from index.text.tokens import tokenise_chinese, tokenise_english
from index.text.written import YEAR

# Scores of index.references.link_documents from which a question names a document, and a place.
NAMES_DOCUMENT = 2.0
NAMES_PLACE = 3.0
# How much clearer a document of one place must be named than another to be meant alone.
CLEARER = 0.5
# Of more sides, or documents on one side, the clearest are taken: nobody reads more beside another.
MOST_SIDES, MOST_ON_SIDE = 12, 40
# Words of its own from which a piece of a question asks something.
SUBSTANTIAL = 2
_PIECES = re.compile(r".+?(?:[，,；;。？?！!]+|(?<!\bNo)(?<!\d)\.\s+|$)", re.DOTALL)
# What is asked of every side alike.
_COMMON = re.compile(
    r"都|各|分别|谁更|两(?:者|份|地|边|个?(?:文件|方案|计划|城市))|不一样|比较|对比|区别|差别|不同|\b(?:each|both|respectively|either|compar\w+|"
    r"differ\w*|two|side by side)\b",
    re.IGNORECASE,
)
_LOOSE_END = re.compile(
    r"(?:和|与|跟|同|及|、|\s|\b(?:and|or|versus|vs\.?|with|than|against|while|whereas)\b)+$",
    re.IGNORECASE,
)
_PERIOD = re.compile(r"(?<!\d)((?:19|20)\d{2})\s*年?\s*[-—–~至到]+\s*(?:19|20)\d{2}(?!\d)")
_JOINTS = " \t\r\n\u3000和与跟同及、,，"


@dataclass(frozen=True)
class Scope:
    """A question with the strength of its links to documents, by id."""

    question: str
    linked: Mapping[str, float]
    documents: Mapping[str, Document]

    def meant(self) -> list[Document]:
        """The documents that the question names, those it names most clearly."""
        strongest = max(self.linked.values(), default=0.0)
        if strongest < NAMES_DOCUMENT:
            return list(self.documents.values()) if len(self.documents) == 1 else []
        clearest = {key for key, score in self.linked.items() if score >= strongest - CLEARER}
        # 2019-2021 is a period, and names one document by its first year.
        asked = _PERIOD.sub(r"\1", clean(self.question).text)
        by_year = {
            key: year
            for key in self.linked
            if (year := self.documents[key].year) and str(year) in asked
        }
        if any(key in clearest for key in by_year):
            # Of those alike the ones whose year is named: 上海2021年的文件.
            clearest &= set(by_year) | {
                key for key in clearest if self.documents[key].region is None
            }
        # 上海2019年那份方案和2021年的意见 names two documents of one place by their years.
        if len(set(by_year.values())) > 1:
            clearest |= {key for key in by_year if self.linked[key] >= NAMES_PLACE}
        return [self.documents[key] for key in self.linked if key in clearest]

    def sides(self, compares: bool) -> list[list[Document]]:
        """The documents that the question sets side by side, by place; [] if it compares nothing.

        Documents of one place are sides of their own only where the question names them apart.
        """
        by_place: dict[str | None, list[Document]] = {}
        for key, score in self.linked.items():
            if score >= NAMES_PLACE:
                document = self.documents[key]
                by_place.setdefault(document.region, []).append(document)
        if len(by_place) > 1:
            places = sorted(by_place.values(), key=lambda own: self._place_of(own[0]))
            return [self._clearest(self._first(own, MOST_ON_SIDE)) for own in places]
        apart = [
            self.documents[key]
            for key, score in self.linked.items()
            if score >= NAMES_PLACE and names_by_year(self.question, self.documents[key])
        ]
        apart = self._first(apart, MOST_SIDES)
        if len({document.year for document in apart}) > 1:
            return [[document] for document in sorted(apart, key=self._year_of)]
        by_year = self._one_of_each_year()
        if len(by_year) > 1:
            return [[document] for document in by_year]
        titled = names_by_title(self.question, self.documents)
        if len(titled) > 1 and compares:
            return [[self.documents[key]] for key in titled]
        meant = self._first(self.meant(), MOST_SIDES)
        differ = len({document.year for document in meant}) > 1
        return [[document] for document in meant] if differ and compares else []

    def _first(self, documents: Sequence[Document], most: int) -> list[Document]:
        """Those that are named most clearly, in the order they came in."""
        kept = sorted(documents, key=lambda each: -self.linked.get(each.id, 0.0))[:most]
        ids = {each.id for each in kept}
        return [each for each in documents if each.id in ids]

    def _one_of_each_year(self) -> list[Document]:
        """The documents that the question names by year and kind, if that tells them apart."""
        asked = {int(year) for year in YEAR.findall(clean(self.question).text)}
        named = of_year_and_kind(self.question, asked, self.documents)
        years = {document.year for document in named}
        return sorted(named, key=self._year_of) if len(years) == len(named) else []

    def asked_of(self, side: Sequence[Document], others: Sequence[Document]) -> str:
        """The question as it would be asked about one side of a comparison alone.

        The pieces that ask something of the other sides only are left out, and in the rest the
        names of the others; the whole stays where this side has no piece of its own.
        """
        own_names = self._names(side, others)
        other_names = self._names(others, side)
        named = [*side, *others]
        pieces = self._pieces(own_names, other_names, named)

        def asks(text: str) -> bool:
            return not _COMMON.search(text) and _content(text, named) >= SUBSTANTIAL

        if any(owner == "own" and asks(text) for owner, text in pieces):
            pieces = [(who, text) for who, text in pieces if who != "others" or not asks(text)]
        kept = "".join(
            _LOOSE_END.sub(" ", text) if who else text
            for who, text in pieces
            if not (who == "others" and _content(text, named) < SUBSTANTIAL) or _COMMON.search(text)
        )
        for name in sorted(other_names, key=len, reverse=True):
            if not name.isdigit():
                kept = re.sub(rf"{re.escape(name)}(?:市|省|'s)?", " ", kept, flags=re.IGNORECASE)
        rest = " ".join(kept.lstrip(_JOINTS).split())
        return rest if _content(rest, named) else self.question

    def _pieces(
        self, own: frozenset[str], others: frozenset[str], named: Sequence[Document]
    ) -> list[tuple[str, str]]:
        """The question in pieces, each with whose it is: `own`, `others` or nobody's.

        What follows a bare name and a comma is nobody's: 上海和杭州，目标是多少.
        """
        names = "|".join(re.escape(name) for name in sorted(own | others, key=len, reverse=True))
        cut = re.compile(f"(?={names})", re.IGNORECASE) if names else None
        found: list[tuple[str, str]] = []
        owner = ""
        for clause in _PIECES.findall(self.question):
            for piece in cut.split(clause) if cut else [clause]:
                lower = piece.lower()
                if any(lower.startswith(name) for name in own):
                    owner = "own"
                elif any(lower.startswith(name) for name in others):
                    owner = "others"
                if piece:
                    found.append((owner, piece))
            bare = not found or _content(found[-1][1], named) < SUBSTANTIAL
            if bare:
                owner = ""
        return found

    def _names(self, side: Sequence[Document], others: Sequence[Document]) -> frozenset[str]:
        """What tells the side from the others: its title, its place, or else its year."""
        titled = names_by_title(self.question, self.documents)
        if any(each.id in titled for each in side) and any(each.id in titled for each in others):
            return frozenset(titled[each.id] for each in side if each.id in titled)
        apart = {each.region for each in side} != {each.region for each in others}
        if apart:
            numbers = frozenset(name for each in side for name in self._numbers(each))
            return numbers.union(*(names_of_region(each.region) for each in side))
        return frozenset(str(each.year) for each in side if each.year)

    def _clearest(self, own: Sequence[Document]) -> list[Document]:
        """Of the documents of one place those that the question's own words for it name best."""
        names = names_of_region(own[0].region)
        rest = frozenset().union(
            *(names_of_region(self.documents[key].region) for key in self.linked)
        )
        pieces = self._pieces(names, rest - names, own)
        words = "".join(text for owner, text in pieces if owner == "own")
        scores = link_documents(words, {each.id: each for each in own})
        best = max(scores.values(), default=0.0)
        return [each for each in own if scores.get(each.id, 0.0) > best - CLEARER] or list(own)

    def _place_of(self, document: Document) -> int:
        """Where in the question the document's place or number stands."""
        lower = self.question.lower()
        names = names_of_region(document.region).union(self._numbers(document))
        return min((at for name in names if (at := lower.find(name)) >= 0), default=len(lower))

    def _numbers(self, document: Document) -> list[str]:
        """The document's number as the question has it."""
        forms = (document.number, document_label_en(document)) if document.number else ()
        return [name.lower() for name in forms if name.lower() in self.question.lower()]

    def _year_of(self, document: Document) -> int:
        return self.question.find(str(document.year))


def _content(text: str, documents: Sequence[Document]) -> int:
    """How many words of a piece of a question are no names of these documents."""
    rest = without_names(text, documents)
    return len(set(tokenise_chinese(rest)) | set(tokenise_english(rest)))
