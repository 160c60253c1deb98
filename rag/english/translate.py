"""English for Chinese clauses by the language model, sentence by sentence, checked and kept.

Amounts are converted by code and glossary terms are given to the model. A sentence whose numbers
differ from the source's, or that still has Chinese in it, is done again in smaller pieces.
Finished sentences stay in a cache on disk, so that an interrupted translation goes on where it
was. It embeds and indexes nothing.
"""

from __future__ import annotations

import hashlib
import re
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

from platformdirs import user_cache_path

from index.documents.model import Clause, Rendition, Sentence
from index.documents.renditions import institutions
from index.documents.sentences import pieces_of, sentence_spans
from index.search.lexicon import first_senses
from index.text.figures import known_numbers, stated_numbers
from index.text.numbers import read_numeral
from index.text.tokens import cut_chinese
from prompts import prompt
from rag.english.amounts import with_english_amounts
from rag.errors import HaltedError
from rag.llm.protocol import Generator

Progress = Callable[[str, int, int], None]

MOST_TOKENS = 240
# Part of the cache's key: to be raised when translations come out otherwise than before.
FORMAT = "3"
TERMS = 8
# Terms longer than this, Chinese and English together, are no terms.
LONGEST_TERM = 120
# The share of a translation that may be Chinese words, to be rendered one by one.
MOST_LEFT = 0.5
# Numbers up to this may be written in words (five districts), which the check does not read.
IN_WORDS = 12
_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]+")
_PIECE = re.compile(r"[^，,；;：:]+[，,；;：:]?")
_NAMED = re.compile(r"《[^》]*》")
# A model makes 第三十六条 the third of something.
_PARTS = {"条": "Article", "章": "Chapter", "款": "paragraph", "项": "item"}
_PART = re.compile(rf"第([\d零〇一二两三四五六七八九十百千]+)([{''.join(_PARTS)}])(?!之)")
# 财政部门 is any finance authority, not 财政部.
_NAMES = re.compile(rf"(?:{'|'.join(re.escape(zh) for zh, _ in institutions())})(?!门)")


class Translator:
    """Translates Chinese sentences. `folder` keeps what is finished; None is the user's cache.

    As soon as `halted` says so, work is left with a HaltedError; sentences are then written one
    after the other, not side by side.
    """

    def __init__(
        self,
        generator: Generator,
        glossary: Sequence[tuple[str, str]],
        folder: Path | None = None,
        halted: Callable[[], bool] | None = None,
    ) -> None:
        self._generator = generator
        self._halted = halted
        # The longest term first: 跨境数字贸易 says more than 数字贸易.
        self._glossary = sorted(glossary, key=lambda pair: -len(pair[0]))
        self._path = (folder or user_cache_path("tiaowen")) / "translations.sqlite"
        wording = "\n".join(
            (FORMAT, generator.name, prompt("translate-system", "en"), _asking("", ""))
        )
        self._identity = hashlib.sha256(wording.encode()).hexdigest()[:16]

    def render(self, clauses: Sequence[Clause], progress: Progress) -> dict[str, Rendition]:
        """Machine-made renditions of the clauses, by clause id. Raises ModelFault."""
        pieces = [_sentences(clause) for clause in clauses]
        texts = texts_of(clauses)
        english = dict(zip(texts, self.translate(texts, progress), strict=True))
        return {
            clause.id: Rendition(
                clause_path=clause.path,
                title_en=_title(english.get(clause.heading) or english[own[0]]),
                sentences=tuple(Sentence(text, english[text]) for text in own),
                machine=True,
            )
            for clause, own in zip(clauses, pieces, strict=True)
            if own
        }

    def translate(
        self, sentences: Sequence[str], progress: Progress = lambda *_: None
    ) -> list[str]:
        """English for each sentence, in order; an overlong one in pieces. Raises ModelFault."""
        pieces = [[text[at:end] for at, end in pieces_of(text)] or [text] for text in sentences]
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(self._path, timeout=60)) as kept:
            kept.execute(
                "CREATE TABLE IF NOT EXISTS translations (key TEXT PRIMARY KEY, english TEXT)"
            )
            wanted = list(dict.fromkeys(piece for own in pieces for piece in own))
            found = {text: english for text in wanted if (english := self._kept(kept, text))}
            todo = sorted((text for text in wanted if text not in found), key=len)
            progress("translating", len(found), len(wanted))
            for text, english in self._finished(todo):
                found[text] = english
                kept.execute(
                    "INSERT OR REPLACE INTO translations VALUES (?, ?)", (self._key(text), english)
                )
                kept.commit()
                progress("translating", len(found), len(wanted))
        return [" ".join(found[piece] for piece in own) for own in pieces]

    def _finished(self, sentences: Sequence[str]) -> Iterator[tuple[str, str]]:
        """Each sentence with its English: at once where that is sound, else from its pieces."""
        again: dict[str, str] = {}
        for text, english in self._written(sentences):
            if faults_of(text, english):
                again[text] = english
            else:
                yield text, english
        parts = {text: _PIECE.findall(text) or [text] for text in again}
        wanted = list(dict.fromkeys(part for own in parts.values() for part in own))
        english_of = dict(self._written(wanted))
        for text, first in again.items():
            joined = " ".join(
                self._mended(part, english_of[part]).rstrip(".") for part in parts[text]
            )
            attempts = [self._mended(text, first), _sentence_case(joined)]
            yield text, min(attempts, key=lambda attempt: len(faults_of(text, attempt)))

    def _written(self, sentences: Sequence[str]) -> Iterator[tuple[str, str]]:
        if not sentences:
            return
        users = [self._user(text) for text in sentences]
        system = prompt("translate-system", "en")
        if self._halted:
            for sentence, user in zip(sentences, users, strict=True):
                yield sentence, " ".join(self._unless_halted(system, user).split())
            return
        for place, answer in self._generator.write_all(system, users, max_tokens=MOST_TOKENS):
            yield sentences[place], " ".join(answer.split())

    def _unless_halted(self, system: str, user: str) -> str:
        written = ""
        for piece in self._generator.stream(system, user, max_tokens=MOST_TOKENS):
            if self._halted and self._halted():
                raise HaltedError
            written += piece
        return written

    def _user(self, sentence: str) -> str:
        terms: list[str] = []
        rest = _NAMES.sub(" ", sentence)
        for zh, en in self._glossary:
            if zh in rest and len(terms) < TERMS and len(zh) + len(en) <= LONGEST_TERM:
                terms.append(f"{zh} = {en}")
                rest = rest.replace(zh, " ")
        named = _PART.sub(_part, _with_english_names(sentence))
        return _asking(with_english_amounts(named), "; ".join(terms))

    def _mended(self, sentence: str, english: str) -> str:
        """The English with the Chinese left in it rendered by glossary and dictionary, or spelt."""
        left = sum(map(len, _HAN.findall(_NAMED.sub("", english))))
        # What is Chinese for the most part is no translation, and spelling it would hide that.
        if not left or left > MOST_LEFT * len(english):
            return english
        terms = dict(self._glossary)

        def render(match: re.Match[str]) -> str:
            return f" {terms[match[0]] if match[0] in terms else _word_by_word(match[0])} "

        pieces = re.split(r"(《[^》]*》)", english)
        pieces[::2] = [_HAN.sub(render, piece) for piece in pieces[::2]]
        return " ".join("".join(pieces).split())

    def _key(self, text: str) -> str:
        return hashlib.sha256(f"{self._identity}\n{self._user(text)}".encode()).hexdigest()

    def _kept(self, kept: sqlite3.Connection, text: str) -> str | None:
        row = kept.execute(
            "SELECT english FROM translations WHERE key = ?", (self._key(text),)
        ).fetchone()
        return str(row[0]) if row else None


