"""The words that were added to a text and taken from it, the two laid over each other.

Chinese is compared by jieba's words, other writing by its own; a number with its unit is one word.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from index.compare.model import Piece
from index.compare.numbers import numbers_in
from index.text.tokens import cut_chinese

_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff〇]+")
_RUNS = re.compile(rf"{_HAN.pattern}|[A-Za-z]+(?:['-][A-Za-z]+)*|\d+|\s+|.", re.DOTALL)


@dataclass(frozen=True)
class Stretch:
    """Places of two texts: the same words in both, or others in the one than in the other."""

    same: bool
    old: tuple[int, int]
    new: tuple[int, int]


def laid_over(old: str, new: str) -> list[Stretch]:
    """Both texts in stretches from their beginnings to their ends, by turns the same and not."""
    from rapidfuzz.distance import Indel

    if old == new:
        return [Stretch(True, (0, len(old)), (0, len(new)))] if old else []
    words = _words(old), _words(new)
    places = _places(words[0]), _places(words[1])
    found: list[Stretch] = []
    for code in Indel.opcodes(words[0], words[1]):
        one = places[0][code.src_start], places[0][code.src_end]
        other = places[1][code.dest_start], places[1][code.dest_end]
        same = code.tag == "equal" or not (old[slice(*one)] + new[slice(*other)]).strip()
        found.append(Stretch(same, one, other))
    return _without_crumbs(_joined(found), old)


def marked(old: str, new: str) -> tuple[Piece, ...]:
    """Two texts laid over each other, what was removed before what was added in its place."""
    found: list[Piece] = []
    for each in laid_over(old, new):
        if each.same:
            found.append(Piece("same", new[slice(*each.new)]))
            continue
        removed, added = old[slice(*each.old)], new[slice(*each.new)]
        found += [Piece("removed", removed)] if removed else []
        found += [Piece("added", added)] if added else []
    return tuple(found)


def _words(text: str) -> list[str]:
    words: list[str] = []
    at = 0
    for number in numbers_in(text):
        words += _plain_words(text[at : number.start])
        words.append(text[number.start : number.end])
        at = number.end
    return words + _plain_words(text[at:])


def _plain_words(text: str) -> list[str]:
    words: list[str] = []
    for match in _RUNS.finditer(text):
        words += cut_chinese(match[0]) if _HAN.match(match[0]) else [match[0]]
    return words


def _places(words: Sequence[str]) -> list[int]:
    """Where each word begins, and where the last one ends."""
    places = [0]
    for word in words:
        places.append(places[-1] + len(word))
    return places


def _joined(stretches: Sequence[Stretch]) -> list[Stretch]:
    """Neighbours that are both the same, or both not, as one."""
    found: list[Stretch] = []
    for each in stretches:
        if found and found[-1].same == each.same:
            last = found.pop()
            each = Stretch(each.same, (last.old[0], each.old[1]), (last.new[0], each.new[1]))
        found.append(each)
    return found


def _without_crumbs(stretches: list[Stretch], old: str) -> list[Stretch]:
    """What is the same by chance between larger changes counts as changed: 的, a comma."""
    found = list(stretches)
    for n in range(1, len(stretches) - 1):
        before, each, after = stretches[n - 1 : n + 2]
        if not each.same:
            continue
        length = len(re.sub(r"\W", "", old[slice(*each.old)]))
        if 3 * length <= min(_size(before), _size(after)) and length < 4:
            found[n] = Stretch(False, each.old, each.new)
    return _joined(found)


def _size(stretch: Stretch) -> int:
    return max(stretch.old[1] - stretch.old[0], stretch.new[1] - stretch.new[0])
