"""From found clauses to evidence: choosing the clause that answers, and its sentences that do.

Reads one clause at a time with the language model's logits; nothing is generated here. Sources:
the unsupervised passage reranker of Sachan et al. 2022 (likelihood of the question given the
passage), a Yes-minus-No logit, and the retrieval score, standardised among the candidates.
"""

from __future__ import annotations

import math
import re
import statistics
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from index.labels import document_label_en
from index.lexical import tokenise_chinese, tokenise_english
from index.parse import END, FRONT
from index.places import both_scripts, names_of_region, places_named
from index.repair import clean
from index.schema import Clause, Document, Rendition
from index.search import asks_about_document, is_front_matter
from index.store import ClauseIndex
from prompts import prompt
from rag.demand import figures_asked, lacks, shows, years_asked
from rag.generate import Generator
from rag.question import asks_for_measures, asks_for_summary, compares
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
# How many candidates are read first, or one where it was found so far before the second (share of
# its score); how good the first must be and how far before the second (in the usual spreads among
# candidates, added) for the others to be left. On the development cases this halves what is read,
# and changes no choice (LOG.md).
FIRST_READ, FAR, CLEAR_YES, CLEAR = 2, 0.25, 0.8, 3.0
LIKELIHOOD_SPREAD, YES_SPREAD = 0.37, 0.61
# Sentences to answer from, and for measures and a summary.
EVIDENCE, MEASURES, SUMMARY = 3, 5, 6
# How far behind the best (in its standardised score) another candidate may be in its place.
NEARLY = 2.0
# What a sentence gains that names the unit in charge, or any unit, where the question asks for it,
# and one that has a figure of the kind asked for.
RESPONSIBLE, UNIT, FIGURE = 3.0, 1.5, 1.5
# What front matter loses: it has the document's name, which questions name, and answers few.
FRONT_MATTER = 1.0
_ASKS_WHO = re.compile(
    r"部门|单位|牵头|负责|主管|哪(?:个|些|几个)?(?:局|委|厅|办|处)|谁|"
    r"\b(?:responsib\w*|in charge|leads?|leading|who|whom|handles?|departments?|bureaus?|offices?|"
    r"agenc(?:y|ies)|"
    r"authorit(?:y|ies)|bod(?:y|ies))\b",
    re.IGNORECASE,
)
_SAYS_WHO = re.compile(
    r"责任单位|牵头|负责|\((?:[^()]{2,20}[局委厅办院部署][、,)])|responsib|led by|lead unit",
    re.IGNORECASE,
)
_UNIT = re.compile(
    r"[\u4e00-\u9fff]{2,}(?:委员会|局|厅|办公室|海关|银行|政府)|"
    r"\b(?:Bureau|Commission|Department|Administration|Customs|Ministry|Office|Bank)\b"
)
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d{2})(?!\d)")
_ENDS_SENTENCE = re.compile(r"[。！？!?；;：:][”’」』）)]*$")
_SENTENCE = re.compile(r"[^。！？!?；;\n]*(?:[。！？!?；;]+[”’」』）)]*|\n|$)")


@dataclass(frozen=True)
class Passage:
    """One sentence of a clause: its span in `clause.body`, and its words in both languages."""

    start: int
    end: int
    zh: str
    en: str | None

    def words(self, language: Language) -> str:
        """The sentence as it is read for a question in `language`."""
        return self.en if language == "en" and self.en else self.zh


@dataclass(frozen=True)
class ReadClause:
    """A clause made ready for reading: names and sentences in the question's language.

    `lines` are its sentences one by one; in `passages` short lines are joined.
    """

    clause: Clause
    document: Document
    passages: tuple[Passage, ...]
    language: Language
    document_name: str
    heading: str
    lines: tuple[Passage, ...] = ()

    @property
    def content(self) -> tuple[Passage, ...]:
        """The sentences that say something: without the heading, if there is anything else."""
        heading = re.sub(r"\W", "", self.clause.heading)
        told = tuple(p for p in self.passages if re.sub(r"\W", "", p.zh) != heading)
        return told or self.passages

    @property
    def text(self) -> str:
        """The whole clause as the model reads it."""
        joint = " " if self.language == "en" else ""
        return joint.join(passage.words(self.language) for passage in self.passages)

    @property
    def opening(self) -> str:
        """The clause as a prompt begins with it, up to the question."""
        names = {"document": self.document_name, "heading": self.heading}
        return prompt("clause", self.language, text=self.text, **names)

    def hidden(self, kept: Sequence[Passage]) -> list[tuple[int, int]]:
        """The spans of `opening` with the sentences that are not among `kept`."""
        at = first = self.opening.rindex(self.text)
        joint = 1 if self.language == "en" else 0
        spans = []
        for passage in self.passages:
            end = min(at + len(passage.words(self.language)) + joint, first + len(self.text))
            if passage not in kept:
                spans.append((at, end))
            at = end
        return spans

    @property
    def body(self) -> str:
        """The clause's own sentences in both languages, without what stands above it."""
        told = (p.en or "" for p in self.passages)
        return "\n".join((self.clause.body, *told))

    @property
    def named(self) -> str:
        """What document and clause are called, in both languages."""
        parts = [self.document_name, self.heading, *self.clause.heading_path]
        parts += [self.document.title, self.document.number or "", self.clause.label_en]
        return "\n".join(parts)

    @property
    def known(self) -> str:
        """Everything the clause says, in both languages, for checking an answer against."""
        return f"{self.named}\n{self.body}"


