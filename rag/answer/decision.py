"""One decision: how likely it is that a clause gives what is asked, and whether that is enough.

A logistic regression over the model's logit, over what a probe tells of its state where it was to
say Yes or No, and over what speaks against a clause: a kind of thing asked for that it does not
show, a year or place that it does not know. None of these decides alone. The weights are fitted by
`python -m eval train --decision`, apart for models that tell less than the built-in one: no states
that the probe knows, no likelihoods, or their words alone. Nothing is read here.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

from index.documents.model import Document
from index.request.demand import missing, years_in
from index.request.wording import Wording, without_years
from index.text.gazetteer import places_in
from index.text.places import both_scripts, names_of_region
from index.text.repair import clean
from index.text.written import YEAR
from rag.answer.evidence import ReadClause
from rag.answer.probe import contained
from rag.schema import Judgement, Language

WEIGHTS = "decision.json"
# How much a model tells: states too, logits and likelihoods, logits alone, words and likelihoods,
# words alone.
EVERYTHING = "states, logits and likelihoods"
LOGITS_AND_LIKELIHOODS, LOGITS = "logits and likelihoods", "logits"
WORDS_AND_LIKELIHOODS, WORDS = "words and likelihoods", "words"
Features = Mapping[str, float]


@dataclass(frozen=True)
class Weights:
    """The weights of the features.

    `said` is the usual logit of a model whose word is Yes, and of one whose word is No, where the
    word is all that is told; `usual_yes` stands for that of one that says neither. An answer is
    given from the probability `least` on, by the question's language; `least_compared` is for a
    side of a comparison, which was looked for in the one document that it names. From `least_draft`
    on an answer is written that is judged before it is given, as is any of a clause that is not
    sure: by the weights `judged`, and given from the log-odds `stands` on, or `draft_stands`.
    `without` is what the question without the clause's words usually adds, at least and at most.
    """

    bias: float
    weight: Mapping[str, float]
    usual_yes: float
    said: Mapping[str, float]
    least: Mapping[str, float]
    least_compared: Mapping[str, float]
    least_draft: Mapping[str, float]
    judged: Mapping[str, float]
    without: Sequence[float]
    stands: float
    draft_stands: float


def probability(features: Features, weights: Weights) -> float:
    """How likely a clause with these features gives what is asked, 0 to 1."""
    return 1.0 / (1.0 + math.exp(-log_odds(features, weights)))


def log_odds(features: Features, weights: Weights) -> float:
    """The same as log-odds."""
    total = weights.bias
    return total + sum(weight * features.get(name, 0.0) for name, weight in weights.weight.items())


def judged_odds(
    clause: float, answer: float, judgement: Judgement, without: Judgement, weights: Weights
) -> float:
    """The log-odds that an answer gives what is asked.

    `clause` are those of its clause at first sight, `answer` is the model's logit that the answer
    does. `without` is what the model says of the question where the clause's words are left out: a
    question that is likely and answered whatever a clause says is not answered by it.
    """
    known = {"clause": clause, "answer": answer, **gained(judgement, without), "bias": 1.0}
    return sum(value * known[name] for name, value in weights.judged.items())


def gained(judgement: Judgement, without: Judgement) -> dict[str, float]:
    """What is known of a judgement beside that of the question without the clause's words."""
    likelier = 0.0
    if judgement.likelihood is not None and without.likelihood is not None:
        likelier = judgement.likelihood - without.likelihood
    return {"yes without": leaning(without) or 0.0, "likelier": likelier}


@cache
def own_weights(told: str) -> Weights:
    """The weights that come with the program, for a model that tells so much (`told_by`)."""
    text = resources.files(__package__).joinpath(WEIGHTS).read_text(encoding="utf-8")
    read = json.loads(text)
    return Weights(**(read["weights"] if told == EVERYTHING else read["weights_by"][told]))


def told_by(judgement: Judgement) -> str:
    """How much a model tells, by one of its judgements: which weights are to be used.

    For one that says neither Yes nor No what is usual of logits stands.
    """
    if judgement.yes is None and judgement.said is not None:
        return WORDS if judgement.likelihood is None else WORDS_AND_LIKELIHOODS
    if judgement.likelihood is None:
        return LOGITS
    return LOGITS_AND_LIKELIHOODS if contained(judgement.state) is None else EVERYTHING


def leaning(judgement: Judgement) -> float | None:
    """The logit of Yes; of a model that tells its word alone what is usual for that word."""
    if judgement.yes is not None or judgement.said is None:
        return judgement.yes
    return own_weights(told_by(judgement)).said["yes" if judgement.said else "no"]


def answers(
    asked: Wording,
    read: ReadClause,
    judgement: Judgement,
    language: Language,
    compared: bool = False,
    draft: bool = False,
) -> bool:
    """Whether it is likely enough that the clause gives what is asked.

    `compared`: it was looked for in one document that the question names, and need only be near.
    `draft`: what is written from it is judged before it is given.
    """
    weights = own_weights(told_by(judgement))
    least = weights.least_compared if compared else weights.least
    if draft:
        least = weights.least_draft
    features = features_of(asked, read, judgement, weights.usual_yes, compared)
    if draft and features["against"]:
        return False  # what the clause or its document does not know, no draft of it gives
    return probability(features, weights) >= least[language]


