"""Correcting the English of a document: of one sentence, or by an official text as a whole.

Pure functions from data to escaped HTML, and what is kept of what was sent. Where it lies is the
library's; how an official text is aligned is rag/english/official.py's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from index.documents.given import Given, laid_over, reviewed, with_official, with_reviewed
from index.documents.model import Clause, Document
from index.errors import DocumentFault
from index.text.characters import one_line
from rag.english.official import Alignment, Pair
from rag.schema import Language
from rag.web.chat.conversation import Library
from rag.web.pages.contents import article_address
from rag.web.pages.document import document_address, title_of
from rag.web.pages.frame import in_path
from rag.web.templates import render
from rag.web.texts import label_of

if TYPE_CHECKING:
    from index.library.library import Library as OwnLibrary

# How many aligned sentences a preview shows; what is doubtful or left is shown whole.
MOST_SHOWN = 400
LONGEST_SOURCE = 200


class Line(NamedTuple):
    """A sentence of the form: its English as it is, who made it, and the key of what was given."""

    zh: str
    en: str
    made: str
    heading: bool
    key: str


@dataclass(frozen=True)
class Official:
    """What was sent of an official text, and how it was aligned, if it was."""

    text: str = ""
    source: str = ""
    alignment: Alignment | None = None


def lines_of(clause: Clause, library: Library, kept: Sequence[Given]) -> list[Line]:
    """The sentences of a clause with their English, as they will be when all that is kept counts.

    The heading comes first, where there is one.
    """
    own = [one for one in kept if one.path == clause.path]
    rendition, _ = laid_over(clause, library.rendition(clause.id), own)
    keys = {(one.by, one.zh, one.heading): one.key for one in own}
    lines: list[Line] = []
    if clause.heading:
        given = next((one for one in own if one.heading), None)
        before = rendition.title_en if library.rendition(clause.id) else ""
        made = given.by if given else rendition.made if before else ""
        lines.append(Line(clause.heading, before, made, True, given.key if given else ""))
    for sentence in rendition.sentences:
        made = rendition.made_of(sentence) if sentence.en else ""
        key = keys.get((sentence.by, sentence.zh, False), "") if sentence.by else ""
        lines.append(Line(sentence.zh, sentence.en, made, False, key))
    return lines


def article_english_html(
    clause: Clause,
    library: Library,
    language: Language,
    kept: Sequence[Given],
    *,
    saved: bool = False,
    sent: str = "",
    fault: str = "",
) -> str:
    """A form for each sentence of a clause; `sent` is the Chinese whose English had a `fault`."""
    return render(
        "english_article",
        language,
        label=label_of(clause, language),
        address=article_address(clause.id),
        action=f"/library/english/articles/{in_path(clause.id)}",
        lines=lines_of(clause, library, kept),
        saved=saved,
        sent=sent,
        fault=fault,
    )


def official_html(
    document: Document,
    language: Language,
    kept: Sequence[Given],
    official: Official,
    fault: str = "",
) -> str:
    """The form for an official text, with its alignment once it was sent."""
    held = [one for one in kept if one.by == "official"]
    alignment = official.alignment
    pairs: Sequence[Pair] = alignment.pairs if alignment else ()
    sound = [pair for pair in pairs if not pair.doubt]
    return render(
        "english_official",
        language,
        title=title_of(document, language),
        address=document_address(document),
        action=f"/library/english/documents/{in_path(document.id)}",
        held=len(held),
        held_source=held[0].source if held else "",
        text=official.text,
        source=official.source,
        alignment=alignment,
        doubtful=[pair for pair in pairs if pair.doubt],
        sound=sound[:MOST_SHOWN],
        more=max(0, len(sound) - MOST_SHOWN),
        fault=fault,
    )


def keep_sentence(own: OwnLibrary, clause: Clause, zh: str, en: str, *, heading: bool) -> None:
    """Keep a person's English of a sentence as reviewed. Raises IndexFault."""
    given = reviewed(clause, zh, en, heading=heading)
    own.english_given.change_all(clause.document_id, lambda held: with_reviewed(held, given))


def keep_official(
    own: OwnLibrary, document_id: str, alignment: Alignment, source: str, *, doubtful: bool
) -> int:
    """Keep an aligned text as official English, in place of one before; gives how much of it.

    Raises IndexFault, also where nothing of it was aligned.
    """
    named = one_line(source)[:LONGEST_SOURCE]
    given = alignment.given(named, doubtful=doubtful)
    if not given:
        raise DocumentFault("nothing-aligned")
    own.english_given.change_all(document_id, lambda held: with_official(held, given, named))
    return len(given)


def detach(own: OwnLibrary, document_id: str) -> None:
    """Forget the official English of a document. Raises IndexFault."""
    own.english_given.change_all(
        document_id, lambda held: tuple(one for one in held if one.by != "official")
    )
