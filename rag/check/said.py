"""What a text says of each article that it cites: the words of the sentence that belong to it.

A citation in brackets or at the end of a sentence has the words before it, any other those behind
it. It knows no article.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from rag.check.spot import Spotted

_MARK = re.compile(
    r"^\s*(?:[(]?(?:\d{1,2}|[a-z]|[ivx]{1,4}|[一二三四五六七八九十]{1,3})[)、.．]\s*|[-*•·]\s+|"
    r"[一二三四五六七八九十]{1,3}是\s*)",
)
# What puts a citation into its sentence, before the citation and behind it.
_LEADS = re.compile(
    r"(?:[(]\s*)?(?:的)?(?:依据[是为]?|根据[是为]?|按照?|依照?|参照|参见|详见|见|请参照|由|以及|和|及|与|"
    r"另据|根据|贵单位来函引用的|称其资质符合|符合|违反|在|对|即)?[:,\s]*$"
)
_LEADS_EN = re.compile(
    r"(?:[(,;]\s*)?(?:\b(?:see(?: also)?|cf\.?|in|under|per|by|of|to|from|and|or|with|as|at|on|"
    r"pursuant to|according to|rests? on|follows?|the|is|are|here)\s*)*[:,(\s]*$",
    re.IGNORECASE,
)
_FOLLOWS = re.compile(
    r"^[)\]》”\"',:\s]*(?:的|中|里)?(?:还|也|则|亦|又|曾|已|仅|另)?"
    r"(?:明确规定|规定|明确|要求|提出|指出|写明|载明|称|提到|显示|所述|表明|强调|改为|点名)?(?:的是|了|过|,|:|\s)*"
)
_FOLLOWS_EN = re.compile(
    r"^[)\]\"',:\s]*(?:(?:also|further|then|which|that|it|would|will|shall)\s+)*"
    r"(?:(?:provid|stat|stipulat|specif|describ|foresee|explain|declar|nam|defin|mention)\w*|says?|"
    r"sets? out|lays? down|deals? with|covers?|contains?|reads?|puts?|calls? for|wants?|asks? for|"
    r"makes? clear|has|have)?\b\s*(?:that\b\s*)?[:,]?\s*"
)
_IS = re.compile(r"(?:是|为|属于|不是)$")
_POINTS = re.compile(
    r"(?:参见|详见|见|参照)\s*$|\b(?:see(?: also)?|cf\.?)\s*(?:the\s*)?$", re.IGNORECASE
)
# What leads up to a citation is no longer.
_LEAD = 80


@dataclass(frozen=True)
class Said:
    """The words that belong to a citation: their span in the text, and what is compared.

    `points`: they only say what the article is about, as in 罚则见第五条.
    """

    start: int
    end: int
    text: str
    points: bool = False


def said_of(
    text: str, form: str, sentence: tuple[int, int], cited: Sequence[Spotted]
) -> list[Said]:
    """For each citation of a sentence, in order, what is said of it. `form` is the flat text."""
    start, end = sentence
    bounds = [start, *(one.end for one in cited)]
    ahead = [*(one.start for one in cited[1:]), end]
    spans: list[tuple[int, int] | None] = []
    for one, before, behind in zip(cited, bounds, ahead, strict=False):
        spans.append(_span(form, one, before, behind, start))
    for at in reversed(range(len(spans) - 1)):
        # 第五条和第六条规定…: what is said of the one is said of the other.
        if spans[at] is None:
            spans[at] = spans[at + 1]
    for at in range(1, len(spans)):
        if spans[at] is None:
            spans[at] = spans[at - 1]
    told = [_told(text, span, (start, start)) for span in spans]
    for at, (one, before, behind) in enumerate(zip(cited, bounds, ahead, strict=False)):
        if joined := _joined(form, one, before, behind):
            told[at] = Said(before, behind, joined.strip().rstrip("。.;；,，:： "))
    return [
        replace(words, points=_POINTS.search(form[words.end : one.start]) is not None)
        if words.end <= one.start
        else words
        for words, one in zip(told, cited, strict=True)
    ]


def _span(form: str, one: Spotted, before: int, behind: int, start: int) -> tuple[int, int] | None:
    bracketed = _in_brackets(form, one)
    left = _trimmed(form, before, one.start, start)
    right = _behind(form, one.end, behind)
    if bracketed:
        return left or right
    return right or left


def _joined(form: str, one: Spotted, before: int, behind: int) -> str:
    """A sentence whose citation stands in the middle, without it: 市公安局是第五条的责任单位."""
    head, tail = form[before : one.start], form[one.end : behind]
    if not (_IS.search(head) and re.match(r"\s*的", tail)):
        return ""
    head = re.split(r"[,，;；:：。]", head)[-1]
    return head + re.sub(r"^\s*的", "", tail)


def _in_brackets(form: str, one: Spotted) -> bool:
    opened = form.rfind("(", max(0, one.start - 40), one.start)
    if opened < 0 or ")" in form[opened : one.start]:
        return False
    return ")" in form[one.end : one.end + 40].split("。")[0]


def _trimmed(form: str, start: int, end: int, sentence: int) -> tuple[int, int] | None:
    """The words before a citation without list marks and what leads up to it."""
    while start < end and form[start] in " )]\"”',;:.。、":
        start += 1
    if match := _MARK.match(form[start:end]):
        start += match.end()
    words = form[start:end]
    near = max(0, len(words) - _LEAD)
    lead = (_LEADS_EN if _english(words) else _LEADS).search(words, near)
    end = start + (lead.start() if lead else len(words))
    return (start, end) if _says(form[start:end]) else None


def _behind(form: str, start: int, end: int) -> tuple[int, int] | None:
    words = form[start:end]
    follows = (_FOLLOWS_EN if _english(words) else _FOLLOWS).match(words)
    start += follows.end() if follows else 0
    return (start, end) if _says(form[start:end]) else None


def _english(words: str) -> bool:
    return len(re.findall(r"[A-Za-z]", words)) > len(re.findall(r"[\u4e00-\u9fff]", words))


def _says(words: str) -> bool:
    """Whether there are words at all."""
    bare = re.sub(r"[^\w]|和|及|与|以及|并|规定|\band\b|\bor\b", "", words)
    return len(bare) > 1


def _told(text: str, span: tuple[int, int] | None, nothing: tuple[int, int]) -> Said:
    if span is None:
        return Said(*nothing, "")
    start, end = span
    words = text[start:end]
    lead = len(words) - len(words.lstrip())
    words = words.strip().rstrip("。.;；,，:：（( ")
    return Said(start + lead, start + lead + len(words), words)
