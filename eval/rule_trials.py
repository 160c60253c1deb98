"""What rules are tried on: questions, statements, memos and translations, each told and scored.

All is done without a language model and comes out the same each time, so that what is another
without a rule is another because of it. How good the program is they do not tell. Rules are left
out in eval/rule_ablation.py.
"""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from pydantic import BaseModel, ConfigDict, ValidationError

from eval.case import Case, CaseFault
from eval.memos import DAY, HOLDS, Held, Memo, outcome
from eval.metrics import Sources, measure
from eval.stand_in import StandIn
from eval.translation import Pair
from index.search.lexicon import first_senses
from index.search.store import ClauseIndex
from index.text.tokens import cut_chinese, tokenise_english
from rag.answer.assistant import Assistant
from rag.answer.evidence import read_clause
from rag.answer.statement_check import check_sentence
from rag.check.check import check_text
from rag.english.checks import faults_in
from rag.english.phrases import phrase_in_english
from rag.english.translate import Translator
from rag.errors import RagFault
from rag.schema import Answer

PASSED = ("verbatim", "supported")
# A place that none of the reviewed sentences names.
_ELSEWHERE = "Harbin"
_HAN = re.compile(r"[\u4e00-\u9fff]+")
_NUMBER = re.compile(r"(?<![\d.,])(?:1[3-9]|[2-9]\d|\d{3,})(?![\d.,]*\d)")
_NOT = re.compile(r" not\b|\bnot ")


@dataclass(frozen=True)
class Told:
    """What came of a trial: its reply, to be compared with another, and how good that is."""

    reply: tuple[str, ...]
    good: Mapping[str, float]


class Trial(Protocol):
    """Something told with rules and without them. It is scored with all rules in both cases."""

    def reply(self) -> object:
        """What the program makes of it now."""
        ...

    def scored(self, reply: object) -> Told:
        """How good a reply is, by names of measures."""
        ...


