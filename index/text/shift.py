"""GBK text read one byte off, with some of its bytes lost, read again as it was written.

The bytes of the source are known except those of pairs that had no character and were dropped; a
beam search over (position, pending byte) finds the reading that a character bigram model likes
best. The model is the sound part of the document plus jieba's words. A numeral whose bytes are
gone is left as LOST for the outline, which has the sequence to go by.
"""

from __future__ import annotations

import heapq
import math
import re
import unicodedata
from collections import Counter, defaultdict
from functools import cache
from itertools import pairwise, takewhile
from typing import TYPE_CHECKING, Any, NamedTuple

from index.text.characters import Cells, to_simplified
from index.text.numbers import write_numeral
from index.text.word_counts import word_counts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

LOST = "□"

_SHIFT_SIGN = re.compile(r"\?[^\s?A-Za-z0-9]")
_SHIFT_WINDOW = 64
_SETTLED = 6
_SURE = 4.0
_BEAM = 32
# How many characters are tried where one half is known, at most.
_LIKELY = 40


class _Reading(NamedTuple):
    """A partial reading. `trail` links (earlier trail, character, source offset) backwards."""

    score: float
    last: str
    pending: int | None  # a lead byte waiting for its trail byte; _UNKNOWN if that is lost
    shifted: bool
    trail: tuple[Any, str, int] | None

    def add(self, char: str, offset: int, score: float, pending: int | None) -> _Reading:
        """The reading with one more character; shifted as long as a byte is pending."""
        trail = (self.trail, char, offset)
        return _Reading(score, char, pending, pending is not None, trail)

    def cells(self) -> list[tuple[str, int]]:
        """All characters with their offsets, in reading order."""
        found = []
        link = self.trail
        while link is not None:
            link, char, offset = link
            found.append((char, offset))
        return found[::-1]


_UNKNOWN = -1


def realign(cells: Cells) -> int:
    """Restore runs that begin at a `?` where an odd byte was lost; the number restored."""
    starts = [match.start() for match in _SHIFT_SIGN.finditer(cells.text)]
    if not starts:
        return 0
    # The misread runs must not teach the model that their nonsense is usual.
    sound = re.sub(rf"\?[^\n]{{0,{_SHIFT_WINDOW // 3}}}", "\n", cells.text)
    model = _CharacterModel(sound)
    edits: list[tuple[int, int, Sequence[tuple[str, int]]]] = []
    done = 0
    for start in starts:
        if start < done:
            continue
        line_end = cells.text.find("\n", start)
        stop = min(line_end if line_end >= 0 else len(cells.text), start + _SHIFT_WINDOW)
        at_line_start = start == 0 or cells.text[start - 1] == "\n"
        best = _read_shifted(cells, start, stop, model, at_line_start)
        if best is None:
            continue
        end, output = best
        edits.append((start, end, output))
        done = end
    cells.replace(edits)
    return len(edits)


def _read_shifted(
    cells: Cells, start: int, stop: int, model: _CharacterModel, at_line_start: bool
) -> tuple[int, list[tuple[str, int]]] | None:
    """The best reading of cells[start:stop] with a shift, or None if it reads better as it is."""
    before = cells.text[start - 1] if start else "\n"
    # The `?` stands for one or more lost bytes; the first known byte after it is a trail byte.
    first = _Reading(0.0, before, _UNKNOWN, True, None)
    position = start + 1
    if at_line_start and cells.text[position : position + 1] == "。":
        # A1 A3: the second byte of an ideographic space and the first of the opening bracket.
        marker = _lost_marker(cells, start + 2)
        if marker is None:
            return None
        numeral, length = marker
        position = start + 2 + length
        for char in f"({numeral})":
            first = first.add(char, cells.offsets[start], 0.0, _bytes(cells.chars[position])[1])
        position += 1
    beam = [first]
    last_sign = cells.text.rfind("?", position, stop)
    while position < stop:
        char, offset = cells.chars[position], cells.offsets[position]
        grown: dict[tuple[str, int | None], _Reading] = {}
        for reading in beam:
            for new in _step(reading, char, offset, model):
                # What follows depends on the last character and the pending byte alone.
                known = grown.get((new.last, new.pending))
                if known is None or known.score < new.score:
                    grown[new.last, new.pending] = new
        beam = heapq.nlargest(_BEAM, grown.values(), key=lambda reading: reading.score)
        if not beam:
            return None
        position += 1
        if (
            position > last_sign + _SETTLED
            and not beam[0].shifted
            and _agreed(beam[0], cells, position)
        ):
            break
    settled = [reading for reading in beam if not reading.shifted]
    if not settled:
        return None
    best = max(settled, key=lambda reading: reading.score)
    plain = _score_as_it_is(before + cells.text[start:position], model)
    if not at_line_start and best.score <= plain + _SURE:
        return None
    output = best.cells()
    # Leave the tail that was aligned anyway out of the edit.
    end = position
    while output and end > start and output[-1] == (cells.chars[end - 1], cells.offsets[end - 1]):
        output.pop()
        end -= 1
    return (end, output) if end > start else None


