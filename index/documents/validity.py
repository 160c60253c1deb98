"""From when and until when a document says it is in force: whose day or term each one is.

A text names many days and terms: of permits, of single articles, of the rule that it repeals. Only
those count whose subject is the document itself. Works on clean text, sentence by sentence; it
reads no day of issue (metadata.py does).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

from index.text.dates import DAY, DAY_EN, days_later, iso, iso_en, last_day
from index.text.numbers import NUMERAL, read_numeral


class Subject(IntEnum):
    """Whose the day or term is, the surer the greater."""

    OTHER = 0  # a permit's, an article's, another rule's
    UNSAID = 1  # nothing is named, as in a caption: (… 自2023年1月1日起施行)
    OWN = 2  # 本…
    NAMED = 3  # 本…, with the kind of document that the title has


@dataclass(frozen=True)
class _Found:
    subject: Subject
    at: int
    first: str | None
    last: str | None = None


@dataclass(frozen=True)
class _Said:
    """A sentence without its marker, where it stands, and the one before it."""

    text: str
    at: int
    before: str


@dataclass(frozen=True)
class Issue:
    """When the document was issued, first and in its present text."""

    first: str | None
    last: str | None


KIND_WORDS = (
    "条例|办法|规定|决定|细则|规则|规程|规范|通知|通告|公告|通报|意见|方案|计划|规划|纲要|措施|"
    "政策|预案|标准|制度|章程|准则|指引|指南|导则|目录|清单|解释|批复|决议|令|法典|法|文件|文|"
    "守则|公约|协议|大纲|要点|函|复函"
)
_MODIFIER = (
    "实施|暂行|试行|管理|行动|工作|指导|若干|补充|操作|专项|总体|发展|应急|监督|规范|技术|地方|"
    "性|政府|基本|单行|自治|三年|五年|具体"
)
_OWN_NAME = rf"(?:本(?:{_MODIFIER}){{0,3}}(?:{KIND_WORDS})|上述(?:政策|规定|措施|办法|意见))"
_FORCE = "施行|实施|执行|生效|试行"
_ADVERBS = (
    r"(?:并|且|并且|但|而|均|都|一律|统一|正式|即日|同时|应当|应|将|现|可|自动|全文|全部|由|"
    r"即|则|拟|起|继续|,|\s)*"
)
# The document itself, right before its day or term: 本办法(试行)的实施期限为
_OWN_AT_END = re.compile(
    rf"(?:{_OWN_NAME})(?:\([^()]{{0,20}}\))?(?:的|之)?(?:{_FORCE}|适用)?(?:日期|时间|期限|期)?"
    rf"(?:为|是|:)?{_ADVERBS}$"
)
_OWN_AT_START = re.compile(
    rf"(?:现?将)?{_OWN_NAME}(?:\([^()]{{0,20}}\))?"
    rf"(?!第|规定|所|中|附|范围|(?:{_FORCE}|发布|公布|印发)?(?:之|以)?[前后])"
)
_ARTICLE_NAMED = re.compile(rf"第\s*(?:{NUMERAL}+|\d+)\s*[条款项章节编]|附[件表录]|其中")
_QUOTED_TITLE = re.compile(r"《([^《》]*(?:《[^《》]*》)?[^《》]*)》")
_EXCEPT = re.compile(r"除[^,。;]{1,40}?(?:外|以外|之外|另有规定)[,]?")
# What may stand between the document and its day: 本办法由市商务局负责解释,自…起施行
_ASIDE = re.compile(r"请|由[^,]{2,30}(?:负责)?解释|原?[^,]{0,30}废止|(?:具体|认真|组织|抓好|做好)")
_ISSUING = re.compile(r"印发|公布|发布|颁布|遵照|通过|批准|同意|下发|发给|贯彻")
_MARKER = re.compile(
    rf"[\s#*>]*(?:第\s*(?:{NUMERAL}+|\d+)\s*条(?:之{NUMERAL}+)?|{NUMERAL}{{1,3}}\s*[、.]|"
    rf"\((?:{NUMERAL}{{1,3}}|\d{{1,2}})\)|\d{{1,2}}(?:\.\d{{1,2}}){{0,4}}\s*[、.]?(?!\d|年))?"
    r"\s*(?:[\[【(][^\[\]【】()]{2,20}[\]】)])?\s*"
)
_SENTENCE = re.compile(r"[^。;!?\n]+")
_EDGE = r"(?=[\s,。;:)至到截]|$|有效|但|,)"

_FROM = re.compile(
    rf"(?:自|从|于|在)?\s*{DAY.pattern}\s*(?:\([^()]{{1,6}}\))?\s*(?:之日)?(?:起|开始)?\s*"
    rf"(?:正式|开始|全面)?(?:{_FORCE}){_EDGE}"
)
_ISSUED_DAY = r"(?:自|从)\s*(?:发布|公布|印发|颁布|下发|发文|签发|公告|发出)(?:之日|日|后)?"
_FROM_ISSUE = re.compile(
    rf"{_ISSUED_DAY}(?:起)?\s*(?:满|经过)?\s*(?:({NUMERAL}{{1,4}}|\d{{1,9}})\s*(?:个)?(?:工作)?"
    rf"(日|天|个?月)(?:之?后|期满)?)?\s*(?:之日)?起?\s*(?:正式|开始|全面)?(?:{_FORCE}){_EDGE}"
)
_SPAN = re.compile(rf"{DAY.pattern}\s*(?:起)?(?:{_FORCE})?\s*(?:至|到|—|-|~)\s*{DAY.pattern}")
_TERM_NAME = rf"(?:有效(?:期限|期|时间|时限)|(?:{_FORCE}|暂行|适用)(?:期限|期间|时间|期)|期限|有效)"
_UNTIL = re.compile(
    rf"(?:{_TERM_NAME}|(?:{_FORCE})|,|起)\s*(?:延长|顺延|延续)?(?:为|是|:)?\s*"
    rf"(?:至|到|截至|截止到?|截止于)\s*{DAY.pattern}"
)
_ENDS_ON = re.compile(
    rf"(?:自|于|至|到)\s*{DAY.pattern}\s*(?:止|起)?,?\s*(?:自动|自行)?"
    r"(?:失效|废止|终止|停止(?:执行|施行|实施)|到期|期满)"
)
_TERM = re.compile(
    rf"{_TERM_NAME}\s*(?:为|是|:|暂定(?:为)?|共)?\s*(?:(?:{NUMERAL}+|\d{{1,3}})\s*(?:年|个月))+"
)
# How much of a sentence in front of a day is looked at.
_REACH = 300
_LENGTH = re.compile(rf"({NUMERAL}+|\d{{1,3}})\s*(年|个月)")


def validity(text: str, titles: list[str], issue: Issue) -> tuple[str | None, str | None]:
    """From when and until when the document is in force by its own words, None where unsaid.

    `titles` are what the document and what it issues are called.
    """
    english = list(_english(text))
    found = sorted((*_chinese(text, titles, issue), *english), key=lambda one: one.at)
    begins = [one for one in found if one.first and one.subject]
    best = max((one.subject for one in begins), default=Subject.OTHER)
    start = next((one.first for one in reversed(begins) if one.subject == best), None)
    ends = [one for one in found if one.last and one.subject]
    best = max((one.subject for one in ends), default=Subject.OTHER)
    end = next((one.last for one in reversed(ends) if one.subject == best), None)
    if end is None:
        end = _end_of_term(text, titles, start or issue.last)
    return start, end


def _sentences(text: str) -> Iterator[_Said]:
    before = ""
    for sentence in _SENTENCE.finditer(text):
        marker = _MARKER.match(sentence.group())
        said = sentence.group()[marker.end() if marker else 0 :]
        yield _Said(said, sentence.start(), before)
        before = said if said.strip() else before


def _chinese(text: str, titles: list[str], issue: Issue) -> Iterator[_Found]:
    for said in _sentences(text):
        for match in _FROM.finditer(said.text):
            subject = _subject(said.text[: match.start()], titles)
            yield _Found(subject, said.at, iso(match.groups()[:3]))
        for match in _FROM_ISSUE.finditer(said.text):
            subject = _subject(said.text[: match.start()], titles)
            yield _Found(subject, said.at, _after_issue(match, issue))
        for match in _SPAN.finditer(said.text):
            first, last = iso(match.groups()[:3]), iso(match.groups()[3:6])
            subject = _subject_of_span(said, match.start(), titles)
            if first and last:
                yield _Found(subject, said.at, first, last)
        for pattern in (_UNTIL, _ENDS_ON):
            for match in pattern.finditer(said.text):
                subject = _subject_of_term(said, match.start(), titles)
                yield _Found(subject, said.at, None, iso(match.groups()[:3]))


def _after_issue(match: re.Match[str], issue: Issue) -> str | None:
    """The day that 自公布之日起(30日后)施行 comes to."""
    if issue.first is None:
        return None
    number = read_numeral(match[1]) if match[1] else 0
    if number and match[2] not in ("日", "天"):
        after = last_day(issue.first, number)
        return days_later(after, 1) if after else None
    return days_later(issue.first, number or 0)


def _subject(before: str, titles: list[str]) -> Subject:
    """Whose the day is that follows these words of the same sentence."""
    before = _EXCEPT.sub("", before[-_REACH:])
    *earlier, last = re.split(r"[,:]", before)
    last = re.sub(rf"^{_ADVERBS}", "", last).strip()
    last = last.lstrip("*#(") if not earlier else last.lstrip("*#")
    if last and (found := _at_end(last, titles)) is not None:
        return found
    if last:
        return Subject.OTHER
    return _subject_of_sentence(earlier, titles)


def _at_end(words: str, titles: list[str]) -> Subject | None:
    """The subject where the words end with it; None where they say nothing of the kind."""
    if own := _OWN_AT_END.search(words):
        before = words[: own.start()]
        if not before or re.fullmatch(r"[\s\W]*|.*(?:现将|对|关于|但|而|并)", before):
            return _sureness(own.group(), titles)
        return Subject.OTHER
    if len(words) > 3 and _is_own(words, titles):
        return Subject.NAMED  # the title without its brackets
    quoted = _QUOTED_TITLE.fullmatch(re.sub(r"(?:\([^()]*\))?(?:的)?$", "", words))
    if quoted:
        return Subject.NAMED if _is_own(quoted[1], titles) else Subject.OTHER
    if re.search(r"(?:修正|修订|通过|公布|发布|颁布|批准|印发|令)$|号\)?$", words):
        return Subject.UNSAID  # a caption: (2021年3月18日…通过 自2021年6月1日起施行)
    return None


def _subject_of_sentence(parts: list[str], titles: list[str]) -> Subject:
    """Whose the day is that has no noun before it: what the sentence speaks of."""
    for part in reversed([re.sub(rf"^{_ADVERBS}", "", part).strip() for part in parts]):
        if _ARTICLE_NAMED.search(part):
            return Subject.OTHER
        if own := _OWN_AT_START.match(part):
            return _sureness(own.group(), titles)
        if quoted := _QUOTED_TITLE.search(part):
            own_title = _is_own(quoted[1], titles)
            if own_title or "废止" not in part:
                return Subject.NAMED if own_title else Subject.OTHER
        elif part and not _ISSUING.search(part) and not _ASIDE.match(part):
            return Subject.OTHER
    return Subject.UNSAID


def _subject_of_span(said: _Said, at: int, titles: list[str]) -> Subject:
    """Whose the span of days is: a term of validity is one, a term of application none."""
    before = said.text[max(0, at - _REACH) : at]
    named = re.search(rf"{_TERM_NAME}\s*(?:为|是|:|自|从|\s)*$", before)
    if named:
        return _subject_of_term(said, at - len(before) + named.start(), titles)
    subject = _subject(re.sub(r"(?:自|从|于)?\s*$", "", before), titles)
    return subject if subject >= Subject.OWN else Subject.OTHER


def _subject_of_term(said: _Said, at: int, titles: list[str]) -> Subject:
    """Whose the term is that begins here: it is named, or the words before bring it into force."""
    before = re.sub(r"(?:其|,|:|\(|\s)*$", "", said.text[max(0, at - _REACH) : at])
    last = re.sub(rf"^{_ADVERBS}", "", re.split(r"[,:]", before)[-1]).strip()
    if last and (found := _at_end(last, titles)) and found >= Subject.OWN:
        return found
    begun = _brings_into_force(before, titles)
    if begun is not None:
        return begun
    if before:
        # 本办法由市商务局负责解释,有效期五年
        over = re.search(rf",{_ADVERBS}$", said.text[max(0, at - 40) : at]) is not None
        return _subject_of_sentence(re.split(r"[,:]", before), titles) if over else Subject.OTHER
    # 本办法自…起施行。有效期五年。
    return _brings_into_force(said.before[-_REACH:], titles) or Subject.OTHER


def _brings_into_force(words: str, titles: list[str]) -> Subject | None:
    """Whose coming into force these words end with; None where they end with something else."""
    words = re.sub(r"\([^()]{0,20}\)$", "", words.rstrip(", "))
    for pattern in (_FROM, _FROM_ISSUE):
        for match in pattern.finditer(words):
            if match.end() == len(words):
                return _subject(words[: match.start()], titles)
    return None


def _end_of_term(text: str, titles: list[str], first: str | None) -> str | None:
    """The last day of a term of years or months that is the document's own."""
    if first is None:
        return None
    best: tuple[Subject, str | None] = (Subject.OTHER, None)
    for said in _sentences(text):
        for match in _TERM.finditer(said.text):
            subject = _subject_of_term(said, match.start(), titles)
            months = sum(
                (read_numeral(length[1]) or 0) * (12 if length[2] == "年" else 1)
                for length in _LENGTH.finditer(match.group())
            )
            if subject and subject >= best[0] and months:
                best = (subject, last_day(first, months))
    return best[1] or _english_term(text, first)


