"""Which articles: those that mention something, and those that give a body a task.

One row an article, complete, each cited; the number of rows is the count. What bodies have is in
bodies_listed; no model is asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from index.documents.model import Clause, Document
from index.facts.model import Structure
from index.request.chapters_named import headings_named
from index.request.documents_known import NUMBER
from index.request.documents_named import TITLE
from index.request.subject import quoted_terms
from index.text.places import places_named
from index.text.repair import clean
from index.text.tokens import cut_chinese, tokenise_english
from rag.answer.article_rows import article_row, counted, joined, titles_of
from rag.answer.bodies_listed import (
    bodies_asked,
    compare_bodies,
    everyday_names,
    list_bodies,
    words_of_bodies,
    words_of_tasks,
)
from rag.answer.matching import (
    Extent,
    Term,
    asked_within,
    covered,
    extent_of,
    framed_out,
    holding,
    terms_asked,
    text_of,
)
from rag.answer.running import Running
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
# Words of a document's English name that nothing held tells it by, in a question of tasks.
STRAY_WORDS = 1
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
# Kinds of questions that may ask for the tasks of a body, and words for having them.
_OF_BODY = ("list", "count", "where", "who", "summary", "structure")
_TO_DO = re.compile(
    r"牵头|挑头|负责|配合|协助|协同|会同|参与|参加|承担|担任|主办|协办|责任|分工|单位|部门|任务|工作|"
    r"事项|事情|措施|举措|条款|条文|项目|内容|活儿?|名下|挂名|点名|单独|独自|共同|一起|一块|合着|别家|"
    r"需要|应当|归|摊上?|涉及|台账|清单|逐[项条]|一共|总共|分别|[哪几多][一几些]?[个项条件]"
)
# A body is asked for, not what one that is named has to do.
_BODY_WANTED = re.compile(
    r"谁|哪[个些一几]*(?:部门|单位|机构|家)|\bwho\b|"
    r"\bwh(?:ich|at) (?:body|bodies|departments?|unit|agency)",
    re.IGNORECASE,
)
_WORD = re.compile(r"[A-Za-z][\w'’-]*")
# The words of a body's name, beside what it is for: the Ministry of.
_NAMES_BODY = re.compile(
    r"^(?:ministr|administration|bureau|department|commission|committee|agenc|authorit|office|bank|"
    r"regulat|national|general|central|people)\w*",
    re.IGNORECASE,
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
    if request.articles:
        return False  # Something in these is asked for.
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


def list_tasks(running: Running) -> Iterator[Event]:
    """The articles that give the body asked about something to do."""
    extent = extent_of(running)
    yield from list_bodies(running, extent, bodies_asked(running, extent))


def asks_of_body_alone(running: Running) -> bool:
    """Whether nothing is asked but what a body has to do by a document that is named.

    What is left of the question, without both and without words for having to do something, then
    has no word that stands in the document.
    """
    request = running.request
    if request.articles or request.wanted not in _OF_BODY or not running.found.hits:
        return False
    text = request.asked.text
    if _only_names(text) or _TAKEN.search(text) or quoted_terms(text):
        return False  # what mentions it, or is done to somebody
    if _COMPARED.search(text) or (request.wanted == "who" and _BODY_WANTED.search(text)):
        return False
    if any(kind.name not in ("count", "items") for kind in request.asked.kinds):
        return False  # its telephone, say
    # A cheap sign first: what is looked through otherwise grows with the documents held.
    likeliest = running.index.clause(running.found.hits[0].clause_id).document_id
    likely = running.held(request.meant) or [running.index.documents[likeliest]]
    if not bodies_asked(running, Extent(tuple(likely), ())):
        return False
    extent = extent_of(running)
    if extent.unnamed:
        return False
    if list(extent.documents) != list(likely) and not bodies_asked(running, extent):
        return False
    asked = asked_within(running, extent)
    if running.language == "zh":
        return bool(_TO_DO.search(asked)) and not _matter_of(running, extent, asked)
    if not (_UNITS.search(asked) or _DUTIES.search(asked)):
        return False
    left = _matter_in_english(running, extent, asked, bodies_asked(running, extent))
    return len(left) <= STRAY_WORDS and not any(_stands_in(running, extent, word) for word in left)


def _matter_of(running: Running, extent: Extent, asked: str) -> list[str]:
    """The words of a Chinese question on what documents are about, beyond their titles."""
    facts = running.index.facts.limited_to([document.id for document in extent.documents])
    _, left = facts.bodies_in(clean(asked).text)
    pieces = framed_out(_TO_DO.sub(" ", left))
    words = (word for piece in pieces for word in cut_chinese(piece) if len(word) > 1)
    titles = [clean(document.title).text for document in extent.documents]
    texts = [clause.body for clause in extent.clauses]
    return [
        word for word in words
        if not _is_of(word, titles) and any(word in text for text in texts)
    ]  # fmt: skip


def _matter_in_english(
    running: Running, extent: Extent, asked: str, bodies: Sequence[str]
) -> list[str]:
    """The same of an English question: what means nothing that stands in a title."""
    own = words_of_bodies(running, bodies)
    for name in everyday_names():
        asked = re.sub(rf"\b{re.escape(name)}\b", " ", asked, flags=re.IGNORECASE)
    titles = "".join(clean(document.title).text for document in extent.documents)
    words = (word for word in _WORD.findall(asked) if word.lower() not in words_of_tasks())
    told = {word: running.index.alternatives(word) for word in words}
    return [
        word for word, meant in told.items()
        if not _NAMES_BODY.search(word) and not set(tokenise_english(word)) <= own
        and not any("".join(each) in titles for words in meant for each in words)
    ]  # fmt: skip


def _stands_in(running: Running, extent: Extent, word: str) -> bool:
    """Whether articles have an English word, or Chinese that it may stand for."""
    forms = {"".join(each) for words in running.index.alternatives(word) for each in words}
    forms = {form for form in forms if len(form) > 1} | {word.lower()}
    texts = (text_of(running, clause).lower() for clause in extent.articles)
    return any(form in text for text in texts for form in forms)


def _is_of(word: str, titles: Sequence[str]) -> bool:
    """Whether a word names a document: a title has its characters in turn, 自贸 in 自由贸易."""
    for title in titles:
        rest = iter(title)
        if all(char in rest for char in word):
            return True
    return False


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
    if _DOCUMENTS.search(text) and not _names_document(running):
        # Which documents: those that the words of the matter lead to are not meant alone.
        every = tuple(running.index.documents.values())
        extent = Extent(every, tuple(c for each in every for c in each.clauses), unnamed=True)
    if extent.unnamed and _OTHER.search(text):
        return  # A document is named that is not held: others have nothing to do with it.
    named_only = _only_names(text) or _TAKEN.search(text)
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
    elif _MENTIONS.search(text) or _DOCUMENTS.search(text):
        yield from _mentions(running, extent)
    elif _ARTICLES_ALONE.search(text) and not _names_chapter(running, extent):
        # Nothing says that they mention it: all that is asked about must stand in them.
        yield from _mentions(running, extent, whole=True)


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
    if not terms or (whole and not covered(running, extent, terms)):
        return
    if extent.unnamed and _DOCUMENTS.search(running.request.asked.text):
        if first := _first_articles(running, extent, terms):
            yield from _documents(running, first, terms)
        return
    found = holding(running, extent, terms)
    if not found or (len(found) == 1 and running.request.wanted == "where"):
        return  # What the one article says is told with it.
    rows = []
    for clause in found:
        read = running.read(clause.id)
        resting = [p for p in read.passages if terms[0].stands(f"{p.zh}\n{p.en or ''}")]
        rows.append(article_row(running, read, resting or read.passages[:1], len(extent.documents)))
    named_all = len(extent.documents) == len(running.index.documents) > 1
    fields = {
        "document": titles_of(extent.documents, running),
        "term": joined(list(dict.fromkeys(term.label for term in terms)), running),
    }
    key = "mention-count-all" if named_all else "mention-count"
    yield from running.listed([(counted(key, running.language, len(rows), **fields), rows)])


def _first_articles(running: Running, extent: Extent, terms: Sequence[Term]) -> list[Clause]:
    """Of each document that has the longest term, the article with it that has most of all."""
    held: dict[str, list[tuple[int, Clause]]] = {}
    for clause in extent.articles:
        stand = [term.stands(text_of(running, clause)) for term in terms]
        if stand[0]:
            held.setdefault(clause.document_id, []).append((sum(stand), clause))
    return [max(own, key=lambda each: each[0])[1] for own in held.values()]


def _titled(row: str, document: Document, running: Running) -> str:
    """A row that begins with a document's number, with its title before that."""
    title = clean(document.title).text if running.language == "zh" else document.title_en
    if not title or title in row:
        return row
    return f"《{title}》{row}" if running.language == "zh" else f"{title}, {row}"


def _documents(running: Running, found: Sequence[Clause], terms: Sequence[Term]) -> Iterator[Event]:
    """The documents that have what is asked about, each with the first article that has it."""
    first = {clause.document_id: clause for clause in reversed(found)}
    rows = []
    for document in running.index.documents.values():
        if document.id in first:
            read = running.read(first[document.id].id)
            resting = [p for p in read.passages if terms[0].stands(f"{p.zh}\n{p.en or ''}")]
            row = article_row(running, read, resting or read.passages[:1], len(first) + 1)
            rows.append(replace(row, text=_titled(row.text, document, running)))
    lead = counted("mention-documents", running.language, len(rows), term=terms[0].label)
    yield from running.listed([(lead, rows)])
