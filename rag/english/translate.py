"""English for Chinese clauses by the language model, sentence by sentence, checked and kept.

Names, amounts and reviewed sentences are put in English by code, and glossary terms are given to
the model. A sentence with a fault, or of which something seems left out, is done again in smaller
pieces, and the better attempt counts; one that stays wrong is left without English. Finished
sentences stay in a cache on disk, so that an interrupted translation goes on where it was. It
embeds and indexes nothing.
"""

from __future__ import annotations

import hashlib
import re
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import closing
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path

from platformdirs import user_cache_path

from index.documents.given import short_title
from index.documents.model import Clause, Rendition, Sentence
from index.documents.renditions import read_glossary
from index.documents.sentences import pieces_of, sentence_spans
from index.search.lexicon import first_senses
from index.text.numbers import read_numeral
from index.text.tokens import cut_chinese
from index.text.written import HAN_RUN
from prompts import prompt
from rag.english.amounts import with_english_amounts
from rag.english.bounds import with_english_bounds
from rag.english.checks import NAMED, Fault, faults_in, raw_pinyin
from rag.english.completeness import seems_cut, told_of
from rag.english.imperative import as_sentence
from rag.english.memory import Memory
from rag.english.names import holds_term, names_with_place, with_english_names, with_spelt_places
from rag.english.vocabulary import is_common
from rag.errors import HaltedError
from rag.llm.protocol import Generator

Progress = Callable[[str, int, int], None]

