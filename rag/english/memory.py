"""Reviewed sentence pairs, from which the same sentence, or one with other numbers, is filled.

No model is asked. What is not the same but for its numbers is left to the model: sentences that are
only alike are too rare among documents, and as examples they cost more time than they bring.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from index.documents.model import Sentence
from rag.english.amounts import with_english_amounts
from rag.english.checks import faults_in

# A number as amounts are written in English, and what belongs to it: RMB 3.2 billion, 15%.
_RUN = re.compile(
    r"(?:RMB |US\$|EUR |HK\$|JPY |GBP )?\d+(?:,\d{3})*(?:\.\d+)?"
    r"(?: (?:million|billion|trillion))?%?"
)
_SPACE = re.compile(r"\s+")


class Memory:
    """Reviewed pairs, to be asked for the English of a sentence."""

    def __init__(self, pairs: Iterable[Sentence] = ()) -> None:
        """Of several pairs with the same Chinese the first counts."""
        self._exact: dict[str, str] = {}
        self._alike: dict[tuple[str, ...], tuple[list[str], str]] = {}
        for pair in pairs:
            self._exact.setdefault(_bare(pair.zh), pair.en)
            words, numbers = _taken_apart(pair.zh)
            if numbers:
                self._alike.setdefault(words, (numbers, pair.en))

    def english(self, sentence: str) -> str | None:
        """The English of a sentence that is known, or known but for its numbers; None if not."""
        if exact := self._exact.get(_bare(sentence)):
            return exact
        words, numbers = _taken_apart(sentence)
        found = self._alike.get(words) if numbers else None
        if found is None:
            return None
        filled = _filled(found[1], dict(zip(found[0], numbers, strict=True)), found[0])
        return filled if filled and not faults_in(sentence, filled) else None

    def __len__(self) -> int:
        return len(self._exact)


def _filled(english: str, new: Mapping[str, str], known: list[str]) -> str | None:
    """The English with other numbers; None where it is not clear which is which."""
    runs = _RUN.findall(english)
    if len(set(known)) < len(known) or any(runs.count(number) != 1 for number in known):
        return None
    return _RUN.sub(lambda match: new.get(match[0], match[0]), english)


def _taken_apart(sentence: str) -> tuple[tuple[str, ...], list[str]]:
    """The words around a sentence's numbers, and the numbers as English writes them."""
    told = _SPACE.sub(" ", with_english_amounts(sentence))
    return tuple(map(_bare, _RUN.split(told))), _RUN.findall(told)


def _bare(text: str) -> str:
    return _SPACE.sub("", text)