def answer_stands(
    asked: Wording,
    read: ReadClause,
    judgement: Judgement,
    answer: float,
    without: Judgement,
    language: Language,
) -> bool:
    """Whether an answer of that logit is to be given, which was written from the clause.

    `without` is as for `judged_odds`, `language` that of the question the clause was chosen for. A
    draft must be surer than an answer of a clause that is likely enough by itself.
    """
    weights = own_weights(told_by(judgement))
    clause = log_odds(features_of(asked, read, judgement, weights.usual_yes), weights)
    enough = answers(asked, read, judgement, language)
    least = weights.stands if enough else weights.draft_stands
    return judged_odds(clause, answer, judgement, without, weights) >= least


def stands_anyway(
    asked: Wording, read: ReadClause, judgement: Judgement, answer: float, language: Language
) -> bool | None:
    """Whether an answer is to be given whatever the question is without the clause's words.

    None where that may decide: then it is worth reading for `answer_stands`, whose arguments these
    are.
    """
    weights = own_weights(told_by(judgement))
    clause = log_odds(features_of(asked, read, judgement, weights.usual_yes), weights)
    known = weights.judged["clause"] * clause + weights.judged["answer"] * answer
    known += weights.judged["bias"]
    least = weights.stands if answers(asked, read, judgement, language) else weights.draft_stands
    low, high = (known + added >= least for added in weights.without)
    return low if low == high else None


def features_of(
    asked: Wording,
    read: ReadClause,
    judgement: Judgement,
    usual_yes: float = 0.0,
    compared: bool = False,
) -> dict[str, float]:
    """All that is weighed of one clause for one question, by name."""
    known = leaning(judgement)
    yes = usual_yes if known is None else known
    english = float(asked.language == "en")
    against = speaks_against(asked, read, compared)
    contains = contained(judgement.state)
    probed = (
        {}
        if contains is None
        else {"contains": contains, "contains in english": english * contains}
    )
    return {
        "yes": yes,
        "english": english,
        "yes in english": english * yes,
        **probed,
        # Where no kind of figure is asked for, the answer is judged too (verify.py).
        "judged later": float(not asked.figures),
        "against": float(any(against.values())),
        **against,
    }


def speaks_against(asked: Wording, read: ReadClause, compared: bool = False) -> dict[str, float]:
    """What is asked for and neither the clause shows nor its document knows, each 0 or 1."""
    # A side of a comparison is asked with the years of both.
    wanted = without_years(asked, YEAR.sub(" ", asked.text)) if compared else asked
    years = wanted.demanded if wanted.figure else frozenset()
    known = years_in(read.known) | _years_of(read.document)
    return {
        "kind missing": float(
            bool(missing(wanted.kinds, read.known, read.body)) or _names_no_place(wanted, read)
        ),
        "year missing": float(not years <= known),
        "elsewhere": float(not compared and asks_elsewhere(asked, read)),
    }


def _names_no_place(asked: Wording, read: ReadClause) -> bool:
    """Whether names of places are asked for and the clause has none beside its own region's.

    What the question names, or the side of a comparison is, is no answer to it.
    """
    if not asked.asks_places or asked.compares:
        return False
    own = names_of_region(read.document.region)
    told = places_in(clean(read.body).text) - places_in(asked.text)
    return all(any(name.startswith(each) for each in own) for name in told)


def asks_elsewhere(asked: Wording, read: ReadClause) -> bool:
    """Whether the question names a year or place that neither the clause nor its document knows.

    Years between the document's first and last day, or of its plan period, are known to it.
    """
    return _years_unknown(asked, read) or _places_unknown(asked, read)


def _years_of(document: Document) -> frozenset[int]:
    """The years that a document is about or of, and the one before it, of which it tells."""
    days = (document.issued_on, document.effective_from, document.effective_to)
    before = {int(document.issued_on[:4]) - 1} if document.issued_on else set()
    return frozenset({int(day[:4]) for day in days if day} | before | set(document.period or ()))


def _years_unknown(asked: Wording, read: ReadClause) -> bool:
    document = read.document
    known = clean(read.known).text.lower()
    years = years_in(known) | _years_of(document)
    spans = [document.period] if document.period else []
    if document.effective_from and document.effective_to:
        spans.append((int(document.effective_from[:4]), int(document.effective_to[:4])))
    return bool(asked.demanded) and not any(
        year in years or any(first <= year <= last for first, last in spans)
        for year in asked.demanded
    )


def _places_unknown(asked: Wording, read: ReadClause) -> bool:
    known = clean(read.known).text.lower()
    own = names_of_region(read.document.region)
    # A document of the whole country speaks of every place in it.
    named = set(asked.places) if read.document.region != "全国" else set()
    # A Chinese clause knows Sichuan as 四川.
    held = own | {name for name in both_scripts(named) if name in known}
    unknown = [place for place in named if not both_scripts({place}) & held]
    # What is compared with another place, of which nothing is known, is asked of both.
    return bool(unknown) and (len(unknown) == len(named) or asked.compares)
