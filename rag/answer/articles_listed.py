"""Which articles: those that mention something, and those that give a body a task.

One row an article, complete, each cited; the number of rows is the count. Rows come from the texts
and from the duties read at build time; no model is asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from index.documents.model import Clause, Document
from index.documents.parse import END, FRONT
from index.facts.model import Duty
from index.request.subject import quoted_terms, subject_terms, without_documents
from index.text.repair import clean
from index.text.tokens import tokenise_english
from prompts import message
from rag.answer.compose import name_of
from rag.answer.evidence import Passage, ReadClause
from rag.answer.running import Running
from rag.answer.support import Statement
from rag.english.phrases import english_of
from rag.schema import Event

# Of an article without a heading, so much of the sentence is shown.
LONGEST_TEXT = {"zh": 60, "en": 160}
_LEADS = re.compile(r"牵头|主办|负责人|\blead(?:s|ing|er)?\b", re.IGNORECASE)
_SUPPORTS = re.compile(r"配合|协助|协办|\b(?:support\w*|assist\w*|cooperat\w*)\b", re.IGNORECASE)
_ARTICLES = re.compile(
    r"(?:哪|几|多少|第几|列|全部|所有|每)[一几些个]{0,2}(?:[项个]?(?:条款|条文|条目|任务|举措|工作|事项|措施)|[条项款]|处|地方)|"
    r"(?:条款|条文|任务|举措|工作任务|条|项)(?:都)?(?:有哪|一共|总共|共有|几|多少)|"
    r"\b(?:which|what|how many|list|all|every|each|number of|name the|where|places?)\b"
    r"(?:\s+[\w'’-]+){0,4}?\s+(?:articles?|clauses?|items?|tasks?|provisions?|measures?|points?|"
    r"paragraphs?)\b|^where\b|\bin (?:which|what|how many)\b",
    re.IGNORECASE,
)


_MENTIONS = re.compile(
    r"提到|提及|讲到|说到|谈到|写到|点到|涉及|出现|有关|关于|规定了?|含有|列支|"
    r"\b(?:mention\w*|refer\w*|deal\w*|dealt|cover\w*|concern\w*|speak\w*|address\w*|comes? up|"
    r"appear\w*|contain\w*|provide\w*|impos\w*|regard\w*|about|target\w*|promot\w*|involv\w*)\b",
    re.IGNORECASE,
)


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
_COMPARED = re.compile(
    r"更|相差|差多少|[多少]几|\b(?:more|fewer|less|than|difference)\b", re.IGNORECASE
)


@dataclass(frozen=True)
class Extent:
    """What is looked through: the clauses, and the documents they are of."""

    documents: tuple[Document, ...]
    clauses: tuple[Clause, ...]


def extent_of(running: Running) -> Extent:
    """The chapter or documents that are asked about; all that are held where none is named."""
    request = running.request
    if request.chapter:
        return Extent((request.chapter.document,), request.chapter.clauses)
    meant = running.held(request.meant) or list(running.index.documents.values())
    return Extent(tuple(meant), tuple(clause for each in meant for clause in each.clauses))


def asks_for_articles(running: Running) -> bool:
    """Whether articles, tasks or the like are to be listed or counted."""
    request = running.request
    return _may_list(running) and bool(_ARTICLES.search(request.asked.text))


def _may_list(running: Running) -> bool:
    """Whether what is wanted may be a list; where it seems not, the words must be clear."""
    request, text = running.request, running.request.asked.text
    if request.wanted in _LISTED:
        return True
    clear = _SAYS.search(text) or quoted_terms(text)
    return request.wanted in _LISTED_TOO and bool(clear) and not _COMPARED.search(text)


def list_articles(running: Running) -> Iterator[Event]:
    """The articles asked for: of a body, or those that mention something; nothing if neither."""
    extent = extent_of(running)
    text = running.request.asked.text
    if bodies := _bodies(running, extent):
        rows = [row for body in bodies for row in _duty_rows(running, extent, body)]
        if rows:
            key = _role_key(running.request.asked.text)
            if key == "lead":
                # Where no document says who of several leads, all of them are told.
                leading = [row for row in rows if _leads(running, row, bodies)]
                rows, key = (leading, "lead") if leading else (rows, "count")
            lead = message(
                f"duty-{key}",
                running.language,
                document=_documents(extent, running),
                unit=_joined([_body(running, body) for body in bodies], running),
                count=len({row.read.clause.id for row in rows}),
            )
            yield from running.listed([(lead, rows)])
            return
    if _CHAPTER.search(text) or not (_MENTIONS.search(text) or quoted_terms(text)):
        return
    yield from _mentions(running, extent)


def _mentions(running: Running, extent: Extent) -> Iterator[Event]:
    language = running.language
    asked = without_documents(running.request.answered.text, extent.documents)
    texts = {clause.id: _text(running, clause) for clause in extent.clauses}
    terms = subject_terms(asked, language, lambda term: _stands(term, texts.values()))
    if not terms:
        return
    rows = []
    for clause in extent.clauses:
        if clause.path.rsplit("/", 1)[-1] in (FRONT, END) and len(extent.clauses) > 1:
            continue
        if all(_stands(term, [texts[clause.id]]) for term in terms):
            read = running.read(clause.id)
            resting = [p for p in read.passages if _stands(terms[0], [f"{p.zh}\n{p.en or ''}"])]
            rows.append(
                article_row(running, read, resting or read.passages[:1], len(extent.documents))
            )
    named_all = len(extent.documents) == len(running.index.documents) > 1
    term = terms[0] if len(terms) == 1 else _joined(terms, running)
    if not rows:
        return
    key = "mention-count-all" if named_all else "mention-count"
    fields = {"document": _documents(extent, running), "term": term, "count": len(rows)}
    yield from running.listed([(message(key, language, **fields), rows)])


def _bodies(running: Running, extent: Extent) -> list[str]:
    """The bodies of these documents that the question names, by their names in the documents."""
    ids = [document.id for document in extent.documents]
    facts = running.index.facts.limited_to(ids)
    asked = running.request.answered.text
    found = facts.bodies_named(clean(asked).text)
    if found or running.language == "zh":
        return found
    glossary = dict(running.index.glossary)
    words = set(tokenise_english(asked))
    best: list[tuple[int, str]] = []
    for body in facts.bodies():
        english = english_of(body, glossary)
        own = set(tokenise_english(english or "")) - _LEVELS
        if own and own <= words:
            best.append((len(own), body))
    most = max((size for size, _ in best), default=0)
    return [body for size, body in best if size == most]


_LEVELS = set(tokenise_english("municipal provincial district county"))


def _duty_rows(running: Running, extent: Extent, body: str) -> list[Statement]:
    ids = [document.id for document in extent.documents]
    key = _role_key(running.request.asked.text)
    duties = running.index.facts.find(Duty, documents=ids, unit=body)
    within = {clause.id for clause in extent.clauses}
    rows = []
    for duty in duties:
        if duty.clause_id not in within or (key == "support" and duty.role != "support"):
            continue
        if key == "lead" and duty.role == "support":
            continue
        read = running.read(duty.clause_id)
        resting = passages_of(read, duty.start, duty.end)
        rows.append(
            article_row(running, read, resting, len(extent.documents), _role(running, duty))
        )
    # Of several duties of one body in an article, the first.
    return list({row.read.clause.id: row for row in reversed(rows)}.values())[::-1]


def _leads(running: Running, row: Statement, bodies: Sequence[str]) -> bool:
    duties = running.index.facts.find(Duty, clause=row.read.clause.id)
    return any(duty.role == "lead" and duty.unit in bodies for duty in duties)


def _role_key(text: str) -> str:
    if _LEADS.search(text):
        return "lead"
    return "support" if _SUPPORTS.search(text) else "count"


def _role(running: Running, duty: Duty) -> str:
    return message(f"role-{duty.role}", running.language)


def article_row(
    running: Running,
    read: ReadClause,
    resting: Sequence[Passage] = (),
    documents: int = 1,
    note: str = "",
) -> Statement:
    """An article as a row: its name, what it is about, and a note behind it.

    `documents` is how many are listed from: of several, each row names its own.
    """
    resting = resting or read.content[:1]
    label = running.label(read)
    if documents == 1:
        label = label.removeprefix(name_of(read.document, running.language)).strip(" ,")
    about = _about(running, read, resting)
    text = f"{label}{': ' if running.language == 'en' else '：'}{about}" if about else label
    if note:
        text += f" ({note})" if running.language == "en" else f"（{note}）"
    return Statement(text, read, tuple(resting), complete=True)


def _about(running: Running, read: ReadClause, resting: Sequence[Passage]) -> str:
    """An article's heading, or else the words of the sentence that it is listed for."""
    heading = read.clause.heading.strip()
    if running.language == "en":
        heading = running.index.title_en(read.clause.id) or ""
    if heading and len(heading) <= LONGEST_TEXT[running.language]:
        return heading
    if running.language == "en" and read.language != "en":
        return ""
    words = resting[0].words(running.language) if resting else heading
    longest = LONGEST_TEXT[running.language]
    return words if len(words) <= longest else words[:longest].rstrip("，、, ") + "…"


