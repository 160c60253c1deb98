"""A text to be checked as sentences, and in a form in which citations are read.

Every sign stays where it is, so that a place in the form is the same place in the text.
"""

from __future__ import annotations

import re
import unicodedata

from index.text.repair import to_simplified

# A stop behind one of these ends no English sentence: Art. 5, No. 121, cf. above.
_ABBREVIATION = re.compile(
    r"(?:^|[\s(\[])(?:arts?|no|nos|paras?|secs?|cf|eg|e\.g|i\.e|ibid|id|vs?|mr|ms|dr|approx|et al|"
    r"u\.s|inc|ltd|co|[A-Z])$",
    re.IGNORECASE,
)
_ENDS = re.compile(r"[。!?;\n]+[\"'”’」』)]*|\.[\"'”’)]*(?=\s|$)")
_OPEN, _CLOSED = "“「『", "”」』"


def flat(text: str) -> str:
    """The text in NFKC and simplified characters, sign for sign."""
    folded = "".join(
        form if len(form := unicodedata.normalize("NFKC", char)) == 1 else char for char in text
    )
    simplified = to_simplified(folded)
    return simplified if len(simplified) == len(text) else folded


def sentences(form: str) -> list[tuple[int, int]]:
    """The spans of the sentences of a flat text, without white space at their ends.

    What is quoted in one paragraph is not cut.
    """
    spans: list[tuple[int, int]] = []
    start = 0
    for match in [*_ENDS.finditer(form), None]:
        end = match.end() if match else len(form)
        if match and "\n" not in match[0] and not _ends(form, start, match):
            continue
        text = form[start:end]
        if text.strip():
            lead = len(text) - len(text.lstrip())
            spans.append((start + lead, start + len(text.rstrip())))
        start = end
    return spans


def _ends(form: str, start: int, match: re.Match[str]) -> bool:
    before = form[start : match.start()]
    opened = sum(before.count(sign) for sign in _OPEN)
    closed = sum(form[start : match.end()].count(sign) for sign in _CLOSED)
    if opened > closed and any(sign in _line_behind(form, match.end()) for sign in _CLOSED):
        return False
    return match[0][0] != "." or not _ABBREVIATION.search(before)


def _line_behind(form: str, at: int) -> str:
    return form[at : at + 400].split("\n", 1)[0]