class Statement(BaseModel):
    """A sentence said of an article, and whether the article says so."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: str
    language: Literal["zh", "en"]
    article: str
    statement: str
    truth: Literal["true", "false"]


def read_statements(path: Path) -> list[Statement]:
    """The statements of a JSON Lines file. Raises CaseFault with the line of a mistake."""
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        try:
            found.append(Statement.model_validate(json.loads(line)))
        except (json.JSONDecodeError, ValidationError) as error:
            first = str(error).splitlines()[0]
            raise CaseFault(f"{path.name}, line {number}: no statement ({first})") from None
    return found


def trials_of_cases(index: ClauseIndex, cases: Sequence[Case]) -> list[Trial]:
    """Questions over an index, answered by a model that copies."""
    assistant, sources = Assistant(index, StandIn, StandIn.name), Sources.of(index.documents)
    return [_Asked(assistant, sources, case) for case in cases]


def trials_of_statements(index: ClauseIndex, statements: Sequence[Statement]) -> list[Trial]:
    """Statements on clauses of an index; those on clauses that are not held are left out."""
    held = Sources.of(index.documents).clauses
    return [_Stated(index, each) for each in statements if each.article in held]


def trials_of_memos(held: Held, memos: Sequence[Memo]) -> list[Trial]:
    """Memos with planted citations, checked against the documents held."""
    return [_Checked(held, memo) for memo in memos]


def trials_of_pairs(pairs: Sequence[Pair], glossary: Sequence[tuple[str, str]]) -> list[Trial]:
    """Reviewed sentences: checked, damaged and checked, and translated word by word."""
    return [_Rendered(pair, glossary) for pair in pairs]


@dataclass(frozen=True)
class _Asked:
    assistant: Assistant
    sources: Sources
    case: Case

    def reply(self) -> object:
        try:
            return self.assistant.answer(self.case.question, previous=self.case.previous)
        except RagFault:
            return None

    def scored(self, reply: object) -> Told:
        if not isinstance(reply, Answer):
            return Told((), {})
        found = measure(self.case, reply, self.sources)
        right = sum(found.get(name) or 0.0 for name in ("right", "set_recall", "number_right"))
        cited = [citation.quote for citation in reply.citations]
        good = {"right": right, "direct": found.get("direct") or 0.0}
        return Told((reply.route, reply.outcome, reply.answer, *cited), good)


@dataclass(frozen=True)
class _Stated:
    index: ClauseIndex
    said: Statement

    def reply(self) -> object:
        read = read_clause(self.index, self.said.article, self.said.language)
        return check_sentence(self.said.statement, read, self.said.language).verdict

    def scored(self, reply: object) -> Told:
        holds = reply in PASSED
        return Told((str(holds),), {"verdicts": float(holds == (self.said.truth == "true"))})


@dataclass(frozen=True)
class _Checked:
    held: Held
    memo: Memo

    def reply(self) -> object:
        checked = check_text(self.memo.text, self.held, DAY)
        found = [outcome(self.memo, planted, checked) for planted in self.memo.planted]
        places = [(each.start, each.end) for each in self.memo.planted]
        # Told to be wrong where nothing is cited.
        alarms = [
            one.text
            for one in checked.citations
            if one.verdict not in HOLDS and not any(_meets(one.start, one.end, *p) for p in places)
        ]
        return tuple((each.told, each.right) for each in found), tuple(alarms)

    def scored(self, reply: object) -> Told:
        assert isinstance(reply, tuple)
        found, alarms = reply
        right = sum(right for _, right in found) - len(alarms)
        return Told((*(f"{told} {right}" for told, right in found), *alarms), {"memos": right})


def _meets(start: int, end: int, other_start: int, other_end: int) -> bool:
    return start < other_end and end > other_start


@dataclass(frozen=True)
class _Rendered:
    pair: Pair
    glossary: Sequence[tuple[str, str]]

    def reply(self) -> object:
        zh, en = self.pair.zh, self.pair.en
        known = " ".join(en for zh_term, en in self.glossary if zh_term in zh)
        sound = {str(fault) for fault in faults_in(zh, en, known)}
        found = [
            any(fault.kind == kind and str(fault) not in sound for fault in told)
            for kind, worse in damaged(zh, en)
            for told in [faults_in(zh, worse, known)]
        ]
        with tempfile.TemporaryDirectory() as folder:
            (told,) = Translator(WordByWord(), self.glossary, Path(folder)).translate([zh])
        phrase = phrase_in_english(zh[:_PHRASE], dict(self.glossary)) or ""
        return tuple(sorted(sound)), tuple(found), told, phrase

    def scored(self, reply: object) -> Told:
        assert isinstance(reply, tuple)
        sound, found, told, phrase = reply
        reviewed = set(tokenise_english(self.pair.en))
        there = len(reviewed & set(tokenise_english(told))) / max(1, len(reviewed))
        good = sum(found) - len(sound) + there
        return Told((*sound, *map(str, found), told, phrase), {"english": good})


# So much of a sentence is also read as a short name.
_PHRASE = 8


def damaged(zh: str, en: str) -> Iterator[tuple[str, str]]:
    """A sentence's English with one fault planted at a time, each behind its kind."""
    if number := _NUMBER.search(en):
        before, after = en[: number.start()], en[number.end() :]
        yield "number", f"{before}{int(number[0]) + 7}{after}"
        if en.count(number[0]) == 1:
            yield "lost number", f"{before}several{after}"
    if _NOT.search(en):
        yield "force", _NOT.sub("", en)
    yield "name", f"{en.rstrip('.')} in {_ELSEWHERE}."
    if run := _HAN.search(zh):
        yield "chinese", f"{en.rstrip('.')} {run[0][:4]}."
        yield "pinyin", f"{en.rstrip('.')} {_spelt(run[0])}."


def _spelt(run: str) -> str:
    from pypinyin import lazy_pinyin

    word = next((each for each in cut_chinese(run) if len(each) == 2), run[:2])
    return "".join(lazy_pinyin(word)).capitalize()


class WordByWord(StandIn):
    """Translates by the dictionary's first senses; what has none is left out."""

    name = "word by word"

    def write_all(
        self, system: str, users: Sequence[str], *, max_tokens: int, latin: bool = False
    ) -> Iterator[tuple[int, str]]:
        """Each text behind its prompt's last line."""
        for place, user in enumerate(users):
            text = user.rpartition("\n")[2]
            yield place, " ".join(_HAN.sub(self._senses, text).split())

    def _senses(self, run: re.Match[str]) -> str:
        senses = first_senses()
        return f" {' '.join(senses.get(word, '') for word in cut_chinese(run[0]))} "
