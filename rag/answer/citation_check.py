"""Whether a citation that somebody gives is right: the article it names, and what that says.

Goes by names, numbers and words, in Chinese and English, and by the model's judgement where it is
given one (other_words.py). Searches nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Protocol, cast

from index.documents.labels import document_label, document_label_en
from index.documents.model import Clause, Document, Rendition
from index.request.articles_named import Reference, find_references
from index.request.documents_known import NUMBER, NUMBER_EN, NUMBERED, bare
from index.request.documents_named import TITLE, is_titled, link_documents
from index.request.short_names import named_in_short
from index.text.figures import comparable
from index.text.language import question_language
from index.text.numbers import NUMERAL, read_numeral
from index.text.repair import clean
from rag.answer.evidence import ReadClause, read_clause
from rag.answer.quoted import QUOTATION, is_quoted
from rag.answer.statement_check import Finding, Verdict, check_sentence
from rag.answer.support import split_answer
from rag.answer.windows import likest_window
from rag.schema import Language

if TYPE_CHECKING:
    from index.search.store import ClauseIndex

# Looks again at what was found of a sentence (other_words.py).
Second = Callable[[Finding, str, ReadClause, Language], Finding]
# How strongly words other than number and title must point to a document to name it, and how near
# to the strongest another must come to be meant too.
NAMES, ALIKE = 2.0, 0.25
_UNIT = re.compile(
    r"(?P<part>部分|[章节編编]|\b(?:part|section|chapter)\b)|"
    r"(?P<item>[条條项項款點点]|"
    r"\b(?:art(?:icle)?|item|clause|point|paragraph|task|measure|provision)s?\b)",
    re.IGNORECASE,
)
# A place as headings are written, and as plans without articles are cited, to the end of a label:
# 二、(三)15, 一、工作目标, Part II(3), item 11.
_ROMAN = ["i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x"]
_N = rf"(?:{NUMERAL}+|\d{{1,3}})"
_PLACE = re.compile(
    rf"\W*(?:第\s*(?P<part>{_N})\s*部分|(?P<headed>{_N})\s*[、.．])\s*,?\s*"
    rf"(?:[^\d()第、]{{2,20}}?(?=第?\s*[(]))?"
    rf"(?:第?\s*[(]\s*(?P<section>{_N})\s*[)]\s*[项点]?)?\s*,?\s*"
    rf"(?:第?\s*(?P<item>{_N})\s*(?:[项点條条、.．]|\W*$))?(?P<heading>[^\d()第一二三四五六七八九十]*)"
)
_PLACE_EN = re.compile(
    rf"(?:^|[,;]|\s)\s*part\s+(?P<part>[ivx]{{1,4}}|\d{{1,2}})\s*(?:[(]\s*(?P<section>{_N})\s*[)])?"
    rf"(?:\s*,?\s*(?:item|point|task|measure|no\.?)?\s*(?P<item>{_N}))?\W*$",
    re.IGNORECASE,
)
# An article that a label names by its number before its part: Article 12 of Part I.
_STATED = re.compile(
    r"\b(?:art(?:icle)?|item|section|clause|point|paragraph|task|measure|chapter)s?\.?\s*[(]?\d",
    re.IGNORECASE,
)
# Words before [2021] No. 121 that are no name of an issuer.
_UNNAMED = re.compile(r"(?:^|\b(?:document|circular|notice|of|in|see|under|the|no))\W*$", re.I)
_NO_DOCUMENT = "No document that is held has this number, name or id."
_NO_ARTICLE = "{} is held, but it has no such article."


class Clauses(Protocol):
    """What is needed of a clause index."""

    @property
    def documents(self) -> Mapping[str, Document]:
        """The documents by their id."""
        ...

    def clause(self, clause_id: str) -> Clause:
        """The clause of that id."""
        ...

    def rendition(self, clause_id: str) -> Rendition | None:
        """The English of that clause, where there is one."""
        ...


@dataclass(frozen=True)
class Named:
    """The article that a label names, or why it names none; `candidates` where it fits several."""

    clause_id: str | None
    reason: str = ""
    candidates: tuple[str, ...] = ()


@dataclass(frozen=True)
class Checked:
    """What came of checking a citation. `verdict` is None where no statement was given.

    `reasons` are sentences for a reader; `text` is the article's Chinese source.
    """

    exists: bool
    clause_id: str | None
    label: str | None
    label_en: str | None
    verdict: Verdict | None
    reasons: tuple[str, ...]
    candidates: tuple[str, ...]
    text: str | None
    text_en: str | None


def check_citation(
    label: str, statement: str, clauses: Clauses, second: Second | None = None
) -> Checked:
    """Whether the documents hold the article that a label or clause id names, and it says this.

    `statement` is a quote or a sentence in Chinese or English; empty to look only for the article.
    No model is asked but by `second`, which is told what was found of each sentence.
    """
    named = find_article(label, clauses)
    stated = statement.strip()
    if named.clause_id is None:
        verdict: Verdict | None = "not_found_in_article" if stated else None
        missing = (None, None, None)
        return Checked(False, *missing, verdict, (named.reason,), named.candidates, None, None)
    clause, rendition = clauses.clause(named.clause_id), clauses.rendition(named.clause_id)
    verdict, reasons = check_statement(stated, clause.id, clauses, second) if stated else (None, ())
    text_en = rendition.text if rendition else None
    names = (clause.id, clause.label, clause.label_en)
    return Checked(True, *names, verdict, reasons, (), clause.text, text_en)


def find_article(label: str, clauses: Clauses) -> Named:
    """The one article that a label names, by clause id, exact label, or document and number.

    Stricter than what a question may be understood as: a document number, title or part that is
    stated must be the article's own.
    """
    label = label.strip()
    everything = [clause for document in clauses.documents.values() for clause in document.clauses]
    exact = [clause.id for clause in everything if clause.id == label]
    if not exact and (key := _words_of(label)):
        exact = [
            each.id
            for each in everything
            if key in (_words_of(each.label), _words_of(each.label_en))
        ]
    if exact:
        return _one(exact)
    if re.fullmatch(r"[^\s#]+#\S+", label):
        document = clauses.documents.get(label.partition("#")[0])
        name = document_label(document) if document else ""
        return Named(None, _NO_ARTICLE.format(name) if document else _NO_DOCUMENT)
    text = clean(label).text
    documents = list(_documents_named(text, clauses.documents))
    if not documents:
        return Named(None, _NO_DOCUMENT)

    def title_en(clause_id: str) -> str | None:
        rendition = clauses.rendition(clause_id)
        return rendition.title_en if rendition else None

    chosen = {document.id: document for document in documents}
    placed = _placed(text, documents)
    if placed:
        return _one(placed)
    within = NUMBER_EN.sub(" ", NUMBER.sub(" ", TITLE.sub(" ", text)))
    names = " or ".join(document_label(document) for document in documents)
    if placed is not None:
        return Named(None, _NO_ARTICLE.format(names))
    references = find_references(label, chosen, dict.fromkeys(chosen, NUMBERED), title_en)
    if not references:
        return Named(None, f"The label names {names}, but none of its articles.")
    found = [
        reference.clause_id
        for reference in references
        if reference.clause_id and _is_at(reference, clauses.clause(reference.clause_id), within)
    ]
    if not found:
        return Named(None, _NO_ARTICLE.format(names))
    return _one(found)


def _placed(label: str, documents: Sequence[Document]) -> list[str] | None:
    """The clauses of documents without articles at a place given as their headings are written.

    Only where the label has nothing else behind the document's number or title; else None.
    """
    ends = [match.end() for each in (TITLE, NUMBER, NUMBER_EN) for match in each.finditer(label)]
    behind = label[max(ends, default=len(label)) :]
    place = _PLACE.fullmatch(behind)
    if place is None:
        place = _PLACE_EN.search(label)
        before = label[: place.start()] if place else ""
        if place is None or _STATED.search(before):
            return None
    named = place.groupdict()
    numerals = [named["part"] or named.get("headed"), named["section"], named["item"]]
    path = [_number(numeral) for numeral in numerals if numeral]
    found: list[str] = []
    loose: list[str] = []
    for clause in (each for document in documents for each in document.clauses):
        own = _path_of(clause)
        if re.search(r"条|附", clause.path):
            continue
        if own == path:
            found.append(clause.id)
        elif named["item"] and not named["section"] and len(own) > 1 and own[:1] + own[-1:] == path:
            loose.append(clause.id)
    return found or loose


def _path_of(clause: Clause) -> list[int]:
    """The numbers from the top of a document to a clause, those of its markers that have one."""
    markers = (re.sub(r"[()第条]|~.*", "", marker) for marker in clause.path.split("/"))
    return [number for marker in markers if (number := read_numeral(marker))]


def _number(numeral: str) -> int:
    lower = numeral.lower()
    return _ROMAN.index(lower) + 1 if lower in _ROMAN else read_numeral(lower) or 0


def _one(found: Sequence[str]) -> Named:
    ids = tuple(dict.fromkeys(found))
    if len(ids) == 1:
        return Named(ids[0])
    return Named(None, f"The label fits {len(ids)} articles; give the clause id of one.", ids)


@lru_cache(maxsize=100_000)  # The labels of an index are compared with every citation.
def _words_of(label: str) -> str:
    return " ".join(re.findall(r"\w+", comparable(label)))


def _documents_named(text: str, documents: Mapping[str, Document]) -> Iterator[Document]:
    """The documents whose number or title the label states, or which its words point to alone."""
    numbers = [*NUMBER.finditer(text), *NUMBER_EN.finditer(text)]
    titles = [bare(title) for title in TITLE.findall(text)]
    if numbers:
        for document in documents.values():
            if any(is_number(match, document) for match in numbers):
                yield document
    elif titles:
        exact = [d for d in documents.values() if bare(clean(d.title).text) in titles]
        yield from exact or (d for d in documents.values() if is_titled(d, titles))
    else:
        written = [d for d in documents.values() if d.number and clean(d.number).text in text]
        scores = link_documents(text, documents)
        least = max(max(scores.values(), default=0.0) - ALIKE, NAMES)
        linked = (documents[key] for key, score in scores.items() if score >= least)
        # A short name says nothing of the place that a document is of: national law alone.
        short = (documents[key] for key in named_in_short(text, documents))
        yield from written or list(linked) or [each for each in short if not each.region]


def is_number(match: re.Match[str], document: Document) -> bool:
    """Whether a number found in a label is the document's, issuer, year and number."""
    own = re.match(r"(.+)〔(\d{4})〕(\d+)号", document.number or "")
    if own is None:
        return False
    if match.re is NUMBER:
        return match.group(2, 3) == own.group(2, 3) and match[1].endswith(own[1])
    before = match.string[: match.start()]
    issuer = re.sub(r"[^a-z]", "", document_label_en(document).partition("[")[0].lower())
    said = re.sub(r"[^a-z]", "", before.lower())
    right = said.endswith(issuer) or _UNNAMED.search(before) is not None
    return right and match.group(1, 2) == own.group(2, 3)


