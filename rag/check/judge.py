"""Whether an article says what a text says of it; if not, which other article does.

Compares by statement_check, sentence by sentence, within what is cited of the article. Asks no
model.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING, cast

from index.documents.model import Clause
from index.request.articles_named import article as article_of
from index.text.language import question_language
from rag.answer.citation_check import Clauses
from rag.answer.english_names import long_names
from rag.answer.evidence import Passage, ReadClause, read_clause
from rag.answer.force import denies, force_of, strength_of
from rag.answer.pieces import in_digits
from rag.answer.quoted import QUOTATION, is_quoted
from rag.answer.stated_numbers import BODY
from rag.answer.support import split_answer
from rag.answer.windows import likest_window
from rag.answer.wording import content_words, turns
from rag.check.grammar import ARTICLES, chinese_articles
from rag.check.model import Article, Quote, Verdict
from rag.check.near import likeness, nearest
from rag.check.pinpoint import Portion
from rag.check.unrendered import WITHOUT_FIGURES, figures_of, sentence_judged
from rag.schema import Language

if TYPE_CHECKING:
    from index.search.store import ClauseIndex

# Searches all documents for a statement: the ids of clauses, best first.
Find = Callable[[str], Sequence[str]]
# How many of a document's own clauses, and of those found elsewhere, are compared.
OWN, OTHERS = 8, 6
# How much of a statement an article must have to be told as the one that says it.
OWN_ALIKE, OTHERS_ALIKE = 0.6, 0.8
SAME_MATTER = 0.5
# An article with more of the words than this is not left for another that has so many more.
MOST_OF_WORDS, MORE_ALIKE = 0.85, 0.15
# So many words without figures may only say what articles are about.
MOST_OF_POINTER, MOST_OF_GROUP, MOST = 2, 5, 8
LONGEST_QUOTE = 400
# Whoever may be fined by an article that has bodies fine is told nothing else.
_LIABLE = re.compile(
    r"可以?(?=[责处罚吊没予]|给予)|\b(?:may|can|could) (?=be (?:ordered|fined|punished|subject))"
)
_VIOLATED = re.compile(rf"违反(?:本(?:法|条例|办法|规定|细则|规则))?(?P<articles>{ARTICLES})")
_INTRODUCES = re.compile(r"[:：]\s*$")

_REWORDED = (
    (_LIABLE, ""),
    # A bound forbids nothing, and nothing is lower for it.
    (re.compile(r"不[得能应](?=少于|低于|小于|超过|高于|多于|大于)"), "不"),
    (re.compile(r"\b(no|not) (?:lower|smaller|shorter) than\b", re.I), r"\1 less than"),
    (re.compile(r"\b(no|not) (?:higher|greater|larger|longer) than\b", re.I), r"\1 more than"),
    (re.compile(r"\b(?:must|shall|may|can) not be (?:less|fewer) than\b", re.I), "is at least"),
    (re.compile(r"\b(?:must|shall|may|can) not (?:exceed|be more than)\b", re.I), "is at most"),
    # The document itself, however a text calls it.
    (re.compile(r"^(?:[旧新原该本](?:法|条例|办法|规定|细则))(?:对|规定)?"), ""),
    (re.compile(r"(?<![，,;；、并可以])(?=处[\d一二三四五六七八九十百千万两]+元)"), "，"),
    # A plan named by its year.
    (
        re.compile(
            r"\b(plan|opinions|measures|regulations|law|rules|notice) of (?:19|20)\d\d\b", re.I
        ),
        r"\1",
    ),
)

_NUMBERS = re.compile(r"\d[\d,.]*\s*(?:[万亿千百]|million|billion|trillion)?")
_SHORT_FORM = re.compile(
    r"(?P<full>[A-Z][\w’'-]+(?: (?:(?:of|for|the|and|on) )*[A-Z][\w’'-]+)*) "
    r"\(hereinafter(?: referred to as)?,? (?:the )?[\"“]?(?P<short>[A-Z][\w -]*?)[\"”]?\)"
)
_CLAIMS = frozenset(["binds", "allows", "forbids"])


@dataclass(frozen=True)
class Judged:
    """What came of comparing a statement with articles; `right` are others that say it.

    `by` are those of the articles compared that the verdict is of.
    """

    verdict: Verdict
    reasons: tuple[str, ...] = ()
    right: tuple[str, ...] = ()
    by: tuple[str, ...] = ()


class Judge:
    """Compares statements with the clauses of an index; reads each clause once."""

    def __init__(self, clauses: Clauses, find: Find | None = None) -> None:
        """`find` searches all documents; without it all clauses are ranked by their words."""
        self._clauses = clauses
        self._find = find
        self._short: dict[str, list[tuple[str, str]]] = {}

    def judged(
        self,
        statement: str,
        portions: Sequence[Portion],
        group: bool = False,
        points: bool = False,
    ) -> Judged:
        """Whether the articles say what is stated; several are cited as one, by `group`.

        `points`: the words only point to the article.
        """
        language = question_language(statement)
        if not statement.strip():
            return Judged("named")
        found = [self._compared(statement, portion, language) for portion in portions]
        best = min(found, key=lambda one: _ORDER.index(one.verdict))
        alike = zip(portions, found, strict=True)
        best = replace(best, by=tuple(p.clause.id for p, one in alike if one == best))
        documents = {portion.clause.document_id for portion in portions}
        cited = {portion.clause.id for portion in portions}
        if best.verdict == "verbatim":
            return best
        figures = has_figures(statement, language)
        alone = not (points or group) and best.verdict != "numbers_differ"
        alone = alone and (figures or _says_what(statement, language))
        if alone and (right := self._better(statement, language, cited, documents)):
            return Judged("other_article", best.reasons, right)
        if best.verdict == "supported":
            return best
        if not figures and _only_names(
            statement, language, MOST if points else MOST_OF_GROUP if group else MOST_OF_POINTER
        ):
            return Judged("named")
        if best.verdict == "unchecked":
            return best  # it has the figures; whether it has the words cannot be told
        if not (figures or _says_what(statement, language)):
            return best
        # Of an article that has half of the words only the number is another.
        elsewhere = best.verdict != "numbers_differ" or (
            self._without_numbers(statement, language, cited) < SAME_MATTER
        )
        right = self.others(statement, language, documents, cited, elsewhere)
        if right and not self._nearer(statement, language, cited, right, best.verdict):
            return Judged("other_article", best.reasons, right)
        return best

    def _better(
        self, statement: str, language: Language, cited: set[str], documents: set[str]
    ) -> tuple[str, ...]:
        """Articles of the document that have the very words, where those cited lack some.

        What has only most of the words may say it in others, but not where another says it so.
        """
        own = max(self._alike(statement, key, language) for key in cited)
        if own > MOST_OF_WORDS:
            return ()
        ranked = self._ranked(statement, language, documents, OWN)
        least = max(own + MORE_ALIKE, OTHERS_ALIKE)
        return self._saying(statement, ranked, language, cited, least)

    def _nearer(
        self,
        statement: str,
        language: Language,
        cited: set[str],
        others: Sequence[str],
        verdict: Verdict,
    ) -> bool:
        """Whether the cited article speaks of the same as those that have the number."""
        if verdict != "numbers_differ":
            return False
        own = self._without_numbers(statement, language, cited)
        return own >= self._without_numbers(statement, language, others)

    def _without_numbers(self, statement: str, language: Language, keys: Iterable[str]) -> float:
        words = _NUMBERS.sub(" ", in_digits(statement, language))
        return max(self._alike(words, key, language) for key in keys)

    def others(
        self,
        statement: str,
        language: Language,
        documents: set[str],
        without: set[str],
        elsewhere: bool = True,
    ) -> tuple[str, ...]:
        """Articles that say it: of these documents, or else of others; at most two."""
        # In the cited document what is said with the figures alone is enough.
        own = dict.fromkeys([statement, _with_figures(statement, language)])
        for words in filter(None, own if documents else ()):
            ranked = self._ranked(words, language, documents, OWN)
            if said := self._saying(words, ranked, language, without, OWN_ALIKE):
                return said
        if not elsewhere:
            return ()
        found = self._elsewhere(statement, language)
        return self._saying(statement, found, language, without, OTHERS_ALIKE, titled=True)

    def _saying(
        self,
        statement: str,
        candidates: Sequence[str],
        language: Language,
        without: set[str],
        least: float,
        titled: bool = False,
    ) -> tuple[str, ...]:
        said = (key for key in candidates if key not in without)
        alike = (key for key in said if self._alike(statement, key, language, titled) >= least)
        return tuple(islice((key for key in alike if self._says(statement, key, language)), 2))

    def _alike(self, statement: str, key: str, language: Language, titled: bool = False) -> float:
        rendition = self._clauses.rendition(key)
        en = rendition.text if rendition else ""
        clause = self._clauses.clause(key)
        document = self._clauses.documents[clause.document_id]
        # Of another document what it is about counts: a text names its city, an article does not.
        zh, title = (
            (clause.body, "")
            if not titled
            else (f"{document.title}\n{clause.body}", document.title_en or "")
        )
        return likeness(statement, language, zh, f"{title}\n{en}" if en else "")

    def _says(self, statement: str, key: str, language: Language) -> bool:
        found = self._compared(statement, self.whole(key), language, OTHERS_ALIKE)
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

    def _compared(
        self,
        statement: str,
        portion: Portion,
        language: Language,
        least: float = WITHOUT_FIGURES,
    ) -> Judged:
        """The worst of what the sentences of a statement come to, by one article.

        `least` is the share of its words that an article without English must have.
        """
        clause = portion.clause
        rendition = self._clauses.rendition(clause.id)
        body = clause.body[portion.start : portion.end]
        if is_quoted(statement, body) or (portion.whole and is_quoted(statement, clause.text)):
            return Judged("verbatim", ("These are the words of the Chinese source.",))
        if rendition and portion.whole and is_quoted(statement, rendition.text):
            return Judged("verbatim", ("These are the words of the English rendition.",))
        read = self.read(portion, language)
        meant = _as_meant(statement.strip(QUOTATION), body)
        own = rendition.text if rendition else ""
        for short, full in self._short_forms(clause.document_id):
            if re.search(rf"\b{re.escape(short)}\b", own):
                continue
            meant = re.sub(rf"\b{re.escape(short)}\b", full, meant)
        parts = split_answer(meant, language) or [meant]
        found = [sentence_judged(one, likest_window(one, read), language, least) for one in parts]
        worst = max(found, key=lambda one: _ORDER.index(one[0]))
        reasons = (reason for verdict, told in found if verdict == worst[0] for reason in told)
        verdict = worst[0]
        if verdict == "verbatim" and len(found) > 1:
            verdict = "supported"
        return Judged(verdict, tuple(dict.fromkeys(reasons)))

    def _short_forms(self, document_id: str) -> list[tuple[str, str]]:
        """The short forms that a document gives to English names, each with the name."""
        if document_id not in self._short:
            clauses = self._clauses.documents[document_id].clauses
            renditions = (self._clauses.rendition(each.id) for each in clauses)
            self._short[document_id] = [
                (match["short"], match["full"])
                for rendition in renditions
                if rendition
                for match in _SHORT_FORM.finditer(rendition.text)
            ]
        return self._short[document_id]

    def read(self, portion: Portion, language: Language) -> ReadClause:
        """The clause as far as it is cited."""
        read = read_clause(cast("ClauseIndex", self._clauses), portion.clause.id, language)
        if punished := self._punished(portion.clause):
            # A text tells what is punished in the words of the article that is violated.
            read = replace(read, document_name=f"{read.document_name}\n{punished}")
        if portion.whole:
            return read

        def within(passages: Sequence[Passage]) -> tuple[Passage, ...]:
            # What introduces the items is said of each: 可以给予下列奖励：
            return tuple(
                one
                for one in passages
                if portion.holds(one.start, one.end)
                or (portion.item and one.end <= portion.start and _INTRODUCES.search(one.zh))
            )

        kept = within(read.lines)
        return replace(read, passages=within(read.passages), lines=kept, part=0) if kept else read

    def _punished(self, clause: Clause) -> str:
        """What the articles say whose violation an article punishes: 违反本条例第九条规定."""
        own = self._clauses.documents[clause.document_id]
        numbers = (
            number
            for match in _VIOLATED.finditer(clause.body)
            for number in chinese_articles(match["articles"])
        )
        found = (article_of(own, *number) for number in numbers)
        return "\n".join(one.body for one in found if one is not None)

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
        return Portion(clause := self._clauses.clause(key), 0, len(clause.body))


_ORDER: tuple[Verdict, ...] = (
    "verbatim", "supported", "unchecked", "numbers_differ", "not_found_in_article",
)  # fmt: skip


def has_figures(statement: str, language: Language) -> bool:
    """Whether it gives a number that is more than a year or the number of an article."""
    return figures_of(statement, language) > 0


def _as_meant(statement: str, body: str) -> str:
    """A statement in the words that the article has for the same: half a year is six months."""
    for pattern, form in _REWORDED:
        statement = pattern.sub(form, statement)
    if re.search(r"[六6]个月", body):
        statement = re.sub(r"半年", "六个月", statement)
        statement = re.sub(r"\bhalf(?: a|-)? year\b", "six months", statement, flags=re.IGNORECASE)
    return statement


def _only_names(statement: str, language: Language, most: int) -> bool:
    """Whether words only point to articles: 处罚区间, the penalties. They claim nothing."""
    if strength_of(force_of(statement, language)) in _CLAIMS or denies(statement, language):
        return False
    words = set(content_words(in_digits(statement, language), language))
    if any(turns(word, language) for word in words) or BODY.search(statement):
        return False
    return len(words) <= most


def _says_what(statement: str, language: Language) -> bool:
    """Whether it says more than which body is in charge, which many articles may say."""
    rest = statement
    for name in BODY.findall(rest) if language == "zh" else long_names(rest):
        rest = rest.replace(name, " ")
    return bool(content_words(rest, language))


def _with_figures(statement: str, language: Language) -> str:
    """The parts of a statement that have figures; '' where that is all of it, or nothing."""
    parts = re.split(r"[,，;；:：]\s*(?!\d)", statement)
    told = [part for part in parts if has_figures(part, language)]
    return "，".join(told) if 0 < len(told) < len(parts) else ""
