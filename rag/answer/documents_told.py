"""Answers what is asked about a document as a whole: who issued it, its number, when, how long.

The answer is composed from the document's metadata, in both languages, without a model, and rests
on the sentences of the document that state it. It does not search.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Literal

from index.documents.labels import (
    document_label,
    document_label_en,
    version_mark,
    version_mark_en,
)
from index.documents.model import Document
from index.request.days_asked import DAY_EN, DAY_ZH, AskedDay, asked_day
from index.request.documents_named import without_names
from index.search.store import ClauseIndex
from prompts import prompt
from rag.answer.compose import name_of, shown_day
from rag.answer.evidence import Passage, ReadClause, read_clause
from rag.answer.names import successor_of
from rag.answer.support import Statement
from rag.schema import Language

MOST_DOCUMENTS = 3
Kind = Literal["issued", "validity"]

_VALIDITY = re.compile(
    r"有效|失效|生效|施行|到期|过期|過期|期满|作废|废止|时效|(?:还|仍)(?:能|可以)?(?:管用|算数|适用|适用|作数)|管到(?:哪|什么|几)|"
    r"(?:开始|起)(?:执行|实施)|执行到|执行期|管的?(?:是)?(?:哪几年|哪些年)|实施期|规划期|计划期|计划期限|"
    r"\b(?:in force|in effect|into (?:force|effect)|take effect|took effect|"
    r"effective (?:date|from|until|period)|valid(?:ity)?|expir\w+|laps\w+|still appl\w+|"
    r"has applied|cease\w*|run(?:s)? until|period of the plan|"
    r"(?:plan|planning) period|remain\w* (?:in force|valid|in effect))\b",
    re.IGNORECASE,
)
_ISSUED = re.compile(
    r"文号|发文|印发|出台|落款|印出来|(?:文件|方案|计划|意见|办法|规定)了(?:吗|没)|(?:谁|哪(?:个|家|些|几个)?(?:单位|部门|机构|机关)?)(?:联合)?(?:发布|发|制定|出|签发|颁布)的|"
    r"由谁(?:联合)?(?:发布|印发|制定|出台|签发|颁布)|什么时候(?:发布|印发|出台|发)|哪(?:天|年|一天)(?:发布|印发|出台|发)|发布(?:日期|时间|单位|机关)|(?:联合)?签发|"
    r"\b(?:issu(?:ed|er|ers|ing)|co-?issu\w+|put out|promulgat\w+|publish(?:ed|ers?|ing)|releas\w+|"
    r"signed|circulated?|put (?:its|their) names?|already out|document number|"
    r"reference number|dated)\b",
    re.IGNORECASE,
)
# What is left beside these words asks for more than the document's data.
_FRAME = re.compile(
    r"请问|请|我们|你们|现在|目前|今天|当天|这份|那份|这个|那个|文件|政策|方案|计划|意见|通知|规划|办法|条例|"
    r"是|的|了|吗|呢|么|什么|甚麼|时候|哪|天|年|月|日|份|个|家|单位|部门|机构|机關|机关|谁|几|还|仍|到|至|从|自|为止|起|"
    r"和|与|及|或|都|有|在|由|对|就|各|分别|全|列|依据|算|管|用|多少|号|官方|正式|"
    r"\b(?:what|which|who|when|where|is|are|was|were|does|do|did|has|have|be|it|its|the|a|an|of|in|on|by|for|to|"
    r"and|or|from|until|still|today|now|as|at|that|this|date|day|year|month|plan|plans|action|document|"
    r"opinions?|policy|city|municipal|government|authority|authorities|body|bodies|office|bureau|we|our|us|"
    r"please|tell|me|full|list|all|number|under|how|long|will|would|can|january|february|march|april|"
    r"may|june|july|august|september|october|november|december)\b",
    re.IGNORECASE,
)
# 2019年的方案当时有效吗: the year that names a document is the day too.
_AT_THE_TIME = re.compile(
    r"当时|那时|那年|当年|\b(?:at (?:the|that) time|back then|that year|then)\b", re.IGNORECASE
)
_HOW_MANY = re.compile(r"[几多][少]?(?:家|个(?:单位|部门|机构))|\bhow many\b", re.IGNORECASE)
_ASKS_DAY = re.compile(
    r"何时|什么时候|哪[年天]|日期|时间|\b(?:when|date|day|dated|year)\b", re.IGNORECASE
)
# An issuer or a day of issue is asked of a document, not of what the document speaks about.
_NAMES_A_DOCUMENT = re.compile(
    r"方案|计划|意见|文件|通知|办法|规划|条例|规定|批复|决定|函|公告|文号|号|《|"
    r"\b(?:plan|opinions?|document|notice|circular|measures|regulations?|provisions|decision|reply|"
    r"letter|no\.)|\[\d{4}\]",
    re.IGNORECASE,
)
_TERM = re.compile(r"有效期|施行|生效|实施期|期限")
_ENDS = re.compile(r"废止|停止执行|失效|不再执行|替代|代替|取代")
_MOST_LEFT = {"issued": {"zh": 5, "en": 5}, "validity": {"zh": 8, "en": 5}}


def about_documents(
    index: ClauseIndex,
    documents: Sequence[Document],
    question: str,
    language: Language,
    today: date,
    known: Kind | None = None,
) -> tuple[list[Statement], str]:
    """What is asked about documents as such, or the text that they do not state it.

    Both are empty where something else is asked. `known` is the kind, where it is known already.
    """
    kind = known or (asks_about(question, documents, language) if documents else None)
    if kind is None or len(documents) > MOST_DOCUMENTS:
        return [], ""
    told: list[Statement] = []
    for document in documents:
        reads = [read_clause(index, clause.id, language) for clause in document.clauses]
        if kind == "validity":
            ending = _ending(index, document, language)
            told += about_validity(reads, language, today, question, ending)
        else:
            told += about_issue(reads, language, question)
    if told or (kind == "issued" and not asks_for_day(question)):
        return told, ""
    return [], prompt(f"silent-{kind}", language, document=name_of(documents[0], language))


def asks_about(question: str, documents: Sequence[Document], language: Language) -> Kind | None:
    """Which of the documents' data a question asks for, if it asks for nothing else."""
    kind: Kind | None = None
    if _VALIDITY.search(question):
        kind = "validity"
    elif _ISSUED.search(question):
        kind = "issued"
    if kind is None or (kind == "issued" and not _NAMES_A_DOCUMENT.search(question)):
        return None
    rest = without_names(question, documents)
    for pattern in (_VALIDITY, _ISSUED, DAY_ZH, DAY_EN):
        rest = pattern.sub(" ", rest)
    rest = _FRAME.sub(" ", rest)
    titles = " ".join(f"{each.title} {each.title_en or ''}" for each in documents).lower()
    if language == "zh":
        left = [char for char in re.findall(r"[\u4e00-\u9fff]", rest) if char not in titles]
    else:
        left = [word for word in re.findall(r"[A-Za-z]{3,}", rest) if word.lower() not in titles]
    return kind if len(left) <= _MOST_LEFT[kind][language] else None