def _is_at(reference: Reference, clause: Clause, within: str) -> bool:
    """Whether the clause stands where the label says, part and all."""
    if reference.article == clause.path:
        return True  # named by its heading
    stated = [int(number) for number in reference.article.partition("-")[0].split("/")]
    path = _path_of(clause)
    if len(stated) == 1:
        part_alone = {match.lastgroup for match in _UNIT.finditer(within)} == {"part"}
        return not part_alone or path == stated
    rest = iter(path)
    return all(number in rest for number in stated)


def check_statement(
    statement: str, clause_id: str, clauses: Clauses, second: Second | None = None
) -> tuple[Verdict, tuple[str, ...]]:
    """Whether an article says what is stated, with the reasons."""
    clause, rendition = clauses.clause(clause_id), clauses.rendition(clause_id)
    if is_quoted(statement, clause.text) or is_quoted(statement, clause.body):
        return "verbatim", ("These are the words of the Chinese source.",)
    if rendition and is_quoted(statement, rendition.text):
        made = "machine-made" if rendition.machine else "reviewed"
        return "verbatim", (
            f"These are the words of the {made} English rendition; the Chinese source counts.",
        )
    language = question_language(statement)
    read = read_clause(cast("ClauseIndex", clauses), clause_id, language)
    sentences = split_answer(statement.strip(QUOTATION), language) or [statement]
    # Of an overlong article what is likest to each sentence: in all of it any number stands.
    windows = [likest_window(each, read) for each in sentences]
    pairs = list(zip(sentences, windows, strict=True))
    results = [check_sentence(each, window, language) for each, window in pairs]
    if second is not None:
        results = [
            second(found, each, window, language)
            for found, (each, window) in zip(results, pairs, strict=True)
        ]
    verdicts = {each.verdict for each in results}
    order: tuple[Verdict, ...] = ("not_found_in_article", "numbers_differ", "supported")
    # Several sentences that are each verbatim do not stand in the article as one.
    worst: Verdict = next((verdict for verdict in order if verdict in verdicts), "supported")
    telling = [each for each in results if each.verdict == worst] or results
    reasons = (reason for each in telling for reason in each.reasons)
    return worst, tuple(dict.fromkeys(reasons))