def _score_as_it_is(text: str, model: _CharacterModel) -> float:
    """Log probability of the text as it stands, a `?` taken for a real question mark.

    The model has seen none, so they get a score by their place: usual behind a word, unlikely
    beside other punctuation.
    """
    score = 0.0
    for left, right in pairwise(text):
        if "?" not in (left, right):
            score += model.score(left, right)
        else:
            other = right if left == "?" else left
            score -= 4.0 if "\u4e00" <= other <= "\u9fff" or other == "\n" else 9.0
    return score


def _agreed(reading: _Reading, cells: Cells, position: int) -> bool:
    """Whether the last _SETTLED characters of the reading are the observed ones."""
    link = reading.trail
    for back in range(1, _SETTLED + 1):
        if link is None or link[2] != cells.offsets[position - back]:
            return False
        if link[1] != cells.chars[position - back]:
            return False
        link = link[0]
    return True


def _lost_marker(cells: Cells, start: int) -> tuple[str, int] | None:
    """The numeral of a damaged marker `（…）` at cells[start], and how many cells it takes.

    The bytes before are A3; then come A8 (of the opening bracket), the numerals' bytes and A3 (of
    the closing one), read in pairs. Pairs without a character are missing, so one observed text
    can stand for several numerals: what they do not agree on is LOST.
    """
    for length in range(5):
        following = (
            _bytes(cells.chars[start + length]) if start + length < len(cells.chars) else b""
        )
        if following[:1] == b"\xa9":  # the closing bracket's trail byte and the text's first
            numerals = _damaged_numerals().get(cells.text[start : start + length], ())
            if not numerals:
                return None
            if len(numerals) == 1:
                return numerals[0], length
            return _common_start(numerals) + LOST, length
    return None


def _common_start(texts: Sequence[str]) -> str:
    """The longest text that all of them begin with."""
    columns = zip(*texts, strict=False)
    return "".join(column[0] for column in takewhile(lambda column: len(set(column)) == 1, columns))


@cache
def _damaged_numerals() -> dict[str, tuple[str, ...]]:
    """What is left of each marker （一） to （九十九） when its bytes are read one off."""
    found: dict[str, list[str]] = defaultdict(list)
    for number in range(1, 100):
        numeral = write_numeral(number)
        stream = b"\xa8" + numeral.encode("gbk") + b"\xa3"
        pairs = (stream[at : at + 2] for at in range(0, len(stream), 2))
        found["".join(_decode(*pair) or "" for pair in pairs)].append(numeral)
    return {text: tuple(numerals) for text, numerals in found.items()}


@cache
def _bytes(char: str) -> bytes:
    """The GBK bytes of a character; half-width punctuation counts as its full-width form."""
    if "!" <= char <= "~" and not char.isalnum():
        char = chr(ord(char) + 0xFEE0)
    try:
        return char.encode("gbk")
    except UnicodeEncodeError:
        return b""


def _decode(lead: int, trail: int) -> str | None:
    try:
        return bytes((lead, trail)).decode("gbk")
    except UnicodeDecodeError:
        return None


def _step(reading: _Reading, char: str, offset: int, model: _CharacterModel) -> Iterator[_Reading]:
    """All ways in which one more observed character continues a reading."""

    def emit(new: str, pending: int | None, penalty: float = 0.0) -> _Reading:
        score = reading.score + model.score(reading.last, new) - penalty
        return reading.add(new, offset, score, pending)

    def with_lead(byte: int | None, most: int) -> Sequence[str]:
        return model.likely(reading.last, "lead", byte or 0)[:most]

    def with_trail(left: str, byte: int, most: int) -> Sequence[str]:
        return model.likely(left, "trail", byte)[:most]

    if not reading.shifted:
        yield emit(char, None)
        if char == "?":
            score = reading.score - 3.0
            yield _Reading(score, reading.last, _UNKNOWN, True, reading.trail)
        return
    pending = reading.pending
    if char == "?":
        # A byte was lost here: the pending one has no partner, and the text is aligned again …
        for new in with_lead(pending, _LIKELY):
            yield emit(new, None, 2.0)
        # … or a whole pair was.
        for new in with_lead(pending, 8):
            yield emit(new, _UNKNOWN, 4.0)
        return
    pair = char.encode("ascii") if char.isascii() and char.isalnum() else _bytes(char)
    if not pair:
        return
    if len(pair) == 1:
        new_char = _decode(pending, pair[0]) if pending not in (None, _UNKNOWN) else None
        if new_char:
            yield emit(new_char, None)
        if pending == _UNKNOWN:
            for new in with_trail(reading.last, pair[0], 8):
                yield emit(new, None, 3.0)
        return
    first, second = pair
    if pending == _UNKNOWN:
        for new in with_trail(reading.last, first, 12):
            yield emit(new, second, 1.0)
        return
    if pending is not None:
        if whole := _decode(pending, first):
            yield emit(whole, second)
        # A pair without a character fell out between: two characters each known by half, whose
        # other halves must be such a pair.
        for left in with_lead(pending, 6):
            half = emit(left, _UNKNOWN, 0.5)
            for right in model.likely_after_loss(left, first):
                score = half.score + model.score(left, right)
                yield half.add(right, offset, score, second)
        # One byte fell out: the observed character is right again.
        for left in with_lead(pending, 4):
            half = emit(left, None, 5.0)
            score = half.score + model.score(left, char)
            yield half.add(char, offset, score, None)


