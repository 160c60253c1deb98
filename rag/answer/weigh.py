"""Which sentences of a clause hold something that is asked, and how likely: words and vectors.

No language model reads here, and nothing is written.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cache
from importlib import resources

from index.documents.parse import END, FRONT
from index.request.demand import shows
from index.request.wording import Wording
from index.search.lexicon import Lexicon
from index.text.held import pairs_of, shares
from index.text.repair import clean
from index.text.tokens import tokenise_chinese, tokenise_english
from rag.answer.evidence import ENDS_SENTENCE, Passage, ReadClause, standardised

# Sentences to answer from, and for measures and a summary.
EVIDENCE, MEASURES, SUMMARY = 3, 5, 6
# What a sentence shows that names the unit in charge, or any unit, where the question asks for it.
RESPONSIBLE, UNIT = 3.0, 1.5
# The weights of what is known of a sentence: logistic regression on sentences of questions with
# their gold clauses, documents held out (`python -m eval train --sentences`).
WEIGHTS = "sentences.json"
_ITEM = re.compile(r"^[(（]?[一二三四五六七八九十\d]+[)）、.．]")
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

    `adds`: whether it has some of the question's words that the likeliest sentence has not.
    """

    passage: Passage
    odds: float
    adds: bool = True


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

    Weighed are its dense similarity, alone and under its heading (`similarity` gives one value
    a text), the question's words in it, the rarer in the clause the more, its kind and place, and
    whether it shows what kind of thing is asked for. `lexicon` tells what words of an English
    question are called in a clause that is read in Chinese.
    """
    passages = told_passages(content, read)
    if len(passages) == 1:
        return [Weighed(passages[0], 0.0)]
    bias, weights = own_weights()
    words, pairs = _held(content.text, read, passages, lexicon)
    signs = _signs(content, read, passages, similarity, words, pairs)
    odds = [bias + sum(weights[name] * value for name, value in each.items()) for each in signs]
    held: Sequence[Set[Hashable]] = pairs or words
    best = held[max(range(len(odds)), key=odds.__getitem__)]
    adds = [bool(own - best) for own in held]
    weighed = [Weighed(*each) for each in zip(passages, odds, adds, strict=True)]
    return sorted(weighed, key=lambda each: -each.odds)


def told_passages(content: Wording, read: ReadClause) -> list[Passage]:
    """The sentences that may be told: of front matter those alone that say something."""
    passages = list(read.content)
    if not content.front:
        # Titles, addressees and signatures tell nothing but what the document is called.
        formal = read.clause.path.rsplit("/", 1)[-1] in (FRONT, END)
        told = [p for p in passages if not formal or ENDS_SENTENCE.search(p.zh)]
        passages = told or passages
    return passages


@cache
def own_weights() -> tuple[float, Mapping[str, float]]:
    """What is added and the weight of each sign, as they come with the program."""
    told = json.loads(resources.files(__package__).joinpath(WEIGHTS).read_text(encoding="utf-8"))
    return told["bias"], told["weight"]


def signs_of(
    content: Wording,
    read: ReadClause,
    passages: Sequence[Passage],
    similarity: Callable[[Sequence[str]], Sequence[float]],
    lexicon: Lexicon | None = None,
) -> list[dict[str, float]]:
    """What is weighed of each sentence of one clause for one question, by name."""
    words, pairs = _held(content.text, read, passages, lexicon)
    return _signs(content, read, passages, similarity, words, pairs)


def _signs(
    content: Wording,
    read: ReadClause,
    passages: Sequence[Passage],
    similarity: Callable[[Sequence[str]], Sequence[float]],
    held: Sequence[set[int]],
    held_pairs: Sequence[set[str]],
) -> list[dict[str, float]]:
    """The same, of sentences that have these words and pairs of characters of the question."""
    texts = [passage.words(read.language) for passage in passages]
    likeness = similarity(compared(read, passages))
    alone, headed = likeness[: len(texts)], likeness[len(texts) :]
    shared = _weight_of_shared(held, read, texts)
    every = len(set().union(*held)) or 1
    pairs = shares(held_pairs or held)
    alone_z, headed_z, shared_z = (standardised(part) for part in (alone, headed, shared))
    signs = []
    for at, (passage, text) in enumerate(zip(passages, texts, strict=True)):
        both = f"{passage.zh}\n{text}"
        # Brackets full of offices are known by their Chinese.
        who = _who(f"{clean(passage.zh).text}\n{text}") if content.who else 0.0
        figures = any(shows(kind, both) for kind in content.figures)
        signs.append(
            {
                "alone": alone_z[at],
                "headed": headed_z[at],
                "shared": shared_z[at],
                "shared gap": shared[at] - max(shared),
                "share": len(held[at]) / every,
                "pairs": pairs[at],
                "sentences": math.log(len(passages)),
                "first": float(at == 0),
                "item": float(_ITEM.match(passage.zh) is not None),
                "stem": float(passage.zh.rstrip().endswith((":", "："))),
                "who": who,
                "who missed": float(content.who and not who),
                "bracket": float(not content.who and passage.zh.startswith(("(", "（"))),
                "figure": float(figures),
                "figure missed": float(bool(content.figures) and not figures),
                "items": float(content.items),
                "measures": float(content.measures),
                "summary": float(content.summary),
            }
        )
    return signs


def _who(text: str) -> float:
    """What a sentence gains by the units it names, where it is asked who."""
    return RESPONSIBLE if _SAYS_WHO.search(text) else UNIT * bool(_UNIT.search(text))


def _held(
    question: str, read: ReadClause, passages: Sequence[Passage], lexicon: Lexicon | None
) -> tuple[list[set[int]], list[set[str]]]:
    """Which of the question's words each sentence has, and which of its pairs of characters."""
    texts = [passage.words(read.language) for passage in passages]
    return _held_words(question, read, texts, lexicon), _held_pairs(question, read, texts)