MOST_TOKENS = 240
# Part of the cache's key: to be raised when translations come out otherwise than before.
FORMAT = "5"
# Beside amounts and the glossary: names by code, Latin letters alone, fragments as demands, terms
# of laws at large, poor sentences again in pieces, and reviewed sentences.
TECHNIQUES = ("names", "latin", "wording", "terms", "pieces", "memory")
TERMS = 8
# Terms longer than this, Chinese and English together, are no terms.
LONGEST_TERM = 120
# The share of a translation that may be Chinese words, to be rendered one by one.
MOST_LEFT = 0.5
# How long pieces of a sentence are, where it can be cut: first, and where a fault is left then.
PIECES = (45, 12)
# No piece is shorter than this.
SHORTEST_PIECE = 6
_PIECE = re.compile(r"[^，,；;：:]+[，,；;：:]?")
# The number of an item: a model makes (一) anything from (One) to (a).
_MARKER = re.compile(r"^\s*[(（]([一二三四五六七八九十]+)[)）]\s*(?=\S)")
# A title in English within a title's marks needs none.
_MARKED = re.compile(r"《\s*([^《》\u3400-\u9fff]+?)\s*》")


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
        memory: Memory | None = None,
        techniques: Collection[str] | None = None,
    ) -> None:
        """`memory` holds reviewed sentences, which are not translated again.

        `techniques` are those used beside amounts and terms; None: all, else it is an experiment.
        """
        used = TECHNIQUES if techniques is None else techniques
        self._named, self._pieces = "names" in used, "pieces" in used
        self._latin, self._worded_so = "latin" in used, "wording" in used
        self._generator = generator
        self._halted = halted
        # The longest term first: 跨境数字贸易 says more than 数字贸易.
        self._glossary = sorted(glossary, key=lambda pair: -len(pair[0]))
        self._terms = dict(self._glossary)
        if "terms" in used:
            general = (pair for pair in _general_terms() if pair[0] not in self._terms)
            self._glossary = sorted([*glossary, *general], key=lambda pair: -len(pair[0]))
        self._memory = (memory if "memory" in used else None) or Memory()
        self._path = (folder or user_cache_path("tiaowen")) / "translations.sqlite"
        wording = "\n".join(
            (
                FORMAT,
                " ".join(sorted(used)),
                generator.name,
                prompt("translate-system", "en"),
                _asking("", ""),
            )
        )
        self._identity = hashlib.sha256(wording.encode()).hexdigest()[:16]

    def render(self, clauses: Sequence[Clause], progress: Progress) -> dict[str, Rendition]:
        """Machine-made renditions of the clauses, by clause id. Raises ModelFault.

        A sentence that could not be put into English has '' for it. Names of bodies and laws have
        their Chinese in brackets where a document first mentions them.
        """
        pieces = [_sentences(clause) for clause in clauses]
        texts = texts_of(clauses)
        english = dict(zip(texts, self.translate(texts, progress), strict=True))
        mentioned: dict[str, set[str]] = defaultdict(set)
        renditions: dict[str, Rendition] = {}
        for clause, own in zip(clauses, pieces, strict=True):
            if not any(english[text] for text in own):
                continue
            seen = mentioned[clause.document_id]
            title = english.get(clause.heading) or next(filter(None, map(english.get, own)))
            renditions[clause.id] = Rendition(
                clause_path=clause.path,
                title_en=short_title(title),
                sentences=tuple(
                    Sentence(text, self._introduced(text, english[text], seen)) for text in own
                ),
                machine=True,
            )
        return renditions

    def translate(
        self, sentences: Sequence[str], progress: Progress = lambda *_: None
    ) -> list[str]:
        """English for each sentence, in order; an overlong one in pieces. Raises ModelFault.

        '' where no attempt passes the checks: it would say something else than the source.
        """
        pieces = [[text[at:end] for at, end in pieces_of(text)] or [text] for text in sentences]
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(self._path, timeout=60)) as kept:
            kept.execute(
                "CREATE TABLE IF NOT EXISTS translations (key TEXT PRIMARY KEY, english TEXT)"
            )
            wanted = list(dict.fromkeys(piece for own in pieces for piece in own))
            found = {text: english for text in wanted if (english := self._memory.english(text))}
            for text in wanted:
                if text not in found and (known := self._kept(kept, text)) is not None:
                    found[text] = known
            todo = sorted((text for text in wanted if text not in found), key=len)
            progress("translating", len(found), len(wanted))
            for text, english in self._finished(todo):
                found[text] = english
                kept.execute(
                    "INSERT OR REPLACE INTO translations VALUES (?, ?)", (self._key(text), english)
                )
                kept.commit()
                progress("translating", len(found), len(wanted))
        return [
            " ".join(found[piece] for piece in own) if all(found[piece] for piece in own) else ""
            for own in pieces
        ]

    def faults(self, sentence: str, english: str) -> list[Fault]:
        """What is wrong with the English of a sentence, names and terms by data taken as known."""
        return faults_in(sentence, english, self._user(sentence))

    def _finished(self, sentences: Sequence[str]) -> Iterator[tuple[str, str]]:
        """Each sentence with its English: at once where that is sound, else from its pieces.

        Pieces are smaller the second time; so is what has to be written anew.
        """
        attempts: dict[str, list[str]] = {text: [] for text in sentences}
        for text, english in self._written(sentences):
            if self._pieces and (self.faults(text, english) or seems_cut(text, english)):
                attempts[text].append(self._mended(text, english))
            else:
                del attempts[text]
                yield text, english
        for longest in PIECES:
            cut = {text: _cut(text, longest) for text in attempts}
            wanted = list(dict.fromkeys(p for own in cut.values() if len(own) > 1 for p in own))
            english_of = dict(self._written(wanted))
            for text, own in cut.items():
                if len(own) > 1:
                    attempts[text].append(
                        _joined([(part, self._mended(part, english_of[part])) for part in own])
                    )
                if best := self._best(text, attempts[text]):
                    del attempts[text]
                    yield text, best
        # What is still wrong or empty is asked for once more: without terms, with places spelt.
        for text, english in self._written(list(attempts), again=True):
            attempts[text].append(self._mended(text, english))
            yield text, self._best(text, attempts.pop(text))

    def _best(self, text: str, attempts: Sequence[str]) -> str:
        """The attempt with the fewest faults that leaves least out; '' if none is without."""
        faults = [self.faults(text, attempt) for attempt in attempts]
        told = [told_of(text, attempt) for attempt in attempts]
        best = min(range(len(attempts)), key=lambda n: (len(faults[n]), -told[n]))
        return "" if faults[best] else attempts[best]

    def _written(self, sentences: Sequence[str], again: bool = False) -> Iterator[tuple[str, str]]:
        if not sentences:
            return
        users = [self._user(text, again) for text in sentences]
        system = prompt("translate-system", "en")
        if self._halted:
            for sentence, user in zip(sentences, users, strict=True):
                written = _plain(self._unless_halted(system, user))
                yield sentence, self._worded(sentence, written)
            return
        for place, answer in self._generator.write_all(
            system, users, max_tokens=MOST_TOKENS, latin=self._latin
        ):
            yield sentences[place], self._worded(sentences[place], _plain(answer))

    def _worded(self, sentence: str, english: str) -> str:
        """The model's English as a sentence, behind the number that the Chinese has in brackets."""
        marker = _MARKER.match(sentence) if self._named else None
        if self._worded_so:
            english = as_sentence(_MARKER.sub("", sentence), english)
        return f"({read_numeral(marker[1])}) {english}" if marker and english else english

    def _unless_halted(self, system: str, user: str) -> str:
        written = ""
        for piece in self._generator.stream(
            system, user, max_tokens=MOST_TOKENS, latin=self._latin
        ):
            if self._halted and self._halted():
                raise HaltedError
            written += piece
        return written

    def _user(self, sentence: str, again: bool = False) -> str:
        named = with_english_names(sentence, self._terms) if self._named else sentence
        named = _MARKER.sub("", named) if self._named else named
        if again:
            plain = with_english_amounts(with_english_bounds(with_spelt_places(named)))
            return prompt("translate-again", "en", text=plain)
        terms: list[str] = []
        rest = named
        for zh, en in self._glossary:
            short = len(zh) + len(en) <= LONGEST_TERM
            if short and len(terms) < TERMS and holds_term(rest, zh):
                terms.append(f"{zh} = {en}")
                rest = rest.replace(zh, " ")
        return _asking(with_english_amounts(with_english_bounds(named)), "; ".join(terms))

    def _mended(self, sentence: str, english: str) -> str:
        """The English with what is left of Chinese in it, or spelt in pinyin, rendered by words."""
        for spelt, chinese in raw_pinyin(sentence, english).items():
            english = re.sub(rf"\b{re.escape(spelt)}\b", self._by_words(chinese), english)
        left = sum(map(len, HAN_RUN.findall(NAMED.sub("", english))))
        # What is Chinese for the most part is no translation, and rendering it would hide that.
        if not left or left > MOST_LEFT * len(english):
            return english
        pieces = re.split(r"(《[^》]*》)", english)
        pieces[::2] = [
            HAN_RUN.sub(lambda match: f" {self._by_words(match[0])} ", piece)
            for piece in pieces[::2]
        ]
        return " ".join("".join(pieces).split())

    def _by_words(self, chinese: str) -> str:
        return self._terms.get(chinese) or _word_by_word(chinese)

    def _introduced(self, sentence: str, english: str, seen: set[str]) -> str:
        """The English with the Chinese of names in brackets that are mentioned for the first time.

        What is mentioned is added to `seen`.
        """
        for zh, en in names_with_place(sentence, self._terms):
            if zh not in seen and en in english and zh not in english:
                seen.add(zh)
                english = english.replace(en, f"{en} ({zh})", 1)
        return english

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


