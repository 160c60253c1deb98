"""What kind of answer a question asks for: a fact, an article as a whole, an article's name.

Looks at the words of the question only; nothing is searched or read here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from index.documents.model import Document
from index.request.articles_named import without_steps
from index.request.documents_named import in_full, regions_of, without_names
from index.text.language import question_language
from index.text.places import with_places
from index.text.repair import clean, to_simplified

# What is left of a question that asks for an article as a whole: nothing but its frame.
_LOOKUP_FRAME = re.compile(
    r"请问|请|帮我|看看|看下|大概|查一下|告诉我|解释|说明|介绍|概括|总结|主要|具体|内容|规定|要求|条文|编号|讲|说|写|是|的|了|什么|甚么|啥|哪些|点|呀|都|各自|分别|"
    r"怎么|如何|有|在|里|中|一下|呢|吗|第|条|款|项|原文|全文|意思|年|市|省|关于|"
    r"\b(?:what|does|do|is|are|the|of|in|say|says|said|about|article|articles|item|clause|tell|me|"
    r"explain|summari[sz]e|content|contents|text|full|show|give|and|no|stipulate|provide[sd]?|"
    r"stated?|states|covers?|covered|contains?|contained|required|there|would|set|out|each|one|"
    r"pull|up|look|please|exactly|provisions?|paragraph|section|part|points?|whats|under|document|for|that|it|a|an|read|quote|require|"
    r"requires|can|could|you|how|which|mean|means|to|from|by|on|this|opinions?|plan|action|implementation)\b",
    re.IGNORECASE,
)


# "Which article deals with …?": what is asked is the article's name.
_ASKS_WHERE = re.compile(
    r"(?<!条件)(?<!标准)(?<!措施)(?<!要求)(?<!(?:条件|标准|措施|要求)是)(?:由|在|是)?(?:哪[一几]?|第几)[条條款项項章]"
    r"(?![马街航铁公水河渠产路生线])(?:款|文)?(?:里|中)?|"
    r"\bwhich\b[^?.,]{0,30}?\b(?:clause|article|item|provision|section|paragraph)s?\s+(?!numbers?)"
    r"(?:(?:deal|talk|speak|cover|mention|address|regulate|concern|provide|say|state|is|are)\w*\s*"
    r"(?:with|about|for|on|anything about)?)?",
    re.IGNORECASE,
)
# What is answered by the clause's own words, item by item: lists, duties, measures, summaries.
_ASKS_FOR_ITEMS = re.compile(
    r"哪些|哪几|哪[二两三四五六七八九十]|列(?:举|出|全|一下)|分别|各(?:是|有|自|由)|包括|内容|措施|"
    r"怎么|怎样|如何|做法|安排|要求|支持|政策|任务|概括|总结|简单讲|意思|说了|讲了|说的|讲的|干啥|"
    r"打算|条件|什么(?:样的)?(?:情况|情形|好处|方便|便利|动作|举措|规定|计划)|有(?:什么|啥)|都|"
    r"部门|单位|牵头|负责|主管|哪个(?:局|委|厅|办|处)|谁(?:来)?(?:管|负责|牵头|办|抓)|"
    r"\b(?:what (?:are|measures?|steps?|support|kinds?|types?|circumstances|conditions|cases|"
    r"situations|grounds|does|do|will|is (?:being|planned))|"
    r"which \w+s\b|how (?:will|does|do|is|are|should|can|would)|list|name|summari[sz]e|describe|"
    r"outline|gist|in brief|explain|respectively|compare|each|responsib\w*|in charge|leads?|"
    r"leading|"
    r"who (?:is|are|will|handles|runs)|"
    r"which (?:department|bureau|agency|authority|body|unit|office)s?)",
    re.IGNORECASE,
)
# A single figure, day or name: answered in one sentence, whatever else the words are.
_ASKS_FOR_ONE = re.compile(
    r"多少|(?<!哪)几[个家项条年天日月成种类]|百分之几|多大|多久|多长|何时|什么时候|哪[年天]|第几|"
    r"\b(?:how (?:many|much|long|large|big|fast|often|far)|when|"
    r"what (?:year|date|day|number|percentage|share|value|target|figure))\b",
    re.IGNORECASE,
)
# Which ones of a list: its items, whatever is done.
_SO_MANY = re.compile(r"哪几[个家项条种类]")
# The whole article is asked for, whatever else is said around it.
_LOOKS_UP = re.compile(
    r"(?:讲|说|写|规定|管|谈|涉及)(?:的|了)?(?:是)?(?:什么|啥|哪些内容|些什么|些啥)|(?:主要|具体|大概|大致)?内容(?:是|有)?"
    r"(?:什么|啥|哪些)|什么(?:内容|意思)|主要内容|全文|原文|"
    r"\b(?:what(?:'s| is|s)? (?:in|it about)|is it about|about\?|"
    r"what does .{0,80}\b(?:say|provide|cover)|gist|deals? with|full text|in it\?|"
    r"which subject)",
    re.IGNORECASE,
)
_SUMMARISES = re.compile(
    r"概括|概述|总结|小结|归纳|提炼|扼要|梳理|捋|串一下|要点|主要(?:内容|意思|讲|说|是)|简单(?:讲|说)|大意|"
    r"(?:说|讲|写)了?(?:些|点)(?:什么|啥)|"
    r"\b(?:summar\w+|gist|in brief|in a nutshell|upshot|essentials|(?:main|key) points|overview|"
    r"sum(?:med)? (?:\w+ ){0,4}up|outline|run-?down|tl;?dr)\b",
    re.IGNORECASE,
)
_ASKS_FOR_MEASURES = re.compile(
    r"措施|举措|做法|打算|怎样|如何|怎么(?!样|说|规定|定义|计算|算|申请|称呼|叫|写|理解|认定|界定|查|看|回事|办理|收费|联系)"
    r"[\u4e00-\u9fff]|有(?:什么|哪些|啥)(?:具体)?(?:安排|办法|要求|动作|支持|扶持|优惠|帮助|鼓励)|"
    r"\b(?:what (?:measures?|steps?|actions?|is (?:being )?(?:done|planned)|"
    r"(?:kinds? of )?(?:support|assistance|help|incentives?)\b(?! funds?| amount))|"
    r"how (?:will|does|do|is|are|should)|what (?:will|does|do|is|are|did)\b[^?.]{0,80}\b"
    r"(?:do|doing|done|plan|planned|planning|intend|promise[ds]?)\b)",
    re.IGNORECASE,
)
_COMPARES = re.compile(
    r"比较|对比|相比|不一样|一样|相同|分别|各(?:是|有|自|由)?|区别|差别|不同|异同|还是|谁(?:更|的)|"
    r"哪(?:个|边|份|里)(?:更|的)|多出|"
    r"\b(?:compar\w*|versus|vs|differ\w*|difference|both|each|respectively|than|"
    r"whereas|while)\b",
    re.IGNORECASE,
)
# What a document's front matter tells: who, when, which number.
_ABOUT_DOCUMENT = re.compile(
    r"谁|哪个|哪些部门|单位|发布|印发|出台|制定|发文|文号|日期|时间|何时|什么时候|哪年|哪天|依据|根据|为了什么|"
    r"\b(?:who|whom|when|date|dated|issued?|issuing|published?|released?|authority|authorities|bod(?:y|ies)|"
    r"number|basis|addressed|promulgated|letterhead|signator\w+|signed|title)\b",
    re.IGNORECASE,
)
_ASKS_WHO = re.compile(
    r"部门|单位|牵头|负责|主管|哪(?:个|些|几个)?(?:局|委|厅|办|处)|谁|"
    r"\b(?:responsib\w*|in charge|leads?|leading|who|whom|handles?|departments?|bureaus?|offices?|"
    r"agenc(?:y|ies)|"
    r"authorit(?:y|ies)|bod(?:y|ies))\b",
    re.IGNORECASE,
)
_IN_BRACKETS = re.compile(r"\(([A-Za-z][A-Za-z0-9 -]{2,})\)")
_INTERROGATIVE = re.compile(
    r"什么|甚么|啥|哪|谁|何|怎|吗|"
    r"(?:^|[,;?.:]\s*(?:and\s+)?|\band\s+(?:\w+\s+)?)(?:what|which|who|whom|where|how|why)\b",
    re.IGNORECASE,
)
# All words that ask, wherever they stand.
_ASKS = re.compile(
    r"什么|甚么|啥|哪|谁|为何|何时|何种|如何|怎|多少|多[久长大高]|几(?=[个项条成年天倍次月日家类种])|吗|"
    r"\b(?:what|which|who|whom|whose|when|where|why|how)\b",
    re.IGNORECASE,
)
_BESIDE_WHO = re.compile(
    r"多久|多长时间|多少|几次|何时|什么时候|哪[年天月]|怎么(?!称呼)|怎样|如何|"
    r"\b(?:how|when|what)\b(?!\s+(?:\w+\s+)?(?:unit|bod|department|agenc|authorit|bureau|office))",
    re.IGNORECASE,
)
_COUNTED_TWICE = re.compile(
    r"(?:多少|几).*(?:多少|几)|分别|各|\bhow\b.*\bhow\b|\bhow\b.*\band (?:what|which|by|when)\b|"
    r"\b(?:respectively|each|both)\b",
    re.IGNORECASE,
)
_DIFFERENCE = re.compile(
    r"哪(?:个|边|份|项|座城市|里)?(?:更|的)?(?:多|高|大|少|低)|更(?:多|高|大|少|低)|"
    r"\b(?:which|who)\b[^?.]*\b(?:higher|larger|bigger|greater|more|less|lower|smaller)\b|"
    r"多了?多少|少了?多少|[高低大小长短]了?[多出]|(?<!最)[多少高低]了?几|[多少]出|相差|差多少|差几|差距|"
    r"\b(?:difference|gap|how (?:many|much) "
    r"(?:more|fewer|less|larger|higher|greater|bigger|longer|lower|smaller|shorter)|"
    r"by how (?:much|many)|fewer)\b",
    re.IGNORECASE,
)
_CONTENT_WORD = re.compile(r"[A-Za-z]{3,}|[\u4e00-\u9fff]")


def in_common_form(
    question: str, documents: Mapping[str, Document], glossary: Iterable[tuple[str, str]]
) -> str:
    """The question in simplified characters, places spelt right, short names of documents in full.

    Foreign terms are explained.

    Only its wording is changed, never what it names.
    """
    spelt = with_places(to_simplified(question), regions_of(documents))
    question = in_full(spelt, documents)
    return with_terms(question, glossary)


def with_terms(question: str, glossary: Iterable[tuple[str, str]]) -> str:
    """The question with its terms of the other language explained: `e-CNY（数字人民币）`.

    `glossary` holds pairs of Chinese and English; English in brackets is a form of its own.
    """
    chinese = question_language(question) == "zh"
    forms: dict[str, str] = {}
    for zh, en in glossary:
        for form in [en, *_IN_BRACKETS.findall(en)] if chinese else [zh]:
            forms.setdefault(form.lower(), zh if chinese else en)
    known = "|".join(re.escape(form) for form in sorted(forms, key=len, reverse=True) if form)
    opening, closing = ("（", "）") if chinese else (" (", ")")
    term = rf"《[^》]*》|(?<![A-Za-z-])(?:{known})(?![A-Za-z-]|\s*[〔［\[（(]\d)"

    def joined(match: re.Match[str]) -> str:
        own = forms.get(match[0].lower())
        told = own is None or own.lower() in question.lower() or match[0] in own
        return match[0] if told else f"{match[0]}{opening}{own}{closing}"

    return re.sub(term, joined, question, flags=re.IGNORECASE) if known else question


def asks_where(question: str) -> bool:
    """Whether the question asks which article holds something."""
    return bool(_ASKS_WHERE.search(question))


def content_of(question: str) -> str:
    """What clauses are read for: no clause holds its own name, so that part is left out."""
    if not asks_where(question):
        return question
    rest = " ".join(_ASKS_WHERE.sub(" ", question).split())
    return rest if question_language(question) == "zh" else f"What about {rest}"


def asks_for_whole(question: str, documents: Sequence[Document]) -> bool:
    """Whether a question that names articles of `documents` asks nothing but what they say."""
    question = clean(question).text
    rest = without_names(without_steps(question), documents)
    left = _CONTENT_WORD.findall(_LOOKUP_FRAME.sub(" ", rest))
    # What names a document without being its title: its subject, as readers shorten it.
    about = clean(" ".join(d.title + (d.title_en or "") for d in documents)).text
    return sum(word.lower() not in about.lower() for word in left) <= 1 or bool(
        _LOOKS_UP.search(question)
    )


def asks_for_summary(question: str) -> bool:
    """Whether the main points of something are asked for."""
    return bool(_SUMMARISES.search(question))


def asks_for_items(question: str) -> bool:
    """Whether the answer is a list, a duty or a summary rather than one figure, day or name.

    Two things asked at once are items too, unless both are figures.
    """
    return asks_for_summary(question) or (
        not asks_for_one(question)
        and (bool(_ASKS_FOR_ITEMS.search(question)) or len(_INTERROGATIVE.findall(question)) > 1)
    )


def interrogatives(question: str) -> Iterator[re.Match[str]]:
    """The words that ask, in order."""
    return _ASKS.finditer(question)


def asks_twice(question: str) -> bool:
    """Whether more than one thing is asked: `how many, and what …`."""
    return len(_INTERROGATIVE.findall(question)) > 1 or bool(_COUNTED_TWICE.search(question))


def asks_beside_who(question: str) -> bool:
    """Whether something else is asked beside who does it: `who leads, and how often …`."""
    return bool(_BESIDE_WHO.search(question))


def asks_for_measures(question: str) -> bool:
    """Whether it is asked what is to be done about something."""
    one = asks_for_one(question) or _SO_MANY.search(question)
    return bool(_ASKS_FOR_MEASURES.search(question)) and not one


def asks_for_one(question: str) -> bool:
    """Whether a single figure, day or name is asked for."""
    return bool(_ASKS_FOR_ONE.search(question))


def compares(question: str) -> bool:
    """Whether the question sets two things side by side."""
    return bool(_COMPARES.search(question))


def asks_for_difference(question: str) -> bool:
    """Whether it is asked which of two figures is larger, or by how much."""
    return bool(_DIFFERENCE.search(question))


def asks_about_document(question: str) -> bool:
    """Whether a question may be answered by a document's front matter: who, when, which number."""
    return bool(_ABOUT_DOCUMENT.search(question))


def asks_who(question: str) -> bool:
    """Whether a body or person is asked for: who leads, which department."""
    return bool(_ASKS_WHO.search(question))
