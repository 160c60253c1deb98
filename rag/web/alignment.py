"""Which piece of a clause's source belongs to which English. It makes no HTML."""

from __future__ import annotations

import unicodedata

from index.schema import Clause, Rendition

# Half-width characters that open what follows them; NFKC text has them in place of 《 and （.
OPENING = "<《〈「『“‘（([【〔"


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
        cuts.append((place, [*unplaced, sentence.en]))
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


def letters(text: str) -> str:
    """Letters and digits alone, in one width and case: what two versions of a text share."""
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", text).lower()))
