"""Sentences that give a body a task: 由…牵头, …负责…, …要会同…, 成立…领导小组.

Reads one sentence at a time; lists of responsible bodies are read in `duties`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from index.facts.model import Role
from index.facts.spans import Span, parts
from index.facts.units import Body, are_bodies, bodies, is_body, is_public

# 商 asks others as 会同 does, where a body follows.
_WITH = r"(?:会同|商(?=国务院|有关|同级|中央|[省市区县]))"
TOGETHER = re.compile(rf"^(?P<lead>.+?)(?:要|应当|应)?{_WITH}(?P<support>.+)$")
_HOW = (
    r"(?:共同|具体|统一|分别|依法|组织(?!部)|另行|及时|分工|联合|"
    r"按(?:照)?(?:各自)?(?:的)?(?:职责|职能)(?:分工)?)*"
)
# 负责… before 的部门 only says which body is meant.
_IN_CHARGE = (
    r"(?:负责(?!人(?![才口力大民事工类防社文])|[^,。;]{0,24}的(?:部门|机构|单位|主管|人员|高级))"
    r"|主管(?!主办|部门|机关|单位|人员|机构|当局))"
)
_BY = re.compile(
    rf"由(?P<who>[^。;:,由]{{2,80}}?)(?:(?:依照|按照|根据)[^,。;由]{{2,30}}?)?{_HOW}"
    rf"(?:牵头|{_IN_CHARGE}|统筹|组织实施|"
    r"承担(?=[^,。;]{0,20}(?:工作|职责|任务|职能|日常))|会同|(?<!的)规定(?!的|处|给予|予以)|"
    r"制定(?!的)|执行(?!的)|实施(?!的|条例|办法|细则)|"
    r"监督或者协助执行)"
    r"|(?<![\u4e00-\u9fff])(?:应当)?经(?P<who2>[^。;:,由营]{2,80}?)会同"
)
# What a body does by these words is its task, in laws and elsewhere.
_DUTY_VERB = rf"{_HOW}(?:{_IN_CHARGE}|牵头|会同)"
_BUSY_VERB = (
    rf"(?:要|应当|应(?![对用急变收])|须|必须|将|需|负有)(?=[^\d])|{_HOW}(?:承担|统筹|加强|建立|组织(?!部)|协调(?!小组|机构|机制)|指导(?!中心|委|小组)|"
    rf"制定|落实|做好|开展|推进|完善|督促|出台)|"
    r"(?:根据|按照|结合|依照|依据)(?![^。;]{0,40}(?:了|已))"
)
_SUBJECT = re.compile(rf"^(?P<who>[^。;:]{{2,120}}?)(?:{_DUTY_VERB}|{_BUSY_VERB})")
_LAW_SUBJECT = re.compile(
    rf"^(?P<who>[^。;:,]{{2,80}}?)"
    rf"(?:{_DUTY_VERB}|{_HOW}承担(?=[^,。;]{{0,20}}(?:工作|职责|任务)(?:[,。;]|$))|对[^,。;]{{2,40}}?(?:负责(?!人(?![才口力大民事工类防社文]))|实施监督管理)|"
    rf"统一领导|统筹协调|履行[^,。;]{{0,24}}职责(?=[:。]|$))"
)
# 国务院办公厅是全国政务新媒体工作的主管单位.
_IS = re.compile(
    r"^(?P<who>[^。;:,]{2,60}?)(?:是|为)[^,。;]{2,40}?(?:主管单位|主管部门|责任主体|牵头单位|责任单位|牵头部门)"
)
_LATER_TOGETHER = re.compile(
    r"^(?P<who>[^。;:,]{2,60}?)(?=,?(?:依据|依照|根据|按照|受理|单独|可以|应当|对|及时|在|建立|制定|发布|公布|加强|定期|依法))"
    r"[^。;]*?会同"
    r"|^(?P<who2>[^。;:,]{2,60}?)(?=,?(?:依据|依照|根据|按照|在[^,。;]{2,24}?(?:下|内)))"
    rf"[^。;]{{2,60}}?(?:{_IN_CHARGE}|实施监督管理)"
)
_HELPING = re.compile(
    r"^\s*(?P<who>[^,。;:]{2,60}?)(?:要|应当|应)?(?:积极|主动|共同|做好|予以|给予)*(?:配合|协助|参与)"
)
# What a body did is told, not given to it as a task.
_TOLD = re.compile(r"^[^,。;]{0,60}(?:研究提出了?|提出了|上报了?|报送了)")
_ARRANGED = re.compile(
    r"建立(?:由)?(?P<lead>[^,。;、]{2,40}?)牵头[、,](?P<support>[^,。;]{2,60}?)(?:共同|积极)?(?:参与|配合|参加)"
)
_FOUNDED = re.compile(
    r"(?:成立|设立|组建)(?P<who>[^,。;、]{2,40}?(?:领导小组|工作组|协调小组|工作专班|专班|指挥部|委员会|联席会议))"
    r"(?=,)(?P<task>[^。;]*?(?:负责|统筹|协调|承担)[^。;]*)"
)
_OFFICE = re.compile(
    r"(?:下设|设)(?P<who>(?:[^,。;、]{0,16})办公室)(?=,|设在)(?P<task>[^。;]*?(?:负责|统筹|承担|协调)[^。;]*)"
)
_SEATED = re.compile(
    r"^(?P<who>[^,。;、]{0,16}办公室)设在[^,。;]{2,30},(?P<task>(?:承担|负责)[^。;]*)"
)
# 国务院、中央军事委员会承担出口管制职能的部门 is one body of two.
_ONE_IN_CHARGE = re.compile(
    r"(?:设区的)?[^,。;的由]{2,12}、[^,。;的由]*(?:承担|负责|履行)[^,。;]*的(?:部门|机构)"
)
_LONGEST_RUN = 160
_MOST_SAID = 8
_BODY_END = re.compile(
    r"(?:部门|单位|机构|机关|局|委员会|委|办公室|办|厅|部|署|院|会|海关|政府|银行|省|区)等?"
)
_WITH_VERB = re.compile(
    r"制定|规定|公布|编制|建立|批准|发布|审[核查]|研究|提出|依照|根据|按照|组织(?!部)|开展|确定|另行|共同|负责|及时|"
    r"统一|征求|加强|做好|落实|办理|执行|实施|安排|推进|拟定|拟订|协调(?!小组)|调查|检查(?!院)|处理|对"
)
_THEN = re.compile(
    rf"$|[,。;:\n]|等|分别|并|后|可以|应当|联合|定期|适时|统筹|向|在|和其他|{_WITH_VERB.pattern}"
)
_UNNAMED = re.compile(
    r"(?:(?:各|各级|各有关|各相关|有关|相关|其他|其他有关|各地各有关|国务院|人民政府|政府|县级以上|地方|各成员|其它|"
    r"省|自治区|直辖市|、|和|及|市|上级|本级|同级|所在地|国务院其他)*(?:地区|部门|单位|地|方面|机构|机关|部委|主管部门))+"
)
_WILL = re.compile(r"^(?:要|应当|应|须|必须|将|需)")


@dataclass(frozen=True)
class Assigned:
    """Bodies with their roles, and the run of the body's text that says so."""

    bodies: tuple[tuple[Body, Role], ...]
    start: int
    end: int
    covers: bool
    task: str = ""


