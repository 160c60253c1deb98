"""Which articles: those that mention something, and those that give a body a task.

One row an article, complete, each cited; the number of rows is the count. What bodies have is in
bodies_listed; no model is asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from index.documents.model import Document
from index.facts.model import Structure
from index.request.chapters_named import headings_named
from index.request.documents_known import NUMBER
from index.request.documents_named import TITLE
from index.request.subject import quoted_terms
from index.text.places import places_named
from index.text.repair import clean
from index.text.written import HAN
from rag.answer.article_rows import article_row, counted, joined, titles_of
from rag.answer.bodies_listed import (
    bodies_asked,
    compare_bodies,
    list_bodies,
)
from rag.answer.gathered import gathers
from rag.answer.in_chinese import in_chinese
from rag.answer.matching import (
    NAME,
    Extent,
    Nearness,
    Term,
    asked_within,
    covered,
    extent_of,
    holding,
    standing,
    terms_asked,
    text_of,
)
from rag.answer.running import Running
from rag.english.phrases import english_of
from rag.schema import Event

_ARTICLES = re.compile(
    r"(?:哪|几|多少|第几|列|全部|所有|每)[一几些个]{0,2}(?:[项个]?(?:条款|条文|条目|任务|举措|工作(?!小?组|专班|机制|人员|日)|事项|措施)|[条项款]|(?<!个)处(?![室长])|地方)|"
    r"(?:条款|条文|任务|举措|工作任务|条|项)(?:都)?(?:有哪|一共|总共|共有|几|多少)|"
    r"\b(?:which|what|how many|list|all|every|each|number of|name the|where|places?)\b"
    r"(?:\s+[\w'’-]+){0,7}?\s+(?:articles?|clauses?|items?|tasks?|provisions?|measures?|points|"
    r"paragraphs?)\b|^where\b|\bin (?:which|what|how many)\b|"
    r"\b(?:articles|items|tasks|measures|provisions|clauses)\b[^?.]*\b(?:which|how many)\b",
    re.IGNORECASE,
)
# Characters of a heading at least that names its chapter by standing in a question.
LEAST_HEADING = 6
_CHAPTER = re.compile(
    r"部分|章|板块|总共|\b(?:chapter|part|section|heading|under the)\b", re.IGNORECASE
)
# What is wanted may be told apart badly; that articles are asked for stands in the words.
_LISTED = ("list", "count", "where", "who")
_LISTED_TOO = ("relation", "fact", "comparison")
_SAYS = re.compile(
    r"提到|提及|讲到|说到|谈到|写到|点到|出现|"
    r"\b(?:mention\w*|refers?|comes? up|appears?|involv\w*)\b",
    re.IGNORECASE,
)
# What is said of a body without giving it anything to do.
_NAMES = re.compile(
    r"提到|提及|讲到|说到|谈到|谈及|论及|写到|点到|出现|"
    r"\b(?:mention\w*|refers? to|comes? up|crops? up|appears?|talks? (?:about|of)|speaks? of|"
    r"says? (?:something|anything) about)\b",
    re.IGNORECASE,
)
_MENTIONS = re.compile(
    r"涉及|有关|关于|规定了?|含有|列支|"
    r"\b(?:deal\w*|dealt|cover\w*|concern\w*|speak\w*|address\w*|contain\w*|provide\w*|"
    r"impos\w*|regard\w*|about|target\w*|promot\w*|involv\w*|refer\w*|"
    r"(?:have|has|had|say|says) (?:something|anything) (?:on|for|to say))\b",
    re.IGNORECASE,
)
# Articles are asked for by that word, not what they hold.
_ARTICLES_ALONE = re.compile(
    r"(?:哪|几|多少|全部|所有)[一几些个]{0,2}(?:条款|条文|条目|条)|(?:条款|条文)(?:都)?(?:有哪|有几|有多少)|"
    r"\b(?:which|what|how many|list|all|every|number of)\b(?:\s+[\w'’-]+){0,7}?\s+"
    r"(?:articles?|clauses?|provisions?)\b",
    re.IGNORECASE,
)
# Passages are asked for in other words than articles.
_PASSAGES = re.compile(
    r"何处|哪里|位置|什么地方|第几[点段]|哪几段|(?:条文|条款)(?:的)?(?:总)?数|"
    r"(?:条款|条文)[^。？?]{0,8}(?:多少|几条)|"
    r"\bwhere(?:abouts)?\b|\b(?:what|which) (?:page|section|bit|part|place|passage)|"
    r"\b(?:tally|count|total|no\.?|number) of (?:the |all )?(?:articles|clauses|provisions|places|"
    r"passages)\b|\bhow many (?:times|bits|places|passages|sections)\b",
    re.IGNORECASE,
)
_DENIED = re.compile(
    r"(?:没有?|未|不)(?:曾|有)?(?:提|说|讲|写|涉及|包含|规定)|除了|之外|以外|只字未|"
    r"\b(?:not|nothing|no mention|silent|without|except|besides|other than|lacks?|\w+n't)\b",
    re.IGNORECASE,
)
# Documents are asked for, not their articles.
_DOCUMENTS = re.compile(
    r"(?:哪|几|多少)[一几些]?[个份部]?(?:个|份|部)?(?:文件|法律|法规|政策)|哪[一几些]?[份部]|"
    r"(?:文件|政策|方案|文本)(?:中|里|当中|之中)?(?:有)?(?:哪|几|多少)[个份些]|"
    r"\b(?:which|what|how many|number) (?:of )?(?:the |these |those |your )?(?:\w+ ){0,2}?"
    r"(?:documents?|laws?|plans?|policies|papers?|texts|files)\b",
    re.IGNORECASE,
)
# Who is responsible is asked with the same words as what is mentioned: 出现在责任单位里.
_RESPONSIBLE = re.compile(r"责任(?:单位|部门|主体)|牵头|\bresponsib\w*|\bleads?\b", re.IGNORECASE)
# What bodies are responsible for is asked, in articles.
_DUTIES = re.compile(
    r"牵头|负责|配合|参与|参加|承担|责任|"
    r"\b(?:lead\w*|responsib\w*|in charge|support\w*|tak\w+ part)\b",
    re.IGNORECASE,
)
_UNITS = re.compile(
    r"哪[一几些]{0,2}(?:[条项]|举措|工作|措施)|任务|条款|条文|几[条项]|多少[条项]|"
    r"\b(?:articles?|clauses?|items?|tasks?|provisions?|measures?|points?)\b",
    re.IGNORECASE,
)
# A document by its name, where none that is held has it.
_OTHER = re.compile(
    r"(?<![有些个份类各部])(?:法|条例|办法|方案|意见|规划|计划|规定|通知)(?:里|中|当中|内|总共|一共|共有|有[几多]|第)|《|"
    r"\b(?!The\b|Which\b|What\b|Each\b|Every\b)[A-Z][\w-]+\s+(?:[Ll]aw|Act|[Rr]egulations?|"
    r"[Oo]pinions?|[Pp]lan|[Nn]otice|[Mm]easures)\b"
)
# What a body may do to somebody are no articles that give it tasks.
_TAKEN = re.compile(
    r"采取[^，。？?]{0,12}措施|措施(?:可以|能)|"
    r"\bmeasures?\s+(?:may|can|could|might)\b|\b(?:use|take|taken|adopt)\b[^?.,]{0,12}\bmeasures?\b",
    re.IGNORECASE,
)
_COMPARED = re.compile(
    r"更|相差|差多少|[多少]了?几|\b(?:more|fewer|less|than|difference)\b", re.IGNORECASE
)


def asks_for_articles(running: Running) -> bool:
    """Whether articles, tasks or the like are to be listed or counted."""
    request = running.request
    text = request.asked.text
    if request.articles or gathers(running, "who"):
        return False  # Something in these is asked for, or who does something.
    if not request.sides and gathers(running, "mention", "documents"):
        return True
    documents = _DOCUMENTS.search(text) and request.wanted in _LISTED
    passages = documents or (_NAMES.search(text) and _PASSAGES.search(text))
    if not (_ARTICLES.search(text) or passages):
        return False
    if "地方" in request.asked.text and not _NAMES.search(request.asked.text):
        return False  # places, not passages
    if _may_list(running):
        return True
    duties = _DUTIES.search(text) and _UNITS.search(text) and not _COMPARED.search(text)
    return bool(duties and bodies_asked(running, extent_of(running)))


def _may_list(running: Running) -> bool:
    """Whether what is wanted may be a list; where it seems not, the words must be clear."""
    request, text = running.request, running.request.asked.text
    if request.wanted in _LISTED:
        return True
    clear = _SAYS.search(text) or quoted_terms(text)
    return request.wanted in _LISTED_TOO and bool(clear) and not _COMPARED.search(text)


def list_articles(running: Running) -> Iterator[Event]:
    """The articles asked for: of a body, or those that mention something; nothing if neither."""
    text = running.request.asked.text
    extent = extent_of(running)
    of_documents = _of_documents(running)
    if of_documents and _DENIED.search(text):
        return  # Documents that do not have something are found by no word of theirs.
    if of_documents and not _names_document(running):
        # Which documents: those that the words of the matter lead to are not meant alone.
        every = tuple(running.index.documents.values())
        extent = Extent(every, tuple(c for each in every for c in each.clauses), unnamed=True)
    if extent.unnamed and _OTHER.search(text):
        return  # A document is named that is not held: others have nothing to do with it.
    mentions = gathers(running, "mention")
    named_only = _only_names(text) or _TAKEN.search(text) or mentions
    given = not named_only and (_DUTIES.search(text) or _UNITS.search(text))
    bodies = bodies_asked(running, extent) if given else []
    if bodies and _COMPARED.search(text):
        yield from compare_bodies(running, extent, bodies)
        return
    if bodies:
        answered = False
        for event in list_bodies(running, extent, bodies):
            answered = True
            yield event
        if answered:
            return
    if _NAMES.search(text) or quoted_terms(text):
        yield from _mentions(running, extent)
    elif _CHAPTER.search(text) or _has_heading(running, extent):
        return
    elif _MENTIONS.search(text) or _of_documents(running) or (mentions and not extent.unnamed):
        yield from _mentions(running, extent)
    elif _ARTICLES_ALONE.search(text) and not _names_chapter(running, extent):
        # Nothing says that they mention it: all that is asked about must stand in them.
        yield from _mentions(running, extent, whole=True)


def _of_documents(running: Running) -> bool:
    """Whether documents are asked for, not their articles."""
    return gathers(running, "documents") or bool(_DOCUMENTS.search(running.request.asked.text))


def _names_document(running: Running) -> bool:
    """Whether the question has a place, a number or a title that a document is known by."""
    text = running.request.asked.text
    return bool(places_named(text.lower()) or TITLE.search(text) or NUMBER.search(text))


def _only_names(text: str) -> bool:
    """Whether it is asked what mentions something, not who is responsible."""
    return _NAMES.search(text) is not None and not _RESPONSIBLE.search(text)


def _has_heading(running: Running, extent: Extent) -> bool:
    """Whether the heading of a chapter stands in the question, letter by letter."""
    asked = re.sub(r"\W", "", running.request.asked.text)
    ids = [document.id for document in extent.documents]
    return len(ids) == 1 and any(
        len(heading) >= LEAST_HEADING and heading in asked
        for each in running.index.facts.find(Structure, documents=ids)
        if each.level in ("chapter", "section") and (heading := re.sub(r"\W", "", each.heading))
    )


def _names_chapter(running: Running, extent: Extent) -> bool:
    """Whether the question has words of a chapter's heading, whose articles are then meant."""
    if len(extent.documents) != 1 or running.request.chapter:
        return False
    every = running.index.facts.find(Structure, documents=[extent.documents[0].id])
    headings = [each.clean for each in every if each.level in ("chapter", "section")]
    return bool(headings_named(asked_within(running, extent), headings, running.index.alternatives))


