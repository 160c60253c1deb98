"""Lists of facts of one kind: all targets, all fines, all deadlines, each row cited.

The facts were read at build time; rows tell their columns in the question's language. What is
compared of them is in figures_compared. No model is asked.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

import prompts
from index.documents.model import Document
from index.facts.english import named
from index.facts.model import Benefit, Deadline, Definition, Fact, Sanction, Target
from index.request.subject import quoted_terms, subject_terms, without_documents
from index.text.figures import known_numbers
from index.text.tokens import tokenise_english
from prompts import message
from rag.answer.article_rows import passages_of, title_of
from rag.answer.compose import name_of
from rag.answer.facts_worded import (
    amount_in_english,
    corrected_mark,
    term_in_english,
    value_in_english,
)
from rag.answer.gathered import gathers
from rag.answer.matching import extent_of
from rag.answer.running import Running
from rag.answer.support import Statement
from rag.english.amounts import in_figures, with_english_amounts
from rag.english.phrases import english_of
from rag.english.reliable import said
from rag.schema import Event

_KINDS = Path(prompts.__file__).with_name("rules") / "fact-kinds.json"
_CLASSES: Mapping[str, type[Fact]] = {
    "fine": Sanction,
    "sanction": Sanction,
    "benefit": Benefit,
    "definition": Definition,
    "deadline": Deadline,
    "target": Target,
}
_PERIOD = re.compile(
    r"[“\"]?十[一二三四五六七]五[”\"]?(?:期间|时期)?|(?:19|20)\d{2}年?|14th Five-Year"
)
_ALL = re.compile(
    r"哪些|什么|哪几|全部|所有|各项|列出|列全|全给|"
    r"\b(?:all|every|list|what (?:are|quantified) )\b",
    re.IGNORECASE,
)
LONGEST = {"zh": 48, "en": 140}
_UNITS = {
    "日": "day", "天": "day", "个工作日": "working day", "工作日": "working day", "月": "month",
    "个月": "month", "年": "year", "小时": "hour", "周": "week", "分钟": "minute",
}  # fmt: skip


@cache
def fact_words() -> Mapping[str, Mapping[str, Sequence[str]]]:
    """The words by which a question asks for facts, by kind and language."""
    read = json.loads(_KINDS.read_text(encoding="utf-8"))
    return {kind: words for kind, words in read.items() if kind != "about"}


def kind_asked(text: str, language: str) -> str | None:
    """The kind of fact that a question asks for by name, the first of those in the rules."""
    for kind, words in fact_words().items():
        either = "|".join(sorted(map(re.escape, words[language]), key=len, reverse=True))
        if re.search(either if language == "zh" else rf"\b(?:{either})\b", text, re.IGNORECASE):
            return kind
    return None


def asks_for_facts(running: Running) -> bool:
    """Whether facts of a kind are to be listed or counted."""
    request = running.request
    text = request.answered.text
    named = kind_asked(text, request.language)
    listed = (
        gathers(running, "facts")
        or request.wanted in ("list", "count", "where")
        or (named == "target" and _ALL.search(text) is not None)
    )
    return (
        listed
        and named in ("fine", "target", "deadline", "definition", "benefit")
        and not quoted_terms(text)
    )


# Where a rendition's sentence goes on to its next figure.
_JOINED = re.compile(r"^(?:and|with)\s+")
_PIECE = re.compile(r"[;:]|,(?!\d)(?:\s+and\b)?|\band\s+(?=(?:at least|more than|about|around)\b)")


def list_facts(running: Running) -> Iterator[Event]:
    """All facts of the kind asked for, of the documents meant; nothing where there are none."""
    request, language = running.request, running.language
    kind = kind_asked(request.answered.text, language)
    extent = extent_of(running)
    if kind is None or len(extent.documents) == len(running.index.documents) > 1:
        return
    facts = facts_meant(running, kind, extent.documents)
    if len(facts) < 2:
        return
    rows = [fact_row(running, fact, len(extent.documents)) for fact in facts]
    names = [title_of(document, running) for document in extent.documents]
    lead = message(
        f"facts-{kind}",
        language,
        document=("、" if language == "zh" else ", ").join(names),
        count=len(rows),
        articles=len({fact.clause_id for fact in facts}),
    )
    yield from running.listed([(lead, rows)])


def facts_meant(running: Running, kind: str, documents: Sequence[Document]) -> list[Fact]:
    """The facts of a kind in these documents that have the question's subject, if it has one."""
    request = running.request
    ids = [document.id for document in documents]
    every: list[Fact] = list(running.index.facts.find(_CLASSES[kind], documents=ids))
    if kind == "fine":
        every = [each for each in every if isinstance(each, Sanction) and each.form == "罚款"]
    if request.chapter:
        below = tuple(clause.id for clause in request.chapter.clauses)
        every = [each for each in every if each.clause_id in below]
    if years := request.asked.years:
        of_year = [e for e in every if not isinstance(e, Target) or e.by_year in {*years, None}]
        every = of_year or every
    text = _matter_text(running, kind, documents)
    told = {id(each): _words(running, each) for each in every}
    terms = subject_terms(text, request.language, lambda term: _in_any(term, told.values()))
    terms = [term for term in terms if _in_any(term, told.values())]
    about = [each for each in every if all(_in_any(t, [told[id(each)]]) for t in terms)]
    return about or every


