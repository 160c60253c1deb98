"""What kind of thing a question demands, and whether a text has anything of that kind.

A clause on the right subject need not hold what is asked: a plan gives targets, not results; a
duty, not its budget. Kinds are told by words and figures only, in every form that official texts
give them; meaning is the model's matter.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from index.text.written import YEAR


@dataclass(frozen=True)
class Kind:
    """A kind of thing: how a question asks for it, and how a text that has it shows it."""

    name: str
    asked: re.Pattern[str]
    held: re.Pattern[str]


def _kind(name: str, asked: str, held: str) -> Kind:
    return Kind(name, re.compile(asked, re.IGNORECASE), re.compile(held, re.IGNORECASE))


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
    _kind(
        "money",
        r"多少(?:个)?(?:钱|万?亿?美?元|资金|经费|补助|补贴|奖金|费用|预算)|罚多少|"
        r"(?:投资|补助|补贴|奖励|罚款|预算|经费|出让金|资金规模|损失|造价|票价|收费|费用)"
        r"[^，。？?]{0,6}(?:多少|几)|"
        r"\bhow (?:much|large|big)\b[^?.]{0,40}\b(?:fund|budget|subsid\w+|grant|fine|penalt\w+|fee|"
        r"cost|invest\w*|money|pay)\b|"
        r"\bhow much (?:capital|money|funding)\b|基金[^，。？?]{0,6}(?:盘子|规模)?(?:有)?多[大少]|"
        r"\bwhat (?:(?:is|are|was) the (?:total |maximum |minimum )?)?"
        r"(?:budget|fine|penalty|fee|charge|price|subsidy)\b",
        _MONEY,
    ),
    _kind(
        "area",
        r"面积|多少(?:平方|亩|公顷)|\bsquare (?:met|feet|foot)|\bfloor (?:area|space)",
        rf"平方|square|公顷|{_NUMERAL}\s*[多余]?\s*[万亿]?亩|hectares?|\bmu\b|㎡|m²",
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
        r"\bhow many per ?cent|\bwhat\b[^?.]{0,60}?\b(?:tax|interest|duty|growth|vacancy) rate\b",
        _SHARE,
    ),
    _kind(
        "day",
        r"几月(?:几[日号]|份)|哪一?天|哪月|具体日期|什么日期|"
        r"\b(?:what|which) (?:date|day|month)\b|\bexact date\b",
        rf"{_NUMERAL}\s*月|当[日天]|次日|之日|即日|{_NUMERAL}\s*个?(?:工作|自然)?[日天]|季度|上半年|下半年|"
        r"年底|年末|年初|[月旬]底|[上中下]旬|"
        r"\b(?:January|February|March|April|May|June|July|August|September|October|November|"
        r"December)\b|within \d+|the end of",
    ),
    _kind(
        "contact",
        r"电话|手机号|邮箱|电子邮件|网址|联系方式|地址(?:在|是)|门牌|联系人|"
        r"\b(?:phone|telephone|hotline number|e-?mail address|website|url|"
        r"contact (?:details?|person|number))\b",
        # A number of any length by which somebody is reached, or another way to them.
        r"\d{3,4}[)）]?\s*[-—–－]?\s*\d{5,8}|(?<!\d)(?:1\d{10}|1[12]\d|12\d{3}|9[56]\d{3,4}|400\d{7})(?!\d)|"
        r"(?:电话|热线|专线|拨打|致电|短信|号码|传真|邮编)[^，。；\d]{0,8}\d{3,}|\d{3,}[”\"]?(?:服务|投诉|举报)?(?:热线|专线|电话)|"
        r"@|www\.|https?:|\.(?:cn|com|org)\b|窗口|柜台|信箱|邮箱|小程序|公众号|客户端|(?<![a-z])app(?![a-z])|网站|网址|"
        r"\b(?:hotline|call|dial|phone|mailbox|counter|website|e-?mail)\b",
    ),
    _kind(
        "frequency",
        r"多久一次|多长时间一次|每隔多久|\bhow (?:often|frequently)\b",
        r"每|定期|年度|季度|月度|[一二两三四五六七八九十\d]+次|annual|yearly|quarter|month|each|every|regular|"
        r"\b(?:once|twice|daily|weekly)\b",
    ),
)
# Words that begin with a Chinese numeral and count nothing.
_NO_COUNT = (
    r"一(?:般|些|定|致|体|律|切|直|并|旦|样|同|流|线|方面|系列|批|是|经|时|步|次性|带一路|站式|网|把手)|"
    r"[十万千百]分(?!之)|千方百计|百姓|百货|万一|万物|万众|半年报|十四五|二维|三农|四川|两岸|三资|亿万|两手"
)
# Two numerals or more, or one before what is counted: any measure word or unit whatever.
_COUNTED = (
    rf"(?!{_NO_COUNT})(?<![统唯同之进第专单万近])(?:[零一二两三四五六七八九十百千万亿{_CHEQUE}]{{2,}}|[二两三四五六七八九十{_CHEQUE}]|"
    r"一(?=[个家项条种名人份件次台套辆艘架座处所间幢栋只头亩吨克米升度岁等级类倍成]))"
    r"[多余]?(?=[\u4e00-\u9fff])"
)


def _measured(name: str, zh: str, en: str) -> Kind:
    """How many of a unit: what has it shows a number before the unit."""
    return _kind(
        name,
        rf"(?:(?<![近这前后好来头哪])几|多少)个?(?:{zh})|\bhow many (?:\w+ )?(?:{en})\b",
        rf"(?<!\d){_NUMERAL}\s*[多余]?个?(?:{zh})|\b{_NUMERAL_EN}[\s-]+(?:\w+[\s-]+){{0,2}}(?:{en})\b",
    )


# A number of something is asked for: a clause that says `a number of` does not have it. These are
# looked for in the clause's own sentences without its years, as a title has numbers of its own.
COUNTS = (
    _measured("years", r"年(?![度初底末])", r"years?"),
    _measured("months", r"(?<=个)月", r"months?"),
    _measured("days", r"工作日|天|(?<!月几)(?<!月多少)日", r"days?"),
    _measured("hours", r"小时|钟头", r"hours?"),
    _measured("minutes", r"分钟", r"minutes?"),
    _measured("points", r"分(?![钟之])", r"points?"),
    _kind(
        "count",
        r"(?<![近这前后好来头哪])几(?:个(?!方面|文件)|家|项|类|种|名|所|处|支|座|张|位|批|成|大)|"
        r"多少(?!度)|\bhow (?:many|much)\b|\b(?:what|exact|total|target) number\b|"
        r"^(?:the )?number of\b",
        rf"(?<![A-Za-z\d])\d+(?:[.,]\d+)*\s*(?:[A-Za-z]{{1,4}}\b|(?![A-Za-z\d]))|{_COUNTED}|[一二三四五六七八九]是|{_SHARE}|"
        rf"\b(?!(?:one|half)\b){_NUMERAL_EN}\b|\b(?:dozens?|both|a single|pair)\b",
    ),
)
# How many there are of what a clause lists: it need not say the number, which can be counted.
ITEMS = _kind(
    "items",
    r"(?<![近这前后好来头哪])几(?:[种类项条款点样]|个?(?:情形|情况|条件|方面|步骤|环节|原则))|"
    r"多少(?:[种类项条]|个?(?:情形|情况|条件|方面))|"
    r"\bhow many (?:\w+ ){0,2}(?:kinds?|types?|sorts?|categor\w+|cases|circumstances|conditions|"
    r"grounds|situations|items|steps|principles|ways|practices|acts)\b",
    r"[（(]一[)）][\s\S]*[（(]二[)）]|[（(]1[)）][\s\S]*[（(]2[)）]|\b1[.．、][\s\S]*\b2[.．、]|"
    r"一是[\s\S]*二是",
)
# Kinds that a sentence shows by a figure: an answer without one does not give them.
FIGURES = (*(kind for kind in KINDS if kind.name in ("money", "area", "share", "day")), *COUNTS)
_OWN_YEARS = re.compile(
    r"\d{1,2}\s*月\s*\d{1,2}\s*[日号]|\b(?:January|February|March|April|May|June|July|August|"
    r"September|October|November|December)\s+\d{1,2}\b|\b\d{1,2}\s+(?:January|February|March|"
    r"April|May|June|July|August|September|October|November|December)\b|"
    r"(?:19|20)\d{2}\s*年?|[“\"]?十[一二三四五六]五[”\"]?|\b1\dth Five-Year|\d+[GDK]\b|"
    r"\b[A-Z]2[A-Z]\b|〔\d{4}〕|\d+号|\bNo\. ?\d+"
)
# A figure is asked for; a year in the question is then the year of the figure.
_FIGURE = re.compile(
    r"多少|几[个家项条种类成]|百分之|指标|目标|\bhow (?:many|much|large|big)\b|\btargets?\b|"
    r"\bwhat (?:number|percentage|share|value|figure)\b",
    re.IGNORECASE,
)


def figures_asked(question: str) -> tuple[Kind, ...]:
    """The kinds of figure that a question demands."""
    return tuple(kind for kind in FIGURES if kind.asked.search(question))


def asks_for_figure(question: str) -> bool:
    """Whether a figure of whatever kind is asked for: a target, a value, a share."""
    return bool(_FIGURE.search(question))


def shows(kind: Kind, text: str) -> bool:
    """Whether a text has a figure of this kind; years and dates count nothing."""
    return bool(kind.held.search(_OWN_YEARS.sub(" ", text) if kind in COUNTS else text))


def kinds_asked(question: str) -> tuple[Kind, ...]:
    """The kinds of thing that a question demands."""
    return tuple(kind for kind in (*KINDS, *COUNTS, ITEMS) if kind.asked.search(question))


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
        kind: shows(kind, text if kind not in (*COUNTS, ITEMS) or body is None else body)
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
