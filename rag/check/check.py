"""Checks a text: every citation found, resolved, and compared with what the article says.

The parts do the work (spot, resolve, said, judge); this leads a text through them. It shows
nothing, and asks a language model only by `second`.
"""

from __future__ import annotations

import logging
import re
import time
from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date

from index.documents.labels import document_label, document_label_en
from index.text.language import question_language
from rag.answer.citation_check import Clauses, Second
from rag.answer.quoted import QUOTATION
from rag.answer.statement_check import check_sentence
from rag.answer.support import split_answer
from rag.answer.windows import likest_window
from rag.check.judge import Find, Judge, has_figures
from rag.check.model import (
    MOST_BYTES,
    MOST_CITATIONS,
    RIGHT,
    CheckedCitation,
    CheckedText,
    UncitedFigure,
)
from rag.check.resolve import Meant, Memory
from rag.check.said import Said, said_of
from rag.check.sentences import flat, sentences
from rag.check.spot import Spans, Spotted, spot
from rag.errors import ModelFault, QuestionFault

log = logging.getLogger(__name__)

# Statements of one text that the model is asked about, a second each.
MOST_LOOKED_AT = 20
# Of sentences with figures that cite nothing.
MOST_FIGURES = 100
MOST_LINES = 20_000
# What no text has, and what patterns and readers of words take long over.
_NO_TEXT = re.compile(r"\s{2000}|[A-Za-z]{2000}")
Progress = Callable[[int, int], None]


def check_text(
    text: str,
    clauses: Clauses,
    today: date,
    find: Find | None = None,
    progress: Progress = lambda done, total: None,
    second: Second | None = None,
) -> CheckedText:
    """The text with its citations judged as of a day.

    `find` searches all documents for a statement; `progress` is told how many citations of how
    many are done. `second` looks again at statements whose words an article does not have
    (other_words.py), at the first MOST_LOOKED_AT of them; where its model fails, words decide
    alone, which is logged. Raises QuestionFault where the text is empty or too long.
    """
    started = time.perf_counter()
    if not text.strip():
        raise QuestionFault("text-empty")
    if len(text.encode("utf-8", "replace")) > MOST_BYTES:
        raise QuestionFault("text-too-large")
    if text.count("\n") > MOST_LINES:
        raise QuestionFault("text-too-many-lines", most=MOST_LINES)
    if _NO_TEXT.search(text):
        raise QuestionFault("text-blanks")
    form = flat(text)
    spotted = spot(form)
    memory, judge = Memory(clauses.documents, today), Judge(clauses, find)
    looks = MOST_LOOKED_AT if second else 0
    cut = sentences(form)
    said, inner = _said(text, form, cut, spotted)
    found = []
    for at, one in enumerate(spotted):
        progress(at, len(spotted))
        if at >= MOST_CITATIONS:
            words = text[one.start : one.end]
            found.append(CheckedCitation(one.start, one.end, words, "", "unchecked", "over_limit"))
            continue
        meant = memory.meant(one, one in inner)
        judged = _checked(text, one, meant, said[one], judge, today)
        if second and looks and judged.verdict == "not_found_in_article" and not meant.group:
            looks -= 1
            try:
                if _in_other_words(said[one].text, meant, judge, second):
                    judged = replace(judged, verdict="unchecked", why="other_words", reasons=())
            except ModelFault as fault:
                log.warning("citations are checked by words alone: %s", fault)
                looks = 0
        found.append(judged)
    progress(len(spotted), len(spotted))
    figures = tuple(_figures(text, cut, Spans(spotted), judge))
    seconds = round(time.perf_counter() - started, 3)
    return CheckedText(text, today.isoformat(), tuple(found), figures, seconds)


def _said(
    text: str, form: str, cut: list[tuple[int, int]], spotted: list[Spotted]
) -> tuple[dict[Spotted, Said], set[Spotted]]:
    """What is said of each citation, and those that stand behind another one in its sentence."""
    starts = [one.start for one in spotted]
    found: dict[Spotted, Said] = {}
    inner: set[Spotted] = set()
    for start, end in cut:
        cited = spotted[bisect_left(starts, start) : bisect_left(starts, end)]
        if cited:
            found |= zip(cited, said_of(text, form, (start, end), cited), strict=True)
            inner.update(cited[1:])
    return found, inner


def _checked(
    text: str, one: Spotted, meant: Meant, said: Said, judge: Judge, today: date
) -> CheckedCitation:
    """A citation with its verdict."""
    checked = CheckedCitation(
        one.start, one.end, text[one.start : one.end], said.text, "unchecked", meant.why
    )
    if not meant.held:
        return replace(checked, verdict="not_held")
    document = meant.document
    if document is None:
        return replace(checked, reasons=meant.candidates)
    checked = replace(
        checked,
        document_id=document.id,
        document=document_label(document),
        document_en=document_label_en(document),
        status=document.status(today),
        superseded_on=document.superseded_on,
    )
    if meant.missing:
        return replace(checked, verdict="no_such_article")
    if not meant.articles:
        return replace(checked, verdict="named")
    found = judge.judged(said.text, meant.articles, meant.group, said.points)
    if one.part and not one.articles and found.verdict in RIGHT and found.by:
        # Of a part with articles of its own those are cited that say it.
        meant = replace(
            meant, articles=tuple(each for each in meant.articles if each.clause.id in found.by)
        )
    right = tuple(judge.article(key) for key in found.right)
    shown = [judge.whole(key) for key in found.right] or list(meant.articles[:1])
    return replace(
        checked,
        verdict=found.verdict,
        articles=tuple(judge.article(each.clause.id) for each in meant.articles),
        right=right,
        quotes=tuple(judge.quote(said.text, each) for each in shown),
        reasons=found.reasons,
    )


def _in_other_words(said: str, meant: Meant, judge: Judge, second: Second) -> bool:
    """Whether the article cited says it in other words, sentence by sentence."""
    language = question_language(said)
    parts = split_answer(said.strip(QUOTATION), language) or [said]
    windows = [likest_window(one, judge.read(meant.articles[0], language)) for one in parts]
    return all(
        second(check_sentence(one, window, language), one, window, language).verdict in RIGHT
        for one, window in zip(parts, windows, strict=True)
    )


def _figures(
    text: str, cut: list[tuple[int, int]], cited: Spans, judge: Judge
) -> Iterator[UncitedFigure]:
    """Sentences with figures that cite nothing, each with the articles that have them."""
    count = 0
    for start, end in cut:
        if cited.overlap(start, end):
            continue
        words = text[start:end].strip()
        language = question_language(words)
        if not has_figures(words, language):
            continue
        count += 1
        if count > MOST_FIGURES:
            return
        right = judge.others(words, language, set(), set())
        quotes = tuple(judge.quote(words, judge.whole(key)) for key in right)
        yield UncitedFigure(start, end, words, tuple(judge.article(key) for key in right), quotes)
