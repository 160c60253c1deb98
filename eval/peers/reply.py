"""Reads what a peer wrote: its sentences with their citation marks, and whether it is a refusal.

Peers write free text, so many ways of marking a source and of declining are understood, in favour
of the peer. Which clauses the marks stand for is not decided here.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from rag.answer.support import split_answer
from rag.schema import Language, Outcome

_REFUSALS = Path(__file__).with_name("refusals.txt")

_WORD = r"(?:sources?|passages?|documents?|context|来源|资料|片段|段落|文档|上下文)"
_LIST = rf"\d{{1,2}}(?:\s*(?:[,，、;；&\-–~至和与]|and|to)\s*(?:{_WORD}\s*)?\d{{1,2}})*"
# [1], [1, 2], 【1】, [Source 1], (Source 1), （来源1、2）; a year in brackets has four digits.
_BRACKETED = re.compile(
    rf"[\[【［〔]\s*\^?(?:{_WORD}\s*[:：]?\s*)?(?P<bare>{_LIST})\s*[\]】］〕]"
    rf"|[(（]\s*{_WORD}\s*[:：]?\s*(?P<word>{_LIST})\s*[)）]",
    re.IGNORECASE,
)
# Unbracketed, as in "according to Source 2": the word is part of the sentence, its number a mark.
_SPOKEN = re.compile(
    rf"(?P<word>\bsources?|来源|资料)\s*(?P<numbers>{_LIST})(?![\d.%])", re.IGNORECASE
)
# Marks are set into characters of no language meanwhile, which cutting into sentences leaves alone.
_OPEN, _CLOSE = "\ue000", "\ue001"
_SET = re.compile(rf"\s*{_OPEN}(\d+){_CLOSE}")
_AFTER_STOP = re.compile(rf"([。！？.!?]+[”\"’」）)]*)((?:\s*{_OPEN}\d+{_CLOSE})+)")
_LONE = re.compile(rf"^[\W_]*(?:{_OPEN}\d+{_CLOSE}[\W_]*)+$")


@dataclass(frozen=True)
class ReadSentence:
    """A sentence without its marks, and the numbers they hold, each once."""

    text: str
    marks: tuple[int, ...]


@dataclass(frozen=True)
class Reply:
    """What a peer wrote. `text` has every bracketed mark in the form `[1]`."""

    outcome: Outcome
    text: str
    sentences: tuple[ReadSentence, ...]


def read_reply(written: str, language: Language) -> Reply:
    """Read a whole answer. One without any text counts as refused, like a refusal in words.

    It is a refusal if its first sentence says that the sources do not hold the answer, or if any
    sentence says so and none is cited.
    """
    marked = _BRACKETED.sub(lambda m: _set_marks(m["bare"] or m["word"]), written.strip())
    spoken = _SPOKEN.sub(lambda m: m["word"] + _set_marks(m["numbers"]), marked)
    # A mark behind the full stop belongs to the sentence before it.
    whole = _AFTER_STOP.sub(lambda m: m[2].strip() + m[1], spoken)
    sentences: list[ReadSentence] = []
    for piece in split_answer(whole, language):
        numbers = tuple(dict.fromkeys(int(number) for number in _SET.findall(piece)))
        text = " ".join(_SET.sub("", piece).split())
        if _LONE.match(piece) and sentences:
            last = sentences.pop()
            numbers = tuple(dict.fromkeys((*last.marks, *numbers)))
            text = last.text
        if re.search(r"\w", text):
            sentences.append(ReadSentence(text, numbers))
    says_so = [declines(sentence.text) for sentence in sentences]
    cites = any(sentence.marks for sentence in sentences)
    refused = not sentences or says_so[0] or (any(says_so) and not cites)
    text = re.sub(rf"{_OPEN}(\d+){_CLOSE}", r"[\1]", marked)
    return Reply("refused" if refused else "answered", text, tuple(sentences))


def declines(text: str) -> bool:
    """Whether the text has one of the phrases of refusals.txt."""
    plain = unicodedata.normalize("NFKC", text).casefold().replace("’", "'")
    return any(phrase in plain for phrase in _phrases())


@cache
def _phrases() -> tuple[str, ...]:
    lines = _REFUSALS.read_text(encoding="utf-8").splitlines()
    return tuple(line.casefold() for line in lines if line and not line.startswith("#"))


def _set_marks(numbers: str) -> str:
    """`1, 3-5` as marks 1, 3, 4 and 5."""
    found: list[int] = []
    for first, last in re.findall(r"(\d+)(?:\s*(?:[-–~至]|to)\s*(?:\D*?)(\d+))?", numbers):
        found += range(int(first), int(last or first) + 1) or [int(first)]
    return "".join(f"{_OPEN}{number}{_CLOSE}" for number in dict.fromkeys(found))
