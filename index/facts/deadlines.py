"""By when something is to be done: periods, days, and rhythms such as 每年.

Goals that are measured are targets; when a document takes effect and ends counts here too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from index.documents.model import Clause, Document
from index.facts.model import Deadline
from index.facts.quantities import read_amount
from index.facts.spans import Span, parts, placed, sentences
from index.facts.times import POINT, points

_NUMBER = r"(?:\d{1,6}|[一二两三四五六七八九十百]{1,9})"
_LENGTH = rf"(?P<count>{_NUMBER})(?P<unit>个工作日|工作日|个月|小时|日|天|年|周|分钟|个季度|个年度)"
_WITHIN = re.compile(rf"(?<!月){_LENGTH}(?:以内|之内|内(?!蒙古|部|容|外(?!交)))")
# From when a period runs, in the words before it: 自收到之日起, 在行程结束后.
_FROM = re.compile(
    r"(?P<lead>自|从|在|于)?(?P<from>[^,。;:]{1,60}?)"
    r"(?:(?:之日|当日|次日)起,?(?:计算)?|之日后|之后|以后|后)(?:的)?(?:最迟)?(?:在)?$"
)
_AT_MOST = re.compile(
    rf"(?P<from>期限|时间|时限|期间|延长|延期)?(?:为|应当)?"
    rf"(?P<when>(?:最长|最短|至少|一般)?"
    rf"(?:不得超过|不超过|不能超过|不多于|不得少于|不少于|不短于){_LENGTH}(?!以上))"
    rf"|(?P<when2>(?P<from2>延长|延期|顺延|(?:至少|应当)?(?:保存|保管|留存|保留|公示|公告)(?:期限)?(?:为)?(?:至少)?)"
    rf"(?P<count2>{_NUMBER})(?P<unit2>个工作日|工作日|个月|日|天|年))(?!以[上下]|的|后)"
)
_AHEAD = re.compile(
    rf"(?P<when>(?:提前|(?P<from>[^,。;:]{{0,30}}?)(?:届满|期满|召开|举行|开始|实施)?(?:的)?(?<!提)前){_LENGTH}"
    rf"|(?P<from2>[^,。;:]{{0,30}}?)(?:的|在)?(?P<count2>{_NUMBER})(?P<unit2>个工作日|工作日|个月|小时|日|天)"
    rf"(?:以前|之前|前))"
)
_RUNNING = re.compile(r"期限|时间|时限|期间|延长|最长|保存|保管|留存|保留|公示|公告|备查|有效期")
_MONTH_DAY = re.compile(
    r"(?P<when>(?:于|在|至迟)?(?P<year>今年|当年|次年|翌年|明年|本年)?(?<![年\d])"
    r"(?:\d{1,2}月(?:底|末|中旬|上旬|\d{1,2}日)?|年底|月底|季度末)(?:以前|之前|前))"
)
_BY_DAY = re.compile(rf"(?P<when>(?:于|在|至迟)?(?P<point>{POINT.pattern})(?:以前|之前|前))")
_YEARLY = re.compile(
    r"(?P<when>(?:于|在)?(?P<every>每年|每月|每季度)(?:的)?(?:\d{1,2}|[一二三四五六七八九十]{1,2})月"
    r"(?:底|末|(?:\d{1,2}|[一二三四五六七八九十]{1,3})日)?(?:以前|之前|前))"
)
_EVERY = re.compile(
    r"(?P<when>(?:至少)?每(?:隔)?(?P<rate>年|季度|半年|月|周|日|天|学期|个季度|个月|"
    rf"{_NUMBER}(?:年|个月|个季度|周|日|天))|"
    r"(?:按季度?|按月|按年度|逐年|按半年))"
    r"(?!只|仅|最多|增长|递增|提高|均|轮|鉴|度|.{0,6}(?:\d|[一二三四五六七八九十]+)(?:日|月)是)"
)
_EFFECT = re.compile(
    rf"自(?P<when>(?:{POINT.pattern}|[^,。;]{{0,12}}之日)起)(?:正式)?(?P<action>施行|实施|执行|生效|试行)"
    rf"|(?P<action2>有效期(?:限)?)(?P<when2>(?:至|到|为)[^,。;]{{2,20}})"
)
# Not limits for an action but how long something lasts, or whom a rule is about.
_LASTING = re.compile(
    r"^(?:,)?(?:的|免|不得|不再|禁止|保持|有效|以上|以下|累计|发生|曾|新|连续|年龄|受过|因|有[一二三两]次|未发生|无|再|担任|[一二三两]次|多次|再次)"
)
_ACTOR = re.compile(
    r"\s*([^,。;:]{2,40}?)(?:应当|应|必须|须|要|可以|可|不得|将|负责|在|于|自(?!治|身|己|行|动|愿|然|由)|从(?!事|业)|每)"
)
# A part of a sentence with more times than this is a table or no prose.
_MOST_TIMES = 20
_MODAL = re.compile(r"应当|应|必须|须|要|可以|可|不得|将")


@dataclass(frozen=True)
class _When:
    """A time found in a part of a sentence."""

    start: int
    end: int
    written: str
    count: Decimal | None = None
    unit: str | None = None
    day: str | None = None
    every: str | None = None
    from_what: str | None = None
    action: str = ""


def read_deadlines(document: Document, clause: Clause) -> list[Deadline]:
    """The deadlines of a clause, in order."""
    found: list[Deadline] = []
    for sentence in sentences(clause.body):
        pieces = _with_their_start(parts(sentence))
        seen: set[tuple[int, str]] = set()
        for at, part in enumerate(pieces):
            for when in _times(part.text):
                key = (part.start, when.written)
                if key in seen:
                    continue
                seen.add(key)
                found.append(_deadline(document, clause, sentence, pieces, at, when))
    return found


def _with_their_start(pieces: Sequence[Span]) -> list[Span]:
    """The parts, a period together with what it runs from where a comma parts them."""
    joined: list[Span] = []
    for piece in pieces:
        if joined and joined[-1].text.endswith("起") and _WITHIN.match(piece.text):
            last = joined.pop()
            text = last.text + "," * (piece.start - last.end) + piece.text
            piece = Span(last.start, piece.end, text)
        joined.append(piece)
    return joined


def _times(text: str) -> Iterator[_When]:
    """The times in a part, those that overlap an earlier one left out."""
    taken: list[tuple[int, int]] = []
    for reader in (_effect, _since, _at_most, _ahead, _by_day, _every):
        for when in reader(text):
            if len(taken) < _MOST_TIMES and all(
                when.end <= start or when.start >= end for start, end in taken
            ):
                taken.append((when.start, when.end))
                yield when


def _effect(text: str) -> Iterator[_When]:
    for match in _EFFECT.finditer(text):
        written = match["when"] or match["when2"]
        named = points(written)
        start = match.start("when") if match["when"] else match.start("when2")
        yield _When(
            start,
            start + len(written),
            written,
            day=named[0].iso if named else None,
            action=match["action"] or match["action2"],
        )


def _since(text: str) -> Iterator[_When]:
    """Periods, with what they run from."""
    for match in _WITHIN.finditer(text):
        before = text[: match.start()]
        if _LASTING.match(text[match.end() :]) or re.search(
            r"近|过去|最近|任何|禁止.{0,4}$", before
        ):
            continue
        start, came = match.start(), None
        # Behind the last 自 or the last modal: 申请人应当自收到之日起.
        marker = re.match(r"\s*[(][^()]{1,3}[)]", before)
        began = max(
            (m.end() for m in _MODAL.finditer(before)), default=marker.end() if marker else 0
        )
        sooner = max(
            (m.start() for m in re.finditer(r"自(?!治|身|己|行|动|愿|然)|从(?!事|业)", before)),
            default=began,
        )
        anchor = _FROM.match(before, max(began, sooner))
        if anchor:
            start, came = anchor.start(), re.sub(r"^(?:自|从|在|于)", "", anchor["from"])
        elif re.search(r"[在于]$", before):
            start -= 1
        yield _When(
            start,
            match.end(),
            text[start : match.end()],
            read_amount(match["count"]),
            _unit(match["unit"]),
            from_what=came,
        )


def _at_most(text: str) -> Iterator[_When]:
    for match in _AT_MOST.finditer(text):
        group = "when2" if match["when2"] else "when"
        # 不超过六个月的拘役 is no time limit but a measure of something.
        if group == "when" and not (match["from"] or _RUNNING.search(text)):
            continue
        yield _When(
            match.start(group),
            match.end(group),
            match[group],
            read_amount(match["count"] or match["count2"]),
            _unit(match["unit"] or match["unit2"]),
            from_what=match["from"] or match["from2"],
        )


def _ahead(text: str) -> Iterator[_When]:
    for match in _AHEAD.finditer(text):
        count = match["count"] or match["count2"]
        unit = match["unit"] or match["unit2"]
        came = match["from"] or match["from2"] or ""
        if match["count2"] and re.search(r"\d$|年$|月$", text[: match.start("count2")]):
            continue
        if re.search(r"之$|以$|目$", came) or (unit == "年" and "提前" not in match[0]):
            continue
        came = _MODAL.split(re.sub(r"^\s*[(][^()]{1,3}[)]", "", came))[-1]
        # Behind the last preposition: 名单在选举日的十日前.
        lead = max((m.start() for m in re.finditer(r"(?<!存)在|于", came)), default=0)
        came = came[lead:]
        start = match.start() + match[0].find(came) if came else match.start()
        yield _When(
            start,
            match.end(),
            text[start : match.end()],
            read_amount(count),
            _unit(unit),
            from_what=came.strip("在于") or None,
        )


def _by_day(text: str) -> Iterator[_When]:
    for match in _YEARLY.finditer(text):
        yield _When(match.start(), match.end(), match["when"], every=match["every"])
    for match in _BY_DAY.finditer(text):
        named = points(match["point"])
        # What was done before a day is no deadline: 2018年12月31日之前已完成的.
        done = re.match(r"已|的|[^,。;]{0,16}的(?:企业|单位|人员|项目|,|$)", text[match.end() :])
        if named and not done:
            yield _When(match.start(), match.end(), match["when"], day=named[0].iso)
    for match in _MONTH_DAY.finditer(text):
        yield _When(match.start(), match.end(), match["when"])


def _every(text: str) -> Iterator[_When]:
    # A number to be reached every year is a target; how often something is done is none.
    if re.search(r"\d(?!\d*(?:次|个?月|日|天|年))", text):
        return
    for match in _EVERY.finditer(text):
        yield _When(match.start(), match.end(), match["when"], every=match["when"])


def _unit(unit: str) -> str:
    return {"天": "日", "个工作日": "工作日", "个月": "月"}.get(unit, unit)


def _deadline(
    document: Document, clause: Clause, sentence: Span, pieces: Sequence[Span], at: int, when: _When
) -> Deadline:
    """The deadline of a time in part `at`, with who is to do what by then."""
    part = pieces[at]
    behind = part.text[when.end :].strip()
    last = part
    if when.action:
        action = when.action
    elif behind and len(behind) > 1:
        action = behind
    elif at + 1 < len(pieces):
        last = pieces[at + 1]
        action = last.text.strip(" 。;\n")
    else:
        action = part.text[: when.start].strip()
    actor = _actor(sentence, part, when)
    first = sentence if part.end - sentence.start <= 120 else part
    run = Span(first.start, last.end, clause.body[first.start : last.end]).stripped()
    return Deadline(
        **placed(document, clause, run.start, run.end),
        when=when.written,
        actor=actor,
        action=re.sub(r"^(?:应当|应|必须|须|要)", "", action.strip(" 。;,\n")),
        count=when.count,
        unit=when.unit,
        day=when.day,
        every=when.every,
        from_what=when.from_what,
    )


def _actor(sentence: Span, part: Span, when: _When) -> str | None:
    """Who the sentence is about: the words before its first modal or time, if they are few."""
    for text in (part.text[: when.start], sentence.text):
        found = _ACTOR.match(text)
        if found and not re.search(r"的$|^(?:自|从|在|于|对|由)", found[1]):
            return found[1].strip()
    named = re.search(r"由([^,。;:]{2,30}?)(?:在|于|自|应当|负责)", sentence.text)
    return named[1] if named else None
