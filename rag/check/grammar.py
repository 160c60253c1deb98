"""How citations are written, in Chinese and English: documents, articles, and what refers back.

Patterns over a flat text (sentences.py) and the reading of their numbers. It finds no citation by
itself (spot.py does) and knows no document. White space and words are taken possessively, so that
no text makes a pattern try the same signs again and again.
"""

from __future__ import annotations

import re

from index.text.numbers import NUMERAL, read_numeral

# Numbers of articles that a range may span, and those that may be joined in one citation.
MOST_IN_RANGE, MOST_JOINED = 60, 40
N = rf"(?:{NUMERAL}+|\d{{1,4}})"
_JOINT = r"(?:以及|、|,|和|及|与|至|到|[-~—–])"
_NO_ARTICLE = r"(?![例件约目])"
# 第一条建议 is no article.
_COUNTED = r"(?!\s*+(?:建议|消息|新闻|信息|线索|理由|经验|生产线|路线|线路|地铁|街|路|船))"
ARTICLES = (
    rf"第\s*+{N}(?:\s*+条?(?:\s*+之\s*+{N})?\s*+{_JOINT}\s*+第?\s*+{N}){{0,{MOST_JOINED}}}\s*+条"
    rf"{_NO_ARTICLE}(?:\s*+之\s*+{N})?{_COUNTED}"
)
PINPOINT = (
    rf"(?:\s*+第\s*+(?P<paragraph>{N})\s*+款)?"
    rf"(?:\s*+(?:第\s*+)?[(]?\s*+(?P<item>{N})\s*+[)]?\s*+项|\s*+[(](?P<bracketed>{N})[)])?"
)
PART = rf"第\s*+{N}\s*+(?:部分|章|节|编)(?:\s*+第?\s*+[(]\s*+{N}\s*+[)]\s*+(?:项|点|条)?)?"
CHAPTER = re.compile(r"[章节编]|chapter", re.IGNORECASE)
CHINESE = re.compile(
    rf"(?:(?P<part>{PART})\s*+)?(?P<articles>{ARTICLES}){PINPOINT}"
    rf"|(?P<part_alone>{PART})"
    rf"|第\s*+(?P<counted>{N})\s*+(?:自然)?段(?!时|路)"
    rf"|(?P<place>文首|文尾)"
)
SAME = re.compile(
    rf"(?P<same>(?:该|同|本|上述|前述|此)条{_NO_ARTICLE}|同上|同前(?=[)。,;]|$)){PINPOINT}"
    rf"|(?P<before>前条{_NO_ARTICLE}|[前上]款|前[两二三四]款|[前上]项(?=规定|所列))"
)
_SPELLED = (
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen",
    "sixteen seventeen eighteen nineteen twenty",
)
_WORDS = " ".join(_SPELLED).split(" ")
_NUMERALS = "i ii iii iv v vi vii viii ix x xi xii xiii xiv xv xvi xvii xviii"
_ROMAN = _NUMERALS.split(" ")
# Roman numbers and words only as names have them: Part II, Article Twelve.
N_EN = (
    r"(?:\d{1,4}\b|(?-i:(?:"
    + "|".join(one.upper() for one in sorted(_ROMAN, key=len, reverse=True))
    + r")\b|(?:"
    + "|".join(one.capitalize() for one in _WORDS)
    + r")\b))"
)
_SUBS = r"(?:\s?[(]\s*+(?:\d{1,3}|[a-z]|[ivx]{1,4})\s*+[)])*"
_AND = (
    r"(?:\s*+,\s*+and\s++|\s*+,\s*+|\s++and\s++|\s*+&\s*+|\s++to\s++|\s++through\s++|\s*+[-–—]\s*+)"
)
_KIND_EN = (
    r"(?:articles?|arts?\.?|clauses?|sections?|secs?\.?|items?|tasks?|points?|parts?|chapters?)"
)
_INNER_EN = r"(?:paragraph|para\.?|sub-?paragraph|item|subsection)\s*+[(]?(?P<{}>\d{{1,3}})[)]?"
_ORDINALS = ["first", "second", "third", "fourth", "fifth", "sixth"]
_ORDINAL = rf"(?P<ordinal>{'|'.join(_ORDINALS)})\s++(?:paragraph|item)"
ENGLISH = re.compile(
    rf"(?:\b(?:{_INNER_EN.format('inner')}|{_ORDINAL})\s++of\s++)?"
    rf"(?P<kind>\b{_KIND_EN}|§§?)\s*+(?:no\.?\s*+|#)?"
    rf"(?P<numbers>{N_EN}(?:-\d{{1,3}}\b)?{_SUBS}"
    rf"(?:{_AND}(?:{_KIND_EN}\s*+)?{N_EN}{_SUBS}){{0,{MOST_JOINED}}})"
    rf"(?:,?\s++{_INNER_EN.format('after')})?"
    r"|\b(?P<counted>(?-i:Paragraph)\s++\d{1,4})\b"
    r"(?!\s++of\s++(?:that|the same|this|the said)\s++article)"
    r"|\b(?P<place>closing provisions?|preamble)\b",
    re.IGNORECASE,
)
SAME_EN = re.compile(
    rf"\b(?:{_INNER_EN.format('inner')}\s++of\s++)?"
    r"(?P<same>(?:that|the same|the said|said|the above)\s++"
    r"(?:article|section|clause|provision|part)\b)"
    r"|(?P<ibid>\bibid\b\.?|(?-i:\bId\.)(?=[\s,;)]))"
    r"|\b(?:the\s++)?(?P<before>(?:preceding|foregoing|previous)\s++(?:two\s++|three\s++)?"
    r"(?:paragraphs?|articles?|clauses?|items?))\b",
    re.IGNORECASE,
)
# What looks like a citation and is not read by any of the above.
UNREAD = re.compile(
    rf"第[^\n,。;:()《》第]{{0,6}}条{_NO_ARTICLE}{_COUNTED}"
    r"|〔[^〕\n]{0,8}〕\s*+[^\s,。;:()号]{0,6}号?"
    r"|(?-i:\bArt(?:icle)?s?\b)\.?\s*+(?:\[[^\]\n]{0,40}\]|_{2,}|[?…]+|\.{3}|[A-Z]{1,5}\b)"
    r"|[\[〔](?:19|20)\d\d[\]〕]\s*+No\b\.?"
    r"|《[^《》\n]*$|§+\s*+\S{1,6}",
    re.IGNORECASE | re.MULTILINE,
)

