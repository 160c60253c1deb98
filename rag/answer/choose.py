"""Choosing among the clauses found the one that answers.

Reads one clause at a time with the language model's logits; nothing is generated here. Sources:
the unsupervised passage reranker of Sachan et al. 2022 (likelihood of the question given the
passage), a Yes-minus-No logit, and how likely the clause is by the words that it holds
(index/search/reorder.py), each in its usual spread.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from index.request.wording import Wording
from index.search.contents import is_front_matter
from index.search.search import SearchResult
from prompts import prompt
from rag.answer.decision import answers, leaning
from rag.answer.evidence import ReadClause
from rag.answer.probe import contained
from rag.answer.windows import fitting, room_for_question
from rag.llm.protocol import Generator
from rag.schema import Judgement, Language

CANDIDATES = {"zh": 6, "en": 8}
# A clause is read where it is so likely by the words that it holds; the `FIRST` always are.
LEAST_LIKELY = {"zh": 0.05, "en": 0.03}
# Nothing is less sure than so, either way.
LEAST = 0.001
# What the log-odds of that count beside what the model says, and for a summary, which no clause
# answers by likelihood.
ODDS_WEIGHT, SUMMARY_ODDS_WEIGHT = 0.2, 1.0
# The first candidate alone is judged first where its log-odds are so `FAR` before the second's,
# else the `FIRST` two. If the best is `SURE_BY_STATE`, or the first answers clearly, which is how
# good it must be and how far before the other (in the usual spreads of likelihood and logit among
# candidates, added), no more is read. Of the others the likelihoods are found; the best of them is
# judged too where it comes so `NEAR` to the best of all (docs/experiments/choosing.md).
FAR, NEAR, FIRST = 4.5, 1.0, 2
SURE_BY_STATE, CLEAR_YES, CLEAR = 1.5, 0.8, 3.0
LIKELIHOOD_SPREAD, YES_SPREAD = 0.37, 0.61
# How far behind the best (in its standardised score) another candidate may be in its place.
NEARLY = 2.0
# What front matter loses: it has the document's name, which questions name, and answers few.
FRONT_MATTER = 1.0


# A clause found, or a window of it, with its log-odds by search; and what tells it from others.
Candidate = tuple[ReadClause, float]
Key = tuple[str, int | None]


@dataclass(frozen=True)
class Choice:
    """A candidate with the model's judgement; `score` is comparable within one question only."""

    read: ReadClause
    judgement: Judgement
    score: float


