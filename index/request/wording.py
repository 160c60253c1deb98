"""One wording of what is asked, with all that its words say, read once.

Whoever searches, chooses, writes or checks goes by these; nobody reads the text for itself. It
names no documents (documents_named, articles_named do) and knows none.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

from index.request.demand import (
    Kind,
    asks_for_figure,
    figures_asked,
    kinds_asked,
    years_in,
)
from index.request.intents import (
    asks_about_document,
    asks_for_items,
    asks_for_measures,
    asks_for_one,
    asks_for_summary,
    asks_where,
    asks_who,
    compares,
    content_of,
)
from index.text.language import Language, question_language
from index.text.places import places_named


@dataclass(frozen=True)
class Wording:
    """A text that asks, its language, and which kinds of thing its words ask for.

    `where`: which article holds something. `who`: a body or person. `one`: a single figure, day
    or name; `items`: a list, a duty or a summary instead; `measures`: what is to be done.
    `front`: what a document's front matter tells. `figures`: the kinds of figure that an answer
    must show, `kinds` all kinds that a clause must have; `figure`: a figure of whatever kind.
    Of the `years` named, those `demanded` must be known to a document that answers.
    """

    text: str
    language: Language
    where: bool
    who: bool
    one: bool
    items: bool
    measures: bool
    summary: bool
    compares: bool
    front: bool
    figure: bool
    figures: tuple[Kind, ...]
    kinds: tuple[Kind, ...]
    years: frozenset[int]
    demanded: frozenset[int]
    places: frozenset[str]

    @property
    def content(self) -> Wording:
        """What clauses are read for: no clause holds its own name, so that part is left out."""
        return read_wording(content_of(self.text))


def not_demanding(wording: Wording, years: frozenset[int]) -> Wording:
    """The wording without a demand for these years.

    去年 is a year of the asker's calendar, by which is told what happened to them.
    """
    return replace(wording, demanded=wording.demanded - years)


@lru_cache(maxsize=256)
def read_wording(text: str) -> Wording:
    """What the words of a text ask for."""
    return Wording(
        text=text,
        language=question_language(text),
        where=asks_where(text),
        who=asks_who(text),
        one=asks_for_one(text),
        items=asks_for_items(text),
        measures=asks_for_measures(text),
        summary=asks_for_summary(text),
        compares=compares(text),
        front=asks_about_document(text),
        figure=asks_for_figure(text),
        figures=figures_asked(text),
        kinds=kinds_asked(text),
        years=years_in(text),
        demanded=years_in(text),
        places=frozenset(places_named(text)),
    )