class _CharacterModel:
    """Interpolated character bigrams (log probabilities) of jieba's words and the document."""

    def __init__(self, sound: str) -> None:
        pairs, single = word_counts()
        self._pairs: Counter[str] = pairs.copy()
        self._single: Counter[str] = single.copy()
        text = to_simplified(sound)
        for left, right in pairwise(text):
            self._pairs[left + right] += 400
            self._single[right] += 400
        self._total = sum(self._single.values())
        self._simple, self._by_byte = _characters()
        self._likely: dict[tuple[str, str, int], list[str]] = {}
        self._uses: dict[tuple[str, int], list[tuple[float, int, str, str]]] = {}

    def score(self, left: str, right: str) -> float:
        """Log probability of `right` after `left`."""
        left, right = self._simple.get(left, left), self._simple.get(right, right)
        single = (self._single.get(right, 0) + 0.5) / self._total
        pair = self._pairs.get(left + right, 0) / (self._single.get(left, 0) + 1000.0)
        return math.log(0.75 * min(pair, 1.0) + 0.25 * single)

    def likely(self, left: str, place: str, byte: int) -> list[str]:
        """Characters with the byte in that place (lead or trail), likeliest after `left` first."""
        key = (left, place, byte)
        if key not in self._likely:
            self._likely[key] = self._likeliest(left, place, byte)
        return self._likely[key]

    def _likeliest(self, left: str, place: str, byte: int) -> list[str]:
        """Of the characters with the byte in that place the 40 of the best scores, best first.

        Most never stand after `left` in any word: of those the usual ones are known, and only the
        others are weighed. By the probability itself, which is in the order of its logarithm.
        """
        rows = self._by_use(place, byte)
        left = self._simple.get(left, left)
        pairs, before = self._pairs, self._single.get(left, 0) + 1000.0
        weighed: list[tuple[float, int, str]] = []
        others: list[tuple[float, int, str]] = []
        for use, at, new, right in rows:
            if count := pairs.get(left + right):
                weighed.append((-(0.75 * min(count / before, 1.0) + use), at, new))
            elif len(others) < _LIKELY:
                others.append((-use, at, new))
        return [new for _, _, new in sorted(weighed + others)[:_LIKELY]]

    def _by_use(self, place: str, byte: int) -> list[tuple[float, int, str, str]]:
        """The characters with the byte in that place, the usual first, and their simple forms.

        Each with what it is worth after a character that it never follows.
        """
        if (place, byte) not in self._uses:
            rows = []
            for at, new in enumerate(self._by_byte.get((place, byte), ())):
                right = self._simple.get(new, new)
                single = (self._single.get(right, 0) + 0.5) / self._total
                rows.append((0.25 * single, at, new, right))
            self._uses[place, byte] = sorted(rows, key=lambda row: (-row[0], row[1]))
        return self._uses[place, byte]

    def likely_after_loss(self, left: str, trail: int) -> list[str]:
        """Characters with that trail byte whose lead byte makes no pair with `left`'s trail."""
        key = (left, "loss", trail)
        if key not in self._likely:
            end = left.encode("gbk")[1]
            fitting = [
                new
                for new in self.likely(left, "trail", trail)
                if _decode(end, new.encode("gbk")[0]) is None
            ]
            self._likely[key] = fitting[:8]
        return self._likely[key]


@cache
def _characters() -> tuple[dict[str, str], dict[tuple[str, int], list[str]]]:
    """GBK's Chinese characters: their simplified forms, and lists by lead and by trail byte."""
    by_byte: dict[tuple[str, int], list[str]] = defaultdict(list)
    for lead in range(0x81, 0xFE):
        for trail in range(0x40, 0xFF):
            char = _decode(lead, trail)
            if char and ("\u4e00" <= char <= "\u9fff" or char in "（）。，、；："):
                by_byte["lead", lead].append(char)
                by_byte["trail", trail].append(char)
    every = "".join(
        char for (place, _), chars in by_byte.items() if place == "lead" for char in chars
    )
    simple = dict(zip(every, to_simplified(every), strict=True))
    simple |= {char: unicodedata.normalize("NFKC", char) for char in "（），；："}
    return simple, by_byte
