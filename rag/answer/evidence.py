"""A found clause made ready for reading: its sentences in both languages, its names.

No language model reads here (rag/answer/choose.py chooses among clauses with one), and nothing is
written.
"""

from __future__ import annotations

import re
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from index.documents.labels import document_label_en
from index.documents.model import Clause, Document, Rendition
from index.documents.sentences import LONGEST, sentence_spans
from index.search.store import ClauseIndex
from prompts import prompt
from rag.english.reliable import english_of
from rag.schema import Language

# The longest names in prompts: of documents, articles, chapters.
NAME = {"zh": 150, "en": 400}
# What stands where a clause's words are left out.
LEFT_OUT = "……"
ENDS_SENTENCE = re.compile(r"[。！？!?；;：:][”’」』）)]*$")
_ROW = re.compile(r"\S[ \u3000]*(?:\t|\|)[ \u3000]*\S")


@dataclass(frozen=True)
class Passage:
    """One sentence of a clause: its span in `clause.body`, and its words in both languages."""

    start: int
    end: int
    zh: str
    en: str | None

    @property
    def is_row(self) -> bool:
        """Whether it is a row of a table."""
        return _ROW.search(self.zh) is not None

    @property
    def in_brackets(self) -> bool:
        """Whether it stands in brackets, as the bodies in charge do."""
        return self.zh.lstrip().startswith(("(", "（", "[", "【"))

    def words(self, language: Language) -> str:
        """The sentence as it is read for a question in `language`."""
        return self.en if language == "en" and self.en else self.zh


# A heading that says who does something, what must be or may not, or how much.
_RULE = re.compile(r"由.{2,}(?:负责|牵头|承担)|[,，].*(?:应当|必须|不得|不超过|不低于|达到|\d)")


@dataclass(frozen=True)
class ReadClause:
    """A clause made ready for reading: names and sentences in the question's language.

    `lines` are its sentences one by one; in `passages` short lines are joined. `part` is the
    number of a window of an overlong clause (windows.py), of which it then has the sentences
    alone; None for the whole.
    """

    clause: Clause
    document: Document
    passages: tuple[Passage, ...]
    language: Language
    document_name: str
    heading: str
    lines: tuple[Passage, ...] = ()
    part: int | None = None

    @property
    def key(self) -> tuple[str, int | None]:
        """What tells it from everything else that is read for a question."""
        return self.clause.id, self.part

    @property
    def content(self) -> tuple[Passage, ...]:
        """The sentences that say something: without the heading, if there is anything else.

        A first sentence that was taken for a heading may be a rule of its own.
        """
        if _RULE.search(self.clause.heading):
            return self.passages
        heading = re.sub(r"\W", "", self.clause.heading)
        told = tuple(p for p in self.passages if re.sub(r"\W", "", p.zh) != heading)
        return told or self.passages

    @property
    def text(self) -> str:
        """The whole clause as the model reads it."""
        joined = "".join(f"{p.words(self.language)}{self._joint(p)}" for p in self.passages)
        return joined[: len(joined) - len(self._joint(self.passages[-1]))]

    def _joint(self, passage: Passage) -> str:
        """What stands behind a passage in `text`: rows of a table keep their lines."""
        return "\n" if passage.is_row else " " if self.language == "en" else ""

    @property
    def opening(self) -> str:
        """The clause as a prompt begins with it, up to the question."""
        names = {"document": self.document_name, "heading": self.heading}
        return prompt("clause", self.language, text=self.text, **names)

    @property
    def opening_without_words(self) -> str:
        """The same with the clause's words left out: what is known of it by its names."""
        names = {"document": self.document_name, "heading": self.heading}
        return prompt("clause", self.language, text=LEFT_OUT, **names)

    def hidden(self, kept: Sequence[Passage]) -> list[tuple[int, int]]:
        """The spans of `opening` with the sentences that are not among `kept`."""
        at = first = self.opening.rindex(self.text)
        spans = []
        for passage in self.passages:
            length = len(passage.words(self.language)) + len(self._joint(passage))
            end = min(at + length, first + len(self.text))
            if passage not in kept:
                spans.append((at, end))
            at = end
        return spans

    @property
    def body(self) -> str:
        """The clause's own sentences in both languages, without what stands above it."""
        told = [p.en or "" for p in self.passages]
        body = self.clause.body
        own = [body] if self.part is None else [body[p.start : p.end] for p in self.passages]
        return "\n".join((*own, *told))

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


def read_clause(index: ClauseIndex, clause_id: str, language: Language) -> ReadClause:
    """Prepare a clause for a question in `language`: the rendition for English, if there is one."""
    clause = index.clause(clause_id)
    document = index.documents[clause.document_id]
    rendition = index.rendition(clause_id)
    if rendition and not _is_readable(rendition):
        rendition = None
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
    return ReadClause(
        clause,
        document,
        passages,
        read_in,
        shortened(name, read_in),
        shortened(heading, read_in),
        lines,
    )


def shortened(name: str, language: Language) -> str:
    """A name of any length as a prompt has it."""
    return name if len(name) <= NAME[language] else f"{name[: NAME[language]]}…"


def _is_readable(rendition: Rendition) -> bool:
    """Whether its pieces are short enough to be read; else the clause is read in Chinese."""
    return all(
        len(sentence.zh) <= LONGEST["zh"] and len(sentence.en) <= LONGEST["en"]
        for sentence in rendition.sentences
    )


def _passages(clause: Clause, rendition: Rendition | None) -> Iterator[Passage]:
    """The sentences of the body; with a rendition, its pieces, which are aligned with English."""
    if rendition:
        spans = _aligned(clause.body, [sentence.zh for sentence in rendition.sentences])
        if spans:
            for (start, end), sentence in zip(spans, rendition.sentences, strict=True):
                # Where the two differ, the Chinese decides: its English is made anew, or quoted.
                yield Passage(start, end, clause.body[start:end], english_of(rendition, sentence))
            return
    for start, end in sentence_spans(clause.body):
        yield Passage(start, end, clause.body[start:end], None)


def _joined(passages: Sequence[Passage]) -> Iterator[Passage]:
    """Short lines that end no sentence (titles, signatures, dates) joined into one passage."""
    run: list[Passage] = []
    for passage in [*passages, None]:
        if passage and _is_line(passage):
            if run and passage.end - run[0].start > LONGEST["zh"]:
                yield _as_one(run)
                run = []
            run.append(passage)
            continue
        if run:
            yield _as_one(run)
            run = []
        if passage:
            yield passage


def _is_line(passage: Passage) -> bool:
    """Whether it is a short line that ends no sentence, and no row of a table."""
    bare = len(passage.zh) <= 40 and not ENDS_SENTENCE.search(passage.zh)
    return bare and not passage.is_row


def _as_one(run: Sequence[Passage]) -> Passage:
    english = [one.en for one in run]
    return Passage(
        run[0].start,
        run[-1].end,
        "，".join(one.zh for one in run),
        ", ".join(filter(None, english)) if all(english) else None,
    )


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


def standardised(values: Sequence[float | None]) -> list[float]:
    """Mean 0 and standard deviation 1; all 0 where a model gives no such value or all agree."""
    known = [value for value in values if value is not None]
    if len(known) < len(values) or len(known) < 2:
        return [0.0] * len(values)
    spread = statistics.pstdev(known)
    mean = statistics.fmean(known)
    return [(value - mean) / spread if spread > 1e-9 else 0.0 for value in known]
