"""English that a person gave for sentences of a document, kept in `<file>.english.json` beside it.

Reviewed English of single sentences, and official English that was aligned to the document. Reads,
checks, writes and lays it over whatever English there is otherwise. It is found again by the words
of the Chinese, so that it holds when the document is read or translated anew. It aligns nothing.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Literal

from index.documents.model import Clause, Document, Rendition, Sentence
from index.documents.sentences import sentence_spans
from index.documents.sidecar import ENGLISH_SUFFIX, rows_beside
from index.errors import DocumentFault
from index.text.characters import one_line
from prompts.notices import notice

MOST_CHARACTERS = 4000
MOST_GIVEN = 50_000
# How many words of a sentence stand for a heading where the article has none.
TITLE_WORDS = 16


@dataclass(frozen=True)
class Given:
    """English of some Chinese of an article: of a sentence, of several together, or its heading.

    `source` is what an official text is called: its file, or where it was published.
    """

    path: str
    zh: str
    en: str
    by: Literal["reviewed", "official"] = "reviewed"
    source: str = ""
    heading: bool = False

    @property
    def key(self) -> str:
        """What names it within its document: whose English it is, and of what."""
        told = json.dumps([self.path, bare(self.zh), self.by, self.heading])
        return hashlib.sha256(told.encode("ascii")).hexdigest()[:16]


def reviewed(clause: Clause, zh: str, en: str, *, heading: bool = False) -> Given:
    """English that a person gives for Chinese of that clause. Raises DocumentFault."""
    line = one_line(en)
    if not line:
        raise DocumentFault("english-empty")
    if len(line) > MOST_CHARACTERS:
        raise DocumentFault("english-too-long", most=MOST_CHARACTERS)
    if bare(zh) not in bare(clause.heading if heading else clause.body) or not bare(zh):
        raise DocumentFault("english-chinese-gone")
    return Given(clause.path, zh, line, heading=heading)


def with_given(
    document: Document, renditions: Mapping[str, Rendition], given: Sequence[Given]
) -> tuple[dict[str, Rendition], list[Given]]:
    """The renditions by clause id with what was given, and what of it fits nowhere any more.

    Official English comes before reviewed, reviewed before a machine's.
    """
    by_clause: dict[str, list[Given]] = defaultdict(list)
    unfit: list[Given] = []
    places = _Places(document)
    for one in given:
        clause = places.clause(one)
        if clause is None:
            unfit.append(one)
        else:
            by_clause[clause.id].append(one)
    changed = dict(renditions)
    for clause in document.clauses:
        if own := by_clause.get(clause.id):
            changed[clause.id], left = laid_over(clause, renditions.get(clause.id), own)
            unfit += left
    return changed, unfit


def laid_over(
    clause: Clause, rendition: Rendition | None, given: Iterable[Given]
) -> tuple[Rendition, list[Given]]:
    """The English of a clause with what was given for it, and what of that fits nowhere."""
    ordered = sorted(given, key=lambda one: one.by != "official")
    machine = rendition is None or rendition.machine
    sentences = list(rendition.sentences) if rendition else sentences_of(clause)
    unfit: list[Given] = []
    title = ""
    for one in ordered:
        if one.heading:
            title = title or one.en
            continue
        run = _run(sentences, one.zh)
        if run is None:
            hidden = any(s.by == "official" and bare(one.zh) in bare(s.zh) for s in sentences)
            if not hidden:
                unfit.append(one)
        elif not any(each.by == "official" for each in sentences[run[0] : run[1]]):
            sentences[run[0] : run[1]] = [Sentence(one.zh, one.en, one.by)]
    first = next((each.en for each in sentences if each.en), "")
    if not title and rendition and not (machine and not clause.heading):
        title = rendition.title_en
    made = machine and any(each.en and not each.by for each in sentences)
    return Rendition(clause.path, title or short_title(first), tuple(sentences), made), unfit


def given_in(clause: Clause, rendition: Rendition) -> list[Given]:
    """What persons gave, of a rendition that holds it."""
    return [
        Given(clause.path, each.zh, each.en, each.by)
        for each in rendition.sentences
        if each.by and each.en
    ]


def sentences_of(clause: Clause) -> list[Sentence]:
    """The Chinese sentences of a clause that has no English yet."""
    return [Sentence(clause.body[start:end], "") for start, end in sentence_spans(clause.body)]


def short_title(english: str) -> str:
    """A heading's English without its full stop, shortened where it is a whole sentence."""
    words = english.rstrip(" .;:").split()
    return " ".join(words[:TITLE_WORDS]) + ("…" if len(words) > TITLE_WORDS else "")