def duties_said(sentence: Span, front: bool, law: bool) -> Iterator[Assigned]:
    """The tasks that a sentence gives to bodies; `front` if it stands before the articles."""
    if front and law:
        return
    for part in parts(sentence):
        for match in islice(_BY.finditer(part.text), _MOST_SAID):
            group = "who" if match["who"] else "who2"
            named = _bodies_said(part, *match.span(group))
            if named:
                run = part.part(match.start(), len(part.text)).stripped()
                task = part.text[match.end(group) :].strip(" 。;,\n")
                yield Assigned(tuple(named), run.start, run.end, False, task)
    yield from _set_up(sentence)
    # The front of a document with articles says how it came about, and gives no tasks.
    if front:
        return
    patterns = (_LAW_SUBJECT, _LATER_TOGETHER, _IS) if law else (_SUBJECT, _LAW_SUBJECT, _IS)
    for part in parts(sentence):
        # Up to the end of the sentence, as what is to be done goes on behind commas.
        open_end = Span(part.start, sentence.end, sentence.text[part.start - sentence.start :])
        whole = open_end.stripped(" \n")
        asked = re.match(r"请(?=.{2,30}(?:牵头|负责|会同))", whole.text)
        whole = whole.part(asked.end(), len(whole.text)) if asked else whole
        helping = None if law else _HELPING.match(part.text)
        helpers = bodies(part.part(*helping.span("who"))) if helping else []
        if helpers and all(is_public(body.name) for body in helpers):
            run = part.stripped()
            named = [(body, "support") for body in helpers if not _UNNAMED.fullmatch(body.name)]
            yield Assigned(tuple(named), run.start, run.end, False, run.text)
            continue
        for pattern in patterns:
            subject = pattern.match(whole.text)
            if subject is None:
                continue
            start, end = subject.span("who")
            if start < 0:
                start, end = subject.span("who2")
            if _TOLD.search(whole.text[end:][:80]):
                break
            named = _bodies_said(whole, start, end)
            if named:
                run = whole.stripped()
                task = _WILL.sub("", whole.text[end:].strip(" 。;,\n"))
                yield Assigned(tuple(named), run.start, run.end, False, task)
                break