def passages_of(read: ReadClause, start: int, end: int) -> tuple[Passage, ...]:
    """The sentences of a clause in which a span of its document's source lies."""
    where = read.clause.body_map
    found = tuple(p for p in read.passages if where[p.start] < end and where[p.end] > start)
    return found or read.passages[:1]


def _text(running: Running, clause: Clause) -> str:
    rendition = running.index.rendition(clause.id)
    return f"{clause.body}\n{rendition.text if rendition else ''}"


def _stands(term: str, texts: Iterable[str]) -> bool:
    """Whether a term stands in one of the texts."""
    lower = term.lower()
    return any(lower in text.lower() for text in texts)


def _documents(extent: Extent, running: Running) -> str:
    names = [title_of(document, running) for document in extent.documents[:3]]
    return _joined(names, running) + ("…" if len(extent.documents) > 3 else "")


def title_of(document: Document, running: Running) -> str:
    """A document as an answer names it."""
    if running.language == "zh":
        return document.number or f"《{document.title.strip('《》')}》"
    return document.title_en or name_of(document, "en")


def _body(running: Running, body: str) -> str:
    if running.language == "zh":
        return body
    return english_of(body, dict(running.index.glossary)) or body


def _joined(names: Sequence[str], running: Running) -> str:
    return ("、" if running.language == "zh" else ", ").join(names)
