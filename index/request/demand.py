"""What kind of thing a question demands, and whether a text has anything of that kind.

A clause on the right subject need not hold what is asked: a plan gives targets, not results; a
duty, not its budget. What is asked is told by the question's aspects (aspects.py), in which unit by
its words. Whether a text has it is told by words and figures only, in every form that official
texts give them; meaning is the model's matter.
"""

from __future__ import annotations

import re
from collections.abc import Sequence, Set
from dataclasses import dataclass

from index.request.aspects import FIGURE
from index.text.written import YEAR


@dataclass(frozen=True)
class Kind:
    """A kind of thing, and how a text that has it shows it.

    `asked`: how a question asks for it, of kinds too seldom asked for to be learned.
    """

    name: str
    held: re.Pattern[str]
    asked: re.Pattern[str] | None = None


def _kind(name: str, held: str, asked: str | None = None) -> Kind:
    pattern = None if asked is None else re.compile(asked, re.IGNORECASE)
    return Kind(name, re.compile(held, re.IGNORECASE), pattern)


# Numbers as Chinese and English texts write them: 1,200.5, 九十, 伍拾, two hundred.
_CHEQUE = "壹贰叁肆伍陆柒捌玖拾佰仟贰圆"
_HAN_NUMERAL = rf"[〇零一二两三四五六七八九十百千万亿半{_CHEQUE}]"
_NUMERAL = rf"(?:\d+(?:[.,]\d+)*\s*[十百千万亿]*|{_HAN_NUMERAL}+)"
_NUMERAL_EN = (
    r"(?:\d+(?:[.,]\d+)*|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|"
    r"(?:twen|thir|for|fif|six|seven|eigh|nine)ty|hundred|thousand|half(?: an?)?)"
)
# A share of a base or a multiple of it.
_SHARE = (
    rf"[%％‰]|[百千万]分(?:之|点)|{_NUMERAL}\s*分之|{_NUMERAL}\s*[成倍]|[减加]倍|翻[一两]?番|一半|半数|减半|"
    r"等值|同等数额|全额|\bper ?cent|\bpercentage|\bpermille|\btimes\b|\b(?:twice|double|treble|"
    r"triple|half|halved|threefold|twofold|one-(?:third|half|quarter|tenth))\b"
)
# A sum, in every way that it is given: with a unit, between limits, of a base, or none at all.
_MONEY = (
    rf"{_NUMERAL}\s*[多余几]?\s*(?:[元圆角块]|分(?![钟之])|(?:人民币|[美欧日港澳台新英]|卢)[元镑币布])|"
    rf"{_NUMERAL}\s*(?:以上|以下|以内)|免[收费缴征交]|不(?:再|予)?收[取费]|零收费|{_SHARE}|"
    r"[$€£¥￥]|(?<![a-z])(?:RMB|CNY|USD|yuan|dollars?|euros?|free of charge|no (?:fee|charge)|"
    r"exempt\w*)\b"
)

