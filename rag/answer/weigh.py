"""Which sentences of a clause hold something that is asked, and how likely: words and vectors.

No language model reads here, and nothing is written.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from index.documents.parse import END, FRONT
from index.request.demand import shows
from index.request.wording import Wording
from index.search.lexicon import Lexicon
from index.text.repair import clean
from index.text.tokens import tokenise_chinese, tokenise_english
from rag.answer.evidence import ENDS_SENTENCE, Passage, ReadClause, standardised

# Sentences to answer from, and for measures and a summary.
EVIDENCE, MEASURES, SUMMARY = 3, 5, 6
# What a sentence gains that names the unit in charge, or any unit, where the question asks for it,
# and one that has a figure of the kind asked for.
RESPONSIBLE, UNIT, FIGURE = 3.0, 1.5, 1.5
# How much each sign says for a sentence to hold something asked (log-odds): logistic regression on
# 727 sentences of 190 development questions with their gold clause (AUC 0.95 with clauses held
# out, docs/experiments). All but `who` are behind the best of the clause, or 1 or 0.
ODDS = -0.71
WEIGHTS = {
    "alone": 8.52,
    "headed": 11.48,
    "shared": 0.35,
    "gap": 0.15,
    "first": 2.39,
    "second": 0.29,
    "who": 0.52,
    "who_missed": -1.3,
    "bracket": -1.09,
    "figure": 0.81,
    "figure_missed": -1.24,
    "measures": 1.12,
    "summary": 2.08,
}
_SAYS_WHO = re.compile(
    r"责任单位|牵头|负责|\((?:[^()]{2,20}[局委厅办院部署][、,)])|responsib|led by|lead unit",
    re.IGNORECASE,
)
_UNIT = re.compile(
    r"[\u4e00-\u9fff]{2,}(?:委员会|局|厅|署|办公室|部门|机关|机构|法院|检察院|海关|银行|政府)|国务院|"
    r"[\u4e00-\u9fff](?:[部委办](?=[、,，;；。)）和及]|会同|牵头|负责|组织|应当))|"
    r"\b(?:Bureau|Commission|Department|Administration|Customs|Ministry|Office|Bank|Authorit\w+|"
    r"[Aa]uthorit\w+|departments?)\b"
)


def sentences_for(asked: Wording) -> int:
    """How many sentences of a clause an answer needs: more for measures, most for a summary."""
    if asked.summary:
        return SUMMARY
    return MEASURES if asked.measures else EVIDENCE


def compared(read: ReadClause, passages: Sequence[Passage]) -> list[str]:
    """The texts whose similarity to a question is looked at: sentences alone, and headed."""
    colon = "：" if read.language == "zh" else ": "
    texts = [passage.words(read.language) for passage in passages]
    return [*texts, *(f"{read.heading}{colon}{text}" for text in texts)]


@dataclass(frozen=True)
class Weighed:
    """A sentence with how likely it holds something that is asked, in log-odds.

    `score` orders the sentences of one clause for one question.
    """

    passage: Passage
    score: float
    odds: float


def select_evidence(
    content: Wording,
    read: ReadClause,
    similarity: Callable[[Sequence[str]], Sequence[float]],
    most: int = EVIDENCE,
) -> list[Passage]:
    """The sentences that answer best, best first: at most `most`."""
    return [each.passage for each in weigh_evidence(content, read, similarity)[:most]]


def weigh_evidence(
    content: Wording,
    read: ReadClause,
    similarity: Callable[[Sequence[str]], Sequence[float]],
    lexicon: Lexicon | None = None,
) -> list[Weighed]:
    """The sentences of the clause, the one that answers best first.

    Each is scored by dense similarity, alone and under its heading (`similarity` gives one value
    a text), and by the question's words in it, the rarer in the clause the more; standardised and
    added. A sentence that names who is responsible counts more where that is asked. `lexicon` tells
    what words of an English question are called in a clause that is read in Chinese.
    """
    passages = list(read.content)
    if not content.front:
        # Titles, addressees and signatures tell nothing but what the document is called.
        formal = read.clause.path.rsplit("/", 1)[-1] in (FRONT, END)
        told = [p for p in passages if not formal or ENDS_SENTENCE.search(p.zh)]
        passages = told or passages
    if len(passages) == 1:
        return [Weighed(passages[0], 0.0, 0.0)]
    texts = [passage.words(read.language) for passage in passages]
    likeness = similarity(compared(read, passages))
    alone, headed = likeness[: len(texts)], likeness[len(texts) :]
    shared = _shared_words(content.text, read, texts, lexicon)
    parts = [standardised(part) for part in (alone, headed, shared)]
    signs = [_signs(content, passage, text) for passage, text in zip(passages, texts, strict=True)]
    scores = [
        sum(values) + sign["who"] - RESPONSIBLE * sign["bracket"] + FIGURE * sign["figures"]
        for *values, sign in zip(*parts, signs, strict=True)
    ]
    order = sorted(range(len(passages)), key=lambda at: -scores[at])
    weighed = []
    for place, at in enumerate(order):
        sign = signs[at]
        known = {
            "alone": alone[at] - max(alone),
            "headed": headed[at] - max(headed),
            "shared": shared[at] - max(shared),
            "gap": scores[at] - scores[order[0]],
            "first": float(place == 0),
            "second": float(place == 1),
            "who": sign["who"],
            "who_missed": float(content.who and not sign["who"]),
            "bracket": sign["bracket"],
            "figure": float(sign["figures"] > 0),
            "figure_missed": float(bool(content.figures) and not sign["figures"]),
            "measures": float(content.measures),
            "summary": float(content.summary),
        }
        odds = ODDS + sum(weight * known[name] for name, weight in WEIGHTS.items())
        weighed.append(Weighed(passages[at], scores[at], odds))
    return weighed


def _signs(content: Wording, passage: Passage, text: str) -> dict[str, float]:
    """What a sentence shows of the kind asked for: units, a bracket of them unasked, figures."""
    both = f"{passage.zh}\n{text}"
    # Brackets full of offices are known by their Chinese.
    who = _who(f"{clean(passage.zh).text}\n{text}") if content.who else 0.0
    return {
        "who": who,
        "bracket": float(not content.who and passage.zh.startswith(("(", "（"))),
        "figures": float(sum(shows(kind, both) for kind in content.figures)),
    }


def _who(text: str) -> float:
    """What a sentence gains by the units it names, where it is asked who."""
    return RESPONSIBLE if _SAYS_WHO.search(text) else UNIT * bool(_UNIT.search(text))


def _shared_words(
    question: str, read: ReadClause, texts: Sequence[str], lexicon: Lexicon | None
) -> list[float]:
    """How many of the question's words each text has, weighted by their rarity among the texts."""
    tokenise = tokenise_chinese if read.language == "zh" else tokenise_english
    lengths = [len(set(tokenise(text))) for text in texts]
    if read.language == "zh" and lexicon is not None and question.isascii():
        # Each word of the question by all that it may be called.
        terms = [["".join(words) for words in term] for term in lexicon.alternatives(question)]
        plain = [clean(text).text.lower() for text in texts]
        held = [
            {at for at, forms in enumerate(terms) if any(f in text for f in forms)}
            for text in plain
        ]
    else:
        words = sorted(set(tokenise(question)))
        own = [set(tokenise(text)) for text in texts]
        held = [{at for at, word in enumerate(words) if word in each} for each in own]
    spread = Counter(at for each in held for at in each)
    return [
        sum(math.log(1 + len(held) / spread[at]) for at in each) / (1 + 0.15 * math.log(1 + length))
        for each, length in zip(held, lengths, strict=True)
    ]
