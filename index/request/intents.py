"""The words of a question: brought to a common form, without what is no matter, its interrogatives.

Looks at the words of the question only; nothing is searched or read here. What is asked for is
told by learned heads (aspects.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise

from index.documents.model import Document
from index.request.documents_named import in_full, regions_of
from index.text.language import question_language
from index.text.places import with_places
from index.text.repair import to_simplified

# "Which article deals with …": what is asked is the article's name.
_WHICH_ARTICLE = re.compile(
    r"(?:由|在|是)?(?:哪[一几]?|第几)[条條款项項章](?:款|文)?(?:里|中)?|"
    r"\bwhich\b[^?.,]{0,30}?\b(?:clause|article|item|provision|section|paragraph)s?\s+(?!numbers?)"
    r"(?:(?:deal|talk|speak|cover|mention|address|regulate|concern|provide|say|state|is|are)\w*\s*"
    r"(?:with|about|for|on|anything about)?)?",
    re.IGNORECASE,
)
_BODIES = re.compile(
    r"单位|部门|机构|\b(?:units?|departments?|bureaus?|bodies|agencies|authorities|offices)\b",
    re.IGNORECASE,
)
_IN_BRACKETS = re.compile(r"\(([A-Za-z][A-Za-z0-9 -]{2,})\)")
# All words that ask, wherever they stand.
_ASKS = re.compile(
    r"什么|甚么|啥|哪|谁|为何|何时|何种|如何|怎|多少|多[久长大高]|几(?=[个项条成年天倍次月日家类种])|吗|"
    r"\b(?:what|which|who|whom|whose|when|where|why|how)\b",
    re.IGNORECASE,
)
# Where one part of a question may end and the next begin. In English the next one asks at once,
# and behind a comma alone `which` and `who` ask nothing: they tell of what stands before.
_CUT = {
    "zh": re.compile(r"[，,；;。？?！!]+\s*"),
    "en": re.compile(
        r"(?:[;.?!]\s+(?:and\s+)?|,?\s+and\s+)(?:(?:at|by|for|from|in|of|on|to|with|within)\s+)?$",
        re.IGNORECASE,
    ),
}
# A mark behind which the message asks on, whatever words it asks with: 有没有例外？
_ASKS_ON = re.compile(r"(?<![?？])[?？]+\s{0,4}(?=[^?？]{4,400}[?？])")
MOST_PARTS = 3
# The head for it misses `多多少`, `高出多少`.
_DIFFERENCE = re.compile(
    r"哪(?:个|边|份|项|座城市|里)?(?:更|的)?(?:多|高|大|少|低)|更(?:多|高|大|少|低)|"
    r"\b(?:which|who)\b[^?.]*\b(?:higher|larger|bigger|greater|more|less|lower|smaller)\b|"
    r"多了?多少|少了?多少|(?<!最)[高低大小长短]了?[多出]|(?<!最)[多少高低]了?几|[多少]出|相差|差多少|差几|差距|"
    r"\b(?:difference|gap|how (?:many|much) "
    r"(?:more|fewer|less|larger|higher|greater|bigger|longer|lower|smaller|shorter)|"
    r"by how (?:much|many)|fewer)\b",
    re.IGNORECASE,
)


def in_common_form(
    question: str, documents: Mapping[str, Document], glossary: Iterable[tuple[str, str]]
) -> str:
    """The question in simplified characters, places spelt right, short names of documents in full.

    Foreign terms are explained.

    Only its wording is changed, never what it names.
    """
    spelt = with_places(to_simplified(question), regions_of(documents))
    question = in_full(spelt, documents)
    return with_terms(question, glossary)


def with_terms(question: str, glossary: Iterable[tuple[str, str]]) -> str:
    """The question with its terms of the other language explained: `e-CNY（数字人民币）`.

    `glossary` holds pairs of Chinese and English; English in brackets is a form of its own.
    """
    chinese = question_language(question) == "zh"
    forms: dict[str, str] = {}
    for zh, en in glossary:
        for form in [en, *_IN_BRACKETS.findall(en)] if chinese else [zh]:
            forms.setdefault(form.lower(), zh if chinese else en)
    known = "|".join(re.escape(form) for form in sorted(forms, key=len, reverse=True) if form)
    opening, closing = ("（", "）") if chinese else (" (", ")")
    term = rf"《[^》]*》|(?<![A-Za-z-])(?:{known})(?![A-Za-z-]|\s*[〔［\[（(]\d)"

    def joined(match: re.Match[str]) -> str:
        own = forms.get(match[0].lower())
        told = own is None or own.lower() in question.lower() or match[0] in own
        return match[0] if told else f"{match[0]}{opening}{own}{closing}"

    return re.sub(term, joined, question, flags=re.IGNORECASE) if known else question


def content_of(question: str) -> str:
    """What an article is looked for by: no article holds its own name, so that part is left out."""
    if not _WHICH_ARTICLE.search(question):
        return question
    rest = " ".join(_WHICH_ARTICLE.sub(" ", question).split())
    return rest if question_language(question) == "zh" else f"What about {rest}"


def asks_of_bodies(question: str) -> bool:
    """Whether bodies are spoken of by their kind: units, departments."""
    return bool(_BODIES.search(question))


def asks_for_difference(question: str) -> bool:
    """Whether it is asked which of two figures is larger, or by how much."""
    return bool(_DIFFERENCE.search(question))


def interrogatives(question: str) -> Iterator[re.Match[str]]:
    """The words that ask, in order."""
    return _ASKS.finditer(question)


def joints(text: str) -> list[tuple[int, int]]:
    """Where one part of a question ends and where the next begins.

    Behind each question mark, and before each further interrogative, at the last mark, or `and`,
    before it.
    """
    cut = _CUT[question_language(text)]
    found = {mark.span() for mark in _ASKS_ON.finditer(text)}
    for before, here in pairwise(interrogatives(text)):
        marks = [mark.span() for mark in cut.finditer(text, before.end(), here.start())]
        if not any(before.end() <= end <= here.start() for _, end in found):
            found |= {*marks[-1:]}
    return sorted(found)


def parts_asked(text: str) -> tuple[str, ...]:
    """The parts of a question, each with the mark behind it.

    The question alone where nothing divides it, or it has many parts.
    """
    edges = [0, *(end for _, end in joints(text)), len(text)]
    parts = [text[a:b].strip() for a, b in pairwise(edges)]
    return tuple(parts) if len(parts) <= MOST_PARTS and all(parts) else (text,)
