"""Hard-wrapped text: lines that only wrap are joined to paragraphs, in the clean text alone.

Finds the width at which a text was wrapped, if it was, and joins a full line to the next unless
that begins something of its own. The source is left as it is; offsets still lead into it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence, Set
from dataclasses import dataclass, replace
from itertools import pairwise

from index.documents.attachments import names_attachment
from index.documents.markers import FIRST, Span, find_candidates, lines_of
from index.documents.metadata import ISSUER_LINE, NUMBER_LINE, TITLE_END
from index.text.dates import DAY, DAY_LINE
from index.text.repair import CleanText

# So much of a line tells whether it wraps.
LOOKED_AT = 300
# Among so many first lines a line that ends like a title is one, and is over.
FRONT = 6
LEAST, MOST = 20, 240  # columns of a line
_ENDS = re.compile(r"[。;:!?…|][”’」』)》\]\"']*$")
_ENDS_EN = re.compile(r"[.;:!?|][\"')\]]*$")
_HAN = re.compile(r"[\u3400-\u9fff]")
_PROSE = re.compile(r"[^\W\d_]")
_SET_OFF = re.compile(
    r"\s*(?:#|>|[-*+•●■◆○·]\s|\||```|\(\d{1,2}\)|\(?[a-z]\)|[\u2460-\u2473]|"
    r"\d{1,2}(?:\.\d{1,2}){1,4}\s*(?![\d%])(?!\s*(?:[万亿千百]*\s*(?:元|吨|人|米|公里|倍|度|亩|%)))|"
    r"\S*\s{3,}\S+\s{3,}|(?:联系(?:人|电话)|抄送|主题词|附注?)\s*:)"
)
_CAPTION = re.compile(rf"\s*\((?:根据)?{DAY.pattern}")
_ITEM_REFERRED = re.compile(r"\s*(?:[(][^()]{1,4}[)]\s*)(?:项|款|目|至|、|和|及|或)")
_CLOSES = ")]}>,.;:!?%\u3001\u3002\uff0c\uff1b\uff1a\uff01\uff1f\uff09\u300b\u201d\u2019\u300d"


@dataclass(frozen=True)
class _Line:
    """A line: its span in the clean text, its columns in the source, what its words tell."""

    span: Span
    text: str
    width: int
    unit: int  # columns of what could not be parted from its beginning
    ended: bool
    own: bool  # it begins something of its own
    follows: bool  # right behind the line before, without an empty one


def unwrapped(cleaned: CleanText, source: str) -> CleanText:
    """The clean text with the lines joined that only wrap."""
    spans = [span for span in lines_of(cleaned.text) if span[1] - span[0] > 1]
    if sum(last - first > MOST for first, last in spans) > max(1, len(spans) // 10):
        return cleaned  # Paragraphs of one line each: the usual case, seen at once.
    lines = _lines(cleaned, source)
    width = _wrap_width(lines)
    if width is None:
        return cleaned
    front = next((at for at, line in enumerate(lines) if line.own), FRONT)
    heads = {one.span for one in lines[: min(front, FRONT)] if TITLE_END.search(one.text.strip())}
    joints = [
        (before.span[1], after.span[0] + len(after.text) - len(after.text.lstrip()), before, after)
        for before, after in pairwise(lines)
        if before.span not in heads and _is_joined(before, after, width)
    ]
    if not joints:
        return cleaned
    pieces: list[str] = []
    offsets: list[int] = []
    last = 0
    for end, start, before, after in joints:
        stop = last + len(cleaned.text[last:end].rstrip())
        pieces.append(cleaned.text[last:stop])
        offsets += cleaned.offsets[last:stop]
        if _needs_space(before.text.rstrip()[-1], after.text.lstrip()[0]):
            pieces.append(" ")
            offsets.append(cleaned.offsets[end])
        last = start
    return replace(
        cleaned,
        text="".join(pieces) + cleaned.text[last:],
        offsets=(*offsets, *cleaned.offsets[last:]),
        repairs=(*cleaned.repairs, f"{len(joints)} line ends inside paragraphs joined"),
    )


def _lines(cleaned: CleanText, source: str) -> list[_Line]:
    text = cleaned.text
    found: list[_Line] = []
    spans = [span for span in lines_of(text) if text[slice(*span)].strip()]
    heads = [(first, min(last, first + LOOKED_AT)) for first, last in spans]
    units = [one for one in find_candidates(text, heads) if one.at_line_start]
    counted = {one.ordinal for one in units if one.level == FIRST}
    for number, span in enumerate(spans):
        line = text[slice(*span)]
        # Columns are those of the source: the clean text has narrow marks for wide ones.
        written = source[cleaned.offsets[span[0]] : cleaned.offsets[span[1]]].rstrip()
        pattern = _ENDS if _HAN.search(line[:LOOKED_AT]) else _ENDS_EN
        before = text[spans[number - 1][1] : span[0]] if number else "\n\n"
        found.append(
            _Line(
                span,
                line[:LOOKED_AT] if len(line) > LOOKED_AT else line,
                _columns(written[:LOOKED_AT]) if len(written) <= LOOKED_AT else LOOKED_AT * 2,
                _first_unit(written[:LOOKED_AT].lstrip()),
                pattern.search(line[-20:].rstrip()) is not None,
                _begins_own(text, span, line[:LOOKED_AT], counted),
                before.count("\n") == 1,
            )
        )
    return found


def _begins_own(text: str, span: Span, line: str, counted: Set[int | None]) -> bool:
    """Whether a line begins something: a unit, a list item, a heading, a date, a table's row.

    `counted` are the numbers of all lines that begin with 一、 and the like.
    """
    if _ITEM_REFERRED.match(line):
        return False
    if _CAPTION.match(line) or NUMBER_LINE.fullmatch(line.strip()):
        return True
    if _SET_OFF.match(line) or DAY_LINE.match(line.strip()) or names_attachment(line):
        return True
    for one in find_candidates(text, [(span[0], min(span[1], span[0] + LOOKED_AT))]):
        if one.at_line_start and not one.reference:
            # 统|一、 is no item where nothing is counted further.
            return one.level != FIRST or not one.ordinal or len(counted) > 1
    return False


def _columns(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WFA" else 1 for char in text)


def _first_unit(text: str) -> int:
    """The columns of the first word or character, with the marks that cannot begin a line."""
    word = re.match(r"[!-~]+", text)
    end = word.end() if word else 1
    if not word and text[:1] in "（《“‘「『〔【":
        end += 1
    while end < len(text) and text[end] in _CLOSES:
        end += 1
    return _columns(text[:end])


def _wrap_width(lines: Sequence[_Line]) -> int | None:
    """The columns at which the text was wrapped; None where it was not."""
    open_lines = [
        (before, after)
        for before, after in pairwise(lines)
        if not before.ended
        and after.follows
        and not after.own
        and len(_PROSE.findall(before.text)) >= 8
        and not before.text.lstrip().startswith(("#", "|"))
        and not TITLE_END.search(before.text.strip())
        and not (ISSUER_LINE.fullmatch(before.text.strip()) and not after.ended)
    ]
    best: tuple[int, int] = (0, 0)
    for width in {before.width for before, _ in open_lines if LEAST <= before.width <= MOST}:
        full = sum(_is_full(before, after, width) for before, after in open_lines)
        best = max(best, (full, width))
    full, width = best
    wider = sum(line.width > width + 2 for line in lines)
    if full < 0.6 * len(open_lines) or wider > max(1, len(lines) // 10):
        return None
    if full < 2:
        # One line alone: prose that goes on, the widest of all.
        alone = any(
            before.width == width >= 2 * LEAST
            and "," in before.text
            and after.ended
            and after.width <= width
            for before, after in open_lines
        )
        return width if alone and not wider else None
    return width


def _is_full(line: _Line, after: _Line, width: int) -> bool:
    """Whether the next line's beginning did not fit on this line, give or take a little."""
    space = 1 if line.text[-1:].isascii() and after.text.lstrip()[:1].isascii() else 0
    # What ends a sentence may well end its paragraph too.
    slack = 2 if line.ended else max(2, width * 6 // 100)
    return line.width <= width + 2 and line.width + space + after.unit > width - slack


def _is_joined(line: _Line, after: _Line, width: int) -> bool:
    if not after.follows or after.own or not _is_full(line, after, width):
        return False
    if line.text.rstrip().endswith(":") or line.text.lstrip().startswith(("#", "|")):
        return False
    if DAY_LINE.match(line.text.strip()):
        return False
    # A signature or a title below the last line of a text.
    below = not after.ended and after.width < 0.85 * width
    return not (line.ended and (below or ISSUER_LINE.fullmatch(after.text.strip())))


def _needs_space(before: str, after: str) -> bool:
    """Words of an alphabet need their space back; a number broken in two does not."""
    if (before.isdigit() and after.isdigit()) or before == "-":
        return False
    return before.isascii() and after.isascii()
