"""What terms mean: 本法所称X，是指Y; and short names: Y（以下简称X）."""

from __future__ import annotations

import re

from index.documents.model import Clause, Document
from index.facts.model import Definition
from index.facts.spans import placed, sentences

_MEANS = re.compile(
    r"^\s*(?:[(]?[一二三四五六七八九十\d]{1,3}[)、.])?\s*"
    r"(?:(?:本|前|该|上)[^,。;:]{1,10}?(?:所称|中的|中|所指)的?,?|所称的?|[前上][款条项])?"
    r"(?P<term>[^,。;:]{1,30}?)(?:属于[^,。;:]{1,20})?[,:]?\s*(?:是指|系指|指的是)(?P<text>.+)$",
    re.S,
)
# 敏感个人信息是容易导致……的个人信息: a kind, in words of the term, and what sets it apart.
_IS = re.compile(
    r"^\s*(?P<term>[\u4e00-\u9fff]{0,12}?(?P<kind>[\u4e00-\u9fff]{2,8}))是"
    r"(?P<text>[^。;]+的(?:各种|各类|一种|一类)?(?P=kind)(?:,不?包括[^。;]*)?)[。;\s]*$"
)
_CALLED = re.compile(
    r"(?:本|前)[^,。;:]{1,8}?所称的?(?P<term>[^,。;:]{1,30}?)[,]?(?P<verb>包括|为|是)(?!否)(?P<text>.+)$",
    re.S,
)
# Plans say of tasks and problems what they are; laws define.
_NO_TERM = re.compile(r"主要|当前|最|的|单位|任务|问题")
_OF_LAWS = re.compile(r"第[^/]+条")
_SHORT = re.compile(
    r"\((?:[^()]{1,30}[,;])?(?:以下|下文|下)?(?:分别)?(?:简称|统称|并称)(?:为|:)?[“\"《]?"
    r"(?P<term>[^()“”\",。《》]{1,30})[”\"》]?"
    r"(?:,[^()]{0,20})?\)"
)
_NAME_START = re.compile(
    r"[,。;:、\s]|(?:(?:建设|加快|推进|推动|为了|为|对|将|把|由|以|在|和|及|与|或者|或|组建|成立|设立|依托|支持|"
    r"按照|根据|依据|贯彻|落实|实施|印发|制定|促进|加强|是|的))(?=[^的]{2})"
)
_LONGEST = 60


def read_definitions(document: Document, clause: Clause) -> list[Definition]:
    """The definitions of a clause, in order."""
    found: list[Definition] = []
    meant: list[tuple[int, int, str]] = []
    for sentence in sentences(clause.body):
        match = (
            _MEANS.match(sentence.text)
            or _CALLED.search(sentence.text)
            or _by_kind(sentence.text, clause)
        )
        if match and not re.search(r"的$|^(?:也|即|都|这|那|其)$", match["term"]):
            run = sentence.stripped(" \n;")
            term = _short_name(match["term"]).strip(" “”\"'")
            meant.append((run.start, run.end, term))
            found.append(
                Definition(
                    **placed(document, clause, run.start, run.end),
                    term=term,
                    text=match["text"].strip(" 。;\n"),
                )
            )
    for match in _SHORT.finditer(clause.body):
        start = _name_start(clause.body, match.start())
        # 采用封闭式运作方式的基金(以下简称封闭式基金),是指……: its meaning is told already.
        told = any(
            first <= start < last and term == match["term"].strip() for first, last, term in meant
        )
        if start < match.start() and not told:
            found.append(
                Definition(
                    **placed(document, clause, start, match.end()),
                    term=match["term"].strip(),
                    text=clause.body[start : match.start()].strip(),
                    short=True,
                )
            )
    return sorted(found, key=lambda each: each.start)


def _by_kind(text: str, clause: Clause) -> re.Match[str] | None:
    """A sentence of a law that says what is a thing of a kind: 敏感个人信息是……的个人信息."""
    match = _IS.match(text) if _OF_LAWS.search(clause.path) else None
    return None if match is None or _NO_TERM.search(match["term"]) else match


def _short_name(term: str) -> str:
    """The short name that a term has in brackets, if it has one; else the term."""
    short = _SHORT.search(term)
    return short["term"] if short else term


def _name_start(body: str, end: int) -> int:
    """Where the name before a bracket begins."""
    before = body[max(0, end - _LONGEST) : end]
    base = end - len(before)
    if before.endswith("》"):
        return base + max(0, before.rfind("《"))
    starts = [
        match.end() for match in _NAME_START.finditer(before) if len(before) - match.end() > 1
    ]
    return base + (starts[-1] if starts else 0)
