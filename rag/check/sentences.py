"""A text to be checked as sentences, and in a form in which citations are read.

Every sign stays where it is, so that a place in the form is the same place in the text.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left

from index.text.repair import to_simplified

# A stop behind one of these ends no English sentence: Art. 5, No. 121, cf. above.
_ABBREVIATION = re.compile(
    r"(?:^|[\s(\[])(?:arts?|no|nos|paras?|secs?|cf|eg|e\.g|i\.e|ibid|id|vs?|mr|ms|dr|approx|et al|"
    r"u\.s|inc|ltd|co|[A-Z])$",
    re.IGNORECASE,
)
_ENDS = re.compile(r"[。!?;\n]+[\"'”’」』)]*|\.[\"'”’)]*(?=\s|$)")
_OPEN, _CLOSED = re.compile("[“「『]"), re.compile("[”」』]")
# Of an abbreviation, with the sign before it.
_LOOK_BACK = 16
# What has no stop for so long is no sentence; it is cut where a part of it ends.
LONGEST_SENTENCE = 800


def flat(text: str) -> str:
    """The text in NFKC and simplified characters, sign for sign."""
    folded = "".join(
        form if len(form := unicodedata.normalize("NFKC", char)) == 1 else char for char in text
    )
    simplified = to_simplified(folded)
    return simplified if len(simplified) == len(text) else folded


def sentences(form: str) -> list[tuple[int, int]]:
    """The spans of the sentences of a flat text, without white space at their ends.

    What is quoted in one paragraph is not cut. None is longer than LONGEST_SENTENCE.
    """
    spans: list[tuple[int, int]] = []
    quotes = _Quotes(form)
    start = 0
    for match in [*_ENDS.finditer(form), None]:
        end = match.end() if match else len(form)
        if match and "\n" not in match[0] and not _ends(form, start, match, quotes):
            continue
        spans += _spans(form, start, end)
        start = end
    return spans


class _Quotes:
    """Where the quotation marks of a text stand."""

    def __init__(self, form: str) -> None:
        self._form = form
        self._opened = [match.start() for match in _OPEN.finditer(form)]
        self._closed = [match.start() for match in _CLOSED.finditer(form)]

    def within(self, start: int, stop: int, end: int) -> bool:
        """Whether a quotation open at a stop, which goes to `end`, is closed in the same line."""
        opened = bisect_left(self._opened, stop) - bisect_left(self._opened, start)
        after = bisect_left(self._closed, end)
        if opened <= after - bisect_left(self._closed, start) or after == len(self._closed):
            return False
        close = self._closed[after]
        return close < end + 400 and "\n" not in self._form[end:close]


def _ends(form: str, start: int, match: re.Match[str], quotes: _Quotes) -> bool:
    if quotes.within(start, match.start(), match.end()):
        return False
    if match[0][0] != ".":
        return True
    before = form[max(start, match.start() - _LOOK_BACK) : match.start()]
    return _ABBREVIATION.search(before) is None


def _spans(form: str, start: int, end: int) -> list[tuple[int, int]]:
    """The span without white space at its ends; what is too long in pieces."""
    found: list[tuple[int, int]] = []
    while start < end:
        stop = min(end, start + LONGEST_SENTENCE)
        if stop < end:
            parts = (form.rfind(sign, start + 1, stop) for sign in ",、: ")
            stop = max(stop if (last := max(parts)) < 0 else last + 1, start + 1)
        text = form[start:stop]
        if text.strip():
            lead = len(text) - len(text.lstrip())
            found.append((start + lead, start + len(text.rstrip())))
        start = stop
    return found