KINDS_ZH = (
    "法典|法律|法|条例|办法|规定|细则|规则|意见|方案|计划|规划|通知|决定|纲要|措施|章程|公告|批复|"
    "政策|文件|文"
)
KINDS_EN = (
    r"(?:Plans?|Opinions?|Measures|Regulations?|Provisions|Rules|Laws?|Code|Notice|Circular|"
    r"Decision|Guidelines|Scheme|Programmes?|Programs?|Documents?|Order|Policy|Decree|Act|Text)"
)
# What each kind of document is called in English.
KIND_OF: dict[str, tuple[str, ...]] = {
    "plan": ("方案", "计划", "规划", "纲要"),
    "programme": ("方案", "计划", "规划", "纲要"),
    "program": ("方案", "计划", "规划", "纲要"),
    "scheme": ("方案", "计划"),
    "opinion": ("意见",),
    "measure": ("办法", "措施"),
    "regulation": ("条例", "规定"),
    "provision": ("规定", "办法"),
    "rule": ("规则", "规定", "细则", "办法"),
    "law": ("法", "法典", "条例"),
    "code": ("法典",),
    "act": ("法",),
    "notice": ("通知",),
    "circular": ("通知",),
    "decision": ("决定",),
    "guideline": ("意见", "指南"),
    "order": ("令",),
    "decree": ("令",),
    "policy": ("政策", "意见", "措施", "方案"),
}
NUMBER_ZH = (
    r"[\u4e00-\u9fff]{1,14}\s*+[〔\[(【]\s*+(?:19|20)\d{2}\s*+[〕\])】]\s*+"
    r"第?\s*+\d{1,5}\s*+号(?:文件?)?"
)
NUMBER_EN = (
    r"(?:(?<![A-Za-z])[A-Z][A-Za-z'’]*+\s++){0,10}"
    r"[〔\[(]\s*+(?:19|20)\d{2}\s*+[〕\])],?\s*+No\.?\s*+\d{1,5}\b"
)
_VERSION = r"(?:\s*+[(]\s*+(?:19|20)\d\d\s*+年?[^()\d]{0,8}[)])?"
TITLE = (
    r"《(?:[^《》\n]|《[^《》\n]*》){2,120}》"
    rf"(?:\s*+[(]\s*+{NUMBER_ZH}\s*+[)]|\s*+{NUMBER_ZH})?{_VERSION}"
)
# From the first sign of a run: from any other it would end at the same place.
PHRASE_ZH = (
    rf"(?<![\u4e00-\u9fff\d“”〇])[\u4e00-\u9fff\d“”〇]*?(?:{KINDS_ZH})(?:[(][^()\n]{{1,14}}[)])?"
    r"|\d{1,5}号文?件?"
)
_CAPITAL = r"(?:[A-Z0-9][\w’'&.–-]*|and|of|on|for|the|in|by|to|same|said|these|this|that|those)"
_MARK_EN = r"(?:\s*+[(](?:[^()\n]{0,80}《[^》\n]*》[^()\n]*|[^()\n]{0,60}\d{4}[^()\n]{0,20})[)])?"
PHRASE_EN = (
    rf"(?:{_CAPITAL}\s++){{0,16}}?(?:{KINDS_EN}|plan|opinions|measures|regulations|document|law|"
    rf"rules|provisions|notice)\b"
    r"(?:\s++(?:for|on|of|concerning)\s++(?:the\s++)?(?:[A-Z][\w-]*+(?:\s++(?:and|of|the|in|for)"
    rf"(?=\s++[A-Z]))*\s*+)+)?{_MARK_EN}|No\.\s*+\d{{1,5}}\b|[A-Z]{{3,7}}\b"
)
DOCUMENT = re.compile(rf"{TITLE}|{NUMBER_ZH}|{NUMBER_EN}")
BEFORE = re.compile(rf"(?P<name>{TITLE}|{NUMBER_ZH}|{NUMBER_EN}|{PHRASE_ZH}|{PHRASE_EN})"
                    r"\s*+[,:]?\s*+(?:的|中的|中|之)?\s*+$")  # fmt: skip