def asks_for_day(question: str) -> bool:
    """Whether the question asks when."""
    return bool(_ASKS_DAY.search(question))


def _ending(index: ClauseIndex, document: Document, language: Language) -> ReadClause | None:
    """The clause of another document that says that this one ends, where one is held."""
    by = document.superseded_by
    if document.superseded_in is None or by not in index.documents:
        return None
    return read_clause(index, document.superseded_in, language)


def about_validity(
    read: Sequence[ReadClause],
    language: Language,
    today: date,
    question: str,
    ending: ReadClause | None = None,
) -> list[Statement]:
    """Whether the document is in force, as sentences that rest on what it says of it.

    `read` are the document's clauses in order, `ending` the clause that repeals it. Empty where
    neither that, nor dates of effect, nor a plan period are stated.
    """
    document = read[0].document
    found = _stating_term(read) or _stating_period(read)
    if found is None and ending is None:
        return []
    clause, passages = found or (read[0], [])
    asked = asked_day(_without_names(question, document))
    if asked is None and _AT_THE_TIME.search(question):
        asked = asked_day(question)
    day = AskedDay(today, today, "") if asked is None else asked
    before, after = document.status(day.first), document.status(day.last)
    status = after if before == after else "changes"
    ended = next((one for one in (before, after) if one in ("superseded", "repealed")), None)
    if (before == "unknown" and not ended) or (found is None and not ended):
        return []
    by_period = not document.effective_to and document.period is not None
    fields = {
        "document": _name(clause, language),
        "day": day.shown or shown_day(today.isoformat(), language),
        "period": "–".join(map(str, document.period)) if document.period else "",
        "start": shown_day(document.effective_from, language),
        "end": shown_day(document.superseded_on if ended else document.effective_to, language),
        "by": successor_of(document, language) if ended else "",
    }
    kind = "-period" if by_period else "" if document.effective_to else "-open"
    if ended:
        kind = "" if status == ended else f"-{ended}"
    name = f"validity-{status.replace('_', '-')}{kind}"
    resting, evidence = clause, tuple(passages)
    if ended and ending is not None:
        resting = ending
        evidence = tuple(one for one in ending.passages if _ENDS.search(one.zh)) or ending.passages
    verdict = Statement(prompt(name, language, **fields), resting, evidence, complete=True)
    told = [
        Statement(passage.words(clause.language), clause, (passage,), complete=True)
        for passage in passages
        if _TERM.search(passage.zh)
    ]
    return [verdict, *told]


