"""What a question for a list is about, as words that the documents may use for it.

An English word stands for itself where the documents have English, and else for the Chinese words
that the dictionary and the glossary give. It lists nothing and asks no model.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import prompts
from index.documents.model import Clause, Document
from index.documents.parse import END, FRONT
from index.request.names_translated import named_in_translation
from index.request.subject import (
    quoted_terms,
    subject_pieces,
    subject_terms,
    without_documents,
)
from index.text.repair import clean
from index.text.tokens import cut_chinese, rarity, tokenise_english
from index.text.written import HAN, SENTENCE_END
from rag.answer.running import Running

_ASKING = Path(prompts.__file__).with_name("rules") / "list-words.json"
# A word in more of the clauses than this tells them apart no more, if there are others.
COMMON = 0.6
# Characters of a Chinese word at least that an English one may stand for.
SHORTEST = 2
# Of so few articles nearly all may be asked for.
FEW = 10
# How strongly a document must be pointed to that is not named, and hits that must be in it.
ALLUDED, FOUND = 1.0, 3
# A law by its name: where none that is held has it, others have nothing to do with it.
_LAW = re.compile(
    r"(?<![有些个份类各部办方])(?:法|条例)(?:里|中|当中|内|总共|一共|共有|有[几多]|第|要求|规定|对)|"
    r"\b(?!The\b|Which\b|What\b|Each\b|Every\b)[A-Z][\w-]+\s+(?:[Ll]aw|Act)\b"
)
# A word in more titles names none of them; the one named must have so many times the words of the
# next; characters of a title between those of a short form.
RARE, CLEARLY, NEAR = 3, 2.0, 3
# Of more documents a title is not looked for by short forms, which is one comparison for each.
MOST_TITLES = 500
# Documents are asked for, so none is meant.
_DOCUMENTS = re.compile(
    r"(?:哪|几|多少)[一几些]{0,2}[个份部]?(?:文件|法律|法规|政策|方案|规划|计划|意见|条例|办法)"
)
_WORD = re.compile(r"[A-Za-z][\w'’-]*")
_JOINT = re.compile(r"\s(?:and|or|of|for|in|on|with|to)\s|[,;]")
# Characters of a name at least, which may be looked for alone; a shorter one must be so rare in
# common use. Words that are commoner than the rarest by so much say little beside it.
NAME = {"zh": 4, "en": 10}
RARE_NAME, RARER = 11.0, 2.5
# Words that may stand between those of an English term whose words are turned round.
TURNED = 2
# Words of a Chinese term that so many of the clauses have say little beside the others: 服务.
PLAIN = 0.3


@dataclass(frozen=True)
class Extent:
    """What is looked through: the clauses, and the documents they are of.

    `unnamed`: the question names no document that is held.
    """

    documents: tuple[Document, ...]
    clauses: tuple[Clause, ...]
    unnamed: bool = False

    @property
    def articles(self) -> tuple[Clause, ...]:
        """The clauses that are neither the head nor the end of a document, if there are others."""
        own = (each for each in self.clauses if each.path.rsplit("/", 1)[-1] not in (FRONT, END))
        return tuple(own) if len(self.clauses) > 1 else self.clauses


@dataclass(frozen=True)
class Term:
    """Something asked about, as it was asked, and the words that documents may have for it."""

    label: str
    forms: tuple[str, ...]

    def stands(self, text: str) -> bool:
        """Whether one of the words stands in a text."""
        lower = text.lower()
        return any(form.lower() in lower for form in self.forms)


class InflectedTerm:
    """Whether the words of an English term stand near each other in a text, inflected or turned.

    "cross-border flow of data" for "cross-border data flows", livestream for livestreaming.
    """

    def __init__(self, term: Term) -> None:
        """`term` in English."""
        self._words = frozenset(tokenise_english(term.label))

    def holds(self, text: str) -> bool:
        """Whether all of the words stand within a few more words than there are."""
        # Stems are beginnings of words, mostly: what has none of one is not cut into words.
        lower = text.lower() + text.lower().replace("-", "")
        if not all(word[:-1] in lower for word in self._words):
            return False
        last: dict[str, int] = {}
        for at, word in enumerate(tokenise_english(text)):
            if word in self._words:
                last[word] = at
                all_known = len(last) == len(self._words)
                if all_known and at - min(last.values()) < len(last) + TURNED:
                    return True
        return False


class Nearness:
    """Whether what sets a term apart stands in one sentence of a text, in whatever order.

    家政 for 家政服务, "protecting personal information" for "personal information protection": of
    Chinese words not those that many of the texts have, and of a term with a Latin name that alone.
    """

    def __init__(self, term: Term, texts: Sequence[str]) -> None:
        """`texts` are those looked through."""
        self._han = HAN.search(term.label) is not None
        if not self._han:
            self._words = frozenset(tokenise_english(term.label))
            return
        words = [word.lower() for word in cut_chinese(term.label) if word.strip()]
        names = [word for word in words if word.isascii() and word.isalpha()]
        rare = [word for word in words if _share(Term(word, (word,)), texts) <= PLAIN]
        self._words = frozenset(names or rare or words)

    def holds(self, text: str) -> bool:
        """Whether a sentence of the text has all of the words."""
        lower = text.lower()
        # Stems are beginnings of words, mostly: what has none of one is not cut into words.
        if not all((word if self._han else word[:-1]) in lower for word in self._words):
            return False
        sentences = [each for line in lower.splitlines() for each in SENTENCE_END.split(line)]
        if self._han:
            return any(all(word in each for word in self._words) for each in sentences)
        return any(self._words <= set(tokenise_english(each)) for each in sentences)


def extent_of(running: Running) -> Extent:
    """The chapter or documents that are asked about; all that are held where none is named."""
    request = running.request
    if request.chapter:
        return Extent((request.chapter.document,), request.chapter.clauses)
    named = running.held(request.meant)
    if len(named) > 1 and not request.sides:
        # Several may be meant for their year alone, and the title of one tell it.
        named = _by_title(running, named) or named
    named = named or _alluded(running) or _by_title(running)
    meant = named or list(running.index.documents.values())
    clauses = tuple(clause for each in meant for clause in each.clauses)
    return Extent(tuple(meant), clauses, unnamed=not named)


def _alluded(running: Running) -> list[Document]:
    """The document that the question alludes to, where what is found is all in it.

    The question has words of its title, or words that no other document has.
    """
    linked = sorted(running.request.linked.items(), key=lambda each: -each[1])
    first = {hit.clause_id.partition("#")[0] for hit in running.found.hits[:FOUND]}
    if len(first) != 1:
        return []
    (only,) = first
    titled = bool(linked) and linked[0][0] == only and linked[0][1] >= ALLUDED
    others = max((score for key, score in linked if key != only), default=0.0)
    if (titled and others * 2 < ALLUDED) or _has_words_of(running, only):
        return running.held([running.index.documents[only]])
    return []


def _by_title(running: Running, among: Sequence[Document] = ()) -> list[Document]:
    """The one document whose title alone has a word of the question, or more words than others.

    Short forms count, as their characters stand in the title in turn: 农机 for 农业机械化. An
    English word has its Chinese ones. Bodies are in the titles of documents that say nothing of it.
    """
    asked = running.request.answered.text
    documents = among or list(running.index.documents.values())
    if not 2 <= len(documents) <= MOST_TITLES or _DOCUMENTS.search(asked) or _LAW.search(asked):
        return []
    titles = {each.id: _issued_by_none(clean(each.title).text) for each in documents}
    if running.language == "zh":
        _, rest = running.index.facts.bodies_in(clean(asked).text)
        words = [[word] for piece in framed_out(rest) for word in cut_chinese(piece)]
    else:
        words = [["".join(form) for form in each] for each in running.index.alternatives(asked)]
    weights: dict[str, float] = {}
    for forms in words:
        either = [form for form in forms if len(form) >= SHORTEST and not form.isdigit()]
        titled = [key for key, title in titles.items() if any(_in_turn(f, title) for f in either)]
        for key in titled if len(titled) <= RARE else ():
            weights[key] = weights.get(key, 0.0) + 1 / len(titled)
    ranked = sorted(weights.items(), key=lambda each: -each[1])
    if not ranked or ranked[0][1] < 1:
        return []
    clear = len(ranked) == 1 or ranked[0][1] >= CLEARLY * ranked[1][1]
    return [running.index.documents[ranked[0][0]]] if clear else []


def _issued_by_none(title: str) -> str:
    """A title without who issued it: 国务院关于."""
    return title.partition("关于")[2] or title


def _in_turn(word: str, title: str) -> bool:
    """Whether a title has the characters of a word in turn, not far from each other."""
    near = f".{{0,{NEAR}}}"
    return re.search(near.join(map(re.escape, word)), title) is not None


def _has_words_of(running: Running, only: str) -> bool:
    """Whether a Chinese question has a word, not of a body, that stands in this document alone."""
    asked = running.request.answered.text
    if running.language == "en" or len(running.index.documents) < 2:
        return False
    texts: dict[str, str] = {}
    for clause in running.index.clauses:
        texts[clause.document_id] = texts.get(clause.document_id, "") + clause.body
    own = texts.pop(only, "")
    bodies = running.index.facts.bodies_named(asked)
    terms = subject_terms(asked, "zh", lambda term: term in own)
    return any(
        len(term) > SHORTEST
        and not term.isascii()
        and not any(term in body or body in term for body in bodies)
        and not any(term in text for text in texts.values())
        for term in terms
    )


def asked_within(running: Running, extent: Extent) -> str:
    """The question without the names of the documents that it is asked of."""
    return without_documents(without_translated(running, extent), extent.documents)


def without_translated(running: Running, extent: Extent) -> str:
    """An English question without names that tell what the title of a document means."""
    text = running.request.answered.text
    if running.language == "en":
        own = {each.id: each for each in extent.documents}
        for name in named_in_translation(text, own, running.index.alternatives):
            text = text.replace(name.text, " ")
    return text


def text_of(running: Running, clause: Clause) -> str:
    """All that a clause says, in both languages."""
    rendition = running.index.rendition(clause.id)
    return f"{clause.body}\n{rendition.text if rendition else ''}"


def terms_asked(running: Running, extent: Extent) -> list[Term]:
    """What the question is about, of what stands in the extent; none where most of it does not.

    Words that most clauses have are left out where there are others.
    """
    texts = [text_of(running, clause) for clause in extent.articles]
    asked = asked_within(running, extent)
    rendered = any(running.index.rendition(clause.id) for clause in extent.clauses)
    quoted = quoted_terms(asked)
    if running.language == "en" and not rendered:
        found = _translated(running, quoted or subject_pieces(asked, "en"), texts)
    else:
        every = subject_terms(asked, running.language, lambda term: _any(term, texts))
        whole = running.language == "zh" or bool(quoted)
        headless = frozenset() if whole else _without_head(every, asked)
        found = [Term(term, (term,)) for term in every if term not in headless]
    found = [term for term in found if quoted or term.label.lower() not in _asking()]
    rare = [term for term in found if _share(term, texts) <= COMMON]
    if not rare and not quoted and len(texts) > FEW:
        return []  # Nearly all of the articles are no answer.
    return found if quoted or not rare else rare


@cache
def _asking() -> frozenset[str]:
    """Words of questions for lists that are no matter of documents: numbers, statutes."""
    words: Mapping[str, Sequence[str]] = json.loads(_ASKING.read_text(encoding="utf-8"))
    return frozenset(words["zh"]) | frozenset(words["en"])


def _without_head(terms: Sequence[str], asked: str) -> frozenset[str]:
    """Of English terms those that only qualify something that does not stand: digital of yuan."""
    known = {word.lower() for term in terms for word in _WORD.findall(term)}
    found = set()
    for piece in _JOINT.split(" , ".join(subject_pieces(asked, "en"))):
        words = _WORD.findall(piece)
        if words and words[-1].lower() not in known:
            found |= {term for term in terms if term.lower() in piece.lower()}
    return frozenset(found)


def holding(running: Running, extent: Extent, terms: Sequence[Term]) -> list[Clause]:
    """The articles of the extent that have all of the terms."""
    texts = {clause.id: text_of(running, clause) for clause in extent.articles}
    found = [c for c in extent.articles if all(term.stands(texts[c.id]) for term in terms)]
    if running.language == "zh" or quoted_terms(running.request.asked.text) or not found:
        return found
    # The words stand there: what has them in another form speaks of the same.
    inflected = [InflectedTerm(term) for term in terms if not HAN.search(term.label)]
    if len(inflected) < len(terms):
        return found
    stands = {each.id for each in found}
    return [
        each for each in extent.articles
        if each.id in stands or all(term.holds(texts[each.id]) for term in inflected)
    ]  # fmt: skip


def standing(running: Running, extent: Extent, terms: Sequence[Term]) -> list[Term]:
    """Of the terms those that stand together in some article; none where too little is left.

    All of them, or of Chinese ones those that are not in common use (虹桥, not 研究), or one alone,
    which must be a name rather than a word.
    """
    if not terms:
        return []
    named = [term for term in terms[:1] if len(term.label) >= NAME[running.language]]
    choices: list[Sequence[Term]] = [terms, named]
    if running.language == "zh":
        known = {term.label: rarity(term.label) for term in terms}
        most = max(known.values())
        rarest = [term for term in terms if known[term.label] == most][:1]
        rare = [term for term in terms if known[term.label] > most - RARER]
        choices = [terms, rare, rarest if most >= RARE_NAME else named]
    texts = [text_of(running, clause) for clause in extent.articles]
    for some in choices:
        if some and any(all(term.stands(text) for term in some) for text in texts):
            return list(some)
    return []


def covered(running: Running, extent: Extent, terms: Sequence[Term]) -> bool:
    """Whether the terms are all that the question asks about, but for the words that frame it."""
    asked = asked_within(running, extent)
    pieces = subject_pieces(asked, running.language)
    for term in sorted(terms, key=lambda each: -len(each.label)):
        pieces = [each for piece in pieces for each in re.split(re.escape(term.label), piece)]
    if running.language == "zh":
        # Of what frames a question single characters are left: 里只.
        pieces = [word for piece in pieces for word in cut_chinese(piece)]
        return not any(len(word) >= SHORTEST for word in pieces)
    return not any(len(piece.strip()) > SHORTEST for piece in pieces)


def framed_out(asked: str) -> list[str]:
    """What a Chinese question is about: its pieces between the words that frame it."""
    return subject_pieces(asked, "zh")


def _translated(running: Running, pieces: Sequence[str], texts: Sequence[str]) -> list[Term]:
    """English pieces of a question by their Chinese words; none where most have none here."""
    found: list[Term] = []
    unknown = 0
    asking = "|".join(map(re.escape, _asking()))
    for piece in pieces:
        piece = re.sub(rf"(?i)\b(?:{asking})\b", " ", piece).strip()
        han = re.findall(r"[\u3400-\u9fff]{2,}", piece)
        known = {zh: [zh] for zh in han} or _in_chinese(running, piece)
        for zh in known.values():
            forms = tuple(form for form in zh if _any(form, texts))
            if forms:
                found.append(Term(piece, forms))
            else:
                unknown += 1
    return found if len(found) > unknown else []


def _in_chinese(running: Running, piece: str) -> dict[str, list[str]]:
    """For each term of an English piece its Chinese words of two characters or more."""
    words = running.index.alternatives(piece)
    either = ({"".join(word) for word in each} for each in words)
    return {
        str(at): sorted(form for form in forms if len(form) >= SHORTEST or form.isascii())
        for at, forms in enumerate(either)
    }


def _share(term: Term, texts: Sequence[str]) -> float:
    return sum(term.stands(text) for text in texts) / max(1, len(texts))


def _any(term: str, texts: Iterable[str]) -> bool:
    lower = term.lower()
    return any(lower in text.lower() for text in texts)