@dataclass(frozen=True)
class Choice:
    """A candidate with the model's judgement; `score` is comparable within one question only."""

    read: ReadClause
    judgement: Judgement
    score: float


def read_clause(index: ClauseIndex, clause_id: str, language: Language) -> ReadClause:
    """Prepare a clause for a question in `language`: the rendition for English, if there is one."""
    clause = index.clause(clause_id)
    document = index.documents[clause.document_id]
    rendition = index.rendition(clause_id)
    lines = tuple(_passages(clause, rendition))
    passages = tuple(_joined(lines))
    read_in: Language = language if rendition or language == "zh" else "zh"
    heading = " ".join(clause.heading_path[-2:]) or clause.label.rsplit(" ", 1)[-1]
    name = document.title
    if read_in == "en" and rendition:
        heading = rendition.title_en
        name = document.title_en or document_label_en(document)
        if document.title_en and document.number:
            name = f"{name} ({document_label_en(document)})"
    return ReadClause(clause, document, passages, read_in, name, heading, lines)


def _passages(clause: Clause, rendition: Rendition | None) -> Iterator[Passage]:
    """The sentences of the body; with a rendition, its pieces, which are aligned with English."""
    if rendition:
        spans = _aligned(clause.body, [sentence.zh for sentence in rendition.sentences])
        if spans:
            for (start, end), sentence in zip(spans, rendition.sentences, strict=True):
                yield Passage(start, end, clause.body[start:end], sentence.en)
            return
    for start, end in sentence_spans(clause.body):
        yield Passage(start, end, clause.body[start:end], None)


def _joined(passages: Sequence[Passage]) -> Iterator[Passage]:
    """Short lines that end no sentence (titles, signatures, dates) joined into one passage."""
    run: list[Passage] = []
    for passage in [*passages, None]:
        if passage and len(passage.zh) <= 40 and not _ENDS_SENTENCE.search(passage.zh):
            run.append(passage)
            continue
        if run:
            english = [one.en for one in run]
            yield Passage(
                run[0].start,
                run[-1].end,
                "，".join(one.zh for one in run),
                ", ".join(filter(None, english)) if all(english) else None,
            )
            run = []
        if passage:
            yield passage


def _aligned(body: str, pieces: Sequence[str]) -> list[tuple[int, int]] | None:
    """Spans of the rendition's Chinese pieces in the body, white space aside; None if they differ.

    A piece whose text was repaired by hand may differ in a few characters; it then takes the
    room between its neighbours.
    """
    positions = [at for at, char in enumerate(body) if not char.isspace()]
    bare = "".join(body[at] for at in positions)
    wanted = [re.sub(r"\s", "", piece) for piece in pieces]
    spans: list[tuple[int, int]] = []
    at = 0
    for number, piece in enumerate(wanted):
        found = bare.find(piece, at)
        if found != at:
            following = wanted[number + 1] if number + 1 < len(wanted) else None
            until = bare.find(following, at) if following else len(bare)
            if until <= at:
                return None
            found, length = at, until - at
        else:
            length = len(piece)
        spans.append((positions[found], positions[found + length - 1] + 1))
        at = found + length
    return spans if at == len(bare) else None


def sentence_spans(body: str) -> list[tuple[int, int]]:
    """Spans of the sentences of a Chinese text, without white space at their ends."""
    spans = []
    for match in _SENTENCE.finditer(body):
        piece = match.group()
        if piece.strip():
            lead = len(piece) - len(piece.lstrip())
            spans.append((match.start() + lead, match.start() + len(piece.rstrip())))
    return spans