def texts_of(clauses: Sequence[Clause]) -> list[str]:
    """What is translated for clauses: their sentences and their headings."""
    texts = [text for clause in clauses for text in _sentences(clause)]
    return texts + [clause.heading for clause in clauses if clause.heading]


def faults_of(sentence: str, english: str) -> list[str]:
    """What is wrong with a translation: Chinese left in it, numbers lost or made up."""
    faults = ["empty"] if not english else []
    faults += [f"left in Chinese: {run}" for run in _HAN.findall(_NAMED.sub("", english))]
    source = known_numbers(sentence)
    for number in stated_numbers(english):
        if not number.values & source:
            faults.append(f"not in the source: {number.written}")
    told = known_numbers(english)
    for number in stated_numbers(sentence):
        small = all(value <= IN_WORDS and value.denominator == 1 for value in number.values)
        if not small and not number.values & told:
            faults.append(f"lost: {number.written}")
    return faults


def _asking(text: str, terms: str) -> str:
    name = "translate-terms" if terms else "translate"
    return prompt(name, "en", text=text, **({"terms": terms} if terms else {}))


def _with_english_names(sentence: str) -> str:
    """The sentence with the institutions of the state in English; titles in 《》 are left."""
    names = dict(institutions())
    pieces = re.split(r"(《[^》]*》)", sentence)
    pieces[::2] = [_NAMES.sub(lambda match: f" {names[match[0]]} ", each) for each in pieces[::2]]
    return "".join(pieces)


def _part(match: re.Match[str]) -> str:
    number = read_numeral(match[1])
    return match[0] if number is None else f" {_PARTS[match[2]]} {number} "


def _word_by_word(chinese: str) -> str:
    """English for a few Chinese words: the dictionary's first sense, names spelt in pinyin."""
    from pypinyin import lazy_pinyin

    senses = first_senses()
    return " ".join(
        senses.get(word) or "".join(lazy_pinyin(word)).capitalize() for word in cut_chinese(chinese)
    )


def _sentences(clause: Clause) -> list[str]:
    return [clause.body[start:end] for start, end in sentence_spans(clause.body)]


def _title(english: str) -> str:
    """A heading's English without its full stop, shortened where it is a whole sentence."""
    words = english.rstrip(" .;:").split()
    return " ".join(words[:16]) + ("…" if len(words) > 16 else "")


def _sentence_case(text: str) -> str:
    return text[:1].upper() + text[1:] + ("" if text[-1:] in ".;:!?" else ".")