KINDS = (
    _kind("money", _MONEY),
    _kind(
        "area",
        rf"平方|square|公顷|{_NUMERAL}\s*[多余]?\s*[万亿]?亩|hectares?|\bmu\b|㎡|m²",
        r"面积|多少(?:平方|亩|公顷)|\bsquare (?:met|feet|foot)|\bfloor (?:area|space)",
    ),
    _kind(
        "result",
        r"(?<!年)已(?:经|建成|达|有|完成|实现|累计)|截至|累计(?:完成|建成|达)|实现了|达到了|完成了|"
        r"\b(?:has|have) (?:already )?(?:reached|been completed|achieved)\b",
        r"实际(?:上)?(?:完成|做到|达到|是|增长|多少|数)|最后(?:实际|完成|做到)|"
        r"真正(?:完成|做到|达到)|完成(?:了)?(?:没有|没|多少|情况)|达标(?:了)?(?:没|吗)|"
        r"(?:目标|任务)(?:实现|完成)了|截至(?:目前|去年|今年)|到底完成|目前(?:已|有|达)|现在已经|"
        r"\bactual (?:figure|number|value|amount|result|total|growth)s?\b|"
        r"\b(?:actually|really) (?:\w+ ){0,2}(?:come|came|reach\w*|achiev\w*|start\w*|been|host\w*|"
        r"hit|grow|grew|use[ds]?|select\w*|join\w*|spen[dt]|open\w*)\b|"
        r"\b(?:so far|to date|turned out|ended up)\b|"
        r"\bhow many [^?.]{0,80}\bha(?:ve|s) (?:\w+ ){0,3}(?:been|signed|joined|set up|opened|"
        r"applied|received)\b|\bwas the (?:target|goal) (?:met|reached|hit|achieved)\b",
    ),
    _kind(
        "person",
        r"同志|先生|女士|\bMr\.|\bMs\.",
        r"(?:长|主任|书记|负责人|领导|联系人|官员)[^，。？?]{0,6}(?:叫什么|姓名|名字|是哪位)|"
        r"\b(?:names? of the (?:head|director|leader|mayor|official|person|chair\w*)|"
        r"(?:head|director|leader|mayor|official|chair\w*)(?:'s)? name|"
        r"who (?:is|was) the (?:mayor|vice mayor|governor|minister)|which (?:mayor|official))\b",
    ),
    _kind(
        "company",
        r"公司|集团|\b(?:Co\.|Ltd|Inc|Group|Corporation|company called)\b|[“\"「][^”\"」]+[”\"」]",
        r"哪家(?:公司|厂商)|公司(?:名称|叫什么)|由谁中标|"
        r"\b(?:name of the (?:company|firm|contractor|operator|vendor)|"
        r"which (?:company|firm|contractor|vendor))\b",
    ),
    _kind("share", _SHARE),
    _kind(
        "day",
        rf"{_NUMERAL}\s*月|当[日天]|次日|之日|即日|{_NUMERAL}\s*个?(?:工作|自然)?[日天]|季度|上半年|下半年|"
        r"年底|年末|年初|[月旬]底|[上中下]旬|"
        r"\b(?:January|February|March|April|May|June|July|August|September|October|November|"
        r"December)\b|within \d+|the end of",
    ),
    _kind(
        "contact",
        # A number of any length by which somebody is reached, or another way to them.
        r"\d{3,4}[)）]?\s*[-—–－]?\s*\d{5,8}|(?<!\d)(?:1\d{10}|1[12]\d|12\d{3}|9[56]\d{3,4}|400\d{7})(?!\d)|"
        r"(?:电话|热线|专线|拨打|致电|短信|号码|传真|邮编)[^，。；\d]{0,8}\d{3,}|\d{3,}[”\"]?(?:服务|投诉|举报)?(?:热线|专线|电话)|"
        r"@|www\.|https?:|\.(?:cn|com|org)\b|窗口|柜台|信箱|邮箱|小程序|公众号|客户端|(?<![a-z])app(?![a-z])|网站|网址|"
        r"\b(?:hotline|call|dial|phone|mailbox|counter|website|e-?mail)\b",
        r"电话|手机号|邮箱|电子邮件|网址|联系方式|地址(?:在|是)|门牌|联系人|"
        r"\b(?:phone|telephone|hotline number|e-?mail address|website|url|"
        r"contact (?:details?|person|number))\b",
    ),
    _kind(
        "frequency",
        r"每|定期|年度|季度|月度|[一二两三四五六七八九十\d]+次|annual|yearly|quarter|month|each|every|regular|"
        r"\b(?:once|twice|daily|weekly)\b",
        r"多久一次|多长时间一次|每隔多久|\bhow (?:often|frequently)\b",
    ),
)
# Words that begin with a Chinese numeral and count nothing.
_NO_COUNT = (
    r"一(?:般|些|定|致|体|律|切|直|并|旦|样|同|流|线|方面|系列|批|是|经|时|步|次性|带一路|站式|网|把手)|"
    r"[十万千百]分(?!之)|千方百计|百姓|百货|万一|万物|万众|半年报|十四五|二维|三农|四川|两[岸侧旁边端]|三资|亿万|两手"
)
# Two numerals or more, or one before what is counted: any measure word or unit whatever.
_COUNTED = (
    rf"(?!{_NO_COUNT})(?<![统唯同之进第专单万近])(?:[零一二两三四五六七八九十百千万亿{_CHEQUE}]{{2,}}|[二两三四五六七八九十{_CHEQUE}]|"
    r"一(?=[个家项条种名人份件次台套辆艘架座处所间幢栋只头亩吨克米升度岁等级类倍成]))"
    r"[多余]?(?=[\u4e00-\u9fff])"
)


