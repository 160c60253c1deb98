"""Hybrid search: the clauses of an index that a question may be answered from.

Fuses dense search over Chinese passages and English renditions, BM25 in both languages, and what
the question names outright (articles, documents, places). It judges no clause by reading it.
"""

from __future__ import annotations

import re
import time
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import fmean

from index.documents.model import Hit
from index.request.documents_named import without_names
from index.request.model import Request
from index.search.asked import without_common
from index.search.reorder import DEPTH, NAMED, reordered
from index.search.store import ClauseIndex
from index.text.language import question_language
from index.text.repair import clean
from index.text.tokens import tokenise_chinese, tokenise_english

# Weights of the rankings in the fusion, by language of the question.
WEIGHTS: Mapping[str, Mapping[str, float]] = {
    "zh": {"zh": 1.0, "bm25-zh": 0.7, "en": 0.3},
    "en": {"zh": 1.5, "en": 1.0, "en-sentence": 0.5, "bm25-en": 1.5, "bm25-zh": 0.75},
}
# What a search is made of: the rankings, the documents and articles that a question names, the
# lower rank of front matter, and the order by the words that the first of them hold.
WORDS_HELD = "words held"
INGREDIENTS = (
    *("zh", "bm25-zh", "en", "en-sentence", "bm25-en"),
    *("documents", "references", "front matter", WORDS_HELD),
)
RANK_CONSTANT = 8.0
RANKED = 50
# Weight of the second search, for what is asked within the documents that the question names.
WITHIN = 1.0
# How deep the rankings go from which it is told what English scores beside Chinese.
DEEP = 2000
# Of front matter, which holds the title, so that whatever names a document finds it.
FRONT_MATTER = 0.6
_LATIN = re.compile(r"[A-Za-z][A-Za-z&'-]*(?:\s+[A-Za-z][A-Za-z&'-]*)*")


@dataclass(frozen=True)
class SearchResult:
    """What a question found, best first, and the seconds it took.

    `likely` tells by their ids how likely they give what is asked by the words that they hold, 0 to
    1, of those of which that is known (index/search/reorder.py).
    """

    hits: tuple[Hit, ...]
    seconds: float
    likely: Mapping[str, float] = field(default_factory=dict)


def search(
    index: ClauseIndex,
    request: Request,
    k: int = 10,
    within: Collection[str] | None = None,
    without: Collection[str] = (),
) -> SearchResult:
    """The `k` clauses of `index` most likely to answer a question, best first.

    `within` keeps to the documents of these ids, of those that the index is limited to. `without`
    leaves out INGREDIENTS, to measure what they bring.

    Scores are sums of reciprocal ranks (Cormack et al. 2009), 1.0 at most for each weight; a
    clause that the question names by its number comes first with the score 10.
    """
    started = time.perf_counter()
    if request.searched is None:
        return SearchResult((), 0.0)
    question, language = request.searched.text, request.searched.language
    fused = _Fused(index, WEIGHTS[language], without)
    fused.add(_rankings(index, question, language, within), 1.0)
    strongest = max(request.linked.values(), default=0.0)
    if strongest and "documents" not in without:
        chosen = {key for key, score in request.linked.items() if score >= strongest - 0.5}
        asked = without_names(question, [index.documents[key] for key in chosen])
        if len(asked) > 1:
            fused.add(_rankings(index, asked, language, chosen), WITHIN)
    if request.spoken and "documents" not in without:
        fused.add(_rankings(index, question, language, request.spoken), WITHIN)
    same = question_language(request.beside) == language
    if request.beside and same and request.meant and "documents" not in without:
        meant = [document.id for document in request.meant]
        fused.add(_rankings(index, request.beside, language, meant), WITHIN)
    if not request.searched.front and "front matter" not in without:
        fused.multiply(FRONT_MATTER, index.is_front)
    if "references" not in without:
        fused.put_first(map(index.row, set(request.articles)))
    if within is not None:
        fused.keep(lambda row: index.document_of(row).id in within)
        if not request.searched.front:
            # Within one document nothing tells its title from its matter but this.
            fused.keep(lambda row: not index.is_front(row), unless_all=True)
    found, likely = fused.best(max(k, DEPTH)), dict[str, float]()
    if WORDS_HELD not in without:
        found, likely = reordered(index, request.searched.content, found, request.spoken)
    return SearchResult(found[:k], time.perf_counter() - started, likely)


