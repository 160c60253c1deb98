"""How well sentences are translated, against the reviewed English of the built-in documents.

One document is left out at a time: reviewed sentences of the other four are all that the translator
knows; its glossary is the product's. It translates, compares and counts; it asks no questions.
"""

from __future__ import annotations

import json
import re
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import fmean

import numpy as np
from rich.table import Table

from index.documents.model import Sentence
from index.documents.renditions import read_renditions
from index.search.build import CORPUS, collect
from index.search.embed import Encoder
from index.text.tokens import tokenise_english
from rag.english.checks import Fault, faults_in
from rag.english.completeness import coverage
from rag.english.memory import Memory
from rag.english.names import holds_term
from rag.english.translate import Translator
from rag.llm.protocol import Generator

SAMPLE = 100
FEWEST = 8  # Chinese characters of a sentence that counts
# What is counted of faults, in words.
KINDS: dict[str, str] = {
    "empty": "left without English",
    "chinese": "Chinese left",
    "number": "number not in the source",
    "lost number": "number lost",
    "exchanged": "number said of another thing",
    "force": "negation, modality or comparison lost",
    "name": "name not in the source",
    "pinyin": "words in pinyin",
}
_HAN = re.compile(r"[\u4e00-\u9fff]")
_ASIDE = re.compile(r"\s*\((?:[^()]|\([^()]*\))*[\u4e00-\u9fff](?:[^()]|\([^()]*\))*\)")


@dataclass(frozen=True)
class Pair:
    """A reviewed sentence: whose it is, its Chinese and its English."""

    document: str
    zh: str
    en: str


@dataclass(frozen=True)
class Translated:
    """A sentence as it was translated, beside its reference, with what is wrong with it.

    `terms` of its glossary terms are given, `terms_kept` of these are in the English.
    """

    document: str
    zh: str
    reference: str
    english: str
    chrf: float
    similarity: float
    coverage: float
    terms: int
    terms_kept: int
    faults: tuple[Fault, ...]


@dataclass(frozen=True)
class Result:
    """All sentences of a run, its chrF++ over all, and the seconds a sentence took."""

    sentences: tuple[Translated, ...]
    chrf: float
    reference_similarity: float
    seconds: float


def reference(corpus: Path = CORPUS) -> list[Pair]:
    """The reviewed sentences of the built-in documents."""
    return [
        Pair(path.parent.name, sentence.zh, sentence.en)
        for path in sorted(corpus.glob("*/en.jsonl"))
        for rendition in read_renditions(path).values()
        if not rendition.machine
        for sentence in rendition.sentences
        if len(_HAN.findall(sentence.zh)) >= FEWEST
    ]


def sample(pairs: Sequence[Pair], count: int) -> list[Pair]:
    """A fixed choice of so many pairs: each document's share, its short and its long sentences."""
    chosen: list[Pair] = []
    for document in dict.fromkeys(pair.document for pair in pairs):
        own = [pair for pair in pairs if pair.document == document]
        own.sort(key=lambda pair: (len(pair.zh), pair.zh))
        share = min(len(own), max(1, round(count * len(own) / len(pairs))))
        chosen += [own[int((n + 0.5) * len(own) / share)] for n in range(share)]
    return chosen


def translate(
    generator: Generator,
    encoder: Encoder,
    chosen: Sequence[Pair],
    techniques: Collection[str] | None = None,
    say: Callable[[str], None] = lambda line: None,
) -> Result:
    """Translate the sentences, each document's without its own, and compare. Raises ModelFault."""
    glossary = collect([CORPUS], [], lambda stage, done, total: None).glossary
    known = reference()
    english: dict[Pair, str] = {}
    seconds = 0.0
    for document in dict.fromkeys(pair.document for pair in chosen):
        others = [Sentence(pair.zh, pair.en) for pair in known if pair.document != document]
        own = [pair for pair in chosen if pair.document == document]
        with tempfile.TemporaryDirectory() as folder:
            translator = Translator(
                generator, glossary, Path(folder), memory=Memory(others), techniques=techniques
            )
            started = time.perf_counter()
            done = translator.translate([pair.zh for pair in own])
            seconds += time.perf_counter() - started
        english |= dict(zip(own, done, strict=True))
        say(f"{document}: {len(own)} sentences, {seconds / len(english):.2f} s each so far")
    return compare(encoder, chosen, [english[pair] for pair in chosen], glossary, seconds)