def _measured(name: str, zh: str, en: str, otherwise: str = "(?!)") -> Kind:
    """How many of a unit: what has it shows a number before the unit."""
    return _kind(
        name,
        rf"(?<!\d){_NUMERAL}\s*[多余]?个?(?:{zh})|"
        rf"\b{_NUMERAL_EN}[\s-]+(?:\w+[\s-]+){{0,2}}(?:{en})\b|{otherwise}",
    )


# A number of something is asked for: a clause that says `a number of` does not have it. These are
# looked for in the clause's own sentences without its years, as a title has numbers of its own.
COUNTS = (
    _measured("years", r"年(?![度初底末])", r"years?"),
    _measured("months", r"(?<=个)月", r"months?"),
    _measured("days", r"工作日|天|日", r"days?"),
    _measured("hours", r"小时|钟头", r"hours?"),
    _measured("minutes", r"分钟", r"minutes?"),
    _measured(
        "period",
        r"年(?![度初底末])|(?<=个)月|周(?!边)|星期|工作日|天|日|小时|钟头|分钟|周?岁",
        r"years?|months?|weeks?|days?|hours?|minutes?",
        r"有效期|起至|\b(?:until|through)\b",
    ),
    _kind(
        "count",
        rf"(?<![A-Za-z\d])\d+(?:[.,]\d+)*\s*(?:[A-Za-z]{{1,4}}\b|(?![A-Za-z\d]))|{_COUNTED}|[一二三四五六七八九]是|{_SHARE}|"
        rf"\b(?!(?:one|half)\b){_NUMERAL_EN}\b|\b(?:dozens?|both|a single|pair)\b",
    ),
)
# How many there are of what a clause lists: it need not say the number, which can be counted.
ITEMS = _kind(
    "items",
    r"[（(]一[)）][\s\S]*[（(]二[)）]|[（(]1[)）][\s\S]*[（(]2[)）]|\b1[.．、][\s\S]*\b2[.．、]|"
    r"一是[\s\S]*二是",
)
# In which unit something is asked for, as questions name it; of a length of time by its kind.
_FEW, _MANY = ("几", "多少"), "how many "
_NEAR = 20
_UNITS_OF_TIME = {
    "years": ("年", "year"),
    "months": ("个月", "month"),
    "days": ("天 日 工作日 个工作日", "day"),
    "hours": ("小时 个小时 个钟头", "hour"),
    "minutes": ("分钟", "minute"),
}
_UNITS_OF_LISTS = (
    "种 类 项 条 款 点 样 个情形 个情况 个条件 个方面 个步骤 个环节 个原则",
    "kind type sort categor case circumstance condition ground situation item step principle way "
    "practice act",
)
# Words that ask for a number, of whatever it is.
_NUMBER_WORDS = ("多少", "几", "多大", "how many", "how much", "how large", "how big", "number")
# A day of the calendar is asked for: a year alone is none.
_OF_CALENDAR = ("几月", "几日", "几号", "哪天", "哪一天", "日期", "date", " day", " month")
_DAY = next(kind for kind in KINDS if kind.name == "day")
# Names of places that are not said yet. A region's own name is in every document of it, so what
# shows them is told with the document at hand (rag.answer.decision), by the gazetteer.
_PLACES = re.compile(
    r"哪(?:几|些|[两三四五六七八九十\d]+)?个?(?:[东中西南北]部)?(?:国家|省份?|城市|[县市区]|区县|县区|州)(?![域间别场块府民])|"
    r"哪几个(?:地方|地区|街道|乡镇)|"
    r"\b(?:which|what)\s+(?:[\w-]+\s+){0,2}(?:countries|country|counties|county|cities|provinces|"
    r"districts?|towns|townships|economies)\b",
    re.IGNORECASE,
)
# A point in time, which may be a year alone; of the clause's own sentences too.
WHEN = Kind("when", re.compile(f"{YEAR.pattern}|{_DAY.held.pattern}", re.I))
# Kinds that a sentence shows by a figure: an answer without one does not give them.
FIGURES = (*(kind for kind in KINDS if kind.name in ("money", "area", "share", "day")), *COUNTS)
_OWN_YEARS = re.compile(
    r"\d{1,2}\s*月\s*\d{1,2}\s*[日号]|\b(?:January|February|March|April|May|June|July|August|"
    r"September|October|November|December)\s+\d{1,2}\b|\b\d{1,2}\s+(?:January|February|March|"
    r"April|May|June|July|August|September|October|November|December)\b|"
    r"(?:19|20)\d{2}\s*年?|[“\"]?十[一二三四五六]五[”\"]?|\b1\dth Five-Year|\d+[GDK]\b|"
    r"\b[A-Z]2[A-Z]\b|〔\d{4}〕|\d+号|\bNo\. ?\d+"
)