def unsound(sentence: str, english: str) -> bool:
    """Whether something is wrong with a translation: Chinese left, numbers, names, force."""
    return bool(faults_in(sentence, english, with_english_names(sentence, {})))


@cache
def _general_terms() -> list[tuple[str, str]]:
    """The terms of laws and official texts at large."""
    with as_file(files("rag.english") / "terms.tsv") as path:
        return read_glossary(path)


def _asking(text: str, terms: str) -> str:
    name = "translate-terms" if terms else "translate"
    return prompt(name, "en", text=text, **({"terms": terms} if terms else {}))


def _word_by_word(chinese: str) -> str:
    """English for a few Chinese words: the dictionary's first sense, names spelt in pinyin."""
    from pypinyin import lazy_pinyin

    senses = first_senses()
    return " ".join(
        senses.get(word) or "".join(lazy_pinyin(word)).capitalize() for word in cut_chinese(chinese)
    )


def _sentences(clause: Clause) -> list[str]:
    return [clause.body[start:end] for start, end in sentence_spans(clause.body)]


def _plain(written: str) -> str:
    """What was written on one line, titles without the marks that Chinese sets around them."""
    return " ".join(_MARKED.sub(r"\1", written).split())


def _cut(sentence: str, longest: int) -> list[str]:
    """A sentence in pieces between its commas, which are joined as long as they are short."""
    longest = min(longest, 2 * len(sentence) // 3)
    pieces: list[str] = []
    for part in _PIECE.findall(sentence):
        if pieces and len(pieces[-1]) >= SHORTEST_PIECE and len(pieces[-1] + part) > longest:
            pieces.append(part)
        else:
            pieces = [*pieces[:-1], (pieces[-1] if pieces else "") + part]
    if len(pieces) > 1 and len(pieces[-1]) < SHORTEST_PIECE:
        pieces[-2:] = ["".join(pieces[-2:])]
    return pieces


def _joined(pieces: Sequence[tuple[str, str]]) -> str:
    """The English of the pieces of a sentence as one sentence."""
    joined = ""
    for number, (chinese, english) in enumerate(pieces):
        told = english.rstrip(" .,;:")
        first = told.split(" ", 1)[0]
        # A name or an abbreviation keeps its capital.
        if number and first.istitle() and is_common(first):
            told = told[:1].lower() + told[1:]
        mark = "; " if chinese[-1:] in "；;" else ": " if chinese[-1:] in "：:" else ", "
        joined += told + (mark if number + 1 < len(pieces) else "")
    return _sentence_case(joined)


def _sentence_case(text: str) -> str:
    return text[:1].upper() + text[1:] + ("" if text[-1:] in ".;:!?" else ".")
