"""What kind of thing a question demands, and whether a clause has anything of that kind.

A clause on the right subject need not hold what is asked: a plan gives targets, not results; a
duty, not its budget. Kinds are told by words and figures only; meaning is the model's matter.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from index.text.places import places_named


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
        r"(?:投资|补助|补贴|奖励|罚款|预算|经费|出让金|资金规模|损失|造价|票价|收费|费用)"
        r"[^，。？?]{0,6}(?:多少|几)|"
        r"\bhow (?:much|large|big)\b[^?.]{0,40}\b(?:fund|budget|subsid\w+|grant|fine|penalt\w+|fee|"
        r"cost|invest\w*|money|pay)\b|"
        r"\bhow much (?:capital|money|funding)\b|基金[^，。？?]{0,6}(?:盘子|规模)?(?:有)?多[大少]|"
        r"\bwhat (?:(?:is|are|was) the (?:total |maximum |minimum )?)?"
        r"(?:budget|fine|penalty|fee|charge|price|subsidy)\b",
        r"\d\s*[万亿千百]*\s*(?:元|美元|欧元|港元)|[一二三四五六七八九十百千]+[万亿]*元|"
        r"US\$|RMB|yuan|dollar",
    ),
    _kind(
        "area",
        r"面积|多少(?:平方|亩|公顷)|\bsquare (?:met|feet|foot)|\bfloor (?:area|space)",
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
        r"\bhow many per ?cent|\bwhat\b[^?.]{0,60}?\b(?:tax|interest|duty|growth|vacancy) rate\b",
        r"%|百分|分之|percent|[一二三四五六七八九]成|倍",
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
_NUMERAL = r"(?:\d+(?:\.\d+)?|[一二两三四五六七八九十百千万]+)"
_NUMERAL_EN = (
    r"(?:\d+|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|"
    r"thirty|sixty|ninety|hundred|half a)"
)


def _measured(name: str, zh: str, en: str) -> Kind:
    """How many of a unit: what has it shows a number before the unit."""
    return _kind(
        name,
        rf"(?:(?<![近这前后好来头哪])几|多少)个?(?:{zh})|\bhow many (?:\w+ )?(?:{en})\b",
        rf"(?<!\d){_NUMERAL}\s*[多余]?个?(?:{zh})|\b{_NUMERAL_EN}[\s-]+(?:\w+[\s-]+)?(?:{en})\b",
    )


# A number of something is asked for: a clause that says `a number of` does not have it. These are
# looked for in the clause's own sentences without its years, as a title has numbers of its own.
COUNTS = (
    _measured("years", r"年(?![度初底末])", r"years?"),
    _measured("months", r"月", r"months?"),
    _measured("days", r"工作日|[天日]", r"days?"),
    _measured("hours", r"小时|钟头", r"hours?"),
    _measured("minutes", r"分钟", r"minutes?"),
    _measured("points", r"分(?![钟之])", r"points?"),
    _kind(
        "count",
        r"(?<![近这前后好来头哪])几(?:个(?!方面|文件)|家|项|类|种|名|所|处|支|座|张|位|批|成|大)|"
        r"多少(?!度)|\bhow (?:many|much)\b|\b(?:what|exact|total|target) number\b|"
        r"^(?:the )?number of\b",
        r"(?<![A-Za-z\d])\d+(?![A-Za-z\d])|[二两三四五六七八九十百千万]+(?:余|多)?(?:个|家|项|类|种|名|人|次|条|所|处|支|座|张|位|批|"
        r"大|地|市|区|县|省|方面|部门|[^\s，。、；]{0,4}(?:中心|体系|平台|工程|行动|试点))|[一二三四五六七八九]是|"
        r"\b(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozen|hundred|both)\b",
    ),
)
# Which towns or countries: what has them names one that the question does not.
_PLACES = re.compile(
    r"(?:哪(?:几|些|[二两三四五六七八九十])个?|有名单|名单)[^，。？?]{0,6}(?:城市|国家|省份?|市县?|县|区县?|地区|乡镇)|"
    r"(?:城市|国家|省份?|县(?:[（(]市[）)])?|区县|地区|乡镇)[^，。？?]{0,4}(?:是|有)?哪(?:几|些)|"
    r"\b(?:which|what|name the|names of the)\s+(?:\w+[\s-]+){0,3}?(?:cities|countries|counties|"
    r"provinces|districts|towns|villages|regions)\b",
    re.IGNORECASE,
)
# What jieba takes for places that name none.
_NO_NAMES = frozenset(
    {"城市", "中国", "我国", "全国", "国家", "市区", "城乡", "长三角", "海关", "深度"}
)
# Kinds that a sentence shows by a figure: an answer without one does not give them.
FIGURES = (*(kind for kind in KINDS if kind.name in ("money", "area", "share", "day")), *COUNTS)
_OWN_YEARS = re.compile(
    r"(?:19|20)\d{2}\s*年?|[“\"]?十[一二三四五六]五[”\"]?|\b1\dth Five-Year|\d+[GDK]\b|"
    r"\b[A-Z]2[A-Z]\b|〔\d{4}〕|\d+号|\bNo\. ?\d+"
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


def figures_asked(question: str) -> tuple[Kind, ...]:
    """The kinds of figure that a question demands."""
    return tuple(kind for kind in FIGURES if kind.asked.search(question))


def asks_for_figure(question: str) -> bool:
    """Whether a figure of whatever kind is asked for: a target, a value, a share."""
    return bool(_FIGURE.search(question))


def shows(kind: Kind, text: str) -> bool:
    """Whether a text has a figure of this kind; years are none."""
    return bool(kind.held.search(_OWN_YEARS.sub(" ", text) if kind in COUNTS else text))


def asks_for_places(question: str) -> bool:
    """Whether the names of towns, districts or countries are asked for."""
    return bool(_PLACES.search(question))


def names_places(text: str, known: str) -> bool:
    """Whether a Chinese text names a place that is not in `known`."""
    return any(len(place) > 1 and place not in known for place in _places_of(text))


def _places_of(text: str) -> set[str]:
    """The words that jieba tags as place names, and names of ours."""
    from jieba import posseg

    tagged = {pair.word for pair in posseg.cut(text) if pair.flag in ("ns", "nrt", "nsf")}
    return (tagged | {name for name in places_named(text) if not name.isascii()}) - _NO_NAMES


def years_asked(question: str) -> set[int]:
    """The years that a question asks about; none where it only says what year it is now."""
    return set() if _STILL.search(question) else {int(year) for year in _YEAR.findall(question)}


def kinds_asked(question: str) -> tuple[Kind, ...]:
    """The kinds of thing that a question demands."""
    return tuple(kind for kind in (*KINDS, *COUNTS) if kind.asked.search(question))


def lacks(
    kinds: Sequence[Kind],
    asked: frozenset[int],
    text: str,
    years: frozenset[int],
    body: str | None = None,
) -> str | None:
    """The kind of thing that a question demands and a text has none of; None where it lacks none.

    `kinds` are what is demanded, `asked` the years of a figure that is asked for. `text` is all the
    clause says, in both languages, and `body` its sentences without document and heading (None: the
    same); `years` are those its document is about. A single figure asked for a year must be one of
    a year that clause or document names.
    """
    for kind in kinds:
        held = text if kind not in COUNTS or body is None else body
        if not shows(kind, held):
            return kind.name
    if asked:
        known = {int(year) for year in _YEAR.findall(text)} | years
        if not asked <= known:
            return "year"
    return None