def compare(
    encoder: Encoder,
    chosen: Sequence[Pair],
    english: Sequence[str],
    glossary: Sequence[tuple[str, str]],
    seconds: float,
) -> Result:
    """The English beside the reference. Chinese in brackets beside a name counts in neither."""
    from sacrebleu.metrics.chrf import CHRF

    chrf = CHRF(word_order=2)
    plain = [_ASIDE.sub("", text) for text in english]
    references = [_ASIDE.sub("", pair.en) for pair in chosen]
    source, made, reviewed = (
        encoder.encode_passages(texts) for texts in ([p.zh for p in chosen], plain, references)
    )
    rows = []
    for pair, told, text, expected, alike in zip(
        chosen, english, plain, references, _cosines(source, made), strict=True
    ):
        terms = [(zh, en) for zh, en in glossary if holds_term(pair.zh, zh)]
        stems = set(tokenise_english(text))
        rows.append(
            Translated(
                document=pair.document,
                zh=pair.zh,
                reference=pair.en,
                english=told,
                chrf=chrf.sentence_score(text, [expected]).score,
                similarity=alike,
                coverage=coverage(pair.zh, text),
                terms=len(terms),
                terms_kept=sum(stems.issuperset(tokenise_english(en)) for _, en in terms),
                faults=tuple(faults_in(pair.zh, told, " ".join(en for _, en in terms))),
            )
        )
    return Result(
        sentences=tuple(rows),
        chrf=chrf.corpus_score(plain, [references]).score,
        reference_similarity=fmean(_cosines(source, reviewed)),
        seconds=seconds / len(chosen),
    )


def table(result: Result) -> Table:
    """The figures of a run, one a row."""
    rows = result.sentences
    told = Table(title=f"Translation of {len(rows)} sentences, one document left out at a time")
    for heading in ("measure", "value"):
        told.add_column(heading)
    terms = sum(row.terms for row in rows)
    told.add_row("chrF++", f"{result.chrf:.2f}")
    told.add_row("chrF++, mean of sentences", f"{fmean(row.chrf for row in rows):.2f}")
    told.add_row(
        "similarity to the source (of the reference)",
        f"{fmean(row.similarity for row in rows):.4f} ({result.reference_similarity:.4f})",
    )
    told.add_row("words of the source told", f"{fmean(row.coverage for row in rows):.3f}")
    kept = sum(row.terms_kept for row in rows) / max(1, terms)
    told.add_row("glossary terms kept", f"{kept:.3f}")
    faulty: Counter[str] = Counter()
    for row in rows:
        faulty.update({fault.kind for fault in row.faults})
    for kind in KINDS:
        told.add_row(f"sentences: {KINDS[kind]}", str(faulty[kind]))
    told.add_row("seconds a sentence", f"{result.seconds:.2f}")
    return told


def write(result: Result, folder: Path) -> None:
    """Each sentence with its figures as JSON lines, and the figures of all."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = (json.dumps(asdict(row), ensure_ascii=False) + "\n" for row in result.sentences)
    (folder / "sentences.jsonl").write_text("".join(lines), encoding="utf-8")
    figures = {key: value for key, value in asdict(result).items() if key != "sentences"}
    (folder / "figures.json").write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


def _cosines(
    one: np.ndarray[tuple[int, int], np.dtype[np.float32]],
    other: np.ndarray[tuple[int, int], np.dtype[np.float32]],
) -> list[float]:
    lengths = np.linalg.norm(one, axis=1) * np.linalg.norm(other, axis=1)
    return [float(value) for value in (one * other).sum(axis=1) / np.maximum(lengths, 1e-9)]