def bare(text: str) -> str:
    """A text without white space: what tells one sentence from another."""
    return "".join(text.split())


def english_file(document_path: Path) -> Path:
    """Where the English that persons gave for a document is, if there is any."""
    return document_path.with_name(document_path.name + ENGLISH_SUFFIX)


def read_given(path: Path) -> tuple[Given, ...]:
    """What is in such a file, nothing if there is none. Raises DocumentFault."""
    return tuple(given_of(rows_beside(path), str(path)))


def given_of(rows: Iterable[object], where: str) -> list[Given]:
    """What rows were made of. Raises DocumentFault, with where it is and which."""
    found = []
    for number, row in enumerate(rows, start=1):
        fault = DocumentFault("given-form", where=where, number=number)
        if not isinstance(row, dict):
            raise fault
        try:
            one = Given(**row)
        except TypeError:
            raise fault from None
        texts = (one.path, one.zh, one.en, one.source)
        if not all(isinstance(text, str) for text in texts) or not isinstance(one.heading, bool):
            raise fault
        if one.by not in ("reviewed", "official") or not bare(one.zh) or not one.en.strip():
            raise fault
        found.append(one)
    return found


def given_data(given: Sequence[Given]) -> bytes:
    """The file of what was given, as `read_given` takes it."""
    rows = [{key: value for key, value in asdict(one).items() if value} for one in given]
    return (json.dumps(rows, indent=1) + "\n").encode("ascii")


def given_digest(given: Sequence[Given]) -> str:
    """A hash of what was given, empty where nothing was."""
    return hashlib.sha256(given_data(given)).hexdigest()[:16] if given else ""


def told_unfit(document_id: str, unfit: Sequence[Given]) -> list[str]:
    """Warnings of what is left out."""
    return [
        notice("given-left-out", document=document_id, path=one.path, zh=one.zh) for one in unfit
    ]


def with_official(
    held: Sequence[Given], official: Sequence[Given], source: str
) -> tuple[Given, ...]:
    """What is held with an official text in place of the one before."""
    named = [replace(one, by="official", source=source) for one in official]
    return (*(one for one in held if one.by != "official"), *named)


def with_reviewed(held: Sequence[Given], one: Given) -> tuple[Given, ...]:
    """What is held with a person's English of a sentence, also in place of official English."""
    wanted = bare(one.zh)
    return (
        *(
            each
            for each in held
            if each.path != one.path
            or each.heading != one.heading
            or (bare(each.zh) != wanted and not (each.by == "official" and wanted in bare(each.zh)))
        ),
        one,
    )


class _Places:
    """Where the Chinese of what was given stands in a document as it is now."""

    def __init__(self, document: Document) -> None:
        self._paths = {clause.path: clause for clause in document.clauses}
        self._bodies = [(bare(clause.body), clause) for clause in document.clauses]
        self._headings = [(bare(clause.heading), clause) for clause in document.clauses]

    def clause(self, one: Given) -> Clause | None:
        """The clause of that path if it stands there, else the only one where it does."""
        wanted = bare(one.zh)
        own = self._paths.get(one.path)
        if own is not None and (
            wanted == bare(own.heading) if one.heading else wanted in bare(own.body)
        ):
            return own
        if one.heading:
            found = [clause for text, clause in self._headings if text == wanted]
        else:
            found = [clause for text, clause in self._bodies if wanted in text]
        return found[0] if len(found) == 1 else None


def _run(sentences: Sequence[Sentence], zh: str) -> tuple[int, int] | None:
    """The run of sentences that are that Chinese, None where it is none."""
    wanted, texts = bare(zh), [bare(each.zh) for each in sentences]
    for first in range(len(texts)):
        joined = ""
        for last in range(first, len(texts)):
            joined += texts[last]
            if joined == wanted:
                return first, last + 1
            if len(joined) >= len(wanted) or not wanted.startswith(joined):
                break
    return None
