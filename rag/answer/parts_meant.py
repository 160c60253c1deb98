"""Which part of a document a question means, and whether it asks for the part or for what it holds.

Goes by headings and the words beside them; what is told of a part is elsewhere.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from index.documents.model import Document
from index.facts.model import Structure
from index.request.chapters_named import headings_named
from index.request.subject import subject_pieces, without_documents
from index.text.tokens import cut_chinese, tokenise_chinese, tokenise_english
from rag.answer.matching import Extent, asked_within, framed_out
from rag.answer.running import Running
from rag.english.phrases import english_of

# What is counted of a document's structure: its articles, tasks, parts.
UNITS = re.compile(
    r"[条章款项]|[几多]少?点|(?<!环)节|部分|任务|举措|措施|领域|\b(?:articles?|chapters?|parts?|sections?|items?|tasks?|"
    r"measures?|points?|provisions?|clauses?|fields?|headings?)\b",
    re.IGNORECASE,
)
_PART = re.compile(r"章|节|部分|板块|编")
# One part is asked for by what it is on: 管口岸的那一部分, the part on ports.
_OF_A_PART = re.compile(
    r"的(?:那|这)?[一个]{0,2}(?:部分|章|板块|节)|\b(?:part|chapter|section)\b(?!\s*\d)",
    re.IGNORECASE,
)
# Words of a question that may stand beside a heading's where the chapter itself is meant.
BESIDE = 1
_ENGLISH_PARTS = re.compile(
    r"\b(?:structure\w*|contents?|outlines?|chapters?|headings?|titles?|organi[sz]\w*|divid\w*|"
    r"division\w*|table|numbered|numbers?|last|final|first|called|made|make|consist\w*|compris\w*|"
    r"long|many|laid|look|built|arranged|altogether|overall|whole|split|broken|down|layout|bits?|"
    r"main|general|kindly|order|count|full)\b",
    re.IGNORECASE,
)


def chapters_meant(running: Running, document: Document) -> list[Structure]:
    """The chapters of a document that the question names by number or has the headings of."""
    every = [
        each
        for each in running.index.facts.find(Structure, documents=[document.id])
        if each.level in ("chapter", "section")
    ]
    request = running.request
    if request.chapter and request.chapter.document.id == document.id:
        wanted = f"{document.id}#{request.chapter.section.path}"
        return [each for each in every if each.clause_id == wanted]
    asked = without_documents(request.answered.text, [document])
    headings = [each.clean for each in every]
    words_for = running.index.lexicon.alternatives
    if found := [every[at] for at in headings_named(asked, headings, words_for)]:
        return found
    # A heading that stands in the title too: it is named where it stands there whole.
    whole = [every[at] for at in headings_named(request.answered.text, headings, words_for)]
    held = set(tokenise_chinese(request.answered.text))
    if found := [each for each in whole if _long_words(each.clean) <= held]:
        return found
    return _with_a_word(running, asked, every) if _OF_A_PART.search(asked) else []


def _with_a_word(running: Running, asked: str, every: Sequence[Structure]) -> list[Structure]:
    """The one part whose heading has a word of the question that no other heading has.

    The heading in Chinese, or in English where it is known.
    """
    either = {t for words in running.index.lexicon.alternatives(asked) for w in words for t in w}
    either |= set(tokenise_chinese(asked)) | set(tokenise_english(asked))
    top = [each for each in every if each.level == "chapter"]
    glossary = dict(running.index.glossary) if running.language == "en" else {}
    english = [english_of(each.heading, glossary) if glossary else "" for each in top]
    own = [
        (_long_words(each.clean) | set(tokenise_english(name))) & either
        for each, name in zip(top, english, strict=True)
    ]
    counts = Counter(word for words in own for word in words)
    found = [
        each for each, words in zip(top, own, strict=True) if any(counts[w] == 1 for w in words)
    ]
    return found if len(found) == 1 else []


def _long_words(heading: str) -> set[str]:
    return {word for word in tokenise_chinese(heading) if len(word) > 1}


def asks_within(running: Running, document: Document, chapter: Structure) -> bool:
    """Whether a Chinese question asks for something that a chapter holds, not for the chapter.

    It then has words of its own beside the heading's, and neither number nor kind of a part.
    """
    if (
        running.language == "en"
        or running.request.chapter
        or _PART.search(running.request.answered.text)
    ):
        return False
    asked = asked_within(running, Extent((document,), document.clauses))
    of_heading = re.search(rf"{re.escape(chapter.clean)}的(?P<what>[\u4e00-\u9fff]{{2}})", asked)
    if of_heading and not UNITS.search(of_heading["what"]):
        return True  # the head of charities, where a chapter is of charities
    own = set(tokenise_chinese(f"{chapter.clean}，{document.title}"))
    words = {word for piece in framed_out(asked) for word in cut_chinese(piece) if len(word) > 1}
    rest = {word for word in words if not set(tokenise_chinese(word)) <= own}
    return len({word for word in rest if not UNITS.search(word)}) > BESIDE


def asks_more(running: Running, document: Document) -> bool:
    """Whether an English question has more than names of the document and words for parts.

    Chinese ones are told apart by what is wanted; English ones less well.
    """
    if running.language == "zh":
        return False
    rest = asked_within(running, Extent((document,), document.clauses))
    pieces = (_ENGLISH_PARTS.sub(" ", piece) for piece in subject_pieces(rest, "en"))
    words = [word for piece in pieces for word in piece.split() if word.isalpha()]
    known = (document.title_en or "").lower()
    return any(len(word) > 3 and word.lower() not in known for word in words)
