"""What a question is about, apart from its frame: the terms to look for, in the words of the texts.

`哪几条讲到了长三角？` is about 长三角. A term is what stands in the documents and in no frame of a
question; the frames are data (frames.json). Which documents are meant was decided
before.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import groupby
from pathlib import Path

from index.documents.model import Document
from index.request.short_names import short_names
from index.text.language import Language
from index.text.places import names_of_region
from index.text.repair import clean
from index.text.tokens import cut_chinese

_FRAMES = Path(__file__).with_name("frames.json")
_QUOTED = re.compile(
    r"[“\"「『‘](?P<one>[^”\"」』’]{1,40})[”\"」』’]|(?<![\w'])'(?P<two>[^'\s][^']{0,38}[^'\s])'(?![\w'])"
)
_HAN_RUN = re.compile(r"[\u3400-\u9fff]{2,}")
_ZH_RUN = re.compile(r"[\u3400-\u9fffA-Za-z0-9+.-]+")
_EN_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9'’&./-]*")
_PERIOD = re.compile(r"十[一二三四五六七]五|\d+(?:th)?")
_TITLE = re.compile(r"《[^》]*》|[\u4e00-\u9fff]{0,8}[〔\[(（]\d{4}[〕\])）]\d+号")
_KIND_ZH = (
    r"(?:实施方案|行动方案|行动计划|实施意见|方案|计划|意见|规划|通知|办法|条例|规定|决定|文件|法)"
)
_KIND_EN = (
    r"(?:action plan|implementation plan|plan|opinions?|document|notice|circular|measures of|"
    r"regulations?|provisions|decision|law|programme|program)"
)
# What stands between them; `what Hangzhou plans for logistics in its plan` names no document.
_WITHIN = r"(?:(?!\s(?:in|of|under)\s+(?:its|their)\b)[^.?!,;])"
# Characters of a title that name it, before the word for a document.
TITLE_WORDS = 4
# Words of a term at most, in an English question.
MOST_WORDS = 8

# Words that frame a question and stand within terms too: the Ministry of Foreign Affairs.
_JOINING = frozenset(["of", "and", "for", "the", "on", "in", "to", "with", "a", "an", "by", "at"])

Stands = Callable[[str], bool]


def without_documents(text: str, documents: Sequence[Document]) -> str:
    """The question without the phrases that name these documents: `江苏电商方案`, `the plan`.

    A phrase goes from a document's place, year or title to the next word for a kind of document.
    """
    text = _TITLE.sub(" ", clean(text).text)
    for name in short_names(text, {each.id: each for each in documents}):
        text = re.sub(re.escape(name.text), " ", text, flags=re.IGNORECASE)
    for document in documents:
        starts = [re.escape(name) for name in names_of_region(document.region)]
        starts += [str(document.year)] if document.year else []
        title = clean(document.title).text.strip("《》")
        starts += [re.escape(title[:size]) for size in (6, 4) if len(title) >= size]
        if not starts:
            continue
        start = "|".join(sorted(starts, key=len, reverse=True))
        text = _without_title(text, title)
        zh = rf"(?:{start})(?:市|省)?[^，。？?！,;；]{{0,24}}?{_KIND_ZH}(?:\([^)]*\))?"
        en = rf"(?:the\s+)?\b(?:{start})\b(?:'s|’s)?{_WITHIN}{{0,60}}?\b{_KIND_EN}\b"
        text = re.sub(en, " ", re.sub(zh, " ", text), flags=re.IGNORECASE)
        text = re.sub(rf"(?:{start})(?:市|省|'s|’s)?", " ", text, flags=re.IGNORECASE)
    return " ".join(text.split())


def _without_title(text: str, title: str) -> str:
    """The question without words of a title that go on to the word for a document: 促进就业意见."""
    kinds = "|".join(kind for kind in _KIND_ZH.strip("(?:)").split("|") if kind in title)
    for at in range(len(title) - TITLE_WORDS + 1) if kinds else ():
        words = title[at : at + TITLE_WORDS]
        if words in text:
            own = rf"{re.escape(words)}[^，。？?！,;；]{{0,24}}?(?:{kinds})"
            text = re.sub(own, " ", text)
    return text


def quoted_terms(text: str) -> list[str]:
    """The terms in quotation marks; five-year periods are none."""
    quoted = [match["one"] or match["two"] for match in _QUOTED.finditer(text)]
    return [term for term in quoted if not _PERIOD.fullmatch(term)]


def subject_terms(text: str, language: Language, stands: Stands) -> list[str]:
    """The terms that a question without the names of its documents is about, longest first.

    `stands` tells whether a term stands in any of the texts that are meant. A quoted term counts
    whether it stands there or not.
    """
    if quoted := quoted_terms(text):
        return quoted
    if language == "en" and (han := _HAN_RUN.findall(text)):
        return han
    found = _chinese(text, stands) if language == "zh" else _english(text, stands)
    return sorted(dict.fromkeys(found), key=len, reverse=True)


def subject_pieces(text: str, language: Language) -> list[str]:
    """The pieces of a question between the words that frame it; of an English one Chinese alone."""
    if language == "zh":
        return _ZH_RUN.findall(_frame("zh").sub(" ", text))
    if han := _HAN_RUN.findall(text):
        return han
    pieces = []
    for run in _frame("en", _JOINING).sub(" | ", re.sub(r"[?!.,;:()]", " | ", text)).split("|"):
        words = run.split()
        while words and words[0].lower() in _JOINING:
            words.pop(0)
        while words and words[-1].lower() in _JOINING:
            words.pop()
        if words:
            pieces.append(" ".join(words))
    return pieces


def _chinese(text: str, stands: Stands) -> Iterator[str]:
    rest = _frame("zh").sub(" ", text)
    single = _single_frames()
    for run in _ZH_RUN.findall(rest):
        words = [run] if run.isascii() else cut_chinese(run)
        # A character that frames a question may also be part of a word: 数据安全 is not 全.
        for framed, group in groupby(words, lambda word: word in single):
            if not framed:
                yield from _longest(list(group), "", stands, 2)


def _english(text: str, stands: Stands) -> Iterator[str]:
    rest = _frame("en").sub(" | ", text)
    for run in rest.split("|"):
        yield from _longest(_EN_WORD.findall(run), " ", stands, 3)


def _longest(words: Sequence[str], joint: str, stands: Stands, least: int) -> Iterator[str]:
    """The longest pieces of a run of words that stand in the texts, from left to right."""
    at = 0
    while at < len(words):
        for end in range(min(len(words), at + MOST_WORDS), at, -1):
            piece = joint.join(words[at:end])
            if len(piece) >= least and stands(piece):
                yield piece
                at = end
                break
        else:
            at += 1


@cache
def frame_words(language: str) -> tuple[str, ...]:
    """The words that frame questions."""
    words: dict[str, list[str]] = json.loads(_FRAMES.read_text(encoding="utf-8"))
    return tuple(words[language])


@cache
def _single_frames() -> frozenset[str]:
    words: dict[str, list[str]] = json.loads(_FRAMES.read_text(encoding="utf-8"))
    return frozenset(word for word in words["zh"] if len(word) == 1)


@cache
def _frame(language: str, kept: frozenset[str] = frozenset()) -> re.Pattern[str]:
    words: dict[str, list[str]] = json.loads(_FRAMES.read_text(encoding="utf-8"))
    own = [word for word in words[language] if language == "en" or len(word) > 1]
    own = [word for word in own if word not in kept]
    either = "|".join(sorted(map(re.escape, own), key=len, reverse=True))
    return re.compile(either if language == "zh" else rf"\b(?:{either})\b", re.IGNORECASE)