def _sureness(own: str, titles: list[str]) -> Subject:
    """NAMED where the title has the kind that 本… names."""
    kind = re.search(rf"本(?:{_MODIFIER}){{0,3}}({KIND_WORDS})", own)
    ends = tuple(re.sub(r"\([^()]*\)$|》", "", title) for title in titles)
    return Subject.NAMED if kind and any(end.endswith(kind[1]) for end in ends) else Subject.OWN


def _is_own(title: str, titles: list[str]) -> bool:
    """Whether a title in 《》 is the document's own, or of what it issues."""
    bare = re.sub(r"[\s《》()]", "", title)
    return any(bare and bare in re.sub(r"[\s《》()]", "", own) for own in titles) and not any(
        re.search(r"修改|废止|延长", own) for own in titles
    )


_KIND_EN = (
    r"measures|notice|regulations?|provisions|rules|law|act|decision|opinions?|plan|circular|"
    r"announcement|guidelines?|scheme|programme|policy|standards?|document|decree|order"
)
_OWN_EN = re.compile(
    rf"\b(?:this|these|the\s+present)\s+(?:[\w-]+\s+){{0,3}}?(?:{_KIND_EN})\b(?!\s+of\b)",
    re.IGNORECASE,
)
_OTHER_EN = re.compile(
    r"\b(?:articles?|sections?|chapters?|paragraphs?|annex(?:es)?|which|that|licen[cs]es?|permits?|"
    r"certificates?|contracts?|qualifications?|reports?|approvals?|transitional)\b",
    re.IGNORECASE,
)
_FROM_EN = re.compile(
    r"\b(?:(?:come|comes|enter|enters|go|goes)\s+into\s+(?:force|effect|operation)|"
    r"takes?\s+effect|(?:be|is|are|becomes?)\s+(?:effective|implemented|in\s+force)|"
    r"effective)\s+(?:(?:on|from|as\s+of|as\s+from|with\s+effect\s+from)\s+)?",
    re.IGNORECASE,
)
_UNTIL_EN = re.compile(
    r"\b(?:valid|in\s+force|in\s+effect|effective)\s+(?:until|till|through|up\s+to)\s+(?:and\s+including\s+)?|"
    r"\b(?:expires?|lapses?|cease\w*\s+to\s+(?:be\s+effective|apply|have\s+effect))\s+(?:on|at|by)\s+"
    r"|\band\s+(?:remains?\s+)?(?:valid\s+)?until\s+",
    re.IGNORECASE,
)
_NUMBERS_EN = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_TERM_EN = re.compile(
    r"\b(?:valid|in\s+force|in\s+effect|effective)\s+for\s+(?:a\s+(?:period|term)\s+of\s+)?"
    rf"(?:(\d{{1,2}})|({'|'.join(_NUMBERS_EN)}))(?:\s*\(\d+\))?\s+(years?|months?)",
    re.IGNORECASE,
)


def _english(text: str) -> Iterator[_Found]:
    for pattern in (_FROM_EN, _UNTIL_EN):
        for match in pattern.finditer(text):
            day = DAY_EN.match(text, match.end())
            if day and _is_own_en(text, match.start()):
                found = iso_en(day)
                first, last = (found, None) if pattern is _FROM_EN else (None, found)
                yield _Found(Subject.OWN, match.start(), first, last)


def _is_own_en(text: str, at: int) -> bool:
    """Whether what is said here in English is said of the document."""
    said = re.split(r"[.;\n](?=\s|$)", text[max(0, at - 2 * _REACH) : at])[-1]
    own = list(_OWN_EN.finditer(said))
    return (
        bool(own)
        and _OTHER_EN.search(said, own[-1].end()) is None
        and not re.search(r"\b(?:under|by|of|in)\s*$", said[: own[-1].start()], re.IGNORECASE)
    )


def _english_term(text: str, first: str) -> str | None:
    for match in _TERM_EN.finditer(text):
        if _is_own_en(text, match.start()):
            number = int(match[1]) if match[1] else _NUMBERS_EN.index(match[2].lower()) + 1
            return last_day(first, number * (12 if match[3].lower().startswith("y") else 1))
    return None