def _mentions(running: Running, extent: Extent, whole: bool = False) -> Iterator[Event]:
    """The articles that have what is asked about; `whole`: none unless every word of it stands."""
    terms = terms_asked(running, extent)
    if terms and whole and not covered(running, extent, terms):
        return
    together = standing(running, extent, terms)
    if not together and (chinese := _terms_in_chinese(running, extent)):
        terms, together = chinese, standing(running, extent, chinese)
    if not terms:
        return
    if extent.unnamed and _of_documents(running):
        yield from _documents(running, extent, together or terms)
        return
    terms = together
    found = holding(running, extent, terms) if terms else []
    if not found or (len(found) == 1 and not _asks_which(running)):
        return  # What the one article says is told with it.
    rows = []
    for clause in found:
        read = running.read(clause.id)
        resting = [p for p in read.passages if terms[0].stands(f"{p.zh}\n{p.en or ''}")]
        rows.append(article_row(running, read, resting or read.passages[:1], len(extent.documents)))
    named_all = len(extent.documents) == len(running.index.documents) > 1
    fields = {
        "document": titles_of(extent.documents, running),
        "term": _told(terms, running),
    }
    key = "mention-count-all" if named_all else "mention-count"
    yield from running.listed([(counted(key, running.language, len(rows), **fields), rows)])