def _set_up(sentence: Span) -> Iterator[Assigned]:
    """Bodies that a sentence sets up, with what they are to do."""
    for pattern in (_FOUNDED, _OFFICE, _SEATED):
        match = pattern.search(sentence.text)
        if match:
            who = sentence.part(*match.span("who"))
            run = sentence.part(match.start(), match.end()).stripped()
            task = match["task"].strip(", ")
            yield Assigned(((Body(who.text, who), "lead"),), run.start, run.end, False, task)
    match = _ARRANGED.search(sentence.text)
    if match:
        lead = bodies(sentence.part(*match.span("lead")))
        support = bodies(sentence.part(*match.span("support")))
        if are_bodies(lead) and are_bodies(support):
            named: list[tuple[Body, Role]] = [(body, "lead") for body in lead]
            named += [(body, "support") for body in support]
            run = sentence.stripped()
            yield Assigned(tuple(named), run.start, run.end, False, match[0])


def shared(listed: Span, together: re.Match[str]) -> list[tuple[Body, Role]]:
    """`A会同B`: A leads, B supports."""
    named: list[tuple[Body, Role]] = [
        (body, "lead") for body in bodies(listed.part(*together.span("lead")).stripped())
    ]
    return named + [
        (body, "support") for body in bodies(listed.part(*together.span("support")).stripped())
    ]


def _partners(rest: Span) -> list[Body]:
    """The bodies of a list that stands before a verb: 会同**`财政部门、海关`**制定."""
    run = re.split(r"[,。;]", rest.text[:_LONGEST_RUN])[0]
    ends = [match.end() for match in _BODY_END.finditer(run)]
    for end in reversed(ends):
        found = bodies(rest.part(0, end))
        busy = any(_WITH_VERB.search(body.name) for body in found)
        if not busy and are_bodies(found) and _THEN.match(rest.text[end:]):
            return found
    return []


def _bodies_said(span: Span, start: int, end: int) -> list[tuple[Body, Role]]:
    """The bodies before the verb at `end`, and those that it says act together with them.

    A body that is not named (有关部门) is none.
    """
    who = span.part(start, end)
    aside = re.search(r"\((?:以下|下称)[^()]*\)$", who.text)
    who = (who.part(0, aside.start()) if aside else who).stripped()
    if _ONE_IN_CHARGE.fullmatch(who.text):
        return [(Body(who.text, who), "lead")]
    together = TOGETHER.match(who.text)
    found = bodies(who.part(*together.span("lead")) if together else who)
    if not found or not all(is_public(body.name) for body in found):
        return []
    others: list[Body] = []
    if together:
        others = bodies(who.part(*together.span("support")))
    beside = re.match(rf"(?:[^,。;]{{0,4}}?|牵头,){_WITH}", span.text[end:])
    if beside:
        others = _partners(span.part(end + beside.end(), len(span.text)))
    alike = len(found) > 1 and not others and not re.match(r"牵头", span.text[end:])
    named: list[tuple[Body, Role]] = [(body, "joint" if alike else "lead") for body in found]
    named += [(body, "support") for body in others if is_body(body.name)]
    return [(body, role) for body, role in named if not _UNNAMED.fullmatch(body.name)]