AFTER = re.compile(
    rf"\s*+,?\s*+(?:of|in|under|to|from)\s++(?:the\s++)?(?P<name>{TITLE}|{NUMBER_EN}|{NUMBER_ZH}|"
    rf"(?:{PHRASE_ZH})(?![\u4e00-\u9fff])|{PHRASE_EN}|"
    r"(?:[A-Z][\w’'-]+\s++){0,5}[A-Z][\w’'-]+)"
)
# 第八条（《停车管理条例》）.
BRACKETED = re.compile(rf"\s*+[(]\s*+(?P<name>{TITLE}|{NUMBER_ZH}|{PHRASE_ZH})\s*+(?=[)])")
# Words before a name that do not belong to it.
LEADING = re.compile(
    r"^.*(?:根据|按照|依据|依照|参照|参见|详见|对照|违反|适用|引用的|(?<!意)见|按|依|据|由|和|及|与|在|从|符合|经)"
)


def number(text: str) -> int:
    """A number in digits, Chinese, Roman or words; 0 if it is none."""
    lower = text.strip(" ()").lower()
    if lower in _WORDS:
        return _WORDS.index(lower) + 1
    if lower in _ROMAN:
        return _ROMAN.index(lower) + 1
    return read_numeral(lower) or 0


def ordinal(text: str) -> int:
    """2 for second; 0 for no ordinal."""
    return _ORDINALS.index(text.lower()) + 1 if text.lower() in _ORDINALS else 0


def chinese_articles(text: str) -> tuple[tuple[int, int], ...]:
    """The articles of 第三条至第五条, 第三、五条, 第十七条之一, each with its branch (or 0)."""
    tokens = re.findall(rf"{N}|之|至|到|[-~—–]", text)
    found: list[tuple[int, int]] = []
    ranged = branched = False
    for token in tokens:
        if token == "之":
            branched = True
        elif re.fullmatch(N, token):
            value = number(token)
            if branched and found:
                found[-1] = (found[-1][0], value)
            else:
                found += _run(found, value) if ranged else [(value, 0)]
            ranged = branched = False
        else:
            ranged = True
    return tuple(found)


def english_articles(
    text: str, several: bool
) -> tuple[tuple[tuple[int, int], ...], tuple[int, ...]]:
    """The articles of `3 to 5`, `3, 5 and 7`, `17-1`, and the numbers in brackets of a single one.

    `several`: the word before is in the plural, so that 14-15 are two.
    """
    tokens = re.findall(
        r"[(]\s*\w+\s*[)]|\bto\b|\bthrough\b|[-–—]|\d+|[A-Za-z]+", re.sub(r"\band\b", ",", text)
    )
    found: list[tuple[int, int]] = []
    inner: list[int] = []
    ranged = False
    for token in tokens:
        if token in ("to", "through", "-", "–", "—"):
            ranged = True
        elif token.startswith("("):
            inside = token.strip("() ")
            inner.append(number(inside) or (ord(inside) - 96 if len(inside) == 1 else 0))
        elif value := number(token):
            if ranged and not several and len(found) == 1 and "-" in text:
                found[-1] = (found[-1][0], value)
            else:
                found += _run(found, value) if ranged else [(value, 0)]
            ranged = False
    return tuple(found), tuple(inner) if len(found) == 1 else ()


def _run(found: list[tuple[int, int]], last: int) -> list[tuple[int, int]]:
    first = found[-1][0] if found else last
    if 0 < last - first <= MOST_IN_RANGE:
        return [(each, 0) for each in range(first + 1, last + 1)]
    return [(last, 0)]