def _asks_which(running: Running) -> bool:
    """Whether the words ask for articles or passages, not the head alone: one is listed then."""
    text = running.request.asked.text
    if running.request.wanted == "where":
        return False
    words = any(each.search(text) for each in (_ARTICLES, _PASSAGES, _NAMES))
    return words or bool(quoted_terms(text))


def _told(terms: Sequence[Term], running: Running) -> str:
    """The terms as an answer names them."""
    return joined(list(dict.fromkeys(_label(term, running) for term in terms)), running)


def _label(term: Term, running: Running) -> str:
    """How a term is named to the reader: a Chinese one in English with the Chinese, if known."""
    if running.language == "zh" or not HAN.search(term.label):
        return term.label
    english = english_of(term.label, dict(running.index.glossary))
    return f"{english} ({term.label})" if english else term.label


def _terms_in_chinese(running: Running, extent: Extent) -> list[Term]:
    """What an English question is about by its Chinese wording, of documents without English.

    The dictionary may not know what the model does: end users, 最终用户. Raises ModelFault.
    """
    if running.language == "zh" or extent.unnamed or not gathers(running, "mention"):
        return []
    if any(running.index.rendition(clause.id) for clause in extent.clauses):
        return []
    other = in_chinese(running)
    return terms_asked(other, extent) if other else []