def stands_elsewhere(running: Running, kind: str, document: Document) -> list[str]:
    """What the question is about that the document speaks of, but in no article with such a fact.

    An article that punishes `what article 14 lists` does not say what that is.
    """
    facts = running.index.facts.find(_CLASSES[kind], documents=[document.id])
    having = {each.clause_id for each in facts}
    own = [clause.body for clause in document.clauses if clause.id in having]
    others = [clause.body for clause in document.clauses if clause.id not in having]
    text = _matter_text(running, kind, [document])
    terms = subject_terms(text, running.language, lambda term: _in_any(term, [*own, *others]))
    return [term for term in terms if _in_any(term, others) and not _in_any(term, own)]


def _matter_text(running: Running, kind: str, documents: Sequence[Document]) -> str:
    """The question without documents, periods and the words that ask for facts of a kind."""
    request = running.request
    text = _PERIOD.sub(" ", without_documents(request.answered.text, documents))
    for words in fact_words()[kind][request.language]:
        text = re.sub(re.escape(words), " ", text, flags=re.IGNORECASE)
    return text


def fact_row(running: Running, fact: Fact, documents: int = 1) -> Statement:
    """A fact as a row: its article, and what it says."""
    read = running.read(fact.clause_id)
    label = running.label(read)
    if documents == 1:
        label = label.removeprefix(name_of(read.document, running.language)).strip(" ,")
    colon = "：" if running.language == "zh" else ": "
    text = told_fact(running, fact)
    resting = passages_of(read, fact.start, fact.end)
    row = (f"{label}{colon}{text}" if text else label) + corrected_mark(fact, running.language)
    return Statement(row, read, resting, complete=True)


def told_fact(running: Running, fact: Fact) -> str:
    """What a fact says, in the question's language; '' where it has no English."""
    language = running.language
    if isinstance(fact, Target):
        return target_told(running, fact)
    if isinstance(fact, Sanction | Benefit):
        what = fact.conduct if isinstance(fact, Sanction) else fact.condition
        amount = fact.amounts_as_written or fact.form
        if language == "zh":
            return f"{_short(what, 'zh')}——{fact.form}{'' if amount == fact.form else amount}"
        told = amount_in_english(fact)
        if not told and fact.amounts_as_written:
            told = _english_amount(amount)
        return ": ".join(filter(None, (term_in_english("form", fact.form), told)))
    if isinstance(fact, Definition):
        if language == "zh":
            return f"{fact.term}——{_short(fact.text, 'zh')}"
        return _rendered(running, fact) or english_of(fact.term, dict(running.index.glossary))
    if isinstance(fact, Deadline) and language == "zh":
        return _short(fact.clean, "zh")
    rendered = _rendered(running, fact)
    return rendered or (_deadline_in_english(running, fact) if isinstance(fact, Deadline) else "")


def target_told(running: Running, fact: Target) -> str:
    """A target with its number and year: `网络零售额年均增长率：10%以上（到2025年）`."""
    language = running.language
    if language == "zh":
        name = fact.indicator or fact.subject
        value = message(f"value-{fact.comparator}", "zh", value=fact.value_as_written)
        year = f"（到{fact.by_year}年）" if fact.by_year else ""
        return f"{name}{value}{year}"
    name = target_name(running, fact)
    rendered = "" if name else _rendered_number(running, fact)
    if rendered:
        return rendered
    # Without any English of it, it keeps its Chinese name.
    name = name or f"“{fact.indicator or fact.subject}”"
    value = message(f"value-{fact.comparator}", "en", value=value_in_english(fact))
    year = f" (by {fact.by_year})" if fact.by_year else ""
    return f"{name}: {value}{year}"