def choose(
    generator: Generator,
    question: str,
    candidates: Sequence[tuple[ReadClause, float]],
    thorough: bool = False,
) -> list[Choice]:
    """Judge the candidates, the best found first, and sort them, the likeliest answer first.

    Each comes with its retrieval score. Where the first was found far before the second, or
    answers clearly better, the others are not read, unless `thorough`.
    """
    judgements: list[Judgement] = []
    for until in _steps(candidates, thorough):
        reads = [read for read, _ in candidates[len(judgements) : until]]
        judgements += _judged(generator, question, reads)
        parts = f"{candidates[0][0].clause.id}/" if candidates else ""
        unread = candidates[until:]
        # The opening of a chapter has the words of what its articles say.
        if _is_clear(judgements) and not any(r.clause.id.startswith(parts) for r, _ in unread):
            break
    candidates = candidates[: len(judgements)]
    likelihoods = _standardised([judgement.likelihood for judgement in judgements])
    yeses = _standardised([judgement.yes for judgement in judgements])
    retrievals = _standardised([score for _, score in candidates])
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
    (front, first), (_, second), *_ = candidates
    ahead = first > 0 and 1 - second / first >= FAR
    # Front matter is found by every name of its document.
    ahead = ahead and not is_front_matter(front.clause, front.document)
    return [*([1] if ahead else []), FIRST_READ, len(candidates)]


def _is_clear(judgements: Sequence[Judgement]) -> bool:
    """Whether the first judgement is good, and far better than the others."""
    weighed = [
        (judged.likelihood / LIKELIHOOD_SPREAD + judged.yes / YES_SPREAD, judged.yes)
        for judged in judgements
        if judged.likelihood is not None and judged.yes is not None
    ]
    if not weighed or len(weighed) < len(judgements):
        return False
    (first, yes), *others = weighed
    return yes >= CLEAR_YES and all(first - other >= CLEAR for other, _ in others)


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


def _standardised(values: Sequence[float | None]) -> list[float]:
    """Mean 0 and standard deviation 1; all 0 where a model gives no such value or all agree."""
    known = [value for value in values if value is not None]
    if len(known) < len(values) or len(known) < 2:
        return [0.0] * len(values)
    spread = statistics.pstdev(known)
    mean = statistics.fmean(known)
    return [(value - mean) / spread if spread > 1e-9 else 0.0 for value in known]


def sentences_for(question: str) -> int:
    """How many sentences of a clause an answer needs: more for measures, most for a summary."""
    if asks_for_summary(question):
        return SUMMARY
    return MEASURES if asks_for_measures(question) else EVIDENCE


def select_evidence(
    question: str,
    read: ReadClause,
    similarity: Callable[[Sequence[str]], Sequence[float]],
    most: int = EVIDENCE,
) -> list[Passage]:
    """The sentences that answer best, best first: at most `most`.

    Each is scored by dense similarity, alone and under its heading (`similarity` gives one value
    a text), and by the question's words in it, the rarer in the clause the more; standardised and
    added. A sentence that names who is responsible counts more where that is asked.
    """
    passages = list(read.content)
    if not asks_about_document(question):
        # Titles, addressees and signatures tell nothing but what the document is called.
        formal = read.clause.path.rsplit("/", 1)[-1] in (FRONT, END)
        told = [p for p in passages if not formal or _ENDS_SENTENCE.search(p.zh)]
        passages = told or passages
    if len(passages) == 1:
        return passages
    texts = [passage.words(read.language) for passage in passages]
    colon = "：" if read.language == "zh" else ": "
    likeness = similarity([*texts, *(f"{read.heading}{colon}{text}" for text in texts)])
    alone, headed = likeness[: len(texts)], likeness[len(texts) :]
    parts = [_standardised(part) for part in (alone, headed, _shared_words(question, read, texts))]
    scores = [sum(values) for values in zip(*parts, strict=True)]
    if _ASKS_WHO.search(question):
        # Brackets full of offices are known by their Chinese.
        scores = [
            score + _who(f"{clean(passage.zh).text}\n{text}")
            for score, passage, text in zip(scores, passages, texts, strict=True)
        ]
    else:
        scores = [
            score - RESPONSIBLE * passage.zh.startswith(("(", "（"))
            for score, passage in zip(scores, passages, strict=True)
        ]
    for kind in figures_asked(question):
        scores = [
            score + FIGURE * shows(kind, f"{passage.zh}\n{text}")
            for score, passage, text in zip(scores, passages, texts, strict=True)
        ]
    best = sorted(range(len(passages)), key=lambda at: -scores[at])[:most]
    return [passages[at] for at in best]


def _who(text: str) -> float:
    """What a sentence gains by the units it names, where it is asked who."""
    return RESPONSIBLE if _SAYS_WHO.search(text) else UNIT * bool(_UNIT.search(text))


def _shared_words(question: str, read: ReadClause, texts: Sequence[str]) -> list[float]:
    """How many of the question's words each text has, weighted by their rarity among the texts."""
    tokenise = tokenise_chinese if read.language == "zh" else tokenise_english
    asked = set(tokenise(question))
    held = [set(tokenise(text)) for text in texts]
    spread = {word: sum(word in words for words in held) for word in asked}
    return [
        sum(math.log(1 + len(held) / spread[word]) for word in asked & words)
        / (1 + 0.15 * math.log(1 + len(words)))
        for words in held
    ]