def _held_words(
    question: str, read: ReadClause, texts: Sequence[str], lexicon: Lexicon | None
) -> list[set[int]]:
    """Which of the question's words each text has."""
    if read.language == "zh" and lexicon is not None and question.isascii():
        # Each word of the question by all that it may be called.
        terms = [["".join(words) for words in term] for term in lexicon.alternatives(question)]
        plain = [clean(text).text.lower() for text in texts]
        return [
            {at for at, forms in enumerate(terms) if any(f in text for f in forms)}
            for text in plain
        ]
    tokenise = _tokenise(read)
    words = sorted(set(tokenise(question)))
    own = [set(tokenise(text)) for text in texts]
    return [{at for at, word in enumerate(words) if word in each} for each in own]


def _weight_of_shared(
    held: Sequence[set[int]], read: ReadClause, texts: Sequence[str]
) -> list[float]:
    """How many of the question's words each text has, weighted by their rarity among the texts."""
    tokenise = _tokenise(read)
    lengths = [len(set(tokenise(text))) for text in texts]
    spread = Counter(at for each in held for at in each)
    return [
        sum(math.log(1 + len(held) / spread[at]) for at in each) / (1 + 0.15 * math.log(1 + length))
        for each, length in zip(held, lengths, strict=True)
    ]


def _held_pairs(question: str, read: ReadClause, texts: Sequence[str]) -> list[set[str]]:
    """Which pairs of characters, or beginnings of English words, each text has of the question.

    Empty where question and texts are in two languages.
    """
    if (read.language == "zh") == question.isascii():
        return []
    asked = pairs_of(question, read.language)
    return [asked & pairs_of(text, read.language) for text in texts]


def _tokenise(read: ReadClause) -> Callable[[str], list[str]]:
    return tokenise_chinese if read.language == "zh" else tokenise_english
