"""Numbers that are to be reached: indicator, value, comparison, year, place.

A list of several indicators gives each its own number. What a number of a rule, a fine or a grant
says is read elsewhere, and what was reached in the past is no target.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from index.documents.model import Clause, Document
from index.facts.model import Comparator, Measure, Target
from index.facts.quantities import COUNTED, TIME_UNITS, Quantity, comparator, quantities
from index.facts.spans import Span, brackets, parts, placed, sentences, within
from index.facts.times import goal_year
from index.text.places import places

_MAKE = (
    "建设完成|建设|建成|打造|培育|培养|创建|新建|改建|扩建|引进|招引|招收|发展|形成|推出|集聚|认定|遴选|完成|"
    "扶持|组建|布局|举办|新增|实现|孵化|设立|建立|选树|推广|开展|组织|发布|制定|制修订|修订|参与|部署|改造|"
    "建造|投放|累计|开通|开设|吸引|聚集|争创|落地|实施|推动|推进|构建|支持|力争|确保|保持|拥有|覆盖|"
    "储备|签约|选派|评选|整合|搭建|布设|安排|提供|扩大|提升|增加|达到|达|突破|超过|超"
)
_MAKING = re.compile(
    r"(?:重点|积极|加快|着力|努力|力争|大力|再|共|总计|逐步|分批|每年|年均)*"
    rf"(?:{_MAKE})$"
)
_LEADING = re.compile(
    rf"^(?:其中|同时|并且|并|且|再|力争|争取|努力|确保|使|使得|推动|实现|预计|逐步|基本|累计|"
    rf"(?:重点|积极|加快|着力|大力)?(?:{_MAKE})(?!率|数量|总量|额|占|费)|[:,\s])+"
)
_PLACES = re.compile(
    r"(?P<place>全国|全省|全市|全区|全县|全州|全自治区|我国|我省|我市|我区|我县|本省|本市|本区|各省|各市|各地|"
    rf"(?:{'|'.join(place.name for place in places())})(?:省|市|自治区)?(?=[\u4e00-\u9fff]{{2}}))"
)
_GROWTH = re.compile(
    r"(?:增长|增速|增幅|提高|提升|下降|降低|减少|压减|增加|翻)(?:率|了|幅度)?$|年均(?:增长|增速)|增长率|增速|增幅"
)
_RULE = re.compile(
    r"罚款|处以|并处|违法所得|补贴|补助|奖励|资助|贷款|返还|贴息|奖补|给予|缴纳|拨付|收取|免征|减征|扣除|费用|"
    r"有期徒刑|拘留|表决|票|应当|不得|可以|须经|凡|年龄|周岁|工资|待遇|津贴|规定的"
)
_FOLLOWED = re.compile(r"(?:以上|以下|以内|左右)?的(?:企业|单位|个人|人员|项目|[,,。;]|$)")
_NAMED_IN_QUOTES = re.compile(r"“[^“”]{0,200}”")
_BASELINE = re.compile(r"(?:高于|低于|高出|快于|领先)(?P<base>[\u4e00-\u9fff]{2,20})$")
_RATE = re.compile(r"(?:年均|平均|每年)?(?:增速|增长|增幅|增长率|增长速度)")
# Units that mostly count what is there rather than what is aimed at.
_PAST = re.compile(
    r"近年来|目前,|截至|截止|去年|上年|一年来|以来,|共造成|相继发生|造成.{0,12}(?:死亡|遇难)|"
    r"(?:19|20)\d\d年(?!底|末|前|至|到|—|-|~)[^。;]{0,40}(?:了|共|已|发生|完成了|实现了)"
)
_ORDINARY = frozenset(["届", "期", "级", "档", "部", "条", "款", "岁", "周岁", "本", "首", "层"])


@dataclass(frozen=True)
class _Goal:
    """What a clause or sentence says of time for the numbers that follow."""

    year: int | None
    period: str | None


def read_targets(document: Document, clause: Clause) -> list[Target]:
    """The targets of a clause."""
    law = re.search(r"第.+条", clause.path) is not None
    issued = _issued(document)
    goal = _Goal(_year_above(document, clause), None)
    found: list[Target] = []
    for sentence in sentences(clause.body):
        own = goal_year(sentence.text, issued)
        if own:
            goal = _Goal(*own)
        elif _PAST.search(sentence.text):
            goal = _Goal(None, None)
            continue
        if law and not own:
            continue
        strives = re.search(r"力争|确保|努力实现|目标", sentence.text) is not None
        reader = _Reader(document, clause, sentence, goal.year is not None or strives)
        for target in reader.targets():
            found.append(
                replace(
                    target,
                    by_year=goal.year,
                    by_year_inherited=goal.year is not None and not goal_year(target.clean, issued),
                    period=goal.period,
                )
            )
    return found


def _issued(document: Document) -> int | None:
    """The year that a document was issued in, by its date or else its number."""
    numbered = re.search(r"(?:19|20)\d\d", document.number or "")
    return document.year or (int(numbered[0]) if numbered else None)


def _year_above(document: Document, clause: Clause) -> int | None:
    """The goal year of the clauses that this one stands under."""
    if "/" not in clause.path:
        return None
    above = {clause.path.rsplit("/", up)[0] for up in range(1, clause.path.count("/") + 1)}
    for other in document.clauses:
        if other.path in above:
            year = goal_year(other.body, _issued(document))
            if year:
                return year[0]
    return None


@dataclass(frozen=True)
class _Reading:
    """A number of a part understood: what it counts, how it is compared, the run that says so."""

    indicator: str
    subject: str
    values: tuple[Quantity, ...]
    comparator: Comparator
    measure: Measure
    place: str | None
    start: int
    end: int
    baseline: str | None = None


@dataclass
class _Reader:
    """Reads the targets of one sentence, part by part.

    `aim` says that the sentence stands under a goal; `subject` is the indicator of the number
    before, which a growth rate without one of its own belongs to.
    """

    document: Document
    clause: Clause
    sentence: Span
    aim: bool
    subject: str = ""

    def targets(self) -> Iterator[Target]:
        """The targets of the sentence, in order."""
        text = self.sentence.text
        outside = brackets(text)
        outside += [Span(m.start(), m.end(), m[0]) for m in _NAMED_IN_QUOTES.finditer(text)]
        taken = 0
        for part in parts(self.sentence):
            offset = part.start - self.sentence.start
            numbers = [
                number
                for number in quantities(part.text)
                if not within(offset + number.start, outside)
            ]
            for at, number in enumerate(numbers):
                if offset + number.start < taken or not self._may_be(part.text, number):
                    continue
                read = self._reading(part.text, offset, number, numbers[at + 1 :])
                if read is not None:
                    taken = offset + read.end
                    self.subject = read.subject or self.subject
                    yield from self._made(offset, read)

    def _may_be(self, part: str, number: Quantity) -> bool:
        """Whether a number may be a target by its own words and those beside it."""
        before, after = part[: number.start], part[number.end :]
        if re.search(r"第$|[等这该上述前]$", before) or re.match(r"之[一二]", after):
            return False
        if _FOLLOWED.match(after) or _RULE.search(part):
            return False
        # 由11%提高到40%: the first is where it stands.
        if re.search(r"(?:由|从)(?:目前|现在|当前|现状|\d{4}年)?(?:的)?(?:不足|约)?$", before):
            return False
        if re.search(r"罚款|补贴|贷款", self.sentence.text):
            return False
        if number.unit in TIME_UNITS:
            cut = re.search(r"(?:压缩|缩短|控制|降|减少)(?:[到至在为]|.{0,8})?$", before)
            return cut is not None
        if number.unit in _ORDINARY:
            return re.search(r"(?:制定|修订|发布|出台|推出)$", before) is not None
        if number.chinese and number.unit in COUNTED and number.value < 100:
            made = re.search(r"(?:建成|新建|新增|创建|达到|不少于)$", before) is not None
            return number.value > 1 and (made or _compared(before, after))
        return number.value > 0

    def _reading(
        self, part: str, offset: int, number: Quantity, later: list[Quantity]
    ) -> _Reading | None:
        """What a number is the target of; None if it is none."""
        before, after = part[: number.start], part[number.end :]
        kind, used, behind = comparator(before, after)
        head = before[: len(before) - used]
        start = _part_start(head)
        place, name = _bare(head[start:], self.document.region)
        start += len(head[start:]) - len(head[start:].lstrip())
        end = number.end + behind
        making = _MAKING.search(head) is not None and not used
        if number.unit in COUNTED and (not name or making) and used < 3:
            noun, noun_end = _noun(self.sentence.text, offset + end)
            if not noun or not (making or self.aim):
                return None
            return _Reading(noun, "", (number,), kind, "count", place, start, noun_end - offset)
        values: tuple[Quantity, ...] = (number,)
        if "分别" in before[-12:] and re.match(r"和|、|以及", after[behind:]):
            values = (number, *(one for one in later if one.unit == number.unit))
            end = values[-1].end
        above = _BASELINE.search(name)
        if above and behind:
            kind = "at_least"
        related = not name or above is not None or _RATE.fullmatch(name) is not None
        if not self._stated(number, name, bool(used), bool(behind), kind, related):
            return None
        indicator = self.subject + name if related else name
        if number.unit in COUNTED:
            end += len(after[behind:]) - len(re.sub(r"^[\u4e00-\u9fff]{1,12}", "", after[behind:]))
        own = self.subject if related else _without_growth(name)
        measure = _measure(number, indicator)
        base = above["base"] if above else None
        if not 2 <= len(indicator) <= 60:
            return None
        return _Reading(indicator, own, values, kind, measure, place, start, end, base)

    def _stated(
        self,
        number: Quantity,
        name: str,
        used: bool,
        behind: bool,
        kind: Comparator,
        related: bool,
    ) -> bool:
        """Whether the words say that a number is to be reached."""
        if related and not self.subject:
            return False
        if self.aim:
            telling = number.unit in COUNTED or number.unit == "倍" or number.percent
            return used or behind or telling or bool(number.currency) or related
        # Where no goal is spoken of, a bare number may be anything.
        bounded = used and kind in ("at_least", "at_most")
        share = number.percent and (kind != "equal" or used or _GROWTH.search(name) is not None)
        return bounded or share

    def _made(self, offset: int, read: _Reading) -> Iterator[Target]:
        """The targets of a reading: one a value, or one a subject where subjects share one."""
        base = self.sentence.start + offset
        place = placed(self.document, self.clause, base + read.start, base + read.end)
        names = _distributed(read.indicator)
        shared = re.search(r"均|都|分别", place["clean"])
        if len(read.values) == 1 and not (shared and len(names) > 1):
            names = [read.indicator]
        elif len(read.values) > 1 and len(names) != len(read.values):
            names = [read.indicator] * len(read.values)
        values = read.values if len(read.values) > 1 else read.values * len(names)
        for name, value in zip(names, values, strict=True):
            yield Target(
                **place,
                indicator=name,
                subject=read.subject if name == read.indicator else _without_growth(name),
                comparator="at_least" if value.written == "两位数" else read.comparator,
                value=value.value,
                value_as_written=value.written,
                unit=value.unit,
                measure=read.measure,
                currency=value.currency,
                place=read.place,
                baseline=read.baseline,
            )


def _compared(before: str, after: str) -> bool:
    """Whether the number is compared, by words before or behind it."""
    return re.match(r"以上|左右|以内", after) is not None or (
        re.search(r"(?:不低于|不少于|超过|突破|达到|达)$", before) is not None
    )


def _part_start(head: str) -> int:
    """Where the words about a number begin: behind an earlier item with a number of its own."""
    start = 0
    for match in re.finditer(r"、|和|以及", head):
        if re.search(r"\d(?:[^、]{0,30})$", head[: match.start()]) and quantities(
            head[: match.start()]
        ):
            start = match.end()
    return start


def _bare(head: str, region: str | None) -> tuple[str | None, str]:
    """The place that words before a number begin with, and the name of what is counted."""
    place: str | None = None
    own = re.match(rf"{region[:-1]}(?:{region[-1]})?", head.strip()) if region else None
    if own:
        place, head = own[0], head.strip()[own.end() :]
    name = re.sub(r"^.*?(?:期间|时期|年底?|年末|阶段),", "", head.strip())
    name = re.sub(
        r"^(?:到|至|在|力争|力争到|确保到|争取到)?"
        r"(?:20\d\d年(?:底|末)?|“[^”]*五”(?:期间|时期|末))(?:前)?",
        "",
        name,
    )
    for _ in range(3):
        name = _LEADING.sub("", name)
        match = _PLACES.match(name)
        if match:
            place = match["place"]
            name = name[match.end() :]
    name = re.sub(r"(?:总体|均|都|也|将|要|应|分别|合计|总计|累计|共)$", "", name.strip(" :,"))
    name = re.sub(r"(?:力争|确保)$", "", name)
    name = re.sub(r"^(?:将|把|使)", "", name)
    name = re.sub(r"(?:由|从)[^,]{0,12}\d[^,]{0,6}$", "", name)
    return place, "" if name in ("但", "最多", "但最多", "其中") else name


def _noun(sentence: str, start: int) -> tuple[str, int]:
    """What stands behind a count: `培育20家` **`龙头电商平台`**, up to its head."""
    rest = sentence[start:]
    if re.match(r"[,。;、:)]|$", rest):
        return "", start
    end = len(rest)
    for match in re.finditer(r"[,。;:!]", rest):
        phrase = rest[: match.start()]
        describing = re.search(r"超过|达到|有|具备|具有", phrase) and "的" not in phrase
        if describing and match[0] == "," and "的" in re.split(r"[。;]", rest)[0]:
            continue
        end = match.start()
        break
    phrase = rest[:end]
    joint = re.search(
        rf"、(?=(?:{_MAKE})\d)|[、和](?=[^、]{{0,20}}\d+\s*(?:个|家|项|名|人))", phrase
    )
    if joint:
        phrase = phrase[: joint.start()]
    return phrase.strip(), start + len(phrase)


def _measure(number: Quantity, name: str) -> Measure:
    if number.written.startswith("翻") or _GROWTH.search(name):
        return "growth"
    if number.written == "两位数":
        return "growth"
    if number.percent or number.unit == "‰":
        return "share"
    return "count" if number.unit in COUNTED and not number.currency else "level"


def _without_growth(name: str) -> str:
    """What grows or has the share: 网络零售额 of 网络零售额年均增长率."""
    return re.sub(r"(?:的)?(?:年均|平均|每年)?(?:增长速度|增长率|增长|增速|增幅)$", "", name)


def _distributed(name: str) -> list[str]:
    """花生种植、收获机械化率 as 花生种植机械化率 and 花生收获机械化率; others as they are."""
    items = re.split(r"、|和", name)
    if len(items) < 2:
        return [name]
    tail = items[-1]
    for length in range(2, len(tail)):
        word, rest = tail[:length], tail[length:]
        if len(word) == 2 and len(rest) >= 2 and all(len(item) >= 2 for item in items[:-1]):
            first = items[0]
            head = first[:-2] if len(first) > 2 else ""
            whole = [first, *(head + item for item in items[1:-1]), head + word]
            return [each + rest for each in whole]
    return [name]
