"""One wording of what is asked, with all that its words say, read once.

Whoever searches, chooses, writes or checks goes by these; nobody reads the text for itself. It
names no documents (documents_named, articles_named do) and knows none.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from index.request.aspects import CONTENTS, FIGURE, FIGURES, aspects_of
from index.request.demand import Kind, asks_places, figures_of, kinds_asked, names_number, years_in
from index.request.intents import asks_for_difference, content_of, parts_asked
from index.text.language import Language, question_language
from index.text.places import places_named

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# What is asked beside who does something: `who leads, and by when?`
_BESIDE_WHO = frozenset(CONTENTS) - {"body", "article"}
# 条 of roads and conditions, which the head takes for articles; articles of another document.
_NO_ARTICLES = (
    *(f"条{line}" for line in "马街航铁公水河渠产路生线"),
    *(f"{list_}{verb}哪" for list_ in ("条件", "标准", "措施", "要求") for verb in ("", "是")),
    "article number",
)


@dataclass(frozen=True)
class Wording:
    """A text that asks, its language, and which kinds of thing its words ask for.

    `where`: which article holds something. `who`: a body, `beside_who`: and something else.
    `whole`: an article as it stands, or its gist. `one`: a single figure or day; `items`: a list,
    measures or a summary instead; `measures`: what is to be done; `twice`: two things. `compares`:
    things are set side by side, `difference`: which of two figures is larger. `front`: what a
    document's front matter tells. `figures`: the kinds of figure that an answer must show, `kinds`
    all kinds that a clause must have; `figure`: a figure of whatever kind. `asks_places`: names of
    places. Of the `years` named, those `demanded` must be known to a document that answers.
    """

    text: str
    language: Language
    where: bool
    who: bool
    beside_who: bool
    whole: bool
    one: bool
    items: bool
    measures: bool
    summary: bool
    twice: bool
    compares: bool
    difference: bool
    front: bool
    figure: bool
    figures: tuple[Kind, ...]
    kinds: tuple[Kind, ...]
    years: frozenset[int]
    demanded: frozenset[int]
    places: frozenset[str]
    asks_places: bool

    @property
    def things(self) -> int:
        """How many things are asked, at least."""
        return max(len(parts_asked(self.content.text)), 1 + self.twice)

    @property
    def content(self) -> Wording:
        """What clauses are read for: no clause holds its own name, so that part is left out."""
        return replace(self, text=content_of(self.text), where=False) if self.where else self


def in_words_of(wording: Wording, other: Wording) -> Wording:
    """What is asked, in the words of another wording of it, such as a translation.

    The kinds of thing asked for are those of the person's own words, which a translation may lose;
    that several are wanted, or two things, either may show.
    """
    items = wording.items or (other.items and not wording.one)
    return replace(
        wording,
        text=other.text,
        language=other.language,
        items=items,
        measures=wording.measures or (items and other.measures),
        twice=wording.twice or other.twice,
    )


def not_demanding(wording: Wording, years: frozenset[int]) -> Wording:
    """The wording without a demand for these years.

    去年 is a year of the asker's calendar, by which is told what happened to them.
    """
    return replace(wording, demanded=wording.demanded - years)


def without_years(wording: Wording, text: str) -> Wording:
    """The wording as `text`, which is its own without years: it asks for the same."""
    return replace(wording, text=text, years=frozenset(), demanded=frozenset())


def _parts_ask_else(text: str) -> bool:
    """Whether a part of a question asks for no body, where it has several."""
    parts = parts_asked(text)
    return len(parts) > 1 and any("body" not in aspects_of(part, None) for part in parts)


def read_wording(text: str, vector: NDArray[np.float32] | None = None) -> Wording:
    """What the words of a text ask for; `vector` is the default encoder's, if it is known."""
    aspects = aspects_of(text, vector)
    kinds = kinds_asked(text, aspects)
    figure = bool(aspects & (FIGURES | {FIGURE}))
    items = bool(aspects & {"items", "measures", "summary", "whole"})
    return Wording(
        text=text,
        language=question_language(text),
        where="article" in aspects and not any(words in text.lower() for words in _NO_ARTICLES),
        who="body" in aspects,
        beside_who="body" in aspects
        and (bool(kinds or figure or aspects & _BESIDE_WHO) or _parts_ask_else(text)),
        whole=bool(aspects & {"summary", "whole"}) and not (kinds or figure),
        one=not items and ("day" in aspects or (figure and names_number(text))),
        items=items,
        measures="measures" in aspects,
        summary="summary" in aspects,
        twice="twice" in aspects,
        compares="compares" in aspects,
        difference=asks_for_difference(text),
        front="document" in aspects and not aspects & {"summary", "whole"},
        figure=figure,
        figures=figures_of(kinds),
        kinds=kinds,
        years=years_in(text),
        demanded=years_in(text),
        places=frozenset(places_named(text)),
        asks_places=asks_places(text),
    )
