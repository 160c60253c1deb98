"""Choosing among the clauses found the one that answers.

Reads one clause at a time with the language model's logits; nothing is generated here. Sources:
the unsupervised passage reranker of Sachan et al. 2022 (likelihood of the question given the
passage), a Yes-minus-No logit, and the retrieval score, standardised among the candidates.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from index.places import both_scripts, names_of_region, places_named
from index.repair import clean
from index.schema import Document
from index.search import asks_about_document, is_front_matter
from prompts import prompt
from rag.demand import figures_asked, lacks, years_asked
from rag.generate import Generator
from rag.question import asks_for_summary, compares
from rag.read import ReadClause, standardised
from rag.schema import Judgement, Language

LIKELIHOOD_WEIGHT = 1.0
YES_WEIGHT = 1.0
RETRIEVAL_WEIGHT = 0.3
# Yes-minus-No logit of the best candidate below which the documents do not hold the answer. Where
# no figure is asked for, the answer is judged too (rag.verify) and more may come so far. Fitted on
# the development cases (LOG.md).
REFUSE_BELOW = {"zh": 0.25, "en": 0.1}
REFUSE_JUDGED_BELOW = {"zh": -0.1, "en": -0.2}
COMPARED = 1.5
# After how many candidates it is looked whether one answers clearly, and the others are left; after
# one already where that was found so far before the second (share of its score). Clear: how good
# the best must be, and how far before the others read (in the usual spreads among candidates,
# added): the first found among the first two, or any among more. What was found with less than
# `HALF` the score of the first is not read. On the development cases this spares more than half of
# what there is to read, and changes no choice (LOG.md).
STEPS, FAR, HALF = (2, 4, 6), 0.25, 0.5
CLEAR_YES, CLEAR, CLEAR_LATER = 0.8, 3.0, 2.0
LIKELIHOOD_SPREAD, YES_SPREAD = 0.37, 0.61
# How far behind the best (in its standardised score) another candidate may be in its place.
NEARLY = 2.0
# What front matter loses: it has the document's name, which questions name, and answers few.
FRONT_MATTER = 1.0
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d{2})(?!\d)")


@dataclass(frozen=True)
class Choice:
    """A candidate with the model's judgement; `score` is comparable within one question only."""

    read: ReadClause
    judgement: Judgement
    score: float


def choose(
    generator: Generator,
    question: str,
    candidates: Sequence[tuple[ReadClause, float]],
    thorough: bool = False,
) -> list[Choice]:
    """Judge the candidates, the best found first, and sort them, the likeliest answer first.

    Each comes with its retrieval score. Where one answers clearly better than the others read, or
    others were found far behind the first, the rest is not read, unless `thorough`.
    """
    judgements: list[Judgement] = []
    for until in _steps(candidates, thorough):
        reads = [read for read, _ in candidates[len(judgements) : until]]
        judgements += _judged(generator, question, reads)
        best = _clearly_best(judgements)
        if best is None:
            continue
        # The opening of a chapter has the words of what its articles say.
        parts = f"{candidates[best][0].clause.id}/"
        if not any(read.clause.id.startswith(parts) for read, _ in candidates[until:]):
            break
    candidates = candidates[: len(judgements)]
    likelihoods = standardised([judgement.likelihood for judgement in judgements])
    yeses = standardised([judgement.yes for judgement in judgements])
    retrievals = standardised([score for _, score in candidates])
    # No clause answers "the gist of …" by likelihood: it is looked up.
    retrieval_weight = 1.0 if asks_for_summary(question) else RETRIEVAL_WEIGHT
    choices = [
        Choice(
            read,
            judgement,
            LIKELIHOOD_WEIGHT * likelihood
            + YES_WEIGHT * yes
            + retrieval_weight * retrieval
            - FRONT_MATTER
            * (is_front_matter(read.clause, read.document) and not asks_about_document(question)),
        )
        for (read, _), judgement, likelihood, yes, retrieval in zip(
            candidates, judgements, likelihoods, yeses, retrievals, strict=True
        )
    ]
    return sorted(choices, key=lambda choice: -choice.score)