def about_issue(read: Sequence[ReadClause], language: Language, question: str) -> list[Statement]:
    """Who issued the document, under which number and when.

    Empty where the document does not say, or not the day that is asked for.
    """
    document = read[0].document
    first = read[0]
    resting = [
        passage
        for passage in first.passages
        if any(issuer in passage.zh for issuer in document.issuers)
        or (document.number and document.number in passage.zh)
        or (document.issued_on and _zh_date(document.issued_on) in passage.zh.replace(" ", ""))
    ]
    if not resting or not (document.issuers or document.issued_on):
        return []
    if _ASKS_DAY.search(question) and not document.issued_on:
        return []
    issuers = [_issuer(name, first, language) for name in document.issuers]
    if not all(issuers):
        # The issuer stands in a sentence rather than in a signature: that sentence tells it.
        words = resting[0].words(first.language)
        return [Statement(words, first, tuple(resting[:1]), complete=True)]
    fields = {
        "document": _name(first, language),
        "issuers": ("、" if language == "zh" else ", ").join(filter(None, issuers)),
        "number": (document_label(document) if language == "zh" else document_label_en(document))
        if document.number
        else "",
        "day": shown_day(document.issued_on, language),
    }
    parts = [key for key in ("issuers", "number", "day") if fields[key]]
    if len(issuers) > 1 and _HOW_MANY.search(question):
        fields["count"] = str(len(issuers))
        parts[0] = "issuers-counted"
    sentences = [prompt(f"issue-{part}", language, **fields) for part in parts]
    joint, stop = ("，", "。") if language == "zh" else (", ", ".")
    text = prompt("issue", language, document=fields["document"]) + joint.join(sentences) + stop
    return [Statement(text, first, tuple(resting), complete=True)]


def _without_names(question: str, document: Document) -> str:
    """The question without the years that only name the document: the 2019 plan."""
    rest = re.sub(r"《[^》]*》|〔\d{4}〕|\[\d{4}\]|\d{4}\s*[-—–~至]\s*\d{4}\s*年?", " ", question)
    own = {document.issued_on[:4]} if document.issued_on else set()
    own |= {str(document.period[0])} if document.period else set()
    own |= {document.version[:4]} if document.version else set()
    kinds = "方案|计划|意见|文件|通知|办法|规划|规定|决定|条例|细则|规则|法|版|修订|修正"
    kinds_en = "plan|opinions?|document|measures|notice|programme|policy|law|regulations?|version"
    for year in own:
        named = rf"(?<!\d){year}\s*年?(?:[^\d是有在从到,，。]{{0,12}}?)(?:{kinds})"
        named_en = rf"\b{year}\s+(?:[A-Za-z-]+\s+){{0,4}}?(?:{kinds_en})\b"
        rest = re.sub(f"{named}|{named_en}", " ", rest, flags=re.IGNORECASE)
    return rest


def _stating_term(read: Sequence[ReadClause]) -> tuple[ReadClause, list[Passage]] | None:
    """The clause and sentences that state from when or until when the document is in force."""
    document = read[0].document
    dates = [_zh_date(day) for day in (document.effective_from, document.effective_to) if day]
    for clause in reversed(read) if dates else ():
        found = [
            passage
            for passage in clause.passages
            if _TERM.search(passage.zh) and any(day in passage.zh.replace(" ", "") for day in dates)
        ]
        if found:
            return clause, found
    return None


def _stating_period(read: Sequence[ReadClause]) -> tuple[ReadClause, list[Passage]] | None:
    """The clause and sentence that give the plan period, usually the title."""
    document = read[0].document
    if document.period is None:
        return None
    span = re.compile(
        rf"{document.period[0]}\s*年?\s*[-—–~至]+\s*{document.period[1]}|“?十[一二三四五六]五”?"
    )
    for clause in read[:2]:
        found = [passage for passage in clause.passages if span.search(passage.zh)]
        if found:
            return clause, found[:1]
    return None


def _issuer(name: str, read: ReadClause, language: Language) -> str | None:
    """An issuer's name; its English is the rendition of its line in the signature."""
    if language == "zh":
        return name
    bare = re.sub(r"\W|文件$", "", name)
    for passage in read.lines:
        if passage.en and re.sub(r"\W|文件$", "", passage.zh) == bare:
            return passage.en.strip().rstrip(".")
    return None


def _name(read: ReadClause, language: Language) -> str:
    if language == "zh":
        return f"《{read.document.title.strip('《》')}》{version_mark(read.document)}"
    title = read.document.title_en
    return title + version_mark_en(read.document) if title else document_label_en(read.document)


def _zh_date(iso: str) -> str:
    year, month, day = map(int, iso.split("-"))
    return f"{year}年{month}月{day}日"
