"""What kind of thing a question demands, and whether a clause has anything of that kind.

A clause on the right subject need not hold what is asked: a plan gives targets, not results; a
duty, not its budget. Kinds are told by words and figures only; meaning is the model's matter.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """A kind of thing: how a question asks for it, and how a text that has it shows it."""

    name: str
    asked: re.Pattern[str]
    held: re.Pattern[str]


def _kind(name: str, asked: str, held: str) -> Kind:
    return Kind(name, re.compile(asked, re.IGNORECASE), re.compile(held, re.IGNORECASE))


KINDS = (
    _kind(
        "money",
        r"多少(?:个)?(?:钱|万?亿?美?元|资金|经费|补助|补贴|奖金|费用|预算)|罚多少|"
        r"(?:投资|补助|补贴|奖励|罚款|预算|经费|出让金|资金规模)[^，。？?]{0,6}(?:多少|几)|"
        r"\bhow (?:much|large|big)\b[^?.]{0,40}\b(?:fund|budget|subsid\w+|grant|fine|penalt\w+|fee|"
        r"cost|invest\w*|money|pay)\b|"
        r"\bwhat (?:is|are|was) the (?:total )?(?:budget|fine|penalty|fee|cost|subsidy)\b",
        r"\d\s*[万亿千百]*\s*(?:元|美元|欧元|港元)|[一二三四五六七八九十百千]+[万亿]*元|"
        r"US\$|RMB|yuan|dollar",
    ),
    _kind(
        "area",
        r"面积|多少平方|\bsquare (?:met|feet|foot)|\bfloor (?:area|space)",
        r"平方|square|公顷|亩|hectare",
    ),
    _kind(
        "result",
        r"实际(?:上)?(?:完成|做到|达到|是|增长|多少|数)|最后(?:实际|完成|做到)|"
        r"真正(?:完成|做到|达到)|完成(?:了)?(?:没有|没|多少|情况)|达标(?:了)?(?:没|吗)|"
        r"(?:目标|任务)(?:实现|完成)了|截至(?:目前|去年|今年)|到底完成|目前(?:已|有|达)|现在已经|"
        r"\bactual (?:figure|number|value|amount|result|total|growth)s?\b|"
        r"\b(?:actually|really) (?:\w+ ){0,2}(?:come|came|reach\w*|achiev\w*|start\w*|been|host\w*|"
        r"hit|grow|grew|use[ds]?|select\w*|join\w*|spen[dt]|open\w*)\b|"
        r"\b(?:so far|to date|turned out|ended up)\b|"
        r"\bhow many [^?.]{0,80}\bha(?:ve|s) (?:\w+ ){0,3}(?:been|signed|joined|set up|opened|"
        r"applied|received)\b|\bwas the (?:target|goal) (?:met|reached|hit|achieved)\b",
        r"(?<!年)已(?:经|建成|达|有|完成|实现|累计)|截至|累计(?:完成|建成|达)|实现了|达到了|完成了|"
        r"\b(?:has|have) (?:already )?(?:reached|been completed|achieved)\b",
    ),
    _kind(
        "person",
        r"(?:长|主任|书记|负责人|领导|联系人|官员)[^，。？?]{0,6}(?:叫什么|姓名|名字|是哪位)|"
        r"\b(?:names? of the (?:head|director|leader|mayor|official|person|chair\w*)|"
        r"(?:head|director|leader|mayor|official|chair\w*)(?:'s)? name|"
        r"who (?:is|was) the (?:mayor|vice mayor|governor|minister)|which (?:mayor|official))\b",
        r"同志|先生|女士|\bMr\.|\bMs\.",
    ),
    _kind(
        "company",
        r"哪家(?:公司|厂商)|公司(?:名称|叫什么)|由谁中标|"
        r"\b(?:name of the (?:company|firm|contractor|operator|vendor)|"
        r"which (?:company|firm|contractor|vendor))\b",
        r"公司|集团|\b(?:Co\.|Ltd|Inc|Group|Corporation|company called)\b|[“\"「][^”\"」]+[”\"」]",
    ),
    _kind(
        "share",
        r"百分之几|百分之多少|多少个?百分点|比例(?:是|为|要)?多少|什么比例|"
        r"(?:税率|利率|占比|比重|比例|股比|持股)[^，。？?]{0,8}(?:多少|几|上限)|"
        r"\bwhat (?:percentage|per ?cent|share|proportion|(?:tax|interest|duty|growth) rate)\b|"
        r"\b(?:foreign )?(?:equity|ownership|shareholding) (?:cap|limit|ceiling)\b|"
        r"\bhow many per ?cent",
        r"%|百分|percent|[一二三四五六七八九]成|倍",
    ),
    _kind(
        "day",
        r"几月(?:几[日号]|份)|哪一?天|哪月|具体日期|什么日期|"
        r"\b(?:what|which) (?:date|day|month)\b|\bexact date\b",
        r"\d\s*月|[一二三四五六七八九十]月|当[日天]|\d+\s*(?:个)?(?:工作)?日|季度|上半年|下半年|年底|年末|"
        r"\b(?:January|February|March|April|May|June|July|August|September|October|November|"
        r"December)\b|within \d+|the end of",
    ),
    _kind(
        "contact",
        r"电话|手机号|邮箱|电子邮件|网址|联系方式|地址(?:在|是)|门牌|联系人|"
        r"\b(?:phone|telephone|hotline number|e-?mail address|website|url|"
        r"contact (?:details?|person|number))\b",
        r"\d{3,4}-\d{7,8}|\b1\d{10}\b|\b12\d{3}\b|@|www\.|https?:",
    ),
    _kind(
        "frequency",
        r"多久一次|多长时间一次|每隔多久|\bhow (?:often|frequently)\b",
        r"每|定期|年度|季度|月度|annual|yearly|quarter|month|each|every|regular",
    ),
)
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d{2})(?!\d)")
# A figure is asked for; a year in the question is then the year of the figure.
_FIGURE = re.compile(
    r"多少|几[个家项条种类成]|百分之|指标|目标|\bhow (?:many|much|large|big)\b|\btargets?\b|"
    r"\bwhat (?:number|percentage|share|value|figure)\b",
    re.IGNORECASE,
)
_STILL = re.compile(
    r"现在|目前|有效|引用|适用|\b(?:now|today|still|valid|in force)\b", re.IGNORECASE
)


def years_asked(question: str) -> set[int]:
    """The years that a question asks about; none where it only says what year it is now."""
    return set() if _STILL.search(question) else {int(year) for year in _YEAR.findall(question)}


def lacks(question: str, text: str, years: frozenset[int]) -> str | None:
    """The kind of thing that a question demands and a text has none of; None where it lacks none.

    `text` is all the clause says, in both languages; `years` are those its document is about. A
    single figure asked for a year must be one of a year that clause or document names.
    """
    for kind in KINDS:
        if kind.asked.search(question) and not kind.held.search(text):
            return kind.name
    asked = years_asked(question)
    if asked and _FIGURE.search(question):
        known = {int(year) for year in _YEAR.findall(text)} | years
        if not asked <= known:
            return "year"
    return None