def _judged(generator: Generator, question: str, reads: Sequence[ReadClause]) -> list[Judgement]:
    """A judgement of each clause; those that are read in the same language in one go."""
    judged: dict[int, Judgement] = {}
    for language in dict.fromkeys(read.language for read in reads):
        places = [place for place, read in enumerate(reads) if read.language == language]
        texts = [reads[place].opening for place in places]
        system, ask = prompt("clause-system", language), prompt("judge-ask", language)
        judged |= zip(places, generator.judge_all(system, texts, question, ask), strict=True)
    return [judged[place] for place in range(len(reads))]


def _steps(candidates: Sequence[tuple[ReadClause, float]], thorough: bool) -> list[int]:
    """How many candidates are read before it is looked whether that is enough."""
    if thorough or len(candidates) < 2:
        return [len(candidates)]
    (front, first), (_, second), *rest = candidates
    ahead = first > 0 and 1 - second / first >= FAR
    # Front matter is found by every name of its document.
    ahead = ahead and not is_front_matter(front.clause, front.document)
    near = 2 + sum(score >= HALF * first for _, score in rest)
    return [*([1] if ahead else []), *(step for step in STEPS if step < near), near]


def _clearly_best(judgements: Sequence[Judgement]) -> int | None:
    """The place of the judgement that is good and far better than the others, if there is one."""
    weighed = [
        judged.likelihood / LIKELIHOOD_SPREAD + judged.yes / YES_SPREAD
        for judged in judgements
        if judged.likelihood is not None and judged.yes is not None
    ]
    if not weighed or len(weighed) < len(judgements):
        return None
    few = len(weighed) <= STEPS[0]
    best = 0 if few else max(range(len(weighed)), key=lambda place: weighed[place])
    others = [value for place, value in enumerate(weighed) if place != best]
    ahead = CLEAR if few else CLEAR_LATER
    good = (judgements[best].yes or 0.0) >= CLEAR_YES
    return best if good and all(weighed[best] - other >= ahead for other in others) else None


def answering(
    choices: Sequence[Choice], question: str, language: Language, compared: bool = False
) -> Choice | None:
    """The candidate that is held to contain the answer, about the year and place asked, if any.

    It is the best, or one nearly as good where that has nothing of the kind asked for.
    `compared`: it was looked for in one document that the question names, and need only be near.
    """
    judged_later = not compared and not figures_asked(question)
    least = (REFUSE_JUDGED_BELOW if judged_later else REFUSE_BELOW)[language]
    least -= COMPARED if compared else 0.0
    for choice in choices:
        if choice.score < choices[0].score - NEARLY:
            break
        read, yes = choice.read, choice.judgement.yes
        if choice is not choices[0] and is_front_matter(read.clause, read.document):
            continue
        if not compared and asks_elsewhere(question, read):
            continue
        # A side of a comparison is asked with the years of both.
        wanted = _YEAR.sub(" ", question) if compared else question
        if lacks(wanted, read.known, _years_of(read.document), read.body):
            continue
        if yes is None or yes >= least:
            return choice
    return None


def _years_of(document: Document) -> frozenset[int]:
    """The years that a document is about or of."""
    days = (document.issued_on, document.effective_from, document.effective_to)
    return frozenset({int(day[:4]) for day in days if day} | set(document.period or ()))


def asks_elsewhere(question: str, read: ReadClause) -> bool:
    """Whether the question names a year or place that neither the clause nor its document knows.

    Years between the document's first and last day, or of its plan period, are known to it.
    """
    document = read.document
    known = clean(read.known).text.lower()
    stated = " ".join(
        filter(None, (document.issued_on, document.effective_from, document.effective_to))
    )
    years = {int(year) for year in _YEAR.findall(f"{known} {stated}")}
    spans = [document.period] if document.period else []
    if document.effective_from and document.effective_to:
        spans.append((int(document.effective_from[:4]), int(document.effective_to[:4])))
    asked = years_asked(question)
    if asked and not any(
        year in years or any(first <= year <= last for first, last in spans) for year in asked
    ):
        return True
    own = names_of_region(document.region)
    # A document of the whole country speaks of every place in it.
    named = places_named(question) if document.region != "全国" else set()
    # A Chinese clause knows Sichuan as 四川.
    either = both_scripts(named)
    unknown = [place for place in named if not both_scripts({place}) & (own | _held(known, either))]
    # What is compared with another place, of which nothing is known, is asked of both.
    return bool(unknown) and (len(unknown) == len(named) or compares(question))


def _held(text: str, names: set[str]) -> set[str]:
    return {name for name in names if name in text}