def target_name(running: Running, fact: Target) -> str:
    """What a target is called; in English '' where the rendition says it in other words.

    A name put together word by word is none that the rendition has: `entire competitive strength`
    for what has global competitiveness.
    """
    if running.language == "zh":
        return fact.indicator or fact.subject
    glossary = dict(running.index.glossary)
    for zh in (fact.indicator, fact.subject):
        if name := named(zh or "", glossary):
            return name
        if name := english_of(zh, glossary):
            sentence = said(fact, running.index.rendition(fact.clause_id))
            known = set(tokenise_english(sentence or name))
            return name if set(tokenise_english(name)) <= known else ""
    return ""


def _rendered_number(running: Running, fact: Target) -> str:
    """What the rendition says of a target's number: the one piece that has it, or the sentence."""
    sentence = said(fact, running.index.rendition(fact.clause_id)) or ""
    numbers = known_numbers(fact.value_as_written)
    own = [each for each in _PIECE.split(sentence) if numbers <= known_numbers(each)]
    if len(own) != 1 or not numbers:
        return _short(sentence, "en")
    year = f" (by {fact.by_year})" if fact.by_year else ""
    return _JOINED.sub("", own[0].strip(" .")) + year


def target_sentence(running: Running, fact: Target) -> str:
    """A target as a sentence: `到2025年，农村网络零售额达到3200亿元。`"""
    told = target_told(running, fact)
    mark = corrected_mark(fact, running.language)
    if running.language == "en":
        return f"{told[:1].upper()}{told[1:].rstrip('.')}{mark}."
    if not fact.by_year:
        return f"{told}{mark}。"
    return f"到{fact.by_year}年，{told.removesuffix(f'（到{fact.by_year}年）')}{mark}。"


def value_told(running: Running, fact: Target) -> str:
    """The number of a target as the question's language writes it."""
    return fact.value_as_written if running.language == "zh" else value_in_english(fact)


def _rendered(running: Running, fact: Fact) -> str:
    """The rendition's sentence that holds the fact."""
    return _short(said(fact, running.index.rendition(fact.clause_id)) or "", "en")


def _deadline_in_english(running: Running, fact: Deadline) -> str:
    """A deadline by its columns, where no rendition says it: whose, and how long or by when."""
    actor = fact.actor or ""
    # 本单位 is whoever the sentence is of.
    who = english_of("" if actor.startswith("本") else actor, dict(running.index.glossary))
    if fact.count is not None and fact.unit in _UNITS:
        unit = _UNITS[fact.unit] + ("" if fact.count == 1 else "s")
        when = message("deadline-within", "en", count=in_figures(fact.count), unit=unit)
    elif fact.day:
        begins = fact.when.endswith("起")
        when = message("deadline-from" if begins else "deadline-by", "en", day=fact.day)
    else:
        return ""
    return f"{who}: {when}" if who else when


def _english_amount(amount: str) -> str:
    """An amount in English, '' where some Chinese is left."""
    told = with_english_amounts(amount)
    for zh, en in (("以上", " or more"), ("以下", " or less"), ("至", " to ")):
        told = told.replace(zh, en)
    return "" if re.search(r"[\u4e00-\u9fff]", told) else " ".join(told.split())


def _words(running: Running, fact: Fact) -> str:
    """All words of a fact in both languages, to look terms up in."""
    columns = (getattr(fact, name, "") or "" for name in ("indicator", "subject", "conduct",
               "condition", "term", "action", "actor", "who"))  # fmt: skip
    glossary = dict(running.index.glossary) if running.language == "en" else {}
    names = [column for column in columns if column]
    english = [english_of(name, glossary) for name in names] if glossary else []
    rendered = said(fact, running.index.rendition(fact.clause_id)) if glossary else ""
    return "\n".join((fact.clean, *names, *english, rendered or ""))


def _in_any(term: str, texts: Iterable[str]) -> bool:
    lower = term.lower()
    return any(lower in text.lower() for text in texts)


def _short(text: str, language: str) -> str:
    longest = LONGEST[language]
    return text if len(text) <= longest else text[:longest].rstrip("，、, ") + "…"
