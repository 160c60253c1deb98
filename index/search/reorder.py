"""The order of the clauses found, by what each of them holds of the question's own words.

Search ranks by vectors, and by words as they weigh in the whole index. Of the few that it puts
first the text itself is looked at here: which of the question's words and pairs of characters
stand in it, in one sentence or in its heading, and whether it has the kind of figure asked for. A
logistic regression weighs that; `python -m eval train --search` fits it. No vectors are made here,
and no language model reads.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from index.documents.model import Clause, Hit
from index.request.demand import shows
from index.request.wording import Wording
from index.text.held import pairs_of, shares
from index.text.repair import clean
from index.text.tokens import tokenise_chinese, tokenise_english

if TYPE_CHECKING:
    from index.search.store import ClauseIndex

# How many of the clauses found are looked at. The others stay behind them.
DEPTH = 20
WEIGHTS = "reorder.json"
# What found a clause that the question names by its number.
NAMED = "reference"
# What it adds to the log-odds of a clause that its document is the one spoken of.
SPOKEN = 2.0
_SENTENCE_ENDS = re.compile(r"[。；;!?！？\n]|\.\s")


@dataclass(frozen=True)
class _Text:
    """A clause in one language: what is looked at as a whole, its heading, its sentences."""

    language: str
    whole: str
    heading: str
    sentences: tuple[str, ...]


def reordered(
    index: ClauseIndex, asked: Wording, hits: Sequence[Hit], spoken: Collection[str] = ()
) -> tuple[tuple[Hit, ...], dict[str, float]]:
    """The clauses found, the likeliest first, and how likely the first `DEPTH` of them are.

    That is told by their ids, 0 to 1. Their scores are those of the places they come to, so that
    they fall as before. Those that an English question found without English keep their places, as
    little can be told of them by its words; so do those named by their numbers, which come first.
    Clauses of documents `spoken` of are the likelier for it, by `SPOKEN`.
    """
    places = [at for at, hit in enumerate(hits[:DEPTH]) if is_told(index, asked, hit)]
    own = [hits[at] for at in places]
    odds = log_odds(own_weights()[asked.language], signs_of(index, asked, own))
    odds = [
        each + SPOKEN * (hit.clause_id.partition("#")[0] in spoken)
        for hit, each in zip(own, odds, strict=True)
    ]
    likely = {
        hit.clause_id: round(1 / (1 + math.exp(-each)), 4)
        for hit, each in zip(own, odds, strict=True)
    }
    order = list(hits)
    own.sort(key=lambda hit: -likely[hit.clause_id])
    for at, hit in zip(places, own, strict=True):
        order[at] = replace(hit, score=hits[at].score)
    return tuple(order), likely | {h.clause_id: 1.0 for h in hits if NAMED in h.found_by}


def is_told(index: ClauseIndex, asked: Wording, hit: Hit) -> bool:
    """Whether the question's words tell something of a clause: both are in one language.

    Of one that is named by its number they need tell nothing.
    """
    if NAMED in hit.found_by:
        return False
    return asked.language == "zh" or index.rendition(hit.clause_id) is not None


@dataclass(frozen=True)
class Weights:
    """What is added, and the weight of each sign, for questions of one language."""

    bias: float
    weight: Mapping[str, float]


def log_odds(weights: Weights, signs: Sequence[Mapping[str, float]]) -> list[float]:
    """The log-odds that each of some clauses gives what is asked, by their signs."""
    return [
        weights.bias + sum(weights.weight[name] * value for name, value in each.items())
        for each in signs
    ]


@cache
def own_weights() -> Mapping[str, Weights]:
    """The weights that come with the program, by the language of the question."""
    told = json.loads(resources.files(__package__).joinpath(WEIGHTS).read_text(encoding="utf-8"))
    return {language: Weights(**told["weights"][language]) for language in ("zh", "en")}


def signs_of(index: ClauseIndex, asked: Wording, hits: Sequence[Hit]) -> list[dict[str, float]]:
    """What is weighed of each clause found, by name: its place, and how far behind the best it is.

    What they hold is set beside what the best of them holds, and rare is what few of them hold.
    """
    texts = [_text_of(index, index.clause(hit.clause_id), asked.language) for hit in hits]
    held: list[dict[str, float]] = [{} for _ in hits]
    for language in ("zh", "en"):
        own = [at for at, text in enumerate(texts) if text.language == language]
        for at, signs in zip(own, _held(index, asked, [texts[at] for at in own]), strict=True):
            held[at] = signs
    best = {name: max(each[name] for each in held) for name in held[0]} if held else {}
    first = max((hit.score for hit in hits), default=0.0) or 1.0
    return [
        {
            "score": hit.score / first,
            "place": math.log1p(place),
            "figure": float(any(shows(kind, texts[place].whole) for kind in asked.figures)),
            "sentences": math.log(max(1, len(texts[place].sentences))),
            **{name: value - best[name] for name, value in held[place].items()},
        }
        for place, hit in enumerate(hits)
    ]


def _text_of(index: ClauseIndex, clause: Clause, language: str) -> _Text:
    rendition = index.rendition(clause.id) if language == "en" else None
    document = index.documents[clause.document_id]
    if rendition is None:
        heading = "\n".join((document.title, *clause.heading_path)).lower()
        body = clause.body.lower()
        return _Text("zh", f"{heading}\n{body}", heading, tuple(_sentences(body)))
    heading = f"{document.title_en or ''}\n{rendition.title_en}".lower()
    sentences = tuple(each.en.lower() for each in rendition.sentences if each.en)
    return _Text("en", "\n".join((heading, *sentences)), heading, sentences)


def _sentences(body: str) -> Iterator[str]:
    return (part for part in _SENTENCE_ENDS.split(body) if part.strip())


def _held(index: ClauseIndex, asked: Wording, texts: Sequence[_Text]) -> list[dict[str, float]]:
    """What each of some texts of one language holds of the question, as shares of what all do."""
    if not texts:
        return []
    language = texts[0].language
    terms = _terms(index, asked, language)
    words = shares([_words_in(terms, text.whole, language) for text in texts])
    headed = shares([_words_in(terms, text.heading, language) for text in texts])
    known = len(set().union(*(_words_in(terms, text.whole, language) for text in texts))) or 1
    question = clean(asked.text).text.lower() if language == "zh" else asked.text.lower()
    asked_pairs = pairs_of(question, language)
    pairs = shares([asked_pairs & pairs_of(text.whole, language) for text in texts])
    return [
        {
            "words": words[at],
            "pairs": pairs[at],
            "heading": headed[at],
            "sentence": max(
                (len(_words_in(terms, each, language)) / known for each in text.sentences),
                default=0.0,
            ),
        }
        for at, text in enumerate(texts)
    ]


def _terms(index: ClauseIndex, asked: Wording, language: str) -> list[frozenset[str]]:
    """The question's words, each by all forms that may stand for it in a text of the language."""
    if language == "en":
        return [frozenset({stem}) for stem in dict.fromkeys(tokenise_english(asked.text))]
    if asked.language == "zh":
        cleaned = clean(asked.text).text
        return [frozenset({word}) for word in dict.fromkeys(tokenise_chinese(cleaned))]
    alternatives = index.lexicon.alternatives(asked.text)
    return [frozenset("".join(words) for words in term) for term in alternatives]


def _words_in(terms: Sequence[frozenset[str]], text: str, language: str) -> set[int]:
    """The places of the terms of which a form stands in the text."""
    if language == "zh":
        return {at for at, forms in enumerate(terms) if any(form in text for form in forms)}
    stems = set(tokenise_english(text))
    return {at for at, forms in enumerate(terms) if forms & stems}