def _documents(running: Running, extent: Extent, terms: Sequence[Term]) -> Iterator[Event]:
    """The documents that have the terms, in whatever order of their words, each with an article.

    It is the first that has them. Where no document does, those that have the longest term, if that
    may be a name, each with the article that has most of all.
    """
    texts = {clause.id: text_of(running, clause) for clause in extent.articles}
    near = [Nearness(term, list(texts.values())) for term in terms]
    found = [c for c in extent.articles if all(t.stands(texts[c.id]) for t in terms)]
    if not quoted_terms(running.request.asked.text):
        # What stands in quotation marks is looked for as it stands.
        found += [c for c in extent.articles if all(n.holds(texts[c.id]) for n in near)]
    # One word is no mention of a matter: safety, of nuclear power safety.
    if not found and len(terms[0].label) >= NAME[running.language]:
        found = [c for c in extent.articles if terms[0].stands(texts[c.id])]
        found.sort(key=lambda c: -sum(term.stands(texts[c.id]) for term in terms))
        terms = terms[:1]
    first = {clause.document_id: clause for clause in reversed(found)}
    rows = []
    for document in running.index.documents.values():
        if document.id in first:
            read = running.read(first[document.id].id)
            own = {p: f"{p.zh}\n{p.en or ''}" for p in read.passages}
            resting = [p for p in read.passages if terms[0].stands(own[p])]
            resting = resting or [p for p in read.passages if near[0].holds(own[p])]
            row = article_row(running, read, resting or read.passages[:1], len(first) + 1)
            rows.append(replace(row, text=_titled(row.text, document, running)))
    if rows:
        lead = counted("mention-documents", running.language, len(rows), term=_told(terms, running))
        yield from running.listed([(lead, rows)])


def _titled(row: str, document: Document, running: Running) -> str:
    """A row that begins with a document's number, with its title before that."""
    title = clean(document.title).text if running.language == "zh" else document.title_en
    if not title or title in row:
        return row
    return f"《{title}》{row}" if running.language == "zh" else f"{title}, {row}"
