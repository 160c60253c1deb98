"""What a check found as it is told to a person: each citation's verdict and why, in words.

Plain values for the page, the Word file and the command line; nothing is escaped or laid out here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rag.check.model import NOT_IN_FORCE, Article, CheckedCitation, CheckedText, Quote
from rag.schema import Language
from rag.web.texts import say


@dataclass(frozen=True)
class Note:
    """What is told of one place of the text. `kind` is good, bad or open; `n` counts from 1."""

    n: int
    start: int
    end: int
    text: str
    kind: str
    verdict: str
    told: tuple[str, ...]
    statement: str
    articles: tuple[Article, ...]
    right: tuple[Article, ...]
    quotes: tuple[Quote, ...]


def notes_of(checked: CheckedText, language: Language) -> list[Note]:
    """The citations and the uncited figures of a text, in the order of the text."""
    found = [_citation(one, language) for one in checked.citations]
    for figure in checked.figures:
        key = "check_figure_found" if figure.articles else "check_figure_nowhere"
        found.append(
            Note(
                0,
                figure.start,
                figure.end,
                figure.text,
                "open",
                say(language, "check_verdict_figure"),
                (say(language, key),),
                "",
                (),
                figure.articles,
                figure.quotes,
            )
        )
    found.sort(key=lambda note: note.start)
    return [_numbered(note, n) for n, note in enumerate(found, 1)]


def counted(checked: CheckedText, language: Language) -> list[tuple[str, int]]:
    """How many citations there are, how many hold, and how many of each kind do not."""
    rows = [
        (say(language, "check_count_all"), len(checked.citations)),
        (say(language, "check_count_holds"), sum(one.holds for one in checked.citations)),
    ]
    for verdict, count in sorted(checked.counts.items()):
        if verdict not in ("verbatim", "supported", "named"):
            rows.append((say(language, f"check_verdict_{verdict}"), count))
    over = sum(one.status in NOT_IN_FORCE for one in checked.citations)
    if over:
        rows.append((say(language, "check_count_over"), over))
    if checked.figures:
        rows.append((say(language, "check_verdict_figure"), len(checked.figures)))
    return rows


def printed(checked: CheckedText, language: Language) -> str:
    """The notes of a text in lines, for a terminal: those that need something done come first."""
    notes = sorted(notes_of(checked, language), key=lambda note: note.kind == "good")
    lines = [f"{name}: {count}" for name, count in counted(checked, language)]
    for note in notes:
        lines += ["", f"{note.n}. {note.verdict}: {note.text}"]
        lines += [f"   {told}" for told in (*note.told, *right_of(note, language))]
        lines += [f"   {say(language, 'check_source')}{quote.text}" for quote in note.quotes]
    return "\n".join(lines)


def right_of(note: Note, language: Language) -> list[str]:
    """The line that names the articles which say what is said, where there are such."""
    return [say(language, "check_right", articles=names_of(note.right, language))] * bool(
        note.right
    )


def names_of(articles: Sequence[Article], language: Language) -> str:
    """The labels of articles in one line."""
    labels = [one.label if language == "zh" else one.label_en for one in articles]
    return say(language, "comma").join(labels)


def _citation(one: CheckedCitation, language: Language) -> Note:
    told = [_why(one, language)]
    if one.status in NOT_IN_FORCE:
        told.append(
            say(language, f"check_status_{one.status}", day=one.superseded_on or "").strip()
        )
    if language == "en" and one.verdict in ("numbers_differ", "not_found_in_article", "unchecked"):
        told += one.reasons if one.why != "ambiguous" else ()
    elif one.why == "ambiguous":
        told += [say(language, "comma").join(one.reasons)]
    kind = "good" if one.holds else "open" if one.verdict == "unchecked" else "bad"
    return Note(
        0,
        one.start,
        one.end,
        one.text,
        kind,
        say(language, f"check_verdict_{one.verdict}"),
        tuple(filter(None, told)),
        one.statement,
        one.articles,
        one.right,
        one.quotes,
    )


def _why(one: CheckedCitation, language: Language) -> str:
    if one.why:
        name = (one.document if language == "zh" else one.document_en) or ""
        return say(language, f"check_why_{one.why}", document=name)
    if one.verdict == "named" and not one.articles:
        return say(language, "check_told_document")
    return say(language, f"check_told_{one.verdict}")


def _numbered(note: Note, n: int) -> Note:
    return Note(n, *(getattr(note, name) for name in Note.__dataclass_fields__ if name != "n"))