class Chooser:
    """Chooses for one question; what was read for it once is not read again.

    `ranking` are the ids of the clauses that were read in the last choice, likeliest first.
    """

    def __init__(self, generator: Generator, content: Wording) -> None:
        """Nothing is read yet. `content` is what clauses are read for."""
        room = room_for_question(generator)
        self._reading = generator.reading(fitting(content.text, room, generator))
        # No clause answers "the gist of …" by likelihood: it is looked up.
        self._odds_weight = SUMMARY_ODDS_WEIGHT if content.summary else ODDS_WEIGHT
        self._asks_about, self._language = content.front, content.language
        self._likelihoods: dict[Key, float | None] = {}
        self._judged: dict[Key, Judgement] = {}
        self.ranking: tuple[str, ...] = ()

    def choose(
        self,
        candidates: Sequence[tuple[ReadClause, float]],
        thorough: bool = False,
        early: bool = False,
    ) -> list[Choice]:
        """The candidates that were judged, the likeliest answer first.

        They come with their log-odds by search, the best found first. Where one answers clearly
        the rest is not judged, unless `thorough`; with `early` not where the model's state tells
        that the best so far answers.
        """
        if thorough:
            self._judge(candidates)
            return self._sorted(candidates)
        for count in self._counts(candidates, early):
            read, others = candidates[:count], candidates[count:]
            self._judge(read)
            if (early and self._is_sure(read, others)) or self._answers(read, others):
                return self._sorted(read)
        self._measure(candidates)
        if None in self._likelihoods.values():
            # The model tells no likelihoods (servers do not): nothing says which others to judge.
            self._judge(candidates)
        else:
            self._judge(self._best_of_others(candidates))
        return self._sorted(candidates)

    def _counts(self, candidates: Sequence[Candidate], early: bool) -> Iterator[int]:
        """How many candidates are judged before it is looked whether one of them answers.

        Where some are in another language than the question there are many, and few were read
        before: all are judged two by two, where the model's states tell when to stop.
        """
        if _is_ahead(candidates):
            yield 1
        yield FIRST
        foreign = any(read.language != self._language for read, _ in candidates)
        if (
            early
            and foreign
            and all(contained(each.state) is not None for each in self._judged.values())
        ):
            yield from range(2 * FIRST, len(candidates) + FIRST, FIRST)

    def _is_sure(self, judged: Sequence[Candidate], others: Sequence[Candidate]) -> bool:
        """Whether the best of those judged answers by what the model's state tells of it."""
        scores = self._scores(judged, judged=True)
        best, _ = judged[max(range(len(judged)), key=scores.__getitem__)]
        contains = contained(self._judged[best.key].state)
        return contains is not None and contains >= SURE_BY_STATE and not _is_above(best, others)

    def _answers(self, first: Sequence[Candidate], others: Sequence[Candidate]) -> bool:
        """Whether the first of those judged answers clearly better than the others of them."""
        weighed = []
        for read, _ in first:
            judged = self._judged[read.key]
            if judged.likelihood is None or judged.yes is None:
                return False
            weighed.append(judged.likelihood / LIKELIHOOD_SPREAD + judged.yes / YES_SPREAD)
        if (self._judged[first[0][0].key].yes or 0.0) < CLEAR_YES:
            return False
        if _is_above(first[0][0], others):
            return False
        return all(weighed[0] - other >= CLEAR for other in weighed[1:])

    def _best_of_others(self, candidates: Sequence[Candidate]) -> list[Candidate]:
        """Of those not judged the best by likelihood, if it is near the best of all by that."""
        scores = self._scores(candidates, judged=False)
        others = [n for n, each in enumerate(candidates) if each[0].key not in self._judged]
        best = max(others, key=lambda place: scores[place], default=None)
        if best is None or scores[best] < max(scores) - NEAR:
            return []
        return [candidates[best]]

    def _sorted(self, candidates: Sequence[Candidate]) -> list[Choice]:
        scores = self._scores(candidates, judged=True)
        choices = [
            Choice(read, self._judged[read.key], score)
            for (read, _), score in zip(candidates, scores, strict=True)
            if read.key in self._judged
        ]
        choices.sort(key=lambda choice: -choice.score)
        left = [n for n, each in enumerate(candidates) if each[0].key not in self._judged]
        left.sort(key=lambda place: -scores[place])
        best = [choice.read.clause.id for choice in choices]
        best += [candidates[place][0].clause.id for place in left]
        self.ranking = tuple(dict.fromkeys(best))
        return choices

    def _scores(self, candidates: Sequence[Candidate], judged: bool) -> list[float]:
        """How likely each holds the answer, in spreads of what is known of the candidates.

        `judged`: by the judgements as well, of those that have one.
        """
        keys = [read.key for read, _ in candidates]
        yeses = [leaning(self._judged[key]) if key in self._judged else None for key in keys]
        return [
            (self._likelihoods[key] or 0.0) / LIKELIHOOD_SPREAD
            + ((yes or 0.0) / YES_SPREAD if judged else 0.0)
            + self._odds_weight * odds
            - FRONT_MATTER * (is_front_matter(read.clause, read.document) and not self._asks_about)
            for key, yes, (read, odds) in zip(keys, yeses, candidates, strict=True)
        ]

    def _measure(self, candidates: Sequence[Candidate]) -> None:
        """Find the likelihoods that are not known yet."""
        for system, _, reads in self._unread(candidates, self._likelihoods):
            likely = self._reading.likelihoods(system, [read.opening for read in reads])
            self._likelihoods |= zip((read.key for read in reads), likely, strict=True)

    def _judge(self, candidates: Sequence[Candidate]) -> None:
        """Judge those that are not judged yet."""
        for system, ask, reads in self._unread(candidates, self._judged):
            judged = self._reading.judgements(system, [read.opening for read in reads], ask)
            for read, judgement in zip(reads, judged, strict=True):
                self._judged[read.key] = judgement
                self._likelihoods[read.key] = judgement.likelihood

    def _unread(
        self, candidates: Sequence[Candidate], known: Collection[Key]
    ) -> Iterator[tuple[str, str, list[ReadClause]]]:
        """Those not in `known`, by the language they are read in, with its prompts."""
        fresh = [read for read, _ in candidates if read.key not in known]
        for language in dict.fromkeys(read.language for read in fresh):
            own = [read for read in fresh if read.language == language]
            yield prompt("clause-system", language), prompt("judge-ask", language), own


def _is_above(best: ReadClause, others: Sequence[Candidate]) -> bool:
    """Whether it opens a chapter that others stand in: then it has the words of what they say."""
    return any(read.clause.id.startswith(f"{best.clause.id}/") for read, _ in others)


def _is_ahead(candidates: Sequence[Candidate]) -> bool:
    """Whether the first was found far before the second. Front matter is found by every name."""
    if len(candidates) < 2:
        return True
    (front, first), (_, second), *_ = candidates
    return first - second >= FAR and not is_front_matter(front.clause, front.document)


def worth_reading(found: SearchResult, language: Language) -> list[str]:
    """The ids of the clauses found that are to be read for the question, at most `CANDIDATES`.

    What is not likely by its words is not: on documents not fitted on no right clause was less
    likely than `LEAST_LIKELY`, and half of the candidates were (docs/experiments/search.md).
    """
    return [
        hit.clause_id
        for place, hit in enumerate(found.hits[: CANDIDATES[language]])
        if place < FIRST or found.likely.get(hit.clause_id, 1.0) >= LEAST_LIKELY[language]
    ]


def odds_of(likely: float | None) -> float:
    """The log-odds of what is so likely; 0 where it is not known."""
    if likely is None:
        return 0.0
    likely = min(max(likely, LEAST), 1 - LEAST)
    return math.log(likely / (1 - likely))


def answering(
    choices: Sequence[Choice],
    asked: Wording,
    language: Language,
    compared: bool = False,
    draft: bool = False,
) -> Choice | None:
    """The candidate that is held to contain the answer, if any: the first that is likely enough.

    It is the best, or one nearly as good. `compared`: it was looked for in one document that the
    question names, and need only be near. `draft`: what is written from it is judged.
    """
    for choice in nearly_best(choices):
        if answers(asked, choice.read, choice.judgement, language, compared, draft):
            return choice
    return None


def nearly_best(choices: Sequence[Choice]) -> list[Choice]:
    """The choices that come near the best by score; front matter only where it is the best."""
    return [
        choice
        for place, choice in enumerate(choices)
        if choice.score >= choices[0].score - NEARLY
        and (place == 0 or not is_front_matter(choice.read.clause, choice.read.document))
    ]
