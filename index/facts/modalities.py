"""What is required, allowed, forbidden, encouraged, striven for or explored, and of whom."""

from __future__ import annotations

import re

from index.documents.model import Clause, Document
from index.facts.model import Force, Modality
from index.facts.spans import parts, placed, sentences

_WORDS: tuple[tuple[Force, str], ...] = (
    ("must_not", r"不得|禁止|严禁|不准|不应当?|不允许|不能|不可以?(?!或缺|避免|抗力|逆转)"),
    ("strives", r"积极争取|争取|力争|力求|努力"),
    (
        "explores",
        r"探索|试点(?=开展|实施|推行)|先行先试|研究(?=建立|制定|设立|推动|探索|完善|支持|出台)",
    ),
    ("encourages", r"鼓励|支持|引导|倡导|提倡"),
    (
        "must",
        r"应当|必须|(?<![必不])须(?=[^根]|$)|要(?=[\u4e00-\u9fff])|应(?=[^用对急变收交激聘急])",
    ),
    ("may", r"可以|允许|有权|可(?=[\u4e00-\u9fff])"),
)
_ANY = re.compile("|".join(f"(?P<{force}>{pattern})" for force, pattern in _WORDS))
# Characters of other words: 主要, 需要, 要求, 许可, 可能, 可靠, 要素.
_INSIDE = re.compile(
    r"(?:[供适效响相反对感顺呼]应|[主需重首次纲摘概必扼简]要|要[求素点件闻害塞么是领害]|[许认宁]可|可[能靠视持行复推信观控贵见再操比及])"
)
_SUBJECT = re.compile(r"^[\s(一二三四五六七八九十)]*(?P<who>[^,。;:]{2,60})$")
_NO_SUBJECT = re.compile(
    r"对|在|为|按|自(?!然)|从|于|以|将|把|通过|根据|积极|大力|进一步|加快|加强|继续|不断|持续|同时|重点|切实|优先|"
    r"充分|会同|鼓励|支持|引导|推动|推进|完善|创新|开展|协同|联合|努力|稳步|有序|着力"
)
_LONGEST_SUBJECT = 40


def read_modalities(document: Document, clause: Clause) -> list[Modality]:
    """The modal statements of a clause: one for each part of a sentence that has such a word."""
    found: list[Modality] = []
    for sentence in sentences(clause.body):
        subject: str | None = None
        for part in parts(sentence):
            match = _first(part.text)
            what = part.text[match.end() :].strip(" 。;,\n") if match else ""
            if match is None or not what:
                continue
            force = next(name for name, _ in _WORDS if match[name])
            who = _who(part.text[: match.start()]) or subject
            subject = who
            run = part.stripped()
            found.append(
                Modality(
                    **placed(document, clause, run.start, run.end),
                    force=force,
                    word=match[0],
                    who=who,
                    what=what,
                )
            )
    return found


def _first(text: str) -> re.Match[str] | None:
    """The first modal word of a part that is not within another word."""
    inside = [match.span() for match in _INSIDE.finditer(text)]
    quoted = [match.span() for match in re.finditer(r"[《“][^《“》”]{0,200}[》”]", text)]
    for match in _ANY.finditer(text):
        held = any(start <= match.start() and match.end() <= end for start, end in inside)
        if not held and not any(start < match.start() < end for start, end in quoted):
            return match
    return None


def _who(before: str) -> str | None:
    """The subject before a modal word; what only opens a sentence is none."""
    match = _SUBJECT.match(before.strip())
    if not match or len(match["who"]) > _LONGEST_SUBJECT:
        return None
    who = match["who"].strip("并且也均都还,")
    return who if len(who) >= 2 and not _NO_SUBJECT.match(who) else None


def first_force(text: str) -> tuple[Force, re.Match[str]] | None:
    """The force of the first modal word of a part of a clean Chinese sentence, with the word."""
    match = _first(text)
    return None if match is None else (next(name for name, _ in _WORDS if match[name]), match)
