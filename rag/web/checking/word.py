"""A checked text as a Word file: the text itself, with a comment at each place that has a note.

It lays out what shown.py tells; it checks nothing.
"""

from __future__ import annotations

import io
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING

from rag.check.model import CheckedText
from rag.schema import Language
from rag.web.chat.export import printable, word_page
from rag.web.checking.shown import Note, names_of, notes_of, right_of
from rag.web.texts import say

if TYPE_CHECKING:
    from docx.text.run import Run


def commented(checked: CheckedText, language: Language, now: datetime | None = None) -> bytes:
    """The text as .docx, with comments in a language; `now` is when it was made."""
    made = word_page(language, say(language, "check_title"), now or datetime.now(UTC))
    made.core_properties.subject = say(language, "check_word_subject")
    author = say(language, "title")
    runs: dict[int, list[Run]] = {}
    notes = notes_of(checked, language)
    at = behind = 0
    for line in checked.text.split("\n"):
        paragraph = made.add_paragraph()
        end = at + len(line)
        while behind < len(notes) and notes[behind].end <= at:
            behind += 1
        for start, stop, note in _cut(at, end, notes, behind):
            run = paragraph.add_run(printable(checked.text[start:stop]))
            if note is not None:
                runs.setdefault(note.n, []).append(run)
        at = end + 1
    for note in notes:
        if marked := runs.get(note.n):
            comment = made.add_comment([marked[0], marked[-1]], author=author, initials="T")
            first, *rest = _lines(note, language)
            comment.paragraphs[0].add_run(first).bold = True
            for line in rest:
                comment.add_paragraph(line)
    file = io.BytesIO()
    made.save(file)
    return file.getvalue()


def _cut(
    start: int, end: int, notes: list[Note], behind: int
) -> list[tuple[int, int, Note | None]]:
    """A line of the text in the pieces that have a note and those that have none.

    The notes up to `behind` end before it.
    """
    found: list[tuple[int, int, Note | None]] = []
    at = start
    for note in islice(notes, behind, None):
        if note.start >= end:
            break
        first, last = max(note.start, at), min(note.end, end)
        if first >= last:
            continue
        if first > at:
            found.append((at, first, None))
        found.append((first, last, note))
        at = last
    if at < end:
        found.append((at, end, None))
    return found


def _lines(note: Note, language: Language) -> list[str]:
    lines = [note.verdict, *note.told, *right_of(note, language)]
    for quote in note.quotes:
        lines.append(say(language, "check_source") + quote.text)
        if quote.text_en and language == "en":
            lines.append(quote.text_en)
    if note.articles:
        lines.append(say(language, "check_cited") + names_of(note.articles, language))
    return [printable(line) for line in lines]