class _Fused:
    """Rankings of clauses, by their rows in the index, on the way to becoming one."""

    def __init__(
        self, index: ClauseIndex, weights: Mapping[str, float], without: Collection[str]
    ) -> None:
        self._index, self._weights, self._without = index, weights, without
        self._scores: dict[int, float] = defaultdict(float)
        self._found_by: dict[int, list[tuple[int, str]]] = defaultdict(list)

    def add(self, rankings: Mapping[str, Sequence[tuple[int, float]]], share: float) -> None:
        """Add rankings that count for a share of their weights."""
        for name, ranking in rankings.items():
            if name in self._without:
                continue
            weight = share * self._weights[name]
            for rank, (row, _) in enumerate(ranking[:RANKED]):
                self._scores[row] += weight * RANK_CONSTANT / (RANK_CONSTANT + rank)
                self._found_by[row].append((rank, name))

    def multiply(self, factor: float, holds: Callable[[int], bool]) -> None:
        """Change the scores of the clauses of which something holds."""
        for row in self._scores:
            if holds(row):
                self._scores[row] *= factor

    def put_first(self, rows: Iterable[int]) -> None:
        """Put clauses before all others, in the order of their scores."""
        for row in rows:
            self._scores[row] = 10.0 + self._scores[row] / 100
            self._found_by[row].insert(0, (-1, NAMED))

    def keep(self, holds: Callable[[int], bool], *, unless_all: bool = False) -> None:
        """Leave out the clauses of which something does not hold, unless that were all of them."""
        kept = {row: score for row, score in self._scores.items() if holds(row)}
        if kept or not unless_all:
            self._scores = defaultdict(float, kept)

    def best(self, k: int) -> tuple[Hit, ...]:
        """The first of them."""
        rows = sorted(self._scores, key=lambda row: (-self._scores[row], row))[:k]
        return tuple(
            Hit(
                self._index.clauses[row].id,
                round(self._scores[row], 4),
                tuple(dict.fromkeys(name for _, name in sorted(self._found_by[row]))),
            )
            for row in rows
        )


def _rankings(
    index: ClauseIndex, question: str, language: str, within: Collection[str] | None = None
) -> dict[str, Sequence[tuple[int, float]]]:
    """Every ranking that has a weight in this language, as (clause row, score) best first.

    `within` are the ids of the documents to search, None for all.
    """
    weights = WEIGHTS[language]
    asked = clean(question).text if language == "zh" else question
    kinds = [kind for kind in ("zh", "en", "en-sentence") if kind in weights]
    vectors = without_common(index.encode_queries([asked]), language, index.encoder_digest)
    rankings: dict[str, Sequence[tuple[int, float]]] = dict(
        index.dense_search(vectors, kinds, RANKED if language == "zh" else DEEP, within)[0]
    )
    if language == "zh":
        words = [[[token]] for token in tokenise_chinese(asked)]
        # English terms in a Chinese question: e-CNY 试点.
        for term in _LATIN.findall(asked):
            words += index.lexicon.alternatives(term)
        rankings["bm25-zh"] = index.search_words(words, RANKED, within)
    else:
        rankings["bm25-zh"] = index.search_words(index.lexicon.alternatives(question), DEEP, within)
    if "bm25-en" in weights:
        rankings["bm25-en"] = index.lexical_search(tokenise_english(question), "en", DEEP, within)
    return rankings if language == "zh" else _with_untranslated(index, rankings)


def _with_untranslated(
    index: ClauseIndex, rankings: Mapping[str, Sequence[tuple[int, float]]]
) -> dict[str, Sequence[tuple[int, float]]]:
    """The rankings of English with the clauses that have none, each where its Chinese puts it.

    Among the few that have English any would be first, whatever is asked. What the English of a
    clause scores more than its Chinese is told by the clauses that have both.
    """
    joined = dict(rankings)
    for kind, chinese, scaled in (
        ("en", "zh", False), ("en-sentence", "zh", False), ("bm25-en", "bm25-zh", True),
    ):  # fmt: skip
        known = dict(rankings[chinese])
        both = [(score, known[row]) for row, score in rankings[kind] if row in known]
        english, own = (fmean(column) for column in zip(*both, strict=True)) if both else (1.0, 1.0)
        added = [
            (row, score * english / own if scaled else score + english - own)
            for row, score in rankings[chinese]
            if not index.has_english(row)
        ]
        if added:
            joined[kind] = sorted([*rankings[kind], *added], key=lambda pair: -pair[1])
    return joined
