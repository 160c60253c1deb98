"""From found clauses to evidence: choosing the clause that answers, and its sentences that do.

Reads one clause at a time with the language model's logits; nothing is generated here. Sources:
the unsupervised passage reranker of Sachan et al. 2022 (likelihood of the question given the
passage), a Yes-minus-No logit, and the retrieval score, standardised among the candidates.
"""

from __future__ import annotations

import re
import statistics
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from index.labels import document_label_en
from index.places import names_of_region, places_named
from index.repair import clean
from index.schema import Clause, Document, Rendition
from index.store import ClauseIndex
from prompts import prompt
from rag.generate import Generator
from rag.schema import Judgement, Language

LIKELIHOOD_WEIGHT = 1.0
YES_WEIGHT = 1.0
RETRIEVAL_WEIGHT = 0.3
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
    """A clause made ready for reading: names and sentences in the question's language."""

    clause: Clause
    document: Document
    passages: tuple[Passage, ...]
    language: Language
    document_name: str
    heading: str

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
    def known(self) -> str:
        """Everything the clause says, in both languages, for checking an answer against."""
        parts = [self.document_name, self.heading, *self.clause.heading_path, self.clause.body]
        parts += [passage.en or "" for passage in self.passages]
        parts += [self.document.title, self.document.number or "", self.clause.label_en]
        return "\n".join(parts)


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
    passages = tuple(_joined(list(_passages(clause, rendition))))
    read_in: Language = language if rendition or language == "zh" else "zh"
    heading = " ".join(clause.heading_path[-2:]) or clause.label.rsplit(" ", 1)[-1]
    name = document.title
    if read_in == "en" and rendition:
        heading = rendition.title_en
        name = document.title_en or document_label_en(document)
        if document.title_en and document.number:
            name = f"{name} ({document_label_en(document)})"
    return ReadClause(clause, document, passages, read_in, name, heading)


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
    generator: Generator, question: str, candidates: Sequence[tuple[ReadClause, float]]
) -> list[Choice]:
    """Judge each candidate (with its retrieval score) and sort them, the likeliest answer first."""
    judgements = []
    for read, _ in candidates:
        text = prompt(
            "judge-text",
            read.language,
            document=read.document_name,
            heading=read.heading,
            text=read.text,
        )
        system = prompt("judge-system", read.language)
        ask = prompt("judge-ask", read.language)
        judgements.append(generator.judge(system, text, question, ask))
    likelihoods = _standardised([judgement.likelihood for judgement in judgements])
    yeses = _standardised([judgement.yes for judgement in judgements])
    retrievals = _standardised([score for _, score in candidates])
    choices = [
        Choice(
            read,
            judgement,
            LIKELIHOOD_WEIGHT * likelihood + YES_WEIGHT * yes + RETRIEVAL_WEIGHT * retrieval,
        )
        for (read, _), judgement, likelihood, yes, retrieval in zip(
            candidates, judgements, likelihoods, yeses, retrievals, strict=True
        )
    ]
    return sorted(choices, key=lambda choice: -choice.score)


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
    asked = [int(year) for year in _YEAR.findall(question)]
    if asked and not any(
        year in years or any(first <= year <= last for first, last in spans) for year in asked
    ):
        return True
    own = names_of_region(document.region)
    named = places_named(question)
    return bool(named) and not named & own and not any(place in known for place in named)


def _standardised(values: Sequence[float | None]) -> list[float]:
    """Mean 0 and standard deviation 1; all 0 where a model gives no such value or all agree."""
    known = [value for value in values if value is not None]
    if len(known) < len(values) or len(known) < 2:
        return [0.0] * len(values)
    spread = statistics.pstdev(known)
    mean = statistics.fmean(known)
    return [(value - mean) / spread if spread > 1e-9 else 0.0 for value in known]


def select_evidence(
    generator: Generator,
    question: str,
    read: ReadClause,
    similarity: Callable[[Sequence[str]], Sequence[float]],
    most: int = 3,
) -> list[Passage]:
    """The sentences to answer from, in the clause's order: at most `most`.

    Each is scored by the likelihood of the question given that sentence and by dense similarity
    (`similarity` gives one value per text), standardised and added.
    """
    passages = list(read.content)
    if len(passages) <= most:
        return passages
    texts = [passage.words(read.language) for passage in passages]
    system = prompt("judge-system", read.language)
    likelihoods = _standardised(
        [
            generator.judge(
                system,
                prompt("sentence", read.language, heading=read.heading, text=text),
                question,
                "",
            ).likelihood
            for text in texts
        ]
    )
    similarities = _standardised(list(similarity(texts)))
    scores = [a + b for a, b in zip(likelihoods, similarities, strict=True)]
    best = sorted(range(len(passages)), key=lambda at: -scores[at])[:most]
    return [passages[at] for at in sorted(best)]
