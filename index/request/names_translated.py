"""Documents without an English title that an English question names by what the title means.

`the National Flag Law` is 国旗法 where the dictionary has 国旗 for national flag. Words are looked
up through a function that the caller gives; no official name is known here.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from index.documents.model import Document
from index.request.documents_known import clean_title
from index.request.held_documents import HeldDocuments
from index.text.tokens import tokenise_chinese
from index.text.written import YEAR

Words = Sequence[Sequence[str]]
"""The Chinese words that one English term may stand for, each as its tokens."""
Alternatives = Callable[[str], Sequence[Words]]

_KINDS = {
    "law": ("法",),
    "regulation": ("条例", "规定", "办法"),
    "provision": ("规定", "办法"),
    "measure": ("办法", "措施的通知"),
    "rule": ("规定", "规则", "办法", "细则"),
    "opinion": ("意见", "意见的通知"),
    "notice": ("通知",),
    "circular": ("通知",),
    "plan": ("方案", "计划", "规划", "方案的通知", "计划的通知", "规划的通知"),
    "letter": ("函",),
    "reply": ("批复", "复函"),
    "decision": ("决定",),
}
# A name goes from an article or a preposition to the word for the kind, or on behind it.
_NAME = re.compile(
    r"(?P<before>(?:[\w'’,-]+\s+){0,8}?)"
    rf"\b(?P<kind>{'|'.join(_KINDS)})s?\b"
    r"(?P<after>\s+(?:on|for|of|concerning|regarding|to)\s+(?:(?:the|a|an)\s+)?"
    r"(?:[\w'’-]+(?:\s+|$|(?=[?.,;]))){1,6})?",
    re.IGNORECASE,
)
# Words of a question that are of no English name, however it is written.
NO_NAME = frozenset({
    "article", "articles", "clause", "clauses", "item", "items", "task", "tasks", "provision",
    "provisions", "penalty", "the", "under", "in", "for", "to", "by", "from", "according", "across",
    "does", "do", "is", "are", "can", "may", "must", "if", "when", "both", "which", "what", "who",
    "where", "how", "many", "china's", "china’s", "chinese", "prc",
})  # fmt: skip
_WORD = re.compile(r"[\w'’-]+")
_COUNTRY = re.compile("中华人民共和国|国务院办公厅|国务院|关于|印发|若干|实施|指导|《|》")
# The words of a law's name that must be in the question; of other titles one that no other has.
LAW = 1.0


@dataclass(frozen=True)
class Translated:
    """A document, and the words of the question that name it."""

    document_id: str
    text: str


def named_in_translation(
    question: str, documents: Mapping[str, Document], alternatives: Alternatives
) -> list[Translated]:
    """The documents that an English question names by the meaning of their Chinese titles.

    A law is named by all words of its name before Law; another document by its kind, its year if
    one is told, and words that the title of no other such document has.
    """
    held = HeldDocuments.of(documents)
    found: list[Translated] = []
    for match in _NAME.finditer(question):
        kind = match["kind"].lower()
        before = _behind_no_name(match["before"])
        begin = match.start() + len(match["before"]) - len(before)
        text = question[begin : match.end()].strip()
        for phrase in (before, match["after"] or ""):
            keys = _meant(kind, phrase, f"{before} {match['after'] or ''}", held, alternatives)
            if len(keys) == 1:
                end = match.end() if phrase is not before else match.end("kind")
                name = question[begin:end].strip() if phrase is before else text
                found.append(Translated(keys[0], re.sub(r"^the\s+", "", name, flags=re.I)))
                break
    return found


def _behind_no_name(words: str) -> str:
    """What stands behind the last word that is of no name."""
    ends = [each.end() for each in _WORD.finditer(words) if each[0].lower() in NO_NAME]
    return words[ends[-1] :] if ends else words


def _meant(
    kind: str,
    phrase: str,
    whole: str,
    held: HeldDocuments,
    alternatives: Alternatives,
) -> list[str]:
    """The documents of a kind that a phrase means, the best alone."""
    years = set(YEAR.findall(whole))
    rest = YEAR.sub(" ", phrase).strip(" ,")
    if not rest:
        return []
    either = {token for words in alternatives(rest) for word in words for token in word}
    either |= {"".join(word) for words in alternatives(rest) for word in words}
    known = held.known(_Titles)
    words: dict[int, set[str]] = defaultdict(set)
    score = np.zeros(len(held.all))
    # Added up in one order, for equal titles to have equal scores.
    for token in sorted(either & known.with_token.keys()):
        own = held.among(known.with_token[token])
        score[own] += 1 / max(len(own), 1)
        for place in own.tolist():
            words[place].add(token)
    best: list[int] = []
    for place in sorted(words, key=lambda each: (-score[each], each)):
        if best and score[place] < score[best[0]]:
            break
        document = held.all[place]
        if not known.titles[place].endswith(_KINDS[kind]):
            continue
        if years and not years & set(_years(document)):
            continue
        if kind != "law" or _covers(clean_title(document.title).strip("《》"), words[place]):
            best.append(place)
    return [held.all[place].id for place in best]


def _covers(title: str, held: set[str]) -> bool:
    """Whether the words found make up the whole name of a law."""
    name = re.sub(r"\([^()]*\)$|法$", "", _COUNTRY.sub("", title))
    for token in sorted(held, key=len, reverse=True):
        name = name.replace(token, "")
    return not name


def _years(document: Document) -> Iterator[str]:
    for text in (document.number or "", document.issued_on or "", document.title):
        yield from re.findall(r"(?:19|20)\d{2}", text)


class _Titles:
    """Documents without an English title, by the search words that say what they are about."""

    def __init__(self, documents: Sequence[Document]) -> None:
        with_token: dict[str, list[int]] = defaultdict(list)
        self.titles = [""] * len(documents)
        for place, document in enumerate(documents):
            if not document.title_en:
                self.titles[place], own = _read(document.title)
                for token in own:
                    with_token[token].append(place)
        self.with_token = {key: np.array(own, np.int32) for key, own in with_token.items()}


@lru_cache(maxsize=1 << 18)
def _read(title: str) -> tuple[str, frozenset[str]]:
    """A title without what stands in brackets at its end, and its search words."""
    text = clean_title(title)
    tokens = tokenise_chinese(_COUNTRY.sub(" ", text))
    ending = re.sub(r"\([^()]*\)$", "", text.strip("《》"))
    return ending, frozenset(token for token in tokens if len(token) > 1)
