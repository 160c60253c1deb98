"""Whether an article says what a text says of it; if not, which other article does.

Compares by statement_check, sentence by sentence, within what is cited of the article. Asks no
model.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

from index.text.figures import stated_numbers
from index.text.language import question_language
from rag.answer.citation_check import Clauses
from rag.answer.evidence import Passage, ReadClause, read_clause
from rag.answer.pieces import in_digits
from rag.answer.quoted import QUOTATION, is_quoted
from rag.answer.statement_check import check_sentence
from rag.answer.support import split_answer
from rag.answer.windows import likest_window
from rag.answer.wording import content_words
from rag.check.model import Article, Quote, Verdict
from rag.check.near import likeness, nearest
from rag.check.pinpoint import Portion
from rag.schema import Language

if TYPE_CHECKING:
    from index.search.store import ClauseIndex

# Searches all documents for a statement: the ids of clauses, best first.
Find = Callable[[str], Sequence[str]]
# How many of a document's own clauses, and of those found elsewhere, are compared.
OWN, OTHERS = 8, 6
# Fewer words say too little to be compared.
LEAST_WORDS = 4
LONGEST_QUOTE = 400
_SPOKEN = re.compile(r"“([^“”]{6,})”|\"([^\"]{12,})\"|「([^「」]{6,})」")


@dataclass(frozen=True)
class Judged:
    """What came of comparing a statement with articles; `right` are others that say it."""

    verdict: Verdict
    reasons: tuple[str, ...] = ()
    right: tuple[str, ...] = ()


class Judge:
    """Compares statements with the clauses of an index; reads each clause once."""

    def __init__(self, clauses: Clauses, find: Find | None = None) -> None:
        """`find` searches all documents; without it all clauses are ranked by their words."""
        self._clauses = clauses
        self._find = find

    def judged(self, statement: str, portions: Sequence[Portion], group: bool = False) -> Judged:
        """Whether the articles say what is stated; several are cited as one, by `group`."""
        language = question_language(statement)
        if not statement.strip():
            return Judged("named")
        found = [self._compared(statement, portion, language) for portion in portions]
        best = min(found, key=lambda one: _ORDER.index(one.verdict))
        if best.verdict in ("verbatim", "supported"):
            return best
        figures = has_figures(statement, language)
        if not figures and (group or _says_little(statement, language)):
            return Judged("named")
        documents = {portion.clause.document_id for portion in portions}
        cited = {portion.clause.id for portion in portions}
        right = self.others(statement, language, documents, cited)
        if right:
            return Judged("other_article", best.reasons, right)
        return best

    def others(
        self, statement: str, language: Language, documents: set[str], without: set[str]
    ) -> tuple[str, ...]:
        """Articles that say it: of these documents, or else of others; at most two."""
        ranked = self._ranked(statement, language, documents, OWN)
        for ids in (ranked, None):
            candidates = self._elsewhere(statement, language) if ids is None else ids
            said = []
            for key in candidates:
                if key in without:
                    continue
                if self._says(statement, key, language):
                    said.append(key)
                if len(said) == 2:
                    break
            if said:
                return tuple(said)
        return ()

    def _says(self, statement: str, key: str, language: Language) -> bool:
        clause = self._clauses.clause(key)
        portion = Portion(clause, 0, len(clause.body))
        found = self._compared(statement, portion, language)
        return found.verdict in ("verbatim", "supported")

    def _ranked(
        self, statement: str, language: Language, documents: set[str], most: int
    ) -> list[str]:
        own = [
            (clause, self._clauses.rendition(clause.id))
            for key in documents
            if key in self._clauses.documents
            for clause in self._clauses.documents[key].clauses
        ]
        return nearest(statement, language, own, most)

    def _elsewhere(self, statement: str, language: Language) -> Sequence[str]:
        if self._find is not None:
            return self._find(statement)[:OTHERS]
        return self._ranked(statement, language, set(self._clauses.documents), OTHERS)

    def _compared(self, statement: str, portion: Portion, language: Language) -> Judged:
        """The worst of what the sentences of a statement come to, by one article."""
        clause = portion.clause
        rendition = self._clauses.rendition(clause.id)
        body = clause.body[portion.start : portion.end]
        if is_quoted(statement, body) or (portion.whole and is_quoted(statement, clause.text)):
            return Judged("verbatim", ("These are the words of the Chinese source.",))
        if rendition and portion.whole and is_quoted(statement, rendition.text):
            return Judged("verbatim", ("These are the words of the English rendition.",))
        spoken = [next(filter(None, groups)) for groups in _SPOKEN.findall(statement)]
        if spoken and all(is_quoted(one, body) for one in spoken):
            rest = _SPOKEN.sub("", statement)
            if len(content_words(in_digits(rest, language), language)) < 2 and not has_figures(
                rest, language
            ):
                return Judged("verbatim", ("These are the words of the Chinese source.",))
        read = self._read(portion, language)
        parts = split_answer(statement.strip(QUOTATION), language) or [statement]
        found = [check_sentence(one, likest_window(one, read), language) for one in parts]
        worst = max(found, key=lambda one: _ORDER.index(one.verdict))
        reasons = (reason for one in found if one.verdict == worst.verdict for reason in one.reasons)
        verdict: Verdict = worst.verdict
        if verdict == "verbatim" and len(found) > 1:
            verdict = "supported"
        return Judged(verdict, tuple(dict.fromkeys(reasons)))

    def _read(self, portion: Portion, language: Language) -> ReadClause:
        """The clause as far as it is cited."""
        read = read_clause(cast("ClauseIndex", self._clauses), portion.clause.id, language)
        if portion.whole:
            return read

        def within(passages: Sequence[Passage]) -> tuple[Passage, ...]:
            return tuple(one for one in passages if portion.holds(one.start, one.end))

        kept = within(read.lines)
        return replace(read, passages=within(read.passages), lines=kept, part=0) if kept else read

    # words beside it

    def quote(self, statement: str, portion: Portion) -> Quote:
        """The sentence of an article that is nearest to a statement; its beginning without one."""
        clause = portion.clause
        read = read_clause(cast("ClauseIndex", self._clauses), clause.id, "en")
        lines = [one for one in read.passages if portion.holds(one.start, one.end)]
        lines = lines or list(read.passages)
        language = question_language(statement)
        if statement and lines:
            best = max(lines, key=lambda one: likeness(statement, language, one.zh, one.en or ""))
        else:
            best = lines[0]
        start = clause.body_map[best.start]
        end = clause.body_map[min(best.end, best.start + LONGEST_QUOTE)]
        document = self._clauses.documents[clause.document_id]
        return Quote(clause.id, document.source[start:end].strip(), best.en, start, end)

    def article(self, key: str) -> Article:
        """An article with its names."""
        clause = self._clauses.clause(key)
        return Article(clause.id, clause.label, clause.label_en)

    def whole(self, key: str) -> Portion:
        """An article as a whole."""
        clause = self._clauses.clause(key)
        return Portion(clause, 0, len(clause.body))


_ORDER: tuple[Verdict, ...] = (
    "verbatim", "supported", "numbers_differ", "not_found_in_article",
)  # fmt: skip


def has_figures(statement: str, language: Language) -> bool:
    """Whether it gives a number that is more than a year or the number of an article."""
    text = re.sub(r"(?<!\d)(?:19|20)\d\d(?!\d)\s*年?", " ", in_digits(statement, language))
    return bool(stated_numbers(text))


def _says_little(statement: str, language: Language) -> bool:
    return len(set(content_words(in_digits(statement, language), language))) < LEAST_WORDS