def kinds_asked(question: str, aspects: Set[str]) -> tuple[Kind, ...]:
    """The kinds of thing that a question with these aspects demands."""
    # A sum may be told as a share of something.
    learned = {"money"} & aspects or {"share"} & aspects
    units = [name for name, own in _UNITS_OF_TIME.items() if _in_unit(question, *own)]
    if aspects & {"period", FIGURE} and len(units) == 1:
        learned |= {units[0]}
    elif "period" in aspects:
        learned |= {"period"}
    seldom = {kind.name for kind in KINDS if kind.asked and kind.asked.search(question)}
    other = learned or "day" in aspects or seldom & {"area", "frequency"}
    if "count" in aspects or (FIGURE in aspects and names_number(question) and not other):
        learned |= {"count"}
        if _in_unit(question, *_UNITS_OF_LISTS):
            learned |= {ITEMS.name}
    if "day" in aspects:
        named = any(word in question.lower() for word in _OF_CALENDAR)
        learned |= {"day" if named else WHEN.name}
    demanded = learned | seldom
    return tuple(kind for kind in (*KINDS, *COUNTS, ITEMS, WHEN) if kind.name in demanded)


def names_number(question: str) -> bool:
    """Whether a word stands in a question by which a number is asked for."""
    return any(words in question.lower() for words in _NUMBER_WORDS)


def asks_places(question: str) -> bool:
    """Whether names of places are asked for."""
    return bool(_PLACES.search(question))


def figures_of(kinds: Sequence[Kind]) -> tuple[Kind, ...]:
    """Those kinds that are shown by a figure."""
    return tuple(kind for kind in kinds if kind in FIGURES)


def _in_unit(question: str, zh: str, en: str) -> bool:
    """Whether it is asked how many there are of one of these units."""
    lower = question.lower()
    near = lower.partition(_MANY)[2][:_NEAR]
    return any(f"{few}{unit}" in lower for few in _FEW for unit in zh.split()) or any(
        f" {unit}" in f" {near}" for unit in en.split()
    )


def shows(kind: Kind, text: str) -> bool:
    """Whether a text has a figure of this kind; years and dates count nothing."""
    return bool(kind.held.search(_OWN_YEARS.sub(" ", text) if kind in COUNTS else text))


def figures_missing(kinds: Sequence[Kind], text: str) -> tuple[Kind, ...]:
    """The kinds of figure demanded, of all kinds, that an answer in these words does not show."""
    shown = missing([kind for kind in kinds if kind in FIGURES or kind is ITEMS], text)
    return tuple(kind for kind in shown if kind is not ITEMS)


def missing(kinds: Sequence[Kind], text: str, body: str | None = None) -> tuple[Kind, ...]:
    """The kinds that a text shows nothing of.

    `text` is all the clause says, in both languages, and `body` its sentences without document and
    heading (None: the same): a title has numbers of its own, which count nothing.
    """
    shown = {
        kind: shows(kind, text if kind not in (*COUNTS, ITEMS, WHEN) or body is None else body)
        for kind in kinds
    }
    # `多少` asks for a sum as well as for a number: nothing charged is a sum, and has no number;
    # what is listed has none either.
    figure = any(shown[kind] for kind in kinds if kind in FIGURES or kind is ITEMS)
    return tuple(
        kind
        for kind in kinds
        if not shown[kind] and not (figure and (kind is ITEMS or kind.name == "count"))
    )


def years_in(text: str) -> frozenset[int]:
    """The years that a text names."""
    return frozenset(map(int, YEAR.findall(text)))
