"""A clause's text in pieces: aligned with its English, and readable where the source is damaged.

Works on offsets and plain text; nothing is shown here.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Sequence
from typing import Literal

from index.documents.model import Clause, Made, Rendition
from index.documents.parse import PARAGRAPH
from index.text.numbers import NUMERAL
from rag.web.texts import say

# Half-width characters that open what follows them; NFKC text has them in place of 《 and （.
OPENING = "<《〈「『“‘（([【〔"
_NUMBER = re.compile(rf"{NUMERAL}|\d")


def aligned(clause: Clause, rendition: Rendition | None) -> list[tuple[int, int, str]]:
    """Pieces of the clause's source with their English: (start, end, English) in source offsets.

    The pieces follow each other and make up the whole clause. A rendition may leave out the
    heading (its own title stands there) and differ in punctuation and width; a sentence that
    cannot be placed joins the English of the stretch where it must be.
    """
    keys = [
        (char, place) for place, original in enumerate(clause.body) for char in letters(original)
    ]
    text = "".join(char for char, _ in keys)
    cuts: list[tuple[int, list[str]]] = []
    cursor = 0
    unplaced: list[str] = []
    for sentence in rendition.sentences if rendition else ():
        wanted = letters(sentence.zh)
        place = text.find(wanted, cursor) if wanted else -1
        if place < 0:
            unplaced.append(sentence.en)
            continue
        if place > cursor:
            title = rendition.title_en if rendition and not cursor else ""
            cuts.append((cursor, unplaced or [title]))
            unplaced = []
        cuts.append((place, [*unplaced, sentence.en or say("en", "sentence_left")]))
        unplaced = []
        cursor = place + len(wanted)
    if cuts and cursor == len(text):
        cuts[-1][1].extend(unplaced)
    elif unplaced or not cuts:
        cuts.append((cursor, unplaced))
    starts = [clause.start]
    for place, _ in cuts[1:]:
        body_place = keys[place][1] if place < len(keys) else len(clause.body)
        while body_place and clause.body[body_place - 1] in OPENING:
            body_place -= 1
        starts.append(min(max(clause.body_map[body_place], starts[-1]), clause.end))
    ends = [*starts[1:], clause.end]
    return [
        (start, end, " ".join(filter(None, english)))
        for start, end, (_, english) in zip(starts, ends, cuts, strict=True)
    ]


def made_of(rendition: Rendition, english: str) -> Literal[""] | Made:
    """Who made a piece's English, where that is another than of the article as a whole.

    A piece of several sentences is what the least of them is.
    """
    own: Sequence[Made] = [
        rendition.made_of(one) for one in rendition.sentences if one.en and one.en in english
    ]
    if not own:
        return ""
    least: Made = min(own, key=("machine", "reviewed", "official").index)
    return "" if least == rendition.made else least


def letters(text: str) -> str:
    """Letters and digits alone, in one width and case: what two versions of a text share."""
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", text).lower()))


def readable(clause: Clause, start: int, end: int) -> tuple[str, int, int] | None:
    """What to show for a stretch of the source (start to end) that is not legible as it stands.

    That is marker and heading, if it is the clause's first stretch, and a range of its body. None
    where the body says the same but for width, spaces and punctuation.
    """
    length = len(clause.body)
    low = bisect_left(clause.body_map, start, 0, length)
    high = length if end >= clause.end else bisect_left(clause.body_map, end, 0, length)
    original = letters(clause.text[start - clause.start : end - clause.start])
    mended = letters(clause.body[low:high])
    if start > clause.start:
        return None if original == mended else ("", low, high)
    head = original.removesuffix(mended)
    legible = original.endswith(mended) and letters(clause.heading) in original
    # A marker may be written otherwise (第12条), but a number it has; a paragraph has none.
    unnumbered = not clause.marker or clause.marker.startswith(PARAGRAPH)
    if legible and (unnumbered or _NUMBER.search(head)):
        return None
    path = clause.heading_path
    shown = path[-1].removesuffix(clause.heading) if clause.heading and path else clause.marker
    if clause.heading and not clause.body.startswith(clause.heading):
        shown += f"{clause.heading}\n"
    return shown, low, high


def in_body(clause: Clause, span: tuple[int, int]) -> tuple[int, int]:
    """A span of the source as a span of the clause's body."""
    first, last = (bisect_left(clause.body_map, at, 0, len(clause.body)) for at in span)
    return first, last
